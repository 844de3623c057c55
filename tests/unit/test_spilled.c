/* SPDX-License-Identifier: Apache-2.0 */
/* Spilled groups: what partials of random rows hold against what is read back, added up in a simple
 * map; memory, disks and records that fail. */
#include "testing.h"

#include "base/crew.h"
#include "base/sort_key.h"
#include "summary/spilled.h"

#include <signal.h>
#include <sys/resource.h>

enum {
  THREADS = 2,
  TIMES = 3,
  PARTIALS = THREADS * TIMES,
  DAYS = 3,
  FIRST_DAY = 20362,
  MOST = 40000
};
#define DAY_US INT64_C(86400000000)

/* ---- partials of random rows ---------------------------------------------------------------- */

static const struct sk_rules koku = {.labels = SHUKEI_LABELS_KOKU},
                             hourly = {.labels = SHUKEI_LABELS_HOURLY};

static uint32_t random_name(struct sk_intern *names, uint64_t *random, char letter, size_t count)
{
  char text[80];
  const size_t n = random_below(random, count);
  if (n == 0)
    return 0;
  const int length = snprintf(text, sizeof text, "%c%s%zu", letter, n % 3 ? "" : "-longer", n);
  if (n % 4 == 1)
    text[n / 4 % 2] = '\0'; /* texts may have zeros */
  const uint32_t id = sk_intern_add(names, text, (size_t)length);
  assert_true(id != SK_NO_ID);
  return id;
}

static uint32_t random_labels(struct sk_intern *labels, uint64_t *random)
{
  char text[80];
  snprintf(text, sizeof text, "vm_kubevirt_io_name:v%zu|other:o%zu", random_below(random, 5),
           random_below(random, 3));
  return sk_intern_add(labels, text, strlen(text));
}

static double random_number(uint64_t *random)
{
  static const double some[] = {0.0, 1.0, -1.0, 0.25, -3600.5, 1e6, 3.6e13, 1e18, -1e18};
  return some[random_below(random, SK_COUNT(some))] * (double)(1 + random_below(random, 9));
}

struct rows {
  struct sk_batch batch;
  uint32_t ids[SK_FIELD_COUNT][SK_BATCH_ROWS];
  double numbers[SK_FIELD_COUNT][SK_BATCH_ROWS];
};

static size_t names_of(enum sk_field field)
{
  return field == SK_F_NODE ? 60 : field == SK_F_NAMESPACE ? 12 : field == SK_F_POD ? 6 : 4;
}

static void fill_rows(struct rows *rows, struct sk_partial *p, enum sk_report report,
                      uint64_t *random, uint32_t count)
{
  struct sk_symbols *symbols = sk_partial_symbols(p);
  const sk_fields wants = sk_partial_wants(p, report);
  rows->batch = (struct sk_batch){.report = report, .rows = count, .present = wants};
  for (uint32_t i = 0; i < count; i++) {
    const int64_t day = FIRST_DAY + (int64_t)random_below(random, DAYS);
    const int64_t us = day * DAY_US + (int64_t)random_below(random, 24) * (DAY_US / 24);
    rows->ids[SK_F_INTERVAL_START][i] = sk_intern_add(&symbols->intervals, &us, sizeof us);
  }
  rows->batch.ids[SK_F_INTERVAL_START] = rows->ids[SK_F_INTERVAL_START];
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    if (!(wants & SK_FIELD_BIT(f)) || f == SK_F_INTERVAL_START)
      continue;
    const enum sk_field_kind kind = sk_field_info((enum sk_field)f)->kind;
    for (uint32_t i = 0; i < count; i++)
      if (kind == SK_FIELD_NUMBER)
        rows->numbers[f][i] = random_number(random);
      else if (kind == SK_FIELD_LABELS)
        rows->ids[f][i] = random_labels(&symbols->labels, random);
      else
        rows->ids[f][i] =
            random_name(&symbols->names, random, (char)('a' + f % 26), names_of((enum sk_field)f));
    if (kind == SK_FIELD_NUMBER)
      rows->batch.numbers[f] = rows->numbers[f];
    else
      rows->batch.ids[f] = rows->ids[f];
  }
}

