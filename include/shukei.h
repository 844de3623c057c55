/* SPDX-License-Identifier: Apache-2.0 */
/* shukei: usage reports of OpenShift clusters in, daily summaries out.
 *
 * What the program does, a C program can do with the calls of this header:
 *
 *   shukei_aggregate_options_init() -> fill in -> shukei_aggregate()
 *   shukei_convert_options_init()   -> fill in -> shukei_convert()
 *   shukei_inspect(), shukei_cat()   look into one Parquet object
 *   shukei_generate_options_init()  -> fill in -> shukei_generate()
 *   shukei_validate_options_init()  -> fill in -> shukei_validate()
 *
 * Every call returns a shukei_status and fills an optional shukei_error on failure. The library
 * prints nothing, installs no signal handler and keeps no global state; messages, progress and
 * data for standard output go through the callbacks of the options. Strings are UTF-8.
 */
#ifndef SHUKEI_H
#define SHUKEI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SHUKEI_API __attribute__((visibility("default")))
#else
#define SHUKEI_API
#endif

/* One list feeds the enum, shukei_status_name(), docs/errors.md and the test that compares them. */
#define SHUKEI_STATUS_MAP(X)                                                                       \
  X(OK, 0, "success")                                                                              \
  X(ENOMEM, 1, "out of memory or over the budget")                                                 \
  X(EIO, 2, "reading failed")                                                                      \
  X(ENOTFOUND, 3, "the input does not exist or holds no report")                                   \
  X(ETRUNC, 4, "the input ends too early")                                                         \
  X(EFORMAT, 5, "the input is corrupt or breaks a rule of its format")                             \
  X(EUNSUPPORTED, 6, "the input uses a feature that is not supported")                             \
  X(EINVAL, 7, "wrong usage or configuration")                                                     \
  X(EWRITE, 8, "writing the result failed")                                                        \
  X(ECANCELED, 9, "stopped on request")                                                            \
  X(ERANGE, 10, "a sum or count passes the range that is kept exactly")

#define SHUKEI_AS_ENUM(name, value, text) SHUKEI_##name = value,
typedef enum shukei_status { SHUKEI_STATUS_MAP(SHUKEI_AS_ENUM) } shukei_status;

/* Filled only on failure; NULL is accepted wherever one is taken. */
typedef struct shukei_error {
  shukei_status status;
  int64_t offset;   /* byte in the object, -1 where it has no meaning */
  char text[512];   /* outermost context first, cause last; cut to fit */
  char advice[256]; /* what to do about it, empty where there is nothing useful to say */
} shukei_error;

/* The status's name without its prefix ("EFORMAT"), or "?" for a value that is none. */
SHUKEI_API const char *shukei_status_name(shukei_status status);
/* One lower-case phrase that explains the status. */
SHUKEI_API const char *shukei_status_text(shukei_status status);
/* The library's version, "MAJOR.MINOR.PATCH". */
SHUKEI_API const char *shukei_version(void);

/* ---- callbacks --------------------------------------------------------------------------- */

typedef enum shukei_log_level {
  SHUKEI_LOG_ERROR,
  SHUKEI_LOG_WARNING,
  SHUKEI_LOG_INFO,
  SHUKEI_LOG_DEBUG
} shukei_log_level;

/* One thing that happened, in parts that programs can tell apart; what does not apply is NULL, or
 * -1. */
typedef struct shukei_event {
  shukei_log_level level;
  const char *text;   /* the message for people */
  const char *phase;  /* as of shukei_progress */
  const char *object; /* the file or sink that it is about */
  int64_t rows;       /* read or written */
  double seconds;
  bool milestone; /* a phase has ended, a sink was written: for programs rather than people */
} shukei_event;

typedef struct shukei_progress {
  const char
      *phase; /* "plan", "labels", "storage", "pods", "write", "convert", "measure", "validate" */
  uint64_t rows_done;  /* rows read so far, all phases */
  uint64_t rows_known; /* rows that the footers announce, 0 where unknown (CSV) */
  uint64_t bytes_done; /* of the files' sizes */
  uint64_t bytes_known;
  uint64_t memory_bytes; /* charged to the budget now */
} shukei_progress;

