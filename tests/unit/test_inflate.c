/* SPDX-License-Identifier: Apache-2.0 */
/* The inflater against zlib: the same bytes of what zlib makes, however it is cut into pieces, and
 * the same verdict on what is no deflate data. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "input/inflate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MOST ((size_t)400 << 10)

static uint64_t random_state = UINT64_C(88172645463325252);
static uint32_t below(uint32_t bound)
{
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random_state >> 33) % bound);
}

/* Texts of every kind: noise, runs, words that come again near and far, all of them in turn. */
static void make_text(uint8_t *text, size_t length)
{
  const uint32_t kind = below(6);
  for (size_t at = 0; at < length;) {
    const uint32_t now = kind < 5 ? kind : below(5);
    size_t n = 1 + below(now == 1 ? 3000 : 400);
    n = n < length - at ? n : length - at;
    const uint32_t back = 1 + below(now == 3 ? 40000 : 40), letter = below(256);
    for (size_t i = 0; i < n; i++, at++)
      text[at] = now == 0                ? (uint8_t)below(256)
                 : now == 1              ? (uint8_t)letter
                 : now == 2 || back > at ? (uint8_t)('a' + below(1 + letter % 26))
                                         : text[at - back];
  }
}

static size_t deflate_text(const uint8_t *text, size_t length, uint8_t *out, size_t room)
{
  static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
  z_stream z = {0};
  const int level = (int)below(10), strategy = strategies[below(8) ? 0 : below(5)];
  assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -15, 1 + (int)below(9), strategy), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)text;
  z.next_out = out;
  z.avail_out = (unsigned)room;
  for (size_t left = length; left;) { /* with flushes, which make empty stored blocks */
    const size_t n = below(3) ? left : 1 + below((uint32_t)left);
    z.avail_in = (unsigned)n;
    left -= n;
    assert_true(deflate(&z, left ? (below(2) ? Z_SYNC_FLUSH : Z_FULL_FLUSH) : Z_NO_FLUSH) == Z_OK ||
                z.avail_in == 0);
  }
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  const size_t made = room - z.avail_out;
  deflateEnd(&z);
  return made;
}

struct outcome {
  enum sk_inflate_result result;
  size_t made, used; /* bytes */
  bool beyond;       /* it went on into the zeros */
};

/* Inflates as stream.c does: pieces of input that are moved to the front, a window that slides.
 * Writes to out what fits. */
static struct outcome inflate_all(const uint8_t *in, size_t length, uint8_t *out, size_t room,
                                  size_t piece, size_t window_bytes)
{
  struct outcome o = {.result = SK_INFLATE_INPUT};
  struct sk_inflate *inflate = malloc(sizeof *inflate);
  uint8_t *input = malloc(piece + 2 * SK_INFLATE_AHEAD);
  const size_t most = SK_INFLATE_WINDOW + window_bytes;
  uint8_t *window = malloc(most + SK_INFLATE_SLACK), *at = window;
  size_t there = 0, taken = 0;
  assert_true(inflate && input && window);
  sk_inflate_begin(inflate);
  while (o.result == SK_INFLATE_INPUT || o.result == SK_INFLATE_OUTPUT) {
    const size_t more = length - taken < piece + SK_INFLATE_AHEAD - there
                            ? length - taken
                            : piece + SK_INFLATE_AHEAD - there;
    memcpy(input + there, in + taken, more);
    there += more;
    taken += more;
    memset(input + there, taken == length ? 0 : 0x55, piece + 2 * SK_INFLATE_AHEAD - there);
    if (at >= window + most) {
      memmove(window, at - SK_INFLATE_WINDOW, SK_INFLATE_WINDOW);
      at = window + SK_INFLATE_WINDOW;
    }
    const uint8_t *start = at;
    inflate->in.next = input;
    inflate->end_in = input + there;
    o.result = sk_inflate_run(inflate, window, &at, window + most, taken == length);
    assert_true(at <= window + most + SK_INFLATE_SLACK);
    const size_t made = (size_t)(at - start);
    if (o.made < room)
      memcpy(out + o.made, start, made < room - o.made ? made : room - o.made);
    o.made += made;
    o.beyond = inflate->in.next > inflate->end_in;
    const size_t used = o.beyond ? there : (size_t)(inflate->in.next - input);
    o.used += used;
    there -= used;
    memmove(input, input + used, there);
    if (o.beyond || (o.result == SK_INFLATE_INPUT && taken == length))
      break;
  }
  free(inflate);
  free(input);
  free(window);
  return o;
}

