/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are read: list the sources, leave out by path what need not be opened, look into the
 * rest, then check that what is left may be added up. A file that two sources name counts once. */
#include "base/each.h"
#include "input/input.h"
#include "input/archive.h"
#include "input/copies.h"
#include "input/layout.h"
#include "input/payload_set.h"
#include "input/recognise.h"
#include "input/stored_ids.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define SOURCES_SHOWN 4

struct candidate {
  const struct sk_listed *listed;
  bool named; /* by the user, not found below a folder */
  bool daily;
};

struct planner {
  const struct sk_plan_options *options;
  struct sk_budget *budget;
  struct sk_plan *plan;
  struct sk_listing listing;
  struct candidate *candidates;
  size_t count;
  bool *daily;           /* of the plan's files */
  const char **payloads; /* archives, sorted; the paths are the listing's */
  size_t payload_count;
  uint64_t outside_days, other_cluster;
};

static void warn(const struct planner *planner, const char *text)
{
  if (planner->options->warn)
    planner->options->warn(planner->options->context, text);
}

/* ---- listing --------------------------------------------------------------------------------- */

static int by_identity(const void *a, const void *b)
{
  const struct candidate *x = a, *y = b;
  const int order = strcmp(x->listed->identity, y->listed->identity);
  return order ? order : strcmp(x->listed->path, y->listed->path);
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const struct candidate *)a)->listed->path,
                ((const struct candidate *)b)->listed->path);
}

static bool names_file(const struct sk_plan_options *options, const char *path)
{
  for (size_t i = 0; i < options->source_count; i++)
    if (strcmp(options->sources[i], path) == 0)
      return true;
  return false;
}

/* What a link that leads nowhere was to give may be lost: a volume that is not mounted, say. */
static void warn_of_dead_links(struct planner *planner)
{
  const struct sk_listing *listing = &planner->listing;
  char text[600];
  if (!listing->dead_links)
    return;
  planner->plan->files_skipped += listing->dead_links;
  snprintf(text, sizeof text, "links that lead nowhere, left out: %zu, first %s",
           listing->dead_links, listing->dead_link);
  warn(planner, text);
}

/* Lists all sources; each file once, sorted by path. */
static shukei_status list(struct planner *planner, shukei_error *err)
{
  const struct sk_plan_options *options = planner->options;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < options->source_count && !st; i++)
    st = sk_store_list(options->sources[i], &planner->listing, err);
  if (st)
    return st;
  warn_of_dead_links(planner);
  const size_t count = planner->listing.count;
  planner->candidates = sk_alloc(planner->budget, (count + 1) * sizeof *planner->candidates);
  if (!planner->candidates)
    return sk_fail_memory(err, planner->budget, count * sizeof *planner->candidates, "the plan");
  for (size_t i = 0; i < count; i++)
    planner->candidates[i] =
        (struct candidate){.listed = &planner->listing.items[i],
                           .named = names_file(options, planner->listing.items[i].path)};
  qsort(planner->candidates, count, sizeof *planner->candidates, by_identity);
  for (size_t i = 0; i < count; i++) {
    struct candidate *last = planner->count ? &planner->candidates[planner->count - 1] : NULL;
    const struct candidate one = planner->candidates[i];
    if (last && strcmp(last->listed->identity, one.listed->identity) == 0)
      last->named |= one.named;
    else
      planner->candidates[planner->count++] = one;
  }
  qsort(planner->candidates, planner->count, sizeof *planner->candidates, by_path);
  return SHUKEI_OK;
}

/* ---- leaving out by path --------------------------------------------------------------------- */