typedef struct shukei_callbacks {
  void *context; /* handed to each of them */
  /* A message for people. Called from any worker, one at a time; NULL: dropped. */
  void (*log)(void *context, shukei_log_level level, const char *text);
  /* The same in parts, and milestones; where it is given, aggregate and convert call it in place of
   * log for all that they have parts of. */
  void (*event)(void *context, const shukei_event *event);
  /* Called now and then from any worker, one at a time; NULL: not wanted. */
  void (*progress)(void *context, const shukei_progress *now);
  /* Takes data meant for standard output; false: it could not be written. NULL: "-" is refused. */
  bool (*write)(void *context, const void *bytes, size_t length);
  /* Asked often, from any worker; true ends the call with SHUKEI_ECANCELED. Must be fast and
   * thread-safe. NULL: never. */
  bool (*canceled)(void *context);
} shukei_callbacks;

/* ---- settings that several calls share ---------------------------------------------------- */

typedef enum shukei_label_mode { SHUKEI_LABELS_KOKU, SHUKEI_LABELS_HOURLY } shukei_label_mode;
typedef enum shukei_layout {
  SHUKEI_LAYOUT_AUTO,
  SHUKEI_LAYOUT_KOKU,
  SHUKEI_LAYOUT_POC,
  SHUKEI_LAYOUT_FLAT
} shukei_layout;
typedef enum shukei_mode {
  SHUKEI_MODE_AUTO,
  SHUKEI_MODE_IN_MEMORY,
  SHUKEI_MODE_STREAMING
} shukei_mode;
typedef enum shukei_bad_rows {
  SHUKEI_BAD_ROWS_FAIL, /* the first one ends the run with SHUKEI_EFORMAT */
  SHUKEI_BAD_ROWS_SKIP, /* counted, reported, left out */
  SHUKEI_BAD_ROWS_KEEP  /* as SKIP, and kept aside in bad_rows_file */
} shukei_bad_rows;

typedef struct shukei_cost_category {
  int64_t id;
  const char *pattern; /* SQL LIKE: % any run of characters, _ any one character */
} shukei_cost_category;

typedef struct shukei_node_role {
  const char *node, *resource_id, *role;
} shukei_node_role;

/* A cluster whose payloads are read: what its manifests do not say. */
typedef struct shukei_cluster {
  const char *cluster_id, *source; /* each once in a list */
  const char *cluster_alias;       /* NULL: not given */
  int64_t report_period_id;
  bool has_report_period_id;
} shukei_cluster;

/* A row meets it if its value in that column is this one, spelt as cat prints it (docs/cat.md). */
typedef struct shukei_condition {
  const char *column, *value;
} shukei_condition;

typedef enum shukei_bad_payloads {
  SHUKEI_BAD_PAYLOADS_FAIL, /* the first one ends the run */
  SHUKEI_BAD_PAYLOADS_SKIP  /* counted, named in the log, left out */
} shukei_bad_payloads;
typedef enum shukei_unknown_clusters {
  SHUKEI_UNKNOWN_CLUSTERS_FAIL, /* one that `clusters` lacks ends the run with SHUKEI_EINVAL */
  SHUKEI_UNKNOWN_CLUSTERS_SKIP  /* its payloads are counted as skipped and left out */
} shukei_unknown_clusters;

/* ---- aggregate ---------------------------------------------------------------------------- */

