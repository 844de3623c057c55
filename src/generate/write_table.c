/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet files: one a report and day.
 *
 * Slices are made in batches, side by side; then the writer takes them in order and encodes its
 * columns side by side. A batch and a row group's compressed pages are all that is held.
 *
 * Where slots have the same texts in every hour and are not too many, these texts are interned once
 * for the dataset: hours then cost no text, and the writer neither hashes nor copies one. A row
 * group of a quarter million rows holds each pod's texts once; where texts are made slice by slice,
 * groups are cut smaller, so that memory stays bounded. */
#include "generate/writing.h"

#include "base/bytes.h"
#include "base/crew.h"
#include "generate/gzip_write.h"
#include "generate/table_rows.h"

#include <string.h>

#define BATCH_SLICES 4u
#define LARGE_GROUP_ROWS 262144u
#define SMALL_GROUP_ROWS 32768u

/* An output that adds up its CRC. */
struct counted_output {
  struct sk_output output;
  struct sk_output *behind;
  uint32_t crc;
};

static shukei_status counted_write(struct sk_output *output, const void *bytes, size_t length,
                                   shukei_error *err)
{
  struct counted_output *const self = (struct counted_output *)output;
  self->crc = sk_gzip_crc_join(self->crc, sk_gzip_crc(bytes, length), length);
  return sk_output_write(self->behind, bytes, length, err);
}

static const struct sk_output_calls counted_calls = {.write = counted_write};

struct table_slot {
  struct sk_table table;
  struct sk_tally tally;
  struct sk_slice slice;
  shukei_status status;
  shukei_error error;
};

struct table_run {
  struct sk_writing *writing;
  struct sk_known_texts *known[SK_REPORTS]; /* NULL: texts are a slice's own */
  struct table_slot slots[BATCH_SLICES];
  uint32_t filled;
  _Atomic uint32_t next;
};

static void make_slices(void *context, unsigned worker)
{
  struct table_run *const run = context;
  const struct sk_model *const model = run->writing->model;
  (void)worker;
  for (;;) {
    const uint32_t at = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed);
    if (at >= run->filled)
      return;
    struct table_slot *const slot = &run->slots[at];
    memset(&slot->tally.totals, 0, sizeof slot->tally.totals);
    memset(slot->tally.nodes, 0, sk_bits_bytes(model->node_count));
    memset(slot->tally.spaces, 0, sk_bits_bytes(model->space_count));
    slot->status = sk_table_rows(model, &slot->slice, run->known[slot->slice.report], &slot->table,
                                 &slot->tally, &slot->error);
  }
}

/* Makes the slices that were taken and hands them to the writer. */
static shukei_status write_batch(struct table_run *run, struct sk_writer *writer, shukei_error *err)
{
  struct sk_writing *const writing = run->writing;
  const unsigned threads = writing->threads < run->filled ? writing->threads : run->filled;
  shukei_status st = sk_writing_check(writing, err);
  if (st)
    return st;
  atomic_store(&run->next, 0);
  sk_crew_run(NULL, threads ? threads : 1, make_slices, run);
  for (uint32_t i = 0; !st && i < run->filled; i++) {
    struct table_slot *const slot = &run->slots[i];
    st = slot->status;
    if (st && err)
      *err = slot->error;
    if (!st && slot->table.rows > 0)
      st = sk_writer_add(writer, slot->table.rows, slot->table.values, err);
    sk_writer_forget(writer, &slot->table.own);
    if (!st)
      sk_writing_take(writing, &slot->slice, &slot->tally);
  }
  run->filled = 0;
  sk_writing_progress(writing);
  return st;
}

