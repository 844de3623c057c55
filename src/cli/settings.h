/* SPDX-License-Identifier: Apache-2.0 */
/* What a run was told: flags over environment over configuration file.
 *
 *   sk_settings_init() -> sk_settings_resolve() -> sk_settings_get(), members
 *   -> sk_settings_reset() */
#ifndef SK_CLI_SETTINGS_H
#define SK_CLI_SETTINGS_H

#include "cli/arguments.h"
#include "cli/config.h"

struct sk_settings {
  struct sk_config file, environment;
  struct sk_arena arena;
  struct sk_value values[SK_OPTION_COUNT]; /* the winners */
  const char **names;                      /* --to, all that were given */
  size_t name_count;
  const char **list; /* --enabled-keys, --columns or --bloom-filter */
  size_t list_count;
  const shukei_cost_category *cost_categories;
  size_t cost_category_count;
  const shukei_node_role *nodes;
  size_t node_count;
  const shukei_cluster *clusters;
  size_t cluster_count;
};

void sk_settings_init(struct sk_settings *settings);
void sk_settings_reset(struct sk_settings *settings);

/* Settles all options of the command line's command. An empty variable counts as not set. The
 * command line and the environment must outlive the settings. OK; EINVAL with the flag, variable
 * or place in the file that is wrong; ENOMEM. */
shukei_status sk_settings_resolve(struct sk_settings *settings,
                                  const struct sk_arguments *arguments, shukei_error *err);

/* Calls for each variable SHUKEI_... of the environment that none of the program's options or parts
 * reads; nearest: the name that may have been meant, or NULL. */
void sk_settings_unread(void (*tell)(void *context, const char *name, const char *nearest),
                        void *context);

/* The settled value; its text is NULL where nothing was given. */
static inline const struct sk_value *sk_settings_get(const struct sk_settings *settings,
                                                     enum sk_option_id id)
{
  return &settings->values[id];
}

#endif
