/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that meet conditions. A row group is ruled out by what costs least first: statistics, Bloom
 * filters, dictionaries, page indexes. Of what is left the conditions' columns are read, a block of
 * rows at a time: of a dictionary's entries it is known which are wanted, so a coded value costs
 * its bits and one load; and a column is only read on where the ones before it left a row.
 *
 * Rows are handed out in windows that begin and end with a row that is wanted and have no long gap
 * in between: a reader of the other columns skips from one to the next. */
#include "parquet/column.h"
#include "parquet/predicate.h"
#include "parquet/prune.h"

#define LONGEST_GAP 16 /* rows that are read and dropped, rather than skipped */

struct chosen { /* a column with a predicate */
  const struct sk_predicate *predicate;
  struct sk_column *reader; /* of the present row group */
  uint8_t *wanted;          /* [dictionary's count], NULL until there is one */
};

struct sk_selection {
  struct sk_file *file;
  struct sk_budget *budget;
  struct sk_column_tools *tools;
  struct sk_predicates predicates;
  struct chosen *columns; /* [predicates.count] */
  struct sk_row_ranges ranges;
  size_t range; /* the present one */
  int64_t row;  /* the next to be looked at */
  int64_t block_row;
  size_t block_rows, block_at; /* rows of the block, those that are done with */
  uint8_t match[SK_BLOCK];
  shukei_cat_stats counts;
};

/* ---- opening and closing --------------------------------------------------------------------- */

static void leave_group(struct sk_selection *s)
{
  for (size_t i = 0; s->columns && i < s->predicates.count; i++) {
    sk_column_close(s->columns[i].reader);
    sk_free(s->columns[i].wanted);
    s->columns[i].reader = NULL;
    s->columns[i].wanted = NULL;
  }
  sk_free(s->ranges.list);
  s->ranges = (struct sk_row_ranges){.list = NULL};
  s->range = 0;
  s->row = 0;
  s->block_rows = s->block_at = 0;
}

void sk_selection_close(struct sk_selection *selection)
{
  if (!selection)
    return;
  leave_group(selection);
  sk_predicates_reset(&selection->predicates);
  sk_free(selection->columns);
  sk_column_tools_free(selection->tools);
  sk_free(selection);
}

shukei_status sk_selection_open(struct sk_file *file, const shukei_condition *conditions,
                                size_t count, struct sk_budget *budget, struct sk_selection **out,
                                shukei_error *err)
{
  *out = NULL;
  struct sk_selection *s = sk_calloc(budget, 1, sizeof *s);
  if (!s)
    return sk_fail_memory(err, budget, sizeof *s, "conditions");
  s->file = file;
  s->budget = budget;
  shukei_status st = sk_predicates_bind(file, conditions, count, budget, &s->predicates, err);
  if (!st)
    st = sk_column_tools_new(budget, &s->tools, err);
  if (!st) {
    s->columns = sk_calloc(budget, s->predicates.count + 1, sizeof *s->columns);
    if (!s->columns)
      st = sk_fail_memory(err, budget, s->predicates.count * sizeof *s->columns, "conditions");
  }
  if (st) {
    sk_selection_close(s);
    return st;
  }
  for (size_t i = 0; i < s->predicates.count; i++)
    s->columns[i].predicate = &s->predicates.list[i];
  *out = s;
  return SHUKEI_OK;
}

void sk_selection_counts(const struct sk_selection *selection, shukei_cat_stats *stats)
{
  const uint64_t rows = stats->rows_written;
  *stats = selection->counts;
  stats->rows_written = rows;
}

/* ---- row groups ------------------------------------------------------------------------------ */

