/* SPDX-License-Identifier: Apache-2.0 */
/* Texts for people, without what must not be seen. */
#ifndef SK_BASE_REDACT_H
#define SK_BASE_REDACT_H

#include "base/buffer.h"

/* Appends the text with "***" in place of secrets: the password of "scheme://user:password@host",
 * and the value of "key=value" where the key names a secret (password, token, signature and the
 * like), in any spelling of capitals, quoted or not. Rather too much than too little is hidden. */
void sk_redact(struct sk_buffer *out, const char *text);

#endif
