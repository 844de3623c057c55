/* SPDX-License-Identifier: Apache-2.0 */
/* shukei validate: settings -> options of the library -> one call -> exit status 4 where it
 * differs. */
#include "base/platform.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/sizes.h"

#include <stdio.h>

static void fill(struct sk_program *program, shukei_validate_options *options)
{
  const struct sk_value *const value = program->settings.values;
  shukei_validate_options_init(options);
  SK_FILL_REPORTS(program, options);
  SK_FILL_RULES(program, options);
  options->against = value[SK_OPTION_AGAINST].text;
  if (value[SK_OPTION_TOLERANCE].text)
    options->tolerance = value[SK_OPTION_TOLERANCE].share;
  if (value[SK_OPTION_DIFFERENCES].text)
    options->limit = value[SK_OPTION_DIFFERENCES].number;
  options->json = value[SK_OPTION_VERDICT_JSON].text != NULL;
  if (value[SK_OPTION_BAD_ROWS_OF_VALIDATE].text)
    options->bad_rows = (shukei_bad_rows)value[SK_OPTION_BAD_ROWS_OF_VALIDATE].choice;
}

static void report(struct sk_program *program, const shukei_validate_result *result)
{
  char text[512], read[SK_GROUPED_TEXT], rows[SK_GROUPED_TEXT], memory[SK_SIZE_TEXT];
  snprintf(text, sizeof text,
           "%s rows of %" PRIu64
           " file%s read again, %s rows of the summary compared, %.2f s, %s of "
           "memory at most",
           sk_grouped_text(result->rows_read, read), result->files, result->files == 1 ? "" : "s",
           sk_grouped_text(result->rows_found, rows), result->total_seconds,
           sk_size_text(result->peak_rss_bytes, memory));
  const shukei_event event = {.level = SHUKEI_LOG_INFO,
                              .text = text,
                              .rows = (int64_t)result->rows_found,
                              .seconds = result->total_seconds};
  sk_console_event(&program->console, &event);
}

shukei_status sk_cmd_validate(struct sk_program *program, shukei_error *err)
{
  shukei_validate_options options;
  shukei_validate_result result;
  fill(program, &options);
  if (!options.against) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "validate needs --against SINK");
    sk_advise(err, "SINK is what aggregate wrote with --to, for example --against summary.db");
    return st;
  }
  sk_return_large_blocks();
  const shukei_status st = shukei_validate(&options, &result, err);
  sk_console_progress_end(&program->console);
  if (!st) {
    report(program, &result);
    program->exit_status = result.differences > 0 ? SK_EXIT_DIFFERS : 0;
  }
  return st;
}
