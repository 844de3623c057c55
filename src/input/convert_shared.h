/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of one conversion share. */
#ifndef SK_INPUT_CONVERT_SHARED_H
#define SK_INPUT_CONVERT_SHARED_H

#include "input/convert_piece.h"

struct sk_convert_shared {
  const shukei_convert_options *options;
  const struct sk_plan *plan;
  struct sk_budget *budget;
  struct sk_convert_settings settings;
  unsigned threads;
  struct sk_counts counts; /* of what the writer has taken */
  uint64_t bytes_known;
  _Atomic uint64_t bytes_done;
};

void sk_convert_warn(const struct sk_convert_shared *shared, const char *text);
/* Tells how far the conversion is. By the thread that changed the counts. */
void sk_convert_show_progress(const struct sk_convert_shared *shared);
/* ECANCELED once the caller asked to stop. Any thread. */
shukei_status sk_convert_check_canceled(const struct sk_convert_shared *shared, shukei_error *err);

/* The `source=` part of the paths of a cluster's files; NULL where nobody names one. */
const char *sk_convert_source_of(const struct sk_convert_shared *shared, size_t cluster);
/* Whether the place that is written to can be written to, and the layout's paths can be made:
 * EINVAL. Warns where it is the folder, or part of it, that is read. */
shukei_status sk_convert_check_place(const struct sk_convert_shared *shared, shukei_error *err);

#endif
