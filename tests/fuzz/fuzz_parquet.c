/* SPDX-License-Identifier: Apache-2.0 */
/* Whole Parquet files: all rows as CSV and what inspect tells, within a budget. Bytes are changed by the
 * parts that a file has: the footer, with its length put right, or a page. */
#include "fuzzing.h"

#include "base/bytes.h"
#include "parquet/parquet.h"

#define TAIL 8 /* length of the footer, magic number */
#define BUDGET_BYTES (UINT64_C(64) << 20)

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);

static bool count(void *context, const void *bytes, size_t length)
{
  (void)bytes;
  *(size_t *)context += length;
  return true;
}

static void read_all(struct sk_file *file, struct sk_budget *budget)
{
  struct sk_buffer text;
  size_t written = 0;
  shukei_error err = {.status = SHUKEI_OK};
  const struct sk_meta *meta = sk_file_meta(file);
  sk_buffer_init(&text, budget, UINT64_C(16) << 20);
  uint64_t findings = 0;
  for (int json = 0; json < 2; json++) {
    const struct sk_inspect_options options = {json, true, true};
    const shukei_status st = sk_parquet_inspect(file, &options, budget, &text, &findings, &err);
    MUST(!st || st == SHUKEI_ENOMEM);
    sk_buffer_clear(&text);
  }
  sk_buffer_reset(&text);
  for (int nested = 0; nested < 2; nested++) {
    const shukei_status st =
        sk_parquet_cat(file, NULL, 0, nested, 10000, count, &written, budget, &err);
    MUST(!st || err.text[0]);
  }
  for (uint32_t g = 0; g < meta->group_count && g < 4; g++)
    for (uint32_t i = 0; i < meta->column_count && i < 8; i++) {
      int64_t min = 0, max = 0;
      sk_file_time_range(file, g, (int)i, &min, &max);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct sk_budget budget;
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  shukei_error err = {.status = SHUKEI_OK};
  uint8_t *exact = copy_of(bytes, length, 0);
  sk_budget_init(&budget, BUDGET_BYTES);
  MUST(!sk_object_from_bytes("f.parquet", exact, length, &object, &err));
  const shukei_status st = sk_file_open(object, &budget, &file, &err);
  MUST(!st || err.text[0]);
  if (!st)
    read_all(file, &budget);
  sk_file_close(file);
  sk_object_close(object);
  MUST(budget.used_bytes == 0);
  free(exact);
  return 0;
}

/* Where the footer begins; `length` where there is none. */
static size_t footer_of(const uint8_t *bytes, size_t length)
{
  if (length < 4 + TAIL || memcmp(bytes + length - 4, "PAR1", 4) != 0)
    return length;
  const uint32_t footer = sk_le32(bytes + length - TAIL);
  return footer <= length - 4 - TAIL ? length - TAIL - footer : length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
  const size_t footer = footer_of(bytes, length);
  if (footer == length || most < length + 64)
    return LLVMFuzzerMutate(bytes, length, most);
  const size_t footer_length = length - TAIL - footer;
  if (seed % 3 == 0 && footer > 4) { /* pages: nothing moves, so that offsets hold */
    const size_t at = 4 + seed / 3 % (footer - 4);
    const size_t part = footer - at < 64 ? footer - at : 64;
    LLVMFuzzerMutate(bytes + at, part, part);
    return length;
  }
  uint8_t *changed = malloc(footer_length + 64);
  MUST(changed);
  memcpy(changed, bytes + footer, footer_length);
  const size_t now = LLVMFuzzerMutate(changed, footer_length, footer_length + 64);
  memcpy(bytes + footer, changed, now);
  free(changed);
  sk_put_le32(bytes + footer + now, (uint32_t)now);
  memcpy(bytes + footer + now + 4, "PAR1", 4);
  return footer + now + TAIL;
}
