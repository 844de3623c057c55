/* SPDX-License-Identifier: Apache-2.0 */
/* The dataset file, written and recognised. What is read back may be anybody's: it is parsed by
 * jansson, and names in it are used only where they stay below the folder. */
#include "generate/dataset.h"

#include "base/number.h"
#include "base/text.h"
#include "store/store.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES ((uint64_t)64 << 20)
#define FILE_VERSION 1
#define PATH_ROOM 4096

/* ---- writing ------------------------------------------------------------------------------- */

static uint32_t file_count(const struct sk_plan_files *files)
{
  return files->archive_count ? files->archive_count : files->part_count;
}

static const char *file_name(const struct sk_plan_files *files, uint32_t i)
{
  return files->archive_count ? files->archives[i].name : files->parts[i].name;
}

static void quoted(struct sk_buffer *out, const char *text)
{
  sk_json_quote(out, text, strlen(text));
}

static void date_member(const struct sk_model *model, uint32_t hour, struct sk_buffer *out)
{
  const struct sk_date date = sk_hour_date(model, hour);
  sk_buffer_printf(out, "\"%04d-%02d-%02d\"", (int)date.year, date.month, date.day);
}

static void put_sum(struct sk_buffer *out, const char *name, double sum)
{
  char text[SK_NUMBER_TEXT];
  const size_t length = sk_number_format(sum, text);
  sk_buffer_printf(out, ", \"%s\": %.*s", name, (int)length, text);
}

static void put_part(const struct sk_part *part, bool member, struct sk_buffer *out)
{
  sk_buffer_text(out, "{\"name\": ");
  quoted(out, part->name);
  sk_buffer_printf(out, ", \"report\": \"%s\", \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64,
                   sk_report_info(part->report)->name, part->rows, part->bytes);
  if (!member)
    sk_buffer_printf(out, ", \"crc32\": \"%08" PRIx32 "\"", part->crc32);
  sk_buffer_byte(out, '}');
}

static void put_archive(const struct sk_plan_files *files, const struct sk_archive *archive,
                        struct sk_buffer *out)
{
  uint64_t rows = 0;
  for (uint32_t i = 0; i < archive->part_count; i++)
    rows += files->parts[archive->first_part + i].rows;
  sk_buffer_text(out, "{\"name\": ");
  quoted(out, archive->name);
  sk_buffer_printf(out,
                   ", \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"crc32\": \"%08" PRIx32
                   "\", \"uuid\": \"%s\", \"members\": [",
                   rows, archive->bytes, archive->crc32, archive->uuid);
  for (uint32_t i = 0; i < archive->part_count; i++) {
    sk_buffer_text(out, i ? ",\n      " : "\n      ");
    put_part(&files->parts[archive->first_part + i], true, out);
  }
  sk_buffer_text(out, "]}");
}

static void put_files(const struct sk_plan_files *files, struct sk_buffer *out)
{
  const uint32_t count = files->archive_count ? files->archive_count : files->part_count;
  sk_buffer_text(out, ",\n  \"files\": [");
  for (uint32_t i = 0; i < count; i++) {
    sk_buffer_text(out, i ? ",\n    " : "\n    ");
    if (files->archive_count)
      put_archive(files, &files->archives[i], out);
    else
      put_part(&files->parts[i], false, out);
  }
  sk_buffer_text(out, "\n  ]");
}

static void put_totals(const struct sk_writing *writing, struct sk_buffer *out)
{
  const uint32_t days = (writing->model->hour_count + 23) / 24;
  sk_buffer_text(out, ",\n  \"totals\": [");
  for (uint32_t i = 0; i < days; i++) {
    const struct sk_totals *const day = &writing->days[i];
    sk_buffer_text(out, i ? ",\n    {\"day\": " : "\n    {\"day\": ");
    date_member(writing->model, i * 24, out);
    sk_buffer_printf(out,
                     ", \"rows\": %" PRIu64 ", \"pods\": %" PRIu64 ", \"nodes\": %" PRIu32
                     ", \"namespaces\": %" PRIu32,
                     day->rows, day->pods, writing->day_nodes[i], writing->day_spaces[i]);
#define SK_PUT_SUM(name) put_sum(out, "pod_" #name, day->name);
    SK_TOTAL_SUMS(SK_PUT_SUM)
#undef SK_PUT_SUM
    sk_buffer_byte(out, '}');
  }
  sk_buffer_text(out, "\n  ]");
}

