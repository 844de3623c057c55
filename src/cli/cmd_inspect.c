/* SPDX-License-Identifier: Apache-2.0 */
/* shukei inspect: what a Parquet file holds, and what differs between two. */
#include "cli/command.h"

#include "cli/help.h"

static shukei_status take_second(const struct sk_program *program, shukei_inspect_options *options,
                                 shukei_error *err)
{
  const bool diff = sk_settings_get(&program->settings, SK_OPTION_DIFF)->text != NULL;
  const bool two = program->arguments->operand_count == 2;
  if (diff && !two)
    return sk_fail(err, SHUKEI_EINVAL, "--diff needs two files");
  if (!diff && two)
    return sk_fail(err, SHUKEI_EINVAL, "inspect takes one file, and two with --diff");
  if (diff && (options->check || options->pages))
    return sk_fail(err, SHUKEI_EINVAL, "--diff cannot be used together with --%s",
                   options->check ? "check" : "pages");
  options->against = two ? program->arguments->operands[1] : NULL;
  return SHUKEI_OK;
}

shukei_status sk_cmd_inspect(struct sk_program *program, shukei_error *err)
{
  shukei_inspect_options options;
  shukei_inspect_options_init(&options);
  options.json = sk_settings_get(&program->settings, SK_OPTION_JSON)->text != NULL;
  options.pages = sk_settings_get(&program->settings, SK_OPTION_PAGES)->text != NULL;
  options.check = sk_settings_get(&program->settings, SK_OPTION_CHECK)->text != NULL;
  options.memory_bytes = sk_settings_get(&program->settings, SK_OPTION_MEMORY)->number;
  options.callbacks = sk_program_callbacks(program);
  bool differs = false;
  options.differs = &differs;
  shukei_status st = take_second(program, &options, err);
  if (!st)
    st = shukei_inspect(program->arguments->operands[0], &options, err);
  if (!st && differs)
    program->exit_status = SK_EXIT_DIFFERS;
  if (st == SHUKEI_EFORMAT &&
      options.check) /* what is wrong is the answer, and does not get lost */
    sk_stdout_finish(&program->out, NULL);
  return st;
}
