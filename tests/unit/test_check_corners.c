/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --check: what few files have. Levels of pages of version 2, nulls of nested columns,
 * half-precision floats. */
#include "nested_parquet.h"

#include "parquet/file.h"

/* One finding that has the text; "": none. */
static void expect_of(struct tiny *t, const char *why, const char *want)
{
  struct sk_check_result result;
  struct sk_buffer lines;
  sk_buffer_init(&lines, NULL, SIZE_MAX / 2);
  assert_int_equal(sk_parquet_check(t->file, &t->budget, &lines, &result, NULL), SHUKEI_OK);
  sk_buffer_byte(&lines, 0);
  const char *const found = (const char *)lines.bytes;
  if (*want ? result.findings != 1 || !strstr(found, want) : result.findings != 0)
    fail_msg("%s: %s", why, found);
  sk_buffer_reset(&lines);
}

/* Levels may be all that a page has, and no more. */
static void levels_end_with_their_page(void **state)
{
  (void)state;
  static const struct tiny_column column = {.type = SK_TYPE_INT32, .repetition = SK_OPTIONAL};
  static const struct {
    const char *why, *bytes;
    size_t length, levels;
    const char *want;
  } rows[] = {
      {"two nulls", "\4\0", 2, 2, ""},
      {"two values", "\4\1\1\0\0\0\2\0\0\0", 10, 2, ""},
      {"more levels than bytes", "\4\0", 2, 3, "levels of 3 bytes in a page of 2"},
      {"many more", "\4\0", 2, 1000000, "levels of 1000000 bytes in a page of 2"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    tiny_begin(&t);
    tiny_page_v2(&t, SK_ENCODING_PLAIN, 2, rows[i].levels, rows[i].bytes, rows[i].length);
    tiny_end(&t, &column, 2);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    expect_of(&t, rows[i].why, rows[i].want);
    tiny_free(&t);
  }
}

/* The same of pages that are compressed, whose bodies have two lengths. */
static void levels_end_with_compressed_pages(void **state)
{
  (void)state;
  static const struct tiny_column column = {.type = SK_TYPE_INT32, .repetition = SK_OPTIONAL};
  static const int32_t lengths[][2] = {{2, 90}, {90, 2}, {2, 2}}; /* stored, and not compressed */
  for (size_t i = 0; i < SK_COUNT(lengths); i++) {
    static const uint8_t body[90] = {4, 0};
    struct tiny t;
    struct sk_compact to;
    char want[80];
    tiny_begin(&t);
    t.codec = SK_CODEC_SNAPPY;
    sk_compact_init(&to, &t.out);
    sk_compact_i32(&to, 1, SK_PAGE_DATA_V2);
    sk_compact_i32(&to, 2, lengths[i][1]);
    sk_compact_i32(&to, 3, lengths[i][0]);
    sk_compact_begin(&to, 8);
    sk_compact_i32(&to, 1, 2);
    sk_compact_i32(&to, 2, 2);
    sk_compact_i32(&to, 3, 2);
    sk_compact_i32(&to, 4, SK_ENCODING_PLAIN);
    sk_compact_i32(&to, 5, 3);
    sk_compact_i32(&to, 6, 0);
    sk_compact_end(&to);
    sk_compact_end(&to);
    sk_buffer_add(&t.out, body, (size_t)lengths[i][0]);
    tiny_end(&t, &column, 2);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    snprintf(want, sizeof want, "levels of 3 bytes in a page of %d", (int)lengths[i][0]);
    expect_of(&t, "compressed", want);
    tiny_free(&t);
  }
}

/* A value is null where anything around it is; whether an empty list counts is nowhere said. */
static void nulls_of_nested_columns(void **state)
{
  (void)state;
  static const struct nested_element group[] =
      {{.name = "g", .repetition = SK_OPTIONAL, .children = 1},
       {.name = "x", .repetition = SK_OPTIONAL, .highest = {0, 2}, .entries = "00 01 02|02 00"}},
                                     list = {.name = "l",
                                             .repetition = SK_REPEATED,
                                             .highest = {1, 1},
                                             .entries = "01 11|11 00 01"};
  for (int form = 0; form < NESTED_FORMS; form++)
    for (int64_t nulls = 0; nulls < 5; nulls++) {
      struct tiny t;
      char want[80] = "";
      assert_int_equal(nested_build(&t, group, 2, 1, 5, (enum nested_form)form, NULL), SHUKEI_OK);
      t.file->meta.groups[0].chunks[0].statistics.null_count = nulls;
      if (nulls != 3)
        snprintf(want, sizeof want, "column g.x: 3 nulls, the footer says %" PRId64 "\n", nulls);
      expect_of(&t, "a group", want);
      tiny_free(&t);
      assert_int_equal(nested_build(&t, &list, 1, 1, 3, (enum nested_form)form, NULL), SHUKEI_OK);
      t.file->meta.groups[0].chunks[0].statistics.null_count = nulls;
      expect_of(&t, "a list", "");
      tiny_free(&t);
    }
}

#define HALF(bits) (uint8_t)((bits)&255), (uint8_t)((bits) >> 8)
enum {
  ONE = 0x3c00,
  TWO = 0x4000,
  MINUS_TWO = 0xc000,
  ZERO = 0,
  MINUS_ZERO = 0x8000,
  A_NAN = 0x7e00
};

/* A Bloom filter that has nothing in it. */
static size_t add_bloom(struct tiny *t)
{
  static const uint8_t bits[32];
  const size_t begin = t->out.length;
  struct sk_compact to;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, sizeof bits);
  for (int16_t field = 2; field <= 4; field++) { /* the algorithm, the hash, no compression */
    sk_compact_begin(&to, field);
    sk_compact_begin(&to, 1);
    sk_compact_end(&to);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
  sk_buffer_add(&t->out, bits, sizeof bits);
  return t->out.length - begin;
}

static void half_precision(void **state)
{
  (void)state;
  static const struct tiny_column column = {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY,
                                            .type_length = 2,
                                            .repetition = SK_REQUIRED,
                                            .logical = 15};
  static const struct {
    const char *why;
    uint8_t values[4], min[2], max[2];
    bool bloom;
    const char *want;
  } rows[] = {
      {"within", {HALF(ONE), HALF(MINUS_TWO)}, {HALF(MINUS_TWO)}, {HALF(ONE)}, false, ""},
      {"above",
       {HALF(ONE), HALF(TWO)},
       {HALF(MINUS_TWO)},
       {HALF(ONE)},
       false,
       "above the greatest"},
      {"below", {HALF(ONE), HALF(MINUS_TWO)}, {HALF(ZERO)}, {HALF(ONE)}, false, "below the least"},
      {"zeros", {HALF(ZERO), HALF(MINUS_ZERO)}, {HALF(ZERO)}, {HALF(MINUS_ZERO)}, false, ""},
      {"no number", {HALF(ONE), HALF(A_NAN)}, {HALF(ONE)}, {HALF(ONE)}, false, ""},
      {"not hashed", {HALF(ZERO), HALF(ONE)}, {HALF(ZERO)}, {HALF(ONE)}, true, "not in the Bloom"},
      {"zeros, hashed anyhow",
       {HALF(ZERO), HALF(MINUS_ZERO)},
       {HALF(ZERO)},
       {HALF(ZERO)},
       true,
       ""},
      {"NaNs, hashed anyhow", {HALF(A_NAN), HALF(0xfe01)}, {HALF(ZERO)}, {HALF(ZERO)}, true, ""},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 2, rows[i].values, 4);
    const size_t at = t.out.length, more = rows[i].bloom ? add_bloom(&t) : 0;
    tiny_end(&t, &column, 2);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    struct sk_chunk_meta *const chunk = &t.file->meta.groups[0].chunks[0];
    assert_int_equal(t.file->meta.columns[0].logical, SK_LOGICAL_FLOAT16);
    t.file->meta.columns[0].type_order = true;
    chunk->compressed_bytes -= (int64_t)more;
    chunk->uncompressed_bytes -= (int64_t)more;
    if (more)
      chunk->bloom_filter_offset = (int64_t)at;
    chunk->statistics.min_value = rows[i].min;
    chunk->statistics.max_value = rows[i].max;
    chunk->statistics.min_length = chunk->statistics.max_length = 2;
    expect_of(&t, rows[i].why, rows[i].want);
    tiny_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_end_with_their_page),
      cmocka_unit_test(levels_end_with_compressed_pages),
      cmocka_unit_test(nulls_of_nested_columns),
      cmocka_unit_test(half_precision),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
