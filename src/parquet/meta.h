/* SPDX-License-Identifier: Apache-2.0 */
/* What a Parquet footer says, as C: the structs of parquet.thrift that this project needs, with
 * the format's own names and numbers (github.com/apache/parquet-format, parquet.thrift). Filled by
 * footer.c; the writer keeps records of its own (footer_write.h). All memory lies in the meta's
 * arena. */
#ifndef SK_PARQUET_META_H
#define SK_PARQUET_META_H

#include "base/arena.h"

enum sk_type { /* Type */
               SK_TYPE_BOOLEAN = 0,
               SK_TYPE_INT32 = 1,
               SK_TYPE_INT64 = 2,
               SK_TYPE_INT96 = 3,
               SK_TYPE_FLOAT = 4,
               SK_TYPE_DOUBLE = 5,
               SK_TYPE_BYTE_ARRAY = 6,
               SK_TYPE_FIXED_LEN_BYTE_ARRAY = 7
};
enum sk_repetition { SK_REQUIRED = 0, SK_OPTIONAL = 1, SK_REPEATED = 2 };
enum sk_encoding { /* Encoding */
                   SK_ENCODING_PLAIN = 0,
                   SK_ENCODING_PLAIN_DICTIONARY = 2,
                   SK_ENCODING_RLE = 3,
                   SK_ENCODING_BIT_PACKED = 4,
                   SK_ENCODING_DELTA_BINARY_PACKED = 5,
                   SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6,
                   SK_ENCODING_DELTA_BYTE_ARRAY = 7,
                   SK_ENCODING_RLE_DICTIONARY = 8,
                   SK_ENCODING_BYTE_STREAM_SPLIT = 9
};
#define SK_ENCODINGS 10
enum sk_codec { /* CompressionCodec */
                SK_CODEC_UNCOMPRESSED = 0,
                SK_CODEC_SNAPPY = 1,
                SK_CODEC_GZIP = 2,
                SK_CODEC_LZO = 3,
                SK_CODEC_BROTLI = 4,
                SK_CODEC_LZ4 = 5,
                SK_CODEC_ZSTD = 6,
                SK_CODEC_LZ4_RAW = 7
};
enum sk_page_type {
  SK_PAGE_DATA = 0,
  SK_PAGE_INDEX = 1,
  SK_PAGE_DICTIONARY = 2,
  SK_PAGE_DATA_V2 = 3
};

/* What the values mean; from LogicalType, else from the older ConvertedType. */
enum sk_logical {
  SK_LOGICAL_NONE,
  SK_LOGICAL_STRING,
  SK_LOGICAL_ENUM,
  SK_LOGICAL_JSON,
  SK_LOGICAL_BSON,
  SK_LOGICAL_UUID,
  SK_LOGICAL_DECIMAL,
  SK_LOGICAL_DATE,
  SK_LOGICAL_TIME,
  SK_LOGICAL_TIMESTAMP,
  SK_LOGICAL_INTEGER,
  SK_LOGICAL_FLOAT16,
  SK_LOGICAL_INTERVAL,
  SK_LOGICAL_UNKNOWN, /* any type that this list lacks, or that its physical type cannot carry */
  SK_LOGICAL_NULL     /* the NullType: every row is null, whatever the physical type */
};
enum sk_time_unit { SK_UNIT_MILLIS, SK_UNIT_MICROS, SK_UNIT_NANOS };

struct sk_statistics {                  /* Statistics; NULL where absent */
  const uint8_t *min_value, *max_value; /* min_value, max_value: order of the logical type */
  uint32_t min_length, max_length;
  const uint8_t *old_min, *old_max; /* min, max: deprecated, signed order */
  uint32_t old_min_length, old_max_length;
  int64_t null_count, distinct_count; /* -1 where absent */
  bool min_exact, max_exact;          /* is_min_value_exact; true where absent */
};

