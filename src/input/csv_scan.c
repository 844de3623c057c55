/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels turn 64 bytes into masks (csv_classes.h) and decide with a few operations on words which
 * marks lie outside of quotes: a quote toggles, so the exclusive or of all quotes before a byte
 * tells whether it is inside. Toggling is right as long as quotes stand around whole cells; the
 * same masks tell where they do not. The places are then taken out of the mask bit by bit: cells
 * are some ten bytes long, so that most of the time goes into the comparisons and not into branches
 * on each byte.
 *
 * AVX2 writes four places at a time, whether they are there or not: that saves a branch that would
 * be guessed wrong once per 64 bytes. */
#include "input/csv_scan.h"
#include "input/csv_classes.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* What a stretch of 64 bytes leaves for the next. */
struct scan {
  uint64_t inside;   /* all ones: its last byte lies in a quoted part */
  uint64_t may_open; /* 1: its last byte lets a quote open (or be a doubled one) */
  uint64_t closed;   /* 1: its last byte closed a quoted part */
  uint64_t returned; /* 1: its last byte is a \r that ends a record */
};
static const struct scan at_record = {.may_open = 1};

struct found {
  uint64_t marks;  /* commas and line ends, one for \r\n */
  uint64_t ends;   /* the line ends among them */
  uint64_t breaks; /* every \n and \r outside of quotes */
  uint64_t quotes;
  uint64_t odd; /* not 0: the quotes are not those of the plain form */
};

/* Each bit becomes the exclusive or of itself and all below. */
static inline uint64_t toggle(uint64_t bits)
{
  for (unsigned shift = 1; shift < 64; shift *= 2)
    bits ^= bits << shift;
  return bits;
}

