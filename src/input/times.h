/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps as text (spec/1-input.md, Values). */
#ifndef SK_INPUT_TIMES_H
#define SK_INPUT_TIMES_H

#include "base/error.h"

/* Parses "2025-10-01 00:00:00 +0000 UTC", "2025-10-01T00:00:00Z", "2025-10-01 00:00:00" and their
 * relatives:
 *   date      YYYY-MM-DD, then nothing (midnight), or one 'T', 't' or blank and the time
 *   time      HH:MM, HH:MM:SS, HH:MM:SS.F with 1 to 9 digits, rounded down to microseconds
 *   zone      nothing (UTC), Z, UTC, or +HH, +HHMM, +HH:MM (also -), each with blanks before it,
 *             and after an offset also " UTC", as the operator writes it: the offset counts
 * with blanks around. *us, since 1970 UTC, is set on success only, which lies in the years 0001 to
 * 9999. OK or EFORMAT; no message, for the caller knows the place. */
shukei_status sk_time_parse(const char *text, size_t length, int64_t *us);

#endif
