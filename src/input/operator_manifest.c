/* SPDX-License-Identifier: Apache-2.0 */
/* Read with jansson, whose memory is not the budget's: the values of the text are counted before,
 * and what their tree takes is charged for as long as it lives. */
#include "input/operator_manifest.h"
#include "base/calendar.h"
#include "input/times.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MOST 100000 /* an archive has at most a tenth of that in members */
#define VALUE_BYTES 160    /* of jansson's tree: a value, its place in an object or list */
#define HOUR_US INT64_C(3600000000)

struct reading {
  const char *name;
  struct sk_arena *arena;
  const json_t *root;
  shukei_error *err;
};

static shukei_status refuse(const struct reading *r, const char *key, const char *what)
{
  return sk_fail(r->err, SHUKEI_EFORMAT, "%s: \"%s\" %s", r->name, key, what);
}

static shukei_status no_memory(const struct reading *r)
{
  return sk_fail_memory(r->err, r->arena->budget, 0, "a manifest");
}

/* A member, NULL where it is absent or null. */
static const json_t *member(const struct reading *r, const char *key)
{
  const json_t *value = json_object_get(r->root, key);
  return json_is_null(value) ? NULL : value;
}

static const char *copy(const struct reading *r, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *kept = sk_arena_bytes(r->arena, length);
  return kept ? memcpy(kept, text, length) : NULL;
}

static shukei_status read_text(const struct reading *r, const char *key, const char **out)
{
  const json_t *value = member(r, key);
  if (!value)
    return refuse(r, key, "is missing");
  if (!json_is_string(value) || !json_string_length(value))
    return refuse(r, key, "is no text");
  *out = copy(r, json_string_value(value));
  return *out ? SHUKEI_OK : no_memory(r);
}

