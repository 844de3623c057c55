/* SPDX-License-Identifier: Apache-2.0 */
/* Single pages: every encoding, both versions of levels. What is read in one go is read again in
 * other steps, with values passed over, and has to be the same. */
#include "fuzzing.h"

#include "parquet/page.h"
#include "parquet/page_stream.h"

#define MOST_VALUES 5000

struct values {
  uint8_t *bytes; /* of all values, a length of 4 bytes before each text */
  size_t length, capacity, count;
};

static void keep(struct values *values, const void *bytes, size_t length)
{
  if (values->length + length > values->capacity) {
    values->capacity = (values->length + length) * 2;
    values->bytes = realloc(values->bytes, values->capacity);
    MUST(values->bytes);
  }
  if (length)
    memcpy(values->bytes + values->length, bytes, length);
  values->length += length;
}

static shukei_status read_some(struct sk_page *page, size_t n, struct values *values)
{
  static struct sk_slice slices[SK_BLOCK];
  const size_t width = sk_value_width(page->column);
  shukei_error err;
  while (n) {
    const uint8_t *raw = NULL;
    size_t got = 0;
    const shukei_status st = width ? sk_page_fixed(page, n, &raw, &got, &err)
                                   : sk_page_texts(page, n, slices, &got, &err);
    if (st)
      return st;
    MUST(got > 0 && got <= n);
    for (size_t i = 0; i < got; i++) {
      if (!width)
        keep(values, &slices[i].length, sizeof slices[i].length);
      keep(values, width ? raw + i * width : slices[i].bytes, width ? width : slices[i].length);
    }
    n -= got;
    values->count += got;
  }
  return SHUKEI_OK;
}

static shukei_status read_codes(struct sk_page *page, size_t n, struct values *values)
{
  static uint32_t codes[SK_BLOCK];
  shukei_error err;
  const shukei_status st = sk_page_codes(page, n, 1000, codes, &err);
  for (size_t i = 0; !st && i < n; i++)
    MUST(codes[i] < 1000);
  if (!st)
    keep(values, codes, n * sizeof *codes);
  return st;
}

/* Reads the rows in steps; of the values before `from` none is kept. */
static shukei_status read_page(struct sk_page *page, size_t step, size_t from,
                               struct values *values)
{
  static uint8_t valid[SK_BLOCK];
  shukei_error err;
  for (size_t row = 0; row < page->rows;) {
    size_t present = 0, n = page->rows - row < step ? page->rows - row : step;
    shukei_status st = sk_page_levels(page, n, valid, &present, &err);
    MUST(st || present <= n);
    const bool skip = row + n <= from;
    if (!st && skip)
      st = sk_page_skip(page, present, &err);
    else if (!st && present)
      st = page->encoding == SK_ENCODING_RLE_DICTIONARY ? read_codes(page, present, values)
                                                        : read_some(page, present, values);
    if (st)
      return st;
    row += n;
  }
  return SHUKEI_OK;
}

static shukei_status load_and_read(const struct sk_column_meta *column,
                                   const struct sk_page_header *header, const uint8_t *body,
                                   size_t step, size_t from, struct values *values)
{
  struct sk_budget budget;
  struct sk_page page;
  shukei_error err;
  sk_budget_init(&budget, UINT64_C(64) << 20);
  sk_page_init(&page, column, &budget);
  shukei_status st = sk_page_load(&page, header, body, SK_CODEC_UNCOMPRESSED, NULL, &err);
  if (!st)
    st = read_page(&page, step, from, values);
  sk_page_reset(&page);
  MUST(budget.used_bytes == 0);
  return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const uint32_t kinds = take(&input, 2), rows = take(&input, 2) % MOST_VALUES;
  const struct sk_column_meta column = {.type = (enum sk_type)(kinds % 8),
                                        .type_length = (int32_t)(1 + kinds / 8 % 20),
                                        .max_definition = kinds >> 8 & 1};
  struct sk_page_header header = {.type = kinds >> 9 & 1 ? 3 : 0,
                                  .value_count = (int32_t)rows,
                                  .encoding = (int32_t)(kinds >> 10 & 15),
                                  .definition_encoding = kinds >> 14 & 1 ? 4 : 3};
  const size_t step = 1 + take(&input, 1) * 4 % SK_BLOCK, from = take(&input, 2) % MOST_VALUES;
  if (header.type == 3)
    header.definition_length = take(&input, 1);
  uint8_t *body = copy_of(input.at, rest(&input), SK_PAGE_PAD);
  header.stored_length = header.uncompressed_length = (uint32_t)rest(&input);
  struct values whole = {.count = 0}, parts = {.count = 0};
  const shukei_status all = load_and_read(&column, &header, body, SK_BLOCK, 0, &whole);
  const shukei_status some = load_and_read(&column, &header, body, step, from, &parts);
  if (!all && !some) { /* a page that is broken further on may be told earlier or later */
    MUST(parts.length <= whole.length);
    MUST(parts.length == 0 ||
         memcmp(whole.bytes + whole.length - parts.length, parts.bytes, parts.length) == 0);
  }
  free(whole.bytes);
  free(parts.bytes);
  free(body);
  return 0;
}
