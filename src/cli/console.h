/* SPDX-License-Identifier: Apache-2.0 */
/* Standard error: messages as text or JSON, the error of a run, the progress bar.
 *
 *   sk_console_init() -> sk_console_configure() -> sk_console_event(), _log(), _progress()
 *   from any thread -> sk_console_error() -> sk_console_reset()
 *
 * A line is one write(), so that lines of several threads or programs do not mix. Control
 * characters in names that come from outside are shown escaped: an error is one line, and no file
 * name can drive the terminal. */
#ifndef SK_CLI_CONSOLE_H
#define SK_CLI_CONSOLE_H

#include "cli/arguments.h"

#include <pthread.h>

struct sk_console {
  int fd;
  bool json, color, progress, terminal;
  shukei_log_level level; /* the least important one that is shown */
  pthread_mutex_t lock;
  bool bar_shown;
  uint64_t started_ns, drawn_ns, lines_ns; /* lines_ns: between lines of progress */
  shukei_progress last;                    /* what finish shows again */
  char last_phase[16];
  char phase[16]; /* of the last event, for the error that follows */
};

void sk_console_init(struct sk_console *console, int fd); /* text, colour on a terminal */
/* Whether the words ask for JSON: for a command line that cannot be parsed, whose error is a line,
 * too. */
bool sk_console_wants_json(int argc, char *const argv[]);
/* Reads --quiet, --verbose, --log-format, --color and --progress. OK; EINVAL. */
shukei_status sk_console_configure(struct sk_console *console, const struct sk_arguments *arguments,
                                   shukei_error *err);
void sk_console_reset(struct sk_console *console);

/* The run's events; they are called one at a time. */
void sk_console_event(struct sk_console *console, const shukei_event *event);
void sk_console_log(struct sk_console *console, shukei_log_level level, const char *text);
void sk_console_progress(struct sk_console *console, const shukei_progress *now);
/* Draws the last state, whatever time has passed, and ends the bar's line. */
void sk_console_progress_end(struct sk_console *console);
/* "shukei: text", then the advice where there is one. Shown even when quiet. */
void sk_console_error(struct sk_console *console, shukei_status status, const shukei_error *err);

#endif
