/* SPDX-License-Identifier: Apache-2.0 */
/* PageHeader, the struct in front of every page. */
#ifndef SK_PARQUET_PAGE_HEADER_H
#define SK_PARQUET_PAGE_HEADER_H

#include "base/error.h"
#include "parquet/meta.h"

struct sk_page_header {
  int32_t type; /* enum sk_page_type, or another number of the future */
  uint32_t header_length;
  uint32_t stored_length;       /* compressed_page_size: bytes that follow the header */
  uint32_t uncompressed_length; /* of the whole page, v2 levels included */
  bool has_crc;
  uint32_t crc;
  int32_t value_count; /* nulls included */
  int32_t encoding;
  int32_t definition_encoding, repetition_encoding; /* v1 */
  uint32_t definition_length, repetition_length;    /* v2 */
  bool compressed;                                  /* v2: is_compressed */
};

/* Parses a header from the beginning of bytes. ETRUNC where it goes on behind them; EFORMAT. */
shukei_status sk_page_header_parse(const void *bytes, size_t length, struct sk_page_header *out,
                                   shukei_error *err);

#endif
