/* SPDX-License-Identifier: Apache-2.0 */
/* Taking rows in; recount_pods.c and recount_volumes.c make the summary's rows of what was added
 * up. */
#include "validate/recount.h"

#include "validate/plain_values.h"

#include <math.h>

/* ---- tables --------------------------------------------------------------------------------- */

bool sk_recount_table_init(struct sk_recount_table *table, size_t value_size,
                           struct sk_budget *budget)
{
  *table = (struct sk_recount_table){.budget = budget, .value_size = value_size};
  return sk_intern_init(&table->keys, budget);
}

void sk_recount_table_reset(struct sk_recount_table *table)
{
  sk_intern_reset(&table->keys);
  sk_free(table->values);
  table->values = NULL;
}

void *sk_recount_at(struct sk_recount_table *table, const void *key, size_t length)
{
  const uint32_t place = sk_intern_add(&table->keys, key, length);
  if (place == SK_NO_ID)
    return NULL;
  if (place >= table->capacity) {
    const uint32_t more = table->capacity ? table->capacity * 2 : 64;
    char *const moved = sk_realloc(table->budget, table->values, more * table->value_size);
    if (!moved)
      return NULL;
    memset(moved + table->capacity * table->value_size, 0,
           (more - table->capacity) * table->value_size);
    table->values = moved;
    table->capacity = more;
  }
  return sk_recount_value(table, place);
}

void *sk_recount_find(const struct sk_recount_table *table, const void *key, size_t length)
{
  const uint32_t place = sk_intern_find(&table->keys, key, length);
  return place == SK_NO_ID ? NULL : sk_recount_value(table, place);
}

bool sk_recount_link(struct sk_recount *recount, uint32_t *list, uint32_t number)
{
  for (uint32_t l = *list; l; l = sk_link_next(recount, l))
    if (sk_link_number(recount, l) == number)
      return true;
  if (recount->link_count + 1 >= recount->link_capacity) {
    const uint32_t more = recount->link_capacity ? recount->link_capacity * 2 : 256;
    uint32_t *moved = sk_realloc(recount->budget, recount->links, (size_t)more * 2 * sizeof *moved);
    if (!moved)
      return false;
    recount->links = moved;
    recount->link_capacity = more;
  }
  const uint32_t link = ++recount->link_count;
  recount->links[2 * link] = number;
  recount->links[2 * link + 1] = *list;
  *list = link;
  return true;
}

/* ---- the recount ---------------------------------------------------------------------------- */

bool sk_recount_init(struct sk_recount *recount, const struct sk_validate_request *request,
                     struct sk_check_names *names, struct sk_budget *budget)
{
  *recount = (struct sk_recount){.request = request,
                                 .budget = budget,
                                 .names = names,
                                 .first_day = INT32_MAX,
                                 .last_day = INT32_MIN};
  return sk_recount_table_init(&recount->node_sets, sizeof(uint32_t), budget) &&
         sk_recount_table_init(&recount->namespace_sets, sizeof(uint32_t), budget) &&
         sk_recount_table_init(&recount->pods, sizeof(struct sk_pod_sums), budget) &&
         sk_recount_table_init(&recount->nodes, sizeof(struct sk_node_day), budget) &&
         sk_recount_table_init(&recount->hours, sizeof(struct sk_node_hour), budget) &&
         sk_recount_table_init(&recount->places, sizeof(uint32_t), budget) &&
         sk_recount_table_init(&recount->storage, sizeof(struct sk_storage_sums), budget) &&
         sk_recount_table_init(&recount->categories, 2 * sizeof(int64_t), budget);
}

void sk_recount_reset(struct sk_recount *recount)
{
  sk_recount_table_reset(&recount->node_sets);
  sk_recount_table_reset(&recount->namespace_sets);
  sk_recount_table_reset(&recount->pods);
  sk_recount_table_reset(&recount->nodes);
  sk_recount_table_reset(&recount->hours);
  sk_recount_table_reset(&recount->places);
  sk_recount_table_reset(&recount->storage);
  sk_recount_table_reset(&recount->categories);
  sk_free(recount->links);
}

uint32_t sk_recount_later(const struct sk_recount *recount, uint32_t a, uint32_t b)
{
  if (!a || !b || a == b)
    return a ? a : b;
  const struct sk_intern_entry *const x = sk_intern_at(&recount->names->texts, a);
  const struct sk_intern_entry *const y = sk_intern_at(&recount->names->texts, b);
  const int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
  return order > 0 || (order == 0 && x->length > y->length) ? a : b;
}

static bool hourly(const struct sk_recount *recount)
{
  return recount->request->options->labels == SHUKEI_LABELS_HOURLY;
}

uint32_t sk_recount_sets(const struct sk_recount_table *table, int64_t at, uint32_t name)
{
  const struct sk_hours_key key = {.at = at, .name = name};
  const uint32_t *const list = name ? sk_recount_find(table, &key, sizeof key) : NULL;
  return list ? *list : 0;
}

