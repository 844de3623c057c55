/* SPDX-License-Identifier: Apache-2.0 */
/* Plain, gzip and zstd behind one call. Several gzip members or zstd frames in a row are one text,
 * as the tools of both have it; input that ends inside of one is an error, so that a file cut off
 * never passes for a whole one. zlib and zstd are asked for nothing but decoding. */
#include "input/stream.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_BYTES ((size_t)256 << 10)
#define GZIP_WINDOW (15 + 16) /* the largest window; gzip's header and checksum */

struct sk_stream {
  struct sk_object *object;
  struct sk_budget *budget;
  enum sk_format format;
  uint64_t offset; /* of the object, next to be read */
  uint8_t *input;  /* compressed bytes */
  size_t input_at, input_length;
  z_stream zlib;
  bool zlib_open;
  ZSTD_DStream *zstd;
  uint64_t zstd_charged;
  bool between; /* at the end of a member or frame: the input may end here */
  bool begun;   /* a first member or frame has begun */
};

static void *zlib_alloc(void *budget, unsigned count, unsigned size)
{
  return sk_calloc(budget, count, size);
}

static void zlib_free(void *budget, void *block)
{
  (void)budget;
  sk_free(block);
}

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
  if (format == SK_FORMAT_CSV)
    goto done;
  self->input = sk_alloc(budget, INPUT_BYTES);
  if (!self->input) {
    st = sk_fail_memory(err, budget, INPUT_BYTES, "reading a file");
    goto done;
  }
  if (format == SK_FORMAT_CSV_GZIP) {
    self->zlib.zalloc = zlib_alloc;
    self->zlib.zfree = zlib_free;
    self->zlib.opaque = budget;
    self->zlib_open = inflateInit2(&self->zlib, GZIP_WINDOW) == Z_OK;
  } else {
    self->zstd = ZSTD_createDStream();
  }
  if (!self->zlib_open && !self->zstd)
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
  if (self->zlib_open)
    inflateEnd(&self->zlib);
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

/* One call of inflate(); *made are the bytes it gave. */
static shukei_status step_gzip(struct sk_stream *self, uint8_t *to, size_t room, size_t *made,
                               shukei_error *err)
{
  z_stream *z = &self->zlib;
  z->next_in = self->input + self->input_at;
  z->avail_in = (unsigned)(self->input_length - self->input_at);
  z->next_out = to;
  z->avail_out = room > UINT32_MAX / 2 ? UINT32_MAX / 2 : (unsigned)room;
  const unsigned had = z->avail_out;
  if (self->between) { /* another member, or the zeros that some tools fill up with */
    if (self->begun && *z->next_in == 0) {
      self->input_at++;
      *made = 0;
      return SHUKEI_OK;
    }
    inflateReset(z);
    self->between = false;
  }
  self->begun = true;
  const int result = inflate(z, Z_NO_FLUSH);
  *made = had - z->avail_out;
  self->input_at = self->input_length - z->avail_in;
  if (result == Z_STREAM_END)
    self->between = true;
  else if (result == Z_MEM_ERROR)
    return sk_fail_memory(err, self->budget, 0, "a decompressor");
  else if (result != Z_OK && result != Z_BUF_ERROR)
    return fail_input(self, SHUKEI_EFORMAT, "corrupt gzip data", err);
  return SHUKEI_OK;
}

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
  /* zstd allocates its window when it meets the frame's header; it is charged as soon as it shows. */
  const uint64_t now = ZSTD_sizeof_DStream(self->zstd);
  if (now > self->zstd_charged) {
    if (!sk_budget_charge(self->budget, now - self->zstd_charged))
      return sk_fail_memory(err, self->budget, now, "a zstd window");
    self->zstd_charged = now;
  }
  return SHUKEI_OK;
}

shukei_status sk_stream_read(struct sk_stream *self, void *bytes, size_t capacity, size_t *got,
                             shukei_error *err)
{
  uint8_t *to = bytes;
  shukei_status st = SHUKEI_OK;
  *got = 0;
  if (self->format == SK_FORMAT_CSV)
    return read_object(self, bytes, capacity, got, err);
  while (!st && *got < capacity) {
    size_t made = 0;
    if (self->input_at == self->input_length) {
      self->input_at = 0;
      self->input_length = 0;
      st = read_object(self, self->input, INPUT_BYTES, &self->input_length, err);
      if (st)
        break;
    }
    const bool dry = self->input_at == self->input_length;
    if (dry && self->between)
      break;
    if (dry && !self->begun)
      return fail_input(self, SHUKEI_ETRUNC, "no compressed data", err);
    const size_t before = self->input_at;
    st = self->format == SK_FORMAT_CSV_GZIP
             ? step_gzip(self, to + *got, capacity - *got, &made, err)
             : step_zstd(self, to + *got, capacity - *got, &made, err);
    *got += made;
    if (!st && dry && made == 0 && self->input_at == before && !self->between)
      st = fail_input(self, SHUKEI_ETRUNC, "compressed data are cut off", err);
  }
  return st;
}
