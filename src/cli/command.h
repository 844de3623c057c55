/* SPDX-License-Identifier: Apache-2.0 */
/* What main() hands to a command, and the commands. Each returns a status with err filled; main()
 * prints it and turns it into the exit status. */
#ifndef SK_CLI_COMMAND_H
#define SK_CLI_COMMAND_H

#include "cli/console.h"
#include "cli/settings.h"
#include "cli/stdout_writer.h"

struct sk_program {
  const struct sk_arguments *arguments;
  struct sk_settings settings;
  struct sk_console console;
  struct sk_stdout out;
  int exit_status; /* of a run that went well and found what is not as it should be; else 0 */
};

shukei_status sk_cmd_aggregate(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_convert(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_generate(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_bench(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_report(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_inspect(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_validate(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_cat(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_status(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_completion(struct sk_program *program, shukei_error *err);
shukei_status sk_cmd_help(struct sk_program *program, shukei_error *err);

/* The callbacks of a run: messages and progress to the console, data to standard output, and the
 * flag that signals set. */
shukei_callbacks sk_program_callbacks(struct sk_program *program);
/* Sets bad-rows as the library wants it. */
void sk_program_bad_rows(const struct sk_program *program, shukei_bad_rows *mode,
                         const char **file);
/* One line of what a run did, and of what it left out. */
void sk_program_report(struct sk_program *program, const char *verb, const shukei_stats *stats);
/* Writes a text of ours to standard output; resets it. */
shukei_status sk_program_print(struct sk_program *program, struct sk_buffer *text,
                               shukei_error *err);

/* What the commands' options have in common, by members of the same names: which reports, of which
 * days and clusters. */
#define SK_FILL_REPORTS(program, options)                                                          \
  do {                                                                                             \
    const struct sk_value *const value_ = (program)->settings.values;                              \
    (options)->sources = (program)->arguments->operands;                                           \
    (options)->source_count = (program)->arguments->operand_count;                                 \
    (options)->start = value_[SK_OPTION_START].text;                                               \
    (options)->end = value_[SK_OPTION_END].text;                                                   \
    if (value_[SK_OPTION_LAYOUT].text)                                                             \
      (options)->layout = (shukei_layout)value_[SK_OPTION_LAYOUT].choice;                          \
    (options)->org = value_[SK_OPTION_ORG].text;                                                   \
    (options)->source = value_[SK_OPTION_SOURCE].text;                                             \
    (options)->cluster_id = value_[SK_OPTION_CLUSTER_ID].text;                                     \
    (options)->clusters = (program)->settings.clusters;                                            \
    (options)->cluster_count = (program)->settings.cluster_count;                                  \
    if (value_[SK_OPTION_BAD_PAYLOADS].text)                                                       \
      (options)->bad_payloads = (shukei_bad_payloads)value_[SK_OPTION_BAD_PAYLOADS].choice;        \
    (options)->memory_bytes = value_[SK_OPTION_MEMORY].number;                                     \
    (options)->callbacks = sk_program_callbacks(program);                                          \
  } while (0)
/* What decides the rows of a summary. */
#define SK_FILL_RULES(program, options)                                                            \
  do {                                                                                             \
    const struct sk_settings *const settings_ = &(program)->settings;                              \
    (options)->enabled_keys = settings_->list;                                                     \
    (options)->enabled_key_count = settings_->list_count;                                          \
    (options)->cost_categories = settings_->cost_categories;                                       \
    (options)->cost_category_count = settings_->cost_category_count;                               \
    (options)->nodes = settings_->nodes;                                                           \
    (options)->node_count = settings_->node_count;                                                 \
    if (settings_->values[SK_OPTION_LABELS].text)                                                  \
      (options)->labels = (shukei_label_mode)settings_->values[SK_OPTION_LABELS].choice;           \
    (options)->schema = settings_->values[SK_OPTION_SCHEMA].text;                                  \
  } while (0)

#endif
