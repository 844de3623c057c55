/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming a block, under the file's lock: what was left of the last block and the next bytes of
 * the stream go into the worker's own buffer; the text is cut behind its last whole record, and the
 * rest is kept for the next claim. A record that does not fit makes the buffer grow, up to
 * SK_CSV_RECORD_MOST. Records are counted on the way, so that every block knows the number of its
 * first one and messages can name a row without reading the file again. Parsing is done without the
 * lock: it takes several times as long as reading. */
#include "input/csv_file.h"
#include "base/intern.h"
#include "base/text.h"
#include "input/archive.h"
#include "input/ascii.h"
#include "input/csv_scan.h"
#include "input/csv_split.h"
#include "input/report.h"
#include "input/stream.h"
#include "store/store.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MOST 4096
/* What is read for the header at first: a whole block would be touched, and copied, once more. */
#define HEADER_BYTES ((size_t)64 << 10)

struct sk_csv {
  struct sk_budget *budget;
  const char *path;
  const struct sk_archive_member *member; /* NULL: a file of its own */
  uint64_t size_bytes;                    /* by the plan */
  struct sk_object *object;
  struct sk_stream *stream;
  struct sk_arena arena;
  const char **columns;
  uint32_t column_count;
  size_t block_bytes;
  pthread_mutex_t lock;
  bool lock_made;
  /* under the lock */
  struct sk_csv_block rest; /* text behind the last cut */
  uint64_t next_row, next_number;
  bool at_end;          /* of the stream */
  uint64_t member_read; /* bytes of the member */
  uint32_t member_crc;
  shukei_error failure;
  _Atomic uint64_t position;
};

void sk_csv_block_reset(struct sk_csv_block *block)
{
  sk_free(block->bytes);
  *block = (struct sk_csv_block){0};
}

/* Room for so many bytes of text and the padding; false when memory lacks. */
static bool reserve(struct sk_csv_block *block, size_t bytes, struct sk_budget *budget)
{
  if (bytes <= block->capacity)
    return true;
  uint8_t *moved = sk_realloc(budget, block->bytes, bytes + SK_CSV_PADDING);
  if (!moved)
    return false;
  block->bytes = moved;
  block->capacity = bytes;
  return true;
}

/* How far the file is read; of a member as a share of what its archive takes for it. */
static uint64_t position(const struct sk_csv *csv)
{
  if (!csv->member)
    return sk_stream_position(csv->stream);
  return (uint64_t)((double)csv->size_bytes *
                    ((double)csv->member_read / (double)(csv->member->size + 1)));
}

/* The next bytes of the text: of the stream, or of a member whose text is there. */
static shukei_status read_text(struct sk_csv *csv, uint8_t *to, size_t capacity, size_t *got,
                               shukei_error *err)
{
  if (!csv->member || !csv->member->text)
    return sk_stream_read(csv->stream, to, capacity, got, err);
  const uint64_t left = csv->member->size - csv->member_read;
  *got = left < capacity ? (size_t)left : capacity;
  memcpy(to, csv->member->text + csv->member_read, *got);
  return SHUKEI_OK;
}

/* Fills the block up to `bytes` in all. */
static shukei_status fill(struct sk_csv *csv, struct sk_csv_block *block, size_t bytes,
                          shukei_error *err)
{
  if (!reserve(block, bytes, csv->budget))
    return sk_fail_memory(err, csv->budget, bytes, "a block of CSV");
  while (!csv->at_end && block->length < bytes) {
    size_t got = 0;
    const shukei_status st =
        read_text(csv, block->bytes + block->length, bytes - block->length, &got, err);
    if (st)
      return st;
    csv->at_end = got == 0;
    if (csv->member && !csv->member->text)
      csv->member_crc = libdeflate_crc32(csv->member_crc, block->bytes + block->length, got);
    csv->member_read += got;
    block->length += got;
  }
  atomic_store_explicit(&csv->position, position(csv), memory_order_relaxed);
  if (csv->member && csv->at_end && !csv->member->text &&
      (csv->member_read != csv->member->size || csv->member_crc != csv->member->crc))
    return sk_fail(err, SHUKEI_EFORMAT, "%s: is not what it was when the plan was made", csv->path);
  return SHUKEI_OK;
}

