/* SPDX-License-Identifier: Apache-2.0 */
/* shukei aggregate: settings -> options of the library -> one call -> report and statistics. */
#include "base/platform.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/metrics_file.h"
#include "cli/stats_file.h"

#include <stdio.h>

/* All values of an option; NULL when memory lacks. */
static const char *const *take_names(struct sk_program *program, enum sk_option_id id,
                                     size_t *count)
{
  const struct sk_arguments *const arguments = program->arguments;
  const char **const names =
      sk_arena_alloc(&program->settings.arena, (arguments->given_count + 1) * sizeof *names);
  const char *name;
  size_t at = 0;
  *count = 0;
  while (names && (name = sk_arguments_each(arguments, id, &at)))
    names[(*count)++] = name;
  return names;
}

static shukei_status fill_names(struct sk_program *program, shukei_aggregate_options *options,
                                shukei_error *err)
{
  options->only_namespaces =
      take_names(program, SK_OPTION_NAMESPACE, &options->only_namespace_count);
  options->only_nodes = take_names(program, SK_OPTION_NODE, &options->only_node_count);
  return options->only_namespaces && options->only_nodes
             ? SHUKEI_OK
             : sk_fail(err, SHUKEI_ENOMEM, "no memory for --namespace and --node");
}

static void fill(struct sk_program *program, shukei_aggregate_options *options)
{
  const struct sk_settings *const s = &program->settings;
  const struct sk_value *const value = s->values;
  shukei_aggregate_options_init(options);
  SK_FILL_REPORTS(program, options);
  SK_FILL_RULES(program, options);
  options->sinks = s->names;
  options->sink_count = s->name_count;
  if (value[SK_OPTION_MODE].text)
    options->mode = (shukei_mode)value[SK_OPTION_MODE].choice;
  options->cluster_alias = value[SK_OPTION_CLUSTER_ALIAS].text;
  options->has_report_period_id = value[SK_OPTION_REPORT_PERIOD_ID].text != NULL;
  options->report_period_id = value[SK_OPTION_REPORT_PERIOD_ID].integer;
  options->create_tables = value[SK_OPTION_CREATE].text != NULL;
  options->staging = value[SK_OPTION_STAGING].text != NULL;
  if (value[SK_OPTION_UNKNOWN_CLUSTERS].text)
    options->unknown_clusters = (shukei_unknown_clusters)value[SK_OPTION_UNKNOWN_CLUSTERS].choice;
  options->threads = (unsigned)value[SK_OPTION_THREADS].number;
  options->dry_run = value[SK_OPTION_DRY_RUN].text != NULL;
  options->changed = value[SK_OPTION_CHANGED].text != NULL;
  options->explain = value[SK_OPTION_EXPLAIN].text != NULL;
  sk_program_bad_rows(program, &options->bad_rows, &options->bad_rows_file);
}

/* Flags that mean something to a PostgreSQL sink only. */
static void warn_of_unused(struct sk_program *program, const shukei_aggregate_options *options)
{
  static const enum sk_option_id flags[] = {SK_OPTION_SCHEMA, SK_OPTION_CREATE, SK_OPTION_STAGING};
  for (size_t i = 0; i < options->sink_count; i++) {
    if (strncmp(options->sinks[i], "postgres", 8) == 0)
      return;
  }
  for (size_t i = 0; i < SK_COUNT(flags); i++) {
    char text[96];
    snprintf(text, sizeof text, "--%s is not used: no sink is a PostgreSQL database",
             sk_option_at(flags[i])->name);
    if (sk_arguments_last(program->arguments, flags[i]))
      sk_console_log(&program->console, SHUKEI_LOG_WARNING, text);
  }
}

/* The run's callbacks, with its progress to the metrics as well. */
struct observed {
  shukei_callbacks inner;
  struct sk_metrics_file metrics;
};

static void log_line(void *context, shukei_log_level level, const char *text)
{
  const struct observed *const observed = context;
  observed->inner.log(observed->inner.context, level, text);
}

static void take_event(void *context, const shukei_event *event)
{
  const struct observed *const observed = context;
  observed->inner.event(observed->inner.context, event);
}

static void take_progress(void *context, const shukei_progress *now)
{
  struct observed *const observed = context;
  if (observed->inner.progress)
    observed->inner.progress(observed->inner.context, now);
  sk_metrics_file_progress(&observed->metrics, now);
}

