/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: texts become ids of a table, a few thousand rows at a time, and the room's writer does
 * the rest. The table is emptied when it has grown, so that its size does not depend on the number
 * of texts; the writer's dictionaries keep what they need. */
#include "base/platform.h"
#include "parquet/parquet.h"
#include "shukei/parquet.h"
#include "store/store.h"

enum { STEP_ROWS = 4096, MOST_PAGE_ROWS = 65536, MOST_GROUP_ROWS = 1 << 30 };
#define MOST_TABLE_BYTES (UINT64_C(32) << 20)
#define ENTRY_BYTES 64 /* of a text in the table, beside its bytes; about */

struct shukei_parquet_writer {
  struct sk_budget budget;
  struct sk_output *output;
  struct sk_writer *writer;
  struct sk_write_column *columns;   /* [column_count]; their names only while it is opened */
  enum sk_write_encoding *encodings; /* likewise; NULL: chosen */
  struct sk_write_values *values;    /* [column_count] */
  size_t column_count;
  uint32_t *ids;                 /* [STEP_ROWS] for each column of texts */
  struct sk_intern texts, names; /* names: text n + 1 is that of column n */
  uint64_t table_bytes, most_table_bytes;
  bool has_texts, has_names, failed, finished;
};

void shukei_parquet_writer_options_init(shukei_parquet_writer_options *options)
{
  struct sk_writer_options defaults;
  sk_writer_options_init(&defaults);
  *options = (shukei_parquet_writer_options){.codec = SHUKEI_PARQUET_CODEC_ZSTD,
                                             .level = defaults.level,
                                             .group_rows = defaults.group_rows,
                                             .page_rows = MOST_PAGE_ROWS,
                                             .page_index = defaults.page_index,
                                             .threads = 1};
}

/* ---- opening ---- */

/* Takes a column's name into the table, whose text n + 1 it becomes. */
static shukei_status take_name(struct sk_intern *names, const shukei_parquet_write_column *column,
                               size_t number, shukei_error *err)
{
  const char *name = column->name;
  if (!name || !*name)
    return sk_fail(err, SHUKEI_EINVAL, "column %zu has no name", number);
  const uint32_t id = sk_intern_add(names, name, strlen(name));
  if (id == SK_NO_ID)
    return sk_fail_memory(err, names->texts.budget, strlen(name), "the name of a column");
  if (sk_intern_at(names, id)->bad)
    return sk_fail(err, SHUKEI_EINVAL, "the name of column %zu is no UTF-8", number);
  if (id != number + 1)
    return sk_fail(err, SHUKEI_EINVAL, "two columns are named \"%s\"", name);
  if ((unsigned)column->kind > SHUKEI_PARQUET_WRITE_DATE)
    return sk_fail(err, SHUKEI_EINVAL, "column \"%s\": kind %d is none that can be written", name,
                   (int)column->kind);
  return SHUKEI_OK;
}

static shukei_status take_names(struct shukei_parquet_writer *writer,
                                const shukei_parquet_write_column *columns, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (writer->column_count == 0 || writer->column_count > INT16_MAX)
    return sk_fail(err, SHUKEI_EINVAL, "cannot write %zu columns", writer->column_count);
  if (!sk_intern_init(&writer->names, &writer->budget))
    return sk_fail_memory(err, &writer->budget, 0, "the names of the columns");
  writer->has_names = writer->names.checks = true;
  for (size_t i = 0; !st && i < writer->column_count; i++)
    st = take_name(&writer->names, &columns[i], i, err);
  return st;
}

/* Of a column's name, which is not terminated. */
static int name_length(const struct shukei_parquet_writer *writer, size_t column, const char **name)
{
  const struct sk_intern_entry *entry = sk_intern_at(&writer->names, (uint32_t)column + 1);
  *name = entry->bytes;
  return (int)entry->length;
}

static shukei_status make_room(struct shukei_parquet_writer *writer,
                               const shukei_parquet_write_column *columns, shukei_error *err)
{
  static const enum sk_write_kind kinds[] = {SK_WRITE_TEXT, SK_WRITE_DOUBLE, SK_WRITE_INT64,
                                             SK_WRITE_TIME, SK_WRITE_DATE};
  const size_t count = writer->column_count;
  size_t texts = 0;
  writer->columns = sk_calloc(&writer->budget, count, sizeof *writer->columns);
  writer->values = sk_calloc(&writer->budget, count, sizeof *writer->values);
  for (size_t i = 0; writer->columns && i < count; i++) {
    writer->columns[i] =
        (struct sk_write_column){columns[i].name, kinds[columns[i].kind], columns[i].required};
    texts += columns[i].kind == SHUKEI_PARQUET_WRITE_TEXT;
  }
  if (texts) {
    writer->ids = sk_alloc(&writer->budget, texts * STEP_ROWS * sizeof *writer->ids);
    writer->has_texts = sk_intern_init(&writer->texts, &writer->budget);
    writer->texts.checks = true;
  }
  return writer->columns && writer->values && (!texts || (writer->ids && writer->has_texts))
             ? SHUKEI_OK
             : sk_fail_memory(err, &writer->budget, count * sizeof *writer->columns, "columns");
}

