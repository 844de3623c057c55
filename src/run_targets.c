/* SPDX-License-Identifier: Apache-2.0 */
/* The listing has told each file's identity, so that no file is looked at once more for each sink:
 * of a month of hourly objects that would take a twentieth of a run that makes one day. */
#include "run_targets.h"

#include "sink/sink.h"
#include "store/store.h"

/* What the listing says of a sink's path; *identity NULL where no file is there. */
static shukei_status identify(const char *path, struct sk_listing *listing, const char **identity,
                              shukei_error *err)
{
  shukei_error unused;
  *identity = NULL;
  if (sk_store_distant(path)) {
    *identity = path; /* keys have no other spellings */
    return SHUKEI_OK;
  }
  if (sk_store_is_folder(path))
    return SHUKEI_OK;
  const shukei_status st = sk_store_list(path, listing, &unused);
  if (!st && listing->count)
    *identity = listing->items[0].identity;
  if (st == SHUKEI_ENOMEM && err)
    *err = unused;
  return st == SHUKEI_ENOMEM ? st : SHUKEI_OK; /* what else is wrong with it, its opening tells */
}

static bool is_read(const struct sk_plan *plan, const char *path, const char *identity)
{
  const struct sk_archive *last = NULL;
  for (size_t f = 0; f < plan->count; f++) {
    const struct sk_planned_file *file = &plan->files[f];
    if (file->archive && file->archive == last)
      continue;
    last = file->archive;
    if (file->identity ? strcmp(identity, file->identity) == 0
                       : sk_store_same(path, sk_planned_place(file)))
      return true;
  }
  return false;
}

/* what: "sink" or the like, before its name. */
static shukei_status check_one(struct sk_run_shared *shared, const struct sk_plan *plan,
                               const char *what, const char *name, const char *path,
                               shukei_error *err)
{
  struct sk_listing listing;
  const char *identity = NULL;
  sk_listing_init(&listing, &shared->budget);
  shukei_status st = identify(path, &listing, &identity, err);
  if (!st && identity && is_read(plan, path, identity))
    st = sk_fail(err, SHUKEI_EINVAL, "%s \"%s\" is a report that is read", what, name);
  sk_listing_reset(&listing);
  return st;
}

shukei_status sk_run_check_bad_rows(struct sk_run_shared *shared, const char *path,
                                    const struct sk_plan *plan, shukei_error *err)
{
  return check_one(shared, plan, "the file of bad rows", path, path, err);
}

shukei_status sk_run_check_targets(struct sk_run_shared *shared, const shukei_aggregate_options *o,
                                   const struct sk_plan *plan, shukei_error *err)
{
  const char *const kept = o->bad_rows == SHUKEI_BAD_ROWS_KEEP ? o->bad_rows_file : NULL;
  shukei_status st = kept ? sk_run_check_bad_rows(shared, kept, plan, err) : SHUKEI_OK;
  for (size_t i = 0; i < o->sink_count && !st; i++) {
    const char *path = sk_sink_path(o->sinks[i]);
    if (path)
      st = check_one(shared, plan, "sink", o->sinks[i], path, err);
    if (path && kept && !st && sk_store_same(path, kept))
      st = sk_fail(err, SHUKEI_EINVAL, "sink \"%s\" and the file of bad rows \"%s\" are one file",
                   o->sinks[i], kept);
    for (size_t j = 0; path && j < i && !st; j++) {
      const char *other = sk_sink_path(o->sinks[j]);
      if (other && sk_store_same(path, other))
        st = sk_fail(err, SHUKEI_EINVAL, "sinks \"%s\" and \"%s\" are one file", o->sinks[j],
                     o->sinks[i]);
    }
  }
  return st;
}
