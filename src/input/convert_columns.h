/* SPDX-License-Identifier: Apache-2.0 */
/* Converting, first of all: which files there are of each report, and the columns that they have
 * between them. */
#ifndef SK_INPUT_CONVERT_COLUMNS_H
#define SK_INPUT_CONVERT_COLUMNS_H

#include "input/convert_shared.h"

struct sk_convert_schema {
  const struct sk_convert_shared *shared;
  struct sk_arena arena; /* of all below, with columns and names */
  struct sk_convert_file *csv;
  uint32_t csv_count;
  struct sk_convert_file *parquet; /* by report, and by when their rows begin */
  uint32_t parquet_count;
  struct sk_convert_report reports[SK_REPORT_COUNT];
};

void sk_convert_schema_init(struct sk_convert_schema *schema,
                            const struct sk_convert_shared *shared);
void sk_convert_schema_reset(struct sk_convert_schema *schema);
/* Reads the headers and footers of a cluster's files, and settles what each column is written as.
 * What a cluster before had is kept in memory, and not shown any more. EFORMAT where a report lacks
 * interval_start, or has a column twice; EINVAL where a Bloom filter is asked for of a column that
 * is not there or holds no texts; EUNSUPPORTED, EIO, ENOMEM. */
shukei_status sk_convert_schema_read(struct sk_convert_schema *schema, uint32_t cluster,
                                     shukei_error *err);

#endif
