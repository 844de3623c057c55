/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SK_SINK_DATASET_OTHERS_H
#define SK_SINK_DATASET_OTHERS_H

#include "sink/dataset_names.h"
#include "sink/other_rows.h"

/* Which days are asked about. */
struct sk_dataset_days {
  bool (*has)(const void *context, int32_t day);
  const void *context;
};
/* Counts the rows of files of these days that are not those of the names' source. EIO, EFORMAT,
 * ENOMEM. */
shukei_status sk_dataset_others(const struct sk_dataset_names *names,
                                const struct sk_dataset_days *days, struct sk_budget *budget,
                                struct sk_other_rows *others, shukei_error *err);
/* Counts the rows of a data source, "Pod" or "Storage", in this source's files of these days, by
 * what the footers say of labels; files that do not say so count as having none. */
shukei_status sk_dataset_rows_of(const struct sk_dataset_names *names,
                                 const struct sk_dataset_days *days, const char *data_source,
                                 struct sk_budget *budget, uint64_t *rows, shukei_error *err);

#endif
