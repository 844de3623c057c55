/* SPDX-License-Identifier: Apache-2.0 */
/* A SQLite database that a run changes or makes: its file, its connection, its page cache.
 *
 *   sk_sqlite_database_name() -> sk_sqlite_database_open() -> sk_sqlite_database_begin()
 *   -> statements
 *   -> sk_sqlite_database_prepare() -> sk_sqlite_database_commit() -> sk_sqlite_database_close() */
#ifndef SK_SINK_SQLITE_DATABASE_H
#define SK_SINK_SQLITE_DATABASE_H

#include "sink/sqlite_table.h"

struct sk_output;
struct sk_sqlite_database {
  struct sk_sqlite at;
  char *name;              /* as the user knows it */
  char *path;              /* the same, so that SQLite takes it for nothing but a path */
  char *hidden;            /* the new database until it has its name; NULL: in place */
  char *folder;            /* of the path; kept so that committing allocates nothing */
  struct sk_output *place; /* new database: keeps the folders above it as long as it is open */
  int waited_ms;           /* for other programs, in this step of the run */
  bool begun;              /* a transaction */
  uint64_t charged_bytes, cache_bytes, written_bytes;
};

/* Fills all of it; nothing is opened. ENOMEM. sk_sqlite_database_close() in any case. */
shukei_status sk_sqlite_database_name(struct sk_sqlite_database *database, const char *path,
                                      struct sk_budget *budget, shukei_error *err);
/* To write: the file that is there, or a new one. Takes a page cache out of the budget. EWRITE,
 * ENOMEM. */
shukei_status sk_sqlite_database_open(struct sk_sqlite_database *database, shukei_error *err);
/* To read, in one state of it; at.db stays NULL where there is no file. Opened so that the journal
 * of a run that was killed is rolled back first. EWRITE, ENOMEM. */
shukei_status sk_sqlite_database_look(struct sk_sqlite_database *database, shukei_error *err);
void sk_sqlite_database_close(struct sk_sqlite_database *database); /* uncommitted: as it was */

shukei_status sk_sqlite_database_begin(struct sk_sqlite_database *database, shukei_error *err);
/* Sorting for an index takes as much again as the cache, whose pages the heap keeps: makes it
 * smaller. */
shukei_status sk_sqlite_database_spare_cache(struct sk_sqlite_database *database,
                                             shukei_error *err);
/* Brings all that was changed to the disk. EWRITE. */
shukei_status sk_sqlite_database_prepare(struct sk_sqlite_database *database, shukei_error *err);
shukei_status sk_sqlite_database_commit(struct sk_sqlite_database *database, shukei_error *err);

#endif
