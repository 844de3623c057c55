/* SPDX-License-Identifier: Apache-2.0 */
/* The Parquet writer: what is written comes back by the reader, with right statistics, and does not
 * depend on how rows came in or on the number of threads. */
#include "memory_output.h"

#include "base/bytes.h"
#include "base/calendar.h"

#include <math.h>

#define MOST_ROWS 3000
#define MOST_COLUMNS 6
#define TEXTS 400
#define TABLES 11 /* more than the writer remembers */

/* ---- a table in memory --------------------------------------------------------------------- */

struct field {
  enum sk_write_kind kind;
  bool required;
  char name[32];
  uint8_t valid[MOST_ROWS];
  double doubles[MOST_ROWS];
  int64_t integers[MOST_ROWS];
  uint32_t texts[MOST_ROWS]; /* which of the texts */
};
struct table {
  size_t rows, column_count;
  struct field columns[MOST_COLUMNS];
};
enum shape { SHAPE_CONSTANT, SHAPE_FEW, SHAPE_CYCLE, SHAPE_RANDOM, SHAPE_TURNS_RANDOM, SHAPES };

static struct table the_table;

/* Text n: empty, short, long and with long common beginnings. */
static size_t text_of(uint32_t n, char text[200])
{
  static const char label[] =
      "{\"app\": \"a-common-beginning-of-more-than-64-bytes-as-labels-have\", ";
  static const char *const heads[] = {"pod-", "é-", label};
  if (n == 0)
    return 0;
  return (size_t)snprintf(text, 200, "%s%" PRIu32, heads[n % 3], n * 7919 % TEXTS);
}

static uint64_t number_of(enum shape shape, size_t row, uint64_t *random)
{
  const uint64_t any = next_random(random) >> 1;
  switch (shape) {
  case SHAPE_CONSTANT:
    return 5;
  case SHAPE_FEW:
    return any % 7;
  case SHAPE_CYCLE:
    return row % 131;
  case SHAPE_TURNS_RANDOM:
    return row < 900 ? row % 3 : any;
  default:
    return any;
  }
}

static double double_of(uint64_t number, uint64_t *random)
{
  static const double special[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 5e-324, -1.7e308};
  if (random_below(random, 40) == 0)
    return special[random_below(random, SK_COUNT(special))];
  return (double)(int64_t)number / 7.0 - 3.0;
}

static void make_column(struct field *field, size_t index, size_t rows, uint64_t *random)
{
  const enum shape shape = (enum shape)random_below(random, SHAPES);
  static const size_t null_shares[] = {0, 0, 1, 30, 100}; /* of a hundred */
  const size_t nulls = null_shares[random_below(random, SK_COUNT(null_shares))];
  field->kind = (enum sk_write_kind)random_below(random, 5);
  const size_t first =
      random_below(random, 4) ? 0 : random_below(random, rows + 1); /* that has one */
  field->required = nulls == 0 && first == 0 && random_below(random, 2) == 0;
  snprintf(field->name, sizeof field->name, "column_%zu", index);
  for (size_t row = 0; row < rows; row++) {
    const uint64_t number = number_of(shape, row, random);
    field->valid[row] = random_below(random, 100) >= nulls && row >= first;
    field->texts[row] = (uint32_t)(number % TEXTS);
    field->doubles[row] = double_of(number, random);
    field->integers[row] = (int64_t)number - 3;
    if (field->kind == SK_WRITE_DATE)
      field->integers[row] = (int64_t)(number % 100000) - 3;
  }
}

static void make_table(uint64_t seed)
{
  uint64_t random = seed;
  the_table.rows = random_below(&random, random_below(&random, 4) ? MOST_ROWS : 30);
  the_table.column_count = 1 + random_below(&random, MOST_COLUMNS);
  for (size_t i = 0; i < the_table.column_count; i++)
    make_column(&the_table.columns[i], i, the_table.rows, &random);
}

/* ---- writing it ---------------------------------------------------------------------------- */

