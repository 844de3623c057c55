/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a benchmark's sink and lake can be written, known before its first phase. */
#ifndef SK_CLI_BENCH_CHECK_H
#define SK_CLI_BENCH_CHECK_H

#include "bench/bench.h"

/* Makes the summary of a pod's hour for a day that it has no rows of, and for a file, or the lake
 * in S3, an object of another name beside it, which is removed: everything but the rows is as in
 * the phases. Uses the folder phase/trial. As shukei_aggregate(); EWRITE. */
shukei_status sk_bench_check(const struct sk_bench_settings *settings,
                             bool (*canceled)(void *context), shukei_error *err);

#endif
