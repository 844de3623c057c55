/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes and claims as a manifest gives them.
 *
 * nise stops reading a volume's claims where at most a GiB of it is left, and refuses claims that
 * are more than the volume together. A volume without claims has a row of its own, without node,
 * namespace, request and usage. */
#include "generate/manifest_cluster.h"

#include "base/nearest.h"

#define TRIED_NAMES 5000 /* pods that a mistyped name is compared with */
#define MOST_CLAIMS 4096 /* of a volume: their names are compared with each other */

enum { CLAIM_NAME, CLAIM_POD, CLAIM_LABELS, CLAIM_CAPACITY, CLAIM_USAGE };
static const struct sk_key claim_keys[] = {
    {"volume_claim_name", SK_KEY_TAKEN},
    {"pod_name", SK_KEY_TAKEN},
    {"labels", SK_KEY_TAKEN},
    {"capacity_gig", SK_KEY_TAKEN},
    {"volume_claim_usage_gig", SK_KEY_TAKEN},
    {"volume_claim", SK_KEY_MARK},
    {"vol_device", SK_KEY_UNREAD},
    {"volume_mode", SK_KEY_UNREAD},
};

enum {
  VOLUME_NAME,
  VOLUME_CLASS,
  VOLUME_DRIVER,
  VOLUME_HANDLE,
  VOLUME_REQUEST,
  VOLUME_LABELS,
  VOLUME_CLAIMS
};
static const struct sk_key volume_keys[] = {
    {"volume_name", SK_KEY_TAKEN},        {"storage_class", SK_KEY_TAKEN},
    {"csi_driver", SK_KEY_TAKEN},         {"csi_volume_handle", SK_KEY_TAKEN},
    {"volume_request_gig", SK_KEY_TAKEN}, {"labels", SK_KEY_TAKEN},
    {"volume_claims", SK_KEY_TAKEN},      {"volume", SK_KEY_MARK},
};

static int shown(struct sk_span text)
{
  return text.length < 80 ? (int)text.length : 80;
}

static shukei_status check_pod(struct sk_build *build, const struct sk_yaml *node,
                               struct sk_span pod)
{
  if (pod.length && sk_intern_find(&build->pod_names, pod.text, pod.length) != SK_NO_ID)
    return SHUKEI_OK;
  const shukei_status st =
      sk_walk_fail(&build->walk, node, "the claim is of pod \"%.*s\", which does not exist",
                   shown(pod), pod.length ? pod.text : "");
  const struct sk_intern_entry *best = NULL;
  size_t distance = pod.length / 3 > 2 ? pod.length / 3 + 1 : 3;
  for (uint32_t id = 1; id < build->pod_names.count && id < TRIED_NAMES; id++) {
    const struct sk_intern_entry *const name = sk_intern_at(&build->pod_names, id);
    const size_t d = sk_edit_distance(pod.text, pod.length, name->bytes, name->length);
    if (d < distance) {
      distance = d;
      best = name;
    }
  }
  if (best)
    sk_advise(build->walk.err, "did you mean \"%.*s\"?", (int)best->length, best->bytes);
  return st;
}

/* The claims of the volume in hand: a later one of the same name takes the earlier one's place. */
static struct sk_manifest_claim *claim_of_name(struct sk_build *build, size_t first,
                                               const struct sk_manifest_claim *claim)
{
  struct sk_manifest_claim *const claims = build->claims.items;
  for (size_t i = first; i < build->claims.count; i++)
    if (claims[i].claim.length == claim->claim.length &&
        (!claim->claim.length ||
         memcmp(claims[i].claim.text, claim->claim.text, claim->claim.length) == 0))
      return &claims[i];
  return sk_rows_add(&build->claims, sizeof *claim, build->budget);
}

/* Reads one claim into *claim, which has what the volume gives. */
static shukei_status read_claim(struct sk_build *build, const struct sk_yaml *part,
                                struct sk_manifest_claim *claim)
{
  const struct sk_yaml *found[SK_COUNT(claim_keys)];
  struct sk_walk *const walk = &build->walk;
  double gib = claim->request_bytes / SK_GIB;
  shukei_status st =
      sk_walk_fields(walk, part, "a volume claim", claim_keys, SK_COUNT(claim_keys), found);
  if (!st)
    st = sk_walk_text(walk, found[CLAIM_NAME], "volume_claim_name", &claim->claim);
  if (!st)
    st = sk_walk_text(walk, found[CLAIM_POD], "pod_name", &claim->pod);
  if (!st && found[CLAIM_POD])
    st = check_pod(build, found[CLAIM_POD], claim->pod);
  if (!st)
    st = sk_walk_text(walk, found[CLAIM_LABELS], "labels", &claim->claim_labels);
  if (!st)
    st = sk_walk_number(walk, found[CLAIM_CAPACITY], "capacity_gig", &gib, NULL);
  if (!st)
    st = sk_usage_read(build, found[CLAIM_USAGE], "volume_claim_usage_gig", gib, &claim->usage);
  if (st)
    return st;
  claim->capacity_bytes = gib * SK_GIB;
  if (!found[CLAIM_NAME] &&
      !sk_build_text(build, &claim->claim, "%s-%04" PRIx64, sk_draw_word(claim->key, SK_DRAW_NAME),
                     claim->key >> 48))
    return sk_walk_no_memory(walk, "claims");
  return SHUKEI_OK;
}

