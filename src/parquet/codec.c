/* SPDX-License-Identifier: Apache-2.0 */
/* Page compression, by the codecs' own libraries; snappy alone is read by our own snappy_read.c.
 *
 * sk_codec_new() -> sk_decompress() / sk_compress() any number of times -> sk_codec_free().
 * Contexts are made when first needed and kept: a zstd context costs more than a small page.
 *
 * A page header says how long the page becomes, so every codec is asked to fill exactly that and
 * to use up its input; more, less or bytes left over are an error. The codec LZ4 is three things in
 * the wild. The format means Hadoop's framing (big-endian lengths before each block); old Arrow
 * wrote bare blocks under that name, others LZ4 frames. A frame is told by its magic number, then
 * the framing is tried, then the bare block: each accepts only what fills the page to the byte, so
 * a wrong guess does not pass for data. */
#include "parquet/codec.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <limits.h>
#include <lz4.h>
#include <lz4frame.h>
#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "parquet/snappy_read.h"
#include "parquet/snappy_write.h"

#define LZ4_FRAME_MAGIC UINT32_C(0x184D2204)
/* What libdeflate's decompressor takes at most; it does not tell. */
#define DEFLATE_STATE_BYTES UINT64_C(32768)
/* What its compressor takes at most, at levels 1 to 9; from 10 on it is 9 MB. */
#define DEFLATE_WRITER_BYTES (UINT64_C(700) << 10)
/* A larger page becomes several ZSTD frames, which can be decompressed at the same time
 * (frames.h). */
#define FRAME_BYTES ((size_t)1 << 20)

struct sk_codec_state {
  struct sk_budget *budget;
  ZSTD_DCtx *zstd_reader;
  ZSTD_CCtx *zstd_writer;
  struct libdeflate_decompressor *deflate;
  struct libdeflate_compressor *deflate_writer;
  int deflate_level;      /* of the latter */
  uint64_t charged_bytes; /* for the contexts above, which their libraries allocate */
};

static shukei_status fail_corrupt(shukei_error *err, enum sk_codec codec, size_t in_length,
                                  size_t out_length)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%zu bytes of %s data do not decompress to %zu bytes",
                 in_length, sk_codec_name(codec), out_length);
}

static shukei_status fail_room(shukei_error *err, enum sk_codec codec, size_t in_length,
                               size_t out_capacity)
{
  return sk_fail(err, SHUKEI_EINVAL, "%zu bytes are no room for %zu bytes of %s data", out_capacity,
                 in_length, sk_codec_name(codec));
}

static shukei_status fail_context(const struct sk_codec_state *state, enum sk_codec codec,
                                  uint64_t bytes, shukei_error *err)
{
  char what[32];
  size_t at = 0;
  for (const char *name = sk_codec_name(codec); *name && at < sizeof what - 9; name++)
    what[at++] = *name;
  memcpy(what + at, " context", 9);
  return sk_fail_memory(err, state->budget, bytes, what);
}

/* Charges what the contexts have grown to. */
static bool charge(struct sk_codec_state *state, uint64_t bytes)
{
  if (!state->budget)
    return true;
  if (!sk_budget_charge(state->budget, bytes))
    return false;
  state->charged_bytes += bytes;
  return true;
}

shukei_status sk_codec_new(struct sk_budget *budget, struct sk_codec_state **out, shukei_error *err)
{
  *out = NULL;
  struct sk_codec_state *state = sk_calloc(budget, 1, sizeof *state);
  if (!state)
    return sk_fail_memory(err, budget, sizeof *state, "codec state");
  state->budget = budget;
  *out = state;
  return SHUKEI_OK;
}

void sk_codec_free(struct sk_codec_state *state)
{
  if (!state)
    return;
  ZSTD_freeDCtx(state->zstd_reader);
  ZSTD_freeCCtx(state->zstd_writer);
  if (state->deflate)
    libdeflate_free_decompressor(state->deflate);
  if (state->deflate_writer)
    libdeflate_free_compressor(state->deflate_writer);
  if (state->charged_bytes)
    sk_budget_release(state->budget, state->charged_bytes);
  sk_free(state);
}

/* ---- ZSTD ---------------------------------------------------------------------------------- */

