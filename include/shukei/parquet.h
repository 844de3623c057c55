/* SPDX-License-Identifier: Apache-2.0 */
/* shukei/parquet.h: reading and writing Parquet files, by itself.
 *
 *   shukei_parquet_open() -> columns, row groups, statistics
 *     -> shukei_parquet_reader_open() -> shukei_parquet_read_doubles() ...
 *     -> shukei_parquet_reader_close()
 *     -> shukei_parquet_selection_open() -> rows that meet conditions, for the readers to skip to
 *     -> shukei_parquet_nested_open() -> shukei_parquet_read_json() ...
 *     -> shukei_parquet_nested_close()
 *     -> shukei_parquet_arrow_stream() -> batches of Arrow
 *   -> shukei_parquet_close()
 *   shukei_parquet_writer_open() -> shukei_parquet_write() ... -> shukei_parquet_writer_finish()
 *   -> shukei_parquet_writer_close()
 *
 * docs/parquet.md shows all of it by example. The rules are those of shukei.h: every call that can
 * fail returns a shukei_status and fills an optional shukei_error; nothing is printed, and there is
 * no global state. Of an open file any number of threads may read at once; a reader, a writer and a
 * stream belong to one thread at a time. All memory that a file, its readers and its batches take
 * is charged to the limit given when it was opened, and a call that would pass it fails with
 * SHUKEI_ENOMEM.
 *
 * A file's contents are not trusted: whatever is in it, the calls return a status. Columns, row
 * groups and rows count from 0. Flat columns are read: those directly below the root that are not
 * repeated; all others as JSON. */
#ifndef SHUKEI_PARQUET_H
#define SHUKEI_PARQUET_H

#include <shukei.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a file holds --------------------------------------------------------------------- */

/* The physical types, with the numbers of the format (parquet.thrift, Type). */
typedef enum shukei_parquet_type {
  SHUKEI_PARQUET_BOOLEAN = 0,
  SHUKEI_PARQUET_INT32 = 1,
  SHUKEI_PARQUET_INT64 = 2,
  SHUKEI_PARQUET_INT96 = 3,
  SHUKEI_PARQUET_FLOAT = 4,
  SHUKEI_PARQUET_DOUBLE = 5,
  SHUKEI_PARQUET_BYTE_ARRAY = 6,
  SHUKEI_PARQUET_FIXED_LEN_BYTE_ARRAY = 7
} shukei_parquet_type;

/* What the values mean: LogicalType, else the older ConvertedType. */
typedef enum shukei_parquet_logical {
  SHUKEI_PARQUET_LOGICAL_NONE = 0,
  SHUKEI_PARQUET_LOGICAL_STRING = 1,
  SHUKEI_PARQUET_LOGICAL_ENUM = 2,
  SHUKEI_PARQUET_LOGICAL_JSON = 3,
  SHUKEI_PARQUET_LOGICAL_BSON = 4,
  SHUKEI_PARQUET_LOGICAL_UUID = 5,
  SHUKEI_PARQUET_LOGICAL_DECIMAL = 6,   /* precision, scale */
  SHUKEI_PARQUET_LOGICAL_DATE = 7,      /* days since 1970-01-01 */
  SHUKEI_PARQUET_LOGICAL_TIME = 8,      /* of the day: unit */
  SHUKEI_PARQUET_LOGICAL_TIMESTAMP = 9, /* unit, utc */
  SHUKEI_PARQUET_LOGICAL_INTEGER = 10,  /* bit_width, is_signed */
  SHUKEI_PARQUET_LOGICAL_FLOAT16 = 11,
  SHUKEI_PARQUET_LOGICAL_INTERVAL = 12, /* months, days, milliseconds: three little-endian words */
  SHUKEI_PARQUET_LOGICAL_UNKNOWN = 13,  /* one that this library does not know */
  SHUKEI_PARQUET_LOGICAL_NULL = 14      /* every row is null */
} shukei_parquet_logical;

typedef enum shukei_parquet_unit {
  SHUKEI_PARQUET_MILLIS = 0,
  SHUKEI_PARQUET_MICROS = 1,
  SHUKEI_PARQUET_NANOS = 2
} shukei_parquet_unit;

