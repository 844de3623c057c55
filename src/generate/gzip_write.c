/* SPDX-License-Identifier: Apache-2.0 */
/* zlib compresses, because it can end a piece at a byte without ending the stream, which libdeflate
 * cannot; libdeflate takes the CRC-32, many times faster. */
#include "generate/gzip_write.h"

#include "base/bytes.h"

#include <libdeflate.h>
#define ZLIB_CONST
#include <zlib.h>

#define LEVEL 4 /* twice as fast as 6, files a sixth larger */

struct sk_deflater {
  z_stream stream;
  struct sk_budget *budget;
  bool ready;
};

static void *take(void *opaque, unsigned count, unsigned size)
{
  return sk_calloc(opaque, count, size);
}

static void give_back(void *opaque, void *block)
{
  (void)opaque;
  sk_free(block);
}

shukei_status sk_deflater_new(struct sk_budget *budget, struct sk_deflater **out, shukei_error *err)
{
  *out = NULL;
  struct sk_deflater *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a compressor");
  self->stream.zalloc = take;
  self->stream.zfree = give_back;
  self->stream.opaque = budget;
  if (deflateInit2(&self->stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    sk_free(self);
    return sk_fail_memory(err, budget, 262144, "a compressor");
  }
  self->ready = true;
  *out = self;
  return SHUKEI_OK;
}

void sk_deflater_free(struct sk_deflater *deflater)
{
  if (!deflater)
    return;
  if (deflater->ready)
    deflateEnd(&deflater->stream);
  sk_free(deflater);
}

bool sk_deflate_piece(struct sk_deflater *deflater, const void *bytes, size_t length, bool last,
                      struct sk_buffer *out)
{
  z_stream *const stream = &deflater->stream;
  deflateReset(stream);
  stream->next_in = bytes;
  stream->avail_in = (uInt)length;
  for (;;) {
    /* deflateBound() does not count the marker of Z_SYNC_FLUSH: a few bytes more. */
    if (!sk_buffer_reserve(out, deflateBound(stream, stream->avail_in) + 64))
      return false;
    const size_t room = out->capacity - out->length;
    const uInt most = room < UINT32_MAX ? (uInt)room : UINT32_MAX;
    stream->next_out = out->bytes + out->length;
    stream->avail_out = most;
    const int result = deflate(stream, last ? Z_FINISH : Z_SYNC_FLUSH);
    out->length += most - stream->avail_out;
    if (result == Z_STREAM_END || (!last && stream->avail_in == 0 && stream->avail_out > 0))
      return true;
    if (result != Z_OK && result != Z_BUF_ERROR)
      return false;
  }
}

void sk_gzip_head(struct sk_buffer *out)
{
  static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  sk_buffer_add(out, head, sizeof head);
}

void sk_gzip_tail(struct sk_buffer *out, uint32_t crc32, uint64_t length)
{
  uint8_t tail[8];
  sk_put_le32(tail, crc32);
  sk_put_le32(tail + 4, (uint32_t)length);
  sk_buffer_add(out, tail, sizeof tail);
}

uint32_t sk_gzip_crc(const void *bytes, size_t length)
{
  return libdeflate_crc32(0, bytes, length);
}

uint32_t sk_gzip_crc_join(uint32_t first, uint32_t second, uint64_t second_length)
{
  return (uint32_t)crc32_combine(first, second, (z_off_t)second_length);
}
