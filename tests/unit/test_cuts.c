/* SPDX-License-Identifier: Apache-2.0 */
/* Row groups cut into ranges for several threads: where they end, and that each can be read. */
#include "tiny_parquet.h"

#include "parquet/file.h"

static const struct tiny_column required = {.type = SK_TYPE_DOUBLE, .repetition = SK_REQUIRED};

static void add_double(struct sk_buffer *b, double value)
{
  uint8_t bytes[8];
  sk_put_le64(bytes, sk_bits_of_double(value));
  sk_buffer_add(b, bytes, 8);
}

static void cuts_at_page_borders(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_buffer b;
  struct sk_cutter *cutter;
  int64_t end;
  const int columns[] = {-1, 0};
  sk_buffer_init(&b, NULL, 1 << 20);
  tiny_begin(&t);
  for (int page = 0; page < 10; page++) {
    sk_buffer_clear(&b);
    for (int i = 0; i < 100; i++)
      add_double(&b, page * 100 + i);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 100, b.bytes, b.length);
  }
  tiny_end(&t, &required, 1000);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_int_equal(sk_cutter_open(t.file, 0, columns, 2, 1 << 20, &t.budget, &cutter, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_cutter_next(cutter, &end, NULL), SHUKEI_OK);
  assert_int_equal(end, 1000);
  sk_cutter_free(cutter);
  assert_int_equal(sk_cutter_open(t.file, 0, columns, 2, 2400, &t.budget, &cutter, NULL),
                   SHUKEI_OK);
  for (int64_t i = 0; i < 4; i++) {
    struct sk_column *column;
    const int64_t cut = 300 * i;
    double value = -1;
    assert_int_equal(sk_cutter_next(cutter, &end, NULL), SHUKEI_OK);
    assert_int_equal(end, i < 3 ? cut + 300 : 1000);
    assert_int_equal(sk_column_open(t.file, 0, 0, cut + 5, NULL, &t.budget, &column, NULL), 0);
    assert_int_equal(sk_column_doubles(column, 1, &value, NULL, NULL, NULL), SHUKEI_OK);
    assert_true(value == (double)cut + 5);
    sk_column_close(column);
  }
  sk_cutter_free(cutter);
  sk_buffer_reset(&b);
  tiny_free(&t);
}

/* Cuts a file of so many pages of doubles, of `rows` each, into ranges of rows alone: pages are
 * small beside the target. Returns their number. */
static size_t cut_by_rows(int page_count, int rows, int64_t ends[100])
{
  struct tiny t;
  struct sk_buffer b;
  struct sk_cutter *cutter;
  const int column = 0;
  const int64_t all = (int64_t)page_count * rows;
  size_t count = 0;
  sk_buffer_init(&b, NULL, 8 << 20);
  for (int i = 0; i < rows; i++)
    add_double(&b, i);
  tiny_begin(&t);
  for (int page = 0; page < page_count; page++)
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, rows, b.bytes, b.length);
  tiny_end(&t, &required, all);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_int_equal(
      sk_cutter_open(t.file, 0, &column, 1, (uint64_t)all * 8 - 100, &t.budget, &cutter, NULL),
      SHUKEI_OK);
  for (int64_t end = 0; end < all; count++) {
    assert_true(count < 100);
    assert_int_equal(sk_cutter_next(cutter, &end, NULL), SHUKEI_OK);
    ends[count] = end;
  }
  assert_int_equal(ends[count - 1], all);
  sk_cutter_free(cutter);
  sk_buffer_reset(&b);
  tiny_free(&t);
  return count;
}

static void ranges_grow_and_shrink_by_whole_pages(void **state)
{
  (void)state;
  int64_t ends[100];
  const size_t count = cut_by_rows(300, 1000, ends);
  for (size_t i = 0; i < count; i++) {
    const int64_t rows = ends[i] - (i ? ends[i - 1] : 0);
    assert_int_equal(rows % 1000, 0);
    if (i < 16)
      assert_int_equal(rows, i < 8 ? 4000 : 7000);
    if (i + 3 >= count)
      assert_in_range(rows, 1000, 4000);
  }
}

