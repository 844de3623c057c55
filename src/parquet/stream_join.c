/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen values at a time, one vector of each stream. Interleaving the bytes of stream i with
 * those of stream i + width / 2 for all i gives vectors that are streams of half as many, twice as
 * wide parts; after log2(width) rounds the parts are values, in order. SSE2 and NEON interleave 16
 * bytes in an instruction and every processor of their kind has them: for doubles 24 of them make
 * 128 bytes, where a load and a store for each byte take 128 of both. Widths that are no power of
 * two go byte by byte. */
#include "parquet/stream_join.h"

#include "base/masks.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(SK_ISA_X86) || defined(SK_ISA_ARM)

enum { MOST_STREAMS = 16, AT_A_TIME = 16 };

#if defined(SK_ISA_X86)
typedef __m128i bytes16;
#define LOAD(at) _mm_loadu_si128((const __m128i *)(const void *)(at))
#define STORE(at, v) _mm_storeu_si128((__m128i *)(void *)(at), v)
#define LOW_OF _mm_unpacklo_epi8
#define HIGH_OF _mm_unpackhi_epi8
#else
typedef uint8x16_t bytes16;
#define LOAD vld1q_u8
#define STORE vst1q_u8
#define LOW_OF vzip1q_u8
#define HIGH_OF vzip2q_u8
#endif

ALWAYS_INLINE size_t join(const uint8_t *streams, size_t stride, size_t n, uint8_t *out,
                          unsigned width)
{
  size_t done = 0;
  for (; done + AT_A_TIME <= n; done += AT_A_TIME, out += (size_t)AT_A_TIME * width) {
    bytes16 parts[MOST_STREAMS], wider[MOST_STREAMS];
    for (unsigned i = 0; i < width; i++)
      parts[i] = LOAD(streams + i * stride + done);
    for (unsigned round = 1; round < width; round *= 2) {
      for (unsigned i = 0; i < width / 2; i++) {
        wider[2 * i] = LOW_OF(parts[i], parts[i + width / 2]);
        wider[2 * i + 1] = HIGH_OF(parts[i], parts[i + width / 2]);
      }
      for (unsigned i = 0; i < width; i++)
        parts[i] = wider[i];
    }
    for (unsigned i = 0; i < width; i++)
      STORE(out + (size_t)16 * i, parts[i]);
  }
  return done;
}

#define JOIN(width)                                                                                \
  static size_t join_##width(const uint8_t *streams, size_t stride, size_t n, uint8_t *out)        \
  {                                                                                                \
    return join(streams, stride, n, out, width);                                                   \
  }
JOIN(2)
JOIN(4)
JOIN(8)
JOIN(16)

sk_join_kernel *sk_stream_join_kernel(enum sk_isa isa, size_t width)
{
  if (isa == SK_ISA_SCALAR || !sk_isa_present(isa))
    return NULL;
  return width == 2    ? join_2
         : width == 4  ? join_4
         : width == 8  ? join_8
         : width == 16 ? join_16
                       : NULL;
}

#else

sk_join_kernel *sk_stream_join_kernel(enum sk_isa isa, size_t width)
{
  (void)isa;
  (void)width;
  return NULL;
}

#endif

void sk_stream_join(const uint8_t *streams, size_t stride, size_t width, size_t n, uint8_t *out)
{
  sk_join_kernel *const kernel = sk_stream_join_kernel(sk_isa(), width);
  const size_t done = kernel ? kernel(streams, stride, n, out) : 0;
  for (size_t b = 0; b < width; b++)
    for (size_t i = done; i < n; i++)
      out[i * width + b] = streams[b * stride + i];
}