/* The bits of the first `count` bytes of 64. */
static inline uint64_t first_bits(size_t count)
{
  return count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

typedef struct csv_classes classify(const uint8_t *bytes);
typedef uint64_t find_returns(const uint8_t *bytes);

/* The next 64 bytes, of which the first `count` are there. */
ALWAYS_INLINE struct found step(struct scan *scan, const uint8_t *bytes, size_t count,
                                classify *classes, find_returns *returns_of)
{
  const uint64_t valid = first_bits(count);
  const struct csv_classes c = classes(bytes);
  uint64_t cells = c.cells & valid, returned = 0, closing = 0;
  struct found found = {.quotes = c.quotes & valid};
  if (found.quotes | scan->inside | scan->closed) {
    const uint64_t inside = toggle(found.quotes) ^ scan->inside;
    const uint64_t opening = found.quotes & inside;
    closing = found.quotes & ~inside;
    cells &= ~inside;
    found.odd = (opening & ~((cells | closing) << 1 | scan->may_open)) |
                ((closing << 1 | scan->closed) & ~(cells | opening) & valid);
    scan->inside = 0 - (inside >> 63);
    scan->closed = closing >> 63;
  }
  scan->may_open = (cells | closing) >> 63;
  found.marks = cells;
  found.breaks = c.breaks & cells;
  if (found.breaks) {
    const uint64_t returns = returns_of(bytes) & cells;
    const uint64_t second = (returns << 1 | scan->returned) & found.breaks & ~returns;
    found.ends = found.breaks & ~second;
    found.marks &= ~second;
    returned = returns >> 63;
  }
  scan->returned = returned;
  return found;
}

ALWAYS_INLINE void put_ends(struct sk_csv_marks *marks, struct found found)
{
  for (uint64_t ends = found.ends; ends; ends &= ends - 1) {
    const uint64_t below = (ends & (0 - ends)) - 1;
    marks->ends[marks->end_count++] =
        (uint32_t)(marks->place_count + (size_t)__builtin_popcountll(found.marks & below));
  }
}

ALWAYS_INLINE void put_places(struct sk_csv_marks *marks, uint64_t found, size_t at)
{
  for (; found; found &= found - 1)
    marks->places[marks->place_count++] = (uint32_t)(at + (size_t)__builtin_ctzll(found));
}

#if defined(SK_ISA_X86)
/* The same, four at a time: what a mask of fewer writes behind its own is written over, or does not
 * count. */
ALWAYS_INLINE void put_places_of_4(struct sk_csv_marks *marks, uint64_t found, size_t at)
{
  const size_t count = (size_t)__builtin_popcountll(found);
  uint32_t *out = marks->places + marks->place_count;
  marks->place_count += count;
  for (size_t done = 0;;) {
    for (unsigned i = 0; i < 4; i++) {
      uint32_t place = (uint32_t)(at + (size_t)__builtin_ctzll(found | UINT64_C(1) << 63));
      __asm__("" : "+r"(place)); /* else gcc gathers the places in a vector, at twice the time */
      *out++ = place;
      found &= found - 1;
    }
    done += 4;
    if (done >= count)
      return;
  }
}
#endif

typedef void put(struct sk_csv_marks *marks, uint64_t found, size_t at);

ALWAYS_INLINE void find_marks(const uint8_t *bytes, size_t from, size_t to,
                              struct sk_csv_marks *marks, classify *classes, find_returns *returns,
                              put *put_marks)
{
  struct scan scan = at_record;
  struct sk_csv_marks out = {.places = marks->places, .ends = marks->ends};
  uint64_t quotes = 0;
  for (size_t at = from; at < to; at += 64) {
    const struct found found = step(&scan, bytes + at, to - at, classes, returns);
    if (found.odd)
      break;
    quotes |= found.quotes;
    put_ends(&out, found);
    put_marks(&out, found.marks, at);
  }
  out.quotes = quotes != 0;
  *marks = out;
}

ALWAYS_INLINE bool count_lines(const uint8_t *bytes, size_t to, uint64_t *lines, size_t *end,
                               classify *classes, find_returns *returns)
{
  struct scan scan = at_record;
  uint64_t count = 0, last = 0;
  size_t last_at = 0;
  bool plain = true;
  for (size_t at = 0; at < to; at += 64) {
    const struct found found = step(&scan, bytes + at, to - at, classes, returns);
    plain = !found.odd;
    if (!plain)
      break;
    count += (uint64_t)__builtin_popcountll(found.ends);
    last_at = found.breaks ? at : last_at;
    last = found.breaks ? found.breaks : last;
  }
  *lines = count;
  *end = last ? last_at + 64 - (size_t)__builtin_clzll(last) : 0;
  return plain;
}

#define CSV_KERNELS(name, target, put_marks)                                                       \
  target static void find_marks_##name(const uint8_t *bytes, size_t from, size_t to,               \
                                       struct sk_csv_marks *marks)                                 \
  {                                                                                                \
    find_marks(bytes, from, to, marks, classes_##name, returns_##name, put_marks);                 \
  }                                                                                                \
  target static bool count_lines_##name(const uint8_t *bytes, size_t to, uint64_t *lines,          \
                                        size_t *end)                                               \
  {                                                                                                \
    return count_lines(bytes, to, lines, end, classes_##name, returns_##name);                     \
  }

CSV_KERNELS(scalar, , put_places)
#if defined(SK_ISA_X86)
CSV_KERNELS(sse2, , put_places)
CSV_KERNELS(avx2, CSV_AVX2, put_places_of_4)
#elif defined(SK_ISA_ARM)
CSV_KERNELS(neon, , put_places)
#endif

const struct sk_csv_kernels *sk_csv_kernels(enum sk_isa isa)
{
  static const struct sk_csv_kernels kernels[SK_ISA_COUNT] = {
    [SK_ISA_SCALAR] = {find_marks_scalar, count_lines_scalar},
#if defined(SK_ISA_X86)
    [SK_ISA_SSE2] = {find_marks_sse2, count_lines_sse2},
    [SK_ISA_AVX2] = {find_marks_avx2, count_lines_avx2},
    [SK_ISA_AVX512] = {find_marks_avx2, count_lines_avx2},
#elif defined(SK_ISA_ARM)
    [SK_ISA_NEON] = {find_marks_neon, count_lines_neon},
#endif
  };
  return sk_isa_present(isa) ? &kernels[isa] : NULL;
}

void sk_csv_find_marks(const uint8_t *bytes, size_t from, size_t to, struct sk_csv_marks *marks)
{
  sk_csv_kernels(sk_isa())->find_marks(bytes, from, to, marks);
}

/* ---- byte by byte ---------------------------------------------------------------------------- */

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

/* Line ends of bytes[from .. to), a \r\n as one, where no byte is inside of quotes; *end becomes
 * the place behind the last. */
static uint64_t plain_lines(const uint8_t *bytes, size_t from, size_t to, size_t length,
                            size_t *end)
{
  uint64_t lines = 0;
  for (size_t at = from; at < to; at++) {
    if (bytes[at] != '\n' && bytes[at] != '\r')
      continue;
    *end = at + 1;
    lines += bytes[at] == '\n' || at + 1 == length || bytes[at + 1] != '\n';
  }
  return lines;
}

/* As sk_csv_cut(), from a record's beginning on. */
static size_t careful_cut(const uint8_t *bytes, size_t at, size_t length, uint64_t *lines)
{
  size_t end = at;
  while (at < length) {
    const uint8_t *quote = memchr(bytes + at, '"', length - at);
    const size_t stop = quote ? (size_t)(quote - bytes) : length;
    *lines += plain_lines(bytes, at, stop, length, &end);
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

size_t sk_csv_cut(const uint8_t *bytes, size_t length, bool last, uint64_t *lines)
{
  size_t end = 0;
  if (!last && length && bytes[length - 1] == '\r')
    length--;
  if (sk_csv_kernels(sk_isa())->count_lines(bytes, length, lines, &end))
    return end;
  return careful_cut(bytes, end, length, lines);
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
