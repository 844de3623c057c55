/* SPDX-License-Identifier: Apache-2.0 */
/* The footer and the page index, writing. */
#ifndef SK_PARQUET_FOOTER_WRITE_H
#define SK_PARQUET_FOOTER_WRITE_H

#include "parquet/chunk_write.h"

/* What the footer says of a column chunk that lies in the file. */
struct sk_chunk_record {
  int64_t data_page_offset;
  int64_t dictionary_page_offset; /* -1: none */
  int64_t value_count, null_count;
  int64_t raw_bytes, packed_bytes; /* page headers included */
  uint32_t pages_of[SK_ENCODINGS]; /* data pages, by encoding */
  bool packed;                     /* by the writer's codec, else stored as it is */
  bool has_min, has_max;
  struct sk_bound min, max;
  int64_t column_index_offset, offset_index_offset; /* within their buffers */
  int32_t column_index_length, offset_index_length; /* 0: none */
  int64_t bloom_offset;
  int32_t bloom_length; /* 0: none */
};
struct sk_group_record {
  int64_t row_count, offset;
  uint32_t sorted;                /* by so many of the sorting columns */
  struct sk_chunk_record *chunks; /* [column_count] */
};

/* Fills the record of a chunk whose pages lie at `offset` and behind, and appends its two indexes
 * if they are wanted. False when memory lacks. */
bool sk_record_chunk(const struct sk_chunk_writer *chunk, int64_t offset, bool indexes,
                     struct sk_chunk_record *record, struct sk_buffer *column_indexes,
                     struct sk_buffer *offset_indexes);

struct sk_footer_parts {
  const struct sk_chunk_writer *columns;
  uint32_t column_count;
  const struct sk_group_record *groups;
  uint32_t group_count;
  enum sk_codec codec;
  const uint32_t *sorting_columns;
  int64_t column_indexes_offset; /* where the buffers of the indexes begin in the file */
  int64_t offset_indexes_offset;
};
/* Appends the footer: Thrift, its length, magic. False when memory lacks. */
bool sk_write_footer(const struct sk_footer_parts *parts, struct sk_buffer *out);

#endif
