/* SPDX-License-Identifier: Apache-2.0 */
/* Converting CSV files: blocks of them, parsed by all workers, written in their order. */
#ifndef SK_INPUT_CONVERT_BLOCKS_H
#define SK_INPUT_CONVERT_BLOCKS_H

#include "input/convert_shared.h"
#include "input/convert_write.h"

/* Hands all rows of the files, [count], to the writer. The counts and bytes that are shared grow.
 * The error is that of the first block, in the order of the input, that failed; ECANCELED. */
shukei_status sk_convert_blocks(struct sk_convert_shared *shared,
                                const struct sk_convert_file *files, uint32_t count,
                                struct sk_convert_writer *writer, shukei_error *err);

#endif
