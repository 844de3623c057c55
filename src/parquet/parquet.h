/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the parquet room for the others: reading and writing flat columns.
 *
 * Reading: sk_file_open() -> sk_file_meta() -> for each row group and column wanted
 * sk_column_open() -> sk_column_ids() / sk_column_doubles() / sk_column_times() until the rows are
 * done -> sk_column_close() -> sk_file_close().
 *
 * Many threads may open columns of an open file at once; each column reader
 * belongs to one thread. A reader holds one decompressed page (and the dictionary) at a time, so
 * its memory does not depend on the size of the row group. */
#ifndef SK_PARQUET_PARQUET_H
#define SK_PARQUET_PARQUET_H

#include "base/buffer.h"
#include "base/helpers.h"
#include "base/intern.h"
#include "base/object.h"
#include "parquet/meta.h"

/* ---- reading ------------------------------------------------------------------------------- */

struct sk_file;   /* one open Parquet object */
struct sk_column; /* one reader of one column chunk */

/* Reads and checks the footer, no page.
 *   object  borrowed, must outlive the file
 *   out     NULL on failure; freed by sk_file_close()
 * OK; ETRUNC under 12 bytes; EFORMAT magic, length, Thrift, impossible schema or offsets;
 * EUNSUPPORTED encrypted; EIO; ENOMEM. Every message begins with the object's name. */
shukei_status sk_file_open(struct sk_object *object, struct sk_budget *budget, struct sk_file **out,
                           shukei_error *err);
void sk_file_close(struct sk_file *file); /* NULL is fine */
const struct sk_meta *sk_file_meta(const struct sk_file *file);
/* Of the footer's bytes: a copy has the same, another file hardly ever. Never 0. */
uint64_t sk_file_mark(const struct sk_file *file);
/* Before the first column is opened: readers of this column will all give ids of one table, and so
 * may share the dictionaries of its row groups. False when memory lacks. */
bool sk_file_share_texts(struct sk_file *file, int column);
/* Index of the flat leaf column with that name, else of one that differs by the case of ASCII
 * letters, the first where there are several; -1 where there is none. */
int sk_file_find_column(const struct sk_file *file, const char *name);
/* The same for names that a user gives: EINVAL where there are several. */
shukei_status sk_file_named_column(const struct sk_file *file, const char *name, int *column,
                                   shukei_error *err);

/* Cuts a row group into ranges of rows that different threads may read at once, at page borders
 * of the largest of the given columns, each of about `target_bytes` uncompressed. The cut depends
 * only on the file. Reads page headers or the offset index; those of no page behind the present
 * range, so that a distant object need not be there yet. */
struct sk_cutter;
shukei_status sk_cutter_open(struct sk_file *file, uint32_t group, const int *columns,
                             size_t column_count, uint64_t target_bytes, struct sk_budget *budget,
                             struct sk_cutter **out, shukei_error *err);
/* The end of the next range, of which the first begins with row 0; the last one's is the row
 * count. */
shukei_status sk_cutter_next(struct sk_cutter *cutter, int64_t *end, shukei_error *err);
void sk_cutter_free(struct sk_cutter *cutter); /* NULL is fine */

/* Tells the object that the chunks of these columns of a row group are going to be read side by
 * side; a column below 0 is none. */
void sk_file_expect(struct sk_file *file, uint32_t group, const int *columns, size_t count);

/* The smallest and greatest value of a timestamp column's chunk by its statistics, in
 * microseconds; false where they are absent or cannot be trusted for this. */
bool sk_file_time_range(const struct sk_file *file, uint32_t group, int column, int64_t *min_us,
                        int64_t *max_us);

/* What the column readers of one thread may share, also those of several files: the buffer of
 * compressed bytes and the decompressors' contexts. Outlives them. */
struct sk_column_tools;
shukei_status sk_column_tools_new(struct sk_budget *budget, struct sk_column_tools **out,
                                  shukei_error *err);
/* From here on the last dictionary of texts of each column is remembered, within that many bytes in
 * all, for files that have the same. Tables that ids are asked of must not be reset before the
 * tools are freed; emptied they may be. */
void sk_column_tools_remember(struct sk_column_tools *tools, uint64_t limit_bytes);
void sk_column_tools_free(struct sk_column_tools *tools); /* NULL is fine */

/* Opens a reader at row first_row (0 .. row_count) of a flat column of a row group. Errors name
 * object, row group, column and page. EUNSUPPORTED for a column that is not flat.
 *   tools  NULL: the reader has its own, and reads ahead */
