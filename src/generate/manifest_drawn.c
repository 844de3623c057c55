/* SPDX-License-Identifier: Apache-2.0 */
/* What nise draws whole: the namespaces of a node that names none, with their pods and volumes, and
 * a cluster where a generator has no nodes. Numbers, counts and classes lie in its ranges; its
 * words come from a package of words, ours from a short list with a number behind, which keeps
 * names apart. */
#include "generate/manifest_cluster.h"

#include <stdio.h>

static const char *const words[] = {
    "amber", "basil", "cedar", "delta", "ember", "fjord", "grove",  "heron",  "inlet",
    "jade",  "kelp",  "lotus", "maple", "north", "ocean", "pearl",  "quill",  "river",
    "slate", "thyme", "umber", "vivid", "wheat", "xenon", "yarrow", "zephyr",
};

const char *sk_draw_word(uint64_t key, uint64_t at)
{
  return words[sk_below(sk_noise(key, SK_DRAW_NAME, at), SK_COUNT(words))];
}

void sk_draw_class(uint64_t key, const char **storage_class, const char **driver)
{
  static const char *const classes[][2] = {{"gp3-csi", "ebs.csi.aws.com"},
                                           {"fast", "disk.csi.azure.com"},
                                           {"slow", "disk.csi.azure.com"},
                                           {"gold", "pd.csi.storage.gke.io"}};
  const uint32_t at = sk_below(sk_noise(key, SK_DRAW_CLASS, 0), SK_COUNT(classes));
  *storage_class = classes[at][0];
  *driver = classes[at][1];
}

static uint32_t count_between(uint64_t key, uint32_t low, uint32_t high)
{
  return low + sk_below(sk_noise(key, SK_DRAW_COUNT, 0), high - low + 1);
}

/* Two labels to as many as there are keys, some of them known ones. */
static bool draw_labels(struct sk_build *build, uint64_t key, const char *const *known,
                        uint32_t known_count, struct sk_span *labels)
{
  char text[400];
  size_t length = 0;
  uint64_t used = 0;
  const uint32_t keys = known_count + 6;
  const uint32_t wanted = 2 + sk_below(sk_noise(key, SK_DRAW_LABELS, 0), keys - 1);
  for (uint32_t i = 1; i <= wanted; i++) {
    const uint32_t which = sk_below(sk_noise(key, SK_DRAW_LABELS, i), keys);
    if (used >> which & 1)
      continue;
    used |= UINT64_C(1) << which;
    const bool role = which < known_count && strchr(known[which], '/');
    length +=
        (size_t)snprintf(text + length, sizeof text - length, "%slabel_%s:%s", length ? "|" : "",
                         which < known_count ? known[which] : words[which * 3 % 26],
                         role ? "" : sk_draw_word(key, 100 + which));
  }
  return sk_walk_keep(&build->walk, text, length, labels);
}

static const char *const pod_labels[] = {"environment", "app", "organization", "market", "version"};
static const char *const node_labels[] = {"node-role.kubernetes.io/master",
                                          "node-role.kubernetes.io/infra"};

shukei_status sk_draw_nodes(struct sk_build *build)
{
  const uint32_t count = count_between(sk_thing_key(build), 2, 6);
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < count; i++) {
    const uint64_t key = sk_thing_key(build);
    struct sk_node node = {.life = build->life,
                           .cores = sk_draw(key, SK_DRAW_CORES, 0, 2, 16, 1),
                           .memory_bytes = sk_draw(key, SK_DRAW_GIB, 0, 2, 8, 1) * SK_GIB};
    uint32_t index = 0;
    const bool ok = sk_build_text(build, &node.name, "node_%s-%" PRIu32, sk_draw_word(key, 0), i) &&
                    sk_build_text(build, &node.resource_id, "i-%016" PRIx64 "0",
                                  sk_noise(key, SK_DRAW_RESOURCE, 0)) &&
                    draw_labels(build, key, node_labels, SK_COUNT(node_labels), &node.labels) &&
                    sk_build_node(build, &node, &index);
    st = ok ? sk_draw_places(build, index, true) : sk_walk_no_memory(&build->walk, "nodes");
  }
  return st;
}

shukei_status sk_draw_places(struct sk_build *build, uint32_t node, bool from_nothing)
{
  static const char *const ends[] = {"ci", "qa", "prod", "proj", "dev", "staging"};
  const uint32_t count = count_between(sk_thing_key(build), 2, 12);
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t key = sk_thing_key(build);
    struct sk_space space = {.life = {0, 0}}; /* nise reports no labels of it */
    struct sk_place place = {.node = node, .from_nothing = from_nothing};
    if (!sk_build_text(build, &space.name, "%s-%" PRIu32 "-%" PRIu32 "_%s", sk_draw_word(key, 0),
                       node, i, ends[key % SK_COUNT(ends)]) ||
        !sk_build_space(build, &space, &place.space) || !sk_build_place(build, &place, space.name))
      return sk_walk_no_memory(&build->walk, "namespaces");
  }
  return SHUKEI_OK;
}

