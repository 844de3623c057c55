/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of a preset. Of ten volumes
 *   one is shared: one claim, mounted by up to three pods of one namespace on different nodes,
 *   seven belong to one pod each,
 *   one has a claim that no pod mounts, one has no claim at all.
 * A slot is a volume and one of its possible mounts; most volumes use the first alone. */
#include "generate/preset_maker.h"

enum { SHARED = 0, WITHOUT_POD = 7, WITHOUT_CLAIM = 9, KINDS = 10 };
#define MATE_TRIES 256

static const struct {
  const char *storage_class, *driver;
} classes[] = {
    {"gp3-csi", "ebs.csi.aws.com"},
    {"ocs-storagecluster-ceph-rbd", "openshift-storage.rbd.csi.ceph.com"},
    {"ocs-storagecluster-cephfs", "openshift-storage.cephfs.csi.ceph.com"},
    {"gold", "pd.csi.storage.gke.io"},
};
static const uint16_t gibibytes[8] = {1, 5, 10, 20, 50, 100, 200, 500};

static struct sk_span span_of(const char *text)
{
  return (struct sk_span){text, strlen(text)};
}

static struct sk_span end_span(const char *from, const char *end)
{
  return (struct sk_span){from, (size_t)(end - from)};
}

/* The pod that mounts the volume as its number `mount`; false where there is none. Pods of the same
 * namespace are looked for among those that follow. */
static bool find_pod(const struct sk_model *model, uint64_t key, unsigned mount,
                     struct sk_preset_pod *pod)
{
  const struct sk_maker *const maker = model->maker;
  const uint64_t pods = maker->shape.pods;
  uint64_t slot = sk_noise(key, SK_FOR_PLACE, 0) % pods;
  uint32_t nodes[SK_CLAIM_MOUNTS];
  sk_preset_base_pod(model, slot, pod);
  const uint32_t space = pod->space;
  nodes[0] = pod->node;
  for (unsigned found = 0, tries = 0; found < mount; tries++) {
    if (tries == MATE_TRIES)
      return false;
    slot = (slot + (maker->shape.family == SK_FAMILY_WIDE ? maker->pods_per_node : 1)) % pods;
    sk_preset_base_pod(model, slot, pod);
    bool fits = pod->space == space;
    for (unsigned i = 0; i <= found; i++)
      fits = fits && nodes[i] != pod->node;
    if (fits)
      nodes[++found] = pod->node;
  }
  return true;
}

static char *put_volume_name(char *at, uint64_t key)
{
  const uint64_t high = sk_noise(key, SK_FOR_NAME, 0), low = sk_noise(key, SK_FOR_NAME, 1);
  at = SK_PUT_TEXT(at, "pvc-");
  at = sk_put_hex(at, high >> 32, 8);
  *at++ = '-';
  at = sk_put_hex(at, high >> 16, 4);
  *at++ = '-';
  at = sk_put_hex(at, high, 4);
  *at++ = '-';
  at = sk_put_hex(at, low >> 48, 4);
  *at++ = '-';
  return sk_put_hex(at, low, 12);
}

static void set_numbers(const struct sk_maker *maker, uint64_t key, uint32_t hour, bool claimed,
                        struct sk_claim_row *row)
{
  const uint64_t bits = sk_noise(key, SK_FOR_TRAITS, 0);
  const double capacity = gibibytes[bits & 7] * 0x1p30;
  const uint32_t at = maker->shape.constant ? 0 : hour;
  const double start = 0.1 + 0.5 * sk_unit(bits << 8);
  /* It fills up by a third of its size in 1000 hours, and is emptied then. */
  const double grown = at % 1000 / 3000.0;
  const double part = start + grown + 0.01 * sk_unit(sk_noise(key, SK_FOR_MEMORY, at));
  row->capacity_bytes = capacity;
  row->request_byte_seconds = capacity * 3600;
  row->usage_byte_seconds = capacity * part * 3600;
  row->has = claimed ? SK_HAS_VOLUME_REQUEST | SK_HAS_CLAIM_USAGE : 0;
}

static void set_claim(const struct sk_maker *maker, uint64_t volume, uint32_t app,
                      struct sk_claim_row *row, char *at)
{
  char *from = at;
  const struct sk_app *const names = &maker->apps[app];
  at = SK_PUT_TEXT(at, "data-");
  at = sk_put_span(at, names->name);
  *at++ = '-';
  at = sk_put_hex(at, volume, volume >> 24 ? 12 : 6);
  row->claim = end_span(from, at);
  from = at;
  at = SK_PUT_TEXT(at, "label_app:");
  at = sk_put_span(at, names->label);
  at = SK_PUT_TEXT(at, "|label_backup:");
  at = volume % 3 ? SK_PUT_TEXT(at, "daily") : SK_PUT_TEXT(at, "none");
  row->claim_labels = end_span(from, at);
}

bool sk_preset_claim_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                         struct sk_claim_row *row)
{
  const struct sk_maker *const maker = model->maker;
  const uint64_t volume = slot / SK_CLAIM_MOUNTS;
  const unsigned mount = (unsigned)(slot % SK_CLAIM_MOUNTS), kind = (unsigned)(volume % KINDS);
  if (mount > 0 && kind != SHARED)
    return false;
  const uint64_t key = sk_noise(maker->key, SK_FOR_CLAIM, volume);
  const size_t class = kind == SHARED ? 2 : sk_below(key, SK_COUNT(classes));
  struct sk_preset_pod pod;
  char *at = row->scratch, *from = at;
  memset(row, 0, offsetof(struct sk_claim_row, scratch));
  row->node = SK_NONE;
  row->space = SK_NONE;
  if (kind != WITHOUT_CLAIM) {
    if (!find_pod(model, key, mount, &pod))
      return false;
    row->space = pod.space;
    if (kind != WITHOUT_POD) {
      row->node = pod.node;
      at = sk_preset_pod_name(maker, &pod, at);
      row->pod = end_span(from, at);
    }
  }
  from = at;
  at = put_volume_name(at, key);
  row->volume = end_span(from, at);
  from = at;
  at = SK_PUT_TEXT(at, "vol-");
  at = sk_put_hex(at, sk_noise(key, SK_FOR_NAME, 2), 16);
  row->csi_handle = end_span(from, at);
  from = at;
  at = SK_PUT_TEXT(at, "label_storage_class:");
  at = sk_put_span(at, span_of(classes[class].storage_class));
  at = kind % 2 ? SK_PUT_TEXT(at, "|label_tier:data") : at;
  row->volume_labels = end_span(from, at);
  row->storage_class = span_of(classes[class].storage_class);
  row->csi_driver = span_of(classes[class].driver);
  if (kind != WITHOUT_CLAIM) /* one claim for all mounts: named after the volume's first pod */
    set_claim(maker, volume, sk_below(sk_mix(key), (uint32_t)maker->shape.label_values), row, at);
  set_numbers(maker, key, hour, kind != WITHOUT_CLAIM, row);
  return true;
}