static void pages_that_are_long_are_cut(void **state)
{
  (void)state;
  int64_t ends[100];
  const size_t count = cut_by_rows(2, 30000, ends);
  for (int i = 0; i < 6; i++)
    assert_int_equal(ends[i], (i + 1) * 4096);
  assert_int_equal(
      ends[6], 30000); /* what is left of a page goes with it where it is less than half a range */
  assert_int_equal(ends[7], 34096);
  assert_true(count > 10);
}

/* The places of pages: "ROW" or "ROW:BYTES", of 900 bytes where that is not said. */
static size_t add_index(struct tiny *t, const char *places)
{
  const size_t begin = t->out.length;
  struct sk_compact to;
  size_t count = 0;
  for (const char *at = places; *at; at += strcspn(at, " "), at += *at == ' ')
    count++;
  sk_compact_init(&to, &t->out);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, count);
  for (const char *at = places; *at; at += strcspn(at, " "), at += *at == ' ') {
    char *behind;
    const long row = strtol(at, &behind, 10);
    sk_compact_item(&to);
    sk_compact_i64(&to, 1, 4);
    sk_compact_i32(&to, 2, *behind == ':' ? (int32_t)strtol(behind + 1, NULL, 10) : 900);
    sk_compact_i64(&to, 3, row);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
  return t->out.length - begin;
}

/* An offset index tells where the pages are, unless it contradicts itself: then their headers
 * do. */
static void indexes_are_believed_where_they_can_be(void **state)
{
  (void)state;
  static const char by_headers[] = "300 600 900 1000 ";
  static const struct {
    const char *why, *places, *ends;
    size_t cut_off;
  } rows[] = {
      {"three pages at a time", "0 150 300 450 600 750 900", "450 900 1000 ", 0},
      {"large pages", "0:5000 150:5000 300:100 450:2500 600", "150 300 600 1000 ", 0},
      {"pages of no rows", "0:9000 0:9000 0 500 500", "1000 ", 0},
      {"one page", "0", "1000 ", 0},
      {"the last row", "0:3000 999", "999 1000 ", 0},
      {"a row too many", "0:3000 1000", by_headers, 0},
      {"not from the beginning", "1 150 300", by_headers, 0},
      {"back again", "0 300 299", by_headers, 0},
      {"a page of negative size", "0 150 300:-1 450", by_headers, 0},
      {"no page of negative size", "0:2400 150:0 450:2400", "150 1000 ", 0},
      {"no pages", "", by_headers, 0},
      {"cut off", "0 150 300 450 600 750 900", by_headers, 1},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    struct sk_buffer b;
    struct sk_cutter *cutter;
    const int column = 0;
    char ends[200] = "";
    int64_t end = 0;
    sk_buffer_init(&b, NULL, 1 << 20);
    for (int k = 0; k < 100; k++)
      add_double(&b, k);
    tiny_begin(&t);
    for (int page = 0; page < 10; page++)
      tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 100, b.bytes, b.length);
    const size_t at = t.out.length, more = add_index(&t, rows[i].places);
    tiny_end(&t, &required, 1000);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    struct sk_chunk_meta *const chunk = &t.file->meta.groups[0].chunks[0];
    chunk->compressed_bytes -= (int64_t)more;
    chunk->uncompressed_bytes -= (int64_t)more;
    chunk->offset_index_offset = (int64_t)at;
    chunk->offset_index_length = (int32_t)(more - rows[i].cut_off);
    assert_int_equal(sk_cutter_open(t.file, 0, &column, 1, 2400, &t.budget, &cutter, NULL),
                     SHUKEI_OK);
    for (int cuts = 0; end < 1000 && cuts < 20; cuts++) {
      const size_t written = strlen(ends);
      assert_int_equal(sk_cutter_next(cutter, &end, NULL), SHUKEI_OK);
      snprintf(ends + written, sizeof ends - written, "%" PRId64 " ", end);
    }
    if (strcmp(ends, rows[i].ends) != 0)
      fail_msg("%s: %s", rows[i].why, ends);
    sk_cutter_free(cutter);
    sk_buffer_reset(&b);
    tiny_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuts_at_page_borders),
      cmocka_unit_test(ranges_grow_and_shrink_by_whole_pages),
      cmocka_unit_test(pages_that_are_long_are_cut),
      cmocka_unit_test(indexes_are_believed_where_they_can_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
