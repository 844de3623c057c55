/* SPDX-License-Identifier: Apache-2.0 */
/* The column reader on files built page by page: dictionaries that end in mid-chunk, empty pages,
 * nulls in every form, skipping, and messages that name the place. */
#include "tiny_parquet.h"

#include "parquet/encode_rle.h"
#include "parquet/values.h"

static const struct tiny_column text_column = {
    .type = SK_TYPE_BYTE_ARRAY, .repetition = SK_OPTIONAL, .converted = 1};
static const struct tiny_column required_text = {.type = SK_TYPE_BYTE_ARRAY,
                                                 .repetition = SK_REQUIRED};
static const struct tiny_column double_column = {.type = SK_TYPE_DOUBLE, .repetition = SK_OPTIONAL};
static const struct tiny_column micros_column = {
    .type = SK_TYPE_INT64, .repetition = SK_OPTIONAL, .logical = 8, .unit = 2};

static void add_text(struct sk_buffer *b, const char *text)
{
  uint8_t length[4];
  sk_put_le32(length, (uint32_t)strlen(text));
  sk_buffer_add(b, length, 4);
  sk_buffer_text(b, text);
}

static void add_double(struct sk_buffer *b, double value)
{
  uint8_t bytes[8];
  sk_put_le64(bytes, sk_bits_of_double(value));
  sk_buffer_add(b, bytes, 8);
}

/* Version 1 definition levels, with their length in front. */
static void add_levels(struct sk_buffer *b, const char *pattern)
{
  uint32_t levels[64];
  const size_t n = strlen(pattern), begin = b->length;
  uint8_t length[4] = {0};
  for (size_t i = 0; i < n; i++)
    levels[i] = pattern[i] == '1';
  sk_buffer_add(b, length, 4);
  assert_true(sk_encode_rle(b, levels, n, 1));
  sk_put_le32(b->bytes + begin, (uint32_t)(b->length - begin - 4));
}

static void add_codes(struct sk_buffer *b, const char *digits, uint8_t width)
{
  uint32_t codes[64];
  const size_t n = strlen(digits);
  for (size_t i = 0; i < n; i++)
    codes[i] = (uint32_t)(digits[i] - '0');
  sk_buffer_byte(b, width);
  assert_true(sk_encode_rle(b, codes, n, width));
}

/* Rows: a b - a c | (empty page) | c c c | plain: d - a | again codes: b */
static void build_mixed(struct tiny *t)
{
  struct sk_buffer b;
  sk_buffer_init(&b, NULL, 4096);
  tiny_begin(t);
  add_text(&b, "a");
  add_text(&b, "b");
  add_text(&b, "c");
  add_text(&b, "never used");
  tiny_page(t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, 4, b.bytes, b.length);
  sk_buffer_clear(&b);
  add_levels(&b, "11011");
  add_codes(&b, "0102", 2);
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 5, b.bytes, b.length);
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 0, "", 0);
  tiny_page(t, SK_PAGE_INDEX, 0, 0, "skip me", 7);
  sk_buffer_clear(&b);
  add_levels(&b, "111");
  add_codes(&b, "222", 2);
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_PLAIN_DICTIONARY, 3, b.bytes, b.length);
  sk_buffer_clear(&b);
  add_levels(&b, "101");
  add_text(&b, "d");
  add_text(&b, "a");
  tiny_page(t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 3, b.bytes, b.length);
  sk_buffer_clear(&b);
  const uint8_t level_run[] = {2, 1}; /* one row, present */
  sk_buffer_add(&b, level_run, 2);
  add_codes(&b, "1", 2);
  tiny_page_v2(t, SK_ENCODING_RLE_DICTIONARY, 1, 2, b.bytes, b.length);
  tiny_end(t, &text_column, 12);
  sk_buffer_reset(&b);
}

static const char *const mixed_rows[] = {"a", "b", NULL, "a",  "c", "c",
                                         "c", "c", "d",  NULL, "a", "b"};

static void expect_texts(struct sk_intern *table, const uint32_t *ids, size_t from, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const char *want = mixed_rows[from + i];
    if (!want) {
      assert_true(ids[i] == SK_NO_ID);
      continue;
    }
    assert_true(ids[i] != SK_NO_ID);
    const struct sk_intern_entry *e = sk_intern_at(table, ids[i]);
    if (e->length != strlen(want) || memcmp(e->bytes, want, e->length) != 0)
      fail_msg("row %zu: %.*s, expected %s", from + i, (int)e->length, e->bytes, want);
  }
}

