/* SPDX-License-Identifier: Apache-2.0 */
/* The summary as one Parquet file: texts and labels as strings, days as DATE, measures as DOUBLE,
 * ids as INT64, all optional but the days; sorted by usage_start, ZSTD.
 *
 * A chunk gathers its rows as columns, in blocks. Appending only links the blocks behind those of
 * the rows before, until a page is full; then those that have time each take a column of all its
 * blocks, look its texts up, encode and compress it. Blocks that are written go to a pool, from
 * which chunks take theirs. Chunks of few rows are copied behind the last block instead, so that
 * what waits for its page is dense however the rows were cut.
 *
 * Where a page and a row group end depends on the rows alone: on their number, and on the bytes of
 * their texts, which keeps what waits at some 2 MB, and on what the row group takes of memory.
 * (Pages of 8,192 rows are neither faster nor smaller; row groups of half the size make the file of
 * 42,000 rows 4 % larger.) */
#include "sink/kinds.h"

#include "base/object.h"
#include "parquet/parquet.h"
#include "sink/column_block.h"
#include "store/store.h"

#include <pthread.h>

/* A row group of a small cluster's days; that of a large one ends by its bytes. */
#define GROUP_ROWS (UINT32_C(128) << 10)
#define GROUP_BYTES ((uint64_t)4 << 20)
#define PAGE_ROWS (UINT32_C(4) << 10)
#define PAGE_TEXT_BYTES ((uint64_t)2 << 20)
/* A dictionary of labels beyond that must serve more than a day to be kept. */
#define CODED_BYTES ((uint64_t)1 << 20)
#define POOL_BLOCKS 4u

struct pool {
  pthread_mutex_t lock;
  struct sk_column_block *first;
  unsigned count;
};

struct parquet_sink {
  struct sk_sink sink; /* first: what the others see */
  struct sk_budget *budget;
  struct sk_output *output; /* NULL between two files of a dataset */
  struct sk_writer *writer;
  unsigned threads;
  struct sk_helpers *helpers;
  struct pool pool;
  /* Rows that are not written: those of these blocks, but for the first `skip` of the first one. */
  struct sk_column_block *first, *last;
  uint32_t skip;
  uint32_t page_rows;       /* how many */
  uint64_t page_text_bytes; /* and their texts */
  struct sk_write_part *parts;
  struct sk_write_slice *slices; /* [part_capacity * SK_ROW_COLUMN_COUNT] */
  size_t part_capacity;
};

struct parquet_chunk {
  struct sk_chunk chunk; /* first: what the others see */
  struct parquet_sink *sink;
  struct sk_column_block *first, *last;
};

/* ---- blocks -------------------------------------------------------------------------------- */

static struct sk_column_block *take_block(struct parquet_sink *self)
{
  pthread_mutex_lock(&self->pool.lock);
  struct sk_column_block *block = self->pool.first;
  if (block) {
    self->pool.first = block->next;
    self->pool.count--;
  }
  pthread_mutex_unlock(&self->pool.lock);
  if (!block)
    return sk_column_block_new(self->budget);
  block->next = NULL;
  return block;
}

static void give_block(struct parquet_sink *self, struct sk_column_block *block)
{
  sk_column_block_clear(block);
  pthread_mutex_lock(&self->pool.lock);
  const bool keep = self->pool.count < POOL_BLOCKS;
  if (keep) {
    block->next = self->pool.first;
    self->pool.first = block;
    self->pool.count++;
  }
  pthread_mutex_unlock(&self->pool.lock);
  if (!keep)
    sk_column_block_free(block);
}

static void free_blocks(struct sk_column_block *first)
{
  while (first) {
    struct sk_column_block *next = first->next;
    sk_column_block_free(first);
    first = next;
  }
}

static void empty_pool(struct parquet_sink *self)
{
  free_blocks(self->pool.first);
  self->pool.first = NULL;
  self->pool.count = 0;
}

/* ---- chunks -------------------------------------------------------------------------------- */

