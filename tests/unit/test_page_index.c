/* SPDX-License-Identifier: Apache-2.0 */
/* Page indexes: sound ones are read, and every contradiction makes them none, never an error. */
#include "one_chunk.h"

#include "parquet/page_index.h"
#include "parquet/thrift_write.h"

enum { PAGES = 20, ROWS = 1000, PAGE_BYTES = 30 };

struct indexed {
  struct sk_buffer bytes;
  size_t offset_at, column_at;
  struct sk_page_place pages[PAGES];
  uint32_t page_count;
  bool old_booleans; /* true and false as 1 and 0, of the list type 2 */
};

static void put_offset_index(struct indexed *x)
{
  struct sk_compact to;
  x->offset_at = x->bytes.length;
  sk_compact_init(&to, &x->bytes);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, x->page_count);
  for (uint32_t i = 0; i < x->page_count; i++) {
    sk_compact_item(&to);
    sk_compact_i64(&to, 1, x->pages[i].offset);
    sk_compact_i32(&to, 2, x->pages[i].bytes);
    sk_compact_i64(&to, 3, x->pages[i].first_row);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
}

/* Page i has "i00" to "i99"; the last one only nulls. */
static void put_column_index(struct indexed *x, uint32_t flags, uint32_t mins, uint32_t maxs)
{
  struct sk_compact to;
  x->column_at = x->bytes.length;
  sk_compact_init(&to, &x->bytes);
  sk_compact_list(&to, 1, x->old_booleans ? (enum sk_compact_type)2 : SK_COMPACT_BOOL, flags);
  for (uint32_t i = 0; i < flags; i++) {
    if (x->old_booleans)
      sk_buffer_byte(&x->bytes, i + 1 == PAGES);
    else
      sk_compact_item_bool(&to, i + 1 == PAGES);
  }
  for (int16_t side = 0; side < 2; side++) {
    const uint32_t count = side ? maxs : mins;
    sk_compact_list(&to, (int16_t)(2 + side), SK_COMPACT_BYTES, count);
    for (uint32_t i = 0; i < count; i++) {
      char text[8];
      const int length = snprintf(text, sizeof text, "%u%s", (unsigned)i, side ? "99" : "00");
      sk_compact_item_bytes(&to, text, i + 1 == PAGES ? 0 : (size_t)length);
    }
  }
  sk_compact_i32(&to, 4, 0);
  sk_compact_end(&to);
}

static void make(struct indexed *x)
{
  memset(x, 0, sizeof *x);
  sk_buffer_init(&x->bytes, NULL, SIZE_MAX / 2);
  sk_buffer_text(&x->bytes, "PAR1");
  for (int i = 0; i < PAGES * PAGE_BYTES; i++)
    sk_buffer_byte(&x->bytes, 0);
  x->page_count = PAGES;
  for (int i = 0; i < PAGES; i++)
    x->pages[i] = (struct sk_page_place){4 + i * PAGE_BYTES, i * (ROWS / PAGES), PAGE_BYTES};
}

static void open_indexed(struct indexed *x, struct one_chunk *c)
{
  one_chunk_open(c, x->bytes.bytes, x->bytes.length, ROWS, 4 + PAGES * PAGE_BYTES);
  c->chunk.offset_index_offset = (int64_t)x->offset_at;
  c->chunk.offset_index_length =
      (int32_t)((x->column_at ? x->column_at : x->bytes.length) - x->offset_at);
  c->chunk.column_index_offset = x->column_at ? (int64_t)x->column_at : -1;
  c->chunk.column_index_length = (int32_t)(x->bytes.length - x->column_at);
}

/* Pages that are believed; the rest of the object is let go. */
static uint32_t places_of(struct indexed *x)
{
  struct one_chunk c;
  struct sk_page_places places;
  put_offset_index(x);
  open_indexed(x, &c);
  assert_int_equal(sk_page_places_read(&c.file, 0, 0, NULL, &places, NULL), SHUKEI_OK);
  const uint32_t count = places.count;
  sk_page_places_reset(&places);
  one_chunk_close(&c);
  sk_buffer_reset(&x->bytes);
  return count;
}

