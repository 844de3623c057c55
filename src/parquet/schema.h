/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of a footer: reading its elements and numbering its leaves. */
#ifndef SK_PARQUET_SCHEMA_H
#define SK_PARQUET_SCHEMA_H

#include "parquet/meta.h"
#include "parquet/thrift.h"

#include "base/error.h"

/* Reads the list in `field` into meta's elements and columns. A Thrift error is left in t for the
 * caller to report; other failures fill err. */
shukei_status sk_schema_read(struct sk_thrift *t, const struct sk_thrift_field *field,
                             struct sk_meta *meta, shukei_error *err);
/* Whether the column's physical type can carry the meaning. */
bool sk_type_carries(const struct sk_column_meta *c, enum sk_logical logical);
/* A zero-terminated copy in the meta's arena; NULL when memory lacks. */
char *sk_meta_text(struct sk_meta *meta, const uint8_t *bytes, size_t length);

#endif
