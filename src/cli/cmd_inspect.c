/* SPDX-License-Identifier: Apache-2.0 */
/* shukei inspect: what a Parquet file holds. */
#include "cli/command.h"

shukei_status sk_cmd_inspect(struct sk_program *program, shukei_error *err)
{
  shukei_inspect_options options;
  shukei_inspect_options_init(&options);
  options.json = sk_settings_get(&program->settings, SK_OPTION_JSON)->text != NULL;
  options.pages = sk_settings_get(&program->settings, SK_OPTION_PAGES)->text != NULL;
  options.check = sk_settings_get(&program->settings, SK_OPTION_CHECK)->text != NULL;
  options.memory_bytes = sk_settings_get(&program->settings, SK_OPTION_MEMORY)->number;
  options.callbacks = sk_program_callbacks(program);
  const shukei_status st = shukei_inspect(program->arguments->operands[0], &options, err);
  if (st == SHUKEI_EFORMAT &&
      options.check) /* what is wrong is the answer, and does not get lost */
    sk_stdout_finish(&program->out, NULL);
  return st;
}
