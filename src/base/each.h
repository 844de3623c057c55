/* SPDX-License-Identifier: Apache-2.0 */
/* One call for each of many things, by several threads. */
#ifndef SK_BASE_EACH_H
#define SK_BASE_EACH_H

#include "base/crew.h"

#include <stddef.h>

/* Calls call(context, i) for 0 .. count-1, in any order. Where some fail, the status and the error
 * of the first of them, by its number, are returned, and *good (may be NULL) is that number: all
 * before it were called and are good, whatever the number of threads; else it is count. threads 0
 * counts as 1. */
shukei_status sk_each(unsigned threads, size_t count,
                      shukei_status (*call)(void *context, size_t i, shukei_error *err),
                      void *context, size_t *good, shukei_error *err);

#endif