static void finds_the_page_of_a_row(void **state)
{
  (void)state;
  struct indexed x;
  struct one_chunk c;
  struct sk_page_places places;
  make(&x);
  put_offset_index(&x);
  open_indexed(&x, &c);
  assert_int_equal(sk_page_places_read(&c.file, 0, 0, NULL, &places, NULL), SHUKEI_OK);
  assert_int_equal(places.count, PAGES);
  for (int64_t row = 0; row < ROWS; row++)
    assert_int_equal(sk_page_places_find(&places, row), row / (ROWS / PAGES));
  assert_int_equal(sk_page_places_end(&places, 0), ROWS / PAGES);
  assert_int_equal(sk_page_places_end(&places, PAGES - 1), ROWS);
  sk_page_places_reset(&places);
  one_chunk_close(&c);
  sk_buffer_reset(&x.bytes);
}

static void contradictions_are_no_offset_index(void **state)
{
  (void)state;
  struct indexed x;
  static const struct {
    const char *why;
    uint32_t page;
    struct sk_page_place is;
  } lies[] = {
      {"begins behind row 0", 0, {4, 1, PAGE_BYTES}},
      {"a page without rows", 5, {4 + 5 * PAGE_BYTES, 4 * (ROWS / PAGES), PAGE_BYTES}},
      {"rows go back", 5, {4 + 5 * PAGE_BYTES, 10, PAGE_BYTES}},
      {"a row behind the last", 19, {4 + 19 * PAGE_BYTES, ROWS, PAGE_BYTES}},
      {"before the chunk", 0, {0, 0, PAGE_BYTES}},
      {"within the page before", 3, {4 + 3 * PAGE_BYTES - 1, 150, PAGE_BYTES}},
      {"negative", 3, {-70, 150, PAGE_BYTES}},
      {"no bytes", 3, {4 + 3 * PAGE_BYTES, 150, 0}},
      {"far away", 19, {INT64_MAX - 5, 950, PAGE_BYTES}},
      {"longer than the chunk", 19, {4 + 19 * PAGE_BYTES, 950, INT32_MAX}},
  };
  make(&x);
  assert_int_equal(places_of(&x), PAGES);
  for (size_t i = 0; i < SK_COUNT(lies); i++) {
    make(&x);
    x.pages[lies[i].page] = lies[i].is;
    if (places_of(&x))
      fail_msg("believed: %s", lies[i].why);
  }
  make(&x);
  x.page_count = 0;
  assert_int_equal(places_of(&x), 0);
}

static uint32_t bounds_of(struct indexed *x, uint32_t flags, uint32_t mins, uint32_t maxs)
{
  struct one_chunk c;
  struct sk_page_bounds bounds;
  make(x);
  put_column_index(x, flags, mins, maxs);
  open_indexed(x, &c);
  assert_int_equal(sk_page_bounds_read(&c.file, 0, 0, PAGES, NULL, &bounds, NULL), SHUKEI_OK);
  const uint32_t count = bounds.count;
  sk_page_bounds_reset(&bounds);
  one_chunk_close(&c);
  sk_buffer_reset(&x->bytes);
  return count;
}

static void reads_bounds_of_every_page(void **state)
{
  (void)state;
  for (int old = 0; old < 2; old++) {
    struct indexed x;
    struct one_chunk c;
    struct sk_page_bounds bounds;
    make(&x);
    x.old_booleans = old;
    put_column_index(&x, PAGES, PAGES, PAGES);
    open_indexed(&x, &c);
    assert_int_equal(sk_page_bounds_read(&c.file, 0, 0, PAGES, NULL, &bounds, NULL), SHUKEI_OK);
    assert_int_equal(bounds.count, PAGES);
    for (uint32_t i = 0; i < PAGES; i++)
      assert_true(bounds.null_pages[i] == (i + 1 == PAGES) && bounds.null_counts[i] == -1);
    assert_int_equal(bounds.min[7].length, 3);
    assert_memory_equal(bounds.min[7].bytes, "700", 3);
    assert_memory_equal(bounds.max[7].bytes, "799", 3);
    sk_page_bounds_reset(&bounds);
    one_chunk_close(&c);
    sk_buffer_reset(&x.bytes);
  }
}

