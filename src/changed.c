/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding which days are made.
 *
 * Every object is noted with its version and its days: from the ledger, by the statistics of its row
 * groups, or by reading its interval_start, as CSV does not tell. Turned around this gives each day its
 * objects, whose paths and versions are hashed; a second hash is of the settings. A day is up to date
 * where every sink's ledger has the same two hashes and the sink still has the rows.
 *
 * Without both --start and --end a run replaces the days of its rows, and leaves others alone; so the days
 * that are looked at are those of the objects. With both, days that a ledger or a sink has are looked at,
 * too, whose objects may all be gone.
 *
 * Objects are compared by the path as it was listed: a source named in another way is another one. Payloads
 * are refused: of which cluster's ledger they are is not known before they are read. */
#include "changed.h"

#include "base/calendar.h"
#include "base/crew.h"
#include "base/platform.h"
#include "changed_scan.h"
#include "changed_state.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define LIST_MOST 62 /* days: statistics that span more are not taken for the days in between */

shukei_status sk_changed_no_memory(const struct sk_changed *changed, shukei_error *err)
{
  return sk_fail_memory(err, &changed->shared->budget, 0, "what has changed");
}

void sk_changed_hash(const struct sk_buffer *text, char hash[33])
{
  const uint64_t first = sk_hash_bytes(text->bytes, text->length);
  snprintf(hash, 33, "%016" PRIx64 "%016" PRIx64, first,
           sk_hash_bytes(text->bytes, text->length - 1) ^ sk_hash_u64(first));
}

/* ---- the plan's memory --------------------------------------------------------------------- */

static const char *const formats[] = {[SK_FORMAT_CSV] = "csv",
                                      [SK_FORMAT_CSV_GZIP] = "csv.gz",
                                      [SK_FORMAT_CSV_ZSTD] = "csv.zst",
                                      [SK_FORMAT_PARQUET] = "parquet"};

static shukei_status begin(void *context, const char *source, shukei_error *err)
{
  struct sk_changed *self = context;
  const shukei_aggregate_options *o = self->options;
  struct sk_sink_options options = {.source_uuid = source,
                                    .schema = o->schema,
                                    .staging = o->staging,
                                    .canceled = o->callbacks.canceled,
                                    .canceled_context = o->callbacks.context};
  shukei_status st = sk_parse_days(o->start, o->end, &options.start_day, &options.end_day, err);
  for (size_t i = 0; i < o->sink_count && !st; i++)
    st = sk_sink_ledger_load(o->sinks[i], &options, &self->shared->budget, &self->ledgers[i], err);
  return st;
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
  if (report < 0 || format < 0)
    return false;
  file->report = (enum sk_report)report;
  file->format = (enum sk_format)format;
  file->row_count_known = noted->rows >= 0;
  file->row_count = noted->rows >= 0 ? (uint64_t)noted->rows : 0;
  return true;
}

static bool recall(void *context, const struct sk_listed *listed, struct sk_planned_file *file,
                   bool *known, const char **why)
{
  const struct sk_changed *self = context;
  if (!listed->etag || listed->young)
    return false;
  for (size_t i = 0; i < self->options->sink_count; i++) {
    const struct sk_ledger_object *noted = sk_ledger_find_object(&self->ledgers[i], listed->path);
    if (!noted || strcmp(noted->etag, listed->etag) != 0)
      continue;
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
  for (size_t i = 0; i < self->options->sink_count && now->etag[0]; i++) {
    const struct sk_ledger_object *noted = sk_ledger_find_object(&self->ledgers[i], now->path);
    if (!noted || strcmp(noted->etag, now->etag) != 0)
      continue;
    if (sk_day_list_parse(noted->days, &self->shared->budget, list) && list->known)
      return true;
    sk_day_list_reset(list);
  }
  return false;
}

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

static shukei_status note(void *context, const struct sk_listed *listed,
                          const struct sk_planned_file *file, const char *why, shukei_error *err)
{
  struct sk_changed *self = context;
  if (file && file->format == SK_FORMAT_PAYLOAD) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EUNSUPPORTED,
                "%s: is a payload, and --changed compares reports that lie by themselves only",
                listed->path);
    sk_advise(err, "leave out --changed");
    return st;
  }
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
                .report = file ? sk_report_info(file->report)->name : "",
                .format = file ? formats[file->format] : "",
                .note = file ? "" : sk_changed_text(self, why),
                .rows = file && file->row_count_known ? (int64_t)file->row_count : -1},
      .list = {.known = !file}};
  if (!object->noted.path || !object->noted.etag || !object->noted.note)
    return sk_changed_no_memory(self, err);
  if (file && !recall_days(self, &object->noted, &object->list) &&
      !days_of_file(self, file, &object->list))
    return sk_changed_no_memory(self, err);
  return SHUKEI_OK;
}

