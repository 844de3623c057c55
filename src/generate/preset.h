/* SPDX-License-Identifier: Apache-2.0 */
/* The scale presets (spec/3-scales.md) and the free numbers that change them: what is asked for
 * becomes a shape, a shape becomes a model. */
#ifndef SK_GENERATE_PRESET_H
#define SK_GENERATE_PRESET_H

#include "base/scales.h"
#include "generate/model.h"

struct sk_shape {
  const char *preset; /* its name */
  enum sk_family family;
  uint64_t nodes, pods, namespaces, hours;
  uint64_t volumes_per_node, label_keys, label_values;
  uint64_t seed;
  int32_t first_day;
  bool constant;      /* every hour like the first */
  uint32_t churn_ppm; /* share of pods, nodes and labels that change, in millionths */
};

/* Fills the shape of a preset; false where there is none of that name. */
bool sk_preset_shape(const char *name, struct sk_shape *shape);
/* The preset whose name is the nearest, or NULL. */
const char *sk_preset_nearest(const char *name);
/* Checks the numbers. EINVAL names the first wrong one. */
shukei_status sk_shape_check(const struct sk_shape *shape, shukei_error *err);
/* Makes the model; sk_model_reset() frees it. ENOMEM. */
shukei_status sk_preset_model(const struct sk_shape *shape, struct sk_budget *budget,
                              struct sk_model *model, shukei_error *err);

#endif
