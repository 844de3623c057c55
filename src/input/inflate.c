/* SPDX-License-Identifier: Apache-2.0 */
/* A code of at most MAIN_BITS bits is found by one look into a table that the next bits of the
 * input are the index of; a longer one by a second look into a subtable. An entry says all that
 * there is to do: the byte, or the base of the length or distance with the number of bits that add
 * to it. Bits are kept in a 64-bit word that is filled up without a loop; after that, three bytes
 * and a code, or a distance, need no further check.
 *
 * Every call looks ahead far enough that neither a header (at most 286 + 30 code lengths of at most
 * 14 bits, and 20 bytes) nor a round of the loop can run out of input.
 *
 * What is corrupt is what zlib takes for corrupt: tests compare the two. */
#include "input/inflate.h"
#include "base/bytes.h"

#define MOST_BITS 15
#define MAIN_SYMBOLS 288
#define FAR_SYMBOLS 32
#define LENGTH_SYMBOLS 19
#define LONGEST_MATCH 258

/* An entry: bits 0-7 how many bits to take in all, 8-11 how many of them are the code, 16-30 the
 * value. */
#define E_LITERAL UINT32_C(0x80000000)
#define E_OTHER                                                                                    \
  UINT32_C(0x8000) /* none of a literal, length or distance: one of those below, or no code */
#define E_SUBTABLE UINT32_C(0x4000) /* its place is the value; bits 8-11 how many bits index it */
#define E_END UINT32_C(0x2000)

