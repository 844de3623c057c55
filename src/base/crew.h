/* SPDX-License-Identifier: Apache-2.0 */
/* A crew of threads that all run one function and are then waited for. */
#ifndef SK_BASE_CREW_H
#define SK_BASE_CREW_H

#include "base/alloc.h"

/* Runs work(context, 0 .. count-1), each in a thread of its own, the last one in the caller's.
 * Returns when all have. count >= 1. Where a thread cannot be started, the caller's runs that
 * worker's part after its own, so that work always runs count times: work must not wait for the
 * other workers. */
void sk_crew_run(unsigned count, void (*work)(void *context, unsigned worker), void *context);

#endif
