/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a file as CSV. Columns are decoded a few hundred rows at a time into the text of
 * their cells, which are then woven into lines: so memory does not depend on the number of rows,
 * and each decoder runs over many values at once. A nested cell may be of any size: those are made
 * one by one, when their line is written, and those of rows that are not wanted are made and
 * dropped. */
#include "parquet/cell.h"
#include "parquet/column.h"
#include "parquet/nested.h"

#include <stdlib.h>

enum { CAT_ROWS = 256, FLUSH_BYTES = 64 * 1024 };

struct cat_column {
  const char *name; /* so many of its bytes */
  size_t name_length;
  struct sk_nested *nested; /* NULL: a flat one, with what follows */
  int64_t next_row;         /* of a nested one, whose cells are made one after the other */
  int index;
  struct sk_column *reader;
  struct sk_buffer text; /* of the cells of a block of rows, one behind the other */
  size_t ends[CAT_ROWS];
};

struct cat {
  struct sk_file *file;
  struct sk_budget *budget;
  struct cat_column *columns;
  int *indexes; /* of the columns and leaves, for the object to know */
  size_t count;
  struct sk_column_tools *tools;
  struct sk_selection *selection; /* NULL: all rows */
  uint64_t limit, written;        /* rows */
  struct sk_buffer out, dropped;
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

static void pick_flat(struct cat *cat, int index)
{
  struct cat_column *c = &cat->columns[cat->count++];
  c->index = index;
  c->name = cat->file->meta.columns[index].name;
  c->name_length = strlen(c->name);
  sk_buffer_init(&c->text, cat->budget, SIZE_MAX / 2);
}

/* path_length: of a path's beginning that names the element; 0: its own name is enough. */
static shukei_status pick_nested(struct cat *cat, uint32_t element, size_t path_length,
                                 shukei_error *err)
{
  struct sk_nested *nested = NULL;
  const shukei_status st = sk_nested_new(cat->file, element, cat->tools, cat->budget, &nested, err);
  if (st)
    return st;
  const struct sk_nested_plan *plan = sk_nested_plan_of(nested);
  if (plan->leaf_count == 0) { /* of such a group a file tells nothing */
    sk_nested_free(nested);
    return SHUKEI_OK;
  }
  const char *own = cat->file->meta.elements[element].name;
  struct cat_column *c = &cat->columns[cat->count++];
  c->nested = nested;
  c->name = path_length ? cat->file->meta.columns[plan->first_column].path : own;
  c->name_length = path_length ? path_length : strlen(own);
  sk_buffer_init(&c->text, cat->budget, SIZE_MAX / 2);
  return SHUKEI_OK;
}

static shukei_status pick_named(struct cat *cat, const char *name, shukei_error *err)
{
  const char *object = sk_object_name(cat->file->object);
  int index = -1;
  bool repeated = false;
  const shukei_status found = sk_file_named_column(cat->file, name, &index, err);
  if (found)
    return sk_context(err, found, "%s", object);
  if (index >= 0) {
    pick_flat(cat, index);
    return SHUKEI_OK;
  }
  const uint32_t element = sk_nested_find(&cat->file->meta, name, &repeated);
  if (!element)
    return sk_fail(err, SHUKEI_EINVAL, "%s: there is no column \"%s\"", object, name);
  if (repeated)
    return sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "%s: column %s: within a list or a map, of which only the whole can be printed",
                   object, name);
  const size_t before = cat->count;
  const shukei_status st = pick_nested(cat, element, strlen(name), err);
  if (!st && cat->count == before)
    return sk_fail(err, SHUKEI_EINVAL, "%s: column %s: a group without any column", object, name);
  return st;
}

/* All columns, in the order of the schema. Those that are not flat only where they are wanted, or
 * nothing else is there. */
static shukei_status pick_all(struct cat *cat, bool nested, shukei_error *err)
{
  const struct sk_meta *meta = &cat->file->meta;
  bool flat = false;
  for (uint32_t i = 0; i < meta->column_count && !flat; i++)
    flat = meta->columns[i].flat;
  for (uint32_t i = 1; i < meta->element_count; i++) {
    const struct sk_element *e = &meta->elements[i];
    if (e->depth != 1)
      continue;
    if (e->leaf >= 0 && meta->columns[e->leaf].flat) {
      pick_flat(cat, e->leaf);
    } else if (nested || !flat) {
      const shukei_status st = pick_nested(cat, i, 0, err);
      if (st)
        return st;
    }
  }
  return SHUKEI_OK;
}

