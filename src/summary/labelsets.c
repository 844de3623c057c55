/* SPDX-License-Identifier: Apache-2.0 */
/* Label sets.
 *
 *   text --sk_label_texts_set()--> set id --sk_labelsets_union()--> set id --_json()--> text
 *
 * A set's canonical form is its labels sorted by key, each as
 *
 *   | key length 4 | value length 4 | key | value |      lengths in the machine's own order
 *
 * interned as one piece of bytes, so that equality is that of ids and the empty set is the empty
 * text, id 0. Unions are remembered by their two ids: a pod's labels meet the same node and
 * namespace hour after hour. */
#include "summary/labelsets.h"

#include <assert.h>

#define SETS_AT_ONCE 3
#define LEAST_LABEL (2 * sizeof(uint32_t)) /* bytes of one without key and value */

/* Parsed labels lie in an arena that is emptied after so many texts: freeing its chunk costs more
 * than parsing a text, and so many texts of a usual length are far below a megabyte. */
#define TEXTS_PER_ARENA 64
/* Parsed texts wait for their sets' ids until there are so many bytes of them. */
#define WAITING_BYTES ((size_t)256 << 10)

void sk_labelsets_init(struct sk_labelsets *sets, struct sk_intern *table, struct sk_budget *budget)
{
  *sets = (struct sk_labelsets){.sets = table};
  sk_map_init(&sets->unions, budget);
  sk_buffer_init(&sets->scratch, budget, INT32_MAX);
}

void sk_labelsets_reset(struct sk_labelsets *sets)
{
  sk_map_reset(&sets->unions);
  sk_free(sets->union_ids);
  sets->union_ids = NULL;
  sets->union_capacity = 0;
  sk_buffer_reset(&sets->scratch);
}

static void write_label(struct sk_buffer *out, const struct sk_label *label)
{
  const size_t lengths = sizeof label->key_length + sizeof label->value_length;
  if (!sk_buffer_reserve(out, lengths + label->key_length + label->value_length))
    return;
  uint8_t *at = out->bytes + out->length;
  memcpy(at, &label->key_length, sizeof label->key_length);
  memcpy(at + sizeof label->key_length, &label->value_length, sizeof label->value_length);
  at += lengths;
  memcpy(at, label->key, label->key_length);
  memcpy(at + label->key_length, label->value, label->value_length);
  out->length += lengths + label->key_length + label->value_length;
}

/* A walk over a set's labels. */
struct walk {
  const char *at, *end;
  struct sk_label label; /* the one that the walk stands at */
  bool more;             /* for a union: it stands at one */
};
static bool step(struct walk *walk)
{
  if (walk->at == walk->end)
    return false;
  struct sk_label *l = &walk->label;
  memcpy(&l->key_length, walk->at, sizeof l->key_length);
  memcpy(&l->value_length, walk->at + sizeof l->key_length, sizeof l->value_length);
  l->key = walk->at + sizeof l->key_length + sizeof l->value_length;
  l->value = l->key + l->key_length;
  walk->at = l->value + l->value_length;
  return true;
}
static struct walk walk_of(const struct sk_labelsets *sets, uint32_t id)
{
  const struct sk_intern_entry *e = sk_intern_at(sets->sets, id);
  return (struct walk){.at = e->bytes, .end = e->bytes + e->length};
}

/* Most keys differ in their first byte. */
static inline int compare_bytes(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
  if (a_length && b_length && *a != *b)
    return (uint8_t)*a < (uint8_t)*b ? -1 : 1;
  const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return order ? order : (a_length > b_length) - (a_length < b_length);
}
static int compare_keys(const struct sk_label *a, const struct sk_label *b)
{
  return compare_bytes(a->key, a->key_length, b->key, b->key_length);
}

static uint32_t intern_scratch(struct sk_labelsets *sets)
{
  if (sets->scratch.failed)
    return SK_NO_ID;
  return sk_intern_add(sets->sets, sets->scratch.bytes, sets->scratch.length);
}

static uint32_t unite(struct sk_labelsets *sets, uint32_t a, uint32_t b)
{
  struct walk x = walk_of(sets, a), y = walk_of(sets, b);
  bool more_x = step(&x), more_y = step(&y);
  sk_buffer_clear(&sets->scratch);
  while (more_x || more_y) {
    const int order = !more_x ? 1 : !more_y ? -1 : compare_keys(&x.label, &y.label);
    write_label(&sets->scratch, order < 0 ? &x.label : &y.label);
    if (order <= 0)
      more_x = step(&x);
    if (order >= 0)
      more_y = step(&y);
  }
  return intern_scratch(sets);
}