/* Tables whose ids differ: each has the texts from another one on. */
static bool make_texts(struct sk_intern tables[TABLES], struct sk_budget *budget)
{
  char text[200];
  for (size_t t = 0; t < TABLES; t++) {
    if (!sk_intern_init(&tables[t], budget))
      return false;
    for (uint32_t n = 0; n < TEXTS; n++) {
      const uint32_t which = (n + (uint32_t)t * 37) % TEXTS;
      if (sk_intern_add(&tables[t], text, text_of(which, text)) == SK_NO_ID)
        return false;
    }
  }
  return true;
}

static shukei_status add_part(struct sk_writer *writer, const struct sk_intern *texts, size_t first,
                              size_t rows, shukei_error *err)
{
  struct sk_write_values values[MOST_COLUMNS];
  static uint32_t ids[MOST_COLUMNS][MOST_ROWS];
  char text[200];
  for (size_t i = 0; i < the_table.column_count; i++) {
    const struct field *field = &the_table.columns[i];
    const bool whole = !memchr(field->valid + first, 0, rows);
    values[i] =
        (struct sk_write_values){.valid = whole ? NULL : field->valid + first, .texts = texts};
    for (size_t row = 0; field->kind == SK_WRITE_TEXT && row < rows; row++)
      ids[i][row] = sk_intern_find(texts, text, text_of(field->texts[first + row], text));
    if (field->kind == SK_WRITE_TEXT && first % 2) { /* nulls by id instead */
      for (size_t row = 0; row < rows; row++)
        if (!field->valid[first + row])
          ids[i][row] = SK_NO_ID;
      values[i].valid = NULL;
    }
    if (field->kind == SK_WRITE_TEXT)
      values[i].ids = ids[i];
    else if (field->kind == SK_WRITE_DOUBLE)
      values[i].doubles = field->doubles + first;
    else
      values[i].integers = field->integers + first;
  }
  return sk_writer_add(writer, rows, values, err);
}

/* Writes the table in parts of random size; the texts are in `tables`. */
static shukei_status write_table(const struct sk_writer_options *options, uint64_t cuts,
                                 const struct sk_intern *tables, struct sk_budget *budget,
                                 struct sink *sink, shukei_error *err)
{
  struct sk_write_column columns[MOST_COLUMNS];
  struct sk_intern moving;
  struct sk_writer *writer = NULL;
  for (size_t i = 0; i < the_table.column_count; i++) {
    const struct field *field = &the_table.columns[i];
    columns[i] = (struct sk_write_column){field->name, field->kind, field->required};
  }
  shukei_status st =
      sk_writer_open(&sink->output, columns, the_table.column_count, options, budget, &writer, err);
  for (size_t row = 0; !st && row < the_table.rows;) {
    const size_t left = the_table.rows - row;
    size_t part = cuts ? random_below(&cuts, 700) : left;
    part = part < left ? part : left;
    const struct sk_intern *table = &tables[cuts ? random_below(&cuts, TABLES) : 0];
    if (options->texts) {
      table = options->texts;
    } else if (cuts && row % 2) { /* another table at the address of one that was forgotten */
      moving = *table;
      table = &moving;
    }
    st = add_part(writer, table, row, part, err);
    if (table == &moving)
      sk_writer_forget(writer, table);
    row += part;
  }
  if (!st)
    st = sk_writer_finish(writer, err);
  sk_writer_close(writer);
  return st;
}

/* For each of the table's columns one that its kind can have. */
static const enum sk_write_encoding *random_encodings(uint64_t *random)
{
  static enum sk_write_encoding encodings[MOST_COLUMNS];
  for (size_t i = 0; i < the_table.column_count; i++) {
    const enum sk_write_kind kind = the_table.columns[i].kind;
    const uint64_t number = random_below(random, kind == SK_WRITE_DOUBLE ? 4 : 5);
    static const enum sk_write_encoding of_texts[] = {SK_WRITE_DELTA_LENGTH_BYTE_ARRAY,
                                                      SK_WRITE_DELTA_BYTE_ARRAY};
    static const enum sk_write_encoding of_words[] = {SK_WRITE_BYTE_STREAM_SPLIT,
                                                      SK_WRITE_DELTA_BINARY_PACKED};
    encodings[i] = number < 3              ? (enum sk_write_encoding)number
                   : kind == SK_WRITE_TEXT ? of_texts[number - 3]
                                           : of_words[number - 3];
  }
  return encodings;
}

