/* SPDX-License-Identifier: Apache-2.0 */
/* A small JSON scanner that gives what the reference gets from Python: {k: v if v is a str else
 * json.dumps(v)}.
 *
 * Members of the outer object are handled apart: their strings are unescaped in place, which never
 * makes them longer. Any other value is written anew in json.dumps's spelling, with its blanks,
 * ASCII escapes and float forms, into a buffer; dump_value() does that and checks the grammar in
 * one pass. An object inside keeps a repeated member at its first place with its last value, as a
 * dict does. */
#include "input/label_json.h"
#include "base/number.h"
#include "base/text.h"

#include <stdlib.h>

#define DEPTH_MOST 400
#define INTEGER_DIGITS_MOST 4300 /* Python's own limit */
#define HALF_HIGH(c) ((c) >= 0xD800 && (c) < 0xDC00)
#define HALF_LOW(c) ((c) >= 0xDC00 && (c) < 0xE000)

struct scan {
  char *at, *end;
  struct sk_arena *arena;
  bool no_memory;
};

struct member { /* of an object inside, as offsets in the buffer */
  size_t key, key_length, value, value_length;
  const uint8_t *bytes; /* the buffer, while members are sorted */
  uint32_t order;
};

static void skip_blanks(struct scan *in)
{
  while (in->at < in->end &&
         (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
    in->at++;
}

static bool take(struct scan *in, char c)
{
  if (in->at == in->end || *in->at != c)
    return false;
  in->at++;
  return true;
}

static bool take_word(struct scan *in, const char *word)
{
  const size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0)
    return false;
  in->at += length;
  return true;
}

/* Four hexadecimal digits at `at`; -1 where they are not there. */
static int32_t hex4(const char *at, const char *end)
{
  int32_t value = 0;
  if (end - at < 4)
    return -1;
  for (int i = 0; i < 4; i++) {
    const char c = at[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0)
      return -1;
    value = value << 4 | digit;
  }
  return value;
}

/* One escape, behind its backslash, as a code point; a half of a surrogate pair comes as itself.
 * -1: none. */
static int32_t escape(struct scan *in)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  if (in->at == in->end)
    return -1;
  const char c = *in->at++;
  if (c != 'u') {
    const char *found = c ? strchr(from, c) : NULL;
    return found ? to[found - from] : -1;
  }
  const int32_t first = hex4(in->at, in->end);
  if (first < 0)
    return -1;
  in->at += 4;
  if (HALF_HIGH(first) && in->end - in->at >= 6 && in->at[0] == '\\' && in->at[1] == 'u') {
    const int32_t second = hex4(in->at + 2, in->end);
    if (second >= 0 && HALF_LOW(second)) {
      in->at += 6;
      return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
  }
  return first;
}

/* A string behind its opening quote, unescaped in place. */
static bool plain_string(struct scan *in, const char **bytes, uint32_t *length)
{
  *bytes = in->at;
  while (in->at < in->end && *in->at != '"' && *in->at != '\\' && (uint8_t)*in->at >= 0x20)
    in->at++; /* stays where it is: nothing is unescaped before */
  char *out = in->at;
  while (in->at < in->end) {
    const char c = *in->at++;
    if (c == '"') {
      *length = (uint32_t)(out - *bytes);
      return true;
    }
    if ((uint8_t)c < 0x20)
      return false;
    if (c != '\\') {
      *out++ = c;
      continue;
    }
    int32_t scalar = escape(in);
    if (scalar < 0)
      return false;
    if (HALF_HIGH(scalar) || HALF_LOW(scalar))
      scalar = 0xFFFD;
    out += sk_utf8_put((uint32_t)scalar, (uint8_t *)out);
  }
  return false;
}

/* ---- json.dumps ----------------------------------------------------------------------------- */

static void dump_unit(struct sk_buffer *out, uint32_t unit)
{
  sk_buffer_printf(out, "\\u%04x", unit);
}

static void dump_scalar(struct sk_buffer *out, uint32_t scalar)
{
  static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = scalar && scalar < 0x80 ? strchr(plain, (int)scalar) : NULL;
  if (found) {
    sk_buffer_byte(out, '\\');
    sk_buffer_byte(out, (uint8_t)letters[found - plain]);
  } else if (scalar >= 0x20 && scalar < 0x7F) {
    sk_buffer_byte(out, (uint8_t)scalar);
  } else if (scalar < 0x10000) {
    dump_unit(out, scalar);
  } else {
    dump_unit(out, 0xD800 + ((scalar - 0x10000) >> 10));
    dump_unit(out, 0xDC00 + ((scalar - 0x10000) & 0x3FF));
  }
}

/* The UTF-8 sequence that starts behind its first byte c; the text is valid, but reads nothing
 * beyond its end where it is not. */
static uint32_t utf8_rest(struct scan *in, uint8_t c)
{
  const int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
  uint32_t scalar = more == 3 ? c & 7u : more == 2 ? c & 15u : more == 1 ? c & 31u : c;
  for (int i = 0; i < more && in->at < in->end && ((uint8_t)*in->at & 0xC0) == 0x80; i++)
    scalar = scalar << 6 | ((uint8_t)*in->at++ & 63u);
  return scalar;
}

static bool dump_string(struct scan *in, struct sk_buffer *out)
{
  sk_buffer_byte(out, '"');
  while (in->at < in->end) {
    const uint8_t c = (uint8_t)*in->at++;
    if (c == '"') {
      sk_buffer_byte(out, '"');
      return true;
    }
    if (c < 0x20)
      return false;
    const int32_t scalar = c == '\\' ? escape(in) : (int32_t)utf8_rest(in, c);
    if (scalar < 0)
      return false;
    dump_scalar(out, (uint32_t)scalar);
  }
  return false;
}

static size_t skip_digits(struct scan *in)
{
  const char *from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
    in->at++;
  return (size_t)(in->at - from);
}

static void dump_double(struct sk_buffer *out, double value)
{
  char text[SK_NUMBER_TEXT];
  if (value - value != 0) /* an overflow */
    sk_buffer_text(out, value < 0 ? "-Infinity" : "Infinity");
  else
    sk_buffer_add(out, text, sk_number_format(value, text));
}

static bool dump_number(struct scan *in, struct sk_buffer *out)
{
  char *from = in->at, *mark;
  bool whole = true;
  double value = 0;
  take(in, '-');
  const char *first = in->at;
  const size_t count = skip_digits(in);
  if (count == 0 || (count > 1 && *first == '0'))
    return false;
  mark = in->at;
  if (take(in, '.') && skip_digits(in) > 0) {
    whole = false;
    mark = in->at;
  }
  in->at = mark;
  if (take(in, 'e') || take(in, 'E')) {
    if (!take(in, '+'))
      take(in, '-');
    if (skip_digits(in) > 0) {
      whole = false;
      mark = in->at;
    }
  }
  in->at = mark;
  if (!whole) {
    if (!sk_number_parse(from, (size_t)(mark - from), &value))
      return false;
    dump_double(out, value);
    return true;
  }
  if (count > INTEGER_DIGITS_MOST)
    return false;
  if (*first == '0') /* "-0" is 0 */
    from = mark - 1;
  sk_buffer_add(out, from, (size_t)(mark - from));
  return true;
}

static bool dump_value(struct scan *in, struct sk_buffer *out, int depth);

static bool dump_array(struct scan *in, struct sk_buffer *out, int depth)
{
  sk_buffer_byte(out, '[');
  skip_blanks(in);
  if (take(in, ']')) {
    sk_buffer_byte(out, ']');
    return true;
  }
  for (;;) {
    skip_blanks(in);
    if (!dump_value(in, out, depth + 1))
      return false;
    skip_blanks(in);
    if (take(in, ']'))
      break;
    if (!take(in, ','))
      return false;
    sk_buffer_text(out, ", ");
  }
  sk_buffer_byte(out, ']');
  return true;
}

static int by_key(const void *a, const void *b)
{
  const struct member *x = a, *y = b;
  const size_t both = x->key_length < y->key_length ? x->key_length : y->key_length;
  const int order = memcmp(x->bytes + x->key, y->bytes + y->key, both);
  if (order)
    return order;
  if (x->key_length != y->key_length)
    return x->key_length < y->key_length ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static int by_order(const void *a, const void *b)
{
  const struct member *x = a, *y = b;
  return x->order < y->order ? -1 : x->order > y->order;
}

/* Writes the object that starts at `start` again where it repeats a member. */
static bool drop_repeated(struct scan *in, struct sk_buffer *out, size_t start,
                          struct member *members, uint32_t count)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++)
    members[i].bytes = out->bytes;
  qsort(members, count, sizeof *members, by_key);
  for (uint32_t i = 0; i < count; i++) {
    struct member *last = kept ? &members[kept - 1] : NULL;
    if (last && last->key_length == members[i].key_length &&
        memcmp(out->bytes + last->key, out->bytes + members[i].key, last->key_length) == 0) {
      last->value = members[i].value;
      last->value_length = members[i].value_length;
    } else {
      members[kept++] = members[i];
    }
  }
  if (kept == count)
    return true;
  qsort(members, kept, sizeof *members, by_order);
  const size_t length = out->length - start;
  uint8_t *old = sk_arena_bytes(in->arena, length);
  if (!old) {
    in->no_memory = true;
    return false;
  }
  memcpy(old, out->bytes + start, length);
  out->length = start;
  for (uint32_t i = 0; i < kept; i++) {
    sk_buffer_text(out, i ? ", " : "{");
    sk_buffer_add(out, old + (members[i].key - start), members[i].key_length);
    sk_buffer_text(out, ": ");
    sk_buffer_add(out, old + (members[i].value - start), members[i].value_length);
  }
  sk_buffer_byte(out, '}');
  return true;
}