static void other_numbers_of_pages_are_no_column_index(void **state)
{
  (void)state;
  struct indexed x;
  assert_int_equal(bounds_of(&x, PAGES, PAGES, PAGES), PAGES);
  assert_int_equal(bounds_of(&x, PAGES - 1, PAGES, PAGES), 0);
  assert_int_equal(bounds_of(&x, PAGES, PAGES + 1, PAGES), 0);
  assert_int_equal(bounds_of(&x, PAGES, PAGES, 0), 0);
}

/* Cut anywhere, and with any bit flipped: an index or none, and always an end. */
static void survives_any_bytes(void **state)
{
  (void)state;
  struct indexed x;
  struct one_chunk c;
  struct sk_page_places places;
  struct sk_page_bounds bounds;
  make(&x);
  put_offset_index(&x);
  put_column_index(&x, PAGES, PAGES, PAGES);
  open_indexed(&x, &c);
  const int32_t lengths[] = {c.chunk.offset_index_length, c.chunk.column_index_length};
  for (int32_t cut = 0; cut < lengths[0]; cut++) {
    c.chunk.offset_index_length = cut;
    assert_int_equal(sk_page_places_read(&c.file, 0, 0, NULL, &places, NULL), SHUKEI_OK);
    assert_int_equal(places.count, 0);
  }
  for (int32_t cut = 0; cut < lengths[1]; cut++) {
    c.chunk.column_index_length = cut;
    assert_int_equal(sk_page_bounds_read(&c.file, 0, 0, PAGES, NULL, &bounds, NULL), SHUKEI_OK);
    assert_int_equal(bounds.count, 0);
  }
  c.chunk.offset_index_length = lengths[0];
  c.chunk.column_index_length = lengths[1];
  for (size_t at = x.offset_at; at < x.bytes.length; at++)
    for (unsigned bit = 0; bit < 8; bit++) {
      x.bytes.bytes[at] ^= (uint8_t)(1u << bit);
      assert_int_equal(sk_page_places_read(&c.file, 0, 0, NULL, &places, NULL), SHUKEI_OK);
      assert_int_equal(sk_page_bounds_read(&c.file, 0, 0, PAGES, NULL, &bounds, NULL), SHUKEI_OK);
      x.bytes.bytes[at] ^= (uint8_t)(1u << bit);
      sk_page_places_reset(&places);
      sk_page_bounds_reset(&bounds);
    }
  one_chunk_close(&c);
  sk_buffer_reset(&x.bytes);
}

static void beyond_the_footer_is_no_index(void **state)
{
  (void)state;
  struct indexed x;
  struct one_chunk c;
  struct sk_page_places places;
  make(&x);
  put_offset_index(&x);
  open_indexed(&x, &c);
  c.file.data_end = x.bytes.length - 1;
  assert_int_equal(sk_page_places_read(&c.file, 0, 0, NULL, &places, NULL), SHUKEI_OK);
  assert_int_equal(places.count, 0);
  one_chunk_close(&c);
  sk_buffer_reset(&x.bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_the_page_of_a_row),
      cmocka_unit_test(contradictions_are_no_offset_index),
      cmocka_unit_test(reads_bounds_of_every_page),
      cmocka_unit_test(other_numbers_of_pages_are_no_column_index),
      cmocka_unit_test(survives_any_bytes),
      cmocka_unit_test(beyond_the_footer_is_no_index),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
