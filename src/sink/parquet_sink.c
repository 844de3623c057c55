/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as one Parquet file: texts and labels as strings, days as DATE, measures as DOUBLE,
 * ids as INT64, all optional but the days; sorted by usage_start, ZSTD.
 *
 * Rows are gathered into batches of columns. Texts become ids of a table a column, which follows
 * what came after what: a day's rows name the same things in the same order as the day's before.
 *
 * The tables would grow as long as the run does, for every row has its uuid. So there are two sets,
 * and after as many rows as a row group has at most, the other one is emptied and used. Because no
 * row group is larger, none can see a set in use, replaced and in use again: the writer may
 * remember within a row group what an id of a table stands for, and does. */
#include "sink/kinds.h"

#include "base/object.h"
#include "parquet/parquet.h"
#include "store/store.h"

#define BATCH_ROWS 1024u
#define GROUP_ROWS (128 * BATCH_ROWS)
#define PAGE_BYTES (16 * BATCH_ROWS * 8) /* the writer holds as many rows as a page has */

struct column {
  enum sk_row_kind kind;
  struct sk_intern tables[2]; /* TEXT, LABELS */
  uint32_t last_id;
  uint8_t valid[BATCH_ROWS];
  union {
    uint32_t ids[BATCH_ROWS];
    double doubles[BATCH_ROWS];
    int64_t integers[BATCH_ROWS];
  };
};

struct parquet_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_output *output;
  struct sk_writer *writer;
  struct column *columns; /* [SK_ROW_COLUMN_COUNT] */
  size_t rows;            /* of the batch */
  uint64_t set_rows;      /* written with the tables in use */
  unsigned set;           /* which those are */
};

static bool is_text(enum sk_row_kind kind)
{
  return kind == SK_ROW_TEXT || kind == SK_ROW_LABELS;
}

/* Empty tables for the set in use. */
static shukei_status renew_tables(struct parquet_sink *self, shukei_error *err)
{
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    struct column *column = &self->columns[c];
    if (!is_text(column->kind))
      continue;
    column->last_id = 0;
    sk_intern_reset(&column->tables[self->set]);
    if (!sk_intern_init(&column->tables[self->set], self->budget))
      return sk_fail_memory(err, self->budget, 0, "texts of a Parquet file");
  }
  self->set_rows = 0;
  return SHUKEI_OK;
}

static shukei_status flush(struct parquet_sink *self, shukei_error *err)
{
  struct sk_write_values values[SK_ROW_COLUMN_COUNT];
  if (self->rows == 0)
    return SHUKEI_OK;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const struct column *column = &self->columns[c];
    values[c] = (struct sk_write_values){.valid = column->valid};
    if (is_text(column->kind)) {
      values[c].ids = column->ids;
      values[c].texts = &column->tables[self->set];
    } else if (column->kind == SK_ROW_MEASURE) {
      values[c].doubles = column->doubles;
    } else {
      values[c].integers = column->integers;
    }
  }
  const shukei_status st = sk_writer_add(self->writer, self->rows, values, err);
  if (st)
    return st;
  self->set_rows += self->rows;
  self->rows = 0;
  if (self->set_rows < GROUP_ROWS)
    return SHUKEI_OK;
  self->set ^= 1;
  return renew_tables(self, err);
}

static shukei_status add_text(struct parquet_sink *self, struct column *column,
                              const struct sk_text *text, shukei_error *err)
{
  const uint32_t id = sk_intern_next(&column->tables[self->set], column->last_id,
                                     text->bytes ? text->bytes : "", text->length);
  if (id == SK_NO_ID)
    return sk_fail_memory(err, self->budget, text->length, "texts of a Parquet file");
  column->ids[self->rows] = column->last_id = id;
  return SHUKEI_OK;
}