/* Notes a cluster that the paths name. */
static shukei_status note_source(struct planner *planner, struct sk_path_part source,
                                 const char **sources, size_t *count, shukei_error *err)
{
  for (size_t i = 0; i < *count; i++)
    if (sk_part_is(source, sources[i]))
      return SHUKEI_OK;
  if (*count == SOURCES_SHOWN)
    return SHUKEI_OK;
  char *copy = sk_arena_bytes(&planner->plan->arena, source.length + 1);
  if (!copy)
    return sk_fail_memory(err, planner->budget, source.length, "the plan");
  memcpy(copy, source.text, source.length);
  copy[source.length] = '\0';
  sources[(*count)++] = copy;
  return SHUKEI_OK;
}

static bool excluded(struct planner *planner, const struct sk_path_facts *facts)
{
  const struct sk_plan_options *options = planner->options;
  const bool wrong_org = options->org && facts->org.text && !sk_part_is(facts->org, options->org);
  const bool wrong_source =
      options->source && facts->source.text && !sk_part_is(facts->source, options->source);
  const bool wrong_layout =
      options->layout != SHUKEI_LAYOUT_AUTO && options->layout != facts->layout;
  if (wrong_org || wrong_source || wrong_layout) {
    planner->other_cluster++;
    return true;
  }
  if (facts->last_day < options->start_day || facts->first_day > options->end_day) {
    planner->outside_days++;
    return true;
  }
  return false;
}

/* What `shukei generate` puts beside the reports: no report, and no reason for a warning. */
static bool describes_dataset(const char *path)
{
  const char *const slash = strrchr(path, '/');
  return strcmp(slash ? slash + 1 : path, "shukei-dataset.json") == 0;
}

static shukei_status leave_out_by_path(struct planner *planner, shukei_error *err)
{
  const char *sources[SOURCES_SHOWN];
  size_t source_count = 0, kept = 0;
  for (size_t i = 0; i < planner->count; i++) {
    struct sk_path_facts facts = {.first_day = INT32_MIN, .last_day = INT32_MAX};
    struct candidate one = planner->candidates[i];
    if (planner->options->layout != SHUKEI_LAYOUT_FLAT)
      sk_path_read(one.listed->path, &facts);
    else
      facts.layout = SHUKEI_LAYOUT_FLAT;
    if (!one.named && describes_dataset(one.listed->path))
      continue;
    if (excluded(planner, &facts)) {
      planner->plan->files_skipped++;
      continue;
    }
    one.daily = facts.daily;
    planner->candidates[kept++] = one;
    const shukei_status st = facts.source.text
                                 ? note_source(planner, facts.source, sources, &source_count, err)
                                 : SHUKEI_OK;
    if (st)
      return st;
  }
  planner->count = kept;
  if (source_count > 1) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "the input holds several clusters: %s, %s%s%s%s", sources[0],
                sources[1], source_count > 2 ? ", " : "", source_count > 2 ? sources[2] : "",
                source_count > 3 ? ", ..." : "");
    sk_advise(err, "name one with --source");
    return st;
  }
  planner->plan->source = source_count ? sources[0] : NULL;
  return SHUKEI_OK;
}

/* ---- looking into them ----------------------------------------------------------------------- */

/* A copy in the plan; NULL stays NULL. */
static bool keep_text(struct planner *planner, const char **text)
{
  const size_t length = *text ? strlen(*text) + 1 : 0;
  char *copy = length ? sk_arena_bytes(&planner->plan->arena, length) : NULL;
  if (copy)
    *text = memcpy(copy, *text, length);
  return copy || length == 0;
}

static shukei_status add_file(struct planner *planner, const struct candidate *candidate,
                              struct sk_planned_file file, shukei_error *err)
{
  struct sk_plan *plan = planner->plan;
  if (!keep_text(planner, &file.path) || !keep_text(planner, &file.etag) ||
      !keep_text(planner, &file.identity))
    return sk_fail_memory(err, planner->budget, strlen(candidate->listed->path), "the plan");
  planner->daily[plan->count] = candidate->daily;
  plan->files[plan->count++] = file;
  return SHUKEI_OK;
}

