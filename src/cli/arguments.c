/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over argv. getopt_long() is not POSIX, and knows neither which command an option
 * belongs to nor what was meant by a mistyped one. */
#include "cli/arguments.h"

struct walk {
  int argc, at;
  char *const *argv;
  struct sk_arguments *out;
  shukei_error *err;
};

static const char *command_name(const struct walk *w)
{
  return w->out->command ? w->out->command->name : NULL;
}

/* Advice that ends every complaint about an option. */
static void advise(const struct walk *w, const char *nearest)
{
  const char *const name = command_name(w);
  if (nearest)
    sk_advise(w->err, "did you mean --%s? see shukei %s%s--help", nearest, name ? name : "",
              name ? " " : "");
  else
    sk_advise(w->err, "see shukei %s%s--help", name ? name : "", name ? " " : "");
}

/* Another command's option of that name, to say so. */
static const struct sk_command *owner(const char *name, size_t length)
{
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    const struct sk_option *const option = sk_option_find(command, name, length);
    if (option && sk_option_shown(option))
      return command;
  }
  return NULL;
}

static shukei_status unknown(const struct walk *w, const char *name, size_t length)
{
  const struct sk_command *const other = owner(name, length);
  const char *const command = command_name(w);
  const int n = length < 64 ? (int)length : 64;
  if (other && !command) {
    const shukei_status st =
        sk_fail(w->err, SHUKEI_EINVAL, "option --%.*s stands before a command", n, name);
    sk_advise(w->err, "options of a command follow its name: shukei %s --%.*s", other->name, n,
              name);
    return st;
  }
  if (other) {
    const shukei_status st = sk_fail(w->err, SHUKEI_EINVAL, "%s has no option --%.*s, %s has it",
                                     command, n, name, other->name);
    advise(w, NULL);
    return st;
  }
  const shukei_status st =
      command ? sk_fail(w->err, SHUKEI_EINVAL, "%s has no option --%.*s", command, n, name)
              : sk_fail(w->err, SHUKEI_EINVAL, "unknown option --%.*s", n, name);
  advise(w, sk_nearest_option(w->out->command, name, length));
  return st;
}

static void keep(const struct walk *w, const struct sk_option *option, const char *value)
{
  w->out->given[w->out->given_count++] = (struct sk_given){option, value};
}

/* The argument behind the option; one that is an option itself was hardly meant as a value. */
static shukei_status take_value(struct walk *w, const struct sk_option *option)
{
  const char *const next = w->at + 1 < w->argc ? w->argv[w->at + 1] : NULL;
  const bool is_option =
      next && strncmp(next, "--", 2) == 0 &&
      (!next[2] || sk_option_find(w->out->command, next + 2, strcspn(next + 2, "=")));
  if (!next || is_option) {
    const shukei_status st =
        sk_fail(w->err, SHUKEI_EINVAL, "option --%s needs a value", option->name);
    if (is_option)
      sk_advise(w->err, "write --%s=%s where that is the value", option->name, next);
    else
      sk_advise(w->err, "write --%s %s", option->name, option->argument);
    return st;
  }
  w->at++;
  keep(w, option, next);
  return SHUKEI_OK;
}

static shukei_status take_long(struct walk *w)
{
  const char *const name = w->argv[w->at] + 2;
  const size_t length = strcspn(name, "=");
  const struct sk_option *const option = sk_option_find(w->out->command, name, length);
  if (!option)
    return unknown(w, name, length);
  if (option->kind != SK_KIND_FLAG && !name[length])
    return take_value(w, option);
  if (option->kind == SK_KIND_FLAG && name[length]) {
    const shukei_status st = sk_fail(w->err, SHUKEI_EINVAL,
                                     "option --%s takes no value, \"%s\" was"
                                     " given",
                                     option->name, name + length + 1);
    advise(w, NULL);
    return st;
  }
  keep(w, option, name[length] ? name + length + 1 : "");
  return SHUKEI_OK;
}