/* parquet.thrift, CompressionCodec. All but LZO are read. */
typedef enum shukei_parquet_codec {
  SHUKEI_PARQUET_CODEC_UNCOMPRESSED = 0,
  SHUKEI_PARQUET_CODEC_SNAPPY = 1,
  SHUKEI_PARQUET_CODEC_GZIP = 2,
  SHUKEI_PARQUET_CODEC_LZO = 3,
  SHUKEI_PARQUET_CODEC_BROTLI = 4,
  SHUKEI_PARQUET_CODEC_LZ4 = 5,
  SHUKEI_PARQUET_CODEC_ZSTD = 6,
  SHUKEI_PARQUET_CODEC_LZ4_RAW = 7
} shukei_parquet_codec;

/* As what values are read. Bits, since most columns can be read as several of them:
 *
 *   BOOLEANS  BOOLEAN
 *   INTEGERS  INT32 and INT64 of any meaning, decimals and INT96, exactly: unsigned integers of 64
 *             bits as their bits (cast to uint64_t), dates, times and instants in the column's own
 *             unit, decimals unscaled, INT96 in nanoseconds since 1970
 *   DOUBLES   INT32, INT64, FLOAT, DOUBLE, FLOAT16 and decimals, rounded to the nearest double
 *   TIMES     timestamps of all units, INT96 and dates, in microseconds since 1970-01-01T00:00:00Z,
 *             rounded down
 *   TEXTS     BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY as their bytes, whatever they mean
 *
 * A column of LOGICAL_NULL can be read as any of them. */
typedef enum shukei_parquet_kind {
  SHUKEI_PARQUET_NONE = 0,
  SHUKEI_PARQUET_BOOLEANS = 1,
  SHUKEI_PARQUET_INTEGERS = 2,
  SHUKEI_PARQUET_DOUBLES = 4,
  SHUKEI_PARQUET_TIMES = 8,
  SHUKEI_PARQUET_TEXTS = 16
} shukei_parquet_kind;

/* A column (a leaf of the schema). Members behind `logical` are 0 where they say nothing. */
typedef struct shukei_parquet_column {
  const char *name; /* the last part of its path */
  const char *path; /* all parts, joined by '.'; a flat column's is its name */
  shukei_parquet_type type;
  shukei_parquet_logical logical;
  int32_t type_length; /* bytes, of FIXED_LEN_BYTE_ARRAY */
  int32_t precision, scale;
  int32_t bit_width;
  shukei_parquet_unit unit;
  bool is_signed;
  bool utc;                                /* instants, not times of some place's clock */
  bool nullable;                           /* flat columns: rows may be null */
  bool flat;                               /* can be read by the calls of this header */
  uint16_t max_definition, max_repetition; /* levels */
  shukei_parquet_kind kind; /* the reading that fits it best; NONE where it is not flat */
  unsigned kinds;           /* all that it can be read as, bits of shukei_parquet_kind */
} shukei_parquet_column;

/* A column's part of a row group, as the footer tells. */
typedef struct shukei_parquet_chunk {
  shukei_parquet_codec codec;
  uint32_t encodings;  /* bit 1 << n for encoding n of parquet.thrift, Encoding */
  int64_t value_count; /* nulls included */
  int64_t compressed_bytes, uncompressed_bytes; /* page headers included */
  bool has_page_index, has_bloom_filter;
  bool readable; /* false: encrypted, in another file, or without metadata */
} shukei_parquet_chunk;

typedef struct shukei_parquet_file shukei_parquet_file; /* an open file */

/* What went wrong with a file, by status; the calls below refer to it:
 *   ETRUNC, EFORMAT  the file ends too early, or breaks a rule of its format
 *   EUNSUPPORTED     it is encrypted, or uses a codec or encoding that is not known
 *   EIO              its bytes could not be read, or it was replaced meanwhile
 *   ENOMEM           the limit does not suffice
 * The text names the file and, where it has them, row group, column and page. */

