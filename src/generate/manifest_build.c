/* SPDX-License-Identifier: Apache-2.0 */
/* From a generator of a manifest to nodes, namespaces, pods and claims.
 *
 * nise keeps the namespaces of a generator by name, each with the last node that names it, then
 * the pods by name over all namespaces, each as it was read last. Labels of namespaces are
 * reported for every node that names them. */
#include "generate/manifest_cluster.h"

#include <stdarg.h>
#include <stdio.h>

#define LONGEST_RESOURCE 300

void *sk_rows_add(struct sk_rows *rows, size_t size, struct sk_budget *budget)
{
  if (rows->count == rows->capacity) {
    const size_t capacity = rows->capacity ? rows->capacity * 2 : 16;
    void *const items = sk_realloc(budget, rows->items, capacity * size);
    if (!items)
      return NULL;
    rows->items = items;
    rows->capacity = capacity;
  }
  void *const item = (char *)rows->items + rows->count++ * size;
  return memset(item, 0, size);
}

/* The index of the first thing with the key in hand; `last` where there was none. */
static bool first_alike(struct sk_build *build, size_t last, uint32_t *index)
{
  if (build->key.failed)
    return false;
  const uint32_t id = sk_intern_add(&build->alike, build->key.bytes, build->key.length);
  if (id == SK_NO_ID)
    return false;
  while (build->alike_at.count <= id)
    if (!sk_rows_add(&build->alike_at, sizeof(uint32_t), build->budget))
      return false;
  uint32_t *const at = (uint32_t *)build->alike_at.items + id;
  if (!*at)
    *at = (uint32_t)(last + 1);
  *index = *at - 1;
  return true;
}

static void key_span(struct sk_build *build, struct sk_span span)
{
  sk_buffer_add(&build->key, &span.length, sizeof span.length);
  if (span.length)
    sk_buffer_add(&build->key, span.text, span.length);
}

bool sk_build_node(struct sk_build *build, const struct sk_node *node, uint32_t *index)
{
  struct sk_node *const at = sk_rows_add(&build->nodes, sizeof *at, build->budget);
  if (!at)
    return false;
  *at = *node;
  at->change_hour = UINT32_MAX;
  sk_buffer_clear(&build->key);
  sk_buffer_text(&build->key, "node");
  key_span(build, node->name);
  key_span(build, node->resource_id);
  sk_buffer_add(&build->key, &node->cores, sizeof node->cores);
  sk_buffer_add(&build->key, &node->memory_bytes, sizeof node->memory_bytes);
  return first_alike(build, build->nodes.count - 1, index);
}

bool sk_build_space(struct sk_build *build, const struct sk_space *space, uint32_t *index)
{
  struct sk_space *const at = sk_rows_add(&build->spaces, sizeof *at, build->budget);
  if (!at)
    return false;
  *at = *space;
  at->change_hour = UINT32_MAX;
  sk_buffer_clear(&build->key);
  sk_buffer_text(&build->key, "space");
  key_span(build, space->name);
  return first_alike(build, build->spaces.count - 1, index);
}

bool sk_build_place(struct sk_build *build, const struct sk_place *place, struct sk_span name)
{
  const uint32_t id = sk_intern_add(&build->place_names, name.text, name.length);
  if (id == SK_NO_ID)
    return false;
  while (build->places.count <= id) {
    struct sk_place *const at = sk_rows_add(&build->places, sizeof *at, build->budget);
    if (!at)
      return false;
    at->node = SK_NONE;
  }
  ((struct sk_place *)build->places.items)[id] = *place;
  return true;
}

bool sk_build_pod(struct sk_build *build, const struct sk_manifest_pod *pod)
{
  const uint32_t id = sk_intern_add(&build->pod_names, pod->name.text, pod->name.length);
  if (id == SK_NO_ID)
    return false;
  while (build->pod_at.count <= id)
    if (!sk_rows_add(&build->pod_at, sizeof(uint32_t), build->budget))
      return false;
  uint32_t *const at = (uint32_t *)build->pod_at.items + id;
  if (!*at) {
    if (!sk_rows_add(&build->pods, sizeof *pod, build->budget))
      return false;
    *at = (uint32_t)build->pods.count;
  }
  ((struct sk_manifest_pod *)build->pods.items)[*at - 1] = *pod;
  return true;
}

bool sk_build_text(struct sk_build *build, struct sk_span *to, const char *format, ...)
{
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return sk_walk_keep(&build->walk, text,
                      (size_t)length < sizeof text ? (size_t)length : sizeof text - 1, to);
}

enum { NODE_NAME, NODE_CORES, NODE_MEMORY, NODE_RESOURCE, NODE_LABELS, NODE_SPACES };
static const struct sk_key node_keys[] = {
    {"node_name", SK_KEY_TAKEN},   {"cpu_cores", SK_KEY_TAKEN},   {"memory_gig", SK_KEY_TAKEN},
    {"resource_id", SK_KEY_TAKEN}, {"node_labels", SK_KEY_TAKEN}, {"namespaces", SK_KEY_TAKEN},
    {"node", SK_KEY_MARK},
};

