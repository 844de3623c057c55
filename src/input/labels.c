/* SPDX-License-Identifier: Apache-2.0 */
/* Label texts in both spellings -> sorted lists of labels (spec/1-input.md, Labels).
 *
 * A plain JSON object is read as it lies (label_quick.c). Any other text is copied to the arena
 * once, and keys and values are slices of the copy: taking "label_" out of a key and unescaping
 * JSON only ever shorten. What the reference does to the character, this does too: blanks of
 * Unicode around the text go, a text that begins with '{' and is no JSON object is read as the
 * operator spelling. */
#include "input/label_json.h"
#include "base/text.h"

#include <stdlib.h>

#define FEW_LABELS 24

struct sk_label_item *sk_label_list_add(struct sk_label_list *list)
{
  if (list->count == list->capacity) {
    const uint32_t more = list->capacity ? list->capacity * 2 : 16;
    struct sk_label_item *moved = sk_arena_alloc(list->arena, more * sizeof *moved);
    if (!moved)
      return NULL;
    if (list->count)
      memcpy(moved, list->items, list->count * sizeof *moved);
    list->items = moved; /* the old one stays in the arena, at most as much again */
    list->capacity = more;
  }
  struct sk_label_item *item = &list->items[list->count];
  *item = (struct sk_label_item){.label = {"", "", 0, 0}, .order = list->count++};
  return item;
}

/* Length of the blank (as Python's str.isspace() has it) that the text begins with; 0 for none. */
static size_t blank_at(const uint8_t *at, size_t length)
{
  const uint8_t c = at[0];
  if (c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F))
    return 1;
  if (length >= 2 && c == 0xC2 && (at[1] == 0x85 || at[1] == 0xA0))
    return 2;
  if (length < 3)
    return 0;
  const uint32_t three = (uint32_t)c << 16 | (uint32_t)at[1] << 8 | at[2];
  const bool blank = three == 0xE19A80 ||                        /* U+1680 */
                     (three >= 0xE28080 && three <= 0xE2808A) || /* U+2000 to U+200A */
                     three == 0xE280A8 || three == 0xE280A9 ||   /* U+2028, U+2029 */
                     three == 0xE280AF || three == 0xE2819F ||   /* U+202F, U+205F */
                     three == 0xE38080;                          /* U+3000 */
  return blank ? 3 : 0;
}

static void strip(const char **text, size_t *length)
{
  const uint8_t *from = (const uint8_t *)*text, *end = from + *length;
  size_t n;
  while (from < end && (n = blank_at(from, (size_t)(end - from))) > 0)
    from += n;
  while (end > from) {
    size_t cut = 0;
    for (size_t back = 1; back <= 3 && back <= (size_t)(end - from) && !cut; back++)
      if (blank_at(end - back, back) == back)
        cut = back;
    if (!cut)
      break;
    end -= cut;
  }
  *text = (const char *)from;
  *length = (size_t)(end - from);
}

/* Takes every "label_" out of a key, in place; returns the new length. */
static uint32_t clean_key(char *key, size_t length)
{
  static const char prefix[] = "label_";
  const size_t n = sizeof prefix - 1;
  size_t out = 0;
  for (size_t i = 0; i < length;) {
    if (key[i] == 'l' && length - i >= n && memcmp(key + i, prefix, n) == 0)
      i += n;
    else
      key[out++] = key[i++];
  }
  return (uint32_t)out;
}

/* key:value|key:value, overwritten. */
static bool operator_spelling(char *text, size_t length, struct sk_label_list *list,
                              uint32_t *skipped)
{
  char *end = text + length;
  for (char *at = text;;) {
    char *bar = memchr(at, '|', (size_t)(end - at));
    char *stop = bar ? bar : end;
    char *colon = memchr(at, ':', (size_t)(stop - at));
    if (!colon || memchr(colon + 1, ':', (size_t)(stop - colon - 1))) {
      ++*skipped;
    } else {
      struct sk_label_item *item = sk_label_list_add(list);
      if (!item)
        return false;
      item->label = (struct sk_label){at, colon + 1, clean_key(at, (size_t)(colon - at)),
                                      (uint32_t)(stop - colon - 1)};
    }
    if (!bar)
      return true;
    at = bar + 1;
  }
}

/* Most keys differ in their first byte. */
static inline int compare_texts(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
  if (a_length && b_length && *a != *b)
    return (uint8_t)*a < (uint8_t)*b ? -1 : 1;
  const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int by_key(const void *a, const void *b)
{
  const struct sk_label_item *x = a, *y = b;
  const int order =
      compare_texts(x->label.key, x->label.key_length, y->label.key, y->label.key_length);
  return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* Few labels, as nearly always, are put in their places one by one; a call of qsort() costs
 * more. */
static void sort_items(struct sk_label_item *items, uint32_t count)
{
  if (count > FEW_LABELS) {
    qsort(items, count, sizeof *items, by_key);
    return;
  }
  for (uint32_t i = 1; i < count; i++) {
    const struct sk_label_item item = items[i];
    uint32_t at = i;
    for (; at && by_key(&item, &items[at - 1]) < 0; at--)
      items[at] = items[at - 1];
    items[at] = item;
  }
}

/* Sorts and keeps the last of each key, nulls left out. */
static bool finish(struct sk_label_list *list, struct sk_label **labels, uint32_t *count)
{
  struct sk_label *out = sk_arena_alloc(list->arena, (list->count ? list->count : 1) * sizeof *out);
  uint32_t kept = 0;
  if (!out)
    return false;
  sort_items(list->items, list->count);
  for (uint32_t i = 0; i < list->count; i++) {
    const struct sk_label_item *item = &list->items[i], *next = item + 1;
    const bool last =
        i + 1 == list->count || compare_texts(item->label.key, item->label.key_length,
                                              next->label.key, next->label.key_length) != 0;
    if (last && !item->null)
      out[kept++] = item->label;
  }
  *labels = out;
  *count = kept;
  return true;
}

bool sk_labels_parse(const char *text, size_t length, struct sk_arena *arena,
                     struct sk_label **labels, uint32_t *count, uint32_t *skipped)
{
  struct sk_label_list list = {.arena = arena};
  *labels = NULL;
  *count = *skipped = 0;
  strip(&text, &length);
  if (length == 0)
    return true;
  if (*text == '{') {
    const enum sk_json_result result = sk_label_quick(text, length, &list);
    if (result != SK_JSON_NONE)
      return result == SK_JSON_OK && finish(&list, labels, count);
    list.count = 0;
  }
  char *copy = sk_arena_bytes(arena, length);
  if (!copy)
    return false;
  memcpy(copy, text, length);
  if (*text == '{') {
    const enum sk_json_result result = sk_label_json(copy, length, &list);
    if (result == SK_JSON_NOMEM)
      return false;
    if (result == SK_JSON_OK)
      return finish(&list, labels, count);
    list.count = 0;
    memcpy(copy, text, length); /* it has been written to */
  }
  return operator_spelling(copy, length, &list, skipped) && finish(&list, labels, count);
}

void sk_labels_json(struct sk_buffer *out, const struct sk_label *labels, uint32_t count)
{
  sk_buffer_byte(out, '{');
  for (uint32_t i = 0; i < count; i++) {
    if (i) {
      sk_buffer_byte(out, ',');
      sk_buffer_byte(out, ' ');
    }
    sk_json_quote(out, labels[i].key, labels[i].key_length);
    sk_buffer_byte(out, ':');
    sk_buffer_byte(out, ' ');
    sk_json_quote(out, labels[i].value, labels[i].value_length);
  }
  sk_buffer_byte(out, '}');
}
