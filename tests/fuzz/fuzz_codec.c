/* SPDX-License-Identifier: Apache-2.0 */
/* Every codec on any bytes; our reader of snappy against the library's; what we pack comes back. */
#include "fuzzing.h"

#include "parquet/codec.h"

#include <snappy-c.h>

#define MOST 200000

static void compare_snappy(const uint8_t *in, size_t in_length, const uint8_t *out,
                           size_t out_length, bool taken)
{
  size_t said = 0, got = out_length;
  uint8_t *theirs = malloc(out_length + 1);
  MUST(theirs);
  const bool expected =
      snappy_uncompressed_length((const char *)in, in_length, &said) == SNAPPY_OK &&
      said == out_length &&
      snappy_uncompress((const char *)in, in_length, (char *)theirs, &got) == SNAPPY_OK;
  MUST(expected == taken);
  MUST(!taken || memcmp(theirs, out, out_length) == 0);
  free(theirs);
}

static void round_trip(struct sk_codec_state *state, enum sk_codec codec, const uint8_t *in,
                       size_t length)
{
  shukei_error err;
  const size_t bound = sk_compress_bound(codec, length);
  uint8_t *packed = malloc(bound + 1), *again = malloc(length + 1);
  size_t got = 0;
  MUST(packed && again);
  MUST(!sk_compress(state, codec, 1, in, length, packed, bound, &got, &err));
  MUST(got <= bound && !sk_decompress(state, codec, packed, got, again, length, &err));
  MUST(memcmp(in, again, length) == 0);
  free(packed);
  free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const enum sk_codec codec = (enum sk_codec)(take(&input, 1) % 9);
  const size_t out_length = take(&input, 3) % MOST, in_length = rest(&input);
  struct sk_codec_state *state = NULL;
  struct sk_budget budget;
  shukei_error err;
  uint8_t *in = copy_of(input.at, in_length, 0), *out = copy_of(NULL, 0, out_length);
  sk_budget_init(&budget, UINT64_C(256) << 20);
  MUST(!sk_codec_new(&budget, &state, &err));
  const shukei_status st = sk_decompress(state, codec, in, in_length, out, out_length, &err);
  if (codec == SK_CODEC_SNAPPY && in_length)
    compare_snappy(in, in_length, out, out_length, !st);
  if (sk_compress_bound(codec, 1))
    round_trip(state, codec, in, in_length);
  sk_codec_free(state);
  MUST(budget.used_bytes == 0);
  free(in);
  free(out);
  return 0;
}