static shukei_status write_rows(struct table_run *run, struct sk_part *part,
                                struct sk_writer *writer, shukei_error *err)
{
  struct sk_slicer slicer;
  struct sk_slice slice;
  shukei_status st = SHUKEI_OK;
  const uint64_t before = run->writing->report_rows[part->report];
  sk_slicer_init(&slicer, run->writing->model, part->report, part->first_hour, part->end_hour);
  while (!st && sk_slicer_next(&slicer, &slice)) {
    run->slots[run->filled++].slice = slice;
    if (run->filled == BATCH_SLICES)
      st = write_batch(run, writer, err);
  }
  if (!st && run->filled > 0)
    st = write_batch(run, writer, err);
  part->rows = run->writing->report_rows[part->report] - before;
  return st;
}

static shukei_status write_part(struct table_run *run, struct sk_part *part, shukei_error *err)
{
  static const char *const sorting_column = "interval_start";
  struct sk_writing *const writing = run->writing;
  struct counted_output counted = {.output = {.calls = &counted_calls, .name = part->name}};
  struct sk_writer *writer = NULL;
  struct sk_writer_options options;
  size_t count;
  const struct sk_write_column *const columns = sk_table_columns(part->report, &count);
  sk_writer_options_init(&options);
  options.threads = writing->threads;
  options.page_bytes = (uint64_t)SMALL_GROUP_ROWS / 2 * sizeof(double);
  options.group_rows = sk_report_slots(writing->model, part->report) <= SK_KNOWN_SLOTS
                           ? LARGE_GROUP_ROWS
                           : SMALL_GROUP_ROWS;
  options.sorting_columns = &sorting_column;
  options.sorting_column_count = 1;
  shukei_status st = sk_writing_open(writing, part->name, &counted.behind, err);
  if (!st && !run->known[part->report])
    st = sk_known_texts_new(writing->model, part->report, writing->budget,
                            &run->known[part->report], err);
  if (!st && run->known[part->report])
    options.texts = &run->known[part->report]->texts;
  if (!st)
    st = sk_writer_open(&counted.output, columns, count, &options, writing->budget, &writer, err);
  if (!st)
    st = write_rows(run, part, writer, err);
  if (!st)
    st = sk_writer_finish(writer, err);
  if (!st)
    st = sk_output_commit(counted.behind, err);
  if (!st) {
    part->bytes = counted.output.written_bytes;
    part->crc32 = counted.crc;
    writing->report_bytes[part->report] += part->bytes;
    writing->written_bytes += part->bytes;
    writing->bytes_done = writing->written_bytes;
  }
  sk_writer_close(writer);
  sk_output_close(counted.behind);
  return st;
}

shukei_status sk_write_tables(struct sk_writing *writing, shukei_error *err)
{
  const struct sk_model *const model = writing->model;
  struct sk_plan_files *const files = writing->files;
  struct table_run *run = sk_calloc(writing->budget, 1, sizeof *run);
  if (!run)
    return sk_fail_memory(err, writing->budget, sizeof *run, "the columns of a batch");
  shukei_status st = SHUKEI_OK;
  run->writing = writing;
  writing->phase = "write";
  for (uint32_t i = 0; i < BATCH_SLICES; i++) {
    struct table_slot *const slot = &run->slots[i];
    sk_table_init(&slot->table, writing->budget);
    slot->tally.nodes = sk_calloc(writing->budget, 1, sk_bits_bytes(model->node_count) + 8);
    slot->tally.spaces = sk_calloc(writing->budget, 1, sk_bits_bytes(model->space_count) + 8);
    if (!slot->tally.nodes || !slot->tally.spaces)
      st = sk_fail_memory(err, writing->budget, sk_bits_bytes(model->node_count), "a batch");
  }
  for (uint32_t i = 0; !st && i < files->part_count; i++)
    st = write_part(run, &files->parts[i], err);
  if (!st)
    sk_writing_end(writing);
  for (uint32_t i = 0; i < BATCH_SLICES; i++) {
    sk_table_reset(&run->slots[i].table);
    sk_free(run->slots[i].tally.nodes);
    sk_free(run->slots[i].tally.spaces);
  }
  for (int i = 0; i < SK_REPORTS; i++)
    sk_known_texts_free(run->known[i]);
  sk_free(run);
  return st;
}
