/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of sinks share, private to the room: each file NAME_sink.c has one opening
 * function and five calls, and sink.c chooses by the name. */
#ifndef SK_SINK_KINDS_H
#define SK_SINK_KINDS_H

#include "sink/sink.h"

struct sk_sink_calls {
  shukei_status (*add)(struct sk_sink *sink, const struct sk_row *row, shukei_error *err);
  shukei_status (*prepare)(struct sk_sink *sink, shukei_error *err);
  shukei_status (*commit)(struct sk_sink *sink, shukei_error *err);
  uint64_t (*bytes)(const struct sk_sink *sink);
  void (*close)(struct sk_sink *sink);
};
struct sk_sink {
  const struct sk_sink_calls *calls;
};

/* NULL as path: rows go to options->write. The options are borrowed for the call. */
shukei_status sk_csv_sink_open(const char *path, const struct sk_sink_options *options,
                               struct sk_budget *budget, struct sk_sink **out, shukei_error *err);
shukei_status sk_parquet_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err);
shukei_status sk_sqlite_sink_open(const char *path, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_sink **out,
                                  shukei_error *err);

#endif
