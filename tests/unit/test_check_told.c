/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --check: what the page index, a Bloom filter, a dictionary and the footer tell of it is
 * held against the values; each is changed, and the change is told. */
#include "check_testing.h"
#include "tiny_parquet.h"

#include "parquet/bloom.h"
#include "parquet/page_index.h"

enum { DOUBLES = 1 };

/* The column index of the doubles of row group 0, and where its bytes lie in the file. */
static uint8_t *column_index(struct checked *c, struct sk_page_bounds *bounds)
{
  struct sk_page_places places;
  const struct sk_chunk_meta *chunk = &c->file->meta.groups[0].chunks[DOUBLES];
  assert_int_equal(sk_page_places_read(c->file, 0, DOUBLES, NULL, &places, NULL), SHUKEI_OK);
  assert_true(places.count >= 4);
  assert_int_equal(sk_page_bounds_read(c->file, 0, DOUBLES, places.count, NULL, bounds, NULL),
                   SHUKEI_OK);
  assert_int_equal(bounds->count, places.count);
  sk_page_places_reset(&places);
  return c->out.bytes + chunk->column_index_offset;
}

static void holds_values_to_the_bounds_of_their_page(void **state)
{
  (void)state;
  struct checked c;
  struct sk_page_bounds bounds;
  setup(&c);
  uint8_t *const index = column_index(&c, &bounds);
  for (uint32_t page = 0; page < bounds.count; page++) {
    uint8_t *const min = index + (bounds.min[page].bytes - bounds.bytes);
    uint8_t *const max = index + (bounds.max[page].bytes - bounds.bytes);
    uint8_t was[8];
    memcpy(was, min, 8);
    memcpy(min, max, 8);
    expect(&c, "a least that is too great",
           "row group 0, column d: a value is below the least of the page's in the column index");
    memcpy(min, was, 8);
    memcpy(was, max, 8);
    memcpy(max, min, 8);
    expect(&c, "a greatest that is too small",
           "column d: a value is above the greatest of the page's in the column index");
    max[6] = 0xf8; /* a NaN */
    max[7] = 0x7f;
    expect(&c, "a bound that is none", "the column index has bounds of page");
    memcpy(max, was, 8);
  }
  struct sk_statistics *const statistics = &c.file->meta.groups[0].chunks[DOUBLES].statistics;
  const struct sk_statistics told = *statistics;
  uint8_t *const min = index + (bounds.min[1].bytes - bounds.bytes);
  uint8_t was[8];
  memcpy(was, min, 8);
  memcpy(min, bounds.max[1].bytes, 8);
  *statistics = (struct sk_statistics){.null_count = -1};
  expect(&c, "no statistics beside it", "is below the least of the page's in the column index");
  *statistics = told;
  memcpy(min, was, 8);
  expect(&c, "all put right", "");
  sk_page_bounds_reset(&bounds);
  teardown(&c);
}

/* The members behind the bounds: 4 boundary_order, 5 null_counts; null_pages before them. */
static void tells_wrong_flags_counts_and_orders(void **state)
{
  (void)state;
  struct checked c;
  struct sk_page_bounds bounds;
  setup(&c);
  uint8_t *const index = column_index(&c, &bounds);
  uint8_t *const flags = index + 2; /* a list of booleans, a byte each */
  const struct sk_slice last = bounds.max[bounds.count - 1];
  uint8_t *const order = index + (last.bytes + last.length - bounds.bytes) + 1;
  uint8_t *const counts = order + 3; /* below 64: a byte each */
  assert_true(bounds.order == SK_ASCENDING && *order == 2 && bounds.count < 15);
  for (uint32_t page = 0; page < bounds.count; page++) {
    assert_int_equal(bounds.null_counts[page] * 2, counts[page]);
    counts[page] += 2;
    expect(&c, "a null count", "nulls, the column index says");
    counts[page] -= 2;
    flags[page] ^= 3;
    expect(&c, "a null flag", "has values, the column index says none but nulls");
    flags[page] ^= 3;
  }
  uint8_t *const max = index + (bounds.max[0].bytes - bounds.bytes);
  memcpy(max, last.bytes, 8);
  expect(&c, "a greatest beyond the next", "the column index says ascending, page 1 is not");
  memcpy(max, bounds.max[0].bytes, 8);
  index[1] ^= 0x10;
  expect(&c, "another number of flags", "column d: the column index flags for another number of");
  index[1] ^= 0x10;
  *order = 4;
  expect(&c, "another order", "column d: the column index says descending, page 1 is not");
  *order = 6;
  expect(&c, "no order", "the column index has the boundary order 3");
  *order = 0;
  expect(&c, "nothing said of the order", "");
  sk_page_bounds_reset(&bounds);
  teardown(&c);
}

