/* SPDX-License-Identifier: Apache-2.0 */
/* The schema names groups and what is repeated; which of the groups are only the shell of a list or
 * a map, and which are elements, follows from annotations, numbers of children and, for the lists
 * of old writers, from names (LogicalTypes.md, "Lists" and "Maps", backward-compatibility rules). A
 * group that is annotated but has not the shape that the rules ask for is taken as the struct that
 * it is.
 *
 * Recursion is as deep as the schema, whose depth schema.c bounds. */
#include "parquet/nested_plan.h"

#include <string.h>

struct planning {
  struct sk_nested_plan *plan;
  const struct sk_element *elements;
  const struct sk_column_meta *columns;
  uint32_t at; /* next element */
};

struct levels {
  uint16_t definition, repetition;
};

static bool plan_field(struct planning *p, struct levels above);

static bool is(const struct sk_element *e, const char *annotation)
{
  return e->annotation && strcmp(e->annotation, annotation) == 0;
}

static bool says_map(const struct sk_element *e)
{
  return is(e, "MAP") || is(e, "MAP_KEY_VALUE");
}

static bool is_group(const struct sk_element *e)
{
  return e->leaf < 0;
}

/* The repeated only child of a group; NULL where it has another shape. */
static const struct sk_element *only_repeated(const struct sk_element *group)
{
  return group->child_count == 1 && group[1].repetition == SK_REPEATED ? group + 1 : NULL;
}

/* Whether the repeated field of a list is its element, and not a group around it. */
static bool is_element(const struct sk_element *list, const struct sk_element *repeated)
{
  const size_t length = strlen(list->name);
  if (!is_group(repeated) || repeated->child_count != 1 || repeated[1].repetition == SK_REPEATED)
    return true;
  return strcmp(repeated->name, "array") == 0 ||
         (strncmp(repeated->name, list->name, length) == 0 &&
          strcmp(repeated->name + length, "_tuple") == 0);
}

/* Whether a group is the shell of a map: of pairs, a key and a value. One of keys alone is a
 * list. */
static bool is_map(const struct sk_element *group)
{
  const struct sk_element *const pair = only_repeated(group);
  return says_map(group) && pair && is_group(pair) && pair->child_count == 2 &&
         pair[1].repetition != SK_REPEATED;
}

static bool is_list(const struct sk_element *group)
{
  const struct sk_element *const item = only_repeated(group);
  if (!item)
    return false;
  return is(group, "LIST") || (says_map(group) && is_group(item) && item->child_count == 1);
}

/* Index of a new node; UINT32_MAX where memory lacks. */
static uint32_t add_node(struct planning *p, enum sk_node_kind kind, const char *name,
                         struct levels at)
{
  struct sk_nested_plan *const plan = p->plan;
  if (plan->node_count == plan->capacity) {
    const uint32_t capacity = plan->capacity ? plan->capacity * 2 : 8;
    struct sk_node *nodes = sk_realloc(plan->budget, plan->nodes, capacity * sizeof *nodes);
    if (!nodes)
      return UINT32_MAX;
    plan->nodes = nodes;
    plan->capacity = capacity;
  }
  plan->nodes[plan->node_count] = (struct sk_node){.kind = kind,
                                                   .name = name,
                                                   .definition = at.definition,
                                                   .repetition = at.repetition,
                                                   .leaf = plan->leaf_count};
  return plan->node_count++;
}

static void end_node(struct planning *p, uint32_t index)
{
  struct sk_node *const node = &p->plan->nodes[index];
  node->end = p->plan->node_count;
  node->leaf_count = p->plan->leaf_count - node->leaf;
  if (node->leaf_count == 0)
    node->kind = SK_NODE_EMPTY;
}

static void set_item(struct planning *p, uint32_t index, struct levels item)
{
  p->plan->nodes[index].item_definition = item.definition;
  p->plan->nodes[index].item_repetition = item.repetition;
}

static bool is_text(const struct sk_column_meta *c)
{
  const bool said = c->logical == SK_LOGICAL_STRING || c->logical == SK_LOGICAL_ENUM ||
                    c->logical == SK_LOGICAL_JSON;
  return said || (c->type == SK_TYPE_BYTE_ARRAY && c->logical == SK_LOGICAL_NONE);
}

/* The two fields of a pair. A key that may be null is no name of a JSON object's member. */
static bool plan_pair(struct planning *p, uint32_t index, struct levels item)
{
  const struct sk_element *const key = &p->elements[p->at];
  p->plan->nodes[index].object =
      !is_group(key) && key->repetition == SK_REQUIRED && is_text(&p->columns[key->leaf]);
  return plan_field(p, item) && plan_field(p, item);
}

