/* SPDX-License-Identifier: Apache-2.0 */
/* Single pages without a file around them: levels of both forms, every encoding that test_column.c
 * does not write, each cut at every byte, every codec, and each allocation failed once. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/page.h"
#include "parquet/page_stream.h"

#include <libdeflate.h>
#include <lz4.h>

#define MOST 512
#define BLOCK_OF_128 0x80, 0x01, 0x04 /* of a delta encoding: in four miniblocks */
#define NO_WIDTHS 0, 0, 0, 0          /* all differences are the smallest one */

static const struct {
  const char *why;
  enum sk_type type;
  int32_t type_length;
  enum sk_encoding encoding;
  uint8_t bytes[40];
  size_t length, count;
  const char *want; /* the values one behind the other, a byte as two digits */
} forms[] = {
    {"plain booleans",
     SK_TYPE_BOOLEAN,
     0,
     SK_ENCODING_PLAIN,
     {0x15, 0x01},
     2,
     9,
     "010001000100000001"},
    {"booleans in runs",
     SK_TYPE_BOOLEAN,
     0,
     SK_ENCODING_RLE,
     {4, 0, 0, 0, 0x03, 0x05, 0x04, 0x01},
     8,
     10,
     "01000100000000000101"},
    {"plain integers",
     SK_TYPE_INT32,
     0,
     SK_ENCODING_PLAIN,
     {1, 2, 3, 4, 5, 6, 7, 8},
     8,
     2,
     "0102030405060708"},
    {"differences of 32 bits",
     SK_TYPE_INT32,
     0,
     SK_ENCODING_DELTA_BINARY_PACKED,
     {BLOCK_OF_128, 3, 20, 1, NO_WIDTHS},
     10,
     3,
     "0a0000000900000008000000"},
    {"differences of 64 bits",
     SK_TYPE_INT64,
     0,
     SK_ENCODING_DELTA_BINARY_PACKED,
     {BLOCK_OF_128, 2, 1, 1, NO_WIDTHS},
     10,
     2,
     "fffffffffffffffffeffffffffffffff"},
    {"streams of bytes",
     SK_TYPE_FIXED_LEN_BYTE_ARRAY,
     2,
     SK_ENCODING_BYTE_STREAM_SPLIT,
     {1, 3, 5, 2, 4, 6},
     6,
     3,
     "010203040506"},
    {"fixed lengths by prefixes",
     SK_TYPE_FIXED_LEN_BYTE_ARRAY,
     2,
     SK_ENCODING_DELTA_BYTE_ARRAY,
     {BLOCK_OF_128, 2, 0, 2, NO_WIDTHS, BLOCK_OF_128, 2, 4, 1, NO_WIDTHS, 1, 2, 3},
     23,
     2,
     "01020103"},
    {"plain texts",
     SK_TYPE_BYTE_ARRAY,
     0,
     SK_ENCODING_PLAIN,
     {1, 0, 0, 0, 9, 2, 0, 0, 0, 8, 7},
     11,
     2,
     "090807"},
    {"texts by lengths",
     SK_TYPE_BYTE_ARRAY,
     0,
     SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
     {BLOCK_OF_128, 2, 2, 2, NO_WIDTHS, 1, 2, 3},
     13,
     2,
     "010203"},
    {"texts by prefixes",
     SK_TYPE_BYTE_ARRAY,
     0,
     SK_ENCODING_DELTA_BYTE_ARRAY,
     {BLOCK_OF_128, 3, 0, 2, NO_WIDTHS, BLOCK_OF_128, 3, 2, 0, NO_WIDTHS, 1, 2, 3},
     23,
     3,
     "010102010203"},
};

static shukei_status read_values(struct sk_page *page, size_t n, char *hex, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  const size_t width = sk_value_width(page->column);
  *hex = '\0';
  while (n) {
    const uint8_t *raw = NULL;
    size_t got = 0;
    const shukei_status st =
        width ? sk_page_fixed(page, n, &raw, &got, err) : sk_page_texts(page, n, slices, &got, err);
    if (st)
      return st;
    assert_in_range(got, 1, n);
    for (size_t i = 0; i < got; i++) {
      const uint8_t *value = width ? raw + i * width : slices[i].bytes;
      for (size_t k = 0; k < (width ? width : slices[i].length); k++, hex += 2)
        snprintf(hex, 3, "%02x", value[k]);
    }
    n -= got;
  }
  return SHUKEI_OK;
}

/* Loads the first `length` bytes of a form, in a block that ends behind the pad; passes over
 * `skipped` values and reads the others. */
