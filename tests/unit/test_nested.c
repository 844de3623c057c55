/* SPDX-License-Identifier: Apache-2.0 */
/* The first page of a nested column: both versions, compressed or not, behind other pages; what
 * does not begin a record; every failed allocation. */
#include "tiny_parquet.h"

#include "parquet/nested.h"

static const struct {
  const char *why;
  enum sk_page_type type;
  enum sk_codec codec;
  bool behind; /* an index page */
  uint16_t highest;
  int32_t repetition_length; /* v2 */
  uint8_t bytes[12];
  size_t length, uncompressed;
  const char *wrong; /* NULL: nothing */
} pages[] = {
    {"level 0",
     SK_PAGE_DATA,
     SK_CODEC_UNCOMPRESSED,
     false,
     1,
     0,
     {2, 0, 0, 0, 0x08, 0},
     6,
     6,
     NULL},
    {"level 1",
     SK_PAGE_DATA,
     SK_CODEC_UNCOMPRESSED,
     true,
     1,
     0,
     {2, 0, 0, 0, 0x08, 1},
     6,
     6,
     "the first repetition level is 1, a record begins with 0"},
    {"level 2 of 3, packed",
     SK_PAGE_DATA,
     SK_CODEC_UNCOMPRESSED,
     false,
     3,
     0,
     {3, 0, 0, 0, 0x03, 2, 0},
     7,
     7,
     "the first repetition level is 2"},
    {"no levels",
     SK_PAGE_DATA,
     SK_CODEC_UNCOMPRESSED,
     false,
     1,
     0,
     {0},
     3,
     3,
     "the repetition levels end too early"},
    {"levels longer than the page",
     SK_PAGE_DATA,
     SK_CODEC_UNCOMPRESSED,
     false,
     1,
     0,
     {3, 0, 0, 0, 0x08, 0},
     6,
     6,
     "the repetition levels end too early"},
    {"level 0, compressed",
     SK_PAGE_DATA,
     SK_CODEC_SNAPPY,
     true,
     1,
     0,
     {6, 5 << 2, 2, 0, 0, 0, 0x08, 0},
     8,
     6,
     NULL},
    {"level 1, compressed",
     SK_PAGE_DATA,
     SK_CODEC_SNAPPY,
     false,
     1,
     0,
     {6, 5 << 2, 2, 0, 0, 0, 0x08, 1},
     8,
     6,
     "the first repetition level is 1"},
    {"no snappy", SK_PAGE_DATA, SK_CODEC_SNAPPY, false, 1, 0, {6, 5 << 2, 2}, 3, 6, "SNAPPY"},
    {"version 2, level 0", SK_PAGE_DATA_V2, SK_CODEC_SNAPPY, false, 1, 2, {0x08, 0, 9}, 3, 3, NULL},
    {"version 2, level 1",
     SK_PAGE_DATA_V2,
     SK_CODEC_ZSTD,
     true,
     1,
     2,
     {0x08, 1, 9},
     3,
     3,
     "the first repetition level is 1"},
    {"version 2, no levels",
     SK_PAGE_DATA_V2,
     SK_CODEC_ZSTD,
     false,
     1,
     0,
     {0x08, 0},
     2,
     2,
     "the repetition levels end too early"},
};

static void put_page(struct sk_buffer *out, size_t i)
{
  const bool v2 = pages[i].type == SK_PAGE_DATA_V2;
  struct sk_compact to;
  sk_compact_init(&to, out);
  sk_compact_i32(&to, 1, (int32_t)pages[i].type);
  sk_compact_i32(&to, 2, (int32_t)pages[i].uncompressed);
  sk_compact_i32(&to, 3, (int32_t)pages[i].length);
  sk_compact_begin(&to, v2 ? 8 : 5);
  sk_compact_i32(&to, 1, 4);
  sk_compact_i32(&to, 2, v2 ? 0 : SK_ENCODING_PLAIN);
  sk_compact_i32(&to, 3, v2 ? 4 : SK_ENCODING_RLE);
  sk_compact_i32(&to, 4, v2 ? SK_ENCODING_PLAIN : SK_ENCODING_RLE);
  if (v2) {
    sk_compact_i32(&to, 5, 0);
    sk_compact_i32(&to, 6, pages[i].repetition_length);
  }
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_buffer_add(out, pages[i].bytes, pages[i].length);
}

/* With the n-th allocation failing; -1 for none. */
static shukei_status check(size_t i, int64_t n, shukei_error *err)
{
  struct tiny t;
  tiny_begin(&t);
  if (pages[i].behind)
    tiny_page(&t, SK_PAGE_INDEX, 0, 0, "skip me", 7);
  put_page(&t.out, i);
  struct sk_column_meta column = {.path = "a.list.b", .max_repetition = pages[i].highest};
  struct sk_chunk_meta chunk = {.codec = pages[i].codec,
                                .value_count = 4,
                                .data_page_offset = 4,
                                .dictionary_page_offset = -1,
                                .compressed_bytes = (int64_t)t.out.length - 4};
  struct sk_group_meta group = {.row_count = 4, .chunks = &chunk};
  struct sk_file file = {.data_end = t.out.length};
  file.meta.columns = &column;
  file.meta.groups = &group;
  file.meta.column_count = file.meta.group_count = 1;
  assert_false(t.out.failed);
  assert_int_equal(sk_object_from_bytes("t.parquet", t.out.bytes, t.out.length, &t.object, NULL),
                   SHUKEI_OK);
  file.object = t.object;
  sk_test_fail_alloc(n);
  const shukei_status st = sk_nested_check(&file, 0, 0, &t.budget, err);
  const bool failed = sk_test_alloc_failed();
  sk_test_fail_alloc(-1);
  assert_true(failed == (st == SHUKEI_ENOMEM));
  tiny_free(&t);
  return st;
}

static void tells_what_begins_no_record(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(pages); i++) {
    shukei_error err = {0};
    const shukei_status st = check(i, -1, &err);
    const bool right = pages[i].wrong
                           ? st == SHUKEI_EFORMAT && strstr(err.text, pages[i].wrong) &&
                                 strstr(err.text, "t.parquet: column a.list.b, row group 0")
                           : st == SHUKEI_OK;
    if (!right)
      fail_msg("%s: %s %s", pages[i].why, shukei_status_name(st), err.text);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(pages); i++) {
    shukei_status st = SHUKEI_ENOMEM;
    for (int n = 0; st == SHUKEI_ENOMEM; n++)
      st = check(i, n, NULL);
    assert_int_equal(st, pages[i].wrong ? SHUKEI_EFORMAT : SHUKEI_OK);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_what_begins_no_record),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
