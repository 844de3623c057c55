/* SPDX-License-Identifier: Apache-2.0 */
/* A database that exists is changed in place, under SQLite's own journal. Preparing writes all
 * changed pages to disk, which finds a full disk while the journal can still bring the old ones
 * back; committing only drops the journal.
 *
 * One that does not exist is built under a hidden name beside it, without journal and locks, synced
 * and then linked to its name: nobody sees a database that is half there, and none is left by a run
 * that fails. link() refuses a name that another program has taken in the meantime. */
#include "sink/sqlite_database.h"

#include "base/object.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000
#define NAP_MS 10
/* Where the index of the uuids, 50 bytes a row in random order, outgrows the cache, every row costs
 * a page written: at about 150,000 rows of one run. 32 MB instead of 8 make 42,000 rows 5 %
 * faster. */
#define CACHE_BYTES_MOST ((uint64_t)8 << 20)
#define CACHE_BYTES_LEAST ((uint64_t)1 << 20)
#define OTHER_BYTES ((uint64_t)1 << 20) /* what SQLite takes beside its cache, about */

static shukei_status fail_system(shukei_error *err, const char *name, const char *what)
{
  const int number = errno;
  char why[128];
  return sk_fail(err, SHUKEI_EWRITE, "%s: could not %s: %s", name, what,
                 sk_errno_text(number, why));
}

/* ---- opening --------------------------------------------------------------------------------- */

shukei_status sk_sqlite_database_name(struct sk_sqlite_database *self, const char *path,
                                      struct sk_budget *budget, shukei_error *err)
{
  const size_t room = strlen(path) + 3;
  *self = (struct sk_sqlite_database){.name = sk_strndup(budget, path, strlen(path)),
                                      .path = sk_alloc(budget, room)};
  self->at = (struct sk_sqlite){NULL, self->name, budget};
  if (!self->name || !self->path)
    return sk_fail_memory(err, budget, room, "a SQLite database");
  /* With a folder in front, ":memory:" and "file:..." are names like others. */
  snprintf(self->path, room, "%s%s", path[0] == '/' ? "" : "./", path);
  const char *base = strrchr(self->path, '/') + 1;
  self->folder = sk_strndup(budget, self->path, (size_t)(base - self->path));
  return self->folder ? SHUKEI_OK : sk_fail_memory(err, budget, room, "a SQLite database");
}

static shukei_status set_cache(const struct sk_sqlite_database *self, uint64_t bytes,
                               shukei_error *err)
{
  char sql[64];
  snprintf(sql, sizeof sql, "PRAGMA cache_size = -%" PRIu64, bytes >> 10);
  return sk_sqlite_run(&self->at, sql, "set it up", err);
}

/* A page cache of an eighth of the budget, within bounds, and charged to it. */
static shukei_status take_cache(struct sk_sqlite_database *self, shukei_error *err)
{
  const uint64_t limit = self->at.budget ? self->at.budget->limit_bytes : UINT64_MAX;
  uint64_t bytes = limit / 8;
  if (bytes > CACHE_BYTES_MOST)
    bytes = CACHE_BYTES_MOST;
  if (bytes < CACHE_BYTES_LEAST)
    bytes = CACHE_BYTES_LEAST;
  const uint64_t charge = bytes + bytes / 4 + OTHER_BYTES; /* a fourth to sort the index */
  if (self->at.budget && !sk_budget_charge(self->at.budget, charge))
    return sk_fail_memory(err, self->at.budget, charge, "SQLite's page cache");
  self->charged_bytes = self->at.budget ? charge : 0;
  self->cache_bytes = bytes;
  return set_cache(self, bytes, err);
}

/* SQLite asks while another program's lock is in the way. The patience is for the whole step, not
 * for each lock: sqlite3_busy_timeout() would wait again for every page that leaves the cache. */
static int wait_for_others(void *context, int count)
{
  struct sk_sqlite_database *self = context;
  (void)count;
  if (self->waited_ms >= BUSY_MS)
    return 0;
  sqlite3_sleep(NAP_MS);
  self->waited_ms += NAP_MS;
  return 1;
}

/* Makes an empty hidden file beside the target for the new database. */
static shukei_status make_hidden(struct sk_sqlite_database *self, shukei_error *err)
{
  const shukei_status st = sk_store_create(self->at.name, self->at.budget, &self->place, err);
  return st ? st : sk_store_hidden(self->path, self->at.budget, &self->hidden, err);
}

