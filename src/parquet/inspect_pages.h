/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a file's description: its pages. */
#ifndef SK_PARQUET_INSPECT_PAGES_H
#define SK_PARQUET_INSPECT_PAGES_H

#include "parquet/parquet.h"

/* Appends all pages as their headers tell them, as text or as a JSON array with a member for each
 * column chunk: {"row_group": 0, "path": "a", "pages": [...]}, and "error" where a header cannot be
 * read. EIO, ENOMEM. */
shukei_status sk_parquet_pages(struct sk_file *file, bool json, struct sk_budget *budget,
                               struct sk_buffer *out, shukei_error *err);

#endif
