/* SPDX-License-Identifier: Apache-2.0 */
/* Label texts of both spellings. The quick reader of JSON agrees with the whole one; labels that
 * are written as JSON are read as the same labels again. */
#include "fuzzing.h"
#include "../unit/label_order.h"

#include "input/label_json.h"

static bool same_items(const struct sk_label_list *a, const struct sk_label_list *b)
{
  if (a->count != b->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++) {
    const struct sk_label *x = &a->items[i].label, *y = &b->items[i].label;
    if (x->key_length != y->key_length || x->value_length != y->value_length ||
        a->items[i].null != b->items[i].null || memcmp(x->key, y->key, x->key_length) != 0 ||
        memcmp(x->value, y->value, x->value_length) != 0)
      return false;
  }
  return true;
}

static void compare_readers(const uint8_t *bytes, size_t length, struct sk_arena *arena)
{
  struct sk_label_list quick = {.arena = arena}, whole = {.arena = arena};
  char *text = (char *)copy_of(bytes, length, 0), *copy = (char *)copy_of(bytes, length, 0);
  if (sk_label_quick(text, length, &quick) == SK_JSON_OK) {
    MUST(sk_label_json(copy, length, &whole) == SK_JSON_OK);
    MUST(same_items(&quick, &whole));
  }
  free(text);
  free(copy);
}

static void write_and_read(const struct sk_label *labels, uint32_t count, struct sk_arena *arena)
{
  struct sk_buffer json;
  struct sk_label *again = NULL;
  uint32_t again_count = 0, skipped = 0;
  sk_buffer_init(&json, arena->budget, SIZE_MAX / 2);
  sk_labels_json(&json, labels, count);
  MUST(!json.failed);
  MUST(sk_labels_parse((const char *)json.bytes, json.length, arena, &again, &again_count,
                       &skipped));
  MUST(skipped == 0 && label_order(labels, count, again, again_count) == 0);
  sk_buffer_reset(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct sk_budget budget;
  struct sk_arena arena;
  struct sk_label *labels = NULL;
  uint32_t count = 0, skipped = 0;
  char *text = (char *)copy_of(bytes, length, 0);
  sk_budget_init(&budget, UINT64_C(256) << 20);
  sk_arena_init(&arena, &budget);
  compare_readers(bytes, length, &arena);
  MUST(sk_labels_parse(text, length, &arena, &labels, &count, &skipped));
  for (uint32_t i = 1; i < count; i++)
    MUST(label_order(&labels[i - 1], 1, &labels[i], 1) < 0);
  write_and_read(labels, count, &arena);
  free(text);
  sk_arena_reset(&arena);
  MUST(budget.used_bytes == 0);
  return 0;
}
