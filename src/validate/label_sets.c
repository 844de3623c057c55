/* SPDX-License-Identifier: Apache-2.0 */
/* Each distinct text is parsed once, and each union of two sets is made once. */
#include "validate/label_sets.h"

#include "base/text.h"
#include "validate/label_spelling.h"

#define TEXT_MOST ((size_t)1 << 30)

/* The labels of one text while it is read. */
struct reading {
  struct sk_plain_label *labels;
  uint32_t count, capacity;
  struct sk_arena arena;
  bool failed;
};

bool sk_label_sets_init(struct sk_label_sets *sets, const char *const *enabled, size_t count,
                        struct sk_budget *budget)
{
  *sets = (struct sk_label_sets){.budget = budget};
  sk_arena_init(&sets->arena, budget);
  sk_map_init(&sets->pairs, budget);
  sk_buffer_init(&sets->text, budget, TEXT_MOST);
  bool ok = sk_intern_init(&sets->texts, budget) && sk_intern_init(&sets->enabled, budget) &&
            sk_intern_init(&sets->spelled[0], budget) && sk_intern_init(&sets->spelled[1], budget);
  static const char always[] = "vm_kubevirt_io_name";
  ok = ok && sk_intern_add(&sets->enabled, always, sizeof always - 1) != SK_NO_ID;
  for (size_t i = 0; ok && i < count; i++) {
    sets->keeps_empty_key |= !*enabled[i];
    ok = sk_intern_add(&sets->enabled, enabled[i], strlen(enabled[i])) != SK_NO_ID;
  }
  return ok && sk_label_sets_read(sets, "{}", 2, true) == SK_NO_LABELS;
}

void sk_label_sets_reset(struct sk_label_sets *sets)
{
  sk_intern_reset(&sets->texts);
  sk_intern_reset(&sets->enabled);
  sk_intern_reset(&sets->spelled[0]);
  sk_intern_reset(&sets->spelled[1]);
  sk_map_reset(&sets->pairs);
  sk_arena_reset(&sets->arena);
  sk_buffer_reset(&sets->text);
  sk_free(sets->sets);
  sk_free(sets->unions);
}

/* ---- reading a text ------------------------------------------------------------------------- */