/* Opens a file and reads its footer, no page.
 *   path          a local file, or s3://BUCKET/KEY (docs/s3.md)
 *   memory_bytes  the limit of all that is read from it; 0: half of the machine's memory
 *   out           the file, NULL on failure; freed by shukei_parquet_close()
 * OK; ENOTFOUND no such file; EINVAL a NULL path, a name or settings of S3 that cannot be; what is
 * wrong with the file (above). */
SHUKEI_API shukei_status shukei_parquet_open(const char *path, uint64_t memory_bytes,
                                             shukei_parquet_file **out, shukei_error *err);
/* The same of a file in memory.
 *   name    for messages; copied
 *   bytes   [length], borrowed: they must stay until the file is closed and its streams are
 *           released
 * OK; EINVAL a NULL name, or no bytes; what is wrong with the file (above). */
SHUKEI_API shukei_status shukei_parquet_open_memory(const char *name, const void *bytes,
                                                    size_t length, uint64_t memory_bytes,
                                                    shukei_parquet_file **out, shukei_error *err);
/* Gives the file back; NULL is fine. Its readers are to be closed before. Streams and batches of
 * Arrow keep what they need of it until they are released. Never fails. */
SHUKEI_API void shukei_parquet_close(shukei_parquet_file *file);

/* Rows of all row groups. */
SHUKEI_API int64_t shukei_parquet_rows(const shukei_parquet_file *file);
/* Who wrote the file, by its own words; NULL where it does not say. Lives as long as the file. */
SHUKEI_API const char *shukei_parquet_created_by(const shukei_parquet_file *file);
/* The pair of number `index` of the footer's metadata, in its order. False where there are not so
 * many, and nothing is set then.
 *   key, value  live as long as the file; a value may be NULL */
SHUKEI_API bool shukei_parquet_key_value(const shukei_parquet_file *file, size_t index,
                                         const char **key, const char **value);

/* Columns: all leaves of the schema, in its order. */
SHUKEI_API size_t shukei_parquet_column_count(const shukei_parquet_file *file);
/* NULL where there is no such column; lives as long as the file. */
SHUKEI_API const shukei_parquet_column *shukei_parquet_column_at(const shukei_parquet_file *file,
                                                                 size_t column);
#define SHUKEI_PARQUET_NO_COLUMN SIZE_MAX
/* The flat column of that name, upper and lower case of ASCII letters being the same;
 * SHUKEI_PARQUET_NO_COLUMN where there is none. */
SHUKEI_API size_t shukei_parquet_find_column(const shukei_parquet_file *file, const char *name);

SHUKEI_API size_t shukei_parquet_group_count(const shukei_parquet_file *file); /* row groups */
/* Rows of a row group; 0 where there is no such group. */
SHUKEI_API int64_t shukei_parquet_group_rows(const shukei_parquet_file *file, size_t group);
/* What the footer tells of a column's part of a row group. OK; EINVAL no such row group or
 * column. */
SHUKEI_API shukei_status shukei_parquet_chunk_at(const shukei_parquet_file *file, size_t group,
                                                 size_t column, shukei_parquet_chunk *out,
                                                 shukei_error *err);

/* The format's names: "INT64", "TIMESTAMP", "ZSTD"; "?" for a value that is none. */
SHUKEI_API const char *shukei_parquet_type_name(shukei_parquet_type type);
SHUKEI_API const char *shukei_parquet_logical_name(shukei_parquet_logical logical);
SHUKEI_API const char *shukei_parquet_codec_name(shukei_parquet_codec codec);

/* ---- statistics, and skipping by them ------------------------------------------------------- */

typedef struct shukei_parquet_text {
  const char *bytes; /* not terminated; NULL: null */
  size_t length;
} shukei_parquet_text;

/* A value, read as `kind`. */
typedef struct shukei_parquet_value {
  shukei_parquet_kind kind; /* one bit; NONE: there is no value */
  union {
    bool boolean;
    int64_t integer;
    double number;
    int64_t time_us;
    shukei_parquet_text text;
  } as;
} shukei_parquet_value;

