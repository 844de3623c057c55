/* SPDX-License-Identifier: Apache-2.0 */
/* Totals and progress of a dataset that is being written. */
#include "generate/writing.h"

#include "store/store.h"

#include <stdio.h>
#include <string.h>

static void *zeros(struct sk_arena *arena, size_t bytes)
{
  void *block = sk_arena_alloc(arena, bytes ? bytes : 1);
  return block ? memset(block, 0, bytes) : NULL;
}

shukei_status sk_writing_init(struct sk_writing *writing, shukei_error *err)
{
  const struct sk_model *const model = writing->model;
  struct sk_arena *const arena = &writing->files->arena;
  const size_t days = ((size_t)model->hour_count + 23) / 24;
  writing->days = zeros(arena, days * sizeof *writing->days);
  writing->day_nodes = zeros(arena, days * sizeof *writing->day_nodes);
  writing->day_spaces = zeros(arena, days * sizeof *writing->day_spaces);
  writing->nodes = zeros(arena, sk_bits_bytes(model->node_count));
  writing->spaces = zeros(arena, sk_bits_bytes(model->space_count));
  if (!writing->days || !writing->day_nodes || !writing->day_spaces || !writing->nodes ||
      !writing->spaces)
    return sk_fail_memory(err, writing->budget, days * sizeof *writing->days, "totals of the days");
  for (int i = 0; i < SK_REPORTS; i++)
    writing->slots[i] = sk_report_slots(model, (enum sk_report)i) * model->hour_count;
  writing->day = 0;
  return SHUKEI_OK;
}

static uint32_t count_and_clear(uint64_t *bits, uint32_t things)
{
  uint32_t count = 0;
  for (size_t i = 0; i < sk_bits_bytes(things) / 8; i++) {
    for (uint64_t word = bits[i]; word; word &= word - 1)
      count++;
    bits[i] = 0;
  }
  return count;
}

static void end_day(struct sk_writing *writing)
{
  const struct sk_model *const model = writing->model;
  writing->day_nodes[writing->day] = count_and_clear(writing->nodes, model->node_count);
  writing->day_spaces[writing->day] = count_and_clear(writing->spaces, model->space_count);
}

void sk_writing_take(struct sk_writing *writing, const struct sk_slice *slice,
                     const struct sk_tally *tally)
{
  const uint32_t day = slice->first_hour / 24;
  struct sk_totals *const totals = &writing->days[day];
  writing->rows_done += tally->totals.rows;
  writing->slots_done[slice->report] +=
      (slice->end_slot - slice->first_slot) * (slice->end_hour - slice->first_hour);
  writing->report_rows[slice->report] += tally->totals.rows;
  totals->rows += tally->totals.rows;
  if (slice->report != SK_REPORT_POD)
    return;
  if (day != writing->day) {
    end_day(writing);
    writing->day = day;
  }
  totals->pods += tally->totals.pods;
#define SK_ADD_SUM(name) totals->name += tally->totals.name;
  SK_TOTAL_SUMS(SK_ADD_SUM)
#undef SK_ADD_SUM
  for (size_t i = 0; i < sk_bits_bytes(writing->model->node_count) / 8; i++)
    writing->nodes[i] |= tally->nodes[i];
  for (size_t i = 0; i < sk_bits_bytes(writing->model->space_count) / 8; i++)
    writing->spaces[i] |= tally->spaces[i];
}

void sk_writing_end(struct sk_writing *writing)
{
  end_day(writing);
}

/* A slot need not have a row in each hour: of those that are left as many will have one as of those
 * that are done. */
uint64_t sk_writing_rows_known(const struct sk_writing *writing)
{
  double rows = 0;
  for (int i = 0; i < SK_REPORTS; i++) {
    const double done = (double)writing->slots_done[i], left = (double)writing->slots[i] - done;
    rows += done > 0 ? (double)writing->report_rows[i] * (1 + left / done) : left;
  }
  return (uint64_t)(rows + 0.5);
}

void sk_writing_progress(struct sk_writing *writing)
{
  const shukei_callbacks *const callbacks = writing->callbacks;
  const shukei_progress now = {
      .phase = writing->phase,
      .rows_done = writing->rows_done,
      .rows_known = sk_writing_rows_known(writing),
      .bytes_done = writing->bytes_done,
      .memory_bytes = writing->budget
                          ? atomic_load_explicit(&writing->budget->used_bytes, memory_order_relaxed)
                          : 0};
  if (callbacks->progress)
    callbacks->progress(callbacks->context, &now);
}

shukei_status sk_writing_check(const struct sk_writing *writing, shukei_error *err)
{
  const shukei_callbacks *const callbacks = writing->callbacks;
  if (callbacks->canceled && callbacks->canceled(callbacks->context))
    return sk_fail(err, SHUKEI_ECANCELED, "stopped");
  return SHUKEI_OK;
}

shukei_status sk_writing_open(struct sk_writing *writing, const char *name,
                              struct sk_output **output, shukei_error *err)
{
  struct sk_buffer path;
  *output = NULL;
  sk_buffer_init(&path, writing->budget, 1u << 16);
  sk_buffer_text(&path, writing->destination);
  if (path.length && path.bytes[path.length - 1] != '/')
    sk_buffer_byte(&path, '/');
  sk_buffer_text(&path, name);
  sk_buffer_byte(&path, 0);
  shukei_status st = path.failed ? sk_fail_memory(err, writing->budget, 4096, "a path") : SHUKEI_OK;
  if (!st)
    st = sk_store_create((const char *)path.bytes, writing->budget, output, err);
  sk_buffer_reset(&path);
  return st;
}
