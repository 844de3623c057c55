/* SPDX-License-Identifier: Apache-2.0 */
/* The table as arrays, and the searches in it. There are some thirty rows: a walk is fast enough
 * and keeps the table in the order in which people read it. */
#include "cli/options.h"

#include "base/nearest.h"

enum {
#define SK_AS_BIT(id, ...) id = 1u << SK_COMMAND_##id,
  SK_COMMAND_MAP(SK_AS_BIT)
#undef SK_AS_BIT
      ANY = (1u << SK_COMMAND_COUNT) - 1
};

static const struct sk_command commands[] = {
#define SK_AS_ROW(id, ...) {SK_COMMAND_##id, __VA_ARGS__},
    SK_COMMAND_MAP(SK_AS_ROW)
#undef SK_AS_ROW
};

static const struct sk_option options[] = {
#define SK_AS_ROW(id, name, letter, argument, kind, where, key, in_file, choices, text)            \
  {SK_OPTION_##id, name, letter, argument, SK_KIND_##kind, where, key, in_file, choices, text},
    SK_OPTION_MAP(SK_AS_ROW)
#undef SK_AS_ROW
};

const struct sk_command *sk_command_at(enum sk_command_id id)
{
  return &commands[id];
}

const struct sk_option *sk_option_at(enum sk_option_id id)
{
  return &options[id];
}

static bool same(const char *name, const char *text, size_t length)
{
  return strlen(name) == length && memcmp(name, text, length) == 0;
}

const struct sk_command *sk_command_find(const char *name, size_t length)
{
  for (size_t i = 0; i < SK_COUNT(commands); i++)
    if (same(commands[i].name, name, length))
      return &commands[i];
  return NULL;
}

bool sk_option_common(const struct sk_option *option)
{
  return option->commands == ANY;
}

bool sk_option_of(const struct sk_option *option, const struct sk_command *command)
{
  return command ? (option->commands >> command->id & 1) != 0 : sk_option_common(option);
}

bool sk_option_shown(const struct sk_option *option)
{
  return option->name[0] && option->text[0];
}

const struct sk_option *sk_option_find(const struct sk_command *command, const char *name,
                                       size_t length)
{
  for (size_t i = 0; i < SK_COUNT(options) && length > 0; i++)
    if (sk_option_of(&options[i], command) && same(options[i].name, name, length))
      return &options[i];
  return NULL;
}

const struct sk_option *sk_option_letter(const struct sk_command *command, char letter)
{
  for (size_t i = 0; i < SK_COUNT(options) && letter; i++)
    if (sk_option_of(&options[i], command) && options[i].letter == letter)
      return &options[i];
  return NULL;
}

const struct sk_option *sk_option_key(const char *key, size_t length)
{
  for (size_t i = 0; i < SK_COUNT(options); i++)
    if (options[i].in_file && same(options[i].key, key, length))
      return &options[i];
  return NULL;
}

bool sk_choice_next(const char **at, const char **word, size_t *length)
{
  if (!*at || !**at)
    return false;
  *word = *at;
  *length = strcspn(*at, "|");
  *at += *length;
  if (**at)
    (*at)++;
  return true;
}

int sk_choice_find(const char *choices, const char *text)
{
  const char *at = choices, *word;
  size_t length;
  for (int i = 0; sk_choice_next(&at, &word, &length); i++)
    if (same(text, word, length))
      return i;
  return -1;
}

const char *sk_option_variable(const struct sk_option *option, char text[SK_VARIABLE_TEXT])
{
  static const char prefix[] = "SHUKEI_";
  size_t n = sizeof prefix - 1;
  memcpy(text, prefix, n);
  for (const char *key = option->key; *key && n < SK_VARIABLE_TEXT - 1; key++, n++)
    text[n] = *key >= 'a' && *key <= 'z' ? (char)(*key - 'a' + 'A') : *key;
  text[n] = 0;
  return text;
}

const char *sk_nearest_command(const char *name)
{
  struct sk_nearest nearest;
  sk_nearest_init(&nearest, name, strlen(name));
  for (size_t i = 0; i < SK_COUNT(commands); i++)
    sk_nearest_offer(&nearest, commands[i].name);
  return nearest.best;
}

const char *sk_nearest_option(const struct sk_command *command, const char *name, size_t length)
{
  struct sk_nearest nearest;
  sk_nearest_init(&nearest, name, length);
  for (size_t i = 0; i < SK_COUNT(options); i++)
    if (sk_option_of(&options[i], command) && sk_option_shown(&options[i]))
      sk_nearest_offer(&nearest, options[i].name);
  return nearest.best;
}

const char *sk_nearest_key(const char *key)
{
  struct sk_nearest nearest;
  sk_nearest_init(&nearest, key, strlen(key));
  for (size_t i = 0; i < SK_COUNT(options); i++)
    if (options[i].in_file)
      sk_nearest_offer(&nearest, options[i].key);
  return nearest.best;
}
