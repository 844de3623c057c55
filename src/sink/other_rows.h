/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of others, and rows that go, which a run tells of.
 *
 * Rows of sources that a run without a source puts its own beside: nobody means both, so a warning
 * tells. A run with a source is beside those of others by design. */
#ifndef SK_SINK_OTHER_ROWS_H
#define SK_SINK_OTHER_ROWS_H

#include "base/alloc.h"

struct sk_other_rows {
  uint64_t rows;
  char source[80]; /* the first one's name, perhaps cut short */
  bool several;    /* there are more of them */
};

/* Counts rows of a source. */
void sk_other_rows_add(struct sk_other_rows *others, const char *source, uint64_t rows);
/* Says so where there are any. sink: its name. warn may be NULL. */
void sk_other_rows_warn(const struct sk_other_rows *others, const char *sink,
                        void (*warn)(void *context, const char *text), void *context);
/* Says that so many rows were removed that no report of the run could give again: lacking is "Pod"
 * or "Storage". */
void sk_removed_rows_warn(uint64_t rows, const char *lacking, const char *sink,
                          void (*warn)(void *context, const char *text), void *context);

#endif
