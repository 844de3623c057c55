/* SPDX-License-Identifier: Apache-2.0 */
/* sk_csv_marks() makes one 64-bit mask of 64 bytes, whose bits are then taken out one by one; cells are
 * some ten bytes long, so that most of the time goes into the comparisons and not into branches on
 * each byte. Without vectors a byte of x is zero exactly where ((x & 0x7f..) + 0x7f..) | x lacks its
 * top bit, and x ^ c has a zero where the byte is c. */
#include "input/csv_scan.h"
#include "base/bytes.h"

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Line ends of bytes[from .. to), a \r\n as one; *end becomes the place behind the last. The byte at
 * `to` may be looked at where to < length. */
static uint64_t count_lines(const uint8_t *bytes, size_t from, size_t to, size_t length,
                            size_t *end)
{
  uint64_t feeds = 0, returns = 0, pairs = 0;
  for (size_t at = from; at < to;) {
    const size_t stop = to - at > 255 ? at + 255 : to; /* 8-bit sums stay in one register */
    uint8_t n = 0, r = 0;
    for (; at < stop; at++) {
      n = (uint8_t)(n + (bytes[at] == '\n'));
      r = (uint8_t)(r + (bytes[at] == '\r'));
    }
    feeds += n;
    returns += r;
  }
  if (returns) {
    const size_t stop = to < length ? to : to - 1;
    for (size_t at = from; at < stop; at++)
      pairs += bytes[at] == '\r' && bytes[at + 1] == '\n';
  }
  if (feeds + returns == 0)
    return 0;
  for (size_t at = to; at-- > from;)
    if (bytes[at] == '\n' || bytes[at] == '\r') {
      *end = at + 1;
      break;
    }
  return feeds + returns - pairs;
}

bool sk_csv_ascii(const uint8_t *bytes, size_t length)
{
  uint8_t all = 0;
  for (size_t i = 0; i < length; i++)
    all |= bytes[i];
  return all < 0x80;
}

static bool ends_cell(uint8_t c)
{
  return c == ',' || c == '\n' || c == '\r';
}

/* The place behind a quoted part that begins behind `at`; 0 where it does not end. */
static size_t quoted_end(const uint8_t *bytes, size_t at, size_t length)
{
  for (;;) {
    const uint8_t *quote = memchr(bytes + at, '"', length - at);
    if (!quote)
      return 0;
    at = (size_t)(quote - bytes) + 1;
    if (at == length || bytes[at] != '"')
      return at;
    at++;
  }
}

size_t sk_csv_cut(const uint8_t *bytes, size_t length, bool last, uint64_t *lines)
{
  size_t at = 0, end = 0;
  *lines = 0;
  if (!last && length && bytes[length - 1] == '\r')
    length--;
  while (at < length) {
    const uint8_t *quote = memchr(bytes + at, '"', length - at);
    const size_t stop = quote ? (size_t)(quote - bytes) : length;
    *lines += count_lines(bytes, at, stop, length, &end);
    if (!quote)
      break;
    if (stop > 0 && !ends_cell(bytes[stop - 1])) {
      at = stop + 1;
      continue;
    }
    at = quoted_end(bytes, stop + 1, length);
    if (at == 0)
      break;
  }
  return end;
}

size_t sk_csv_first(const uint8_t *bytes, size_t length, bool last)
{
  bool starts_cell = true;
  for (size_t at = 0; at < length;) {
    const uint8_t c = bytes[at];
    if (starts_cell && c == '"') {
      at = quoted_end(bytes, at + 1, length);
      if (at == 0)
        return 0;
      starts_cell = false;
      continue;
    }
    at++;
    if (c == '\n' || (c == '\r' && (at < length || last)))
      return c == '\r' && at < length && bytes[at] == '\n' ? at + 1 : at;
    starts_cell = c == ',';
  }
  return 0;
}

#if defined(__GNUC__)

/* The compiler's vectors: whatever the processor has for 16 bytes at a time, or plain code. */
typedef uint8_t vector __attribute__((vector_size(16)));
typedef uint64_t lanes __attribute__((vector_size(16)));

/* Bit i is set where byte i of the 16 is a mark. A comparison gives bytes of all ones; of each one
 * bit is kept, another for every byte of eight, and the multiplication adds them up in the top byte,
 * in whatever order the machine has its bytes. */
static inline uint64_t vector_marks(const uint8_t *bytes)
{
  static const vector places = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  vector text;
  memcpy(&text, bytes, sizeof text);
  const vector found = (vector)((text == ',') | (text == '\n') | (text == '"') | (text == '\r'));
  const lanes kept = (lanes)(found & places);
  return (kept[0] * ONES) >> 56 | ((kept[1] * ONES) >> 56) << 8;
}

static inline uint64_t marks_of_64(const uint8_t *bytes)
{
  uint64_t mask = 0;
  for (unsigned v = 0; v < 4; v++)
    mask |= vector_marks(bytes + 16 * v) << (16 * v);
  return mask;
}

#else

/* 0x80 in each byte of word that is c. */
static inline uint64_t same(uint64_t word, uint64_t c)
{
  const uint64_t x = word ^ (c * ONES);
  return ~(((x & ~TOPS) + ~TOPS) | x) & TOPS;
}

static inline uint64_t marks_of_64(const uint8_t *bytes)
{
  uint64_t mask = 0;
  for (unsigned w = 0; w < 8; w++) {
    const uint64_t word = sk_le64(bytes + 8 * w);
    const uint64_t tops = same(word, ',') | same(word, '"') | same(word, '\n') | same(word, '\r');
    mask |= (((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56) << (8 * w);
  }
  return mask;
}

#endif

/* The number of the lowest bit that is set; mask is not 0. */
static inline unsigned lowest_bit(uint64_t mask)
{
#if defined(__GNUC__)
  return (unsigned)__builtin_ctzll(mask);
#else
  unsigned n = 0;
  while (!(mask >> n & 1))
    n++;
  return n;
#endif
}

size_t sk_csv_marks(const uint8_t *bytes, size_t from, size_t to, uint32_t *marks)
{
  size_t count = 0;
  for (size_t at = from; at < to; at += 64) {
    uint64_t mask = marks_of_64(bytes + at);
    if (to - at < 64)
      mask &= (UINT64_C(1) << (to - at)) - 1;
    while (mask) {
      marks[count++] = (uint32_t)(at + lowest_bit(mask));
      mask &= mask - 1;
    }
  }
  return count;
}
