/* SPDX-License-Identifier: Apache-2.0 */
/* A set of days as ranges, and its text. */
#ifndef SK_BASE_DAY_LIST_H
#define SK_BASE_DAY_LIST_H

#include "base/buffer.h"
#include "base/calendar.h"

struct sk_day_list {
  struct sk_day_range *ranges; /* rising, apart from each other; sk_alloc() */
  size_t count;
  bool known; /* false: any day */
};
void sk_day_list_reset(struct sk_day_list *list);
/* True where one of its ranges and that one meet. */
bool sk_day_list_meets(const struct sk_day_list *list, struct sk_day_range range);
/* The list of days, in any order and repeated; they are sorted in place. False when memory
 * lacks. */
bool sk_day_list_of(struct sk_day_list *list, int32_t *days, size_t count,
                    struct sk_budget *budget);
/* "2025-10-01..2025-10-03 2025-10-07", "?" where they are not known. */
void sk_day_list_text(const struct sk_day_list *list, struct sk_buffer *out);
/* The other way; what cannot be read is not known. False when memory lacks. */
bool sk_day_list_parse(const char *text, struct sk_budget *budget, struct sk_day_list *list);

#endif