static void tells_pages_of_nulls_from_others(void **state)
{
  (void)state;
  struct checked c;
  struct sk_page_bounds bounds;
  setup_nulls(&c, 1100);
  uint8_t *const flags = column_index(&c, &bounds) + 2;
  assert_true(bounds.null_pages[0] && !bounds.null_pages[bounds.count - 1]);
  expect(&c, "a page of nulls", "");
  flags[0] ^= 3;
  expect(&c, "whose flag is lost", "page 0 has none but nulls, the column index says values");
  sk_page_bounds_reset(&bounds);
  teardown(&c);
}

static struct sk_page_places offset_index(struct checked *c)
{
  struct sk_page_places places;
  assert_int_equal(sk_page_places_read(c->file, 0, DOUBLES, NULL, &places, NULL), SHUKEI_OK);
  return places;
}

static bool say_the_same(const struct sk_page_places *a, const struct sk_page_places *b)
{
  bool same = a->count == b->count;
  for (uint32_t i = 0; same && i < a->count; i++)
    same = a->pages[i].offset == b->pages[i].offset && a->pages[i].bytes == b->pages[i].bytes &&
           a->pages[i].first_row == b->pages[i].first_row;
  return same;
}

/* Some bits mean nothing: whether a number was written as one of 32 or of 64 bits. */
static void tells_every_flipped_bit_that_changes_an_offset_index(void **state)
{
  (void)state;
  struct checked c;
  int told = 0;
  setup(&c);
  const struct sk_chunk_meta *chunk = &c.file->meta.groups[0].chunks[DOUBLES];
  uint8_t *const index = c.out.bytes + chunk->offset_index_offset;
  struct sk_page_places right = offset_index(&c);
  for (int32_t at = 0; at < chunk->offset_index_length; at++)
    for (int bit = 0; bit < 8; bit++) {
      index[at] ^= (uint8_t)(1 << bit);
      struct sk_page_places places = offset_index(&c);
      const bool same = say_the_same(&right, &places);
      expect(&c, "a bit of the offset index", same ? "" : "offset index");
      told += !same;
      sk_page_places_reset(&places);
      index[at] ^= (uint8_t)(1 << bit);
    }
  assert_true(told > chunk->offset_index_length * 6);
  sk_page_places_reset(&right);
  teardown(&c);
}

/* Every bit of a filter that is set stands for a value. */
static void misses_every_bit_of_a_bloom_filter(void **state)
{
  (void)state;
  struct checked c;
  struct sk_bloom_place place;
  size_t set = 0;
  setup(&c);
  assert_int_equal(sk_bloom_find(c.file, 0, 0, &place, NULL), SHUKEI_OK);
  for (uint64_t bit = 0; bit < UINT64_C(8) * place.size; bit++) {
    uint8_t *const byte = &c.out.bytes[place.bits + bit / 8];
    if (!(*byte >> bit % 8 & 1) || ++set % 8)
      continue;
    *byte ^= (uint8_t)(1 << bit % 8);
    expect(&c, "a value left out", "row group 0, column t: a value is not in the Bloom filter");
    *byte ^= (uint8_t)(1 << bit % 8);
  }
  assert_true(set > 400);
  c.out.bytes[place.begin] ^= 0x7;
  expect(&c, "a broken header", "column t: its Bloom filter has no header that can be right");
  c.out.bytes[place.begin] ^= 0x7;
  struct sk_chunk_meta *const chunk = &c.file->meta.groups[0].chunks[0];
  const struct sk_chunk_meta was = *chunk;
  chunk->bloom_filter_length = -1; /* older writers do not tell */
  chunk->offset_index_offset = (int64_t)place.bits + place.size - 1;
  expect(&c, "an overlap", "begins within the Bloom filter of column t in row group 0");
  chunk->bloom_filter_length = 0;
  expect(&c, "an overlap", "begins within the Bloom filter of column t in row group 0");
  *chunk = was;
  teardown(&c);
}

