/* SPDX-License-Identifier: Apache-2.0 */
/* shukei cat: the rows of a Parquet file as CSV. */
#include "cli/command.h"
#include "cli/stats_file.h"

/* COLUMN=VALUE; a column's name may not have a "=" then. */
static shukei_status split_where(struct sk_arena *arena, const char *text,
                                 shukei_condition *condition, shukei_error *err)
{
  const char *const sign = strchr(text, '=');
  if (!sign || sign == text)
    return sk_fail(err, SHUKEI_EINVAL, "--where: \"%s\" is not COLUMN=VALUE", text);
  const size_t length = (size_t)(sign - text);
  char *const column = sk_arena_alloc(arena, length + 1);
  if (!column)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for --where");
  memcpy(column, text, length);
  column[length] = 0;
  *condition = (shukei_condition){column, sign + 1};
  return SHUKEI_OK;
}

static shukei_status take_conditions(struct sk_program *program, shukei_cat_options *options,
                                     shukei_error *err)
{
  const struct sk_arguments *const arguments = program->arguments;
  struct sk_arena *const arena = &program->settings.arena;
  shukei_condition *const list = sk_arena_alloc(arena, (arguments->given_count + 1) * sizeof *list);
  size_t count = 0, at = 0;
  const char *text;
  if (!list)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the conditions");
  while ((text = sk_arguments_each(arguments, SK_OPTION_CAT_NAMESPACE, &at)))
    list[count++] = (shukei_condition){"namespace", text};
  at = 0;
  while ((text = sk_arguments_each(arguments, SK_OPTION_CAT_NODE, &at)))
    list[count++] = (shukei_condition){"node", text};
  at = 0;
  while ((text = sk_arguments_each(arguments, SK_OPTION_WHERE, &at))) {
    const shukei_status st = split_where(arena, text, &list[count++], err);
    if (st)
      return st;
  }
  options->conditions = list;
  options->condition_count = count;
  return SHUKEI_OK;
}

shukei_status sk_cmd_cat(struct sk_program *program, shukei_error *err)
{
  const struct sk_settings *const settings = &program->settings;
  const char *const stats_file = sk_settings_get(settings, SK_OPTION_STATS)->text;
  const struct sk_value *const limit = sk_settings_get(settings, SK_OPTION_LIMIT);
  struct sk_stats_file file;
  shukei_cat_stats stats;
  shukei_cat_options options;
  shukei_cat_options_init(&options);
  if (sk_settings_get(settings, SK_OPTION_COLUMNS)->text && settings->list_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "--columns: no name of a column is given");
  if (stats_file && strcmp(stats_file, "-") == 0)
    return sk_fail(err, SHUKEI_EINVAL, "--stats -: the rows go to standard output");
  options.columns = settings->list;
  options.column_count = settings->list_count;
  options.nested = sk_settings_get(settings, SK_OPTION_NESTED)->text != NULL;
  options.stats = &stats;
  if (limit->text)
    options.limit = limit->number;
  options.memory_bytes = sk_settings_get(settings, SK_OPTION_MEMORY)->number;
  options.callbacks = sk_program_callbacks(program);
  shukei_status st = take_conditions(program, &options, err);
  if (st)
    return st;
  st = sk_stats_file_open(&file, stats_file, err);
  if (!st)
    st = shukei_cat(program->arguments->operands[0], &options, err);
  if (!st)
    st = sk_stats_file_commit_cat(&file, &stats, err);
  sk_stats_file_close(&file);
  return st;
}
