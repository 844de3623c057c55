/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for blocks of a size between malloc()'s and mappings of their own: cut from mappings of
 * large pages, since glibc's heap grows by small ones, each a fault of its own. Any thread. */
#ifndef SK_BASE_SLABS_H
#define SK_BASE_SLABS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether blocks of so many bytes are cut here; false for all where sk_mapped_bytes() maps none. */
bool sk_slab_takes(size_t bytes);
/* A block whose bytes are undefined, aligned to 16; NULL where there is no memory. */
void *sk_slab_alloc(size_t bytes);
/* Makes it another size that is cut here, in place; false where what is behind it is in use:
 * nothing has changed then. `before` is its size so far. */
bool sk_slab_resize(void *block, size_t before, size_t bytes);
void sk_slab_free(void *block, size_t bytes);
/* Mappings at present, for tests. */
size_t sk_slab_count(void);

#endif
