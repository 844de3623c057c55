/* SPDX-License-Identifier: Apache-2.0 */
/* An object read from its beginning to its end, decompressed on the way. One thread at a time. */
#ifndef SK_INPUT_STREAM_H
#define SK_INPUT_STREAM_H

#include "base/object.h"
#include "input/input.h"

struct sk_stream;
/* format is SK_FORMAT_CSV (as it is), SK_FORMAT_CSV_GZIP or SK_FORMAT_CSV_ZSTD. The object is
 * borrowed. ENOMEM. */
shukei_status sk_stream_open(struct sk_object *object, enum sk_format format,
                             struct sk_budget *budget, struct sk_stream **out, shukei_error *err);
/* Fills up to capacity bytes; fewer only at the end, where *got may be 0.
 * EIO; ETRUNC the compressed data end too early; EFORMAT they are corrupt; EUNSUPPORTED; ENOMEM. */
shukei_status sk_stream_read(struct sk_stream *stream, void *bytes, size_t capacity, size_t *got,
                             shukei_error *err);
/* Bytes of the object that have been read. */
uint64_t sk_stream_position(const struct sk_stream *stream);
void sk_stream_close(struct sk_stream *stream); /* NULL is fine */

#endif