/* ---- days of all objects ------------------------------------------------------------------- */

struct sk_changed_object *sk_changed_find(const struct sk_changed *self, const char *path)
{
  size_t low = 0, high = self->object_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(self->objects[middle].noted.path, path);
    if (order == 0)
      return &self->objects[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

struct scanning {
  struct sk_changed *self;
  const struct sk_plan *plan;
  _Atomic size_t next;
  pthread_mutex_t lock;
  size_t failed; /* the first file that could not be read, or SIZE_MAX */
  shukei_status status;
  shukei_error error;
};

/* Reads the days of one file after the other that does not tell them. */
static void scan_some(void *context, unsigned worker)
{
  struct scanning *all = context;
  struct sk_changed *self = all->self;
  (void)worker;
  for (size_t i; (i = atomic_fetch_add(&all->next, 1)) < all->plan->count;) {
    struct sk_changed_object *object = &self->objects[self->of_file[i]];
    shukei_error error = {.status = SHUKEI_OK};
    if (!object->planned || object->list.known)
      continue;
    shukei_status st = sk_run_check_canceled(self->shared, &error);
    if (!st)
      st = sk_scan_days(&all->plan->files[i], self->options->bad_rows, &self->shared->budget,
                        &object->list, &error);
    if (!st)
      continue;
    pthread_mutex_lock(&all->lock);
    if (i < all->failed) {
      all->failed = i;
      all->status = st;
      all->error = error;
    }
    pthread_mutex_unlock(&all->lock);
    return;
  }
}

static shukei_status find_days(struct sk_changed *self, const struct sk_plan *plan,
                               shukei_error *err)
{
  struct scanning all = {.self = self, .plan = plan, .failed = SIZE_MAX};
  self->of_file = sk_alloc(&self->shared->budget, (plan->count + 1) * sizeof *self->of_file);
  if (!self->of_file)
    return sk_changed_no_memory(self, err);
  for (size_t i = 0; i < plan->count; i++) {
    struct sk_changed_object *object = sk_changed_find(self, plan->files[i].path);
    if (!object)
      return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: has no version that --changed can compare",
                     plan->files[i].path);
    self->of_file[i] = (uint32_t)(object - self->objects);
    object->planned = sk_stage_of_report(plan->files[i].report) != SK_STAGE_COUNT;
  }
  pthread_mutex_init(&all.lock, NULL);
  sk_crew_run(self->shared->threads < sk_processor_count() ? self->shared->threads
                                                           : sk_processor_count(),
              scan_some, &all);
  pthread_mutex_destroy(&all.lock);
  if (all.status && err)
    *err = all.error;
  return all.status;
}

/* The day's part of a range, as far as it was asked for; first > last: none. */
static struct sk_day_range asked_for(const struct sk_changed *self, struct sk_day_range range)
{
  if (range.first < self->start_day)
    range.first = self->start_day;
  if (range.last > self->end_day)
    range.last = self->end_day;
  return range;
}

static int by_day(const void *a, const void *b)
{
  const struct sk_changed_pair *x = a, *y = b;
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return (x->object > y->object) - (x->object < y->object);
}

#define NO_OBJECT UINT32_MAX

/* Days that a ledger or its sink has and that are asked for, as pairs without object. Returns how many;
 * pairs NULL: counts alone. */
static size_t add_ledger_days(const struct sk_changed *self, struct sk_changed_pair *pairs)
{
  size_t count = 0;
  for (size_t l = 0; l < self->options->sink_count && self->whole_range; l++)
    for (size_t i = 0; i < self->ledgers[l].day_count; i++) {
      const int32_t day = self->ledgers[l].days[i].day;
      if (day < self->start_day || day > self->end_day)
        continue;
      if (pairs)
        pairs[count] = (struct sk_changed_pair){day, NO_OBJECT};
      count++;
    }
  return count;
}

static size_t add_object_days(const struct sk_changed *self, struct sk_changed_pair *pairs)
{
  size_t count = 0;
  for (size_t o = 0; o < self->object_count; o++) {
    const struct sk_changed_object *object = &self->objects[o];
    for (size_t r = 0; object->planned && r < object->list.count; r++) {
      const struct sk_day_range range = asked_for(self, object->list.ranges[r]);
      for (int32_t day = range.first; day <= range.last; day++) {
        if (pairs)
          pairs[count] = (struct sk_changed_pair){day, (uint32_t)o};
        count++;
      }
    }
  }
  return count;
}

/* The hash of a day's objects; one that is too young to be compared makes it differ from all others. */
static shukei_status hash_objects(struct sk_changed *self, struct sk_changed_day *day,
                                  shukei_error *err)
{
  struct sk_buffer text;
  sk_buffer_init(&text, &self->shared->budget, SIZE_MAX);
  for (size_t i = 0; i < day->count; i++) {
    const struct sk_ledger_object *noted = &self->objects[self->pairs[day->first + i].object].noted;
    sk_buffer_add(&text, noted->path, strlen(noted->path) + 1);
    if (noted->etag[0])
      sk_buffer_add(&text, noted->etag, strlen(noted->etag) + 1);
    else
      sk_buffer_printf(&text, "~%" PRIu64, sk_monotonic_ns());
  }
  sk_buffer_byte(&text, '.');
  const bool failed = text.failed;
  if (!failed)
    sk_changed_hash(&text, day->objects);
  sk_buffer_reset(&text);
  return failed ? sk_changed_no_memory(self, err) : SHUKEI_OK;
}

static shukei_status list_days(struct sk_changed *self, shukei_error *err)
{
  struct sk_budget *budget = &self->shared->budget;
  const size_t of_objects = add_object_days(self, NULL),
               all = of_objects + add_ledger_days(self, NULL);
  self->pairs = sk_alloc(budget, (all + 1) * sizeof *self->pairs);
  self->days = sk_alloc(budget, (all + 1) * sizeof *self->days);
  if (!self->pairs || !self->days)
    return sk_changed_no_memory(self, err);
  add_object_days(self, self->pairs);
  add_ledger_days(self, self->pairs + of_objects);
  self->pair_count = all;
  qsort(self->pairs, all, sizeof *self->pairs, by_day);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0, end; i < all && !st; i = end) {
    struct sk_changed_day *day = &self->days[self->day_count++];
    *day = (struct sk_changed_day){.day = self->pairs[i].day, .first = i};
    for (end = i; end < all && self->pairs[end].day == day->day; end++)
      day->count += self->pairs[end].object != NO_OBJECT; /* these come first */
    st = hash_objects(self, day, err);
  }
  return st;
}