static struct sk_writer_options random_options(uint64_t *random)
{
  struct sk_writer_options options;
  sk_writer_options_init(&options);
  static const enum sk_codec codecs[] = {SK_CODEC_ZSTD, SK_CODEC_SNAPPY, SK_CODEC_UNCOMPRESSED};
  options.codec = codecs[random_below(random, SK_COUNT(codecs))];
  options.level = 1 + (int)random_below(random, 4);
  options.page_index = random_below(random, 4) > 0;
  if (random_below(random, 2))
    options.encodings = random_encodings(random);
  options.group_rows = 1 + random_below(random, random_below(random, 2) ? 400 : 4000);
  options.page_bytes = random_below(random, random_below(random, 2) ? 1000 : 20000);
  if (options.group_rows < 20)
    options.page_bytes += 100;
  return options;
}

/* ---- reading it back ----------------------------------------------------------------------- */

static bool same_double(double a, double b)
{
  return sk_bits_of_double(a) == sk_bits_of_double(b) || (isnan(a) && isnan(b));
}

static void check_values(struct sk_file *file, uint32_t group, int index, size_t first, size_t rows)
{
  static double doubles[MOST_ROWS];
  static int64_t times[MOST_ROWS];
  static uint32_t ids[MOST_ROWS];
  static uint8_t valid[MOST_ROWS];
  const struct field *field = &the_table.columns[index];
  struct sk_column *column = NULL;
  struct sk_intern texts;
  shukei_error err = {0};
  char text[200];
  assert_true(sk_intern_init(&texts, NULL));
  shukei_status st = sk_column_open(file, group, index, 0, NULL, NULL, &column, &err);
  if (!st && field->kind == SK_WRITE_TEXT)
    st = sk_column_ids(column, &texts, rows, ids, &err);
  else if (!st && (field->kind == SK_WRITE_DOUBLE || field->kind == SK_WRITE_INT64))
    st = sk_column_doubles(column, rows, doubles, valid, NULL, &err);
  else if (!st)
    st = sk_column_times(column, rows, times, valid, &err);
  if (st)
    fail_msg("%s", err.text);
  for (size_t row = 0; row < rows; row++) {
    const size_t at = first + row;
    const bool present = field->valid[at];
    if (field->kind == SK_WRITE_TEXT) {
      const size_t length = text_of(field->texts[at], text);
      assert_int_equal(ids[row], present ? sk_intern_find(&texts, text, length) : SK_NO_ID);
      continue;
    }
    assert_int_equal(valid[row], present);
    if (!present)
      continue;
    if (field->kind == SK_WRITE_DOUBLE)
      assert_true(same_double(doubles[row], field->doubles[at]));
    else if (field->kind == SK_WRITE_INT64)
      assert_true(doubles[row] == (double)field->integers[at]);
    else
      assert_true(times[row] ==
                  field->integers[at] * (field->kind == SK_WRITE_DATE ? SK_DAY_US : 1));
  }
  sk_column_close(column);
  sk_intern_reset(&texts);
}

