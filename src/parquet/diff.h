/* SPDX-License-Identifier: Apache-2.0 */
/* Two files side by side, for the files that compare parts of them. */
#ifndef SK_PARQUET_DIFF_H
#define SK_PARQUET_DIFF_H

#include "parquet/file.h"

struct sk_diff_side {
  struct sk_file *file;
  struct sk_buffer text; /* what this side has of what is compared */
  bool absent;           /* it has nothing; reset by telling */
};
struct sk_diff {
  struct sk_diff_side sides[2];
  bool json;
  struct sk_budget *budget;
  struct sk_buffer *out;
  const char *section; /* of the difference told last */
  uint64_t told;
  bool differs; /* in what the files hold, not only in how they are laid out */
  int *pairs;   /* [columns of the first]: the second one's column of that path, or -1 */
};

/* The text of one side, empty. */
struct sk_buffer *sk_diff_text(struct sk_diff *diff, int side);
/* Tells the two texts where they differ, and empties them; true where they did.
 *   subject  a column's path or a key; NULL: the file
 *   what     of it; NULL: it as such */
bool sk_diff_tell(struct sk_diff *diff, const char *section, const char *subject, const char *what);

/* How much of a text is shown: for people a line stays a line, in JSON it is whole. */
size_t sk_diff_shown(const struct sk_diff *diff, const uint8_t *bytes, size_t length);

/* What the footers tell of each column that both have, over all row groups. */
void sk_diff_columns(struct sk_diff *diff);
/* Reads the columns that both have, and appends what of their rows differs; no other member follows
 * in JSON. */
shukei_status sk_diff_rows(struct sk_diff *diff, shukei_error *err);

#endif
