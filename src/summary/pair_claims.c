/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs that were spilled, read back: workers take turns at the merged runs, each until it has as
 * many whole pairs as a part should have; the rows are then made by all at once. Of a pair that is
 * too large for memory a worker takes a bite at a time, whose rows it writes away before the next
 * (large_pair.c). */
#include "summary/pair_scratch.h"

#include <pthread.h>

#define GROUPS_PER_CLAIM 1024
#define BYTES_PER_CLAIM ((size_t)1 << 20)

struct sk_pair_claims {
  pthread_mutex_t lock;
  struct sk_spilled_reader *reader;
  const struct sk_spilled_record *next; /* read, but not taken */
  bool begun;
};

shukei_status sk_pair_claims_begin(struct sk_day *day, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  day->claims = sk_calloc(finish->budget, 1, sizeof *day->claims);
  if (!day->claims)
    return sk_finish_no_memory(finish, err);
  pthread_mutex_init(&day->claims->lock, NULL);
  return sk_spilled_open(finish->spilled, day->spilled, SK_SPILLED_GROUP, &day->claims->reader,
                         err);
}

void sk_pair_claims_end(struct sk_day *day)
{
  if (!day->claims)
    return;
  sk_spilled_close(day->claims->reader);
  pthread_mutex_destroy(&day->claims->lock);
  sk_free(day->claims);
  day->claims = NULL;
}

static bool keep_text(struct sk_arena *arena, const struct sk_text *text, struct sk_text *kept)
{
  *kept = (struct sk_text){.bytes = NULL};
  if (!text->length)
    return true;
  char *copy = sk_arena_bytes(arena, text->length);
  if (!copy)
    return false;
  memcpy(copy, text->bytes, text->length);
  *kept = (struct sk_text){copy, text->length};
  return true;
}

