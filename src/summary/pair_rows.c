/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a namespace on a node (a pair): its groups, from all partials or from what was
 * spilled,
 *
 *   gather -> unite those of one own label set, if spilled
 *   -> put each under the label sets of node and
 *   namespace, as JSON -> sort by that text, unite equal ones -> emit
 *
 * Under koku labels a group counts once per combination of the sets that its node and its namespace
 * had on the day; under hourly labels each group has one combination of its own. */
#include "summary/finish.h"
#include "summary/pair_scratch.h"

void sk_pair_scratch_free(struct sk_pair_scratch *s)
{
  if (!s)
    return;
  sk_free(s->entries);
  sk_free(s->rows);
  sk_free(s->sorted);
  sk_free(s->sums);
  sk_free(s->gathered);
  sk_free(s->pairs);
  sk_pair_runs_reset(&s->runs);
  sk_pair_runs_reset(&s->bitten);
  sk_buffer_reset(&s->json);
  sk_arena_reset(&s->arena);
  sk_arena_reset(&s->bite);
  sk_free(s);
}

struct sk_pair_scratch *sk_pair_scratch_of(const struct sk_day *day, struct sk_row_worker *worker)
{
  struct sk_budget *budget = worker->finish->budget;
  if (!worker->scratch && (worker->scratch = sk_calloc(budget, 1, sizeof *worker->scratch))) {
    sk_buffer_init(&worker->scratch->json, budget, SIZE_MAX);
    sk_arena_init(&worker->scratch->arena, budget);
    sk_arena_init(&worker->scratch->bite, budget);
  }
  return sk_tally_begin(day, worker) ? worker->scratch : NULL;
}

struct sk_pair_entry *sk_pair_entry_add(struct sk_row_worker *worker)
{
  struct sk_pair_scratch *s = worker->scratch;
  void *array = s->entries;
  if (!sk_grow(worker->finish->budget, &array, &s->entry_capacity, s->entry_count + 1,
               sizeof *s->entries))
    return NULL;
  s->entries = array;
  return &s->entries[s->entry_count++];
}

/* ---- gathering ------------------------------------------------------------------------------- */

void sk_pair_tally_role(struct sk_row_worker *worker, uint32_t node, uint32_t role)
{
  struct sk_node_tally *tally = &worker->tally[node];
  tally->role_seen = sk_text_later(&worker->texts, tally->role_seen, role);
}

/* Groups are fetched before they are gathered, as they lie in no order: first its sums and key,
 * which tells where the label set's entry is, which tells where its text is. */
enum { GROUP_AHEAD = 12, SET_AHEAD = 8, TEXT_AHEAD = 4 };

/* The group at a place of the list, or any at all behind its end. */
static uint32_t group_ahead(const struct sk_day *day, uint32_t place)
{
  return place + 1 < day->keys->count ? day->list.groups[place] : 0; /* one key is no group */
}

static void fetch(const struct sk_day *day, uint32_t place)
{
  const struct sk_intern *sets = &day->finish->tables->sets;
  const uint32_t index = group_ahead(day, place + GROUP_AHEAD);
  for (size_t i = 0; i < day->finish->pod_count; i++) {
    const uintptr_t at =
        day->pods[i] ? (uintptr_t)sk_segments_find(&day->pods[i]->groups, index) : 0;
    __builtin_prefetch((const void *)at);
    __builtin_prefetch((const void *)(at + 64));
    __builtin_prefetch((const void *)(at + 128));
  }
  __builtin_prefetch(sk_groups_key(day->keys, index));
  const uint32_t with_set = group_ahead(day, place + SET_AHEAD);
  if (with_set)
    __builtin_prefetch(sk_intern_at(sets, sk_high(sk_groups_key(day->keys, with_set)[1])));
  const uint32_t with_text = group_ahead(day, place + TEXT_AHEAD);
  if (!with_text)
    return;
  const char *text = sk_intern_at(sets, sk_high(sk_groups_key(day->keys, with_text)[1]))->bytes;
  __builtin_prefetch(text);
  __builtin_prefetch(text + 64);
  __builtin_prefetch(text + 128);
}

/* A group in all partials: of the only one that has it, else their sum in `sum`, with the greatest
 * ids. */