/* Connects to the file of that name. */
static shukei_status connect(struct sk_sqlite_database *self, const char *file, shukei_error *err)
{
  if (sqlite3_open_v2(file, &self->at.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
    return self->at.db ? sk_sqlite_fail(&self->at, "open it", err)
                       : sk_fail(err, SHUKEI_ENOMEM, "%s: no memory for SQLite", self->at.name);
  sqlite3_busy_handler(self->at.db, wait_for_others, self);
  return SHUKEI_OK;
}

static shukei_status set_up(struct sk_sqlite_database *self, shukei_error *err)
{
  shukei_status st = connect(self, self->hidden ? self->hidden : self->path, err);
  if (st)
    return st;
  /* Rows of 1 kB, labels twice in them, waste less of large pages: 42,000 rows in 111 ms of CPU
   * under 16 kB, 120 under 8, 133 under 4, 108 under 32. The cache counts pages, so their size
   * comes first. */
  st = sk_sqlite_run(
      &self->at,
      self->hidden
          ? "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            " PRAGMA locking_mode = EXCLUSIVE"
          : "PRAGMA synchronous = FULL",
      "set it up", err);
  if (!st)
    st = take_cache(self, err);
  if (!st && sqlite3_db_readonly(self->at.db, "main") == 1)
    st = sk_fail(err, SHUKEI_EWRITE, "%s: could not write: it is read-only", self->at.name);
  return st;
}

shukei_status sk_sqlite_database_open(struct sk_sqlite_database *self, shukei_error *err)
{
  struct stat info;
  /* What killed runs left that were to make this database. */
  shukei_status st =
      sk_store_clear_named(self->folder, strrchr(self->path, '/') + 1, false, self->at.budget, err);
  if (st)
    return st;
  if (lstat(self->path, &info))
    st = make_hidden(self, err); /* other causes than that it is missing show there */
  else if (stat(self->path, &info) == 0 && !S_ISREG(info.st_mode))
    st = sk_fail(err, SHUKEI_EWRITE, "%s: is %s", self->at.name,
                 S_ISDIR(info.st_mode) ? "a folder" : "there and is not a file");
  return st ? st : set_up(self, err);
}

shukei_status sk_sqlite_database_look(struct sk_sqlite_database *self, shukei_error *err)
{
  struct stat info;
  if (stat(self->path, &info) != 0)
    return SHUKEI_OK;
  const shukei_status st = connect(self, self->path, err);
  return st ? st : sk_sqlite_run(&self->at, "BEGIN", "read it", err);
}

/* ---- changing -------------------------------------------------------------------------------- */

shukei_status sk_sqlite_database_begin(struct sk_sqlite_database *self, shukei_error *err)
{
  const shukei_status st = sk_sqlite_run(&self->at, "BEGIN IMMEDIATE", "begin to change it", err);
  self->waited_ms = 0;
  self->begun = !st;
  return st;
}

shukei_status sk_sqlite_database_spare_cache(struct sk_sqlite_database *self, shukei_error *err)
{
  return set_cache(self, self->cache_bytes / 4, err);
}

/* Pages written, in bytes. */
static void count_bytes(struct sk_sqlite_database *self)
{
  int pages = 0, most = 0;
  sqlite3_stmt *size = NULL;
  if (sqlite3_db_status(self->at.db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &most, 0) ||
      sqlite3_prepare_v2(self->at.db, "PRAGMA page_size", -1, &size, NULL) ||
      sqlite3_step(size) != SQLITE_ROW)
    pages = 0;
  self->written_bytes = pages ? (uint64_t)pages * (uint64_t)sqlite3_column_int64(size, 0) : 0;
  sqlite3_finalize(size);
}

/* Ends the new database and makes it durable under its hidden name. */
static shukei_status complete_hidden(struct sk_sqlite_database *self, shukei_error *err)
{
  shukei_status st = sk_sqlite_run(&self->at, "COMMIT", "write", err);
  if (st)
    return st;
  count_bytes(self);
  if (sqlite3_close(self->at.db))
    return sk_sqlite_fail(&self->at, "close it", err);
  self->at.db = NULL;
  self->begun = false;
  const int fd = open(self->hidden, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return fail_system(err, self->at.name, "open the finished file");
  if (fsync(fd))
    st = fail_system(err, self->at.name, "sync");
  close(fd);
  return st;
}

shukei_status sk_sqlite_database_prepare(struct sk_sqlite_database *self, shukei_error *err)
{
  if (self->hidden)
    return complete_hidden(self, err);
  const int code = sqlite3_db_cacheflush(self->at.db);
  if (code) /* which does not become the connection's last error */
    return sk_sqlite_fail_code(&self->at, code, "write", err);
  count_bytes(self);
  return SHUKEI_OK;
}

/* fsync of the folder, so that the new name outlives a crash. */
static shukei_status sync_folder(const struct sk_sqlite_database *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const int fd = open(self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || (fsync(fd) && errno != EINVAL)) /* EINVAL: the file system cannot */
    st = fail_system(err, self->at.name, "sync its folder");
  if (fd >= 0)
    close(fd);
  return st;
}

shukei_status sk_sqlite_database_commit(struct sk_sqlite_database *self, shukei_error *err)
{
  if (!self->hidden) {
    const shukei_status st = sk_sqlite_run(&self->at, "COMMIT", "write", err);
    self->begun = st != SHUKEI_OK;
    return st;
  }
  if (link(self->hidden, self->path)) {
    if (errno == EEXIST)
      return sk_fail(err, SHUKEI_EWRITE, "%s: was made by another program during the run",
                     self->at.name);
    /* A file system without links. */
    if (rename(self->hidden, self->path))
      return fail_system(err, self->at.name, "rename the finished file");
  } else {
    unlink(self->hidden);
  }
  sk_free(self->hidden);
  self->hidden = NULL;
  return sync_folder(self, err);
}

/* After an error of writing SQLite leaves the old pages in its journal, for whoever reads the
 * database next. That should not be somebody who copies the file: so read it. */
static void roll_back_journal(const struct sk_sqlite_database *self)
{
  sqlite3 *db = NULL;
  if (sqlite3_open_v2(self->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == 0)
    sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
  sqlite3_close(db);
}

void sk_sqlite_database_close(struct sk_sqlite_database *self)
{
  sqlite3_close(self->at.db); /* takes back what was not committed */
  if (self->begun && !self->hidden)
    roll_back_journal(self);
  if (self->hidden)
    unlink(self->hidden);
  sk_output_close(self->place);
  sk_budget_release(self->at.budget, self->charged_bytes);
  sk_free(self->hidden);
  sk_free(self->folder);
  sk_free(self->path);
  sk_free(self->name);
}
