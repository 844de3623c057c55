/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the summary by name and kind, made from the one list in row.h. */
#include "summary/row.h"

const struct sk_row_column_info sk_row_columns[SK_ROW_COLUMN_COUNT] = {
#define SK_AS_ROW_INFO(column, kind) {#column, SK_ROW_##kind},
    SK_ROW_MAP(SK_AS_ROW_INFO)
#undef SK_AS_ROW_INFO
};
