/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a PageHeader. Its own length is not written anywhere, so a caller that has too few bytes
 * gets ETRUNC and comes back with more. Statistics inside are skipped. */
#include "parquet/page_header.h"

#include "parquet/thrift.h"

#include <string.h>

/* DataPageHeader, DictionaryPageHeader: 1 number of values, 2 encoding, 3 definition and
 * 4 repetition levels. */
static void read_v1(struct sk_thrift *t, const struct sk_thrift_field *field, bool data,
                    struct sk_page_header *h)
{
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return;
  while (sk_thrift_field(t, &f)) {
    if (f.id == 1)
      h->value_count = sk_thrift_i32(t, &f);
    else if (f.id == 2)
      h->encoding = sk_thrift_i32(t, &f);
    else if (f.id == 3 && data)
      h->definition_encoding = sk_thrift_i32(t, &f);
    else if (f.id == 4 && data)
      h->repetition_encoding = sk_thrift_i32(t, &f);
    else
      sk_thrift_skip(t, &f);
  }
}

static uint32_t length_field(struct sk_thrift *t, const struct sk_thrift_field *f)
{
  const int32_t length = sk_thrift_i32(t, f);
  if (length < 0)
    sk_thrift_fail(t, "negative length");
  return length < 0 ? 0 : (uint32_t)length;
}

static void read_v2(struct sk_thrift *t, const struct sk_thrift_field *field,
                    struct sk_page_header *h)
{
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return;
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      h->value_count = sk_thrift_i32(t, &f);
      break;
    case 4:
      h->encoding = sk_thrift_i32(t, &f);
      break;
    case 5:
      h->definition_length = length_field(t, &f);
      break;
    case 6:
      h->repetition_length = length_field(t, &f);
      break;
    case 7:
      h->compressed = sk_thrift_bool(t, &f);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
}

static void read_header(struct sk_thrift *t, struct sk_page_header *h, bool seen[9])
{
  struct sk_thrift_field f = {0};
  while (sk_thrift_field(t, &f)) {
    if (f.id > 0 && f.id < 9)
      seen[f.id] = true;
    switch (f.id) {
    case 1:
      h->type = sk_thrift_i32(t, &f);
      break;
    case 2:
      h->uncompressed_length = length_field(t, &f);
      break;
    case 3:
      h->stored_length = length_field(t, &f);
      break;
    case 4:
      h->crc = (uint32_t)sk_thrift_i32(t, &f);
      h->has_crc = true;
      break;
    case 5:
      read_v1(t, &f, true, h);
      break;
    case 7:
      read_v1(t, &f, false, h);
      break;
    case 8:
      read_v2(t, &f, h);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
}

shukei_status sk_page_header_parse(const void *bytes, size_t length, struct sk_page_header *out,
                                   shukei_error *err)
{
  struct sk_thrift t;
  bool seen[9] = {false};
  struct sk_page_header h = {.compressed = true, .value_count = -1, .encoding = -1};
  sk_thrift_init(&t, bytes, length);
  h.definition_encoding = h.repetition_encoding = SK_ENCODING_RLE;
  read_header(&t, &h, seen);
  h.header_length = (uint32_t)sk_thrift_position(&t);
  if (t.error)
    return sk_fail(err, t.truncated ? SHUKEI_ETRUNC : SHUKEI_EFORMAT,
                   "page header: %s at its byte %" PRIu32, t.error, h.header_length);
  if (!seen[1] || !seen[2] || !seen[3])
    return sk_fail(err, SHUKEI_EFORMAT, "page header: without type or sizes");
  const bool data = h.type == SK_PAGE_DATA || h.type == SK_PAGE_DATA_V2;
  const int need = h.type == SK_PAGE_DATA ? 5 : h.type == SK_PAGE_DATA_V2 ? 8 : 7;
  if ((data || h.type == SK_PAGE_DICTIONARY) && !seen[need])
    return sk_fail(err, SHUKEI_EFORMAT, "page header: type %" PRId32 " without its own header",
                   h.type);
  if ((data || h.type == SK_PAGE_DICTIONARY) && h.value_count < 0)
    return sk_fail(err, SHUKEI_EFORMAT, "page header: %" PRId32 " values", h.value_count);
  *out = h;
  return SHUKEI_OK;
}
