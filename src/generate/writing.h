/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of both kinds of files share: where to, how many threads, what came of it. */
#ifndef SK_GENERATE_WRITING_H
#define SK_GENERATE_WRITING_H

#include "base/buffer.h"
#include "base/object.h"
#include "generate/parts.h"

struct sk_writing {
  const struct sk_model *model;
  struct sk_plan_files *files; /* rows, bytes and CRCs are filled in */
  const char *destination;
  const char *cluster_id;
  const shukei_callbacks *callbacks;
  struct sk_budget *budget;
  unsigned threads;
  bool made_destination; /* the folder was not there before */
  /* Results. */
  struct sk_totals *days;           /* [day count] */
  uint32_t *day_nodes, *day_spaces; /* [day count] that pods ran on and in */
  uint64_t report_rows[SK_REPORTS], report_bytes[SK_REPORTS];
  uint64_t written_bytes;
  /* Progress. */
  const char *phase;
  uint64_t rows_done, bytes_done;
  uint64_t slots[SK_REPORTS], slots_done[SK_REPORTS]; /* times hours */
  /* Of the day in hand. */
  uint32_t day;
  uint64_t *nodes, *spaces; /* bits */
};

/* Makes the arrays; files->arena holds them. ENOMEM. */
shukei_status sk_writing_init(struct sk_writing *writing, shukei_error *err);
/* Takes a slice's tally, slices of pods in the order of their days. */
void sk_writing_take(struct sk_writing *writing, const struct sk_slice *slice,
                     const struct sk_tally *tally);
void sk_writing_end(struct sk_writing *writing); /* after the last slice */
/* About how many rows there will be; before the first at most so many, after the last just so
 * many. */
uint64_t sk_writing_rows_known(const struct sk_writing *writing);
void sk_writing_progress(struct sk_writing *writing);
shukei_status sk_writing_check(const struct sk_writing *writing, shukei_error *err); /* ECANCELED */
/* Opens destination/name for writing. */
shukei_status sk_writing_open(struct sk_writing *writing, const char *name,
                              struct sk_output **output, shukei_error *err);

/* Writes all parts: CSV, CSV in gzip, archives of CSV. */
shukei_status sk_write_text(struct sk_writing *writing, shukei_error *err);
/* Writes all parts as Parquet. */
shukei_status sk_write_tables(struct sk_writing *writing, shukei_error *err);

/* Appends the manifest.json of an archive. */
void sk_payload_manifest(const struct sk_writing *writing, const struct sk_archive *archive,
                         struct sk_buffer *out);

#endif
