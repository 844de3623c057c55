/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a manifest's model. Products are taken in nise's order (seconds times cores, seconds
 * times GiB): sums of the same doubles are then the same. */
#include "generate/manifest_cluster.h"

#include <math.h>

double sk_draw(uint64_t key, enum sk_drawn what, uint64_t at, double low, double high, double parts)
{
  const double least = low < high ? low : high, most = low < high ? high : low;
  const double value = least + (most - least) * sk_unit(sk_noise(key, (uint64_t)what, at));
  const double rounded = floor(value * parts + 0.5) / parts;
  return rounded < least ? least : rounded > most ? most : rounded;
}

double sk_usage_of(const struct sk_usage *usage, int32_t day)
{
  size_t low = 0, high = usage->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (usage->days[middle].day < day)
      low = middle + 1;
    else
      high = middle;
  }
  const bool found = low < usage->count && usage->days[low].day == day;
  const double value = found ? usage->days[low].value : usage->has_full ? usage->full : 0;
  return value < usage->most ? value : usage->most;
}

/* What a map gives for the hour's day, at most `most`; 0: nothing. */
static double given(const struct sk_model *model, const struct sk_usage *usage, uint32_t hour,
                    double most)
{
  if (!usage)
    return 0;
  const double value = sk_usage_of(usage, model->first_day + (int32_t)(hour / 24));
  return value < most ? value : most;
}

bool sk_manifest_pod_present(const struct sk_model *model, uint32_t hour, uint64_t slot)
{
  const struct sk_manifest_cluster *const cluster = model->maker;
  const struct sk_manifest_pod *const pod = &cluster->pods[slot];
  if (!sk_alive(pod->life, hour))
    return false;
  /* One slot is there in every hour: nise, too, never leaves an hour empty. */
  return !pod->at_times || slot == hour % model->pod_slots ||
         sk_unit(sk_noise(pod->key, SK_DRAW_PRESENT, hour)) < 0.5;
}

bool sk_manifest_pod_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                         struct sk_pod_row *row)
{
  const struct sk_manifest_cluster *const cluster = model->maker;
  const struct sk_manifest_pod *const pod = &cluster->pods[slot];
  if (!sk_manifest_pod_present(model, hour, slot))
    return false;
  const double seconds = pod->seconds > 0
                             ? pod->seconds
                             : 2 + sk_below(sk_noise(pod->key, SK_DRAW_SECONDS, hour), 3599);
  double cpu = given(model, pod->cpu, hour, pod->limit_cpu);
  double gib = given(model, pod->memory, hour, pod->limit_gib);
  if (cpu <= 0)
    cpu = sk_draw(pod->key, SK_DRAW_CPU, hour, 0.02, pod->limit_cpu, 1e5);
  if (gib <= 0)
    gib = sk_draw(pod->key, SK_DRAW_MEMORY, hour, 1, pod->limit_gib, 100);
  row->name = pod->name;
  row->labels = pod->labels;
  row->node = pod->node;
  row->space = pod->space;
  row->has = SK_HAS_ALL_OF_POD;
  row->usage_cpu = seconds * cpu;
  row->request_cpu = seconds * pod->request_cpu;
  row->limit_cpu = seconds * pod->limit_cpu;
  row->usage_memory = seconds * gib * SK_GIB;
  row->request_memory = seconds * pod->request_gib * SK_GIB;
  row->limit_memory = seconds * pod->limit_gib * SK_GIB;
  return true;
}

bool sk_manifest_claim_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                           struct sk_claim_row *row)
{
  const struct sk_manifest_cluster *const cluster = model->maker;
  const struct sk_manifest_claim *const claim = &cluster->claims[slot];
  if (!sk_alive(claim->life, hour))
    return false;
  const double capacity_gib = claim->capacity_bytes / SK_GIB;
  double gib = given(model, claim->usage, hour, capacity_gib);
  if (gib <= 0)
    gib = sk_draw(claim->key, SK_DRAW_CLAIM, hour, 2, capacity_gib, 100);
  row->pod = claim->pod;
  row->claim = claim->claim;
  row->volume = claim->volume;
  row->storage_class = claim->storage_class;
  row->csi_driver = claim->csi_driver;
  row->csi_handle = claim->csi_handle;
  row->volume_labels = claim->volume_labels;
  row->claim_labels = claim->claim_labels;
  row->node = claim->node;
  row->space = claim->space;
  row->has = claim->claimless ? 0 : SK_HAS_ALL_OF_CLAIM;
  row->capacity_bytes = claim->capacity_bytes;
  row->request_byte_seconds = claim->request_bytes * 3600;
  row->usage_byte_seconds = gib * SK_GIB * 3600;
  return true;
}
