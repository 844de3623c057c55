/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are kept, and the transaction that writes them: tried again as a whole where that can
 * help.
 *
 *   filled in by the sink -> sk_pg_write_prepare() -> sk_pg_write_commit() */
#ifndef SK_SINK_PG_WRITE_H
#define SK_SINK_PG_WRITE_H

#include "sink/pg_session.h"
#include "sink/pg_sources.h"
#include "sink/pg_table.h"
#include "sink/spool.h"

struct sk_pg_write {
  struct sk_budget *budget;
  struct sk_pg_session session;
  struct sk_pg_table tables[2]; /* the summary's, and the staging table */
  struct sk_spool rows[2];      /* of each table, in the form of binary COPY */
  size_t table_count;
  struct sk_pg_sources sources;
  int32_t start_day, end_day;
  bool whole_range; /* both were given */
  uint8_t last_uuid[SK_PG_UUID_BYTES];
  int32_t last_day; /* of the row with that uuid */
  bool has_rows, committed;
  const char *lacking; /* data_source of rows that no report gives; NULL: none */
  uint64_t removed;    /* of them */
  bool told;           /* of these and of rows of other sources */
  void (*warn)(void *context, const char *text); /* NULL: dropped */
  void *warn_context;
};

/* Makes what the rows need, locks the sources, removes their old rows, sends the new ones and
 * writes the ledgers. EWRITE, EIO for the temporary file, ENOMEM, ECANCELED; nothing is changed
 * then. */
shukei_status sk_pg_write_prepare(struct sk_pg_write *self, shukei_error *err);
/* Commits. On failure nothing is changed, or the text says that it is not known. */
shukei_status sk_pg_write_commit(struct sk_pg_write *self, shukei_error *err);

#endif
