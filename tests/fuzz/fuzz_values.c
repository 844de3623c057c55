/* SPDX-License-Identifier: Apache-2.0 */
/* Values of every type as bytes, as text and as bounds: what is printed can be written in a
 * condition and is printed the same again; bounds never rule out what lies between them, nor texts
 * that were cut by the writer's rule. */
#include "fuzzing.h"

#include "parquet/bound.h"
#include "parquet/cell.h"
#include "parquet/literal.h"
#include "parquet/order.h"
#include "parquet/page.h"
#include "parquet/predicate.h"
#include "parquet/schema.h"
#include "parquet/values.h"

enum { VALUES = 3, MOST_BYTES = 300 };

static struct sk_column_meta take_column(struct input *input)
{
  static const uint8_t bits[] = {8, 16, 32, 64};
  struct sk_column_meta column = {.name = "c", .path = "c", .flat = true, .type_order = true};
  const uint32_t kind = take(input, 1), more = take(input, 1);
  column.type = (enum sk_type)(kind % 8);
  column.logical = (enum sk_logical)(more % (SK_LOGICAL_NULL + 1));
  column.type_length = (int32_t)(1 + kind / 8);
  column.unit = (enum sk_time_unit)(kind / 8 % 3);
  column.utc = kind & 128;
  column.is_signed = kind & 64;
  column.bit_width = bits[kind / 8 % 4];
  column.precision = (int32_t)(1 + more / 16);
  column.scale = (int32_t)(more / 16 % 8);
  return column;
}

static void print_and_write(const struct sk_column_meta *column, struct sk_slice value)
{
  struct sk_buffer text, again, bytes;
  bool exists = false;
  shukei_error err;
  sk_buffer_init(&text, NULL, SIZE_MAX / 2);
  sk_buffer_init(&again, NULL, SIZE_MAX / 2);
  sk_buffer_init(&bytes, NULL, SIZE_MAX / 2);
  sk_value_text(&text, column, value.bytes, value.length);
  sk_cell_write(&again, column, value.bytes, value.length);
  sk_json_write(&again, column, value.bytes, value.length);
  sk_buffer_clear(&again);
  sk_buffer_byte(&text, '\0');
  const char *const written = (const char *)text.bytes;
  if (strlen(written) + 1 == text.length &&
      !sk_literal_parse(column, written, &bytes, &exists, &err) && exists) {
    sk_value_text(&again, column, bytes.bytes, bytes.length);
    MUST(again.length + 1 == text.length && memcmp(again.bytes, written, again.length) == 0);
  }
  sk_buffer_reset(&text);
  sk_buffer_reset(&again);
  sk_buffer_reset(&bytes);
}

static bool is_below(const struct sk_column_meta *column, struct sk_slice a, struct sk_slice b,
                     bool *any_unordered)
{
  bool unordered = false;
  const int order = sk_value_compare(column, a.bytes, a.length, b.bytes, b.length, &unordered);
  *any_unordered |= unordered;
  return order < 0;
}

static void bound(const struct sk_column_meta *column, const struct sk_slice values[VALUES])
{
  bool unordered = false;
  struct sk_slice least = values[0], greatest = values[0], between = values[1];
  for (size_t i = 0; i < VALUES; i++) {
    if (is_below(column, values[i], least, &unordered))
      least = values[i];
    if (is_below(column, greatest, values[i], &unordered))
      greatest = values[i];
  }
  const struct sk_predicate predicate = {.meta = column, .values = &between, .count = 1};
  MUST(unordered || sk_predicate_accepts(&predicate, between.bytes, between.length));
  MUST(unordered || !sk_predicate_outside(&predicate, least, greatest));
  if (column->logical != SK_LOGICAL_STRING || column->type != SK_TYPE_BYTE_ARRAY)
    return;
  struct sk_bound low, high = {.length = 0};
  sk_bound_lower((const char *)least.bytes, least.length, &low);
  const bool has_high = sk_bound_upper((const char *)greatest.bytes, greatest.length, &high);
  MUST(!sk_predicate_outside(&predicate, (struct sk_slice){low.bytes, low.length},
                             has_high ? (struct sk_slice){high.bytes, high.length}
                                      : (struct sk_slice){NULL, 0}));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const struct sk_column_meta column = take_column(&input);
  const size_t width = sk_value_width(&column);
  struct sk_slice values[VALUES];
  uint8_t *copies[VALUES];
  for (size_t i = 0; i < VALUES; i++) {
    const size_t wanted = width ? width : take(&input, 1) % MOST_BYTES;
    const size_t there = rest(&input) < wanted ? rest(&input) : wanted;
    copies[i] = copy_of(input.at, there, wanted - there);
    values[i] = (struct sk_slice){copies[i], (uint32_t)(width ? width : there)};
    input.at += there;
  }
  if (sk_type_carries(&column, column.logical)) {
    for (size_t i = 0; i < VALUES; i++)
      print_and_write(&column, values[i]);
    if (sk_has_order(&column))
      bound(&column, values);
  }
  for (size_t i = 0; i < VALUES; i++)
    free(copies[i]);
  return 0;
}
