/* SPDX-License-Identifier: Apache-2.0 */
/* What each day is made from. A day's files are hashed without regard to their order: the members
 * of payloads by what they hold, whatever archive they came in, all others by path and version. */
#include "changed_state.h"

#include "base/crew.h"
#include "base/platform.h"
#include "changed_scan.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- days of files --------------------------------------------------------------------------- */

const struct sk_day_list *sk_changed_days_of(const struct sk_changed *self, size_t file)
{
  return self->plan->files[file].archive ? &self->lists[file]
                                         : &self->objects[self->of_file[file]].list;
}

#define BYTES_TO_SHARE (UINT64_C(1) << 20) /* smaller files do not pay for another thread */

struct scanning {
  struct sk_changed *self;
  unsigned threads_a_file; /* where files are fewer than threads */
  _Atomic size_t next;
  pthread_mutex_t lock;
  size_t failed; /* the first file that could not be read, or SIZE_MAX */
  shukei_status status;
  shukei_error error;
};

/* Whether it does not tell its days. A member tells them, but one with rows that have none must be
 * an error where such rows are, also when it is not read for its days. */
static bool must_scan(const struct sk_changed *self, size_t i)
{
  const struct sk_planned_file *file = &self->plan->files[i];
  const bool fails = file->undated && self->options->bad_rows == SHUKEI_BAD_ROWS_FAIL;
  return sk_stage_of_report(file->report) != SK_STAGE_COUNT &&
         (file->archive ? fails : !self->objects[self->of_file[i]].list.known);
}

static shukei_status scan_one(const struct scanning *all, size_t i, shukei_error *err)
{
  struct sk_changed *const self = all->self;
  const struct sk_planned_file *file = &self->plan->files[i];
  struct sk_changed_object *object = &self->objects[self->of_file[i]];
  const unsigned threads = file->size_bytes < BYTES_TO_SHARE ? 1 : all->threads_a_file;
  struct sk_day_list unused = {.ranges = NULL};
  if (!must_scan(self, i))
    return SHUKEI_OK;
  shukei_status st = sk_run_check_canceled(self->shared, err);
  if (!st)
    st = sk_scan_days(file, self->options->bad_rows, threads, &self->shared->budget,
                      file->archive ? &unused : &object->list, err);
  sk_day_list_reset(&unused);
  return st;
}

static void scan_some(void *context, unsigned worker)
{
  struct scanning *all = context;
  (void)worker;
  for (size_t i; (i = atomic_fetch_add(&all->next, 1)) < all->self->plan->count;) {
    shukei_error error = {.status = SHUKEI_OK};
    const shukei_status st = scan_one(all, i, &error);
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

/* The days that count of a member, from the plan. */
static bool list_of_member(struct sk_changed *self, size_t i)
{
  struct sk_budget *budget = &self->shared->budget;
  const struct sk_day_set *set = self->plan->files[i].days;
  self->lists[i].known = true;
  if (!set)
    return true;
  int32_t *days = sk_alloc(budget, (set->count + 1) * sizeof *days);
  if (!days)
    return false;
  memcpy(days, set->days, set->count * sizeof *days);
  const bool ok = sk_day_list_of(&self->lists[i], days, set->count, budget);
  sk_free(days);
  return ok;
}

static shukei_status find_objects(struct sk_changed *self, shukei_error *err)
{
  const struct sk_plan *plan = self->plan;
  struct sk_budget *budget = &self->shared->budget;
  self->of_file = sk_alloc(budget, (plan->count + 1) * sizeof *self->of_file);
  self->lists = sk_calloc(budget, plan->count + 1, sizeof *self->lists);
  if (!self->of_file || !self->lists)
    return sk_changed_no_memory(self, err);
  for (size_t i = 0; i < plan->count; i++) {
    const char *place = sk_planned_place(&plan->files[i]);
    struct sk_changed_object *object = sk_changed_find(self, place);
    if (!object)
      return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: has no version that --changed can compare",
                     place);
    self->of_file[i] = (uint32_t)(object - self->objects);
    object->planned |= sk_stage_of_report(plan->files[i].report) != SK_STAGE_COUNT;
    if (plan->files[i].archive && !list_of_member(self, i))
      return sk_changed_no_memory(self, err);
  }
  return SHUKEI_OK;
}

shukei_status sk_changed_find_days(struct sk_changed *self, const struct sk_plan *plan,
                                   shukei_error *err)
{
  struct scanning all = {.self = self, .failed = SIZE_MAX};
  self->plan = plan;
  const shukei_status st = find_objects(self, err);
  if (st)
    return st;
  size_t count = 0;
  for (size_t i = 0; i < plan->count; i++)
    count += must_scan(self, i);
  if (count == 0)
    return SHUKEI_OK;
  const unsigned processors = sk_processor_count();
  const unsigned threads = self->shared->threads < processors ? self->shared->threads : processors;
  const unsigned readers = count < threads ? (unsigned)count : threads;
  all.threads_a_file = threads / readers;
  pthread_mutex_init(&all.lock, NULL);
  sk_crew_run(NULL, readers, scan_some, &all);
  pthread_mutex_destroy(&all.lock);
  if (all.status && err)
    *err = all.error;
  return all.status;
}

/* ---- files of days --------------------------------------------------------------------------- */

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
  return (x->file > y->file) - (x->file < y->file);
}