/* Marks the dictionary's entries that are wanted; *any: there is one. */
static shukei_status mark_entries(struct sk_selection *s, struct chosen *c, bool *any,
                                  shukei_error *err)
{
  const struct sk_dictionary *const dictionary = &c->reader->dictionary;
  c->wanted = sk_calloc(s->budget, (size_t)dictionary->count + 1, 1);
  if (!c->wanted)
    return sk_fail_memory(err, s->budget, dictionary->count, "the entries of a dictionary");
  *any = false;
  for (uint32_t i = 0; i < dictionary->count; i++) {
    const struct sk_slice entry = sk_dictionary_at(dictionary, i);
    c->wanted[i] = sk_predicate_accepts(c->predicate, entry.bytes, entry.length);
    *any = *any || c->wanted[i];
  }
  return SHUKEI_OK;
}

static shukei_status open_column(struct sk_selection *s, struct chosen *c, uint32_t group,
                                 bool *none, shukei_error *err)
{
  bool any = true;
  shukei_status st =
      sk_column_open(s->file, group, c->predicate->column, 0, s->tools, s->budget, &c->reader, err);
  if (!st)
    st = sk_column_dictionary(c->reader, err);
  if (!st && c->reader->dictionary.loaded)
    st = mark_entries(s, c, &any, err);
  *none = !st && !any && sk_prune_is_coded(s->file, group, c->predicate->column, s->budget);
  return st;
}

static shukei_status prune_pages(struct sk_selection *s, uint32_t group, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  s->ranges.list = sk_alloc(s->budget, sizeof *s->ranges.list);
  if (!s->ranges.list)
    return sk_fail_memory(err, s->budget, sizeof *s->ranges.list, "ranges of rows");
  s->ranges.list[0] = (struct sk_row_range){0, s->file->meta.groups[group].row_count};
  s->ranges.count = 1;
  for (size_t i = 0; !st && i < s->predicates.count; i++) {
    struct chosen *const c = &s->columns[i];
    st = sk_column_find_pages(c->reader, err);
    if (!st)
      st = sk_prune_by_pages(s->file, group, c->predicate, &c->reader->places, s->budget,
                             &s->ranges, &s->counts.pages, &s->counts.pages_skipped, err);
  }
  return st;
}

static shukei_status prune_group(struct sk_selection *s, uint32_t group, bool *none,
                                 shukei_error *err)
{
  const size_t count = s->predicates.count;
  shukei_status st = SHUKEI_OK;
  *none = s->file->meta.groups[group].row_count == 0;
  for (size_t i = 0; !*none && i < count; i++)
    *none = sk_prune_by_statistics(s->file, group, s->columns[i].predicate);
  if (*none) {
    s->counts.row_groups_by_statistics++;
    return SHUKEI_OK;
  }
  for (size_t i = 0; !st && !*none && i < count; i++)
    st = sk_prune_by_bloom(s->file, group, s->columns[i].predicate, s->budget, none, err);
  s->counts.row_groups_by_bloom_filter += *none;
  if (st || *none)
    return st;
  for (size_t i = 0; !st && !*none && i < count; i++)
    st = open_column(s, &s->columns[i], group, none, err);
  s->counts.row_groups_by_dictionary += *none;
  if (st || *none)
    return st;
  st = prune_pages(s, group, err);
  *none = !st && s->ranges.count == 0;
  s->counts.row_groups_by_page_index += *none;
  return st;
}

