/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance with swaps (optimal string alignment): three rows of the usual table, of a fixed
 * size because no name of ours is long. A name is near when a third of the typed letters, and at
 * least two, would have to change: "cnvert" finds convert, "validate" finds nothing. */
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 63

static char fold(char c)
{
  if (c >= 'A' && c <= 'Z')
    return (char)(c - 'A' + 'a');
  return c == '_' ? '-' : c;
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

size_t sk_edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
  size_t rows[3][LONGEST + 1];
  size_t *before = rows[0], *last = rows[1], *now = rows[2];
  if (a_length > LONGEST || b_length > LONGEST)
    return SIZE_MAX;
  memset(rows, 0, sizeof rows);
  for (size_t j = 0; j <= b_length; j++)
    last[j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    now[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      const char x = fold(a[i - 1]), y = fold(b[j - 1]);
      now[j] = least(last[j - 1] + (x != y), least(last[j], now[j - 1]) + 1);
      if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2]))
        now[j] = least(now[j], before[j - 2] + 1);
    }
    size_t *const oldest = before;
    before = last;
    last = now;
    now = oldest;
  }
  return last[b_length];
}

void sk_nearest_init(struct sk_nearest *nearest, const char *typed, size_t length)
{
  nearest->typed = typed;
  nearest->length = length;
  nearest->limit = length / 3 > 2 ? length / 3 : 2;
  if (nearest->limit >= length) /* else any short name would be near */
    nearest->limit = length ? length - 1 : 0;
  nearest->best = NULL;
  nearest->distance = SIZE_MAX;
}

void sk_nearest_offer(struct sk_nearest *nearest, const char *name)
{
  const size_t d = sk_edit_distance(nearest->typed, nearest->length, name, strlen(name));
  if (d <= nearest->limit && d < nearest->distance) {
    nearest->best = name;
    nearest->distance = d;
  }
}
