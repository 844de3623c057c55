/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: YAML (or JSON), a map of the keys in the table of options.
 *
 *   sk_config_init() -> sk_config_read() or sk_config_parse() -> members -> sk_config_reset()
 *
 * Every value is checked, also those that a command does not use. A key without a value (null)
 * counts as not given. */
#ifndef SK_CLI_CONFIG_H
#define SK_CLI_CONFIG_H

#include "cli/value.h"
#include "base/yaml_tree.h"

struct sk_config {
  struct sk_arena arena;                     /* holds everything below */
  const char *name;                          /* "" until something was read */
  struct sk_value values[SK_OPTION_COUNT];   /* scalars; text NULL: not given */
  const struct sk_yaml *at[SK_OPTION_COUNT]; /* where a key's value stands; NULL: not given */
  const char **enabled_keys;
  size_t enabled_key_count;
  shukei_cost_category *cost_categories;
  size_t cost_category_count;
  shukei_node_role *nodes;
  size_t node_count;
  shukei_cluster *clusters;
  size_t cluster_count;
};

void sk_config_init(struct sk_config *config);
void sk_config_reset(struct sk_config *config);

/* Parses a document; name stands before line and column in error texts. An empty one is fine.
 * OK; EINVAL with "name:line:column: what is wrong"; ENOMEM. */
shukei_status sk_config_parse(struct sk_config *config, const char *name, const void *bytes,
                              size_t length, shukei_error *err);

/* Parses the value of one key alone, as an environment variable holds it: YAML for lists of maps,
 * the bare text otherwise. name is the variable's. */
shukei_status sk_config_parse_value(struct sk_config *config, const struct sk_option *option,
                                    const char *name, const char *text, shukei_error *err);

/* Reads and parses a file. *missing (may be NULL) tells a file that is not there from others.
 * As sk_config_parse(); EINVAL also where the file cannot be read. */
shukei_status sk_config_read(struct sk_config *config, const char *path, bool *missing,
                             shukei_error *err);

/* Splits "a,b" into arena, blanks around a part and empty parts dropped, behind what the list has.
 * A part in quotes is what stands in them, commas too, and "" within is a quote. False when memory
 * lacks. */
bool sk_list_split(struct sk_arena *arena, const char *text, const char ***list, size_t *count);

#endif