static shukei_status parquet_add(struct sk_sink *sink, const struct sk_row *row, shukei_error *err)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  shukei_status st = SHUKEI_OK;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT && !st; c++) {
    struct column *column = &self->columns[c];
    const union sk_cell *cell = &row->cells[c];
    const bool valid = sk_row_has(row, (enum sk_row_column)c);
    column->valid[self->rows] = valid;
    if (is_text(column->kind)) {
      column->ids[self->rows] = SK_NO_ID;
      if (valid)
        st = add_text(self, column, &cell->text, err);
    } else if (column->kind == SK_ROW_MEASURE) {
      column->doubles[self->rows] = valid ? cell->measure : 0.0;
    } else {
      column->integers[self->rows] = valid ? cell->integer : 0;
    }
  }
  if (!st && ++self->rows == BATCH_ROWS)
    st = flush(self, err);
  return st ? sk_context(err, st, "\"%s\"", self->output->name) : SHUKEI_OK;
}

static shukei_status parquet_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  shukei_status st = flush(self, err);
  if (!st)
    st = sk_writer_finish(self->writer, err);
  return st ? st : sk_output_sync(self->output, err);
}

static shukei_status parquet_commit(struct sk_sink *sink, shukei_error *err)
{
  return sk_output_commit(((struct parquet_sink *)sink)->output, err);
}

static uint64_t parquet_bytes(const struct sk_sink *sink)
{
  return ((const struct parquet_sink *)sink)->output->written_bytes;
}

static void parquet_close(struct sk_sink *sink)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  sk_writer_close(self->writer);
  sk_output_close(self->output);
  for (int c = 0; self->columns && c < SK_ROW_COLUMN_COUNT; c++) {
    for (unsigned set = 0; set < SK_COUNT(self->columns[c].tables); set++)
      sk_intern_reset(&self->columns[c].tables[set]);
  }
  sk_free(self->columns);
  sk_free(self);
}

static const struct sk_sink_calls parquet_calls = {.add = parquet_add,
                                                   .prepare = parquet_prepare,
                                                   .commit = parquet_commit,
                                                   .bytes = parquet_bytes,
                                                   .close = parquet_close};

static shukei_status open_writer(struct parquet_sink *self, unsigned threads, shukei_error *err)
{
  static const enum sk_write_kind kinds[] = {
      [SK_ROW_TEXT] = SK_WRITE_TEXT,     [SK_ROW_DAY] = SK_WRITE_DATE,
      [SK_ROW_LABELS] = SK_WRITE_TEXT,   [SK_ROW_MEASURE] = SK_WRITE_DOUBLE,
      [SK_ROW_INTEGER] = SK_WRITE_INT64,
  };
  struct sk_write_column columns[SK_ROW_COLUMN_COUNT];
  struct sk_writer_options options;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const struct sk_row_column_info *info = &sk_row_columns[c];
    self->columns[c].kind = info->kind;
    columns[c] = (struct sk_write_column){
        .name = info->name, .kind = kinds[info->kind], .required = info->kind == SK_ROW_DAY};
  }
  sk_writer_options_init(&options);
  options.codec = SK_CODEC_ZSTD;
  options.group_rows = GROUP_ROWS;
  options.page_bytes = PAGE_BYTES;
  options.threads = threads;
  options.sorting_column = sk_row_columns[SK_R_usage_start].name;
  return sk_writer_open(self->output, columns, SK_ROW_COLUMN_COUNT, &options, self->budget,
                        &self->writer, err);
}

shukei_status sk_parquet_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err)
{
  const size_t bytes = SK_ROW_COLUMN_COUNT * sizeof(struct column);
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  struct parquet_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a Parquet sink");
  self->sink.calls = &parquet_calls;
  self->budget = budget;
  self->columns = sk_calloc(budget, SK_ROW_COLUMN_COUNT, sizeof *self->columns);
  if (!self->columns)
    st = sk_fail_memory(err, budget, bytes, "a Parquet sink");
  if (!st)
    st = sk_store_create(path, budget, &self->output, err);
  if (!st)
    st = open_writer(self, options->threads, err);
  if (!st)
    st = renew_tables(self, err);
  if (st) {
    parquet_close(&self->sink);
    return st;
  }
  *out = &self->sink;
  return SHUKEI_OK;
}
