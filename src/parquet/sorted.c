/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are compared with the row before them, column by column until one differs. What cannot be
 * compared ends the list before its column: texts without codes, which the stripe does not hold,
 * and NaN, which has no place in an order. The codes of a row group tell its texts apart in all of
 * its pages. */
#include "parquet/sorted.h"

#include "base/bytes.h"

#include <math.h>

/* The value of a row; false where it has no place in an order. */
static bool value_at(const struct sk_chunk_writer *chunk, uint32_t row, uint64_t *value, bool *null)
{
  const bool gaps = chunk->pages[chunk->page_count - 1].nulls > 0;
  if (chunk->kind == SK_WRITE_TEXT) {
    *value = chunk->codes[row];
    *null = chunk->codes[row] == SK_NO_ID;
    return true;
  }
  *value = chunk->words[row];
  *null = gaps && !chunk->valid[row];
  return *null || chunk->kind != SK_WRITE_DOUBLE || !isnan(sk_double_of_bits(*value));
}

/* Below, equal, above 0 as the row before and this one compare. */
static int compare(const struct sk_chunk_writer *chunk, uint64_t before, bool null_before,
                   uint64_t value, bool null)
{
  if (null || null_before)
    return null_before - null;
  return before == value ? 0 : sk_chunk_compare(chunk, before, value);
}

/* How many of the first `most` columns the row keeps in order. */
static uint32_t look_at_row(struct sk_sorted *sorted, const struct sk_chunk_writer *columns,
                            uint32_t row, uint32_t most)
{
  bool differs = !sorted->begun;
  for (uint32_t i = 0; i < most; i++) {
    const struct sk_chunk_writer *chunk = &columns[sorted->columns[i]];
    uint64_t value;
    bool null;
    if (!value_at(chunk, row, &value, &null))
      return i;
    if (!differs) {
      const int order = compare(chunk, sorted->last[i], sorted->null[i], value, null);
      if (order > 0)
        return i;
      differs = order < 0;
    }
    sorted->last[i] = value;
    sorted->null[i] = null;
  }
  return most;
}

void sk_sorted_look(struct sk_sorted *sorted, const struct sk_chunk_writer *columns, uint32_t rows)
{
  uint32_t most = sorted->count - sorted->broken;
  for (uint32_t i = 0; i < most; i++) {
    const struct sk_chunk_writer *chunk = &columns[sorted->columns[i]];
    if (chunk->page_count == 0 || (chunk->kind == SK_WRITE_TEXT && chunk->uncoded))
      most = i;
  }
  for (uint32_t row = 0; most && row < rows; row++) {
    most = look_at_row(sorted, columns, row, most);
    sorted->begun = true;
  }
  sorted->broken = sorted->count - most;
}

uint32_t sk_sorted_end(struct sk_sorted *sorted)
{
  const uint32_t most = sorted->count - sorted->broken;
  sorted->broken = 0;
  sorted->begun = false;
  return most;
}
