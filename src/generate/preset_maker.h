/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a preset's model share. */
#ifndef SK_GENERATE_PRESET_MAKER_H
#define SK_GENERATE_PRESET_MAKER_H

#include "generate/noise.h"
#include "generate/preset.h"

#include <string.h>

/* What a number is drawn for. The values are part of the data's definition: never renumber. */
enum sk_purpose {
  SK_FOR_NODE = 1,
  SK_FOR_SPACE = 2,
  SK_FOR_POD = 3,
  SK_FOR_ADDED_POD = 4,
  SK_FOR_CLAIM = 5,
  SK_FOR_TRAITS = 6,
  SK_FOR_PLACE = 7,
  SK_FOR_CPU = 8,
  SK_FOR_MEMORY = 9,
  SK_FOR_DRIFT = 10,
  SK_FOR_GAP = 11,
  SK_FOR_CHANGE = 12,
  SK_FOR_LIFE = 13,
  SK_FOR_NAME = 14,
  SK_FOR_CLUSTER = 15
};

struct sk_app {
  struct sk_span name;  /* in pod names */
  struct sk_span label; /* value of the label `app`, perhaps not ASCII */
};

struct sk_maker {
  struct sk_shape shape;
  uint64_t key;           /* of the seed */
  uint64_t pods_per_node; /* WIDE */
  uint64_t added_pods;    /* a day, by churn; they follow the others' slots */
  uint32_t base_nodes;    /* those that stay; the others come and go */
  struct sk_app *apps;    /* [label_values] */
};

/* A pod of a preset before an hour is known. */
struct sk_preset_pod {
  uint64_t key;    /* of its numbers */
  uint64_t number; /* unique in the model: tells its name apart */
  uint64_t traits; /* bits that its nature is taken from */
  uint32_t node, space, app;
};
void sk_preset_base_pod(const struct sk_model *model, uint64_t slot, struct sk_preset_pod *pod);
/* Writes the pod's name at `at`, at most SK_POD_NAME bytes; returns the end. */
#define SK_POD_NAME 96
char *sk_preset_pod_name(const struct sk_maker *maker, const struct sk_preset_pod *pod, char *at);

bool sk_preset_pod_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                       struct sk_pod_row *row);
bool sk_preset_pod_numbers(const struct sk_model *model, uint32_t hour, uint64_t slot,
                           struct sk_pod_row *row);
bool sk_preset_pod_present(const struct sk_model *model, uint32_t hour, uint64_t slot);
bool sk_preset_claim_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                         struct sk_claim_row *row);
#define SK_CLAIM_MOUNTS 3 /* slots of a volume: a shared one is mounted by so many pods */

/* True for the share of things that churn touches. */
static inline bool sk_churns(const struct sk_maker *maker, uint64_t key)
{
  return maker->shape.churn_ppm > 0 &&
         sk_below(sk_noise(key, SK_FOR_CHANGE, 0), 1000000) < maker->shape.churn_ppm;
}

static inline char *sk_put_span(char *at, struct sk_span span)
{
  memcpy(at, span.text, span.length);
  return at + span.length;
}
#define SK_PUT_TEXT(at, text) ((char *)memcpy(at, text, sizeof(text) - 1) + sizeof(text) - 1)

/* The lowest `count` hexadecimal digits of bits. */
static inline char *sk_put_hex(char *at, uint64_t bits, unsigned count)
{
  for (unsigned i = count; i-- > 0; bits >>= 4)
    at[i] = "0123456789abcdef"[bits & 15];
  return at + count;
}

#endif
