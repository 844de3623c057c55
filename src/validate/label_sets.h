/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of labels by number: equal maps have one number, whatever spelling they were written in
 * (spec/1-input.md, Labels). JSON is read by jansson here, which the engine's reader is not. */
#ifndef SK_VALIDATE_LABEL_SETS_H
#define SK_VALIDATE_LABEL_SETS_H

#include "base/buffer.h"
#include "base/intern.h"
#include "base/map.h"

struct sk_plain_label {
  const char *key, *value;
  uint32_t key_length, value_length;
};
struct sk_plain_set {
  struct sk_plain_label *labels; /* sorted by key, bytewise */
  uint32_t count;
};
struct sk_label_sets {
  struct sk_budget *budget;
  struct sk_arena arena;
  struct sk_intern texts;    /* canonical text -> number; SK_NO_LABELS is "{}" */
  struct sk_plain_set *sets; /* by number */
  uint32_t capacity;
  struct sk_intern enabled; /* keys that are kept */
  bool keeps_empty_key;
  struct sk_intern spelled[2]; /* texts as they came -> number: only enabled labels, or all */
  struct sk_map pairs;         /* two numbers -> their union's */
  uint32_t *unions;
  uint32_t union_capacity;
  struct sk_buffer text;
};
#define SK_NO_LABELS 1

/* False when memory lacks; on failure, too, reset is due. */
bool sk_label_sets_init(struct sk_label_sets *sets, const char *const *enabled, size_t count,
                        struct sk_budget *budget);
void sk_label_sets_reset(struct sk_label_sets *sets);
/* The number of a text's labels, of all or of the enabled ones alone; SK_NO_ID when memory
 * lacks. */
uint32_t sk_label_sets_read(struct sk_label_sets *sets, const char *text, size_t length, bool all);
/* The same of all labels, where such a set has a number already, else SK_NO_ID: nothing is added.
 * False: no memory. */
bool sk_label_sets_find(struct sk_label_sets *sets, const char *text, size_t length,
                        uint32_t *number);
/* a with b's labels over it. */
uint32_t sk_label_sets_union(struct sk_label_sets *sets, uint32_t a, uint32_t b);
/* Order as lists of (key, value). */
int sk_label_sets_compare(const struct sk_label_sets *sets, uint32_t a, uint32_t b);
/* The set without the labels that `leaves` leaves out; SK_NO_ID when memory lacks. */
uint32_t sk_label_sets_without(struct sk_label_sets *sets, uint32_t set,
                               bool (*leaves)(void *context, const struct sk_plain_label *label),
                               void *context);
/* Whether it has that label. */
bool sk_label_sets_has(const struct sk_label_sets *sets, uint32_t set, const char *key,
                       const char *value);

#endif