/* The greatest set of a list; no labels where it is empty. */
static uint32_t greatest(const struct sk_recount *recount, uint32_t list)
{
  uint32_t best = list ? sk_link_number(recount, list) : SK_NO_LABELS;
  for (uint32_t l = list; l; l = sk_link_next(recount, l))
    if (sk_label_sets_compare(&recount->names->labels, sk_link_number(recount, l), best) > 0)
      best = sk_link_number(recount, l);
  return best;
}

uint32_t sk_recount_hour_labels(struct sk_recount *recount, int64_t at, uint32_t node,
                                uint32_t namespace, uint32_t own)
{
  struct sk_label_sets *const labels = &recount->names->labels;
  const uint32_t n = greatest(recount, sk_recount_sets(&recount->node_sets, at, node));
  const uint32_t s = greatest(recount, sk_recount_sets(&recount->namespace_sets, at, namespace));
  return sk_label_sets_union(labels, sk_label_sets_union(labels, n, s), own);
}

static uint32_t read_labels(struct sk_recount *recount, uint32_t text, bool all)
{
  const struct sk_intern_entry *const entry = sk_intern_at(&recount->names->texts, text);
  return sk_label_sets_read(&recount->names->labels, entry->bytes, entry->length, all);
}

static bool take_set(struct sk_recount *recount, enum sk_plain_report report,
                     const struct sk_plain_row *row)
{
  const bool of_node = report == SK_PLAIN_NODES;
  struct sk_recount_table *const table = of_node ? &recount->node_sets : &recount->namespace_sets;
  const struct sk_hours_key key = {.at = hourly(recount) ? row->at : row->day,
                                   .name = row->texts[of_node ? SK_T_NODE : SK_T_NAMESPACE]};
  const uint32_t set = read_labels(recount, row->texts[SK_T_LABELS], false);
  uint32_t *const list = set == SK_NO_ID ? NULL : sk_recount_at(table, &key, sizeof key);
  if (!list || !sk_recount_link(recount, list, set))
    return false;
  if (!of_node)
    return true;
  const uint32_t whole = read_labels(recount, row->texts[SK_T_LABELS], true);
  if (whole == SK_NO_ID)
    return false;
  if (sk_label_sets_has(&recount->names->labels, whole, "node_role_kubernetes_io", "infra")) {
    const struct sk_day_key day = {row->day, key.name};
    struct sk_node_day *const node = sk_recount_at(&recount->nodes, &day, sizeof day);
    if (!node)
      return false;
    node->infra = true;
  }
  return true;
}

/* Capacities count for every row of a pod, its place for those of volumes. */
static bool take_place(struct sk_recount *recount, const struct sk_plain_row *row)
{
  const struct sk_hours_key at = {.at = row->at, .name = row->texts[SK_T_NODE]};
  struct sk_node_hour *const hour = sk_recount_at(&recount->hours, &at, sizeof at);
  if (!hour)
    return false;
  hour->cpu = fmax(hour->cpu, row->numbers[SK_N_CAPACITY_CPU]);
  hour->memory = fmax(hour->memory, row->numbers[SK_N_CAPACITY_MEMORY]);
  if (!row->texts[SK_T_NAMESPACE] || !row->texts[SK_T_POD])
    return true;
  const struct sk_place_key key = {row->day, row->texts[SK_T_NAMESPACE], row->texts[SK_T_POD]};
  uint32_t *const list = sk_recount_at(&recount->places, &key, sizeof key);
  if (!list)
    return false;
  /* Pairs of node and resource_id, each a number behind the other; the highest id counts at the
   * end. */
  const uint32_t node = row->texts[SK_T_NODE], id = row->texts[SK_T_RESOURCE_ID];
  for (uint32_t l = *list; l; l = sk_link_next(recount, sk_link_next(recount, l)))
    if (sk_link_number(recount, l) == node) {
      uint32_t *const held = &recount->links[2 * sk_link_next(recount, l)];
      *held = sk_recount_later(recount, *held, id);
      return true;
    }
  uint32_t empty = 0;
  if (!sk_recount_link(recount, &empty, id))
    return false;
  recount->links[2 * empty + 1] = *list;
  uint32_t head = 0;
  if (!sk_recount_link(recount, &head, node))
    return false;
  recount->links[2 * head + 1] = empty;
  *list = head;
  return true;
}