typedef struct shukei_aggregate_options {
  const char *const *sources; /* files, folders, payloads (tar.gz), s3://BUCKET/PREFIX: one input */
  size_t source_count;
  /* "-", NAME.csv, NAME.parquet (also s3://), NAME.db, sqlite:PATH, FOLDER/ (also s3://),
   * postgresql://... (without a password) */
  const char *const *sinks;
  size_t sink_count;
  const char *start, *end; /* "YYYY-MM-DD", inclusive; NULL: all days found */
  /* With a PostgreSQL sink a NULL list of these three is read from its tables. */
  const char *const *enabled_keys; /* without vm_kubevirt_io_name, which is always on */
  size_t enabled_key_count;
  const shukei_cost_category *cost_categories;
  size_t cost_category_count;
  const shukei_node_role *nodes;
  size_t node_count;
  shukei_label_mode labels;
  shukei_layout layout;
  const char *org, *source, *cluster_id, *cluster_alias; /* NULL: not given */
  int64_t report_period_id;
  bool has_report_period_id;
  const char *schema; /* of the tables in PostgreSQL; NULL: the connection's own */
  bool create_tables; /* PostgreSQL: make schema and tables that are missing */
  bool staging;       /* PostgreSQL: fill the staging table as well */
  /* Payloads. cluster_id, or the source of one of these, chooses one cluster; else every cluster is
   * summarised by itself, in the order of their ids, with the source, alias and period given
   * here. */
  const shukei_cluster *clusters;
  size_t cluster_count;
  shukei_unknown_clusters unknown_clusters;
  shukei_bad_payloads bad_payloads;
  shukei_mode mode;
  unsigned threads;      /* 0: one per processor */
  uint64_t memory_bytes; /* 0: half of the machine's (or the control group's) memory */
  shukei_bad_rows bad_rows;
  const char *bad_rows_file; /* with SHUKEI_BAD_ROWS_KEEP */
  bool dry_run;              /* everything but the writing */
  /* Make only the days whose reports or settings are others than the sinks' ledgers say
   * (docs/changed.md): the rows are the same. Every sink must be able to replace days. */
  bool changed;
  bool explain; /* with changed: tell of each day that is made why, as a message */
  shukei_callbacks callbacks;
  /* Of the summary, which is made from all reports as ever, only the rows of these namespaces, and
   * of these nodes, are written; count 0: of all. Not into a sink that replaces days. */
  const char *const *only_namespaces;
  size_t only_namespace_count;
  const char *const *only_nodes;
  size_t only_node_count;
} shukei_aggregate_options;

/* What a run did; the members are those of --stats. */
#define SHUKEI_STATS_COUNTERS(X)                                                                   \
  X(files)                       /* report files read */                                           \
  X(files_skipped)               /* by name, folder date or statistics */                          \
  X(bytes_read)                  /* of those files */                                              \
  X(rows_read)                   /* rows of the files, before any is left out */                   \
  X(rows_filtered)               /* outside of the days asked for, or of those that count */       \
  X(rows_bad)                    /* left out by --bad-rows */                                      \
  X(rows_counted_more_than_once) /* label sets that changed in mid-day, shared volumes */          \
  X(anomalies_dropped)                                                                             \
  X(cells_empty)                                                                                   \
  X(cells_unparsable)                                                                              \
  X(values_negative)                                                                               \
  X(label_pairs_skipped) /* once per distinct text */                                              \
  X(groups)              /* before unallocated rows are added */                                   \
  X(rows_written)                                                                                  \
  X(bytes_written)                                                                                 \
  X(peak_budget_bytes) /* highest sum charged to the budget */                                     \
  X(peak_rss_bytes)    /* of the process, as the system tells */                                   \
  X(memory_bytes)      /* the limit in force */                                                    \
  X(threads)                                                                                       \
  X(days_made)           /* with changed: whose rows were made, */                                 \
  X(days_kept)           /* and whose rows were up to date */                                      \
  X(spilled_bytes)       /* written to temporary files, for want of memory */                      \
  X(store_requests)      /* sent to S3, repeated ones counted again */                             \
  X(payloads)            /* archives read, of the clusters asked for */                            \
  X(payloads_superseded) /* manifests of which nothing counts */                                   \
  X(payloads_bad)        /* archives left out by --bad-payloads */                                 \
  X(members_left_out)    /* of archives: not named, empty, there twice, no reports */              \
  X(rows_superseded)     /* of days that other payloads repeat */                                  \
  X(rows_not_wanted)     /* of the summary: of other namespaces and nodes than those asked for */

typedef struct shukei_stats {
#define SHUKEI_AS_COUNTER(name) uint64_t name;
  SHUKEI_STATS_COUNTERS(SHUKEI_AS_COUNTER)
#undef SHUKEI_AS_COUNTER
  shukei_mode mode;      /* the one used */
  char mode_reason[128]; /* why */
  double plan_seconds, labels_seconds, storage_seconds, pods_seconds, write_seconds, total_seconds;
} shukei_stats;

/* Sets every member to its default. options must not be NULL. */
SHUKEI_API void shukei_aggregate_options_init(shukei_aggregate_options *options);

/* Reads reports and writes their daily summary (spec/2-summary.md) to every sink.
 *   options  borrowed for the call
 *   stats    may be NULL; filled as far as the run came, also on failure
 * On failure no sink is changed. OK; EINVAL for options; ENOTFOUND, EIO, ETRUNC, EFORMAT,
 * EUNSUPPORTED for the input; EWRITE for a sink; ENOMEM; ERANGE; ECANCELED. */
