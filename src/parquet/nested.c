/* SPDX-License-Identifier: Apache-2.0 */
/* Records are put together from the levels of their leaves. Every leaf has a cursor; the tree of
 * the plan is walked once a row, and at each node the next entry of its first leaf tells by its
 * definition level whether something is there, and behind an item by its repetition level whether
 * another one follows.
 *
 * The other leaves must agree. Nothing is compared for it: each entry is taken with the levels that
 * the walk makes necessary at that place (the repetition level of the list that went on last, the
 * definition level of what was found to be there), and an entry with others ends the reading.
 *
 * A value is written when its entry is taken, so no value outlives its page. Recursion is as deep
 * as the schema, whose depth schema.c bounds. */
#include "parquet/nested.h"

#include "parquet/cell.h"
#include "parquet/leaf.h"

struct sk_nested {
  struct sk_file *file;
  struct sk_column_tools *tools;
  struct sk_budget *budget;
  struct sk_nested_plan plan;
  struct sk_leaf *leaves;
  struct sk_buffer json; /* of one row */
  bool bare;             /* a field that is a leaf is written as the cells of flat columns are */
  int64_t row;           /* of the row group */
};

/* ---- leaves ---- */

static shukei_status unfit(const struct sk_nested *n, const struct sk_leaf *leaf,
                           uint16_t repetition, uint16_t least, uint16_t most, shukei_error *err)
{
  const unsigned found = leaf->repetition[leaf->at];
  shukei_status st;
  if (n->row == 0 && repetition == 0 && found)
    st = sk_fail(err, SHUKEI_EFORMAT, "the first repetition level is %u, a record begins with 0",
                 found);
  else if (found != repetition)
    st = sk_fail(err, SHUKEI_EFORMAT, "repetition level %u in row %" PRId64 ", expected %u", found,
                 n->row, (unsigned)repetition);
  else
    st = sk_fail(err, SHUKEI_EFORMAT, "definition level %u in row %" PRId64 ", expected %u to %u",
                 (unsigned)leaf->definition[leaf->at], n->row, (unsigned)least, (unsigned)most);
  return sk_column_context(leaf->reader, st, err);
}

/* Takes the next entry, whose definition level must be between least and most. */
static shukei_status take(const struct sk_nested *n, struct sk_leaf *leaf, uint16_t repetition,
                          uint16_t least, uint16_t most, shukei_error *err)
{
  bool there = false;
  const shukei_status st = sk_leaf_peek(leaf, &there, err);
  if (st)
    return st;
  if (!there)
    return sk_column_context(
        leaf->reader,
        sk_fail(
            err, SHUKEI_EFORMAT, "its %" PRId64 " values end within row %" PRId64 " of %" PRId64,
            leaf->reader->row_count, n->row, n->file->meta.groups[leaf->reader->group].row_count),
        err);
  const uint16_t definition = leaf->definition[leaf->at];
  if (leaf->repetition[leaf->at] != repetition || definition < least || definition > most)
    return unfit(n, leaf, repetition, least, most, err);
  leaf->at++;
  return SHUKEI_OK;
}

/* Takes an entry with a value. */
static shukei_status take_value(const struct sk_nested *n, struct sk_leaf *leaf,
                                uint16_t repetition, struct sk_slice *value, shukei_error *err)
{
  const uint16_t highest = leaf->meta->max_definition;
  const shukei_status st = take(n, leaf, repetition, highest, highest, err);
  return st ? st : sk_leaf_value(leaf, value, err);
}

/* Passes over the entries by which nothing goes on: DuckDB writes one for each place of an array of
 * fixed length that is null. */
static shukei_status pass_nothing(struct sk_leaf *leaf, const struct sk_node *node, uint16_t most,
                                  shukei_error *err)
{
  if (leaf->meta->max_repetition == node->repetition)
    return SHUKEI_OK;
  for (;; leaf->at++) {
    bool there = false;
    const shukei_status st = sk_leaf_peek(leaf, &there, err);
    if (st || !there || leaf->repetition[leaf->at] <= node->repetition ||
        leaf->definition[leaf->at] > most)
      return st;
  }
}

/* Takes one entry of each of a node's leaves, as nothing is there. */
static shukei_status take_nothing(const struct sk_nested *n, const struct sk_node *node,
                                  uint16_t repetition, uint16_t least, uint16_t most,
                                  shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; i < node->leaf_count && !st; i++) {
    struct sk_leaf *const leaf = &n->leaves[node->leaf + i];
    st = take(n, leaf, repetition, least, most, err);
    if (!st)
      st = pass_nothing(leaf, node, most, err);
  }
  return st;
}