static bool same_text(const struct sk_text *a, const struct sk_text *b)
{
  return a->length == b->length && (!a->length || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static shukei_status begin_pair(struct sk_day *day, struct sk_row_worker *worker,
                                const struct sk_spilled_record *record, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  struct sk_pair_scratch *s = worker->scratch;
  const struct sk_claimed_pair *before = s->pair_count ? &s->pairs[s->pair_count - 1] : NULL;
  struct sk_claimed_pair pair = {.first = s->entry_count, .namespace_label = SK_NO_ID};
  void *array = s->pairs;
  const uint32_t node = sk_intern_find(&finish->names, record->node.bytes, record->node.length);
  if (node == SK_NO_ID || node >= day->node_index.count || day->node_index.at[node] == SK_NO_ID)
    return sk_fail(err, SHUKEI_EIO, "the temporary file: a group of a node that it does not have");
  pair.node_index = day->node_index.at[node];
  if (before && same_text(&before->namespace, &record->namespace)) {
    pair.namespace = before->namespace;
    pair.namespace_label = before->namespace_label;
  } else if (!keep_text(&s->arena, &record->namespace, &pair.namespace)) {
    return sk_finish_no_memory(finish, err);
  } else if (finish->labels && record->namespace.length) {
    pair.namespace_label = sk_intern_find(&finish->labels->tables->symbols.names,
                                          record->namespace.bytes, record->namespace.length);
  }
  if (!sk_grow(finish->budget, &array, &s->pair_capacity, s->pair_count + 1, sizeof *s->pairs))
    return sk_finish_no_memory(finish, err);
  s->pairs = array;
  s->pairs[s->pair_count++] = pair;
  return SHUKEI_OK;
}

/* The worker's id of a text, which is most often that of the record before; SK_NO_ID when memory
 * lacks. */
static uint32_t text_id(struct sk_row_worker *worker, const struct sk_text *text, uint32_t *last)
{
  const struct sk_intern_entry *before = sk_intern_at(&worker->texts, *last);
  if (before->length == text->length &&
      (!text->length || memcmp(before->bytes, text->bytes, text->length) == 0))
    return *last;
  const uint32_t id = sk_intern_add(&worker->texts, text->bytes, text->length);
  if (id != SK_NO_ID)
    *last = id;
  return id;
}

static bool take_group(struct sk_row_worker *worker, const struct sk_spilled_record *record)
{
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_claimed_pair *pair = &s->pairs[s->pair_count - 1];
  struct sk_arena *arena = s->runs.count ? &s->bite : &s->arena;
  struct sk_pair_entry *entry = sk_pair_entry_add(worker);
  struct sk_pod_group *group = sk_arena_alloc(arena, sizeof *group);
  const uint32_t id = text_id(worker, &record->resource_id, &s->last_id);
  const uint32_t role = text_id(worker, &record->role, &s->last_role);
  if (!entry || !group || id == SK_NO_ID || role == SK_NO_ID)
    return false;
  *group = record->group;
  *entry = (struct sk_pair_entry){.group = group,
                                  .node_set = record->node_set,
                                  .space_set = record->space_set,
                                  .resource_id = id};
  sk_pair_tally_role(worker, pair->node_index, role);
  pair->count++;
  if (!keep_text(arena, &record->set, &entry->own))
    return false;
  if (!entry->own.bytes)
    entry->own.bytes = "";
  return true;
}

static bool same_pair(const struct sk_day *day, const struct sk_claimed_pair *pair,
                      const struct sk_spilled_record *record)
{
  const struct sk_text node = sk_finish_text(day->finish, day->nodes[pair->node_index].name);
  return same_text(&node, &record->node) && same_text(&pair->namespace, &record->namespace);
}

/* Writes away the rows of what was read of the last pair. */
static shukei_status finish_bite(struct sk_day *day, struct sk_row_worker *worker,
                                 shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_claimed_pair *pair = &s->pairs[s->pair_count - 1];
  const struct sk_pair_names names =
      sk_pair_names_of(day, pair->namespace, pair->namespace_label, pair->node_index);
  shukei_status st =
      sk_pair_make_rows(day, worker, &names, s->entries + pair->first, pair->count, err);
  if (!st)
    st = sk_large_pair_write(worker, err);
  s->entry_count = pair->first;
  pair->count = 0;
  sk_arena_reset(&s->bite);
  return st;
}

/* Reads pairs, whole, until there are enough. */
static shukei_status read_pairs(struct sk_day *day, struct sk_row_worker *worker, shukei_error *err)
{
  struct sk_pair_claims *claims = day->claims;
  struct sk_pair_scratch *s = worker->scratch;
  shukei_status st = SHUKEI_OK;
  size_t bytes = 0, of_pair = 0;
  if (!claims->begun) {
    claims->begun = true;
    st = sk_spilled_next(claims->reader, &claims->next, err);
  }
  for (; !st && claims->next; st = sk_spilled_next(claims->reader, &claims->next, err)) {
    const struct sk_spilled_record *record = claims->next;
    if (!s->pair_count || !same_pair(day, &s->pairs[s->pair_count - 1], record)) {
      if (s->entry_count >= GROUPS_PER_CLAIM || bytes >= BYTES_PER_CLAIM || s->runs.count)
        return SHUKEI_OK;
      st = begin_pair(day, worker, record, err);
      of_pair = 0;
    } else if (of_pair > day->finish->pair_bytes) {
      st = finish_bite(day, worker, err);
      of_pair = 0;
    }
    if (st)
      return st;
    if (!take_group(worker, record))
      return sk_finish_no_memory(day->finish, err);
    bytes += sizeof record->group + record->set.length;
    of_pair += sizeof record->group + sizeof *s->entries + sizeof *s->sorted + record->set.length;
  }
  return st;
}

bool sk_pair_claim_spilled(struct sk_day *day, struct sk_row_worker *worker, uint32_t *part)
{
  struct sk_pair_scratch *s = sk_pair_scratch_of(day, worker);
  bool claimed = true;
  pthread_mutex_lock(&day->claims->lock);
  if (s) { /* sk_pair_rows() tells that it is not there */
    sk_arena_reset(&s->arena);
    sk_arena_reset(&s->bite);
    worker->emitter.category_of.bytes = NULL; /* may have lain in there */
    s->entry_count = s->pair_count = 0;
    s->claim_status = read_pairs(day, worker, &s->claim_error);
    sk_pair_runs_swap(s);
    claimed = s->pair_count > 0 || s->claim_status;
    if (s->claim_status)
      day->claims->next = NULL; /* the others find nothing more */
  }
  if (claimed) /* parts that nobody makes would be waited for */
    *part = atomic_fetch_add(&day->next_part, 1);
  pthread_mutex_unlock(&day->claims->lock);
  return claimed;
}
