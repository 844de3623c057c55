/* SPDX-License-Identifier: Apache-2.0 */
/* The table of presets and the checks of what is asked for.
 *
 * Rows of spec/3-scales.md; where it is silent (namespaces of the second family, volumes), the
 * numbers below are ours. 2025-10-01, the default first day, begins a month of 31 days. */
#include "generate/preset.h"

#include "base/calendar.h"
#include "base/nearest.h"

#include <string.h>

#define FIRST_DAY 20362 /* 2025-10-01 */
#define MOST_HOURS (UINT64_C(24) * 366 * 100)
#define MOST_LABEL_KEYS 16
#define MOST_NODES (UINT64_C(1) << 24)
#define MOST_VOLUMES 4096

/* name, family, nodes, pods, namespaces, hours */
#define PRESETS(X)                                                                                 \
  X("small", LONG, 2, 30, 2, 744)                                                                  \
  X("medium", LONG, 5, 1000, 5, 100)                                                               \
  X("large", LONG, 10, 2500, 10, 100)                                                              \
  X("xlarge", LONG, 20, 5000, 10, 100)                                                             \
  X("production-medium", LONG, 50, 10000, 30, 100)                                                 \
  X("production-large", LONG, 100, 20000, 40, 100)                                                 \
  X("20k", WIDE, 10, 830, 10, 24)                                                                  \
  X("50k", WIDE, 20, 2080, 10, 24)                                                                 \
  X("100k", WIDE, 40, 4160, 10, 24)                                                                \
  X("250k", WIDE, 100, 10400, 25, 24)                                                              \
  X("500k", WIDE, 200, 20800, 50, 24)                                                              \
  X("1m", WIDE, 400, 41600, 100, 24)                                                               \
  X("1.5m", WIDE, 600, 62400, 150, 24)                                                             \
  X("2m", WIDE, 800, 83200, 200, 24)

static const struct {
  const char *name;
  enum sk_family family;
  uint32_t nodes, pods, namespaces, hours;
} presets[] = {
#define AS_ROW(name, family, ...) {name, SK_FAMILY_##family, __VA_ARGS__},
    PRESETS(AS_ROW)};

#define AS_NAME(name, ...) " " name
const char sk_preset_names[] = PRESETS(AS_NAME);

bool sk_preset_shape(const char *name, struct sk_shape *shape)
{
  for (size_t i = 0; i < SK_COUNT(presets); i++) {
    if (strcmp(presets[i].name, name) != 0)
      continue;
    const bool wide = presets[i].family == SK_FAMILY_WIDE;
    *shape = (struct sk_shape){.preset = presets[i].name,
                               .family = presets[i].family,
                               .nodes = presets[i].nodes,
                               .pods = presets[i].pods,
                               .namespaces = presets[i].namespaces,
                               .hours = presets[i].hours,
                               .volumes_per_node = wide ? 10 : 5,
                               .label_keys = 8,
                               .label_values = 24,
                               .seed = 1,
                               .first_day = FIRST_DAY};
    return true;
  }
  return false;
}

const char *sk_preset_nearest(const char *name)
{
  struct sk_nearest nearest;
  sk_nearest_init(&nearest, name, strlen(name));
  for (size_t i = 0; i < SK_COUNT(presets); i++)
    sk_nearest_offer(&nearest, presets[i].name);
  return nearest.best;
}

shukei_status sk_shape_check(const struct sk_shape *shape, shukei_error *err)
{
  const struct {
    const char *what;
    uint64_t value, least, most;
  } limits[] = {
      {"nodes", shape->nodes, 1, MOST_NODES},
      {"namespaces", shape->namespaces, 1, MOST_NODES},
      {"pods", shape->pods, 1, UINT64_C(1) << 48},
      {"hours", shape->hours, 1, MOST_HOURS},
      {"volumes of a node", shape->volumes_per_node, 0, MOST_VOLUMES},
      {"label keys", shape->label_keys, 0, MOST_LABEL_KEYS},
      {"label values", shape->label_values, 1, 1000000},
      {"changes in a million", shape->churn_ppm, 0, 1000000},
  };
  for (size_t i = 0; i < SK_COUNT(limits); i++) {
    if (limits[i].value < limits[i].least || limits[i].value > limits[i].most)
      return sk_fail(err, SHUKEI_EINVAL,
                     "%" PRIu64 " %s; from %" PRIu64 " to %" PRIu64 " are possible",
                     limits[i].value, limits[i].what, limits[i].least, limits[i].most);
  }
  if ((uint64_t)(SK_DAY_AFTER_ALL - (int64_t)shape->first_day) * 24 < shape->hours) {
    char day[16];
    return sk_fail(err, SHUKEI_EINVAL, "%" PRIu64 " hours from %s on end after the year 9999",
                   shape->hours, sk_day_text(shape->first_day, day));
  }
  return SHUKEI_OK;
}
