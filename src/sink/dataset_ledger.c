/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger's file is read whole into a database in memory and written whole, as an object that
 * appears or does not: no journal lies beside it, and any store will do. A month of hourly objects
 * is some 500 kB. A file that is no database, or a damaged one, is an empty ledger: all days are
 * made again then. */
#include "sink/dataset_ledger.h"

#include "base/object.h"
#include "sink/kinds.h"
#include "sink/ledger_table.h"

#define BYTES_MOST ((uint64_t)1 << 30)

struct image { /* the database in memory */
  struct sk_sqlite at;
  uint64_t charged_bytes;
};

static void close_image(struct image *image)
{
  sqlite3_close(image->at.db);
  sk_budget_release(image->at.budget, image->charged_bytes);
}

/* Reads the file's bytes into the database. */
static shukei_status fill_image(struct image *image, struct sk_object *object, shukei_error *err)
{
  const uint64_t size = sk_object_size(object);
  if (size == 0 || size > BYTES_MOST)
    return SHUKEI_OK; /* none of ours */
  if (image->at.budget && !sk_budget_charge(image->at.budget, size))
    return sk_fail_memory(err, image->at.budget, size, "the ledger");
  image->charged_bytes = image->at.budget ? size : 0;
  unsigned char *bytes = sqlite3_malloc64(size);
  if (!bytes)
    return sk_fail_memory(err, image->at.budget, size, "the ledger");
  const shukei_status st = sk_object_read(object, 0, bytes, (size_t)size, err);
  if (st) {
    sqlite3_free(bytes);
    return st;
  }
  const int code =
      sqlite3_deserialize(image->at.db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  return code ? sk_sqlite_fail_code(&image->at, code, "read it", err) : SHUKEI_OK;
}

static shukei_status open_image(struct image *image, const char *path, bool filled,
                                struct sk_budget *budget, shukei_error *err)
{
  struct sk_object *object = NULL;
  *image = (struct image){.at = {.name = path, .budget = budget}};
  if (sqlite3_open_v2(":memory:", &image->at.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
    return sk_fail_memory(err, budget, 0, "the ledger");
  if (!filled)
    return SHUKEI_OK;
  shukei_status st = sk_store_open(path, budget, &object, err);
  if (st == SHUKEI_ENOTFOUND)
    return SHUKEI_OK;
  if (!st)
    st = fill_image(image, object, err);
  sk_object_close(object);
  return st;
}

shukei_status sk_dataset_list(const struct sk_dataset_names *names, struct sk_listing *listing,
                              shukei_error *err)
{
  shukei_error found = {.status = SHUKEI_OK};
  const shukei_status st = sk_store_list(names->folder, listing, &found);
  if (st && st != SHUKEI_ENOTFOUND && err)
    *err = found;
  return st == SHUKEI_ENOTFOUND ? SHUKEI_OK : st;
}

shukei_status sk_dataset_marks(const struct sk_dataset_names *names,
                               const struct sk_listing *listing, bool fill,
                               struct sk_ledger *ledger, shukei_error *err)
{
  const size_t known = sk_ledger_note_begin(ledger, fill);
  for (size_t i = 0; i < listing->count; i++) {
    const struct sk_listed *one = &listing->items[i];
    int32_t day;
    if (sk_dataset_day(names, one->relative, &day) &&
        !sk_ledger_note(ledger, known, day, one->etag, fill))
      return sk_fail_memory(err, ledger->arena.budget, 0, "the ledger");
  }
  sk_ledger_sort(ledger);
  return SHUKEI_OK;
}

static shukei_status read_file(const char *path, const char *source, struct sk_budget *budget,
                               struct sk_ledger *ledger, shukei_error *err)
{
  struct image image;
  shukei_error broken = {.status = SHUKEI_OK};
  shukei_status st = open_image(&image, path, true, budget, &broken);
  if (!st)
    st = sk_ledger_table_read(&image.at, source, ledger, &broken);
  close_image(&image);
  if (st == SHUKEI_ENOMEM && err)
    *err = broken;
  if (st == SHUKEI_ENOMEM || !st)
    return st;
  sk_ledger_reset(ledger);
  return SHUKEI_OK;
}

shukei_status sk_dataset_ledger_load(const char *path, const struct sk_sink_options *options,
                                     struct sk_budget *budget, struct sk_ledger *ledger,
                                     shukei_error *err)
{
  const char *source = options->source_uuid;
  struct sk_dataset_names names;
  struct sk_listing listing;
  sk_listing_init(&listing, budget);
  shukei_status st = sk_dataset_names_init(&names, path, source, budget, err);
  if (!st)
    st = read_file(names.ledger, source, budget, ledger, err);
  if (!st)
    st = sk_dataset_list(&names, &listing, err);
  if (!st)
    st = sk_dataset_marks(&names, &listing, false, ledger, err);
  sk_listing_reset(&listing);
  sk_dataset_names_reset(&names);
  return st;
}

shukei_status sk_dataset_ledger_clear(const struct sk_dataset_names *names,
                                      struct sk_budget *budget, shukei_error *err)
{
  const char *slash = strrchr(names->ledger, '/');
  const size_t length = slash ? (size_t)(slash - names->ledger) + 1 : 0;
  char *folder = length ? sk_strndup(budget, names->ledger, length) : sk_strndup(budget, ".", 1);
  if (!folder)
    return sk_fail_memory(err, budget, length, "a dataset's names");
  const shukei_status st = sk_store_clear_named(folder, names->ledger + length, false, budget, err);
  sk_free(folder);
  return st;
}

static shukei_status write_file(const struct sk_sqlite *at, struct sk_output *output,
                                shukei_error *err)
{
  sqlite3_int64 size = 0;
  unsigned char *bytes = sqlite3_serialize(at->db, "main", &size, 0);
  if (!bytes)
    return sk_fail_memory(err, at->budget, 0, "the ledger");
  shukei_status st = sk_output_write(output, bytes, (size_t)size, err);
  if (!st)
    st = sk_output_commit(output, err);
  sqlite3_free(bytes);
  return st;
}

shukei_status sk_dataset_ledger_save(const struct sk_dataset_names *names, const char *source,
                                     const struct sk_ledger *ledger, struct sk_output *output,
                                     struct sk_budget *budget, shukei_error *err)
{
  struct image image;
  shukei_error broken;
  shukei_status st = open_image(&image, names->ledger, true, budget, &broken);
  if (!st)
    st = sk_ledger_table_write(&image.at, source, ledger, &broken);
  if (st && st != SHUKEI_ENOMEM) { /* damaged: begun anew, with what this run knows */
    close_image(&image);
    st = open_image(&image, names->ledger, false, budget, err);
    if (!st)
      st = sk_ledger_table_write(&image.at, source, ledger, err);
  } else if (st && err) {
    *err = broken;
  }
  if (!st)
    st = write_file(&image.at, output, err);
  close_image(&image);
  return st;
}
