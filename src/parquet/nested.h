/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at in columns that are not read. */
#ifndef SK_PARQUET_NESTED_H
#define SK_PARQUET_NESTED_H

#include "parquet/file.h"

/* Checks that the first value of a nested column's chunk begins a record. */
shukei_status sk_nested_check(const struct sk_file *file, uint32_t group, int column,
                              struct sk_budget *budget, shukei_error *err);

#endif