shukei_status sk_column_open(struct sk_file *file, uint32_t group, int column, int64_t first_row,
                             struct sk_column_tools *tools, struct sk_budget *budget,
                             struct sk_column **out, shukei_error *err);
void sk_column_close(struct sk_column *column); /* NULL is fine */
/* Goes forward to a row of the row group, so that one reader can serve several ranges of a chunk
 * in turn; pages in between are hopped over. A row before the present one is EINVAL. */
shukei_status sk_column_skip_to(struct sk_column *column, int64_t row, shukei_error *err);
/* Forgets the last id that it gave, since the table was emptied. */
void sk_column_forget(struct sk_column *column);
/* The row that comes next. */
int64_t sk_column_row(const struct sk_column *column);

/* The next cap rows (all of them: fewer are EFORMAT, "ends after N of M rows"). A reader gives ids,
 * doubles, times and so on (parquet/values.h): only one of these calls may be used with it.
 * Texts (BYTE_ARRAY, and FIXED_LEN_BYTE_ARRAY, whole bytes) become ids of `table`, a null becomes
 * SK_NO_ID; a dictionary entry is interned once, when first used. One table per reader. */
shukei_status sk_column_ids(struct sk_column *column, struct sk_intern *table, size_t cap,
                            uint32_t *ids, shukei_error *err);
/* Numbers of any numeric physical type, DECIMAL scaled, widened to double; 0.0 for a null.
 *   valid  [cap] 1 present, 0 null; may be NULL
 * nulls  number of nulls among them is added; may be NULL. EFORMAT for a type that is no number. */
shukei_status sk_column_doubles(struct sk_column *column, size_t cap, double *values,
                                uint8_t *valid, uint64_t *nulls, shukei_error *err);
/* Timestamps (INT64 of any unit, INT96, DATE) in microseconds since 1970 UTC, rounded down;
 * 0 with valid 0 for a null. INT64 without annotation is an error. */
shukei_status sk_column_times(struct sk_column *column, size_t cap, int64_t *times_us,
                              uint8_t *valid, shukei_error *err);

/* What a reader of this column can give. NULL: all rows are null (a table's column without any
 * value has no type of its own), and each of the three calls above takes it. */
enum sk_column_kind { SK_KIND_TEXT, SK_KIND_NUMBER, SK_KIND_TIME, SK_KIND_OTHER, SK_KIND_NULL };
enum sk_column_kind sk_column_kind(const struct sk_column_meta *column);

/* The rows of a file that meet conditions (docs/cat.md).
 *
 *   sk_selection_open() -> [ sk_selection_group() -> sk_selection_next() ... ] for each row group
 *   -> sk_selection_close()
 *
 * What statistics, Bloom filters, dictionaries and page indexes rule out is not read; every other
 * row is looked at. */
struct sk_selection;
/* A row meets the conditions if it meets all of them, of those of one column any. It then is equal
 * to the value, which is spelt as `cat` prints it.
 *   file        must outlive the selection
 *   conditions  copied
 * EINVAL for a column that the file lacks or a value that is none of its type; EUNSUPPORTED;
 * ENOMEM. */
shukei_status sk_selection_open(struct sk_file *file, const shukei_condition *conditions,
                                size_t count, struct sk_budget *budget, struct sk_selection **out,
                                shukei_error *err);
void sk_selection_close(struct sk_selection *selection); /* NULL is fine */
/* Goes to a row group. *any is false where none of its rows can meet the conditions, and nothing of
 * it need be read; *partial is true where some of its pages need not be. */
shukei_status sk_selection_group(struct sk_selection *selection, uint32_t group, bool *any,
                                 bool *partial, shukei_error *err);
struct sk_selected {
  int64_t first; /* of the row group */
  size_t rows;
  const uint8_t *match; /* [rows]: 1 where the row meets the conditions, as first and last do */
};
/* The next rows that are worth reading, `cap` at most; rows 0: there are no more. */
shukei_status sk_selection_next(struct sk_selection *selection, size_t cap,
                                struct sk_selected *selected, shukei_error *err);
/* What was read and skipped so far; rows_written is left alone. */
void sk_selection_counts(const struct sk_selection *selection, shukei_cat_stats *stats);

struct sk_cat_options {
  /* Names of columns, or paths of what lies in a struct, parts joined by '.'; where column_count is
   * 0 all that are flat, or with `nested` simply all; all also where none is flat. */
  const char *const *columns;
  size_t column_count;
  bool nested;
  struct sk_selection *selection; /* NULL: all rows */
  uint64_t limit;                 /* rows to write at most */
};
/* Writes rows as CSV, header first; the cell forms are those of docs/cat.md.
 *   written  may be NULL; rows, as far as it came
 *   write    false ends it with EWRITE */
