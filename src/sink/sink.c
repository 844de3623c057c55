/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the kind of sink by its name and hands the calls on. */
#include "sink/sink.h"

#include "base/text.h"

#include "sink/kinds.h"
#include "sink/pg_name.h"
#include "store/store.h"

#include <string.h>

struct form {
  const char *ending;
  shukei_status (*open)(const char *path, const struct sk_sink_options *options,
                        struct sk_budget *budget, struct sk_sink **out, shukei_error *err);
  /* NULL: a kind that does not replace days */
  shukei_status (*load)(const char *path, const struct sk_sink_options *options,
                        struct sk_budget *budget, struct sk_ledger *ledger, shukei_error *err);
};

static const struct form forms[] = {
    {".csv", sk_csv_sink_open, NULL},
    {".parquet", sk_parquet_sink_open, NULL},
    {".db", sk_sqlite_sink_open, sk_sqlite_ledger_load},
    {".sqlite", sk_sqlite_sink_open, sk_sqlite_ledger_load},
    {".sqlite3", sk_sqlite_sink_open, sk_sqlite_ledger_load},
};
static const struct form on_stdout = {"", sk_csv_sink_open, NULL};
static const struct form database = {"", sk_sqlite_sink_open, sk_sqlite_ledger_load};
static const struct form postgres = {"", sk_postgres_sink_open, sk_postgres_ledger_load};
static const struct form dataset = {"/", sk_dataset_sink_open, sk_dataset_ledger_load};

static bool begins_with(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The kind and the path (NULL: standard output) behind a name. */
static shukei_status find_form(const char *name, const struct form **form, const char **path,
                               shukei_error *err)
{
  static const char prefix[] = "sqlite:";
  *path = name;
  if (strcmp(name, "-") == 0) {
    *path = NULL;
    *form = &on_stdout;
    return SHUKEI_OK;
  }
  if (begins_with(name, prefix) && name[sizeof prefix - 1]) {
    *path = name + sizeof prefix - 1;
    *form = &database;
    return SHUKEI_OK;
  }
  if (sk_pg_is_name(name)) {
    *form = &postgres;
    return sk_pg_check_name(name, err);
  }
  const bool distant = sk_store_distant(name);
  const bool remote = strstr(name, "://") && !distant;
  for (size_t i = 0; i < SK_COUNT(forms) && !remote; i++) {
    const bool local_only = forms[i].open == sk_sqlite_sink_open;
    const bool bare = strcmp(name, forms[i].ending) == 0;
    if (sk_ends_with(name, forms[i].ending) && !bare && !(distant && local_only)) {
      *form = &forms[i];
      return SHUKEI_OK;
    }
  }
  if (!remote && name[0] &&
      (name[strlen(name) - 1] == '/' || (!distant && sk_store_is_folder(name)))) {
    *form = &dataset;
    return SHUKEI_OK;
  }
  shukei_status st;
  if (remote)
    st = sk_fail(err, SHUKEI_EINVAL,
                 "sink \"%s\": this version writes files, objects in S3 and PostgreSQL only", name);
  else
    st = sk_fail(err, SHUKEI_EINVAL, "sink \"%s\": the name does not tell what to write", name);
  if (distant)
    sk_advise(
        err,
        "in S3 it can be s3://BUCKET/NAME.csv, s3://BUCKET/NAME.parquet or s3://BUCKET/FOLDER/");
  else
    sk_advise(err, "name it NAME.csv, NAME.parquet, NAME.db, NAME.sqlite, sqlite:PATH or "
                   "postgresql://..., FOLDER/ for a dataset, or - for CSV on standard output");
  return st;
}

shukei_status sk_sink_check(const char *name, shukei_error *err)
{
  const struct form *form;
  const char *path;
  return find_form(name, &form, &path, err);
}

bool sk_sink_has_ledger(const char *name)
{
  const struct form *form;
  const char *path;
  return find_form(name, &form, &path, NULL) == SHUKEI_OK && form->load;
}

shukei_status sk_sink_ledger_load(const char *name, const struct sk_sink_options *options,
                                  struct sk_budget *budget, struct sk_ledger *ledger,
                                  shukei_error *err)
{
  const struct form *form;
  const char *path;
  const shukei_status st = find_form(name, &form, &path, err);
  return st ? st : form->load(path, options, budget, ledger, err);
}

const char *sk_sink_path(const char *name)
{
  const struct form *form;
  const char *path;
  return sk_pg_is_name(name) || find_form(name, &form, &path, NULL) ? NULL : path;
}

bool sk_sink_has_settings(const char *name)
{
  return sk_pg_is_name(name);
}

const char *sk_sink_place(const struct sk_sink *sink)
{
  return sink->calls->place ? sink->calls->place(sink) : NULL;
}

shukei_status sk_sink_open(const char *name, const struct sk_sink_options *options,
                           struct sk_budget *budget, struct sk_sink **out, shukei_error *err)
{
  const struct form *form;
  const char *path;
  *out = NULL;
  const shukei_status st = find_form(name, &form, &path, err);
  return st ? st : form->open(path, options, budget, out, err);
}

shukei_status sk_sink_begin_source(struct sk_sink *sink, const char *source_uuid, shukei_error *err)
{
  return sink->calls->begin_source ? sink->calls->begin_source(sink, source_uuid, err) : SHUKEI_OK;
}

shukei_status sk_chunk_new(struct sk_sink *sink, struct sk_chunk **out, shukei_error *err)
{
  *out = NULL;
  return sink->calls->chunk_new(sink, out, err);
}

shukei_status sk_chunk_add(struct sk_chunk *chunk, const struct sk_row *row, shukei_error *err)
{
  return chunk->calls->chunk_add(chunk, row, err);
}

size_t sk_chunk_bytes(const struct sk_chunk *chunk)
{
  return chunk->bytes;
}

shukei_status sk_sink_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  return sink->calls->append(sink, chunk, err);
}

void sk_sink_pause(struct sk_sink *sink)
{
  if (sink->calls->pause)
    sink->calls->pause(sink);
}

void sk_chunk_free(struct sk_chunk *chunk)
{
  if (chunk)
    chunk->calls->chunk_free(chunk);
}

void sk_sink_keep_ledger(struct sk_sink *sink, struct sk_ledger *ledger)
{
  sink->calls->keep_ledger(sink, ledger);
}

void sk_sink_limit(struct sk_sink *sink, const struct sk_day_range *ranges, size_t count)
{
  if (sink->calls->limit)
    sink->calls->limit(sink, ranges, count);
}

shukei_status sk_sink_prepare(struct sk_sink *sink, shukei_error *err)
{
  return sink->calls->prepare(sink, err);
}

shukei_status sk_sink_commit(struct sk_sink *sink, shukei_error *err)
{
  return sink->calls->commit(sink, err);
}

uint64_t sk_sink_bytes(const struct sk_sink *sink)
{
  return sink->calls->bytes(sink);
}

void sk_sink_close(struct sk_sink *sink)
{
  if (sink)
    sink->calls->close(sink);
}