/* Letters are flags only, so "-qv" is two of them. */
static shukei_status take_letters(struct walk *w, size_t room)
{
  const char *letters = w->argv[w->at] + 1;
  if (strlen(letters) > room)
    return sk_fail(w->err, SHUKEI_EINVAL, "\"-%.32s...\" is no option", letters);
  for (; *letters; letters++) {
    const struct sk_option *const option = sk_option_letter(w->out->command, *letters);
    if (!option) {
      const char *const command = command_name(w);
      const int n = (unsigned char)*letters < 0x80 ? 1 : (int)strcspn(letters, "-");
      const shukei_status st =
          command ? sk_fail(w->err, SHUKEI_EINVAL, "%s has no option -%.*s", command, n, letters)
                  : sk_fail(w->err, SHUKEI_EINVAL, "unknown option -%.*s", n, letters);
      const char *const word = w->argv[w->at] + 1;
      advise(w, word[1] ? sk_nearest_option(w->out->command, word, strcspn(word, "=")) : NULL);
      return st;
    }
    keep(w, option, "");
  }
  return SHUKEI_OK;
}

static shukei_status take_operand(struct walk *w)
{
  const char *const text = w->argv[w->at];
  if (w->out->command) {
    w->out->operands[w->out->operand_count++] = text;
    return SHUKEI_OK;
  }
  w->out->command = sk_command_find(text, strlen(text));
  if (w->out->command)
    return SHUKEI_OK;
  const char *const nearest = sk_nearest_command(text);
  const shukei_status st = sk_fail(w->err, SHUKEI_EINVAL, "unknown command \"%.64s\"", text);
  if (nearest)
    sk_advise(w->err, "did you mean %s? see shukei --help", nearest);
  else
    sk_advise(w->err, "see shukei --help for the commands");
  return st;
}

shukei_status sk_arguments_parse(int argc, char *const argv[], struct sk_arguments *arguments,
                                 shukei_error *err)
{
  struct walk w = {argc, 1, argv, arguments, err};
  shukei_status st = SHUKEI_OK;
  bool operands_only = false;
  size_t letters = 0; /* "-qv" is more options than arguments */
  memset(arguments, 0, sizeof *arguments);
  arguments->words = (const char *const *)argv;
  arguments->word_count = argc > 0 ? (size_t)argc : 0;
  for (int i = 1; i < argc; i++)
    letters += argv[i][0] == '-' && argv[i][1] != '-' && strlen(argv[i]) < 16 ? strlen(argv[i]) : 1;
  arguments->given = sk_calloc(NULL, letters + 1, sizeof *arguments->given);
  arguments->operands = sk_calloc(NULL, letters + 1, sizeof *arguments->operands);
  if (!arguments->given || !arguments->operands)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for %d arguments", argc);
  for (; !st && w.at < argc; w.at++) {
    const char *const text = argv[w.at];
    if (operands_only || text[0] != '-' || !text[1])
      st = take_operand(&w);
    else if (text[1] != '-')
      st = take_letters(&w, 15);
    else if (text[2])
      st = take_long(&w);
    else
      operands_only = true;
  }
  return st;
}

void sk_arguments_reset(struct sk_arguments *arguments)
{
  sk_free(arguments->given);
  sk_free(arguments->operands);
  memset(arguments, 0, sizeof *arguments);
}

const char *sk_arguments_last(const struct sk_arguments *arguments, enum sk_option_id id)
{
  for (size_t i = arguments->given_count; i > 0; i--)
    if (arguments->given[i - 1].option->id == id)
      return arguments->given[i - 1].value;
  return NULL;
}

const char *sk_arguments_each(const struct sk_arguments *arguments, enum sk_option_id id,
                              size_t *at)
{
  while (*at < arguments->given_count) {
    const struct sk_given *const given = &arguments->given[(*at)++];
    if (given->option->id == id)
      return given->value;
  }
  return NULL;
}

shukei_status sk_arguments_count(const struct sk_arguments *arguments, shukei_error *err)
{
  const struct sk_command *const command = arguments->command;
  shukei_status st = SHUKEI_OK;
  if (arguments->operand_count < command->operands_least)
    st = sk_fail(err, SHUKEI_EINVAL, "%s needs %s", command->name, command->operands);
  else if (arguments->operand_count > 0 && command->operands_most == 0)
    st = sk_fail(err, SHUKEI_EINVAL, "%s takes no operand, \"%s\" was given", command->name,
                 arguments->operands[0]);
  else if (arguments->operand_count > command->operands_most)
    st = sk_fail(err, SHUKEI_EINVAL, "%s takes one %s, \"%s\" is another", command->name,
                 command->operands, arguments->operands[command->operands_most]);
  if (st)
    sk_advise(err, "usage: shukei %s [OPTIONS]%s%s%s%s", command->name,
              *command->operands ? " " : "", command->operands, *command->usage ? " " : "",
              command->usage);
  return st;
}
