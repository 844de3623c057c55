/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression of snappy blocks. */
#ifndef SK_PARQUET_SNAPPY_READ_H
#define SK_PARQUET_SNAPPY_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False where the block is corrupt or does not become exactly out_length bytes; `out` is then
 * partly written, never beyond its length. */
bool sk_snappy_read(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length);

#endif
