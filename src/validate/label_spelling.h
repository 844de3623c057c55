/* SPDX-License-Identifier: Apache-2.0 */
/* What Python does to a label's text, by which the rules are told: str.strip() and json.dumps(). */
#ifndef SK_VALIDATE_LABEL_SPELLING_H
#define SK_VALIDATE_LABEL_SPELLING_H

#include "base/buffer.h"

#include <jansson.h>

/* Leaves the blanks away, those of Unicode, too, that the text begins and ends with. */
void sk_plain_strip(const char **text, size_t *length);
/* The JSON text of a value, as json.dumps() writes it: in ASCII, a blank behind commas and
 * colons. */
void sk_plain_dump(struct sk_buffer *out, const json_t *value);

#endif
