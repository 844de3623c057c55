/* SPDX-License-Identifier: Apache-2.0 */
/* An open file of shukei/parquet.h, for the files of this room. */
#ifndef SK_API_COLUMN_FILE_H
#define SK_API_COLUMN_FILE_H

#include "parquet/parquet.h"
#include "shukei/parquet.h"

/* Owned by its user, its streams and their batches; the last of them frees it. */
struct shukei_parquet_file {
  _Atomic uint32_t owners;
  struct sk_budget budget;
  struct sk_object *object;
  struct sk_file *file;
  const struct sk_meta *meta;
  shukei_parquet_column *columns; /* [meta->column_count] */
};

void sk_parquet_share(struct shukei_parquet_file *file); /* one owner more */
/* EINVAL where there is no such column. */
shukei_status sk_parquet_check_column(const struct shukei_parquet_file *file, size_t column,
                                      shukei_error *err);
/* EINVAL where there is no such row group. */
shukei_status sk_parquet_check_group(const struct shukei_parquet_file *file, size_t group,
                                     shukei_error *err);
/* EINVAL where there is no such row group or column. */
shukei_status sk_parquet_check_place(const struct shukei_parquet_file *file, size_t group,
                                     size_t column, shukei_error *err);

#endif