static shukei_status read_claims(struct sk_build *build, const struct sk_yaml *list,
                                 const struct sk_manifest_claim *volume)
{
  const struct sk_yaml_item *item;
  const size_t first = build->claims.count;
  double total = 0;
  shukei_status st = sk_walk_list(&build->walk, list, "volume_claims", &item);
  for (; !st && item; item = item->next) {
    struct sk_manifest_claim claim = *volume, *at;
    if (volume->request_bytes - total <= SK_GIB)
      break;
    if (build->claims.count - first == MOST_CLAIMS)
      return sk_walk_fail(&build->walk, item->node, "more than %d claims of one volume",
                          MOST_CLAIMS);
    claim.key = sk_thing_key(build);
    st = read_claim(build, item->node, &claim);
    if (st)
      break;
    total += claim.capacity_bytes;
    if (total > volume->request_bytes)
      return sk_walk_fail(&build->walk, item->node,
                          "the claims of %g GiB are more than their volume of %g GiB",
                          total / SK_GIB, volume->request_bytes / SK_GIB);
    at = claim_of_name(build, first, &claim);
    if (!at)
      return sk_walk_no_memory(&build->walk, "claims");
    *at = claim;
  }
  return st;
}

static shukei_status read_texts(struct sk_build *build, const struct sk_yaml **found,
                                struct sk_manifest_claim *volume)
{
  struct sk_walk *const walk = &build->walk;
  const char *storage_class, *driver;
  shukei_status st = sk_walk_text(walk, found[VOLUME_NAME], "volume_name", &volume->volume);
  if (!st)
    st = sk_walk_text(walk, found[VOLUME_CLASS], "storage_class", &volume->storage_class);
  if (!st)
    st = sk_walk_text(walk, found[VOLUME_DRIVER], "csi_driver", &volume->csi_driver);
  if (!st)
    st = sk_walk_text(walk, found[VOLUME_HANDLE], "csi_volume_handle", &volume->csi_handle);
  if (!st)
    st = sk_walk_text(walk, found[VOLUME_LABELS], "labels", &volume->volume_labels);
  if (st)
    return st;
  sk_draw_class(volume->key, &storage_class, &driver);
  const bool ok =
      (found[VOLUME_NAME] ||
       sk_build_text(build, &volume->volume, "pv-%s-%04" PRIx64,
                     sk_draw_word(volume->key, SK_DRAW_NAME), volume->key >> 48)) &&
      (found[VOLUME_CLASS] || sk_build_text(build, &volume->storage_class, "%s", storage_class)) &&
      (found[VOLUME_DRIVER] || sk_build_text(build, &volume->csi_driver, "%s", driver)) &&
      (found[VOLUME_HANDLE] ||
       sk_build_text(build, &volume->csi_handle, "vol-%016" PRIx64 "0", volume->key));
  return ok ? SHUKEI_OK : sk_walk_no_memory(walk, "volumes");
}

static shukei_status read_volume(struct sk_build *build, const struct sk_place *place,
                                 const struct sk_yaml *part)
{
  const struct sk_yaml *found[SK_COUNT(volume_keys)];
  struct sk_manifest_claim volume = {
      .node = place->node, .space = place->space, .life = build->life, .key = sk_thing_key(build)};
  struct sk_walk *const walk = &build->walk;
  const size_t first = build->claims.count;
  double gib = 0;
  shukei_status st =
      sk_walk_fields(walk, part, "a volume", volume_keys, SK_COUNT(volume_keys), found);
  if (!st)
    st = sk_walk_number(walk, found[VOLUME_REQUEST], "volume_request_gig", &gib, NULL);
  if (!st)
    st = read_texts(build, found, &volume);
  if (st)
    return st;
  volume.request_bytes = (gib > 0 ? gib : 100) * SK_GIB;
  st = read_claims(build, found[VOLUME_CLAIMS], &volume);
  if (st || build->claims.count > first)
    return st;
  struct sk_manifest_claim *const claim = sk_rows_add(&build->claims, sizeof *claim, build->budget);
  if (!claim)
    return sk_walk_no_memory(walk, "volumes");
  *claim = volume;
  claim->claimless = true;
  claim->node = claim->space = SK_NONE;
  claim->capacity_bytes = volume.request_bytes;
  return SHUKEI_OK;
}

shukei_status sk_build_volumes(struct sk_build *build, const struct sk_place *place)
{
  static const struct sk_key keys[] = {{"volumes", SK_KEY_TAKEN},
                                       {"pods", SK_KEY_UNREAD},
                                       {"namespace_labels", SK_KEY_UNREAD},
                                       {"virtual_machines", SK_KEY_UNREAD},
                                       {"namespace", SK_KEY_MARK}};
  const struct sk_yaml *found[SK_COUNT(keys)];
  const struct sk_yaml_item *item = NULL;
  if (!place->part)
    return sk_draw_volumes(build, place);
  shukei_status st =
      sk_walk_fields(&build->walk, place->part, "a namespace", keys, SK_COUNT(keys), found);
  if (!st)
    st = sk_walk_list(&build->walk, found[0], "volumes", &item);
  for (; !st && item; item = item->next)
    st = read_volume(build, place, item->node);
  return st;
}
