/* SPDX-License-Identifier: Apache-2.0 */
/* A tar archive, member by member: ustar, GNU's long names, pax headers.
 *
 *   sk_tar_init() -> [ sk_tar_next() -> sk_tar_read() ... ] until *more is false -> sk_tar_reset()
 *
 * It is stricter than programs that unpack: nothing that an operator's payload has no use for is
 * passed over (spec/6-payloads.md). Links, devices, sparse files, names that leave the folder, more
 * than SK_TAR_MEMBERS headers, extended headers above SK_TAR_EXTENDED bytes, text behind the end
 * and an archive without an end are EFORMAT or ETRUNC.
 *
 * Why not libarchive: members are read again later, by several threads, from points of our own
 * inflater (input/stream.h), which libarchive cannot go to; its memory is off the budget; and it
 * reads on where this must refuse. */
#ifndef SK_INPUT_TAR_READ_H
#define SK_INPUT_TAR_READ_H

#include "base/buffer.h"
#include "input/stream.h"

#define SK_TAR_BLOCK ((size_t)512)
#define SK_TAR_MEMBERS 10000u
#define SK_TAR_EXTENDED ((size_t)64 << 10)

struct sk_tar {
  struct sk_stream *stream; /* borrowed */
  const char *path;         /* of the archive, for messages; borrowed */
  uint64_t position;        /* in the text */
  uint64_t left, padding;   /* of the member in hand */
  uint32_t headers;
  struct sk_buffer name; /* of the next member, by a header of its own, or of this one */
  bool named;
  bool sized;
  uint64_t size;
};
struct sk_tar_member {
  const char *name; /* without "./" before it, good until the next call; not empty for a file */
  bool folder;      /* has no bytes */
  uint64_t offset, size; /* of its bytes, in the text */
};

/* Whether a block is a header: its sum is right. */
bool sk_tar_header_valid(const uint8_t block[SK_TAR_BLOCK]);

void sk_tar_init(struct sk_tar *tar, struct sk_stream *stream, const char *path,
                 struct sk_budget *budget);
void sk_tar_reset(struct sk_tar *tar);
/* Passes over what is left of the member in hand and reads the next header. At the end of the
 * archive it reads on to the end of the stream. EFORMAT, ETRUNC as above; what reading the stream
 * fails with. */
shukei_status sk_tar_next(struct sk_tar *tar, struct sk_tar_member *member, bool *more,
                          shukei_error *err);
/* The next bytes of the member in hand; *got 0 at its end. */
shukei_status sk_tar_read(struct sk_tar *tar, void *bytes, size_t capacity, size_t *got,
                          shukei_error *err);

#endif
