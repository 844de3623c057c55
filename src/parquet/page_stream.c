/* SPDX-License-Identifier: Apache-2.0 */
/* Reading pages by ranges. The window holds what was read last and is kept between pages: small
 * pages are read many at a time (READ_AHEAD), a big one together with the beginning of its
 * successor, so that either way about one read is made for a page, and none for its header. Where
 * pages are only hopped over, as little as a header is read.
 *
 * Columns that are read side by side share one window, since a compressed page is not needed when
 * it has been decompressed: 18 columns by pyarrow took 6.5 MB of windows, and now take 1.1. Each
 * page is then asked for with about as many bytes as its predecessor had. An object of no more than
 * READ_AHEAD bytes is read at once for all of them: one read instead of 15 for a report of an hour.
 *
 * No length of the file sizes the window unless the chunk has that many bytes left. */
#include "parquet/page_stream.h"

#include "parquet/crc.h"

#include <string.h>

enum { READ_AHEAD = 256 * 1024, NEXT_HEADER = 32 * 1024, HOP = 4 * 1024, LEAST = 16 * 1024 };

/* The first writers of parquet-mr left the dictionary page's header out of the chunk's size
 * (PARQUET-816 in Apache's tracker). The number of values says where to stop anyway. */
enum { SIZE_SLACK = 128 };

void sk_chunk_range(const struct sk_chunk_meta *chunk, uint64_t data_end, uint64_t *begin,
                    uint64_t *end)
{
  const int64_t start =
      chunk->dictionary_page_offset > 0 ? chunk->dictionary_page_offset : chunk->data_page_offset;
  *begin = (uint64_t)start;
  *end = *begin + (uint64_t)chunk->compressed_bytes + SIZE_SLACK;
  if (*end > data_end)
    *end = data_end;
}

void sk_window_reset(struct sk_window *window)
{
  sk_free(window->bytes);
  *window = (struct sk_window){.budget = window->budget};
}

void sk_page_stream_init(struct sk_page_stream *stream, struct sk_object *object, uint64_t begin,
                         uint64_t end, struct sk_window *shared, struct sk_budget *budget)
{
  *stream =
      (struct sk_page_stream){.object = object, .at = begin, .end = end, .own = {.budget = budget}};
  stream->window = shared ? shared : &stream->own;
}

void sk_page_stream_reset(struct sk_page_stream *stream)
{
  if (stream->window && stream->window->of == stream->object)
    stream->window->of = NULL; /* another object may come to lie at this address */
  sk_window_reset(&stream->own);
}

static shukei_status make_room(struct sk_window *w, size_t length, size_t keep_at, size_t keep,
                               shukei_error *err)
{
  if (length + SK_PAGE_PAD > w->capacity) {
    const size_t capacity = length + length / 4 + SK_PAGE_PAD;
    uint8_t *bytes = sk_alloc(w->budget, capacity);
    if (!bytes)
      return sk_fail_memory(err, w->budget, capacity, "a page");
    if (keep)
      memcpy(bytes, w->bytes + keep_at, keep);
    sk_free(w->bytes);
    w->bytes = bytes;
    w->capacity = capacity;
  } else if (keep && keep_at) {
    memmove(w->bytes, w->bytes + keep_at, keep);
  }
  return SHUKEI_OK;
}

/* An object that the shared window holds as a whole from where it is first read. */
static bool small(const struct sk_page_stream *s)
{
  return s->window != &s->own && sk_object_size(s->object) <= READ_AHEAD;
}

/* Makes [offset, offset + length) part of the window, reading up to `wish` bytes. */
static shukei_status fill(struct sk_page_stream *s, uint64_t offset, size_t length, size_t wish,
                          shukei_error *err)
{
  struct sk_window *w = s->window;
  if (w->of != s->object)
    w->length = 0;
  w->of = s->object;
  const uint64_t have_end = w->at + w->length;
  if (w->length && offset >= w->at && offset + length <= have_end)
    return SHUKEI_OK;
  if (small(s)) /* all that lies behind is another column's, and wanted next */
    wish = (size_t)sk_object_size(s->object);
  const uint64_t chunk_end = s->end - offset > SIZE_SLACK ? s->end - SIZE_SLACK : s->end;
  const uint64_t end = small(s) ? sk_object_size(s->object) : chunk_end;
  const uint64_t left = end - offset; /* what lies behind is most likely another column's */
  const size_t likely = wish > left ? (size_t)left : wish;
  const size_t total = likely < length ? length : likely;
  const bool overlaps = w->length && offset >= w->at && offset < have_end;
  const size_t keep = overlaps ? (size_t)(have_end - offset) : 0;
  const size_t keep_at = overlaps ? (size_t)(offset - w->at) : 0;
  shukei_status st = make_room(w, total, keep_at, keep, err);
  if (st)
    return st;
  w->at = offset;
  w->length = keep;
  st = sk_object_read(s->object, offset + keep, w->bytes + keep, total - keep, err);
  if (st)
    return st;
  w->length = total;
  memset(w->bytes + total, 0, SK_PAGE_PAD);
  return SHUKEI_OK;
}

