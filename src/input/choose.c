/* SPDX-License-Identifier: Apache-2.0 */
#include "input/choose.h"

#include <string.h>

/* Whether a, which reports the whole day, counts rather than b, which does, too. */
static bool stronger(const struct sk_contender *a, const struct sk_contender *b)
{
  if (a->hours != b->hours)
    return a->hours > b->hours;
  const int order = sk_moment_compare(a->manifest->date, b->manifest->date);
  return order ? order > 0 : strcmp(a->manifest->uuid, b->manifest->uuid) > 0;
}

void sk_choose(struct sk_contender *contenders, size_t count)
{
  size_t winner = count;
  for (size_t i = 0; i < count; i++)
    if (contenders[i].manifest->whole_days &&
        (winner == count || stronger(&contenders[i], &contenders[winner])))
      winner = i;
  for (size_t i = 0; i < count; i++) {
    struct sk_contender *one = &contenders[i];
    one->winner = winner;
    one->counts = winner == count || i == winner ||
                  (!one->manifest->whole_days &&
                   sk_moment_compare(one->manifest->date, contenders[winner].manifest->date) > 0);
  }
}