static shukei_status parquet_chunk_new(struct sk_sink *sink, struct sk_chunk **out,
                                       shukei_error *err)
{
  struct parquet_sink *sink_self = (struct parquet_sink *)sink;
  struct parquet_chunk *self = sk_calloc(sink_self->budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, sink_self->budget, sizeof *self, "rows for Parquet");
  self->chunk.calls = sink->calls;
  self->sink = sink_self;
  *out = &self->chunk;
  return SHUKEI_OK;
}

static void parquet_chunk_free(struct sk_chunk *chunk)
{
  free_blocks(((struct parquet_chunk *)chunk)->first);
  sk_free(chunk);
}

static shukei_status parquet_chunk_add(struct sk_chunk *chunk, const struct sk_row *row,
                                       shukei_error *err)
{
  struct parquet_chunk *self = (struct parquet_chunk *)chunk;
  struct sk_column_block *block = self->last;
  if (!block || !sk_column_block_open(block)) {
    block = take_block(self->sink);
    if (!block)
      return sk_fail_memory(err, self->sink->budget, sizeof *block, "rows for Parquet");
    if (self->last)
      self->last->next = block;
    else
      self->first = block;
    self->last = block;
  }
  const size_t before = block->heap_bytes;
  const shukei_status st = sk_column_block_add(block, row, err);
  chunk->bytes += block->heap_bytes - before + SK_ROW_COLUMN_COUNT * sizeof(uint64_t);
  return st;
}

/* ---- pages --------------------------------------------------------------------------------- */

static shukei_status room_for_parts(struct parquet_sink *self, size_t count, shukei_error *err)
{
  if (count <= self->part_capacity)
    return SHUKEI_OK;
  const size_t capacity = count * 2;
  const size_t bytes = capacity * SK_ROW_COLUMN_COUNT * sizeof *self->slices;
  sk_free(self->parts);
  sk_free(self->slices);
  self->part_capacity = 0;
  self->parts = sk_alloc(self->budget, capacity * sizeof *self->parts);
  self->slices = sk_alloc(self->budget, bytes);
  if (!self->parts || !self->slices)
    return sk_fail_memory(err, self->budget, bytes, "parts of a page");
  self->part_capacity = capacity;
  return SHUKEI_OK;
}

/* Lets go of the blocks before the last one, and of that too where all its rows are written. */
static void forget_page(struct parquet_sink *self, uint32_t end)
{
  while (self->first != self->last) {
    struct sk_column_block *next = self->first->next;
    give_block(self, self->first);
    self->first = next;
  }
  self->skip = end;
  if (end == self->last->rows) {
    give_block(self, self->last);
    self->first = self->last = NULL;
    self->skip = 0;
  }
  self->page_rows = 0;
  self->page_text_bytes = 0;
}

/* Writes the rows that wait, of the last block those before `end`. */
static shukei_status write_page(struct parquet_sink *self, uint32_t end, shukei_error *err)
{
  size_t count = 0;
  for (const struct sk_column_block *block = self->first; block; block = block->next)
    count++;
  shukei_status st = room_for_parts(self, count, err);
  if (st)
    return st;
  size_t i = 0;
  for (const struct sk_column_block *block = self->first; block; block = block->next, i++) {
    struct sk_write_slice *slices = self->slices + i * SK_ROW_COLUMN_COUNT;
    const uint32_t first = block == self->first ? self->skip : 0;
    const uint32_t stop = block == self->last ? end : block->rows;
    sk_column_block_slices(block, first, stop, slices);
    self->parts[i] = (struct sk_write_part){.columns = slices, .rows = stop - first};
  }
  const bool last = sk_writer_held_bytes(self->writer) + self->page_text_bytes > GROUP_BYTES;
  st = sk_writer_add_page(self->writer, self->parts, count, last, err);
  if (!st)
    forget_page(self, end);
  return st;
}

/* Where the page ends that the rows from `row` on of the last block belong to; the block's end
 * where there are too few. Counts them. */