static void reads_a_dictionary_that_ends_in_mid_chunk(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_intern table;
  struct sk_column *column;
  shukei_error err;
  build_mixed(&t);
  if (tiny_open(&t, &err))
    fail_msg("%s", err.text);
  for (size_t piece = 1; piece <= 12; piece++) {
    uint32_t ids[12];
    assert_true(sk_intern_init(&table, &t.budget));
    if (sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err))
      fail_msg("%s", err.text);
    for (size_t row = 0; row < 12; row += piece) {
      const size_t n = row + piece > 12 ? 12 - row : piece;
      if (sk_column_ids(column, &table, n, ids, &err))
        fail_msg("%s", err.text);
      expect_texts(&table, ids, row, n);
    }
    assert_int_equal(sk_column_row(column), 12);
    assert_int_equal(table.count, 5); /* the empty text and a to d; no entry is interned unused */
    assert_int_equal(sk_column_ids(column, &table, 1, ids, &err), SHUKEI_EINVAL);
    sk_column_close(column);
    sk_intern_reset(&table);
  }
  tiny_free(&t);
}

static void skips_to_any_row(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_intern table;
  struct sk_column *column;
  shukei_error err;
  build_mixed(&t);
  assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
  assert_true(sk_intern_init(&table, &t.budget));
  for (int64_t first = 0; first <= 12; first++) {
    for (int64_t second = first; second <= 12; second++) {
      uint32_t ids[12];
      assert_int_equal(sk_column_open(t.file, 0, 0, first, NULL, &t.budget, &column, &err),
                       SHUKEI_OK);
      assert_int_equal(sk_column_row(column), first);
      assert_int_equal(sk_column_skip_to(column, second, &err), SHUKEI_OK);
      if (sk_column_ids(column, &table, (size_t)(12 - second), ids, &err))
        fail_msg("%s", err.text);
      expect_texts(&table, ids, (size_t)second, (size_t)(12 - second));
      if (second)
        assert_int_equal(sk_column_skip_to(column, second - 1, &err), SHUKEI_EINVAL);
      sk_column_close(column);
    }
  }
  assert_int_equal(sk_column_open(t.file, 0, 0, 13, NULL, &t.budget, &column, &err), SHUKEI_EINVAL);
  sk_intern_reset(&table);
  tiny_free(&t);
}

static void changes_tables(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_intern one, two;
  struct sk_column *column;
  uint32_t ids[12];
  build_mixed(&t);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_true(sk_intern_init(&one, &t.budget) && sk_intern_init(&two, &t.budget));
  sk_intern_add(&two, "x", 1);
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_ids(column, &one, 4, ids, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_ids(column, &two, 8, ids, NULL), SHUKEI_OK);
  expect_texts(&two, ids, 4, 8);
  sk_column_close(column);
  sk_intern_reset(&one);
  sk_intern_reset(&two);
  tiny_free(&t);
}

static void reads_numbers_with_nulls(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_buffer b;
  struct sk_column *column;
  double values[20];
  uint8_t valid[20];
  uint64_t nulls = 3;
  sk_buffer_init(&b, NULL, 4096);
  tiny_begin(&t);
  add_levels(&b, "0101100111");
  for (int i = 0; i < 6; i++)
    add_double(&b, i + 0.5);
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 10, b.bytes, b.length);
  sk_buffer_clear(&b);
  add_levels(&b, "0000000000");
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 10, b.bytes, b.length);
  tiny_end(&t, &double_column, 20);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_doubles(column, 20, values, valid, &nulls, NULL), SHUKEI_OK);
  assert_int_equal(nulls, 3 + 14);
  assert_memory_equal(valid, "\0\1\0\1\1\0\0\1\1\1\0\0\0\0\0\0\0\0\0\0", 20);
  const double want[] = {0, 0.5, 0, 1.5, 2.5, 0, 0, 3.5, 4.5, 5.5, 0};
  for (size_t i = 0; i < SK_COUNT(want); i++)
    assert_true(values[i] == want[i]);
  sk_column_close(column);
  sk_buffer_reset(&b);
  tiny_free(&t);
}

