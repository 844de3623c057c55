/* SPDX-License-Identifier: Apache-2.0 */
/* The value of an option, wherever it was given: one check for flag, environment and file. */
#ifndef SK_CLI_VALUE_H
#define SK_CLI_VALUE_H

#include "cli/options.h"

struct sk_value {
  const char *text; /* as given, borrowed; NULL: not given */
  int64_t integer;  /* INTEGER */
  uint64_t number;  /* COUNT, ROWS, SIZE */
  double share;     /* SHARE */
  int choice;       /* CHOICE, BAD_ROWS: place in the list, -1 for a name of a file */
  int32_t day;      /* DAY */
};

/* Checks text and fills *value. OK; EINVAL with what was found and what is expected. */
shukei_status sk_value_check(const struct sk_option *option, const char *text,
                             struct sk_value *value, shukei_error *err);

/* Decimal digits that fill the text, at most UINT64_MAX. */
bool sk_value_digits(const char *text, uint64_t *number);

#endif
