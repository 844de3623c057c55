/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/members.h"

#include "base/text.h"

#include <errno.h>
#include <unistd.h>

#define DIGITS 15

/* ---- writing ------------------------------------------------------------------------------- */

void sk_member_set(json_t *object, const char *name, json_t *value)
{
  if (!value || json_object_set_new(object, name, value))
    json_object_set_new(object, "", json_null());
}

json_t *sk_member_text_value(const char *text)
{
  const size_t length = strlen(text);
  if (sk_utf8_valid(text, length))
    return json_stringn(text, length);
  char *const plain = sk_strndup(NULL, text, length);
  for (size_t i = 0; plain && i < length; i++)
    if ((unsigned char)plain[i] >= 0x80)
      plain[i] = '?';
  json_t *const value = plain ? json_string(plain) : NULL;
  sk_free(plain);
  return value;
}

void sk_member_set_text(json_t *object, const char *name, const char *text)
{
  if (text)
    sk_member_set(object, name, sk_member_text_value(text));
}

void sk_member_set_number(json_t *object, const char *name, int64_t number)
{
  if (number >= 0)
    sk_member_set(object, name, json_integer((json_int_t)number));
}

void sk_member_set_real(json_t *object, const char *name, double number)
{
  if (number >= 0)
    sk_member_set(object, name, json_real((double)(int64_t)(number * 1e6 + 0.5) / 1e6));
}

static int add(const char *bytes, size_t length, void *out)
{
  sk_buffer_add(out, bytes, length);
  return ((struct sk_buffer *)out)->failed ? -1 : 0;
}

bool sk_member_dump(json_t *object, struct sk_buffer *out)
{
  const bool ok =
      object && !json_object_get(object, "") &&
      json_dump_callback(object, add, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) == 0;
  json_decref(object);
  sk_buffer_byte(out, '\n');
  return ok && !out->failed;
}

bool sk_write_bytes(int fd, const void *bytes, size_t length)
{
  size_t done = 0;
  while (done < length) {
    const ssize_t n = write(fd, (const char *)bytes + done, length - done);
    if (n > 0)
      done += (size_t)n;
    else if (n < 0 && errno != EINTR)
      return false;
  }
  return true;
}

/* ---- reading ------------------------------------------------------------------------------- */

const char *sk_member_text(const json_t *object, const char *name, struct sk_arena *arena,
                           bool *failed)
{
  const json_t *const value = json_object_get(object, name);
  if (!json_is_string(value))
    return NULL;
  const size_t size = json_string_length(value) + 1;
  char *const copy = sk_arena_bytes(arena, size);
  *failed |= !copy;
  return copy ? memcpy(copy, json_string_value(value), size) : NULL;
}

int64_t sk_member_number(const json_t *object, const char *name)
{
  const json_t *const value = json_object_get(object, name);
  return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value) : -1;
}

double sk_member_real(const json_t *object, const char *name)
{
  const json_t *const value = json_object_get(object, name);
  return json_is_number(value) && json_number_value(value) >= 0 ? json_number_value(value) : -1;
}
