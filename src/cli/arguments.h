/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, taken apart by the table of options.
 *
 *   sk_arguments_parse() -> sk_arguments_last(), given[] -> sk_arguments_reset() */
#ifndef SK_CLI_ARGUMENTS_H
#define SK_CLI_ARGUMENTS_H

#include "cli/value.h"

struct sk_given {
  const struct sk_option *option;
  const char *value; /* "" for a flag */
};

struct sk_arguments {
  const struct sk_command *command; /* NULL: none was named */
  struct sk_given *given;           /* in the order of the command line */
  size_t given_count;
  const char **operands;
  size_t operand_count;
  const char *const *words; /* all of the command line, the program's name first */
  size_t word_count;
};

/* Takes argv[1] and on; texts are borrowed from argv. Options may stand before, between and behind
 * the operands ("--name value", "--name=value", "-q", "-qv"); "--" ends them; the first operand is
 * the command, and options before it must be those of every command. The number of operands is
 * not checked. *arguments must be reset in any case; on EINVAL it holds what came before.
 * OK; EINVAL; ENOMEM. */
shukei_status sk_arguments_parse(int argc, char *const argv[], struct sk_arguments *arguments,
                                 shukei_error *err);
void sk_arguments_reset(struct sk_arguments *arguments);

/* The value given last, NULL where none was. */
const char *sk_arguments_last(const struct sk_arguments *arguments, enum sk_option_id id);

/* All values given of it, in their order: the next one from *at on, which begins at 0; NULL behind
 * the last. */
const char *sk_arguments_each(const struct sk_arguments *arguments, enum sk_option_id id,
                              size_t *at);

/* EINVAL where there are too few or too many operands for the command. */
shukei_status sk_arguments_count(const struct sk_arguments *arguments, shukei_error *err);

#endif