typedef struct shukei_parquet_statistics {
  /* Bounds: no value is smaller or greater. Of the column's kind; NONE where the file tells none,
   * or none that the format lets a reader rely on. A NaN is within any bounds. */
  shukei_parquet_value min, max;
  /* The same as the file has them: little-endian numbers, or bytes. NULL as above. */
  shukei_parquet_text min_bytes, max_bytes;
  bool min_exact, max_exact;          /* false: it may be a cut text, and no value itself */
  int64_t null_count, distinct_count; /* -1 where the file does not tell */
} shukei_parquet_statistics;

/* What the footer tells of the values of a column in a row group. No page is read.
 *   out  its texts live as long as the file
 * OK, also where the file tells nothing; EINVAL no such row group or column. */
SHUKEI_API shukei_status shukei_parquet_statistics_at(const shukei_parquet_file *file, size_t group,
                                                      size_t column, shukei_parquet_statistics *out,
                                                      shukei_error *err);
/* Whether, by the statistics, no row of a row group has a value of that column within low and high,
 * both included, so that it need not be read for them. Nulls and NaNs are within no bounds. False
 * where that is not certain: statistics that are missing or not to be relied upon, no such row
 * group or column, or a kind that the column cannot be read as or has no order in.
 *   low, high  NULL or of kind NONE: open at that end; both of one kind. Texts are compared byte by
 *              byte, numbers as the readers of that kind give them */
SHUKEI_API bool shukei_parquet_outside(const shukei_parquet_file *file, size_t group, size_t column,
                                       const shukei_parquet_value *low,
                                       const shukei_parquet_value *high);

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct shukei_parquet_reader shukei_parquet_reader; /* of one column of one row group */

/* Opens a reader of a flat column of a row group at its first row.
 *   out  NULL on failure; freed by shukei_parquet_reader_close(), before the file is closed
 * OK; EINVAL no such row group or column; EUNSUPPORTED a column that is not flat; what is wrong
 * with the file. */
SHUKEI_API shukei_status shukei_parquet_reader_open(shukei_parquet_file *file, size_t group,
                                                    size_t column, shukei_parquet_reader **out,
                                                    shukei_error *err);
SHUKEI_API void shukei_parquet_reader_close(shukei_parquet_reader *reader); /* NULL is fine */
/* The row of the row group that comes next. */
SHUKEI_API int64_t shukei_parquet_reader_row(const shukei_parquet_reader *reader);
/* Goes forward to a row of the row group, 0 to its number of rows; pages in between are not
 * decompressed. OK; EINVAL a row before the next one or behind the last; what is wrong with the
 * file. */
SHUKEI_API shukei_status shukei_parquet_reader_skip_to(shukei_parquet_reader *reader, int64_t row,
                                                       shukei_error *err);

/* The five calls below read the next rows: as many as there is room for, fewer only at the end of
 * the row group. A reader reads as one kind, that of its first call.
 *   capacity  rows that the arrays have room for
 *   values    [capacity]; 0 for a null
 *   valid     [capacity] 1: there is a value, 0: null; NULL: not wanted
 *   rows      those read; OK with 0 of them is the end. 0 on failure, and the arrays hold nothing
 *             then
 * OK; EINVAL a kind that the column cannot be read as (column->kinds), or another than before;
 * EFORMAT a value that the kind cannot hold (an instant or a decimal beyond 64 bits); what is wrong
 * with the file. After a failure the reader can only be closed. */
SHUKEI_API shukei_status shukei_parquet_read_doubles(shukei_parquet_reader *reader, size_t capacity,
                                                     double *values, uint8_t *valid, size_t *rows,
                                                     shukei_error *err);
SHUKEI_API shukei_status shukei_parquet_read_integers(shukei_parquet_reader *reader,
                                                      size_t capacity, int64_t *values,
                                                      uint8_t *valid, size_t *rows,
                                                      shukei_error *err);
/* In microseconds since 1970-01-01T00:00:00Z. */
SHUKEI_API shukei_status shukei_parquet_read_times(shukei_parquet_reader *reader, size_t capacity,
                                                   int64_t *times_us, uint8_t *valid, size_t *rows,
                                                   shukei_error *err);