/* One data page that is wrong in some way; `want` is the end of the message. */
static void refuses_wrong_pages(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    const struct tiny_column *column;
    int32_t encoding, count;
    int64_t rows;
    const char *bytes;
    size_t length;
    const char *want;
  } rows[] = {
      {"unknown encoding", &required_text, 33, 1, 1, "\0\0\0\0", 4, "page 0: encoding 33 is"},
      {"an encoding of another type", &required_text, SK_ENCODING_DELTA_BINARY_PACKED, 1, 1, "", 0,
       "page 0: encoding DELTA_BINARY_PACKED of BYTE_ARRAY values"},
      {"too few rows", &required_text, SK_ENCODING_PLAIN, 1, 2, "\0\0\0\0", 4,
       "page 0: ends after 1 of 2 rows"},
      {"too many rows", &required_text, SK_ENCODING_PLAIN, 3, 2, "\0\0\0\0", 4,
       "page 0: 3 values behind 0 of 2 rows"},
      {"no values", &required_text, SK_ENCODING_PLAIN, 2, 2, "\0\0\0\0", 4,
       "page 0: the page's values end too early"},
      {"a long text", &required_text, SK_ENCODING_PLAIN, 1, 1, "\5\0\0\0abcd", 8,
       "page 0: a value of 5 bytes, 4 are left in the page"},
      {"a huge text", &required_text, SK_ENCODING_PLAIN, 1, 1, "\xff\xff\xff\xff", 4,
       "page 0: a value of 4294967295 bytes, 0 are left in the page"},
      {"codes without a dictionary", &required_text, SK_ENCODING_RLE_DICTIONARY, 1, 1, "\1\2\0", 3,
       "page 0: dictionary codes without a dictionary"},
      {"levels without length", &text_column, SK_ENCODING_PLAIN, 1, 1, "\1\0\0", 3,
       "page 0: definition levels of 0 bytes in a page of 3"},
      {"long levels", &text_column, SK_ENCODING_PLAIN, 1, 1, "\2\0\0\0\2", 5,
       "page 0: definition levels of 2 bytes in a page of 5"},
      {"few levels", &text_column, SK_ENCODING_PLAIN, 5, 5, "\2\0\0\0\4\0", 6,
       "page 0: the definition levels end too early"},
      {"a level of 2", &text_column, SK_ENCODING_PLAIN, 1, 1, "\2\0\0\0\2\2", 6,
       "page 0: definition level 2, the highest is 1"},
      {"a negative length", &required_text, SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY, 1, 1,
       "\x80\1\4\1\1", 5, "page 0: a value of -1 bytes, 0 are left in the page"},
      {"few lengths", &required_text, SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY, 2, 2, "\x80\1\4\1\0", 5,
       "page 0: a delta encoding holds fewer values than the page"},
      {"a prefix of nothing", &required_text, SK_ENCODING_DELTA_BYTE_ARRAY, 1, 1,
       "\x80\1\4\1\2\x80\1\4\1\0", 10, "a prefix of 1 bytes, the value before it has 0"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    struct sk_intern table;
    struct sk_column *column;
    uint32_t ids[8];
    char want[256];
    shukei_error err = {0};
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DATA, rows[i].encoding, rows[i].count, rows[i].bytes, rows[i].length);
    tiny_end(&t, rows[i].column, rows[i].rows);
    if (tiny_open(&t, &err))
      fail_msg("%s", err.text);
    assert_true(sk_intern_init(&table, &t.budget));
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    const shukei_status st = sk_column_ids(column, &table, (size_t)rows[i].rows, ids, &err);
    snprintf(want, sizeof want, "%s", "t.parquet: column c, row group 0, ");
    if ((st != SHUKEI_EFORMAT && st != SHUKEI_EUNSUPPORTED) || !strstr(err.text, rows[i].want) ||
        strncmp(err.text, want, strlen(want)) != 0)
      fail_msg("%s: %s: %s", rows[i].why, shukei_status_name(st), err.text);
    sk_column_close(column);
    sk_intern_reset(&table);
    tiny_free(&t);
  }
}