/* The element at p->at as a value, its own repetition left aside. */
static bool plan_value(struct planning *p, struct levels at)
{
  const struct sk_element *const e = &p->elements[p->at++];
  const struct levels item = {(uint16_t)(at.definition + 1), (uint16_t)(at.repetition + 1)};
  const bool map = is_group(e) && is_map(e), list = is_group(e) && is_list(e);
  const enum sk_node_kind kind = !is_group(e) ? SK_NODE_LEAF
                                 : map        ? SK_NODE_MAP
                                 : list       ? SK_NODE_LIST
                                              : SK_NODE_STRUCT;
  const uint32_t index = add_node(p, kind, e->name, at);
  bool ok = index != UINT32_MAX;
  if (ok && kind == SK_NODE_LEAF) {
    p->plan->leaf_count++;
  } else if (ok && (map || list)) {
    set_item(p, index, item);
    const bool shell = map || !is_element(e, e + 1);
    p->at += shell;
    ok = map ? plan_pair(p, index, item) : shell ? plan_field(p, item) : plan_value(p, item);
  } else {
    for (int32_t i = 0; i < e->child_count && ok; i++)
      ok = plan_field(p, at);
  }
  if (ok)
    end_node(p, index);
  return ok;
}

/* The element at p->at below one with the levels `above`. What is repeated without a list's
 * annotation is a list that cannot be null. */
static bool plan_field(struct planning *p, struct levels above)
{
  const struct sk_element *const e = &p->elements[p->at];
  if (e->repetition == SK_REQUIRED)
    return plan_value(p, above);
  const struct levels inner = {(uint16_t)(above.definition + 1),
                               (uint16_t)(above.repetition + (e->repetition == SK_REPEATED))};
  const uint32_t index = p->plan->node_count;
  if (e->repetition == SK_OPTIONAL) {
    const bool ok = plan_value(p, inner);
    if (ok)
      p->plan->nodes[index].nullable = true;
    return ok;
  }
  if (add_node(p, SK_NODE_LIST, e->name, above) == UINT32_MAX)
    return false;
  set_item(p, index, inner);
  if (!plan_value(p, inner))
    return false;
  end_node(p, index);
  return true;
}

/* Definition level of what lies above an element, and the number of the next leaf. */
static uint16_t levels_above(const struct sk_meta *meta, uint32_t element, uint32_t *column)
{
  uint16_t definition = 0;
  int32_t depth = meta->elements[element].depth;
  *column = 0;
  for (uint32_t i = element; i-- > 0 && depth > 1;) {
    if (meta->elements[i].depth >= depth)
      continue;
    depth = meta->elements[i].depth;
    definition = (uint16_t)(definition + (meta->elements[i].repetition != SK_REQUIRED));
  }
  for (uint32_t i = element; i > 0; i--)
    if (meta->elements[i - 1].leaf >= 0) {
      *column = (uint32_t)meta->elements[i - 1].leaf + 1;
      break;
    }
  return definition;
}

shukei_status sk_nested_plan(struct sk_nested_plan *plan, const struct sk_meta *meta,
                             uint32_t element, struct sk_budget *budget, shukei_error *err)
{
  struct planning p = {plan, meta->elements, meta->columns, element};
  *plan = (struct sk_nested_plan){.budget = budget};
  const uint16_t above = levels_above(meta, element, &plan->first_column);
  if (!plan_field(&p, (struct levels){above, 0}))
    return sk_fail_memory(err, budget, plan->capacity * sizeof *plan->nodes, "a nested column");
  plan->nodes[0].nullable |= above > 0;
  return SHUKEI_OK;
}

void sk_nested_plan_reset(struct sk_nested_plan *plan)
{
  sk_free(plan->nodes);
  *plan = (struct sk_nested_plan){.budget = plan->budget};
}

static uint8_t lower(char c)
{
  return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* How many characters of `path` an element's name is, the dot before it included; 0 where it is
 * another. */
static size_t match(const char *path, size_t begin, const char *name)
{
  const size_t dot = begin > 0;
  const size_t length = strlen(name);
  if (dot && path[begin] != '.')
    return 0;
  const char *const part = path + begin + dot;
  for (size_t i = 0; i < length; i++)
    if (lower(part[i]) != lower(name[i]))
      return 0;
  return part[length] == 0 || part[length] == '.' ? dot + length : 0;
}

uint32_t sk_nested_find(const struct sk_meta *meta, const char *path, bool *repeated)
{
  const size_t length = strlen(path);
  size_t begin = 0; /* of what is left of the path below the elements that match so far */
  int32_t depth = 1;
  *repeated = false;
  for (uint32_t i = 1; i < meta->element_count; i++) {
    const struct sk_element *const e = &meta->elements[i];
    if (e->depth < depth) /* behind the group that matched */
      break;
    const size_t matched = e->depth == depth ? match(path, begin, e->name) : 0;
    if (!matched)
      continue;
    begin += matched;
    if (begin == length)
      return i;
    *repeated |= e->repetition == SK_REPEATED;
    depth++;
  }
  return 0;
}
