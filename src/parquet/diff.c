/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two files: what their footers tell, then their rows.
 *
 * Columns belong together by their paths. How the rows are cut into row groups and pages, and
 * coded, may differ in any way: it is told, and the rows are compared all the same. */
#include "parquet/diff.h"

#include "parquet/cell.h"
#include "parquet/describe.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- telling --------------------------------------------------------------------------------- */

struct sk_buffer *sk_diff_text(struct sk_diff *diff, int side)
{
  sk_buffer_clear(&diff->sides[side].text);
  return &diff->sides[side].text;
}

size_t sk_diff_shown(const struct sk_diff *diff, const uint8_t *bytes, size_t length)
{
  enum { SHOWN = 60 };
  size_t shown = diff->json || length < SHOWN ? length : SHOWN;
  while (shown < length && shown && (bytes[shown] & 0xc0) == 0x80)
    shown--;
  return shown;
}

static void tell_side(struct sk_diff *diff, int side)
{
  struct sk_diff_side *const s = &diff->sides[side];
  const size_t length = s->text.length - 1, shown = sk_diff_shown(diff, s->text.bytes, length);
  if (diff->json)
    sk_buffer_text(diff->out, side ? ",\"b\":" : ",\"a\":");
  else
    sk_buffer_text(diff->out, side ? " | " : ": ");
  if (s->absent) {
    sk_buffer_text(diff->out, diff->json ? "null" : "nothing");
    return;
  }
  s->text.bytes[shown] = '\0';
  sk_name_write(diff->out, diff->json, (const char *)s->text.bytes);
  if (shown < length)
    sk_buffer_text(diff->out, "...");
}

/* A name as a member of JSON; NULL: there is no such member. */
static void tell_name(struct sk_diff *diff, const char *member, const char *name)
{
  if (!name)
    return;
  sk_buffer_printf(diff->out, ",\"%s\":", member);
  sk_name_write(diff->out, true, name);
}

static void tell_place(struct sk_diff *diff, const char *section, const char *subject,
                       const char *what)
{
  if (diff->json) {
    sk_buffer_printf(diff->out, "%s{\"of\":\"%s\"", diff->told ? "," : "", section);
    tell_name(diff, "subject", subject);
    tell_name(diff, "what", what);
    return;
  }
  if (!diff->section || strcmp(diff->section, section) != 0)
    sk_buffer_printf(diff->out, "%s\n", section);
  diff->section = section;
  sk_buffer_text(diff->out, "  ");
  if (subject)
    sk_name_write(diff->out, false, subject);
  sk_buffer_printf(diff->out, "%s%s", subject && what ? ", " : "", what ? what : "");
}

bool sk_diff_tell(struct sk_diff *diff, const char *section, const char *subject, const char *what)
{
  struct sk_diff_side *const a = &diff->sides[0], *const b = &diff->sides[1];
  sk_buffer_byte(&a->text, '\0');
  sk_buffer_byte(&b->text, '\0');
  if (a->text.failed || b->text.failed)
    diff->out->failed = true;
  const bool failed = diff->out->failed;
  const bool same = failed || (a->absent == b->absent && a->text.length == b->text.length &&
                               memcmp(a->text.bytes, b->text.bytes, a->text.length) == 0);
  if (!same) {
    tell_place(diff, section, subject, what);
    tell_side(diff, 0);
    tell_side(diff, 1);
    sk_buffer_text(diff->out, diff->json ? "}" : "\n");
    diff->told++;
  }
  for (int side = 0; side < 2; side++) {
    sk_buffer_clear(&diff->sides[side].text);
    diff->sides[side].absent = false;
  }
  return !same;
}

static void add_text(struct sk_diff *diff, int side, const char *text)
{
  diff->sides[side].absent = !text;
  sk_buffer_text(sk_diff_text(diff, side), text ? text : "");
}

/* ---- the file -------------------------------------------------------------------------------- */

