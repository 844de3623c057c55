/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary of a chunk of 64-bit values: bit pattern -> code, in the order of first sight. */
#ifndef SK_PARQUET_WORD_SET_H
#define SK_PARQUET_WORD_SET_H

#include "base/alloc.h"

struct sk_word_set {
  struct sk_budget *budget;
  uint64_t *words; /* [count] by code */
  uint32_t *slots; /* code + 1, 0 empty */
  uint32_t count, capacity, slot_mask;
};

void sk_word_set_init(struct sk_word_set *set, struct sk_budget *budget); /* allocates nothing */
void sk_word_set_reset(struct sk_word_set *set);                          /* frees */

/* Turns values into codes, adding at most `most` new ones; *coded false where more would be needed,
 * the set is then as before but only good for its words[0..count). False when memory lacks. */
bool sk_word_set_codes(struct sk_word_set *set, const uint64_t *values, size_t count, uint32_t most,
                       uint32_t *codes, bool *coded);
/* Frees the hash table; the words stay. */
void sk_word_set_seal(struct sk_word_set *set);

#endif