/* Compares as statistics do: texts by bytes, cut ones may only be further out. */
static void check_text_bounds(const struct field *field, size_t first, size_t rows,
                              const struct sk_statistics *seen)
{
  char text[200];
  bool min_met = false, max_met = false, any = false;
  for (size_t row = first; row < first + rows; row++) {
    if (!field->valid[row])
      continue;
    const size_t length = text_of(field->texts[row], text);
    any = true;
    assert_non_null(seen->min_value);
    assert_non_null(seen->max_value);
    const size_t low = length < seen->min_length ? length : seen->min_length;
    const size_t high = length < seen->max_length ? length : seen->max_length;
    const int by_min = memcmp(text, seen->min_value, low);
    const int by_max = memcmp(text, seen->max_value, high);
    assert_true(by_min > 0 || (by_min == 0 && length >= seen->min_length));
    assert_true(by_max < 0 || (by_max == 0 && length <= seen->max_length));
    min_met = min_met || (by_min == 0 && length == seen->min_length);
    max_met = max_met || (by_max == 0 && length == seen->max_length);
  }
  if (!any)
    assert_null(seen->min_value);
  if (any && seen->min_exact)
    assert_true(min_met);
  if (any && seen->max_exact)
    assert_true(max_met);
  assert_true(seen->min_length <= 64 && seen->max_length <= 68);
}

static void check_bounds(const struct field *field, size_t first, size_t rows,
                         const struct sk_statistics *seen)
{
  int64_t null_count = 0, least = INT64_MAX, most = INT64_MIN;
  double min = INFINITY, max = -INFINITY;
  for (size_t row = first; row < first + rows; row++) {
    null_count += !field->valid[row];
    if (!field->valid[row])
      continue;
    min = fmin(min, field->doubles[row]);
    max = fmax(max, field->doubles[row]);
    least = field->integers[row] < least ? field->integers[row] : least;
    most = field->integers[row] > most ? field->integers[row] : most;
  }
  assert_int_equal(seen->null_count, null_count);
  if (field->kind == SK_WRITE_TEXT) {
    check_text_bounds(field, first, rows, seen);
  } else if (field->kind == SK_WRITE_DOUBLE) {
    assert_int_equal(seen->min_value != NULL, min <= max);
    if (min > max)
      return;
    assert_true(same_double(sk_double_of_bits(sk_le64(seen->min_value)), min == 0 ? -0.0 : min));
    assert_true(same_double(sk_double_of_bits(sk_le64(seen->max_value)), max == 0 ? 0.0 : max));
  } else {
    assert_int_equal(seen->min_value != NULL, least <= most);
    if (least > most)
      return;
    const bool date = field->kind == SK_WRITE_DATE;
    assert_int_equal(seen->min_length, date ? 4 : 8);
    assert_true((date ? (int32_t)sk_le32(seen->min_value) : (int64_t)sk_le64(seen->min_value)) ==
                least);
    assert_true((date ? (int32_t)sk_le32(seen->max_value) : (int64_t)sk_le64(seen->max_value)) ==
                most);
  }
}

static struct sk_file *open_sink(const struct sink *sink, struct sk_object **object)
{
  struct sk_file *file = NULL;
  shukei_error err = {0};
  assert_int_equal(sk_object_from_bytes("t.parquet", sink->bytes, sink->length, object, NULL),
                   SHUKEI_OK);
  if (sk_file_open(*object, NULL, &file, &err))
    fail_msg("%s", err.text);
  return file;
}

static void check_codec(const struct sk_chunk_meta *chunk, enum sk_codec codec)
{
  if (chunk->codec == SK_CODEC_UNCOMPRESSED) {
    assert_int_equal(chunk->compressed_bytes, chunk->uncompressed_bytes);
  } else {
    assert_int_equal(chunk->codec, codec);
    assert_true(chunk->compressed_bytes * 10 < chunk->uncompressed_bytes * 9 + 1000); /* headers */
  }
}

