/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX ustar, as much of it as payloads need: regular files with short names. */
#ifndef SK_GENERATE_TAR_WRITE_H
#define SK_GENERATE_TAR_WRITE_H

#include "base/buffer.h"

#define SK_TAR_BLOCK 512u

/* Appends the header of a member: name below 100 bytes, mode 0644, root, modified at mtime (seconds
 * since 1970). Sizes above 8 GiB take the base-256 form that GNU and others read. */
void sk_tar_header(struct sk_buffer *out, const char *name, uint64_t bytes, int64_t mtime);
/* Appends what fills the last block of a member. */
void sk_tar_pad(struct sk_buffer *out, uint64_t bytes);
/* Appends the two empty blocks at the end. */
void sk_tar_end(struct sk_buffer *out);

#endif
