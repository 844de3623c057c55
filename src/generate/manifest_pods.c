/* SPDX-License-Identifier: Apache-2.0 */
/* Pods as a manifest gives them, and what nise takes for what it lacks. */
#include "generate/manifest_cluster.h"

static double least(double a, double b)
{
  return a < b ? a : b;
}

enum {
  POD_NAME,
  POD_CPU_REQUEST,
  POD_CPU_LIMIT,
  POD_MEM_REQUEST,
  POD_MEM_LIMIT,
  POD_SECONDS,
  POD_LABELS,
  POD_CPU_USAGE,
  POD_MEM_USAGE,
  POD_GPUS
};
static const struct sk_key pod_keys[] = {
    {"pod_name", SK_KEY_TAKEN},      {"cpu_request", SK_KEY_TAKEN},
    {"cpu_limit", SK_KEY_TAKEN},     {"mem_request_gig", SK_KEY_TAKEN},
    {"mem_limit_gig", SK_KEY_TAKEN}, {"pod_seconds", SK_KEY_TAKEN},
    {"labels", SK_KEY_TAKEN},        {"cpu_usage", SK_KEY_TAKEN},
    {"mem_usage_gig", SK_KEY_TAKEN}, {"gpus", SK_KEY_TAKEN},
    {"workload", SK_KEY_UNREAD},     {"pod", SK_KEY_MARK},
    {"mem_request", SK_KEY_OLD},     {"mem_limit", SK_KEY_OLD},
    {"mem_usage", SK_KEY_OLD},
};

/* The limit and the request of one measure: never above what the node, and then the limit, has. */
static shukei_status read_bounds(struct sk_build *build, const struct sk_yaml *limit_node,
                                 const struct sk_yaml *request_node, const char *limit_name,
                                 const char *request_name, double capacity, double *limit,
                                 double *request, bool *request_there)
{
  *limit = capacity;
  shukei_status st = sk_walk_number(&build->walk, limit_node, limit_name, limit, NULL);
  if (!st)
    st = sk_walk_number(&build->walk, request_node, request_name, request, request_there);
  *limit = least(*limit, capacity);
  if (!st && *request_there)
    *request = least(*request, *limit);
  return st;
}

static shukei_status read_amounts(struct sk_build *build, const struct sk_yaml **found,
                                  const struct sk_node *node, struct sk_manifest_pod *pod)
{
  bool has_cpu, has_gib;
  shukei_status st =
      read_bounds(build, found[POD_CPU_LIMIT], found[POD_CPU_REQUEST], "cpu_limit", "cpu_request",
                  node->cores, &pod->limit_cpu, &pod->request_cpu, &has_cpu);
  if (!st)
    st = read_bounds(build, found[POD_MEM_LIMIT], found[POD_MEM_REQUEST], "mem_limit_gig",
                     "mem_request_gig", node->memory_bytes / SK_GIB, &pod->limit_gib,
                     &pod->request_gib, &has_gib);
  if (!st)
    st = sk_walk_number(&build->walk, found[POD_SECONDS], "pod_seconds", &pod->seconds, NULL);
  if (!st)
    st = sk_usage_read(build, found[POD_CPU_USAGE], "cpu_usage", pod->limit_cpu, &pod->cpu);
  if (!st)
    st = sk_usage_read(build, found[POD_MEM_USAGE], "mem_usage_gig", pod->limit_gib, &pod->memory);
  if (st)
    return st;
  if (!has_cpu)
    pod->request_cpu =
        least(sk_draw(pod->key, SK_DRAW_REQUEST_CPU, 0, 0.02, pod->limit_cpu, 1e5), pod->limit_cpu);
  if (!has_gib)
    pod->request_gib =
        least(sk_draw(pod->key, SK_DRAW_REQUEST_MEMORY, 0, 25, 80, 100), pod->limit_gib);
  return SHUKEI_OK;
}

static shukei_status read_pod(struct sk_build *build, const struct sk_place *place,
                              const struct sk_yaml *part)
{
  const struct sk_yaml *found[SK_COUNT(pod_keys)];
  const struct sk_node *const node = (const struct sk_node *)build->nodes.items + place->node;
  struct sk_manifest_pod pod = {
      .node = place->node, .space = place->space, .life = build->life, .key = sk_thing_key(build)};
  struct sk_walk *const walk = &build->walk;
  shukei_status st = sk_walk_fields(walk, part, "a pod", pod_keys, SK_COUNT(pod_keys), found);
  if (!st)
    st = sk_walk_text(walk, found[POD_NAME], "pod_name", &pod.name);
  if (!st)
    st = sk_walk_text(walk, found[POD_LABELS], "labels", &pod.labels);
  if (!st)
    st = read_amounts(build, found, node, &pod);
  if (st)
    return st;
  if (!found[POD_NAME] && !sk_build_text(build, &pod.name, "%s-%04" PRIx64,
                                         sk_draw_word(pod.key, SK_DRAW_NAME), pod.key >> 48))
    return sk_walk_no_memory(walk, "pods");
  if (found[POD_GPUS])
    sk_walk_warn(walk, found[POD_GPUS],
                 "the gpus of pod \"%.*s\" are left out: no GPU report is made",
                 (int)least((double)pod.name.length, 80), pod.name.text);
  return sk_build_pod(build, &pod) ? SHUKEI_OK : sk_walk_no_memory(walk, "pods");
}

enum { SPACE_PODS, SPACE_VOLUMES, SPACE_LABELS, SPACE_MACHINES };
static const struct sk_key space_keys[] = {{"pods", SK_KEY_TAKEN},
                                           {"volumes", SK_KEY_TAKEN},
                                           {"namespace_labels", SK_KEY_TAKEN},
                                           {"virtual_machines", SK_KEY_TAKEN},
                                           {"namespace", SK_KEY_MARK}};

/* Virtual machines are only named: a claim may be theirs. */
static shukei_status read_machines(struct sk_build *build, const struct sk_yaml *node)
{
  const struct sk_yaml_item *item;
  struct sk_walk *const walk = &build->walk;
  shukei_status st = sk_walk_list(walk, node, "virtual_machines", &item);
  for (; !st && item; item = item->next) {
    struct sk_pair *pairs;
    size_t count;
    struct sk_span name = {"", 0};
    st = sk_walk_pairs(walk, item->node, "a virtual machine", &pairs, &count);
    for (size_t i = 0; !st && i < count; i++)
      if (strcmp(pairs[i].key->text, "vm_name") == 0)
        st = sk_walk_text(walk, pairs[i].value, "vm_name", &name);
    if (st)
      break;
    sk_walk_warn(walk, item->node,
                 "virtual machine \"%.*s\" is left out, with the pod that nise makes for it",
                 (int)least((double)name.length, 80), name.text);
    if (sk_intern_add(&build->pod_names, name.text, name.length) == SK_NO_ID)
      return sk_walk_no_memory(walk, "names of virtual machines");
  }
  return st;
}

shukei_status sk_build_pods(struct sk_build *build, const struct sk_place *place)
{
  const struct sk_yaml *found[SK_COUNT(space_keys)];
  const struct sk_yaml_item *item = NULL;
  if (!place->part)
    return sk_draw_pods(build, place);
  shukei_status st = sk_walk_fields(&build->walk, place->part, "a namespace", space_keys,
                                    SK_COUNT(space_keys), found);
  if (!st)
    st = sk_walk_list(&build->walk, found[SPACE_PODS], "pods", &item);
  for (; !st && item; item = item->next)
    st = read_pod(build, place, item->node);
  return st ? st : read_machines(build, found[SPACE_MACHINES]);
}