shukei_status sk_draw_pods(struct sk_build *build, const struct sk_place *place)
{
  static const char *const kinds[] = {"build", "deploy", "run"};
  const struct sk_node node = ((const struct sk_node *)build->nodes.items)[place->node];
  const double node_gib = node.memory_bytes / SK_GIB;
  const uint32_t count = count_between(sk_thing_key(build), 2, 20);
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t key = sk_thing_key(build);
    struct sk_manifest_pod pod = {.node = place->node,
                                  .space = place->space,
                                  .life = build->life,
                                  .key = key,
                                  .at_times = place->from_nothing};
    pod.limit_cpu = sk_draw(key, SK_DRAW_LIMIT_CPU, 0, 0.02, node.cores, 1e5);
    pod.request_cpu = sk_draw(key, SK_DRAW_REQUEST_CPU, 0, 0.02, pod.limit_cpu, 1e5);
    pod.limit_gib = sk_draw(key, SK_DRAW_LIMIT_MEMORY, 0, 25, node_gib, 100);
    pod.request_gib = sk_draw(key, SK_DRAW_REQUEST_MEMORY, 0, 25, pod.limit_gib, 100);
    if (pod.request_gib > pod.limit_gib)
      pod.request_gib = pod.limit_gib;
    if (!sk_build_text(build, &pod.name, "%s-%" PRIu32 "-%" PRIu32 "_%s", sk_draw_word(key, 0),
                       place->space, i, kinds[key % SK_COUNT(kinds)]) ||
        !draw_labels(build, key, pod_labels, SK_COUNT(pod_labels), &pod.labels) ||
        !sk_build_pod(build, &pod))
      return sk_walk_no_memory(&build->walk, "pods");
  }
  return SHUKEI_OK;
}

/* The pods of a place lie one after another: any of them may hold a claim. */
static struct sk_span any_pod(const struct sk_build *build, const struct sk_place *place,
                              uint64_t noise)
{
  const struct sk_manifest_pod *const pods = build->pods.items;
  size_t end = build->pods.count;
  while (end > 0 && pods[end - 1].space != place->space)
    end--;
  size_t first = end;
  while (first > 0 && pods[first - 1].space == place->space)
    first--;
  if (first == end)
    return (struct sk_span){NULL, 0};
  return pods[first + sk_below(noise, (uint32_t)(end - first))].name;
}

static bool draw_claims(struct sk_build *build, const struct sk_place *place,
                        const struct sk_manifest_claim *volume, uint32_t count)
{
  double left_gib = volume->request_bytes / SK_GIB;
  for (uint32_t i = 0; i < count && left_gib > 1; i++) {
    struct sk_manifest_claim claim = *volume;
    claim.key = sk_thing_key(build);
    const double gib = sk_draw(claim.key, SK_DRAW_LIMIT_MEMORY, 0, 1, left_gib, 100);
    claim.capacity_bytes = gib * SK_GIB;
    claim.pod = any_pod(build, place, claim.key);
    left_gib -= gib;
    struct sk_manifest_claim *at;
    if (!sk_build_text(build, &claim.claim, "%s-%" PRIu32, sk_draw_word(claim.key, 0), i) ||
        !draw_labels(build, claim.key, pod_labels, SK_COUNT(pod_labels), &claim.claim_labels) ||
        !(at = sk_rows_add(&build->claims, sizeof *at, build->budget)))
      return false;
    *at = claim;
  }
  return true;
}

shukei_status sk_draw_volumes(struct sk_build *build, const struct sk_place *place)
{
  const uint64_t counts = sk_thing_key(build);
  const uint32_t count = count_between(counts, 1, 3);
  const uint32_t claims = 1 + sk_below(sk_noise(counts, SK_DRAW_COUNT, 1), 2);
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t key = sk_thing_key(build);
    const char *storage_class, *driver;
    struct sk_manifest_claim volume = {
        .node = place->node, .space = place->space, .life = build->life, .key = key};
    sk_draw_class(key, &storage_class, &driver);
    volume.request_bytes = sk_draw(key, SK_DRAW_LIMIT_MEMORY, 0, 25, 80, 100) * SK_GIB;
    if (!sk_build_text(build, &volume.volume, "pv-%010" PRIx64, key >> 24) ||
        !sk_build_text(build, &volume.storage_class, "%s", storage_class) ||
        !sk_build_text(build, &volume.csi_driver, "%s", driver) ||
        !sk_build_text(build, &volume.csi_handle, "vol-%016" PRIx64 "0", sk_mix(key)) ||
        !draw_labels(build, key, pod_labels, SK_COUNT(pod_labels), &volume.volume_labels) ||
        !draw_claims(build, place, &volume, claims))
      return sk_walk_no_memory(&build->walk, "volumes");
  }
  return SHUKEI_OK;
}