static void compare_file(struct sk_diff *diff)
{
  for (int side = 0; side < 2; side++)
    sk_buffer_printf(sk_diff_text(diff, side), "%" PRIu64,
                     sk_object_size(diff->sides[side].file->object));
  sk_diff_tell(diff, "file", NULL, "bytes");
  for (int side = 0; side < 2; side++)
    sk_buffer_printf(sk_diff_text(diff, side), "%" PRId32, diff->sides[side].file->meta.version);
  sk_diff_tell(diff, "file", NULL, "version");
  for (int side = 0; side < 2; side++)
    add_text(diff, side, diff->sides[side].file->meta.created_by);
  sk_diff_tell(diff, "file", NULL, "created by");
}

static const struct sk_key_value *find_key(const struct sk_meta *meta, const char *key)
{
  for (uint32_t i = 0; i < meta->key_value_count; i++)
    if (strcmp(meta->key_values[i].key, key) == 0)
      return &meta->key_values[i];
  return NULL;
}

static void compare_keys(struct sk_diff *diff)
{
  for (int side = 0; side < 2; side++) {
    const struct sk_meta *const own = &diff->sides[side].file->meta;
    const struct sk_meta *const other = &diff->sides[!side].file->meta;
    for (uint32_t i = 0; i < own->key_value_count; i++) {
      const struct sk_key_value *const mine = &own->key_values[i];
      const struct sk_key_value *const theirs = find_key(other, mine->key);
      if (side && theirs)
        continue; /* was compared already */
      add_text(diff, side, mine->value ? mine->value : "");
      add_text(diff, !side, theirs ? theirs->value ? theirs->value : "" : NULL);
      sk_diff_tell(diff, "metadata", mine->key, NULL);
    }
  }
}

static void compare_groups(struct sk_diff *diff)
{
  enum { SHOWN = 20 };
  for (int side = 0; side < 2; side++)
    sk_buffer_printf(sk_diff_text(diff, side), "%" PRIu32,
                     diff->sides[side].file->meta.group_count);
  if (sk_diff_tell(diff, "row groups", NULL, "number"))
    return;
  const struct sk_meta *const a = &diff->sides[0].file->meta, *const b = &diff->sides[1].file->meta;
  uint32_t shown = 0;
  for (uint32_t g = 0; g < a->group_count && shown < SHOWN; g++) {
    char name[32];
    if (a->groups[g].row_count == b->groups[g].row_count)
      continue;
    snprintf(name, sizeof name, "%" PRIu32, g);
    for (int side = 0; side < 2; side++)
      sk_buffer_printf(sk_diff_text(diff, side), "%" PRId64,
                       diff->sides[side].file->meta.groups[g].row_count);
    shown += sk_diff_tell(diff, "row groups", name, "rows");
  }
}

/* ---- the schema ------------------------------------------------------------------------------ */

struct named {
  const char *path;
  int column;
};

static int by_path(const void *a, const void *b)
{
  const struct named *const x = a, *const y = b;
  const int order = strcmp(x->path, y->path);
  return order ? order : (x->column > y->column) - (x->column < y->column);
}

static int find_path(const struct named *names, size_t count, const char *path)
{
  size_t low = 0, high = count; /* the first that is not before it is in [low, high] */
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp(names[middle].path, path) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && strcmp(names[low].path, path) == 0 ? names[low].column : -1;
}

/* diff->pairs; columns of one file that share a path belong together in their order. */
static shukei_status pair_columns(struct sk_diff *diff, shukei_error *err)
{
  const struct sk_meta *const a = &diff->sides[0].file->meta, *const b = &diff->sides[1].file->meta;
  struct named *const names = sk_alloc(diff->budget, (b->column_count + (size_t)1) * sizeof *names);
  diff->pairs = sk_alloc(diff->budget, (a->column_count + (size_t)1) * sizeof *diff->pairs);
  if (!names || !diff->pairs) {
    sk_free(names);
    return sk_fail_memory(err, diff->budget, b->column_count * sizeof *names, "the columns");
  }
  for (uint32_t i = 0; i < b->column_count; i++)
    names[i] = (struct named){b->columns[i].path, (int)i};
  qsort(names, b->column_count, sizeof *names, by_path);
  for (uint32_t i = 0; i < a->column_count; i++) {
    const bool same = i < b->column_count && strcmp(a->columns[i].path, b->columns[i].path) == 0;
    diff->pairs[i] = same ? (int)i : find_path(names, b->column_count, a->columns[i].path);
  }
  sk_free(names);
  return SHUKEI_OK;
}