/* As 0 and 1. */
SHUKEI_API shukei_status shukei_parquet_read_booleans(shukei_parquet_reader *reader,
                                                      size_t capacity, uint8_t *values,
                                                      uint8_t *valid, size_t *rows,
                                                      shukei_error *err);
/* A null has NULL bytes, an empty text has not. The bytes belong to the reader and live until its
 * next call. They are as the file has them: a STRING that is no UTF-8 is not refused here. */
SHUKEI_API shukei_status shukei_parquet_read_texts(shukei_parquet_reader *reader, size_t capacity,
                                                   shukei_parquet_text *texts, size_t *rows,
                                                   shukei_error *err);

/* ---- rows that meet conditions --------------------------------------------------------------- */

typedef struct shukei_parquet_selection shukei_parquet_selection; /* of a file */

/* Rows that lie next to each other in a row group. */
typedef struct shukei_parquet_selected {
  int64_t first; /* of the row group; shukei_parquet_reader_skip_to() takes a reader there */
  size_t rows;
  const uint8_t
      *match; /* [rows] 1: the row meets the conditions, as first and last do. Lives until the
                         * selection's next call */
} shukei_parquet_selected;

/* Begins to look for rows. What statistics, Bloom filters, dictionaries and page indexes rule out
 * is not read (docs/skipping.md), every other row is looked at.
 *   conditions  [count], copied: a row has to meet all of them, of those of one column any
 *   out         NULL on failure; freed by shukei_parquet_selection_close(), before the file is
 *               closed
 * OK; EINVAL no condition, one without column or value, a column that the file lacks, a value that
 * is none of its type; EUNSUPPORTED a nested column, or a type that cannot be compared with a text;
 * ENOMEM. */
SHUKEI_API shukei_status shukei_parquet_selection_open(shukei_parquet_file *file,
                                                       const shukei_condition *conditions,
                                                       size_t count, shukei_parquet_selection **out,
                                                       shukei_error *err);
SHUKEI_API void
shukei_parquet_selection_close(shukei_parquet_selection *selection); /* NULL is fine */
/* Goes to a row group, in any order.
 *   any  false: none of its rows meets the conditions, as the file tells; nothing of it need be
 *        read
 * OK; EINVAL no such row group; what is wrong with the file. After a failure the selection can only
 * be closed. */
SHUKEI_API shukei_status shukei_parquet_selection_group(shukei_parquet_selection *selection,
                                                        size_t group, bool *any, shukei_error *err);
/* The next rows of the row group that are worth reading, at most `capacity`. Rows 0: there are no
 * more. As above. */
SHUKEI_API shukei_status shukei_parquet_selection_next(shukei_parquet_selection *selection,
                                                       size_t capacity,
                                                       shukei_parquet_selected *out,
                                                       shukei_error *err);
/* What was looked at and skipped so far; rows_written is 0. */
SHUKEI_API void shukei_parquet_selection_counts(const shukei_parquet_selection *selection,
                                                shukei_cat_stats *counts);

/* ---- nested columns -------------------------------------------------------------------------- */

typedef struct shukei_parquet_nested shukei_parquet_nested; /* of one field of one row group */

/* Opens a reader of a list, map or struct, or of any other field, at the first row of a row group.
 *   path  the field's path, parts joined by '.'; what lies in a struct can be named, what lies in a
 *         list or map not
 *   out   NULL on failure; freed by shukei_parquet_nested_close(), before the file is closed
 * OK; EINVAL no such row group or field; EUNSUPPORTED a field within a list or map; what is wrong
 * with the file. */
SHUKEI_API shukei_status shukei_parquet_nested_open(shukei_parquet_file *file, size_t group,
                                                    const char *path, shukei_parquet_nested **out,
                                                    shukei_error *err);
SHUKEI_API void shukei_parquet_nested_close(shukei_parquet_nested *nested); /* NULL is fine */
/* The next rows as JSON, in the forms of docs/cat.md: as many as there is room for, fewer only at
 * the end of the row group.
 *   texts  [capacity] NULL bytes: null. They belong to the reader and live until its next call
 *   rows   those read; OK with 0 of them is the end. 0 on failure
 * OK; what is wrong with the file; ENOMEM. After a failure the reader can only be closed. */
