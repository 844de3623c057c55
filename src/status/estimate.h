/* SPDX-License-Identifier: Apache-2.0 */
/* How long a benchmark will still take, by what was measured. */
#ifndef SK_STATUS_ESTIMATE_H
#define SK_STATUS_ESTIMATE_H

#include "status/standing.h"

/* Fills phase_left and all_left. */
void sk_estimate_left(struct sk_standing *standing);

/* The seconds of a phase of so many rows by the results alone: by the trend of phases like it over
 * their rows (of the same mode, threads and memory, else of the same mode, else of the same phase),
 * by proportion where they all have the same size. */
struct sk_estimate sk_estimate_phase(const struct sk_bench_results *results,
                                     const struct sk_bench_key *key, int64_t rows);

#endif
