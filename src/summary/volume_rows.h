/* SPDX-License-Identifier: Apache-2.0 */
/* The day's Storage rows: groups are made in volume_rows.c, sorted and emitted in volume_order.c.
 * Names, label sets and label texts are kept over the days, as most of them come again. */
#ifndef SK_SUMMARY_VOLUME_ROWS_H
#define SK_SUMMARY_VOLUME_ROWS_H

#include "summary/finish.h"

struct sk_volume_rows {
  struct sk_finish *finish;
  struct sk_budget *budget;
  const struct sk_day *day;
  struct sk_intern names, set_table;
  struct sk_labelsets sets;                /* of set_table */
  struct sk_ids volume_names, label_names; /* of the storage stage -> ours; ours -> labels stage */
  struct sk_carried pod_names;             /* of the pods stage -> ours */
  struct sk_ids label_sets, volume_sets;   /* of the stage -> ours */
  struct sk_arena texts;
  struct sk_text *json; /* [json_count] by set, bytes NULL: not made yet */
  uint32_t json_count;
  struct sk_buffer scratch;
  /* the day at hand */
  struct sk_groups keys;       /* of groups: */
  struct sk_volume_day groups; /* namespace|node, resource_id|claim, volume|class, handle|set */
  struct sk_ids mounted;       /* volume -> number of its nodes */
  struct sk_ranks name_ranks, set_ranks;
  uint32_t *order, total;
};

/* Fills groups and mounted. */
shukei_status sk_volume_groups(struct sk_volume_rows *rows, shukei_error *err);

#endif
