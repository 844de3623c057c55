/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes as people write them. */
#ifndef SK_CLI_SIZES_H
#define SK_CLI_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a number of bytes: digits with an optional fraction, an optional blank, an optional unit.
 * B; K M G T P E and KiB MiB GiB TiB PiB EiB are powers of 1024, KB MB GB TB PB EB powers of 1000;
 * case does not matter. A fraction is rounded down to whole bytes. False for anything else and for
 * 2^64 and more; *bytes stays as it was. */
bool sk_size_parse(const char *text, size_t length, uint64_t *bytes);

#define SK_SIZE_TEXT 24
/* "512 B", "1.5 KiB", "256 MiB": three digits are kept. Returns text. */
const char *sk_size_text(uint64_t bytes, char text[SK_SIZE_TEXT]);

#endif