static void refuses_wrong_dictionaries(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    int32_t encoding, count;
    const char *bytes;
    size_t length;
    const char *want;
  } rows[] = {
      {"a code beyond", SK_ENCODING_PLAIN, 1, "\0\0\0\0", 4,
       "page 0: dictionary code 1 of a dictionary of 1"},
      {"an empty one", SK_ENCODING_PLAIN, 0, "", 0,
       "page 0: dictionary code 1 of a dictionary of 0"},
      {"more entries than bytes", SK_ENCODING_PLAIN, 1000000, "\0\0\0\0", 4,
       "dictionary page: 1000000 entries in 4 bytes"},
      {"a long entry", SK_ENCODING_PLAIN, 1, "\1\0\0\0", 4,
       "dictionary page: entry 0 of 1 passes the page's end"},
      {"another encoding", SK_ENCODING_RLE, 1, "\0\0\0\0", 4,
       "dictionary page: encoding 3, expected PLAIN"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    struct sk_intern table;
    struct sk_column *column;
    uint32_t ids[8];
    shukei_error err = {0};
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DICTIONARY, rows[i].encoding, rows[i].count, rows[i].bytes,
              rows[i].length);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 1, "\1\2\1", 3);
    tiny_end(&t, &required_text, 1);
    assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
    assert_true(sk_intern_init(&table, &t.budget));
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    const shukei_status st = sk_column_ids(column, &table, 1, ids, &err);
    if (st != SHUKEI_EFORMAT || !strstr(err.text, rows[i].want))
      fail_msg("%s: %s: %s", rows[i].why, shukei_status_name(st), err.text);
    sk_column_close(column);
    sk_intern_reset(&table);
    tiny_free(&t);
  }
}

/* Entries of eight bytes: one that the page has not is not read. */
static void refuses_numbers_behind_a_dictionary(void **state)
{
  (void)state;
  static const struct tiny_column wide = {.type = SK_TYPE_INT64, .repetition = SK_REQUIRED};
  for (int32_t count = 2; count < 5; count++) {
    struct tiny t;
    struct sk_column *column;
    int64_t values[1];
    shukei_error err = {0};
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, count, "1234567812345678", 16);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 1, "\1\2\0", 3);
    tiny_end(&t, &wide, 1);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    assert_int_equal(sk_column_integers(column, 1, values, NULL, &err),
                     count == 2 ? SHUKEI_OK : SHUKEI_EFORMAT);
    assert_true(count == 2 || strstr(err.text, "entries of 8 bytes in 16"));
    sk_column_close(column);
    tiny_free(&t);
  }
}

/* Codes of 32 bits, the first of nine: as one run, and packed. */
static void refuses_codes_of_any_size(void **state)
{
  (void)state;
  static const uint32_t codes[] = {
      1, 2, 3, INT32_MAX, UINT32_C(1) << 31, (UINT32_C(1) << 31) + 1, UINT32_MAX - 1, UINT32_MAX};
  for (size_t i = 0; i < SK_COUNT(codes) * 2; i++) {
    struct tiny t;
    struct sk_intern table;
    struct sk_column *column;
    uint32_t ids[8];
    shukei_error err = {0};
    const bool packed = i % 2;
    uint8_t page[34] = {32, packed ? 3 : 16};
    sk_put_le32(page + 2, codes[i / 2]);
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, 1, "\0\0\0\0", 4);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 8, page, packed ? 34 : 6);
    tiny_end(&t, &required_text, 8);
    assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
    assert_true(sk_intern_init(&table, &t.budget));
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
    assert_int_equal(sk_column_ids(column, &table, 8, ids, &err), SHUKEI_EFORMAT);
    assert_non_null(strstr(err.text, "of a dictionary of 1"));
    sk_column_close(column);
    sk_intern_reset(&table);
    tiny_free(&t);
  }
}

enum { SHARED_PAGES = 6 };

/* Pages of eight rows with levels and numbers of their own. */
static void build_numbers(struct tiny *t, uint64_t *seed, double *want, uint8_t *valid)
{
  struct sk_buffer b;
  sk_buffer_init(&b, NULL, 4096);
  tiny_begin(t);
  t->codec = SK_CODEC_SNAPPY;
  for (size_t page = 0; page < SHARED_PAGES; page++) {
    const uint8_t levels = (uint8_t)random_below(seed, 256);
    sk_buffer_clear(&b);
    sk_buffer_byte(&b, 3); /* a group of eight packed bits */
    sk_buffer_byte(&b, levels);
    for (size_t i = 0; i < 8; i++, want++, valid++) {
      *valid = levels >> i & 1;
      *want = *valid ? (double)random_below(seed, 1000) : 0;
      if (*valid)
        add_double(&b, *want);
    }
    tiny_page_v2(t, SK_ENCODING_PLAIN, 8, 2, b.bytes, b.length);
  }
  tiny_end(t, &double_column, SHARED_PAGES * 8);
  sk_buffer_reset(&b);
}

