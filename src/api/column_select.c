/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that meet conditions, and nested columns: the room's own, held to the rules of
 * shukei/parquet.h for calls. */
#include "api/column_file.h"

#include "parquet/values.h"

/* ---- selections ------------------------------------------------------------------------------ */

struct shukei_parquet_selection {
  struct shukei_parquet_file *file;
  struct sk_selection *selection;
  bool ready, failed; /* ready: there is a row group whose rows are wanted */
};

shukei_status shukei_parquet_selection_open(shukei_parquet_file *file,
                                            const shukei_condition *conditions, size_t count,
                                            shukei_parquet_selection **out, shukei_error *err)
{
  *out = NULL;
  if (!count)
    return sk_fail(err, SHUKEI_EINVAL, "%s: no condition is given", sk_object_name(file->object));
  shukei_parquet_selection *selection = sk_calloc(&file->budget, 1, sizeof *selection);
  if (!selection)
    return sk_fail_memory(err, &file->budget, sizeof *selection, "conditions");
  selection->file = file;
  const shukei_status st =
      sk_selection_open(file->file, conditions, count, &file->budget, &selection->selection, err);
  if (st)
    shukei_parquet_selection_close(selection);
  else
    *out = selection;
  return st;
}

void shukei_parquet_selection_close(shukei_parquet_selection *selection)
{
  if (!selection)
    return;
  sk_selection_close(selection->selection);
  sk_free(selection);
}

static shukei_status check_failed(const shukei_parquet_selection *selection, shukei_error *err)
{
  return selection->failed
             ? sk_fail(err, SHUKEI_EINVAL, "%s: a selection that failed can only be closed",
                       sk_object_name(selection->file->object))
             : SHUKEI_OK;
}

shukei_status shukei_parquet_selection_group(shukei_parquet_selection *selection, size_t group,
                                             bool *any, shukei_error *err)
{
  bool partial = false;
  *any = false;
  shukei_status st = check_failed(selection, err);
  if (!st)
    st = sk_parquet_check_group(selection->file, group, err);
  if (st)
    return st;
  st = sk_selection_group(selection->selection, (uint32_t)group, any, &partial, err);
  selection->failed = st != SHUKEI_OK;
  selection->ready = !st && *any;
  return st;
}

shukei_status shukei_parquet_selection_next(shukei_parquet_selection *selection, size_t capacity,
                                            shukei_parquet_selected *out, shukei_error *err)
{
  struct sk_selected selected = {.rows = 0};
  *out = (shukei_parquet_selected){.rows = 0};
  shukei_status st = check_failed(selection, err);
  if (!st && !capacity)
    return sk_fail(err, SHUKEI_EINVAL, "no room for rows");
  if (st || !selection->ready)
    return st;
  st = sk_selection_next(selection->selection, capacity, &selected, err);
  selection->failed = st != SHUKEI_OK;
  selection->ready = selected.rows > 0;
  if (!st && selected.rows)
    *out = (shukei_parquet_selected){selected.first, selected.rows, selected.match};
  return st;
}

void shukei_parquet_selection_counts(const shukei_parquet_selection *selection,
                                     shukei_cat_stats *counts)
{
  *counts = (shukei_cat_stats){.rows_written = 0};
  sk_selection_counts(selection->selection, counts);
}

/* ---- nested columns -------------------------------------------------------------------------- */

struct shukei_parquet_nested {
  struct shukei_parquet_file *file;
  struct sk_json_rows *rows;
  struct sk_buffer texts; /* of the last call */
  bool failed;
};

shukei_status shukei_parquet_nested_open(shukei_parquet_file *file, size_t group, const char *path,
                                         shukei_parquet_nested **out, shukei_error *err)
{
  *out = NULL;
  shukei_status st = sk_parquet_check_group(file, group, err);
  if (!st && !path)
    st = sk_fail(err, SHUKEI_EINVAL, "%s: no column is given", sk_object_name(file->object));
  if (st)
    return st;
  shukei_parquet_nested *nested = sk_calloc(&file->budget, 1, sizeof *nested);
  if (!nested)
    return sk_fail_memory(err, &file->budget, sizeof *nested, "a nested column");
  nested->file = file;
  sk_buffer_init(&nested->texts, &file->budget, SIZE_MAX / 2);
  st = sk_json_rows_open(file->file, (uint32_t)group, path, &file->budget, &nested->rows, err);
  if (st)
    shukei_parquet_nested_close(nested);
  else
    *out = nested;
  return st;
}

void shukei_parquet_nested_close(shukei_parquet_nested *nested)
{
  if (!nested)
    return;
  sk_json_rows_close(nested->rows);
  sk_buffer_reset(&nested->texts);
  sk_free(nested);
}

/* Texts move while the buffer grows, so they are told by their lengths first. */
static shukei_status read_rows(shukei_parquet_nested *nested, size_t rows,
                               shukei_parquet_text *texts, shukei_error *err)
{
  static const char empty[1] = "";
  shukei_status st = SHUKEI_OK;
  sk_buffer_clear(&nested->texts);
  for (size_t i = 0; !st && i < rows; i++) {
    const size_t before = nested->texts.length;
    bool null = false;
    st = sk_json_rows_next(nested->rows, &nested->texts, &null, err);
    texts[i] = (shukei_parquet_text){null ? NULL : empty, nested->texts.length - before};
  }
  if (!st && nested->texts.failed)
    st = sk_fail_memory(err, &nested->file->budget, nested->texts.length, "nested rows");
  const char *at = (const char *)nested->texts.bytes;
  for (size_t i = 0; !st && i < rows; i++) {
    if (texts[i].bytes)
      texts[i].bytes = at;
    at += texts[i].length;
  }
  return st;
}

shukei_status shukei_parquet_read_json(shukei_parquet_nested *nested, size_t capacity,
                                       shukei_parquet_text *texts, size_t *rows, shukei_error *err)
{
  const uint64_t left = (uint64_t)sk_json_rows_left(nested->rows);
  *rows = 0;
  if (nested->failed)
    return sk_fail(err, SHUKEI_EINVAL, "%s: a reader that failed can only be closed",
                   sk_object_name(nested->file->object));
  const size_t wanted = left < capacity ? (size_t)left : capacity;
  if (!wanted)
    return SHUKEI_OK;
  const shukei_status st = read_rows(nested, wanted, texts, err);
  nested->failed = st != SHUKEI_OK;
  *rows = st ? 0 : wanted;
  return st;
}
