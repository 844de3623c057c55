/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of an archive as one text, from which a later run knows it without reading it: its
 * manifest, and of each member the place, the checksum and, where it was looked into, report and
 * hours. The text is for --changed to keep (docs/changed.md); nothing else reads it. */
#ifndef SK_INPUT_ARCHIVE_TEXT_H
#define SK_INPUT_ARCHIVE_TEXT_H

#include "input/archive.h"

#include "base/buffer.h"

/* Appends the text, without a zero byte; the buffer's `failed` says whether memory lacked. */
void sk_archive_text(const struct sk_archive *archive, struct sk_buffer *out);
/* The other way: *out is an archive without points, `recalled`, or NULL where the text is none of
 * this form, which is OK. ENOMEM. */
shukei_status sk_archive_of_text(const char *text, const char *path, struct sk_budget *budget,
                                 struct sk_archive **out, shukei_error *err);

#endif
