/* SPDX-License-Identifier: Apache-2.0 */
/* The program: command line -> settings -> one command -> exit status.
 *
 * Only this file and cli/console.c speak to people. A run that a signal ended ends by that signal,
 * after the library has removed what was not finished. */
#include "cli/command.h"
#include "cli/help.h"
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef shukei_status command_function(struct sk_program *program, shukei_error *err);

static command_function *const functions[] = {
    [SK_COMMAND_AGGREGATE] = sk_cmd_aggregate,   [SK_COMMAND_CONVERT] = sk_cmd_convert,
    [SK_COMMAND_INSPECT] = sk_cmd_inspect,       [SK_COMMAND_CAT] = sk_cmd_cat,
    [SK_COMMAND_COMPLETION] = sk_cmd_completion, [SK_COMMAND_HELP] = sk_cmd_help,
    [SK_COMMAND_GENERATE] = sk_cmd_generate,     [SK_COMMAND_REPORT] = sk_cmd_report,
    [SK_COMMAND_VALIDATE] = sk_cmd_validate,     [SK_COMMAND_BENCH] = sk_cmd_bench,
    [SK_COMMAND_STATUS] = sk_cmd_status,
};

/* A file opened later must not become standard output or error. They are opened the wrong way
 * round, so that reading or writing fails as it would have. */
static void fill_standard_descriptors(void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static shukei_status print_version(struct sk_program *program, shukei_error *err)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 256);
  sk_buffer_printf(&text, "shukei %s\n", shukei_version());
  return sk_program_print(program, &text, err);
}

static shukei_status print_help(struct sk_program *program, const struct sk_command *command,
                                shukei_error *err)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 1u << 20);
  sk_help(&text, command);
  return sk_program_print(program, &text, err);
}

static void warn_of_variable(void *context, const char *name, const char *nearest)
{
  struct sk_program *const program = context;
  char text[256];
  snprintf(text, sizeof text, "nothing reads the environment variable %s%s%s%s", name,
           nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
  sk_console_log(&program->console, SHUKEI_LOG_WARNING, text);
}

static shukei_status run_command(struct sk_program *program, shukei_error *err)
{
  const struct sk_arguments *const arguments = program->arguments;
  if (sk_arguments_last(arguments, SK_OPTION_HELP))
    return print_help(program, arguments->command, err);
  if (sk_arguments_last(arguments, SK_OPTION_VERSION))
    return print_version(program, err);
  if (!arguments->command) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "no command is given");
    sk_advise(err, "see shukei --help for the commands");
    return st;
  }
  shukei_status st = sk_arguments_count(arguments, err);
  if (!st)
    st = sk_settings_resolve(&program->settings, arguments, err);
  if (st)
    return st;
  sk_settings_unread(warn_of_variable, program);
  sk_signals_catch();
  return functions[arguments->command->id](program, err);
}

/* Ends by a signal where one ended the run; else the status for exit(). */
static int finish(struct sk_program *program, shukei_status status, const shukei_error *err)
{
  const int number = sk_signals_caught();
  if (!status)
    return program->exit_status;
  if (number)
    sk_signals_die(number);
  if (program->out.failed == EPIPE && sk_signals_pipe_kills())
    sk_signals_die(SIGPIPE);
  sk_console_error(&program->console, status, err);
  return sk_exit_status(status);
}

int main(int argc, char *argv[])
{
  struct sk_arguments arguments;
  struct sk_program program = {.arguments = &arguments};
  shukei_error err = {.offset = -1};
  fill_standard_descriptors();
  sk_console_init(&program.console, STDERR_FILENO);
  sk_stdout_init(&program.out, STDOUT_FILENO);
  sk_settings_init(&program.settings);
  program.console.json = sk_console_wants_json(argc, argv);
  shukei_status st = sk_arguments_parse(argc, argv, &arguments, &err);
  if (!st)
    st = sk_console_configure(&program.console, &arguments, &err);
  if (!st)
    st = run_command(&program, &err);
  if (!st)
    st = sk_stdout_finish(&program.out, &err);
  else if (program.out.failed) /* the system's reason says more than the library can */
    st = sk_stdout_finish(&program.out, &err);
  const int status = finish(&program, st, &err);
  sk_stdout_reset(&program.out);
  sk_settings_reset(&program.settings);
  sk_console_reset(&program.console);
  sk_arguments_reset(&arguments);
  return status;
}
