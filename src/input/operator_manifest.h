/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest.json of an operator's payload (spec/6-payloads.md, manifest.json). */
#ifndef SK_INPUT_OPERATOR_MANIFEST_H
#define SK_INPUT_OPERATOR_MANIFEST_H

#include "base/arena.h"

#define SK_MANIFEST_MOST ((size_t)10 << 20) /* bytes of its text */

/* An instant: RFC 3339 has nine decimals, microseconds are not enough to compare two. */
struct sk_moment {
  int64_t us;
  uint32_t ns; /* 0 to 999, beside them */
};
static inline int sk_moment_compare(struct sk_moment a, struct sk_moment b)
{
  return a.us != b.us ? (a.us < b.us ? -1 : 1) : (a.ns > b.ns) - (a.ns < b.ns);
}

struct sk_operator_manifest {
  const char *uuid, *cluster_id;
  struct sk_moment date;
  bool has_start, has_end;
  struct sk_moment start, end;
  bool whole_days; /* daily_reports is true, or it has no version */
  const char **files,
      **other_files; /* each once, in byte order; the second: resource optimization */
  size_t file_count, other_count;
};

/* Reads the text; texts go into the arena.
 *   name  stands before error texts
 * EFORMAT: not JSON, something required is missing or of another type, or a name in `files` that
 * could leave the folder. ENOMEM. */
shukei_status sk_operator_manifest_parse(const char *name, const void *bytes, size_t length,
                                         struct sk_arena *arena,
                                         struct sk_operator_manifest *manifest, shukei_error *err);
/* True where `name` is one of the sorted names. */
bool sk_names_have(const char *const *names, size_t count, const char *name);

/* The hours of [start, end] that lie in the day, rounded up: 0 to 24. */
int sk_hours_within(struct sk_moment start, struct sk_moment end, int32_t day);

#endif
