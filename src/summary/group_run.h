/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of keys that come one behind the other. Two guesses are tried: the group that the
 * caller had for what the key belongs to (of a pod, its labels), and the one that followed last
 * time, as in sk_groups_next(), among those for which the first failed. Where both fail, keys wait
 * until there are several, and are looked up together (sk_groups_add_many()). As base/intern_run.h
 * for texts.
 *
 *   sk_group_run_begin() -> sk_group_run_next() ... -> sk_group_run_end() */
#ifndef SK_SUMMARY_GROUP_RUN_H
#define SK_SUMMARY_GROUP_RUN_H

#include "summary/groups.h"

#define SK_GROUP_RUN_WORDS 2 /* of a key */

struct sk_group_run {
  struct sk_groups *groups;
  uint32_t last; /* the group before those that wait */
  uint32_t count, limit;
  uint64_t keys[SK_GROUPS_MANY * SK_GROUP_RUN_WORDS];
  uint32_t *indexes[SK_GROUPS_MANY];       /* where they go */
  _Atomic uint32_t *hints[SK_GROUPS_MANY]; /* and where they are remembered */
};

/* last: the group that the first key follows, of those that no hint told, or 0. */
static inline void sk_group_run_begin(struct sk_group_run *run, struct sk_groups *groups,
                                      uint32_t last)
{
  run->groups = groups;
  run->last = last;
  run->count = 0;
  run->limit = 1;
}

/* Looks those up that wait; false when memory lacks. run->last is the last group then. */
bool sk_group_run_end(struct sk_group_run *run);
/* Lets a key wait, and looks them all up when these are enough. */
bool sk_group_run_wait(struct sk_group_run *run, const uint64_t key[SK_GROUP_RUN_WORDS],
                       _Atomic uint32_t *hint, uint32_t *index);

static inline bool sk_group_run_is(const struct sk_group_run *run, uint32_t guess,
                                   const uint64_t key[SK_GROUP_RUN_WORDS])
{
  const uint64_t *other = sk_groups_at(run->groups, guess, SK_GROUP_RUN_WORDS);
  return ((other[0] ^ key[0]) | (other[1] ^ key[1])) == 0;
}

/* *index is set now, or by a later call, as *hint is, where neither guess was right. A hint may be
 * any number: of another table, or of one that was emptied. False when memory lacks. */
static inline bool sk_group_run_next(struct sk_group_run *run,
                                     const uint64_t key[SK_GROUP_RUN_WORDS], _Atomic uint32_t *hint,
                                     uint32_t *index)
{
  const uint32_t hinted = atomic_load_explicit(hint, memory_order_relaxed);
  if (hinted < atomic_load_explicit(&run->groups->count, memory_order_acquire) &&
      sk_group_run_is(run, hinted, key)) {
    *index = hinted;
    return true;
  }
  if (run->count == 0) {
    const uint32_t guess = sk_groups_follower(run->groups, run->last, SK_GROUP_RUN_WORDS);
    if (sk_group_run_is(run, guess, key)) {
      run->limit = 1;
      *index = run->last = guess;
      return true;
    }
  }
  return sk_group_run_wait(run, key, hint, index);
}

#endif
