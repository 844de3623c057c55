/* SPDX-License-Identifier: Apache-2.0 */
/* The names within a dataset of the summary: which file is of which day and source. */
#ifndef SK_SINK_DATASET_NAMES_H
#define SK_SINK_DATASET_NAMES_H

#include "base/buffer.h"

struct sk_dataset_names {
  char *folder; /* ends with '/' */
  char *file;   /* of this source, in the folder of each day: "summary.SOURCE.parquet" */
  char *ledger; /* path of this source's ledger, beside the folder; where it has no beside, in it */
  char *lock;   /* path of the hidden file by which runs of this source take turns */
};

/* source NULL: rows without source, whose file is "summary.parquet". Bytes of the source that are
 * no letter, digit, '-' or '_' are written as %XX. EINVAL: longer than a file's name can be;
 * ENOMEM. On failure, too, the names must be reset. */
shukei_status sk_dataset_names_init(struct sk_dataset_names *names, const char *folder,
                                    const char *source, struct sk_budget *budget,
                                    shukei_error *err);
void sk_dataset_names_reset(struct sk_dataset_names *names);
/* The path of a day's file, zero-terminated, in a new buffer that the caller resets, on failure,
 * too. */
shukei_status sk_dataset_path(const struct sk_dataset_names *names, int32_t day,
                              struct sk_budget *budget, struct sk_buffer *path, shukei_error *err);
/* True where the path below the folder is that of this source's file of a day. */
bool sk_dataset_day(const struct sk_dataset_names *names, const char *relative, int32_t *day);
/* True where it is that of another source's file of a day. */
bool sk_dataset_day_of_others(const struct sk_dataset_names *names, const char *relative,
                              int32_t *day);

#endif
