/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts. Each shell gets the words of the table spelled out, so that pressing TAB
 * never starts the program. */
#include "cli/help.h"

static void add_words(struct sk_buffer *out, const char *choices)
{
  const char *at = choices, *word;
  size_t length;
  for (int i = 0; sk_choice_next(&at, &word, &length); i++)
    sk_buffer_printf(out, "%s%.*s", i ? " " : "", (int)length, word);
}

static void add_commands(struct sk_buffer *out)
{
  for (int i = 0; i < SK_COMMAND_COUNT; i++)
    sk_buffer_printf(out, "%s%s", i ? " " : "", sk_command_at((enum sk_command_id)i)->name);
}

/* Text inside '...', where the shell needs the quote itself spelled '\''; escape names further
 * bytes that get a backslash. */
static void add_quoted(struct sk_buffer *out, const char *text, const char *escape)
{
  for (; *text; text++) {
    if (*text == '\'')
      sk_buffer_text(out, "'\\''");
    else if (strchr(escape, *text))
      sk_buffer_printf(out, "\\%c", *text);
    else
      sk_buffer_byte(out, (uint8_t)*text);
  }
}

/* One "case" branch per option with a value, in the words of bash's compgen. */
static void bash_values(struct sk_buffer *out)
{
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (!sk_option_shown(option) || option->kind == SK_KIND_FLAG)
      continue;
    if (i > 0 && strcmp(sk_option_at((enum sk_option_id)(i - 1))->name, option->name) == 0)
      continue; /* --to of two commands */
    sk_buffer_printf(out, "    --%s)\n", option->name);
    if (option->choices) {
      sk_buffer_text(out, "      COMPREPLY=($(compgen -W '");
      add_words(out, option->choices);
      sk_buffer_text(out, "' -- \"$cur\"))\n");
    }
    if (option->kind == SK_KIND_FOLDER)
      sk_buffer_text(out, "      COMPREPLY=($(compgen -d -- \"$cur\"))\n");
    else if (option->kind == SK_KIND_FILE || option->kind == SK_KIND_NAMES ||
             option->kind == SK_KIND_BAD_ROWS)
      sk_buffer_text(out, "      COMPREPLY+=($(compgen -f -- \"$cur\"))\n");
    sk_buffer_text(out, "      return\n      ;;\n");
  }
}

static void bash_options(struct sk_buffer *out, const struct sk_command *command)
{
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (sk_option_shown(option) && sk_option_of(option, command)) {
      sk_buffer_printf(out, " --%s", option->name);
      if (option->letter)
        sk_buffer_printf(out, " -%c", option->letter);
    }
  }
}

static void bash(struct sk_buffer *out)
{
  sk_buffer_text(out, "# bash completion for shukei, made from its table of options\n"
                      "_shukei()\n{\n"
                      "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}"
                      "\" command='' word options\n"
                      "  COMPREPLY=()\n"
                      "  case \"$prev\" in\n");
  bash_values(out);
  sk_buffer_text(out, "  esac\n"
                      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                      "    case \"$word\" in\n"
                      "    -*) ;;\n"
                      "    *) command=\"$word\"; break ;;\n"
                      "    esac\n"
                      "  done\n"
                      "  case \"$command\" in\n");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, "  %s) options='", command->name);
    bash_options(out, command);
    sk_buffer_text(out, "' ;;\n");
  }
  sk_buffer_text(out, "  *) options='");
  bash_options(out, NULL);
  sk_buffer_text(out, "' ;;\n  esac\n"
                      "  if [[ $cur == -* ]]; then\n"
                      "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                      "  elif [[ -z $command || $command == help ]]; then\n"
                      "    COMPREPLY=($(compgen -W '");
  add_commands(out);
  sk_buffer_text(out, "' -- \"$cur\"))\n"
                      "  elif [[ $command == completion ]]; then\n"
                      "    COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\"))\n"
                      "  else\n"
                      "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                      "  fi\n}\n"
                      "complete -o filenames -F _shukei shukei\n");
}

static void zsh_option(struct sk_buffer *out, const struct sk_option *option)
{
  sk_buffer_text(out, " \\\n        '");
  if (option->kind == SK_KIND_NAMES || option->kind == SK_KIND_EACH || option->kind == SK_KIND_LIST)
    sk_buffer_byte(out, '*');
  sk_buffer_printf(out, "--%s%s[", option->name, option->kind == SK_KIND_FLAG ? "" : "=");
  add_quoted(out, option->text, "[]:\\");
  sk_buffer_byte(out, ']');
  if (option->kind != SK_KIND_FLAG) {
    sk_buffer_byte(out, ':');
    add_quoted(out, option->argument, ":\\");
    sk_buffer_byte(out, ':');
    if (option->kind == SK_KIND_FOLDER)
      sk_buffer_text(out, "_files -/");
    else if (option->kind == SK_KIND_FILE || option->kind == SK_KIND_NAMES ||
             option->kind == SK_KIND_BAD_ROWS)
      sk_buffer_text(out, "_files");
    else if (option->choices) {
      sk_buffer_byte(out, '(');
      add_words(out, option->choices);
      sk_buffer_byte(out, ')');
    }
  }
  sk_buffer_byte(out, '\'');
  if (option->letter) {
    sk_buffer_printf(out, " \\\n        '-%c[", option->letter);
    add_quoted(out, option->text, "[]:\\");
    sk_buffer_text(out, "]'");
  }
}