/* Keeps what lies behind `cut` for the next block. */
static shukei_status keep_rest(struct sk_csv *csv, struct sk_csv_block *block, size_t cut,
                               shukei_error *err)
{
  const size_t left = block->length - cut;
  if (!reserve(&csv->rest, left, csv->budget))
    return sk_fail_memory(err, csv->budget, left, "a block of CSV");
  if (left)
    memcpy(csv->rest.bytes, block->bytes + cut, left);
  csv->rest.length = left;
  block->length = cut;
  return SHUKEI_OK;
}

/* Reads until the block holds a whole record, or the end of the file; *cut is where to end it. */
static shukei_status read_records(struct sk_csv *csv, struct sk_csv_block *block, size_t bytes,
                                  size_t *cut, uint64_t *lines, shukei_error *err)
{
  for (size_t want = bytes;; want *= 2) {
    const shukei_status st = fill(csv, block, want, err);
    if (st)
      return st;
    *cut = sk_csv_cut(block->bytes, block->length, csv->at_end, lines);
    if (*cut || csv->at_end)
      return SHUKEI_OK;
    if (block->length >= SK_CSV_RECORD_MOST)
      return sk_fail(err, SHUKEI_EFORMAT,
                     "%s: row %" PRIu64 ": longer than %zu MiB; is a quote left open?", csv->path,
                     csv->next_row, SK_CSV_RECORD_MOST >> 20);
  }
}

static shukei_status claim(struct sk_csv *csv, struct sk_csv_block *block, bool *claimed,
                           shukei_error *err)
{
  size_t cut;
  uint64_t lines;
  const size_t rest = csv->rest.length;
  const size_t bytes = rest + csv->block_bytes;
  if (!reserve(block, bytes, csv->budget))
    return sk_fail_memory(err, csv->budget, bytes, "a block of CSV");
  if (rest)
    memcpy(block->bytes, csv->rest.bytes, rest);
  block->length = rest;
  csv->rest.length = 0;
  shukei_status st = read_records(csv, block, bytes, &cut, &lines, err);
  if (st)
    return st;
  block->open_end = csv->at_end && cut < block->length;
  /* A line end in what is no whole record lies within a quote. To leave such a record out as one
   * bad row would lose all rows behind it. */
  if (block->open_end && memchr(block->bytes + cut, '\n', block->length - cut))
    return sk_fail(err, SHUKEI_EFORMAT, "%s: row %" PRIu64 ": a quote is never closed", csv->path,
                   csv->next_row + lines);
  if (block->open_end) {
    cut = block->length;
    lines++;
  }
  st = keep_rest(csv, block, cut, err);
  if (st)
    return st;
  block->first_row = csv->next_row;
  block->number = csv->next_number;
  csv->next_row += lines;
  *claimed = cut > 0;
  csv->next_number += *claimed;
  return SHUKEI_OK;
}

shukei_status sk_csv_claim(struct sk_csv *csv, struct sk_csv_block *block, bool *claimed,
                           shukei_error *err)
{
  shukei_status st;
  *claimed = false;
  pthread_mutex_lock(&csv->lock);
  if (!csv->failure.status) {
    st = claim(csv, block, claimed, &csv->failure);
    csv->failure.status = st;
  }
  st = csv->failure.status;
  if (st && err)
    *err = csv->failure;
  pthread_mutex_unlock(&csv->lock);
  return st;
}

uint64_t sk_csv_position(struct sk_csv *csv)
{
  return atomic_load_explicit(&csv->position, memory_order_relaxed);
}

uint32_t sk_csv_column_count(const struct sk_csv *csv)
{
  return csv->column_count;
}

const char *const *sk_csv_columns(const struct sk_csv *csv)
{
  return csv->columns;
}

const char *sk_csv_path(const struct sk_csv *csv)
{
  return csv->path;
}

uint64_t sk_csv_mark(const struct sk_csv *csv)
{
  return csv->rest.length ? sk_hash_bytes(csv->rest.bytes, csv->rest.length) | 1 : 0;
}

