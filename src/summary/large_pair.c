/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs whose rows memory has no room for:
 *
 *   sk_pair_make_rows() -> sk_large_pair_write() -> again ... -> sk_large_pair_emit()
 *
 * Rows so far are sorted by their labels, equal ones united, and written as a run; when the pair is
 * complete, its runs are merged, equal rows of different runs united, and the rows emitted in
 * order. Sums are exact, and all else that rows hold is the greatest of its kind, so it does not
 * matter where the pair was cut. A group's rows are counted when its own are made, hence once in
 * all.
 *
 * A record's key is the row's labels as they stand, since rows are sorted by bytes as records are.
 * Its payload is the resource id, which stays one of the worker's own texts, and what the group
 * adds up. */
#include "summary/pair_scratch.h"

void sk_pair_runs_reset(struct sk_pair_runs *runs)
{
  for (uint32_t i = 0; i < runs->count; i++)
    sk_run_free(runs->at[i]);
  sk_free(runs->at);
  *runs = (struct sk_pair_runs){.at = NULL};
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A new run behind the others, not complete; NULL and a status. */
static shukei_status begin_run(struct sk_row_worker *worker, struct sk_run **run, shukei_error *err)
{
  const struct sk_finish *finish = worker->finish;
  struct sk_pair_runs *runs = &worker->scratch->runs;
  void *array = runs->at;
  *run = NULL;
  const bool room =
      sk_grow(finish->budget, &array, &runs->capacity, runs->count + 1, sizeof(struct sk_run *));
  runs->at = array;
  if (!room)
    return sk_finish_no_memory(finish, err);
  const shukei_status st = sk_run_begin(finish->spilled->file, run, err);
  if (!st)
    runs->at[runs->count++] = *run;
  return st;
}

static shukei_status add_row(struct sk_row_worker *worker, struct sk_run *run,
                             const struct sk_pair_row *row, struct sk_buffer *payload,
                             shukei_error *err)
{
  const struct sk_pair_scratch *s = worker->scratch;
  sk_buffer_clear(payload);
  sk_spilled_put_number(payload, row->entry.resource_id);
  sk_spilled_put_sums(payload, sk_pair_sum_of(s, &row->entry));
  if (payload->failed)
    return sk_finish_no_memory(worker->finish, err);
  return sk_run_add(run, s->json.bytes + row->at, row->length, payload->bytes, payload->length,
                    err);
}

shukei_status sk_large_pair_write(struct sk_row_worker *worker, shukei_error *err)
{
  struct sk_pair_scratch *s = worker->scratch;
  struct sk_buffer payload;
  struct sk_run *run = NULL;
  if (!s->row_count)
    return SHUKEI_OK;
  sk_buffer_init(&payload, worker->finish->budget, SK_RECORD_MOST_BYTES);
  shukei_status st = begin_run(worker, &run, err);
  if (!st)
    st = sk_pair_sort_rows(worker, err);
  for (uint32_t at = 0; !st && at < s->row_count;) {
    struct sk_pair_row *row;
    st = sk_pair_take_row(worker, &at, &row, err);
    if (!st)
      st = add_row(worker, run, row, &payload, err);
  }
  if (!st)
    st = sk_run_end(run, err);
  sk_buffer_reset(&payload);
  s->row_count = 0;
  sk_buffer_clear(&s->json);
  return st;
}

/* ---- reading back ---------------------------------------------------------------------------- */

/* A row in the making: labels are those in the worker's json. */
struct merged {
  struct sk_pod_group group;
  uint32_t resource_id;
};

static shukei_status take_record(const struct sk_row_worker *worker, const struct sk_record *record,
                                 struct merged *row, shukei_error *err)
{
  struct sk_key_rest rest = {record->payload, record->payload + record->payload_length};
  uint64_t id;
  if (!sk_spilled_take_number(&rest, &id) || id >= worker->texts.count ||
      !sk_spilled_take_sums(&rest, &row->group) || rest.at != rest.end)
    return sk_fail(err, SHUKEI_EIO, "the temporary file: a row of %zu bytes is damaged",
                   record->key_length + record->payload_length);
  row->resource_id = (uint32_t)id;
  return SHUKEI_OK;
}

static shukei_status emit_merged(struct sk_row_worker *worker, const struct sk_pair_names *names,
                                 const struct merged *row, sk_row_taker take, void *context,
                                 shukei_error *err)
{
  const struct sk_pair_row made = {.entry = {.group = &row->group, .resource_id = row->resource_id},
                                   .length = (uint32_t)worker->scratch->json.length};
  return sk_pair_emit(worker, names, &made, take, context, err);
}

static shukei_status emit_all(struct sk_row_worker *worker, const struct sk_pair_names *names,
                              struct sk_merge *merge, sk_row_taker take, void *context,
                              shukei_error *err)
{
  struct sk_buffer *json = &worker->scratch->json;
  const struct sk_record *record = NULL;
  struct merged row, next = {.resource_id = 0};
  bool any = false;
  shukei_status st;
  while (!(st = sk_merge_next(merge, &record, err)) && record) {
    const bool equal = any && record->key_length == json->length &&
                       memcmp(record->key, json->bytes, json->length) == 0;
    st = take_record(worker, record, &next, err);
    if (!st && any)
      st = equal ? sk_pair_add_group(&row.group, &next.group, err)
                 : emit_merged(worker, names, &row, take, context, err);
    if (st)
      return st;
    if (equal) {
      row.resource_id = sk_text_later(&worker->texts, row.resource_id, next.resource_id);
      continue;
    }
    any = true;
    row = next;
    sk_buffer_clear(json);
    sk_buffer_add(json, record->key, record->key_length);
    if (json->failed)
      return sk_finish_no_memory(worker->finish, err);
  }
  return st || !any ? st : emit_merged(worker, names, &row, take, context, err);
}

shukei_status sk_large_pair_emit(struct sk_row_worker *worker, const struct sk_pair_names *names,
                                 sk_row_taker take, void *context, shukei_error *err)
{
  const struct sk_finish *finish = worker->finish;
  struct sk_pair_runs *runs = &worker->scratch->runs;
  struct sk_merge *merge = NULL;
  shukei_status st = sk_merge_open(finish->spilled->file, runs->at, runs->count, finish->pair_bytes,
                                   true, &merge, err);
  if (!st)
    st = emit_all(worker, names, merge, take, context, err);
  sk_merge_close(merge);
  sk_pair_runs_reset(runs);
  return st;
}
