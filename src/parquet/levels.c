/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of any height. Those of flat columns, 0 and 1, have a faster way of their own in
 * page_values.c. */
#include "parquet/levels.h"

#include "base/bytes.h"
#include "parquet/meta.h"

static unsigned bits_of(unsigned highest)
{
  unsigned bits = 0;
  for (; highest; highest >>= 1)
    bits++;
  return bits;
}

shukei_status sk_levels_open_v1(struct sk_levels *levels, const char *what, uint16_t highest,
                                int32_t encoding, uint32_t count, const uint8_t **at,
                                const uint8_t *end, shukei_error *err)
{
  const size_t room = (size_t)(end - *at);
  *levels = (struct sk_levels){.what = what, .highest = highest};
  if (highest == 0)
    return SHUKEI_OK;
  if (encoding == SK_ENCODING_BIT_PACKED) {
    const size_t length = ((size_t)count * bits_of(highest) + 7) / 8;
    if (length > room)
      return sk_fail(err, SHUKEI_EFORMAT, "%s levels of %zu bytes in a page of %zu", what, length,
                     room);
    levels->form = SK_LEVELS_BIT_PACKED;
    levels->bits = *at;
    *at += length;
    return SHUKEI_OK;
  }
  if (encoding != SK_ENCODING_RLE)
    return sk_fail(err, SHUKEI_EFORMAT, "%s levels with encoding %" PRId32, what, encoding);
  if (count == 0)
    return SHUKEI_OK;
  if (room < 4 || sk_le32(*at) > room - 4)
    return sk_fail(err, SHUKEI_EFORMAT, "%s levels of %" PRIu32 " bytes in a page of %zu", what,
                   room < 4 ? 0 : sk_le32(*at), room);
  const size_t length = sk_le32(*at);
  sk_levels_open_v2(levels, what, highest, *at + 4, length);
  *at += 4 + length;
  return SHUKEI_OK;
}

void sk_levels_open_v2(struct sk_levels *levels, const char *what, uint16_t highest,
                       const uint8_t *bytes, size_t length)
{
  *levels = (struct sk_levels){.what = what, .highest = highest};
  if (highest == 0)
    return;
  levels->form = SK_LEVELS_RLE;
  sk_rle_init(&levels->rle, bytes, length, bits_of(highest));
}

/* Most significant bit first, unlike everything else. */
static void read_bits(struct sk_levels *levels, size_t n, uint32_t *out)
{
  const unsigned width = bits_of(levels->highest);
  uint64_t bit = levels->index * width;
  for (size_t i = 0; i < n; i++) {
    out[i] = 0;
    for (unsigned k = 0; k < width; k++, bit++)
      out[i] = out[i] << 1 | ((uint32_t)levels->bits[bit / 8] >> (7 - bit % 8) & 1u);
  }
  levels->index += n;
}

shukei_status sk_levels_read(struct sk_levels *levels, size_t n, uint16_t *out, shukei_error *err)
{
  uint32_t wide[SK_LEVELS_BLOCK];
  if (levels->form == SK_LEVELS_NONE) {
    memset(out, 0, n * sizeof *out);
    return SHUKEI_OK;
  }
  if (levels->form == SK_LEVELS_BIT_PACKED)
    read_bits(levels, n, wide);
  else if (!sk_rle_read(&levels->rle, wide, n))
    return sk_fail(err, SHUKEI_EFORMAT, "the %s levels end too early", levels->what);
  for (size_t i = 0; i < n; i++) {
    if (wide[i] > levels->highest)
      return sk_fail(err, SHUKEI_EFORMAT, "%s level %" PRIu32 ", the highest is %u", levels->what,
                     wide[i], (unsigned)levels->highest);
    out[i] = (uint16_t)wide[i];
  }
  return SHUKEI_OK;
}
