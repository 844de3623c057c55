/* SPDX-License-Identifier: Apache-2.0 */
/* The pods stage, where nearly all rows are.
 *
 * A batch is walked several times. First each row's group is found: label text -> label set and
 * interval -> day by memories, then the group that its label text had last time is compared with
 * the key, then the one that followed last time, and keys for which both fail are looked up
 * together (group_run.h); node capacities are kept on the way. The last walk adds the numbers up;
 * the groups are known by then, so their lines are fetched ahead. Memories are arrays by id: a row
 * costs no hash unless its group is new or out of order.
 *
 * Under koku labels the group is (day, namespace, node, the pod's own label set); which node and
 * namespace label sets it is counted under is worked out at the end (pair_rows.c). Sums are
 * exact integers, so adding a group's sums once per pair of sets is the same as adding each row.
 * Under hourly labels the pair of sets of the row's own interval is part of the key. */
#include "summary/group_run.h"
#include "summary/partial.h"
#include "summary/pod_sums.h"

#include <assert.h>

#define NOT_NAMED (SK_NO_ID - 1)
#define AHEAD 12 /* groups fetched before they are used */

struct sk_pod_scratch {
  struct sk_pod_group *groups[SK_BATCH_ROWS + AHEAD]; /* NULL: counts for capacity only */
  uint32_t days[SK_BATCH_ROWS];
  uint32_t texts[SK_BATCH_ROWS], sets[SK_BATCH_ROWS]; /* labels; of rows without a node none */
  uint32_t indexes[SK_BATCH_ROWS];                    /* of groups, 0: none */
};

struct columns {
  const uint32_t *intervals, *pod, *namespace, *node, *resource_id, *role, *labels;
  struct sk_pod_values values;
  const double *cores, *bytes, *capacity_cpu, *capacity_memory;
};

static void reset_day(struct sk_pod_day *day)
{
  sk_segments_reset(&day->groups);
  sk_map_reset(&day->mounts);
  sk_free(day->mount_ids);
  *day = (struct sk_pod_day){.groups = day->groups, .mounts = day->mounts};
}

static void reset_moment(struct sk_moment *moment)
{
  sk_free(moment->nodes);
  sk_ids_reset(&moment->node_sets);
  sk_ids_reset(&moment->namespace_sets);
  *moment = (struct sk_moment){.day = SK_NO_ID};
}

void sk_pod_stage_drop_day(struct sk_partial *p, uint32_t day)
{
  struct sk_pod_stage *stage = &p->pod;
  if (day >= stage->day_count)
    return;
  reset_day(&stage->days[day]);
  for (uint32_t i = 0; i < stage->moment_count; i++)
    if (stage->moments[i].day == day)
      reset_moment(&stage->moments[i]);
  for (uint32_t i = 0; i < stage->seen_count; i++)
    if (stage->seen[i].day == day)
      stage->seen[i].day = SK_NO_ID;
}

void sk_pod_stage_reset(struct sk_pod_stage *stage)
{
  for (uint32_t i = 0; i < stage->day_count; i++)
    reset_day(&stage->days[i]);
  for (uint32_t i = 0; i < stage->moment_count; i++)
    reset_moment(&stage->moments[i]);
  sk_free(stage->days);
  sk_free(stage->moments);
  sk_ids_reset(&stage->node_index);
  sk_ids_reset(&stage->namespace_index);
  sk_free(stage->node_names);
  sk_ids_reset(&stage->label_names);
  sk_ids_reset(&stage->named);
  sk_free(stage->seen);
  sk_free(stage->scratch);
}

