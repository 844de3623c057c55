/* SPDX-License-Identifier: Apache-2.0 */
/* What the path of a file says (spec/1-input.md, Where files lie), and the paths of files to be
 * made. */
#ifndef SK_INPUT_LAYOUT_H
#define SK_INPUT_LAYOUT_H

#include "base/buffer.h"
#include "input/report.h"
#include "shukei.h"

struct sk_path_part { /* a slice of the path */
  const char *text;
  size_t length;
};
static inline bool sk_part_is(struct sk_path_part part, const char *text)
{
  return part.length == strlen(text) && memcmp(part.text, text, part.length) == 0;
}

struct sk_path_facts {
  shukei_layout layout; /* KOKU, POC, or FLAT where the path has not the form of either */
  struct sk_path_part org, source; /* text NULL: not told */
  int32_t first_day, last_day;     /* of its folder; INT32_MIN, INT32_MAX where not told */
  bool daily;                      /* holds days, not hours */
};
/* Reads the path's parts. Never fails: what is not understood is not told. */
void sk_path_read(const char *path, struct sk_path_facts *facts);

/* Appends the path, below the root, of the file of a report and day. org and source are needed by
 * KOKU and POC. */
void sk_path_make(struct sk_buffer *out, shukei_layout layout, const char *org, const char *source,
                  enum sk_report report, int32_t day);

#endif