shukei_status sk_parquet_cat(struct sk_file *file, const struct sk_cat_options *options,
                             uint64_t *written, bool (*write)(void *, const void *, size_t),
                             void *context, struct sk_budget *budget, shukei_error *err);
/* Appends a description of the file to out, for people or as one JSON object: what its footer says,
 * and if they are wanted its pages by their headers, and what sk_parquet_check() finds. *findings
 * is then their number. OK, whatever was found; EIO and ENOMEM. */
struct sk_inspect_options {
  bool json, pages, check;
};
shukei_status sk_parquet_inspect(struct sk_file *file, const struct sk_inspect_options *options,
                                 struct sk_budget *budget, struct sk_buffer *out,
                                 uint64_t *findings, shukei_error *err);

struct sk_check_result {
  uint64_t findings, pages, values;
};
/* Reads all pages of all column chunks (checksums, decompression, encodings, levels), and looks
 * whether
 *   parts of the file overlap, or a chunk ends elsewhere than the footer says,
 *   the numbers of values, nulls and bytes are those of the footer,
 *   values lie within the bounds that the statistics tell, and are in the Bloom filter,
 *   the page index tells of each page where it lies, which row it begins with, and what values and
 *   nulls it has, the dictionary is there where the footer tells of it, and filled by its entries,
 *   the levels of a nested column begin as many records as there are rows.
 * Appends a line for each finding; of a
 * chunk each kind is told once. As sk_parquet_inspect(). */
shukei_status sk_parquet_check(struct sk_file *file, struct sk_budget *budget,
                               struct sk_buffer *lines, struct sk_check_result *result,
                               shukei_error *err);

/* Appends what differs between two files, for people or as one JSON object: what their footers tell
 * (file, metadata, schema, row groups, columns), then the rows, in whatever way they are cut and
 * coded.
 *   differs  their schemas or rows do, not only the layout
 * OK, whatever differs; what is wrong with either file; ENOMEM. */
shukei_status sk_parquet_diff(struct sk_file *a, struct sk_file *b, bool json,
                              struct sk_budget *budget, struct sk_buffer *out, bool *differs,
                              shukei_error *err);

/* ---- writing ------------------------------------------------------------------------------- */

struct sk_writer;

enum sk_write_kind {
  SK_WRITE_TEXT,   /* BYTE_ARRAY, String */
  SK_WRITE_DOUBLE, /* DOUBLE */
  SK_WRITE_INT64,  /* INT64 */
  SK_WRITE_TIME,   /* INT64, Timestamp(MICROS, UTC) */
  SK_WRITE_DATE    /* INT32, Date; values are int64_t days */
};
/* How the values of a column are stored. Another than the format allows for the kind is EINVAL: the
 * delta encodings of BYTE_ARRAY are for texts, DELTA_BINARY_PACKED for integers, times and dates,
 * BYTE_STREAM_SPLIT for all but texts. */
