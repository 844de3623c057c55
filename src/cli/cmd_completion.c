/* SPDX-License-Identifier: Apache-2.0 */
/* shukei completion: a completion script. */
#include "cli/command.h"
#include "cli/help.h"

shukei_status sk_cmd_completion(struct sk_program *program, shukei_error *err)
{
  const char *const shell = program->arguments->operands[0];
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 1u << 20);
  if (!sk_completion(&text, shell))
    return sk_fail(err, SHUKEI_EINVAL, "\"%.32s\" is not bash, zsh or fish", shell);
  return sk_program_print(program, &text, err);
}