static void zsh(struct sk_buffer *out)
{
  sk_buffer_text(out, "#compdef shukei\n"
                      "# zsh completion for shukei, made from its table of options\n"
                      "_shukei() {\n"
                      "  local context state state_descr line\n"
                      "  typeset -A opt_args\n"
                      "  _arguments -C '1:command:->command' '*::argument:->argument'\n"
                      "  case $state in\n"
                      "  command)\n"
                      "    local -a commands=(");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, "\n      '%s:", command->name);
    add_quoted(out, command->summary, ":\\");
    sk_buffer_byte(out, '\'');
  }
  sk_buffer_text(out, ")\n    _describe command commands ;;\n"
                      "  argument)\n"
                      "    case $line[1] in\n");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, "    %s)\n      _arguments", command->name);
    for (int k = 0; k < SK_OPTION_COUNT; k++) {
      const struct sk_option *const option = sk_option_at((enum sk_option_id)k);
      if (sk_option_shown(option) && sk_option_of(option, command))
        zsh_option(out, option);
    }
    sk_buffer_text(out, " \\\n        '");
    if (command->id == SK_COMMAND_COMPLETION) {
      sk_buffer_text(out, "*:shell:(bash zsh fish)' ;;\n");
    } else if (command->id == SK_COMMAND_HELP) {
      sk_buffer_text(out, "*:command:(");
      add_commands(out);
      sk_buffer_text(out, ")' ;;\n");
    } else {
      sk_buffer_text(out, "*:file:_files' ;;\n");
    }
  }
  sk_buffer_text(out, "    esac ;;\n  esac\n}\n"
                      "if [ \"$funcstack[1]\" = _shukei ]; then\n  _shukei \"$@\"\n"
                      "else\n  compdef _shukei shukei\nfi\n");
}

static void fish_option(struct sk_buffer *out, const struct sk_option *option,
                        const struct sk_command *command)
{
  sk_buffer_text(out, "complete -c shukei");
  if (command)
    sk_buffer_printf(out, " -n '__fish_seen_subcommand_from %s'", command->name);
  sk_buffer_printf(out, " -l %s", option->name);
  if (option->letter)
    sk_buffer_printf(out, " -s %c", option->letter);
  if (option->kind == SK_KIND_FOLDER) {
    sk_buffer_text(out, " -x -a '(__fish_complete_directories)'");
  } else if (option->kind == SK_KIND_FILE || option->kind == SK_KIND_NAMES) {
    sk_buffer_text(out, " -r -F");
  } else if (option->choices) {
    sk_buffer_text(out, option->kind == SK_KIND_BAD_ROWS ? " -r -F -a '" : " -x -a '");
    add_words(out, option->choices);
    sk_buffer_byte(out, '\'');
  } else if (option->kind != SK_KIND_FLAG) {
    sk_buffer_text(out, " -x");
  }
  sk_buffer_text(out, " -d '");
  for (const char *c = option->text; *c; c++) { /* fish escapes quotes inside quotes */
    if (*c == '\'' || *c == '\\')
      sk_buffer_byte(out, '\\');
    sk_buffer_byte(out, (uint8_t)*c);
  }
  sk_buffer_text(out, "'\n");
}

static void fish(struct sk_buffer *out)
{
  sk_buffer_text(out, "# fish completion for shukei, made from its table of options\n");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, "complete -c shukei -f -n __fish_use_subcommand -a %s -d '%s'\n",
                     command->name, command->summary);
  }
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (!sk_option_shown(option))
      continue;
    if (sk_option_common(option)) {
      fish_option(out, option, NULL);
      continue;
    }
    for (int k = 0; k < SK_COMMAND_COUNT; k++)
      if (sk_option_of(option, sk_command_at((enum sk_command_id)k)))
        fish_option(out, option, sk_command_at((enum sk_command_id)k));
  }
  sk_buffer_text(out, "complete -c shukei -f -n '__fish_seen_subcommand_from completion' -a 'bash "
                      "zsh fish'\n"
                      "complete -c shukei -f -n '__fish_seen_subcommand_from help' -a '");
  add_commands(out);
  sk_buffer_text(out, "'\n");
}

bool sk_completion(struct sk_buffer *out, const char *shell)
{
  if (strcmp(shell, "bash") == 0)
    bash(out);
  else if (strcmp(shell, "zsh") == 0)
    zsh(out);
  else if (strcmp(shell, "fish") == 0)
    fish(out);
  else
    return false;
  return true;
}
