/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of objects that are going to be read, each fetched by one request whose answer is taken
 * piece by piece, as parts (s3_part.h), no faster than there is room. All calls are made with the
 * lock of the session's parts held.
 *
 * sk_s3_stream_start() ... -> { sk_s3_stream_find() -> sk_s3_stream_await() }... ->
 *   sk_s3_streams_leave() */
#ifndef SK_STORE_S3_STREAM_H
#define SK_STORE_S3_STREAM_H

#include "store/s3_ahead.h"
#include "store/s3_call.h"

struct sk_s3_stream_plan {
  struct sk_range range;
  uint64_t step;  /* bytes of a piece */
  uint64_t lead;  /* bytes that may lie before the foremost reader; UINT64_MAX: all of it */
  uint64_t share; /* of the limit, promised to it */
};

struct sk_s3_stream {
  struct sk_s3_taker taker; /* first: it is handed its address */
  struct sk_s3_stream *next;
  struct sk_s3_ahead *ahead;
  struct sk_s3_entry *entry;
  struct sk_s3_stream_plan plan;
  struct sk_s3_part *part; /* that is being filled, by the stream's thread alone */
  size_t filled;
  /* under the lock */
  uint64_t at;       /* where the next piece begins */
  uint64_t foremost; /* how far somebody has read */
  uint64_t wanted;   /* somebody waits for what comes before */
  uint32_t expected; /* the entry's count, when it was begun */
  bool starved;      /* somebody waits, and there is no room */
  bool left;         /* nobody wants any more of it; its thread frees it */
  bool over;         /* its thread is gone */
  shukei_status status;
  shukei_error error;
};

/* Begins to fetch it. False: no thread, no memory, or too many are under way. */
bool sk_s3_stream_start(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry,
                        const struct sk_s3_stream_plan *plan);
/* The stream whose range has a place, or NULL. */
struct sk_s3_stream *sk_s3_stream_find(const struct sk_s3_entry *entry, uint64_t offset);
/* Notes that somebody reads there. */
void sk_s3_stream_note(struct sk_s3_ahead *ahead, struct sk_s3_stream *stream, uint64_t offset,
                       size_t length);
/* Waits for the piece that has a place which no part covers; the stream may be gone afterwards.
 *   *coming  false: it will not come by the stream, or there is no room
 * The error of the stream. */
shukei_status sk_s3_stream_await(struct sk_s3_ahead *ahead, struct sk_s3_stream *stream,
                                 uint64_t offset, bool *coming, shukei_error *err);
/* Ends the streams of an entry that were begun before so many further ranges were expected. */
void sk_s3_streams_leave(struct sk_s3_ahead *ahead, struct sk_s3_entry *entry, uint32_t before);
/* What is promised to the streams of earlier ranges may be promised again. */
void sk_s3_streams_release(struct sk_s3_ahead *ahead, const struct sk_s3_entry *entry);

#endif