static uint32_t extend_page(struct parquet_sink *self, uint32_t row, bool *full)
{
  const struct sk_column_block *block = self->last;
  const uint64_t before = row ? block->ends[row - 1] : 0;
  const uint64_t text_left = PAGE_TEXT_BYTES - self->page_text_bytes;
  uint32_t end = block->rows;
  if (end - row > PAGE_ROWS - self->page_rows)
    end = row + (PAGE_ROWS - self->page_rows);
  if (block->ends[end - 1] - before >= text_left) {
    uint32_t low = row, high = end - 1; /* the first row with which the page has enough */
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (block->ends[middle] - before >= text_left)
        high = middle;
      else
        low = middle + 1;
    }
    end = low + 1;
  }
  self->page_rows += end - row;
  self->page_text_bytes += block->ends[end - 1] - before;
  *full = self->page_rows == PAGE_ROWS || self->page_text_bytes >= PAGE_TEXT_BYTES;
  return end;
}

/* Writes the pages that are full, where the rows from `row` on of the last block are new. */
static shukei_status write_full_pages(struct parquet_sink *self, uint32_t row, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  while (!st && self->last && row < self->last->rows) {
    bool full = false;
    row = extend_page(self, row, &full);
    if (full)
      st = write_page(self, row, err);
  }
  return st;
}

/* Takes a chunk's block, or its rows; *block is then empty and still the chunk's. */
static shukei_status take_rows(struct parquet_sink *self, struct sk_column_block **block,
                               shukei_error *err)
{
  uint32_t row = 0;
  if (self->last && sk_column_block_fits(self->last, *block)) {
    row = self->last->rows;
    if (!sk_column_block_join(self->last, *block))
      return sk_fail_memory(err, self->budget, (*block)->heap_bytes, "rows for Parquet");
    sk_column_block_clear(*block);
  } else {
    if (self->last)
      self->last->next = *block;
    else
      self->first = *block;
    self->last = *block;
    *block = NULL;
  }
  return write_full_pages(self, row, err);
}

static shukei_status parquet_append(struct sk_sink *sink, struct sk_chunk *chunk, shukei_error *err)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  struct parquet_chunk *from = (struct parquet_chunk *)chunk;
  shukei_status st = SHUKEI_OK;
  struct sk_column_block *block = from->first;
  from->first = from->last = NULL;
  chunk->bytes = 0;
  while (block) {
    struct sk_column_block *next = block->next;
    block->next = NULL;
    if (!st)
      st = take_rows(self, &block, err);
    if (block)
      give_block(self, block);
    block = next;
  }
  return st ? sk_context(err, st, "\"%s\"", self->output->name) : SHUKEI_OK;
}

/* ---- the sink ------------------------------------------------------------------------------ */

static void parquet_pause(struct sk_sink *sink)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  empty_pool(self);
  if (self->writer)
    sk_writer_pause(self->writer);
}

/* Ends the file under way and makes it durable. */
static shukei_status end_file(struct parquet_sink *self, shukei_error *err)
{
  shukei_status st = self->last ? write_page(self, self->last->rows, err) : SHUKEI_OK;
  if (!st)
    st = sk_writer_finish(self->writer, err);
  return st ? st : sk_output_sync(self->output, err);
}

static shukei_status parquet_prepare(struct sk_sink *sink, shukei_error *err)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  sk_writer_ask(self->writer, NULL); /* the run's workers are gone */
  return end_file(self, err);
}

static shukei_status parquet_commit(struct sk_sink *sink, shukei_error *err)
{
  return sk_output_commit(((struct parquet_sink *)sink)->output, err);
}

static uint64_t parquet_bytes(const struct sk_sink *sink)
{
  return ((const struct parquet_sink *)sink)->output->written_bytes;
}

static void parquet_close(struct sk_sink *sink)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  sk_writer_close(self->writer);
  sk_output_close(self->output);
  free_blocks(self->first);
  empty_pool(self);
  pthread_mutex_destroy(&self->pool.lock);
  sk_free(self->parts);
  sk_free(self->slices);
  sk_free(self);
}

