/* SPDX-License-Identifier: Apache-2.0 */
/* No store tells when a lock is free, so it is asked for again and again. Pauses are slept in small
 * steps, so that a signal need not wait for their end. */
#include "store/lock.h"

#include "base/platform.h"

#include <stdio.h>
#include <time.h>

#define PAUSE_FIRST_MS 50
#define STEP_MS 20
#define TELL_AFTER_MS 1000 /* others commit in less, as a rule */

static void tell(const struct sk_store_wait *wait, const char *path)
{
  char text[512];
  snprintf(text, sizeof text, "%s: waits for another run's lock", path);
  if (wait->warn)
    wait->warn(wait->warn_context, text);
}

shukei_status sk_lock_pause(struct sk_lock_waiting *waiting, const char *path, shukei_error *err)
{
  static const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
  const struct sk_store_wait *const wait = waiting->wait;
  unsigned *const pause_ms = &waiting->pause_ms;
  *pause_ms = *pause_ms == 0 ? PAUSE_FIRST_MS : *pause_ms * 2;
  *pause_ms = *pause_ms < waiting->pause_most_ms ? *pause_ms : waiting->pause_most_ms;
  for (unsigned slept_ms = 0; slept_ms < *pause_ms; slept_ms += STEP_MS) {
    if (wait && wait->canceled && wait->canceled(wait->canceled_context))
      return sk_fail(err, SHUKEI_ECANCELED, "%s: stopped while it waited for another run's lock",
                     path);
    nanosleep(&step, NULL);
  }
  waiting->waited_ms += *pause_ms;
  if (wait && !waiting->told && waiting->waited_ms >= TELL_AFTER_MS) {
    waiting->told = true;
    tell(wait, path);
  }
  return SHUKEI_OK;
}