static shukei_status read_form(size_t form, size_t length, size_t skipped, struct sk_budget *budget,
                               char *hex, shukei_error *err)
{
  const struct sk_column_meta column = {.type = forms[form].type,
                                        .type_length = forms[form].type_length};
  const struct sk_page_header header = {.stored_length = (uint32_t)length,
                                        .uncompressed_length = (uint32_t)length,
                                        .value_count = (int32_t)forms[form].count,
                                        .encoding = (int32_t)forms[form].encoding,
                                        .definition_encoding = SK_ENCODING_RLE};
  struct sk_page page;
  size_t present = 0;
  uint8_t *body = calloc(1, length + SK_PAGE_PAD);
  assert_non_null(body);
  memcpy(body, forms[form].bytes, length);
  sk_page_init(&page, &column, budget);
  shukei_status st = sk_page_load(&page, &header, body, SK_CODEC_UNCOMPRESSED, NULL, err);
  if (!st)
    st = sk_page_levels(&page, forms[form].count, NULL, &present, err);
  assert_true(st || present == forms[form].count);
  if (!st)
    st = sk_page_skip(&page, skipped, err);
  if (!st)
    st = read_values(&page, forms[form].count - skipped, hex, err);
  sk_page_reset(&page);
  free(body);
  return st;
}

static void reads_each_encoding(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(forms); i++)
    for (size_t skipped = 0; skipped <= forms[i].count; skipped++) {
      char hex[MOST] = "";
      shukei_error err = {0};
      const shukei_status st = read_form(i, forms[i].length, skipped, NULL, hex, &err);
      const size_t whole = strlen(forms[i].want), rest = strlen(hex);
      if (st || rest > whole || strcmp(hex, forms[i].want + whole - rest) != 0 ||
          (rest == whole) != (skipped == 0))
        fail_msg("%s, %zu skipped: %s %s", forms[i].why, skipped, hex, err.text);
    }
}

static void refuses_pages_cut_anywhere(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(forms); i++)
    for (size_t length = 0; length < forms[i].length; length++)
      for (size_t skipped = 0; skipped <= forms[i].count; skipped += forms[i].count) {
        char hex[MOST];
        shukei_error err = {0};
        const shukei_status st = read_form(i, length, skipped, NULL, hex, &err);
        if (st != SHUKEI_EFORMAT || !err.text[0])
          fail_msg("%s, %zu bytes: %s", forms[i].why, length, shukei_status_name(st));
      }
}

static void survives_failed_allocations_of_each_encoding(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    struct sk_budget budget;
    char hex[MOST];
    shukei_status st = SHUKEI_ENOMEM;
    sk_budget_init(&budget, UINT64_MAX);
    for (int n = 0; st == SHUKEI_ENOMEM; n++) {
      sk_test_fail_alloc(n);
      st = read_form(i, forms[i].length, 0, &budget, hex, NULL);
      assert_true((st == SHUKEI_OK) != sk_test_alloc_failed());
      assert_int_equal(budget.used_bytes, 0);
    }
    sk_test_fail_alloc(-1);
    assert_int_equal(st, SHUKEI_OK);
    assert_string_equal(hex, forms[i].want);
  }
}

/* ---- levels ---------------------------------------------------------------------------------- */

static const struct {
  const char *why;
  int32_t encoding;
  uint8_t bytes[8];
  size_t length;
  const char *valid; /* NULL: what is wrong with it is in text */
  const char *text;
} levels[] = {
    {"bit-packed, the top bit first", SK_ENCODING_BIT_PACKED, {0xb1, 0x60}, 2, "10110001011", ""},
    {"bit-packed, a byte short",
     SK_ENCODING_BIT_PACKED,
     {0xb1},
     1,
     NULL,
     "definition levels of 2 bytes in a page of 1"},
    {"runs", SK_ENCODING_RLE, {4, 0, 0, 0, 0x06, 1, 0x10, 0}, 8, "11100000000", ""},
    {"a run too short",
     SK_ENCODING_RLE,
     {2, 0, 0, 0, 0x06, 1},
     6,
     NULL,
     "the definition levels end too early"},
    {"a level of 2",
     SK_ENCODING_RLE,
     {2, 0, 0, 0, 0x16, 2},
     6,
     NULL,
     "definition level 2, the highest is 1"},
    {"longer than the page",
     SK_ENCODING_RLE,
     {3, 0, 0, 0, 0x16, 1},
     6,
     NULL,
     "definition levels of 3 bytes in a page of 6"},
    {"no length", SK_ENCODING_RLE, {3, 0, 0}, 3, NULL, "definition levels of 0 bytes"},
    {"another encoding",
     SK_ENCODING_PLAIN,
     {0xff, 0xff},
     2,
     NULL,
     "definition levels with encoding 0"},
};

