/* SPDX-License-Identifier: Apache-2.0 */
#include "base/intern_run.h"

bool sk_intern_run_end(struct sk_intern_run *run)
{
  uint32_t ids[SK_INTERN_MANY];
  if (!sk_intern_add_many(run->table, run->texts, run->count, run->kept, ids))
    return false;
  for (uint32_t i = 0; i < run->count; i++) {
    sk_intern_set_follower(run->table, run->previous, ids[i]);
    *run->ids[i] = run->previous = ids[i];
  }
  run->count = 0;
  return true;
}

bool sk_intern_run_wait(struct sk_intern_run *run, const void *bytes, uint32_t length, uint32_t *id)
{
  run->texts[run->count] = (struct sk_intern_text){bytes, length};
  run->ids[run->count++] = id;
  if (run->count < run->limit)
    return true;
  if (run->limit < SK_INTERN_MANY)
    run->limit *= 2;
  return sk_intern_run_end(run);
}
