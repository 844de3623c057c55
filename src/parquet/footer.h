/* SPDX-License-Identifier: Apache-2.0 */
/* The footer: from its place at the end of an object to a struct sk_meta. */
#ifndef SK_PARQUET_FOOTER_H
#define SK_PARQUET_FOOTER_H

#include "base/object.h"
#include "parquet/meta.h"

/* Reads the footer of an object into meta, whose arena must be initialised.
 *   data_end  receives the offset of the footer: no page reaches beyond it
 * ETRUNC under 12 bytes; EFORMAT magic, length, Thrift, impossible values; EUNSUPPORTED encrypted;
 * EIO; ENOMEM. The text does not name the object. */
shukei_status sk_footer_read(struct sk_object *object, struct sk_meta *meta, uint64_t *data_end,
                             shukei_error *err);
/* Parses the bytes of a footer. They must live as long as the meta, which points into them. */
shukei_status sk_footer_parse(const void *bytes, size_t length, uint64_t data_end,
                              struct sk_meta *meta, shukei_error *err);

#endif
