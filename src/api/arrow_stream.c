/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of record batches: the columns of one row group after the other are read side by side,
 * a batch at a time. It owns the file, as everything that it hands out does. */
#include "api/arrow.h"

#include <errno.h>

struct stream {
  struct shukei_parquet_file *file;
  size_t *columns; /* [column_count] */
  size_t column_count;
  size_t *groups; /* [group_count] */
  size_t group_count;
  size_t batch_rows;
  int *numbers;                /* of the columns, as the file takes them */
  struct sk_arrow_type *types; /* [column_count] */
  struct sk_column **readers;  /* [column_count]; NULL between row groups, and for SK_ARROW_NULLS */
  struct sk_column_tools *tools;
  size_t at;         /* in groups */
  int64_t row, rows; /* next and all of the row group that is open */
  bool open, failed;
  shukei_error error;
};

void shukei_parquet_arrow_options_init(shukei_parquet_arrow_options *options)
{
  *options = (shukei_parquet_arrow_options){.batch_rows = 65536};
}

/* ---- row groups ---- */

static void close_group(struct stream *s)
{
  for (size_t i = 0; s->readers && i < s->column_count; i++) {
    sk_column_close(s->readers[i]);
    s->readers[i] = NULL;
  }
  s->open = false;
}

static shukei_status open_group(struct stream *s, shukei_error *err)
{
  const uint32_t group = (uint32_t)s->groups[s->at];
  shukei_status st = SHUKEI_OK;
  s->open = true;
  s->row = 0;
  s->rows = s->file->meta->groups[group].row_count;
  sk_file_expect(s->file->file, group, s->numbers, s->column_count);
  for (size_t i = 0; !st && i < s->column_count; i++)
    if (s->types[i].layout != SK_ARROW_NULLS)
      st = sk_column_open(s->file->file, group, s->numbers[i], 0, s->tools, &s->file->budget,
                          &s->readers[i], err);
  return st;
}

/* Opens the next row group that has rows; none is open at the end. */
static shukei_status find_rows(struct stream *s, shukei_error *err)
{
  while (s->open || s->at < s->group_count) {
    if (!s->open) {
      const shukei_status st = open_group(s, err);
      if (st)
        return st;
    }
    if (s->row < s->rows)
      return SHUKEI_OK;
    close_group(s);
    s->at++;
  }
  return SHUKEI_OK;
}

static shukei_status read_batch(struct stream *s, struct ArrowArray *out, shukei_error *err)
{
  const uint64_t left = (uint64_t)(s->rows - s->row);
  const size_t rows = left < s->batch_rows ? (size_t)left : s->batch_rows;
  struct ArrowArray batch;
  shukei_status st = sk_arrow_struct(s->file, s->column_count, rows, &batch, err);
  if (st)
    return st;
  for (size_t i = 0; !st && i < s->column_count; i++)
    st = sk_arrow_array(s->file, &s->file->meta->columns[s->columns[i]], &s->types[i],
                        s->readers[i], rows, batch.children[i], err);
  if (st) {
    batch.release(&batch);
    return st;
  }
  s->row += (int64_t)rows;
  *out = batch;
  return SHUKEI_OK;
}

/* ---- callbacks ---- */

static int errno_of(shukei_status status)
{
  return status == SHUKEI_OK       ? 0
         : status == SHUKEI_ENOMEM ? ENOMEM
         : status == SHUKEI_EIO    ? EIO
                                   : EINVAL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  struct stream *s = stream->private_data;
  const shukei_status st = sk_arrow_schema(s->file, s->columns, s->column_count, out, &s->error);
  s->failed = s->failed || st;
  return errno_of(st);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  struct stream *s = stream->private_data;
  if (s->failed)
    return EINVAL;
  shukei_status st = find_rows(s, &s->error);
  if (!st && !s->open)
    out->release = NULL; /* the end */
  else if (!st)
    st = read_batch(s, out, &s->error);
  s->failed = st != SHUKEI_OK;
  return errno_of(st);
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
  const struct stream *s = stream->private_data;
  return s->failed ? s->error.text : NULL;
}

