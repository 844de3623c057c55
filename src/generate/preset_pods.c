/* SPDX-License-Identifier: Apache-2.0 */
/* The pods of a preset: who they are, and what they use in an hour.
 *
 * A pod's nature (how much it asks for, how it behaves) is read from the bits of one number, its
 * use in an hour from two more. Usage = what it asks for * its own factor * the level of its
 * behaviour:
 *   steady   about the same always
 *   daily    a curve with its peak in the evening, less on weekends
 *   idle     next to nothing
 *   bursting little, and now and then several times what it asked for
 * and at most its limit. With constant values the hour is left out of all of it. */
#include "generate/preset_maker.h"

enum { STEADY, DAILY, IDLE, BURSTING };

/* Percent of the peak by hour of the day, UTC. */
static const uint8_t curve[24] = {22, 17, 14, 12, 12, 15, 22, 35,  50, 61, 68, 73,
                                  79, 76, 71, 69, 72, 80, 92, 100, 95, 76, 51, 33};
#define WEEKEND_PERCENT 60

static const uint16_t request_millicores[8] = {10, 25, 50, 100, 100, 200, 250, 500};
static const uint16_t request_mebibytes[8] = {32, 64, 128, 128, 256, 512, 1024, 2048};
#define ASSUMED_MILLICORES 20 /* of a pod that asks for nothing */

static const char *const tiers[] = {"front", "back", "data", "batch"};
static const char *const environments[] = {"prod", "stage", "dev", "test"};
static const char *const extra_keys[] = {"label_pod_template_hash",
                                         "label_app_kubernetes_io_managed_by",
                                         "label_release",
                                         "label_owner",
                                         "label_build",
                                         "label_note",
                                         "label_app_kubernetes_io_part_of",
                                         "label_channel",
                                         "label_partition",
                                         "label_shard",
                                         "label_stage"};
static const char *const extra_values[] = {"Helm",     "stable", "canary", "größer",
                                           "équipe 7", "blue",   "green",  "数据"};

/* Takes `count` bits of traits from bit `from`. */
static unsigned trait(uint64_t traits, unsigned from, unsigned count)
{
  return (unsigned)(traits >> from) & ((1u << count) - 1);
}

static uint32_t base_node(const struct sk_maker *maker, uint64_t slot)
{
  return (uint32_t)(maker->shape.family == SK_FAMILY_WIDE ? slot / maker->pods_per_node
                                                          : slot % maker->shape.nodes);
}

/* The first pods fill one namespace each, so that none stays empty; openshift-kube-apiserver (0) is
 * otherwise on masters alone, and not all of what they run. */
static uint32_t space_for(const struct sk_model *model, uint64_t place, uint64_t slot,
                          uint32_t node)
{
  if (slot < model->space_count)
    return (uint32_t)slot;
  const bool master = model->nodes[node].role.text[0] == 'm';
  if (master && place % 4 == 0)
    return 0;
  const uint32_t space = sk_below(place, model->space_count);
  return space > 0 || master || model->space_count == 1 ? space : 1;
}

void sk_preset_base_pod(const struct sk_model *model, uint64_t slot, struct sk_preset_pod *pod)
{
  const struct sk_maker *const maker = model->maker;
  const uint64_t key = sk_noise(maker->key, SK_FOR_POD, slot);
  const uint64_t place = sk_noise(key, SK_FOR_PLACE, 0);
  pod->key = key;
  pod->number = slot;
  pod->traits = sk_noise(key, SK_FOR_TRAITS, 0);
  pod->node = base_node(maker, slot);
  pod->space = space_for(model, place, slot, pod->node);
  pod->app = sk_below(place << 16 | place >> 48, (uint32_t)maker->shape.label_values);
}

/* A pod that churn adds to one day: its hours and its place. */
struct added {
  struct sk_preset_pod pod;
  uint32_t first, end; /* hours of the model */
  bool pending;        /* without a node in its first hour */
};

static bool added_pod(const struct sk_model *model, uint32_t hour, uint64_t slot,
                      struct added *added)
{
  const struct sk_maker *const maker = model->maker;
  const uint32_t day = hour / 24;
  const uint64_t number = day * maker->added_pods + (slot - maker->shape.pods);
  const uint64_t key = sk_noise(maker->key, SK_FOR_ADDED_POD, number);
  const uint64_t life = sk_noise(key, SK_FOR_LIFE, 0);
  const uint64_t place = sk_noise(key, SK_FOR_PLACE, 0);
  const uint32_t first = sk_below(life, 22);
  struct sk_preset_pod *const pod = &added->pod;
  added->first = day * 24 + first;
  added->end = added->first + 1 + sk_below(life << 32, 23 - first);
  added->pending = (life & 1) && added->end > added->first + 1;
  pod->key = key;
  pod->number = maker->shape.pods + number;
  pod->traits = sk_noise(key, SK_FOR_TRAITS, 0);
  pod->node = sk_below(place, model->node_count);
  pod->space = space_for(model, sk_mix(place), UINT64_MAX, pod->node);
  pod->app = sk_below(place << 32, (uint32_t)maker->shape.label_values);
  return hour >= added->first && hour < added->end && sk_alive(model->nodes[pod->node].life, hour);
}

