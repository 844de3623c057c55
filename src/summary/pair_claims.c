/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs that were spilled, read back: workers take turns at the merged runs, each until it has as many
 * whole pairs as a part should have; the rows are then made by all at once. */
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

static shukei_status begin_pair(struct sk_day *day, struct sk_row_worker *worker,
                                const struct sk_spilled_record *record, shukei_error *err)
{
  struct sk_finish *finish = day->finish;
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_claimed_pair pair = {.first = s->entry_count, .namespace_label = SK_NO_ID};
  void *array = s->pairs;
  const uint32_t node = sk_intern_find(&finish->names, record->node.bytes, record->node.length);
  if (node == SK_NO_ID || node >= day->node_index.count || day->node_index.at[node] == SK_NO_ID)
    return sk_fail(err, SHUKEI_EIO, "the temporary file: a group of a node that it does not have");
  pair.node_index = day->node_index.at[node];
  if (finish->labels && record->namespace.length)
    pair.namespace_label = sk_intern_find(&finish->labels->symbols.names, record->namespace.bytes,
                                          record->namespace.length);
  if (!keep_text(&s->arena, &record->namespace, &pair.namespace) ||
      !sk_grow(finish->budget, &array, &s->pair_capacity, s->pair_count + 1, sizeof *s->pairs))
    return sk_finish_no_memory(finish, err);
  s->pairs = array;
  s->pairs[s->pair_count++] = pair;
  return SHUKEI_OK;
}

static bool take_group(struct sk_row_worker *worker, const struct sk_spilled_record *record)
{
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_claimed_pair *pair = &s->pairs[s->pair_count - 1];
  struct sk_pair_entry *entry = sk_pair_entry_add(worker);
  struct sk_pod_group *group = sk_arena_alloc(&s->arena, sizeof *group);
  const uint32_t id =
      sk_intern_add(&worker->texts, record->resource_id.bytes, record->resource_id.length);
  const uint32_t role = sk_intern_add(&worker->texts, record->role.bytes, record->role.length);
  if (!entry || !group || id == SK_NO_ID || role == SK_NO_ID)
    return false;
  *group = record->group;
  *entry = (struct sk_pair_entry){.group = group,
                                  .node_set = record->node_set,
                                  .space_set = record->space_set,
                                  .resource_id = id};
  sk_pair_tally_role(worker, pair->node_index, role);
  pair->count++;
  return keep_text(&s->arena, &record->set, &entry->own);
}

static bool same_pair(const struct sk_day *day, const struct sk_claimed_pair *pair,
                      const struct sk_spilled_record *record)
{
  const struct sk_text node = sk_finish_text(day->finish, day->nodes[pair->node_index].name);
  return pair->namespace.length == record->namespace.length && node.length == record->node.length &&
         (!node.length || !memcmp(node.bytes, record->node.bytes, node.length)) &&
         (!pair->namespace.length ||
          !memcmp(pair->namespace.bytes, record->namespace.bytes, pair->namespace.length));
}

/* Reads pairs, whole, until there are enough. */
static shukei_status read_pairs(struct sk_day *day, struct sk_row_worker *worker, shukei_error *err)
{
  struct sk_pair_claims *claims = day->claims;
  struct sk_pair_scratch *s = worker->scratch;
  shukei_status st = SHUKEI_OK;
  size_t bytes = 0;
  if (!claims->begun) {
    claims->begun = true;
    st = sk_spilled_next(claims->reader, &claims->next, err);
  }
  for (; !st && claims->next; st = sk_spilled_next(claims->reader, &claims->next, err)) {
    const struct sk_spilled_record *record = claims->next;
    if (!s->pair_count || !same_pair(day, &s->pairs[s->pair_count - 1], record)) {
      if (s->entry_count >= GROUPS_PER_CLAIM || bytes >= BYTES_PER_CLAIM)
        return SHUKEI_OK;
      st = begin_pair(day, worker, record, err);
      if (st)
        return st;
    }
    if (!take_group(worker, record))
      return sk_finish_no_memory(day->finish, err);
    bytes += sizeof record->group + record->set.length;
  }
  return st;
}

bool sk_pair_claim_spilled(struct sk_day *day, struct sk_row_worker *worker, uint32_t *part)
{
  struct sk_pair_scratch *s = sk_pair_scratch_of(worker);
  if (!s) { /* told by sk_pair_rows() */
    *part = atomic_fetch_add(&day->next_part, 1);
    return *part == 0;
  }
  pthread_mutex_lock(&day->claims->lock);
  sk_arena_reset(&s->arena);
  s->entry_count = s->pair_count = 0;
  s->claim_status = read_pairs(day, worker, &s->claim_error);
  *part = atomic_fetch_add(&day->next_part, 1);
  const bool claimed = s->pair_count > 0 || s->claim_status;
  if (s->claim_status)
    day->claims->next = NULL; /* the others find nothing more */
  pthread_mutex_unlock(&day->claims->lock);
  return claimed;
}