static shukei_status no_columns(const struct cat *cat, size_t bytes, shukei_error *err)
{
  return sk_context(err, sk_fail_memory(err, cat->budget, bytes, "the columns"), "%s",
                    sk_object_name(cat->file->object));
}

static shukei_status pick_columns(struct cat *cat, const char *const *names, size_t count,
                                  bool nested, shukei_error *err)
{
  const size_t most = 1 + (count ? count : cat->file->meta.column_count);
  cat->columns = sk_calloc(cat->budget, most, sizeof *cat->columns);
  if (!cat->columns)
    return no_columns(cat, most * sizeof *cat->columns, err);
  shukei_status st = count ? SHUKEI_OK : pick_all(cat, nested, err);
  for (size_t i = 0; i < count && !st; i++)
    st = pick_named(cat, names[i], err);
  size_t leaves = 0;
  for (size_t i = 0; i < cat->count; i++)
    leaves += cat->columns[i].nested ? sk_nested_plan_of(cat->columns[i].nested)->leaf_count : 1;
  cat->indexes = st ? NULL : sk_alloc(cat->budget, (leaves + 1) * sizeof *cat->indexes);
  if (!st && !cat->indexes)
    st = no_columns(cat, leaves * sizeof *cat->indexes, err);
  return st;
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

static shukei_status write_nested(struct cat *cat, struct cat_column *c, int64_t row,
                                  shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (; !st && c->next_row < row; c->next_row++) {
    sk_buffer_clear(&cat->dropped);
    st = sk_nested_cell(c->nested, &cat->dropped, err);
  }
  if (!st)
    st = sk_nested_cell(c->nested, &cat->out, err);
  c->next_row = row + 1;
  return st;
}

/* Cell `at` of the block that begins with that row of the row group. */
static shukei_status write_cell(struct cat *cat, struct cat_column *c, int64_t first, size_t at,
                                shukei_error *err)
{
  if (c->nested)
    return write_nested(cat, c, first + (int64_t)at, err);
  const size_t begin = at ? c->ends[at - 1] : 0;
  if (c->ends[at] > begin)
    sk_buffer_add(&cat->out, c->text.bytes + begin, c->ends[at] - begin);
  return SHUKEI_OK;
}

/* The rows of the block that match, as long as there is room below the limit. */
static shukei_status write_rows(struct cat *cat, const struct sk_selected *block, shukei_error *err)
{
  for (size_t row = 0; row < block->rows && cat->written < cat->limit; row++) {
    if (block->match && !block->match[row])
      continue;
    for (size_t i = 0; i < cat->count; i++) {
      if (i)
        sk_buffer_byte(&cat->out, ',');
      const shukei_status st = write_cell(cat, &cat->columns[i], block->first, row, err);
      if (st)
        return st;
    }
    sk_buffer_byte(&cat->out, '\n');
    cat->written++;
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
    if (i)
      sk_buffer_byte(&cat->out, ',');
    sk_csv_quote(&cat->out, cat->columns[i].name, cat->columns[i].name_length);
  }
  sk_buffer_byte(&cat->out, '\n');
  return SHUKEI_OK;
}

/* find_pages: by the offset indexes of flat columns, since some pages will not be read. */
static shukei_status open_readers(struct cat *cat, uint32_t group, bool find_pages,
                                  shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < cat->count && !st; i++) {
    struct cat_column *c = &cat->columns[i];
    c->next_row = 0;
    st = c->nested ? sk_nested_open(c->nested, group, err)
                   : sk_column_open(cat->file, group, c->index, 0, cat->tools, cat->budget,
                                    &c->reader, err);
    if (!st && find_pages && !c->nested)
      st = sk_column_find_pages(c->reader, err);
  }
  return st;
}

static void close_readers(struct cat *cat)
{
  for (size_t i = 0; i < cat->count; i++) {
    struct cat_column *c = &cat->columns[i];
    sk_column_close(c->reader);
    c->reader = NULL;
    if (c->nested)
      sk_nested_close(c->nested);
  }
}

