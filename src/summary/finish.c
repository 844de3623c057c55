/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the finished summary and of its days.
 *
 *   sk_finish_new() -> (sk_finish_spill(), sk_finish_renew() while partials grow)
 *   -> sk_finish_next_day() -> sk_day_open() -> sk_day_claim(), sk_day_rows() by all workers
 *   -> sk_day_tail() -> again -> sk_day_close() -> ... -> sk_finish_counts() -> sk_finish_free()
 *
 * Only one day's final rows exist at a time, and of those only what the parts in hand need. */
#include "summary/finish.h"

#include <limits.h>
#include <pthread.h>

#define VOLUMES_PER_PART 2048
#define LEAST_PAIR_BYTES (UINT64_C(256) << 10)

const char *const sk_known_names[SK_NAME_KNOWN] = {
    [SK_NAME_ABSENT] = "",
    [SK_NAME_PLATFORM_UNALLOCATED] = "Platform unallocated",
    [SK_NAME_WORKER_UNALLOCATED] = "Worker unallocated",
    [SK_NAME_NETWORK_UNATTRIBUTED] = "Network unattributed",
    [SK_NAME_STORAGE_UNATTRIBUTED] = "Storage unattributed",
    [SK_NAME_APISERVER] = "openshift-kube-apiserver",
};

shukei_status sk_finish_no_memory(const struct sk_finish *finish, shukei_error *err)
{
  return sk_fail_memory(err, finish->budget, 0, "finished rows");
}

/* ---- the run --------------------------------------------------------------------------------- */

static bool init_worker(struct sk_row_worker *worker, struct sk_finish *finish)
{
  worker->finish = finish;
  sk_emitter_init(&worker->emitter, finish->rules, finish->budget);
  sk_buffer_init(&worker->role_key, finish->budget, SIZE_MAX);
  return sk_intern_init(&worker->texts, finish->budget);
}

static void reset_worker(struct sk_row_worker *worker)
{
  sk_emitter_reset(&worker->emitter);
  sk_buffer_reset(&worker->role_key);
  sk_intern_reset(&worker->texts);
  sk_ids_reset(&worker->carried.names);
  sk_free(worker->tally);
  sk_pair_scratch_free(worker->scratch);
}

/* A sixteenth of the budget for all workers' groups, another for their rows, which arrays and
 * merges that grow may double. */
