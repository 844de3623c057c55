/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes as people write them. */
#ifndef SK_CLI_SIZES_H
#define SK_CLI_SIZES_H

#include "base/figures.h"

#include <stdbool.h>

/* Parses a number of bytes: digits with an optional fraction, an optional blank, an optional unit.
 * B; K M G T P E and KiB MiB GiB TiB PiB EiB are powers of 1024, KB MB GB TB PB EB powers of 1000;
 * case does not matter. A fraction is rounded down to whole bytes. False for anything else and for
 * 2^64 and more; *bytes stays as it was. */
bool sk_size_parse(const char *text, size_t length, uint64_t *bytes);

#endif