/* What the room's writer does not look at: it takes what it cannot have for the nearest that it
 * can. */
static shukei_status check_options(const struct shukei_parquet_writer *writer,
                                   const shukei_parquet_writer_options *options, shukei_error *err)
{
  if (options->group_rows == 0 || options->group_rows > MOST_GROUP_ROWS)
    return sk_fail(err, SHUKEI_EINVAL, "row groups of %" PRIu64 " rows, 1 to %d are possible",
                   options->group_rows, MOST_GROUP_ROWS);
  if (options->page_rows == 0 || options->page_rows > MOST_PAGE_ROWS)
    return sk_fail(err, SHUKEI_EINVAL, "pages of %" PRIu32 " rows, 1 to %d are possible",
                   options->page_rows, MOST_PAGE_ROWS);
  for (size_t i = 0; i < options->bloom_column_count; i++)
    if (sk_intern_find(&writer->names, options->bloom_columns[i],
                       strlen(options->bloom_columns[i])) == SK_NO_ID)
      return sk_fail(err, SHUKEI_EINVAL,
                     "column \"%s\", to get a Bloom filter, is none of the columns",
                     options->bloom_columns[i]);
  return SHUKEI_OK;
}

/* An encoding that is none is left for the room's writer to refuse. */
static shukei_status take_encodings(struct shukei_parquet_writer *writer,
                                    const shukei_parquet_write_encoding *encodings,
                                    shukei_error *err)
{
  if (!encodings)
    return SHUKEI_OK;
  writer->encodings = sk_alloc(&writer->budget, writer->column_count * sizeof *writer->encodings);
  for (size_t i = 0; writer->encodings && i < writer->column_count; i++)
    writer->encodings[i] = (enum sk_write_encoding)encodings[i];
  return writer->encodings ? SHUKEI_OK
                           : sk_fail_memory(err, &writer->budget, writer->column_count, "columns");
}

static shukei_status open_writer(struct shukei_parquet_writer *writer, const char *path,
                                 const shukei_parquet_write_column *columns,
                                 const shukei_parquet_writer_options *options, shukei_error *err)
{
  struct sk_writer_options wanted;
  sk_writer_options_init(&wanted);
  wanted.codec = (enum sk_codec)options->codec;
  wanted.group_rows = options->group_rows;
  wanted.level = options->level;
  wanted.page_bytes = (uint64_t)options->page_rows * sizeof(uint64_t);
  wanted.page_index = options->page_index;
  wanted.sorting_columns = options->sorting_columns;
  wanted.sorting_column_count = options->sorting_column_count;
  wanted.bloom_columns = options->bloom_columns;
  wanted.bloom_column_count = options->bloom_column_count;
  wanted.threads = options->threads ? options->threads : sk_processor_count();
  shukei_status st = take_names(writer, columns, err);
  if (!st)
    st = check_options(writer, options, err);
  if (!st)
    st = make_room(writer, columns, err);
  if (!st)
    st = take_encodings(writer, options->encodings, err);
  wanted.encodings = writer->encodings;
  if (st)
    return sk_context(err, st, "writing \"%s\"", path);
  st = sk_store_create(path, &writer->budget, &writer->output, err);
  if (!st)
    st = sk_writer_open(writer->output, writer->columns, writer->column_count, &wanted,
                        &writer->budget, &writer->writer, err);
  return st;
}

shukei_status shukei_parquet_writer_open(const char *path,
                                         const shukei_parquet_write_column *columns,
                                         size_t column_count,
                                         const shukei_parquet_writer_options *options,
                                         shukei_parquet_writer **out, shukei_error *err)
{
  shukei_parquet_writer_options defaults;
  *out = NULL;
  shukei_parquet_writer_options_init(&defaults);
  if (!options)
    options = &defaults;
  if (!path || !*path)
    return sk_fail(err, SHUKEI_EINVAL, "no path is given");
  const uint64_t limit =
      options->memory_bytes ? options->memory_bytes : sk_memory_available_bytes() / 2;
  struct shukei_parquet_writer *writer = sk_calloc(NULL, 1, sizeof *writer);
  if (!writer)
    return sk_fail_memory(err, NULL, sizeof *writer, "a writer");
  sk_budget_init(&writer->budget, limit);
  writer->column_count = column_count;
  writer->most_table_bytes = limit / 8 < MOST_TABLE_BYTES ? limit / 8 : MOST_TABLE_BYTES;
  const shukei_status st = open_writer(writer, path, columns, options, err);
  if (st)
    shukei_parquet_writer_close(writer);
  else
    *out = writer;
  return st;
}

