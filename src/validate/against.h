/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that a sink holds, whatever it is: -, CSV, Parquet, SQLite, PostgreSQL, a folder of
 * Parquet. */
#ifndef SK_VALIDATE_AGAINST_H
#define SK_VALIDATE_AGAINST_H

#include "sink/sink_read.h"
#include "validate/check_rows.h"
#include "validate/validate.h"

/* Columns beside the measures. The last two may be absent. */
#define SK_FOUND_MAP(X)                                                                            \
  X(data_source)                                                                                   \
  X(usage_start)                                                                                   \
  X(usage_end)                                                                                     \
  X(namespace)                                                                                     \
  X(node)                                                                                          \
  X(resource_id)                                                                                   \
  X(pod_labels)                                                                                    \
  X(volume_labels)                                                                                 \
  X(all_labels)                                                                                    \
  X(persistentvolumeclaim)                                                                         \
  X(persistentvolume)                                                                              \
  X(storageclass)                                                                                  \
  X(cost_category_id)                                                                              \
  X(source_uuid)                                                                                   \
  X(infrastructure_usage_cost)                                                                     \
  X(csi_volume_handle)                                                                             \
  X(infrastructure_raw_cost)
enum sk_found_column {
#define SK_AS_FOUND(name) SK_F_##name,
  SK_FOUND_MAP(SK_AS_FOUND)
#undef SK_AS_FOUND
      SK_F_MEASURES, /* and so many as there are measures */
  SK_FOUND_COLUMNS = SK_F_MEASURES + SK_MEASURE_COUNT
};
const char *sk_found_name(int column);
static inline bool sk_found_optional(int column)
{
  return column == SK_F_csi_volume_handle || column == SK_F_infrastructure_raw_cost;
}

struct sk_found_cell {
  const char *text; /* NULL: null, or a number */
  size_t length;
  double number; /* of measures; days since 1970 */
  bool is_number;
};

struct sk_against {
  const char *name; /* of the sink */
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  struct sk_check_names *names;
  int32_t first_day,
      last_day; /* other rows need not be given, where it is easy to leave them out */
  /* The reading that looks for missing rows: those of all sources are given, no new text is kept,
   * and what cannot be read, or has a text that no row of ours has, is passed over. */
  bool looking;
  /* Whether a row counts: what else it has is not looked at where it does not. `own`: it is of the
   * source whose rows are compared. */
  bool (*wants)(void *context, int32_t day, bool own);
  shukei_status (*take)(void *context, const struct sk_check_row *row, bool own, shukei_error *err);
  void *context;
  /* Set by the call: */
  bool lacks_handle; /* the sink has no csi_volume_handle */
  uint64_t rows_read;
  const char *source; /* as the sink spells it */
  char spelled[SK_SINK_SOURCE_TEXT];
};

#define SK_AGAINST_ADVICE "--against takes what aggregate wrote with --to"

/* Whether a table that other days and sources share: rows outside of the days asked for are none of
 * ours. */
bool sk_against_shared(const char *name);
/* ENOTFOUND where there is no such sink; EFORMAT, EUNSUPPORTED, ETRUNC what is none; EIO; EWRITE
 * what a database says; EINVAL for a name that tells no kind; ENOMEM. */
shukei_status sk_against_read(struct sk_against *against, shukei_error *err);

/* ---- among the readers ---------------------------------------------------------------------- */

/* The row of these cells, handed over. */
shukei_status sk_against_row(struct sk_against *against,
                             const struct sk_found_cell cells[SK_FOUND_COLUMNS], shukei_error *err);
/* EFORMAT where a column is missing that has to be there. */
shukei_status sk_against_check(struct sk_against *against, const char *path,
                               const bool has[SK_FOUND_COLUMNS], shukei_error *err);
shukei_status sk_against_parquet(struct sk_against *against, const char *path, shukei_error *err);
shukei_status sk_against_sqlite(struct sk_against *against, const char *path, shukei_error *err);

#endif
