/* SPDX-License-Identifier: Apache-2.0 */
/* A run has as many sources as payloads have clusters: few. */
#include "sink/pg_sources.h"

#include "base/calendar.h"
#include "base/text.h"

#include <stdlib.h>

void sk_pg_sources_init(struct sk_pg_sources *sources, struct sk_budget *budget)
{
  *sources = (struct sk_pg_sources){.budget = budget};
}

void sk_pg_sources_reset(struct sk_pg_sources *sources)
{
  for (size_t i = 0; i < sources->count; i++) {
    sk_free(sources->list[i].name);
    sk_buffer_reset(&sources->list[i].days);
  }
  sk_free(sources->list);
  sk_pg_sources_init(sources, sources->budget);
}

bool sk_pg_sources_begin(struct sk_pg_sources *sources, const char *name)
{
  char *copy = name ? sk_strndup(sources->budget, name, strlen(name)) : NULL;
  struct sk_pg_source *list =
      sk_realloc(sources->budget, sources->list, (sources->count + 1) * sizeof *list);
  if (list)
    sources->list = list;
  if (!list || (name && !copy)) {
    sk_free(copy);
    return false;
  }
  list[sources->count] = (struct sk_pg_source){.name = copy};
  sk_buffer_init(&list[sources->count].days, sources->budget, SIZE_MAX);
  sources->count++;
  return true;
}

static const char *text_of(const struct sk_pg_source *source)
{
  return source->name ? source->name : "";
}

bool sk_pg_sources_is(const struct sk_pg_sources *sources, const char *name)
{
  return sk_same_text(sk_pg_sources_now(sources)->name, name);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(text_of(a), text_of(b));
}

void sk_pg_sources_sort(struct sk_pg_sources *sources)
{
  qsort(sources->list, sources->count, sizeof *sources->list, by_name);
}

/* ---- days ---------------------------------------------------------------------------------- */

static int32_t day_at(const struct sk_buffer *days, size_t at)
{
  int32_t day;
  memcpy(&day, days->bytes + at, sizeof day);
  return day;
}

int32_t sk_pg_days_first(const struct sk_buffer *days)
{
  return day_at(days, 0);
}

int32_t sk_pg_days_last(const struct sk_buffer *days)
{
  return days->length ? day_at(days, days->length - sizeof(int32_t)) : INT32_MIN;
}

void sk_pg_days_add(struct sk_buffer *days, int32_t day)
{
  if (day != sk_pg_days_last(days))
    sk_buffer_add(days, &day, sizeof day);
}

bool sk_pg_days_have(const struct sk_buffer *days, int32_t day)
{
  for (size_t at = 0; at < days->length; at += sizeof day)
    if (day_at(days, at) == day)
      return true;
  return false;
}

void sk_pg_days_text(const struct sk_pg_sources *sources, const struct sk_pg_source *one,
                     struct sk_buffer *text)
{
  const size_t before = text->length;
  char day[16];
  sk_buffer_byte(text, '{');
  for (size_t i = 0; i < sources->count; i++) {
    const struct sk_buffer *days = &sources->list[i].days;
    for (size_t at = 0; at < days->length && (!one || one == &sources->list[i]);
         at += sizeof(int32_t)) {
      sk_buffer_text(text, text->length > before + 1 ? "," : "");
      sk_buffer_text(text, sk_day_text(day_at(days, at), day));
    }
  }
  sk_buffer_text(text, "}");
  sk_buffer_byte(text, 0);
}
