/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a file as CSV. Columns are decoded a few hundred rows at a time into the text of
 * their cells, which are then woven into lines: so memory does not depend on the number of rows,
 * and each decoder runs over many values at once. */
#include "parquet/cell.h"
#include "parquet/column.h"
#include "parquet/nested.h"

#include <stdlib.h>

enum { CAT_ROWS = 256, FLUSH_BYTES = 64 * 1024 };

struct cat_column {
  int index;
  struct sk_column *reader;
  struct sk_buffer text; /* of the cells of a block of rows, one behind the other */
  size_t ends[CAT_ROWS];
};

struct cat {
  struct sk_file *file;
  struct sk_budget *budget;
  struct cat_column *columns;
  int *indexes; /* of the columns, for the object to know */
  size_t count;
  struct sk_column_tools *tools;
  struct sk_buffer out;
  bool (*write)(void *, const void *, size_t);
  void *context;
};

static shukei_status flush(struct cat *cat, shukei_error *err)
{
  if (cat->out.failed)
    return sk_fail_memory(err, cat->budget, cat->out.length, "rows of CSV");
  if (cat->out.length && !cat->write(cat->context, cat->out.bytes, cat->out.length))
    return sk_fail(err, SHUKEI_EWRITE, "could not write the rows of %s",
                   sk_object_name(cat->file->object));
  sk_buffer_clear(&cat->out);
  return SHUKEI_OK;
}

static shukei_status no_column(const struct sk_file *file, const char *name, shukei_error *err)
{
  const char *object = sk_object_name(file->object);
  const size_t length = strlen(name);
  for (uint32_t i = 0; i < file->meta.column_count; i++) {
    const char *path = file->meta.columns[i].path;
    if (strncmp(path, name, length) == 0 && (path[length] == 0 || path[length] == '.'))
      return sk_fail(err, SHUKEI_EUNSUPPORTED,
                     "%s: column %s: nested, only flat columns can be printed", object, name);
  }
  return sk_fail(err, SHUKEI_EINVAL, "%s: there is no column \"%s\"", object, name);
}

static shukei_status pick_columns(struct cat *cat, const char *const *names, size_t count,
                                  shukei_error *err)
{
  const struct sk_meta *meta = &cat->file->meta;
  const size_t most = count ? count : meta->column_count;
  cat->columns = sk_calloc(cat->budget, most ? most : 1, sizeof *cat->columns);
  cat->indexes = sk_alloc(cat->budget, (most ? most : 1) * sizeof *cat->indexes);
  if (!cat->columns || !cat->indexes)
    return sk_fail_memory(err, cat->budget, most * sizeof *cat->columns, "the columns");
  for (size_t i = 0; i < most; i++) {
    const int index = count ? sk_file_find_column(cat->file, names[i]) : (int)i;
    if (index < 0)
      return no_column(cat->file, names[i], err);
    if (!meta->columns[index].flat)
      continue;
    struct cat_column *c = &cat->columns[cat->count++];
    c->index = index;
    sk_buffer_init(&c->text, cat->budget, SIZE_MAX / 2);
  }
  return SHUKEI_OK;
}

/* A file without a flat column: nothing to print, but perhaps something to complain of. */
static shukei_status refuse_nested(const struct cat *cat, shukei_error *err)
{
  const struct sk_meta *meta = &cat->file->meta;
  for (uint32_t g = 0; g < meta->group_count; g++) {
    for (uint32_t i = 0; i < meta->column_count; i++) {
      const shukei_status st = sk_nested_check(cat->file, g, (int)i, cat->budget, err);
      if (st)
        return st;
    }
  }
  return sk_fail(err, SHUKEI_EUNSUPPORTED,
                 "%s: column %s: nested, as all others: only flat columns can be printed",
                 sk_object_name(cat->file->object), meta->columns[0].path);
}

static shukei_status add_cells(struct cat_column *c, const struct sk_block *block, size_t *row,
                               shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  size_t left = block->present, got = 0, used = 0;
  for (size_t i = 0; i < block->rows; i++) {
    const bool present = block->valid ? block->valid[i] : block->present > 0;
    if (present && used == got) {
      const shukei_status st = sk_column_slices(c->reader, left, slices, &got, err);
      if (st)
        return st;
      left -= got;
      used = 0;
    }
    if (present) {
      sk_cell_write(&c->text, c->reader->meta, slices[used].bytes, slices[used].length);
      used++;
    }
    c->ends[(*row)++] = c->text.length;
  }
  return SHUKEI_OK;
}