/* ---- deciding ------------------------------------------------------------------------------ */

static void tell(const struct sk_changed *self)
{
  char text[16], room[SK_CHANGED_REASON];
  for (size_t i = 0; i < self->day_count && self->options->explain; i++) {
    const struct sk_changed_day *day = &self->days[i];
    if (day->made)
      sk_run_log(self->shared, SHUKEI_LOG_INFO, "%s: %s", sk_day_text(day->day, text),
                 sk_changed_reason(self, day, room));
  }
  sk_run_log(self->shared, SHUKEI_LOG_INFO, "%zu of %zu days to be made, %zu up to date",
             self->made, self->day_count, self->kept);
}

static shukei_status choose(struct sk_changed *self, shukei_error *err)
{
  self->passes = sk_alloc(&self->shared->budget, (self->day_count + 1) * sizeof *self->passes);
  if (!self->passes)
    return sk_changed_no_memory(self, err);
  for (size_t i = 0; i < self->day_count; i++) {
    struct sk_changed_day *day = &self->days[i];
    for (size_t l = 0; l < self->options->sink_count && !day->made; l++)
      day->made = sk_changed_stale(self, &self->ledgers[l], day);
    self->made += day->made;
    self->kept += !day->made;
    if (!day->made)
      continue;
    if (i == 0 || !self->days[i - 1].made)
      self->passes[self->pass_count++] = (struct sk_day_range){day->day, day->day};
    self->passes[self->pass_count - 1].last = day->day;
  }
  return SHUKEI_OK;
}