static shukei_status gather_group(const struct sk_day *day, uint32_t index,
                                  struct sk_pod_group *sum, const struct sk_pod_group **out,
                                  shukei_error *err)
{
  const struct sk_intern *names = &day->finish->tables->symbols.names;
  const struct sk_pod_group *found = NULL;
  for (size_t i = 0; i < day->finish->pod_count; i++) {
    const struct sk_pod_group *g = day->pods[i] ? sk_pod_group_at(day->pods[i], index) : NULL;
    if (!g)
      continue;
    if (found && found != sum)
      *sum = *found;
    if (found) {
      const shukei_status st = sk_pair_add_group(sum, g, err);
      if (st)
        return st;
      sum->resource_id = sk_text_later(names, sum->resource_id, g->resource_id);
      sum->role = sk_text_later(names, sum->role, g->role);
    }
    found = found ? sum : g;
  }
  *out = found;
  return SHUKEI_OK;
}

/* The groups of a pair. */
static shukei_status gather(struct sk_day *day, struct sk_row_worker *worker,
                            const struct sk_pair *pair, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  struct sk_pair_scratch *s = worker->scratch;
  const struct sk_tables *tables = finish->tables;
  const uint32_t node = day->node_index.at[pair->node];
  void *array = s->gathered;
  s->entry_count = 0;
  if (!sk_grow(finish->budget, &array, &s->gathered_capacity, pair->count, sizeof *s->gathered))
    return sk_finish_no_memory(finish, err);
  s->gathered = array;
  for (uint32_t i = 0; i < pair->count; i++) {
    const uint32_t index = day->list.groups[pair->first + i];
    const struct sk_pod_group *g = NULL;
    fetch(day, pair->first + i);
    const shukei_status st = gather_group(day, index, &s->gathered[i], &g, err);
    if (st || !g)
      return st;
    const uint64_t labels = sk_groups_key(day->keys, index)[1];
    const struct sk_intern_entry *own = sk_intern_at(&tables->sets, sk_high(labels));
    struct sk_ids *carried = &worker->carried.names;
    const uint32_t id =
        sk_ids_carry(carried, &worker->texts, &tables->symbols.names, g->resource_id);
    const uint32_t role = sk_ids_carry(carried, &worker->texts, &tables->symbols.names, g->role);
    struct sk_pair_entry *entry = sk_pair_entry_add(worker);
    if (!entry || id == SK_NO_ID || role == SK_NO_ID)
      return sk_finish_no_memory(finish, err);
    *entry =
        (struct sk_pair_entry){.group = g, .own = {own->bytes, own->length}, .resource_id = id};
    if (finish->pods[0]->hourly) {
      const uint64_t sets = sk_pod_pair_sets(tables, sk_low(labels));
      entry->node_set = sk_high(sets);
      entry->space_set = sk_low(sets);
    }
    sk_pair_tally_role(worker, node, role);
  }
  return SHUKEI_OK;
}

/* ---- uniting --------------------------------------------------------------------------------- */

const struct sk_pod_group *sk_pair_sum_of(const struct sk_pair_scratch *s,
                                          const struct sk_pair_entry *entry)
{
  return entry->sum ? &s->sums[entry->sum - 1] : entry->group;
}

shukei_status sk_pair_add_group(struct sk_pod_group *into, const struct sk_pod_group *from,
                                shukei_error *err)
{
  for (int k = 0; k < SK_SUM_COUNT; k++)
    if (!sk_grid_add_times(&into->sums[k], from->sums[k], 1))
      return sk_summary_out_of_range(err, "a pod measure");
  into->rows += from->rows;
  into->cores = from->cores > into->cores ? from->cores : into->cores;
  into->bytes = from->bytes > into->bytes ? from->bytes : into->bytes;
  return SHUKEI_OK;
}

/* Adds an entry to another one. Others may refer to what that one holds, so it gets a sum of its
 * own first. */
static shukei_status add_entry(struct sk_row_worker *worker, struct sk_pair_entry *into,
                               const struct sk_pair_entry *from, shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  if (!into->owns_sum) {
    void *array = s->sums;
    if (!sk_grow(worker->finish->budget, &array, &s->sum_capacity, s->sum_count + 1,
                 sizeof *s->sums))
      return sk_finish_no_memory(worker->finish, err);
    s->sums = array;
    s->sums[s->sum_count] = *sk_pair_sum_of(s, into);
    into->sum = ++s->sum_count;
    into->owns_sum = true;
  }
  const shukei_status st = sk_pair_add_group(&s->sums[into->sum - 1], sk_pair_sum_of(s, from), err);
  if (st)
    return st;
  into->resource_id = sk_text_later(&worker->texts, into->resource_id, from->resource_id);
  return SHUKEI_OK;
}

