/* SPDX-License-Identifier: Apache-2.0 */
/* Which days of which manifest are read.
 *
 * Members whose report several manifests have are read for their interval_start first. That
 * inflates them once more, and tells what a manifest's start and end cannot: whether it has rows of
 * a day at all. A manifest that has none of a report and day is no contender there, as upstream,
 * which replaces a day's file only by another. */
#include "input/payload_set.h"
#include "base/calendar.h"
#include "base/each.h"
#include "input/choose.h"
#include "input/recognise.h"

#include <stdlib.h>
#include <string.h>

static shukei_status no_memory(const struct sk_payloads *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "the plan of payloads");
}

/* ---- reading the parts ----------------------------------------------------------------------- */

/* Whether the block is more than blank lines. */
static bool has_records(const struct sk_csv_block *block)
{
  for (size_t i = 0; i < block->length; i++)
    if (block->bytes[i] != '\n' && block->bytes[i] != '\r')
      return true;
  return false;
}

/* Looks for a first row behind the header. */
static shukei_status look_for_rows(struct sk_archive_member *member, struct sk_csv *csv,
                                   shukei_error *err)
{
  struct sk_csv_block block = {0};
  shukei_status st = SHUKEI_OK;
  bool claimed = true, found = false;
  while (!st && claimed && !found) {
    st = sk_csv_claim(csv, &block, &claimed, err);
    found = !st && claimed && has_records(&block);
  }
  if (!st && !found)
    member->why = "is empty but for its header";
  sk_csv_block_reset(&block);
  return st;
}

/* Recognises a part's report, unless it is known already. */
static shukei_status look_at_part(void *context, size_t i, shukei_error *err)
{
  struct sk_payloads *self = context;
  struct sk_payload_part *part = &self->parts[i];
  struct sk_archive_member *member = part->member;
  struct sk_csv *csv = NULL;
  shukei_status st = SHUKEI_OK;
  if (member->looked)
    return SHUKEI_OK;
  member->report = -1;
  if (member->size == 0) {
    member->why = "is empty";
  } else {
    st = sk_csv_open(&part->file, (size_t)64 << 10, self->budget, &csv, err);
    if (!st)
      st = sk_recognise_csv(csv, &member->report, err);
    if (!st && member->report < 0)
      member->why = "has the columns of no report that is known";
    if (!st && member->report >= 0)
      st = look_for_rows(member, csv, err);
    sk_csv_close(csv);
  }
  member->looked = member->fresh = st == SHUKEI_OK;
  return st;
}

/* Looks at all parts, drops those that hold nothing, and counts the others by manifest and
 * report. */
static shukei_status look_at_parts(struct sk_payloads *self, shukei_error *err)
{
  shukei_status st =
      sk_each(self->options->threads, self->part_count, look_at_part, self, NULL, err);
  size_t kept = 0;
  for (size_t i = 0; i < self->part_count && !st; i++) {
    struct sk_payload_part *part = &self->parts[i];
    if (!part->member->why) {
      part->file.report = (enum sk_report)part->member->report;
      self->units[part->unit].parts[part->file.report]++;
      self->parts[kept++] = *part;
      continue;
    }
    struct sk_buffer text;
    self->plan->members_left_out++;
    sk_buffer_init(&text, self->budget, SK_PAYLOAD_TEXT);
    sk_buffer_printf(&text, "%s: %s, left out", part->file.path, part->member->why);
    st = sk_payload_tell(self, true, &text, err);
  }
  if (!st)
    self->part_count = kept;
  return st;
}

/* Marks the parts whose report several manifests of the cluster have: of the others all counts.
 * Where the days are to be remembered every part of a report that the summary is made from is read
 * for them. */