static void put_dataset(const struct sk_writing *writing, const struct sk_identity *identity,
                        struct sk_buffer *out)
{
  const struct sk_model *const model = writing->model;
  const struct sk_date date = sk_hour_date(model, 0);
  uint64_t rows = 0;
  sk_buffer_printf(out, "{\n  \"dataset\": %d,\n  \"version\": \"%s\",\n  \"%s\": ", FILE_VERSION,
                   shukei_version(), identity->kind);
  quoted(out, identity->name);
  sk_buffer_printf(out,
                   ",\n  \"hash\": \"%016" PRIx64 "\",\n  \"seed\": %" PRIu64
                   ",\n  \"settings\": %s,\n  \"cluster_id\": ",
                   identity->hash, identity->seed, identity->settings);
  quoted(out, writing->cluster_id);
  sk_buffer_printf(out, ",\n  \"year\": %d,\n  \"month\": %d,\n  \"start\": ", (int)date.year,
                   date.month);
  date_member(model, 0, out);
  sk_buffer_text(out, ",\n  \"end\": ");
  date_member(model, model->hour_count - 1, out);
  sk_buffer_printf(out, ",\n  \"days\": %" PRIu32 ",\n  \"hours\": %" PRIu32,
                   (model->hour_count + 23) / 24, model->hour_count);
  for (int i = 0; i < SK_REPORTS; i++) {
    sk_buffer_printf(out, "%s\"%s\": %" PRIu64, i ? ", " : ",\n  \"rows\": {",
                     sk_report_info((enum sk_report)i)->name, writing->report_rows[i]);
    rows += writing->report_rows[i];
  }
  sk_buffer_printf(out, ", \"all\": %" PRIu64 "}", rows);
  put_files(writing->files, out);
  put_totals(writing, out);
  sk_buffer_text(out, "\n}\n");
}

/* What stands there while the files are written: whose they are, and which. */
static void put_unfinished(const struct sk_writing *writing, const struct sk_identity *identity,
                           struct sk_buffer *out)
{
  const struct sk_plan_files *const files = writing->files;
  sk_buffer_printf(out, "{\n  \"dataset\": %d,\n  \"unfinished\": true,\n  \"%s\": ", FILE_VERSION,
                   identity->kind);
  quoted(out, identity->name);
  sk_buffer_printf(out,
                   ",\n  \"hash\": \"%016" PRIx64 "\",\n  \"seed\": %" PRIu64 ",\n  \"files\": [",
                   identity->hash, identity->seed);
  for (uint32_t i = 0; i < file_count(files); i++) {
    sk_buffer_text(out, i ? ",\n    {\"name\": " : "\n    {\"name\": ");
    quoted(out, file_name(files, i));
    sk_buffer_byte(out, '}');
  }
  sk_buffer_text(out, "\n  ]\n}\n");
}

typedef void (*put_call)(const struct sk_writing *writing, const struct sk_identity *identity,
                         struct sk_buffer *out);

static shukei_status write_text(struct sk_writing *writing, const struct sk_identity *identity,
                                put_call put, shukei_error *err)
{
  struct sk_buffer text;
  struct sk_output *output = NULL;
  sk_buffer_init(&text, writing->budget, MOST_BYTES);
  put(writing, identity, &text);
  shukei_status st = SHUKEI_OK;
  if (text.failed)
    st = sk_fail_memory(err, writing->budget, text.length, "the dataset's description");
  if (!st)
    st = sk_writing_open(writing, SK_DATASET_FILE, &output, err);
  if (!st)
    st = sk_output_write(output, text.bytes, text.length, err);
  if (!st)
    st = sk_output_commit(output, err);
  if (!st && put == put_dataset)
    writing->written_bytes += text.length;
  sk_output_close(output);
  sk_buffer_reset(&text);
  return st;
}

shukei_status sk_dataset_write(struct sk_writing *writing, const struct sk_identity *identity,
                               shukei_error *err)
{
  return write_text(writing, identity, put_dataset, err);
}

