/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes of the presets and the checks of what is asked for.
 *
 * What spec/3-scales.md does not say of its scales (volumes, labels) is ours. 2025-10-01, the
 * default first day, begins a month of 31 days. */
#include "generate/preset.h"

#include "base/calendar.h"
#include "base/nearest.h"

#include <string.h>

#define FIRST_DAY 20362 /* 2025-10-01 */
#define MOST_HOURS (UINT64_C(24) * 366 * 100)
#define MOST_LABEL_KEYS 16
#define MOST_NODES (UINT64_C(1) << 24)
#define MOST_VOLUMES 4096

bool sk_preset_shape(const char *name, struct sk_shape *shape)
{
  const struct sk_scale *const scale = sk_scale_find(name);
  if (!scale)
    return false;
  const bool wide = scale->family == SK_FAMILY_WIDE;
  *shape = (struct sk_shape){.preset = scale->name,
                             .family = scale->family,
                             .nodes = scale->nodes,
                             .pods = scale->pods,
                             .namespaces = scale->namespaces,
                             .hours = scale->hours,
                             .volumes_per_node = wide ? 10 : 5,
                             .label_keys = 8,
                             .label_values = 24,
                             .seed = 1,
                             .first_day = FIRST_DAY};
  return true;
}

const char *sk_preset_nearest(const char *name)
{
  struct sk_nearest nearest;
  sk_nearest_init(&nearest, name, strlen(name));
  for (size_t i = 0; i < SK_SCALE_COUNT; i++)
    sk_nearest_offer(&nearest, sk_scales[i].name);
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