uint32_t sk_labelsets_union(struct sk_labelsets *sets, uint32_t a, uint32_t b)
{
  if (!a || a == b)
    return b;
  if (!b)
    return a;
  uint32_t index = sk_map_find(&sets->unions, a, b);
  if (index != SK_NO_ID)
    return sets->union_ids[index];
  const uint32_t id = unite(sets, a, b);
  void *array = sets->union_ids;
  bool is_new;
  if (id == SK_NO_ID || !sk_grow(sets->scratch.budget, &array, &sets->union_capacity,
                                 sets->unions.count + 1, sizeof *sets->union_ids))
    return SK_NO_ID;
  sets->union_ids = array;
  index = sk_map_add(&sets->unions, a, b, &is_new);
  if (index == SK_NO_ID)
    return SK_NO_ID;
  return sets->union_ids[index] = id;
}

int sk_labelsets_compare(const struct sk_labelsets *sets, uint32_t a, uint32_t b)
{
  struct walk x = walk_of(sets, a), y = walk_of(sets, b);
  for (;;) {
    const bool more_x = step(&x), more_y = step(&y);
    if (!more_x || !more_y)
      return more_x - more_y;
    int order = compare_keys(&x.label, &y.label);
    if (!order)
      order =
          compare_bytes(x.label.value, x.label.value_length, y.label.value, y.label.value_length);
    if (order)
      return order;
  }
}

/* The next label of the union: the least key of all walks, which all move on beyond it. */
static bool step_union(struct walk *walks, size_t count, struct sk_label *out)
{
  const struct sk_label *least = NULL;
  for (size_t i = 0; i < count; i++)
    if (walks[i].more && (!least || compare_keys(&walks[i].label, least) <= 0))
      least = &walks[i].label;
  if (!least)
    return false;
  *out = *least;
  for (size_t i = 0; i < count; i++)
    if (walks[i].more && compare_keys(&walks[i].label, out) == 0)
      walks[i].more = step(&walks[i]);
  return true;
}

bool sk_labelsets_json(const struct sk_text *sets, size_t count, struct sk_buffer *out)
{
  struct sk_label few[64], *labels = few;
  struct walk walks[SETS_AT_ONCE];
  uint32_t united = 0;
  size_t used = 0, bytes = 0;
  assert(count <= SETS_AT_ONCE);
  for (size_t i = 0; i < count; i++) {
    if (!sets[i].length)
      continue;
    walks[used] = (struct walk){.at = sets[i].bytes, .end = sets[i].bytes + sets[i].length};
    walks[used].more = step(&walks[used]);
    used++;
    bytes += sets[i].length;
  }
  const size_t most = bytes / LEAST_LABEL;
  if (most > SK_COUNT(few)) {
    labels = sk_alloc(out->budget, most * sizeof *labels);
    if (!labels)
      return false;
  }
  if (used == 1)
    do
      labels[united++] = walks[0].label;
    while (step(&walks[0]));
  else
    while (step_union(walks, used, &labels[united]))
      united++;
  sk_labels_json(out, labels, united);
  if (labels != few)
    sk_free(labels);
  return true;
}

void sk_label_texts_init(struct sk_label_texts *texts, struct sk_budget *budget)
{
  *texts = (struct sk_label_texts){.parsed = 0};
  sk_arena_init(&texts->arena, budget);
}

void sk_label_texts_reset(struct sk_label_texts *texts)
{
  sk_arena_reset(&texts->arena);
  sk_free(texts->skipped);
  texts->skipped = NULL;
  texts->skipped_count = texts->skipped_capacity = 0;
}

static bool is_infra(const struct sk_label *labels, uint32_t count)
{
  static const char key[] = "node_role_kubernetes_io", value[] = "infra";
  for (uint32_t i = 0; i < count; i++)
    if (labels[i].key_length == sizeof key - 1 && !memcmp(labels[i].key, key, sizeof key - 1))
      return labels[i].value_length == sizeof value - 1 &&
             !memcmp(labels[i].value, value, sizeof value - 1);
  return false;
}

/* Texts that were parsed and wait for their sets' ids: their canonical forms lie in the scratch. */
struct waiting {
  uint32_t count;
  uint32_t texts[SK_INTERN_MANY], marks[SK_INTERN_MANY];
  size_t ends[SK_INTERN_MANY];
};

