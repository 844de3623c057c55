/* SPDX-License-Identifier: Apache-2.0 */
/* What a nested field of the schema means: a tree of values, structs, lists and maps, by the rules
 * of the format's LogicalTypes.md, "Nested Types", those for the forms of old writers included. */
#ifndef SK_PARQUET_NESTED_PLAN_H
#define SK_PARQUET_NESTED_PLAN_H

#include "base/error.h"
#include "parquet/meta.h"

enum sk_node_kind {
  SK_NODE_LEAF,
  SK_NODE_STRUCT,
  SK_NODE_LIST, /* one child: the element */
  SK_NODE_MAP,  /* two children: key and value */
  SK_NODE_EMPTY /* a group without any leaf, of which no level tells */
};

struct sk_node {
  enum sk_node_kind kind;
  bool nullable;                   /* a definition level below `definition` says that it is null */
  bool object;                     /* MAP: all keys are texts, as those of a JSON object */
  uint16_t definition, repetition; /* repetition: of the lists around it */
  uint16_t item_definition, item_repetition; /* LIST, MAP: levels of an item */
  const char *name;
  uint32_t end; /* of its subtree among the nodes: children are those from the next one on */
  uint32_t leaf, leaf_count; /* of its subtree, among the plan's */
};

struct sk_nested_plan {
  struct sk_budget *budget;
  struct sk_node *nodes; /* depth first, nodes[0] is the field */
  uint32_t node_count, capacity;
  uint32_t first_column, leaf_count; /* leaves are neighbours among the columns */
};

/* The element of the schema below the root with that path, parts joined by '.', ASCII case ignored;
 * 0 where there is none. *repeated: it lies below a repeated one, so that a row may have many. */
uint32_t sk_nested_find(const struct sk_meta *meta, const char *path, bool *repeated);

/* Plans an element of the schema that has no repeated one above it. Where one above it is null, it
 * is null. sk_nested_plan_reset() frees, also after a failure. ENOMEM. */
shukei_status sk_nested_plan(struct sk_nested_plan *plan, const struct sk_meta *meta,
                             uint32_t element, struct sk_budget *budget, shukei_error *err);
void sk_nested_plan_reset(struct sk_nested_plan *plan);

#endif
