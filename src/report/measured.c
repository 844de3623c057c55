/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are sorted so that those of a setting lie side by side, repeats in order, the last line of
 * each last; those of the setting's last run are kept, so that no median mixes versions or days. */
#include "report/measured.h"

#include "report/numerals.h"

#include <math.h>
#include <stdlib.h>

struct entry {
  const struct sk_bench_line *line;
  const struct sk_size *size;
  size_t machine, place;
};

double sk_known(int64_t value)
{
  return value < 0 ? NAN : (double)value;
}

static const char *text_of(const char *text)
{
  return text ? text : "";
}

static int order(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

static int by_size(const void *a, const void *b)
{
  const struct sk_size *const x = a, *const y = b;
  int difference = order((int64_t)x->family, (int64_t)y->family);
  if (!difference)
    difference = order(x->rows, y->rows);
  return difference ? difference : strcmp(x->name, y->name);
}

/* All but the repeat and the place. */
static int by_setting(const struct entry *x, const struct entry *y)
{
  const struct sk_bench_key *const a = &x->line->key, *const b = &y->line->key;
  int difference = x->size == y->size ? 0 : x->size < y->size ? -1 : 1;
  if (!difference)
    difference = order((int64_t)a->phase, (int64_t)b->phase);
  if (!difference)
    difference = order((int64_t)a->mode, (int64_t)b->mode);
  if (!difference)
    difference = order(a->threads, b->threads);
  if (!difference)
    difference = order(a->memory, b->memory);
  if (!difference)
    difference = strcmp(text_of(x->line->sink), text_of(y->line->sink));
  return difference ? difference : order((int64_t)x->machine, (int64_t)y->machine);
}

static int by_entry(const void *a, const void *b)
{
  const struct entry *const x = a, *const y = b;
  int difference = by_setting(x, y);
  if (!difference)
    difference = order(x->line->key.repeat, y->line->key.repeat);
  return difference ? difference : order((int64_t)x->place, (int64_t)y->place);
}

static bool same_machine(const struct sk_bench_machine *a, const struct sk_bench_machine *b)
{
  return strcmp(text_of(a->host), text_of(b->host)) == 0 &&
         strcmp(text_of(a->cpu), text_of(b->cpu)) == 0 && a->processors == b->processors &&
         a->memory == b->memory;
}

/* Which machine a line is of; those without a run are taken for the first's. */
static size_t machine_of(struct sk_measured *self, const struct sk_bench_line *line)
{
  const struct sk_bench_run *const run =
      line->run ? sk_bench_results_run(self->results, line->run) : NULL;
  if (!run)
    return 0;
  for (size_t i = 0; i < self->machine_count; i++)
    if (same_machine(&self->machines[i]->machine, &run->machine))
      return i;
  self->machines[self->machine_count] = run;
  return self->machine_count++;
}

static void find_sizes(struct sk_measured *self)
{
  for (size_t i = 0; i < self->results->line_count; i++) {
    const struct sk_bench_line *const line = &self->results->lines[i];
    const struct sk_scale *const preset = sk_scale_find(line->key.scale);
    size_t at = 0;
    while (at < self->size_count && strcmp(self->sizes[at].name, line->key.scale) != 0)
      at++;
    struct sk_size *const size = &self->sizes[at];
    if (at == self->size_count) {
      *size = (struct sk_size){line->key.scale, preset ? preset->family : SK_FAMILY_OTHER, -1};
      self->size_count++;
    }
    if (line->rows >= 0) /* told by the phase itself: options may have changed the preset's */
      size->rows = line->rows;
    else if (size->rows < 0 && preset)
      size->rows = sk_scale_rows(preset);
  }
  if (self->size_count) /* qsort takes no NULL */
    qsort(self->sizes, self->size_count, sizeof *self->sizes, by_size);
}

static const struct sk_size *size_named(const struct sk_measured *self, const char *name)
{
  const struct sk_size *size = self->sizes;
  while (strcmp(size->name, name) != 0)
    size++;
  return size;
}

/* What was interrupted is no result: any other line is later. */
static bool is_later(const struct entry *a, const struct entry *b)
{
  const bool x = a->line->outcome == SK_BENCH_STATE_INTERRUPTED;
  const bool y = b->line->outcome == SK_BENCH_STATE_INTERRUPTED;
  return x == y ? a->place > b->place : y;
}

/* Keeps the entries of a setting that are of its last run, in their order. */
static size_t keep_last_run(struct entry *entries, size_t count)
{
  const struct entry *last = entries;
  size_t kept = 0;
  for (size_t i = 1; i < count; i++)
    if (is_later(&entries[i], last))
      last = &entries[i];
  const char *const run = last->line->run;
  for (size_t i = 0; i < count; i++)
    if (strcmp(entries[i].line->run, run) == 0)
      entries[kept++] = entries[i];
  return kept;
}

/* A setting of `all` entries that are alike but for the repeat and the place. */
static void put_setting(struct sk_measured *self, struct entry *entries, size_t all,
                        struct sk_doc *doc)
{
  const size_t count = keep_last_run(entries, all);
  struct sk_setting *const setting = &self->settings[self->setting_count];
  double *const room = sk_doc_new(doc, 3 * count * sizeof *room);
  const struct sk_bench_line **const lines = sk_doc_new(doc, count * sizeof *lines);
  double *const cpus = room ? room + 2 * count : NULL;
  size_t cpu_count = 0;
  if (!room || !lines)
    return;
  *setting = (struct sk_setting){.key = entries->line->key, .sink = text_of(entries->line->sink)};
  setting->key.repeat = 0;
  setting->machine = entries->machine;
  setting->size = (size_t)(entries->size - self->sizes);
  setting->lines = lines;
  setting->seconds = room;
  setting->peaks = room + count;
  for (size_t i = 0; i < count; i++) {
    const struct sk_bench_line *const line = entries[i].line;
    if (i + 1 < count && entries[i + 1].line->key.repeat == line->key.repeat)
      continue; /* a later line of the same */
    lines[setting->line_count++] = line;
    if (line->outcome != SK_BENCH_STATE_DONE) {
      if (!setting->done)
        setting->line = line;
      continue;
    }
    setting->done++;
    setting->line = line;
    setting->reused += line->reused;
    if (line->reused || !(line->seconds >= 0))
      continue;
    setting->seconds[setting->count++] = line->seconds;
    if (line->peak_rss >= 0)
      setting->peaks[setting->peak_count++] = (double)line->peak_rss;
    if (line->cpu_user >= 0 && line->cpu_system >= 0)
      cpus[cpu_count++] = line->cpu_user + line->cpu_system;
  }
  setting->time = sk_spread_of(setting->seconds, setting->count);
  setting->memory = sk_spread_of(setting->peaks, setting->peak_count);
  setting->cpu = sk_spread_of(cpus, cpu_count);
  self->setting_count++;
}

static bool of_setup(const struct sk_setup *setup, const struct sk_setting *setting)
{
  return setup->key.phase == setting->key.phase && setup->key.mode == setting->key.mode &&
         setup->key.threads == setting->key.threads && setup->key.memory == setting->key.memory &&
         setup->machine == setting->machine && strcmp(setup->sink, setting->sink) == 0;
}

static void find_setups(struct sk_measured *self, struct sk_doc *doc)
{
  for (size_t i = 0; i < self->setting_count; i++) {
    struct sk_setting *const setting = &self->settings[i];
    size_t at = 0;
    while (at < self->setup_count && !of_setup(&self->setups[at], setting))
      at++;
    struct sk_setup *const setup = &self->setups[at];
    if (at == self->setup_count) {
      *setup = (struct sk_setup){
          .key = setting->key, .sink = setting->sink, .machine = setting->machine};
      setup->key.scale = NULL;
      setup->settings = sk_doc_new(doc, self->size_count * sizeof(struct sk_setting *));
      if (!setup->settings)
        return;
      self->setup_count++;
    }
    setting->setup = at;
    setup->settings[setup->count++] = setting;
    setup->measured += setting->count > 0;
  }
}

int64_t sk_setup_threads(const struct sk_measured *measured, const struct sk_setup *setup)
{
  if (setup->key.threads > 0)
    return setup->key.threads;
  if (setup->machine < measured->machine_count &&
      measured->machines[setup->machine]->machine.processors > 0)
    return measured->machines[setup->machine]->machine.processors;
  return 0;
}

/* "streaming, 2 threads, 256 MB, sqlite": the mode, and what differs among the setups of the
 * phase. */
static const char *name_of(const struct sk_measured *self, const struct sk_setup *setup,
                           struct sk_doc *doc)
{
  bool threads = false, memory = false, sink = false, machine = false;
  for (size_t i = 0; i < self->setup_count; i++) {
    const struct sk_setup *const other = &self->setups[i];
    if (other->key.phase != setup->key.phase)
      continue;
    threads |= other->key.threads != setup->key.threads;
    memory |= other->key.memory != setup->key.memory;
    sink |= strcmp(other->sink, setup->sink) != 0;
    machine |= other->machine != setup->machine;
  }
  const int64_t workers = sk_setup_threads(self, setup);
  const char *name = sk_bench_mode_name(setup->key.mode);
  if (threads && workers > 0)
    name = sk_doc_text(doc, "%s%s%" PRId64 " thread%s%s", name, *name ? ", " : "", workers,
                       workers == 1 ? "" : "s", setup->key.threads ? "" : " (default)");
  if (memory)
    name = sk_doc_text(
        doc, "%s%s%s", name, *name ? ", " : "",
        setup->key.memory > 0
            ? sk_doc_text(doc, "limit %s", sk_figure_bytes(doc, (double)setup->key.memory))
            : "default limit");
  if (sink && *setup->sink)
    name = sk_doc_text(doc, "%s%s%s", name, *name ? ", " : "", setup->sink);
  if (machine)
    name = sk_doc_text(doc, "%s%smachine %c", name, *name ? ", " : "",
                       (char)('A' + (setup->machine < 26 ? setup->machine : 25)));
  return *name ? name : sk_bench_phase_name(setup->key.phase);
}

/* Whether a is the one to speak of rather than b. */
static bool leads(const struct sk_measured *self, const struct sk_setup *a,
                  const struct sk_setup *b)
{
  if (a->measured != b->measured)
    return a->measured > b->measured;
  if (a->key.mode != b->key.mode)
    return a->key.mode == SK_BENCH_MODE_STREAMING || b->key.mode == SK_BENCH_MODE_IN_MEMORY;
  return sk_setup_threads(self, a) > sk_setup_threads(self, b);
}

const struct sk_setup *sk_setup_of_phase(const struct sk_measured *measured,
                                         enum sk_bench_phase phase)
{
  const struct sk_setup *best = NULL;
  for (size_t i = 0; i < measured->setup_count; i++) {
    const struct sk_setup *const setup = &measured->setups[i];
    if (setup->key.phase == phase && setup->measured && (!best || leads(measured, setup, best)))
      best = setup;
  }
  return best;
}

const struct sk_setting *sk_setup_at(const struct sk_setup *setup, size_t size)
{
  for (size_t i = 0; setup && i < setup->count; i++)
    if (setup->settings[i]->size == size)
      return setup->settings[i];
  return NULL;
}

double sk_setting_rows(const struct sk_measured *measured, const struct sk_setting *setting)
{
  const int64_t rows = measured->sizes[setting->size].rows;
  return rows > 0 ? (double)rows : NAN;
}

void sk_measured_make(struct sk_measured *measured, const struct sk_bench_results *results,
                      struct sk_doc *doc)
{
  const size_t count = results->line_count;
  *measured = (struct sk_measured){.results = results};
  measured->sizes = sk_doc_new(doc, (count + 1) * sizeof *measured->sizes);
  measured->settings = sk_doc_new(doc, (count + 1) * sizeof *measured->settings);
  measured->setups = sk_doc_new(doc, (count + 1) * sizeof *measured->setups);
  measured->machines = sk_doc_new(doc, (results->run_count + 1) * sizeof(struct sk_bench_run *));
  struct entry *const entries = sk_doc_new(doc, (count + 1) * sizeof *entries);
  if (doc->failed)
    return;
  find_sizes(measured);
  for (size_t i = 0; i < count; i++)
    entries[i] =
        (struct entry){&results->lines[i], size_named(measured, results->lines[i].key.scale),
                       machine_of(measured, &results->lines[i]), i};
  qsort(entries, count, sizeof *entries, by_entry);
  for (size_t i = 0, end; i < count && !doc->failed; i = end) {
    for (end = i + 1; end < count && by_setting(&entries[i], &entries[end]) == 0; end++)
      ;
    put_setting(measured, &entries[i], end - i, doc);
  }
  if (doc->failed)
    return;
  find_setups(measured, doc);
  for (size_t i = 0; i < measured->setup_count; i++)
    measured->setups[i].name = name_of(measured, &measured->setups[i], doc);
  measured->lead = sk_setup_of_phase(measured, SK_BENCH_PHASE_AGGREGATE);
}