static struct sk_partial *random_partial(const struct sk_rules *rules, enum sk_stage stage,
                                         const struct sk_partial *const *done,
                                         const struct sk_partial *mate, enum sk_report report,
                                         uint64_t *random, uint32_t count)
{
  struct sk_partial *p = NULL;
  struct rows *rows = calloc(1, sizeof *rows);
  assert_non_null(rows);
  assert_int_equal(sk_partial_new(rules, stage, done, mate, NULL, &p, NULL), SHUKEI_OK);
  while (count) {
    const uint32_t now = count < SK_BATCH_ROWS ? count : SK_BATCH_ROWS;
    fill_rows(rows, p, report, random, now);
    assert_int_equal(sk_partial_add(p, &rows->batch, NULL), SHUKEI_OK);
    count -= now;
  }
  free(rows);
  return p;
}

/* The stages before: labels of nodes, and storage rows that name pods. */
struct stages {
  const struct sk_partial *done[SK_STAGE_COUNT];
};
static void make_stages(struct stages *stages, const struct sk_rules *rules)
{
  uint64_t random = 1;
  *stages = (struct stages){{NULL}};
  stages->done[SK_STAGE_LABELS] = random_partial(rules, SK_STAGE_LABELS, stages->done, NULL,
                                                 SK_REPORT_NODE_LABELS, &random, 200);
  stages->done[SK_STAGE_STORAGE] =
      random_partial(rules, SK_STAGE_STORAGE, stages->done, NULL, SK_REPORT_STORAGE, &random, 50);
}
static void free_stages(struct stages *stages)
{
  sk_partial_free((struct sk_partial *)(uintptr_t)stages->done[SK_STAGE_LABELS]);
  sk_partial_free((struct sk_partial *)(uintptr_t)stages->done[SK_STAGE_STORAGE]);
}

/* ---- the map that records are added up in --------------------------------------------------- */

struct map {
  struct sk_intern keys;
  struct entry {
    sk_wide sums[SK_SUM_COUNT];
    double most[4];
    uint64_t rows, records;
    uint32_t resource_id, role; /* in keys, too */
  } * entries;
  uint64_t records;
};

static void map_init(struct map *map)
{
  *map = (struct map){.entries = calloc(MOST, sizeof *map->entries)};
  assert_non_null(map->entries);
  assert_true(sk_intern_init(&map->keys, NULL));
}
static void map_reset(struct map *map)
{
  sk_intern_reset(&map->keys);
  free(map->entries);
}

static void keep_most(double *most, double value)
{
  if (value > *most)
    *most = value;
}
static void keep_later(struct sk_intern *texts, uint32_t *most, struct sk_text text)
{
  const uint32_t id = sk_intern_add(texts, text.bytes, text.length);
  if (!*most || (id && sk_text_compare(texts, id, *most) > 0))
    *most = id;
}

static void put_text(struct sk_buffer *key, struct sk_text text)
{
  sk_key_text(key, text.length ? text.bytes : "", text.length);
}

/* What runs are sorted by. */
static void sort_key(struct sk_buffer *key, enum sk_spilled_kind kind,
                     const struct sk_spilled_record *r)
{
  sk_buffer_clear(key);
  if (kind == SK_SPILLED_CAPACITY)
    sk_key_i64(key, r->interval_us);
  else
    put_text(key, r->namespace);
  if (kind == SK_SPILLED_MOUNT)
    put_text(key, r->pod);
  put_text(key, r->node);
}

