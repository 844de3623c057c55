/* SPDX-License-Identifier: Apache-2.0 */
/* Whole Parquet files: all rows as CSV and what inspect tells, within a budget. */
#include "mutating.h"

#include "parquet/parquet.h"

#define BUDGET_BYTES (UINT64_C(64) << 20)

static bool count(void *context, const void *bytes, size_t length)
{
  (void)bytes;
  *(size_t *)context += length;
  return true;
}

/* Rows with a value in one of the columns: bounds, indexes and Bloom filters are looked at,
 * whatever they say. */
static void read_some(struct sk_file *file, size_t number, struct sk_budget *budget)
{
  static const char *const values[] = {"1", "a", "2025-10-01", "true", ""};
  const struct sk_meta *meta = sk_file_meta(file);
  for (size_t v = 0; v < sizeof values / sizeof *values && meta->column_count; v++) {
    const shukei_condition condition = {meta->columns[number % meta->column_count].name, values[v]};
    struct sk_selection *selection = NULL;
    size_t written = 0;
    uint64_t rows = 0;
    shukei_error err = {.status = SHUKEI_OK};
    shukei_status st = sk_selection_open(file, &condition, 1, budget, &selection, &err);
    const struct sk_cat_options options = {
        .nested = number & 1, .selection = selection, .limit = 1000};
    if (!st)
      st = sk_parquet_cat(file, &options, &rows, count, &written, budget, &err);
    MUST(!st || err.text[0]);
    MUST(rows <= 1000);
    sk_selection_close(selection);
  }
}

static void read_all(struct sk_file *file, size_t number, struct sk_budget *budget)
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
    const struct sk_cat_options options = {.nested = nested, .limit = 10000};
    const shukei_status st = sk_parquet_cat(file, &options, NULL, count, &written, budget, &err);
    MUST(!st || err.text[0]);
  }
  read_some(file, number, budget);
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
    read_all(file, length, &budget);
  sk_file_close(file);
  sk_object_close(object);
  MUST(budget.used_bytes == 0);
  free(exact);
  return 0;
}
