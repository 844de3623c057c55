/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of an open page. Those that lie in it whole are given where they lie.
 *
 * A text of DELTA_BYTE_ARRAY is the first bytes of the one before it and a suffix, so it has to be
 * put together. The texts of a call are built one behind the other in a buffer, each beginning as a
 * copy of a part of its predecessor, and the next call begins with the last of them moved to the
 * front. A few bytes of a page can stand for long texts: what a call gives is cut to BUILT_BYTES,
 * or one text. The buffer then is no longer than that or twice the page's suffixes. */
#include "parquet/page.h"

#include "base/bytes.h"
#include "parquet/page_stream.h"

enum { BUILT_BYTES = 256 * 1024, AHEAD_BYTES = 1024 };

static shukei_status too_long(int64_t length, size_t room, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "a value of %" PRId64 " bytes, %zu are left in the page",
                 length, room);
}

static shukei_status plain_texts(struct sk_page *p, size_t n, struct sk_slice *slices,
                                 shukei_error *err)
{
  const uint8_t *at = p->at, *const end = p->end;
  for (size_t i = 0; i < n; i++) {
    if (end - at < 4)
      return sk_page_too_few(err);
    const uint32_t length = sk_le32(at);
    at += 4;
    if (length > (size_t)(end - at))
      return too_long(length, (size_t)(end - at), err);
    slices[i] = (struct sk_slice){at, length};
    at += length;
    __builtin_prefetch(at + AHEAD_BYTES); /* each length tells where the next one lies */
  }
  p->at = at;
  return SHUKEI_OK;
}

/* The next n lengths, each checked against what is left of the page. */
static shukei_status read_lengths(struct sk_page *p, size_t n, int64_t *lengths, shukei_error *err)
{
  size_t room = (size_t)(p->end - p->at);
  const char *wrong = sk_delta_read(&p->lengths, lengths, n);
  if (wrong)
    return sk_fail(err, SHUKEI_EFORMAT, "%s", wrong);
  for (size_t i = 0; i < n; i++) {
    lengths[i] = (int32_t)(uint32_t)(uint64_t)lengths[i]; /* sums of 32 bits wrap around */
    if (lengths[i] < 0 || (uint64_t)lengths[i] > room)
      return too_long(lengths[i], room, err);
    room -= (size_t)lengths[i];
  }
  return SHUKEI_OK;
}

static shukei_status delta_length_texts(struct sk_page *p, size_t n, struct sk_slice *slices,
                                        shukei_error *err)
{
  int64_t lengths[SK_BLOCK];
  const shukei_status st = read_lengths(p, n, lengths, err);
  if (st)
    return st;
  const uint8_t *at = p->at;
  for (size_t i = 0; i < n; i++) {
    slices[i] = (struct sk_slice){at, (uint32_t)lengths[i]};
    at += lengths[i];
  }
  p->at = at;
  return SHUKEI_OK;
}

/* ---- DELTA_BYTE_ARRAY ---- */

/* Lengths of the next texts of a page. */
struct affixes {
  int64_t prefixes[SK_BLOCK], suffixes[SK_BLOCK];
};

static shukei_status read_affixes(struct sk_page *p, size_t n, struct affixes *affixes,
                                  shukei_error *err)
{
  const char *wrong = sk_delta_read(&p->delta, affixes->prefixes, n);
  return wrong ? sk_fail(err, SHUKEI_EFORMAT, "%s", wrong)
               : read_lengths(p, n, affixes->suffixes, err);
}

/* How many of n texts are built at once, and how long they are together. */
static shukei_status measure(const struct sk_page *p, size_t n, struct affixes *affixes,
                             size_t *fitting, size_t *bytes, shukei_error *err)
{
  size_t before = p->text_length, sum = 0, i = 0;
  for (; i < n; i++) {
    const int64_t prefix = (int32_t)(uint32_t)(uint64_t)affixes->prefixes[i];
    if (prefix < 0 || (uint64_t)prefix > before)
      return sk_fail(err, SHUKEI_EFORMAT,
                     "a prefix of %" PRId64 " bytes, the value before it has %zu", prefix, before);
    affixes->prefixes[i] = prefix;
    before = (size_t)prefix + (size_t)affixes->suffixes[i];
    if (before > UINT32_MAX / 2)
      return sk_fail(err, SHUKEI_EFORMAT, "a value of %zu bytes", before);
    if (i && sum + before > BUILT_BYTES)
      break;
    sum += before;
  }
  *fitting = i;
  *bytes = sum;
  return SHUKEI_OK;
}

