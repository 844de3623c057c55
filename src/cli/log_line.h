/* SPDX-License-Identifier: Apache-2.0 */
/* One event as a line for standard error, for people or for programs. Secrets are hidden in all of
 * its texts (base/redact.h). */
#ifndef SK_CLI_LOG_LINE_H
#define SK_CLI_LOG_LINE_H

#include "base/buffer.h"

/* "shukei: LEVEL: text" and a line of advice; control characters are escaped. */
void sk_log_line_text(struct sk_buffer *line, const shukei_event *event, const char *advice,
                      bool color);
/* One JSON object with time (UTC, milliseconds), level, phase, object, rows, seconds, message, and
 * of an error its status, offset and advice; what does not apply is left out. Bytes that are no
 * UTF-8 are shown as \xNN. `err` NULL: no error. Failed where memory lacks. */
void sk_log_line_json(struct sk_buffer *line, const shukei_event *event, const shukei_error *err);

#endif
