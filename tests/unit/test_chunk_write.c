/* SPDX-License-Identifier: Apache-2.0 */
/* One column of the writer: the bounds and encoding of each page, and what a rejected dictionary
 * leaves behind. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/chunk_write.h"

#define PAGE_ROWS 100

static const struct sk_encode_options options = {
    .codec = SK_CODEC_SNAPPY, .level = 1, .page_rows = PAGE_ROWS};

static void begin(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                  enum sk_write_kind kind)
{
  const struct sk_write_column column = {"column", kind, false};
  sk_encode_tools_init(tools, NULL);
  assert_int_equal(sk_chunk_init(chunk, &column, NULL, NULL), SHUKEI_OK);
  assert_int_equal(sk_chunk_room(chunk, PAGE_ROWS, NULL), SHUKEI_OK);
}

static const struct sk_encoded_page *add_page(struct sk_chunk_writer *chunk,
                                              struct sk_encode_tools *tools,
                                              const struct sk_write_values *values)
{
  assert_int_equal(sk_chunk_take(chunk, values, 0, PAGE_ROWS, NULL), SHUKEI_OK);
  sk_chunk_encode(chunk, tools, &options, false);
  assert_int_equal(chunk->status, SHUKEI_OK);
  return &chunk->pages[chunk->page_count - 1];
}

static void end(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools)
{
  sk_chunk_reset(chunk);
  sk_encode_tools_reset(tools);
}

static void expect_texts(const struct sk_chunk_writer *chunk, const struct sk_encoded_page *page,
                         const char *least, const char *most)
{
  struct sk_bound lower, upper;
  assert_true(page->bounded);
  assert_true(sk_chunk_bounds(chunk, page->min, page->max, &lower, &upper));
  assert_int_equal(lower.length, strlen(least));
  assert_memory_equal(lower.bytes, least, lower.length);
  assert_int_equal(upper.length, strlen(most));
  assert_memory_equal(upper.bytes, most, upper.length);
}

static void bounds_each_page_of_texts(void **state)
{
  (void)state;
  static const char *const texts[] = {"m", "b", "z", "c", "", "y"};
  struct sk_chunk_writer chunk;
  struct sk_encode_tools tools;
  struct sk_intern table;
  uint32_t ids[PAGE_ROWS], codes[SK_COUNT(texts)];
  const struct sk_write_values values = {.ids = ids, .texts = &table};
  assert_true(sk_intern_init(&table, NULL));
  for (size_t i = 0; i < SK_COUNT(texts); i++)
    codes[i] = sk_intern_add(&table, texts[i], strlen(texts[i]));
  begin(&chunk, &tools, SK_WRITE_TEXT);
  for (size_t row = 0; row < PAGE_ROWS; row++)
    ids[row] = codes[row % 3];
  expect_texts(&chunk, add_page(&chunk, &tools, &values), "b", "z");
  for (size_t row = 0; row < PAGE_ROWS; row++) /* texts of the page before, and a new one */
    ids[row] = row % 2 ? codes[0] : codes[3];
  expect_texts(&chunk, add_page(&chunk, &tools, &values), "c", "m");
  for (size_t row = 0; row < PAGE_ROWS; row++)
    ids[row] = row % 2 ? SK_NO_ID : codes[4 + row % 4 / 2];
  const struct sk_encoded_page *page = add_page(&chunk, &tools, &values);
  expect_texts(&chunk, page, "", "y");
  assert_int_equal(page->nulls, PAGE_ROWS / 2);
  for (size_t row = 0; row < PAGE_ROWS; row++)
    ids[row] = SK_NO_ID;
  page = add_page(&chunk, &tools, &values);
  assert_false(page->bounded);
  assert_int_equal(page->nulls, PAGE_ROWS);
  assert_int_equal(page->encoding, SK_ENCODING_PLAIN); /* no values, no codes */
  end(&chunk, &tools);
  sk_intern_reset(&table);
}

