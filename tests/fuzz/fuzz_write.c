/* SPDX-License-Identifier: Apache-2.0 */
/* Tables made of the input are written and read again: the same values, the same bytes however many
 * threads encode, and the rows of a text by statistics, page index, dictionary and Bloom filter. */
#include "fuzzing.h"

#include "base/calendar.h"
#include "parquet/parquet.h"

#include <math.h>

enum { MOST_COLUMNS = 4, MOST_ROWS = 400, TEXTS = 60 };

struct output {
  struct sk_output output; /* first: calls are handed its address */
  uint8_t *bytes;
  size_t length, capacity;
};

static shukei_status append(struct sk_output *to, const void *bytes, size_t length,
                            shukei_error *err)
{
  struct output *output = (struct output *)(void *)to;
  (void)err;
  if (output->length + length > output->capacity) {
    output->capacity = (output->length + length) * 2;
    output->bytes = realloc(output->bytes, output->capacity);
    MUST(output->bytes);
  }
  memcpy(output->bytes + output->length, bytes, length);
  output->length += length;
  return SHUKEI_OK;
}
static const struct sk_output_calls output_calls = {.write = append};

struct table {
  size_t rows, columns;
  struct sk_write_column fields[MOST_COLUMNS];
  uint8_t valid[MOST_COLUMNS][MOST_ROWS];
  uint32_t ids[MOST_COLUMNS][MOST_ROWS];
  double doubles[MOST_COLUMNS][MOST_ROWS];
  int64_t integers[MOST_COLUMNS][MOST_ROWS];
  struct sk_intern texts;
  enum sk_write_encoding encodings[MOST_COLUMNS];
  const char *blooms[MOST_COLUMNS];
  struct sk_writer_options options;
};
static struct table table;

/* One that the kind can have. */
static enum sk_write_encoding encoding_of(enum sk_write_kind kind, uint32_t any)
{
  static const enum sk_write_encoding texts[] = {SK_WRITE_DELTA_LENGTH_BYTE_ARRAY,
                                                 SK_WRITE_DELTA_BYTE_ARRAY};
  static const enum sk_write_encoding words[] = {SK_WRITE_BYTE_STREAM_SPLIT,
                                                 SK_WRITE_DELTA_BINARY_PACKED};
  const uint32_t number = any % (kind == SK_WRITE_DOUBLE ? 4 : 5);
  return number < 3 ? (enum sk_write_encoding)number
                    : (kind == SK_WRITE_TEXT ? texts : words)[number - 3];
}

static void make_texts(struct input *input)
{
  char text[64];
  MUST(sk_intern_init(&table.texts, NULL));
  for (uint32_t i = 0; i < TEXTS; i++) {
    const int length = snprintf(text, sizeof text, "%.*s%u", (int)(take(input, 1) % 30),
                                "a common beginning of all texts", i);
    MUST(sk_intern_add(&table.texts, text, (uint32_t)length) != SK_NO_ID);
  }
}

static void make_table(struct input *input)
{
  static const char *const names[MOST_COLUMNS] = {"a", "b", "c", "d"};
  table.columns = 1 + take(input, 1) % MOST_COLUMNS;
  table.rows = take(input, 2) % MOST_ROWS;
  sk_writer_options_init(&table.options);
  static const enum sk_codec codecs[] = {SK_CODEC_ZSTD, SK_CODEC_SNAPPY, SK_CODEC_UNCOMPRESSED,
                                         SK_CODEC_GZIP, SK_CODEC_LZ4_RAW};
  static const char *const sorting[] = {"a"};
  table.options.codec = codecs[take(input, 1) % 5];
  table.options.encodings = table.encodings;
  table.options.sorting_columns = sorting;
  table.options.sorting_column_count = 1;
  table.options.group_rows = 1 + take(input, 2) % MOST_ROWS;
  table.options.page_bytes = 64 + take(input, 2) % 8192;
  if (take(input, 1) & 1)
    table.options.most_coded_bytes = 1 + take(input, 1);
  table.options.bloom_columns = table.blooms;
  const uint32_t blooms = take(input, 1);
  make_texts(input);
  for (size_t c = 0; c < table.columns; c++) {
    const uint32_t kind = take(input, 1), nulls = take(input, 1), mask = take(input, 1);
    table.fields[c] =
        (struct sk_write_column){names[c], (enum sk_write_kind)(kind % 5), nulls == 0};
    table.encodings[c] = encoding_of(table.fields[c].kind, take(input, 1));
    const bool wide = mask & 2 && table.fields[c].kind != SK_WRITE_DATE;
    if (table.fields[c].kind == SK_WRITE_TEXT && blooms >> c & 1)
      table.blooms[table.options.bloom_column_count++] = names[c];
    for (size_t row = 0; row < table.rows; row++) {
      const uint32_t any = take(input, 2) & (mask << 8 | mask);
      table.valid[c][row] = any % 256 >= nulls;
      table.ids[c][row] = 1 + any % (TEXTS - 1);
      table.doubles[c][row] = mask & 1 ? (double)any / 7 : (double)(any % 5);
      table.integers[c][row] = (int64_t)any * (wide ? INT64_C(1000003) : 1) - 7;
    }
  }
}

