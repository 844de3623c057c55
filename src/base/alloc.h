/* SPDX-License-Identifier: Apache-2.0 */
/* The one way to get heap memory. Every block is charged to a budget, whose limit is --memory;
 * blocks remember their budget and size, so that freeing gives both back.
 *
 * A budget may be used by many threads at once. A NULL budget is allowed for small things of a
 * whole process's life. */
#ifndef SK_BASE_ALLOC_H
#define SK_BASE_ALLOC_H

#include "base/error.h"

#include <stdatomic.h>

struct sk_budget {
  uint64_t limit_bytes; /* UINT64_MAX: none */
  _Atomic uint64_t used_bytes;
  _Atomic uint64_t peak_bytes;
  _Atomic uint64_t refused_bytes; /* of the last charge over the limit; 0: none yet */
  struct sk_budget *whole;        /* the one that this is a part of; NULL: a whole one */
};

void sk_budget_init(struct sk_budget *budget, uint64_t limit_bytes);
/* A part of another budget, which is charged for all that the part is: used_bytes tells what one
 * user of many holds. `whole` outlives it; NULL is fine. */
void sk_budget_init_part(struct sk_budget *part, struct sk_budget *whole);

/* Charges memory that somebody else's library takes (a decompressor's context). False: over the
 * limit, nothing charged. sk_budget_release() gives it back. */
bool sk_budget_charge(struct sk_budget *budget, uint64_t bytes);
void sk_budget_release(struct sk_budget *budget, uint64_t bytes);

/* Uninitialised, zeroed, resized memory; NULL where the budget or the system refuses. Aligned for
 * any type. sk_realloc() leaves the old block as it was when it fails; NULL grows from nothing. */
void *sk_alloc(struct sk_budget *budget, size_t bytes);
void *sk_calloc(struct sk_budget *budget, size_t count, size_t size);
void *sk_realloc(struct sk_budget *budget, void *block, size_t bytes);
void sk_free(void *block); /* NULL is fine */
/* A zero-terminated copy of length bytes. */
char *sk_strndup(struct sk_budget *budget, const char *text, size_t length);

/* ENOMEM with a text that names what was wanted, the budget's limit and use, and what to set. Where
 * the allocation was made deep below, `bytes` is 0 or a guess: what the budget refused is known. */
shukei_status sk_fail_memory(shukei_error *err, const struct sk_budget *budget, uint64_t bytes,
                             const char *what);

/* Tests only: the n-th allocation from here, counted from 0, returns NULL once; -1 ends it.
 * sk_test_alloc_failed() tells whether it has. Process-wide. */
void sk_test_fail_alloc(int64_t n);
bool sk_test_alloc_failed(void);

#endif
