/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/describe.h"

#include "base/text.h"
#include "parquet/cell.h"

const char *sk_repetition_name(enum sk_repetition repetition)
{
  return repetition == SK_REQUIRED   ? "required"
         : repetition == SK_OPTIONAL ? "optional"
                                     : "repeated";
}

void sk_describe_meaning(struct sk_buffer *out, const struct sk_column_meta *c)
{
  static const char *const units[] = {"MILLIS", "MICROS", "NANOS"};
  switch (c->logical) {
  case SK_LOGICAL_NONE:
    break;
  case SK_LOGICAL_DECIMAL:
    sk_buffer_printf(out, "DECIMAL(%" PRId32 ",%" PRId32 ")", c->precision, c->scale);
    break;
  case SK_LOGICAL_TIME:
  case SK_LOGICAL_TIMESTAMP:
    sk_buffer_printf(out, "%s(%s,%s)", sk_logical_name(c->logical), units[c->unit],
                     c->utc ? "UTC" : "local");
    break;
  case SK_LOGICAL_INTEGER:
    sk_buffer_printf(out, "%s(%u)", c->is_signed ? "INT" : "UINT", (unsigned)c->bit_width);
    break;
  default:
    sk_buffer_text(out, sk_logical_name(c->logical));
  }
}

void sk_describe_physical(struct sk_buffer *out, const struct sk_column_meta *c)
{
  sk_buffer_text(out, sk_type_name(c->type));
  if (c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY)
    sk_buffer_printf(out, "(%" PRId32 ")", c->type_length);
}

bool sk_has_dictionary(const struct sk_chunk_meta *chunk)
{
  return chunk->dictionary_page_offset > 0 ||
         (chunk->encodings &
          (1u << SK_ENCODING_PLAIN_DICTIONARY | 1u << SK_ENCODING_RLE_DICTIONARY)) != 0;
}

void sk_describe_encodings(struct sk_buffer *out, bool json, uint32_t encodings)
{
  bool first = true;
  for (unsigned i = 0; i < 32; i++) {
    if (!(encodings >> i & 1))
      continue;
    if (!first)
      sk_buffer_byte(out, ',');
    first = false;
    sk_buffer_printf(out, json ? "\"%s\"" : "%s", sk_encoding_name((enum sk_encoding)i));
  }
}

static bool is_control(char c)
{
  return (uint8_t)c < 0x20 || c == 0x7f;
}

void sk_describe_bound(struct sk_buffer *out, bool json, const struct sk_column_meta *c,
                       const uint8_t *bytes, uint32_t length)
{
  enum { SHOWN = 40 };
  struct sk_buffer text;
  sk_buffer_init(&text, out->budget, SIZE_MAX / 2);
  sk_value_text(&text, c, bytes, length);
  if (text.failed) {
    out->failed = true;
  } else if (json) {
    sk_json_quote(out, text.length ? (const char *)text.bytes : "", text.length);
  } else {
    size_t shown = text.length < SHOWN ? text.length : SHOWN;
    while (shown < text.length && shown && (text.bytes[shown] & 0xc0) == 0x80)
      shown--;
    for (size_t i = 0; i < shown; i++)
      sk_buffer_byte(out, is_control((char)text.bytes[i]) ? '?' : text.bytes[i]);
    if (shown < text.length)
      sk_buffer_text(out, "...");
  }
  sk_buffer_reset(&text);
}
