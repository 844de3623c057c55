/* SPDX-License-Identifier: Apache-2.0 */
/* The storage stage: rows added up by everything that their final group could depend on. Which
 * nodes a volume's pod ran on is known only after the pods stage, so nodes come in at the end
 * (volume_rows.c).
 *
 * Under hourly labels a row takes the label sets of its own interval, of a node not known yet.
 * Instead of the interval, which would make 24 groups of each volume and day, the key has the
 * interval's class: intervals in which every node and namespace has the same labels are one class.
 * Where labels rest, that is one class a day.
 *
 * Two walks over a batch, as in pods.c: the first finds the group of each row, the second adds its
 * numbers, by when the group has been fetched. A group remembers the two label texts of the row
 * that was last added to it: where the group that followed last time has the row's names, class and
 * texts, it is the row's, and neither the texts' sets nor their union is looked up. The same set by
 * other texts is found the long way. */
#include "summary/partial.h"

#include <assert.h>
#include <stdlib.h>

#define AHEAD 12 /* groups fetched before they are used */
#define NO_TEXTS UINT64_MAX

void sk_volume_day_init(struct sk_volume_day *day, struct sk_groups *keys, struct sk_budget *budget)
{
  *day = (struct sk_volume_day){.keys = keys};
  sk_segments_init(&day->groups, sizeof(struct sk_volume_group), budget);
}

void sk_volume_day_reset(struct sk_volume_day *day)
{
  sk_segments_reset(&day->groups);
  sk_free(day->texts);
  sk_volume_day_init(day, NULL, day->groups.arena.budget);
}

void sk_volume_stage_reset(struct sk_volume_stage *stage)
{
  for (uint32_t i = 0; i < stage->day_count; i++)
    sk_volume_day_reset(&stage->days[i]);
  sk_free(stage->days);
  sk_ids_reset(&stage->day_of);
  sk_ids_reset(&stage->class_of);
  sk_free(stage->label_order);
  sk_free(stage->label_start);
  sk_free(stage->scratch);
}

struct sk_volume_day *sk_volume_day_at(struct sk_partial *p, uint32_t index)
{
  struct sk_volume_stage *stage = &p->volume;
  void *array = stage->days;
  if (!sk_grow(p->budget, &array, &stage->day_capacity, index + 1, sizeof *stage->days))
    return NULL;
  stage->days = array;
  for (; stage->day_count <= index; stage->day_count++)
    sk_volume_day_init(&stage->days[stage->day_count], NULL, p->budget);
  struct sk_volume_day *day = &stage->days[index];
  if (!day->keys)
    day->keys = sk_tables_groups(p->tables, index);
  return day;
}

static struct sk_volume_group *group_at(struct sk_volume_day *day, uint32_t index)
{
  struct sk_volume_group *group = sk_segments_find(&day->groups, index);
  return group ? group : sk_segments_make(&day->groups, index);
}

struct sk_volume_group *sk_volume_group_next(struct sk_volume_day *day,
                                             const uint64_t key[SK_VOLUME_WORDS], uint32_t *index)
{
  *index = sk_groups_next(day->keys, &day->last, key, SK_VOLUME_WORDS);
  return *index == SK_NO_ID ? NULL : group_at(day, *index);
}