shukei_status sk_changed_decide(struct sk_changed *changed, const struct sk_plan *plan,
                                const struct sk_rules *rules, const struct sk_read_options *read,
                                shukei_error *err)
{
  changed->start_day = read->start_day;
  changed->end_day = read->end_day;
  changed->whole_range = read->start_day != INT32_MIN && read->end_day != INT32_MAX;
  shukei_status st = find_days(changed, plan, err);
  if (!st)
    st = sk_changed_settings(changed, rules, err);
  if (!st)
    st = list_days(changed, err);
  if (!st)
    st = choose(changed, err);
  if (st)
    return st;
  tell(changed);
  return sk_changed_note(changed, err);
}

/* ---- the run ------------------------------------------------------------------------------- */

const struct sk_day_range *sk_changed_passes(const struct sk_changed *changed, size_t *count)
{
  *count = changed->pass_count;
  return changed->passes;
}

size_t sk_changed_made(const struct sk_changed *changed)
{
  return changed->made;
}

size_t sk_changed_kept(const struct sk_changed *changed)
{
  return changed->kept;
}

bool sk_changed_idle(const struct sk_changed *changed)
{
  for (size_t i = 0; i < changed->options->sink_count; i++)
    if (sk_ledger_changed(&changed->ledgers[i]))
      return false;
  return changed->made == 0;
}

void sk_changed_select(const struct sk_changed *changed, struct sk_plan *plan, size_t pass)
{
  for (size_t i = 0; i < plan->count; i++) {
    const struct sk_changed_object *object = &changed->objects[changed->of_file[i]];
    plan->files[i].left_out =
        !object->planned || !sk_day_list_meets(&object->list, changed->passes[pass]);
  }
}

void sk_changed_keep(const struct sk_changed *changed, size_t i, struct sk_sink *sink)
{
  sk_sink_keep_ledger(sink, &changed->ledgers[i]);
}

const struct sk_plan_memory *sk_changed_memory(const struct sk_changed *changed)
{
  return &changed->memory;
}

static shukei_status check_sinks(const shukei_aggregate_options *o, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (o->sink_count == 0)
    st = sk_fail(err, SHUKEI_EINVAL,
                 "what has changed can be told for a sink only, and none is given");
  for (size_t i = 0; i < o->sink_count && !st; i++) {
    st = sk_sink_check(o->sinks[i], err);
    if (!st && !sk_sink_has_ledger(o->sinks[i])) {
      st = sk_fail(err, SHUKEI_EINVAL,
                   "sink \"%s\" is always written whole, not what has changed alone", o->sinks[i]);
      sk_advise(err, "name a SQLite database, a dataset or PostgreSQL, or leave out --changed");
    }
  }
  return st;
}

shukei_status sk_changed_new(struct sk_run_shared *shared, const shukei_aggregate_options *options,
                             struct sk_changed **out, shukei_error *err)
{
  struct sk_budget *budget = &shared->budget;
  *out = NULL;
  const shukei_status st = check_sinks(options, err);
  if (st)
    return st;
  struct sk_changed *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "what has changed");
  self->shared = shared;
  self->options = options;
  self->memory = (struct sk_plan_memory){self, begin, recall, note};
  sk_arena_init(&self->arena, budget);
  self->ledgers = sk_calloc(budget, options->sink_count, sizeof *self->ledgers);
  if (!self->ledgers) {
    sk_changed_free(self);
    return sk_fail_memory(err, budget, sizeof *self, "what has changed");
  }
  for (; self->ledgers_ready < options->sink_count; self->ledgers_ready++)
    sk_ledger_init(&self->ledgers[self->ledgers_ready], budget);
  *out = self;
  return SHUKEI_OK;
}

void sk_changed_free(struct sk_changed *changed)
{
  if (!changed)
    return;
  for (size_t i = 0; i < changed->ledgers_ready; i++)
    sk_ledger_reset(&changed->ledgers[i]);
  for (size_t i = 0; i < changed->object_count; i++)
    sk_day_list_reset(&changed->objects[i].list);
  sk_free(changed->ledgers);
  sk_free(changed->objects);
  sk_free(changed->of_file);
  sk_free(changed->pairs);
  sk_free(changed->days);
  sk_free(changed->passes);
  sk_arena_reset(&changed->arena);
  sk_free(changed);
}
