/* SPDX-License-Identifier: Apache-2.0 */
/* Some columns of a Parquet file side by side, a few thousand rows at a time.
 *
 *   sk_lanes_open() -> sk_lanes_add() for each column wanted -> sk_lanes_each()
 *   -> sk_lanes_close(), on failure, too */
#ifndef SK_VALIDATE_LANES_H
#define SK_VALIDATE_LANES_H

#include "base/intern.h"
#include "parquet/parquet.h"

#define SK_LANE_ROWS 2048

struct sk_lane {
  int index;                /* of the file's columns; -1: none, which has no values */
  enum sk_column_kind kind; /* of the column */
  bool as_text;             /* ids, whatever the kind is */
  struct sk_intern *texts;  /* of the ids; NULL: `own`, which is emptied for each row group */
  struct sk_intern own;
  struct sk_column *reader;
  union {
    uint32_t ids[SK_LANE_ROWS]; /* SK_NO_ID: null */
    double numbers[SK_LANE_ROWS];
    int64_t times[SK_LANE_ROWS]; /* microseconds */
  };
  uint8_t valid[SK_LANE_ROWS]; /* of numbers and times */
};

struct sk_lanes {
  struct sk_budget *budget;
  struct sk_object *object;
  struct sk_file *file;
  struct sk_lane *lanes; /* [capacity] */
  size_t count;
};

/* Opens the file, which has room for so many lanes. As sk_store_open() and sk_file_open(). */
shukei_status sk_lanes_open(struct sk_lanes *lanes, const char *path, size_t capacity,
                            struct sk_budget *budget, shukei_error *err);
void sk_lanes_close(struct sk_lanes *lanes);
/* The next lane, of that column or, with -1, of none. */
struct sk_lane *sk_lanes_add(struct sk_lanes *lanes, int index);
/* Calls `take` for all rows in their order: `first` is the number of the first one of these in the
 * file. */
shukei_status sk_lanes_each(struct sk_lanes *lanes,
                            shukei_status (*take)(void *context, int64_t first, size_t rows,
                                                  shukei_error *err),
                            void *context, shukei_error *err);
/* The text of a row of ids; NULL: null. */
const struct sk_intern_entry *sk_lane_text(const struct sk_lane *lane, size_t row);

#endif