struct sk_pod_day *sk_pod_day_of(struct sk_partial *p, int32_t day, uint32_t *index)
{
  struct sk_pod_stage *stage = &p->pod;
  if (day < stage->finished_before) {
    stage->late = true;
    return NULL;
  }
  *index = sk_tables_day(p->tables, day);
  void *array = stage->days;
  if (*index == SK_NO_ID ||
      !sk_grow(p->budget, &array, &stage->day_capacity, *index + 1, sizeof *stage->days))
    return NULL;
  stage->days = array;
  for (; stage->day_count <= *index; stage->day_count++) {
    struct sk_pod_day *made = &stage->days[stage->day_count];
    *made = (struct sk_pod_day){.keys = NULL};
    sk_segments_init(&made->groups, sizeof(struct sk_pod_group), p->budget);
    sk_map_init(&made->mounts, p->budget);
  }
  struct sk_pod_day *found = &stage->days[*index];
  if (!found->keys)
    found->keys = sk_tables_groups(p->tables, *index);
  return found;
}

struct sk_pod_day *sk_pod_day_find(const struct sk_partial *p, int32_t day)
{
  const uint32_t index = sk_days_find(&p->tables->days, day);
  return index < p->pod.day_count && p->pod.days[index].keys ? &p->pod.days[index] : NULL;
}

/* ---- hourly labels -------------------------------------------------------------------------- */

/* The set, in the labels stage, that a name had at a moment; remembered by the name's index. */
static uint32_t set_of(struct sk_partial *p, const struct sk_moment *moment, struct sk_ids *sets,
                       const struct sk_named_sets *named, uint32_t index, uint32_t name)
{
  if (!sk_ids_reach(sets, p->budget, index + 1))
    return SK_NO_ID;
  if (sets->at[index] == SK_NO_ID) {
    const uint32_t there =
        sk_ids_look_up(&p->pod.label_names, p->budget, &p->labels->tables->symbols.names,
                       &p->tables->symbols.names, name);
    const uint32_t link = sk_named_sets_find(named, moment->when, there);
    sets->at[index] = link == SK_NO_ID ? 0 : named->links[link].set;
  }
  return sets->at[index];
}

static uint32_t namespace_index(struct sk_partial *p, uint32_t name)
{
  struct sk_pod_stage *stage = &p->pod;
  if (!sk_ids_reach(&stage->namespace_index, p->budget, name + 1))
    return SK_NO_ID;
  uint32_t *index = &stage->namespace_index.at[name];
  if (*index == SK_NO_ID)
    *index = stage->namespace_count++;
  return *index;
}

/* The pair of label sets of a row's own interval. */
static uint32_t pair_of(struct sk_partial *p, struct sk_moment *moment, uint32_t node_index,
                        uint32_t node, uint32_t namespace)
{
  uint64_t pair = 0;
  if (moment->when == SK_NO_ID)
    return sk_groups_add(&p->tables->pairs, &pair);
  const struct sk_label_stage *label = &p->labels->label;
  const uint32_t index = namespace_index(p, namespace);
  if (index == SK_NO_ID)
    return SK_NO_ID;
  const uint32_t n = set_of(p, moment, &moment->node_sets, &label->nodes, node_index, node);
  const uint32_t s =
      set_of(p, moment, &moment->namespace_sets, &label->namespaces, index, namespace);
  if (n == SK_NO_ID || s == SK_NO_ID)
    return SK_NO_ID;
  pair = sk_pack(n, s);
  return sk_groups_add(&p->tables->pairs, &pair);
}

/* ---- the first walk ------------------------------------------------------------------------- */

static void begin_run(struct sk_group_run *run, struct sk_pod_day *day)
{
  sk_group_run_begin(run, day->keys, day->last);
}

/* The groups of the rows so far that wait for theirs are of this day. */
static bool end_run(struct sk_group_run *run, struct sk_pod_day *day)
{
  if (!sk_group_run_end(run))
    return false;
  day->last = run->last;
  return true;
}

