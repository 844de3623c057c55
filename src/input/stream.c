/* SPDX-License-Identifier: Apache-2.0 */
/* Plain, gzip and zstd behind one call. Several gzip members or zstd frames in a row are one text,
 * as the tools of both have it; input that ends inside of one is an error, so that a file cut off
 * never passes for a whole one.
 *
 * gzip (RFC 1952) is inflated by inflate.c into a window of this file's own, from which callers get
 * their bytes: 472 MB of CSV in 53 MB take 0.31 s of one core with the checksum and 0.04 s for the
 * copies, where zlib takes 0.53 s. */
#include "input/stream.h"
#include "input/inflate.h"
#include "base/bytes.h"

#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>

#define INPUT_BYTES ((size_t)256 << 10)
#define OUTPUT_BYTES ((size_t)256 << 10) /* stays in the second cache until it is fetched */

/* A gzip file being read. */
struct gzip {
  struct sk_inflate inflate;
  uint8_t *window;    /* SK_INFLATE_WINDOW bytes for references and OUTPUT_BYTES, and the slack */
  uint8_t *floor;     /* in the window: where the member begins, or its oldest byte */
  uint8_t *start;     /* what nobody has fetched yet */
  uint8_t *out;       /* and its end */
  uint32_t crc, size; /* of what the member has given */
};

struct sk_stream {
  struct sk_object *object;
  struct sk_budget *budget;
  enum sk_format format;
  uint64_t offset; /* of the object, next to be read */
  uint8_t *input;  /* compressed bytes, room for SK_INFLATE_AHEAD behind them */
  size_t input_at, input_length;
  struct gzip gzip;
  ZSTD_DStream *zstd;
  uint64_t zstd_charged;
  bool between;  /* at the end of a member or frame: the input may end here */
  bool begun;    /* a first member or frame has begun */
  uint64_t left; /* of the part that is read; UINT64_MAX: to the end */
  uint64_t made; /* bytes of the text that gzip has given or skipped, up to gzip.out */
  struct sk_stream_points *marks; /* NULL: none wanted */
  uint64_t next_mark;
};

/* All that goes on at a place of a gzip file needs. */
struct sk_stream_point {
  uint64_t offset, made; /* in the file and in its text */
  uint32_t crc, size;    /* of the member so far */
  struct sk_inflate inflate;
  size_t kept; /* bytes that may be referred to */
  uint8_t window[SK_INFLATE_WINDOW];
};

shukei_status sk_stream_open(struct sk_object *object, enum sk_format format,
                             struct sk_budget *budget, struct sk_stream **out, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  struct sk_stream *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "reading a file");
  self->object = object;
  self->budget = budget;
  self->format = format;
  self->left = UINT64_MAX;
  if (format == SK_FORMAT_CSV)
    goto done;
  self->input = sk_alloc(budget, INPUT_BYTES + SK_INFLATE_AHEAD);
  if (!self->input) {
    st = sk_fail_memory(err, budget, INPUT_BYTES, "reading a file");
    goto done;
  }
  self->between = true;
  if (format == SK_FORMAT_CSV_GZIP) {
    self->gzip.window = sk_alloc(budget, SK_INFLATE_WINDOW + OUTPUT_BYTES + SK_INFLATE_SLACK);
    self->gzip.start = self->gzip.out = self->gzip.window;
  } else {
    self->zstd = ZSTD_createDStream();
  }
  if (!self->gzip.window && !self->zstd)
    st = sk_fail_memory(err, budget, 0, "a decompressor");
done:
  if (st)
    sk_stream_close(self);
  else
    *out = self;
  return st;
}

void sk_stream_close(struct sk_stream *self)
{
  if (!self)
    return;
  sk_free(self->gzip.window);
  ZSTD_freeDStream(self->zstd);
  sk_budget_release(self->budget, self->zstd_charged);
  sk_free(self->input);
  sk_free(self);
}

uint64_t sk_stream_position(const struct sk_stream *self)
{
  return self->offset;
}

static shukei_status read_object(struct sk_stream *self, void *bytes, size_t capacity, size_t *got,
                                 shukei_error *err)
{
  const uint64_t left = sk_object_size(self->object) - self->offset;
  const size_t want = left < capacity ? (size_t)left : capacity;
  *got = 0;
  if (want == 0)
    return SHUKEI_OK;
  const shukei_status st = sk_object_read(self->object, self->offset, bytes, want, err);
  if (st)
    return st;
  self->offset += want;
  *got = want;
  return SHUKEI_OK;
}

/* Where the compressed byte in hand lies in the object. */
static uint64_t input_offset(const struct sk_stream *self)
{
  return self->offset - (self->input_length - self->input_at);
}