static const struct sk_sink_calls parquet_calls = {.chunk_new = parquet_chunk_new,
                                                   .chunk_add = parquet_chunk_add,
                                                   .chunk_free = parquet_chunk_free,
                                                   .append = parquet_append,
                                                   .pause = parquet_pause,
                                                   .prepare = parquet_prepare,
                                                   .commit = parquet_commit,
                                                   .bytes = parquet_bytes,
                                                   .close = parquet_close};

static shukei_status open_writer(struct parquet_sink *self, shukei_error *err)
{
  static const enum sk_write_kind kinds[] = {
      [SK_ROW_TEXT] = SK_WRITE_TEXT,     [SK_ROW_DAY] = SK_WRITE_DATE,
      [SK_ROW_LABELS] = SK_WRITE_TEXT,   [SK_ROW_MEASURE] = SK_WRITE_DOUBLE,
      [SK_ROW_INTEGER] = SK_WRITE_INT64,
  };
  const char *const sorted_by[] = {sk_row_columns[SK_R_usage_start].name,
                                   sk_row_columns[SK_R_namespace].name,
                                   sk_row_columns[SK_R_node].name};
  struct sk_write_column columns[SK_ROW_COLUMN_COUNT];
  struct sk_writer_options options;
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    const struct sk_row_column_info *info = &sk_row_columns[c];
    columns[c] = (struct sk_write_column){
        .name = info->name, .kind = kinds[info->kind], .required = info->kind == SK_ROW_DAY};
  }
  sk_writer_options_init(&options);
  options.codec = SK_CODEC_ZSTD;
  options.group_rows = GROUP_ROWS;
  options.page_bytes = PAGE_ROWS * sizeof(uint64_t);
  options.threads = self->threads;
  options.sorting_columns = sorted_by;
  options.sorting_column_count = SK_COUNT(sorted_by);
  options.unique_column = sk_row_columns[SK_R_uuid].name;
  options.twin_columns[0] = sk_row_columns[SK_R_pod_labels].name;
  options.twin_columns[1] = sk_row_columns[SK_R_all_labels].name;
  options.most_coded_bytes = CODED_BYTES;
  const shukei_status st = sk_writer_open(self->output, columns, SK_ROW_COLUMN_COUNT, &options,
                                          self->budget, &self->writer, err);
  if (!st)
    sk_writer_ask(self->writer, self->helpers);
  return st;
}

shukei_status sk_parquet_sink_turn(struct sk_sink *sink, const char *path, struct sk_output **done,
                                   shukei_error *err)
{
  struct parquet_sink *self = (struct parquet_sink *)sink;
  *done = NULL;
  if (self->output) {
    const shukei_status st = path ? end_file(self, err) : parquet_prepare(sink, err);
    if (st)
      return st;
    sk_writer_close(self->writer);
    self->writer = NULL;
    *done = self->output;
    self->output = NULL;
  }
  const shukei_status st =
      path ? sk_store_create(path, self->budget, &self->output, err) : SHUKEI_OK;
  return st || !path ? st : open_writer(self, err);
}

shukei_status sk_parquet_sink_open(const char *path, const struct sk_sink_options *options,
                                   struct sk_budget *budget, struct sk_sink **out,
                                   shukei_error *err)
{
  *out = NULL;
  struct parquet_sink *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a Parquet sink");
  self->sink.calls = &parquet_calls;
  self->budget = budget;
  pthread_mutex_init(&self->pool.lock, NULL); /* without attributes it cannot fail on Linux */
  self->threads = options->threads;
  self->helpers = options->helpers;
  shukei_status st = path ? sk_store_create_alone(path, budget, &self->output, err) : SHUKEI_OK;
  if (!st && path)
    st = open_writer(self, err);
  if (st) {
    parquet_close(&self->sink);
    return st;
  }
  *out = &self->sink;
  return SHUKEI_OK;
}