static bool find_indexes(struct sk_partial *p, const struct columns *c, uint32_t rows)
{
  struct sk_pod_stage *stage = &p->pod;
  struct sk_pod_scratch *scratch = stage->scratch;
  const struct sk_intern *labels = &p->tables->symbols.labels;
  struct sk_group_run run = {.count = 0};
  uint32_t day = SK_NO_ID; /* of the run */
  for (uint32_t i = 0; i < rows; i++) {
    const uint32_t interval = c->intervals[i], node = c->node[i];
    struct sk_moment *moment = &stage->moments[interval];
    if (moment->day == SK_NO_ID && !(moment = sk_moment_of(p, interval)))
      return false;
    uint32_t index = stage->node_index.at[node];
    if (index == SK_NO_ID && (index = sk_node_index(p, node)) == SK_NO_ID)
      return false;
    const double cpu = c->capacity_cpu[i], memory = c->capacity_memory[i];
    const uint32_t place = index - moment->first_node; /* wraps below the window */
    if (place >= moment->node_count || cpu > moment->nodes[place].cpu ||
        memory > moment->nodes[place].memory)
      if (!sk_capacity_add(moment, p->budget, index, cpu, memory))
        return false;
    scratch->indexes[i] = 0;
    scratch->days[i] = moment->day;
    if (!node)
      continue; /* counts for the cluster's capacity only */
    uint32_t pair = 0;
    if (p->hourly && (pair = pair_of(p, moment, index, node, c->namespace[i])) == SK_NO_ID)
      return false;
    if (moment->day != day) {
      if (day != SK_NO_ID && !end_run(&run, &stage->days[day]))
        return false;
      day = moment->day;
      begin_run(&run, &stage->days[day]);
    }
    const uint64_t key[SK_POD_WORDS] = {sk_pack(c->namespace[i], node),
                                        sk_pack(SK_TEXT_SET(scratch->sets[i]), pair)};
    if (!sk_group_run_next(&run, key, &sk_intern_entry(labels, scratch->texts[i])->hint,
                           &scratch->indexes[i]))
      return false;
  }
  return day == SK_NO_ID || end_run(&run, &stage->days[day]);
}

static bool find_groups(struct sk_partial *p, const struct columns *c, uint32_t rows)
{
  struct sk_pod_scratch *scratch = p->pod.scratch;
  for (uint32_t i = 0; i < rows; i++)
    scratch->texts[i] = c->node[i] ? c->labels[i] : 0;
  if (!sk_partial_sets(p, scratch->texts, rows, scratch->sets) || !find_indexes(p, c, rows))
    return false;
  for (uint32_t i = 0; i < rows; i++) {
    struct sk_segments *groups = &p->pod.days[scratch->days[i]].groups;
    const uint32_t index = scratch->indexes[i];
    struct sk_pod_group *group = index ? sk_segments_find(groups, index) : NULL;
    if (index && !group && !(group = sk_segments_make(groups, index)))
      return false;
    scratch->groups[i] = group;
  }
  return true;
}

/* ---- the second walk ------------------------------------------------------------------------ */

static const enum sk_field sum_fields[SK_SUM_COUNT] = {
    SK_F_POD_USAGE_CPU,        SK_F_POD_REQUEST_CPU,  SK_F_POD_EFFECTIVE_CPU,
    SK_F_POD_LIMIT_CPU,        SK_F_POD_USAGE_MEMORY, SK_F_POD_REQUEST_MEMORY,
    SK_F_POD_EFFECTIVE_MEMORY, SK_F_POD_LIMIT_MEMORY};

/* Some value is beyond the fast way. */
static shukei_status add_slowly(struct sk_pod_stage *stage, struct sk_pod_group *g,
                                const double v[SK_SUM_COUNT], shukei_error *err)
{
  for (int k = 0; k < SK_SUM_COUNT; k++)
    if (!sk_grid_add(&g->sums[k], v[k],
                     k < SK_SUM_USAGE_MEMORY ? &stage->cpu_range : &stage->byte_range))
      return sk_summary_out_of_range(err, sk_field_info(sum_fields[k])->column);
  return SHUKEI_OK;
}