static void reads_levels(void **state)
{
  (void)state;
  const struct sk_column_meta column = {.type = SK_TYPE_INT32, .max_definition = 1};
  for (size_t i = 0; i < SK_COUNT(levels); i++) {
    const struct sk_page_header header = {.stored_length = (uint32_t)levels[i].length,
                                          .uncompressed_length = (uint32_t)levels[i].length,
                                          .value_count = 11,
                                          .encoding = SK_ENCODING_PLAIN,
                                          .definition_encoding = levels[i].encoding};
    struct sk_page page;
    uint8_t body[8 + SK_PAGE_PAD] = {0}, valid[11] = {0};
    char text[12] = "", *at = text;
    size_t some = 0, others = 0;
    shukei_error err = {0};
    memcpy(body, levels[i].bytes, levels[i].length);
    sk_page_init(&page, &column, NULL);
    shukei_status st = sk_page_load(&page, &header, body, SK_CODEC_UNCOMPRESSED, NULL, &err);
    if (!st)
      st = sk_page_levels(&page, 5, valid, &some, &err);
    if (!st)
      st = sk_page_levels(&page, 6, valid + 5, &others, &err);
    for (size_t k = 0; !st && k < 11; k++)
      *at++ = (k < 5 ? some == 5 || (some && valid[k]) : others == 6 || (others && valid[k])) ? '1'
                                                                                              : '0';
    if (st != (levels[i].valid ? SHUKEI_OK : SHUKEI_EFORMAT) || !strstr(err.text, levels[i].text) ||
        (!st && (strcmp(text, levels[i].valid) != 0 || page.end != page.at)))
      fail_msg("%s: %s %s", levels[i].why, text, err.text);
    sk_page_reset(&page);
  }
}

/* ---- compression ----------------------------------------------------------------------------- */

static size_t pack_ours(enum sk_codec codec, const uint8_t *in, size_t length, uint8_t *out)
{
  struct sk_codec_state *state = NULL;
  size_t got = 0;
  assert_int_equal(sk_codec_new(NULL, &state, NULL), SHUKEI_OK);
  assert_int_equal(sk_compress(state, codec, 1, in, length, out, MOST, &got, NULL), SHUKEI_OK);
  sk_codec_free(state);
  return got;
}

static size_t pack_gzip(const uint8_t *in, size_t length, uint8_t *out)
{
  struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);
  const size_t got = libdeflate_gzip_compress(packer, in, length, out, MOST);
  libdeflate_free_compressor(packer);
  return got;
}

/* One block that is stored as it is, then an empty last one. */
static size_t pack_brotli(const uint8_t *in, size_t length, uint8_t *out)
{
  const uint32_t head = (uint32_t)(length - 1) << 4 | 1u << 20;
  for (int i = 0; i < 3; i++)
    out[i] = (uint8_t)(head >> 8 * i);
  memcpy(out + 3, in, length);
  out[3 + length] = 3;
  return length + 4;
}

static size_t pack(enum sk_codec codec, const uint8_t *in, size_t length, uint8_t *out)
{
  switch (codec) {
  case SK_CODEC_GZIP:
    return pack_gzip(in, length, out);
  case SK_CODEC_BROTLI:
    return pack_brotli(in, length, out);
  case SK_CODEC_LZ4:
  case SK_CODEC_LZ4_RAW:
    return (size_t)LZ4_compress_default((const char *)in, (char *)out, (int)length, MOST);
  default:
    return pack_ours(codec, in, length, out);
  }
}

static const enum sk_codec codecs[] = {SK_CODEC_SNAPPY, SK_CODEC_GZIP,    SK_CODEC_LZ4,
                                       SK_CODEC_BROTLI, SK_CODEC_LZ4_RAW, SK_CODEC_ZSTD};

struct packed {
  uint8_t plain[64], body[MOST];
  struct sk_page_header header;
};

/* 16 integers 0, 1, ... of a column without nulls, in a page of version 1 or 2. */
static void make_packed(enum sk_codec codec, bool v2, struct packed *packed)
{
  *packed = (struct packed){.header = {.type = v2 ? SK_PAGE_DATA_V2 : SK_PAGE_DATA,
                                       .uncompressed_length = 64,
                                       .value_count = 16,
                                       .encoding = SK_ENCODING_PLAIN,
                                       .definition_encoding = SK_ENCODING_RLE,
                                       .compressed = true}};
  for (uint32_t i = 0; i < 16; i++)
    sk_put_le32(packed->plain + 4 * i, i);
  packed->header.stored_length =
      (uint32_t)pack(codec, packed->plain, sizeof packed->plain, packed->body);
}