static shukei_status unzstd(struct sk_codec_state *state, const void *in, size_t in_length,
                            void *out, size_t out_length, shukei_error *err)
{
  if (!state->zstd_reader) {
    ZSTD_DCtx *reader = ZSTD_createDCtx();
    if (!reader || !charge(state, ZSTD_sizeof_DCtx(reader))) {
      ZSTD_freeDCtx(reader);
      return fail_context(state, SK_CODEC_ZSTD, 0, err);
    }
    state->zstd_reader = reader;
  }
  const size_t got = ZSTD_decompressDCtx(state->zstd_reader, out, out_length, in, in_length);
  if (ZSTD_isError(got))
    return sk_fail(err, SHUKEI_EFORMAT, "%zu bytes of ZSTD data for %zu bytes: %s", in_length,
                   out_length, ZSTD_getErrorName(got));
  return got == out_length ? SHUKEI_OK : fail_corrupt(err, SK_CODEC_ZSTD, in_length, out_length);
}

/* Frames of FRAME_BYTES each, one behind the other (RFC 8878, 3). */
static size_t zstd_frames(ZSTD_CCtx *writer, int level, const uint8_t *in, size_t in_length,
                          uint8_t *out, size_t out_capacity)
{
  size_t at = 0;
  do {
    const size_t part = in_length < FRAME_BYTES ? in_length : FRAME_BYTES;
    const size_t got = ZSTD_compressCCtx(writer, out + at, out_capacity - at, in, part, level);
    if (ZSTD_isError(got))
      return got;
    at += got;
    in += part;
    in_length -= part;
  } while (in_length > 0);
  return at;
}

static shukei_status zstd(struct sk_codec_state *state, int level, const void *in, size_t in_length,
                          void *out, size_t out_capacity, size_t *out_length, shukei_error *err)
{
  if (!state->zstd_writer) {
    state->zstd_writer = ZSTD_createCCtx();
    if (!state->zstd_writer)
      return fail_context(state, SK_CODEC_ZSTD, 0, err);
  }
  const size_t before = ZSTD_sizeof_CCtx(state->zstd_writer);
  const size_t got = zstd_frames(state->zstd_writer, level, in, in_length, out, out_capacity);
  const size_t after = ZSTD_sizeof_CCtx(state->zstd_writer);
  if (after > before && !charge(state, after - before)) {
    /* Uncharged memory must not stay. */
    ZSTD_freeCCtx(state->zstd_writer);
    state->zstd_writer = NULL;
    return fail_context(state, SK_CODEC_ZSTD, after - before, err);
  }
  if (ZSTD_isError(got))
    return sk_fail(err, SHUKEI_ENOMEM, "compressing %zu bytes with ZSTD: %s", in_length,
                   ZSTD_getErrorName(got));
  *out_length = got;
  return SHUKEI_OK;
}

/* ---- SNAPPY -------------------------------------------------------------------------------- */

static shukei_status unsnappy(const void *in, size_t in_length, void *out, size_t out_length,
                              shukei_error *err)
{
  return sk_snappy_read(in, in_length, out, out_length)
             ? SHUKEI_OK
             : fail_corrupt(err, SK_CODEC_SNAPPY, in_length, out_length);
}

/* ---- GZIP ---------------------------------------------------------------------------------- */

/* One member after the other; a stream that lacks the gzip magic is taken for a zlib stream, as
 * zlib's own detection, which other readers use, does. */
static shukei_status ungzip(struct sk_codec_state *state, const uint8_t *in, size_t in_length,
                            uint8_t *out, size_t out_length, shukei_error *err)
{
  if (!state->deflate) {
    if (!charge(state, DEFLATE_STATE_BYTES))
      return fail_context(state, SK_CODEC_GZIP, DEFLATE_STATE_BYTES, err);
    state->deflate = libdeflate_alloc_decompressor();
    if (!state->deflate)
      return fail_context(state, SK_CODEC_GZIP, DEFLATE_STATE_BYTES, err);
  }
  const bool gzip = in_length >= 2 && in[0] == 0x1f && in[1] == 0x8b;
  size_t in_at = 0, out_at = 0;
  do {
    size_t in_used = 0, out_used = 0;
    const enum libdeflate_result result =
        gzip
            ? libdeflate_gzip_decompress_ex(state->deflate, in + in_at, in_length - in_at,
                                            out + out_at, out_length - out_at, &in_used, &out_used)
            : libdeflate_zlib_decompress_ex(state->deflate, in + in_at, in_length - in_at,
                                            out + out_at, out_length - out_at, &in_used, &out_used);
    if (result != LIBDEFLATE_SUCCESS || in_used == 0)
      return fail_corrupt(err, SK_CODEC_GZIP, in_length, out_length);
    in_at += in_used;
    out_at += out_used;
  } while (in_at < in_length);
  return out_at == out_length ? SHUKEI_OK : fail_corrupt(err, SK_CODEC_GZIP, in_length, out_length);
}

