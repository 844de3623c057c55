/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that would be as expected if other label keys had been enabled: keys that many rows of one
 * side have, and none of the other. */
#ifndef SK_VALIDATE_LABEL_KEYS_H
#define SK_VALIDATE_LABEL_KEYS_H

#include "validate/compare.h"

/* After all rows have a cause: of_expected[] and of_odd[] become SHUKEI_CAUSE_ENABLED_KEYS where
 * the same day, namespace, node and kind has, on either side, rows of the same labels but for such
 * keys, which compare->lacking and compare->more get. ENOMEM. */
shukei_status sk_label_keys_judge(struct sk_compare *compare, shukei_cause *of_expected,
                                  shukei_cause *of_odd, shukei_error *err);

#endif
