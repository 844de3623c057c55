/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one report, whatever its form: a time, ids of texts, numbers.
 *
 * What both readers see to: rows outside of the days that count are left out; a row without a time,
 * with a wrong number of cells, or with text that is no UTF-8 is an error or, where bad rows are
 * skipped, left out; a row with a measure above 1e18, or infinite, is left out
 * (spec/1-input.md). */
#ifndef SK_VALIDATE_PLAIN_ROWS_H
#define SK_VALIDATE_PLAIN_ROWS_H

#include "base/intern.h"
#include "validate/validate.h"

enum sk_plain_text {
  SK_T_POD,
  SK_T_NAMESPACE,
  SK_T_NODE,
  SK_T_RESOURCE_ID,
  SK_T_ROLE,
  SK_T_CLAIM,
  SK_T_VOLUME,
  SK_T_CLASS,
  SK_T_HANDLE,
  SK_T_LABELS,       /* of the pod, node, namespace or volume */
  SK_T_CLAIM_LABELS, /* over those of the volume */
  SK_T_COUNT
};
enum sk_plain_number {
  SK_N_USAGE_CPU, /* the first eight are in the order of the summary's columns */
  SK_N_REQUEST_CPU,
  SK_N_EFFECTIVE_CPU,
  SK_N_LIMIT_CPU,
  SK_N_USAGE_MEMORY,
  SK_N_REQUEST_MEMORY,
  SK_N_EFFECTIVE_MEMORY,
  SK_N_LIMIT_MEMORY,
  SK_N_CORES,
  SK_N_CAPACITY_CPU,
  SK_N_BYTES,
  SK_N_CAPACITY_MEMORY,
  SK_N_COUNT,
  SK_N_CLAIM_BYTES = 0, /* of storage */
  SK_N_CLAIM_CAPACITY,
  SK_N_CLAIM_REQUEST,
  SK_N_CLAIM_USAGE
};

struct sk_plain_row {
  int64_t at;
  int32_t day;
  uint32_t texts[SK_T_COUNT]; /* ids, 0 absent */
  double numbers[SK_N_COUNT];
};

#define SK_PLAIN_COLUMNS_MOST 40
enum sk_plain_kind { SK_PLAIN_TIME, SK_PLAIN_TEXT, SK_PLAIN_NUMBER };
struct sk_plain_column {
  const char *name;
  enum sk_plain_report report;
  enum sk_plain_kind kind;
  int slot; /* of texts or numbers */
};
/* The column of that report by its name, blanks around it and case ignored; NULL: not used. */
const struct sk_plain_column *sk_plain_column(enum sk_plain_report report, const char *name,
                                              size_t length);

struct sk_plain_reading {
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  struct sk_intern *texts;
  shukei_status (*take)(void *context, enum sk_plain_report report, const struct sk_plain_row *row,
                        shukei_error *err);
  void *context;
  uint64_t rows_read, rows_bad, anomalies, bytes_read;
};

/* Reads a file and hands its rows over. */
shukei_status sk_plain_read(struct sk_plain_reading *reading, const struct sk_validate_file *file,
                            shukei_error *err);

/* ---- for the two readers -------------------------------------------------------------------- */

shukei_status sk_plain_read_csv(struct sk_plain_reading *reading,
                                const struct sk_validate_file *file, shukei_error *err);
shukei_status sk_plain_read_parquet(struct sk_plain_reading *reading,
                                    const struct sk_validate_file *file, shukei_error *err);
/* A text's id; SK_NO_ID when memory lacks, and *valid false where it is no UTF-8. */
uint32_t sk_plain_text(struct sk_plain_reading *reading, const char *text, size_t length,
                       bool *valid);
/* Fills what is not there, looks whether the row counts, and hands it over. `effective` tells which
 * of the effective usages the report has: bit 0 CPU, bit 1 memory. */
shukei_status sk_plain_take(struct sk_plain_reading *reading, const struct sk_validate_file *file,
                            struct sk_plain_row *row, unsigned effective, shukei_error *err);
/* Counts a bad row, or is the error that ends the call. */
shukei_status sk_plain_bad_row(struct sk_plain_reading *reading,
                               const struct sk_validate_file *file, uint64_t row, const char *what,
                               shukei_error *err);

#endif