static shukei_status mark_contested(struct sk_payloads *self, shukei_error *err)
{
  typedef uint32_t counts[SK_REPORT_COUNT];
  counts *rivals = sk_calloc(self->budget, self->plan->cluster_count, sizeof *rivals);
  if (!rivals)
    return no_memory(self, err);
  for (size_t u = 0; u < self->unit_count; u++)
    for (int r = 0; r < SK_REPORT_COUNT; r++)
      rivals[self->units[u].cluster][r] += self->units[u].parts[r] > 0;
  for (size_t i = 0; i < self->part_count; i++) {
    struct sk_payload_part *part = &self->parts[i];
    part->contested = rivals[part->file.cluster][part->file.report] > 1;
    part->read = part->contested ||
                 (self->options->memory && sk_report_info(part->file.report)->required != 0);
  }
  sk_free(rivals);
  return SHUKEI_OK;
}

static shukei_status read_hours(void *context, size_t i, shukei_error *err)
{
  struct sk_payloads *self = context;
  struct sk_payload_part *part = &self->parts[i];
  struct sk_csv *csv = NULL;
  if (!part->read || part->member->timed)
    return SHUKEI_OK;
  shukei_status st = sk_payload_check(self, err);
  if (!st)
    st = sk_csv_open(&part->file, SK_CSV_BLOCK_BYTES, self->budget, &csv, err);
  if (!st)
    st = sk_hours_of_csv(csv, self->budget, &part->member->hours, err);
  part->member->timed = part->member->fresh = st == SHUKEI_OK;
  sk_csv_close(csv);
  return st;
}

