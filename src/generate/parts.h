/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a dataset has: one part a report and period (a month or a day), in the order in which
 * they are written; with payloads, one archive a period that holds its parts. */
#ifndef SK_GENERATE_PARTS_H
#define SK_GENERATE_PARTS_H

#include "base/calendar.h"
#include "generate/slices.h"

enum sk_form { SK_FORM_CSV, SK_FORM_CSV_GZ, SK_FORM_PARQUET };

struct sk_plan_settings {
  enum sk_form form;
  bool daily;   /* else monthly; Parquet is daily always */
  bool payload; /* archives of CSV parts */
  enum shukei_layout layout;
  const char *org, *source; /* of the paths of koku and poc; never NULL */
  uint64_t seed;            /* the payloads' uuids come from it */
};

struct sk_part {
  enum sk_report report;
  uint32_t first_hour, end_hour;
  uint32_t archive; /* index, with payloads */
  const char *name; /* below the destination; in an archive the member's name */
  uint64_t rows;    /* filled while writing */
  uint64_t bytes;   /* of the file; of the member in an archive */
  uint32_t crc32;   /* of the file; 0 in an archive */
};
struct sk_archive {
  const char *name;
  char uuid[37];
  uint32_t first_hour, end_hour;
  uint32_t first_part, part_count;
  uint64_t bytes;
  uint32_t crc32;
};

struct sk_plan_files {
  struct sk_arena arena;
  enum sk_form form;
  struct sk_part *parts;
  uint32_t part_count;
  struct sk_archive *archives;
  uint32_t archive_count; /* 0 without payloads */
};

/* Makes the plan; reports without slots have no part. ENOMEM. */
shukei_status sk_files_plan(const struct sk_model *model, const struct sk_plan_settings *settings,
                            struct sk_budget *budget, struct sk_plan_files *plan,
                            shukei_error *err);
void sk_files_reset(struct sk_plan_files *plan);

/* "YYYY-MM-DD..." parts of an hour of the model. */
struct sk_date sk_hour_date(const struct sk_model *model, uint32_t hour);
/* Writes a UUID (version 4 in form) made from a number; returns text. */
char *sk_uuid_text(uint64_t key, uint64_t which, char text[37]);

#endif