/* Fetching a NULL, or a group of an earlier batch behind the last row, does nothing bad. */
static inline void fetch(const struct sk_pod_group *group)
{
  const uintptr_t at = (uintptr_t)group;
  __builtin_prefetch((const void *)at, 1);
  __builtin_prefetch((const void *)(at + 64), 1);
  __builtin_prefetch((const void *)(at + 128), 1);
}

static inline __attribute__((always_inline)) shukei_status
add_rows(struct sk_partial *p, const struct columns *c, uint32_t rows, sk_pod_adder *add,
         shukei_error *err)
{
  struct sk_pod_stage *stage = &p->pod;
  struct sk_pod_group *const *groups = stage->scratch->groups;
  const struct sk_intern *names = &p->tables->symbols.names;
  for (uint32_t i = 0; i < rows; i++) {
    struct sk_pod_group *g = groups[i];
    fetch(groups[i + AHEAD]);
    if (!g)
      continue;
    double scaled[SK_SUM_COUNT];
    if (!add(g->sums, &c->values, i, scaled)) {
      const shukei_status st = add_slowly(stage, g, scaled, err);
      if (st)
        return st;
    }
    g->rows++;
    if (c->cores[i] > g->cores)
      g->cores = c->cores[i];
    if (c->bytes[i] > g->bytes)
      g->bytes = c->bytes[i];
    if (c->resource_id[i] != g->resource_id)
      g->resource_id = sk_text_later(names, g->resource_id, c->resource_id[i]);
    if (c->role[i] != g->role)
      g->role = sk_text_later(names, g->role, c->role[i]);
  }
  return SHUKEI_OK;
}

#if defined(SK_ISA_X86)
SK_AVX512 static shukei_status add_rows_avx512(struct sk_partial *p, const struct columns *c,
                                               uint32_t rows, shukei_error *err)
{
  return add_rows(p, c, rows, sk_pod_add_avx512, err);
}
#endif

static shukei_status add_numbers(struct sk_partial *p, const struct columns *c, uint32_t rows,
                                 shukei_error *err)
{
#if defined(SK_ISA_X86)
  if (sk_isa() == SK_ISA_AVX512)
    return add_rows_avx512(p, c, rows, err);
#endif
  return add_rows(p, c, rows, sk_pod_add_scalar, err);
}

/* ---- pods that storage rows name ------------------------------------------------------------ */

bool sk_mount_add(struct sk_partial *p, struct sk_pod_day *day, uint32_t namespace, uint32_t pod,
                  uint32_t node, uint32_t resource_id)
{
  bool is_new;
  void *array = day->mount_ids;
  if (!sk_grow(p->budget, &array, &day->mount_capacity, day->mounts.count + 1,
               sizeof *day->mount_ids))
    return false;
  day->mount_ids = array;
  const uint32_t index = sk_map_add(&day->mounts, sk_pack(namespace, pod), node, &is_new);
  if (index == SK_NO_ID)
    return false;
  day->mount_ids[index] =
      is_new ? resource_id
             : sk_text_later(&p->tables->symbols.names, day->mount_ids[index], resource_id);
  return true;
}

/* Whether a storage row names such a pod, in any namespace: NOT_NAMED, or its place in seen. */
static uint32_t place_of_pod(struct sk_partial *p, uint32_t pod)
{
  struct sk_pod_stage *stage = &p->pod;
  const struct sk_intern_entry *name = sk_intern_at(&p->tables->symbols.names, pod);
  if (sk_intern_find(&p->storage->tables->symbols.names, name->bytes, name->length) == SK_NO_ID)
    return stage->named.at[pod] = NOT_NAMED;
  void *array = stage->seen;
  if (!sk_grow(p->budget, &array, &stage->seen_capacity, stage->seen_count + 1,
               sizeof *stage->seen))
    return SK_NO_ID;
  stage->seen = array;
  stage->seen[stage->seen_count].day = SK_NO_ID;
  return stage->named.at[pod] = stage->seen_count++;
}