static shukei_status fail_input(const struct sk_stream *self, shukei_status status,
                                const char *what, shukei_error *err)
{
  const shukei_status st =
      sk_fail(err, status, "%s: %s at byte %" PRIu64 " of %" PRIu64, sk_object_name(self->object),
              what, input_offset(self), sk_object_size(self->object));
  if (err)
    err->offset = (int64_t)input_offset(self);
  return st;
}

static shukei_status cut_off(const struct sk_stream *self, shukei_error *err)
{
  return fail_input(self, SHUKEI_ETRUNC, "compressed data are cut off", err);
}

/* Sees to it that `bytes` of input are there, unless the object has ended. */
static shukei_status look_ahead(struct sk_stream *self, size_t bytes, shukei_error *err)
{
  const size_t left = self->input_length - self->input_at;
  size_t got = 0;
  if (left >= bytes || self->offset == sk_object_size(self->object))
    return SHUKEI_OK;
  memmove(self->input, self->input + self->input_at, left);
  self->input_at = 0;
  self->input_length = left;
  const shukei_status st = read_object(self, self->input + left, INPUT_BYTES - left, &got, err);
  self->input_length += got;
  return st;
}

/* ---- gzip ------------------------------------------------------------------------------------ */

/* The next byte of a member's header. */
static shukei_status header_byte(struct sk_stream *self, uint8_t *byte, shukei_error *err)
{
  const shukei_status st = look_ahead(self, 1, err);
  if (st)
    return st;
  if (self->input_at == self->input_length)
    return cut_off(self, err);
  *byte = self->input[self->input_at++];
  self->gzip.crc = libdeflate_crc32(self->gzip.crc, byte, 1);
  return SHUKEI_OK;
}

static shukei_status skip_text(struct sk_stream *self, shukei_error *err)
{
  shukei_status st;
  uint8_t byte = 1;
  do
    st = header_byte(self, &byte, err);
  while (!st && byte);
  return st;
}

/* The header of a member: ten bytes, then what their flags announce. */
static shukei_status gzip_header(struct sk_stream *self, shukei_error *err)
{
  enum { CHECKED = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };
  static const uint8_t magic[] = {0x1f, 0x8b, 8}; /* and the only method there is */
  uint8_t fixed[10] = {0}, two[2] = {0, 0};
  shukei_status st = SHUKEI_OK;
  self->gzip.crc = 0;
  for (size_t i = 0; !st && i < sizeof fixed; i++) {
    st = header_byte(self, &fixed[i], err);
    if (!st && i < sizeof magic && fixed[i] != magic[i])
      st = fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  }
  const uint8_t flags = fixed[3];
  if (!st && flags & RESERVED)
    st = fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  for (size_t i = 0; !st && flags & EXTRA && i < 2; i++)
    st = header_byte(self, &two[i], err);
  for (size_t i = sk_le16(two); !st && i > 0; i--)
    st = header_byte(self, &two[0], err);
  if (!st && flags & NAME)
    st = skip_text(self, err);
  if (!st && flags & COMMENT)
    st = skip_text(self, err);
  const uint32_t crc = self->gzip.crc;
  for (size_t i = 0; !st && flags & CHECKED && i < 2; i++)
    st = header_byte(self, &two[i], err);
  if (!st && flags & CHECKED && sk_le16(two) != (crc & 0xffff))
    st = fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  return st;
}

/* Goes on to the next member; *ended where there is none. */
static shukei_status next_member(struct sk_stream *self, bool *ended, shukei_error *err)
{
  shukei_status st;
  for (;;) {
    st = look_ahead(self, 1, err);
    if (st)
      return st;
    *ended = self->input_at == self->input_length;
    if (*ended && !self->begun)
      return fail_input(self, SHUKEI_ETRUNC, "no compressed data", err);
    if (*ended || !self->begun || self->input[self->input_at] != 0)
      break;
    self->input_at++; /* the zeros that some tools fill up with */
  }
  if (*ended)
    return SHUKEI_OK;
  st = gzip_header(self, err);
  self->begun = true;
  self->between = false;
  self->gzip.floor = self->gzip.out;
  self->gzip.crc = self->gzip.size = 0;
  sk_inflate_begin(&self->gzip.inflate);
  return st;
}

/* Compares the member with its trailer. */
static shukei_status end_member(struct sk_stream *self, shukei_error *err)
{
  const shukei_status st = look_ahead(self, 8, err);
  if (st)
    return st;
  if (self->input_length - self->input_at < 8)
    return cut_off(self, err);
  const uint8_t *trailer = self->input + self->input_at;
  if (sk_le32(trailer) != self->gzip.crc || sk_le32(trailer + 4) != self->gzip.size)
    return fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  self->input_at += 8;
  self->between = true;
  return SHUKEI_OK;
}

