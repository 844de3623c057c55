/* SPDX-License-Identifier: Apache-2.0 */
#include "summary/group_run.h"

bool sk_group_run_end(struct sk_group_run *run)
{
  uint32_t indexes[SK_GROUPS_MANY];
  if (!sk_groups_add_many(run->groups, run->keys, run->count, indexes))
    return false;
  for (uint32_t i = 0; i < run->count; i++) {
    sk_groups_set_follower(run->groups, run->last, SK_GROUP_RUN_WORDS, indexes[i]);
    atomic_store_explicit(run->hints[i], indexes[i], memory_order_relaxed);
    *run->indexes[i] = run->last = indexes[i];
  }
  run->count = 0;
  return true;
}

bool sk_group_run_wait(struct sk_group_run *run, const uint64_t key[SK_GROUP_RUN_WORDS],
                       _Atomic uint32_t *hint, uint32_t *index)
{
  memcpy(run->keys + run->count * SK_GROUP_RUN_WORDS, key, SK_GROUP_RUN_WORDS * sizeof *key);
  run->hints[run->count] = hint;
  run->indexes[run->count++] = index;
  if (run->count < run->limit)
    return true;
  if (run->limit < SK_GROUPS_MANY)
    run->limit *= 2;
  return sk_group_run_end(run);
}