static bool write_data(void *context, const void *bytes, size_t length)
{
  const struct observed *const observed = context;
  return observed->inner.write(observed->inner.context, bytes, length);
}

static bool is_canceled(void *context)
{
  const struct observed *const observed = context;
  return observed->inner.canceled(observed->inner.context);
}

static void warn_of_ending(struct sk_program *program, const char *path)
{
  char text[512];
  if (!path || sk_ends_with(path, ".prom"))
    return;
  snprintf(
      text, sizeof text,
      "--metrics-file %.300s does not end in .prom: Prometheus' textfile collector passes it over",
      path);
  sk_console_log(&program->console, SHUKEI_LOG_WARNING, text);
}

/* Opens the metrics, where they are asked for, and lets the callbacks go by way of them. */
static shukei_status observe(struct sk_program *program, shukei_aggregate_options *options,
                             struct observed *observed, shukei_error *err)
{
  const char *const path = sk_settings_get(&program->settings, SK_OPTION_METRICS_FILE)->text;
  observed->inner = options->callbacks;
  warn_of_ending(program, path);
  const shukei_status st = sk_metrics_file_open(&observed->metrics, path, err);
  if (path)
    options->callbacks = (shukei_callbacks){.context = observed,
                                            .log = log_line,
                                            .event = take_event,
                                            .progress = take_progress,
                                            .write = write_data,
                                            .canceled = is_canceled};
  return st;
}

/* Writes the last metrics, of a run that failed, too; what failed first is told. */
static shukei_status end_metrics(struct observed *observed, const shukei_stats *stats,
                                 shukei_status status, shukei_error *err)
{
  const shukei_status st =
      sk_metrics_file_end(&observed->metrics, stats, sk_exit_status(status), status ? NULL : err);
  sk_metrics_file_close(&observed->metrics);
  return status ? status : st;
}

/* A sink's name must not be that of a file beside the results as well. */
static shukei_status check_names(const struct sk_program *program,
                                 const shukei_aggregate_options *options, shukei_error *err)
{
  static const enum sk_option_id beside[] = {SK_OPTION_STATS, SK_OPTION_METRICS_FILE};
  for (size_t i = 0; i < options->sink_count; i++) {
    for (size_t j = 0; j < SK_COUNT(beside); j++) {
      const char *const name = sk_settings_get(&program->settings, beside[j])->text;
      if (name && strcmp(options->sinks[i], name) == 0)
        return sk_fail(err, SHUKEI_EINVAL, "--to %s and --%s %s %s", name,
                       sk_option_at(beside[j])->name, name,
                       strcmp(name, "-") == 0 ? "both go to standard output" : "are one file");
    }
  }
  return SHUKEI_OK;
}

shukei_status sk_cmd_aggregate(struct sk_program *program, shukei_error *err)
{
  shukei_aggregate_options options;
  struct sk_stats_file file;
  struct observed observed;
  shukei_stats stats;
  memset(&stats, 0, sizeof stats);
  fill(program, &options);
  if (options.sink_count == 0 && !options.dry_run) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "aggregate needs --to SINK");
    sk_advise(err, "for example --to summary.db, --to summary.csv or --to -");
    return st;
  }
  shukei_status st = check_names(program, &options, err);
  if (!st)
    st = fill_names(program, &options, err);
  if (st)
    return st;
  warn_of_unused(program, &options);
  sk_return_large_blocks();
  st = sk_stats_file_open(&file, sk_settings_get(&program->settings, SK_OPTION_STATS)->text, err);
  const shukei_status opened = observe(program, &options, &observed, st ? NULL : err);
  st = st ? st : opened;
  if (!st)
    st = shukei_aggregate(&options, &stats, err);
  sk_console_progress_end(&program->console);
  if (!st)
    st = sk_stdout_finish(&program->out, err);
  if (!st)
    st = sk_stats_file_commit(&file, "aggregate", &stats, err);
  if (!opened)
    st = end_metrics(&observed, &stats, st, err);
  else
    sk_metrics_file_close(&observed.metrics);
  if (!st)
    sk_program_report(program, options.dry_run ? "would be written" : "written", &stats);
  sk_stats_file_close(&file);
  return st;
}
