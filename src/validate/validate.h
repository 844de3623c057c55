/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the validate room: what a summary should be, made again by a plain path, and how the
 * rows of a sink differ from it (docs/validate.md).
 *
 * Which files count is told by the caller, as for aggregate; nothing else is shared with the
 * engine: the room reads CSV and labels itself, adds up doubles in hash tables, one thread, no
 * batches. */
#ifndef SK_VALIDATE_VALIDATE_H
#define SK_VALIDATE_VALIDATE_H

#include "base/alloc.h"

enum sk_plain_report { SK_PLAIN_NODES, SK_PLAIN_NAMESPACES, SK_PLAIN_PODS, SK_PLAIN_STORAGE };
enum sk_plain_form { SK_PLAIN_CSV, SK_PLAIN_CSV_GZIP, SK_PLAIN_CSV_ZSTD, SK_PLAIN_PARQUET };

struct sk_validate_file {
  const char *path;   /* for messages */
  const char *place;  /* what is opened */
  const char *member; /* of the tar.gz that lies there; NULL: the file itself */
  enum sk_plain_report report;
  enum sk_plain_form form;
  const int32_t *days; /* [day_count] that count of it, in order; NULL: all */
  size_t day_count;
};

struct sk_validate_request {
  const shukei_validate_options *options;
  struct sk_validate_file *files; /* sorted by the call: labels first, then pods, then storage */
  size_t file_count;
  const char *source; /* whose rows are compared; NULL: those without source */
  const char *const *enabled_keys;
  size_t enabled_key_count;
  const shukei_cost_category *cost_categories;
  size_t cost_category_count;
  const shukei_node_role *nodes;
  size_t node_count;
  int32_t start_day, end_day; /* INT32_MIN, INT32_MAX: no limit */
  /* Called now and then; what is not OK ends the call. */
  shukei_status (*check)(void *context, uint64_t rows_read, uint64_t bytes_read, shukei_error *err);
  void (*warn)(void *context, const char *text);
  void *context;
};

/* EFORMAT and so on for the input; EIO, EFORMAT, ENOTFOUND for the sink, EWRITE where a database
 * says no. */
shukei_status sk_validate(const struct sk_validate_request *request, struct sk_budget *budget,
                          shukei_validate_result *result, shukei_error *err);

#endif
