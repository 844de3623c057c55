/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the generate room: made-up clusters at every scale, from a seed.
 *
 * Inside: a preset or a manifest becomes a model (generate/model.h), which can make any row alone;
 * the rows are cut into slices (slices.h), made side by side and written in order (write_text.c,
 * write_table.c); dataset.c describes what was written. */
#ifndef SK_GENERATE_GENERATE_H
#define SK_GENERATE_GENERATE_H

#include "base/alloc.h"

/* What shukei_generate() does, within a budget. threads: at least 1. The counters of what was
 * written are filled; the rest of stats is the caller's. */
shukei_status sk_generate(const shukei_generate_options *options, unsigned threads,
                          struct sk_budget *budget, shukei_generate_stats *stats,
                          shukei_error *err);

#endif
