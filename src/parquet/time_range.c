/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of timestamps, by which row groups outside of the days asked for are skipped. Trusted
 * are the bounds of INT64 timestamps and of dates: both are ordered as signed integers, which even
 * the deprecated pair of bounds was. Writers disagree about INT96, so its bounds are not used, and
 * neither are bounds in the wrong order. */
#include "parquet/file.h"

#include "base/bytes.h"
#include "parquet/convert.h"

bool sk_file_time_range(const struct sk_file *file, uint32_t group, int column, int64_t *min_us,
                        int64_t *max_us)
{
  const struct sk_column_meta *meta = &file->meta.columns[column];
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  const struct sk_statistics *s = &chunk->statistics;
  const size_t width = sk_value_width(meta);
  int64_t low = 0, high = 0;
  if (chunk->missing || (meta->logical != SK_LOGICAL_TIMESTAMP && meta->logical != SK_LOGICAL_DATE))
    return false;
  const bool new_pair = s->min_value && s->max_value;
  const uint8_t *min = new_pair ? s->min_value : s->old_min;
  const uint8_t *max = new_pair ? s->max_value : s->old_max;
  if (!min || !max || (new_pair ? s->min_length : s->old_min_length) != width ||
      (new_pair ? s->max_length : s->old_max_length) != width)
    return false;
  if (sk_convert_times(meta, min, 1, &low, NULL) || sk_convert_times(meta, max, 1, &high, NULL) ||
      low > high)
    return false;
  *min_us = low;
  *max_us = high;
  return true;
}
