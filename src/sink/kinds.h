/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of sinks share, private to the room: each file NAME_sink.c has one opening
 * function and its calls, and sink.c chooses by the name. */
#ifndef SK_SINK_KINDS_H
#define SK_SINK_KINDS_H

#include "sink/sink.h"

struct sk_sink_calls {
  shukei_status (*chunk_new)(struct sk_sink *sink, struct sk_chunk **out, shukei_error *err);
  shukei_status (*chunk_add)(struct sk_chunk *chunk, const struct sk_row *row, shukei_error *err);
  void (*chunk_free)(struct sk_chunk *chunk);
  shukei_status (*append)(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err);
  void (*pause)(struct sk_sink *sink); /* NULL: it holds nothing of note */
  shukei_status (*prepare)(struct sk_sink *sink, shukei_error *err);
  shukei_status (*commit)(struct sk_sink *sink, shukei_error *err);
  uint64_t (*bytes)(const struct sk_sink *sink);
  /* NULL where it does not matter whose rows come. */
  shukei_status (*begin_source)(struct sk_sink *sink, const char *source_uuid, shukei_error *err);
  void (*keep_ledger)(struct sk_sink *sink, struct sk_ledger *ledger); /* NULL: it has none */
  /* NULL where it keeps no ledger. */
  void (*limit)(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count);
  void (*close)(struct sk_sink *sink);
  const char *(*place)(const struct sk_sink *sink); /* NULL: a file */
};
struct sk_sink {
  const struct sk_sink_calls *calls;
};
struct sk_chunk {
  const struct sk_sink_calls *calls;
  size_t bytes;
};

/* Bit per column that holds text. */
#define SK_TEXT_BIT(column, kind)                                                                  \
  | (uint64_t)(SK_ROW_##kind == SK_ROW_TEXT || SK_ROW_##kind == SK_ROW_LABELS) << SK_R_##column
#define SK_TEXT_COLUMNS (UINT64_C(0) SK_ROW_MAP(SK_TEXT_BIT))

/* The lowest column of a mask that is not 0. */
static inline int sk_first_column(uint64_t mask)
{
  return __builtin_ctzll(mask);
}

/* NULL as path: rows go to options->write. The options are borrowed for the call. */
shukei_status sk_csv_sink_open(const char *path, const struct sk_sink_options *options,
                               struct sk_budget *budget, struct sk_sink **out, shukei_error *err);
/* NULL as path: no file yet, sk_parquet_sink_turn() begins one. */
shukei_status sk_parquet_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err);
shukei_status sk_sqlite_sink_open(const char *path, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_sink **out,
                                  shukei_error *err);
/* path: the whole name. */
shukei_status sk_postgres_sink_open(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_sink **out,
                                    shukei_error *err);
/* Loading of ledgers, as sk_sink_ledger_load(). */
shukei_status sk_sqlite_ledger_load(const char *path, const struct sk_sink_options *options,
                                    struct sk_budget *budget, struct sk_ledger *ledger,
                                    shukei_error *err);
shukei_status sk_dataset_ledger_load(const char *path, const struct sk_sink_options *options,
                                     struct sk_budget *budget, struct sk_ledger *ledger,
                                     shukei_error *err);
shukei_status sk_postgres_ledger_load(const char *path, const struct sk_sink_options *options,
                                      struct sk_budget *budget, struct sk_ledger *ledger,
                                      shukei_error *err);
/* A folder of Parquet files; the path may lack its last '/'. */
shukei_status sk_dataset_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err);

struct sk_output;
/* Of a Parquet sink opened without path: ends the file under way, if there is one, and hands it
 * over (*done, synced, to be committed and closed by the caller; else NULL); begins the next one,
 * unless the path is NULL. The rows appended from here on are that file's. *done may be set on
 * failure, too. */
shukei_status sk_parquet_sink_turn(struct sk_sink *sink, const char *path, struct sk_output **done,
                                   shukei_error *err);

#endif