/* Sorts the keys of the labels stage by interval, once: entries i < nodes.count are of nodes. */
static bool order_labels(struct sk_partial *p)
{
  const struct sk_map *nodes = &p->labels->label.nodes.keys;
  const struct sk_map *spaces = &p->labels->label.namespaces.keys;
  const uint32_t intervals = p->labels->tables->symbols.intervals.count;
  const size_t total = (size_t)nodes->count + spaces->count;
  uint32_t *start = sk_calloc(p->budget, (size_t)intervals + 2, sizeof *start);
  uint32_t *order = sk_alloc(p->budget, (total + 1) * sizeof *order);
  if (!start || !order) {
    sk_free(start);
    sk_free(order);
    return false;
  }
  for (uint32_t i = 0; i < nodes->count; i++)
    start[nodes->keys[i].high + 2]++;
  for (uint32_t i = 0; i < spaces->count; i++)
    start[spaces->keys[i].high + 2]++;
  for (uint32_t i = 2; i < intervals + 2; i++)
    start[i] += start[i - 1];
  for (uint32_t i = 0; i < nodes->count; i++)
    order[start[nodes->keys[i].high + 1]++] = i;
  for (uint32_t i = 0; i < spaces->count; i++)
    order[start[spaces->keys[i].high + 1]++] = nodes->count + i;
  p->volume.label_start = start;
  p->volume.label_order = order;
  return true;
}

static int compare_words(const void *a, const void *b)
{
  uint64_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return (x > y) - (x < y);
}

/* What an interval's class is told by: each name that has labels, with its set, in order. */
static uint32_t class_of_labels(struct sk_partial *p, uint32_t when)
{
  const struct sk_label_stage *label = &p->labels->label;
  const uint32_t from = p->volume.label_start[when], to = p->volume.label_start[when + 1];
  uint64_t *words = sk_alloc(p->budget, ((size_t)(to - from) + 1) * sizeof *words);
  if (!words)
    return SK_NO_ID;
  size_t count = 0;
  for (uint32_t i = from; i < to; i++) {
    const uint32_t entry = p->volume.label_order[i];
    const bool node = entry < label->nodes.keys.count;
    const struct sk_named_sets *named = node ? &label->nodes : &label->namespaces;
    const uint32_t index = node ? entry : entry - label->nodes.keys.count;
    const uint32_t set = named->links[named->first[index]].set;
    const uint32_t name = (uint32_t)named->keys.keys[index].low;
    if (set) /* an empty set is as good as none */
      words[count++] = sk_pack(name << 1 | node, set);
  }
  qsort(words, count, sizeof *words, compare_words);
  const uint32_t id = sk_intern_add(&p->tables->classes, words, count * sizeof *words);
  sk_free(words);
  return id;
}

uint32_t sk_interval_class(struct sk_partial *p, uint32_t interval)
{
  struct sk_volume_stage *stage = &p->volume;
  if (!p->hourly || !p->labels)
    return 0;
  if (!sk_ids_reach(&stage->class_of, p->budget, interval + 1) ||
      (!stage->label_start && !order_labels(p)))
    return SK_NO_ID;
  if (stage->class_of.at[interval] != SK_NO_ID)
    return stage->class_of.at[interval];
  const uint32_t when =
      sk_label_when(p->labels, 0, sk_symbols_interval_us(&p->tables->symbols, interval));
  const uint32_t id = when == SK_NO_ID ? 0 : class_of_labels(p, when);
  if (id == SK_NO_ID)
    return SK_NO_ID;
  sk_intern_set_value(&p->tables->classes, id, interval);
  return stage->class_of.at[interval] = id;
}

struct sk_volume_scratch {
  struct sk_volume_group *groups[SK_BATCH_ROWS + AHEAD];
};

struct columns {
  const uint32_t *intervals, *namespace, *pod, *claim, *volume, *storageclass, *handle,
      *volume_labels, *claim_labels;
  const double *bytes, *capacity, *request, *usage;
};

/* What the rows of one interval have in common. */
struct moment {
  struct sk_volume_day *day;
  uint32_t interval, class;
};

static bool look_at_interval(struct sk_partial *p, struct moment *moment, uint32_t interval)
{
  uint32_t *index = &p->volume.day_of.at[interval];
  if (*index == SK_NO_ID)
    *index = sk_tables_day(p->tables,
                           sk_day_of_us(sk_symbols_interval_us(&p->tables->symbols, interval)));
  *moment = (struct moment){.day = *index == SK_NO_ID ? NULL : sk_volume_day_at(p, *index),
                            .interval = interval,
                            .class = sk_interval_class(p, interval)};
  return moment->day && moment->class != SK_NO_ID;
}

