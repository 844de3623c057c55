/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what is spilled: days, each with its runs of every kind.
 *
 * Workers add runs while others look for days, so all of it is behind a lock; a day that was found
 * is its finder's until it is dropped. Days are few: they are found by walking the list. */
#include "summary/spilled.h"

struct sk_spilled *sk_spilled_new(struct sk_budget *budget)
{
  struct sk_spilled *spilled = sk_calloc(budget, 1, sizeof *spilled);
  if (!spilled)
    return NULL;
  spilled->budget = budget;
  if (sk_spill_new(budget, NULL, &spilled->file, NULL) ||
      pthread_mutex_init(&spilled->lock, NULL) != 0) {
    sk_spill_free(spilled->file);
    sk_free(spilled);
    return NULL;
  }
  return spilled;
}

static void free_day(struct sk_spilled_day *day)
{
  if (!day)
    return;
  for (int kind = 0; kind < SK_SPILLED_KINDS; kind++) {
    for (uint32_t i = 0; i < day->count[kind]; i++)
      sk_run_free(day->runs[kind][i]);
    sk_free(day->runs[kind]);
  }
  sk_free(day);
}

void sk_spilled_free(struct sk_spilled *spilled)
{
  if (!spilled)
    return;
  for (uint32_t i = 0; i < spilled->count; i++)
    free_day(spilled->days[i]);
  sk_free(spilled->days);
  sk_spill_free(spilled->file);
  pthread_mutex_destroy(&spilled->lock);
  sk_free(spilled);
}

/* The day's place in days, count where it has none. */
static uint32_t place_of(const struct sk_spilled *spilled, int32_t day)
{
  uint32_t i = 0;
  while (i < spilled->count && spilled->days[i]->day != day)
    i++;
  return i;
}

struct sk_spilled_day *sk_spilled_find(struct sk_spilled *spilled, int32_t day)
{
  pthread_mutex_lock(&spilled->lock);
  const uint32_t i = place_of(spilled, day);
  struct sk_spilled_day *found = i < spilled->count ? spilled->days[i] : NULL;
  pthread_mutex_unlock(&spilled->lock);
  return found;
}

bool sk_spilled_next_day(const struct sk_spilled *spilled, int32_t before, int32_t *day)
{
  pthread_mutex_t *lock = (pthread_mutex_t *)&spilled->lock; /* not what is const to the caller */
  bool found = false;
  pthread_mutex_lock(lock);
  for (uint32_t i = 0; i < spilled->count; i++) {
    const int32_t at = spilled->days[i]->day;
    if (at < before && (!found || at < *day)) {
      *day = at;
      found = true;
    }
  }
  pthread_mutex_unlock(lock);
  return found;
}

void sk_spilled_drop_day(struct sk_spilled *spilled, int32_t day)
{
  struct sk_spilled_day *dropped = NULL;
  pthread_mutex_lock(&spilled->lock);
  const uint32_t i = place_of(spilled, day);
  if (i < spilled->count) {
    dropped = spilled->days[i];
    spilled->days[i] = spilled->days[--spilled->count];
  }
  pthread_mutex_unlock(&spilled->lock);
  free_day(dropped);
}

/* The day's entry, made where new, with room for one run more of each kind. The lock is held. */
static struct sk_spilled_day *day_for_more(struct sk_spilled *spilled, int32_t at)
{
  const uint32_t i = place_of(spilled, at);
  if (i == spilled->count) {
    void *array = spilled->days;
    if (!sk_grow(spilled->budget, &array, &spilled->capacity, i + 1, sizeof *spilled->days))
      return NULL;
    spilled->days = array;
    spilled->days[i] = sk_calloc(spilled->budget, 1, sizeof **spilled->days);
    if (!spilled->days[i])
      return NULL;
    spilled->days[i]->day = at;
  }
  struct sk_spilled_day *day = spilled->days[i];
  bool room = true;
  for (int kind = 0; room && kind < SK_SPILLED_KINDS; kind++) {
    void *array = day->runs[kind];
    room = sk_grow(spilled->budget, &array, &day->capacity[kind], day->count[kind] + 1,
                   sizeof *day->runs[kind]);
    day->runs[kind] = array;
  }
  if (room && i == spilled->count)
    spilled->count++;
  else if (i == spilled->count)
    free_day(day);
  return room ? day : NULL;
}

shukei_status sk_spilled_keep(struct sk_spilled *spilled, int32_t at,
                              struct sk_run *runs[SK_SPILLED_KINDS], shukei_error *err)
{
  bool any = false;
  for (int kind = 0; kind < SK_SPILLED_KINDS; kind++)
    any |= runs[kind] != NULL;
  if (!any)
    return SHUKEI_OK;
  pthread_mutex_lock(&spilled->lock);
  struct sk_spilled_day *day = day_for_more(spilled, at);
  for (int kind = 0; day && kind < SK_SPILLED_KINDS; kind++)
    if (runs[kind]) {
      day->runs[kind][day->count[kind]++] = runs[kind];
      runs[kind] = NULL;
    }
  pthread_mutex_unlock(&spilled->lock);
  return day ? SHUKEI_OK : sk_fail_memory(err, spilled->budget, sizeof *day, "spilled days");
}