/* ---- nodes ---- */

static shukei_status write_node(struct sk_nested *n, uint32_t index, uint16_t repetition,
                                shukei_error *err);

static shukei_status write_struct(struct sk_nested *n, uint32_t index, uint16_t repetition,
                                  shukei_error *err)
{
  const uint32_t end = n->plan.nodes[index].end;
  shukei_status st = SHUKEI_OK;
  sk_buffer_byte(&n->json, '{');
  for (uint32_t child = index + 1; child < end && !st; child = n->plan.nodes[child].end) {
    if (child > index + 1)
      sk_buffer_byte(&n->json, ',');
    sk_name_write(&n->json, true, n->plan.nodes[child].name);
    sk_buffer_byte(&n->json, ':');
    st = write_node(n, child, repetition, err);
  }
  sk_buffer_byte(&n->json, '}');
  return st;
}

/* A pair of a map, or an element of a list. */
static shukei_status write_item(struct sk_nested *n, const struct sk_node *node,
                                uint16_t repetition, shukei_error *err)
{
  const uint32_t first = (uint32_t)(node - n->plan.nodes) + 1;
  if (node->kind == SK_NODE_LIST)
    return write_node(n, first, repetition, err);
  if (!node->object)
    sk_buffer_text(&n->json, "{\"key\":");
  const shukei_status st = write_node(n, first, repetition, err);
  if (st)
    return st;
  sk_buffer_text(&n->json, node->object ? ":" : ",\"value\":");
  const shukei_status of_value = write_node(n, n->plan.nodes[first].end, repetition, err);
  if (!node->object)
    sk_buffer_byte(&n->json, '}');
  return of_value;
}

static shukei_status write_items(struct sk_nested *n, const struct sk_node *node,
                                 uint16_t repetition, shukei_error *err)
{
  struct sk_leaf *const first = &n->leaves[node->leaf];
  bool more = true;
  for (uint64_t i = 0; more; i++) {
    if (i)
      sk_buffer_byte(&n->json, ',');
    shukei_status st = write_item(n, node, i ? node->item_repetition : repetition, err);
    if (!st && n->json.failed) /* a list may be said to be very long by very few bytes */
      st = sk_fail_memory(err, n->budget, n->json.length, "a row of a nested column");
    if (!st)
      st = sk_leaf_peek(first, &more, err);
    if (st)
      return st;
    more = more && first->repetition[first->at] >= node->item_repetition;
  }
  return SHUKEI_OK;
}

static shukei_status write_list(struct sk_nested *n, const struct sk_node *node, bool empty,
                                uint16_t repetition, shukei_error *err)
{
  const bool braces = node->kind == SK_NODE_MAP && node->object;
  const uint16_t outer = (uint16_t)(node->item_definition - 1);
  sk_buffer_byte(&n->json, braces ? '{' : '[');
  const shukei_status st = empty ? take_nothing(n, node, repetition, outer, outer, err)
                                 : write_items(n, node, repetition, err);
  sk_buffer_byte(&n->json, braces ? '}' : ']');
  return st;
}

static shukei_status write_leaf(struct sk_nested *n, const struct sk_node *node,
                                uint16_t repetition, shukei_error *err)
{
  struct sk_leaf *const leaf = &n->leaves[node->leaf];
  struct sk_slice value = {NULL, 0};
  const shukei_status st = take_value(n, leaf, repetition, &value, err);
  if (st)
    return st;
  if (n->bare && node == n->plan.nodes) /* a leaf of a struct by its own name */
    sk_cell_write(&n->json, leaf->meta, value.bytes, value.length);
  else
    sk_json_write(&n->json, leaf->meta, value.bytes, value.length);
  return SHUKEI_OK;
}

/* Writes what the next entries of a node's leaves say. */
static shukei_status write_node(struct sk_nested *n, uint32_t index, uint16_t repetition,
                                shukei_error *err)
{
  const struct sk_node *const node = &n->plan.nodes[index];
  uint16_t definition = 0;
  if (node->kind == SK_NODE_EMPTY) {
    sk_buffer_text(&n->json, "{}");
    return SHUKEI_OK;
  }
  const struct sk_leaf *const first = &n->leaves[node->leaf];
  bool there = false;
  const shukei_status st = sk_leaf_peek(&n->leaves[node->leaf], &there, err);
  if (st)
    return st;
  if (there) /* else taking it tells */
    definition = first->definition[first->at];
  if (node->nullable && definition < node->definition) {
    if (index)
      sk_buffer_text(&n->json, "null");
    const uint16_t most = (uint16_t)(node->definition - 1);
    return take_nothing(n, node, repetition, index ? most : 0, most, err);
  }
  switch (node->kind) {
  case SK_NODE_LIST:
  case SK_NODE_MAP:
    return write_list(n, node, definition < node->item_definition, repetition, err);
  case SK_NODE_STRUCT:
    return write_struct(n, index, repetition, err);
  default:
    return write_leaf(n, node, repetition, err);
  }
}

