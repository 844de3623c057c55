/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets come into messages within names that users gave: connection strings, URLs that are
 * signed. One place hides them, the one that all messages pass, so that no message has to think of
 * it. */
#include "base/redact.h"

#define HIDDEN "***"

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(char c)
{
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

/* Length of what may be one URL: up to a blank or quote. */
static size_t token_length(const char *at)
{
  return strcspn(at, " \t\r\n\"'<>");
}

/* At "://": where the password begins and ends; false where there is none. It ends at the last '@'
 * of the token, for a password may have one that should have been escaped. */
static bool find_password(const char *at, size_t *from, size_t *to)
{
  const size_t length = token_length(at);
  size_t colon = 3;
  *to = length;
  while (*to > 3 && at[*to - 1] != '@')
    --*to;
  if (*to == 3)
    return false;
  --*to;
  while (colon < *to && at[colon] != ':')
    colon++;
  *from = colon + 1;
  return colon < *to;
}

/* Length of a secret's key with its '=' and blanks around it, 0 where none stands here. */
static size_t key_length(const char *at)
{
  static const char *const keys[] = {
      "password",
      "passwd",
      "pgpassword",
      "sslpassword",
      "passphrase",
      "secret",
      "aws_secret_access_key",
      "aws_session_token",
      "access_key",
      "secret_key",
      "token",
      "x-amz-signature",
      "x-amz-credential",
      "x-amz-security-token",
      "signature",
      "authorization",
  };
  for (size_t i = 0; i < SK_COUNT(keys); i++) {
    size_t n = 0;
    while (keys[i][n] && lower(at[n]) == keys[i][n])
      n++;
    if (keys[i][n])
      continue;
    while (at[n] == ' ')
      n++;
    if (at[n] != '=')
      continue;
    n++;
    while (at[n] == ' ')
      n++;
    return n;
  }
  return 0;
}

/* Length of a value: in quotes up to the closing one, else up to what ends it in a URL or a
 * list. */
static size_t value_length(const char *at)
{
  if (*at != '\'' && *at != '"')
    return strcspn(at, " \t\r\n&;,\"'");
  size_t n = 1;
  while (at[n] && at[n] != *at)
    n += at[n] == '\\' && at[n + 1] ? 2 : 1;
  return n + (at[n] != '\0');
}

void sk_redact(struct sk_buffer *out, const char *text)
{
  for (const char *at = text; *at;) {
    size_t from, to;
    const size_t key = at == text || !is_word(at[-1]) ? key_length(at) : 0;
    if (strncmp(at, "://", 3) == 0 && find_password(at, &from, &to)) {
      sk_buffer_add(out, at, from);
      sk_buffer_text(out, HIDDEN);
      at += to;
    } else if (key) {
      sk_buffer_add(out, at, key);
      sk_buffer_text(out, HIDDEN);
      at += key + value_length(at + key);
    } else {
      sk_buffer_byte(out, (uint8_t)*at++);
    }
  }
}