SHUKEI_API shukei_status shukei_aggregate(const shukei_aggregate_options *options,
                                          shukei_stats *stats, shukei_error *err);

/* ---- convert ------------------------------------------------------------------------------ */

typedef enum shukei_codec_choice {
  SHUKEI_CODEC_ZSTD,
  SHUKEI_CODEC_SNAPPY,
  SHUKEI_CODEC_GZIP,
  SHUKEI_CODEC_LZ4_RAW
} shukei_codec_choice;

typedef struct shukei_convert_options {
  const char *const *sources;
  size_t source_count;
  const char *destination;  /* a folder, or s3://BUCKET/PREFIX */
  shukei_layout layout;     /* AUTO: flat */
  const char *org, *source; /* parts of the paths of koku and poc */
  /* Of payloads: */
  const char
      *cluster_id; /* the only one that is read; NULL: that of `source`, or, in the layouts koku
                             and poc, all of `clusters`, each below its own source */
  const shukei_cluster *clusters;
  size_t cluster_count;
  shukei_bad_payloads bad_payloads;
  shukei_unknown_clusters unknown_clusters;
  const char *start, *end;
  shukei_codec_choice codec;
  unsigned threads;
  uint64_t memory_bytes;
  shukei_bad_rows bad_rows;
  const char *bad_rows_file;
  bool dry_run;
  shukei_callbacks callbacks;
  const char *const *bloom_columns; /* of texts: each of their row groups gets a Bloom filter */
  size_t bloom_column_count;
} shukei_convert_options;

SHUKEI_API void shukei_convert_options_init(shukei_convert_options *options);

/* Writes reports, CSV or Parquet, as Parquet, one file a report type and day, below the
 * destination, which must not lie in a source that holds Parquet, nor be the folder of such a file;
 * a file appears under its name only when whole, and all of them only when the whole input was
 * read. Statuses as of shukei_aggregate(). */
SHUKEI_API shukei_status shukei_convert(const shukei_convert_options *options, shukei_stats *stats,
                                        shukei_error *err);

/* ---- looking into a Parquet object --------------------------------------------------------- */

#define SHUKEI_CAT_COUNTERS(X)                                                                     \
  X(rows_written)                                                                                  \
  X(row_groups)                 /* looked at: all, unless the limit came before their end */       \
  X(row_groups_by_statistics)   /* of these, skipped by the bounds of their values, */             \
  X(row_groups_by_bloom_filter) /* or a Bloom filter, */                                           \
  X(row_groups_by_dictionary)   /* or a dictionary that lacks the values, */                       \
  X(row_groups_by_page_index)   /* or since all pages of a column were */                          \
  X(pages)         /* of the conditions' columns, in page indexes that were looked at */           \
  X(pages_skipped) /* of these, ruled out by the bounds of their values */

typedef struct shukei_cat_stats {
#define SHUKEI_AS_COUNTER(name) uint64_t name;
  SHUKEI_CAT_COUNTERS(SHUKEI_AS_COUNTER)
#undef SHUKEI_AS_COUNTER
} shukei_cat_stats;

typedef struct shukei_cat_options {
  const char *const *columns; /* names; NULL with count 0: all flat ones, or see nested */
  size_t column_count;
  uint64_t limit; /* rows; UINT64_MAX: all */
  uint64_t memory_bytes;
  shukei_callbacks callbacks; /* write takes the CSV */
  bool nested;                /* without names: lists, maps and structs too, as JSON */
  /* Only rows that meet all of them, of those of one column any. */
  const shukei_condition *conditions;
  size_t condition_count;
  shukei_cat_stats
      *stats; /* what a call did, also on failure as far as it came; NULL: not wanted */
} shukei_cat_options;

SHUKEI_API void shukei_cat_options_init(shukei_cat_options *options);

/* Writes the rows of one Parquet object as CSV through callbacks.write. */
SHUKEI_API shukei_status shukei_cat(const char *path, const shukei_cat_options *options,
                                    shukei_error *err);

typedef struct shukei_inspect_options {
  bool json;
  uint64_t memory_bytes;
  shukei_callbacks callbacks; /* write takes the text */
  bool pages;                 /* tells every page by its header */
  bool check;                 /* reads all of it and tells what is wrong */
  /* Another object, path or s3:// too: told is what differs between the two, and nothing else. */
  const char *against;
  bool *differs; /* set with `against`: their schemas or rows do; NULL: not wanted */
} shukei_inspect_options;

