/* SPDX-License-Identifier: Apache-2.0 */
/* Taking levels and values out of an open page. Each call moves one decoder on by n values and
 * checks that the page's bytes hold them; PLAIN numbers are given where they lie, without a copy.
 * Texts are page_texts.c. */
#include "parquet/page.h"

#include "base/bytes.h"
#include "base/masks.h"
#include "parquet/stream_join.h"

shukei_status sk_page_too_few(shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "the page's values end too early");
}

static shukei_status bit_packed_levels(struct sk_page *p, size_t n, uint8_t *valid, size_t *present)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++) { /* most significant bit first, unlike everything else */
    const size_t bit = p->rows_done + i;
    valid[i] = p->definition.bits[bit / 8] >> (7 - bit % 8) & 1;
    count += valid[i];
  }
  *present = count;
  return SHUKEI_OK;
}

/* The bits of a byte as bytes 0 and 1: each lane keeps a bit of its own, and what it lacks to 0x80
 * is added, which a lane of 0 does not reach. */
static uint64_t bytes_of_bits(uint8_t byte)
{
  const uint64_t kept = (byte * SK_ONES) & UINT64_C(0x8040201008040201);
  return ((kept + UINT64_C(0x00406070787c7e7f)) & SK_TOPS) >> 7;
}

/* n bits from bit `index` on as bytes 0 and 1; returns how many are 1. */
static size_t spread_bits(const uint8_t *bits, uint64_t index, size_t n, uint8_t *out)
{
  size_t i = 0, count = 0;
  for (; i < n && (index + i) % 8; i++)
    count += out[i] = bits[(index + i) / 8] >> (index + i) % 8 & 1;
  for (; i + 8 <= n; i += 8) {
    const uint64_t bytes = bytes_of_bits(bits[(index + i) / 8]);
    sk_put_le64(out + i, bytes);
    count += bytes * SK_ONES >> 56;
  }
  for (; i < n; i++)
    count += out[i] = bits[(index + i) / 8] >> (index + i) % 8 & 1;
  return count;
}

static shukei_status rle_levels(struct sk_rle *rle, size_t n, uint8_t *valid, size_t *present,
                                shukei_error *err)
{
  size_t count = 0, done = 0;
  while (done < n) {
    if (!sk_rle_run(rle))
      return sk_fail(err, SHUKEI_EFORMAT, "the definition levels end too early");
    const size_t k = rle->left < n - done ? (size_t)rle->left : n - done;
    if (rle->packed) {
      count += spread_bits(rle->bits, rle->index, k, valid + done);
      rle->index += k;
    } else {
      if (rle->value > 1)
        return sk_fail(err, SHUKEI_EFORMAT, "definition level %" PRIu32 ", the highest is 1",
                       rle->value);
      if (k < n || rle->value == 0)
        memset(valid + done, (int)rle->value, k);
      count += rle->value ? k : 0;
    }
    rle->left -= k;
    done += k;
  }
  *present = count;
  return SHUKEI_OK;
}

shukei_status sk_page_levels(struct sk_page *page, size_t n, uint8_t *valid, size_t *present,
                             shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (page->definition.form == SK_LEVELS_NONE)
    *present = n;
  else if (page->definition.form == SK_LEVELS_BIT_PACKED)
    st = bit_packed_levels(page, n, valid, present);
  else
    st = rle_levels(&page->definition.rle, n, valid, present, err);
  page->rows_done += (uint32_t)n;
  return st;
}

shukei_status sk_page_entries(struct sk_page *page, size_t n, uint16_t *repetition,
                              uint16_t *definition, size_t *present, shukei_error *err)
{
  size_t count = 0;
  shukei_status st = sk_levels_read(&page->repetition, n, repetition, err);
  if (!st)
    st = sk_levels_read(&page->definition, n, definition, err);
  for (size_t i = 0; !st && i < n; i++)
    count += definition[i] == page->column->max_definition;
  *present = count;
  page->rows_done += (uint32_t)n;
  return st;
}

static shukei_status codes_end(const struct sk_page *p, shukei_error *err)
{
  if (p->codes.packed && p->codes.width == 0)
    return sk_fail(err, SHUKEI_EFORMAT, "bit-packed dictionary codes with 0 bits each");
  return sk_fail(err, SHUKEI_EFORMAT, "the dictionary codes end too early");
}

static shukei_status code_too_high(const uint32_t *codes, size_t n, uint32_t limit,
                                   shukei_error *err)
{
  uint32_t highest = 0;
  for (size_t i = 0; i < n; i++)
    highest = codes[i] > highest ? codes[i] : highest;
  return sk_fail(err, SHUKEI_EFORMAT, "dictionary code %" PRIu32 " of a dictionary of %" PRIu32,
                 highest, limit);
}

/* Whether all are below limit, itself at most 2^31. A difference that is below 0, or a code that is
 * above 2^31, has its top bit set: SSE2 and NEON have these operations, but SSE2 no such
 * maximum. */
static bool all_below(const uint32_t *codes, size_t n, uint32_t limit)
{
  const uint32_t last = limit - 1;
  uint32_t wrong = limit ? 0 : UINT32_MAX;
  for (size_t i = 0; i < n; i++)
    wrong |= codes[i] | (last - codes[i]);
  return !(wrong >> 31);
}

shukei_status sk_page_code_run(struct sk_page *page, size_t n, uint32_t limit, uint32_t *codes,
                               size_t *got, bool *repeated, shukei_error *err)
{
  struct sk_rle *rle = &page->codes;
  if (!sk_rle_run(rle))
    return codes_end(page, err);
  *got = rle->left < n ? (size_t)rle->left : n;
  *repeated = !rle->packed;
  rle->left -= *got;
  if (rle->packed) {
    sk_unpack32(rle->bits, rle->index, rle->width, codes, *got);
    rle->index += *got;
  } else {
    codes[0] = rle->value;
  }
  const size_t checked = *repeated ? 1 : *got;
  return all_below(codes, checked, limit) ? SHUKEI_OK : code_too_high(codes, checked, limit, err);
}