static shukei_status gzip(struct sk_codec_state *state, int level, const void *in, size_t in_length,
                          void *out, size_t out_capacity, size_t *out_length, shukei_error *err)
{
  if (state->deflate_writer && state->deflate_level != level) {
    libdeflate_free_compressor(state->deflate_writer); /* what is charged for it stays so */
    state->deflate_writer = libdeflate_alloc_compressor(level);
  } else if (!state->deflate_writer) {
    if (!charge(state, DEFLATE_WRITER_BYTES))
      return fail_context(state, SK_CODEC_GZIP, DEFLATE_WRITER_BYTES, err);
    state->deflate_writer = libdeflate_alloc_compressor(level);
  }
  state->deflate_level = level;
  if (!state->deflate_writer)
    return fail_context(state, SK_CODEC_GZIP, DEFLATE_WRITER_BYTES, err);
  *out_length = libdeflate_gzip_compress(state->deflate_writer, in, in_length, out, out_capacity);
  return *out_length ? SHUKEI_OK : fail_room(err, SK_CODEC_GZIP, in_length, out_capacity);
}

/* ---- LZ4 ----------------------------------------------------------------------------------- */

/* A bare block; returns what it gave, or SIZE_MAX. */
static size_t unlz4_block(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_capacity)
{
  if (in_length > INT_MAX || in_length == 0)
    return SIZE_MAX;
  const int capacity = out_capacity > INT_MAX ? INT_MAX : (int)out_capacity;
  const int got = LZ4_decompress_safe((const char *)in, (char *)out, (int)in_length, capacity);
  return got < 0 ? SIZE_MAX : (size_t)got;
}

static uint32_t big_endian32(const uint8_t *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Hadoop's framing: the length a block becomes, then compressed parts, each with its length, until
 * the block is full. Most writers make one part of a block. */
static bool unlz4_hadoop(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length)
{
  size_t in_at = 0, out_at = 0;
  while (in_at < in_length) {
    if (in_length - in_at < 4)
      return false;
    size_t block = big_endian32(in + in_at);
    in_at += 4;
    if (block > out_length - out_at)
      return false;
    while (block > 0) {
      if (in_length - in_at < 4)
        return false;
      const size_t part = big_endian32(in + in_at);
      in_at += 4;
      if (part > in_length - in_at)
        return false;
      const size_t got = unlz4_block(in + in_at, part, out + out_at, block);
      if (got == 0 || got > block)
        return false;
      in_at += part;
      out_at += got;
      block -= got;
    }
  }
  return out_at == out_length;
}

static bool unlz4_frames(LZ4F_dctx *reader, const uint8_t *in, size_t in_length, uint8_t *out,
                         size_t out_length)
{
  size_t in_at = 0, out_at = 0, hint = 0;
  while (in_at < in_length) {
    size_t out_part = out_length - out_at, in_part = in_length - in_at;
    hint = LZ4F_decompress(reader, out + out_at, &out_part, in + in_at, &in_part, NULL);
    if (LZ4F_isError(hint) || (in_part == 0 && out_part == 0))
      return false;
    in_at += in_part;
    out_at += out_part;
  }
  return hint == 0 && out_at == out_length; /* 0: the last frame is whole */
}

static shukei_status unlz4(struct sk_codec_state *state, enum sk_codec codec, const uint8_t *in,
                           size_t in_length, uint8_t *out, size_t out_length, shukei_error *err)
{
  if (codec == SK_CODEC_LZ4 && in_length >= 4 && sk_le32(in) == LZ4_FRAME_MAGIC) {
    LZ4F_dctx *reader = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&reader, LZ4F_VERSION)))
      return fail_context(state, codec, 0, err);
    const bool whole = unlz4_frames(reader, in, in_length, out, out_length);
    LZ4F_freeDecompressionContext(reader);
    if (whole)
      return SHUKEI_OK;
  }
  if (codec == SK_CODEC_LZ4 && unlz4_hadoop(in, in_length, out, out_length))
    return SHUKEI_OK;
  return unlz4_block(in, in_length, out, out_length) == out_length
             ? SHUKEI_OK
             : fail_corrupt(err, codec, in_length, out_length);
}

static bool lz4(const void *in, size_t in_length, void *out, size_t out_capacity,
                size_t *out_length)
{
  const int room = out_capacity > INT_MAX ? INT_MAX : (int)out_capacity;
  if (in_length > LZ4_MAX_INPUT_SIZE)
    return false;
  const int got = LZ4_compress_default(in_length ? in : "", out, (int)in_length, room);
  *out_length = got > 0 ? (size_t)got : 0;
  return got > 0;
}

/* ---- BROTLI -------------------------------------------------------------------------------- */

static void *brotli_alloc(void *budget, size_t bytes)
{
  return sk_alloc(budget, bytes);
}

