/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of one column of one row group: the room's reader, with the number of rows cut to what is
 * left, and held to one kind of call, since a dictionary becomes what the first call makes of
 * it. */
#include "api/column_file.h"

#include "parquet/values.h"

struct shukei_parquet_reader {
  struct shukei_parquet_file *file;
  size_t number; /* of the column */
  struct sk_column *column;
  int64_t row_count;
  shukei_parquet_kind kind; /* of the calls so far */
  bool failed;
  struct sk_arena texts; /* of the last call */
  struct sk_slice *slices;
  size_t slice_capacity;
};

shukei_status shukei_parquet_reader_open(shukei_parquet_file *file, size_t group, size_t column,
                                         shukei_parquet_reader **out, shukei_error *err)
{
  *out = NULL;
  shukei_status st = sk_parquet_check_place(file, group, column, err);
  if (st)
    return st;
  shukei_parquet_reader *reader = sk_calloc(&file->budget, 1, sizeof *reader);
  if (!reader)
    return sk_fail_memory(err, &file->budget, sizeof *reader, "a column reader");
  reader->file = file;
  reader->number = column;
  reader->row_count = file->meta->groups[group].row_count;
  sk_arena_init(&reader->texts, &file->budget);
  st = sk_column_open(file->file, (uint32_t)group, (int)column, 0, NULL, &file->budget,
                      &reader->column, err);
  if (st)
    shukei_parquet_reader_close(reader);
  else
    *out = reader;
  return st;
}

void shukei_parquet_reader_close(shukei_parquet_reader *reader)
{
  if (!reader)
    return;
  sk_column_close(reader->column);
  sk_arena_reset(&reader->texts);
  sk_free(reader->slices);
  sk_free(reader);
}

int64_t shukei_parquet_reader_row(const shukei_parquet_reader *reader)
{
  return sk_column_row(reader->column);
}

static shukei_status check_failed(const shukei_parquet_reader *reader, shukei_error *err)
{
  return reader->failed
             ? sk_fail(err, SHUKEI_EINVAL, "%s: column %s: a reader that failed can only be closed",
                       sk_object_name(reader->file->object),
                       reader->file->columns[reader->number].path)
             : SHUKEI_OK;
}

shukei_status shukei_parquet_reader_skip_to(shukei_parquet_reader *reader, int64_t row,
                                            shukei_error *err)
{
  shukei_status st = check_failed(reader, err);
  if (st)
    return st;
  st = sk_column_skip_to(reader->column, row, err);
  reader->failed = st != SHUKEI_OK && st != SHUKEI_EINVAL;
  return st;
}

static const char *name_of(shukei_parquet_kind kind)
{
  return kind == SHUKEI_PARQUET_BOOLEANS   ? "booleans"
         : kind == SHUKEI_PARQUET_INTEGERS ? "integers"
         : kind == SHUKEI_PARQUET_DOUBLES  ? "doubles"
         : kind == SHUKEI_PARQUET_TIMES    ? "times"
                                           : "texts";
}

/* What every reading call begins with: *rows becomes the number of rows to read. */
static shukei_status begin(shukei_parquet_reader *reader, shukei_parquet_kind kind, size_t capacity,
                           size_t *rows, shukei_error *err)
{
  const shukei_parquet_column *column = &reader->file->columns[reader->number];
  const char *file = sk_object_name(reader->file->object);
  const uint64_t left = (uint64_t)(reader->row_count - sk_column_row(reader->column));
  *rows = 0;
  const shukei_status st = check_failed(reader, err);
  if (st)
    return st;
  if (!(column->kinds & kind))
    return sk_fail(err, SHUKEI_EINVAL, "%s: column %s holds %s (%s), it cannot be read as %s", file,
                   column->path, shukei_parquet_type_name(column->type),
                   shukei_parquet_logical_name(column->logical), name_of(kind));
  if (reader->kind && reader->kind != kind)
    return sk_fail(err, SHUKEI_EINVAL, "%s: column %s: a reader of %s cannot go on with %s", file,
                   column->path, name_of(reader->kind), name_of(kind));
  reader->kind = kind;
  *rows = left < capacity ? (size_t)left : capacity;
  return SHUKEI_OK;
}

static shukei_status end(shukei_parquet_reader *reader, shukei_status status, size_t *rows)
{
  reader->failed = status != SHUKEI_OK;
  if (status)
    *rows = 0;
  return status;
}

shukei_status shukei_parquet_read_doubles(shukei_parquet_reader *reader, size_t capacity,
                                          double *values, uint8_t *valid, size_t *rows,
                                          shukei_error *err)
{
  const shukei_status st = begin(reader, SHUKEI_PARQUET_DOUBLES, capacity, rows, err);
  return st ? st
            : end(reader, sk_column_doubles(reader->column, *rows, values, valid, NULL, err), rows);
}

shukei_status shukei_parquet_read_integers(shukei_parquet_reader *reader, size_t capacity,
                                           int64_t *values, uint8_t *valid, size_t *rows,
                                           shukei_error *err)
{
  const shukei_status st = begin(reader, SHUKEI_PARQUET_INTEGERS, capacity, rows, err);
  return st ? st : end(reader, sk_column_integers(reader->column, *rows, values, valid, err), rows);
}

shukei_status shukei_parquet_read_times(shukei_parquet_reader *reader, size_t capacity,
                                        int64_t *times_us, uint8_t *valid, size_t *rows,
                                        shukei_error *err)
{
  const shukei_status st = begin(reader, SHUKEI_PARQUET_TIMES, capacity, rows, err);
  return st ? st : end(reader, sk_column_times(reader->column, *rows, times_us, valid, err), rows);
}

shukei_status shukei_parquet_read_booleans(shukei_parquet_reader *reader, size_t capacity,
                                           uint8_t *values, uint8_t *valid, size_t *rows,
                                           shukei_error *err)
{
  const shukei_status st = begin(reader, SHUKEI_PARQUET_BOOLEANS, capacity, rows, err);
  return st ? st : end(reader, sk_column_booleans(reader->column, *rows, values, valid, err), rows);
}

static shukei_status read_slices(shukei_parquet_reader *reader, size_t rows, shukei_error *err)
{
  struct sk_budget *budget = &reader->file->budget;
  sk_arena_reset(&reader->texts);
  if (rows > reader->slice_capacity) {
    sk_free(reader->slices);
    reader->slice_capacity = 0;
    reader->slices = sk_alloc(budget, rows * sizeof *reader->slices);
    if (!reader->slices)
      return sk_fail_memory(err, budget, rows * sizeof *reader->slices, "texts");
    reader->slice_capacity = rows;
  }
  return sk_column_texts(reader->column, rows, reader->slices, &reader->texts, err);
}

shukei_status shukei_parquet_read_texts(shukei_parquet_reader *reader, size_t capacity,
                                        shukei_parquet_text *texts, size_t *rows, shukei_error *err)
{
  shukei_status st = begin(reader, SHUKEI_PARQUET_TEXTS, capacity, rows, err);
  if (st)
    return st;
  st = read_slices(reader, *rows, err);
  for (size_t i = 0; !st && i < *rows; i++)
    texts[i] =
        (shukei_parquet_text){(const char *)reader->slices[i].bytes, reader->slices[i].length};
  return end(reader, st, rows);
}