static void map_add(struct map *map, enum sk_spilled_kind kind, int32_t day,
                    const struct sk_spilled_record *r)
{
  struct sk_buffer key;
  sk_buffer_init(&key, NULL, SIZE_MAX);
  sort_key(&key, kind, r);
  sk_key_i64(&key, day);
  sk_key_u32(&key, (uint32_t)kind);
  put_text(&key, r->set);
  sk_key_u32(&key, r->node_set);
  sk_key_u32(&key, r->space_set);
  const uint32_t at = sk_intern_add(&map->keys, key.bytes, key.length);
  assert_true(at < MOST);
  struct entry *e = &map->entries[at];
  for (int k = 0; k < SK_SUM_COUNT; k++)
    e->sums[k] += r->group.sums[k];
  const double values[4] = {r->cpu, r->memory, r->group.cores, r->group.bytes};
  for (int k = 0; k < 4; k++)
    keep_most(&e->most[k], values[k]);
  e->rows += r->group.rows;
  e->records++;
  keep_later(&map->keys, &e->resource_id, r->resource_id);
  keep_later(&map->keys, &e->role, r->role);
  map->records++;
  sk_buffer_reset(&key);
}

static void same_text(const struct map *a, uint32_t x, const struct map *b, uint32_t y)
{
  const struct sk_intern_entry *p = sk_intern_at(&a->keys, x), *q = sk_intern_at(&b->keys, y);
  assert_true(p->length == q->length && (!x || memcmp(p->bytes, q->bytes, p->length) == 0));
}

static void same_maps(const struct map *want, const struct map *got)
{
  assert_int_equal(want->records, got->records);
  for (uint32_t i = 1; i < want->keys.count; i++) {
    const struct sk_intern_entry *key = sk_intern_at(&want->keys, i);
    const struct entry *w = &want->entries[i];
    if (!w->records) /* a text */
      continue;
    const uint32_t at = sk_intern_find(&got->keys, key->bytes, key->length);
    assert_true(at != SK_NO_ID);
    const struct entry *g = &got->entries[at];
    assert_true(w->rows == g->rows && w->records == g->records);
    for (int k = 0; k < SK_SUM_COUNT; k++)
      assert_true(w->sums[k] == g->sums[k]);
    for (int k = 0; k < 4; k++)
      assert_memory_equal(&w->most[k], &g->most[k], sizeof w->most[k]);
    same_text(want, w->resource_id, got, g->resource_id);
    same_text(want, w->role, got, g->role);
  }
}

/* ---- what a partial holds ------------------------------------------------------------------- */

static struct sk_text text_of(const struct sk_intern *table, uint32_t id)
{
  return (struct sk_text){sk_intern_at(table, id)->bytes, sk_intern_at(table, id)->length};
}

static void add_capacities(struct map *map, const struct sk_partial *p, uint32_t day)
{
  const struct sk_pod_stage *stage = &p->pod;
  const struct sk_symbols *symbols = &p->tables->symbols;
  for (uint32_t i = 0; i < stage->moment_count; i++) {
    const struct sk_moment *m = &stage->moments[i];
    for (uint32_t n = 0; m->day == day && n < stage->node_count; n++) {
      if (n < m->first_node || n - m->first_node >= m->node_count)
        continue;
      const struct sk_capacity c = m->nodes[n - m->first_node];
      const struct sk_spilled_record r = {.node = text_of(&symbols->names, stage->node_names[n]),
                                          .interval_us = sk_symbols_interval_us(symbols, i),
                                          .cpu = c.cpu,
                                          .memory = c.memory};
      map_add(map, SK_SPILLED_CAPACITY, p->tables->days.at[day], &r);
    }
  }
}

