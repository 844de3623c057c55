/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in the man macros, which every man program knows. There is no date in them, so that
 * the same sources give the same bytes. */
#include "cli/help.h"

/* Text with what troff would take for itself escaped. */
static void add_text(struct sk_buffer *out, const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++) {
    const bool starts_line = out->length == 0 || out->bytes[out->length - 1] == '\n';
    if (starts_line && (text[i] == '.' || text[i] == '\''))
      sk_buffer_text(out, "\\&");
    if (text[i] == '\\')
      sk_buffer_text(out, "\\e");
    else if (text[i] == '-')
      sk_buffer_text(out, "\\-");
    else
      sk_buffer_byte(out, (uint8_t)text[i]);
  }
}

static void add(struct sk_buffer *out, const char *text)
{
  add_text(out, text, strlen(text));
}

static void add_section(struct sk_buffer *out, const char *name)
{
  sk_buffer_printf(out, ".SH %s\n", name);
}

static void add_option(struct sk_buffer *out, const struct sk_option *option)
{
  char variable[SK_VARIABLE_TEXT];
  sk_buffer_text(out, ".TP\n");
  if (option->letter)
    sk_buffer_printf(out, "\\fB\\-%c\\fR, ", option->letter);
  sk_buffer_text(out, "\\fB\\-\\-");
  add(out, option->name);
  sk_buffer_text(out, "\\fR");
  if (*option->argument) {
    sk_buffer_text(out, " \\fI");
    add(out, option->argument);
    sk_buffer_text(out, "\\fR");
  }
  sk_buffer_byte(out, '\n');
  if (option->choices && option->kind == SK_KIND_CHOICE) {
    const char *at = option->choices, *word;
    size_t length;
    sk_buffer_text(out, "One of");
    while (sk_choice_next(&at, &word, &length)) {
      sk_buffer_text(out, " \\fB");
      add_text(out, word, length);
      sk_buffer_text(out, *at ? "\\fR," : "\\fR:\n");
    }
  }
  add(out, option->text);
  sk_buffer_text(out, ".\n");
  if (option->key && option->in_file)
    sk_buffer_printf(out, "Key \\fB%s\\fR, variable \\fB%s\\fR.\n", option->key,
                     sk_option_variable(option, variable));
}

static void add_options(struct sk_buffer *out, const struct sk_command *command, bool common)
{
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (sk_option_shown(option) && sk_option_of(option, command) &&
        sk_option_common(option) == common)
      add_option(out, option);
  }
}

static void add_configuration(struct sk_buffer *out)
{
  char variable[SK_VARIABLE_TEXT];
  add_section(out, "CONFIGURATION");
  add(out, "A configuration is a file in YAML (or JSON, which is YAML) with the keys below. Flags "
           "win over environment variables, those over the file. An unknown key is an error. ");
  sk_buffer_text(out, "The file is the one that \\fB\\-\\-config\\fR names, else the one that "
                      "\\fBSHUKEI_CONFIG\\fR names, else \\fIshukei.yaml\\fR in the current folder "
                      "if there is one.\n");
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (!option->in_file)
      continue;
    sk_buffer_printf(out, ".TP\n\\fB%s\\fR (\\fB%s\\fR)\n", option->key,
                     sk_option_variable(option, variable));
    if (option->name[0]) {
      sk_buffer_text(out, "As \\fB\\-\\-");
      add(out, option->name);
      sk_buffer_text(out, option->kind == SK_KIND_LIST ? "\\fR; a list in the file.\n" : "\\fR.\n");
    } else {
      add(out, option->text);
      sk_buffer_text(out, "; the variable holds the same list as YAML or JSON.\n");
    }
  }
  add_section(out, "ENVIRONMENT");
  sk_buffer_text(out, ".TP\n\\fBSHUKEI_CONFIG\\fR\nName of the configuration file.\n");
  sk_buffer_text(out, ".TP\n\\fBSHUKEI_\\fIKEY\\fR\nValue of a key of the configuration, in "
                      "capitals. An empty one counts as not set.\n");
  sk_buffer_text(out, ".TP\n\\fBNO_COLOR\\fR\nWhere it is set and not empty, messages have no "
                      "colours unless \\fB\\-\\-color always\\fR says so.\n");
  sk_buffer_text(out, ".TP\n\\fBTMPDIR\\fR\nFolder of the temporary file that a summary too large "
                      "for \\fB\\-\\-memory\\fR goes through; default: /tmp. The file has no name "
                      "and goes away with the program.\n");
  sk_buffer_text(
      out,
      ".TP\n\\fBSHUKEI_ISA\\fR\nMost that is used of the processor's vector "
      "instructions: scalar, sse2, avx2, avx512 or neon; default: the best it has. The results "
      "are the same.\n");
}

