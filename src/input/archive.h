/* SPDX-License-Identifier: Apache-2.0 */
/* One tar.gz payload: what it holds, and where.
 *
 * sk_archive_read() reads it once from its beginning to its end, so that all that a payload is
 * refused for (spec/6-payloads.md) is known before the first row is read: nothing is unpacked, and
 * what is kept of it is its manifest, the place and checksum of each member, and points from which
 * members can be read later (input/stream.h). Where memory allows the text of members that the
 * manifest names stays, too, until their rows are read, so that nothing is inflated twice. */
#ifndef SK_INPUT_ARCHIVE_H
#define SK_INPUT_ARCHIVE_H

#include "input/hours.h"
#include "input/operator_manifest.h"
#include "input/stream.h"

struct sk_archive_member {
  const char *name;      /* below the folder that the manifest lies in; NULL: it lies elsewhere */
  const char *path;      /* in the archive */
  uint64_t offset, size; /* in the text */
  uint32_t crc;
  uint8_t *text; /* its bytes, as long as memory allows and nobody has read its rows; else NULL */
  bool planned;  /* its rows are read */
  /* Found by the planning, or by a former run's (archive_text.h). */
  bool looked;     /* into it: what follows is known */
  int report;      /* -1: it holds none, and `why` says so */
  const char *why; /* it is left out; NULL: it is not */
  bool timed;      /* its rows were counted: */
  struct sk_hours hours;
  bool fresh; /* some of it is this run's finding */
};
struct sk_archive {
  struct sk_arena arena;
  const char *path;
  bool recalled; /* by a former run's word: it was not read, and has no points */
  int32_t *days; /* that count of it, in any order and repeated, where they are to be remembered */
  size_t day_count, day_capacity;
  uint64_t size_bytes, text_bytes; /* as it lies there, and inflated */
  struct sk_operator_manifest manifest;
  struct sk_archive_member *members; /* files but the manifest, by their paths, in byte order */
  size_t count, capacity;
  struct sk_stream_points points;
};

/* Whether a gzip file holds a tar archive: its first block is a header. *is false also where the
 * data are corrupt, which whoever reads them will say. EIO, ENOMEM. */
shukei_status sk_archive_is(struct sk_object *object, struct sk_budget *budget, bool *is,
                            shukei_error *err);
/*   out  freed by sk_archive_free(), NULL on failure
 * EFORMAT, ETRUNC where it is none that may be read; EIO, ENOTFOUND, ENOMEM. */
shukei_status sk_archive_read(const char *path, struct sk_budget *budget, struct sk_archive **out,
                              shukei_error *err);
void sk_archive_free(struct sk_archive *archive); /* NULL is fine */
/* Gives the text back. */
void sk_archive_forget(struct sk_archive_member *member);
/* Reads one that was recalled, for its points. EFORMAT also where it holds other members than it
 * did. */
shukei_status sk_archive_renew(struct sk_archive *archive, struct sk_budget *budget,
                               shukei_error *err);

#endif