static void add_day(struct map *map, const struct sk_partial *p, uint32_t day)
{
  const struct sk_intern *names = &p->tables->symbols.names;
  const struct sk_pod_day *d = &p->pod.days[day];
  const int32_t number = p->tables->days.at[day];
  if (!d->keys) /* a mate's */
    return;
  add_capacities(map, p, day);
  for (uint32_t m = 0; m < d->mounts.count; m++) {
    const struct sk_map_key *key = &d->mounts.keys[m];
    const struct sk_spilled_record r = {.namespace = text_of(names, sk_high(key->high)),
                                        .pod = text_of(names, sk_low(key->high)),
                                        .node = text_of(names, (uint32_t)key->low),
                                        .resource_id = text_of(names, d->mount_ids[m])};
    map_add(map, SK_SPILLED_MOUNT, number, &r);
  }
  for (uint32_t g = 1; g < d->keys->count; g++) {
    const uint64_t *key = sk_groups_key(d->keys, g);
    const struct sk_pod_group *group = sk_pod_group_at(d, g);
    if (!group) /* a mate's */
      continue;
    struct sk_spilled_record r = {.namespace = text_of(names, sk_high(key[0])),
                                  .node = text_of(names, sk_low(key[0])),
                                  .set = text_of(&p->tables->sets, sk_high(key[1])),
                                  .resource_id = text_of(names, group->resource_id),
                                  .role = text_of(names, group->role),
                                  .group = *group};
    if (p->hourly) {
      const uint64_t sets = sk_pod_pair_sets(p->tables, sk_low(key[1]));
      r.node_set = sk_high(sets);
      r.space_set = sk_low(sets);
    }
    map_add(map, SK_SPILLED_GROUP, number, &r);
  }
}

/* ---- reading back --------------------------------------------------------------------------- */

static int order_of(const struct sk_buffer *a, const struct sk_buffer *b)
{
  const size_t common = a->length < b->length ? a->length : b->length;
  const int order = common ? memcmp(a->bytes, b->bytes, common) : 0;
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Reads a day's runs of one kind into the map (which may be NULL); keys rise. */
static shukei_status read_kind(struct sk_spilled *spilled, struct sk_spilled_day *day,
                               enum sk_spilled_kind kind, struct map *map, shukei_error *err)
{
  struct sk_spilled_reader *reader = NULL;
  const struct sk_spilled_record *r = NULL;
  struct sk_buffer keys[2];
  sk_buffer_init(&keys[0], NULL, SIZE_MAX);
  sk_buffer_init(&keys[1], NULL, SIZE_MAX);
  shukei_status st = sk_spilled_open(spilled, day, kind, &reader, err);
  assert_true((st == SHUKEI_OK) == (reader != NULL));
  for (size_t i = 0; !st && !(st = sk_spilled_next(reader, &r, err)) && r && map; i++) {
    sort_key(&keys[i % 2], kind, r);
    assert_true(i == 0 || order_of(&keys[(i + 1) % 2], &keys[i % 2]) <= 0);
    assert_true(!r->node.length == !r->node.bytes);
    map_add(map, kind, day->day, r);
  }
  while (!st && r) /* without a map */
    st = sk_spilled_next(reader, &r, err);
  sk_spilled_close(reader);
  sk_buffer_reset(&keys[0]);
  sk_buffer_reset(&keys[1]);
  return st;
}

/* Reads and drops all days, which rise. */
static shukei_status read_all(struct sk_spilled *spilled, struct map *map, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  int32_t day, before = INT32_MIN;
  for (int days = 0; !st && sk_spilled_next_day(spilled, INT32_MAX, &day); days++) {
    assert_true(day > before && days < DAYS);
    assert_false(sk_spilled_next_day(spilled, day, &before));
    before = day;
    struct sk_spilled_day *found = sk_spilled_find(spilled, day);
    assert_true(found && found->day == day);
    for (int kind = 0; !st && kind < SK_SPILLED_KINDS; kind++)
      st = read_kind(spilled, found, (enum sk_spilled_kind)kind, map, err);
    sk_spilled_drop_day(spilled, day);
    assert_null(sk_spilled_find(spilled, day));
    sk_spilled_drop_day(spilled, day); /* nothing to drop */
  }
  return st;
}

/* ---- tests ---------------------------------------------------------------------------------- */

struct work {
  struct sk_spilled *spilled;
  struct sk_partial *partials[PARTIALS];
  shukei_status statuses[THREADS];
};

static void write_some(void *context, unsigned worker)
{
  struct work *work = context;
  shukei_status st = SHUKEI_OK;
  for (unsigned t = 0; t < TIMES && !st; t++) {
    const struct sk_partial *p = work->partials[worker * TIMES + t];
    if (t == 0)
      st = sk_spilled_write(work->spilled, p, NULL);
    for (uint32_t d = 0; t && d < DAYS && !st; d++) {
      (void)sk_spilled_find(work->spilled, FIRST_DAY);
      st = sk_spilled_write_day(work->spilled, p, FIRST_DAY + (int32_t)d, NULL);
    }
  }
  work->statuses[worker] = st;
}

static void gives_back_what_partials_hold(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 4; seed++) {
    const struct sk_rules *rules = seed % 2 ? &hourly : &koku;
    struct work work = {.spilled = NULL};
    struct stages stages;
    struct map want, got;
    struct sk_budget budget;
    uint64_t random = seed;
    sk_budget_init(&budget, UINT64_MAX);
    make_stages(&stages, rules);
    map_init(&want);
    map_init(&got);
    work.spilled = sk_spilled_new(&budget);
    assert_non_null(work.spilled);
    for (unsigned i = 0; i < PARTIALS; i++) {
      work.partials[i] = random_partial(rules, SK_STAGE_PODS, stages.done, work.partials[0],
                                        SK_REPORT_POD, &random, seed < 2 ? 40 : 3000);
      for (uint32_t d = 0; d < work.partials[i]->pod.day_count; d++)
        add_day(&want, work.partials[i], d);
    }
    sk_crew_run(NULL, THREADS, write_some, &work);
    for (unsigned i = 0; i < THREADS; i++)
      assert_int_equal(work.statuses[i], SHUKEI_OK);
    assert_true(sk_spill_bytes(work.spilled->file) > 0);
    assert_int_equal(read_all(work.spilled, &got, NULL), SHUKEI_OK);
    same_maps(&want, &got);
    sk_spilled_free(work.spilled);
    assert_int_equal(budget.used_bytes, 0);
    for (unsigned i = 0; i < PARTIALS; i++)
      sk_partial_free(work.partials[i]);
    map_reset(&want);
    map_reset(&got);
    free_stages(&stages);
  }
}

