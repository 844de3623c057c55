/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects as they nearly always are: every member a string, nothing to unescape, no blanks but
 * those that json.dumps() writes. Then quotes alone tell where keys and values lie: they are found
 * 64 bytes at a time, and the text is neither copied nor written to. Whatever is not of this form,
 * right or wrong, is left to label_json.c. */
#include "base/json_marks.h"
#include "input/label_json.h"

/* The quotes of a text from the first to the last. */
struct quotes {
  const uint8_t *text;
  size_t length;
  size_t behind; /* of the 64 bytes that are looked at */
  uint64_t left; /* quotes among them that are still to come */
};

/* The place of the next quote; SIZE_MAX where there is none, or a byte that is not plain before. */
static size_t next_quote(struct quotes *q)
{
  while (!q->left) {
    uint8_t room[SK_JSON_BLOCK];
    const uint8_t *at = q->text + q->behind;
    if (q->behind >= q->length)
      return SIZE_MAX;
    if (q->length - q->behind < sizeof room) {
      memset(room, ' ', sizeof room);
      memcpy(room, at, q->length - q->behind);
      at = room;
    }
    const struct sk_json_marks marks = sk_json_marks(at);
    if (marks.others)
      return SIZE_MAX;
    q->left = marks.quotes;
    q->behind += SK_JSON_BLOCK;
  }
  const size_t place = q->behind - SK_JSON_BLOCK + (size_t)__builtin_ctzll(q->left);
  q->left &= q->left - 1;
  return place;
}

/* Whether there is this mark, with a blank behind it or without, between two places. */
static bool between(const char *text, size_t from, size_t to, char mark)
{
  return to - from - 1 < 2 && text[from] == mark && (to - from == 1 || text[from + 1] == ' ');
}

enum sk_json_result sk_label_quick(const char *text, size_t length, struct sk_label_list *list)
{
  struct quotes quotes = {(const uint8_t *)text, length, 0, 0};
  size_t key = next_quote(&quotes);
  if (key != 1 || *text != '{')
    return SK_JSON_NONE;
  for (;;) {
    const size_t key_end = next_quote(&quotes);
    const size_t value = next_quote(&quotes);
    const size_t value_end = next_quote(&quotes);
    if (value_end == SIZE_MAX || !between(text, key_end + 1, value, ':'))
      return SK_JSON_NONE;
    struct sk_label_item *item = sk_label_list_add(list);
    if (!item)
      return SK_JSON_NOMEM;
    item->label = (struct sk_label){text + key + 1, text + value + 1, (uint32_t)(key_end - key - 1),
                                    (uint32_t)(value_end - value - 1)};
    if (value_end + 2 == length)
      return text[value_end + 1] == '}' ? SK_JSON_OK : SK_JSON_NONE;
    key = next_quote(&quotes);
    if (key == SIZE_MAX || !between(text, value_end + 1, key, ','))
      return SK_JSON_NONE;
  }
}
