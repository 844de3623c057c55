/* SPDX-License-Identifier: Apache-2.0 */
/* A checksum over the footer of the files that this library writes.
 *
 * The format protects pages by CRCs and the footer by nothing: one flipped bit in a column's name
 * makes an optional column vanish without a word. Our writer therefore adds a key-value pair whose
 * value is the CRC-32 of the footer's bytes, in eight hexadecimal digits that count as '0' in the
 * sum; other readers pass it over. It is not checked in files that name another
 * writer, because a program that rewrites a file may carry the pair along. */
#ifndef SK_PARQUET_FOOTER_SEAL_H
#define SK_PARQUET_FOOTER_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SK_SEAL_KEY "shukei.footer_crc32"
#define SK_SEAL_DIGITS 8
#define SK_SEAL_BLANK "00000000"
#define SK_SEAL_WRITER "shukei version "

/* Writes the checksum over the eight '0' at `digits`, a place within the footer. */
void sk_seal_set(uint8_t *footer, size_t length, size_t digits);
/* False where the footer has a checksum that differs from its bytes. */
bool sk_seal_holds(const uint8_t *footer, size_t length);

#endif