static void leaves_out_days_that_are_gone(void **state)
{
  (void)state;
  uint64_t random = 7;
  int32_t day = 0;
  struct stages none = {{NULL}};
  struct map want, got;
  struct sk_spilled *spilled = sk_spilled_new(NULL);
  struct sk_partial *p =
      random_partial(&koku, SK_STAGE_PODS, none.done, NULL, SK_REPORT_POD, &random, 500);
  assert_non_null(spilled);
  assert_int_equal(p->tables->days.count, DAYS);
  const int32_t *days = p->tables->days.at;
  sk_pod_stage_drop_day(p, 0);
  map_init(&want);
  map_init(&got);
  assert_int_equal(sk_spilled_write_day(spilled, p, days[0], NULL), SHUKEI_OK);
  assert_int_equal(sk_spilled_write_day(spilled, p, FIRST_DAY + DAYS, NULL), SHUKEI_OK);
  assert_false(sk_spilled_next_day(spilled, INT32_MAX, &day));
  assert_int_equal(sk_spilled_write_day(spilled, p, days[2], NULL), SHUKEI_OK);
  assert_true(sk_spilled_next_day(spilled, INT32_MAX, &day) && day == days[2]);
  assert_null(sk_spilled_find(spilled, days[1]));
  assert_int_equal(sk_spilled_write(spilled, p, NULL), SHUKEI_OK);
  assert_null(sk_spilled_find(spilled, days[0]));
  add_day(&want, p, 1);
  add_day(&want, p, 2);
  add_day(&want, p, 2); /* written twice */
  assert_int_equal(read_all(spilled, &got, NULL), SHUKEI_OK);
  same_maps(&want, &got);
  map_reset(&want);
  map_reset(&got);
  sk_partial_free(p);
  sk_spilled_free(spilled);
  sk_spilled_free(NULL);
  sk_spilled_close(NULL);
}

