/* SPDX-License-Identifier: Apache-2.0 */
/* Two or three digits tell a figure; more would pretend to be exact. */
#include "base/figures.h"

#include <inttypes.h>
#include <stdio.h>

const char *sk_size_text(uint64_t bytes, char text[SK_SIZE_TEXT])
{
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = 0;
  uint64_t whole = bytes, rest = 0; /* rest: what the last division left, of 1024 */
  while (whole >= 1024) {
    rest = whole % 1024;
    whole /= 1024;
    unit++;
  }
  const unsigned tenths = (unsigned)(rest * 10 / 1024);
  if (whole < 100 && tenths)
    snprintf(text, SK_SIZE_TEXT, "%u.%u %s", (unsigned)whole, tenths, units[unit]);
  else
    snprintf(text, SK_SIZE_TEXT, "%u %s", (unsigned)whole, units[unit]);
  return text;
}

const char *sk_grouped_text(uint64_t number, char text[SK_GROUPED_TEXT])
{
  char digits[24];
  const size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number);
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = 0;
  return text;
}

const char *sk_duration_text(double seconds, char text[SK_DURATION_TEXT])
{
  const double most = 99999 * 86400.0;
  const double s = seconds > 0 ? seconds < most ? seconds : most : 0;
  const uint64_t whole = (uint64_t)(s + 0.5);
  if (s < 0.995)
    snprintf(text, SK_DURATION_TEXT, "%.2f s", s);
  else if (s < 9.95)
    snprintf(text, SK_DURATION_TEXT, "%.1f s", s);
  else if (whole < 60)
    snprintf(text, SK_DURATION_TEXT, "%u s", (unsigned)whole);
  else if (whole < 3600)
    snprintf(text, SK_DURATION_TEXT, "%u min %02u s", (unsigned)(whole / 60),
             (unsigned)(whole % 60));
  else if (whole < 86400)
    snprintf(text, SK_DURATION_TEXT, "%u h %02u min", (unsigned)(whole / 3600),
             (unsigned)(whole / 60 % 60));
  else
    snprintf(text, SK_DURATION_TEXT, "%u d %02u h", (unsigned)(whole / 86400),
             (unsigned)(whole / 3600 % 24));
  return text;
}
