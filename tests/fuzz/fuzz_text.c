/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers beside strtod() and back again, and times. */
#include "fuzzing.h"

#include "base/number.h"
#include "input/times.h"

#include <ctype.h>
#include <math.h>

#define YEAR_1_US INT64_C(-62135596800000000)
#define YEAR_10000_US INT64_C(253402300800000000)

/* What strtod() takes beyond us: blanks, hexadecimal, NaN; it stops at what is no number. */
static bool by_the_library(const char *text, size_t length, double *value)
{
  char *end = NULL;
  for (size_t i = 0; i < length; i++)
    if (!text[i] || strchr(" \t\n\v\f\rxXpP()", text[i]))
      return false;
  *value = strtod(text, &end);
  return length > 0 && end == text + length && !isnan(*value);
}

static void check_number(const char *text, size_t length)
{
  char shortest[SK_NUMBER_TEXT], padded[4096];
  double ours = 0, theirs = 0, again = 0, within = 0;
  const bool taken = sk_number_parse(text, length, &ours);
  MUST(taken == by_the_library(text, length, &theirs));
  if (length + SK_NUMBER_PADDING < sizeof padded) {
    memset(padded, ',', sizeof padded);
    memcpy(padded, text, length);
    MUST(sk_number_parse_in(padded, length, &within) == taken);
  }
  if (!taken)
    return;
  MUST(memcmp(&ours, &theirs, sizeof ours) == 0);
  MUST(length + SK_NUMBER_PADDING >= sizeof padded || memcmp(&ours, &within, sizeof ours) == 0);
  const size_t got = sk_number_format(ours, shortest);
  MUST(got < SK_NUMBER_TEXT && sk_number_parse(shortest, got, &again));
  MUST(memcmp(&ours, &again, sizeof ours) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  char *text = (char *)copy_of(bytes, length, 0);
  int64_t us = 7;
  check_number(text, length);
  const shukei_status st = sk_time_parse(text, length, &us);
  MUST(st ? us == 7 : us >= YEAR_1_US && us < YEAR_10000_US);
  double any;
  if (length >= sizeof any) { /* every double comes back */
    char shortest[SK_NUMBER_TEXT];
    double again = 0;
    memcpy(&any, bytes, sizeof any);
    const size_t got = sk_number_format(any, shortest);
    MUST(isnan(any) || (sk_number_parse(shortest, got, &again) && any == again));
  }
  free(text);
  return 0;
}
