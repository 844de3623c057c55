/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --check: a file of ours has nothing wrong; each lie of the footer, and a flipped bit
 * anywhere in the pages, is told with its place. */
#include "check_testing.h"
#include "nested_parquet.h"

#include "parquet/page_stream.h"

static void finds_nothing_in_a_sound_file(void **state)
{
  (void)state;
  struct checked c;
  setup(&c);
  expect(&c, "as it was written", "");
  teardown(&c);
}

/* The deprecated bounds count where the others are not there, and where their order is the
 * column's. */
static void holds_values_to_the_bounds_that_can_be_used(void **state)
{
  (void)state;
  static const uint8_t high[8] = {0, 0, 0, 0, 0, 0, 0x34, 0x40}, /* 20.0 */
      low[8] = {0, 0, 0, 0, 0, 0, 0x34, 0xc0};
  struct checked c;
  setup(&c);
  struct sk_statistics *text = &c.file->meta.groups[0].chunks[0].statistics,
                       *number = &c.file->meta.groups[1].chunks[1].statistics;
  const struct sk_statistics was_text = *text, was_number = *number;
  *number = (struct sk_statistics){
      .max_value = high, .max_length = 4, .min_value = high, .min_length = 4, .null_count = -1};
  expect(&c, "bounds of another width", "");
  *number = (struct sk_statistics){.old_max = high, .old_max_length = 8, .null_count = -1};
  expect(&c, "an old maximum", "a value is above the greatest of the statistics");
  *number = (struct sk_statistics){.old_min = high, .old_min_length = 8, .null_count = -1};
  expect(&c, "an old minimum", "");
  c.file->meta.groups[0].chunks[1].statistics = *number;
  expect(&c, "an old minimum of other values", "a value is below the least of the statistics");
  c.file->meta.groups[0].chunks[1].statistics.old_min = low;
  expect(&c, "an old minimum that they keep", "");
  *number = was_number;
  number->old_max = low;
  number->old_max_length = 8;
  expect(&c, "an old maximum beside the others", "");
  *text = (struct sk_statistics){
      .old_max = (const uint8_t *)"a", .old_max_length = 1, .null_count = -1};
  expect(&c, "an old maximum of texts", "");
  *text = was_text;
  *number = was_number;
  teardown(&c);
}

static void tells_every_lie_of_the_footer(void **state)
{
  (void)state;
  static const uint8_t high[8] = {0, 0, 0, 0, 0, 0, 0x34, 0x40}; /* 20.0 */
  struct checked c;
  setup(&c);
  struct sk_chunk_meta *text = &c.file->meta.groups[0].chunks[0],
                       *number = &c.file->meta.groups[1].chunks[1];
  const struct sk_chunk_meta was_text = *text, was_number = *number;
  number->value_count++;
  expect(&c, "values", "row group 1, column d: 1000 values, the footer says 1001");
  *number = was_number;
  number->statistics.null_count--;
  expect(&c, "nulls", "row group 1, column d: 100 nulls, the footer says 99");
  *number = was_number;
  number->uncompressed_bytes += 5;
  expect(&c, "bytes", "bytes of pages without the codec, the footer says");
  *number = was_number;
  number->statistics.max_value = high;
  expect_some(&c, "a maximum, which many values pass",
              "row group 1, column d: a value is above the greatest of the statistics", 1);
  *number = was_number;
  text->statistics.min_value = (const uint8_t *)"b5";
  text->statistics.min_length = 2;
  expect(&c, "a minimum", "row group 0, column t: a value is below the least of the statistics");
  *text = was_text;
  text->offset_index_offset = was_number.data_page_offset;
  expect(&c, "an overlap", "begins within the offset index of column t in row group 0");
  *text = was_text;
  c.file->meta.row_count++;
  expect(&c, "rows", "3000 rows in all row groups, the footer says 3001");
  c.file->meta.row_count--;
  expect(&c, "all put right", "");
  teardown(&c);
}