static void free_stream(struct stream *s)
{
  struct shukei_parquet_file *file = s->file;
  close_group(s);
  sk_column_tools_free(s->tools);
  sk_free(s->columns);
  sk_free(s->groups);
  sk_free(s->numbers);
  sk_free(s->types);
  sk_free(s->readers);
  sk_free(s);
  shukei_parquet_close(file);
}

static void release_stream(struct ArrowArrayStream *stream)
{
  free_stream(stream->private_data);
  stream->release = NULL;
}

/* ---- opening ---- */

static shukei_status take_columns(struct stream *s, const shukei_parquet_arrow_options *options,
                                  shukei_error *err)
{
  const struct shukei_parquet_file *file = s->file;
  const size_t most = options->columns ? options->column_count : file->meta->column_count;
  for (size_t i = 0; i < most; i++) {
    const size_t column = options->columns ? options->columns[i] : i;
    const shukei_status st = sk_parquet_check_column(file, column, err);
    if (st)
      return st;
    if (!file->columns[column].flat && !options->columns)
      continue;
    if (!file->columns[column].flat)
      return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: column %s: nested, only flat columns are read",
                     sk_object_name(file->object), file->columns[column].path);
    sk_arrow_type_of(&file->meta->columns[column], &s->types[s->column_count]);
    s->numbers[s->column_count] = (int)column;
    s->columns[s->column_count++] = column;
  }
  return SHUKEI_OK;
}

static shukei_status take_groups(struct stream *s, const shukei_parquet_arrow_options *options,
                                 shukei_error *err)
{
  const uint32_t have = s->file->meta->group_count;
  s->group_count = options->groups ? options->group_count : have;
  for (size_t i = 0; i < s->group_count; i++) {
    s->groups[i] = options->groups ? options->groups[i] : i;
    if (s->groups[i] >= have)
      return sk_fail(err, SHUKEI_EINVAL, "%s: there is no row group %zu, it has %" PRIu32,
                     sk_object_name(s->file->object), s->groups[i], have);
  }
  return SHUKEI_OK;
}

static shukei_status make_room(struct stream *s, const shukei_parquet_arrow_options *options,
                               shukei_error *err)
{
  struct sk_budget *budget = &s->file->budget;
  const size_t columns =
      1 + (options->columns ? options->column_count : s->file->meta->column_count);
  const size_t groups = 1 + (options->groups ? options->group_count : s->file->meta->group_count);
  s->columns = sk_calloc(budget, columns, sizeof *s->columns);
  s->numbers = sk_calloc(budget, columns, sizeof *s->numbers);
  s->types = sk_calloc(budget, columns, sizeof *s->types);
  s->readers = sk_calloc(budget, columns, sizeof *s->readers);
  s->groups = sk_calloc(budget, groups, sizeof *s->groups);
  if (!s->columns || !s->numbers || !s->types || !s->readers || !s->groups)
    return sk_fail_memory(err, budget, columns * sizeof *s->types, "a stream");
  return sk_column_tools_new(budget, &s->tools, err);
}

shukei_status shukei_parquet_arrow_stream(shukei_parquet_file *file,
                                          const shukei_parquet_arrow_options *options,
                                          struct ArrowArrayStream *out, shukei_error *err)
{
  shukei_parquet_arrow_options defaults;
  shukei_parquet_arrow_options_init(&defaults);
  if (!options)
    options = &defaults;
  if (options->batch_rows == 0 || options->batch_rows > INT32_MAX)
    return sk_fail(err, SHUKEI_EINVAL, "batches of %zu rows", options->batch_rows);
  struct stream *s = sk_calloc(&file->budget, 1, sizeof *s);
  if (!s)
    return sk_fail_memory(err, &file->budget, sizeof *s, "a stream");
  s->file = file;
  sk_parquet_share(file);
  s->batch_rows = options->batch_rows;
  shukei_status st = make_room(s, options, err);
  if (!st)
    st = take_columns(s, options, err);
  if (!st)
    st = take_groups(s, options, err);
  if (st) {
    free_stream(s);
    return st;
  }
  *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                   .get_next = get_next,
                                   .get_last_error = get_last_error,
                                   .release = release_stream,
                                   .private_data = s};
  return SHUKEI_OK;
}
