/* SPDX-License-Identifier: Apache-2.0 */
/* Sights are kept in order of time. The second half of the rows tells whether memory is bounded: in
 * the first one tables grow towards what they need. */
#include "status/history.h"

#include "bench/trend.h"

#include <math.h>
#include <string.h>

#define LEAST_SIGHTS 6

static void thin_out(struct sk_history *history)
{
  size_t kept = 0;
  for (size_t i = 0; i < history->count; i += 2)
    history->sights[kept++] = history->sights[i];
  history->count = kept;
}

void sk_history_add(struct sk_history *history, int64_t pid, struct sk_sight sight)
{
  const struct sk_sight *last = history->count ? &history->sights[history->count - 1] : NULL;
  if (pid != history->pid || (last && sight.seconds < last->seconds)) {
    memset(history, 0, sizeof *history);
    history->pid = pid;
    last = NULL;
  }
  if (sight.rows < 0 || sight.rss < 0 || (last && sight.seconds <= last->seconds))
    return;
  if (history->count == SK_HISTORY_SIGHTS)
    thin_out(history);
  history->sights[history->count++] = sight;
}

double sk_history_rate(const struct sk_history *history, double window)
{
  if (history->count < 2)
    return -1;
  const struct sk_sight *const last = &history->sights[history->count - 1];
  for (size_t i = history->count - 1; i-- > 0;) {
    const struct sk_sight *const one = &history->sights[i];
    if (last->seconds - one->seconds >= window)
      return (last->rows - one->rows) / (last->seconds - one->seconds);
  }
  return -1;
}

double sk_history_still(const struct sk_history *history)
{
  if (history->count == 0)
    return 0;
  const struct sk_sight *const last = &history->sights[history->count - 1];
  double since = last->seconds;
  for (size_t i = history->count; i-- > 0 && history->sights[i].rows == last->rows;)
    since = history->sights[i].seconds;
  return last->seconds - since;
}

double sk_row_bytes_of(const struct sk_sight *sights, size_t count)
{
  double rows[SK_HISTORY_SIGHTS] = {0}, rss[SK_HISTORY_SIGHTS] = {0};
  size_t used = 0;
  const double half = count ? (sights[0].rows + sights[count - 1].rows) / 2 : 0;
  for (size_t i = 0; i < count && used < SK_HISTORY_SIGHTS; i++) {
    if (sights[i].rows < half)
      continue;
    rows[used] = sights[i].rows;
    rss[used++] = sights[i].rss;
  }
  const struct sk_trend trend = sk_trend_of(rows, rss, used, SK_TREND_LINE);
  return used >= LEAST_SIGHTS && trend.known ? trend.slope : NAN;
}

double sk_history_row_bytes(const struct sk_history *history)
{
  return sk_row_bytes_of(history->sights, history->count);
}