static void describe_column(struct sk_diff *diff, int side, const struct sk_column_meta *column)
{
  struct sk_buffer *const out = sk_diff_text(diff, side);
  diff->sides[side].absent = !column;
  if (!column)
    return;
  sk_buffer_printf(out, "%s ", sk_repetition_name(column->repetition));
  sk_describe_physical(out, column);
  if (column->logical != SK_LOGICAL_NONE)
    sk_buffer_byte(out, ' ');
  sk_describe_meaning(out, column);
  if (!column->flat)
    sk_buffer_printf(out, ", levels %u and %u", (unsigned)column->max_repetition,
                     (unsigned)column->max_definition);
}

static void compare_column(struct sk_diff *diff, const struct sk_column_meta *a,
                           const struct sk_column_meta *b)
{
  describe_column(diff, 0, a);
  describe_column(diff, 1, b);
  if (sk_diff_tell(diff, "schema", a ? a->path : b->path, NULL))
    diff->differs = true;
}

static shukei_status compare_schema(struct sk_diff *diff, shukei_error *err)
{
  const struct sk_meta *const a = &diff->sides[0].file->meta, *const b = &diff->sides[1].file->meta;
  uint8_t *const paired = sk_calloc(diff->budget, b->column_count + (size_t)1, 1);
  bool moved = false;
  int last = -1;
  if (!paired)
    return sk_fail_memory(err, diff->budget, b->column_count, "the columns");
  for (uint32_t i = 0; i < a->column_count; i++) {
    const int pair = diff->pairs[i];
    compare_column(diff, &a->columns[i], pair < 0 ? NULL : &b->columns[pair]);
    if (pair < 0)
      continue;
    paired[pair] = 1;
    moved = moved || pair < last;
    last = pair;
  }
  for (uint32_t i = 0; i < b->column_count; i++)
    if (!paired[i])
      compare_column(diff, NULL, &b->columns[i]);
  sk_free(paired);
  if (moved) {
    sk_buffer_text(sk_diff_text(diff, 0), "its own");
    sk_buffer_text(sk_diff_text(diff, 1), "another");
    sk_diff_tell(diff, "schema", NULL, "order of the columns");
  }
  return SHUKEI_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

static void begin(struct sk_diff *diff)
{
  for (int side = 0; side < 2; side++) {
    const char *const name = sk_object_name(diff->sides[side].file->object);
    sk_buffer_text(diff->out, diff->json ? side ? ",\"b\":" : "{\"a\":" : side ? "b  " : "a  ");
    sk_name_write(diff->out, diff->json, name);
    if (!diff->json)
      sk_buffer_byte(diff->out, '\n');
  }
  if (diff->json)
    sk_buffer_text(diff->out, ",\"differences\":[");
}

shukei_status sk_parquet_diff(struct sk_file *a, struct sk_file *b, bool json,
                              struct sk_budget *budget, struct sk_buffer *out, bool *differs,
                              shukei_error *err)
{
  struct sk_diff diff = {
      .sides = {{.file = a}, {.file = b}}, .json = json, .budget = budget, .out = out};
  for (int side = 0; side < 2; side++)
    sk_buffer_init(&diff.sides[side].text, budget, SIZE_MAX / 2);
  begin(&diff);
  compare_file(&diff);
  compare_keys(&diff);
  shukei_status st = pair_columns(&diff, err);
  if (!st)
    st = compare_schema(&diff, err);
  compare_groups(&diff);
  if (!st)
    sk_diff_columns(&diff);
  if (!st)
    st = sk_diff_rows(&diff, err);
  for (int side = 0; side < 2; side++)
    sk_buffer_reset(&diff.sides[side].text);
  sk_free(diff.pairs);
  *differs = diff.differs;
  return !st && out->failed ? sk_fail_memory(err, budget, out->length, "differences") : st;
}