static struct member *new_member(struct scan *in, struct member **members, uint32_t count,
                                 uint32_t *capacity)
{
  if (count == *capacity) {
    const uint32_t more = *capacity ? *capacity * 2 : 8;
    struct member *moved = sk_arena_alloc(in->arena, more * sizeof *moved);
    if (!moved) {
      in->no_memory = true;
      return NULL;
    }
    if (count)
      memcpy(moved, *members, count * sizeof *moved);
    *members = moved;
    *capacity = more;
  }
  struct member *made = &(*members)[count];
  *made = (struct member){.order = count};
  return made;
}

static bool dump_object(struct scan *in, struct sk_buffer *out, int depth)
{
  const size_t start = out->length;
  struct member *members = NULL;
  uint32_t count = 0, capacity = 0;
  sk_buffer_byte(out, '{');
  skip_blanks(in);
  if (take(in, '}')) {
    sk_buffer_byte(out, '}');
    return true;
  }
  for (;;) {
    struct member *member = new_member(in, &members, count++, &capacity);
    skip_blanks(in);
    if (!member || !take(in, '"'))
      return false;
    member->key = out->length;
    if (!dump_string(in, out))
      return false;
    member->key_length = out->length - member->key;
    skip_blanks(in);
    if (!take(in, ':'))
      return false;
    sk_buffer_text(out, ": ");
    skip_blanks(in);
    member->value = out->length;
    if (!dump_value(in, out, depth + 1))
      return false;
    members[count - 1].value_length = out->length - members[count - 1].value;
    skip_blanks(in);
    if (take(in, '}'))
      break;
    if (!take(in, ','))
      return false;
    sk_buffer_text(out, ", ");
  }
  sk_buffer_byte(out, '}');
  if (out->failed) {
    in->no_memory = true;
    return false;
  }
  return drop_repeated(in, out, start, members, count);
}

