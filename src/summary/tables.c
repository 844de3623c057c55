/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a stage's tables.
 *
 *   sk_tables_new() -> sk_tables_join() by each partial but the first
 *   -> sk_tables_day(), ids of the
 *   tables -> sk_tables_drop_day(), sk_tables_empty() in between -> sk_tables_leave() by each
 *
 * A spin lock guards the days: they are looked up once an interval and worker. */
#include "summary/tables.h"

uint32_t sk_days_find(const struct sk_days *days, int32_t day)
{
  return sk_map_find(&days->places, 0, (uint32_t)day);
}

static void reset_days(struct sk_tables *tables)
{
  for (uint32_t i = 0; i < tables->days.count; i++)
    sk_tables_drop_day(tables, i);
  sk_free(tables->groups);
  sk_free(tables->days.at);
  sk_map_reset(&tables->days.places);
  tables->groups = NULL;
  tables->group_capacity = 0;
  tables->days.at = NULL;
  tables->days.count = tables->days.capacity = 0;
}

static void free_tables(struct sk_tables *tables)
{
  reset_days(tables);
  sk_symbols_reset(&tables->symbols);
  sk_intern_reset(&tables->sets);
  sk_intern_reset(&tables->classes);
  sk_groups_reset(&tables->pairs);
  sk_free(tables);
}

static bool init_tables(struct sk_tables *tables)
{
  sk_map_init(&tables->days.places, tables->budget);
  if (!sk_symbols_init(&tables->symbols, tables->budget) ||
      !sk_intern_init(&tables->sets, tables->budget) ||
      !sk_intern_init(&tables->classes, tables->budget) ||
      !sk_groups_init(&tables->pairs, 1, tables->budget))
    return false;
  sk_symbols_share(&tables->symbols);
  tables->sets.shared = tables->classes.shared = tables->pairs.shared = true;
  return true;
}

struct sk_tables *sk_tables_new(uint32_t group_words, struct sk_budget *budget)
{
  struct sk_tables *tables = sk_calloc(budget, 1, sizeof *tables);
  if (!tables)
    return NULL;
  sk_budget_init_part(&tables->own_budget, budget);
  tables->budget = &tables->own_budget;
  tables->group_words = group_words;
  atomic_init(&tables->users, 1);
  if (init_tables(tables))
    return tables;
  free_tables(tables);
  return NULL;
}

void sk_tables_join(struct sk_tables *tables)
{
  atomic_fetch_add(&tables->users, 1);
}

void sk_tables_leave(struct sk_tables *tables)
{
  if (tables && atomic_fetch_sub(&tables->users, 1) == 1)
    free_tables(tables);
}

static struct sk_groups *new_groups(struct sk_tables *tables)
{
  struct sk_groups *groups = sk_calloc(tables->budget, 1, sizeof *groups);
  if (groups && sk_groups_init(groups, tables->group_words, tables->budget)) {
    groups->shared = true;
    return groups;
  }
  sk_free(groups);
  return NULL;
}

static uint32_t add_day(struct sk_tables *tables, int32_t day)
{
  struct sk_days *days = &tables->days;
  bool is_new;
  void *at = days->at, *groups = tables->groups;
  if (!sk_grow(tables->budget, &at, &days->capacity, days->count + 1, sizeof *days->at))
    return SK_NO_ID;
  days->at = at;
  if (!sk_grow(tables->budget, &groups, &tables->group_capacity, days->count + 1,
               sizeof *tables->groups))
    return SK_NO_ID;
  tables->groups = groups;
  struct sk_groups *made = tables->group_words ? new_groups(tables) : NULL;
  if (tables->group_words && !made)
    return SK_NO_ID;
  const uint32_t index = sk_map_add(&days->places, 0, (uint32_t)day, &is_new);
  if (index == SK_NO_ID) {
    if (made)
      sk_groups_reset(made);
    sk_free(made);
    return SK_NO_ID;
  }
  tables->groups[index] = made;
  days->at[days->count++] = day;
  return index;
}

uint32_t sk_tables_day(struct sk_tables *tables, int32_t day)
{
  sk_spin_lock(&tables->lock);
  uint32_t index = sk_days_find(&tables->days, day);
  if (index == SK_NO_ID)
    index = add_day(tables, day);
  sk_spin_unlock(&tables->lock);
  return index;
}

int32_t sk_tables_day_number(struct sk_tables *tables, uint32_t index)
{
  sk_spin_lock(&tables->lock);
  const int32_t day = tables->days.at[index];
  sk_spin_unlock(&tables->lock);
  return day;
}

struct sk_groups *sk_tables_groups(struct sk_tables *tables, uint32_t day)
{
  sk_spin_lock(&tables->lock);
  struct sk_groups *groups = tables->groups[day];
  sk_spin_unlock(&tables->lock);
  return groups;
}

void sk_tables_drop_day(struct sk_tables *tables, uint32_t day)
{
  if (!tables->groups[day])
    return;
  sk_groups_reset(tables->groups[day]);
  sk_free(tables->groups[day]);
  tables->groups[day] = NULL;
}

bool sk_tables_in_use(const struct sk_tables *tables)
{
  for (uint32_t i = 0; i < tables->days.count; i++)
    if (tables->groups[i])
      return true;
  return false;
}

bool sk_tables_empty(struct sk_tables *tables)
{
  reset_days(tables);
  tables->generation++;
  tables->usual_symbols = 0;
  sk_groups_reset(&tables->pairs);
  if (!sk_groups_init(&tables->pairs, 1, tables->budget))
    return false;
  tables->pairs.shared = true;
  return sk_symbols_empty(&tables->symbols) && sk_intern_empty(&tables->sets) &&
         sk_intern_empty(&tables->classes);
}