enum sk_write_encoding {
  SK_WRITE_CHOSEN, /* by the writer's rules (chunk_words.c, chunk_texts.c) */
  SK_WRITE_PLAIN,
  SK_WRITE_DICTIONARY, /* always, whether it pays or not */
  SK_WRITE_DELTA_BINARY_PACKED,
  SK_WRITE_DELTA_LENGTH_BYTE_ARRAY,
  SK_WRITE_DELTA_BYTE_ARRAY,
  SK_WRITE_BYTE_STREAM_SPLIT,
  SK_WRITE_ENCODINGS
};
struct sk_write_column {
  const char *name; /* borrowed */
  enum sk_write_kind kind;
  bool required; /* else optional */
};
/* One column of the rows of a call; borrowed for the call. */
struct sk_write_values {
  const uint8_t *valid; /* [rows], NULL: all present */
  union {
    const uint32_t *ids; /* TEXT: ids of texts; SK_NO_ID is null too */
    const double *doubles;
    const int64_t *integers; /* INT64, TIME, DATE */
  };
  /* TEXT: where the ids live; may differ between calls. Ids are remembered per table, so before a
   * table is reset, or another made in its place, the writer must be closed or told to forget it.
   * */
  const struct sk_intern *texts;
};
#define SK_SORTING_MOST 8
struct sk_writer_options {
  enum sk_codec codec; /* ZSTD, SNAPPY, GZIP, LZ4_RAW, of chunks that it serves, or UNCOMPRESSED */
  int level;           /* of ZSTD, 1 to 19, of GZIP, 1 to 9 */
  uint64_t group_rows; /* rows of a full row group */
  uint64_t page_bytes; /* aim for the size of a data page, uncompressed */
  bool page_index;
  const enum sk_write_encoding *encodings; /* [column_count]; NULL: all chosen */
  unsigned threads; /* encode that many columns at once when a page is full */
  /* Names of columns by which the rows may be sorted, ascending and nulls last, the first of them
   * first. Each row group declares as many of them as its rows truly are sorted by. SK_SORTING_MOST
   * at most. */
  const char *const *sorting_columns;
  size_t sorting_column_count;
  /* NULL, or the one table that all texts come from. It stays as it is until the writer is closed;
   * the writer then copies and hashes no text. The bytes are the same. */
  const struct sk_intern *texts;
  /* For sk_writer_add_page() only. Texts of this column hardly ever repeat (NULL: none): they are
   * written as they are, and none is looked up. */
  const char *unique_column;
  /* For sk_writer_add_page() only. The second of these columns of texts mostly has those of the
   * first (NULL: there are no such): pages of which this is true are encoded once. The bytes are
   * the same. */
  const char *twin_columns[2];
  /* Within a row group, a column whose texts take more than that in its dictionary, and of which a
   * page repeats fewer than it adds, goes on without dictionary; 0: never. */
  uint64_t most_coded_bytes;
  /* Columns of texts that get a Bloom filter in each row group; names that the file lacks are left
   * out. A row group in which the column goes without dictionary has none. */
  const char *const *bloom_columns;
  size_t bloom_column_count;
};
void sk_writer_options_init(struct sk_writer_options *options);

/* Writes a Parquet file to output: dictionaries for every column they make smaller (texts keep
 * theirs whatever its size), other encodings where they pay, v1 data pages with CRCs, statistics,
 * page index. A column chunk that the codec makes smaller by less than a tenth is stored
 * uncompressed. The same rows give the same bytes, however they are cut into calls and for any
 * number of threads.
 *   output   borrowed; the caller commits it after sk_writer_finish()
 *   columns  copied */
shukei_status sk_writer_open(struct sk_output *output, const struct sk_write_column *columns,
                             size_t column_count, const struct sk_writer_options *options,
                             struct sk_budget *budget, struct sk_writer **out, shukei_error *err);
/* Appends rows; values[column_count]. A full row group is encoded and written. */
shukei_status sk_writer_add(struct sk_writer *writer, size_t rows,
                            const struct sk_write_values *values, shukei_error *err);
/* Columns as sk_writer_add_page() takes them: the words or texts of consecutive rows. */
struct sk_write_text {
  uint32_t at, length; /* in `bytes` */
};
struct sk_write_slice {
  bool none;               /* all rows are null, and nothing else here counts */
  uint8_t bit;             /* a row is there where this bit of present[row] is set */
  const uint64_t *present; /* NULL: all are there */
  union {
    const uint64_t *words; /* doubles as bits, integers */
    const uint32_t *ids;   /* TEXT: index in texts; rows of one text in a run should share an id */
  };
  const struct sk_write_text *texts;
  const char *bytes;
};
struct sk_write_part {
  const struct sk_write_slice *columns; /* [column_count] */
  size_t rows;
};
/* Appends the rows of the parts, in their order, as one page of every column, no more than a page
 * holds; all that takes time happens in the writer's threads, a column in one of them. How the rows
 * are cut into parts does not show. `last` ends the row group. Not to be mixed with
 * sk_writer_add(). */
shukei_status sk_writer_add_page(struct sk_writer *writer, const struct sk_write_part *parts,
                                 size_t part_count, bool last, shukei_error *err);
/* From now on those help to encode, instead of threads that are made for each page; NULL: such. */
void sk_writer_ask(struct sk_writer *writer, struct sk_helpers *helpers);
/* No page comes for a while: gives memory back that serves encoding only. */
void sk_writer_pause(struct sk_writer *writer);
/* What the row group in the making takes of memory so far: its pages and dictionaries. */
uint64_t sk_writer_held_bytes(const struct sk_writer *writer);
/* Forgets what is remembered of a table of texts; its texts that were written stay. */
void sk_writer_forget(struct sk_writer *writer, const struct sk_intern *texts);
/* Writes what is left and the footer. */
shukei_status sk_writer_finish(struct sk_writer *writer, shukei_error *err);
void sk_writer_close(struct sk_writer *writer); /* frees; NULL is fine */

#endif
