/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of two files, column by column. Of each column both files' entries are read side by side
 * across their row groups; where one of a row differs, both go on to the next record, so that the
 * rows that differ are counted.
 *
 * A value is equal to one of the same type with the same bytes; all NaNs are equal, and decimals by
 * what they are. Values of two types are compared as they are printed. */
#include "parquet/cell.h"
#include "parquet/diff.h"
#include "parquet/leaf.h"
#include "parquet/order.h"

struct cursor {
  struct sk_file *file;
  struct sk_budget *budget;
  const struct sk_column_meta *meta;
  int column;
  uint32_t group; /* the next to be opened */
  uint16_t *
      least; /* [max_repetition + 1]: the definition level of an item that goes on a list so deep */
  struct sk_leaf leaf;
};

struct pair {
  struct sk_diff *diff;
  struct cursor cursors[2];
  bool same_type;
  int64_t row, different, first; /* rows; the first one that differs */
  struct sk_buffer shown[2];     /* of it, as JSON */
  struct sk_buffer text[2];      /* of values of two types */
};

/* ---- cursors --------------------------------------------------------------------------------- */

static void close_cursor(struct cursor *c)
{
  sk_column_close(c->leaf.reader);
  c->leaf = (struct sk_leaf){.meta = c->meta};
}

/* Makes leaf.at the next entry of the column; *there is false behind the last row group. */
static shukei_status peek(struct cursor *c, bool *there, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *there = false;
  if (c->leaf.reader)
    st = sk_leaf_peek(&c->leaf, there, err);
  while (!st && !*there && c->group < c->file->meta.group_count) {
    const uint32_t group = c->group++;
    if (!c->file->meta.groups[group].row_count)
      continue;
    close_cursor(c);
    st = sk_column_open_nested(c->file, group, c->column, NULL, c->budget, &c->leaf.reader, err);
    if (!st)
      st = sk_leaf_peek(&c->leaf, there, err);
    if (!st && *there && c->leaf.repetition[c->leaf.at])
      st = sk_column_context(c->leaf.reader,
                             sk_fail(err, SHUKEI_EFORMAT,
                                     "the first repetition level is %u, a record begins with 0",
                                     (unsigned)c->leaf.repetition[c->leaf.at]),
                             err);
  }
  return st;
}

struct entry {
  uint16_t definition, repetition;
  bool present;
  struct sk_slice value;
};

/* Takes the entry that was looked at. */
static shukei_status take(struct cursor *c, struct entry *entry, shukei_error *err)
{
  struct sk_leaf *const leaf = &c->leaf;
  *entry = (struct entry){.definition = leaf->definition[leaf->at],
                          .repetition = leaf->repetition[leaf->at]};
  entry->present = entry->definition == c->meta->max_definition;
  leaf->at++;
  return entry->present ? sk_leaf_value(leaf, &entry->value, err) : SHUKEI_OK;
}

/* Whether another entry of the record follows. Entries by which a list goes on that is not there
 * are none: DuckDB has one for each place of an array that is null. */
static shukei_status more_of_record(struct cursor *c, bool *more, shukei_error *err)
{
  const struct sk_leaf *const leaf = &c->leaf;
  shukei_status st = peek(c, more, err);
  while (!st && *more && leaf->repetition[leaf->at] &&
         leaf->definition[leaf->at] < c->least[leaf->repetition[leaf->at]]) {
    c->leaf.at++;
    st = peek(c, more, err);
  }
  *more = *more && leaf->repetition[leaf->at] > 0;
  return st;
}

/* From the leaf upwards: each repeated element is one repetition level, each that is not required
 * one definition level. */
