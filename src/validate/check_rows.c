/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/check_rows.h"

const char *const sk_measure_names[SK_MEASURE_COUNT] = {
#define SK_AS_NAME(name) #name,
    SK_MEASURE_MAP(SK_AS_NAME)
#undef SK_AS_NAME
};

struct sk_check_row *sk_check_rows_add(struct sk_check_rows *rows)
{
  if (rows->count == rows->capacity) {
    if (rows->capacity > UINT32_MAX / 4)
      return NULL;
    const uint32_t more = rows->capacity ? rows->capacity * 2 : 256;
    struct sk_check_row *moved = sk_realloc(rows->budget, rows->rows, more * sizeof *moved);
    if (!moved)
      return NULL;
    rows->rows = moved;
    rows->capacity = more;
  }
  struct sk_check_row *const row = &rows->rows[rows->count++];
  memset(row, 0, sizeof *row);
  return row;
}

void sk_check_rows_reset(struct sk_check_rows *rows)
{
  sk_free(rows->rows);
  *rows = (struct sk_check_rows){.budget = rows->budget};
}