static void check_file(const struct sink *sink, const struct sk_writer_options *options)
{
  struct sk_object *object = NULL;
  struct sk_file *file = open_sink(sink, &object);
  const struct sk_meta *meta = sk_file_meta(file);
  size_t first = 0;
  assert_int_equal(meta->row_count, the_table.rows);
  assert_int_equal(meta->column_count, the_table.column_count);
  for (uint32_t group = 0; group < meta->group_count; group++) {
    const size_t rows = (size_t)meta->groups[group].row_count;
    assert_true(rows > 0 && rows <= options->group_rows);
    for (size_t i = 0; i < the_table.column_count; i++) {
      check_values(file, group, (int)i, first, rows);
      check_bounds(&the_table.columns[i], first, rows, &meta->groups[group].chunks[i].statistics);
      check_codec(&meta->groups[group].chunks[i], options->codec);
    }
    first += rows;
  }
  assert_int_equal(first, the_table.rows);
  for (size_t i = 0; i < the_table.column_count; i++) {
    static const enum sk_logical logical[] = {SK_LOGICAL_STRING, SK_LOGICAL_NONE, SK_LOGICAL_NONE,
                                              SK_LOGICAL_TIMESTAMP, SK_LOGICAL_DATE};
    const struct field *field = &the_table.columns[i];
    assert_string_equal(meta->columns[i].name, field->name);
    assert_int_equal(meta->columns[i].logical, logical[field->kind]);
    assert_int_equal(meta->columns[i].repetition, field->required ? SK_REQUIRED : SK_OPTIONAL);
  }
  sk_file_close(file);
  sk_object_close(object);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void round_trips_random_tables(void **state)
{
  const struct sk_intern *tables = *state;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed * 977;
    struct sk_budget budget;
    struct sink sink;
    shukei_error err = {0};
    make_table(seed);
    struct sk_writer_options options = random_options(&random);
    sk_budget_init(&budget, UINT64_MAX);
    sink_init(&sink);
    if (write_table(&options, 0, tables, &budget, &sink, &err))
      fail_msg("seed %" PRIu64 ": %s", seed, err.text);
    assert_int_equal(budget.used_bytes, 0);
    check_file(&sink, &options);
    for (unsigned threads = 1; threads <= 3; threads++) {
      struct sink again;
      sink_init(&again);
      options.threads = threads;
      options.texts = threads == 3 ? &tables[seed % TABLES] : NULL;
      assert_int_equal(write_table(&options, seed + threads, tables, &budget, &again, NULL),
                       SHUKEI_OK);
      assert_int_equal(again.length, sink.length);
      assert_memory_equal(again.bytes, sink.bytes, sink.length);
      assert_int_equal(again.output.written_bytes, sink.length);
      free(again.bytes);
    }
    free(sink.bytes);
  }
}

/* One optional column of the kind, rows as the caller filled them. */
static struct field *single_column(enum sk_write_kind kind, size_t rows)
{
  the_table.rows = rows;
  the_table.column_count = 1;
  struct field *field = &the_table.columns[0];
  field->kind = kind;
  field->required = false;
  snprintf(field->name, sizeof field->name, "one");
  memset(field->valid, 1, rows);
  return field;
}

/* What the footer says of the column in a row group, written in pages and row groups of so many
 * rows and read back. */
static struct sk_chunk_meta written_group(const struct sk_intern *tables, size_t page_rows,
                                          size_t group_rows, uint32_t group)
{
  struct sk_writer_options options;
  struct sink sink;
  struct sk_object *object = NULL;
  sk_writer_options_init(&options);
  options.page_bytes = page_rows * 8;
  options.group_rows = group_rows;
  sink_init(&sink);
  assert_int_equal(write_table(&options, 0, tables, NULL, &sink, NULL), SHUKEI_OK);
  check_file(&sink, &options);
  struct sk_file *file = open_sink(&sink, &object);
  const struct sk_chunk_meta chunk = sk_file_meta(file)->groups[group].chunks[0];
  sk_file_close(file);
  sk_object_close(object);
  free(sink.bytes);
  return chunk; /* its statistics point to what is gone */
}

static struct sk_chunk_meta written_chunk(const struct sk_intern *tables, size_t page_rows)
{
  return written_group(tables, page_rows, 1 << 20, 0);
}