/* Moves the last text to the front, of a larger buffer where that is needed. */
static shukei_status make_room(struct sk_page *p, size_t bytes, shukei_error *err)
{
  const size_t want = p->text_length + bytes + SK_PAGE_PAD;
  if (want <= p->text_capacity) {
    if (p->text_length)
      memmove(p->text, p->text + p->text_at, p->text_length);
    p->text_at = 0;
    return SHUKEI_OK;
  }
  const size_t capacity = want + want / 4;
  uint8_t *text = sk_alloc(p->budget, capacity);
  if (!text)
    return sk_fail_memory(err, p->budget, capacity, "values of a page");
  if (p->text_length)
    memcpy(text, p->text + p->text_at, p->text_length);
  sk_free(p->text);
  p->text = text;
  p->text_capacity = capacity;
  p->text_at = 0;
  return SHUKEI_OK;
}

/* Copies 16 bytes at a time, reading and writing up to 15 behind the last one. */
static inline void copy_over(uint8_t *to, const uint8_t *from, size_t length)
{
  for (size_t i = 0; i < length; i += 16) {
    uint8_t bytes[16];
    memcpy(bytes, from + i, sizeof bytes);
    memcpy(to + i, bytes, sizeof bytes);
  }
}

static void build(struct sk_page *p, size_t n, const struct affixes *affixes,
                  struct sk_slice *slices)
{
  const uint8_t *suffix = p->at, *before = p->text + p->text_at;
  uint8_t *out = p->text + p->text_at + p->text_length;
  for (size_t i = 0; i < n; i++) {
    const size_t prefix = (size_t)affixes->prefixes[i], rest = (size_t)affixes->suffixes[i];
    copy_over(out, before, prefix); /* which ends where `out` begins, or before */
    copy_over(out + prefix, suffix, rest);
    slices[i] = (struct sk_slice){out, (uint32_t)(prefix + rest)};
    before = out;
    suffix += rest;
    out += prefix + rest;
  }
  p->at = suffix;
  p->text_at = (size_t)(before - p->text);
  p->text_length = (size_t)(out - before);
}

static shukei_status delta_texts(struct sk_page *p, size_t n, struct sk_slice *slices, size_t *got,
                                 shukei_error *err)
{
  struct affixes affixes;
  const struct sk_delta delta = p->delta, lengths = p->lengths;
  size_t bytes = 0;
  shukei_status st = read_affixes(p, n, &affixes, err);
  if (!st)
    st = measure(p, n, &affixes, got, &bytes, err);
  if (!st && *got < n) { /* the others another time */
    p->delta = delta;
    p->lengths = lengths;
    sk_delta_skip(&p->delta, *got);
    sk_delta_skip(&p->lengths, *got);
  }
  if (!st)
    st = make_room(p, bytes, err);
  if (!st)
    build(p, *got, &affixes, slices);
  return st;
}

bool sk_page_lacks_text(const struct sk_page *page)
{
  struct sk_delta prefixes = page->delta;
  int64_t first = 0;
  return page->encoding == SK_ENCODING_DELTA_BYTE_ARRAY && !sk_delta_read(&prefixes, &first, 1) &&
         first > (int64_t)page->text_length;
}

shukei_status sk_page_texts(struct sk_page *page, size_t n, struct sk_slice *slices, size_t *got,
                            shukei_error *err)
{
  *got = n;
  switch (page->encoding) {
  case SK_ENCODING_PLAIN:
    return plain_texts(page, n, slices, err);
  case SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
    return delta_length_texts(page, n, slices, err);
  default:
    return delta_texts(page, n, slices, got, err);
  }
}