/* The path of a file below the destination; false where it is too long. */
static bool path_of(const char *destination, const char *name, char path[PATH_ROOM])
{
  const size_t length = strlen(destination);
  const char *const slash = length && destination[length - 1] == '/' ? "" : "/";
  return (size_t)snprintf(path, PATH_ROOM, "%s%s%s", destination, slash, name) < PATH_ROOM;
}

/* Removes a file of the dataset and the folders above it that it leaves empty. */
static void remove_with_folders(const struct sk_writing *writing, const char *name)
{
  char path[PATH_ROOM];
  const size_t below = strlen(writing->destination);
  if (!path_of(writing->destination, name, path))
    return;
  (void)sk_store_remove(path, writing->budget, NULL);
  if (sk_store_distant(path))
    return;
  for (char *slash = strrchr(path, '/'); slash > path + below; slash = strrchr(path, '/')) {
    *slash = '\0';
    if (rmdir(path) != 0)
      return;
  }
}

void sk_dataset_abandon(const struct sk_writing *writing)
{
  for (uint32_t i = 0; i < file_count(writing->files); i++)
    remove_with_folders(writing, file_name(writing->files, i));
  remove_with_folders(writing, SK_DATASET_FILE);
  if (writing->made_destination && !sk_store_distant(writing->destination))
    (void)rmdir(writing->destination);
}

/* ---- what is there ------------------------------------------------------------------------- */

/* Reads a dataset file; *out is NULL where it is none. */
static shukei_status read_dataset(const char *path, struct sk_budget *budget, json_t **out,
                                  shukei_error *err)
{
  struct sk_object *object = NULL;
  char *text = NULL;
  *out = NULL;
  shukei_status st = sk_store_open(path, budget, &object, err);
  if (st)
    goto done;
  const uint64_t size = sk_object_size(object);
  if (size > MOST_BYTES)
    goto done;
  text = sk_alloc(budget, (size_t)size + 1);
  if (!text) {
    st = sk_fail_memory(err, budget, size, "the dataset's description");
    goto done;
  }
  st = sk_object_read(object, 0, text, (size_t)size, err);
  if (!st)
    *out = json_loadb(text, (size_t)size, 0, NULL);
done:
  sk_free(text);
  sk_object_close(object);
  return st;
}

/* A name that stays below the folder. */
static bool harmless(const char *name)
{
  if (!*name || *name == '/')
    return false;
  for (const char *at = name; at; at = strchr(at, '/')) {
    at += *at == '/';
    if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
      return false;
  }
  return true;
}

/* Removes the files that another dataset lists. */
static shukei_status remove_listed(const struct sk_writing *writing, const json_t *dataset,
                                   shukei_error *err)
{
  const json_t *const files = json_object_get(dataset, "files");
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < json_array_size(files); i++) {
    const char *const name = json_string_value(json_object_get(json_array_get(files, i), "name"));
    char path[PATH_ROOM];
    if (name && harmless(name) && path_of(writing->destination, name, path))
      st = sk_store_remove(path, writing->budget, err);
  }
  return st;
}

static shukei_status refuse(shukei_error *err, const char *destination, const json_t *dataset)
{
  const char *const preset = json_string_value(json_object_get(dataset, "preset"));
  const char *const manifest = json_string_value(json_object_get(dataset, "manifest"));
  const json_t *const seed = json_object_get(dataset, "seed");
  const char *const name = preset ? preset : manifest;
  const shukei_status st =
      name ? sk_fail(err, SHUKEI_EINVAL,
                     "\"%s\" holds another dataset: %.64s, seed %" JSON_INTEGER_FORMAT, destination,
                     name, json_integer_value(seed))
           : sk_fail(err, SHUKEI_EINVAL, "\"%s\" holds a " SK_DATASET_FILE " that is none of ours",
                     destination);
  sk_advise(err, "name another folder, or write over it with --force");
  return st;
}

static bool says(const json_t *dataset, const char *name, const char *text)
{
  const char *const found = json_string_value(json_object_get(dataset, name));
  return found && strcmp(found, text) == 0;
}

static void hash_text(const struct sk_identity *identity, char hash[24])
{
  snprintf(hash, 24, "%016" PRIx64, identity->hash);
}

