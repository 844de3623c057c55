/* SPDX-License-Identifier: Apache-2.0 */
/* shukei convert: settings -> options of the library -> one call -> report and statistics. */
#include "base/platform.h"
#include "cli/command.h"
#include "cli/stats_file.h"

static void fill(struct sk_program *program, shukei_convert_options *options)
{
  const struct sk_value *const value = program->settings.values;
  shukei_convert_options_init(options);
  SK_FILL_REPORTS(program, options);
  options->destination = value[SK_OPTION_FOLDER].text;
  if (value[SK_OPTION_CODEC].text)
    options->codec = (shukei_codec_choice)value[SK_OPTION_CODEC].choice;
  if (value[SK_OPTION_UNKNOWN_CLUSTERS].text)
    options->unknown_clusters = (shukei_unknown_clusters)value[SK_OPTION_UNKNOWN_CLUSTERS].choice;
  options->threads = (unsigned)value[SK_OPTION_THREADS].number;
  options->dry_run = value[SK_OPTION_DRY_RUN].text != NULL;
  if (value[SK_OPTION_BLOOM_FILTER].text) {
    options->bloom_columns = program->settings.list;
    options->bloom_column_count = program->settings.list_count;
  }
  sk_program_bad_rows(program, &options->bad_rows, &options->bad_rows_file);
}

shukei_status sk_cmd_convert(struct sk_program *program, shukei_error *err)
{
  shukei_convert_options options;
  struct sk_stats_file file;
  shukei_stats stats;
  memset(&stats, 0, sizeof stats);
  fill(program, &options);
  if (!options.destination) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "convert needs --to DEST");
    sk_advise(err, "DEST is the folder below which the Parquet files go");
    return st;
  }
  sk_allow_open_files(); /* one a report and day is open at once: 1,460 for a year */
  shukei_status st =
      sk_stats_file_open(&file, sk_settings_get(&program->settings, SK_OPTION_STATS)->text, err);
  if (!st)
    st = shukei_convert(&options, &stats, err);
  sk_console_progress_end(&program->console);
  if (!st)
    st = sk_stats_file_commit(&file, "convert", &stats, err);
  if (!st)
    sk_program_report(program, options.dry_run ? "would be written" : "written", &stats);
  sk_stats_file_close(&file);
  return st;
}
