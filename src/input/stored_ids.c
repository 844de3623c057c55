/* SPDX-License-Identifier: Apache-2.0 */
/* Files of one report, day and source, hourly or daily, are a group; of the ids in it the one with
 * the most hours counts. Hours are what the metadata of an id's objects says, as koku puts it
 * there, else the distinct interval_start of its files; both are looked at only where a group has
 * several ids: hardly ever. */
#include "input/stored_ids.h"
#include "base/buffer.h"
#include "base/each.h"
#include "input/ascii.h"
#include "input/hours.h"
#include "input/layout.h"
#include "store/store.h"

#include <stdlib.h>

#define TEXT_MOST ((size_t)1 << 20)
#define NAMES_MOST 8000

struct stored {
  struct sk_planned_file *file;
  struct sk_stored_name name;
  struct sk_path_facts facts;
  struct sk_hours hours; /* of the first file of an id: those of all its files */
  uint64_t told;         /* by metadata; 0: nothing */
  bool contested, dropped;
};
struct dropping {
  const struct sk_plan_options *options;
  struct sk_budget *budget;
  struct sk_plan *plan;
  struct stored *files; /* by group, id, path */
  size_t count;
};

/* ---- names ----------------------------------------------------------------------------------- */

static size_t digits(const char *text)
{
  size_t count = 0;
  while (sk_ascii_digit(text[count]))
    count++;
  return count;
}

bool sk_stored_name_read(const char *path, struct sk_stored_name *name)
{
  const char *slash = strrchr(path, '/'), *at = slash ? slash + 1 : path;
  static const char form[] = "0000-00-00.";
  *name = (struct sk_stored_name){.report = at, .report_length = strcspn(at, ".")};
  at += name->report_length;
  if (name->report_length == 0 || *at++ != '.')
    return false;
  name->day = at;
  for (const char *f = form; *f; f++, at++)
    if (*f == '0' ? !sk_ascii_digit(*at) : *at != *f)
      return false;
  size_t length = digits(at);
  name->id = at;
  name->id_length = length;
  while (name->id_length > 1 && *name->id == '0') {
    name->id++;
    name->id_length--;
  }
  at += length;
  if (length == 0 || *at++ != '.' || (length = digits(at)) == 0)
    return false;
  at += length;
  if (*at++ != '_')
    return false;
  name->daily = strncmp(at, "daily_", 6) == 0;
  at += name->daily ? 6 : 0;
  length = digits(at);
  return length > 0 && strcmp(at + length, ".parquet") == 0;
}

int sk_stored_id_compare(const struct sk_stored_name *a, const struct sk_stored_name *b)
{
  if (a->id_length != b->id_length)
    return a->id_length < b->id_length ? -1 : 1;
  return memcmp(a->id, b->id, a->id_length);
}

static int compare_parts(struct sk_path_part a, struct sk_path_part b)
{
  const size_t shorter = a.length < b.length ? a.length : b.length;
  const int order = shorter ? memcmp(a.text, b.text, shorter) : 0;
  return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Two files of one group: 0. */
static int compare_groups(const struct stored *a, const struct stored *b)
{
  int order = compare_parts(a->facts.org, b->facts.org);
  order = order ? order : compare_parts(a->facts.source, b->facts.source);
  order = order ? order : (int)a->file->report - (int)b->file->report;
  order = order ? order : memcmp(a->name.day, b->name.day, 10);
  return order ? order : (int)a->name.daily - (int)b->name.daily;
}

static int by_group(const void *a, const void *b)
{
  const struct stored *x = a, *y = b;
  int order = compare_groups(x, y);
  order = order ? order : sk_stored_id_compare(&x->name, &y->name);
  return order ? order : strcmp(x->file->path, y->file->path);
}

/* ---- hours ----------------------------------------------------------------------------------- */

/* What the metadata says; 0 where it says nothing that could be. */
static shukei_status read_told(const char *path, struct sk_budget *budget, uint64_t *told,
                               shukei_error *err)
{
  char text[SK_METADATA_TEXT];
  const shukei_status st = sk_store_metadata(path, "reportnumhours", budget, text, err);
  const size_t length = st ? 0 : digits(text);
  *told = length > 0 && length <= 4 && !text[length] ? strtoull(text, NULL, 10) : 0;
  return st;
}

static shukei_status read_hours(void *context, size_t i, shukei_error *err)
{
  struct dropping *self = context;
  struct stored *stored = &self->files[i];
  if (!stored->contested)
    return SHUKEI_OK;
  const shukei_status st = read_told(stored->file->path, self->budget, &stored->told, err);
  if (st || stored->told)
    return st;
  return sk_hours_of_parquet(stored->file, self->budget, &stored->hours, err);
}

/* The hours of files [first, end), of one id. */
static shukei_status count_hours(struct dropping *self, size_t first, size_t end, uint64_t *count,
                                 shukei_error *err)
{
  struct stored *files = self->files;
  shukei_status st = SHUKEI_OK;
  uint64_t told = files[first].told;
  for (size_t i = first + 1; i < end && !st; i++) {
    st = sk_hours_add(&files[first].hours, &files[i].hours, err);
    told = files[i].told > told ? files[i].told : told;
  }
  *count = told ? told : files[first].hours.count;
  return st;
}

static size_t id_end(const struct dropping *self, size_t first)
{
  size_t end = first + 1;
  while (end < self->count && compare_groups(&self->files[first], &self->files[end]) == 0 &&
         sk_stored_id_compare(&self->files[first].name, &self->files[end].name) == 0)
    end++;
  return end;
}

static size_t group_end(const struct dropping *self, size_t first)
{
  size_t end = first + 1;
  while (end < self->count && compare_groups(&self->files[first], &self->files[end]) == 0)
    end++;
  return end;
}

/* Chooses among the ids of a group; they come from low to high. */
static shukei_status choose(struct dropping *self, size_t first, size_t end, shukei_error *err)
{
  size_t winner = first;
  uint64_t most = 0, count = 0;
  shukei_status st = SHUKEI_OK;
  for (size_t i = first; i < end && !st; i = id_end(self, i)) {
    st = count_hours(self, i, id_end(self, i), &count, err);
    if (count >= most) {
      winner = i;
      most = count;
    }
  }
  const size_t winner_end = id_end(self, winner);
  for (size_t i = first; i < end; i++)
    self->files[i].dropped = i < winner || i >= winner_end;
  return st;
}

/* ---- the plan -------------------------------------------------------------------------------- */

static shukei_status no_memory(const struct dropping *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "the plan");
}

