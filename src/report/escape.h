/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of results (errors, hosts, commands) come from anywhere: each form has its own way to keep
 * them from being taken for a part of it. Bytes that are not UTF-8, control characters and those
 * that turn the direction of writing become U+FFFD in all of them. */
#ifndef SK_REPORT_ESCAPE_H
#define SK_REPORT_ESCAPE_H

#include "base/buffer.h"

/* HTML and SVG, between tags and in quoted attributes. */
void sk_escape_html(struct sk_buffer *out, const char *text);
/* A line of Markdown, also within a table. */
void sk_escape_markdown(struct sk_buffer *out, const char *text);
/* A cell of CSV: quoted where it has to be; a text that a spreadsheet would take for a formula gets
 * an apostrophe before it. Numbers stay as they are. */
void sk_escape_csv(struct sk_buffer *out, const char *text);
/* Without what must not be seen alone; for a block of code, whose fence the caller chooses. */
void sk_escape_plain(struct sk_buffer *out, const char *text);
/* A word for a POSIX shell, quoted where it has to be. */
void sk_escape_shell(struct sk_buffer *out, const char *word);

#endif
