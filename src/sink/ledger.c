/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger in memory. */
#include "sink/ledger.h"

#include <stdlib.h>

void sk_ledger_init(struct sk_ledger *ledger, struct sk_budget *budget)
{
  memset(ledger, 0, sizeof *ledger);
  sk_arena_init(&ledger->arena, budget);
}

void sk_ledger_reset(struct sk_ledger *ledger)
{
  struct sk_budget *budget = ledger->arena.budget;
  sk_free(ledger->objects);
  sk_free(ledger->days);
  sk_arena_reset(&ledger->arena);
  sk_ledger_init(ledger, budget);
}

/* Makes room for one more element; NULL when memory lacks, and the array stays. */
static void *grown(struct sk_budget *budget, void *array, size_t count, size_t *capacity,
                   size_t size)
{
  if (count < *capacity)
    return array;
  const size_t more = *capacity ? *capacity * 2 : 64;
  void *moved = sk_realloc(budget, array, more * size);
  if (moved)
    *capacity = more;
  return moved;
}

bool sk_ledger_add_object(struct sk_ledger *ledger, struct sk_ledger_object object)
{
  struct sk_ledger_object *objects =
      grown(ledger->arena.budget, ledger->objects, ledger->object_count, &ledger->object_capacity,
            sizeof object);
  if (!objects)
    return false;
  ledger->objects = objects;
  objects[ledger->object_count++] = object;
  return true;
}

bool sk_ledger_add_day(struct sk_ledger *ledger, struct sk_ledger_day day)
{
  struct sk_ledger_day *days = grown(ledger->arena.budget, ledger->days, ledger->day_count,
                                     &ledger->day_capacity, sizeof day);
  if (!days)
    return false;
  ledger->days = days;
  days[ledger->day_count++] = day;
  return true;
}

const char *sk_ledger_text(struct sk_ledger *ledger, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *copy = sk_arena_bytes(&ledger->arena, length);
  if (copy)
    memcpy(copy, text, length);
  return copy;
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const struct sk_ledger_object *)a)->path,
                ((const struct sk_ledger_object *)b)->path);
}

static int by_day(const void *a, const void *b)
{
  const struct sk_ledger_day *x = a, *y = b;
  return (x->day > y->day) - (x->day < y->day);
}

void sk_ledger_sort(struct sk_ledger *ledger)
{
  if (ledger->object_count)
    qsort(ledger->objects, ledger->object_count, sizeof *ledger->objects, by_path);
  if (ledger->day_count)
    qsort(ledger->days, ledger->day_count, sizeof *ledger->days, by_day);
}

struct sk_ledger_object *sk_ledger_find_object(const struct sk_ledger *ledger, const char *path)
{
  const struct sk_ledger_object key = {.path = path};
  return ledger->object_count
             ? bsearch(&key, ledger->objects, ledger->object_count, sizeof key, by_path)
             : NULL;
}

struct sk_ledger_day *sk_ledger_find_day(const struct sk_ledger *ledger, int32_t day)
{
  const struct sk_ledger_day key = {.day = day};
  return ledger->day_count ? bsearch(&key, ledger->days, ledger->day_count, sizeof key, by_day)
                           : NULL;
}

size_t sk_ledger_note_begin(struct sk_ledger *ledger, bool fill)
{
  for (size_t i = 0; i < ledger->day_count; i++) {
    ledger->days[i].found = "";
    if (fill && ledger->days[i].state == SK_LEDGER_NEW)
      ledger->days[i].mark = "";
  }
  return ledger->day_count;
}

bool sk_ledger_note(struct sk_ledger *ledger, size_t known, int32_t day, const char *mark,
                    bool fill)
{
  const char *copy = sk_ledger_text(ledger, mark);
  if (!copy)
    return false;
  /* Those that are added meanwhile come behind, in any order. */
  const struct sk_ledger sorted = {.days = ledger->days, .day_count = known};
  struct sk_ledger_day *found = sk_ledger_find_day(&sorted, day);
  if (!found)
    return sk_ledger_add_day(
        ledger, (struct sk_ledger_day){
                    .day = day, .settings = "", .objects = "", .mark = "", .found = copy});
  found->found = copy;
  if (fill && found->state == SK_LEDGER_NEW)
    found->mark = copy;
  return true;
}

bool sk_ledger_changed(const struct sk_ledger *ledger)
{
  for (size_t i = 0; i < ledger->object_count; i++)
    if (ledger->objects[i].state != SK_LEDGER_KEPT)
      return true;
  for (size_t i = 0; i < ledger->day_count; i++)
    if (ledger->days[i].state != SK_LEDGER_KEPT)
      return true;
  return false;
}