/* What was found in a candidate. */
struct look {
  struct sk_planned_file file;
  const char *why;
  bool known;
};
struct lookers {
  const struct planner *planner;
  struct look *looks; /* [planner->count] */
};

static shukei_status look_into(void *context, size_t i, shukei_error *err)
{
  const struct lookers *all = context;
  const struct planner *planner = all->planner;
  const struct candidate *candidate = &planner->candidates[i];
  const struct sk_plan_memory *memory = planner->options->memory;
  struct look *look = &all->looks[i];
  look->file = (struct sk_planned_file){.path = candidate->listed->path,
                                        .size_bytes = candidate->listed->size_bytes,
                                        .first_day = INT32_MIN,
                                        .last_day = INT32_MAX,
                                        .etag = candidate->listed->etag,
                                        .identity = candidate->listed->identity,
                                        .young = candidate->listed->young};
  if (memory &&
      memory->recall(memory->context, candidate->listed, &look->file, &look->known, &look->why))
    return SHUKEI_OK;
  return sk_recognise(&look->file, candidate->named, planner->budget, &look->known, &look->why,
                      err);
}

#define FILES_A_THREAD 16  /* fewer do not pay for it */
#define DISTANT_THREADS 16 /* most of the time they wait for answers */

/* Looks into all candidates; *seen are good, the one behind them gave the status. */
static shukei_status look_into_all(const struct planner *planner, struct look *looks, size_t *seen,
                                   shukei_error *err)
{
  struct lookers all = {.planner = planner, .looks = looks};
  const bool distant = planner->count && sk_store_distant(planner->candidates[0].listed->path);
  const size_t useful = planner->count / (distant ? 1 : FILES_A_THREAD) + 1;
  unsigned threads = planner->options->threads;
  if (distant && threads < DISTANT_THREADS)
    threads = DISTANT_THREADS;
  return sk_each(threads < useful ? threads : (unsigned)useful, planner->count, look_into, &all,
                 seen, err);
}

/* Keeps the path of an archive for later. */
static shukei_status add_payload(struct planner *planner, const char *path, shukei_error *err)
{
  if (!planner->payloads) {
    const size_t bytes = planner->count * sizeof *planner->payloads;
    planner->payloads = sk_alloc(planner->budget, bytes);
    if (!planner->payloads)
      return sk_fail_memory(err, planner->budget, bytes, "the plan");
  }
  planner->payloads[planner->payload_count++] = path;
  return SHUKEI_OK;
}

static shukei_status look(struct planner *planner, shukei_error *err)
{
  struct sk_plan *plan = planner->plan;
  char text[600];
  size_t seen = 0;
  plan->capacity = planner->count + 1;
  plan->files = sk_arena_alloc(&plan->arena, plan->capacity * sizeof *plan->files);
  planner->daily = sk_calloc(planner->budget, plan->capacity, sizeof *planner->daily);
  struct look *looks = sk_calloc(planner->budget, plan->capacity, sizeof *looks);
  if (!plan->files || !planner->daily || !looks) {
    sk_free(looks);
    return sk_fail_memory(err, planner->budget, plan->capacity * sizeof *plan->files, "the plan");
  }
  const struct sk_plan_memory *memory = planner->options->memory;
  const shukei_status looked = look_into_all(planner, looks, &seen, err);
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; i < seen && !st; i++) {
    const struct look *look = &looks[i];
    if (look->known && look->file.format == SK_FORMAT_PAYLOAD) {
      st = add_payload(planner, look->file.path, err);
    } else if (look->known) {
      st = add_file(planner, &planner->candidates[i], look->file, err);
    } else {
      plan->files_skipped++;
      snprintf(text, sizeof text, "%s: %s, left out", look->file.path, look->why);
      warn(planner, text);
    }
    if (!st && memory)
      st = memory->note(memory->context, planner->candidates[i].listed,
                        look->known ? &look->file : NULL, look->why, err);
  }
  sk_free(looks);
  return st ? st : looked;
}