static void expect_group(struct cat *cat, uint32_t group)
{
  size_t count = 0;
  for (size_t i = 0; i < cat->count; i++) {
    const struct cat_column *c = &cat->columns[i];
    const struct sk_nested_plan *plan = c->nested ? sk_nested_plan_of(c->nested) : NULL;
    for (uint32_t k = 0; plan && k < plan->leaf_count; k++)
      cat->indexes[count++] = (int)(plan->first_column + k);
    if (!plan)
      cat->indexes[count++] = c->index;
  }
  sk_file_expect(cat->file, group, cat->indexes, count);
}

static shukei_status end_group(struct cat *cat, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < cat->count && !st; i++)
    if (cat->columns[i].nested)
      st = sk_nested_end(cat->columns[i].nested, err);
  return st;
}

/* Reads the flat cells of the block, and writes its rows. */
static shukei_status write_block(struct cat *cat, const struct sk_selected *block,
                                 shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < cat->count && !st; i++) {
    struct cat_column *c = &cat->columns[i];
    if (c->nested)
      continue;
    st = sk_column_skip_to(c->reader, block->first, err);
    if (!st)
      st = read_cells(cat, c, block->rows, err);
  }
  return st ? st : write_rows(cat, block, err);
}

static shukei_status write_group(struct cat *cat, uint32_t group, shukei_error *err)
{
  const uint64_t room = cat->limit - cat->written;
  uint64_t left = (uint64_t)cat->file->meta.groups[group].row_count;
  struct sk_selected block = {.rows = 0};
  const bool whole = left <= room;
  if (whole) /* a few rows are not worth the whole row group */
    expect_group(cat, group);
  else
    left = room;
  shukei_status st = open_readers(cat, group, false, err);
  for (; !st && left; left -= block.rows) {
    block.first += (int64_t)block.rows;
    block.rows = left < CAT_ROWS ? (size_t)left : CAT_ROWS;
    st = write_block(cat, &block, err);
  }
  if (!st && whole)
    st = end_group(cat, err);
  close_readers(cat);
  return st;
}

/* The rows that are selected. Columns are opened for the first of them, and go from one to the
 * next. */
static shukei_status write_selected(struct cat *cat, uint32_t group, shukei_error *err)
{
  bool any = false, partial = false, opened = false;
  shukei_status st = sk_selection_group(cat->selection, group, &any, &partial, err);
  while (!st && any && cat->written < cat->limit) {
    struct sk_selected block;
    st = sk_selection_next(cat->selection, CAT_ROWS, &block, err);
    if (st || !block.rows)
      break;
    if (!opened)
      st = open_readers(cat, group, partial, err);
    opened = true;
    if (!st)
      st = write_block(cat, &block, err);
  }
  close_readers(cat);
  return st;
}

shukei_status sk_parquet_cat(struct sk_file *file, const struct sk_cat_options *options,
                             uint64_t *written, bool (*write)(void *, const void *, size_t),
                             void *context, struct sk_budget *budget, shukei_error *err)
{
  struct cat cat = {.file = file,
                    .budget = budget,
                    .selection = options->selection,
                    .limit = options->limit,
                    .write = write,
                    .context = context};
  sk_buffer_init(&cat.out, budget, SIZE_MAX / 2);
  sk_buffer_init(&cat.dropped, budget, SIZE_MAX / 2);
  shukei_status st = sk_column_tools_new(budget, &cat.tools, err);
  if (!st)
    st = pick_columns(&cat, options->columns, options->column_count, options->nested, err);
  if (!st)
    st = write_header(&cat);
  for (uint32_t g = 0; g < file->meta.group_count && !st && cat.written < cat.limit; g++)
    st = cat.selection ? write_selected(&cat, g, err) : write_group(&cat, g, err);
  if (!st)
    st = flush(&cat, err);
  if (written)
    *written = cat.written;
  for (size_t i = 0; i < cat.count; i++) {
    sk_buffer_reset(&cat.columns[i].text);
    sk_nested_free(cat.columns[i].nested);
  }
  sk_free(cat.columns);
  sk_free(cat.indexes);
  sk_column_tools_free(cat.tools);
  sk_buffer_reset(&cat.out);
  sk_buffer_reset(&cat.dropped);
  return st;
}
