/* SPDX-License-Identifier: Apache-2.0 */
/* Settling options. Each source is read into its own place first, so that a mistake in one that
 * loses is still told. */
#include "cli/settings.h"

#include "base/nearest.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

void sk_settings_init(struct sk_settings *settings)
{
  memset(settings, 0, sizeof *settings);
  sk_config_init(&settings->file);
  sk_config_init(&settings->environment);
  sk_arena_init(&settings->arena, NULL);
}

void sk_settings_reset(struct sk_settings *settings)
{
  sk_config_reset(&settings->file);
  sk_config_reset(&settings->environment);
  sk_arena_reset(&settings->arena);
  sk_settings_init(settings);
}

static const char *variable(const struct sk_option *option, char name[SK_VARIABLE_TEXT])
{
  const char *const text = option->key ? getenv(sk_option_variable(option, name)) : NULL;
  return text && *text ? text : NULL;
}

static shukei_status read_file(struct sk_settings *settings, const struct sk_arguments *arguments,
                               shukei_error *err)
{
  const struct sk_option *const option = sk_option_at(SK_OPTION_CONFIG);
  char name[SK_VARIABLE_TEXT];
  const char *path = sk_arguments_last(arguments, SK_OPTION_CONFIG);
  bool missing;
  if (!sk_option_of(option, arguments->command))
    return SHUKEI_OK;
  if (!path)
    path = variable(option, name);
  if (path)
    return sk_config_read(&settings->file, path, NULL, err);
  const shukei_status st = sk_config_read(&settings->file, "shukei.yaml", &missing, err);
  return st && missing ? SHUKEI_OK : st;
}

static shukei_status read_environment(struct sk_settings *settings,
                                      const struct sk_command *command, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (int i = 0; !st && i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    char name[SK_VARIABLE_TEXT];
    const char *const text = sk_option_of(option, command) ? variable(option, name) : NULL;
    if (text && option->id != SK_OPTION_CONFIG)
      st = sk_config_parse_value(&settings->environment, option, name, text, err);
  }
  return st;
}

static shukei_status read_flags(struct sk_settings *settings, const struct sk_arguments *arguments,
                                shukei_error *err)
{
  for (size_t i = 0; i < arguments->given_count; i++) {
    const struct sk_option *const option = arguments->given[i].option;
    const char *const text = arguments->given[i].value;
    const shukei_status st = sk_value_check(option, text, &settings->values[option->id], err);
    if (st)
      return sk_context(err, st, "--%s", option->name);
    if (option->kind == SK_KIND_NAMES)
      settings->names[settings->name_count++] = text;
    if (option->kind == SK_KIND_LIST &&
        !sk_list_split(&settings->arena, text, &settings->list, &settings->list_count))
      return sk_fail(err, SHUKEI_ENOMEM, "no memory for --%s", option->name);
  }
  return SHUKEI_OK;
}

/* Lists: the one source that wins gives all of it. */
static void settle_lists(struct sk_settings *settings)
{
  const struct sk_config *const env = &settings->environment, *const file = &settings->file;
  if (!settings->values[SK_OPTION_ENABLED_KEYS].text && !settings->values[SK_OPTION_COLUMNS].text &&
      !settings->values[SK_OPTION_BLOOM_FILTER].text) {
    const struct sk_config *const from = env->enabled_keys ? env : file;
    settings->list = from->enabled_keys;
    settings->list_count = from->enabled_key_count;
  }
  const struct sk_config *from = env->cost_categories ? env : file;
  settings->cost_categories = from->cost_categories;
  settings->cost_category_count = from->cost_category_count;
  from = env->nodes ? env : file;
  settings->nodes = from->nodes;
  settings->node_count = from->node_count;
  from = env->clusters ? env : file;
  settings->clusters = from->clusters;
  settings->cluster_count = from->cluster_count;
}

/* Where the value that won was given, for an error about two of them. */
static void origin(const struct sk_settings *settings, const struct sk_arguments *arguments,
                   enum sk_option_id id, char *text, size_t capacity)
{
  const struct sk_option *const option = sk_option_at(id);
  char name[SK_VARIABLE_TEXT];
  if (sk_arguments_last(arguments, id))
    snprintf(text, capacity, "--%s", option->name);
  else if (settings->environment.values[id].text)
    snprintf(text, capacity, "%s", sk_option_variable(option, name));
  else
    snprintf(text, capacity, "%s:%u: %s", settings->file.name,
             (unsigned)settings->file.at[id]->line, option->key);
}

static shukei_status check_days(const struct sk_settings *settings,
                                const struct sk_arguments *arguments, shukei_error *err)
{
  const struct sk_value *const start = &settings->values[SK_OPTION_START];
  const struct sk_value *const end = &settings->values[SK_OPTION_END];
  char from[128], to[128];
  if (!start->text || !end->text || start->day <= end->day)
    return SHUKEI_OK;
  origin(settings, arguments, SK_OPTION_START, from, sizeof from);
  origin(settings, arguments, SK_OPTION_END, to, sizeof to);
  return sk_fail(err, SHUKEI_EINVAL, "%s %s is later than %s %s", from, start->text, to, end->text);
}

shukei_status sk_settings_resolve(struct sk_settings *settings,
                                  const struct sk_arguments *arguments, shukei_error *err)
{
  settings->names =
      sk_arena_alloc(&settings->arena, (arguments->given_count + 1) * sizeof *settings->names);
  if (!settings->names)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the settings");
  shukei_status st = read_flags(settings, arguments, err);
  if (!st)
    st = read_environment(settings, arguments->command, err);
  if (!st)
    st = read_file(settings, arguments, err);
  if (st)
    return st;
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    struct sk_value *const value = &settings->values[i];
    if (!value->text)
      *value = settings->environment.values[i];
    if (!value->text && sk_option_of(sk_option_at((enum sk_option_id)i), arguments->command))
      *value = settings->file.values[i];
  }
  settle_lists(settings);
  return check_days(settings, arguments, err);
}

/* Kubernetes sets these in every pod of a namespace that has a service named "shukei". */
static bool is_of_service(const char *name)
{
  return strncmp(name, "SHUKEI_SERVICE_", 15) == 0 || strcmp(name, "SHUKEI_PORT") == 0 ||
         (strncmp(name, "SHUKEI_PORT_", 12) == 0 && name[12] >= '0' && name[12] <= '9');
}

void sk_settings_unread(void (*tell)(void *context, const char *name, const char *nearest),
                        void *context)
{
  static const char *const others[] = {"SHUKEI_PROGRESS_MS", "SHUKEI_ISA"};
  enum { PREFIX = 7 }; /* which all have, and which makes none of them near */
  char known[SK_OPTION_COUNT][SK_VARIABLE_TEXT];
  for (char **at = environ; at && *at; at++) {
    char name[SK_VARIABLE_TEXT];
    struct sk_nearest nearest;
    if (strncmp(*at, "SHUKEI_", PREFIX) != 0)
      continue;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
    sk_nearest_init(&nearest, name + PREFIX, strlen(name) - PREFIX);
    for (size_t i = 0; i < SK_COUNT(others); i++)
      sk_nearest_offer(&nearest, others[i] + PREFIX);
    for (int i = 0; i < SK_OPTION_COUNT; i++)
      if (sk_option_at((enum sk_option_id)i)->key)
        sk_nearest_offer(&nearest,
                         sk_option_variable(sk_option_at((enum sk_option_id)i), known[i]) + PREFIX);
    if (nearest.distance != 0 && !is_of_service(name))
      tell(context, name, nearest.best ? nearest.best - PREFIX : NULL);
  }
}