/* Collects the files that have such names and marks those whose group has several ids. */
static shukei_status collect(struct dropping *self, bool *any, shukei_error *err)
{
  struct sk_plan *plan = self->plan;
  self->files = sk_alloc(self->budget, (plan->count + 1) * sizeof *self->files);
  *any = false;
  if (!self->files)
    return no_memory(self, err);
  for (size_t i = 0; i < plan->count; i++) {
    struct stored *stored = &self->files[self->count];
    *stored = (struct stored){.file = &plan->files[i]};
    sk_hours_init(&stored->hours, self->budget);
    sk_path_read(plan->files[i].path, &stored->facts);
    if (plan->files[i].format == SK_FORMAT_PARQUET && stored->facts.layout == SHUKEI_LAYOUT_KOKU &&
        sk_report_info(plan->files[i].report)->required &&
        sk_stored_name_read(plan->files[i].path, &stored->name))
      self->count++;
  }
  if (self->count)
    qsort(self->files, self->count, sizeof *self->files, by_group);
  for (size_t i = 0, end; i < self->count; i = end) {
    end = group_end(self, i);
    const bool contested = id_end(self, i) < end;
    for (size_t k = i; k < end; k++)
      self->files[k].contested = contested;
    *any |= contested;
  }
  return SHUKEI_OK;
}

static shukei_status tell(const struct dropping *self, shukei_error *err)
{
  struct sk_buffer text;
  size_t count = 0;
  for (size_t i = 0; i < self->count; i++)
    count += self->files[i].dropped;
  sk_buffer_init(&text, self->budget, TEXT_MOST);
  sk_buffer_printf(&text,
                   "%zu file%s left out, because another manifest id of the same report and "
                   "day has more hours or is higher: ",
                   count, count == 1 ? "" : "s");
  count = 0;
  for (size_t i = 0; i < self->count && text.length < NAMES_MOST; i++)
    if (self->files[i].dropped)
      sk_buffer_printf(&text, "%s%s", count++ ? ", " : "", self->files[i].file->path);
  if (text.length >= NAMES_MOST)
    sk_buffer_text(&text, ", ...");
  sk_buffer_byte(&text, 0);
  const shukei_status st = text.failed ? no_memory(self, err) : SHUKEI_OK;
  if (!st && self->options->warn)
    self->options->warn(self->options->context, (const char *)text.bytes);
  sk_buffer_reset(&text);
  return st;
}

/* Takes the dropped files out of the plan, whose order stays. */
static void take_out(struct dropping *self)
{
  struct sk_plan *plan = self->plan;
  size_t kept = 0;
  for (size_t i = 0; i < self->count; i++)
    if (self->files[i].dropped) {
      self->files[i].file->path = NULL;
      plan->files_skipped++;
    }
  for (size_t i = 0; i < plan->count; i++)
    if (plan->files[i].path)
      plan->files[kept++] = plan->files[i];
  plan->count = kept;
}

shukei_status sk_drop_stored(const struct sk_plan_options *options, struct sk_budget *budget,
                             struct sk_plan *plan, shukei_error *err)
{
  struct dropping self = {.options = options, .budget = budget, .plan = plan};
  bool any;
  shukei_status st = collect(&self, &any, err);
  if (!st && any)
    st = sk_each(options->threads, self.count, read_hours, &self, NULL, err);
  for (size_t i = 0, end; any && !st && i < self.count; i = end) {
    end = group_end(&self, i);
    if (self.files[i].contested)
      st = choose(&self, i, end, err);
  }
  if (!st && any)
    st = tell(&self, err);
  if (!st && any)
    take_out(&self);
  for (size_t i = 0; i < self.count; i++)
    sk_hours_reset(&self.files[i].hours);
  sk_free(self.files);
  return st;
}
