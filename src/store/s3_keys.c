/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as texts and as JSON, and those that a program of the user's prints
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). */
#include "store/s3_keys.h"

#include "base/calendar.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MOST ((size_t)64 << 10)

static bool copy(char *to, size_t size, const char *text)
{
  const size_t length = text ? strlen(text) : 0;
  if (length >= size)
    return false;
  if (length)
    memcpy(to, text, length);
  to[length] = '\0';
  return true;
}

bool sk_s3_keys_set(struct sk_s3_keys *keys, const char *access, const char *secret,
                    const char *token)
{
  keys->expires_s = SK_S3_NEVER;
  return access && *access && secret && *secret &&
         copy(keys->access, sizeof keys->access, access) &&
         copy(keys->secret, sizeof keys->secret, secret) &&
         copy(keys->token, sizeof keys->token, token);
}

/* Two digits at text, or -1. */
static int two(const char *text)
{
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
    return -1;
  return (text[0] - '0') * 10 + text[1] - '0';
}

bool sk_s3_instant(const char *text, int64_t *seconds)
{
  int32_t day;
  if (strnlen(text, 64) < 20 || !sk_day_parse(text, 10, &day) || (text[10] | 32) != 't')
    return false;
  const int hour = two(text + 11), minute = two(text + 14), second = two(text + 17);
  if (hour < 0 || minute < 0 || second < 0 || text[13] != ':' || text[16] != ':' || hour > 23 ||
      minute > 59 || second > 60)
    return false;
  const char *at = text + 19;
  if (*at == '.')
    at += 1 + strspn(at + 1, "0123456789");
  int64_t offset = 0;
  if (*at == '+' || *at == '-') {
    if (strlen(at) != 6 || at[3] != ':' || two(at + 1) < 0 || two(at + 4) < 0)
      return false;
    offset = (two(at + 1) * 3600 + two(at + 4) * 60) * (*at == '-' ? -1 : 1);
  } else if ((*at != 'Z' && *at != 'z') || at[1]) {
    return false;
  }
  *seconds = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second - offset;
  return true;
}

static const char *member(const json_t *object, const char *name)
{
  return json_string_value(json_object_get(object, name));
}

bool sk_s3_keys_of_json(const char *text, size_t length, const char *session,
                        struct sk_s3_keys *keys)
{
  json_t *const answer = json_loadb(text, length, 0, NULL);
  const char *const expires = member(answer, "Expiration");
  bool ok = sk_s3_keys_set(keys, member(answer, "AccessKeyId"), member(answer, "SecretAccessKey"),
                           member(answer, session));
  if (ok && expires)
    ok = sk_s3_instant(expires, &keys->expires_s);
  json_decref(answer);
  return ok;
}

/* What the command prints. The shell splits the command, as other programs do. */
static shukei_status read_process(const char *command, struct sk_buffer *text, shukei_error *err)
{
  char part[4096];
  FILE *const process = popen(command, "re");
  if (!process)
    return sk_fail(err, SHUKEI_EIO, "credential_process could not be started");
  for (size_t got; (got = fread(part, 1, sizeof part, process)) > 0;)
    sk_buffer_add(text, part, got);
  memset(part, 0, sizeof part);
  const int status = pclose(process);
  if (status != 0)
    return sk_fail(err, SHUKEI_EIO, "credential_process failed with the status %d", status);
  return text->failed ? sk_fail(err, SHUKEI_EIO, "credential_process printed more than %zu bytes",
                                ANSWER_MOST)
                      : SHUKEI_OK;
}

shukei_status sk_s3_keys_of_process(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                    bool *found, shukei_error *err)
{
  char command[SK_S3_VALUE_TEXT];
  struct sk_buffer text;
  *found = sk_s3_profile_value(ways->profiles, NULL, "credential_process", command);
  if (!*found)
    return SHUKEI_OK;
  sk_buffer_init(&text, ways->budget, ANSWER_MOST);
  shukei_status st = read_process(command, &text, err);
  if (!st && !sk_s3_keys_of_json((const char *)text.bytes, text.length, "SessionToken", keys))
    st = sk_fail(err, SHUKEI_EIO, "credential_process printed no keys as JSON");
  if (text.bytes)
    memset(text.bytes, 0, text.length);
  sk_buffer_reset(&text);
  return st;
}