shukei_status sk_page_codes(struct sk_page *page, size_t n, uint32_t limit, uint32_t *codes,
                            shukei_error *err)
{
  while (n) {
    size_t got = 0;
    bool repeated = false;
    const shukei_status st = sk_page_code_run(page, n, limit, codes, &got, &repeated, err);
    if (st)
      return st;
    for (size_t i = 1; repeated && i < got; i++)
      codes[i] = codes[0];
    codes += got;
    n -= got;
  }
  return SHUKEI_OK;
}

static shukei_status rle_booleans(struct sk_rle *rle, size_t n, uint8_t *out, shukei_error *err)
{
  while (n) {
    if (!sk_rle_run(rle))
      return sk_page_too_few(err);
    const size_t k = rle->left < n ? (size_t)rle->left : n;
    if (rle->packed)
      spread_bits(rle->bits, rle->index, k, out);
    else
      memset(out, rle->value != 0, k);
    rle->index += k; /* of a packed run; any other has none */
    rle->left -= k;
    out += k;
    n -= k;
  }
  return SHUKEI_OK;
}

static shukei_status booleans(struct sk_page *p, size_t n, shukei_error *err)
{
  if (p->encoding == SK_ENCODING_RLE)
    return rle_booleans(&p->codes, n, p->scratch, err);
  if (p->index + n > (uint64_t)(p->end - p->at) * 8)
    return sk_page_too_few(err);
  spread_bits(p->at, p->index, n, p->scratch);
  p->index += n;
  return SHUKEI_OK;
}

static shukei_status differences(struct sk_page *p, size_t n, shukei_error *err)
{
  int64_t narrow[SK_BLOCK];
  const bool wide = p->column->type == SK_TYPE_INT64;
  uint8_t *const restrict raw = p->scratch;
  int64_t *const values = wide ? (int64_t *)(void *)raw : narrow; /* aligned as sk_alloc() does */
  const char *wrong = sk_delta_read(&p->delta, values, n);
  if (wrong)
    return sk_fail(err, SHUKEI_EFORMAT, "%s", wrong);
  if (wide) {
    for (size_t i = 0; i < n && !sk_little_endian(); i++)
      sk_put_le64(&values[i], (uint64_t)values[i]);
    return SHUKEI_OK;
  }
  for (size_t i = 0; i < n; i++)
    sk_put_le32(raw + 4 * i, (uint32_t)narrow[i]);
  return SHUKEI_OK;
}

static shukei_status split_streams(struct sk_page *p, size_t n, size_t width, shukei_error *err)
{
  if (n > p->stride - p->index)
    return sk_page_too_few(err);
  sk_stream_join(p->at + p->index, p->stride, width, n, p->scratch);
  p->index += n;
  return SHUKEI_OK;
}

/* FIXED_LEN_BYTE_ARRAY by prefixes and suffixes. */
static shukei_status fixed_texts(struct sk_page *p, size_t n, size_t width, const uint8_t **raw,
                                 size_t *got, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  const shukei_status st = sk_page_texts(p, n, slices, got, err);
  if (st)
    return st;
  for (size_t i = 0; i < *got; i++)
    if (slices[i].length != width)
      return sk_fail(err, SHUKEI_EFORMAT, "a value of %" PRIu32 " bytes, expected %zu",
                     slices[i].length, width);
  *raw = slices[0].bytes; /* the others lie behind it */
  return SHUKEI_OK;
}

shukei_status sk_page_fixed(struct sk_page *page, size_t n, const uint8_t **raw, size_t *got,
                            shukei_error *err)
{
  const size_t width = sk_value_width(page->column);
  shukei_status st = SHUKEI_OK;
  if (page->encoding == SK_ENCODING_PLAIN && page->column->type != SK_TYPE_BOOLEAN) {
    if ((size_t)(page->end - page->at) / width < n)
      return sk_page_too_few(err);
    *raw = page->at;
    *got = n;
    page->at += n * width;
    return SHUKEI_OK;
  }
  if (page->encoding == SK_ENCODING_DELTA_BYTE_ARRAY)
    return fixed_texts(page, n, width, raw, got, err);
  if (page->scratch_capacity < width)
    return sk_page_too_few(err);
  if (page->scratch_capacity / width < n)
    n = page->scratch_capacity / width;
  if (page->column->type == SK_TYPE_BOOLEAN)
    st = booleans(page, n, err);
  else if (page->encoding == SK_ENCODING_DELTA_BINARY_PACKED)
    st = differences(page, n, err);
  else
    st = split_streams(page, n, width, err);
  *raw = page->scratch;
  *got = n;
  return st;
}

shukei_status sk_page_skip(struct sk_page *page, size_t n, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  const bool texts = sk_value_width(page->column) == 0;
  if (page->encoding == SK_ENCODING_RLE_DICTIONARY)
    return sk_rle_skip(&page->codes, n) ? SHUKEI_OK : codes_end(page, err);
  while (n) {
    const uint8_t *raw = NULL;
    size_t got = 0;
    const size_t k = n < SK_BLOCK ? n : SK_BLOCK;
    const shukei_status st =
        texts ? sk_page_texts(page, k, slices, &got, err) : sk_page_fixed(page, k, &raw, &got, err);
    if (st)
      return st;
    n -= got;
  }
  return SHUKEI_OK;
}