static shukei_status find_least(struct cursor *c, shukei_error *err)
{
  const struct sk_meta *const meta = &c->file->meta;
  uint16_t definition = c->meta->max_definition, repetition = c->meta->max_repetition;
  int32_t depth = INT32_MAX;
  c->least = sk_calloc(c->budget, (size_t)repetition + 1, sizeof *c->least);
  if (!c->least)
    return sk_fail_memory(err, c->budget, repetition * sizeof *c->least, "levels");
  for (uint32_t i = c->meta->schema_index; i > 0; i--) {
    const struct sk_element *const e = &meta->elements[i];
    if (e->depth >= depth)
      continue;
    depth = e->depth;
    if (e->repetition == SK_REPEATED)
      c->least[repetition--] = definition;
    definition = (uint16_t)(definition - (e->repetition != SK_REQUIRED));
  }
  return SHUKEI_OK;
}

/* ---- entries --------------------------------------------------------------------------------- */

static bool same_type(const struct sk_column_meta *a, const struct sk_column_meta *b)
{
  return a->type == b->type && a->logical == b->logical && a->scale == b->scale &&
         a->unit == b->unit && a->bit_width == b->bit_width && a->is_signed == b->is_signed;
}

static bool is_nan(const struct sk_column_meta *column, const struct sk_slice *value)
{
  bool unordered = false;
  sk_value_compare(column, value->bytes, value->length, value->bytes, value->length, &unordered);
  return unordered;
}