static bool own_set(struct sk_partial *p, uint64_t texts, uint32_t *set)
{
  const uint32_t a = sk_partial_set(p, sk_high(texts)), b = sk_partial_set(p, sk_low(texts));
  if (a == SK_NO_ID || b == SK_NO_ID)
    return false;
  *set = sk_labelsets_union(&p->sets, SK_TEXT_SET(a), SK_TEXT_SET(b));
  return *set != SK_NO_ID;
}

/* ---- the first walk ------------------------------------------------------------------------- */

/* Remembers the texts that led to the group. */
static bool keep_texts(struct sk_partial *p, struct sk_volume_day *day, uint32_t group,
                       uint64_t texts)
{
  void *array = day->texts;
  if (!sk_grow(p->budget, &array, &day->text_capacity, group + 1, sizeof *day->texts))
    return false;
  day->texts = array;
  for (; day->text_count <= group; day->text_count++)
    day->texts[day->text_count] = NO_TEXTS;
  day->texts[group] = texts;
  return true;
}

/* The group of a row whose guess was wrong; NULL when memory lacks. */
static struct sk_volume_group *search(struct sk_partial *p, const struct moment *moment,
                                      const uint64_t names[3], uint64_t texts)
{
  uint32_t set, index;
  if (!own_set(p, texts, &set))
    return NULL;
  p->volume.names_pod |= sk_high(names[0]) && sk_low(names[0]);
  const uint64_t key[SK_VOLUME_WORDS] = {names[0], names[1], names[2], sk_pack(set, moment->class)};
  struct sk_volume_group *group = sk_volume_group_next(moment->day, key, &index);
  return group && keep_texts(p, moment->day, index, texts) ? group : NULL;
}

static bool find_groups(struct sk_partial *p, const struct columns *c, uint32_t rows)
{
  struct sk_volume_scratch *scratch = p->volume.scratch;
  struct moment now = {.interval = SK_NO_ID};
  for (uint32_t i = 0; i < rows; i++) {
    if (c->intervals[i] != now.interval && !look_at_interval(p, &now, c->intervals[i]))
      return false;
    const uint64_t names[3] = {sk_pack(c->namespace[i], c -> pod[i]),
                               sk_pack(c->claim[i], c->volume[i]),
                               sk_pack(c->storageclass[i], c->handle[i])};
    const uint64_t texts = sk_pack(c->volume_labels[i], c->claim_labels[i]);
    const struct sk_groups *keys = now.day->keys;
    const uint32_t index = sk_groups_follower(keys, now.day->last, SK_VOLUME_WORDS);
    const uint64_t *guess = sk_groups_at(keys, index, SK_VOLUME_WORDS);
    struct sk_volume_group *group;
    if (index < now.day->text_count &&
        !((guess[0] ^ names[0]) | (guess[1] ^ names[1]) | (guess[2] ^ names[2]) |
          (now.day->texts[index] ^ texts) | (sk_low(guess[3]) ^ now.class))) {
      now.day->last = index;
      group = sk_segments_at(&now.day->groups, index, sizeof *group); /* its texts are of a row */
    } else if (!(group = search(p, &now, names, texts))) {
      return false;
    }
    scratch->groups[i] = group;
  }
  return true;
}

/* ---- the second walk ------------------------------------------------------------------------ */

enum { CAPACITY, REQUEST, USAGE, SUM_COUNT };