static bool same_text(const struct sk_ranked_text *a, const struct sk_ranked_text *b)
{
  return a->length == b->length && (!a->length || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static bool reserve_sorted(struct sk_row_worker *worker, uint32_t count)
{
  struct sk_pair_scratch *s = worker->scratch;
  void *array = s->sorted;
  const bool ok =
      sk_grow(worker->finish->budget, &array, &s->sorted_capacity, count, sizeof *s->sorted);
  s->sorted = array;
  return ok;
}

/* Adds up entries of the same own set and combination; the first of each stays. Entries are `count`
 * from `first` on; *count becomes how many are left. */
static shukei_status unite(struct sk_row_worker *worker, struct sk_pair_entry *entries,
                           uint32_t *count, shukei_error *err)
{
  struct sk_ranked_text *sorted = worker->scratch->sorted;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < *count; i++)
    sorted[i] = (struct sk_ranked_text){
        .bytes = entries[i].own.bytes, .length = entries[i].own.length, .id = i};
  sk_sort_texts(sorted, *count);
  for (uint32_t i = 0, begin = 0; i < *count; i++) {
    struct sk_pair_entry *entry = &entries[sorted[i].id];
    if (i && !same_text(&sorted[i], &sorted[begin]))
      begin = i;
    struct sk_pair_entry *equal = NULL;
    for (uint32_t k = begin; k < i && !equal; k++) {
      struct sk_pair_entry *other = &entries[sorted[k].id];
      if (other->group && other->node_set == entry->node_set &&
          other->space_set == entry->space_set)
        equal = other;
    }
    if (!equal)
      continue;
    const shukei_status st = add_entry(worker, equal, entry, err);
    if (st)
      return st;
    entry->group = NULL;
  }
  for (uint32_t i = 0; i < *count; i++)
    if (entries[i].group)
      entries[kept++] = entries[i];
  *count = kept;
  return SHUKEI_OK;
}

/* ---- under the labels of node and namespace -------------------------------------------------- */

static struct sk_text set_text(const struct sk_partial *partial, uint32_t set)
{
  const struct sk_intern_entry *e = sk_intern_at(partial->sets.sets, set);
  return (struct sk_text){e->bytes, e->length};
}

/* Appends a row: an entry under one combination. */
static bool add_row(struct sk_row_worker *worker, const struct sk_pair_entry *entry,
                    uint32_t node_set, uint32_t space_set)
{
  const struct sk_partial *labels = worker->finish->labels;
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_text sets[3] = {{.bytes = NULL}, {.bytes = NULL}, entry->own};
  void *array = s->rows;
  if (!sk_grow(worker->finish->budget, &array, &s->row_capacity, s->row_count + 1, sizeof *s->rows))
    return false;
  s->rows = array;
  if (labels) {
    sets[0] = set_text(labels, node_set);
    sets[1] = set_text(labels, space_set);
  }
  struct sk_pair_row *row = &s->rows[s->row_count++];
  *row = (struct sk_pair_row){.entry = *entry, .at = s->json.length};
  row->entry.owns_sum = false;
  if (!sk_labelsets_json(sets, SK_COUNT(sets), &s->json) || s->json.failed ||
      s->json.length - row->at > UINT32_MAX)
    return false;
  row->length = (uint32_t)(s->json.length - row->at);
  return true;
}

static bool add_rows(struct sk_day *day, struct sk_row_worker *worker,
                     const struct sk_pair_names *names, const struct sk_pair_entry *entry)
{
  const struct sk_partial *labels = day->finish->labels;
  if (!labels || labels->hourly)
    return add_row(worker, entry, entry->node_set, entry->space_set);
  const struct sk_named_sets *nodes = &labels->label.nodes, *spaces = &labels->label.namespaces;
  const uint32_t n = sk_named_sets_find(nodes, day->when, names->node_label);
  const uint32_t s = sk_named_sets_find(spaces, day->when, names->namespace_label);
  if ((uint64_t)sk_sets_count(nodes, n) * sk_sets_count(spaces, s) > 1)
    worker->counted_more_than_once += sk_pair_sum_of(worker->scratch, entry)->rows;
  uint32_t at_n = n, at_s;
  do {
    at_s = s;
    do {
      if (!add_row(worker, entry, at_n == SK_NO_ID ? 0 : nodes->links[at_n].set,
                   at_s == SK_NO_ID ? 0 : spaces->links[at_s].set))
        return false;
    } while (at_s != SK_NO_ID && (at_s = spaces->links[at_s].next) != SK_NO_ID);
  } while (at_n != SK_NO_ID && (at_n = nodes->links[at_n].next) != SK_NO_ID);
  return true;
}

/* ---- emitting -------------------------------------------------------------------------------- */

/* What a row takes of its node's capacity. */
static shukei_status tally(struct sk_row_worker *worker, const struct sk_pair_names *names,
                           const struct sk_pair_entry *entry, shukei_error *err)
{
  struct sk_node_tally *t = &worker->tally[names->node_index];
  const struct sk_pod_group *g = sk_pair_sum_of(worker->scratch, entry);
  if (!sk_spare_add(t->sums, g->sums))
    return sk_summary_out_of_range(err, "unallocated capacity");
  if (!t->counts || entry->resource_id != t->resource_id) {
    uint32_t role;
    if (!sk_roles_find(&worker->finish->roles, &worker->role_key, names->node,
                       sk_intern_at(&worker->texts, entry->resource_id), &role))
      return sk_finish_no_memory(worker->finish, err);
    t->role_listed = sk_roles_later(&worker->finish->roles, t->role_listed, role);
    t->resource_id = sk_text_later(&worker->texts, t->resource_id, entry->resource_id);
  }
  t->counts = true;
  t->cores = g->cores > t->cores ? g->cores : t->cores;
  t->bytes = g->bytes > t->bytes ? g->bytes : t->bytes;
  return SHUKEI_OK;
}

shukei_status sk_pair_emit(struct sk_row_worker *worker, const struct sk_pair_names *names,
                           const struct sk_pair_row *row, sk_row_taker take, void *context,
                           shukei_error *err)
{
  const struct sk_intern_entry *id = sk_intern_at(&worker->texts, row->entry.resource_id);
  const struct sk_pod_group *g = sk_pair_sum_of(worker->scratch, &row->entry);
  const struct sk_pod_row pod = {
      .namespace = names->namespace,
      .node = names->node,
      .resource_id = {row->entry.resource_id ? id->bytes : NULL, id->length},
      .labels = {(const char *)worker->scratch->json.bytes + row->at, row->length},
      .sums = g->sums,
      .cores = g->cores,
      .bytes = g->bytes,
      .capacities = names->capacities};
  shukei_status st = names->counts ? tally(worker, names, &row->entry, err) : SHUKEI_OK;
  worker->groups++;
  if (!st && !sk_emit_pod(&worker->emitter, &pod))
    st = sk_finish_no_memory(worker->finish, err);
  return st ? st : take(context, &worker->emitter.row, err);
}

shukei_status sk_pair_sort_rows(struct sk_row_worker *worker, shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  if (!reserve_sorted(worker, s->row_count))
    return sk_finish_no_memory(worker->finish, err);
  for (uint32_t i = 0; i < s->row_count; i++)
    s->sorted[i] = (struct sk_ranked_text){
        .bytes = (const char *)s->json.bytes + s->rows[i].at, .length = s->rows[i].length, .id = i};
  sk_sort_texts(s->sorted, s->row_count);
  return SHUKEI_OK;
}

shukei_status sk_pair_take_row(struct sk_row_worker *worker, uint32_t *at, struct sk_pair_row **row,
                               shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  const struct sk_ranked_text *first = &s->sorted[*at];
  shukei_status st = SHUKEI_OK;
  *row = &s->rows[first->id];
  for (++*at; !st && *at < s->row_count && same_text(first, &s->sorted[*at]); ++*at)
    st = add_entry(worker, &(*row)->entry, &s->rows[s->sorted[*at].id].entry, err);
  return st;
}

static shukei_status emit_sorted(struct sk_row_worker *worker, const struct sk_pair_names *names,
                                 sk_row_taker take, void *context, shukei_error *err)
{
  shukei_status st = sk_pair_sort_rows(worker, err);
  for (uint32_t at = 0; !st && at < worker->scratch->row_count;) {
    struct sk_pair_row *row;
    st = sk_pair_take_row(worker, &at, &row, err);
    if (!st)
      st = sk_pair_emit(worker, names, row, take, context, err);
  }
  return st;
}

/* What the rows so far take until they are emitted, at most. */
static size_t rows_bytes(const struct sk_pair_scratch *s)
{
  return s->json.length + s->row_count * (sizeof *s->rows + sizeof *s->sorted + sizeof *s->sums);
}

shukei_status sk_pair_make_rows(struct sk_day *day, struct sk_row_worker *worker,
                                const struct sk_pair_names *names, struct sk_pair_entry *entries,
                                uint32_t count, shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  s->sum_count = s->row_count = 0;
  sk_buffer_clear(&s->json);
  if (!reserve_sorted(worker, count))
    return sk_finish_no_memory(day->finish, err);
  shukei_status st = count > 1 && day->spilled ? unite(worker, entries, &count, err) : SHUKEI_OK;
  const uint32_t sums = s->sum_count;
  for (uint32_t i = 0; !st && i < count; i++) {
    if (!add_rows(day, worker, names, &entries[i]))
      return sk_finish_no_memory(day->finish, err);
    if (rows_bytes(s) > day->finish->pair_bytes) {
      st = sk_large_pair_write(worker, err);
      s->sum_count = sums; /* the rows' own are of no use any more */
    }
  }
  return st;
}

/* The rows of `count` entries of one pair, of which some may be written already. */
static shukei_status pair_rows(struct sk_day *day, struct sk_row_worker *worker,
                               const struct sk_pair_names *names, struct sk_pair_entry *entries,
                               uint32_t count, sk_row_taker take, void *context, shukei_error *err)
{
  shukei_status st = sk_pair_make_rows(day, worker, names, entries, count, err);
  if (st || !worker->scratch->runs.count)
    return st ? st : emit_sorted(worker, names, take, context, err);
  st = sk_large_pair_write(worker, err);
  return st ? st : sk_large_pair_emit(worker, names, take, context, err);
}

struct sk_pair_names sk_pair_names_of(const struct sk_day *day, struct sk_text namespace,
                                      uint32_t namespace_label, uint32_t node_index)
{
  const struct sk_finish *finish = day->finish;
  const struct sk_day_node *node = &day->nodes[node_index];
  struct sk_pair_names names = {.namespace = namespace,
                                .node = sk_finish_text(finish, node->name),
                                .namespace_label = namespace_label,
                                .node_label = finish->label_names[node->name],
                                .node_index = node_index,
                                .counts = namespace.bytes != NULL,
                                .capacities = sk_day_capacities(day, node)};
  for (int known = SK_NAME_PLATFORM_UNALLOCATED; known <= SK_NAME_STORAGE_UNATTRIBUTED; known++)
    if (sk_text_is(namespace, sk_known_names[known]))
      names.counts = false;
  return names;
}

static shukei_status part_rows(struct sk_day *day, struct sk_row_worker *worker, uint32_t part,
                               sk_row_taker take, void *context, shukei_error *err)
{
  const struct sk_finish *finish = day->finish;
  const uint32_t end = part + 1 < day->part_count ? day->part_from[part + 1] : day->list.count;
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = day->part_from[part]; !st && i < end; i++) {
    const struct sk_pair *pair = &day->list.pairs[i];
    const uint32_t node = day->node_index.at[pair->node];
    st = gather(day, worker, pair, err);
    if (st)
      break;
    const struct sk_pair_names names = sk_pair_names_of(
        day, sk_finish_text(finish, pair->namespace), finish->label_names[pair->namespace], node);
    worker->tally[node].apiserver |= pair->namespace == SK_NAME_APISERVER;
    st = pair_rows(day, worker, &names, worker->scratch->entries, worker->scratch->entry_count,
                   take, context, err);
  }
  return st;
}