/* The namespaces that a node names, with their labels. */
static shukei_status read_spaces(struct sk_build *build, const struct sk_yaml *map, uint32_t node,
                                 size_t *count)
{
  static const struct sk_key keys[] = {{"namespace_labels", SK_KEY_TAKEN},
                                       {"pods", SK_KEY_TAKEN},
                                       {"volumes", SK_KEY_TAKEN},
                                       {"virtual_machines", SK_KEY_TAKEN},
                                       {"namespace", SK_KEY_MARK}};
  static const struct sk_yaml nothing = {.kind = SK_YAML_MAP};
  const struct sk_yaml *found[SK_COUNT(keys)];
  struct sk_walk *const walk = &build->walk;
  struct sk_pair *pairs;
  shukei_status st = sk_walk_pairs(walk, map, "namespaces", &pairs, count);
  for (size_t i = 0; !st && i < *count; i++) {
    const struct sk_yaml *part = pairs[i].value;
    struct sk_space space = {.life = build->life};
    struct sk_place place = {.node = node};
    if (part->kind == SK_YAML_SCALAR && sk_yaml_is_null(part))
      part = &nothing;
    st = sk_walk_fields(walk, part, "a namespace", keys, SK_COUNT(keys), found);
    if (!st)
      st = sk_walk_text(walk, sk_yaml_is_null(pairs[i].key) ? NULL : pairs[i].key,
                        "a namespace's name", &space.name);
    if (!st)
      st = sk_walk_text(walk, found[0], "namespace_labels", &space.labels);
    place.part = part;
    if (!st && (!sk_build_space(build, &space, &place.space) ||
                !sk_build_place(build, &place, space.name)))
      st = sk_walk_no_memory(walk, "namespaces");
  }
  return st;
}

static shukei_status read_node(struct sk_build *build, const struct sk_yaml *part)
{
  const struct sk_yaml *found[SK_COUNT(node_keys)];
  const uint64_t key = sk_thing_key(build);
  struct sk_walk *const walk = &build->walk;
  struct sk_node node = {.life = build->life};
  struct sk_span resource = {NULL, 0};
  size_t count = 0;
  uint32_t index = 0;
  double gib = sk_draw(key, SK_DRAW_GIB, 0, 2, 8, 1);
  node.cores = sk_draw(key, SK_DRAW_CORES, 0, 2, 16, 1);
  shukei_status st = sk_walk_fields(walk, part, "a node", node_keys, SK_COUNT(node_keys), found);
  if (!st)
    st = sk_walk_text(walk, found[NODE_NAME], "node_name", &node.name);
  if (!st)
    st = sk_walk_text(walk, found[NODE_LABELS], "node_labels", &node.labels);
  if (!st)
    st = sk_walk_text(walk, found[NODE_RESOURCE], "resource_id", &resource);
  if (!st)
    st = sk_walk_number(walk, found[NODE_CORES], "cpu_cores", &node.cores, NULL);
  if (!st)
    st = sk_walk_number(walk, found[NODE_MEMORY], "memory_gig", &gib, NULL);
  if (st)
    return st;
  if (resource.length > LONGEST_RESOURCE)
    return sk_walk_fail(walk, found[NODE_RESOURCE], "resource_id is longer than %d bytes",
                        LONGEST_RESOURCE);
  node.memory_bytes = gib * SK_GIB;
  const bool ok =
      (found[NODE_NAME] || sk_build_text(build, &node.name, "node_%s-%04" PRIx64,
                                         sk_draw_word(key, SK_DRAW_NAME), key >> 48)) &&
      (found[NODE_RESOURCE]
           ? sk_build_text(build, &node.resource_id, "i-%.*s", (int)resource.length, resource.text)
           : sk_build_text(build, &node.resource_id, "i-%016" PRIx64 "0",
                           sk_noise(key, SK_DRAW_RESOURCE, 0))) &&
      sk_build_node(build, &node, &index);
  if (!ok)
    return sk_walk_no_memory(walk, "nodes");
  if (found[NODE_SPACES])
    st = read_spaces(build, found[NODE_SPACES], index, &count);
  return st || count ? st : sk_draw_places(build, index, false);
}

static shukei_status build_parts(struct sk_build *build)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < build->places.count; i++) {
    const struct sk_place place = ((struct sk_place *)build->places.items)[i];
    if (place.node != SK_NONE)
      st = sk_build_pods(build, &place);
  }
  for (size_t i = 0; !st && i < build->places.count; i++) {
    const struct sk_place place = ((struct sk_place *)build->places.items)[i];
    if (place.node != SK_NONE)
      st = sk_build_volumes(build, &place);
  }
  return st;
}

shukei_status sk_build_generator(struct sk_build *build, const struct sk_yaml *nodes)
{
  const struct sk_yaml_item *item;
  build->places.count = build->pod_at.count = build->usages.count = 0;
  if (!sk_intern_init(&build->place_names, build->budget))
    return sk_walk_no_memory(&build->walk, "names of namespaces");
  if (!sk_intern_init(&build->pod_names, build->budget)) {
    sk_intern_reset(&build->place_names);
    return sk_walk_no_memory(&build->walk, "names of pods");
  }
  sk_map_init(&build->usage_at, build->budget);
  shukei_status st = sk_walk_list(&build->walk, nodes, "nodes", &item);
  if (!st && !item)
    st = sk_draw_nodes(build);
  for (; !st && item; item = item->next)
    st = read_node(build, item->node);
  if (!st)
    st = build_parts(build);
  sk_map_reset(&build->usage_at);
  sk_intern_reset(&build->pod_names);
  sk_intern_reset(&build->place_names);
  return st;
}