struct sk_column_meta { /* a leaf of the schema */
  const char *name;     /* last part of the path */
  const char *path;     /* parts joined by '.' */
  enum sk_type type;
  int32_t type_length; /* of FIXED_LEN_BYTE_ARRAY */
  enum sk_repetition repetition;
  enum sk_logical logical;
  int32_t scale, precision; /* DECIMAL */
  enum sk_time_unit unit;   /* TIME, TIMESTAMP */
  bool utc;                 /* isAdjustedToUTC */
  uint8_t bit_width;        /* INTEGER */
  bool is_signed;
  uint16_t max_definition, max_repetition; /* levels */
  bool flat;       /* directly below the root and not repeated: what the readers below take */
  bool type_order; /* column_orders says that min_value and max_value are in the type's order */
  uint32_t schema_index; /* of the leaf among the schema's elements */
};

struct sk_element { /* SchemaElement, in the order of the footer (depth first) */
  const char *name;
  int32_t child_count; /* 0 for a leaf */
  enum sk_repetition repetition;
  int32_t leaf;           /* index among the columns, -1 for a group */
  int32_t depth;          /* 0 for the root */
  const char *annotation; /* "LIST", "MAP", "MAP_KEY_VALUE" or NULL */
};

enum sk_coded {
  SK_CODED_UNKNOWN,
  SK_CODED_WHOLLY,
  SK_CODED_PARTLY
}; /* data pages, by encoding_stats */

struct sk_chunk_meta { /* ColumnChunk with its ColumnMetaData */
  enum sk_codec codec;
  uint32_t encodings;  /* bit per enum sk_encoding */
  int64_t value_count; /* nulls included */
  int64_t uncompressed_bytes, compressed_bytes;
  int64_t data_page_offset;
  int64_t dictionary_page_offset;                                        /* -1 where absent */
  int64_t offset_index_offset, column_index_offset, bloom_filter_offset; /* -1 where absent */
  int32_t offset_index_length, column_index_length;
  int32_t bloom_filter_length; /* -1 where absent: older writers do not tell */
  enum sk_coded coded;         /* by the dictionary */
  struct sk_statistics statistics;
  bool encrypted, missing; /* missing: the footer has no metadata for it */
  bool other_file;         /* its pages lie in a file of their own */
};

struct sk_sorting_column { /* SortingColumn */
  uint32_t column;
  bool descending, nulls_first;
};

struct sk_group_meta { /* RowGroup */
  int64_t row_count;
  int64_t total_bytes;          /* uncompressed */
  int64_t first_row;            /* of the file; computed */
  struct sk_chunk_meta *chunks; /* [column_count] */
  struct sk_sorting_column *sorting;
  uint32_t sorting_count; /* 0 where the footer tells none, or one that cannot be */
};

struct sk_key_value {
  const char *key, *value; /* value may be NULL */
};

enum sk_paths {
  SK_PATHS_NONE,
  SK_PATHS_ONE,
  SK_PATHS_MANY
}; /* file_path of a file's column chunks */

struct sk_meta { /* FileMetaData */
  struct sk_arena arena;
  int32_t version;
  int64_t row_count;
  const char *created_by; /* NULL where absent */
  const char *encryption; /* algorithm of encrypted columns; NULL where absent */
  struct sk_element *elements;
  uint32_t element_count;
  struct sk_column_meta *columns;
  uint32_t column_count;
  struct sk_group_meta *groups;
  uint32_t group_count;
  const uint8_t *file_path; /* that a column chunk has named first */
  uint32_t file_path_length;
  enum sk_paths paths;
  struct sk_key_value *key_values;
  uint32_t key_value_count;
  const uint8_t *footer; /* its bytes; NULL where it was parsed from the caller's */
  size_t footer_length;
};

const char *sk_type_name(enum sk_type type); /* "INT64"; "?" for none */
const char *sk_encoding_name(enum sk_encoding encoding);
const char *sk_codec_name(enum sk_codec codec);
const char *sk_logical_name(enum sk_logical logical);

#endif