SHUKEI_API void shukei_inspect_options_init(shukei_inspect_options *options);

/* Describes one Parquet object (schema, row groups, column chunks, sizes, statistics) as text or
 * one JSON object through callbacks.write. EFORMAT where `check` found something; the text tells
 * what. With `against` it reads both and OK means that they could be compared; EINVAL with `check`
 * or `pages`. */
SHUKEI_API shukei_status shukei_inspect(const char *path, const shukei_inspect_options *options,
                                        shukei_error *err);

/* ---- generate ----------------------------------------------------------------------------- */

typedef enum shukei_generate_format {
  SHUKEI_GENERATE_CSV,
  SHUKEI_GENERATE_CSV_GZ,
  SHUKEI_GENERATE_PARQUET
} shukei_generate_format;

#define SHUKEI_PRESET INT64_MIN /* the preset's own number */

typedef struct shukei_generate_options {
  const char *source;      /* a preset ("small", "1m") or a nise static report file */
  const char *destination; /* a folder, or s3://BUCKET/PREFIX */
  uint64_t seed;
  uint64_t scale_factor; /* times the pods, nodes and namespaces of the preset */
  int64_t nodes, namespaces, pods, hours, volumes_per_node, label_keys, label_values;
  /* "YYYY-MM-DD"; NULL: 2025-10-01. In a static report file: the start of generators without one of
   * their own, perhaps with "THH"; NULL: the first day of today's month. */
  const char *start;
  /* Of a static report file: the end of generators without one, NULL: now; what its relative dates
   * are counted from, NULL: now. "YYYY-MM-DD", perhaps with "THH". */
  const char *end, *today;
  const char
      *dump_manifest;   /* write the preset as a static report file of this name, and no data */
  bool constant_values; /* every hour like the first; else varied */
  double churn;         /* 0 to 1: share of pods, nodes and labels that change within a day */
  shukei_generate_format format;
  bool daily_files;            /* CSV: one file a report and day, else a month */
  bool payload;                /* the operator's tar.gz archives of CSV with their manifest.json */
  shukei_layout layout;        /* of Parquet; AUTO: flat */
  const char *org, *source_id; /* parts of the paths of koku and poc; NULL: made up */
  const char *cluster_id;      /* NULL: made from the seed */
  bool force;                  /* write over another dataset, pass the limit of rows */
  bool reuse;                  /* leave a destination that holds just this, whole, as it is */
  bool dry_run;                /* only plan: counts and checks */
  unsigned threads;
  uint64_t memory_bytes;
  shukei_callbacks callbacks;
} shukei_generate_options;

#define SHUKEI_GENERATE_COUNTERS(X)                                                                \
  X(files)                                                                                         \
  X(rows) /* of all reports; with dry_run at most so many */                                       \
  X(pod_rows)                                                                                      \
  X(storage_rows)                                                                                  \
  X(node_label_rows)                                                                               \
  X(namespace_label_rows)                                                                          \
  X(bytes_written)                                                                                 \
  X(days)                                                                                          \
  X(reused) /* 1: the dataset was there, nothing was written */                                    \
  X(peak_budget_bytes)                                                                             \
  X(peak_rss_bytes)                                                                                \
  X(memory_bytes)                                                                                  \
  X(threads)

typedef struct shukei_generate_stats {
#define SHUKEI_AS_COUNTER(name) uint64_t name;
  SHUKEI_GENERATE_COUNTERS(SHUKEI_AS_COUNTER)
#undef SHUKEI_AS_COUNTER
  double total_seconds;
} shukei_generate_stats;

SHUKEI_API void shukei_generate_options_init(shukei_generate_options *options);

/* Writes usage reports of a made-up cluster below the destination, and shukei-dataset.json as the
 * last of the files: without it they are not whole. The same options give the same bytes on every
 * machine and for any number of threads (in compressed forms: with the same compression library).
 *   stats  may be NULL; filled as far as the run came, also on failure
 * OK; EINVAL for options, a destination that holds another dataset, more rows than are sensible;
 * ENOTFOUND, EIO, EFORMAT for a static report file; EWRITE; ENOMEM; ECANCELED. */