/* The file of that name; NULL where it is not there. */
static const struct sk_listed *find_listed(const struct sk_listing *listing, const char *name)
{
  size_t low = 0,
         high = listing->count; /* sorted by path, and so by what follows the destination */
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(listing->items[middle].relative, name);
    if (order == 0)
      return &listing->items[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* All files that a dataset lists are there, and as long as it says. */
static bool files_there(const struct sk_listing *listing, const json_t *dataset)
{
  const json_t *const files = json_object_get(dataset, "files");
  for (size_t i = 0; i < json_array_size(files); i++) {
    const json_t *const file = json_array_get(files, i);
    const char *const name = json_string_value(json_object_get(file, "name"));
    const json_int_t bytes = json_integer_value(json_object_get(file, "bytes"));
    const struct sk_listed *const found = name ? find_listed(listing, name) : NULL;
    if (!found || bytes < 0 || found->size_bytes != (uint64_t)bytes)
      return false;
  }
  return json_is_array(files);
}

shukei_status sk_dataset_kept(struct sk_writing *writing, const struct sk_identity *identity,
                              bool *kept, shukei_error *err)
{
  struct sk_listing listing;
  char hash[24];
  json_t *dataset = NULL;
  *kept = false;
  sk_listing_init(&listing, writing->budget);
  shukei_status st = sk_store_list(writing->destination, &listing, err);
  const struct sk_listed *const old = st ? NULL : find_listed(&listing, SK_DATASET_FILE);
  if (st == SHUKEI_ENOTFOUND)
    st = SHUKEI_OK;
  if (old)
    st = read_dataset(old->path, writing->budget, &dataset, err);
  hash_text(identity, hash);
  *kept = dataset && !json_object_get(dataset, "unfinished") && says(dataset, "hash", hash) &&
          says(dataset, "version", shukei_version()) && files_there(&listing, dataset);
  const json_t *const rows = json_object_get(dataset, "rows");
  for (int i = 0; *kept && i < SK_REPORTS; i++)
    writing->report_rows[i] = (uint64_t)json_integer_value(
        json_object_get(rows, sk_report_info((enum sk_report)i)->name));
  if (*kept)
    writing->rows_done = (uint64_t)json_integer_value(json_object_get(rows, "all"));
  sk_listing_reset(&listing);
  json_decref(dataset);
  return st;
}

/* A dataset file is there: is it ours? Ours, or with force any, goes away. */
static shukei_status claim_old(const struct sk_writing *writing, const char *path,
                               const struct sk_identity *identity, bool force, shukei_error *err)
{
  json_t *dataset = NULL;
  char hash[24];
  shukei_status st = read_dataset(path, writing->budget, &dataset, err);
  hash_text(identity, hash);
  const bool same = says(dataset, "hash", hash);
  if (!st && !same && !force)
    st = refuse(err, writing->destination, dataset);
  if (!st && !same && dataset)
    st = remove_listed(writing, dataset, err);
  if (!st)
    st = sk_store_remove(path, writing->budget, err);
  json_decref(dataset);
  return st;
}

shukei_status sk_dataset_claim(struct sk_writing *writing, const struct sk_identity *identity,
                               bool force, shukei_error *err)
{
  struct sk_listing listing;
  const char *old = NULL, *foreign = NULL;
  shukei_error unlisted;
  sk_listing_init(&listing, writing->budget);
  shukei_status st = sk_store_list(writing->destination, &listing, err ? err : &unlisted);
  if (st) {
    writing->made_destination = st == SHUKEI_ENOTFOUND;
    st = writing->made_destination ? SHUKEI_OK : st;
    goto claim;
  }
  for (size_t i = 0; i < listing.count; i++) {
    const struct sk_listed *const item = &listing.items[i];
    if (strcmp(item->relative, SK_DATASET_FILE) == 0)
      old = item->path;
    else
      foreign = item->relative;
  }
  if (old)
    st = claim_old(writing, old, identity, force, err);
  else if (foreign && !force) {
    st = sk_fail(err, SHUKEI_EINVAL, "\"%s\" holds \"%s\", which is no part of this dataset",
                 writing->destination, foreign);
    sk_advise(err, "name another folder, or write beside it with --force");
  }
  if (!st) /* a run that was killed could not do it */
    st = sk_store_clear(writing->destination, writing->budget, err);
claim:
  if (!st)
    st = write_text(writing, identity, put_unfinished, err);
  sk_listing_reset(&listing);
  return st;
}