/* A pod with gaps misses one hour of each day. */
static bool in_gap(const struct sk_maker *maker, uint64_t key, uint32_t hour)
{
  return sk_churns(maker, key) && hour % 24 == sk_below(sk_noise(key, SK_FOR_GAP, hour / 24), 24);
}

bool sk_preset_pod_present(const struct sk_model *model, uint32_t hour, uint64_t slot)
{
  const struct sk_maker *const maker = model->maker;
  struct added added;
  if (slot >= maker->shape.pods)
    return added_pod(model, hour, slot, &added);
  return model->steady || !in_gap(maker, sk_noise(maker->key, SK_FOR_POD, slot), hour);
}

char *sk_preset_pod_name(const struct sk_maker *maker, const struct sk_preset_pod *pod, char *at)
{
  char digits[16];
  unsigned count = 0;
  at = sk_put_span(at, maker->apps[pod->app].name);
  *at++ = '-';
  at = sk_put_hex(at, sk_noise(maker->key, SK_FOR_NAME, (uint64_t)pod->space << 32 | pod->app), 9);
  *at++ = '-';
  uint64_t number = pod->number;
  do {
    digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
    number /= 36;
  } while (number || count < 5);
  while (count > 0)
    *at++ = digits[--count];
  return at;
}

static char *put_word(char *at, const char *word)
{
  const size_t length = strlen(word);
  memcpy(at, word, length);
  return at + length;
}

static char *put_extra(const struct sk_preset_pod *pod, uint64_t key_index, char *at)
{
  const uint64_t bits = sk_mix(pod->traits + key_index);
  *at++ = '|';
  at = put_word(at, extra_keys[key_index % SK_COUNT(extra_keys)]);
  *at++ = ':';
  if (key_index == 0)
    return sk_put_hex(at, bits, 9);
  return put_word(at, extra_values[bits % SK_COUNT(extra_values)]);
}

/* The pod's labels in the hour: the first label_keys of app, tier, env, node, pod and the
 * extras. */
static char *put_labels(const struct sk_model *model, const struct sk_preset_pod *pod,
                        struct sk_span name, uint32_t hour, char *at)
{
  const struct sk_maker *const maker = model->maker;
  const uint64_t keys = maker->shape.label_keys;
  unsigned tier = trait(pod->traits, 0, 2);
  if (sk_churns(maker, pod->key) && pod->number < maker->shape.pods &&
      hour >= sk_below(sk_noise(pod->key, SK_FOR_CHANGE, 2), model->hour_count))
    tier = (tier + 1) % SK_COUNT(tiers);
  if (keys > 0) {
    at = SK_PUT_TEXT(at, "label_app:");
    at = sk_put_span(at, maker->apps[pod->app].label);
  }
  if (keys > 1) {
    at = SK_PUT_TEXT(at, "|label_tier:");
    at = put_word(at, tiers[tier]);
  }
  if (keys > 2) {
    at = SK_PUT_TEXT(at, "|label_env:");
    at = put_word(at, environments[trait(pod->traits, 2, 2)]);
  }
  if (keys > 3) {
    at = SK_PUT_TEXT(at, "|label_node:");
    at = sk_put_span(at, model->nodes[pod->node].name);
  }
  if (keys > 4) {
    at = SK_PUT_TEXT(at, "|label_pod:");
    at = maker->shape.family == SK_FAMILY_WIDE ? sk_put_span(at, name)
                                               : sk_put_span(at, maker->apps[pod->app].name);
  }
  for (uint64_t i = 5; i < keys; i++)
    at = put_extra(pod, i - 5, at);
  return at;
}

