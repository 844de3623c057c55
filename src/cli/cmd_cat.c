/* SPDX-License-Identifier: Apache-2.0 */
/* shukei cat: the rows of a Parquet file as CSV. */
#include "cli/command.h"

shukei_status sk_cmd_cat(struct sk_program *program, shukei_error *err)
{
  const struct sk_settings *const settings = &program->settings;
  const struct sk_value *const limit = sk_settings_get(settings, SK_OPTION_LIMIT);
  shukei_cat_options options;
  shukei_cat_options_init(&options);
  if (sk_settings_get(settings, SK_OPTION_COLUMNS)->text && settings->list_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "--columns: no name of a column is given");
  options.columns = settings->list;
  options.column_count = settings->list_count;
  options.nested = sk_settings_get(settings, SK_OPTION_NESTED)->text != NULL;
  if (limit->text)
    options.limit = limit->number;
  options.memory_bytes = sk_settings_get(settings, SK_OPTION_MEMORY)->number;
  options.callbacks = sk_program_callbacks(program);
  return shukei_cat(program->arguments->operands[0], &options, err);
}