/* Those of a part that was read back (pair_claims.c). */
static shukei_status claimed_rows(struct sk_day *day, struct sk_row_worker *worker,
                                  sk_row_taker take, void *context, shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  shukei_status st = s->claim_status;
  if (st) {
    if (err)
      *err = s->claim_error;
    return st;
  }
  for (uint32_t i = 0; !st && i < s->pair_count; i++) {
    const struct sk_claimed_pair *pair = &s->pairs[i];
    const struct sk_pair_names names =
        sk_pair_names_of(day, pair->namespace, pair->namespace_label, pair->node_index);
    worker->tally[pair->node_index].apiserver |=
        sk_text_is(pair->namespace, sk_known_names[SK_NAME_APISERVER]);
    if (i + 1 == s->pair_count)
      sk_pair_runs_swap(s);
    st = pair_rows(day, worker, &names, s->entries + pair->first, pair->count, take, context, err);
  }
  return st;
}

shukei_status sk_pair_rows(struct sk_day *day, struct sk_row_worker *worker, uint32_t part,
                           sk_row_taker take, void *context, shukei_error *err)
{
  if (!sk_pair_scratch_of(day, worker))
    return sk_finish_no_memory(day->finish, err);
  return day->spilled ? claimed_rows(day, worker, take, context, err)
                      : part_rows(day, worker, part, take, context, err);
}