static bool dump_value(struct scan *in, struct sk_buffer *out, int depth)
{
  static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
  if (depth > DEPTH_MOST || in->at == in->end || out->failed)
    return false;
  if (take(in, '"'))
    return dump_string(in, out);
  if (take(in, '{'))
    return dump_object(in, out, depth);
  if (take(in, '['))
    return dump_array(in, out, depth);
  for (size_t i = 0; i < SK_COUNT(words); i++)
    if (take_word(in, words[i])) {
      sk_buffer_text(out, words[i]);
      return true;
    }
  return dump_number(in, out);
}

/* ---- the outer object ------------------------------------------------------------------------ */

static bool other_value(struct scan *in, struct sk_buffer *out, struct sk_label *label)
{
  sk_buffer_clear(out);
  if (!dump_value(in, out, 1))
    return false;
  char *copy = out->failed ? NULL : sk_arena_bytes(in->arena, out->length);
  if (!copy) {
    in->no_memory = true;
    return false;
  }
  memcpy(copy, out->bytes, out->length);
  label->value = copy;
  label->value_length = (uint32_t)out->length;
  return true;
}

static bool outer_member(struct scan *in, struct sk_buffer *out, struct sk_label_list *list)
{
  struct sk_label_item *item = sk_label_list_add(list);
  if (!item) {
    in->no_memory = true;
    return false;
  }
  skip_blanks(in);
  if (!take(in, '"') || !plain_string(in, &item->label.key, &item->label.key_length))
    return false;
  skip_blanks(in);
  if (!take(in, ':'))
    return false;
  skip_blanks(in);
  if (take(in, '"'))
    return plain_string(in, &item->label.value, &item->label.value_length);
  if (take_word(in, "null")) {
    item->null = true;
    return true;
  }
  return other_value(in, out, &item->label);
}

static bool outer_object(struct scan *in, struct sk_buffer *out, struct sk_label_list *list)
{
  if (!take(in, '{'))
    return false;
  skip_blanks(in);
  if (!take(in, '}')) {
    for (;;) {
      if (!outer_member(in, out, list))
        return false;
      skip_blanks(in);
      if (take(in, '}'))
        break;
      if (!take(in, ','))
        return false;
    }
  }
  skip_blanks(in);
  return in->at == in->end;
}

enum sk_json_result sk_label_json(char *text, size_t length, struct sk_label_list *list)
{
  struct scan in = {text, text + length, list->arena, false};
  struct sk_buffer out;
  sk_buffer_init(&out, list->arena->budget, length > SIZE_MAX / 32 ? SIZE_MAX : length * 20 + 1024);
  const bool whole = outer_object(&in, &out, list);
  const bool no_memory = in.no_memory || (!whole && out.failed);
  sk_buffer_reset(&out);
  return no_memory ? SK_JSON_NOMEM : whole ? SK_JSON_OK : SK_JSON_NONE;
}