static void add_ending(struct sk_buffer *out, const struct sk_command *command)
{
  add_section(out, "EXIT STATUS");
  for (size_t i = 0; sk_exit_texts[i][0]; i++) {
    sk_buffer_printf(out, ".TP\n%s\n", sk_exit_texts[i][0]);
    add(out, sk_exit_texts[i][1]);
    sk_buffer_text(out, "\n");
  }
  if (command) {
    add_section(out, "EXAMPLES");
    sk_buffer_text(out, ".nf\n");
    add(out, command->examples);
    sk_buffer_text(out, "\n.fi\n");
  }
  add_section(out, "SEE ALSO");
  if (command)
    sk_buffer_text(out, "\\fBshukei\\fR(1)");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const other = sk_command_at((enum sk_command_id)i);
    if (other != command)
      sk_buffer_printf(out, "%s\\fBshukei\\-%s\\fR(1)", command || i > 0 ? ",\n" : "", other->name);
  }
  sk_buffer_text(out, "\n");
}

static void program_manual(struct sk_buffer *out)
{
  sk_buffer_text(out, ".TH SHUKEI 1 \"\" \"shukei " SHUKEI_VERSION "\" \"shukei\"\n");
  add_section(out, "NAME");
  sk_buffer_text(out, "shukei \\- daily summaries of the usage reports of OpenShift clusters\n");
  add_section(out, "SYNOPSIS");
  sk_buffer_text(out, "\\fBshukei\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] \\fIARGS\\fR\n");
  add_section(out, "COMMANDS");
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    sk_buffer_printf(out, ".TP\n\\fBshukei\\-%s\\fR(1)\n", command->name);
    add(out, command->summary);
    sk_buffer_text(out, "\n");
  }
  add_section(out, "OPTIONS");
  sk_buffer_text(out, "Options of every command:\n");
  add_options(out, NULL, true);
  add_configuration(out);
  add_ending(out, NULL);
}

void sk_manual(struct sk_buffer *out, const struct sk_command *command)
{
  if (!command) {
    program_manual(out);
    return;
  }
  sk_buffer_text(out, ".TH SHUKEI\\-");
  for (const char *c = command->name; *c; c++)
    sk_buffer_byte(out, (uint8_t)(*c - 'a' + 'A'));
  sk_buffer_text(out, " 1 \"\" \"shukei " SHUKEI_VERSION "\" \"shukei\"\n");
  add_section(out, "NAME");
  sk_buffer_printf(out, "shukei\\-%s \\- %s\n", command->name, command->summary);
  add_section(out, "SYNOPSIS");
  sk_buffer_printf(out, "\\fBshukei %s\\fR [\\fIOPTIONS\\fR] ", command->name);
  add(out, command->operands);
  sk_buffer_byte(out, ' ');
  add(out, command->usage);
  sk_buffer_byte(out, '\n');
  add_section(out, "DESCRIPTION");
  for (const char *at = command->description; *at;) {
    const size_t length = strcspn(at, "\n");
    sk_buffer_text(out, at == command->description ? "" : ".PP\n");
    add_text(out, at, length);
    sk_buffer_byte(out, '\n');
    at += length + (at[length] == '\n');
  }
  add_section(out, "OPTIONS");
  add_options(out, command, false);
  add_options(out, command, true);
  add_ending(out, command);
}