static double level(unsigned behaviour, const struct sk_maker *maker, uint32_t hour, uint64_t noise)
{
  const double u = sk_unit(noise);
  const int32_t day = maker->shape.first_day + (int32_t)(hour / 24);
  const int32_t weekday = (day % 7 + 11) % 7; /* 0 is Sunday; 1970-01-01 was a Thursday */
  double peak = 1;
  switch (behaviour) {
  case STEADY:
    return 0.9 + 0.2 * u;
  case DAILY:
    if (!maker->shape.constant)
      peak = curve[hour % 24] * (weekday == 0 || weekday == 6 ? WEEKEND_PERCENT : 100) / 10000.0;
    return peak * (0.8 + 0.4 * u);
  case IDLE:
    return 0.002 + 0.01 * u;
  default:
    return (noise & 15) == 0 ? 2.0 + 3.0 * u : 0.05 + 0.1 * u;
  }
}

/* Use above the limit is throttled to just below it. */
static double under(double usage, double limit, uint64_t noise)
{
  return usage < limit ? usage : limit * (1 - 0.05 * sk_unit(noise));
}

static void set_numbers(const struct sk_model *model, const struct sk_preset_pod *pod,
                        uint32_t hour, double seconds, struct sk_pod_row *row)
{
  static const uint8_t behaviours[8] = {STEADY, STEADY, STEADY,   DAILY,
                                        DAILY,  DAILY,  BURSTING, IDLE};
  const struct sk_maker *const maker = model->maker;
  const struct sk_node *const node = &model->nodes[pod->node];
  const uint64_t traits = pod->traits;
  const uint32_t at = maker->shape.constant ? 0 : hour;
  const uint64_t cpu = sk_noise(pod->key, SK_FOR_CPU, at);
  const uint64_t memory = sk_noise(pod->key, SK_FOR_MEMORY, at);
  const bool best_effort = trait(traits, 4, 4) == 0;
  const double cores =
      (best_effort ? ASSUMED_MILLICORES : request_millicores[trait(traits, 8, 3)]) / 1000.0;
  const double bytes = request_mebibytes[trait(traits, 11, 3)] * 0x1p20;
  const double more = trait(traits, 14, 1) ? 4 : 2;
  double used = cores * (0.2 + sk_unit(traits << 8)) *
                level(behaviours[trait(traits, 15, 3)], maker, hour, cpu);
  double held = bytes * (0.5 + 0.6 * sk_unit(traits << 20) + 0.1 * sk_unit(memory) +
                         0.1 * sk_unit(sk_noise(pod->key, SK_FOR_DRIFT, at / 6)));
  row->has = best_effort ? 0 : SK_HAS_REQUEST_CPU | SK_HAS_REQUEST_MEMORY;
  row->request_cpu = cores * seconds;
  row->request_memory = bytes * seconds;
  row->limit_cpu = more * row->request_cpu;
  row->limit_memory = more * row->request_memory;
  used = under(used, node->cores, cpu);
  if (!best_effort && trait(traits, 18, 2) != 0) {
    row->has |= SK_HAS_LIMIT_CPU;
    used = under(used, more * cores, cpu);
  }
  if (!best_effort && trait(traits, 20, 3) != 0) {
    row->has |= SK_HAS_LIMIT_MEMORY;
    held = under(held, more * bytes, memory);
  }
  row->usage_cpu = used * seconds;
  row->usage_memory = held * seconds;
}

bool sk_preset_pod_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                       struct sk_pod_row *row)
{
  const struct sk_maker *const maker = model->maker;
  struct added added;
  struct sk_preset_pod *const pod = &added.pod;
  double seconds = 3600;
  bool pending = false;
  if (slot >= maker->shape.pods) {
    if (!added_pod(model, hour, slot, &added))
      return false;
    pending = added.pending && hour == added.first;
    if (hour == added.first || hour + 1 == added.end)
      seconds = 60 * (1 + sk_below(sk_noise(pod->key, SK_FOR_GAP, hour), 59));
  } else {
    sk_preset_base_pod(model, slot, pod);
    if (!model->steady && in_gap(maker, pod->key, hour))
      return false;
  }
  row->name.text = row->scratch;
  char *const labels = sk_preset_pod_name(maker, pod, row->scratch);
  row->name.length = (size_t)(labels - row->scratch);
  row->labels.text = labels;
  row->labels.length = (size_t)(put_labels(model, pod, row->name, hour, labels) - labels);
  row->node = pending ? SK_NONE : pod->node;
  row->space = pod->space;
  set_numbers(model, pod, hour, seconds, row);
  if (pending) {
    row->usage_cpu = 0;
    row->usage_memory = 0;
  }
  return true;
}

bool sk_preset_pod_numbers(const struct sk_model *model, uint32_t hour, uint64_t slot,
                           struct sk_pod_row *row)
{
  struct sk_preset_pod pod;
  sk_preset_base_pod(model, slot, &pod);
  row->node = pod.node;
  row->space = pod.space;
  set_numbers(model, &pod, hour, 3600, row);
  return true;
}