/* Reads what is contested and sums the hours of each manifest up. */
static shukei_status read_parts(struct sk_payloads *self, shukei_error *err)
{
  shukei_status st = look_at_parts(self, err);
  if (!st)
    st = mark_contested(self, err);
  if (!st)
    st = sk_each(self->options->threads, self->part_count, read_hours, self, NULL, err);
  for (size_t i = 0; i < self->part_count && !st; i++) {
    const struct sk_payload_part *part = &self->parts[i];
    st = part->read ? sk_hours_add(&self->units[part->unit].hours[part->file.report],
                                   &part->member->hours, err)
                    : SHUKEI_OK;
  }
  return st;
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* A day of a unit's report, and what becomes of it. */
struct entry {
  int32_t day;
  uint32_t unit, winner; /* a unit, where this one does not count */
  bool counts;
  uint64_t rows;
};
struct entries {
  struct entry *items;
  size_t count, capacity;
};

static shukei_status add_entries(const struct sk_payloads *self, uint32_t unit,
                                 const struct sk_hours *hours, struct entries *entries,
                                 shukei_error *err)
{
  for (size_t i = 0; i < hours->count;) {
    const int32_t day = sk_day_of_us(hours->items[i].us);
    if (entries->count == entries->capacity) {
      const size_t capacity = entries->capacity * 2 + 64;
      struct entry *grown = sk_realloc(self->budget, entries->items, capacity * sizeof *grown);
      if (!grown)
        return no_memory(self, err);
      entries->items = grown;
      entries->capacity = capacity;
    }
    struct entry *entry = &entries->items[entries->count++];
    *entry = (struct entry){.day = day, .unit = unit};
    i += sk_hours_of_day(hours, day, &entry->rows);
  }
  return SHUKEI_OK;
}

static int by_day(const void *a, const void *b)
{
  const struct entry *x = a, *y = b;
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

static int by_unit(const void *a, const void *b)
{
  const struct entry *x = a, *y = b;
  if (x->unit != y->unit)
    return x->unit < y->unit ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

static size_t hours_of(const struct sk_payload_unit *unit, enum sk_report report, int32_t day)
{
  const struct sk_operator_manifest *manifest = &unit->manifest;
  if (manifest->has_start && manifest->has_end)
    return (size_t)sk_hours_within(manifest->start, manifest->end, day);
  return sk_hours_of_day(&unit->hours[report], day, NULL);
}

/* Decides for entries of one day. */
static shukei_status choose_day(const struct sk_payloads *self, enum sk_report report,
                                struct entry *entries, size_t count, shukei_error *err)
{
  struct sk_contender *contenders = sk_alloc(self->budget, count * sizeof *contenders);
  if (!contenders)
    return no_memory(self, err);
  for (size_t i = 0; i < count; i++) {
    const struct sk_payload_unit *unit = &self->units[entries[i].unit];
    contenders[i] = (struct sk_contender){.manifest = &unit->manifest,
                                          .hours = hours_of(unit, report, entries[i].day)};
  }
  sk_choose(contenders, count);
  for (size_t i = 0; i < count; i++) {
    entries[i].counts = contenders[i].counts;
    if (!contenders[i].counts)
      entries[i].winner = entries[contenders[i].winner].unit;
  }
  sk_free(contenders);
  return SHUKEI_OK;
}

/* Decides for a cluster's report: entries of all its units and their days, sorted by unit in the
 * end. */
static shukei_status choose_all(const struct sk_payloads *self, uint32_t cluster,
                                enum sk_report report, struct entries *entries, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  entries->count = 0;
  for (size_t u = 0; u < self->unit_count && !st; u++)
    if (self->units[u].cluster == cluster)
      st = add_entries(self, (uint32_t)u, &self->units[u].hours[report], entries, err);
  if (st || entries->count == 0)
    return st;
  qsort(entries->items, entries->count, sizeof *entries->items, by_day);
  for (size_t i = 0, end; i < entries->count && !st; i = end) {
    for (end = i; end < entries->count && entries->items[end].day == entries->items[i].day;)
      end++;
    st = choose_day(self, report, entries->items + i, end - i, err);
  }
  qsort(entries->items, entries->count, sizeof *entries->items, by_unit);
  return st;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Tells of entries [i, end), days one after the other that one manifest supersedes. */
static shukei_status tell_days(const struct sk_payloads *self, enum sk_report report,
                               const struct entry *entries, size_t count, shukei_error *err)
{
  const struct sk_payload_unit *loser = &self->units[entries->unit],
                               *winner = &self->units[entries->winner];
  char first[16], last[16];
  struct sk_buffer text;
  sk_buffer_init(&text, self->budget, SK_PAYLOAD_TEXT);
  sk_buffer_printf(&text, "%s: %s of %s", loser->path, sk_report_info(report)->name,
                   sk_day_text(entries[0].day, first));
  if (count > 1)
    sk_buffer_printf(&text, " to %s", sk_day_text(entries[count - 1].day, last));
  sk_buffer_printf(&text, " superseded by %s", winner->path);
  return sk_payload_tell(self, false, &text, err);
}

static shukei_status tell_superseded(const struct sk_payloads *self, enum sk_report report,
                                     const struct entries *entries, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0, end; i < entries->count && !st; i = end) {
    const struct entry *one = &entries->items[i];
    end = i + 1;
    if (one->counts)
      continue;
    self->plan->rows_superseded += one->rows;
    for (; end < entries->count; end++) {
      const struct entry *next = &entries->items[end];
      if (next->counts || next->unit != one->unit || next->winner != one->winner ||
          next->day != next[-1].day + 1)
        break;
      self->plan->rows_superseded += next->rows;
    }
    st = tell_days(self, report, one, end - i, err);
  }
  return st;
}

/* ---- files of the plan ----------------------------------------------------------------------- */

/* The entries of a unit; they are sorted by it. */
static const struct entry *entries_of(const struct entries *entries, uint32_t unit, size_t *count)
{
  size_t first = 0, high = entries->count, end;
  while (first < high) {
    const size_t middle = first + (high - first) / 2;
    if (entries->items[middle].unit < unit)
      first = middle + 1;
    else
      high = middle;
  }
  for (end = first; end < entries->count && entries->items[end].unit == unit;)
    end++;
  *count = end - first;
  return entries->items + first;
}

/* What counts of the part: *days NULL: all; empty: nothing. */
static shukei_status days_of(const struct sk_payloads *self, const struct sk_payload_part *part,
                             const struct entries *entries, const struct sk_day_set **days,
                             int32_t *first, int32_t *last, shukei_error *err)
{
  size_t count;
  const struct entry *mine = entries_of(entries, part->unit, &count);
  int32_t *list = sk_arena_alloc(&self->plan->arena, (count + 1) * sizeof *list);
  struct sk_day_set *set = sk_arena_alloc(&self->plan->arena, sizeof *set);
  bool all = true;
  *days = NULL;
  *first = INT32_MIN;
  *last = INT32_MAX;
  if (!list || !set)
    return no_memory(self, err);
  *set = (struct sk_day_set){.days = list};
  for (size_t i = 0; i < count; i++) {
    const bool here = sk_hours_of_day(&part->member->hours, mine[i].day, NULL) > 0;
    if (here && mine[i].counts)
      list[set->count++] = mine[i].day;
    all &= !here || mine[i].counts;
  }
  if (set->count) {
    *first = list[0];
    *last = list[set->count - 1];
  }
  /* One whose rows have no day at all is read, for what is wrong with them to be told. */
  if (!all || (self->options->memory && set->count))
    *days = set;
  return SHUKEI_OK;
}

static bool has_undated(const struct sk_hours *hours)
{
  uint64_t dated = 0;
  for (size_t i = 0; i < hours->count; i++)
    dated += hours->items[i].rows;
  return dated < hours->records;
}

/* Plans the parts of a cluster's report. */
static shukei_status plan_parts(struct sk_payloads *self, uint32_t cluster, enum sk_report report,
                                const struct entries *entries, bool *unit_counts, shukei_error *err)
{
  const struct sk_plan_options *options = self->options;
  for (size_t i = 0; i < self->part_count; i++) {
    struct sk_payload_part *part = &self->parts[i];
    const struct sk_day_set *days;
    int32_t first, last;
    if (part->file.report != report || part->file.cluster != cluster)
      continue;
    shukei_status st = days_of(self, part, entries, &days, &first, &last, err);
    if (st)
      return st;
    if (days && days->count == 0)
      continue;
    unit_counts[part->unit] = true;
    if (days && self->options->memory && (st = sk_payload_counts(self, part->archive, days, err)))
      return st;
    part->file.undated = part->member->timed && has_undated(&part->member->hours);
    if (part->contested && first != INT32_MIN &&
        (first > options->end_day || last < options->start_day)) {
      self->plan->files_skipped++;
      continue;
    }
    part->file.days = days;
    part->file.first_day = first;
    part->file.last_day = last;
    part->member->planned = true;
    self->plan->files[self->plan->count++] = part->file;
  }
  return SHUKEI_OK;
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const struct sk_planned_file *)a)->path,
                ((const struct sk_planned_file *)b)->path);
}

