/* SPDX-License-Identifier: Apache-2.0 */
/* Every codec and framing: round trip, truncation, wrong lengths, flipped bits, failed
 * allocations. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/codec.h"

#include <libdeflate.h>
#include <lz4.h>
#include <lz4frame.h>

#define MOST 4096

static const char phrase[] = "shukei shukei shukei: the same bytes, the same bytes ";
#define PHRASE_BYTES (sizeof phrase - 1)
#define TEXT_BYTES (PHRASE_BYTES * 4)

/* What another implementation made of the phrase four times over. */
static const uint8_t brotli_text[] = {
    0x1b, 0xd3, 0x00, 0x00, 0xc4, 0x6d, 0x6c, 0x5d, 0xf9, 0x8e, 0xd5, 0x9b, 0x81, 0x50, 0x34, 0xad,
    0x11, 0x6c, 0xc0, 0x01, 0x7b, 0x4e, 0x99, 0xb6, 0x08, 0x0e, 0x13, 0x39, 0xce, 0xdb, 0xb2, 0x83,
    0xbc, 0x5d, 0x37, 0x6a, 0xe0, 0xb8, 0xbe, 0xc8, 0x22, 0x36, 0xe4, 0xaf, 0x4c, 0xf7, 0x0c, 0x21};

static struct sk_codec_state *make_state(struct sk_budget *budget)
{
  struct sk_codec_state *codec = NULL;
  assert_int_equal(sk_codec_new(budget, &codec, NULL), SHUKEI_OK);
  return codec;
}

static size_t pack_ours(enum sk_codec codec, const uint8_t *in, size_t length, uint8_t *out)
{
  struct sk_codec_state *state = make_state(NULL);
  size_t got = 0;
  assert_true(sk_compress_bound(codec, length) <= MOST);
  assert_int_equal(sk_compress(state, codec, 1, in, length, out, MOST, &got, NULL), SHUKEI_OK);
  sk_codec_free(state);
  return got;
}

static size_t pack_snappy(const uint8_t *in, size_t length, uint8_t *out)
{
  return pack_ours(SK_CODEC_SNAPPY, in, length, out);
}

static size_t pack_zstd(const uint8_t *in, size_t length, uint8_t *out)
{
  return pack_ours(SK_CODEC_ZSTD, in, length, out);
}

static size_t pack_zstd_twice(const uint8_t *in, size_t length, uint8_t *out)
{
  const size_t first = pack_zstd(in, length / 2, out);
  return first + pack_zstd(in + length / 2, length - length / 2, out + first);
}

static size_t pack_nothing(const uint8_t *in, size_t length, uint8_t *out)
{
  return pack_ours(SK_CODEC_UNCOMPRESSED, in, length, out);
}

static size_t pack_gzip(const uint8_t *in, size_t length, uint8_t *out)
{
  struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);
  const size_t got = libdeflate_gzip_compress(packer, in, length, out, MOST);
  libdeflate_free_compressor(packer);
  return got;
}

static size_t pack_gzip_members(const uint8_t *in, size_t length, uint8_t *out)
{
  size_t at = pack_gzip(in, length / 3, out);
  at += pack_gzip(in, 0, out + at);
  return at + pack_gzip(in + length / 3, length - length / 3, out + at);
}

static size_t pack_zlib(const uint8_t *in, size_t length, uint8_t *out)
{
  struct libdeflate_compressor *packer = libdeflate_alloc_compressor(6);
  const size_t got = libdeflate_zlib_compress(packer, in, length, out, MOST);
  libdeflate_free_compressor(packer);
  return got;
}

static size_t pack_lz4(const uint8_t *in, size_t length, uint8_t *out)
{
  const int got = LZ4_compress_default((const char *)in, (char *)out, (int)length, MOST);
  assert_true(got > 0);
  return (size_t)got;
}

static size_t pack_lz4_frame(const uint8_t *in, size_t length, uint8_t *out)
{
  return LZ4F_compressFrame(out, MOST, in, length, NULL);
}

static void put_be32(uint8_t *at, size_t value)
{
  at[0] = (uint8_t)(value >> 24);
  at[1] = (uint8_t)(value >> 16);
  at[2] = (uint8_t)(value >> 8);
  at[3] = (uint8_t)value;
}

static size_t pack_hadoop(const uint8_t *in, size_t length, uint8_t *out)
{
  const size_t got = pack_lz4(in, length, out + 8);
  put_be32(out, length);
  put_be32(out + 4, got);
  return got + 8;
}

static size_t pack_hadoop_blocks(const uint8_t *in, size_t length, uint8_t *out)
{
  const size_t half = length / 2;
  const size_t at = pack_hadoop(in, half, out);
  return at + pack_hadoop(in + half, length - half, out + at);
}

/* One block in two parts. */
static size_t pack_hadoop_parts(const uint8_t *in, size_t length, uint8_t *out)
{
  const size_t half = length / 2;
  put_be32(out, length);
  const size_t first = pack_lz4(in, half, out + 8);
  put_be32(out + 4, first);
  const size_t second = pack_lz4(in + half, length - half, out + 12 + first);
  put_be32(out + 8 + first, second);
  return 12 + first + second;
}

