/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a report as they were before compression, from the first to the last.
 *
 *   sk_flow_open() -> sk_flow_read() until it gives 0 bytes -> sk_flow_close()
 *
 * Plain zlib and zstd streams, and tar read header by header: the second path of shukei validate
 * shares nothing with how aggregate reads (input/inflate.h, input/stream.h), so that a mistake
 * there shows. */
#ifndef SK_VALIDATE_PLAIN_FLOW_H
#define SK_VALIDATE_PLAIN_FLOW_H

#include "base/object.h"

enum sk_flow_form { SK_FLOW_PLAIN, SK_FLOW_GZIP, SK_FLOW_ZSTD };

struct sk_flow;
/* member NULL: the file itself; else a file of that path in the tar archive that the bytes are.
 * ENOTFOUND, EIO, EFORMAT where the archive has no such member, ENOMEM. Errors name the file, as do
 * those of sk_flow_read(). */
shukei_status sk_flow_open(const char *path, enum sk_flow_form form, const char *member,
                           struct sk_budget *budget, struct sk_flow **out, shukei_error *err);
/* Up to capacity bytes; *length 0 at the end. EFORMAT for corrupt, ETRUNC for cut data; EIO. */
shukei_status sk_flow_read(struct sk_flow *flow, void *bytes, size_t capacity, size_t *length,
                           shukei_error *err);
uint64_t sk_flow_taken(const struct sk_flow *flow); /* bytes of the file, so far */
void sk_flow_close(struct sk_flow *flow);           /* NULL is fine */

#endif
