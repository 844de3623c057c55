/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the sink room: where rows of the summary go.
 *
 *   sk_sink_open() -> [ sk_sink_begin_source() -> ] sk_chunk_new() -> [ sk_chunk_add() for each row
 *   -> sk_sink_append() ] ...
 *   -> sk_sink_prepare() -> sk_sink_commit() -> sk_chunk_free() -> sk_sink_close()
 *
 * A chunk holds consecutive rows in the form that its sink wants: text, columns, records. Making
 * that form is most of the work, and many threads do it at once, each with a chunk of its own;
 * appending is little work, done by one thread at a time in the order of the rows. How the rows are
 * cut into chunks does not show in what is written.
 *
 * Until commit nothing under the target's name changes; close without commit leaves it as it was.
 * With several sinks all are prepared (everything that can fail for want of space or rights is
 * behind them) before the first is committed. */
#ifndef SK_SINK_SINK_H
#define SK_SINK_SINK_H

#include "base/calendar.h"
#include "base/helpers.h"
#include "sink/ledger.h"
#include "summary/row.h"

struct sk_sink_options {
  int32_t start_day, end_day; /* days asked for, INT32_MIN / INT32_MAX where not given: the days of
                                 the rows count then */
  /* With both of them given: only these of the days are made (borrowed until the close), the others
   * stay; NULL: all. Of the first source, see sk_sink_limit(). */
  const struct sk_day_range *ranges;
  size_t range_count;
  /* "Pod" or "Storage": the run has no report that such rows are made of, so a sink that replaces
   * days warns of those that it removes; NULL: it has both */
  const char *lacking;
  const char *source_uuid;    /* whose rows a database sink replaces; NULL: those without source */
  unsigned threads;           /* that may work for the sink at once */
  struct sk_helpers *helpers; /* whom to ask for help while rows are appended (base/helpers.h);
                                 NULL: threads of the sink's own. Must outlive it */
  bool (*write)(void *context, const void *bytes, size_t length); /* for "-" */
  void *write_context;
  /* PostgreSQL: */
  const char *schema; /* of the tables; NULL: the connection's own */
  bool create;        /* make schema and tables that are missing */
  bool staging;       /* fill the staging table, too */
  bool ledger;        /* a ledger will be kept: whether that is allowed is to be told */
  /* PostgreSQL and datasets: */
  bool (*canceled)(void *context); /* asked while a sink waits for others; NULL: never */
  void *canceled_context;
  void (*warn)(void *context,
               const char *text); /* of what is waited for or was tried again; NULL: dropped */
  void *warn_context;
};

struct sk_sink;
/* Opens by name: "-", NAME.csv, NAME.parquet, NAME.db, sqlite:PATH, postgresql:..., FOLDER/ (or a
 * folder that is there). EINVAL for any other name; EWRITE where the target cannot be written or is
 * not what it should be. */
shukei_status sk_sink_open(const char *name, const struct sk_sink_options *options,
                           struct sk_budget *budget, struct sk_sink **out, shukei_error *err);
/* Checks the name alone, opens nothing. */
shukei_status sk_sink_check(const char *name, shukei_error *err);
/* True where that kind of sink replaces days and keeps a ledger of them. */
bool sk_sink_has_ledger(const char *name);
/* Reads the ledger of the options' source (NULL: rows without source) into an empty one, and looks
 * what the sink holds of the days asked for; one that is not there, or of another version, is
 * empty. EWRITE, ENOMEM. */
shukei_status sk_sink_ledger_load(const char *name, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_ledger *ledger,
                                  shukei_error *err);
/* The path behind such a name, a part of it; NULL where it is no file. */
const char *sk_sink_path(const char *name);
/* Whether settings can be read from it, see sink_settings.h. */
bool sk_sink_has_settings(const char *name);
/* Tells the rows of one place from those of others, where names cannot: two sinks with the same
 * text would wait for one another. NULL for files. */
const char *sk_sink_place(const struct sk_sink *sink);

/* Rows of another source than the options' come from here on, sorted by day for themselves: a sink
 * that replaces days replaces those of that source, too. No chunk may have rows left. The source is
 * copied; the same one as before changes nothing, others come once each. EINVAL a source that makes
 * no name, ENOMEM, EWRITE. */
shukei_status sk_sink_begin_source(struct sk_sink *sink, const char *source_uuid,
                                   shukei_error *err);

struct sk_chunk;
/* An empty chunk; any thread. It may outlive the sink, but only to be freed. */
shukei_status sk_chunk_new(struct sk_sink *sink, struct sk_chunk **out, shukei_error *err);
/* By the chunk's thread. The row's texts are read during the call only. */
shukei_status sk_chunk_add(struct sk_chunk *chunk, const struct sk_row *row, shukei_error *err);
/* About how many bytes the chunk's rows take. Chunks of some 2,000 rows or a megabyte are good. */
size_t sk_chunk_bytes(const struct sk_chunk *chunk);
/* One thread at a time, in the order of the rows; others may fill chunks meanwhile. Empties the
 * chunk, which may be filled again; it may have no rows. After an error the sink can only be
 * closed. */
shukei_status sk_sink_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err);
void sk_chunk_free(struct sk_chunk *chunk); /* NULL is fine */
/* No row comes for a while: gives memory back that serves appending only. Not while anybody fills a
 * chunk or appends. */
void sk_sink_pause(struct sk_sink *sink);

/* Before prepare, of a sink that has one: what is not KEPT is written with the rows, days that are
 * NEW with the marks of what the sink holds then. It is the ledger of the source whose rows come
 * now, and is borrowed until the close. */
void sk_sink_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger);
/* As the options' ranges, of the source that begins next; likewise borrowed. */
void sk_sink_limit(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count);
shukei_status sk_sink_prepare(struct sk_sink *sink, shukei_error *err);
shukei_status sk_sink_commit(struct sk_sink *sink, shukei_error *err);
uint64_t sk_sink_bytes(const struct sk_sink *sink); /* written so far */
void sk_sink_close(struct sk_sink *sink);           /* NULL is fine */

#endif