/* Room for more: what may still be referred to moves to the window's beginning. */
static void slide(struct gzip *gzip)
{
  const size_t kept = (size_t)(gzip->out - gzip->window) < SK_INFLATE_WINDOW
                          ? (size_t)(gzip->out - gzip->window)
                          : SK_INFLATE_WINDOW;
  const size_t by = (size_t)(gzip->out - gzip->window) - kept;
  memmove(gzip->window, gzip->out - kept, kept);
  gzip->floor = (size_t)(gzip->floor - gzip->window) > by ? gzip->floor - by : gzip->window;
  gzip->start = gzip->out = gzip->window + kept;
}

/* Keeps what reading on from here needs. Nothing is lost where memory lacks. */
static void add_point(struct sk_stream *self)
{
  struct sk_stream_points *points = self->marks;
  const struct gzip *gzip = &self->gzip;
  self->next_mark = self->made + points->every_bytes;
  if (points->count == points->capacity) {
    const size_t capacity = points->capacity * 2 + 8;
    struct sk_stream_point **grown =
        sk_realloc(points->budget, points->points, capacity * sizeof(struct sk_stream_point *));
    if (!grown)
      return;
    points->points = grown;
    points->capacity = capacity;
  }
  struct sk_stream_point *point = sk_alloc(points->budget, sizeof *point);
  if (!point)
    return;
  const size_t there = (size_t)(gzip->out - gzip->floor);
  point->offset = input_offset(self);
  point->made = self->made;
  point->crc = gzip->crc;
  point->size = gzip->size;
  point->inflate = gzip->inflate;
  point->kept = there < SK_INFLATE_WINDOW ? there : SK_INFLATE_WINDOW;
  memcpy(point->window, gzip->out - point->kept, point->kept);
  points->points[points->count++] = point;
}

/* Inflates until the window is full, or the member or the input ends. All has been fetched. */
static shukei_status more_gzip(struct sk_stream *self, shukei_error *err)
{
  struct gzip *gzip = &self->gzip;
  const uint8_t *limit = gzip->window + SK_INFLATE_WINDOW + OUTPUT_BYTES;
  shukei_status st = look_ahead(self, SK_INFLATE_AHEAD, err);
  if (st)
    return st;
  if (gzip->out >= limit)
    slide(gzip);
  const bool dry = self->offset == sk_object_size(self->object);
  if (dry) /* the end is there already, or was reached by the look ahead */
    memset(self->input + self->input_length, 0, SK_INFLATE_AHEAD);
  gzip->inflate.in.next = self->input + self->input_at;
  gzip->inflate.end_in = self->input + self->input_length;
  gzip->start = gzip->out;
  const enum sk_inflate_result result =
      sk_inflate_run(&gzip->inflate, gzip->floor, &gzip->out, limit, dry);
  const size_t made = (size_t)(gzip->out - gzip->start);
  gzip->crc = libdeflate_crc32(gzip->crc, gzip->start, made);
  gzip->size += (uint32_t)made;
  self->made += made;
  self->input_at = (size_t)(gzip->inflate.in.next - self->input);
  /* What is cut off shows as going on into the zeros, or as nonsense that they make up. Nonsense of
   * its own lies before the trailer. */
  const ptrdiff_t left = gzip->inflate.end_in - gzip->inflate.in.next;
  if (dry &&
      (left < 0 || result == SK_INFLATE_INPUT || (result == SK_INFLATE_CORRUPT && left < 8))) {
    self->input_at = self->input_length;
    return cut_off(self, err);
  }
  if (result == SK_INFLATE_CORRUPT)
    return fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  if (self->marks && left >= 0 && result != SK_INFLATE_END && self->made >= self->next_mark)
    add_point(self);
  return result == SK_INFLATE_END ? end_member(self, err) : SHUKEI_OK;
}

static shukei_status read_gzip(struct sk_stream *self, uint8_t *to, size_t capacity, size_t *got,
                               shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  bool ended = false;
  while (!st && *got < capacity) {
    const size_t there = (size_t)(self->gzip.out - self->gzip.start);
    const size_t bytes = there < capacity - *got ? there : capacity - *got;
    if (bytes) {
      memcpy(to + *got, self->gzip.start, bytes);
      self->gzip.start += bytes;
      *got += bytes;
    } else if (!self->between) {
      st = more_gzip(self, err);
    } else {
      st = next_member(self, &ended, err);
      if (ended)
        break;
    }
  }
  return st;
}

/* ---- zstd ------------------------------------------------------------------------------------ */