/* ---- what must not be added up --------------------------------------------------------------- */

/* Leaves out daily files of reports that have hourly ones too. */
static void drop_daily(struct planner *planner)
{
  struct sk_plan *plan = planner->plan;
  for (int r = 0; r < SK_REPORT_COUNT; r++) {
    size_t hourly = 0, daily = 0, kept = 0;
    char text[600], example[300] = "";
    for (size_t i = 0; i < plan->count; i++)
      if (plan->files[i].report == (enum sk_report)r)
        ++*(planner->daily[i] ? &daily : &hourly);
    if (!hourly || !daily)
      continue;
    for (size_t i = 0; i < plan->count; i++) {
      if (plan->files[i].report == (enum sk_report)r && planner->daily[i]) {
        if (!example[0])
          snprintf(example, sizeof example, "%s", plan->files[i].path);
        continue;
      }
      plan->files[kept] = plan->files[i];
      planner->daily[kept++] = planner->daily[i];
    }
    plan->count = kept;
    plan->files_skipped += daily;
    snprintf(text, sizeof text,
             "%s: %zu daily file%s left out, because hourly ones are there too (\"%s\")",
             sk_report_info((enum sk_report)r)->name, daily, daily == 1 ? "" : "s", example);
    warn(planner, text);
  }
}

/* Length of a CSV file's name without the ending of its compression. */
static size_t plain_length(const struct sk_planned_file *file)
{
  const size_t length = strlen(file->path);
  const char *const endings[] = {".gz", ".zst"};
  for (size_t i = 0; i < SK_COUNT(endings); i++) {
    const size_t ending = strlen(endings[i]);
    if (length > ending && strcmp(file->path + length - ending, endings[i]) == 0)
      return length - ending;
  }
  return length;
}

/* a.csv beside a.csv.gz is the same report twice. Files are sorted by path, so all that begin with
 * a name follow it. */
static shukei_status check_twice(const struct sk_plan *plan, shukei_error *err)
{
  for (size_t i = 0; i < plan->count; i++) {
    const struct sk_planned_file *one = &plan->files[i];
    const size_t length = plain_length(one);
    for (size_t j = i + 1; j < plan->count; j++) {
      const struct sk_planned_file *other = &plan->files[j];
      if (strncmp(one->path, other->path, length) != 0)
        break;
      if (other->format == SK_FORMAT_PARQUET || plain_length(other) != length)
        continue;
      const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "\"%s\" and \"%s\" are one report twice",
                                       one->path, other->path);
      sk_advise(err, "name or leave one of the two");
      return st;
    }
  }
  return SHUKEI_OK;
}

static shukei_status check_formats(const struct sk_plan *plan, shukei_error *err)
{
  for (int r = 0; r < SK_REPORT_COUNT; r++) {
    const struct sk_planned_file *csv = NULL, *parquet = NULL;
    for (size_t i = 0; i < plan->count; i++) {
      const struct sk_planned_file *file = &plan->files[i];
      if (file->report != (enum sk_report)r)
        continue;
      if (file->format == SK_FORMAT_PARQUET)
        parquet = parquet ? parquet : file;
      else
        csv = csv ? csv : file;
    }
    if (!csv || !parquet)
      continue;
    const shukei_status st = sk_fail(
        err, SHUKEI_EINVAL, "the %s report is there as CSV (\"%s\") and as Parquet (\"%s\")",
        sk_report_info((enum sk_report)r)->name, csv->path, parquet->path);
    sk_advise(err, "name the files or the folder of one of the two");
    return st;
  }
  return SHUKEI_OK;
}

