/* SPDX-License-Identifier: Apache-2.0 */
/* The scales of spec/3-scales.md: what generate makes, bench measures and report projects. */
#ifndef SK_BASE_SCALES_H
#define SK_BASE_SCALES_H

#include <stddef.h>
#include <stdint.h>

enum sk_family {
  SK_FAMILY_LONG,  /* small to production-large: pods spread over the nodes, many hours */
  SK_FAMILY_WIDE,  /* 20k to 2m: one day, every pod with a label of its own */
  SK_FAMILY_OTHER, /* no scale of the table */
  SK_FAMILY_COUNT
};

/* Name, family, nodes, pods, namespaces, hours, by family and rows. Where the specification is
 * silent (namespaces of the second family) the numbers are ours. */
#define SK_SCALES(X)                                                                               \
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

struct sk_scale {
  const char *name;
  enum sk_family family;
  uint32_t nodes, pods, namespaces, hours;
};

#define SK_ADD_ONE(...) +1
#define SK_SCALE_COUNT ((size_t)(SK_SCALES(SK_ADD_ONE)))
extern const struct sk_scale sk_scales[SK_SCALE_COUNT];
/* Every name with a blank before it, for messages. */
extern const char sk_scale_names[];

/* NULL: none of that name. */
const struct sk_scale *sk_scale_find(const char *name);
/* Hourly pod rows: every pod in every hour. */
int64_t sk_scale_rows(const struct sk_scale *scale);

#endif