static size_t pack_brotli(const uint8_t *in, size_t length, uint8_t *out)
{
  (void)in;
  assert_int_equal(length, TEXT_BYTES);
  memcpy(out, brotli_text, sizeof brotli_text);
  return sizeof brotli_text;
}

static const struct {
  const char *why;
  enum sk_codec codec;
  size_t (*pack)(const uint8_t *in, size_t length, uint8_t *out);
} forms[] = {
    {"uncompressed", SK_CODEC_UNCOMPRESSED, pack_nothing},
    {"snappy", SK_CODEC_SNAPPY, pack_snappy},
    {"zstd", SK_CODEC_ZSTD, pack_zstd},
    {"zstd of two frames", SK_CODEC_ZSTD, pack_zstd_twice},
    {"gzip", SK_CODEC_GZIP, pack_gzip},
    {"gzip of several members, one empty", SK_CODEC_GZIP, pack_gzip_members},
    {"zlib under the name of gzip", SK_CODEC_GZIP, pack_zlib},
    {"raw lz4", SK_CODEC_LZ4_RAW, pack_lz4},
    {"lz4 of hadoop", SK_CODEC_LZ4, pack_hadoop},
    {"lz4 of hadoop in blocks", SK_CODEC_LZ4, pack_hadoop_blocks},
    {"lz4 of hadoop in parts", SK_CODEC_LZ4, pack_hadoop_parts},
    {"lz4 as a bare block", SK_CODEC_LZ4, pack_lz4},
    {"lz4 as a frame", SK_CODEC_LZ4, pack_lz4_frame},
    {"brotli", SK_CODEC_BROTLI, pack_brotli},
};

struct packed {
  uint8_t text[TEXT_BYTES], bytes[MOST];
  size_t length;
};

static void make_packed(size_t form, struct packed *packed)
{
  for (size_t i = 0; i < 4; i++)
    memcpy(packed->text + i * PHRASE_BYTES, phrase, PHRASE_BYTES);
  packed->length = forms[form].pack(packed->text, TEXT_BYTES, packed->bytes);
}

static void unpacks_each_form(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  struct sk_codec_state *codec = make_state(&budget);
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    struct packed packed;
    uint8_t out[TEXT_BYTES] = {0};
    shukei_error err = {0};
    make_packed(i, &packed);
    if (sk_decompress(codec, forms[i].codec, packed.bytes, packed.length, out, TEXT_BYTES, &err) ||
        memcmp(out, packed.text, TEXT_BYTES) != 0)
      fail_msg("%s: %s", forms[i].why, err.text);
  }
  assert_true(budget.used_bytes > 1000); /* contexts count */
  sk_codec_free(codec);
  assert_int_equal(budget.used_bytes, 0);
}

/* In a block of its own size, so that a sanitizer sees a step beyond either end. */
static shukei_status unpack_copy(struct sk_codec_state *codec, size_t form, const uint8_t *bytes,
                                 size_t length, size_t out_length)
{
  uint8_t *in = malloc(length + !length), *out = malloc(out_length + !out_length);
  assert_true(in && out);
  memcpy(in, bytes, length);
  const shukei_status st =
      sk_decompress(codec, forms[form].codec, in, length, out, out_length, NULL);
  free(in);
  free(out);
  return st;
}

static void refuses_what_does_not_fill_the_page(void **state)
{
  (void)state;
  struct sk_codec_state *codec = make_state(NULL);
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    struct packed packed;
    make_packed(i, &packed);
    for (size_t length = 0; length < packed.length; length++)
      if (unpack_copy(codec, i, packed.bytes, length, TEXT_BYTES) != SHUKEI_EFORMAT)
        fail_msg("%s cut to %zu of %zu bytes", forms[i].why, length, packed.length);
    packed.bytes[packed.length] = 0;
    if (unpack_copy(codec, i, packed.bytes, packed.length + 1, TEXT_BYTES) != SHUKEI_EFORMAT)
      fail_msg("%s with a byte too many", forms[i].why);
    for (size_t length = 0; length < 2 * TEXT_BYTES; length++)
      if (length != TEXT_BYTES &&
          unpack_copy(codec, i, packed.bytes, packed.length, length) != SHUKEI_EFORMAT)
        fail_msg("%s into %zu bytes", forms[i].why, length);
  }
  sk_codec_free(codec);
}

static void survives_flipped_bits_and_noise(void **state)
{
  (void)state;
  struct sk_codec_state *codec = make_state(NULL);
  uint64_t random = 7;
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    struct packed packed;
    make_packed(i, &packed);
    for (size_t bit = 0; bit < packed.length * 8; bit++) {
      packed.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
      const shukei_status st = unpack_copy(codec, i, packed.bytes, packed.length, TEXT_BYTES);
      assert_true(st == SHUKEI_OK || st == SHUKEI_EFORMAT);
      packed.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (int round = 0; round < 500; round++) {
      const size_t length = random_below(&random, 100);
      for (size_t at = round % 2 ? 4 : 0; at < length; at++)
        packed.bytes[at] = (uint8_t)next_random(&random);
      const shukei_status st = unpack_copy(codec, i, packed.bytes, length, TEXT_BYTES);
      assert_true(st == SHUKEI_OK || st == SHUKEI_EFORMAT);
    }
  }
  sk_codec_free(codec);
}

