/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a footer that tells of column chunks, with what both parts read Thrift by. */
#ifndef SK_PARQUET_FOOTER_CHUNKS_H
#define SK_PARQUET_FOOTER_CHUNKS_H

#include "parquet/meta.h"
#include "parquet/thrift.h"

/* EFORMAT: what the Thrift reader has found, and where. */
shukei_status sk_footer_thrift_error(const struct sk_thrift *t, shukei_error *err);
/* Goes on behind a field that was read as `read`, or could not be: of what only helps, a surprise
 * counts as nothing told. True where it was read. */
bool sk_footer_took(struct sk_thrift *t, const struct sk_thrift_field *field,
                    const struct sk_thrift *read);
/* Reads a row group's list of column chunks, one for each column of the schema. What is wrong with
 * the Thrift itself stays in the reader. EFORMAT, EUNSUPPORTED, ENOMEM. */
shukei_status sk_footer_chunks(struct sk_thrift *t, const struct sk_thrift_field *field,
                               uint64_t data_end, struct sk_meta *meta, struct sk_group_meta *group,
                               shukei_error *err);

#endif
