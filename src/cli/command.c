/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share. */
#include "cli/command.h"

#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/sizes.h"

#include <stdio.h>

static void log_line(void *context, shukei_log_level level, const char *text)
{
  struct sk_program *const program = context;
  sk_console_log(&program->console, level, text);
}

static void take_event(void *context, const shukei_event *event)
{
  struct sk_program *const program = context;
  sk_console_event(&program->console, event);
}

static void show_progress(void *context, const shukei_progress *now)
{
  struct sk_program *const program = context;
  sk_console_progress(&program->console, now);
}

static bool write_data(void *context, const void *bytes, size_t length)
{
  struct sk_program *const program = context;
  return sk_stdout_write(&program->out, bytes, length);
}

static bool is_canceled(void *context)
{
  (void)context;
  return sk_signals_caught() != 0;
}

shukei_callbacks sk_program_callbacks(struct sk_program *program)
{
  return (shukei_callbacks){.context = program,
                            .log = log_line,
                            .event = take_event,
                            .progress = program->console.progress ? show_progress : NULL,
                            .write = write_data,
                            .canceled = is_canceled};
}

void sk_program_bad_rows(const struct sk_program *program, shukei_bad_rows *mode, const char **file)
{
  const struct sk_value *const value = sk_settings_get(&program->settings, SK_OPTION_BAD_ROWS);
  *file = NULL;
  if (!value->text || value->choice == 0) {
    *mode = SHUKEI_BAD_ROWS_FAIL;
  } else if (value->choice == 1) {
    *mode = SHUKEI_BAD_ROWS_SKIP;
  } else {
    *mode = SHUKEI_BAD_ROWS_KEEP;
    *file = value->text;
  }
}

void sk_program_report(struct sk_program *program, const char *verb, const shukei_stats *stats)
{
  char text[512], read[SK_GROUPED_TEXT], written[SK_GROUPED_TEXT], twice[SK_GROUPED_TEXT];
  char memory[SK_SIZE_TEXT];
  snprintf(text, sizeof text,
           "%s rows of %" PRIu64 " file%s read, %s counted more than once, %s rows %s, "
           "%.2f s, %s of memory at most",
           sk_grouped_text(stats->rows_read, read), stats->files, stats->files == 1 ? "" : "s",
           sk_grouped_text(stats->rows_counted_more_than_once, twice),
           sk_grouped_text(stats->rows_written, written), verb, stats->total_seconds,
           sk_size_text(stats->peak_rss_bytes, memory));
  const shukei_event event = {.level = SHUKEI_LOG_INFO,
                              .text = text,
                              .rows = (int64_t)stats->rows_written,
                              .seconds = stats->total_seconds};
  sk_console_event(&program->console, &event);
}

shukei_status sk_program_print(struct sk_program *program, struct sk_buffer *text,
                               shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (text->failed)
    st = sk_fail(err, SHUKEI_ENOMEM, "no memory for the text");
  else
    sk_stdout_write(&program->out, text->bytes, text->length); /* finish tells a failure */
  sk_buffer_reset(text);
  return st;
}
