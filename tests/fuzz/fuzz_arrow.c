/* SPDX-License-Identifier: Apache-2.0 */
/* Whole Parquet files by way of shukei/parquet.h: batches of Arrow whose buffers hold together,
 * values of every kind that a column can be read as, statistics. */
#include "mutating.h"

#include "api/column_file.h"

enum { ROWS = 700, GROUPS = 3, COLUMNS_READ = 6 };
#define BUDGET_BYTES (UINT64_C(64) << 20)

static void check_child(const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t length)
{
  int64_t nulls = 0;
  MUST(array->length == length && !array->offset && !array->n_children);
  if (schema->format[0] == 'n')
    return;
  const uint8_t *bits = array->buffers[0];
  for (int64_t i = 0; bits && i < length; i++)
    nulls += !(bits[i / 8] >> i % 8 & 1);
  MUST(array->null_count == nulls);
  if (array->n_buffers == 3) {
    const int32_t *offsets = array->buffers[1];
    volatile uint8_t last = 0;
    MUST(!offsets[0]);
    for (int64_t i = 0; i < length; i++)
      MUST(offsets[i] <= offsets[i + 1]);
    if (offsets[length])
      last = ((const uint8_t *)array->buffers[2])[offsets[length] - 1];
    (void)last;
  }
}

static void read_batches(shukei_parquet_file *file)
{
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  shukei_parquet_arrow_options options;
  shukei_parquet_arrow_options_init(&options);
  options.batch_rows = ROWS;
  if (shukei_parquet_arrow_stream(file, &options, &stream, NULL))
    return;
  if (!stream.get_schema(&stream, &schema)) {
    for (size_t n = 0; n < 20; n++) {
      struct ArrowArray batch;
      if (stream.get_next(&stream, &batch)) {
        MUST(stream.get_last_error(&stream)[0]);
        break;
      }
      if (!batch.release)
        break;
      MUST(batch.n_children == schema.n_children && batch.length <= ROWS);
      for (int64_t i = 0; i < batch.n_children; i++)
        check_child(schema.children[i], batch.children[i], batch.length);
      batch.release(&batch);
    }
    schema.release(&schema);
  }
  stream.release(&stream);
}

/* Rows of one kind, every byte of which is there. */
static void read_kind(shukei_parquet_file *file, size_t group, size_t column,
                      shukei_parquet_kind kind)
{
  static double doubles[ROWS];
  static int64_t integers[ROWS];
  static uint8_t booleans[ROWS], valid[ROWS];
  static shukei_parquet_text texts[ROWS];
  shukei_parquet_reader *reader = NULL;
  shukei_error err = {.text = ""};
  size_t n = 0;
  if (shukei_parquet_reader_open(file, group, column, &reader, &err)) {
    MUST(err.text[0]);
    return;
  }
  const shukei_status st =
      kind == SHUKEI_PARQUET_DOUBLES
          ? shukei_parquet_read_doubles(reader, ROWS, doubles, valid, &n, &err)
      : kind == SHUKEI_PARQUET_INTEGERS
          ? shukei_parquet_read_integers(reader, ROWS, integers, valid, &n, &err)
      : kind == SHUKEI_PARQUET_TIMES
          ? shukei_parquet_read_times(reader, ROWS, integers, valid, &n, &err)
      : kind == SHUKEI_PARQUET_BOOLEANS
          ? shukei_parquet_read_booleans(reader, ROWS, booleans, valid, &n, &err)
          : shukei_parquet_read_texts(reader, ROWS, texts, &n, &err);
  MUST(!st || (err.text[0] && n == 0));
  volatile size_t sum = 0;
  for (size_t i = 0; i < n && kind == SHUKEI_PARQUET_TEXTS; i++)
    for (size_t k = 0; texts[i].bytes && k < texts[i].length; k++)
      sum += (uint8_t)texts[i].bytes[k];
  (void)sum;
  shukei_parquet_reader_skip_to(reader, (int64_t)n + 100, NULL);
  shukei_parquet_reader_close(reader);
}

static void look_at(shukei_parquet_file *file, size_t group, size_t column)
{
  const unsigned kinds = shukei_parquet_column_at(file, column)->kinds;
  shukei_parquet_statistics told;
  shukei_parquet_chunk chunk;
  MUST(!shukei_parquet_statistics_at(file, group, column, &told, NULL));
  MUST(!shukei_parquet_chunk_at(file, group, column, &chunk, NULL));
  /* What the bounds tell lies within the bounds. */
  if (told.min.kind && told.max.kind && told.null_count != shukei_parquet_group_rows(file, group))
    MUST(!shukei_parquet_outside(file, group, column, &told.min, NULL) &&
         !shukei_parquet_outside(file, group, column, NULL, &told.max));
  for (unsigned kind = 1; kind <= SHUKEI_PARQUET_TEXTS; kind *= 2)
    if (kinds & kind)
      read_kind(file, group, column, (shukei_parquet_kind)kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  shukei_parquet_file *file = NULL;
  shukei_error err = {.text = ""};
  uint8_t *exact = copy_of(bytes, length, 0);
  const shukei_status st =
      shukei_parquet_open_memory("f.parquet", exact, length, BUDGET_BYTES, &file, &err);
  MUST(!st || (err.text[0] && !file));
  if (!st) {
    const uint64_t before = file->budget.used_bytes;
    read_batches(file);
    for (size_t g = 0; g < shukei_parquet_group_count(file) && g < GROUPS; g++)
      for (size_t i = 0; i < shukei_parquet_column_count(file) && i < COLUMNS_READ; i++)
        look_at(file, g, i);
    MUST(file->budget.used_bytes == before);
    MUST(file->budget.peak_bytes <= BUDGET_BYTES);
  }
  shukei_parquet_close(file);
  free(exact);
  return 0;
}
