/* SPDX-License-Identifier: Apache-2.0 */
/* Enabled keys, cost categories and configured roles (spec/2-summary.md). All are small tables
 * made once; only sk_keys_has() is asked often, once per label of each distinct text. */
#include "summary/rules.h"

static const char always_enabled[] = "vm_kubevirt_io_name";

bool sk_keys_init(struct sk_keys *keys, const struct sk_rules *rules, struct sk_budget *budget)
{
  keys->empty_key = false;
  keys->met = rules->keys_met;
  if (!sk_intern_init(&keys->keys, budget))
    return false;
  bool ok = sk_intern_add(&keys->keys, always_enabled, sizeof always_enabled - 1) != SK_NO_ID;
  for (size_t i = 0; ok && i < rules->enabled_key_count; i++) {
    const char *key = rules->enabled_keys[i];
    keys->empty_key |= !*key;
    const uint32_t id = sk_intern_add(&keys->keys, key, strlen(key));
    ok = id != SK_NO_ID;
    if (ok && id && sk_intern_value(&keys->keys, id) == SK_NO_ID)
      sk_intern_set_value(&keys->keys, id, (uint32_t)i);
  }
  if (!ok)
    sk_keys_reset(keys);
  return ok;
}

void sk_keys_reset(struct sk_keys *keys)
{
  sk_intern_reset(&keys->keys);
}

bool sk_keys_has(const struct sk_keys *keys, const char *key, uint32_t length)
{
  if (!length)
    return keys->empty_key;
  const uint32_t id = sk_intern_find(&keys->keys, key, length);
  const uint32_t place = id == SK_NO_ID ? SK_NO_ID : sk_intern_value(&keys->keys, id);
  if (place != SK_NO_ID && keys->met &&
      !atomic_load_explicit(&keys->met[place], memory_order_relaxed))
    atomic_store_explicit(&keys->met[place], true, memory_order_relaxed);
  return id != SK_NO_ID;
}

/* The byte behind the character that begins at `at`. */
static size_t behind_character(const char *text, size_t length, size_t at)
{
  do
    at++;
  while (at < length && ((uint8_t)text[at] & 0xc0) == 0x80);
  return at;
}

/* The usual walk with one place to come back to: where a later % is reached, an earlier one never
 * has to take more. Linear in practice, |pattern| * |text| at worst. */
bool sk_like(const char *pattern, const char *text, size_t length)
{
  const char *resume = NULL; /* behind the last % */
  size_t at = 0, resume_at = 0;
  while (at < length || *pattern) {
    if (*pattern == '%') {
      resume = ++pattern;
      resume_at = at;
    } else if (at < length && *pattern == '_') {
      pattern++;
      at = behind_character(text, length, at);
    } else if (at < length && *pattern && *pattern == text[at]) {
      pattern++;
      at++;
    } else if (resume && resume_at < length) {
      resume_at = behind_character(text, length, resume_at);
      pattern = resume;
      at = resume_at;
    } else {
      return false;
    }
  }
  return true;
}

bool sk_category_of(const struct sk_rules *rules, const char *name, size_t length, int64_t *id)
{
  bool found = false;
  for (size_t i = 0; i < rules->cost_category_count; i++) {
    const shukei_cost_category *c = &rules->cost_categories[i];
    if ((found && c->id <= *id) || !sk_like(c->pattern, name, length))
      continue;
    *id = c->id;
    found = true;
  }
  return found;
}

/* The key's first part tells its own length, so that no two pairs share a key. */
static uint32_t write_key(struct sk_buffer *key, const char *node, size_t node_length,
                          const char *id, size_t id_length)
{
  const uint64_t length = node_length;
  sk_buffer_clear(key);
  sk_buffer_add(key, &length, sizeof length);
  sk_buffer_add(key, node, node_length);
  sk_buffer_add(key, id, id_length);
  return key->failed ? SK_NO_ID : 0;
}

bool sk_roles_init(struct sk_roles *roles, const struct sk_rules *rules, struct sk_budget *budget)
{
  struct sk_buffer key;
  roles->roles = NULL;
  sk_buffer_init(&key, budget, SIZE_MAX);
  if (!sk_intern_init(&roles->nodes, budget))
    return false;
  roles->roles = sk_calloc(budget, rules->node_count + 1, sizeof *roles->roles);
  bool ok = roles->roles != NULL;
  for (size_t i = 0; ok && i < rules->node_count; i++) {
    const shukei_node_role *n = &rules->nodes[i];
    if (!n->node || !n->resource_id || !n->role || !*n->resource_id)
      continue; /* matches nothing: a row's empty resource_id is null */
    uint32_t id = write_key(&key, n->node, strlen(n->node), n->resource_id, strlen(n->resource_id));
    if (id != SK_NO_ID)
      id = sk_intern_add(&roles->nodes, key.bytes, key.length);
    ok = id != SK_NO_ID;
    if (ok && (!roles->roles[id] || strcmp(n->role, roles->roles[id]) > 0))
      roles->roles[id] = n->role;
  }
  sk_buffer_reset(&key);
  if (!ok)
    sk_roles_reset(roles);
  return ok;
}

void sk_roles_reset(struct sk_roles *roles)
{
  sk_intern_reset(&roles->nodes);
  sk_free(roles->roles);
  roles->roles = NULL;
}

bool sk_roles_find(const struct sk_roles *roles, struct sk_buffer *key, struct sk_text node,
                   const struct sk_intern_entry *resource_id, uint32_t *role)
{
  *role = 0;
  if (roles->nodes.count <= 1 || !resource_id->length)
    return true;
  if (write_key(key, node.bytes, node.length, resource_id->bytes, resource_id->length))
    return false;
  const uint32_t id = sk_intern_find(&roles->nodes, key->bytes, key->length);
  if (id != SK_NO_ID)
    *role = id;
  return true;
}

uint32_t sk_roles_later(const struct sk_roles *roles, uint32_t a, uint32_t b)
{
  if (!a || !b)
    return a | b;
  return strcmp(roles->roles[b], roles->roles[a]) > 0 ? b : a;
}