static void round_trips_every_length(void **state)
{
  (void)state;
  static const enum sk_codec codecs[] = {SK_CODEC_UNCOMPRESSED, SK_CODEC_SNAPPY, SK_CODEC_ZSTD,
                                         SK_CODEC_GZIP, SK_CODEC_LZ4_RAW};
  struct sk_codec_state *codec = make_state(NULL);
  uint64_t random = 3;
  uint8_t in[1000], packed[MOST], out[1000];
  for (size_t i = 0; i < sizeof in; i++)
    in[i] = i % 100 < 50 ? (uint8_t)next_random(&random) : 'a';
  for (size_t i = 0; i < SK_COUNT(codecs); i++)
    for (size_t length = 0; length <= sizeof in; length += length < 40 ? 1 : 37) {
      size_t got = 0;
      const size_t bound = sk_compress_bound(codecs[i], length);
      assert_true(bound <= sizeof packed);
      assert_int_equal(sk_compress(codec, codecs[i], 1 + (int)(length % 9), in, length, packed,
                                   bound, &got, NULL),
                       SHUKEI_OK);
      assert_true(got <= bound);
      assert_int_equal(sk_decompress(codec, codecs[i], packed, got, out, length, NULL), SHUKEI_OK);
      assert_memory_equal(in, out, length);
    }
  sk_codec_free(codec);
}

static void names_what_it_cannot_do(void **state)
{
  (void)state;
  static const enum sk_codec small[] = {SK_CODEC_UNCOMPRESSED, SK_CODEC_SNAPPY, SK_CODEC_GZIP,
                                        SK_CODEC_LZ4_RAW};
  struct sk_codec_state *codec = make_state(NULL);
  uint8_t out[8] = {0};
  size_t got = 0;
  shukei_error err = {0};
  assert_int_equal(sk_decompress(codec, SK_CODEC_LZO, "x", 1, out, 8, &err), SHUKEI_EUNSUPPORTED);
  assert_non_null(strstr(err.text, "LZO"));
  assert_int_equal(sk_decompress(codec, (enum sk_codec)99, "x", 1, out, 8, &err),
                   SHUKEI_EUNSUPPORTED);
  assert_int_equal(sk_compress(codec, SK_CODEC_BROTLI, 1, "x", 1, out, 8, &got, &err),
                   SHUKEI_EUNSUPPORTED);
  assert_int_equal(sk_compress_bound(SK_CODEC_BROTLI, 10), 0);
  assert_int_equal(sk_compress_bound(SK_CODEC_LZ4_RAW, INT32_MAX), 0);
  for (size_t i = 0; i < SK_COUNT(small); i++)
    assert_int_equal(sk_compress(codec, small[i], 1, "xxxxx", 5, out, 2, &got, &err),
                     SHUKEI_EINVAL);
  assert_int_equal(sk_decompress(codec, SK_CODEC_ZSTD, "", 0, out, 8, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "ZSTD"));
  assert_int_equal(sk_decompress(codec, SK_CODEC_SNAPPY, "", 0, out, 0, &err), SHUKEI_OK);
  sk_codec_free(codec);
  sk_codec_free(NULL);
}

static shukei_status unpack_fresh(size_t form, struct sk_budget *budget,
                                  const struct packed *packed)
{
  uint8_t out[TEXT_BYTES], again[MOST];
  struct sk_codec_state *codec = NULL;
  size_t got = 0;
  shukei_status st = sk_codec_new(budget, &codec, NULL);
  if (!st)
    st = sk_decompress(codec, forms[form].codec, packed->bytes, packed->length, out, TEXT_BYTES,
                       NULL);
  if (!st)
    st = sk_compress(codec, SK_CODEC_ZSTD, 1, out, TEXT_BYTES, again, MOST, &got, NULL);
  sk_codec_free(codec);
  return st;
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(forms); i++) {
    struct sk_budget budget;
    struct packed packed;
    shukei_status st = SHUKEI_ENOMEM;
    sk_budget_init(&budget, UINT64_MAX);
    make_packed(i, &packed);
    for (int n = 0; st == SHUKEI_ENOMEM; n++) {
      sk_test_fail_alloc(n);
      st = unpack_fresh(i, &budget, &packed);
      assert_true((st == SHUKEI_OK) != sk_test_alloc_failed());
      assert_int_equal(budget.used_bytes, 0);
    }
    sk_test_fail_alloc(-1);
    assert_int_equal(st, SHUKEI_OK);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unpacks_each_form),
      cmocka_unit_test(refuses_what_does_not_fill_the_page),
      cmocka_unit_test(survives_flipped_bits_and_noise),
      cmocka_unit_test(round_trips_every_length),
      cmocka_unit_test(names_what_it_cannot_do),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