SHUKEI_API shukei_status shukei_parquet_read_json(shukei_parquet_nested *nested, size_t capacity,
                                                  shukei_parquet_text *texts, size_t *rows,
                                                  shukei_error *err);

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct shukei_parquet_writer shukei_parquet_writer;

typedef enum shukei_parquet_write_kind {
  SHUKEI_PARQUET_WRITE_TEXT = 0,   /* BYTE_ARRAY, STRING */
  SHUKEI_PARQUET_WRITE_DOUBLE = 1, /* DOUBLE */
  SHUKEI_PARQUET_WRITE_INT64 = 2,  /* INT64 */
  SHUKEI_PARQUET_WRITE_TIME = 3,   /* INT64, TIMESTAMP: microseconds since 1970 UTC */
  SHUKEI_PARQUET_WRITE_DATE = 4    /* INT32, DATE: days since 1970-01-01, each of 32 bits */
} shukei_parquet_write_kind;

typedef struct shukei_parquet_write_column {
  const char *name; /* UTF-8, each once */
  shukei_parquet_write_kind kind;
  bool required; /* no row is null */
} shukei_parquet_write_column;

/* The rows of one column, borrowed for the call. */
typedef struct shukei_parquet_write_values {
  const uint8_t *valid; /* [rows] 0: null; NULL: all are there */
  union {
    const shukei_parquet_text *texts; /* TEXT: UTF-8; NULL bytes are a null too */
    const double *doubles;            /* DOUBLE */
    const int64_t *integers;          /* INT64, TIME, DATE */
  } as;
} shukei_parquet_write_values;

/* How the values of a column are stored. CHOSEN is a dictionary where it pays (of texts: always),
 * else what makes the column smaller without making it slower to read (docs/parquet.md). The others
 * are the format's encodings:
 *
 *   PLAIN, DICTIONARY        any kind
 *   DELTA_BINARY_PACKED      INT64, TIME, DATE
 *   DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY  TEXT
 *   BYTE_STREAM_SPLIT        DOUBLE, and INT64, TIME and DATE, which some readers refuse */
typedef enum shukei_parquet_write_encoding {
  SHUKEI_PARQUET_WRITE_CHOSEN = 0,
  SHUKEI_PARQUET_WRITE_PLAIN = 1,
  SHUKEI_PARQUET_WRITE_DICTIONARY = 2,
  SHUKEI_PARQUET_WRITE_DELTA_BINARY_PACKED = 3,
  SHUKEI_PARQUET_WRITE_DELTA_LENGTH_BYTE_ARRAY = 4,
  SHUKEI_PARQUET_WRITE_DELTA_BYTE_ARRAY = 5,
  SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT = 6
} shukei_parquet_write_encoding;

typedef struct shukei_parquet_writer_options {
  shukei_parquet_codec
      codec; /* ZSTD, SNAPPY, GZIP or LZ4_RAW, where it makes a chunk smaller, or UNCOMPRESSED */
  int level; /* of ZSTD, 1 to 19, of GZIP, 1 to 9 */
  uint64_t group_rows; /* rows of a full row group, 1 to 2^30 */
  uint32_t page_rows;  /* rows of a full page, 1 to 65,536 */
  bool page_index;
  const shukei_parquet_write_encoding *encodings; /* [column_count]; NULL: all CHOSEN */
  /* Columns by which the rows may be sorted, ascending and nulls last, the first of them first; 8
   * at most. A row group declares as many of them as its rows are sorted by, without a gap. */
  const char *const *sorting_columns;
  size_t sorting_column_count;
  /* Columns of texts that get a Bloom filter in each row group, of those with a dictionary. */
  const char *const *bloom_columns;
  size_t bloom_column_count;
  unsigned threads;      /* that encode columns side by side; 0: one per processor */
  uint64_t memory_bytes; /* the limit; 0: half of the machine's memory */
} shukei_parquet_writer_options;

/* Sets every member to its default: ZSTD of level 1, 1,048,576 rows in pages of 65,536, a page
 * index, all encodings chosen, no sorting column, no Bloom filter, 1 thread, no limit of one's own.
 * options must not be NULL. */