void sk_inflate_begin(struct sk_inflate *inflate)
{
  inflate->in.word = 0;
  inflate->in.count = 0;
  inflate->state = SK_INFLATE_HEADER;
  inflate->last = false;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static uint32_t main_value(unsigned symbol)
{
  static const uint16_t bases[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                   31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t extras[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  if (symbol < 256)
    return E_LITERAL | symbol << 16;
  if (symbol == 256)
    return E_OTHER | E_END;
  if (symbol > 285)
    return E_OTHER;
  return (uint32_t)bases[symbol - 257] << 16 | extras[symbol - 257];
}

static uint32_t far_value(unsigned symbol)
{
  if (symbol > 29)
    return E_OTHER;
  const uint32_t extra = symbol < 2 ? 0 : symbol / 2 - 1;
  const uint32_t base = symbol < 2 ? symbol + 1 : ((2 + symbol % 2) << extra) + 1;
  return base << 16 | extra;
}

static uint32_t length_value(unsigned symbol)
{
  return symbol << 16;
}

static uint32_t reversed(uint32_t code, unsigned bits)
{
  uint32_t out = 0;
  for (; bits; bits--, code >>= 1)
    out = out << 1 | (code & 1);
  return out;
}

/* How many bits index the subtable that begins with a code of `length` bits: so many that the codes
 * left with its prefix fill it. */
static unsigned subtable_bits(const uint16_t counts[MOST_BITS + 1], unsigned length,
                              unsigned table_bits)
{
  unsigned bits = length - table_bits;
  int32_t left = INT32_C(1) << bits;
  for (; length < MOST_BITS; length++, bits++) {
    left -= counts[length];
    if (left <= 0)
      break;
    left <<= 1;
  }
  return bits;
}

/* Checks a set of code lengths: false where codes collide, or bit patterns are left without a code
 * -- but for a single code of one bit, and for none at all where that is allowed. */
static bool complete(const uint16_t counts[MOST_BITS + 1], bool may_lack)
{
  int32_t left = 1;
  unsigned longest = 0;
  for (unsigned length = 1; length <= MOST_BITS; length++) {
    left = left * 2 - counts[length];
    if (left < 0)
      return false;
    if (counts[length])
      longest = length;
  }
  return left == 0 || (may_lack && longest <= 1);
}

/* Fills a table from the code lengths of its symbols; false where they make no code. */
static bool build(uint32_t *table, size_t room, unsigned table_bits, const uint8_t *lengths,
                  unsigned symbols, bool may_lack, uint32_t (*value_of)(unsigned symbol))
{
  uint16_t counts[MOST_BITS + 1] = {0}, first[MOST_BITS + 2] = {0}, left[MOST_BITS + 1];
  uint16_t sorted[MAIN_SYMBOLS];
  for (unsigned i = 0; i < symbols; i++)
    counts[lengths[i]]++;
  counts[0] = 0;
  if (!complete(counts, may_lack))
    return false;
  for (unsigned length = 1; length <= MOST_BITS; length++)
    first[length + 1] = (uint16_t)(first[length] + counts[length]);
  for (unsigned i = 0; i < symbols; i++)
    if (lengths[i])
      sorted[first[lengths[i]]++] = (uint16_t)i;
  memcpy(left, counts, sizeof left);
  const uint32_t size = UINT32_C(1) << table_bits;
  for (uint32_t i = 0; i < size; i++)
    table[i] = E_OTHER | 1; /* a pattern that is no code */
  uint32_t code = 0, used = size, prefix = UINT32_MAX, sub_at = 0, sub_bits = 0;
  for (unsigned length = 1, n = 0; length <= MOST_BITS; length++, code <<= 1) {
    for (unsigned k = 0; k < counts[length]; k++, code++, left[length]--) {
      const uint32_t bits = reversed(code, length);
      const uint32_t value = value_of(sorted[n++]);
      if (length <= table_bits) {
        const uint32_t entry = value + (length << 8 | length);
        for (uint32_t at = bits; at < size; at += UINT32_C(1) << length)
          table[at] = entry;
        continue;
      }
      if ((bits & (size - 1)) != prefix) {
        prefix = bits & (size - 1);
        sub_bits = subtable_bits(left, length, table_bits);
        sub_at = used;
        used += UINT32_C(1) << sub_bits;
        if (used > room)
          return false;
        table[prefix] = E_OTHER | E_SUBTABLE | sub_at << 16 | sub_bits << 8 | table_bits;
      }
      const unsigned rest = length - table_bits;
      for (uint32_t at = bits >> table_bits; at < UINT32_C(1) << sub_bits;
           at += UINT32_C(1) << rest)
        table[sub_at + at] = value + (rest << 8 | rest);
    }
  }
  return true;
}

static void use_fixed_codes(struct sk_inflate *inflate)
{
  uint8_t lengths[MAIN_SYMBOLS];
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 112);
  memset(lengths + 256, 7, 24);
  memset(lengths + 280, 8, 8);
  build(inflate->main, SK_INFLATE_MAIN_ENTRIES, SK_INFLATE_MAIN_BITS, lengths, MAIN_SYMBOLS, false,
        main_value);
  memset(lengths, 5, FAR_SYMBOLS);
  build(inflate->far, SK_INFLATE_FAR_ENTRIES, SK_INFLATE_FAR_BITS, lengths, FAR_SYMBOLS, false,
        far_value);
}

/* ---- headers --------------------------------------------------------------------------------- */

/* Makes the word hold at least 56 bits. */
static inline void fill(struct sk_inflate_bits *in)
{
  in->word |= sk_le64(in->next) << in->count;
  in->next += (63 - in->count) >> 3;
  in->count |= 56;
}

static inline uint32_t take(struct sk_inflate_bits *in, unsigned bits)
{
  const uint32_t value = (uint32_t)(in->word & ((UINT64_C(1) << bits) - 1));
  in->word >>= bits;
  in->count -= bits;
  return value;
}

/* Gives whole bytes of the word back to the input. */
static void give_back(struct sk_inflate_bits *in)
{
  in->next -= in->count >> 3;
  in->count &= 7;
  in->word &= (UINT64_C(1) << in->count) - 1;
}

/* The code lengths of both tables, themselves in code. */
static bool read_lengths(struct sk_inflate_bits *in, const uint32_t *table, uint8_t *lengths,
                         unsigned count)
{
  for (unsigned n = 0; n < count;) {
    fill(in);
    const uint32_t entry = table[in->word & 127];
    if (entry & E_OTHER)
      return false;
    take(in, entry & 0xff);
    const unsigned symbol = entry >> 16;
    if (symbol < 16) {
      lengths[n++] = (uint8_t)symbol;
      continue;
    }
    if (symbol == 16 && n == 0)
      return false;
    const uint8_t again = symbol == 16 ? lengths[n - 1] : 0;
    const unsigned times = symbol == 16   ? 3 + take(in, 2)
                           : symbol == 17 ? 3 + take(in, 3)
                                          : 11 + take(in, 7);
    if (times > count - n)
      return false;
    memset(lengths + n, again, times);
    n += times;
  }
  return true;
}

static bool read_codes(struct sk_inflate *inflate)
{
  static const uint8_t order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[MAIN_SYMBOLS + FAR_SYMBOLS] = {0}, own[LENGTH_SYMBOLS] = {0};
  uint32_t table[128];
  struct sk_inflate_bits *in = &inflate->in;
  const unsigned mains = 257 + take(in, 5), fars = 1 + take(in, 5);
  const unsigned given = 4 + take(in, 4);
  if (mains > 286 || fars > 30)
    return false;
  for (unsigned i = 0; i < given; i++) {
    fill(in);
    own[order[i]] = (uint8_t)take(in, 3);
  }
  return build(table, 128, 7, own, LENGTH_SYMBOLS, false, length_value) &&
         read_lengths(in, table, lengths, mains + fars) && lengths[256] != 0 &&
         build(inflate->main, SK_INFLATE_MAIN_ENTRIES, SK_INFLATE_MAIN_BITS, lengths, mains, true,
               main_value) &&
         build(inflate->far, SK_INFLATE_FAR_ENTRIES, SK_INFLATE_FAR_BITS, lengths + mains, fars,
               true, far_value);
}

/* The header of a block. */
static bool read_header(struct sk_inflate *inflate)
{
  struct sk_inflate_bits *in = &inflate->in;
  fill(in);
  inflate->last = take(in, 1);
  const uint32_t kind = take(in, 2);
  inflate->state = SK_INFLATE_CODES;
  if (kind == 1)
    use_fixed_codes(inflate);
  if (kind != 0)
    return kind == 1 || (kind == 2 && read_codes(inflate));
  give_back(in);
  in->word = in->count = 0; /* what is left of the byte */
  inflate->stored = sk_le16(in->next);
  const uint32_t check = sk_le16(in->next + 2);
  in->next += 4;
  inflate->state = SK_INFLATE_STORED;
  return (inflate->stored ^ check) == 0xffff;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* length bytes from `distance` before; writes up to 32 more. */
static inline void copy_match(uint8_t *out, size_t distance, size_t length)
{
  const uint8_t *from = out - distance, *end = out + length;
  if (distance >= 32) {
    do {
      memcpy(out, from, 32);
      out += 32;
      from += 32;
    } while (out < end);
  } else if (distance >= 8) {
    do {
      memcpy(out, from, 8);
      out += 8;
      from += 8;
    } while (out < end);
  } else if (distance == 1) {
    memset(out, *from, length);
  } else {
    do
      *out++ = *from++;
    while (out < end);
  }
}

/* The value of a length or distance: its base and what the bits behind the code add to it. */
static inline uint32_t value_of(uint32_t entry, uint64_t word)
{
  const uint64_t taken = word & ((UINT64_C(1) << (entry & 0xff)) - 1);
  return (entry >> 16) + (uint32_t)(taken >> (entry >> 8 & 15));
}

static enum sk_inflate_result run_codes(struct sk_inflate *inflate, const uint8_t *floor,
                                        uint8_t **out_at, const uint8_t *limit,
                                        const uint8_t *last_in)
{
  const uint32_t *main = inflate->main, *far = inflate->far;
  const uint32_t main_mask = (1u << SK_INFLATE_MAIN_BITS) - 1;
  const uint32_t far_mask = (1u << SK_INFLATE_FAR_BITS) - 1;
  struct sk_inflate_bits in = inflate->in; /* registers, as stores to out cannot alias it */
  uint8_t *out = *out_at;
  enum sk_inflate_result result = SK_INFLATE_OUTPUT;
  while (out < limit) {
    if (in.next > last_in) {
      result = SK_INFLATE_INPUT;
      break;
    }
    fill(&in);
    uint32_t entry = main[in.word & main_mask];
    if (entry & E_LITERAL) { /* up to three of at most 11 bits */
      take(&in, entry & 0xff);
      *out++ = (uint8_t)(entry >> 16);
      entry = main[in.word & main_mask];
      if (entry & E_LITERAL) {
        take(&in, entry & 0xff);
        *out++ = (uint8_t)(entry >> 16);
        entry = main[in.word & main_mask];
        if (entry & E_LITERAL) {
          take(&in, entry & 0xff);
          *out++ = (uint8_t)(entry >> 16);
          continue;
        }
      }
    }
    if (entry & E_OTHER) {
      if (entry & E_SUBTABLE) {
        take(&in, SK_INFLATE_MAIN_BITS);
        entry = main[(entry >> 16) + (in.word & ((1u << (entry >> 8 & 15)) - 1))];
      }
      if (entry & E_LITERAL) {
        take(&in, entry & 0xff);
        *out++ = (uint8_t)(entry >> 16);
        continue;
      }
      if (entry & E_OTHER) {
        take(&in, entry & 0xff);
        result = entry & E_END ? SK_INFLATE_END : SK_INFLATE_CORRUPT;
        break;
      }
    }
    const uint32_t length = value_of(entry, in.word);
    take(&in, entry & 0xff);
    fill(&in);
    entry = far[in.word & far_mask];
    if (entry & E_OTHER) {
      if (entry & E_SUBTABLE) {
        take(&in, SK_INFLATE_FAR_BITS);
        entry = far[(entry >> 16) + (in.word & ((1u << (entry >> 8 & 15)) - 1))];
      }
      if (entry & E_OTHER) {
        result = SK_INFLATE_CORRUPT;
        break;
      }
    }
    const uint32_t distance = value_of(entry, in.word);
    take(&in, entry & 0xff);
    if (distance > (size_t)(out - floor)) {
      result = SK_INFLATE_CORRUPT;
      break;
    }
    copy_match(out, distance, length);
    out += length;
  }
  inflate->in = in;
  *out_at = out;
  return result;
}

static enum sk_inflate_result run_stored(struct sk_inflate *inflate, uint8_t **out,
                                         const uint8_t *limit)
{
  struct sk_inflate_bits *in = &inflate->in;
  const ptrdiff_t there = inflate->end_in - in->next;
  size_t bytes = inflate->stored;
  if (bytes > (size_t)(limit - *out))
    bytes = (size_t)(limit - *out);
  if (there < 0 || bytes > (size_t)there)
    bytes = there < 0 ? 0 : (size_t)there;
  memcpy(*out, in->next, bytes);
  *out += bytes;
  in->next += bytes;
  inflate->stored -= (uint32_t)bytes;
  if (inflate->stored == 0)
    return SK_INFLATE_END;
  return *out == limit ? SK_INFLATE_OUTPUT : SK_INFLATE_INPUT;
}

static enum sk_inflate_result run(struct sk_inflate *inflate, const uint8_t *floor, uint8_t **out,
                                  const uint8_t *limit, bool dry)
{
  for (;;) {
    enum sk_inflate_result result = SK_INFLATE_END;
    const ptrdiff_t there = inflate->end_in - inflate->in.next;
    if (*out >= limit)
      return SK_INFLATE_OUTPUT;
    if (inflate->state == SK_INFLATE_STORED) {
      result = run_stored(inflate, out, limit);
    } else if (dry ? there < -8 : there < (ptrdiff_t)SK_INFLATE_AHEAD) {
      return SK_INFLATE_INPUT; /* -8: up to 7 bytes of what is there are in the word */
    } else if (inflate->state == SK_INFLATE_HEADER) {
      if (!read_header(inflate))
        return SK_INFLATE_CORRUPT;
      continue;
    } else {
      const uint8_t *last_in = dry ? inflate->end_in + 8 : inflate->end_in - SK_INFLATE_AHEAD;
      result = run_codes(inflate, floor, out, limit, last_in);
    }
    if (result != SK_INFLATE_END)
      return result;
    inflate->state = SK_INFLATE_HEADER;
    if (inflate->last)
      return SK_INFLATE_END;
  }
}

enum sk_inflate_result sk_inflate_run(struct sk_inflate *inflate, const uint8_t *floor,
                                      uint8_t **out, const uint8_t *limit, bool dry)
{
  const enum sk_inflate_result result = run(inflate, floor, out, limit, dry);
  give_back(&inflate->in);
  return result;
}
