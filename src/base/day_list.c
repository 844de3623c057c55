/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of days. */
#include "base/day_list.h"

#include <stdlib.h>

void sk_day_list_reset(struct sk_day_list *list)
{
  sk_free(list->ranges);
  *list = (struct sk_day_list){.ranges = NULL};
}

bool sk_day_list_meets(const struct sk_day_list *list, struct sk_day_range range)
{
  size_t low = 0, high = list->count; /* the first range that ends at or behind its beginning */
  if (!list->known)
    return true;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (list->ranges[middle].last < range.first)
      low = middle + 1;
    else
      high = middle;
  }
  return low < list->count && list->ranges[low].first <= range.last;
}

static int by_number(const void *a, const void *b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

bool sk_day_list_of(struct sk_day_list *list, int32_t *days, size_t count, struct sk_budget *budget)
{
  *list = (struct sk_day_list){.known = true};
  if (count == 0)
    return true;
  qsort(days, count, sizeof *days, by_number);
  list->ranges = sk_alloc(budget, count * sizeof *list->ranges);
  if (!list->ranges)
    return false;
  list->ranges[list->count++] = (struct sk_day_range){days[0], days[0]};
  for (size_t i = 1; i < count; i++) {
    struct sk_day_range *last = &list->ranges[list->count - 1];
    if (days[i] <= last->last + 1)
      last->last = days[i];
    else
      list->ranges[list->count++] = (struct sk_day_range){days[i], days[i]};
  }
  return true;
}

void sk_day_list_text(const struct sk_day_list *list, struct sk_buffer *out)
{
  char first[16], last[16];
  if (!list->known)
    sk_buffer_text(out, "?");
  for (size_t i = 0; i < list->count; i++) {
    const struct sk_day_range *range = &list->ranges[i];
    sk_buffer_printf(out, "%s%s", i ? " " : "", sk_day_text(range->first, first));
    if (range->last > range->first)
      sk_buffer_printf(out, "..%s", sk_day_text(range->last, last));
  }
}

/* One range at *at, which moves behind it and a blank. */
static bool parse_range(const char **at, struct sk_day_range *range)
{
  const size_t length = strcspn(*at, " ");
  const char *dots = length == 22 ? *at + 10 : NULL;
  if (!sk_day_parse(*at, dots ? 10 : length, &range->first))
    return false;
  range->last = range->first;
  if (dots && (memcmp(dots, "..", 2) != 0 || !sk_day_parse(dots + 2, 10, &range->last)))
    return false;
  *at += length;
  *at += **at == ' ';
  return range->last >= range->first;
}

bool sk_day_list_parse(const char *text, struct sk_budget *budget, struct sk_day_list *list)
{
  const size_t most = strlen(text) / 11 + 1;
  *list = (struct sk_day_list){.known = true};
  if (!*text)
    return true;
  list->ranges = sk_alloc(budget, most * sizeof *list->ranges);
  if (!list->ranges)
    return false;
  while (*text && list->known) {
    struct sk_day_range range = {0, 0};
    list->known = parse_range(&text, &range) &&
                  (list->count == 0 || list->ranges[list->count - 1].last < range.first);
    if (list->known)
      list->ranges[list->count++] = range;
  }
  if (!list->known)
    sk_day_list_reset(list);
  return true;
}
