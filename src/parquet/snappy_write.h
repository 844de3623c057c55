/* SPDX-License-Identifier: Apache-2.0 */
/* Writing snappy, by Google's library, loaded when the first page is compressed with it: reading
 * needs none (snappy_read.h), and the library brings the one of C++, whose relocations take longer
 * than those of all others together (docs/design/engine.md). */
#ifndef SK_PARQUET_SNAPPY_WRITE_H
#define SK_PARQUET_SNAPPY_WRITE_H

#include "base/error.h"

#include <stddef.h>

/* The most bytes that so many become (snappy-c.h, snappy_max_compressed_length()). */
size_t sk_snappy_bound(size_t length);
/* *out_length: in, the room; out, what was written. EUNSUPPORTED where the library is missing;
 * EINVAL: too little room. */
shukei_status sk_snappy_write(const void *in, size_t length, void *out, size_t *out_length,
                              shukei_error *err);

#endif