static shukei_status check_found(struct planner *planner, shukei_error *err)
{
  const struct sk_plan_options *options = planner->options;
  if (planner->plan->count)
    return SHUKEI_OK;
  if (planner->outside_days) {
    warn(planner, "no file lies within the days asked for");
    return SHUKEI_OK;
  }
  const char *place = options->source_count ? options->sources[0] : "";
  const char *more = options->source_count > 1 ? " and the other sources" : "";
  if (planner->payload_count)
    return sk_fail(err, SHUKEI_ENOTFOUND, "%s%s: no payload has a report of the days asked for",
                   place, more);
  if (planner->other_cluster)
    return sk_fail(err, SHUKEI_ENOTFOUND,
                   "%s%s: %" PRIu64 " files, none of the organisation, source or layout asked for",
                   place, more, planner->other_cluster);
  return sk_fail(err, SHUKEI_ENOTFOUND, "%s%s: holds no report", place, more);
}

/* ---- payloads and stored files --------------------------------------------------------------- */

/* Reports beside payloads may be the same rows again, and have no cluster. */
static shukei_status check_beside(const struct planner *planner, shukei_error *err)
{
  if (!planner->payload_count || !planner->plan->count)
    return SHUKEI_OK;
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL, "\"%s\" is a payload, \"%s\" beside it is a report of its own",
              planner->payloads[0], planner->plan->files[0].path);
  sk_advise(err, "name the files or the folder of one of the two");
  return st;
}

/* Leaves out what other files or payloads repeat. */
static shukei_status drop_repeated(struct planner *planner, shukei_error *err)
{
  const struct sk_plan_options *options = planner->options;
  struct sk_plan *plan = planner->plan;
  shukei_status st = check_beside(planner, err);
  if (!st && options->layout != SHUKEI_LAYOUT_FLAT)
    st = sk_drop_stored(options, planner->budget, plan, err);
  if (!st && planner->payload_count)
    return sk_payloads_plan(options, planner->payloads, planner->payload_count, planner->budget,
                            plan, err);
  if (st)
    return st;
  plan->clusters = sk_arena_alloc(&plan->arena, sizeof *plan->clusters);
  if (!plan->clusters)
    return sk_fail_memory(err, planner->budget, sizeof *plan->clusters, "the plan");
  *plan->clusters = (struct sk_planned_cluster){.cluster_id = NULL};
  plan->cluster_count = 1;
  return SHUKEI_OK;
}

const char *sk_planned_place(const struct sk_planned_file *file)
{
  return file->archive ? file->archive->path : file->path;
}

shukei_status sk_plan_build(const struct sk_plan_options *options, struct sk_budget *budget,
                            struct sk_plan *plan, shukei_error *err)
{
  struct planner planner = {.options = options, .budget = budget, .plan = plan};
  memset(plan, 0, sizeof *plan);
  sk_arena_init(&plan->arena, budget);
  sk_listing_init(&planner.listing, budget);
  shukei_status st = list(&planner, err);
  if (!st)
    st = leave_out_by_path(&planner, err);
  if (!st && options->memory)
    st = options->memory->begin(options->memory->context,
                                options->source ? options->source : plan->source, err);
  if (!st)
    st = look(&planner, err);
  if (!st) {
    drop_daily(&planner);
    st = check_formats(plan, err);
    st = st ? st : check_twice(plan, err);
  }
  if (!st)
    st = drop_repeated(&planner, err);
  if (!st)
    st = sk_warn_of_copies(options, budget, plan, err);
  if (!st)
    st = check_found(&planner, err);
  sk_free(planner.candidates);
  sk_free(planner.daily);
  sk_free(planner.payloads);
  sk_listing_reset(&planner.listing);
  if (st)
    sk_plan_reset(plan);
  return st;
}

void sk_plan_reset(struct sk_plan *plan)
{
  struct sk_budget *budget = plan->arena.budget;
  for (size_t i = 0; i < plan->archive_count; i++)
    sk_archive_free(plan->archives[i]);
  sk_free(plan->archives);
  sk_arena_reset(&plan->arena);
  memset(plan, 0, sizeof *plan);
  sk_arena_init(&plan->arena, budget);
}
