/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift of the two kinds that a Parquet file holds: a footer, and page headers. */
#include "fuzzing.h"

#include "parquet/footer.h"
#include "parquet/page_header.h"

#define DATA_END (UINT64_C(1) << 40)

static void parse_footer(const uint8_t *bytes, size_t length)
{
  struct sk_budget budget;
  struct sk_meta meta;
  shukei_error err = {.status = SHUKEI_OK};
  sk_budget_init(&budget, UINT64_C(256) << 20);
  memset(&meta, 0, sizeof meta);
  sk_arena_init(&meta.arena, &budget);
  const shukei_status st = sk_footer_parse(bytes, length, DATA_END, &meta, &err);
  MUST(!st || err.text[0]);
  for (uint32_t i = 0; !st && i < meta.column_count; i++)
    MUST(meta.columns[i].name && meta.columns[i].path);
  sk_arena_reset(&meta.arena);
  MUST(budget.used_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct sk_page_header header;
  shukei_error err = {.status = SHUKEI_OK};
  uint8_t *exact = copy_of(bytes, length, 0);
  const shukei_status st = sk_page_header_parse(exact, length, &header, &err);
  MUST(st || header.header_length <= length);
  parse_footer(exact, length);
  free(exact);
  return 0;
}