static shukei_status live(const struct sk_partial *p, struct sk_budget *budget, shukei_error *err)
{
  struct sk_spilled *spilled = sk_spilled_new(budget);
  if (!spilled)
    return SHUKEI_ENOMEM;
  shukei_status st = sk_spilled_write(spilled, p, err);
  for (uint32_t d = 0; !st && d < p->tables->days.count; d++)
    st = sk_spilled_write_day(spilled, p, p->tables->days.at[d], err);
  if (!st)
    st = read_all(spilled, NULL, err);
  sk_spilled_free(spilled);
  return st;
}

static void every_allocation_may_fail(void **state)
{
  (void)state;
  uint64_t random = 8;
  int refused = 0;
  struct stages stages;
  struct sk_budget budget;
  bool failed = true;
  make_stages(&stages, &hourly);
  struct sk_partial *p =
      random_partial(&hourly, SK_STAGE_PODS, stages.done, NULL, SK_REPORT_POD, &random, 200);
  sk_budget_init(&budget, UINT64_MAX);
  for (int n = 0; failed; n++) {
    shukei_error err = {0};
    sk_test_fail_alloc(n);
    const shukei_status st = live(p, &budget, &err);
    failed = sk_test_alloc_failed();
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    refused += st != SHUKEI_OK;
    assert_int_equal(budget.used_bytes, 0);
  }
  sk_test_fail_alloc(-1);
  assert_true(refused > 100);
  sk_partial_free(p);
  free_stages(&stages);
}

/* A thousand namespaces by a hundred nodes. */
static void takes_little_memory(void **state)
{
  (void)state;
  enum { SPACES = 1000, NODES = 100 };
  struct sk_partial *p = NULL;
  struct sk_budget budget;
  uint32_t index, made = 0, nodes[NODES];
  char text[32];
  assert_int_equal(sk_partial_new(&koku, SK_STAGE_PODS, NULL, NULL, NULL, &p, NULL), SHUKEI_OK);
  struct sk_intern *names = &p->tables->symbols.names;
  struct sk_pod_day *day = sk_pod_day_of(p, FIRST_DAY, &index);
  for (int n = 0; n < NODES; n++)
    nodes[n] = sk_intern_add(names, text, (size_t)snprintf(text, sizeof text, "node-%d", n));
  for (int s = 0; s < SPACES; s++) {
    const uint32_t space =
        sk_intern_add(names, text, (size_t)snprintf(text, sizeof text, "namespace-%d", s));
    for (int n = 0; n < NODES; n++) {
      const uint64_t key[SK_POD_WORDS] = {sk_pack(space, nodes[n]), 0};
      struct sk_pod_group *group = sk_segments_make(&day->groups, sk_groups_add(day->keys, key));
      assert_non_null(group);
      group->rows = ++made;
      for (int k = 0; k < SK_SUM_COUNT; k++)
        group->sums[k] = (sk_wide)made << k * 8;
    }
  }
  sk_budget_init(&budget, UINT64_MAX);
  struct sk_spilled *spilled = sk_spilled_new(&budget);
  assert_non_null(spilled);
  assert_int_equal(sk_spilled_write(spilled, p, NULL), SHUKEI_OK);
  assert_true(budget.peak_bytes < SPACES * NODES * 8 + SK_RUN_MEMORY_BYTES + 100000);
  assert_int_equal(sk_run_records(sk_spilled_find(spilled, FIRST_DAY)->runs[SK_SPILLED_GROUP][0]),
                   SPACES * NODES);
  assert_true(sk_spill_bytes(spilled->file) < SPACES * NODES * 60);
  sk_spilled_free(spilled);
  assert_int_equal(budget.used_bytes, 0);
  sk_partial_free(p);
}

