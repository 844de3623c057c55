/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in the table of commands and options (cli/option_table.h). */
#ifndef SK_CLI_OPTIONS_H
#define SK_CLI_OPTIONS_H

#include "base/buffer.h"
#include "cli/option_table.h"

enum sk_command_id {
#define SK_AS_COMMAND(id, ...) SK_COMMAND_##id,
  SK_COMMAND_MAP(SK_AS_COMMAND)
#undef SK_AS_COMMAND
      SK_COMMAND_COUNT
};

enum sk_option_id {
#define SK_AS_OPTION(id, ...) SK_OPTION_##id,
  SK_OPTION_MAP(SK_AS_OPTION)
#undef SK_AS_OPTION
      SK_OPTION_COUNT
};

enum sk_option_kind {
  SK_KIND_FLAG,       /* no argument */
  SK_KIND_TEXT,       /* any text but an empty one */
  SK_KIND_FILE,       /* as TEXT; shells complete files */
  SK_KIND_FOLDER,     /* as TEXT; shells complete folders */
  SK_KIND_NAMES,      /* TEXT, and every one given counts */
  SK_KIND_EACH,       /* as TEXT, and every one given counts: sk_arguments_each() */
  SK_KIND_LIST,       /* split at commas, every one given counts */
  SK_KIND_DAY,        /* YYYY-MM-DD */
  SK_KIND_COUNT,      /* 1 to 1024 */
  SK_KIND_INTEGER,    /* a signed 64-bit number */
  SK_KIND_ROWS,       /* an unsigned 64-bit number */
  SK_KIND_SIZE,       /* bytes, at least 1, with a unit or without */
  SK_KIND_CHOICE,     /* one of choices */
  SK_KIND_SHARE,      /* a decimal from 0 to 1 */
  SK_KIND_BAD_ROWS,   /* one of choices, else the name of a file */
  SK_KIND_CATEGORIES, /* list of {id, pattern}, in configuration only */
  SK_KIND_NODES,      /* list of {node, resource_id, role}, in configuration only */
  SK_KIND_CLUSTERS    /* list of {cluster_id, source, ...}, in configuration only */
};

#define SK_THREADS_MAXIMUM 1024

struct sk_command {
  enum sk_command_id id;
  const char *name, *operands;
  size_t operands_least, operands_most;
  const char *usage, *summary, *description, *examples;
};

struct sk_option {
  enum sk_option_id id;
  const char *name; /* without the dashes; "" where only configuration sets it */
  char letter;      /* 0: none */
  const char *argument;
  enum sk_option_kind kind;
  unsigned commands; /* bits 1 << sk_command_id */
  const char *key;   /* NULL: neither in the environment nor in a file */
  bool in_file;
  const char *choices; /* "a|b|c" or NULL */
  const char *text;    /* "": hidden */
};

const struct sk_command *sk_command_at(enum sk_command_id id);
const struct sk_option *sk_option_at(enum sk_option_id id);
/* NULL where there is none of that name. */
const struct sk_command *sk_command_find(const char *name, size_t length);
/* The option of that name or letter. command NULL: only those of every command. */
const struct sk_option *sk_option_find(const struct sk_command *command, const char *name,
                                       size_t length);
const struct sk_option *sk_option_letter(const struct sk_command *command, char letter);
/* A key that a configuration file may hold. */
const struct sk_option *sk_option_key(const char *key, size_t length);

bool sk_option_of(const struct sk_option *option, const struct sk_command *command);
bool sk_option_common(const struct sk_option *option); /* of every command */
/* True where help, manual and completions show it as a flag. */
bool sk_option_shown(const struct sk_option *option);

/* The next word of a list "a|b|c"; *at moves behind it. False at the end. */
bool sk_choice_next(const char **at, const char **word, size_t *length);
/* The place of text in the list, or -1. */
int sk_choice_find(const char *choices, const char *text);

#define SK_VARIABLE_TEXT 40
/* "SHUKEI_" and the key in capitals; returns text. The option must have a key. */
const char *sk_option_variable(const struct sk_option *option, char text[SK_VARIABLE_TEXT]);

/* The nearest name to a mistyped one, or NULL where none is near enough to be meant. */
const char *sk_nearest_command(const char *name);
const char *sk_nearest_option(const struct sk_command *command, const char *name, size_t length);
const char *sk_nearest_key(const char *key);

#endif