SHUKEI_API void shukei_parquet_writer_options_init(shukei_parquet_writer_options *options);

/* Begins a file, with CRCs and statistics. The same rows give the same bytes, however they are cut
 * into calls and for any number of threads.
 *   path     a local file, whose folders are made where they lack, or s3://BUCKET/KEY. The file
 *            appears under its name when it is finished, whole, and not before
 *   columns  [column_count], copied
 *   options  NULL: the defaults
 *   out      NULL on failure; freed by shukei_parquet_writer_close()
 * OK; EINVAL no or too many columns (32,767), a column without a name or named twice or not in
 * UTF-8, a kind, codec or level that cannot be written, an encoding that the kind cannot have,
 * pages or row groups of no or too many rows, a sorting column or one with a Bloom filter that is
 * none, or no texts; EWRITE the file cannot be made; ENOMEM. */
SHUKEI_API shukei_status shukei_parquet_writer_open(const char *path,
                                                    const shukei_parquet_write_column *columns,
                                                    size_t column_count,
                                                    const shukei_parquet_writer_options *options,
                                                    shukei_parquet_writer **out, shukei_error *err);
/* Appends rows.
 *   values  [column_count]
 * OK; EINVAL a null in a required column, a text that is no UTF-8 or passes 2^31 - 1 bytes, a date
 * beyond 32 bits, a writer that was finished or has failed; EWRITE; ENOMEM. After a failure it can
 * only be closed. */
SHUKEI_API shukei_status shukei_parquet_write(shukei_parquet_writer *writer, size_t rows,
                                              const shukei_parquet_write_values *values,
                                              shukei_error *err);
/* Writes what is left and the footer, and makes the file durable and visible. A file of that name
 * is replaced. OK; EINVAL a writer that was finished or has failed; EWRITE; ENOMEM: no file appears
 * then. */
SHUKEI_API shukei_status shukei_parquet_writer_finish(shukei_parquet_writer *writer,
                                                      shukei_error *err);
/* Frees the writer; NULL is fine. What was not finished vanishes. */
SHUKEI_API void shukei_parquet_writer_close(shukei_parquet_writer *writer);

/* ---- the Arrow C data interface -------------------------------------------------------------- */

/* The structs of the specification (Apache Arrow, "The Arrow C data interface" and "The Arrow C
 * stream interface"), under its own guards, so that they may come from any header that has them. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif

typedef struct shukei_parquet_arrow_options {
  const size_t *columns; /* [column_count], flat ones, in the order wanted; NULL: all flat ones */
  size_t column_count;
  const size_t *groups; /* [group_count], in the order wanted; NULL: all row groups */
  size_t group_count;
  size_t batch_rows; /* of a batch at most: it also ends with its row group */
} shukei_parquet_arrow_options;

/* Sets every member to its default: all columns, all row groups, batches of 65,536 rows. */
SHUKEI_API void shukei_parquet_arrow_options_init(shukei_parquet_arrow_options *options);

/* Makes a stream of record batches (structs, a child for each column) of the types that
 * docs/parquet.md lists. The stream, and each schema and batch that it gives, is released by its
 * own release callback, in any order, any thread, and also after the file was closed. Batches own
 * their memory, which stays charged to the file's limit. get_next() returns 0, or ENOMEM, EINVAL
 * (the file is wrong or not supported, a STRING is no UTF-8, a batch has more than 2^31 - 1 bytes
 * of texts) or EIO, and get_last_error() the text; after a failure the stream can only be released.
 *   options  NULL: the defaults; what it points to is copied
 *   out      the caller's, filled; untouched on failure
 * OK; EINVAL no such column or row group, batch_rows 0 or above 2^31 - 1; EUNSUPPORTED a column
 * that is not flat; ENOMEM. */
SHUKEI_API shukei_status shukei_parquet_arrow_stream(shukei_parquet_file *file,
                                                     const shukei_parquet_arrow_options *options,
                                                     struct ArrowArrayStream *out,
                                                     shukei_error *err);

#ifdef __cplusplus
}
#endif
#endif
