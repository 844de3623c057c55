/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that a run can read from the database that its summary goes to (spec/4-cli.md,
 * Configuration): enabled label keys, cost categories and roles of nodes, from koku's tables in the
 * sink's schema. */
#ifndef SK_SINK_SINK_SETTINGS_H
#define SK_SINK_SINK_SETTINGS_H

#include "base/arena.h"
#include "sink/sink.h"

struct sk_sink_settings {
  struct sk_arena arena; /* holds everything below */
  /* What to read; what is false stays empty. */
  bool want_keys, want_categories, want_nodes;
  const char **enabled_keys;
  size_t enabled_key_count;
  shukei_cost_category *cost_categories;
  size_t cost_category_count;
  shukei_node_role *nodes;
  size_t node_count;
};

/* Reads from a sink of which sk_sink_has_settings() is true, on a connection of its own, and
 * changes nothing. A table that the schema does not have gives nothing. The members want_ are set
 * by the caller. EWRITE for what the server says, also for a table that may not be read; ENOMEM. */
shukei_status sk_sink_settings_read(struct sk_sink_settings *settings, const char *name,
                                    const struct sk_sink_options *options, struct sk_budget *budget,
                                    shukei_error *err);
void sk_sink_settings_reset(struct sk_sink_settings *settings); /* zeroed ones are fine */

#endif