static bool keep_skipped(struct sk_label_texts *texts, uint32_t text, uint32_t pairs)
{
  void *array = texts->skipped;
  if (!sk_grow(texts->arena.budget, &array, &texts->skipped_capacity, texts->skipped_count + 1,
               sizeof *texts->skipped))
    return false;
  texts->skipped = array;
  texts->skipped[texts->skipped_count++] = (struct sk_skipped_text){text, pairs};
  return true;
}

/* Parses one more: of its labels those whose keys are enabled. */
static bool parse(struct sk_label_texts *texts, struct sk_labelsets *sets,
                  const struct sk_keys *keys, const struct sk_intern *labels, uint32_t text,
                  struct waiting *waiting)
{
  const struct sk_intern_entry *e = sk_intern_at(labels, text);
  struct sk_label *parsed = NULL;
  uint32_t count = 0, skipped = 0;
  if (++texts->parsed > TEXTS_PER_ARENA) {
    sk_arena_reset(&texts->arena);
    texts->parsed = 1;
  }
  if (!sk_labels_parse(e->bytes, e->length, &texts->arena, &parsed, &count, &skipped) ||
      (skipped && !keep_skipped(texts, text, skipped)))
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (sk_keys_has(keys, parsed[i].key, parsed[i].key_length))
      write_label(&sets->scratch, &parsed[i]);
  const uint32_t at = waiting->count++;
  waiting->texts[at] = text;
  waiting->marks[at] = is_infra(parsed, count) ? SK_TEXT_INFRA : 0;
  waiting->ends[at] = sets->scratch.length;
  return !sets->scratch.failed;
}

/* Finds the sets of those that wait, and remembers them. */
static bool find_sets(struct sk_labelsets *sets, const struct sk_intern *labels,
                      struct waiting *waiting)
{
  struct sk_intern_text forms[SK_INTERN_MANY];
  uint32_t ids[SK_INTERN_MANY];
  size_t at = 0;
  for (uint32_t i = 0; i < waiting->count; at = waiting->ends[i++]) {
    const uint32_t length = (uint32_t)(waiting->ends[i] - at);
    /* a scratch that was never written has no bytes */
    forms[i] = (struct sk_intern_text){length ? sets->scratch.bytes + at : NULL, length};
  }
  if (!sk_intern_add_many(sets->sets, forms, waiting->count, false, ids))
    return false;
  for (uint32_t i = 0; i < waiting->count; i++)
    sk_intern_set_value(labels, waiting->texts[i], ids[i] | waiting->marks[i]);
  waiting->count = 0;
  sk_buffer_clear(&sets->scratch);
  return true;
}

uint32_t sk_label_texts_parse(struct sk_label_texts *texts, struct sk_labelsets *sets,
                              const struct sk_keys *keys, const struct sk_intern *labels,
                              uint32_t text)
{
  struct waiting waiting = {.count = 0};
  sk_buffer_clear(&sets->scratch);
  return parse(texts, sets, keys, labels, text, &waiting) && find_sets(sets, labels, &waiting)
             ? sk_intern_value(labels, text)
             : SK_NO_ID;
}

bool sk_label_texts_sets(struct sk_label_texts *texts, struct sk_labelsets *sets,
                         const struct sk_keys *keys, const struct sk_intern *labels,
                         const uint32_t *ids, uint32_t count, uint32_t *set_ids)
{
  struct waiting waiting;
  uint32_t unknown = 0;
  for (uint32_t i = 0; i < count; i++) {
    set_ids[i] = sk_intern_value(labels, ids[i]);
    unknown += set_ids[i] == SK_NO_ID;
  }
  if (unknown) {
    waiting.count = 0;
    sk_buffer_clear(&sets->scratch);
    for (uint32_t i = 0; i < count; i++)
      if (set_ids[i] == SK_NO_ID &&
          (!parse(texts, sets, keys, labels, ids[i], &waiting) ||
           ((waiting.count == SK_INTERN_MANY || sets->scratch.length > WAITING_BYTES) &&
            !find_sets(sets, labels, &waiting))))
        return false;
    if (!find_sets(sets, labels, &waiting))
      return false;
    for (uint32_t i = 0; i < count; i++)
      set_ids[i] = sk_intern_value(labels, ids[i]);
  }
  return true;
}
