/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/described.h"

#include "store/store.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define DESCRIPTION "shukei-dataset.json"
#define MOST_BYTES ((uint64_t)64 << 20)
#define PIECE_BYTES ((size_t)1 << 20)
#define PATH_BYTES 4096

struct look {
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  const char *folder;
  bool stale;
};

static void tell(struct look *look, const char *name, const char *what)
{
  char text[PATH_BYTES + 256];
  snprintf(text, sizeof text, "%s: \"%.2000s\" %s", look->folder, name, what);
  look->stale = true;
  if (look->request->warn)
    look->request->warn(look->request->context, text);
}

static bool path_of(const struct look *look, const char *name, char path[PATH_BYTES])
{
  const size_t length = strlen(look->folder);
  const char *const slash = length && look->folder[length - 1] == '/' ? "" : "/";
  return snprintf(path, PATH_BYTES, "%s%s%s", look->folder, slash, name) < PATH_BYTES;
}

static shukei_status checksum(struct look *look, struct sk_object *object, uint32_t *crc,
                              shukei_error *err)
{
  const uint64_t size = sk_object_size(object);
  uint8_t *const piece = sk_alloc(look->budget, PIECE_BYTES);
  shukei_status st =
      piece ? SHUKEI_OK : sk_fail_memory(err, look->budget, PIECE_BYTES, "a checksum");
  *crc = 0;
  for (uint64_t at = 0; !st && at < size;) {
    const size_t length = size - at < PIECE_BYTES ? (size_t)(size - at) : PIECE_BYTES;
    st = sk_object_read(object, at, piece, length, err);
    if (!st)
      *crc = (uint32_t)crc32(*crc, piece, (uInt)length);
    at += length;
    if (!st)
      st = look->request->check(look->request->context, 0, 0, err);
  }
  sk_free(piece);
  return st;
}

static shukei_status check_file(struct look *look, const json_t *file, shukei_error *err)
{
  const char *const name = json_string_value(json_object_get(file, "name"));
  const char *const crc_text = json_string_value(json_object_get(file, "crc32"));
  const json_t *const bytes = json_object_get(file, "bytes");
  struct sk_object *object = NULL;
  char path[PATH_BYTES];
  uint32_t crc = 0;
  if (!name || !path_of(look, name, path))
    return SHUKEI_OK;
  shukei_status st = sk_store_open(path, look->budget, &object, err);
  if (st == SHUKEI_ENOTFOUND) {
    tell(look, name, "is missing");
    return SHUKEI_OK;
  }
  if (!st && json_is_integer(bytes) &&
      (uint64_t)json_integer_value(bytes) != sk_object_size(object)) {
    tell(look, name, "has another size than " DESCRIPTION " says");
  } else if (!st && crc_text) {
    st = checksum(look, object, &crc, err);
    if (!st && crc != strtoul(crc_text, NULL, 16))
      tell(look, name, "has another checksum than " DESCRIPTION " says");
  }
  sk_object_close(object);
  return st;
}

/* Reports below the folder of which the description says nothing. */
static void check_others(struct look *look, const json_t *files)
{
  char path[PATH_BYTES];
  size_t prefix = path_of(look, "", path) ? strlen(path) : 0;
  json_t *const names = json_object();
  for (size_t i = 0; names && i < json_array_size(files); i++) {
    const char *const name = json_string_value(json_object_get(json_array_get(files, i), "name"));
    if (name)
      json_object_set_new(names, name, json_true());
  }
  for (size_t i = 0; names && prefix && i < look->request->file_count; i++) {
    const char *const place = look->request->files[i].place;
    if (strncmp(place, path, prefix) == 0 && !json_object_get(names, place + prefix))
      tell(look, place + prefix, "is not in " DESCRIPTION);
  }
  json_decref(names);
}

static shukei_status read_description(struct look *look, json_t **out, shukei_error *err)
{
  struct sk_object *object = NULL;
  char path[PATH_BYTES], *text = NULL;
  *out = NULL;
  if (!path_of(look, DESCRIPTION, path))
    return SHUKEI_OK;
  shukei_status st = sk_store_open(path, look->budget, &object, err);
  if (st)
    return st == SHUKEI_ENOTFOUND ? SHUKEI_OK : st;
  const uint64_t size = sk_object_size(object);
  text = size > MOST_BYTES ? NULL : sk_alloc(look->budget, (size_t)size + 1);
  if (size <= MOST_BYTES && !text)
    st = sk_fail_memory(err, look->budget, size, "the dataset's description");
  if (!st && text)
    st = sk_object_read(object, 0, text, (size_t)size, err);
  if (!st && text)
    *out = json_loadb(text, (size_t)size, 0, NULL);
  sk_free(text);
  sk_object_close(object);
  return st;
}

static shukei_status check_folder(struct look *look, shukei_error *err)
{
  json_t *description = NULL;
  shukei_status st = read_description(look, &description, err);
  const json_t *const files = json_object_get(description, "files");
  if (!st && json_is_true(json_object_get(description, "unfinished")))
    tell(look, DESCRIPTION, "is of data that were never finished");
  else if (!st && json_is_array(files))
    check_others(look, files);
  for (size_t i = 0; !st && i < json_array_size(files); i++)
    st = check_file(look, json_array_get(files, i), err);
  json_decref(description);
  return st;
}

shukei_status sk_described_check(const struct sk_validate_request *request,
                                 struct sk_budget *budget, bool *stale, shukei_error *err)
{
  const shukei_validate_options *const options = request->options;
  shukei_status st = SHUKEI_OK;
  *stale = false;
  for (size_t i = 0; !st && i < options->source_count; i++) {
    struct look look = {.request = request, .budget = budget, .folder = options->sources[i]};
    if (!sk_store_distant(look.folder) && !sk_store_is_folder(look.folder))
      continue;
    st = check_folder(&look, err);
    *stale |= look.stale;
  }
  return st;
}
