/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing, at most half full. The value before is tried first: times,
 * capacities and zeros come in long runs. Values are compared as bits, so that -0.0, 0.0 and every
 * NaN come back as they were. */
#include "parquet/word_set.h"

#include "base/intern.h"

#define FIRST_SLOTS 1024

void sk_word_set_init(struct sk_word_set *set, struct sk_budget *budget)
{
  *set = (struct sk_word_set){.budget = budget};
}

void sk_word_set_reset(struct sk_word_set *set)
{
  sk_free(set->words);
  sk_free(set->slots);
  sk_word_set_init(set, set->budget);
}

void sk_word_set_seal(struct sk_word_set *set)
{
  sk_free(set->slots);
  set->slots = NULL;
  set->slot_mask = 0;
}

/* Makes room for one more word. */
static bool grow(struct sk_word_set *set)
{
  const uint32_t slot_count = set->slots ? (set->slot_mask + 1) * 2 : FIRST_SLOTS;
  uint64_t *words = sk_realloc(set->budget, set->words, slot_count / 2 * sizeof *words);
  if (!words)
    return false;
  set->words = words;
  uint32_t *slots = sk_calloc(set->budget, slot_count, sizeof *slots);
  if (!slots)
    return false;
  for (uint32_t code = 0; code < set->count; code++) {
    uint64_t at = sk_hash_u64(words[code]) & (slot_count - 1);
    while (slots[at])
      at = (at + 1) & (slot_count - 1);
    slots[at] = code + 1;
  }
  sk_free(set->slots);
  set->slots = slots;
  set->slot_mask = slot_count - 1;
  set->capacity = slot_count / 2;
  return true;
}

bool sk_word_set_codes(struct sk_word_set *set, const uint64_t *values, size_t count, uint32_t most,
                       uint32_t *codes, bool *coded)
{
  const uint32_t before = set->count;
  *coded = false;
  if (!set->slots && !grow(set))
    return false;
  uint64_t last = 0;
  uint32_t last_code = SK_NO_ID;
  for (size_t i = 0; i < count; i++) {
    const uint64_t value = values[i];
    if (value != last || last_code == SK_NO_ID) {
      uint32_t at = (uint32_t)sk_hash_u64(value) & set->slot_mask;
      while (set->slots[at] && set->words[set->slots[at] - 1] != value)
        at = (at + 1) & set->slot_mask;
      last = value;
      if (set->slots[at]) {
        last_code = set->slots[at] - 1;
      } else {
        if (set->count - before >= most) {
          set->count = before;
          sk_word_set_seal(set);
          return true;
        }
        last_code = set->count++;
        set->words[last_code] = value;
        set->slots[at] = last_code + 1;
        if (set->count == set->capacity && !grow(set))
          return false;
      }
    }
    codes[i] = last_code;
  }
  *coded = true;
  return true;
}