void sk_csv_close(struct sk_csv *csv)
{
  if (!csv)
    return;
  sk_csv_block_reset(&csv->rest);
  sk_stream_close(csv->stream);
  sk_object_close(csv->object);
  sk_arena_reset(&csv->arena);
  if (csv->lock_made)
    pthread_mutex_destroy(&csv->lock);
  sk_free(csv);
}

/* ---- the header ------------------------------------------------------------------------------ */

/* One name: trimmed, ASCII letters lowered, in the arena. */
static shukei_status add_name(struct sk_csv *csv, const uint8_t *text, size_t length,
                              shukei_error *err)
{
  while (length && sk_ascii_blank((char)text[length - 1]))
    length--;
  while (length && sk_ascii_blank((char)*text)) {
    text++;
    length--;
  }
  char *name = sk_arena_bytes(&csv->arena, length + 1);
  if (!name)
    return sk_fail_memory(err, csv->budget, length + 1, "the names of columns");
  for (size_t i = 0; i < length; i++)
    name[i] = sk_ascii_lower((char)text[i]);
  name[length] = '\0';
  if (!sk_utf8_valid(name, length) || memchr(name, '\0', length))
    return sk_fail(err, SHUKEI_EFORMAT, "%s: column %" PRIu32 ": its name is not valid UTF-8",
                   csv->path, csv->column_count + 1);
  csv->columns[csv->column_count++] = name;
  return SHUKEI_OK;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

shukei_status sk_csv_check_names(const struct sk_csv *csv, int report, shukei_error *err)
{
  const size_t bytes = csv->column_count * sizeof(const char *);
  const char **sorted = sk_alloc(csv->budget, bytes);
  shukei_status st = SHUKEI_OK;
  if (!sorted)
    return sk_fail_memory(err, csv->budget, bytes, "the names of columns");
  memcpy(sorted, csv->columns, bytes);
  qsort(sorted, csv->column_count, sizeof *sorted, by_name);
  for (uint32_t i = 1; i < csv->column_count && !st; i++)
    if (sorted[i][0] && strcmp(sorted[i - 1], sorted[i]) == 0 &&
        (report < 0 || sk_field_of_column((enum sk_report)report, sorted[i]) >= 0))
      st = sk_fail(err, SHUKEI_EFORMAT, "%s: column \"%s\" is there twice", csv->path, sorted[i]);
  sk_free(sorted);
  return st;
}

static shukei_status split_header(struct sk_csv *csv, uint8_t *bytes, size_t length,
                                  shukei_error *err)
{
  uint32_t slots[1] = {0};
  struct sk_csv_split split;
  struct sk_buffer text;
  shukei_status st = SHUKEI_OK;
  uint32_t *every = NULL;
  const uint8_t after = bytes[length]; /* split_begin() writes there */
  sk_buffer_init(&text, csv->budget, SK_CSV_RECORD_MOST);
  /* First only counted: the number of columns is not known yet. */
  bool memory = sk_csv_split_init(&split, 0, slots, 0, csv->budget);
  if (memory) {
    sk_csv_split_begin(&split, bytes, length, false);
    const uint32_t rows = sk_csv_split_next(&split);
    const uint32_t count = rows ? split.row_cells[0] : 0;
    sk_csv_split_reset(&split);
    if (rows != 1 || count > COLUMNS_MOST) {
      st = sk_fail(err, SHUKEI_EFORMAT, "%s: its first line is no header of at most %d columns",
                   csv->path, COLUMNS_MOST);
      goto done;
    }
    every = sk_alloc(csv->budget, count * sizeof *every);
    csv->columns = sk_arena_alloc(&csv->arena, count * sizeof *csv->columns);
    memory = every && csv->columns;
    for (uint32_t i = 0; memory && i < count; i++)
      every[i] = i;
    memory = memory && sk_csv_split_init(&split, count, every, count, csv->budget);
  }
  if (!memory) {
    st = sk_fail_memory(err, csv->budget, length, "the header of a CSV file");
    goto done;
  }
  sk_csv_split_begin(&split, bytes, length, false);
  sk_csv_split_next(&split);
  for (uint32_t i = 0; !st && i < split.columns; i++) {
    const struct sk_csv_cell cell = sk_csv_slot(&split, i)[0];
    const size_t cell_length = cell.length & ~SK_CELL_QUOTED;
    if (!(cell.length & SK_CELL_QUOTED))
      st = add_name(csv, bytes + cell.at, cell_length, err);
    else if (sk_csv_unquote(bytes + cell.at, cell_length, &text))
      st = add_name(csv, text.bytes, text.length, err);
    else
      st = sk_fail_memory(err, csv->budget, cell_length, "the header of a CSV file");
  }
  sk_csv_split_reset(&split);
done:
  bytes[length] = after;
  sk_free(every);
  sk_buffer_reset(&text);
  return st;
}

static shukei_status read_header(struct sk_csv *csv, shukei_error *err)
{
  const char *path = csv->path;
  struct sk_csv_block block = {0};
  size_t skip = 0, end = 0;
  shukei_status st = SHUKEI_OK;
  for (size_t want = csv->block_bytes < HEADER_BYTES ? csv->block_bytes : HEADER_BYTES; !end;
       want *= 2) {
    st = fill(csv, &block, want, err);
    if (st)
      goto done;
    if (block.length >= 2 && ((block.bytes[0] == 0xFF && block.bytes[1] == 0xFE) ||
                              (block.bytes[0] == 0xFE && block.bytes[1] == 0xFF))) {
      st = sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: is UTF-16, expected UTF-8", path);
      goto done;
    }
    skip = block.length >= 3 && memcmp(block.bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    end = sk_csv_first(block.bytes + skip, block.length - skip, csv->at_end);
    if (!end && csv->at_end) {
      st = block.length == skip
               ? sk_fail(err, SHUKEI_EFORMAT, "%s: is empty, expected a header", path)
               : sk_fail(err, SHUKEI_ETRUNC, "%s: ends within its header", path);
      goto done;
    }
    if (!end && block.length >= SK_CSV_RECORD_MOST) {
      st = sk_fail(err, SHUKEI_EFORMAT, "%s: its header is longer than %zu MiB", path,
                   SK_CSV_RECORD_MOST >> 20);
      goto done;
    }
  }
  st = split_header(csv, block.bytes + skip, end, err);
  if (!st)
    st = keep_rest(csv, &block, skip + end, err);
  csv->next_row = 2;
done:
  sk_csv_block_reset(&block);
  return st;
}

/* A member of an archive is a part of its text, which the plan has read and found whole. */
static shukei_status open_stream(struct sk_csv *csv, const struct sk_planned_file *file,
                                 shukei_error *err)
{
  csv->member = file->member;
  if (file->member && file->member->text)
    return SHUKEI_OK;
  const shukei_status st = sk_store_open(sk_planned_place(file), csv->budget, &csv->object, err);
  if (st)
    return st;
  if (!file->member)
    return sk_stream_open(csv->object, file->format, csv->budget, &csv->stream, err);
  return sk_stream_open_part(csv->object, &file->archive->points, file->member->offset,
                             file->member->size, csv->budget, &csv->stream, err);
}

shukei_status sk_csv_open(const struct sk_planned_file *file, size_t block_bytes,
                          struct sk_budget *budget, struct sk_csv **out, shukei_error *err)
{
  *out = NULL;
  struct sk_csv *csv = sk_calloc(budget, 1, sizeof *csv);
  if (!csv)
    return sk_fail_memory(err, budget, sizeof *csv, "an open CSV file");
  csv->budget = budget;
  csv->path = file->path;
  csv->size_bytes = file->size_bytes;
  csv->block_bytes = block_bytes;
  sk_arena_init(&csv->arena, budget);
  shukei_status st = SHUKEI_OK;
  csv->lock_made = pthread_mutex_init(&csv->lock, NULL) == 0;
  if (!csv->lock_made)
    st = sk_fail(err, SHUKEI_ENOMEM, "no lock for \"%s\"", file->path);
  if (!st)
    st = open_stream(csv, file, err);
  if (!st)
    st = read_header(csv, err);
  if (st)
    sk_csv_close(csv);
  else
    *out = csv;
  return st;
}