static shukei_status read_cells(struct cat *cat, struct cat_column *c, size_t rows,
                                shukei_error *err)
{
  size_t row = 0;
  sk_buffer_clear(&c->text);
  while (row < rows) {
    struct sk_block block;
    shukei_status st = sk_column_block(c->reader, rows - row, &block, err);
    if (!st)
      st = add_cells(c, &block, &row, err);
    if (!st && c->text.failed)
      st = sk_fail_memory(err, cat->budget, c->text.length, "cells");
    if (st)
      return sk_column_context(c->reader, st, err);
  }
  return SHUKEI_OK;
}

static shukei_status write_rows(struct cat *cat, size_t rows, shukei_error *err)
{
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < cat->count; i++) {
      const struct cat_column *c = &cat->columns[i];
      const size_t begin = row ? c->ends[row - 1] : 0;
      if (i)
        sk_buffer_byte(&cat->out, ',');
      if (c->ends[row] > begin)
        sk_buffer_add(&cat->out, c->text.bytes + begin, c->ends[row] - begin);
    }
    sk_buffer_byte(&cat->out, '\n');
    if (cat->out.length >= FLUSH_BYTES || cat->out.failed) {
      const shukei_status st = flush(cat, err);
      if (st)
        return st;
    }
  }
  return SHUKEI_OK;
}

static shukei_status write_header(struct cat *cat)
{
  for (size_t i = 0; i < cat->count; i++) {
    const char *name = cat->file->meta.columns[cat->columns[i].index].name;
    if (i)
      sk_buffer_byte(&cat->out, ',');
    sk_csv_quote(&cat->out, name, strlen(name));
  }
  sk_buffer_byte(&cat->out, '\n');
  return SHUKEI_OK;
}

static void close_readers(struct cat *cat)
{
  for (size_t i = 0; i < cat->count; i++) {
    sk_column_close(cat->columns[i].reader);
    cat->columns[i].reader = NULL;
  }
}

static void expect_group(struct cat *cat, uint32_t group)
{
  for (size_t i = 0; i < cat->count; i++)
    cat->indexes[i] = cat->columns[i].index;
  sk_file_expect(cat->file, group, cat->indexes, cat->count);
}

static shukei_status write_group(struct cat *cat, uint32_t group, uint64_t limit, uint64_t *written,
                                 shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  uint64_t left = (uint64_t)cat->file->meta.groups[group].row_count;
  if (left <= limit - *written) /* a few rows are not worth the whole row group */
    expect_group(cat, group);
  for (size_t i = 0; i < cat->count && !st; i++)
    st = sk_column_open(cat->file, group, cat->columns[i].index, 0, cat->tools, cat->budget,
                        &cat->columns[i].reader, err);
  if (left > limit - *written)
    left = limit - *written;
  while (!st && left) {
    const size_t rows = left < CAT_ROWS ? (size_t)left : CAT_ROWS;
    for (size_t i = 0; i < cat->count && !st; i++)
      st = read_cells(cat, &cat->columns[i], rows, err);
    if (!st)
      st = write_rows(cat, rows, err);
    left -= rows;
    *written += rows;
  }
  close_readers(cat);
  return st;
}

shukei_status sk_parquet_cat(struct sk_file *file, const char *const *columns, size_t count,
                             uint64_t limit, bool (*write)(void *, const void *, size_t),
                             void *context, struct sk_budget *budget, shukei_error *err)
{
  struct cat cat = {.file = file, .budget = budget, .write = write, .context = context};
  uint64_t written = 0;
  sk_buffer_init(&cat.out, budget, SIZE_MAX / 2);
  shukei_status st = pick_columns(&cat, columns, count, err);
  if (st)
    goto done;
  if (cat.count == 0 && file->meta.column_count) {
    st = refuse_nested(&cat, err);
    goto done;
  }
  st = sk_column_tools_new(budget, &cat.tools, err);
  if (!st)
    st = write_header(&cat);
  for (uint32_t g = 0; g < file->meta.group_count && !st && written < limit; g++)
    st = write_group(&cat, g, limit, &written, err);
  if (!st)
    st = flush(&cat, err);
done:
  for (size_t i = 0; i < cat.count; i++)
    sk_buffer_reset(&cat.columns[i].text);
  sk_free(cat.columns);
  sk_free(cat.indexes);
  sk_column_tools_free(cat.tools);
  sk_buffer_reset(&cat.out);
  return st;
}
