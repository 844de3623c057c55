/* SPDX-License-Identifier: Apache-2.0 */
/* The run's settings in a form that can be asked: enabled label keys, cost categories, node
 * roles. */
#ifndef SK_SUMMARY_RULES_H
#define SK_SUMMARY_RULES_H

#include "summary/summary.h"

struct sk_keys {
  struct sk_intern keys;
  bool empty_key;   /* the key "" is enabled; the table's id 0 is always there */
  atomic_bool *met; /* of the rules; the value of a key in the table is its place */
};
bool sk_keys_init(struct sk_keys *keys, const struct sk_rules *rules, struct sk_budget *budget);
void sk_keys_reset(struct sk_keys *keys);
bool sk_keys_has(const struct sk_keys *keys, const char *key, uint32_t length);

/* SQL LIKE without an escape character: % any run, _ any one character of UTF-8. */
bool sk_like(const char *pattern, const char *text, size_t length);
/* The highest id whose pattern matches; false where none does. */
bool sk_category_of(const struct sk_rules *rules, const char *name, size_t length, int64_t *id);

/* The configured list of nodes: (node, resource_id) -> the highest role. */
struct sk_roles {
  struct sk_intern nodes;
  const char **roles; /* [nodes.count] */
};
bool sk_roles_init(struct sk_roles *roles, const struct sk_rules *rules, struct sk_budget *budget);
void sk_roles_reset(struct sk_roles *roles);
/* *role, an index of roles, is 0 where the list lacks the node; false when memory lacks for the
 * key. Any thread with a buffer of its own. */
bool sk_roles_find(const struct sk_roles *roles, struct sk_buffer *key, struct sk_text node,
                   const struct sk_intern_entry *resource_id, uint32_t *role);
/* The one of two whose role is the later in byte order; 0 is before all. */
uint32_t sk_roles_later(const struct sk_roles *roles, uint32_t a, uint32_t b);

#endif
