/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a partial summary, and what every stage shares.
 *
 *   sk_partial_new() -> the reader fills sk_partial_symbols() -> sk_partial_add() a batch ...
 *   -> sk_partial_merge() (merge.c) -> handed on read-only -> sk_partial_free()
 *
 * A stage uses the members of its own and leaves the others empty. */
#include "summary/partial.h"

#include <limits.h>

const uint32_t sk_no_ids[SK_BATCH_ROWS];
const double sk_no_numbers[SK_BATCH_ROWS];

static uint64_t growth(uint32_t capacity, size_t size)
{
  return ((uint64_t)capacity + capacity / 2 + 16) * size;
}

/* What failed is deep below, where its size is no longer known up here; the greatest of the tables'
 * next growths stands for it, which is the likeliest to fail and tells what would be needed. */
static uint64_t greatest_growth(const struct sk_partial *p)
{
  uint64_t most = SK_SEGMENT_ELEMENTS * sizeof(struct sk_pod_group);
  sk_spin_lock(&p->tables->lock); /* others may add days */
  for (uint32_t i = 0; i < p->tables->days.count; i++) {
    const struct sk_groups *groups = p->tables->groups[i];
    const uint64_t bytes = groups ? growth(groups->count, sizeof(uint32_t)) : 0; /* slots */
    most = bytes > most ? bytes : most;
  }
  sk_spin_unlock(&p->tables->lock);
  const uint64_t links = growth(p->label.nodes.link_capacity + p->label.namespaces.link_capacity,
                                sizeof(struct sk_map_key));
  return links > most ? links : most;
}

shukei_status sk_partial_no_memory(const struct sk_partial *p, shukei_error *err)
{
  if (p->pod.late)
    return sk_fail(err, SHUKEI_EFORMAT,
                   "a row lies outside of the days that its row group's statistics tell");
  static const char *const what[SK_STAGE_COUNT] = {"label sets", "volume groups", "pod groups"};
  return sk_fail_memory(err, p->budget, greatest_growth(p), what[p->stage]);
}

shukei_status sk_summary_out_of_range(shukei_error *err, const char *column)
{
  return sk_fail(err, SHUKEI_ERANGE, "sum of %s passes the range that is kept exactly", column);
}

enum sk_stage sk_stage_of_report(enum sk_report report)
{
  switch (report) {
  case SK_REPORT_POD:
    return SK_STAGE_PODS;
  case SK_REPORT_STORAGE:
    return SK_STAGE_STORAGE;
  case SK_REPORT_NODE_LABELS:
  case SK_REPORT_NAMESPACE_LABELS:
    return SK_STAGE_LABELS;
  default:
    return SK_STAGE_COUNT;
  }
}

static void init_stage(struct sk_partial *p)
{
  switch (p->stage) {
  case SK_STAGE_LABELS:
    sk_map_init(&p->label.nodes.keys, p->budget);
    sk_map_init(&p->label.namespaces.keys, p->budget);
    sk_map_init(&p->label.infra, p->budget);
    memset(p->label.last, 0xff, sizeof p->label.last);
    return;
  case SK_STAGE_STORAGE:
    return;
  default:
    p->pod.finished_before = INT32_MIN;
  }
}

static bool find_tables(struct sk_partial *p, const struct sk_partial *mate,
                        struct sk_budget *budget)
{
  static const uint32_t words[SK_STAGE_COUNT] = {0, SK_VOLUME_WORDS, SK_POD_WORDS};
  if (mate)
    sk_tables_join(mate->tables);
  p->tables = mate ? mate->tables : sk_tables_new(words[p->stage], budget);
  return p->tables != NULL;
}

shukei_status sk_partial_new(const struct sk_rules *rules, enum sk_stage stage,
                             const struct sk_partial *const done[SK_STAGE_COUNT],
                             const struct sk_partial *mate, struct sk_budget *budget,
                             struct sk_partial **out, shukei_error *err)
{
  *out = NULL;
  struct sk_partial *p = sk_calloc(budget, 1, sizeof *p);
  if (!p)
    goto no_memory;
  p->rules = rules;
  p->stage = stage;
  p->hourly = rules->labels == SHUKEI_LABELS_HOURLY;
  sk_budget_init_part(&p->own_budget, budget);
  p->budget = &p->own_budget;
  if (done && stage > SK_STAGE_LABELS)
    p->labels = done[SK_STAGE_LABELS];
  if (done && stage > SK_STAGE_STORAGE)
    p->storage = done[SK_STAGE_STORAGE];
  if (!find_tables(p, mate, budget) || !sk_keys_init(&p->keys, rules, budget))
    goto no_memory;
  sk_label_texts_init(&p->texts, p->budget);
  sk_labelsets_init(&p->sets, &p->tables->sets, p->budget);
  init_stage(p);
  *out = p;
  return SHUKEI_OK;
no_memory:
  sk_partial_free(p);
  return sk_fail_memory(err, budget, sizeof *p, "a summary's tables");
}

