/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of operators as files of a plan (spec/6-payloads.md), private to the planning.
 *
 *   sk_payloads_plan() does all: reads the archives (archive.h), chooses the clusters
 *   (payload_clusters.c), gathers the members that each manifest names (payload_set.c), reads the
 *   hours of each and decides which days of which manifest count (payload_days.c). */
#ifndef SK_INPUT_PAYLOAD_SET_H
#define SK_INPUT_PAYLOAD_SET_H

#include "input/archive.h"
#include "input/hours.h"
#include "input/input.h"

/* A manifest, which may have come in several archives. */
struct sk_payload_unit {
  struct sk_operator_manifest manifest; /* files is of no use here */
  const char *path;                     /* of its first archive, by name */
  uint32_t cluster, archives;
  uint32_t parts[SK_REPORT_COUNT]; /* that have rows */
  struct sk_hours hours[SK_REPORT_COUNT];
};

/* A member that is read. */
struct sk_payload_part {
  uint32_t unit;
  struct sk_archive *archive;
  struct sk_archive_member *member;
  struct sk_planned_file file;
  bool contested; /* other manifests of its cluster have the report as well */
  bool read;      /* for its hours */
};

struct sk_payloads {
  const struct sk_plan_options *options;
  struct sk_budget *budget;
  struct sk_plan *plan;
  const char *const *paths; /* of the archives, sorted */
  size_t path_count;
  struct sk_archive **archives; /* the plan's; NULL where one is left out */
  shukei_error *errors;         /* [path_count] of those that are refused */
  struct sk_payload_unit *units;
  size_t unit_count;
  struct sk_payload_part *parts;
  size_t part_count;
};

/* Reads the archives of those paths and adds what counts of them to the plan, which has no files
 * yet. EFORMAT, ETRUNC for an archive that is refused, unless such are to be skipped; EINVAL a
 * cluster that is not listed, or several where one is wanted; ENOTFOUND none of the cluster asked
 * for; EIO, ENOMEM. */
shukei_status sk_payloads_plan(const struct sk_plan_options *options, const char *const *paths,
                               size_t path_count, struct sk_budget *budget, struct sk_plan *plan,
                               shukei_error *err);

/* Of payload_clusters.c: lists the clusters in the plan; drops the archives of those that are not
 * read. */
shukei_status sk_payload_clusters(struct sk_payloads *self, shukei_error *err);

/* Of payload_days.c: reads the parts, decides, and plans what counts. */
shukei_status sk_payload_days(struct sk_payloads *self, shukei_error *err);

/* Of payload_memory.c, where options->memory is given: knows an archive as a former run has noted
 * it, *out NULL where none did; notes one whose cluster is read, or is not; notes days that count
 * of it. */
shukei_status sk_payload_recall(const struct sk_payloads *self, const char *path,
                                struct sk_archive **out, shukei_error *err);
shukei_status sk_payload_note(const struct sk_payloads *self, const struct sk_archive *archive,
                              bool cluster_read, shukei_error *err);
shukei_status sk_payload_counts(const struct sk_payloads *self, struct sk_archive *archive,
                                const struct sk_day_set *days, shukei_error *err);

/* Not OK where the planning is to end. */
shukei_status sk_payload_check(const struct sk_payloads *self, shukei_error *err);

#define SK_PAYLOAD_TEXT ((size_t)1 << 20) /* the longest message */
/* A message by the callback, and frees the text. ENOMEM where it could not be made. */
shukei_status sk_payload_tell(const struct sk_payloads *self, bool warning, struct sk_buffer *text,
                              shukei_error *err);

#endif
