/* SPDX-License-Identifier: Apache-2.0 */
/* What former runs have noted of objects, and what this run finds: the plan's memory.
 *
 * Whose ledger knows a payload shows only when its manifest was read, or recalled. So the ledgers
 * of all sources are loaded whose payloads may come, also of those that this run does not ask for:
 * that of the run, and those of the clusters that are listed. */
#include "changed_state.h"

#include "base/calendar.h"
#include "base/text.h"
#include "store/store.h"

#include <assert.h>

#define LIST_MOST 62 /* days: statistics that span more are not taken for the days in between */
#define PAYLOAD "payload"

static const char *const formats[] = {[SK_FORMAT_CSV] = "csv",
                                      [SK_FORMAT_CSV_GZIP] = "csv.gz",
                                      [SK_FORMAT_CSV_ZSTD] = "csv.zst",
                                      [SK_FORMAT_PARQUET] = "parquet",
                                      [SK_FORMAT_PAYLOAD] = PAYLOAD};

/* ---- sources --------------------------------------------------------------------------------- */

shukei_status sk_changed_source_of(struct sk_changed *self, const char *source,
                                   struct sk_changed_source **out, shukei_error *err)
{
  const shukei_aggregate_options *o = self->options;
  struct sk_budget *budget = &self->shared->budget;
  for (size_t i = 0; i < self->source_count; i++)
    if (sk_same_text(self->sources[i].source, source)) {
      *out = &self->sources[i];
      return SHUKEI_OK;
    }
  struct sk_changed_source *grown =
      sk_realloc(budget, self->sources, (self->source_count + 1) * sizeof *grown);
  if (!grown)
    return sk_changed_no_memory(self, err);
  self->sources = grown;
  struct sk_changed_source *one = &grown[self->source_count];
  *one = (struct sk_changed_source){.source = source, .cluster = SIZE_MAX};
  one->ledgers = sk_calloc(budget, o->sink_count, sizeof *one->ledgers);
  if (!one->ledgers)
    return sk_changed_no_memory(self, err);
  self->source_count++;
  for (size_t i = 0; i < o->sink_count; i++)
    sk_ledger_init(&one->ledgers[i], budget);
  struct sk_sink_options options = {.source_uuid = source,
                                    .schema = o->schema,
                                    .staging = o->staging,
                                    .canceled = o->callbacks.canceled,
                                    .canceled_context = o->callbacks.context};
  shukei_status st = sk_parse_days(o->start, o->end, &options.start_day, &options.end_day, err);
  for (size_t i = 0; i < o->sink_count && !st; i++)
    st = sk_sink_ledger_load(o->sinks[i], &options, budget, &one->ledgers[i], err);
  *out = one;
  return st;
}

static shukei_status begin(void *context, const char *source, shukei_error *err)
{
  struct sk_changed *self = context;
  const shukei_aggregate_options *o = self->options;
  struct sk_changed_source *one;
  shukei_status st = sk_changed_source_of(self, source, &one, err);
  for (size_t i = 0; i < o->cluster_count && !st; i++)
    st = sk_changed_source_of(self, o->clusters[i].source, &one, err);
  return st;
}

/* ---- recalling ------------------------------------------------------------------------------- */

/* The next ledger's note of that version of an object, from *at on; NULL: there is no more. */
static const struct sk_ledger_object *next_note(const struct sk_changed *self, size_t *at,
                                                const char *path, const char *etag)
{
  const size_t sinks = self->options->sink_count;
  while (*at < self->source_count * sinks) {
    const struct sk_ledger *ledger = &self->sources[*at / sinks].ledgers[*at % sinks];
    const struct sk_ledger_object *noted = sk_ledger_find_object(ledger, path);
    ++*at;
    if (noted && strcmp(noted->etag, etag) == 0)
      return noted;
  }
  return NULL;
}

static bool fill_file(const struct sk_ledger_object *noted, struct sk_planned_file *file)
{
  int report = -1, format = -1;
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    if (strcmp(sk_report_info((enum sk_report)r)->name, noted->report) == 0)
      report = r;
  for (size_t f = 0; f < SK_COUNT(formats); f++)
    if (strcmp(formats[f], noted->format) == 0)
      format = (int)f;
  if (format < 0 || (report < 0 && format != SK_FORMAT_PAYLOAD))
    return false;
  file->format = (enum sk_format)format;
  if (format == SK_FORMAT_PAYLOAD)
    return true;
  file->report = (enum sk_report)report;
  file->row_count_known = noted->rows >= 0;
  file->row_count = noted->rows >= 0 ? (uint64_t)noted->rows : 0;
  return true;
}

static bool recall(void *context, const struct sk_listed *listed, struct sk_planned_file *file,
                   bool *known, const char **why)
{
  const struct sk_changed *self = context;
  const struct sk_ledger_object *noted;
  if (!listed->etag || listed->young)
    return false;
  for (size_t at = 0; (noted = next_note(self, &at, listed->path, listed->etag));) {
    if (!noted->report[0]) {
      *known = false;
      *why = noted->note;
      return true;
    }
    if (!fill_file(noted, file))
      continue;
    *known = true;
    return true;
  }
  return false;
}