static shukei_status step_zstd(struct sk_stream *self, uint8_t *to, size_t room, size_t *made,
                               shukei_error *err)
{
  ZSTD_inBuffer in = {self->input, self->input_length, self->input_at};
  ZSTD_outBuffer out = {to, room, 0};
  self->begun = true;
  const size_t result = ZSTD_decompressStream(self->zstd, &out, &in);
  self->input_at = in.pos;
  *made = out.pos;
  self->between = result == 0;
  if (ZSTD_isError(result)) {
    char what[160];
    snprintf(what, sizeof what, "corrupt zstd data (%s)", ZSTD_getErrorName(result));
    return fail_input(self, SHUKEI_EFORMAT, what, err);
  }
  /* zstd allocates its window when it meets the frame's header; it is charged as soon as it
   * shows. */
  const uint64_t now = ZSTD_sizeof_DStream(self->zstd);
  if (now > self->zstd_charged) {
    if (!sk_budget_charge(self->budget, now - self->zstd_charged))
      return sk_fail_memory(err, self->budget, now, "a zstd window");
    self->zstd_charged = now;
  }
  return SHUKEI_OK;
}

static shukei_status read_zstd(struct sk_stream *self, uint8_t *to, size_t capacity, size_t *got,
                               shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  while (!st && *got < capacity) {
    size_t made = 0;
    st = look_ahead(self, 1, err);
    if (st)
      break;
    const bool dry = self->input_at == self->input_length;
    if (dry && !self->begun)
      return fail_input(self, SHUKEI_ETRUNC, "no compressed data", err);
    if (dry && self->between)
      break;
    const size_t before = self->input_at;
    st = step_zstd(self, to + *got, capacity - *got, &made, err);
    *got += made;
    if (!st && dry && made == 0 && self->input_at == before && !self->between)
      st = cut_off(self, err);
  }
  return st;
}

shukei_status sk_stream_read(struct sk_stream *self, void *bytes, size_t capacity, size_t *got,
                             shukei_error *err)
{
  *got = 0;
  if (self->format == SK_FORMAT_CSV)
    return read_object(self, bytes, capacity, got, err);
  if (self->format == SK_FORMAT_CSV_ZSTD)
    return read_zstd(self, bytes, capacity, got, err);
  if (self->left < capacity)
    capacity = (size_t)self->left;
  const shukei_status st = read_gzip(self, bytes, capacity, got, err);
  if (self->left != UINT64_MAX)
    self->left -= *got;
  return st;
}

/* ---- parts ----------------------------------------------------------------------------------- */

void sk_stream_points_reset(struct sk_stream_points *points)
{
  for (size_t i = 0; i < points->count; i++)
    sk_free(points->points[i]);
  sk_free(points->points);
  points->points = NULL;
  points->count = points->capacity = 0;
}

void sk_stream_mark(struct sk_stream *self, struct sk_stream_points *points)
{
  self->marks = points;
  self->next_mark = points->every_bytes;
}

/* Goes to a point, in a stream that has read nothing. */
static void go_to(struct sk_stream *self, const struct sk_stream_point *point)
{
  struct gzip *gzip = &self->gzip;
  self->offset = point->offset;
  self->made = point->made;
  self->begun = true;
  self->between = false;
  gzip->inflate = point->inflate;
  gzip->crc = point->crc;
  gzip->size = point->size;
  memcpy(gzip->window, point->window, point->kept);
  gzip->floor = gzip->window;
  gzip->start = gzip->out = gzip->window + point->kept;
}

/* Passes over the text up to `offset`. */
static shukei_status skip_to(struct sk_stream *self, uint64_t offset, shukei_error *err)
{
  uint8_t passed[4096];
  uint64_t at = self->made;
  while (at < offset) {
    const uint64_t left = offset - at;
    size_t got = 0;
    const shukei_status st =
        read_gzip(self, passed, left < sizeof passed ? (size_t)left : sizeof passed, &got, err);
    if (st)
      return st;
    if (got == 0)
      return cut_off(self, err);
    at += got;
  }
  return SHUKEI_OK;
}

shukei_status sk_stream_open_part(struct sk_object *object, const struct sk_stream_points *points,
                                  uint64_t offset, uint64_t length, struct sk_budget *budget,
                                  struct sk_stream **out, shukei_error *err)
{
  shukei_status st = sk_stream_open(object, SK_FORMAT_CSV_GZIP, budget, out, err);
  size_t low = 0, high = points->count; /* points are in order */
  if (st)
    return st;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (points->points[middle]->made <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  if (low > 0 && points->points[low - 1]->offset <= sk_object_size(object))
    go_to(*out, points->points[low - 1]);
  st = skip_to(*out, offset, err);
  (*out)->left = length;
  if (st) {
    sk_stream_close(*out);
    *out = NULL;
  }
  return st;
}
