/* SPDX-License-Identifier: Apache-2.0 */
/* Booleans and texts as they are, from pages of every encoding of texts, with and without nulls. */
#include "tiny_parquet.h"

#include "parquet/encode_rle.h"
#include "parquet/values.h"

static const char *const rows[] = {"a", NULL, "", "abc", "abd", NULL, "a", "abd", "zz"};
enum { ROWS = SK_COUNT(rows) };

/* Pages have the same rows, each from another one on. */
static const char *row_at(size_t page, size_t i)
{
  return rows[(i + page) % ROWS];
}

/* Levels as version 1 has them, the length in front. */
static void add_levels(struct sk_buffer *b, size_t page)
{
  uint32_t levels[ROWS];
  const size_t begin = b->length;
  for (size_t i = 0; i < ROWS; i++)
    levels[i] = row_at(page, i) != NULL;
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

static void add_dictionary(struct tiny *t, struct sk_buffer *b, size_t page)
{
  int32_t n = 0;
  for (size_t i = 0; i < ROWS; i++)
    if (row_at(page, i))
      add_text(b, row_at(page, i)), n++;
  tiny_page(t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, n, b->bytes, b->length);
  sk_buffer_clear(b);
}

/* What a dictionary of the page's rows has are their codes. */
static void add_texts(struct sk_buffer *b, enum sk_encoding encoding, size_t page)
{
  int lengths[ROWS], prefixes[ROWS];
  uint32_t codes[ROWS];
  const char *before = "";
  size_t n = 0;
  for (size_t i = 0; i < ROWS; i++) {
    const char *text = row_at(page, i);
    size_t same = 0;
    if (!text)
      continue;
    while (encoding == SK_ENCODING_DELTA_BYTE_ARRAY && before[same] && before[same] == text[same])
      same++;
    prefixes[n] = (int)same;
    lengths[n] = (int)(strlen(text) - same);
    codes[n] = (uint32_t)n;
    before = text;
    n++;
    if (encoding == SK_ENCODING_PLAIN)
      add_text(b, text);
  }
  if (encoding == SK_ENCODING_RLE_DICTIONARY) {
    sk_buffer_byte(b, 3);
    assert_true(sk_encode_rle(b, codes, n, 3));
  } else if (encoding != SK_ENCODING_PLAIN) {
    if (encoding == SK_ENCODING_DELTA_BYTE_ARRAY)
      add_deltas(b, prefixes, n);
    add_deltas(b, lengths, n);
    n = 0;
    for (size_t i = 0; i < ROWS; i++)
      if (row_at(page, i))
        sk_buffer_text(b, row_at(page, i) + prefixes[n++]);
  }
}

static const struct tiny_column text_column = {.type = SK_TYPE_BYTE_ARRAY,
                                               .repetition = SK_OPTIONAL};

static void build(struct tiny *t, enum sk_encoding encoding)
{
  struct sk_buffer b;
  tiny_begin(t);
  sk_buffer_init(&b, NULL, 4096);
  if (encoding == SK_ENCODING_RLE_DICTIONARY)
    add_dictionary(t, &b, 0);
  add_levels(&b, 0);
  add_texts(&b, encoding, 0);
  tiny_page(t, SK_PAGE_DATA, (int32_t)encoding, ROWS, b.bytes, b.length);
  tiny_end(t, &text_column, ROWS);
  sk_buffer_reset(&b);
}

/* A page of each encoding, in turn, each of which takes its predecessor's place when it is opened:
 * a codec is named, of which the pages do not make use. */
static const enum sk_encoding pages[] = {
    SK_ENCODING_PLAIN,
    SK_ENCODING_PLAIN,
    SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
    SK_ENCODING_DELTA_BYTE_ARRAY,
    SK_ENCODING_PLAIN,
    SK_ENCODING_DELTA_BYTE_ARRAY,
    SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
};
enum { PAGES = SK_COUNT(pages) };

static void build_pages(struct tiny *t)
{
  struct sk_buffer b;
  tiny_begin(t);
  t->codec = SK_CODEC_SNAPPY;
  sk_buffer_init(&b, NULL, 4096);
  for (size_t page = 0; page < PAGES; page++) {
    sk_buffer_clear(&b);
    add_levels(&b, page);
    const size_t levels = b.length;
    add_texts(&b, pages[page], page);
    tiny_page_v2(t, (int32_t)pages[page], ROWS, levels - 4, b.bytes + 4, b.length - 4);
  }
  tiny_end(t, &text_column, (int64_t)ROWS * PAGES);
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

static void keeps_texts_of_a_call_beyond_their_page(void **state)
{
  (void)state;
  struct tiny t;
  shukei_error err;
  build_pages(&t);
  assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
  for (size_t piece = 1; piece <= ROWS * PAGES; piece++) {
    struct sk_column *column = NULL;
    struct sk_slice texts[ROWS * PAGES];
    struct sk_arena arena;
    sk_arena_init(&arena, &t.budget);
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    for (size_t row = 0; row < ROWS * PAGES; row += piece) {
      const size_t n = ROWS * PAGES - row < piece ? ROWS * PAGES - row : piece;
      sk_arena_reset(&arena);
      if (sk_column_texts(column, n, texts, &arena, &err))
        fail_msg("%s", err.text);
      for (size_t i = 0; i < n; i++) {
        const char *want = row_at((row + i) / ROWS, (row + i) % ROWS);
        assert_int_equal(texts[i].bytes != NULL, want != NULL);
        if (want &&
            (texts[i].length != strlen(want) || memcmp(texts[i].bytes, want, texts[i].length) != 0))
          fail_msg("pieces of %zu, row %zu: %.*s, expected %s", piece, row + i,
                   (int)texts[i].length, (const char *)texts[i].bytes, want);
      }
    }
    sk_column_close(column);
    sk_arena_reset(&arena);
  }
  tiny_free(&t);
}

/* nulls are 0 */
static const uint8_t booleans[] = {1, 0, 0, 1, 1, 0, 0, 1, 0};
/* The values that are there, 1 0 1 1 0 1 0: as bits, as runs, as bits in the hybrid. */
static const struct {
  enum sk_encoding encoding;
  const char *bytes;
  size_t length;
} boolean_pages[] = {
    {SK_ENCODING_PLAIN, "\x2d", 1},
    {SK_ENCODING_RLE, "\x0c\0\0\0\x02\x01\x02\x00\x04\x01\x02\x00\x02\x01\x02\x00", 16},
    {SK_ENCODING_RLE, "\x06\0\0\0\x02\x01\x02\x00\x03\x0b", 10},
};

static void gives_booleans(void **state)
{
  (void)state;
  const struct tiny_column meta = {.type = SK_TYPE_BOOLEAN, .repetition = SK_OPTIONAL};
  for (size_t k = 0; k < SK_COUNT(boolean_pages); k++) {
    struct tiny t;
    struct sk_buffer b;
    struct sk_column *column = NULL;
    shukei_error err;
    uint8_t values[ROWS], valid[ROWS];
    sk_buffer_init(&b, NULL, 4096);
    tiny_begin(&t);
    add_levels(&b, 0);
    sk_buffer_add(&b, boolean_pages[k].bytes, boolean_pages[k].length);
    tiny_page(&t, SK_PAGE_DATA, (int32_t)boolean_pages[k].encoding, ROWS, b.bytes, b.length);
    tiny_end(&t, &meta, ROWS);
    assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
    for (size_t first = 0; first <= ROWS; first++) {
      assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
      assert_int_equal(sk_column_booleans(column, first, values, valid, &err), SHUKEI_OK);
      assert_int_equal(
          sk_column_booleans(column, ROWS - first, values + first, valid + first, &err), SHUKEI_OK);
      assert_memory_equal(values, booleans, ROWS);
      for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(valid[i], rows[i] != NULL);
      sk_column_close(column);
    }
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    assert_int_equal(sk_column_texts(column, 1, NULL, NULL, &err), SHUKEI_EFORMAT);
    assert_non_null(strstr(err.text, "holds BOOLEAN (NONE), expected texts"));
    sk_column_close(column);
    sk_buffer_reset(&b);
    tiny_free(&t);
  }
}

/* A dictionary that is not compressed and longer than what is read ahead, the last byte of it
 * flipped or not. */
static void reads_a_long_dictionary_to_its_place(void **state)
{
  (void)state;
  enum { ENTRIES = 3000, LENGTH = 200 };
  /* Eight of 16 bits: 0, 2999, ... */
  static const uint8_t codes[18] = {16, 3, 0, 0, 0xb7, 0x0b};
  const struct tiny_column column = {.type = SK_TYPE_BYTE_ARRAY, .repetition = SK_REQUIRED};
  for (int flipped = 0; flipped < 2; flipped++) {
    struct tiny t;
    struct sk_buffer b;
    struct sk_column *reader = NULL;
    struct sk_slice slices[2];
    struct sk_arena arena;
    char text[LENGTH + 1];
    shukei_error err;
    sk_buffer_init(&b, NULL, SIZE_MAX / 2);
    tiny_begin(&t);
    for (int i = 0; i < ENTRIES; i++) {
      snprintf(text, sizeof text, "%0*d", LENGTH, i);
      add_text(&b, text);
    }
    tiny_page(&t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, ENTRIES, b.bytes, b.length);
    t.out.bytes[t.out.length - 1] ^= (uint8_t)flipped;
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 2, codes, sizeof codes);
    tiny_end(&t, &column, 2);
    assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
    sk_arena_init(&arena, &t.budget);
    const uint64_t before = t.budget.used_bytes;
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &reader, &err), SHUKEI_OK);
    const shukei_status st = sk_column_texts(reader, 2, slices, &arena, &err);
    if (flipped) {
      assert_int_equal(st, SHUKEI_EFORMAT);
      assert_non_null(strstr(err.text, "dictionary page: CRC is "));
    } else {
      assert_int_equal(st, SHUKEI_OK);
      assert_true(slices[1].length == LENGTH && !memcmp(slices[1].bytes, text, LENGTH));
      assert_true(slices[0].length == LENGTH && slices[0].bytes[LENGTH - 1] == '0');
      /* What is read ahead, and the dictionary once. */
      assert_in_range(t.budget.used_bytes - before, ENTRIES * LENGTH, 2 * ENTRIES * LENGTH);
    }
    sk_column_close(reader);
    sk_arena_reset(&arena);
    sk_buffer_reset(&b);
    tiny_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_texts_of_every_encoding),
      cmocka_unit_test(keeps_texts_of_a_call_beyond_their_page),
      cmocka_unit_test(gives_booleans),
      cmocka_unit_test(reads_a_long_dictionary_to_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
