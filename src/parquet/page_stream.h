/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of a column chunk as they lie in the object, through one window of bytes.
 *
 *   sk_page_stream_init() -> { sk_page_stream_header() -> sk_page_stream_body() or _skip() }...
 *   -> sk_page_stream_reset() */
#ifndef SK_PARQUET_PAGE_STREAM_H
#define SK_PARQUET_PAGE_STREAM_H

#include "base/object.h"
#include "parquet/page_header.h"

/* Readable bytes behind every page body, so that bits may be unpacked by whole words. */
#define SK_PAGE_PAD 16

struct sk_page_stream;
struct sk_window {
  struct sk_budget *budget;
  const struct sk_object *of; /* whose bytes it holds, NULL: none's */
  uint8_t *bytes;
  size_t capacity, length;
  uint64_t at; /* offset of its first byte */
};
void sk_window_reset(struct sk_window *window);

struct sk_page_stream {
  struct sk_object *object;
  uint64_t at, end; /* the next header; the end of the chunk */
  size_t last;      /* bytes of the data page before, header included; 0: none yet */
  struct sk_window *window;
  struct sk_window own;
};

/* The stream must stay where it is.
 *   shared  a window for several streams of one thread, or NULL for one of its own: then bodies are
 *           valid until the next call of any of these streams, and nothing is read ahead */
void sk_page_stream_init(struct sk_page_stream *stream, struct sk_object *object, uint64_t begin,
                         uint64_t end, struct sk_window *shared, struct sk_budget *budget);
void sk_page_stream_reset(struct sk_page_stream *stream);
/* Parses the header at `at`.
 *   hop  true where the body will probably be skipped: reads little beyond the header */
shukei_status sk_page_stream_header(struct sk_page_stream *stream, bool hop,
                                    struct sk_page_header *header, shukei_error *err);
/* The body behind that header, its CRC checked where there is one; valid until the next call.
 * The stream then stands at the next header. */
shukei_status sk_page_stream_body(struct sk_page_stream *stream,
                                  const struct sk_page_header *header, const uint8_t **body,
                                  shukei_error *err);
/* The same into [stored_length] bytes of the caller's: the window does not grow for it. */
shukei_status sk_page_stream_copy(struct sk_page_stream *stream,
                                  const struct sk_page_header *header, uint8_t *to,
                                  shukei_error *err);
void sk_page_stream_skip(struct sk_page_stream *stream, const struct sk_page_header *header);

/* Where a chunk's pages begin and end. The end is generous: see the body. */
void sk_chunk_range(const struct sk_chunk_meta *chunk, uint64_t data_end, uint64_t *begin,
                    uint64_t *end);

#endif