static int compare_bytes(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
  const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Puts a label in its place among the sorted ones; a later one takes the place of an earlier
 * one. */
static void put_label(struct reading *r, struct sk_plain_label label)
{
  uint32_t at = r->count;
  if (r->failed) /* its texts may not be there */
    return;
  while (at && compare_bytes(r->labels[at - 1].key, r->labels[at - 1].key_length, label.key,
                             label.key_length) > 0)
    at--;
  if (at && compare_bytes(r->labels[at - 1].key, r->labels[at - 1].key_length, label.key,
                          label.key_length) == 0) {
    r->labels[at - 1] = label;
    return;
  }
  if (r->count == r->capacity) {
    const uint32_t more = r->capacity ? r->capacity * 2 : 32;
    struct sk_plain_label *moved = sk_arena_alloc(&r->arena, more * sizeof *moved);
    if (!moved) {
      r->failed = true;
      return;
    }
    if (r->count)
      memcpy(moved, r->labels, r->count * sizeof *moved);
    r->labels = moved;
    r->capacity = more;
  }
  memmove(&r->labels[at + 1], &r->labels[at], (r->count++ - at) * sizeof label);
  r->labels[at] = label;
}

static const char *keep_bytes(struct reading *r, const char *bytes, size_t length)
{
  char *copy = sk_arena_bytes(&r->arena, length + 1);
  if (!copy) {
    r->failed = true;
    return "";
  }
  memcpy(copy, bytes, length);
  return copy;
}

/* A value that is no string, by its JSON text. */
static void put_other(struct reading *r, struct sk_plain_label label, const json_t *value)
{
  struct sk_buffer text;
  sk_buffer_init(&text, r->arena.budget, TEXT_MOST);
  sk_plain_dump(&text, value);
  r->failed |= text.failed;
  label.value_length = (uint32_t)text.length;
  label.value = keep_bytes(r, text.length ? (const char *)text.bytes : "", text.length);
  sk_buffer_reset(&text);
  put_label(r, label);
}

static bool read_json(struct reading *r, const char *text, size_t length)
{
  json_t *const object = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
  const char *key;
  size_t key_length;
  json_t *value;
  const bool is = json_is_object(object);
  if (is) {
    json_object_keylen_foreach(object, key, key_length, value)
    {
      struct sk_plain_label label = {.key_length = (uint32_t)key_length};
      label.key = keep_bytes(r, key, key_length);
      if (json_is_string(value)) {
        label.value_length = (uint32_t)json_string_length(value);
        label.value = keep_bytes(r, json_string_value(value), label.value_length);
        put_label(r, label);
      } else if (!json_is_null(value)) {
        put_other(r, label, value);
      }
    }
  }
  json_decref(object);
  return is;
}

/* Takes "label_" out wherever it stands. */
static struct sk_plain_label clean_label(struct reading *r, const char *key, size_t key_length,
                                         const char *value, size_t value_length)
{
  static const char prefix[] = "label_";
  const size_t n = sizeof prefix - 1;
  char *const copy = sk_arena_bytes(&r->arena, key_length + 1);
  size_t out = 0;
  r->failed |= !copy;
  for (size_t i = 0; copy && i < key_length;) {
    if (key_length - i >= n && memcmp(key + i, prefix, n) == 0)
      i += n;
    else
      copy[out++] = key[i++];
  }
  return (struct sk_plain_label){copy ? copy : "", value, (uint32_t)out, (uint32_t)value_length};
}

static void read_pairs(struct reading *r, const char *text, size_t length)
{
  const char *const end = text + length;
  for (;;) {
    const char *const bar = memchr(text, '|', (size_t)(end - text));
    const char *const stop = bar ? bar : end;
    const char *const colon = memchr(text, ':', (size_t)(stop - text));
    if (colon && !memchr(colon + 1, ':', (size_t)(stop - colon - 1)))
      put_label(
          r, clean_label(r, text, (size_t)(colon - text), colon + 1, (size_t)(stop - colon - 1)));
    if (!bar)
      return;
    text = bar + 1;
  }
}

/* ---- numbers of sets ------------------------------------------------------------------------ */

static void spell(struct sk_buffer *out, const struct sk_plain_label *labels, uint32_t count)
{
  sk_buffer_clear(out);
  sk_buffer_byte(out, '{');
  for (uint32_t i = 0; i < count; i++) {
    sk_buffer_text(out, i ? ", " : "");
    sk_json_quote(out, labels[i].key, labels[i].key_length);
    sk_buffer_text(out, ": ");
    sk_json_quote(out, labels[i].value, labels[i].value_length);
  }
  sk_buffer_byte(out, '}');
}

static bool copy_label(struct sk_arena *arena, struct sk_plain_label *label)
{
  char *const copy = sk_arena_bytes(arena, (size_t)label->key_length + label->value_length + 1);
  if (!copy)
    return false;
  memcpy(copy, label->key, label->key_length);
  memcpy(copy + label->key_length, label->value, label->value_length);
  label->key = copy;
  label->value = copy + label->key_length;
  return true;
}

static bool make_room(struct sk_label_sets *sets, uint32_t number)
{
  if (number < sets->capacity)
    return true;
  const uint32_t more = sets->capacity ? sets->capacity * 2 : 256;
  struct sk_plain_set *moved = sk_realloc(sets->budget, sets->sets, more * sizeof *moved);
  if (!moved)
    return false;
  sets->sets = moved;
  sets->capacity = more;
  return true;
}

/* The number of these labels, which are copied where they are new. */
static uint32_t number_labels(struct sk_label_sets *sets, const struct sk_plain_label *labels,
                              uint32_t count)
{
  const uint32_t before = atomic_load(&sets->texts.count);
  spell(&sets->text, labels, count);
  const uint32_t number = sets->text.failed
                              ? SK_NO_ID
                              : sk_intern_add(&sets->texts, sets->text.bytes, sets->text.length);
  if (number == SK_NO_ID || number < before)
    return number;
  struct sk_plain_label *kept = sk_arena_alloc(&sets->arena, (count + 1) * sizeof *kept);
  if (!kept || !make_room(sets, number))
    return SK_NO_ID;
  for (uint32_t i = 0; i < count; i++) {
    kept[i] = labels[i];
    if (!copy_label(&sets->arena, &kept[i]))
      return SK_NO_ID;
  }
  sets->sets[number] = (struct sk_plain_set){kept, count};
  return number;
}

static bool keeps(const struct sk_label_sets *sets, const struct sk_plain_label *label)
{
  return label->key_length
             ? sk_intern_find(&sets->enabled, label->key, label->key_length) != SK_NO_ID
             : sets->keeps_empty_key;
}

/* The labels of a text, whose arena is the caller's to reset. */
static void read_labels(struct reading *r, const char *text, size_t length)
{
  sk_plain_strip(&text, &length);
  if (length && (*text != '{' || !read_json(r, text, length))) {
    r->count = 0;
    read_pairs(r, text, length);
  }
}

static uint32_t read_text(struct sk_label_sets *sets, const char *text, size_t length, bool all)
{
  struct reading r = {.count = 0};
  uint32_t kept = 0;
  sk_arena_init(&r.arena, sets->budget);
  read_labels(&r, text, length);
  for (uint32_t i = 0; i < r.count; i++)
    if (all || keeps(sets, &r.labels[i]))
      r.labels[kept++] = r.labels[i];
  const uint32_t number = r.failed ? SK_NO_ID : number_labels(sets, r.labels, kept);
  sk_arena_reset(&r.arena);
  return number;
}

uint32_t sk_label_sets_read(struct sk_label_sets *sets, const char *text, size_t length, bool all)
{
  if (!length)
    return SK_NO_LABELS;
  struct sk_intern *const spelled = &sets->spelled[all];
  const uint32_t id = sk_intern_add(spelled, text, length);
  if (id == SK_NO_ID)
    return id;
  uint32_t number = sk_intern_value(spelled, id);
  if (number == SK_NO_ID) {
    number = read_text(sets, text, length, all);
    sk_intern_set_value(spelled, id, number);
  }
  return number;
}

bool sk_label_sets_find(struct sk_label_sets *sets, const char *text, size_t length,
                        uint32_t *number)
{
  struct reading r = {.count = 0};
  const uint32_t id = sk_intern_find(&sets->spelled[1], text, length);
  *number = !length ? SK_NO_LABELS : id != SK_NO_ID ? sk_intern_value(&sets->spelled[1], id) : id;
  if (*number != SK_NO_ID)
    return true;
  sk_arena_init(&r.arena, sets->budget);
  read_labels(&r, text, length);
  if (!r.failed)
    spell(&sets->text, r.labels, r.count);
  const bool ok = !r.failed && !sets->text.failed;
  if (ok)
    *number = sk_intern_find(&sets->texts, sets->text.bytes, sets->text.length);
  sk_arena_reset(&r.arena);
  return ok;
}

static uint32_t merge(struct sk_label_sets *sets, uint32_t a, uint32_t b)
{
  struct reading r = {.count = 0};
  sk_arena_init(&r.arena, sets->budget);
  for (uint32_t i = 0; i < sets->sets[a].count; i++)
    put_label(&r, sets->sets[a].labels[i]);
  for (uint32_t i = 0; i < sets->sets[b].count; i++)
    put_label(&r, sets->sets[b].labels[i]);
  const uint32_t number = r.failed ? SK_NO_ID : number_labels(sets, r.labels, r.count);
  sk_arena_reset(&r.arena);
  return number;
}

uint32_t sk_label_sets_union(struct sk_label_sets *sets, uint32_t a, uint32_t b)
{
  bool is_new;
  if (a == SK_NO_ID || b == SK_NO_ID)
    return SK_NO_ID;
  if (a == SK_NO_LABELS || a == b)
    return b;
  if (b == SK_NO_LABELS)
    return a;
  const uint32_t at = sk_map_add(&sets->pairs, a, b, &is_new);
  if (at == SK_NO_ID)
    return at;
  if (at >= sets->union_capacity) {
    const uint32_t more = sets->union_capacity ? sets->union_capacity * 2 : 256;
    uint32_t *moved = sk_realloc(sets->budget, sets->unions, more * sizeof *moved);
    if (!moved)
      return SK_NO_ID;
    sets->unions = moved;
    sets->union_capacity = more;
  }
  if (is_new)
    sets->unions[at] = merge(sets, a, b);
  return sets->unions[at];
}

uint32_t sk_label_sets_without(struct sk_label_sets *sets, uint32_t set,
                               bool (*leaves)(void *context, const struct sk_plain_label *label),
                               void *context)
{
  struct reading r = {.count = 0};
  sk_arena_init(&r.arena, sets->budget);
  for (uint32_t i = 0; i < sets->sets[set].count; i++)
    if (!leaves(context, &sets->sets[set].labels[i]))
      put_label(&r, sets->sets[set].labels[i]);
  const uint32_t number = r.failed ? SK_NO_ID : number_labels(sets, r.labels, r.count);
  sk_arena_reset(&r.arena);
  return number;
}

int sk_label_sets_compare(const struct sk_label_sets *sets, uint32_t a, uint32_t b)
{
  const struct sk_plain_set *const x = &sets->sets[a], *const y = &sets->sets[b];
  for (uint32_t i = 0; i < x->count && i < y->count; i++) {
    const struct sk_plain_label *const p = &x->labels[i], *const q = &y->labels[i];
    int order = compare_bytes(p->key, p->key_length, q->key, q->key_length);
    if (!order)
      order = compare_bytes(p->value, p->value_length, q->value, q->value_length);
    if (order)
      return order;
  }
  return (x->count > y->count) - (x->count < y->count);
}

bool sk_label_sets_has(const struct sk_label_sets *sets, uint32_t set, const char *key,
                       const char *value)
{
  for (uint32_t i = 0; i < sets->sets[set].count; i++) {
    const struct sk_plain_label *const label = &sets->sets[set].labels[i];
    if (label->key_length == strlen(key) && memcmp(label->key, key, label->key_length) == 0 &&
        label->value_length == strlen(value) &&
        memcmp(label->value, value, label->value_length) == 0)
      return true;
  }
  return false;
}