shukei_status sk_selection_group(struct sk_selection *selection, uint32_t group, bool *any,
                                 bool *partial, shukei_error *err)
{
  bool none = false;
  leave_group(selection);
  selection->counts.row_groups++;
  const shukei_status st = prune_group(selection, group, &none, err);
  *any = !st && !none;
  *partial =
      *any && (selection->ranges.count > 1 || selection->ranges.list[0].begin > 0 ||
               selection->ranges.list[0].end < selection->file->meta.groups[group].row_count);
  if (*any)
    selection->row = selection->ranges.list[0].begin;
  else
    leave_group(selection);
  return st;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Takes the block's values; hits[present] is 1 where one is wanted. */
static shukei_status look_at_values(struct sk_selection *s, struct chosen *c, size_t present,
                                    uint8_t *hits, shukei_error *err)
{
  struct sk_column *const reader = c->reader;
  if (present && sk_column_coded(reader)) {
    uint32_t codes[SK_BLOCK];
    bool any = false;
    shukei_status st = c->wanted ? SHUKEI_OK : mark_entries(s, c, &any, err);
    if (!st)
      st = sk_page_codes(&reader->page, present, reader->dictionary.count, codes, err);
    for (size_t i = 0; !st && i < present; i++)
      hits[i] = c->wanted[codes[i]];
    return st;
  }
  for (size_t got = 0; present; present -= got, hits += got) {
    struct sk_slice slices[SK_BLOCK];
    const shukei_status st = sk_column_slices(reader, present, slices, &got, err);
    if (st)
      return st;
    for (size_t i = 0; i < got; i++)
      hits[i] = sk_predicate_accepts(c->predicate, slices[i].bytes, slices[i].length);
  }
  return SHUKEI_OK;
}

/* Clears match where the next rows of the column do not meet its predicate. */
static shukei_status look_at_rows(struct sk_selection *s, struct chosen *c, size_t rows,
                                  uint8_t *match, shukei_error *err)
{
  uint8_t hits[SK_BLOCK];
  while (rows) {
    struct sk_block block;
    size_t used = 0;
    shukei_status st = sk_column_block(c->reader, rows, &block, err);
    if (!st)
      st = look_at_values(s, c, block.present, hits, err);
    if (st)
      return sk_column_context(c->reader, st, err);
    for (size_t i = 0; i < block.rows; i++) {
      const bool present = block.valid ? block.valid[i] : block.present > 0;
      match[i] &= present ? hits[used] : 0;
      used += present;
    }
    match += block.rows;
    rows -= block.rows;
  }
  return SHUKEI_OK;
}

/* Looks at the next rows of the ranges; false in *more where there are none. */
static shukei_status next_block(struct sk_selection *s, bool *more, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (s->range < s->ranges.count && s->row >= s->ranges.list[s->range].end) {
    s->range++;
    if (s->range < s->ranges.count)
      s->row = s->ranges.list[s->range].begin;
  }
  s->block_rows = s->block_at = 0;
  *more = s->range < s->ranges.count;
  if (!*more)
    return SHUKEI_OK;
  const int64_t left = s->ranges.list[s->range].end - s->row;
  const size_t rows = left < SK_BLOCK ? (size_t)left : SK_BLOCK;
  memset(s->match, 1, rows);
  for (size_t i = 0; !st && i < s->predicates.count && memchr(s->match, 1, rows); i++) {
    st = sk_column_skip_to(s->columns[i].reader, s->row, err);
    if (!st)
      st = look_at_rows(s, &s->columns[i], rows, s->match, err);
  }
  s->block_row = s->row;
  s->block_rows = rows;
  s->row += (int64_t)rows;
  return st;
}

/* The next window of the block; false where it has none. */
static bool next_window(struct sk_selection *s, size_t cap, struct sk_selected *selected)
{
  const uint8_t *const found = s->block_rows > s->block_at
                                   ? memchr(s->match + s->block_at, 1, s->block_rows - s->block_at)
                                   : NULL;
  if (!found)
    return false;
  const size_t begin = (size_t)(found - s->match);
  size_t last = begin;
  for (size_t i = begin + 1; i < s->block_rows && i - begin < cap && i - last <= LONGEST_GAP; i++)
    if (s->match[i])
      last = i;
  *selected = (struct sk_selected){s->block_row + (int64_t)begin, last + 1 - begin, found};
  s->block_at = last + 1;
  return true;
}

shukei_status sk_selection_next(struct sk_selection *selection, size_t cap,
                                struct sk_selected *selected, shukei_error *err)
{
  *selected = (struct sk_selected){.rows = 0};
  bool more = true;
  while (more && !next_window(selection, cap, selected)) {
    const shukei_status st = next_block(selection, &more, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}