static void tells_what_is_wrong_with_dictionaries(void **state)
{
  (void)state;
  static const struct {
    const char *why, *entries;
    size_t length;
    int32_t count;
    bool dictionary;
    enum sk_coded coded;
    const char *want;
  } cases[] = {
      {"as it should be", "\1\0\0\0a\2\0\0\0bc", 11, 2, true, SK_CODED_WHOLLY, ""},
      {"an entry too many", "\1\0\0\0a\2\0\0\0bc", 11, 1, true, SK_CODED_WHOLLY,
       "row group 0, column c: 6 bytes behind the 1 entries of the dictionary"},
      {"a byte too many", "\1\0\0\0a\2\0\0\0bcd", 12, 2, true, SK_CODED_WHOLLY,
       "row group 0, column c: 1 bytes behind the 2 entries of the dictionary"},
      {"bytes without entries", "abc", 3, 0, true, SK_CODED_UNKNOWN,
       "3 bytes behind the 0 entries of the dictionary"},
      {"no dictionary", "", 0, 0, false, SK_CODED_UNKNOWN,
       "column c: the footer tells of a dictionary, the first page is none"},
      {"plain pages", "\1\0\0\0a\2\0\0\0bc", 11, 2, true, SK_CODED_WHOLLY,
       "page 1 is not of codes, the footer says that all pages are"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct tiny_column column = {.type = SK_TYPE_BYTE_ARRAY, .repetition = SK_REQUIRED};
    const bool plain = strcmp(cases[i].why, "plain pages") == 0, coded = cases[i].count > 0;
    struct sk_check_result result;
    struct sk_buffer lines;
    struct tiny t;
    tiny_begin(&t);
    if (cases[i].dictionary)
      tiny_page(&t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, cases[i].count, cases[i].entries,
                cases[i].length);
    if (coded)
      tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 3, "\1\6\0", 3);
    if (!coded || plain)
      tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 1, "\1\0\0\0x", 5);
    tiny_end(&t, &column, t.values);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    struct sk_chunk_meta *const chunk = &t.file->meta.groups[0].chunks[0];
    chunk->dictionary_page_offset = 4;
    chunk->coded = cases[i].coded;
    sk_buffer_init(&lines, NULL, SIZE_MAX / 2);
    assert_int_equal(sk_parquet_check(t.file, &t.budget, &lines, &result, NULL), SHUKEI_OK);
    sk_buffer_byte(&lines, 0);
    const char *found = (const char *)lines.bytes;
    if (*cases[i].want ? result.findings != 1 || !strstr(found, cases[i].want) : result.findings)
      fail_msg("%s: %s", cases[i].why, found);
    sk_buffer_reset(&lines);
    tiny_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(holds_values_to_the_bounds_of_their_page),
      cmocka_unit_test(tells_wrong_flags_counts_and_orders),
      cmocka_unit_test(tells_pages_of_nulls_from_others),
      cmocka_unit_test(tells_every_flipped_bit_that_changes_an_offset_index),
      cmocka_unit_test(misses_every_bit_of_a_bloom_filter),
      cmocka_unit_test(tells_what_is_wrong_with_dictionaries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
