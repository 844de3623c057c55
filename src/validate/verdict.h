/* SPDX-License-Identifier: Apache-2.0 */
/* What the comparison found, as text for people or as one JSON object (docs/validate.md). */
#ifndef SK_VALIDATE_VERDICT_H
#define SK_VALIDATE_VERDICT_H

#include "validate/compare.h"

struct sk_verdict {
  const struct sk_compare *compare;
  int32_t first_day, last_day; /* that were compared */
  shukei_validate_result *result;
};

/* Counts differences and places into the result, and appends the report. ENOMEM. */
shukei_status sk_verdict_write(const struct sk_verdict *verdict, struct sk_buffer *out,
                               shukei_error *err);

#endif
