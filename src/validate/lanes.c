/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/lanes.h"

#include "store/store.h"

shukei_status sk_lanes_open(struct sk_lanes *lanes, const char *path, size_t capacity,
                            struct sk_budget *budget, shukei_error *err)
{
  *lanes = (struct sk_lanes){.budget = budget};
  shukei_status st = sk_store_open(path, budget, &lanes->object, err);
  if (!st)
    st = sk_file_open(lanes->object, budget, &lanes->file, err);
  if (st)
    return st;
  lanes->lanes = sk_calloc(budget, capacity, sizeof *lanes->lanes);
  return lanes->lanes ? SHUKEI_OK
                      : sk_fail_memory(err, budget, capacity * sizeof *lanes->lanes, "columns");
}

void sk_lanes_close(struct sk_lanes *lanes)
{
  sk_free(lanes->lanes);
  sk_file_close(lanes->file);
  sk_object_close(lanes->object);
}

struct sk_lane *sk_lanes_add(struct sk_lanes *lanes, int index)
{
  struct sk_lane *const lane = &lanes->lanes[lanes->count++];
  lane->index = index;
  lane->kind =
      index < 0 ? SK_KIND_NULL : sk_column_kind(&sk_file_meta(lanes->file)->columns[index]);
  return lane;
}

const struct sk_intern_entry *sk_lane_text(const struct sk_lane *lane, size_t row)
{
  const struct sk_intern *const texts = lane->texts ? lane->texts : &lane->own;
  return lane->ids[row] == SK_NO_ID ? NULL : sk_intern_at(texts, lane->ids[row]);
}

static shukei_status open_group(struct sk_lanes *lanes, uint32_t group, shukei_error *err)
{
  for (size_t i = 0; i < lanes->count; i++) {
    struct sk_lane *const lane = &lanes->lanes[i];
    if (lane->index < 0)
      continue;
    if (!lane->texts && !sk_intern_init(&lane->own, lanes->budget))
      return sk_fail_memory(err, lanes->budget, 0, "texts of a column");
    const shukei_status st =
        sk_column_open(lanes->file, group, lane->index, 0, NULL, lanes->budget, &lane->reader, err);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static void close_group(struct sk_lanes *lanes)
{
  for (size_t i = 0; i < lanes->count; i++) {
    struct sk_lane *const lane = &lanes->lanes[i];
    sk_column_close(lane->reader);
    lane->reader = NULL;
    if (!lane->texts)
      sk_intern_reset(&lane->own);
  }
}

static shukei_status read_lane(struct sk_lane *lane, size_t rows, shukei_error *err)
{
  if (!lane->as_text && lane->kind == SK_KIND_NUMBER)
    return sk_column_doubles(lane->reader, rows, lane->numbers, lane->valid, NULL, err);
  if (!lane->as_text && lane->kind == SK_KIND_TIME)
    return sk_column_times(lane->reader, rows, lane->times, lane->valid, err);
  return sk_column_ids(lane->reader, lane->texts ? lane->texts : &lane->own, rows, lane->ids, err);
}

shukei_status sk_lanes_each(struct sk_lanes *lanes,
                            shukei_status (*take)(void *context, int64_t first, size_t rows,
                                                  shukei_error *err),
                            void *context, shukei_error *err)
{
  const struct sk_meta *const meta = sk_file_meta(lanes->file);
  shukei_status st = SHUKEI_OK;
  for (uint32_t group = 0; !st && group < meta->group_count; group++) {
    const struct sk_group_meta *const of = &meta->groups[group];
    st = open_group(lanes, group, err);
    for (int64_t done = 0; !st && done < of->row_count; done += SK_LANE_ROWS) {
      const int64_t left = of->row_count - done;
      const size_t rows = left < SK_LANE_ROWS ? (size_t)left : SK_LANE_ROWS;
      for (size_t i = 0; !st && i < lanes->count; i++)
        if (lanes->lanes[i].reader)
          st = read_lane(&lanes->lanes[i], rows, err);
      if (!st)
        st = take(context, of->first_row + done, rows, err);
    }
    close_group(lanes);
  }
  return st;
}