static bool same_bytes(const struct sk_slice *a, const struct sk_slice *b)
{
  return a->length == b->length && (!a->length || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static bool same_value(struct pair *p, const struct sk_slice *a, const struct sk_slice *b)
{
  const struct sk_column_meta *const x = p->cursors[0].meta, *const y = p->cursors[1].meta;
  bool unordered = false;
  if (!p->same_type) {
    sk_buffer_clear(&p->text[0]);
    sk_buffer_clear(&p->text[1]);
    sk_value_text(&p->text[0], x, a->bytes, a->length);
    sk_value_text(&p->text[1], y, b->bytes, b->length);
    const struct sk_slice texts[2] = {{p->text[0].bytes, (uint32_t)p->text[0].length},
                                      {p->text[1].bytes, (uint32_t)p->text[1].length}};
    return same_bytes(&texts[0], &texts[1]);
  }
  if (same_bytes(a, b))
    return true;
  if (x->logical == SK_LOGICAL_DECIMAL)
    return sk_value_compare(x, a->bytes, a->length, b->bytes, b->length, &unordered) == 0;
  return is_nan(x, a) && is_nan(y, b);
}

/* Of a flat column a null is a null, whether or not the schema allows for one. */
static bool same_entry(struct pair *p, const struct entry *a, const struct entry *b)
{
  if (a->present != b->present || a->repetition != b->repetition)
    return false;
  if (a->present)
    return same_value(p, &a->value, &b->value);
  return p->cursors[0].meta->flat || a->definition == b->definition;
}

/* What the entry that tells the first difference is, NULL: that there is none. */
static void show(struct pair *p, int side, const struct entry *entry)
{
  struct sk_buffer *const out = &p->shown[side];
  if (!entry)
    sk_buffer_text(out, p->diff->json ? "null" : "nothing");
  else if (entry->present)
    sk_json_write(out, p->cursors[side].meta, entry->value.bytes, entry->value.length);
  else
    sk_buffer_text(out, "null");
}

static void found(struct pair *p, bool *same, const struct entry *a, const struct entry *b)
{
  if (*same && !p->different++) {
    p->first = p->row;
    show(p, 0, a);
    show(p, 1, b);
  }
  *same = false;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Goes on to the record's end; the first entry of it is the difference where none was found
 * before. */
static shukei_status drain(struct pair *p, int side, bool *same, shukei_error *err)
{
  struct entry entry;
  bool more = true;
  shukei_status st = more_of_record(&p->cursors[side], &more, err);
  while (!st && more) {
    st = take(&p->cursors[side], &entry, err);
    if (!st)
      found(p, same, side ? NULL : &entry, side ? &entry : NULL);
    if (!st)
      st = more_of_record(&p->cursors[side], &more, err);
  }
  return st;
}

/* Both stand at the beginning of a record. */
static shukei_status compare_record(struct pair *p, shukei_error *err)
{
  bool same = true, more[2] = {true, true};
  shukei_status st = SHUKEI_OK;
  while (!st && same && more[0] && more[1]) {
    struct entry a, b;
    st = take(&p->cursors[0], &a, err);
    if (!st)
      st = take(&p->cursors[1], &b, err);
    if (!st && !same_entry(p, &a, &b))
      found(p, &same, &a, &b);
    for (int side = 0; !st && side < 2; side++)
      st = more_of_record(&p->cursors[side], &more[side], err);
  }
  for (int side = 0; !st && side < 2; side++)
    if (more[side])
      st = drain(p, side, &same, err);
  p->row++;
  return st;
}

static shukei_status compare_column(struct pair *p, shukei_error *err)
{
  bool there[2] = {true, true};
  shukei_status st = SHUKEI_OK;
  while (!st) {
    for (int side = 0; !st && side < 2; side++)
      st = peek(&p->cursors[side], &there[side], err);
    if (st || !there[0] ||
        !there[1]) /* how many rows each file has is told once, for all columns */
      break;
    st = compare_record(p, err);
  }
  return st;
}

/* ---- telling --------------------------------------------------------------------------------- */

struct first {
  int64_t row; /* -1: none */
  const char *path;
};

static void tell_value(struct sk_diff *diff, const struct sk_buffer *shown)
{
  const size_t length = sk_diff_shown(diff, shown->bytes, shown->length);
  sk_buffer_add(diff->out, shown->bytes, length);
  if (length < shown->length)
    sk_buffer_text(diff->out, "...");
}

static void tell_column(struct pair *p, const struct first *first)
{
  struct sk_diff *const diff = p->diff;
  const char *const path = p->cursors[0].meta->path;
  if (diff->json) {
    sk_buffer_text(diff->out, first->row < 0 ? "{\"column\":" : ",{\"column\":");
    sk_name_write(diff->out, true, path);
    sk_buffer_printf(diff->out, ",\"rows\":%" PRId64 ",\"first\":%" PRId64 ",\"a\":", p->different,
                     p->first);
  } else {
    sk_buffer_text(diff->out, first->row < 0 ? "rows\n  " : "  ");
    sk_name_write(diff->out, false, path);
    sk_buffer_printf(diff->out, ": %" PRId64 " %s, the first is row %" PRId64 ": ", p->different,
                     p->different == 1 ? "differs" : "differ", p->first);
  }
  tell_value(diff, &p->shown[0]);
  sk_buffer_text(diff->out, diff->json ? ",\"b\":" : " | ");
  tell_value(diff, &p->shown[1]);
  sk_buffer_text(diff->out, diff->json ? "}" : "\n");
}

/* Columns that are nested in other ways have no entries in common. */
static bool can_be_compared(const struct sk_column_meta *a, const struct sk_column_meta *b)
{
  return a->flat == b->flat && (a->flat || (a->max_repetition == b->max_repetition &&
                                            a->max_definition == b->max_definition));
}

static shukei_status pair_of(struct sk_diff *diff, int a, int b, struct first *first,
                             shukei_error *err)
{
  struct pair p = {.diff = diff};
  const int columns[2] = {a, b};
  for (int side = 0; side < 2; side++) {
    struct sk_file *const file = diff->sides[side].file;
    const struct sk_column_meta *const meta = &file->meta.columns[columns[side]];
    p.cursors[side] = (struct cursor){.file = file,
                                      .budget = diff->budget,
                                      .meta = meta,
                                      .column = columns[side],
                                      .leaf = {.meta = meta}};
    sk_buffer_init(&p.shown[side], diff->budget, SIZE_MAX / 2);
    sk_buffer_init(&p.text[side], diff->budget, UINT32_MAX);
  }
  p.same_type = same_type(p.cursors[0].meta, p.cursors[1].meta);
  shukei_status st = SHUKEI_OK;
  if (can_be_compared(p.cursors[0].meta, p.cursors[1].meta)) {
    st = find_least(&p.cursors[0], err);
    if (!st)
      st = find_least(&p.cursors[1], err);
    if (!st)
      st = compare_column(&p, err);
  }
  if (!st && p.different) {
    tell_column(&p, first);
    diff->differs = true;
    if (first->row < 0 || p.first < first->row)
      *first = (struct first){p.first, p.cursors[0].meta->path};
  }
  for (int side = 0; side < 2; side++) {
    if (p.shown[side].failed || p.text[side].failed)
      diff->out->failed = true;
    close_cursor(&p.cursors[side]);
    sk_free(p.cursors[side].least);
    sk_buffer_reset(&p.shown[side]);
    sk_buffer_reset(&p.text[side]);
  }
  return st;
}

static int64_t rows_of(const struct sk_diff *diff, int side)
{
  const struct sk_meta *const meta = &diff->sides[side].file->meta;
  int64_t rows = 0;
  for (uint32_t g = 0; g < meta->group_count; g++)
    rows += meta->groups[g].row_count;
  return rows;
}

static bool any_can_be_compared(const struct sk_diff *diff)
{
  const struct sk_meta *const a = &diff->sides[0].file->meta, *const b = &diff->sides[1].file->meta;
  for (uint32_t i = 0; i < a->column_count; i++)
    if (diff->pairs[i] >= 0 && can_be_compared(&a->columns[i], &b->columns[diff->pairs[i]]))
      return true;
  return false;
}

static void conclude(struct sk_diff *diff, const struct first *first)
{
  const int64_t a = rows_of(diff, 0), b = rows_of(diff, 1);
  const bool equal = first->row < 0 && a == b;
  diff->differs = diff->differs || a != b;
  if (diff->json) {
    sk_buffer_printf(diff->out, "],\"equal\":%s,\"a\":%" PRId64 ",\"b\":%" PRId64,
                     equal ? "true" : "false", a, b);
    if (first->row >= 0) {
      sk_buffer_printf(diff->out, ",\"first\":{\"row\":%" PRId64 ",\"column\":", first->row);
      sk_name_write(diff->out, true, first->path);
      sk_buffer_byte(diff->out, '}');
    }
    sk_buffer_printf(diff->out, "},\"differs\":%s}\n", diff->differs ? "true" : "false");
    return;
  }
  if (a != b)
    sk_buffer_printf(diff->out, "%" PRId64 " rows | %" PRId64 " rows\n", a, b);
  if (diff->differs && !any_can_be_compared(diff)) {
    sk_buffer_text(diff->out, "no column of one file can be compared with one of the other\n");
  } else if (first->row >= 0) {
    sk_buffer_printf(diff->out, "the rows differ, first row %" PRId64 " in column ", first->row);
    sk_name_write(diff->out, false, first->path);
    sk_buffer_byte(diff->out, '\n');
  } else if (a != b) {
    sk_buffer_text(diff->out, "the rows that both have are equal\n");
  } else {
    sk_buffer_printf(diff->out, "the %" PRId64 " rows are equal%s\n", a,
                     diff->differs ? " in the columns that both have"
                     : diff->told  ? ", what differs is how they are kept"
                                   : "");
  }
}

shukei_status sk_diff_rows(struct sk_diff *diff, shukei_error *err)
{
  struct first first = {.row = -1};
  shukei_status st = SHUKEI_OK;
  if (diff->json)
    sk_buffer_text(diff->out, "],\"rows\":{\"columns\":[");
  for (uint32_t i = 0; !st && i < diff->sides[0].file->meta.column_count; i++)
    if (diff->pairs[i] >= 0)
      st = pair_of(diff, (int)i, diff->pairs[i], &first, err);
  if (!st)
    conclude(diff, &first);
  return st;
}
