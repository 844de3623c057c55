/* SPDX-License-Identifier: Apache-2.0 */
/* A field of the schema, nested or not, row by row as JSON: what `cat` prints in its cells, without
 * the CSV. */
#include "parquet/nested.h"
#include "parquet/values.h"

struct sk_json_rows {
  struct sk_nested *nested;
  int64_t left; /* rows */
};

static shukei_status find(const struct sk_file *file, const char *path, uint32_t *element,
                          shukei_error *err)
{
  bool repeated = false;
  *element = sk_nested_find(&file->meta, path, &repeated);
  if (!*element)
    return sk_fail(err, SHUKEI_EINVAL, "there is no column \"%s\"", path);
  if (repeated)
    return sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "column %s: within a list or a map, of which only the whole can be read", path);
  return SHUKEI_OK;
}

shukei_status sk_json_rows_open(struct sk_file *file, uint32_t group, const char *path,
                                struct sk_budget *budget, struct sk_json_rows **out,
                                shukei_error *err)
{
  uint32_t element = 0;
  *out = NULL;
  shukei_status st = find(file, path, &element, err);
  if (st)
    return sk_context(err, st, "%s", sk_object_name(file->object));
  struct sk_json_rows *rows = sk_calloc(budget, 1, sizeof *rows);
  if (!rows)
    return sk_fail_memory(err, budget, sizeof *rows, "a nested column");
  rows->left = file->meta.groups[group].row_count;
  st = sk_nested_new(file, element, NULL, budget, &rows->nested, err);
  if (!st && rows->left)
    st = sk_nested_open(rows->nested, group, err);
  if (st)
    sk_json_rows_close(rows);
  else
    *out = rows;
  return st;
}

void sk_json_rows_close(struct sk_json_rows *rows)
{
  if (!rows)
    return;
  sk_nested_free(rows->nested);
  sk_free(rows);
}

int64_t sk_json_rows_left(const struct sk_json_rows *rows)
{
  return rows->left;
}

shukei_status sk_json_rows_next(struct sk_json_rows *rows, struct sk_buffer *out, bool *null,
                                shukei_error *err)
{
  const shukei_status st = sk_nested_json(rows->nested, out, null, err);
  if (st)
    return st;
  rows->left--;
  return rows->left ? SHUKEI_OK : sk_nested_end(rows->nested, err);
}
