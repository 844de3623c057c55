/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of Parquet: decompressing, checksums, codes. */
#include "kernels.h"
#include "parquet/crc.h"
#include "parquet/encode_rle.h"
#include "parquet/rle.h"

#define CODES (1 << 20)
#define BLOCK 1024

/* A page of a megabyte, as pyarrow cuts them: label texts, PLAIN, or doubles. */
static bool make_page(struct work *w, enum sk_codec codec, bool texts)
{
  struct sk_buffer page;
  size_t length = 0;
  if (!(texts ? sk_bench_json_texts(w) : sk_bench_doubles(w)) ||
      sk_codec_new(NULL, &w->codecs, NULL))
    return false;
  page = w->input;
  page.length = page.length < 1 << 20 ? page.length : 1 << 20;
  sk_buffer_init(&w->input, NULL, SIZE_MAX);
  w->text_length = page.length;
  w->items = 1;
  w->codec = codec;
  const size_t bound = sk_compress_bound(codec, page.length);
  const bool made = sk_buffer_reserve(&w->input, bound + 64) &&
                    sk_buffer_reserve(&w->other, page.length + 64) &&
                    !sk_compress(w->codecs, codec, 1, page.bytes, page.length, w->input.bytes,
                                 bound, &length, NULL);
  w->input.length = length;
  sk_buffer_reset(&page);
  return made;
}

static bool make_snappy_texts(struct work *w)
{
  return make_page(w, SK_CODEC_SNAPPY, true);
}

static bool make_zstd_texts(struct work *w)
{
  return make_page(w, SK_CODEC_ZSTD, true);
}

static bool make_snappy_doubles(struct work *w)
{
  return make_page(w, SK_CODEC_SNAPPY, false);
}

static bool make_zstd_doubles(struct work *w)
{
  return make_page(w, SK_CODEC_ZSTD, false);
}

static bool run_decompress(struct work *w)
{
  const shukei_status st = sk_decompress(w->codecs, w->codec, w->input.bytes, w->input.length,
                                         w->other.bytes, w->text_length, NULL);
  w->sum += w->other.bytes[0];
  return !st;
}

static bool make_codes(struct work *w, unsigned width, uint32_t run)
{
  uint32_t *codes = sk_arena_alloc(&w->arena, CODES * sizeof *codes);
  for (uint32_t i = 0; codes && i < CODES; i++)
    codes[i] = i % run ? codes[i - 1] : sk_bench_below(w, 1u << width);
  w->width = width;
  w->items = CODES;
  if (!codes || !sk_encode_rle(&w->input, codes, CODES, width))
    return false;
  return sk_buffer_reserve(&w->input, 64);
}

static bool make_packed(struct work *w)
{
  return make_codes(w, 16, 1);
}

static bool make_runs(struct work *w)
{
  return make_codes(w, 9, 104);
}

static bool run_rle(struct work *w)
{
  uint32_t codes[BLOCK];
  struct sk_rle rle;
  sk_rle_init(&rle, w->input.bytes, w->input.length, w->width);
  for (uint32_t i = 0; i < CODES; i += BLOCK) {
    if (!sk_rle_read(&rle, codes, BLOCK))
      return false;
    w->sum += codes[BLOCK - 1];
  }
  return true;
}

static bool run_crc(struct work *w)
{
  w->sum += sk_crc32(0, w->input.bytes, w->input.length);
  return true;
}

const struct kernel sk_page_kernels[] = {
    {"page: snappy, label texts", "pages", make_snappy_texts, run_decompress},
    {"page: snappy, doubles", "pages", make_snappy_doubles, run_decompress},
    {"page: zstd, label texts", "pages", make_zstd_texts, run_decompress},
    {"page: zstd, doubles", "pages", make_zstd_doubles, run_decompress},
    {"page: crc", "numbers", sk_bench_doubles, run_crc},
    {"codes: bit-packed, 16 bits", "codes", make_packed, run_rle},
    {"codes: runs of 104", "codes", make_runs, run_rle},
    {NULL, NULL, NULL, NULL},
};
