/* SPDX-License-Identifier: Apache-2.0 */
/* An object read from its beginning to its end, decompressed on the way. One thread at a time. */
#ifndef SK_INPUT_STREAM_H
#define SK_INPUT_STREAM_H

#include "base/object.h"
#include "input/input.h"

struct sk_stream;

/* Places in a gzip file from which it can be read on: what inflating refers to there, some 44 KiB
 * each. There is none where memory lacks: reading then begins further in front. */
struct sk_stream_points {
  struct sk_budget *budget;
  uint64_t every_bytes; /* of the text */
  struct sk_stream_point **points;
  size_t count, capacity;
};
void sk_stream_points_reset(struct sk_stream_points *points);

/* format is SK_FORMAT_CSV (as it is), SK_FORMAT_CSV_GZIP or SK_FORMAT_CSV_ZSTD. The object is
 * borrowed. ENOMEM. */
shukei_status sk_stream_open(struct sk_object *object, enum sk_format format,
                             struct sk_budget *budget, struct sk_stream **out, shukei_error *err);
/* Adds points of a gzip file to `points`, which outlive the stream, while it is read. */
void sk_stream_mark(struct sk_stream *stream, struct sk_stream_points *points);
/* A part of a gzip file's text, by the points of the same file. What lies before it is read and
 * passed over from the point nearest to it; the checksum of the file is not looked at. As
 * sk_stream_open() and sk_stream_read(); ETRUNC where the text ends before `offset`. */
shukei_status sk_stream_open_part(struct sk_object *object, const struct sk_stream_points *points,
                                  uint64_t offset, uint64_t length, struct sk_budget *budget,
                                  struct sk_stream **out, shukei_error *err);
/* Fills up to capacity bytes; fewer only at the end, where *got may be 0.
 * EIO; ETRUNC the compressed data end too early; EFORMAT they are corrupt; EUNSUPPORTED; ENOMEM. */
shukei_status sk_stream_read(struct sk_stream *stream, void *bytes, size_t capacity, size_t *got,
                             shukei_error *err);
/* Bytes of the object that have been read. */
uint64_t sk_stream_position(const struct sk_stream *stream);
void sk_stream_close(struct sk_stream *stream); /* NULL is fine */

#endif
