/* SPDX-License-Identifier: Apache-2.0 */
/* Booleans and texts as they are, from pages of every encoding of texts, with and without nulls. */
#include "tiny_parquet.h"

#include "parquet/encode_rle.h"
#include "parquet/values.h"

static const char *const rows[] = {"a", NULL, "", "abc", "abd", NULL, "a", "abd", "zz"};
enum { ROWS = SK_COUNT(rows) };

/* Levels as version 1 has them, the length in front. */
static void add_levels(struct sk_buffer *b)
{
  uint32_t levels[ROWS];
  const size_t begin = b->length;
  for (size_t i = 0; i < ROWS; i++)
    levels[i] = rows[i] != NULL;
  sk_buffer_add(b, "\0\0\0\0", 4);
  assert_true(sk_encode_rle(b, levels, ROWS, 1));
  sk_put_le32(b->bytes + begin, (uint32_t)(b->length - begin - 4));
}

static void add_text(struct sk_buffer *b, const char *text)
{
  uint8_t length[4];
  sk_put_le32(length, (uint32_t)strlen(text));
  sk_buffer_add(b, length, 4);
  sk_buffer_text(b, text);
}

/* DELTA_BINARY_PACKED of up to 32 numbers below 64, of 8 bits each. */
static void add_deltas(struct sk_buffer *b, const int *numbers, size_t n)
{
  int least = 0;
  uint8_t bytes[32] = {0};
  for (size_t i = 1; i < n; i++)
    least = numbers[i] - numbers[i - 1] < least ? numbers[i] - numbers[i - 1] : least;
  for (size_t i = 1; i < n; i++)
    bytes[i - 1] = (uint8_t)(numbers[i] - numbers[i - 1] - least);
  const uint8_t head[] = {
      0x80, 0x01, 4, (uint8_t)n, (uint8_t)(numbers[0] * 2), (uint8_t)(-least * 2 - (least ? 1 : 0)),
      8,    0,    0, 0};
  sk_buffer_add(b, head, sizeof head);
  sk_buffer_add(b, bytes, sizeof bytes);
}

static void build(struct tiny *t, enum sk_encoding encoding)
{
  const struct tiny_column column = {.type = SK_TYPE_BYTE_ARRAY, .repetition = SK_OPTIONAL};
  struct sk_buffer b;
  int lengths[ROWS], prefixes[ROWS];
  size_t n = 0;
  tiny_begin(t);
  sk_buffer_init(&b, NULL, 4096);
  if (encoding == SK_ENCODING_RLE_DICTIONARY) {
    for (size_t i = 0; i < ROWS; i++)
      if (rows[i])
        add_text(&b, rows[i]), n++;
    tiny_page(t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, (int32_t)n, b.bytes, b.length);
    sk_buffer_clear(&b);
  }
  add_levels(&b);
  const char *before = "";
  uint32_t codes[ROWS];
  n = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (!rows[i])
      continue;
    size_t same = 0;
    while (encoding == SK_ENCODING_DELTA_BYTE_ARRAY && before[same] &&
           before[same] == rows[i][same])
      same++;
    prefixes[n] = (int)same;
    lengths[n] = (int)(strlen(rows[i]) - same);
    codes[n] = (uint32_t)n;
    before = rows[i];
    n++;
    if (encoding == SK_ENCODING_PLAIN)
      add_text(&b, rows[i]);
  }
  if (encoding == SK_ENCODING_RLE_DICTIONARY) {
    sk_buffer_byte(&b, 3);
    assert_true(sk_encode_rle(&b, codes, n, 3));
  } else if (encoding != SK_ENCODING_PLAIN) {
    if (encoding == SK_ENCODING_DELTA_BYTE_ARRAY)
      add_deltas(&b, prefixes, n);
    add_deltas(&b, lengths, n);
    n = 0;
    for (size_t i = 0; i < ROWS; i++)
      if (rows[i])
        sk_buffer_text(&b, rows[i] + prefixes[n++]);
  }
  tiny_page(t, SK_PAGE_DATA, (int32_t)encoding, ROWS, b.bytes, b.length);
  tiny_end(t, &column, ROWS);
  sk_buffer_reset(&b);
}

static void gives_texts_of_every_encoding(void **state)
{
  (void)state;
  static const enum sk_encoding encodings[] = {SK_ENCODING_PLAIN, SK_ENCODING_RLE_DICTIONARY,
                                               SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
                                               SK_ENCODING_DELTA_BYTE_ARRAY};
  for (size_t k = 0; k < SK_COUNT(encodings); k++) {
    struct tiny t;
    shukei_error err;
    build(&t, encodings[k]);
    if (tiny_open(&t, &err))
      fail_msg("%s", err.text);
    for (size_t piece = 1; piece <= ROWS; piece++) {
      struct sk_column *column = NULL;
      struct sk_slice texts[ROWS];
      struct sk_arena arena;
      sk_arena_init(&arena, &t.budget);
      assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
      for (size_t row = 0; row < ROWS; row += piece) {
        const size_t n = ROWS - row < piece ? ROWS - row : piece;
        if (sk_column_texts(column, n, texts + row, &arena, &err))
          fail_msg("%s", err.text);
      }
      for (size_t i = 0; i < ROWS; i++) { /* all still there */
        assert_int_equal(texts[i].bytes != NULL, rows[i] != NULL);
        if (rows[i] && (texts[i].length != strlen(rows[i]) ||
                        memcmp(texts[i].bytes, rows[i], texts[i].length) != 0))
          fail_msg("row %zu: %.*s", i, (int)texts[i].length, (const char *)texts[i].bytes);
      }
      assert_int_equal(sk_column_texts(column, 1, texts, &arena, &err), SHUKEI_EINVAL);
      sk_column_close(column);
      sk_arena_reset(&arena);
    }
    tiny_free(&t);
  }
}

static void gives_booleans(void **state)
{
  (void)state;
  const struct tiny_column meta = {.type = SK_TYPE_BOOLEAN, .repetition = SK_OPTIONAL};
  struct tiny t;
  struct sk_buffer b;
  struct sk_column *column = NULL;
  shukei_error err;
  uint8_t values[ROWS], valid[ROWS];
  const uint8_t want[] = {1, 0, 0, 1, 1, 0, 0, 1, 0}; /* nulls are 0 */
  sk_buffer_init(&b, NULL, 4096);
  tiny_begin(&t);
  add_levels(&b);
  sk_buffer_byte(&b, 0x2d); /* 1 0 1 1 0 1 0 */
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, ROWS, b.bytes, b.length);
  tiny_end(&t, &meta, ROWS);
  assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
  assert_int_equal(sk_column_booleans(column, 4, values, valid, &err), SHUKEI_OK);
  assert_int_equal(sk_column_booleans(column, 5, values + 4, valid + 4, &err), SHUKEI_OK);
  assert_memory_equal(values, want, ROWS);
  for (size_t i = 0; i < ROWS; i++)
    assert_int_equal(valid[i], rows[i] != NULL);
  sk_column_close(column);
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
  assert_int_equal(sk_column_texts(column, 1, NULL, NULL, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "holds BOOLEAN (NONE), expected texts"));
  sk_column_close(column);
  sk_buffer_reset(&b);
  tiny_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_texts_of_every_encoding),
      cmocka_unit_test(gives_booleans),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