/* The days that a former run noted of that version; false where there are none. */
static bool recall_days(const struct sk_changed *self, const struct sk_ledger_object *now,
                        struct sk_day_list *list)
{
  const struct sk_ledger_object *noted;
  for (size_t at = 0; now->etag[0] && (noted = next_note(self, &at, now->path, now->etag));) {
    if (sk_day_list_parse(noted->days, &self->shared->budget, list) && list->known)
      return true;
    sk_day_list_reset(list);
  }
  return false;
}

static const char *recall_archive(void *context, const char *path)
{
  const struct sk_changed *self = context;
  const struct sk_changed_object *now = sk_changed_find(self, path);
  const struct sk_ledger_object *noted;
  for (size_t at = 0;
       now && now->noted.etag[0] && (noted = next_note(self, &at, path, now->noted.etag));)
    if (strcmp(noted->report, PAYLOAD) == 0 && noted->note[0])
      return noted->note;
  return NULL;
}

/* ---- noting ---------------------------------------------------------------------------------- */

const char *sk_changed_text(struct sk_changed *self, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *copy = sk_arena_bytes(&self->arena, length);
  return copy ? memcpy(copy, text, length) : NULL;
}

/* The days by the statistics, where they span few enough. */
static bool days_of_file(const struct sk_changed *self, const struct sk_planned_file *file,
                         struct sk_day_list *list)
{
  const bool none = file->first_day == INT32_MAX && file->last_day == INT32_MIN;
  const bool told = file->first_day > INT32_MIN && file->last_day < INT32_MAX;
  if (!none && (!told || file->last_day - file->first_day >= LIST_MOST))
    return true;
  list->known = true;
  if (none)
    return true;
  list->ranges = sk_alloc(&self->shared->budget, sizeof *list->ranges);
  if (!list->ranges)
    return false;
  list->ranges[list->count++] = (struct sk_day_range){file->first_day, file->last_day};
  return true;
}

static const char *report_name(const struct sk_planned_file *file)
{
  if (!file)
    return "";
  return file->format == SK_FORMAT_PAYLOAD ? PAYLOAD : sk_report_info(file->report)->name;
}

static shukei_status note(void *context, const struct sk_listed *listed,
                          const struct sk_planned_file *file, const char *why, shukei_error *err)
{
  struct sk_changed *self = context;
  if (self->object_count == self->object_capacity) {
    const size_t capacity = self->object_capacity ? self->object_capacity * 2 : 64;
    struct sk_changed_object *objects =
        sk_realloc(&self->shared->budget, self->objects, capacity * sizeof *objects);
    if (!objects)
      return sk_changed_no_memory(self, err);
    self->objects = objects;
    self->object_capacity = capacity;
  }
  struct sk_changed_object *object = &self->objects[self->object_count++];
  *object = (struct sk_changed_object){
      .noted = {.path = sk_changed_text(self, listed->path),
                .etag = sk_changed_text(self, listed->etag && !listed->young ? listed->etag : ""),
                .report = report_name(file),
                .format = file ? formats[file->format] : "",
                .note = file ? "" : sk_changed_text(self, why),
                .rows = file && file->row_count_known ? (int64_t)file->row_count : -1},
      .list = {.known = !file}};
  if (!object->noted.path || !object->noted.etag || !object->noted.note)
    return sk_changed_no_memory(self, err);
  if (file && file->format != SK_FORMAT_PAYLOAD &&
      !recall_days(self, &object->noted, &object->list) && !days_of_file(self, file, &object->list))
    return sk_changed_no_memory(self, err);
  return SHUKEI_OK;
}

static shukei_status note_archive(void *context, const char *path, const char *cluster_id,
                                  const char *text, const int32_t *days, size_t day_count,
                                  shukei_error *err)
{
  struct sk_changed *self = context;
  struct sk_budget *budget = &self->shared->budget;
  struct sk_changed_object *object = sk_changed_find(self, path);
  assert(object && !object->list.known);
  int32_t *copy = sk_alloc(budget, (day_count + 1) * sizeof *copy);
  if (copy && day_count)
    memcpy(copy, days, day_count * sizeof *days);
  const bool listed = copy && sk_day_list_of(&object->list, copy, day_count, budget);
  sk_free(copy);
  object->noted.note = text ? sk_changed_text(self, text) : recall_archive(self, path);
  object->cluster_id = cluster_id ? sk_changed_text(self, cluster_id) : NULL;
  if (!listed || !object->noted.note || (cluster_id && !object->cluster_id))
    return sk_changed_no_memory(self, err);
  return SHUKEI_OK;
}

void sk_changed_remember(struct sk_changed *self)
{
  self->memory = (struct sk_plan_memory){.context = self,
                                         .begin = begin,
                                         .recall = recall,
                                         .note = note,
                                         .recall_archive = recall_archive,
                                         .note_archive = note_archive};
}