/* Readers of several files that share their tools, in turn. */
static void shares_tools(void **state)
{
  (void)state;
  enum { files = 3, rows = SHARED_PAGES * 8 };
  uint64_t seed = 5;
  for (int round = 0; round < 100; round++) {
    struct tiny t[files];
    struct sk_budget budget;
    struct sk_column *columns[files];
    struct sk_column_tools *tools;
    double want[files][rows];
    uint8_t valid[files][rows];
    int64_t at[files] = {0};
    sk_budget_init(&budget, UINT64_MAX);
    assert_int_equal(sk_column_tools_new(&budget, &tools, NULL), SHUKEI_OK);
    for (int f = 0; f < files; f++) {
      build_numbers(&t[f], &seed, want[f], valid[f]);
      assert_int_equal(tiny_open(&t[f], NULL), SHUKEI_OK);
      assert_int_equal(sk_column_open(t[f].file, 0, 0, 0, tools, &budget, &columns[f], NULL),
                       SHUKEI_OK);
    }
    for (int left = files; left;) {
      const size_t f = random_below(&seed, files);
      double got[rows];
      uint8_t got_valid[rows];
      if (at[f] == rows)
        continue;
      const size_t n = 1 + random_below(&seed, (size_t)(rows - at[f] > 11 ? 11 : rows - at[f]));
      assert_int_equal(sk_column_doubles(columns[f], n, got, got_valid, NULL, NULL), SHUKEI_OK);
      assert_memory_equal(got, want[f] + at[f], n * sizeof *got);
      assert_memory_equal(got_valid, valid[f] + at[f], n);
      at[f] += (int64_t)n;
      left -= at[f] == rows;
    }
    for (int f = 0; f < files; f++) {
      sk_column_close(columns[f]);
      tiny_free(&t[f]);
    }
    sk_column_tools_free(tools);
    assert_int_equal(budget.used_bytes, 0);
  }
}

static void complains_of_a_wrong_crc(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_column *column;
  double values[12];
  shukei_error err;
  struct sk_intern table;
  uint32_t ids[12];
  build_mixed(&t);
  for (uint8_t *at = t.out.bytes; at < t.out.bytes + t.out.length - 5; at++)
    if (memcmp(at, "\1\0\0\0d", 5) == 0)
      at[4] = 'e';
  assert_int_equal(tiny_open(&t, &err), SHUKEI_OK);
  assert_true(sk_intern_init(&table, &t.budget));
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, &err), SHUKEI_OK);
  assert_int_equal(sk_column_ids(column, &table, 12, ids, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "t.parquet: column c, row group 0, page 3: CRC is "));
  assert_int_equal(sk_column_doubles(column, 1, values, NULL, NULL, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "holds BYTE_ARRAY (STRING), expected numbers"));
  sk_column_close(column);
  sk_intern_reset(&table);
  tiny_free(&t);
}