static size_t pair_bytes(const struct sk_budget *budget, unsigned workers)
{
  const uint64_t bytes = budget ? budget->limit_bytes / 16 / workers : SIZE_MAX;
  return bytes < LEAST_PAIR_BYTES ? LEAST_PAIR_BYTES : bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

static bool init_tables(struct sk_finish *finish)
{
  bool ok = sk_intern_init(&finish->names, finish->budget) &&
            sk_intern_init(&finish->skipped_texts, finish->budget) &&
            sk_roles_init(&finish->roles, finish->rules, finish->budget);
  for (uint32_t i = 0; ok && i < SK_NAME_KNOWN; i++)
    ok = sk_intern_add(&finish->names, sk_known_names[i], strlen(sk_known_names[i])) == i;
  return ok;
}

shukei_status sk_finish_new(const struct sk_rules *rules,
                            const struct sk_partial *const done[SK_STAGE_COUNT],
                            struct sk_partial *const *pods, size_t pod_count, unsigned workers,
                            struct sk_budget *budget, struct sk_finish **out, shukei_error *err)
{
  *out = NULL;
  struct sk_finish *finish = sk_calloc(budget, 1, sizeof *finish);
  bool ok = finish != NULL;
  if (ok) {
    finish->rules = rules;
    finish->budget = budget;
    finish->labels = done[SK_STAGE_LABELS];
    finish->volumes = done[SK_STAGE_STORAGE];
    finish->pods = pods;
    finish->pod_count = pod_count;
    finish->tables = pod_count ? pods[0]->tables : NULL;
    finish->pair_bytes = pair_bytes(budget, workers);
    finish->finished_before = INT32_MIN;
    finish->counts = (struct sk_summary_counts){.first_day = INT32_MAX, .last_day = INT32_MIN};
    finish->spilled = sk_spilled_new(budget);
    finish->workers = sk_calloc(budget, workers, sizeof *finish->workers);
    finish->lock_made = pthread_mutex_init(&finish->lock, NULL) == 0;
    ok = finish->lock_made && finish->spilled && finish->workers && init_tables(finish);
  }
  for (unsigned i = 0; ok && i < workers; i++) {
    finish->worker_count = i + 1;
    ok = init_worker(&finish->workers[i], finish);
  }
  if (!ok) {
    sk_finish_free(finish);
    return sk_fail_memory(err, budget, sizeof *finish, "the summary's rows");
  }
  *out = finish;
  return SHUKEI_OK;
}

void sk_finish_free(struct sk_finish *finish)
{
  if (!finish)
    return;
  for (unsigned i = 0; i < finish->worker_count; i++)
    reset_worker(&finish->workers[i]);
  sk_ids_reset(&finish->carried.names);
  sk_free(finish->workers);
  sk_volume_rows_free(finish->volume_rows);
  sk_spilled_free(finish->spilled);
  sk_roles_reset(&finish->roles);
  sk_intern_reset(&finish->names);
  sk_intern_reset(&finish->skipped_texts);
  if (finish->lock_made)
    pthread_mutex_destroy(&finish->lock);
  sk_free(finish->label_names);
  sk_free(finish->ranks);
  sk_free(finish);
}

void sk_carried_follow(struct sk_carried *carried, const struct sk_tables *tables)
{
  if (carried->generation == tables->generation)
    return;
  sk_ids_reset(&carried->names);
  carried->generation = tables->generation;
}

uint32_t sk_finish_name(struct sk_finish *finish, uint32_t id)
{
  sk_carried_follow(&finish->carried, finish->tables);
  return sk_ids_carry(&finish->carried.names, &finish->names, &finish->tables->symbols.names, id);
}

/* Pairs that were skipped count once per distinct text of all stages. */
static bool keep_skipped(struct sk_finish *finish, const struct sk_partial *partial)
{
  bool ok = true;
  pthread_mutex_lock(&finish->lock);
  for (uint32_t i = 0; ok && i < partial->texts.skipped_count; i++) {
    const struct sk_skipped_text *skipped = &partial->texts.skipped[i];
    const struct sk_intern_entry *text =
        sk_intern_at(&partial->tables->symbols.labels, skipped->text);
    const uint32_t before = finish->skipped_texts.count;
    ok = sk_intern_add(&finish->skipped_texts, text->bytes, text->length) != SK_NO_ID;
    if (finish->skipped_texts.count > before)
      finish->skipped_pairs += skipped->pairs;
  }
  pthread_mutex_unlock(&finish->lock);
  return ok;
}

/* ---- partials that grow ---------------------------------------------------------------------- */

shukei_status sk_finish_spill(struct sk_finish *finish, struct sk_partial *partial,
                              shukei_error *err)
{
  const shukei_status st = sk_spilled_write(finish->spilled, partial, err);
  if (st)
    return st;
  if (!keep_skipped(finish, partial))
    return sk_partial_no_memory(partial, err);
  sk_partial_renew(partial);
  return SHUKEI_OK;
}

shukei_status sk_finish_empty(struct sk_finish *finish, shukei_error *err)
{
  for (size_t i = 0; i < finish->pod_count; i++) {
    const shukei_status st = sk_finish_spill(finish, finish->pods[i], err);
    if (st)
      return st;
  }
  if (finish->tables && !sk_tables_empty(finish->tables))
    return sk_fail_memory(err, finish->budget, 0, "a summary's tables");
  return SHUKEI_OK;
}

/* Pods come and go: when the tables hold twice what the first days needed, they are begun anew. */
bool sk_finish_outgrown(const struct sk_finish *finish)
{
  struct sk_tables *tables = finish->tables;
  if (!tables || sk_tables_in_use(tables)) /* ids are in use, if only by capacities */
    return false;
  const uint32_t symbols = tables->symbols.labels.count + tables->symbols.names.count;
  if (!tables->usual_symbols)
    tables->usual_symbols = symbols + 4096;
  return symbols / 2 >= tables->usual_symbols;
}

uint64_t sk_finish_spilled_bytes(const struct sk_finish *finish)
{
  return sk_spill_bytes(finish->spilled->file);
}

/* ---- days ------------------------------------------------------------------------------------ */

static void least_day(const struct sk_finish *finish, const struct sk_tables *tables,
                      int64_t *least)
{
  for (uint32_t i = 0; tables && i < tables->days.count; i++)
    if (tables->days.at[i] >= finish->finished_before && tables->days.at[i] < *least)
      *least = tables->days.at[i];
}

bool sk_finish_next_day(const struct sk_finish *finish, int64_t before, int32_t *day)
{
  int64_t least = before;
  int32_t spilled;
  least_day(finish, finish->volumes ? finish->volumes->tables : NULL, &least);
  least_day(finish, finish->tables, &least);
  if (sk_spilled_next_day(finish->spilled, least > INT32_MAX ? INT32_MAX : (int32_t)least,
                          &spilled))
    least = spilled;
  if (least >= before)
    return false;
  *day = (int32_t)least;
  return true;
}

/* What was added the slow way, by all workers together, stays within the range. */
static shukei_status check_range(const struct sk_finish *finish, shukei_error *err)
{
  struct sk_range cpu = {.large = 0}, bytes = {.large = 0};
  for (size_t i = 0; i < finish->pod_count; i++) {
    const struct sk_pod_stage *pod = &finish->pods[i]->pod;
    if (!sk_range_merge(&cpu, &pod->cpu_range))
      return sk_summary_out_of_range(err, "pods' core-seconds");
    if (!sk_range_merge(&bytes, &pod->byte_range))
      return sk_summary_out_of_range(err, "pods' memory byte-seconds");
  }
  return SHUKEI_OK;
}

/* Frees the day's groups. */
static void drop_day(struct sk_finish *finish, int32_t day)
{
  const uint32_t index = finish->tables ? sk_days_find(&finish->tables->days, day) : SK_NO_ID;
  if (index == SK_NO_ID)
    return;
  for (size_t i = 0; i < finish->pod_count; i++)
    sk_pod_stage_drop_day(finish->pods[i], index);
  sk_tables_drop_day(finish->tables, index);
}

/* A day that is spilled in part is spilled whole. */
static shukei_status spill_rest(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  shukei_status st = SHUKEI_OK;
  day->spilled = sk_spilled_find(finish->spilled, day->day);
  for (size_t i = 0; day->spilled && !st && i < finish->pod_count; i++)
    st = sk_spilled_write_day(finish->spilled, finish->pods[i], day->day, err);
  if (day->spilled && !st)
    drop_day(finish, day->day);
  return st;
}

/* What names are called in the labels stage, for all that are new. */
static bool reach_label_names(struct sk_finish *finish)
{
  void *array = finish->label_names;
  if (!sk_grow(finish->budget, &array, &finish->label_name_capacity, finish->names.count,
               sizeof *finish->label_names))
    return false;
  finish->label_names = array;
  for (; finish->label_name_count < finish->names.count; finish->label_name_count++) {
    const struct sk_intern_entry *name = sk_intern_at(&finish->names, finish->label_name_count);
    finish->label_names[finish->label_name_count] =
        finish->labels
            ? sk_intern_find(&finish->labels->tables->symbols.names, name->bytes, name->length)
            : SK_NO_ID;
  }
  return true;
}

static void begin_workers(struct sk_day *day)
{
  struct sk_finish *finish = day->finish;
  for (unsigned i = 0; i < finish->worker_count; i++) {
    struct sk_row_worker *worker = &finish->workers[i];
    worker->tally_count = 0;
    if (finish->tables)
      sk_carried_follow(&worker->carried, finish->tables);
    worker->emitter.day = day->day;
    sk_day_text(day->day, worker->emitter.day_text);
  }
}

static shukei_status open_day(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  shukei_status st = check_range(finish, err);
  if (!st)
    st = spill_rest(day, err);
  if (!st)
    st = sk_day_nodes(day, err);
  if (!st)
    st = sk_day_pairs(day, err);
  if (!st && !reach_label_names(finish))
    st = sk_finish_no_memory(finish, err);
  if (!st)
    begin_workers(day);
  return st;
}

shukei_status sk_day_open(struct sk_finish *finish, int32_t number, struct sk_day **out,
                          shukei_error *err)
{
  char text[16];
  *out = NULL;
  struct sk_day *day = sk_calloc(finish->budget, 1, sizeof *day);
  if (!day)
    return sk_finish_no_memory(finish, err);
  const struct sk_date date = sk_date_of_day(number);
  day->finish = finish;
  day->day = number;
  day->month_seconds = 86400.0 * sk_days_in_month(date.year, date.month);
  day->when = finish->labels && !finish->labels->hourly ? sk_label_when(finish->labels, number, 0)
                                                        : SK_NO_ID;
  finish->finished_before = number + 1;
  for (size_t i = 0; i < finish->pod_count; i++)
    finish->pods[i]->pod.finished_before = number + 1;
  const shukei_status st = open_day(day, err);
  if (st) {
    sk_day_close(day);
    return sk_context(err, st, "summary of %s", sk_day_text(number, text));
  }
  *out = day;
  return SHUKEI_OK;
}

unsigned sk_day_workers(const struct sk_day *day)
{
  const unsigned most = day->finish->worker_count;
  uint64_t parts = day->part_count;
  if (day->tail)
    parts = 1 + day->volume_count / VOLUMES_PER_PART;
  else if (day->spilled)
    parts = most;
  else if (day->finish->volumes)
    parts++; /* Storage rows are prepared beside */
  return parts == 0 ? 1 : parts < most ? (unsigned)parts : most;
}

bool sk_day_claim(struct sk_day *day, unsigned worker, uint32_t *part)
{
  if (!day->tail && day->spilled)
    return sk_pair_claim_spilled(day, &day->finish->workers[worker], part);
  const uint32_t parts = day->tail
                             ? 1 + (day->volume_count + VOLUMES_PER_PART - 1) / VOLUMES_PER_PART
                             : day->part_count;
  *part = atomic_fetch_add(&day->next_part, 1);
  return *part < parts;
}

static shukei_status tail_rows(struct sk_day *day, struct sk_row_worker *worker, uint32_t part,
                               sk_row_taker take, void *context, shukei_error *err)
{
  if (part == 0)
    return sk_spare_rows(day, worker, take, context, err);
  const uint32_t first = (part - 1) * VOLUMES_PER_PART, left = day->volume_count - first;
  return sk_volume_rows_emit(day, worker, first, left < VOLUMES_PER_PART ? left : VOLUMES_PER_PART,
                             take, context, err);
}

shukei_status sk_day_rows(struct sk_day *day, unsigned number, uint32_t part, sk_row_taker take,
                          void *context, shukei_error *err)
{
  struct sk_row_worker *worker = &day->finish->workers[number];
  const shukei_status st = day->tail ? tail_rows(day, worker, part, take, context, err)
                                     : sk_pair_rows(day, worker, part, take, context, err);
  return st ? sk_context(err, st, "summary of %s", worker->emitter.day_text) : SHUKEI_OK;
}

shukei_status sk_day_tail(struct sk_day *day, shukei_error *err)
{
  shukei_status st = sk_spare_prepare(day, err);
  if (!st)
    st = sk_volume_rows_prepare(day, err);
  day->tail = true;
  atomic_store(&day->next_part, 0);
  return st ? sk_context(err, st, "summary of %s", day->finish->workers[0].emitter.day_text) : st;
}

void sk_day_close(struct sk_day *day)
{
  if (!day)
    return;
  struct sk_finish *finish = day->finish;
  drop_day(finish, day->day);
  for (unsigned i = 0; i < finish->worker_count; i++) {
    struct sk_row_worker *worker = &finish->workers[i];
    finish->counts.groups += worker->groups;
    finish->counts.rows_written += worker->emitter.rows;
    finish->counts.rows_counted_more_than_once += worker->counted_more_than_once;
    if (worker->emitter.rows) {
      finish->counts.last_day = day->day;
      if (finish->counts.first_day > day->day)
        finish->counts.first_day = day->day;
    }
    worker->groups = worker->counted_more_than_once = worker->emitter.rows = 0;
    worker->emitter.category_of.bytes = NULL;
  }
  sk_spilled_drop_day(finish->spilled, day->day);
  sk_pair_claims_end(day);
  sk_free(day->pods);
  sk_free(day->list.pairs);
  sk_free(day->list.groups);
  sk_free(day->part_from);
  sk_ids_reset(&day->node_index);
  sk_free(day->nodes);
  sk_free(day->spare_order);
  sk_free(day);
}

bool sk_finish_counts(struct sk_finish *finish, struct sk_summary_counts *counts)
{
  bool ok = true;
  for (size_t i = 0; ok && i < finish->pod_count; i++)
    ok = keep_skipped(finish, finish->pods[i]);
  ok = ok && (!finish->labels || keep_skipped(finish, finish->labels)) &&
       (!finish->volumes || keep_skipped(finish, finish->volumes));
  *counts = finish->counts;
  counts->label_pairs_skipped = finish->skipped_pairs;
  return ok;
}
