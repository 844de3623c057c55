/* SPDX-License-Identifier: Apache-2.0 */
/* --help: a usage line, what the command does, its options, the options of every command. Lines
 * are wrapped at 80 columns because that is what a terminal has at least. */
#include "cli/help.h"

#define WIDTH 79
#define OPTION_INDENT 26

const char *const sk_exit_texts[][2] = {
    {"0", "done"},
    {"1", "failed: out of memory, over the budget, or the result could not be written"},
    {"2", "wrong usage or configuration"},
    {"3", "the input is corrupt or cannot be read; nothing was written"},
    {"4", "validate found differences, or inspect between two files"},
    {"128+n", "ended by signal n, with the output as it was before"},
    {NULL, NULL}};

int sk_exit_status(shukei_status status)
{
  switch (status) {
  case SHUKEI_OK:
    return 0;
  case SHUKEI_EINVAL:
    return 2;
  case SHUKEI_ENOTFOUND:
  case SHUKEI_EIO:
  case SHUKEI_ETRUNC:
  case SHUKEI_EFORMAT:
  case SHUKEI_EUNSUPPORTED:
  case SHUKEI_ERANGE:
    return 3;
  case SHUKEI_ENOMEM:
  case SHUKEI_EWRITE:
  case SHUKEI_ECANCELED:
    break;
  }
  return 1;
}

static void spaces(struct sk_buffer *out, size_t count)
{
  while (count-- > 0)
    sk_buffer_byte(out, ' ');
}

/* Words from column on, further lines indented; a line feed in text starts a new line. */
static void wrap(struct sk_buffer *out, const char *text, size_t column, size_t indent)
{
  bool fresh = true; /* nothing on this line yet */
  while (*text) {
    const size_t length = strcspn(text, " \n");
    if (!fresh && column + 1 + length > WIDTH) {
      sk_buffer_byte(out, '\n');
      spaces(out, indent);
      column = indent;
      fresh = true;
    }
    if (!fresh) {
      sk_buffer_byte(out, ' ');
      column++;
    }
    sk_buffer_add(out, text, length);
    column += length;
    fresh = false;
    text += length;
    if (*text == '\n') {
      sk_buffer_byte(out, '\n');
      spaces(out, indent);
      column = indent;
      fresh = true;
    }
    if (*text)
      text++;
  }
  sk_buffer_byte(out, '\n');
}

/* "  -q, --quiet        text" */
static void add_row(struct sk_buffer *out, const struct sk_option *option)
{
  const size_t start = out->length;
  if (option->letter)
    sk_buffer_printf(out, "  -%c, --%s", option->letter, option->name);
  else
    sk_buffer_printf(out, "      --%s", option->name);
  if (*option->argument)
    sk_buffer_printf(out, " %s", option->argument);
  if (option->choices && option->kind == SK_KIND_CHOICE) {
    sk_buffer_printf(out, " (%s)", option->choices);
  }
  size_t column = out->length - start;
  if (column + 2 > OPTION_INDENT) {
    sk_buffer_byte(out, '\n');
    column = 0;
  }
  spaces(out, OPTION_INDENT - column);
  wrap(out, option->text, OPTION_INDENT, OPTION_INDENT);
}

static void add_options(struct sk_buffer *out, const struct sk_command *command, bool common)
{
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (sk_option_shown(option) && sk_option_of(option, command) &&
        sk_option_common(option) == common)
      add_row(out, option);
  }
}

static void add_exit_statuses(struct sk_buffer *out)
{
  sk_buffer_text(out, "\nExit status:\n");
  for (size_t i = 0; sk_exit_texts[i][0]; i++) {
    sk_buffer_printf(out, "  %-8s", sk_exit_texts[i][0]);
    wrap(out, sk_exit_texts[i][1], 10, 10);
  }
}

static void add_examples(struct sk_buffer *out, const struct sk_command *command)
{
  sk_buffer_text(out, "\nExamples:\n");
  for (const char *at = command->examples; *at;) {
    const size_t length = strcspn(at, "\n");
    sk_buffer_printf(out, "  %.*s\n", (int)length, at);
    at += length + (at[length] == '\n');
  }
}

static bool has_options(const struct sk_command *command)
{
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (sk_option_shown(option) && sk_option_of(option, command) && !sk_option_common(option))
      return true;
  }
  return false;
}

static void program_help(struct sk_buffer *out)
{
  sk_buffer_text(out, "usage: shukei COMMAND [OPTIONS] ARGS\n\n");
  wrap(out, "Turns usage reports of OpenShift clusters into daily summaries.", 0, 0);
  sk_buffer_text(out, "\nCommands:\n");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, "  %-12s%s\n", command->name, command->summary);
  }
  sk_buffer_text(out, "\nOptions of every command:\n");
  add_options(out, NULL, true);
  add_exit_statuses(out);
  sk_buffer_text(out, "\nshukei COMMAND --help tells more about a command.\n");
}

void sk_help(struct sk_buffer *out, const struct sk_command *command)
{
  if (!command) {
    program_help(out);
    return;
  }
  sk_buffer_printf(out, "usage: shukei %s [OPTIONS]%s%s%s%s\n\n", command->name,
                   command->operands[0] ? " " : "", command->operands, *command->usage ? " " : "",
                   command->usage);
  wrap(out, command->description, 0, 0);
  if (has_options(command)) {
    sk_buffer_text(out, "\nOptions:\n");
    add_options(out, command, false);
  }
  sk_buffer_text(out, "\nOptions of every command:\n");
  add_options(out, command, true);
  add_examples(out, command);
}