static bool add_mounts(struct sk_partial *p, const struct columns *c, uint32_t rows)
{
  struct sk_pod_stage *stage = &p->pod;
  for (uint32_t i = 0; i < rows; i++) {
    const uint32_t pod = c->pod[i], namespace = c->namespace[i];
    if (!pod || !namespace)
      continue;
    uint32_t place = stage->named.at[pod];
    if (place == SK_NO_ID && (place = place_of_pod(p, pod)) == SK_NO_ID)
      return false;
    if (place == NOT_NAMED)
      continue;
    struct sk_mount_seen *seen = &stage->seen[place];
    const uint32_t day = stage->scratch->days[i], node = c->node[i], id = c->resource_id[i];
    if (seen->day == day && seen->namespace == namespace && seen->node == node &&
        seen->resource_id == id)
      continue;
    if (!sk_mount_add(p, &stage->days[day], namespace, pod, node, id))
      return false;
    *seen = (struct sk_mount_seen){day, namespace, node, id};
  }
  return true;
}

static bool reach(struct sk_partial *p)
{
  struct sk_pod_stage *stage = &p->pod;
  const uint32_t names = p->tables->symbols.names.count;
  if (!stage->scratch)
    stage->scratch = sk_calloc(p->budget, 1, sizeof *stage->scratch);
  return stage->scratch && sk_ids_reach(&stage->node_index, p->budget, names) &&
         (!p->storage || sk_ids_reach(&stage->named, p->budget, names)) &&
         sk_moments_reach(p, p->tables->symbols.intervals.count);
}

shukei_status sk_pod_stage_add(struct sk_partial *p, const struct sk_batch *batch,
                               shukei_error *err)
{
  const struct columns c = {.intervals = batch->ids[SK_F_INTERVAL_START],
                            .pod = sk_batch_ids(batch, SK_F_POD),
                            .namespace = sk_batch_ids(batch, SK_F_NAMESPACE),
                            .node = sk_batch_ids(batch, SK_F_NODE),
                            .resource_id = sk_batch_ids(batch, SK_F_RESOURCE_ID),
                            .role = sk_batch_ids(batch, SK_F_NODE_ROLE),
                            .labels = sk_batch_ids(batch, SK_F_POD_LABELS),
                            .values.usage_cpu = sk_batch_numbers(batch, SK_F_POD_USAGE_CPU),
                            .values.request_cpu = sk_batch_numbers(batch, SK_F_POD_REQUEST_CPU),
                            .values.limit_cpu = sk_batch_numbers(batch, SK_F_POD_LIMIT_CPU),
                            .values.usage_memory = sk_batch_numbers(batch, SK_F_POD_USAGE_MEMORY),
                            .values.request_memory =
                                sk_batch_numbers(batch, SK_F_POD_REQUEST_MEMORY),
                            .values.limit_memory = sk_batch_numbers(batch, SK_F_POD_LIMIT_MEMORY),
                            .values.effective_cpu = batch->numbers[SK_F_POD_EFFECTIVE_CPU],
                            .values.effective_memory = batch->numbers[SK_F_POD_EFFECTIVE_MEMORY],
                            .cores = sk_batch_numbers(batch, SK_F_NODE_CAPACITY_CORES),
                            .bytes = sk_batch_numbers(batch, SK_F_NODE_CAPACITY_BYTES),
                            .capacity_cpu = sk_batch_numbers(batch, SK_F_NODE_CAPACITY_CPU),
                            .capacity_memory = sk_batch_numbers(batch, SK_F_NODE_CAPACITY_MEMORY)};
  assert(batch->rows <= SK_BATCH_ROWS);
  if (!reach(p) || !find_groups(p, &c, batch->rows) ||
      (p->storage && batch->ids[SK_F_POD] && !add_mounts(p, &c, batch->rows)))
    return sk_partial_no_memory(p, err);
  return add_numbers(p, &c, batch->rows, err);
}