SHUKEI_API shukei_status shukei_generate(const shukei_generate_options *options,
                                         shukei_generate_stats *stats, shukei_error *err);

/* ---- validate ----------------------------------------------------------------------------- */

/* What a difference is likely to be. One list feeds the enum, shukei_cause_name(), docs/validate.md
 * and the test that compares them. */
#define SHUKEI_CAUSE_MAP(X)                                                                        \
  X(ROW_LOST, "row lost")                                                                          \
  X(ROWS_TWICE, "rows twice")                                                                      \
  X(DAY_MISSING, "day missing")                                                                    \
  X(DAY_SHIFTED, "day shifted")                                                                    \
  X(OTHER_RUN, "rows of another run or month")                                                     \
  X(UNIT_OF_TIME, "unit of hours and seconds")                                                     \
  X(UNIT_OF_BYTES, "unit of bytes")                                                                \
  X(LABELS_LOST, "labels lost")                                                                    \
  X(NAMESPACE_SWAPPED, "namespace swapped")                                                        \
  X(SOURCE_SWAPPED, "source swapped")                                                              \
  X(CAPACITY, "capacity wrong")                                                                    \
  X(STALE_DATA, "stale data set")                                                                  \
  X(NAME_CHANGED, "another name or setting")                                                       \
  X(VALUE_CHANGED, "value changed")                                                                \
  X(ENABLED_KEYS, "other enabled keys")

typedef enum shukei_cause {
#define SHUKEI_AS_CAUSE(name, text) SHUKEI_CAUSE_##name,
  SHUKEI_CAUSE_MAP(SHUKEI_AS_CAUSE)
#undef SHUKEI_AS_CAUSE
      SHUKEI_CAUSE_COUNT
} shukei_cause;

/* "row lost"; "?" for a value that is none. */
SHUKEI_API const char *shukei_cause_name(shukei_cause cause);

typedef struct shukei_validate_options {
  const char *const *sources; /* as of shukei_aggregate(), of one cluster */
  size_t source_count;
  const char *against; /* a sink that holds the summary: not "-" */
  /* As of shukei_aggregate(), and to be the same as the summary was made with: */
  const char *start, *end;
  const char *const *enabled_keys;
  size_t enabled_key_count;
  const shukei_cost_category *cost_categories;
  size_t cost_category_count;
  const shukei_node_role *nodes;
  size_t node_count;
  shukei_label_mode labels;
  shukei_layout layout;
  const char *org, *source, *cluster_id;
  const char *schema;
  const shukei_cluster *clusters;
  size_t cluster_count;
  shukei_bad_payloads bad_payloads;
  shukei_bad_rows bad_rows; /* FAIL or SKIP */
  double tolerance;         /* relative; two values that differ by less are one */
  uint64_t limit;           /* differences that are written, UINT64_MAX: all */
  bool json;                /* one JSON object in place of text */
  uint64_t memory_bytes;
  shukei_callbacks callbacks; /* write takes the report */
} shukei_validate_options;

typedef struct shukei_validate_result {
  uint64_t files, rows_read, rows_bad, anomalies_dropped; /* of the reports */
  uint64_t rows_expected, rows_found;                     /* of the summary */
  uint64_t rows_differing;             /* missing, too many, or with something else in them */
  uint64_t places;                     /* days, namespaces and nodes with such rows */
  uint64_t differences;                /* of their measures; 0: the summary is right */
  uint64_t causes[SHUKEI_CAUSE_COUNT]; /* rows by likely cause */
  bool stale; /* the reports are not those that their shukei-dataset.json describes */
  uint64_t peak_budget_bytes, peak_rss_bytes, memory_bytes;
  double total_seconds;
} shukei_validate_result;

/* Sets every member to its default. options must not be NULL. */
SHUKEI_API void shukei_validate_options_init(shukei_validate_options *options);

/* Makes the summary of the reports once more, by a plain path of its own, compares it with the rows
 * that a sink holds of that source and these days, and writes what differs.
 *   result  may be NULL; filled as far as the call came. Its `differences` is the verdict: that the
 *           summary is wrong is no error
 * Statuses as of shukei_aggregate(); ENOTFOUND, EFORMAT and so on also for the sink. */
SHUKEI_API shukei_status shukei_validate(const shukei_validate_options *options,
                                         shukei_validate_result *result, shukei_error *err);

#ifdef __cplusplus
}
#endif
#endif