/* Go writes a time that was never set as the first instant of the year 1: it counts as absent. */
static shukei_status read_moment(const struct reading *r, const char *key, bool *there,
                                 struct sk_moment *out)
{
  const json_t *value = member(r, key);
  *there = false;
  if (!value)
    return SHUKEI_OK;
  const char *text = json_string_value(value);
  if (!text || strlen(text) < 19 || sk_time_parse(text, strlen(text), &out->us))
    return refuse(r, key, "is no RFC 3339 time");
  const char *point = strpbrk(text, ".,");
  const size_t digits = point ? strspn(point + 1, "0123456789") : 0;
  out->ns = 0;
  for (size_t i = 6; i < 9; i++)
    out->ns = out->ns * 10 + (i < digits ? (uint32_t)(point[1 + i] - '0') : 0);
  *there = out->us != sk_day_of_date((struct sk_date){1, 1, 1}) * SK_DAY_US;
  return SHUKEI_OK;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list of names, sorted, each once. */
static shukei_status read_names(const struct reading *r, const char *key, const char ***out,
                                size_t *count)
{
  const json_t *list = member(r, key), *value;
  size_t i, kept = 0;
  *out = NULL;
  *count = 0;
  if (!list)
    return SHUKEI_OK;
  if (!json_is_array(list))
    return refuse(r, key, "is no list");
  const size_t size = json_array_size(list);
  const char **names = sk_arena_alloc(r->arena, (size + 1) * sizeof *names);
  if (!names)
    return no_memory(r);
  json_array_foreach(list, i, value)
  {
    const char *text = json_string_value(value);
    if (!text)
      return refuse(r, key, "holds what is no text");
    if (!*text || strpbrk(text, "/\\") || strstr(text, ".."))
      return refuse(r, key, "holds a name that is empty or has \"/\", \"\\\" or \"..\" in it");
    names[i] = copy(r, text);
    if (!names[i])
      return no_memory(r);
  }
  qsort(names, size, sizeof *names, by_text);
  for (i = 0; i < size; i++)
    if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
      names[kept++] = names[i];
  *out = names;
  *count = kept;
  return SHUKEI_OK;
}

static shukei_status read_kind(const struct reading *r, struct sk_operator_manifest *manifest)
{
  const json_t *daily = member(r, "daily_reports"), *version = member(r, "version");
  if (daily && !json_is_boolean(daily))
    return refuse(r, "daily_reports", "is neither true nor false");
  if (version && !json_is_string(version))
    return refuse(r, "version", "is no text");
  manifest->whole_days =
      (daily && json_is_true(daily)) || !version || json_string_length(version) == 0;
  return SHUKEI_OK;
}

static shukei_status read_members(const struct reading *r, struct sk_operator_manifest *manifest)
{
  bool dated = false;
  shukei_status st = read_text(r, "uuid", &manifest->uuid);
  if (!st)
    st = read_text(r, "cluster_id", &manifest->cluster_id);
  if (!st)
    st = read_moment(r, "date", &dated, &manifest->date);
  if (!st && !dated)
    st = refuse(r, "date", "is missing");
  if (!st)
    st = read_moment(r, "start", &manifest->has_start, &manifest->start);
  if (!st)
    st = read_moment(r, "end", &manifest->has_end, &manifest->end);
  if (!st)
    st = read_kind(r, manifest);
  if (!st)
    st = read_names(r, "files", &manifest->files, &manifest->file_count);
  if (!st)
    st = read_names(r, "resource_optimization_files", &manifest->other_files,
                    &manifest->other_count);
  return st;
}

/* At most so many values are in the text: each but the first comes behind one of these. */
static size_t count_values(const char *text, size_t length)
{
  size_t count = 1;
  for (size_t i = 0; i < length; i++)
    count += text[i] == ',' || text[i] == ':' || text[i] == '[' || text[i] == '{';
  return count;
}

shukei_status sk_operator_manifest_parse(const char *name, const void *bytes, size_t length,
                                         struct sk_arena *arena,
                                         struct sk_operator_manifest *manifest, shukei_error *err)
{
  struct reading r = {name, arena, NULL, err};
  json_error_t error;
  *manifest = (struct sk_operator_manifest){.uuid = NULL};
  const size_t values = count_values(bytes, length);
  if (length > SK_MANIFEST_MOST)
    return sk_fail(err, SHUKEI_EFORMAT, "%s: over 10 MB, expected a manifest", name);
  if (values > VALUES_MOST)
    return sk_fail(err, SHUKEI_EFORMAT, "%s: over %d values, expected a manifest", name,
                   VALUES_MOST);
  const uint64_t charged = values * VALUE_BYTES + 2 * length;
  if (!sk_budget_charge(arena->budget, charged))
    return sk_fail_memory(err, arena->budget, charged, "a manifest");
  json_t *root = json_loadb(bytes, length, 0, &error);
  r.root = root;
  shukei_status st = SHUKEI_OK;
  if (!root && json_error_code(&error) == json_error_out_of_memory)
    st = sk_fail_memory(err, arena->budget, charged, "a manifest");
  else if (!root)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: line %d, column %d: is no JSON", name, error.line,
                 error.column);
  else if (!json_is_object(root))
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: is no JSON object", name);
  else
    st = read_members(&r, manifest);
  json_decref(root);
  sk_budget_release(arena->budget, charged);
  return st;
}

bool sk_names_have(const char *const *names, size_t count, const char *name)
{
  return count && bsearch(&name, names, count, sizeof *names, by_text);
}

int sk_hours_within(struct sk_moment start, struct sk_moment end, int32_t day)
{
  struct sk_moment from = {day * SK_DAY_US, 0}, to = {(day + INT64_C(1)) * SK_DAY_US, 0};
  if (sk_moment_compare(start, from) > 0)
    from = start;
  if (sk_moment_compare(end, to) < 0)
    to = end;
  if (sk_moment_compare(from, to) >= 0)
    return 0;
  int64_t us = to.us - from.us; /* rounded up to the next microsecond */
  us += to.ns > from.ns;
  return (int)((us + HOUR_US - 1) / HOUR_US);
}
