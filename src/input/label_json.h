/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON spelling of labels: private to labels.c and label_json.c. */
#ifndef SK_INPUT_LABEL_JSON_H
#define SK_INPUT_LABEL_JSON_H

#include "input/batch.h"

/* Labels in the order of the text, as they are found. */
struct sk_label_item {
  struct sk_label label;
  uint32_t order;
  bool null; /* "key": null, which takes an earlier value away */
};
struct sk_label_list {
  struct sk_arena *arena;
  struct sk_label_item *items;
  uint32_t count, capacity;
};
/* A new last item; NULL when memory lacks. */
struct sk_label_item *sk_label_list_add(struct sk_label_list *list);

enum sk_json_result { SK_JSON_OK, SK_JSON_NONE, SK_JSON_NOMEM };

/* Adds the members of a JSON object that fills text[length]; the text is overwritten (strings are
 * unescaped in place) and must outlive the list. NONE: it is no JSON object. Takes what Python's
 * json.loads() takes: NaN and infinities, integers of up to 4300 digits, any nesting up to a limit;
 * a half of a surrogate pair becomes U+FFFD. */
enum sk_json_result sk_label_json(char *text, size_t length, struct sk_label_list *list);

/* The same for an object of the usual form, whose members become slices of the text. NONE: it is
 * not of this form, and members that were added do not count. */
enum sk_json_result sk_label_quick(const char *text, size_t length, struct sk_label_list *list);

#endif