static void keeps_dictionaries_that_pay(void **state)
{
  const uint32_t coded =
      1u << SK_ENCODING_PLAIN | 1u << SK_ENCODING_RLE | 1u << SK_ENCODING_RLE_DICTIONARY;
  const uint32_t plain = 1u << SK_ENCODING_PLAIN | 1u << SK_ENCODING_RLE;
  struct field *field = single_column(SK_WRITE_DOUBLE, 2000);
  uint64_t random = 5;
  for (size_t row = 0; row < 2000; row++)
    field->doubles[row] = (double)(row % 300);
  assert_int_equal(written_chunk(*state, 400).encodings, coded);
  assert_int_equal(written_chunk(*state, 400).coded, SK_CODED_WHOLLY); /* entries cost once */
  field = single_column(SK_WRITE_DOUBLE, 7);
  field->doubles[6] = 0; /* so few values that a page of plain ones is not worth another encoding */
  assert_int_equal(written_chunk(*state, 400).coded, SK_CODED_WHOLLY);
  field = single_column(SK_WRITE_DOUBLE, 2000);
  for (size_t row = 0; row < 2000; row++)
    field->doubles[row] = (double)next_random(&random);
  assert_int_equal(written_chunk(*state, 400).encodings, plain);
  /* The dictionary of the first page stays, the others are plain. */
  for (size_t row = 0; row < 400; row++)
    field->doubles[row] = (double)(row % 7);
  assert_int_equal(written_chunk(*state, 400).encodings, coded);
  field = single_column(SK_WRITE_TEXT, 300);
  for (uint32_t row = 0; row < 300; row++)
    field->texts[row] = row;
  assert_int_equal(written_chunk(*state, 100).encodings, coded);
}

/* What the rule of chunk_words.c chooses, as bits of the chunk's encodings, for values without
 * repetition. */
static void chooses_encodings_that_pay(void **state)
{
  const uint32_t plain = 1u << SK_ENCODING_PLAIN | 1u << SK_ENCODING_RLE;
  const uint32_t delta = 1u << SK_ENCODING_RLE | 1u << SK_ENCODING_DELTA_BINARY_PACKED;
  const uint32_t split = 1u << SK_ENCODING_RLE | 1u << SK_ENCODING_BYTE_STREAM_SPLIT;
  uint64_t random = 5;
  static const enum sk_write_kind kinds[] = {SK_WRITE_INT64, SK_WRITE_TIME, SK_WRITE_DATE};
  for (size_t k = 0; k < SK_COUNT(kinds); k++) {
    struct field *field = single_column(kinds[k], 2000);
    for (size_t row = 0; row < 2000; row++) /* they grow */
      field->integers[row] = (int64_t)(row * 977 + random_below(&random, 50));
    assert_int_equal(written_chunk(*state, 1000).encodings, delta);
    assert_int_equal(written_chunk(*state, 10).encodings, plain); /* too few to gain from */
    if (kinds[k] == SK_WRITE_DATE)
      continue;
    for (size_t row = 0; row < 2000; row++)
      field->integers[row] = (int64_t)next_random(&random);
    assert_int_equal(written_chunk(*state, 1000).encodings, plain);
    for (size_t row = 0; row < 1000; row++) /* each row group is asked by itself */
      field->integers[row] = (int64_t)(row * 977);
    assert_int_equal(written_group(*state, 1000, 1000, 0).encodings, delta);
    assert_int_equal(written_group(*state, 1000, 1000, 1).encodings, plain);
  }
  struct field *field = single_column(SK_WRITE_DOUBLE, 2000);
  for (size_t row = 0; row < 2000; row++) /* sums of whole numbers */
    field->doubles[row] = 1e9 + (double)random_below(&random, 1000000);
  const struct sk_chunk_meta chunk = written_chunk(*state, 1000);
  assert_int_equal(chunk.encodings, split);
  assert_int_equal(chunk.codec, SK_CODEC_ZSTD);
  for (size_t row = 0; row < 2000; row++) /* all bits by chance */
    field->doubles[row] = 1.0 + (double)next_random(&random) / 1.9e19;
  assert_int_equal(written_chunk(*state, 1000).encodings, plain);
}