static void a_full_disk_is_told(void **state)
{
  (void)state;
  uint64_t random = 9;
  struct stages none = {{NULL}};
  struct sk_budget budget;
  struct rlimit before, lower;
  shukei_error err = {0};
  sk_budget_init(&budget, UINT64_MAX);
  struct sk_partial *p =
      random_partial(&koku, SK_STAGE_PODS, none.done, NULL, SK_REPORT_POD, &random, 2000);
  struct sk_spilled *spilled = sk_spilled_new(&budget);
  assert_non_null(spilled);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  lower = before;
  lower.rlim_cur = 300000; /* a run begins a chunk of 256 KiB: in the second run */
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &lower), 0);
  const shukei_status st = sk_spilled_write(spilled, p, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, handler);
  assert_int_equal(st, SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "could not write after"));
  assert_non_null(strstr(err.advice, "TMPDIR"));
  sk_spilled_free(spilled);
  assert_int_equal(budget.used_bytes, 0);
  sk_partial_free(p);
}

/* One record as the whole of a day's runs; reading it may take so much memory more than writing it
 * did. */
static shukei_status read_within(uint64_t bytes, enum sk_spilled_kind kind, const uint8_t *key,
                                 size_t key_length, const uint8_t *payload, size_t payload_length)
{
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  struct sk_spilled *spilled = sk_spilled_new(&budget);
  struct sk_run *runs[SK_SPILLED_KINDS] = {NULL};
  assert_non_null(spilled);
  assert_int_equal(sk_run_begin(spilled->file, &runs[kind], NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(runs[kind], key, key_length, payload, payload_length, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_run_end(runs[kind], NULL), SHUKEI_OK);
  assert_int_equal(sk_spilled_keep(spilled, 1, runs, NULL), SHUKEI_OK);
  assert_null(runs[kind]);
  budget.limit_bytes = budget.used_bytes + bytes;
  const shukei_status st = read_kind(spilled, sk_spilled_find(spilled, 1), kind, NULL, NULL);
  sk_spilled_free(spilled);
  assert_int_equal(budget.used_bytes, 0);
  return st;
}

static shukei_status read_one(enum sk_spilled_kind kind, const uint8_t *key, size_t key_length,
                              const uint8_t *payload, size_t payload_length)
{
  return read_within(UINT64_C(1) << 40, kind, key, key_length, payload, payload_length);
}

static void cut_and_flip(enum sk_spilled_kind kind, const struct sk_record *r)
{
  uint8_t key[200] = {0}, payload[2000] = {0};
  assert_true(r->key_length < sizeof key && r->payload_length < sizeof payload);
  memcpy(key, r->key, r->key_length);
  memcpy(payload, r->payload, r->payload_length);
  assert_int_equal(read_one(kind, key, r->key_length, payload, r->payload_length), SHUKEI_OK);
  assert_int_equal(read_one(kind, key, r->key_length + 1, payload, r->payload_length), SHUKEI_EIO);
  assert_int_equal(read_one(kind, key, r->key_length, payload, r->payload_length + 1), SHUKEI_EIO);
  for (size_t length = 0; length < r->key_length; length++)
    assert_int_equal(read_one(kind, key, length, payload, r->payload_length), SHUKEI_EIO);
  for (size_t length = 0; length < r->payload_length; length++)
    assert_int_equal(read_one(kind, key, r->key_length, payload, length), SHUKEI_EIO);
  for (size_t bit = 0; bit < 8 * r->payload_length; bit++) {
    payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
    const shukei_status st = read_one(kind, key, r->key_length, payload, r->payload_length);
    assert_true(st == SHUKEI_OK || st == SHUKEI_EIO);
    payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  memset(payload, 0xff, 20); /* a number without end */
  if (kind != SK_SPILLED_CAPACITY)
    assert_int_equal(read_one(kind, key, r->key_length, payload, 20), SHUKEI_EIO);
}

static void broken_records_are_refused(void **state)
{
  (void)state;
  uint64_t random = 10;
  struct stages stages;
  struct sk_spilled *spilled = sk_spilled_new(NULL);
  make_stages(&stages, &hourly);
  struct sk_partial *p =
      random_partial(&hourly, SK_STAGE_PODS, stages.done, NULL, SK_REPORT_POD, &random, 300);
  assert_non_null(spilled);
  assert_int_equal(sk_spilled_write(spilled, p, NULL), SHUKEI_OK);
  struct sk_spilled_day *day = sk_spilled_find(spilled, FIRST_DAY);
  assert_non_null(day);
  for (int kind = 0; kind < SK_SPILLED_KINDS; kind++) {
    struct sk_merge *merge = NULL;
    const struct sk_record *r = NULL;
    assert_int_equal(
        sk_merge_open(spilled->file, day->runs[kind], day->count[kind], 0, false, &merge, NULL),
        SHUKEI_OK);
    for (int i = 0; i < 8; i++)
      assert_int_equal(sk_merge_next(merge, &r, NULL), SHUKEI_OK);
    assert_non_null(r);
    cut_and_flip((enum sk_spilled_kind)kind, r);
    sk_merge_close(merge);
  }
  sk_spilled_free(spilled);
  sk_partial_free(p);
  free_stages(&stages);
}

static void numbers_end_where_they_do(void **state)
{
  (void)state;
  static const struct {
    uint8_t bytes[12];
    size_t length, taken;
    bool good;
    uint64_t value;
  } rows[] = {
      {{0}, 0, 0, false, 0},
      {{0}, 1, 1, true, 0},
      {{0x7f}, 1, 1, true, 127},
      {{0x80, 1}, 2, 2, true, 128},
      {{0x80, 1}, 1, 1, false, 0}, /* what lies behind the end is none of it */
      {{0xff, 0xff, 3, 9}, 4, 3, true, 65535},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 10, 10, true, UINT64_MAX},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 11, 10, false, 0},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_key_rest rest = {rows[i].bytes, rows[i].bytes + rows[i].length};
    uint64_t value;
    if (sk_spilled_take_number(&rest, &value) != rows[i].good ||
        (size_t)(rest.at - rows[i].bytes) != rows[i].taken ||
        (rows[i].good && value != rows[i].value))
      fail_msg("row %zu: %" PRIu64 " of %td bytes", i, value, rest.at - rows[i].bytes);
  }
}

/* Texts of a key that have zeros are copied, each of them: the last things that reading takes
 * memory for. */
static void memory_for_zeros_may_lack(void **state)
{
  (void)state;
  static const uint8_t payload[] = {1, 'i'};
  struct sk_buffer key;
  uint64_t low = 0, high = UINT64_C(1) << 24; /* bytes that are too few, and enough */
  sk_buffer_init(&key, NULL, SIZE_MAX);
  sk_key_text(&key, "s\0p", 3);
  sk_key_text(&key, "p\0d", 3);
  sk_key_text(&key, "n\0e", 3);
  while (low + 1 < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (read_within(middle, SK_SPILLED_MOUNT, key.bytes, key.length, payload, sizeof payload))
      low = middle;
    else
      high = middle;
  }
  assert_true(high > 1000);
  for (uint64_t less = 1; less < 300; less += 7)
    assert_int_equal(
        read_within(high - less, SK_SPILLED_MOUNT, key.bytes, key.length, payload, sizeof payload),
        SHUKEI_ENOMEM);
  sk_buffer_reset(&key);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_back_what_partials_hold),
      cmocka_unit_test(leaves_out_days_that_are_gone),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(takes_little_memory),
      cmocka_unit_test(a_full_disk_is_told),
      cmocka_unit_test(numbers_end_where_they_do),
      cmocka_unit_test(broken_records_are_refused),
      cmocka_unit_test(memory_for_zeros_may_lack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
