/* SPDX-License-Identifier: Apache-2.0 */
/* "label_app:web|label_tier:front" -> {"app": "web", "tier": "front"}.
 *
 * Labels are made a million times over, so the common case has its own way: keys that hold "label_"
 * once, at their start, no character that JSON escapes, and no two equal keys, which is looked for
 * among the keys already written. */
#include "generate/json_labels.h"

#include "base/text.h"

#define MOST_PAIRS 64
#define PREFIX "label_"
#define PREFIX_BYTES (sizeof PREFIX - 1)

struct pair {
  struct sk_span key, value;
};

/* The next pair; false at the end. Malformed ones are passed over. */
static bool next_pair(const char **at, const char *end, struct pair *pair)
{
  while (*at < end) {
    const char *const from = *at;
    const char *bar = memchr(from, '|', (size_t)(end - from));
    if (!bar)
      bar = end;
    *at = bar < end ? bar + 1 : end;
    const char *const colon = memchr(from, ':', (size_t)(bar - from));
    if (!colon || memchr(colon + 1, ':', (size_t)(bar - colon - 1)))
      continue;
    pair->key = (struct sk_span){from, (size_t)(colon - from)};
    pair->value = (struct sk_span){colon + 1, (size_t)(bar - colon - 1)};
    return true;
  }
  return false;
}

/* Takes "label_" out of the key; returns its new length. */
static size_t bare_key(struct sk_span key, char *room)
{
  size_t length = 0;
  for (size_t i = 0; i < key.length;) {
    if (key.length - i >= PREFIX_BYTES && memcmp(key.text + i, PREFIX, PREFIX_BYTES) == 0)
      i += PREFIX_BYTES;
    else
      room[length++] = key.text[i++];
  }
  return length;
}

static bool needs_escapes(struct sk_span text)
{
  for (size_t i = 0; i < text.length; i++)
    if ((uint8_t)text.text[i] < 0x20 || text.text[i] == '"' || text.text[i] == '\\')
      return true;
  return false;
}

/* Writes text with its quotes at `at`, which needs no escapes; returns the end. */
static uint8_t *put(uint8_t *at, struct sk_span text)
{
  *at++ = '"';
  memcpy(at, text.text, text.length);
  at += text.length;
  *at++ = '"';
  return at;
}

/* Among pairs before `count`, the one with that key, or count. */
static size_t find(const struct pair *pairs, size_t count, struct sk_span key)
{
  for (size_t i = 0; i < count; i++)
    if (pairs[i].key.length == key.length && memcmp(pairs[i].key.text, key.text, key.length) == 0)
      return i;
  return count;
}

static void put_escaped(struct sk_buffer *out, const struct pair *pairs, size_t count)
{
  sk_buffer_byte(out, '{');
  for (size_t i = 0; i < count; i++) {
    if (i)
      sk_buffer_add(out, ", ", 2);
    sk_json_quote(out, pairs[i].key.text, pairs[i].key.length);
    sk_buffer_add(out, ": ", 2);
    sk_json_quote(out, pairs[i].value.text, pairs[i].value.length);
  }
  sk_buffer_byte(out, '}');
}

void sk_json_labels(struct sk_span labels, struct sk_buffer *out)
{
  struct pair pairs[MOST_PAIRS], pair;
  char keys[2048];
  size_t count = 0, used = 0;
  const char *at = labels.length ? labels.text : "";
  const char *const end = at + labels.length;
  sk_buffer_clear(out);
  while (at < end && next_pair(&at, end, &pair)) {
    const bool simple = pair.key.length > PREFIX_BYTES &&
                        memcmp(pair.key.text, PREFIX, PREFIX_BYTES) == 0 &&
                        !memchr(pair.key.text + PREFIX_BYTES, 'l', pair.key.length - PREFIX_BYTES);
    if (simple) {
      pair.key.text += PREFIX_BYTES;
      pair.key.length -= PREFIX_BYTES;
    } else if (sizeof keys - used >= pair.key.length) {
      const size_t length = bare_key(pair.key, keys + used);
      pair.key = (struct sk_span){keys + used, length};
      used += length;
    }
    const size_t place = find(pairs, count, pair.key);
    if (place == MOST_PAIRS)
      break;
    pairs[place] = pair;
    count += place == count;
  }
  size_t room = 2;
  bool escapes = false;
  for (size_t i = 0; i < count; i++) {
    room += pairs[i].key.length + pairs[i].value.length + 8;
    escapes = escapes || needs_escapes(pairs[i].key) || needs_escapes(pairs[i].value);
  }
  if (escapes) {
    put_escaped(out, pairs, count);
    return;
  }
  if (!sk_buffer_reserve(out, room))
    return;
  uint8_t *to = out->bytes;
  *to++ = '{';
  for (size_t i = 0; i < count; i++) {
    if (i) {
      memcpy(to, ", ", 2);
      to += 2;
    }
    to = put(to, pairs[i].key);
    memcpy(to, ": ", 2);
    to = put(to + 2, pairs[i].value);
  }
  *to++ = '}';
  out->length = (size_t)(to - out->bytes);
}