static bool take_pod(struct sk_recount *recount, const struct sk_plain_row *row)
{
  const uint32_t namespace = row->texts[SK_T_NAMESPACE], node = row->texts[SK_T_NODE];
  static const char apiserver[] = "openshift-kube-apiserver";
  if (!take_place(recount, row))
    return false;
  const struct sk_day_key day = {row->day, node};
  struct sk_node_day *const of_node = sk_recount_at(&recount->nodes, &day, sizeof day);
  if (!of_node)
    return false;
  if (!node)
    return true;
  of_node->role = sk_recount_later(recount, of_node->role, row->texts[SK_T_ROLE]);
  const struct sk_intern_entry *const name = sk_intern_at(&recount->names->texts, namespace);
  of_node->apiserver |= name->length == sizeof apiserver - 1 &&
                        memcmp(name->bytes, apiserver, sizeof apiserver - 1) == 0;
  uint32_t labels = read_labels(recount, row->texts[SK_T_LABELS], false);
  if (hourly(recount))
    labels = sk_recount_hour_labels(recount, row->at, node, namespace, labels);
  const struct sk_pod_key key = {row->day, namespace, node, labels};
  struct sk_pod_sums *const sums =
      labels == SK_NO_ID ? NULL : sk_recount_at(&recount->pods, &key, sizeof key);
  if (!sums)
    return false;
  for (int i = 0; i < 8; i++)
    sums->sums[i] += row->numbers[i];
  sums->cores = fmax(sums->cores, row->numbers[SK_N_CORES]);
  sums->bytes = fmax(sums->bytes, row->numbers[SK_N_BYTES]);
  sums->resource_id = sk_recount_later(recount, sums->resource_id, row->texts[SK_T_RESOURCE_ID]);
  return true;
}

static bool take_volume(struct sk_recount *recount, const struct sk_plain_row *row)
{
  struct sk_label_sets *const sets = &recount->names->labels;
  const uint32_t *const t = row->texts;
  const uint32_t labels = sk_label_sets_union(sets, read_labels(recount, t[SK_T_LABELS], false),
                                              read_labels(recount, t[SK_T_CLAIM_LABELS], false));
  const struct sk_storage_key key = {.at = hourly(recount) ? row->at : row->day,
                                     .day = row->day,
                                     .namespace = t[SK_T_NAMESPACE],
                                     .pod = t[SK_T_POD],
                                     .claim = t[SK_T_CLAIM],
                                     .volume = t[SK_T_VOLUME],
                                     .class = t[SK_T_CLASS],
                                     .handle = t[SK_T_HANDLE],
                                     .labels = labels};
  struct sk_storage_sums *const sums =
      labels == SK_NO_ID ? NULL : sk_recount_at(&recount->storage, &key, sizeof key);
  if (!sums)
    return false;
  sums->bytes = fmax(sums->bytes, row->numbers[SK_N_CLAIM_BYTES]);
  sums->capacity += row->numbers[SK_N_CLAIM_CAPACITY];
  sums->request += row->numbers[SK_N_CLAIM_REQUEST];
  sums->usage += row->numbers[SK_N_CLAIM_USAGE];
  return true;
}

shukei_status sk_recount_take(void *context, enum sk_plain_report report,
                              const struct sk_plain_row *row, shukei_error *err)
{
  struct sk_recount *const recount = context;
  bool ok;
  if (report == SK_PLAIN_NODES || report == SK_PLAIN_NAMESPACES) {
    ok = take_set(recount, report, row);
  } else {
    recount->first_day = row->day < recount->first_day ? row->day : recount->first_day;
    recount->last_day = row->day > recount->last_day ? row->day : recount->last_day;
    ok = report == SK_PLAIN_PODS ? take_pod(recount, row) : take_volume(recount, row);
  }
  return ok ? SHUKEI_OK : sk_fail_memory(err, recount->budget, 0, "sums of the reports");
}

bool sk_recount_category(struct sk_recount *recount, struct sk_check_row *row)
{
  const struct sk_validate_request *const request = recount->request;
  const uint32_t namespace = row->key.namespace;
  if (!namespace || !request->cost_category_count)
    return true;
  int64_t *const known = sk_recount_at(&recount->categories, &namespace, sizeof namespace);
  if (!known)
    return false;
  const struct sk_intern_entry *const name = sk_intern_at(&recount->names->texts, namespace);
  for (size_t i = 0; !known[0] && i < request->cost_category_count; i++) {
    const shukei_cost_category *const category = &request->cost_categories[i];
    if ((row->has_category && category->id <= row->category) ||
        !sk_plain_like(category->pattern, name->bytes, name->length))
      continue;
    row->has_category = true;
    row->category = category->id;
  }
  if (!known[0]) {
    known[0] = row->has_category ? 2 : 1;
    known[1] = row->category;
  }
  row->has_category = known[0] == 2;
  row->category = known[1];
  return true;
}

struct sk_check_row *sk_recount_row(struct sk_recount *recount, struct sk_recount_table *index,
                                    struct sk_check_rows *out, const struct sk_row_key *key,
                                    uint32_t known)
{
  uint32_t *const place = sk_recount_at(index, key, sizeof *key);
  if (!place)
    return NULL;
  if (*place)
    return &out->rows[*place - 1];
  struct sk_check_row *const made = sk_check_rows_add(out);
  if (!made)
    return NULL;
  made->key = *key;
  made->resource_id = key->resource_id;
  made->all_labels = key->labels;
  made->known = known;
  *place = out->count;
  return sk_recount_category(recount, made) ? made : NULL;
}

shukei_status sk_recount_finish(struct sk_recount *recount, struct sk_check_rows *out,
                                shukei_error *err)
{
  const shukei_status st = sk_recount_pods(recount, out, err);
  return st ? st : sk_recount_volumes(recount, out, err);
}