static bool has_rows(const struct sk_payload_unit *unit)
{
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    if (unit->parts[r])
      return true;
  return false;
}

shukei_status sk_payload_days(struct sk_payloads *self, shukei_error *err)
{
  struct sk_plan *plan = self->plan;
  struct entries entries = {.count = 0};
  shukei_status st = read_parts(self, err);
  bool *unit_counts = sk_calloc(self->budget, self->unit_count, sizeof *unit_counts);
  plan->capacity = self->part_count + 1;
  plan->count = 0;
  plan->files = sk_arena_alloc(&plan->arena, plan->capacity * sizeof *plan->files);
  if (!st && (!unit_counts || !plan->files))
    st = no_memory(self, err);
  for (uint32_t c = 0; c < plan->cluster_count && !st; c++)
    for (int r = 0; r < SK_REPORT_COUNT && !st; r++) {
      st = choose_all(self, c, (enum sk_report)r, &entries, err);
      if (!st)
        st = tell_superseded(self, (enum sk_report)r, &entries, err);
      if (!st)
        st = plan_parts(self, c, (enum sk_report)r, &entries, unit_counts, err);
    }
  for (size_t u = 0; u < self->unit_count && !st; u++)
    plan->payloads_superseded += !unit_counts[u] && has_rows(&self->units[u]);
  for (size_t a = 0; a < self->path_count; a++)
    for (size_t m = 0; m < self->archives[a]->count; m++)
      if (!self->archives[a]->members[m].planned)
        sk_archive_forget(&self->archives[a]->members[m]);
  if (!st && plan->count)
    qsort(plan->files, plan->count, sizeof *plan->files, by_path);
  sk_free(unit_counts);
  sk_free(entries.items);
  return st;
}