static void brotli_free(void *budget, void *block)
{
  (void)budget;
  sk_free(block);
}

static shukei_status unbrotli(struct sk_codec_state *state, const uint8_t *in, size_t in_length,
                              uint8_t *out, size_t out_length, shukei_error *err)
{
  BrotliDecoderState *reader =
      BrotliDecoderCreateInstance(brotli_alloc, brotli_free, state->budget);
  if (!reader)
    return fail_context(state, SK_CODEC_BROTLI, 0, err);
  size_t in_left = in_length, out_left = out_length;
  const BrotliDecoderResult result =
      BrotliDecoderDecompressStream(reader, &in_left, &in, &out_left, &out, NULL);
  const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(reader);
  BrotliDecoderDestroyInstance(reader);
  if (result == BROTLI_DECODER_RESULT_SUCCESS && in_left == 0 && out_left == 0)
    return SHUKEI_OK;
  if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
      code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
    return fail_context(state, SK_CODEC_BROTLI, 0, err);
  return fail_corrupt(err, SK_CODEC_BROTLI, in_length, out_length);
}

/* ---- the face ------------------------------------------------------------------------------ */

shukei_status sk_decompress(struct sk_codec_state *state, enum sk_codec codec, const void *in,
                            size_t in_length, void *out, size_t out_length, shukei_error *err)
{
  uint8_t nothing = 0;
  if (in_length == 0 && out_length == 0) /* some writers compress nothing to nothing */
    return SHUKEI_OK;
  if (out_length == 0)
    out = &nothing; /* the libraries want a place even for no bytes */
  if (in_length == 0)
    return fail_corrupt(err, codec, in_length, out_length);
  switch (codec) {
  case SK_CODEC_UNCOMPRESSED:
    if (in_length != out_length)
      return fail_corrupt(err, codec, in_length, out_length);
    memcpy(out, in, out_length);
    return SHUKEI_OK;
  case SK_CODEC_SNAPPY:
    return unsnappy(in, in_length, out, out_length, err);
  case SK_CODEC_GZIP:
    return ungzip(state, in, in_length, out, out_length, err);
  case SK_CODEC_BROTLI:
    return unbrotli(state, in, in_length, out, out_length, err);
  case SK_CODEC_ZSTD:
    return unzstd(state, in, in_length, out, out_length, err);
  case SK_CODEC_LZ4:
  case SK_CODEC_LZ4_RAW:
    return unlz4(state, codec, in, in_length, out, out_length, err);
  case SK_CODEC_LZO:
    break;
  }
  return sk_fail(err, SHUKEI_EUNSUPPORTED, "codec %s (%d) is not supported", sk_codec_name(codec),
                 (int)codec);
}

size_t sk_compress_bound(enum sk_codec codec, size_t in_length)
{
  switch (codec) {
  case SK_CODEC_UNCOMPRESSED:
    return in_length;
  case SK_CODEC_SNAPPY:
    return sk_snappy_bound(in_length);
  case SK_CODEC_GZIP:
    return libdeflate_gzip_compress_bound(NULL, in_length);
  case SK_CODEC_LZ4_RAW:
    return in_length > LZ4_MAX_INPUT_SIZE ? 0 : (size_t)LZ4_compressBound((int)in_length);
  case SK_CODEC_ZSTD:
    return in_length / FRAME_BYTES * ZSTD_compressBound(FRAME_BYTES) +
           ZSTD_compressBound(in_length % FRAME_BYTES);
  default:
    return 0;
  }
}

shukei_status sk_compress(struct sk_codec_state *state, enum sk_codec codec, int level,
                          const void *in, size_t in_length, void *out, size_t out_capacity,
                          size_t *out_length, shukei_error *err)
{
  switch (codec) {
  case SK_CODEC_UNCOMPRESSED:
    if (in_length > out_capacity)
      break;
    if (in_length)
      memcpy(out, in, in_length);
    *out_length = in_length;
    return SHUKEI_OK;
  case SK_CODEC_SNAPPY:
    *out_length = out_capacity;
    return sk_snappy_write(in, in_length, out, out_length, err);
  case SK_CODEC_GZIP:
    return gzip(state, level, in, in_length, out, out_capacity, out_length, err);
  case SK_CODEC_LZ4_RAW:
    if (lz4(in, in_length, out, out_capacity, out_length))
      return SHUKEI_OK;
    break;
  case SK_CODEC_ZSTD:
    return zstd(state, level, in, in_length, out, out_capacity, out_length, err);
  default:
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "writing with codec %s is not supported",
                   sk_codec_name(codec));
  }
  return fail_room(err, codec, in_length, out_capacity);
}