/* Of page headers only what matters for reading is looked at; bodies have checksums. */
static void tells_every_flipped_bit_of_a_body(void **state)
{
  (void)state;
  struct checked c;
  uint64_t random = 5, begin = 0, end = 0;
  struct sk_page_stream stream;
  struct sk_page_header header;
  setup(&c);
  const struct sk_chunk_meta *chunk = &c.file->meta.groups[0].chunks[1];
  sk_chunk_range(chunk, c.file->data_end, &begin, &end);
  sk_page_stream_init(&stream, c.object, begin, end, NULL, NULL);
  for (uint64_t at = begin; at < begin + (uint64_t)chunk->compressed_bytes; at = stream.at) {
    assert_int_equal(sk_page_stream_header(&stream, false, &header, NULL), SHUKEI_OK);
    for (int round = 0; round < 20; round++) {
      struct sk_check_result result;
      struct sk_buffer lines;
      uint8_t *changed =
          &c.out.bytes[at + header.header_length + random_below(&random, header.stored_length)];
      const uint8_t bit = (uint8_t)(1u << random_below(&random, 8));
      sk_buffer_init(&lines, NULL, SIZE_MAX / 2);
      *changed ^= bit;
      assert_int_equal(sk_parquet_check(c.file, &c.budget, &lines, &result, NULL), SHUKEI_OK);
      assert_int_equal(result.findings, 1);
      *changed ^= bit;
      sk_buffer_reset(&lines);
    }
    sk_page_stream_skip(&stream, &header);
  }
  sk_page_stream_reset(&stream);
  teardown(&c);
}

/* Of a list that is never null but may be empty, of which every value is at least 1. */
static void looks_at_the_levels_and_values_of_nested_columns(void **state)
{
  (void)state;
  static const uint8_t one[4] = {1, 0, 0, 0}, two[4] = {2, 0, 0, 0};
  static const struct {
    const char *entries;
    int64_t rows;
    const uint8_t *min;
    const char *want;
  } lists[] = {
      {"01 11|11 00 01", 3, one, ""},
      {"01 11|11 00 01", 3, two, "row group 0, column l: a value is below the least"},
      {"01 11|11 00 01", 2, one, "column l: 3 rows by the levels, the footer says 2"},
      {"11 01", 1, one, "column l, row group 0, page 0: the first repetition level is 1"},
      {"01 00", 3, one, "row group 0, column l: 2 values in a row group of 3 rows"},
  };
  for (size_t i = 0; i < SK_COUNT(lists); i++)
    for (int form = 0; form < NESTED_FORMS; form++) {
      struct tiny t;
      struct sk_check_result result;
      struct sk_buffer lines;
      const struct nested_element list = {
          .name = "l", .repetition = SK_REPEATED, .highest = {1, 1}, .entries = lists[i].entries};
      assert_int_equal(nested_build(&t, &list, 1, 1, lists[i].rows, (enum nested_form)form, NULL),
                       SHUKEI_OK);
      t.file->meta.columns[0].type_order = true;
      t.file->meta.groups[0].chunks[0].statistics.min_value = lists[i].min;
      t.file->meta.groups[0].chunks[0].statistics.min_length = 4;
      sk_buffer_init(&lines, NULL, SIZE_MAX / 2);
      assert_int_equal(sk_parquet_check(t.file, &t.budget, &lines, &result, NULL), SHUKEI_OK);
      sk_buffer_byte(&lines, 0);
      const char *found = (const char *)lines.bytes;
      if (*lists[i].want ? result.findings != 1 || !strstr(found, lists[i].want) : result.findings)
        fail_msg("list %zu, form %d: %s", i, form, found);
      sk_buffer_reset(&lines);
      tiny_free(&t);
    }
}

static shukei_status inspect(struct checked *c, int n, struct sk_buffer *text)
{
  const struct sk_inspect_options options = {n % 2 != 0, true, true};
  uint64_t findings = 0;
  return sk_parquet_inspect(c->file, &options, &c->budget, text, &findings, NULL);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  fail_each_allocation(inspect);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_nothing_in_a_sound_file),
      cmocka_unit_test(holds_values_to_the_bounds_that_can_be_used),
      cmocka_unit_test(tells_every_lie_of_the_footer),
      cmocka_unit_test(tells_every_flipped_bit_of_a_body),
      cmocka_unit_test(looks_at_the_levels_and_values_of_nested_columns),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
