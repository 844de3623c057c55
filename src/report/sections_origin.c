/* SPDX-License-Identifier: Apache-2.0 */
/* Where the numbers come from: machines, versions, settings, and the commands that make them
 * again. */
#include "report/escape.h"
#include "report/numerals.h"
#include "report/sections.h"

#include "base/redact.h"

#include <math.h>

static void property(struct sk_doc *doc, struct sk_doc_table *table, const char *name,
                     const char *text)
{
  if (!text || !*text)
    return;
  sk_doc_row(doc, table);
  sk_doc_cell(doc, table, name, NULL);
  sk_doc_cell(doc, table, text, NULL);
}

static const char *joined(struct sk_doc *doc, const struct sk_bench_words *words)
{
  const char *text = "";
  for (size_t i = 0; i < words->count; i++)
    text = sk_doc_text(doc, "%s%s%s", text, i ? ", " : "", words->items[i]);
  return text;
}

static const char *numbers(struct sk_doc *doc, const int64_t *values, size_t count, bool bytes)
{
  const char *text = "";
  for (size_t i = 0; i < count; i++) {
    const char *const one = values[i] <= 0 ? "default"
                            : bytes        ? sk_figure_bytes(doc, (double)values[i])
                                           : sk_figure_count(doc, (double)values[i]);
    text = sk_doc_text(doc, "%s%s%s", text, i ? ", " : "", one);
  }
  return text;
}

static const char *redacted(struct sk_doc *doc, const char *text)
{
  struct sk_buffer hidden;
  if (!text)
    return NULL;
  sk_buffer_init(&hidden, doc->arena.budget, 1u << 20);
  sk_redact(&hidden, text);
  const char *const copy =
      sk_doc_text(doc, "%.*s", (int)hidden.length, hidden.length ? (const char *)hidden.bytes : "");
  doc->failed |= hidden.failed;
  sk_buffer_reset(&hidden);
  return copy;
}

/* Whether a line that counts is of the run. */
static bool is_used(const struct sk_measured *measured, const struct sk_bench_run *run)
{
  for (size_t i = 0; i < measured->setting_count; i++)
    for (size_t n = 0; n < measured->settings[i].line_count; n++)
      if (measured->settings[i].lines[n]->run &&
          strcmp(measured->settings[i].lines[n]->run, run->id) == 0)
        return true;
  return false;
}

/* The same run may be told of several times, where bench went on. */
static bool is_last_of_its_id(const struct sk_bench_results *results, size_t at)
{
  for (size_t i = at + 1; i < results->run_count; i++)
    if (strcmp(results->runs[i].id, results->runs[at].id) == 0)
      return false;
  return true;
}

static void run_table(struct sk_doc *doc, struct sk_doc_section *section,
                      const struct sk_measured *measured, const struct sk_bench_run *run,
                      size_t number)
{
  const struct sk_bench_machine *const machine = &run->machine;
  struct sk_doc_table *const table = sk_doc_table(
      doc, section, sk_doc_text(doc, "environment-%zu", number),
      sk_doc_text(doc, "Run %s of %s", run->id, run->time ? run->time : "an unknown time"));
  sk_doc_column(doc, table, "what", "what", false);
  sk_doc_column(doc, table, "value", "value", false);
  if (measured->machine_count > 1)
    for (size_t i = 0; i < measured->machine_count; i++)
      if (measured->machines[i] == run)
        property(doc, table, "machine", sk_doc_text(doc, "%c", (char)('A' + (i < 26 ? i : 25))));
  property(doc, table, "host", machine->host);
  property(doc, table, "processor", machine->cpu);
  property(doc, table, "processors",
           machine->processors > 0 ? sk_figure_count(doc, (double)machine->processors) : NULL);
  property(doc, table, "memory",
           machine->memory > 0 ? sk_figure_bytes(doc, (double)machine->memory) : NULL);
  property(doc, table, "system", machine->os);
  property(doc, table, "kernel", machine->kernel);
  property(doc, table, "shukei", run->version);
  property(doc, table, "scales", joined(doc, &run->scales));
  property(doc, table, "modes", joined(doc, &run->modes));
  property(doc, table, "threads", numbers(doc, run->threads, run->threads_count, false));
  property(doc, table, "memory limits", numbers(doc, run->memory, run->memory_count, true));
  property(doc, table, "repeats",
           run->repeat > 0 ? sk_figure_count(doc, (double)run->repeat) : NULL);
  property(doc, table, "time-out of a phase",
           run->timeout > 0 ? sk_figure_seconds(doc, (double)run->timeout) : NULL);
  property(doc, table, "sink", redacted(doc, run->to));
  property(doc, table, "schema", run->schema);
  property(doc, table, "reports in", redacted(doc, run->lake));
}

void sk_section_environment(struct sk_doc *doc, const struct sk_measured *measured)
{
  size_t number = 0;
  const struct sk_bench_results *const results = measured->results;
  struct sk_doc_section *const section = sk_doc_section(doc, "environment", "Environment");
  for (size_t i = 0; i < results->run_count; i++)
    if (is_last_of_its_id(results, i) && is_used(measured, &results->runs[i]))
      run_table(doc, section, measured, &results->runs[i], ++number);
  if (!number)
    sk_doc_paragraph(doc, section, "The results do not say where they come from.");
}

/* ---- commands ------------------------------------------------------------------------------ */

static const char *command_text(struct sk_doc *doc, const struct sk_bench_words *words)
{
  struct sk_buffer line;
  sk_buffer_init(&line, doc->arena.budget, 1u << 20);
  for (size_t i = 0; i < words->count; i++) {
    if (i)
      sk_buffer_byte(&line, ' ');
    sk_escape_shell(&line, redacted(doc, words->items[i]));
  }
  const char *const text =
      sk_doc_text(doc, "%.*s", (int)line.length, line.length ? (const char *)line.bytes : "");
  doc->failed |= line.failed;
  sk_buffer_reset(&line);
  return text;
}

static const struct sk_bench_words *first_command(const struct sk_setting *setting)
{
  const bool any = setting->line_count && setting->lines[0]->command.count;
  return any ? &setting->lines[0]->command : NULL;
}

static bool same_words(const struct sk_bench_words *a, const struct sk_bench_words *b)
{
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; i++)
    same = strcmp(a->items[i], b->items[i]) == 0;
  return same;
}

/* The validations of all modes of a scale are one command. */
static bool is_said_before(const struct sk_measured *measured, size_t i)
{
  const struct sk_bench_words *const words = first_command(&measured->settings[i]);
  for (size_t k = 0; k < i; k++) {
    const struct sk_bench_words *const before = first_command(&measured->settings[k]);
    if (before && same_words(before, words))
      return true;
  }
  return false;
}

void sk_section_commands(struct sk_doc *doc, const struct sk_measured *measured)
{
  const struct sk_bench_results *const results = measured->results;
  struct sk_doc_section *const section =
      sk_doc_section(doc, "commands", "Every command to repeat it");
  sk_doc_paragraph(doc, section, "The whole benchmark (secrets are shown as ***):");
  for (size_t i = 0; i < results->run_count; i++)
    if (is_last_of_its_id(results, i) && is_used(measured, &results->runs[i]) &&
        results->runs[i].command.count)
      sk_doc_command(doc, section, command_text(doc, &results->runs[i].command));
  sk_doc_paragraph(doc, section, "Each setting by itself, its first repeat:");
  for (size_t i = 0; i < measured->setting_count; i++)
    if (first_command(&measured->settings[i]) && !is_said_before(measured, i))
      sk_doc_command(doc, section, command_text(doc, first_command(&measured->settings[i])));
}