static void write_table(unsigned threads, size_t step, struct output *out)
{
  struct sk_writer *writer = NULL;
  struct sk_writer_options options = table.options;
  shukei_error err;
  *out = (struct output){.output = {.calls = &output_calls, .name = "t.parquet"}};
  options.threads = threads;
  MUST(!sk_writer_open(&out->output, table.fields, table.columns, &options, NULL, &writer, &err));
  for (size_t row = 0, n; row < table.rows; row += n) {
    struct sk_write_values values[MOST_COLUMNS];
    n = table.rows - row < step ? table.rows - row : step;
    for (size_t c = 0; c < table.columns; c++) {
      values[c] = (struct sk_write_values){
          .valid = table.fields[c].required ? NULL : table.valid[c] + row, .texts = &table.texts};
      if (table.fields[c].kind == SK_WRITE_TEXT)
        values[c].ids = table.ids[c] + row;
      else if (table.fields[c].kind == SK_WRITE_DOUBLE)
        values[c].doubles = table.doubles[c] + row;
      else
        values[c].integers = table.integers[c] + row;
    }
    MUST(!sk_writer_add(writer, n, values, &err));
  }
  MUST(!sk_writer_finish(writer, &err));
  sk_writer_close(writer);
}

/* Rows first .. first + rows of a column are what was written. */
static void check_column(struct sk_file *file, uint32_t group, size_t c, size_t first, size_t rows)
{
  static uint32_t ids[MOST_ROWS];
  static double doubles[MOST_ROWS];
  static int64_t times[MOST_ROWS];
  static uint8_t valid[MOST_ROWS];
  const enum sk_write_kind kind = table.fields[c].kind;
  struct sk_column *column = NULL;
  struct sk_intern texts;
  uint64_t nulls = 0;
  shukei_error err;
  MUST(sk_intern_init(&texts, NULL));
  MUST(!sk_column_open(file, group, (int)c, 0, NULL, NULL, &column, &err));
  if (kind == SK_WRITE_TEXT)
    MUST(!sk_column_ids(column, &texts, rows, ids, &err));
  else if (kind == SK_WRITE_TIME || kind == SK_WRITE_DATE)
    MUST(!sk_column_times(column, rows, times, valid, &err));
  else
    MUST(!sk_column_doubles(column, rows, doubles, valid, &nulls, &err));
  for (size_t i = 0; i < rows; i++) {
    const size_t row = first + i;
    const bool there = table.fields[c].required || table.valid[c][row];
    const struct sk_intern_entry *want = sk_intern_at(&table.texts, table.ids[c][row]);
    if (kind != SK_WRITE_TEXT) {
      MUST((valid[i] != 0) == there);
      if (there)
        MUST(kind == SK_WRITE_TIME     ? times[i] == table.integers[c][row]
             : kind == SK_WRITE_DATE   ? times[i] == table.integers[c][row] * SK_DAY_US
             : kind == SK_WRITE_DOUBLE ? doubles[i] == table.doubles[c][row]
                                       : doubles[i] == (double)table.integers[c][row]);
    } else if (there) {
      const struct sk_intern_entry *got = sk_intern_at(&texts, ids[i]);
      MUST(got->length == want->length && memcmp(got->bytes, want->bytes, got->length) == 0);
    } else {
      MUST(ids[i] == SK_NO_ID);
    }
  }
  sk_column_close(column);
  sk_intern_reset(&texts);
}

static void check_file(const struct output *out)
{
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  shukei_error err;
  size_t first = 0;
  MUST(!sk_object_from_bytes("t.parquet", out->bytes, out->length, &object, &err));
  MUST(!sk_file_open(object, NULL, &file, &err));
  const struct sk_meta *meta = sk_file_meta(file);
  MUST(meta->row_count == (int64_t)table.rows && meta->column_count == table.columns);
  for (uint32_t g = 0; g < meta->group_count; g++) {
    for (size_t c = 0; c < table.columns; c++)
      check_column(file, g, c, first, (size_t)meta->groups[g].row_count);
    first += (size_t)meta->groups[g].row_count;
  }
  MUST(first == table.rows);
  sk_file_close(file);
  sk_object_close(object);
}

static bool count_bytes(void *context, const void *bytes, size_t length)
{
  (void)bytes;
  *(size_t *)context += length;
  return true;
}

/* As many rows as have the text. */
static void check_rows_of(const struct output *out, size_t c, uint32_t id)
{
  const struct sk_intern_entry *const text = sk_intern_at(&table.texts, id);
  char value[64];
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  struct sk_selection *selection = NULL;
  uint64_t want = 0, got = 0;
  size_t written = 0;
  shukei_error err;
  snprintf(value, sizeof value, "%.*s", (int)text->length, (const char *)text->bytes);
  const shukei_condition condition = {table.fields[c].name, value};
  for (size_t row = 0; row < table.rows; row++)
    want += (table.fields[c].required || table.valid[c][row]) && table.ids[c][row] == id;
  MUST(!sk_object_from_bytes("t.parquet", out->bytes, out->length, &object, &err));
  MUST(!sk_file_open(object, NULL, &file, &err));
  MUST(!sk_selection_open(file, &condition, 1, NULL, &selection, &err));
  const struct sk_cat_options options = {.selection = selection, .limit = UINT64_MAX};
  MUST(!sk_parquet_cat(file, &options, &got, count_bytes, &written, NULL, &err));
  MUST(got == want);
  sk_selection_close(selection);
  sk_file_close(file);
  sk_object_close(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  struct output one, more;
  make_table(&input);
  const uint32_t again = take(&input, 1); /* threads take longer than all else */
  write_table(1, MOST_ROWS, &one);
  write_table(again % 16 ? 1 : 3, 1 + again / 2, &more);
  MUST(one.length == more.length && memcmp(one.bytes, more.bytes, one.length) == 0);
  check_file(&one);
  for (size_t c = 0; c < table.columns; c++)
    if (table.fields[c].kind == SK_WRITE_TEXT)
      check_rows_of(&one, c, 1 + again % (TEXTS - 1));
  free(one.bytes);
  free(more.bytes);
  sk_intern_reset(&table.texts);
  return 0;
}