void sk_partial_free(struct sk_partial *p)
{
  if (!p)
    return;
  sk_label_stage_reset(&p->label);
  sk_volume_stage_reset(&p->volume);
  sk_pod_stage_reset(&p->pod);
  sk_label_texts_reset(&p->texts);
  sk_labelsets_reset(&p->sets);
  sk_keys_reset(&p->keys);
  sk_tables_leave(p->tables);
  sk_free(p);
}

void sk_partial_renew(struct sk_partial *p)
{
  const struct sk_pod_stage kept = {.cpu_range = p->pod.cpu_range,
                                    .byte_range = p->pod.byte_range,
                                    .finished_before = p->pod.finished_before};
  sk_pod_stage_reset(&p->pod);
  sk_label_texts_reset(&p->texts);
  sk_labelsets_reset(&p->sets);
  p->pod = kept;
}

bool sk_partial_settle(struct sk_partial *p)
{
  for (uint32_t i = 0; i < p->volume.day_count; i++) {
    struct sk_volume_day *day = &p->volume.days[i];
    sk_free(day->texts);
    day->texts = NULL;
    day->text_count = day->text_capacity = 0;
  }
  sk_intern_settle(&p->tables->symbols.names);
  sk_intern_settle(&p->tables->symbols.intervals);
  sk_intern_settle(&p->tables->sets);
  /* Sets are what is left of label texts, but those with skipped pairs are told apart by theirs. */
  return p->texts.skipped_count || sk_intern_empty(&p->tables->symbols.labels);
}

uint64_t sk_partial_bytes(const struct sk_partial *p)
{
  return atomic_load_explicit(&p->own_budget.used_bytes, memory_order_relaxed);
}

uint64_t sk_partial_shared_bytes(const struct sk_partial *p)
{
  return atomic_load_explicit(&p->tables->own_budget.used_bytes, memory_order_relaxed);
}

struct sk_symbols *sk_partial_symbols(struct sk_partial *partial)
{
  return &partial->tables->symbols;
}

sk_fields sk_partial_wants(const struct sk_partial *partial, enum sk_report report)
{
#define BIT(field) SK_FIELD_BIT(SK_F_##field)
  switch (report) {
  case SK_REPORT_NODE_LABELS:
    return BIT(NODE) | BIT(NODE_LABELS);
  case SK_REPORT_NAMESPACE_LABELS:
    return BIT(NAMESPACE) | BIT(NAMESPACE_LABELS);
  case SK_REPORT_STORAGE:
    return BIT(NAMESPACE) | BIT(POD) | BIT(CLAIM) | BIT(VOLUME) | BIT(STORAGECLASS) |
           BIT(CSI_VOLUME_HANDLE) | BIT(CLAIM_CAPACITY_BYTES) | BIT(CLAIM_CAPACITY) |
           BIT(VOLUME_REQUEST) | BIT(CLAIM_USAGE) | BIT(VOLUME_LABELS) | BIT(CLAIM_LABELS);
  case SK_REPORT_POD:
    return BIT(NAMESPACE) | BIT(NODE) | BIT(RESOURCE_ID) | BIT(NODE_ROLE) | BIT(POD_USAGE_CPU) |
           BIT(POD_REQUEST_CPU) | BIT(POD_LIMIT_CPU) | BIT(POD_USAGE_MEMORY) |
           BIT(POD_REQUEST_MEMORY) | BIT(POD_LIMIT_MEMORY) | BIT(NODE_CAPACITY_CORES) |
           BIT(NODE_CAPACITY_CPU) | BIT(NODE_CAPACITY_BYTES) | BIT(NODE_CAPACITY_MEMORY) |
           BIT(POD_EFFECTIVE_CPU) | BIT(POD_EFFECTIVE_MEMORY) | BIT(POD_LABELS) |
           (partial->storage && partial->storage->volume.names_pod ? BIT(POD) : 0);
  default:
    return 0;
  }
#undef BIT
}

shukei_status sk_partial_add(struct sk_partial *partial, const struct sk_batch *batch,
                             shukei_error *err)
{
  switch (partial->stage) {
  case SK_STAGE_LABELS:
    return sk_label_stage_add(partial, batch, err);
  case SK_STAGE_STORAGE:
    return sk_volume_stage_add(partial, batch, err);
  default:
    return sk_pod_stage_add(partial, batch, err);
  }
}