static shukei_status read_packed(enum sk_codec codec, const struct packed *packed,
                                 struct sk_budget *budget)
{
  const struct sk_column_meta column = {.type = SK_TYPE_INT32};
  const uint8_t *raw = NULL;
  size_t got = 0;
  struct sk_codec_state *codec_state = NULL;
  struct sk_page page;
  sk_page_init(&page, &column, budget);
  shukei_status st = sk_codec_new(budget, &codec_state, NULL);
  if (!st)
    st = sk_page_load(&page, &packed->header, packed->body, codec, codec_state, NULL);
  if (!st)
    st = sk_page_fixed(&page, 16, &raw, &got, NULL);
  if (!st) {
    assert_int_equal(got, 16);
    assert_memory_equal(raw, packed->plain, sizeof packed->plain);
  }
  sk_page_reset(&page);
  sk_codec_free(codec_state);
  return st;
}

static void survives_failed_allocations_of_each_codec(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2 * SK_COUNT(codecs); i++) {
    struct sk_budget budget;
    struct packed packed;
    shukei_status st = SHUKEI_ENOMEM;
    int n = 0;
    sk_budget_init(&budget, UINT64_MAX);
    make_packed(codecs[i / 2], i % 2, &packed);
    for (; st == SHUKEI_ENOMEM; n++) {
      sk_test_fail_alloc(n);
      st = read_packed(codecs[i / 2], &packed, &budget);
      assert_true((st == SHUKEI_OK) != sk_test_alloc_failed());
      assert_int_equal(budget.used_bytes, 0);
    }
    sk_test_fail_alloc(-1);
    if (st || n < 3) /* the state and the page at least */
      fail_msg("%s: %s", sk_codec_name(codecs[i / 2]), shukei_status_name(st));
  }
}

static void refuses_lengths_that_a_codec_cannot_reach(void **state)
{
  (void)state;
  static const uint8_t few[20] = {0};
  for (size_t i = 0; i < SK_COUNT(codecs); i++) {
    struct sk_budget budget;
    uint8_t *bytes = NULL;
    size_t capacity = 0;
    shukei_error err = {0};
    struct sk_codec_state *codec_state = NULL;
    assert_int_equal(sk_codec_new(NULL, &codec_state, NULL), SHUKEI_OK);
    sk_budget_init(&budget, 1 << 20);
    const shukei_status st = sk_page_decompress(&budget, codec_state, codecs[i], few, 4, 1 << 30,
                                                &bytes, &capacity, &err);
    if (st != (codecs[i] != SK_CODEC_BROTLI ? SHUKEI_EFORMAT : SHUKEI_ENOMEM))
      fail_msg("%s: %s", sk_codec_name(codecs[i]), err.text);
    assert_null(bytes);
    sk_codec_free(codec_state);
  }
}

/* A page for which there was no memory is broken if it is said to be more than its chunk. */
static void memory_is_not_what_an_impossible_page_lacks(void **state)
{
  (void)state;
  static const struct {
    uint32_t page;
    int64_t chunk;
    shukei_status came_to, want;
  } cases[] = {
      {100, 99, SHUKEI_ENOMEM, SHUKEI_EFORMAT},
      {100, 100, SHUKEI_ENOMEM, SHUKEI_ENOMEM},
      {100, 99, SHUKEI_OK, SHUKEI_OK},
      {100, 99, SHUKEI_ETRUNC, SHUKEI_ETRUNC},
      {UINT32_MAX, 0, SHUKEI_ENOMEM, SHUKEI_EFORMAT},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct sk_chunk_meta chunk = {.uncompressed_bytes = cases[i].chunk};
    const struct sk_page_header header = {.uncompressed_length = cases[i].page};
    assert_int_equal(sk_page_refused(&chunk, &header, cases[i].came_to, NULL), cases[i].want);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_each_encoding),
      cmocka_unit_test(refuses_pages_cut_anywhere),
      cmocka_unit_test(survives_failed_allocations_of_each_encoding),
      cmocka_unit_test(reads_levels),
      cmocka_unit_test(survives_failed_allocations_of_each_codec),
      cmocka_unit_test(refuses_lengths_that_a_codec_cannot_reach),
      cmocka_unit_test(memory_is_not_what_an_impossible_page_lacks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
