/* SPDX-License-Identifier: Apache-2.0 */
/* Label sets as ids: the enabled labels of a text, sorted by key. Equal sets have equal ids; id 0
 * is the empty set. */
#ifndef SK_SUMMARY_LABELSETS_H
#define SK_SUMMARY_LABELSETS_H

#include "base/map.h"
#include "summary/ids.h"
#include "summary/row.h"
#include "summary/rules.h"

struct sk_labelsets {
  struct sk_intern *sets; /* canonical form, see labelsets.c; perhaps shared with other threads */
  struct sk_map unions;   /* that were asked for here */
  uint32_t *union_ids;    /* [union_capacity], by index in unions */
  uint32_t union_capacity;
  struct sk_buffer scratch;
};
/* sets outlives it. */
void sk_labelsets_init(struct sk_labelsets *sets, struct sk_intern *table,
                       struct sk_budget *budget);
void sk_labelsets_reset(struct sk_labelsets *sets);

/* SK_NO_ID when memory lacks. */
/* a united with b; b wins on a shared key. */
uint32_t sk_labelsets_union(struct sk_labelsets *sets, uint32_t a, uint32_t b);

/* Order as lists of (key, value), byte order. */
int sk_labelsets_compare(const struct sk_labelsets *sets, uint32_t a, uint32_t b);
/* Appends the union of sets in their canonical form as JSON; the later one wins on a shared key.
 * out->failed tells of memory. False: no memory for the list. */
bool sk_labelsets_json(const struct sk_text *sets, size_t count, struct sk_buffer *out);

/* Parsing label texts, each once: its set id, with SK_TEXT_INFRA in it where that was asked for, is
 * the value of the text in the table of label texts. */
struct sk_label_texts {
  struct sk_arena arena;
  uint32_t parsed;                 /* since the arena was emptied */
  struct sk_skipped_text *skipped; /* texts with skipped pairs */
  uint32_t skipped_count, skipped_capacity;
};
struct sk_skipped_text {
  uint32_t text, pairs;
};
/* Marks a text that has the label node_role_kubernetes_io = infra, enabled or not. */
#define SK_TEXT_INFRA (UINT32_C(1) << 31)
#define SK_TEXT_SET(value) ((value) & ~SK_TEXT_INFRA)

void sk_label_texts_init(struct sk_label_texts *texts, struct sk_budget *budget);
void sk_label_texts_reset(struct sk_label_texts *texts);
/* Parses a text that is not known yet and remembers its set with its mark; SK_NO_ID when memory
 * lacks. */
uint32_t sk_label_texts_parse(struct sk_label_texts *texts, struct sk_labelsets *sets,
                              const struct sk_keys *keys, const struct sk_intern *labels,
                              uint32_t text);
/* As many texts at once as a batch has rows: parses those that are not known yet, and tells all of
 * their sets with their marks. False when memory lacks. */
bool sk_label_texts_sets(struct sk_label_texts *texts, struct sk_labelsets *sets,
                         const struct sk_keys *keys, const struct sk_intern *labels,
                         const uint32_t *ids, uint32_t count, uint32_t *set_ids);
/* The text's set with its mark. */
static inline uint32_t sk_label_texts_set(struct sk_label_texts *texts, struct sk_labelsets *sets,
                                          const struct sk_keys *keys,
                                          const struct sk_intern *labels, uint32_t text)
{
  const uint32_t known = sk_intern_value(labels, text);
  return known != SK_NO_ID ? known : sk_label_texts_parse(texts, sets, keys, labels, text);
}

#endif