static void inflates_what_zlib_deflates(void **state)
{
  (void)state;
  uint8_t *text = malloc(MOST), *packed = malloc(MOST * 2), *back = malloc(MOST);
  assert_true(text && packed && back);
  for (int i = 0; i < 400; i++) {
    const size_t length = i % 8 ? below(2000) : below(MOST);
    make_text(text, length);
    const size_t size = deflate_text(text, length, packed, MOST * 2 - 20);
    memset(packed + size, 0xA5, 20); /* what follows is not its own */
    const size_t piece = i % 2 ? 1 + below(300) : 1 << 18;
    const struct outcome o =
        inflate_all(packed, size + 20, back, MOST, piece, i % 3 ? 1 << 18 : 1 + below(1000));
    if (o.result != SK_INFLATE_END || o.made != length || o.used != size ||
        memcmp(text, back, length) != 0)
      fail_msg("text %d of %zu bytes, pieces of %zu: result %d, %zu bytes, %zu of %zu used", i,
               length, piece, (int)o.result, o.made, o.used, size);
  }
  free(text);
  free(packed);
  free(back);
}

/* zlib's verdict: 1 the end, 0 more input wanted, -1 corrupt. */
static int zlib_verdict(const uint8_t *in, size_t length, uint8_t *out, size_t room, size_t *made,
                        size_t *used)
{
  z_stream z = {0};
  assert_int_equal(inflateInit2(&z, -15), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)in;
  z.avail_in = (unsigned)length;
  z.next_out = out;
  z.avail_out = (unsigned)room;
  const int result = inflate(&z, Z_NO_FLUSH);
  *made = room - z.avail_out;
  *used = length - z.avail_in;
  inflateEnd(&z);
  return result == Z_STREAM_END ? 1 : result == Z_OK || result == Z_BUF_ERROR ? 0 : -1;
}

/* Flipped bits, cut ends and mere noise. */
static void judges_as_zlib_does(void **state)
{
  (void)state;
  enum { ROOM = 1 << 20 };
  uint8_t *text = malloc(3000), *packed = malloc(9000);
  uint8_t *back = malloc(ROOM), *zlibs = malloc(ROOM);
  int verdicts[3] = {0, 0, 0};
  assert_true(text && packed && back && zlibs);
  for (int i = 0; i < 30000; i++) {
    size_t length = below(i % 4 ? 300 : 3000), made, used;
    make_text(text, length);
    size_t size = deflate_text(text, length, packed, 7000);
    if (i % 5 == 0)
      for (size_t k = 0; k < size; k++)
        packed[k] = (uint8_t)(k == 0 ? 4 | below(256) : below(256));
    for (uint32_t flips = below(4); flips; flips--) {
      const uint32_t place = below((uint32_t)(below(2) && size > 40 ? 40 : size));
      packed[place] ^= (uint8_t)(1 << below(8));
    }
    if (i % 7 == 0)
      size = below((uint32_t)size);
    const int want = zlib_verdict(packed, size, zlibs, ROOM, &made, &used);
    const struct outcome o = inflate_all(packed, size, back, ROOM, 1 + below(500), 1 << 16);
    const int got = o.beyond || o.result == SK_INFLATE_INPUT ? 0
                    : o.result == SK_INFLATE_END             ? 1
                                                             : -1;
    verdicts[want + 1]++;
    bool alike = got == want;
    if (want == 0 &&
        got == -1) { /* where zlib waits for more, it may be the zeros that are corrupt */
      size_t ignored[2];
      memset(packed + size, 0, 1000);
      alike = zlib_verdict(packed, size + 1000, zlibs, ROOM, &ignored[0], &ignored[1]) == -1;
    }
    if (made == ROOM)
      continue;
    if (!alike || (want == 1 && (o.made != made || o.used != used)) ||
        memcmp(zlibs, back, made < o.made ? made : o.made) != 0)
      fail_msg("case %d: verdict %d, zlib's %d; %zu and %zu bytes from %zu and %zu of %zu", i, got,
               want, o.made, made, o.used, used, size);
  }
  assert_true(verdicts[0] > 1000 && verdicts[1] > 1000 && verdicts[2] > 1000);
  free(text);
  free(packed);
  free(back);
  free(zlibs);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(inflates_what_zlib_deflates),
      cmocka_unit_test(judges_as_zlib_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