shukei_status sk_page_stream_header(struct sk_page_stream *stream, bool hop,
                                    struct sk_page_header *header, shukei_error *err)
{
  const struct sk_window *w = stream->window;
  size_t wish = hop ? HOP : READ_AHEAD;
  if (stream->at >= stream->end)
    return sk_fail(err, SHUKEI_EFORMAT, "the chunk's bytes end before its values");
  const uint64_t left = stream->end - stream->at;
  const uint64_t have_end = w->at + w->length;
  size_t try = 1;
  if (!hop && w != &stream->own && stream->last)
    wish = stream->last < LEAST ? LEAST : stream->last + stream->last / 8;
  if (w->of == stream->object && stream->at >= w->at && stream->at < have_end)
    try = (size_t)(have_end - stream->at);
  for (;;) {
    shukei_status st = fill(stream, stream->at, try, wish, err);
    if (st)
      return st;
    const size_t from = (size_t)(stream->at - w->at);
    const size_t there = w->length - from;
    st = sk_page_header_parse(w->bytes + from, there, header, err);
    if (st == SHUKEI_OK)
      break;
    if (st != SHUKEI_ETRUNC || there >= left)
      return st == SHUKEI_ETRUNC
                 ? sk_fail(err, SHUKEI_EFORMAT, "page header: does not end within the chunk")
                 : st;
    wish = there * 2 > wish ? there * 2 : wish;
    try = wish > left ? (size_t)left : wish;
  }
  if (header->stored_length > left - header->header_length)
    return sk_fail(err, SHUKEI_EFORMAT,
                   "page of %" PRIu32 " bytes, %" PRIu64 " are left in the chunk",
                   header->stored_length, left - header->header_length);
  return SHUKEI_OK;
}

/* The stream goes on behind the body, which is looked at. */
static shukei_status end_body(struct sk_page_stream *stream, const struct sk_page_header *header,
                              const uint8_t *body, shukei_error *err)
{
  const size_t length = header->stored_length;
  stream->at += header->header_length + length;
  stream->last = header->type == SK_PAGE_DICTIONARY ? 1 : header->header_length + length;
  const uint32_t crc = header->has_crc ? sk_crc32(0, body, length) : 0;
  return !header->has_crc || crc == header->crc
             ? SHUKEI_OK
             : sk_fail(err, SHUKEI_EFORMAT, "CRC is %08" PRIx32 ", the page header says %08" PRIx32,
                       crc, header->crc);
}

shukei_status sk_page_stream_body(struct sk_page_stream *stream,
                                  const struct sk_page_header *header, const uint8_t **body,
                                  shukei_error *err)
{
  const uint64_t begin = stream->at + header->header_length;
  const size_t length = header->stored_length;
  size_t wish = length + NEXT_HEADER > READ_AHEAD ? length + NEXT_HEADER : READ_AHEAD;
  if (stream->window != &stream->own)
    wish = length; /* the next call is another column's */
  const shukei_status st = fill(stream, begin, length, wish, err);
  if (st)
    return st;
  *body = stream->window->bytes + (begin - stream->window->at);
  return end_body(stream, header, *body, err);
}

shukei_status sk_page_stream_copy(struct sk_page_stream *stream,
                                  const struct sk_page_header *header, uint8_t *to,
                                  shukei_error *err)
{
  const struct sk_window *const w = stream->window;
  const uint64_t begin = stream->at + header->header_length;
  const size_t length = header->stored_length;
  shukei_status st = SHUKEI_OK;
  size_t there = 0;
  if (w->of == stream->object && begin >= w->at && begin < w->at + w->length) {
    const uint64_t held = w->at + w->length - begin;
    there = held < length ? (size_t)held : length;
    memcpy(to, w->bytes + (begin - w->at), there);
  }
  if (there < length)
    st = sk_object_read(stream->object, begin + there, to + there, length - there, err);
  return st ? st : end_body(stream, header, to, err);
}

void sk_page_stream_skip(struct sk_page_stream *stream, const struct sk_page_header *header)
{
  stream->at += (uint64_t)header->header_length + header->stored_length;
}
