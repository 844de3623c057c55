/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the input room: which files a source holds, and their rows as batches.
 *
 *   sk_plan_build()  lists, recognises and sorts the files, once
 *   sk_source_open() one file, shared by all workers
 *   sk_reader_new()  one per worker
 *   sk_reader_claim() takes the next piece of a source (a row range, or a block of CSV): OK with
 *                    *claimed false when nothing is left
 *   sk_reader_next() batches of the claimed piece, until *batch is NULL
 *   sk_reader_forget() between two batches, where the caller empties the symbols' tables
 *
 * Pieces are cut by what the data says, never by the number of workers. */
#ifndef SK_INPUT_INPUT_H
#define SK_INPUT_INPUT_H

#include "base/object.h"
#include "input/batch.h"
#include "input/day_set.h"
#include "shukei.h"

/* ---- which files ---------------------------------------------------------------------------- */

enum sk_format {
  SK_FORMAT_CSV,
  SK_FORMAT_CSV_GZIP,
  SK_FORMAT_CSV_ZSTD,
  SK_FORMAT_PARQUET,
  SK_FORMAT_PAYLOAD /* an archive of reports: no file of a plan, whose members are */
};

struct sk_archive;
struct sk_archive_member;
struct sk_planned_file {
  const char *path; /* ARCHIVE:MEMBER where it is a member of one */
  uint64_t size_bytes;
  enum sk_format format;
  enum sk_report report;
  uint64_t row_count; /* by the footer, 0 for CSV */
  bool row_count_known;
  int32_t first_day; /* no row is of an earlier one; INT32_MIN unknown, INT32_MAX no rows */
  int32_t last_day;  /* none is of a later one; INT32_MAX unknown, INT32_MIN no rows */
  /* Of the version that was listed; NULL: not known. Of a member its uuid, name, size and checksum:
   * what it holds, whatever archive it came in. */
  const char *etag;
  const char *identity; /* equal for two paths to one file; NULL: not known */
  uint64_t mark;        /* of its first rows, or its footer: copies have the same; 0: not known */
  bool young;           /* it may have changed since without another etag */
  bool left_out;        /* has no rows that this run wants: it is not opened */
  const struct sk_archive *archive; /* NULL: the file lies by itself */
  struct sk_archive_member *member; /* likewise; its text is given back when its rows are read */
  const struct sk_day_set *days;    /* those that count of it; NULL: all */
  bool undated;                     /* a member with rows that have no time, as far as is known */
  uint32_t cluster;                 /* of the plan's */
};
/* The path of the object that the file lies in. */
const char *sk_planned_place(const struct sk_planned_file *file);

/* A cluster whose payloads are read. */
struct sk_planned_cluster {
  const char *cluster_id;      /* by the manifests; NULL where the reports are in no payload */
  const char *example;         /* one of its archives, while the plan is made */
  const shukei_cluster *known; /* the one of the options, NULL: none */
};
struct sk_plan {
  struct sk_arena arena;
  struct sk_planned_file *files; /* sorted by path; the place of a file here is its number */
  size_t count, capacity;
  uint64_t files_skipped;
  const char *source;                  /* the one `source=` of the paths, or NULL */
  struct sk_planned_cluster *clusters; /* at least one, by cluster_id */
  size_t cluster_count;
  struct sk_archive **archives; /* that files lie in; some NULL */
  size_t archive_count;
  uint64_t payloads, payloads_bad, payloads_superseded, members_left_out, rows_superseded;
};
struct sk_listed;
/* What a former run knows of objects, so that they need not be looked into. */
struct sk_plan_memory {
  void *context;
  /* First: the source that the rows are of (NULL: none) is known now, and what it knows can be
   * read. */
  shukei_status (*begin)(void *context, const char *source, shukei_error *err);
  /* True where it knows this version of an object: *file is filled as by looking into it, or, for
   * what is no report, *known is false and *why says so. Any thread. */
  bool (*recall)(void *context, const struct sk_listed *listed, struct sk_planned_file *file,
                 bool *known, const char **why);
  /* For each object, recalled or looked into, by path; file NULL: it is no report. */
  shukei_status (*note)(void *context, const struct sk_listed *listed,
                        const struct sk_planned_file *file, const char *why, shukei_error *err);
  /* Then of payloads: the text that was noted of the version of an archive, NULL: none; any thread.
   * It is good as long as the plan is made. */
  const char *(*recall_archive)(void *context, const char *path);
  /* Last, of each archive that was not refused: a text from which it is known again (NULL: the
   * recalled one is still right), and the days that count of it, in any order and repeated.
   * cluster_id NULL: its cluster is not read. */
  shukei_status (*note_archive)(void *context, const char *path, const char *cluster_id,
                                const char *text, const int32_t *days, size_t day_count,
                                shukei_error *err);
};
struct sk_plan_options {
  const char *const *sources;
  size_t source_count;
  shukei_layout layout;
  const char *org, *source;
  int32_t start_day, end_day;          /* INT32_MIN, INT32_MAX: no limit */
  unsigned threads;                    /* that look into files at once; 0 as 1 */
  const struct sk_plan_memory *memory; /* NULL: nothing is known */
  /* Of payloads. */
  const char *cluster_id; /* the only one to read; NULL: that of `source`, or all */
  const shukei_cluster *clusters;
  size_t cluster_count;
  bool skip_bad_payloads, skip_unknown_clusters;
  bool one_cluster;         /* several are an error */
  bool layouts_for_several; /* which a layout with a folder for each would not make one */
  /* Asked between archives; what is not OK ends the planning. NULL: never. */
  shukei_status (*check)(void *context, shukei_error *err);
  void (*warn)(void *context, const char *text);
  void (*note)(void *context, const char *text); /* what is good to know but no reason to worry */
  void *context;                                 /* of these three; the first from any thread */
};
/* Lists the sources, leaves out what the folders' dates, org, source or names exclude, opens each
 * file as far as its header or footer and recognises its report. Errors: ENOTFOUND no such place
 * or no report in it; EFORMAT a file that claims to be a report but cannot be read, or lacks a
 * column (all are named), a payload that is refused; EINVAL CSV and Parquet of one report, payloads
 * beside other reports, several clusters without `source`, a cluster that is not listed. */