/* Days that a ledger or its sink has and that are asked for, as pairs without file. Returns how
 * many; pairs NULL: counts alone. */
static size_t add_ledger_days(const struct sk_changed *self, const struct sk_changed_source *source,
                              struct sk_changed_pair *pairs)
{
  size_t count = 0;
  for (size_t l = 0; l < self->options->sink_count && self->whole_range; l++)
    for (size_t i = 0; i < source->ledgers[l].day_count; i++) {
      const int32_t day = source->ledgers[l].days[i].day;
      if (day < self->start_day || day > self->end_day)
        continue;
      if (pairs)
        pairs[count] = (struct sk_changed_pair){day, SK_NO_FILE};
      count++;
    }
  return count;
}

static size_t add_file_days(const struct sk_changed *self, const struct sk_changed_source *source,
                            struct sk_changed_pair *pairs)
{
  size_t count = 0;
  for (size_t f = 0; f < self->plan->count; f++) {
    const struct sk_planned_file *file = &self->plan->files[f];
    const struct sk_day_list *list = sk_changed_days_of(self, f);
    if (file->cluster != source->cluster || sk_stage_of_report(file->report) == SK_STAGE_COUNT)
      continue;
    for (size_t r = 0; r < list->count; r++) {
      const struct sk_day_range range = asked_for(self, list->ranges[r]);
      for (int32_t day = range.first; day <= range.last; day++) {
        if (pairs)
          pairs[count] = (struct sk_changed_pair){day, (uint32_t)f};
        count++;
      }
    }
  }
  return count;
}

/* The text of a file's version; one too young to be compared makes it differ from all others. */
static void add_version(const struct sk_changed *self, uint32_t f, struct sk_buffer *text)
{
  const struct sk_planned_file *file = &self->plan->files[f];
  const struct sk_ledger_object *noted = &self->objects[self->of_file[f]].noted;
  if (file->archive) {
    sk_buffer_add(text, file->etag, strlen(file->etag) + 1);
    return;
  }
  sk_buffer_add(text, noted->path, strlen(noted->path) + 1);
  if (noted->etag[0])
    sk_buffer_add(text, noted->etag, strlen(noted->etag) + 1);
  else
    sk_buffer_printf(text, "~%" PRIu64, sk_monotonic_ns());
}

/* The hash of a day's files: the sum of two of each. */
static shukei_status hash_files(const struct sk_changed *self,
                                const struct sk_changed_source *source, struct sk_changed_day *day,
                                shukei_error *err)
{
  struct sk_buffer text;
  uint64_t first = day->count, second = 0;
  bool failed = false;
  sk_buffer_init(&text, &self->shared->budget, SIZE_MAX);
  for (size_t i = 0; i < day->count && !failed; i++) {
    sk_buffer_clear(&text);
    add_version(self, source->pairs[day->first + i].file, &text);
    failed = text.failed;
    const uint64_t one = failed ? 0 : sk_hash_bytes(text.bytes, text.length);
    first += one;
    second += failed ? 0 : sk_hash_bytes(text.bytes, text.length - 1) ^ sk_hash_u64(one);
  }
  sk_buffer_reset(&text);
  snprintf(day->objects, sizeof day->objects, "%016" PRIx64 "%016" PRIx64, first, second);
  return failed ? sk_changed_no_memory(self, err) : SHUKEI_OK;
}

shukei_status sk_changed_list_days(struct sk_changed *self, struct sk_changed_source *source,
                                   shukei_error *err)
{
  struct sk_budget *budget = &self->shared->budget;
  const size_t of_files = add_file_days(self, source, NULL),
               all = of_files + add_ledger_days(self, source, NULL);
  source->pairs = sk_alloc(budget, (all + 1) * sizeof *source->pairs);
  source->days = sk_alloc(budget, (all + 1) * sizeof *source->days);
  if (!source->pairs || !source->days)
    return sk_changed_no_memory(self, err);
  add_file_days(self, source, source->pairs);
  add_ledger_days(self, source, source->pairs + of_files);
  source->pair_count = all;
  qsort(source->pairs, all, sizeof *source->pairs, by_day);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0, end; i < all && !st; i = end) {
    struct sk_changed_day *day = &source->days[source->day_count++];
    *day = (struct sk_changed_day){.day = source->pairs[i].day, .first = i};
    for (end = i; end < all && source->pairs[end].day == day->day; end++)
      day->count += source->pairs[end].file != SK_NO_FILE; /* these come first */
    st = hash_files(self, source, day, err);
  }
  return st;
}
