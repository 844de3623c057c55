/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a benchmark is well: do values come, did a phase fail, is memory bounded, does throughput
 * hold when the data grow. */
#ifndef SK_STATUS_INDICATORS_H
#define SK_STATUS_INDICATORS_H

#include "status/standing.h"

/* Fills indicators. */
void sk_indicators_judge(struct sk_standing *standing);

#endif
