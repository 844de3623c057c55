/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows other sources have in a dataset, by the footers of their files. */
#include "sink/dataset_others.h"

#include "base/object.h"
#include "parquet/parquet.h"
#include "sink/dataset_ledger.h"

#include <stdio.h>

/* Rows of volumes, which are those that have volume_labels, or all others, by the footer's counts
 * of nulls. */
static uint64_t rows_of(const struct sk_file *file, bool storage)
{
  const struct sk_meta *const meta = sk_file_meta(file);
  const int c = sk_file_find_column(file, "volume_labels");
  uint64_t rows = 0;
  for (uint32_t g = 0; c >= 0 && g < meta->group_count; g++) {
    const int64_t nulls = meta->groups[g].chunks[c].statistics.null_count;
    if (nulls >= 0 && nulls <= meta->groups[g].row_count)
      rows += (uint64_t)(storage ? meta->groups[g].row_count - nulls : nulls);
  }
  return rows;
}

/* Adds the rows of a file: all, or those of a data source. */
static shukei_status count_rows(const char *path, const char *data_source, struct sk_budget *budget,
                                uint64_t *rows, shukei_error *err)
{
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  shukei_status st = sk_store_open(path, budget, &object, err);
  if (!st)
    st = sk_file_open(object, budget, &file, err);
  if (!st && data_source)
    *rows += rows_of(file, strcmp(data_source, "Storage") == 0);
  else if (!st && sk_file_meta(file)->row_count > 0)
    *rows += (uint64_t)sk_file_meta(file)->row_count;
  sk_file_close(file);
  sk_object_close(object);
  return st;
}

/* "X" of ".../summary.X.parquet" */
static void take_source(const char *relative, char *source, size_t capacity)
{
  const char *const slash = strrchr(relative, '/');
  const char *const name = slash ? slash + 1 : relative;
  const char *const dot = strchr(name, '.');
  const size_t length = strlen(dot + 1) - strlen(".parquet");
  snprintf(source, capacity, "%.*s", (int)length, dot + 1);
}

shukei_status sk_dataset_others(const struct sk_dataset_names *names,
                                const struct sk_dataset_days *days, struct sk_budget *budget,
                                struct sk_other_rows *others, shukei_error *err)
{
  struct sk_listing listing;
  char source[sizeof others->source];
  sk_listing_init(&listing, budget);
  shukei_status st = sk_dataset_list(names, &listing, err);
  for (size_t i = 0; i < listing.count && !st; i++) {
    uint64_t rows = 0;
    int32_t day;
    const char *const relative = listing.items[i].relative;
    if (!sk_dataset_day_of_others(names, relative, &day) || !days->has(days->context, day))
      continue;
    st = count_rows(listing.items[i].path, NULL, budget, &rows, err);
    take_source(relative, source, sizeof source);
    sk_other_rows_add(others, source, rows);
  }
  sk_listing_reset(&listing);
  return st;
}

shukei_status sk_dataset_rows_of(const struct sk_dataset_names *names,
                                 const struct sk_dataset_days *days, const char *data_source,
                                 struct sk_budget *budget, uint64_t *rows, shukei_error *err)
{
  struct sk_listing listing;
  sk_listing_init(&listing, budget);
  shukei_status st = sk_dataset_list(names, &listing, err);
  for (size_t i = 0; i < listing.count && !st; i++) {
    int32_t day;
    if (sk_dataset_day(names, listing.items[i].relative, &day) && days->has(days->context, day))
      st = count_rows(listing.items[i].path, data_source, budget, rows, err);
  }
  sk_listing_reset(&listing);
  return st;
}
