/* SPDX-License-Identifier: Apache-2.0 */
/* shukei help: what --help shows. The hidden --man prints the manual page instead; the build makes
 * the pages with it. */
#include "cli/command.h"
#include "cli/help.h"

shukei_status sk_cmd_help(struct sk_program *program, shukei_error *err)
{
  const struct sk_arguments *const arguments = program->arguments;
  const char *const name = arguments->operand_count ? arguments->operands[0] : NULL;
  const struct sk_command *const command = name ? sk_command_find(name, strlen(name)) : NULL;
  struct sk_buffer text;
  if (name && !command) {
    const char *const nearest = sk_nearest_command(name);
    sk_fail(err, SHUKEI_EINVAL, "unknown command \"%.64s\"", name);
    if (nearest)
      sk_advise(err, "did you mean %s? see shukei --help", nearest);
    else
      sk_advise(err, "see shukei --help for the commands");
    return SHUKEI_EINVAL;
  }
  sk_buffer_init(&text, NULL, 1u << 20);
  if (sk_arguments_last(arguments, SK_OPTION_MAN))
    sk_manual(&text, command);
  else
    sk_help(&text, command);
  return sk_program_print(program, &text, err);
}