/* Some value is beyond the fast way. */
static shukei_status add_slowly(struct sk_volume_group *g, const double v[SUM_COUNT],
                                struct sk_range *range, shukei_error *err)
{
  static const enum sk_field fields[SUM_COUNT] = {SK_F_CLAIM_CAPACITY, SK_F_VOLUME_REQUEST,
                                                  SK_F_CLAIM_USAGE};
  sk_wide *const sums[SUM_COUNT] = {&g->capacity, &g->request, &g->usage};
  for (int k = 0; k < SUM_COUNT; k++)
    if (!sk_grid_add(sums[k], v[k], range))
      return sk_summary_out_of_range(err, sk_field_info(fields[k])->column);
  return SHUKEI_OK;
}

/* Fetching a NULL, or a group of an earlier batch behind the last row, does nothing bad. */
static inline void fetch(const struct sk_volume_group *group)
{
  const uintptr_t at = (uintptr_t)group;
  __builtin_prefetch((const void *)at, 1);
  __builtin_prefetch((const void *)(at + sizeof *group - 1), 1);
}

static shukei_status add_numbers(struct sk_partial *p, const struct columns *c, uint32_t rows,
                                 shukei_error *err)
{
  struct sk_volume_stage *stage = &p->volume;
  struct sk_volume_group *const *groups = stage->scratch->groups;
  for (uint32_t i = 0; i < rows; i++) {
    struct sk_volume_group *g = groups[i];
    fetch(groups[i + AHEAD]);
    const double v[SUM_COUNT] = {c->capacity[i] * SK_GRID_BYTES, c->request[i] * SK_GRID_BYTES,
                                 c->usage[i] * SK_GRID_BYTES};
    if (fabs(v[CAPACITY]) < SK_GRID_FAST && fabs(v[REQUEST]) < SK_GRID_FAST &&
        fabs(v[USAGE]) < SK_GRID_FAST) {
      g->capacity += llrint(v[CAPACITY]);
      g->request += llrint(v[REQUEST]);
      g->usage += llrint(v[USAGE]);
    } else {
      const shukei_status st = add_slowly(g, v, &p->volume_range, err);
      if (st)
        return st;
    }
    if (c->bytes[i] > g->claim_bytes)
      g->claim_bytes = c->bytes[i];
    g->rows++;
  }
  return SHUKEI_OK;
}

static bool reach(struct sk_partial *p)
{
  struct sk_volume_stage *stage = &p->volume;
  if (!stage->scratch)
    stage->scratch = sk_calloc(p->budget, 1, sizeof *stage->scratch);
  return stage->scratch &&
         sk_ids_reach(&stage->day_of, p->budget, p->tables->symbols.intervals.count);
}

shukei_status sk_volume_stage_add(struct sk_partial *p, const struct sk_batch *batch,
                                  shukei_error *err)
{
  const struct columns c = {.intervals = batch->ids[SK_F_INTERVAL_START],
                            .namespace = sk_batch_ids(batch, SK_F_NAMESPACE),
                            .pod = sk_batch_ids(batch, SK_F_POD),
                            .claim = sk_batch_ids(batch, SK_F_CLAIM),
                            .volume = sk_batch_ids(batch, SK_F_VOLUME),
                            .storageclass = sk_batch_ids(batch, SK_F_STORAGECLASS),
                            .handle = sk_batch_ids(batch, SK_F_CSI_VOLUME_HANDLE),
                            .volume_labels = sk_batch_ids(batch, SK_F_VOLUME_LABELS),
                            .claim_labels = sk_batch_ids(batch, SK_F_CLAIM_LABELS),
                            .bytes = sk_batch_numbers(batch, SK_F_CLAIM_CAPACITY_BYTES),
                            .capacity = sk_batch_numbers(batch, SK_F_CLAIM_CAPACITY),
                            .request = sk_batch_numbers(batch, SK_F_VOLUME_REQUEST),
                            .usage = sk_batch_numbers(batch, SK_F_CLAIM_USAGE)};
  assert(batch->rows <= SK_BATCH_ROWS);
  if (!reach(p) || !find_groups(p, &c, batch->rows))
    return sk_partial_no_memory(p, err);
  return add_numbers(p, &c, batch->rows, err);
}
