/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of pages: CRC-32 as gzip computes it. */
#ifndef SK_PARQUET_CRC_H
#define SK_PARQUET_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of what `crc` covers followed by these bytes; begin with 0. */
uint32_t sk_crc32(uint32_t crc, const void *bytes, size_t length);

#endif