static void knows_kinds_and_nothing(void **state)
{
  (void)state;
  static const struct {
    struct tiny_column column;
    enum sk_column_kind want;
  } rows[] = {
      {{.type = SK_TYPE_BYTE_ARRAY}, SK_KIND_TEXT},
      {{.type = SK_TYPE_BYTE_ARRAY, .converted = 6, .precision = 5, .scale = 2}, SK_KIND_NUMBER},
      {{.type = SK_TYPE_INT32, .converted = 7}, SK_KIND_TIME},
      {{.type = SK_TYPE_INT32, .converted = 8}, SK_KIND_OTHER},
      {{.type = SK_TYPE_INT64, .converted = 10}, SK_KIND_TIME},
      {{.type = SK_TYPE_INT64, .converted = 11}, SK_KIND_TIME},
      {{.type = SK_TYPE_INT64}, SK_KIND_NUMBER},
      {{.type = SK_TYPE_INT64, .converted = 15}, SK_KIND_NUMBER},
      {{.type = SK_TYPE_INT96}, SK_KIND_TIME},
      {{.type = SK_TYPE_BOOLEAN}, SK_KIND_OTHER},
      {{.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 2, .logical = 15}, SK_KIND_NUMBER},
      {{.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 3, .logical = 15}, SK_KIND_TEXT},
      {{.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 16, .logical = 14}, SK_KIND_OTHER},
      {{.type = SK_TYPE_INT64, .logical = 8, .unit = 3}, SK_KIND_TIME},
      {{.type = SK_TYPE_INT32, .logical = 8, .unit = 3}, SK_KIND_NUMBER},
      {{.type = SK_TYPE_INT32, .logical = 11}, SK_KIND_NULL},
      {{.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 12, .converted = 22, .logical = 11},
       SK_KIND_OTHER},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct tiny t;
    struct sk_column *column;
    struct tiny_column c = rows[i].column;
    c.repetition = SK_OPTIONAL;
    tiny_begin(&t);
    tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 3, "\2\0\0\0\6\0", 6); /* three nulls */
    tiny_end(&t, &c, 3);
    assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
    const enum sk_column_kind kind = sk_column_kind(&sk_file_meta(t.file)->columns[0]);
    if (kind != rows[i].want)
      fail_msg("row %zu: kind %d", i, (int)kind);
    assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, NULL), SHUKEI_OK);
    double doubles[3];
    int64_t times[3];
    uint8_t valid[3] = {1, 1, 1};
    assert_int_equal(sk_column_doubles(column, 1, doubles, valid, NULL, NULL),
                     kind == SK_KIND_NUMBER || kind == SK_KIND_NULL ? SHUKEI_OK : SHUKEI_EFORMAT);
    assert_int_equal(sk_column_times(column, 1, times, valid, NULL),
                     kind == SK_KIND_TIME || kind == SK_KIND_NULL ? SHUKEI_OK : SHUKEI_EFORMAT);
    sk_column_close(column);
    tiny_free(&t);
  }
}

static void reads_instants(void **state)
{
  (void)state;
  struct tiny t;
  struct sk_buffer b;
  struct sk_column *column;
  int64_t times[4];
  uint8_t valid[4];
  sk_buffer_init(&b, NULL, 4096);
  tiny_begin(&t);
  for (int64_t i = 0; i < 3; i++) {
    uint8_t bytes[8];
    sk_put_le64(bytes, (uint64_t)(i * -1000001));
    sk_buffer_add(&b, bytes, 8);
  }
  tiny_page(&t, SK_PAGE_DICTIONARY, SK_ENCODING_PLAIN, 3, b.bytes, b.length);
  sk_buffer_clear(&b);
  add_levels(&b, "1101");
  add_codes(&b, "201", 2);
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_RLE_DICTIONARY, 4, b.bytes, b.length);
  tiny_end(&t, &micros_column, 4);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, NULL), SHUKEI_OK);
  assert_int_equal(sk_column_times(column, 4, times, valid, NULL), SHUKEI_OK);
  assert_true(times[0] == -2000002 && times[1] == 0 && times[2] == 0 && times[3] == -1000001);
  assert_memory_equal(valid, "\1\1\0\1", 4);
  sk_column_close(column);
  sk_buffer_reset(&b);
  tiny_free(&t);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct tiny t;
  uint32_t ids[12];
  shukei_status st = SHUKEI_ENOMEM;
  build_mixed(&t);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_intern table;
    struct sk_column *column = NULL;
    assert_true(sk_intern_init(&table, &t.budget));
    sk_test_fail_alloc(n);
    st = sk_column_open(t.file, 0, 0, 0, NULL, &t.budget, &column, NULL);
    assert_true((st == SHUKEI_OK) == (column != NULL));
    if (!st)
      st = sk_column_ids(column, &table, 12, ids, NULL);
    sk_test_fail_alloc(-1);
    if (!st)
      expect_texts(&table, ids, 0, 12);
    sk_column_close(column);
    sk_intern_reset(&table);
  }
  assert_int_equal(st, SHUKEI_OK);
  tiny_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_a_dictionary_that_ends_in_mid_chunk),
      cmocka_unit_test(skips_to_any_row),
      cmocka_unit_test(changes_tables),
      cmocka_unit_test(reads_numbers_with_nulls),
      cmocka_unit_test(refuses_wrong_pages),
      cmocka_unit_test(refuses_wrong_dictionaries),
      cmocka_unit_test(refuses_numbers_behind_a_dictionary),
      cmocka_unit_test(refuses_codes_of_any_size),
      cmocka_unit_test(shares_tools),
      cmocka_unit_test(complains_of_a_wrong_crc),
      cmocka_unit_test(knows_kinds_and_nothing),
      cmocka_unit_test(reads_instants),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