shukei_status sk_plan_build(const struct sk_plan_options *options, struct sk_budget *budget,
                            struct sk_plan *plan, shukei_error *err);
void sk_plan_reset(struct sk_plan *plan);
/* Reads those archives that were recalled and have files that are not left out, so that their
 * members can be read. Statuses of reading them; EFORMAT where one is another than it was. */
shukei_status sk_plan_fetch_archives(struct sk_plan *plan, unsigned threads,
                                     struct sk_budget *budget, shukei_error *err);

/* ---- reading -------------------------------------------------------------------------------- */

struct sk_read_options {
  sk_fields wanted;           /* beside interval_start, which always comes */
  int32_t start_day, end_day; /* rows outside are counted and left out */
  bool times_only;            /* nothing is read but interval_start */
  shukei_bad_rows bad_rows;
  /* SHUKEI_BAD_ROWS_KEEP: takes each bad row; any worker. false: it could not be kept. */
  bool (*keep_bad_row)(void *context, const char *path, uint64_t row, const char *cause,
                       const char *text, size_t length);
  void *keep_context;
};

struct sk_source; /* one file being read, shared by the workers */
shukei_status sk_source_open(const struct sk_planned_file *file, uint32_t file_number,
                             const struct sk_read_options *options, struct sk_budget *budget,
                             struct sk_source **out, shukei_error *err);
/* Readers that claimed of it have been told that nothing is left, claimed of another, or are freed:
 * they keep column readers of it. */
void sk_source_close(struct sk_source *source);
const char *sk_source_path(const struct sk_source *source);
/* Bytes of the file that have been claimed so far; any thread. */
uint64_t sk_source_bytes_claimed(struct sk_source *source);
/* No row that has not been claimed yet is of an earlier day: INT32_MIN where that is not known, as
 * in CSV; INT32_MAX when nothing is left. It never falls. Row groups outside of the days asked for
 * count as the last of these days at most, so that somebody claims, and thereby counts, them. Any
 * thread. */
int32_t sk_source_first_day(struct sk_source *source);

struct sk_reader; /* one worker's buffers and position */
shukei_status sk_reader_new(struct sk_symbols *symbols, struct sk_counts *counts,
                            struct sk_budget *budget, struct sk_reader **out, shukei_error *err);
void sk_reader_free(struct sk_reader *reader);
/* Takes the next piece, if it may hold rows of last_day or earlier (INT32_MAX: any piece). */
shukei_status sk_reader_claim(struct sk_reader *reader, struct sk_source *source, int32_t last_day,
                              bool *claimed, shukei_error *err);
/* Points *batch at the next rows (at least one), or NULL at the end of the piece. */
shukei_status sk_reader_next(struct sk_reader *reader, const struct sk_batch **batch,
                             shukei_error *err);
/* Forgets every id of the symbols' tables, which the caller has emptied (sk_symbols_empty()). Also
 * in mid-piece, but the last batch is no longer valid. */
void sk_reader_forget(struct sk_reader *reader);

#endif