static void turns_plain_for_good(void **state)
{
  (void)state;
  struct sk_chunk_writer chunk;
  struct sk_encode_tools tools;
  double doubles[PAGE_ROWS];
  const struct sk_write_values values = {.doubles = doubles};
  begin(&chunk, &tools, SK_WRITE_DOUBLE);
  for (size_t row = 0; row < PAGE_ROWS; row++)
    doubles[row] = (double)(row % 9);
  assert_int_equal(add_page(&chunk, &tools, &values)->encoding, SK_ENCODING_RLE_DICTIONARY);
  assert_int_equal(chunk.set.count, 9);
  for (size_t row = 0; row < PAGE_ROWS; row++) /* too many new ones, but not for giving up early */
    doubles[row] = (double)(row % 61 + 100);
  const struct sk_encoded_page *page = add_page(&chunk, &tools, &values);
  assert_int_equal(page->encoding, SK_ENCODING_PLAIN);
  assert_int_equal(chunk.set.count, 9);
  assert_true(sk_double_of_bits(page->min) == 100.0 && sk_double_of_bits(page->max) == 160.0);
  for (size_t row = 0; row < PAGE_ROWS; row++)
    doubles[row] = 1.0;
  assert_int_equal(add_page(&chunk, &tools, &values)->encoding, SK_ENCODING_PLAIN);
  sk_chunk_encode(&chunk, &tools, &options, true);
  assert_int_equal(chunk.status, SHUKEI_OK);
  assert_non_null(chunk.dictionary.bytes);
  sk_chunk_next_group(&chunk);
  assert_int_equal(add_page(&chunk, &tools, &values)->encoding, SK_ENCODING_RLE_DICTIONARY);
  end(&chunk, &tools);
}

/* Whatever each page alone would be, all of a chunk have one form in the end, the one that is
 * better for it, and their values. */
static void pages_have_one_form(void **state)
{
  (void)state;
  enum { PAGES = 6 };
  static double doubles[PAGES][PAGE_ROWS];
  uint64_t random = 4;
  int packed_chunks = 0, recoded = 0;
  for (unsigned mask = 0; mask < 1u << (PAGES - 1); mask++) {
    struct sk_chunk_writer chunk;
    struct sk_encode_tools tools;
    uint64_t raw = 0, packed = 0;
    begin(&chunk, &tools, SK_WRITE_DOUBLE);
    for (unsigned k = 0; k < PAGES; k++) { /* the first one is of no codes, so none is */
      const struct sk_write_values values = {.doubles = doubles[k]};
      const bool alike = k > 0 && (mask >> (k - 1) & 1);
      for (size_t row = 0; row < PAGE_ROWS; row++)
        doubles[k][row] = alike && (k > 1 || row < PAGE_ROWS / 2) /* half a page is too little */
                              ? 1.5
                              : (double)(next_random(&random) >> 11);
      add_page(&chunk, &tools, &values);
    }
    bool before[PAGES];
    for (unsigned k = 0; k < PAGES; k++) {
      before[k] = chunk.pages[k].packed;
      raw += chunk.pages[k].raw_length;
      packed += chunk.pages[k].packed_length;
    }
    sk_chunk_encode(&chunk, &tools, &options, true);
    assert_int_equal(chunk.status, SHUKEI_OK);
    assert_null(chunk.dictionary.bytes);
    assert_int_equal(chunk.page_count, PAGES);
    assert_int_equal(chunk.packed, packed * 10 < raw * 9);
    packed_chunks += chunk.packed;
    for (unsigned k = 0; k < PAGES; k++) {
      const struct sk_encoded_page *const page = &chunk.pages[k];
      const uint8_t *const body = page->bytes + page->head_length;
      const size_t length = page->length - page->head_length;
      uint8_t plain[2 * 8 * PAGE_ROWS];
      recoded += before[k] != page->packed;
      assert_int_equal(page->packed, chunk.packed);
      assert_int_equal(length, page->packed ? page->packed_length : page->raw_length);
      assert_true(page->raw_length <= sizeof plain && page->raw_length > 8 * PAGE_ROWS);
      if (page->packed)
        assert_int_equal(
            sk_decompress(tools.codec, options.codec, body, length, plain, page->raw_length, NULL),
            SHUKEI_OK);
      else
        memcpy(plain, body, length);
      for (size_t row = 0; row < PAGE_ROWS; row++) /* they lie behind the levels */
        assert_int_equal(sk_le64(plain + page->raw_length - 8 * (PAGE_ROWS - row)),
                         sk_bits_of_double(doubles[k][row]));
    }
    end(&chunk, &tools);
  }
  assert_true(packed_chunks > 4 && packed_chunks < 32 && recoded > 32);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bounds_each_page_of_texts),
      cmocka_unit_test(turns_plain_for_good),
      cmocka_unit_test(pages_have_one_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