/* ---- the column ---- */

shukei_status sk_nested_new(struct sk_file *file, uint32_t element, struct sk_column_tools *tools,
                            struct sk_budget *budget, struct sk_nested **out, shukei_error *err)
{
  struct sk_nested *n = sk_calloc(budget, 1, sizeof *n);
  *out = NULL;
  if (!n)
    return sk_fail_memory(err, budget, sizeof *n, "a nested column");
  n->file = file;
  n->tools = tools;
  n->budget = budget;
  sk_buffer_init(&n->json, budget, SIZE_MAX / 2);
  shukei_status st = sk_nested_plan(&n->plan, &file->meta, element, budget, err);
  if (!st) {
    n->leaves = sk_calloc(budget, n->plan.leaf_count, sizeof *n->leaves);
    if (!n->leaves)
      st = sk_fail_memory(err, budget, n->plan.leaf_count * sizeof *n->leaves, "a nested column");
  }
  if (st)
    sk_nested_free(n);
  else
    *out = n;
  return st;
}

void sk_nested_free(struct sk_nested *nested)
{
  if (!nested)
    return;
  sk_nested_close(nested);
  sk_nested_plan_reset(&nested->plan);
  sk_buffer_reset(&nested->json);
  sk_free(nested->leaves);
  sk_free(nested);
}

const struct sk_nested_plan *sk_nested_plan_of(const struct sk_nested *nested)
{
  return &nested->plan;
}

shukei_status sk_nested_open(struct sk_nested *nested, uint32_t group, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  nested->row = 0;
  for (uint32_t i = 0; i < nested->plan.leaf_count && !st; i++) {
    const uint32_t column = nested->plan.first_column + i;
    nested->leaves[i] = (struct sk_leaf){.meta = &nested->file->meta.columns[column]};
    st = sk_column_open_nested(nested->file, group, (int)column, nested->tools, nested->budget,
                               &nested->leaves[i].reader, err);
  }
  return st;
}

/* Makes nested->json the next row. */
static shukei_status next_row(struct sk_nested *nested, bool bare, shukei_error *err)
{
  sk_buffer_clear(&nested->json);
  nested->bare = bare;
  const shukei_status st = write_node(nested, 0, 0, err);
  if (st)
    return st;
  if (nested->json.failed)
    return sk_fail_memory(err, nested->budget, nested->json.length, "a row of a nested column");
  nested->row++;
  return SHUKEI_OK;
}

shukei_status sk_nested_json(struct sk_nested *nested, struct sk_buffer *out, bool *null,
                             shukei_error *err)
{
  const shukei_status st = next_row(nested, false, err);
  *null = nested->json.length == 0;
  if (!st && !*null)
    sk_buffer_add(out, nested->json.bytes, nested->json.length);
  return st;
}

shukei_status sk_nested_cell(struct sk_nested *nested, struct sk_buffer *out, shukei_error *err)
{
  const shukei_status st = next_row(nested, true, err);
  if (st)
    return st;
  if (nested->json.length && nested->plan.nodes[0].kind == SK_NODE_LEAF)
    sk_buffer_add(out, nested->json.bytes, nested->json.length);
  else if (nested->json.length)
    sk_csv_quote(out, (const char *)nested->json.bytes, nested->json.length);
  return SHUKEI_OK;
}

shukei_status sk_nested_end(struct sk_nested *nested, shukei_error *err)
{
  for (uint32_t i = 0; i < nested->plan.leaf_count; i++) {
    struct sk_leaf *const leaf = &nested->leaves[i];
    bool there = false;
    shukei_status st = sk_leaf_peek(leaf, &there, err);
    if (!st && there)
      st = sk_column_context(
          leaf->reader,
          sk_fail(err, SHUKEI_EFORMAT, "values are left behind its %" PRId64 " rows", nested->row),
          err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

void sk_nested_close(struct sk_nested *nested)
{
  for (uint32_t i = 0; nested->leaves && i < nested->plan.leaf_count; i++) {
    sk_column_close(nested->leaves[i].reader);
    nested->leaves[i].reader = NULL;
  }
}