void shukei_parquet_writer_close(shukei_parquet_writer *writer)
{
  if (!writer)
    return;
  sk_writer_close(writer->writer);
  sk_output_close(writer->output);
  if (writer->has_texts)
    sk_intern_reset(&writer->texts);
  if (writer->has_names)
    sk_intern_reset(&writer->names);
  sk_free(writer->columns);
  sk_free(writer->encodings);
  sk_free(writer->values);
  sk_free(writer->ids);
  sk_store_end(&writer->budget);
  sk_free(writer);
}

/* ---- rows ---- */

static shukei_status id_of(struct shukei_parquet_writer *writer, const shukei_parquet_text *text,
                           uint32_t previous, uint32_t *id, shukei_error *err)
{
  if (text->length > INT32_MAX)
    return sk_fail(err, SHUKEI_EINVAL, "a text of %zu bytes", text->length);
  const uint32_t count = writer->texts.count;
  *id = sk_intern_next(&writer->texts, previous, text->bytes, text->length);
  if (*id == SK_NO_ID)
    return sk_fail_memory(err, &writer->budget, text->length, "a text");
  if (writer->texts.count > count)
    writer->table_bytes += text->length + ENTRY_BYTES;
  return sk_intern_at(&writer->texts, *id)->bad
             ? sk_fail(err, SHUKEI_EINVAL, "a text that is no UTF-8")
             : SHUKEI_OK;
}

static shukei_status take_texts(struct shukei_parquet_writer *writer, size_t rows,
                                const shukei_parquet_text *texts, const uint8_t *valid,
                                uint32_t *ids, shukei_error *err)
{
  uint32_t previous = 0;
  for (size_t row = 0; row < rows; row++) {
    ids[row] = SK_NO_ID;
    if ((valid && !valid[row]) || !texts[row].bytes)
      continue;
    const shukei_status st = id_of(writer, &texts[row], previous, &ids[row], err);
    if (st)
      return sk_context(err, st, "row %zu", row);
    previous = ids[row];
  }
  return SHUKEI_OK;
}

static shukei_status write_step(struct shukei_parquet_writer *writer, size_t first, size_t rows,
                                const shukei_parquet_write_values *values, shukei_error *err)
{
  uint32_t *ids = writer->ids;
  for (size_t i = 0; i < writer->column_count; i++) {
    struct sk_write_values *to = &writer->values[i];
    to->valid = values[i].valid ? values[i].valid + first : NULL;
    if (writer->columns[i].kind != SK_WRITE_TEXT) {
      to->integers = values[i].as.integers + first; /* doubles have the same size */
      continue;
    }
    const shukei_status st =
        take_texts(writer, rows, values[i].as.texts + first, to->valid, ids, err);
    if (st) {
      const char *name;
      const int length = name_length(writer, i, &name);
      return sk_context(err, st, "writing \"%s\": column \"%.*s\"", writer->output->name, length,
                        name);
    }
    to->ids = ids;
    to->texts = &writer->texts;
    ids += STEP_ROWS;
  }
  return sk_writer_add(writer->writer, rows, writer->values, err);
}

static shukei_status empty_table(struct shukei_parquet_writer *writer, shukei_error *err)
{
  if (writer->table_bytes <= writer->most_table_bytes)
    return SHUKEI_OK;
  sk_writer_forget(writer->writer, &writer->texts);
  writer->table_bytes = 0;
  return sk_intern_empty(&writer->texts) ? SHUKEI_OK
                                         : sk_fail_memory(err, &writer->budget, 0, "texts");
}

static shukei_status check_state(const struct shukei_parquet_writer *writer, shukei_error *err)
{
  if (writer->finished || writer->failed)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": a writer that %s can only be closed",
                   writer->output->name, writer->failed ? "failed" : "was finished");
  return SHUKEI_OK;
}

shukei_status shukei_parquet_write(shukei_parquet_writer *writer, size_t rows,
                                   const shukei_parquet_write_values *values, shukei_error *err)
{
  shukei_status st = check_state(writer, err);
  if (st)
    return st;
  for (size_t first = 0; !st && first < rows; first += STEP_ROWS) {
    const size_t step = rows - first < STEP_ROWS ? rows - first : STEP_ROWS;
    st = write_step(writer, first, step, values, err);
    if (!st)
      st = empty_table(writer, err);
  }
  writer->failed = st != SHUKEI_OK;
  return st;
}

shukei_status shukei_parquet_writer_finish(shukei_parquet_writer *writer, shukei_error *err)
{
  shukei_status st = check_state(writer, err);
  if (st)
    return st;
  st = sk_writer_finish(writer->writer, err);
  if (!st)
    st = sk_output_commit(writer->output, err);
  writer->failed = st != SHUKEI_OK;
  writer->finished = true;
  return st;
}