/* Five pages, of which some hold values by chance and the others one value, all of them plain. */
static void stores_what_does_not_shrink(void **state)
{
  static const struct {
    bool by_chance[5];
    enum sk_codec codec;
  } cases[] = {
      {{true, true, true, true, true}, SK_CODEC_UNCOMPRESSED},
      {{true, false, true, true, true}, SK_CODEC_ZSTD},
      {{true, false, false, false, false}, SK_CODEC_ZSTD},
  };
  struct field *field = single_column(SK_WRITE_DOUBLE, 2000);
  uint64_t random = 11;
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    for (size_t row = 0; row < 2000; row++)
      field->doubles[row] = cases[i].by_chance[row / 400] ? (double)next_random(&random) : 0.5;
    assert_int_equal(written_chunk(*state, 400).codec, cases[i].codec);
  }
  /* A short page that shrinks among long ones that do not is stored with them. */
  the_table.rows = 1630;
  for (size_t row = 0; row < 1630; row++)
    field->doubles[row] = row < 1600 ? (double)next_random(&random) : 0.5;
  assert_int_equal(written_chunk(*state, 400).codec, SK_CODEC_UNCOMPRESSED);
}

static void writes_a_table_without_rows(void **state)
{
  struct sk_writer_options options;
  struct sink sink;
  sk_writer_options_init(&options);
  sink_init(&sink);
  make_table(3);
  the_table.rows = 0;
  assert_int_equal(write_table(&options, 0, *state, NULL, &sink, NULL), SHUKEI_OK);
  check_file(&sink, &options);
  free(sink.bytes);
}

static void leaves_nan_out_of_statistics(void **state)
{
  struct field *field = single_column(SK_WRITE_DOUBLE, 30);
  for (size_t row = 0; row < 30; row++)
    field->doubles[row] = row < 10 ? NAN : row < 20 ? 0.0 : -0.0;
  assert_true(written_chunk(*state, 30).column_index_offset > 0);
  /* A page of NaN alone has no bounds, and then the chunk no column index. */
  assert_int_equal(written_chunk(*state, 10).column_index_offset, -1);
  assert_true(written_chunk(*state, 10).offset_index_offset > 0);
  for (size_t row = 0; row < 30; row++)
    field->doubles[row] = NAN;
  assert_int_equal(written_chunk(*state, 30).column_index_offset, -1);
  memset(field->valid, 0, 30); /* no value at all is fine */
  assert_true(written_chunk(*state, 10).column_index_offset > 0);
}

static void survives_every_failed_allocation(void **state)
{
  for (uint64_t seed = 2; seed <= 4; seed++) {
    uint64_t random = seed;
    make_table(seed);
    struct sk_writer_options options = random_options(&random);
    shukei_status st = SHUKEI_ENOMEM;
    options.threads = 1 + (unsigned)seed % 2;
    options.group_rows = 1200;
    options.page_bytes = 4000;
    for (int n = 0; st == SHUKEI_ENOMEM; n += 1 + n / 50) {
      struct sk_budget budget;
      struct sink sink;
      shukei_error err = {0};
      sk_budget_init(&budget, UINT64_MAX);
      sink_init(&sink);
      sk_test_fail_alloc(n);
      st = write_table(&options, 9, *state, &budget, &sink, &err);
      assert_true(st == SHUKEI_OK || (st == SHUKEI_ENOMEM && sk_test_alloc_failed()));
      if (st)
        assert_non_null(strstr(err.text, "writing \"t.parquet\""));
      assert_int_equal(budget.used_bytes, 0);
      free(sink.bytes);
    }
    sk_test_fail_alloc(-1);
    assert_int_equal(st, SHUKEI_OK);
  }
}

