/* SPDX-License-Identifier: Apache-2.0 */
/* shukei generate: settings -> options of the library -> one call -> what came of it. */
#include "base/platform.h"
#include "cli/command.h"
#include "cli/sizes.h"
#include "cli/progress.h"
#include "cli/stats_file.h"

#include <stdio.h>

static void take(const struct sk_value *value, int64_t *number)
{
  if (value->text)
    *number = value->integer;
}

static void fill(struct sk_program *program, shukei_generate_options *options)
{
  const struct sk_value *const value = program->settings.values;
  shukei_generate_options_init(options);
  options->source = program->arguments->operands[0];
  options->destination = value[SK_OPTION_MADE_FOLDER].text;
  if (value[SK_OPTION_SEED].text)
    options->seed = value[SK_OPTION_SEED].number;
  if (value[SK_OPTION_SCALE_FACTOR].text)
    options->scale_factor = value[SK_OPTION_SCALE_FACTOR].number;
  take(&value[SK_OPTION_MADE_NODES], &options->nodes);
  take(&value[SK_OPTION_MADE_NAMESPACES], &options->namespaces);
  take(&value[SK_OPTION_MADE_PODS], &options->pods);
  take(&value[SK_OPTION_MADE_HOURS], &options->hours);
  take(&value[SK_OPTION_MADE_VOLUMES], &options->volumes_per_node);
  take(&value[SK_OPTION_MADE_LABEL_KEYS], &options->label_keys);
  take(&value[SK_OPTION_MADE_LABEL_VALUES], &options->label_values);
  options->start = value[SK_OPTION_MADE_START].text;
  options->end = value[SK_OPTION_MADE_END].text;
  options->today = value[SK_OPTION_TODAY].text;
  options->dump_manifest = value[SK_OPTION_DUMP_MANIFEST].text;
  options->constant_values = value[SK_OPTION_VALUES].text && value[SK_OPTION_VALUES].choice == 1;
  options->churn = value[SK_OPTION_CHURN].share;
  if (value[SK_OPTION_FORMAT].text)
    options->format = (shukei_generate_format)value[SK_OPTION_FORMAT].choice;
  options->daily_files = value[SK_OPTION_FILES].text && value[SK_OPTION_FILES].choice == 1;
  options->payload = value[SK_OPTION_PAYLOAD].text != NULL;
  if (value[SK_OPTION_LAYOUT].text)
    options->layout = (shukei_layout)value[SK_OPTION_LAYOUT].choice;
  options->org = value[SK_OPTION_ORG].text;
  options->source_id = value[SK_OPTION_SOURCE].text;
  options->cluster_id = value[SK_OPTION_CLUSTER_ID].text;
  options->force = value[SK_OPTION_FORCE].text != NULL;
  options->reuse = value[SK_OPTION_REUSE].text != NULL;
  options->dry_run = value[SK_OPTION_DRY_RUN].text != NULL;
  options->threads = (unsigned)value[SK_OPTION_THREADS].number;
  options->memory_bytes = value[SK_OPTION_MEMORY].number;
  options->callbacks = sk_program_callbacks(program);
}

static void report(struct sk_program *program, const shukei_generate_stats *stats, bool dry_run)
{
  char text[512], size[SK_SIZE_TEXT], memory[SK_SIZE_TEXT];
  char rows[SK_GROUPED_TEXT], pods[SK_GROUPED_TEXT], rate[SK_GROUPED_TEXT];
  const double seconds = stats->total_seconds > 1e-6 ? stats->total_seconds : 1e-6;
  if (dry_run)
    snprintf(text, sizeof text, "at most %s rows in %" PRIu64 " files, nothing written",
             sk_grouped_text(stats->rows, rows), stats->files);
  else if (stats->reused)
    snprintf(text, sizeof text, "%s rows in %" PRIu64 " files were there already",
             sk_grouped_text(stats->rows, rows), stats->files);
  else
    snprintf(text, sizeof text,
             "%s rows (%s of pods) in %" PRIu64 " files, %s, %.2f s, %s rows/s, "
             "%s of memory at most",
             sk_grouped_text(stats->rows, rows), sk_grouped_text(stats->pod_rows, pods),
             stats->files, sk_size_text(stats->bytes_written, size), stats->total_seconds,
             sk_grouped_text((uint64_t)((double)stats->rows / seconds), rate),
             sk_size_text(stats->peak_rss_bytes, memory));
  sk_console_log(&program->console, SHUKEI_LOG_INFO, text);
}

shukei_status sk_cmd_generate(struct sk_program *program, shukei_error *err)
{
  shukei_generate_options options;
  shukei_generate_stats stats;
  struct sk_stats_file file;
  fill(program, &options);
  if (!options.destination && !options.dump_manifest) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "generate needs --to DEST");
    sk_advise(err, "DEST is the folder below which the reports go");
    return st;
  }
  sk_return_large_blocks();
  shukei_status st =
      sk_stats_file_open(&file, sk_settings_get(&program->settings, SK_OPTION_STATS)->text, err);
  if (!st)
    st = shukei_generate(&options, &stats, err);
  sk_console_progress_end(&program->console);
  if (!st)
    st = sk_stats_file_commit_generate(&file, &stats, err);
  if (!st && !options.dump_manifest)
    report(program, &stats, options.dry_run);
  sk_stats_file_close(&file);
  return st;
}