static void keeps_to_its_budget(void **state)
{
  struct sk_writer_options options;
  shukei_status st = SHUKEI_ENOMEM;
  sk_writer_options_init(&options);
  make_table(8);
  for (uint64_t limit = 0; st == SHUKEI_ENOMEM; limit += 5000) {
    struct sk_budget budget;
    struct sink sink;
    sk_budget_init(&budget, limit);
    sink_init(&sink);
    st = write_table(&options, 1, *state, &budget, &sink, NULL);
    assert_true(budget.peak_bytes <= limit);
    assert_int_equal(budget.used_bytes, 0);
    free(sink.bytes);
  }
  assert_int_equal(st, SHUKEI_OK);
}

static void reports_a_full_disk(void **state)
{
  uint64_t random = 1;
  struct sink sink;
  sink_init(&sink);
  make_table(5);
  const struct sk_writer_options options = random_options(&random);
  assert_int_equal(write_table(&options, 0, *state, NULL, &sink, NULL), SHUKEI_OK);
  const size_t whole = sink.length;
  free(sink.bytes);
  for (size_t room = 0; room < whole; room += 1 + whole / 40) {
    shukei_error err = {0};
    sink_init(&sink);
    sink.room = room;
    assert_int_equal(write_table(&options, 0, *state, NULL, &sink, &err), SHUKEI_EWRITE);
    assert_non_null(strstr(err.text, "no space left"));
    free(sink.bytes);
  }
}

static void refuses_what_it_cannot_write(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    enum sk_write_kind kind;
    const char *sorting_column;
    enum sk_codec codec;
    uint8_t valid;
    int64_t value;
    bool opens;
  } cases[] = {
      {"a null in a required column", SK_WRITE_INT64, NULL, SK_CODEC_ZSTD, 0, 1, true},
      {"a day after what a date holds", SK_WRITE_DATE, "a", SK_CODEC_SNAPPY, 1, INT64_C(1) << 31,
       true},
      {"a codec that is only read", SK_WRITE_INT64, NULL, SK_CODEC_BROTLI, 1, 1, false},
      {"an unknown sorting column", SK_WRITE_INT64, "b", SK_CODEC_ZSTD, 1, 1, false},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct sk_write_column column = {"a", cases[i].kind, true};
    const struct sk_write_values values = {.valid = &cases[i].valid, .integers = &cases[i].value};
    struct sk_writer_options options;
    struct sk_writer *writer = NULL;
    struct sink sink;
    sink_init(&sink);
    sk_writer_options_init(&options);
    options.codec = cases[i].codec;
    options.sorting_columns = &cases[i].sorting_column;
    options.sorting_column_count = cases[i].sorting_column != NULL;
    shukei_status st = sk_writer_open(&sink.output, &column, 1, &options, NULL, &writer, NULL);
    if ((st == SHUKEI_OK) != cases[i].opens)
      fail_msg("%s: %s", cases[i].why, shukei_status_name(st));
    if (!st)
      st = sk_writer_add(writer, 1, &values, NULL);
    if (st != SHUKEI_EINVAL)
      fail_msg("%s: %s", cases[i].why, shukei_status_name(st));
    if (writer)
      assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_EINVAL);
    sk_writer_close(writer);
    free(sink.bytes);
  }
}

static int set_up(void **state)
{
  static struct sk_intern tables[TABLES];
  *state = tables;
  return make_texts(tables, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
  struct sk_intern *tables = *state;
  for (size_t i = 0; i < TABLES; i++)
    sk_intern_reset(&tables[i]);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips_random_tables),
      cmocka_unit_test(keeps_dictionaries_that_pay),
      cmocka_unit_test(chooses_encodings_that_pay),
      cmocka_unit_test(stores_what_does_not_shrink),
      cmocka_unit_test(writes_a_table_without_rows),
      cmocka_unit_test(leaves_nan_out_of_statistics),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(keeps_to_its_budget),
      cmocka_unit_test(reports_a_full_disk),
      cmocka_unit_test(refuses_what_it_cannot_write),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
