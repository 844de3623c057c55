/* SPDX-License-Identifier: Apache-2.0 */
#include "input/convert_piece.h"
#include "base/number.h"
#include "base/text.h"
#include "input/csv_scan.h"
#include "input/reader.h"

#define EXTRA_MOST ((size_t)1 << 31) /* lengths of cells must stay below SK_CELL_QUOTED */

shukei_status sk_convert_worker_init(struct sk_convert_worker *worker, struct sk_budget *budget,
                                     shukei_error *err)
{
  memset(worker, 0, sizeof *worker);
  sk_buffer_init(&worker->text, budget, EXTRA_MOST);
  if (!sk_intervals_init(&worker->intervals, budget))
    return sk_fail_memory(err, budget, 0, "a worker");
  return SHUKEI_OK;
}

void sk_convert_worker_reset(struct sk_convert_worker *worker)
{
  sk_csv_split_reset(&worker->split);
  sk_intervals_reset(&worker->intervals);
  sk_buffer_reset(&worker->text);
  sk_free(worker->last);
  worker->last = NULL;
}

void sk_piece_init(struct sk_piece *piece, struct sk_budget *budget)
{
  memset(piece, 0, sizeof *piece);
  sk_buffer_init(&piece->extra, budget, EXTRA_MOST);
}

static void free_columns(struct sk_piece *piece)
{
  for (uint32_t i = 0; piece->columns && i < piece->column_count; i++) {
    sk_free(piece->columns[i].cells);
    sk_free(piece->columns[i].ids);
    sk_free(piece->columns[i].numbers);
    sk_free(piece->columns[i].times);
    sk_free(piece->columns[i].valid);
  }
  sk_free(piece->columns);
  piece->columns = NULL;
  piece->column_count = piece->capacity = 0;
}

void sk_piece_reset(struct sk_piece *piece)
{
  free_columns(piece);
  sk_csv_block_reset(&piece->block);
  sk_buffer_reset(&piece->extra);
  sk_free(piece->days);
  sk_free(piece->row_numbers);
}

static enum sk_convert_kind kind_of(const struct sk_piece *piece, uint32_t slot)
{
  return piece->file->report->kinds[piece->file->columns[slot]];
}

/* Grows one array to `rows` elements. */
static bool grow(struct sk_budget *budget, void *array_at, uint32_t rows, size_t size)
{
  void *old, *moved;
  memcpy(&old, array_at, sizeof old);
  moved = sk_realloc(budget, old, rows * size);
  if (!moved)
    return false;
  memcpy(array_at, &moved, sizeof moved);
  return true;
}

/* Room for another group of rows. */
static bool reserve(struct sk_piece *piece, struct sk_budget *budget)
{
  if (piece->rows + SK_SPLIT_ROWS <= piece->capacity)
    return true;
  const uint32_t rows = piece->capacity ? piece->capacity * 2 : 16 * SK_SPLIT_ROWS;
  bool ok = grow(budget, &piece->days, rows, sizeof *piece->days) &&
            grow(budget, &piece->row_numbers, rows, sizeof *piece->row_numbers);
  for (uint32_t i = 0; ok && i < piece->column_count; i++) {
    struct sk_piece_column *column = &piece->columns[i];
    const enum sk_convert_kind kind = kind_of(piece, i);
    if (kind == SK_CONVERT_NUMBER)
      ok = grow(budget, &column->numbers, rows, sizeof *column->numbers) &&
           grow(budget, &column->valid, rows, 1);
    else if (kind == SK_CONVERT_TIME)
      ok = grow(budget, &column->times, rows, sizeof *column->times) &&
           grow(budget, &column->valid, rows, 1);
    else
      ok = grow(budget, &column->cells, rows, sizeof *column->cells);
  }
  if (ok)
    piece->capacity = rows;
  return ok;
}

/* Sets the piece and the worker up for the columns of the piece's file. */
static bool set_up(struct sk_piece *piece, struct sk_convert_worker *worker,
                   struct sk_budget *budget)
{
  const struct sk_convert_file *file = piece->file;
  if (worker->split_for != file) {
    sk_csv_split_reset(&worker->split);
    sk_free(worker->last);
    worker->last = sk_calloc(budget, file->slot_count, sizeof *worker->last);
    worker->split_for = NULL;
    if (!worker->last || !sk_csv_split_init(&worker->split, file->column_count, file->slots,
                                            file->slot_count, budget))
      return false;
    worker->split_for = file;
  }
  if (piece->shaped_for == file)
    return true;
  free_columns(piece); /* the kinds may differ from those of the last file */
  piece->shaped_for = NULL;
  piece->columns = sk_calloc(budget, file->slot_count, sizeof *piece->columns);
  if (!piece->columns)
    return false;
  piece->column_count = file->slot_count;
  piece->shaped_for = file;
  return true;
}

static inline bool cell_text(const struct sk_piece *piece, struct sk_convert_worker *worker,
                             struct sk_csv_cell cell, const char **text, size_t *length)
{
  *text = (const char *)piece->block.bytes + cell.at;
  *length = cell.length;
  if (!(cell.length & SK_CELL_QUOTED))
    return true;
  if (!sk_csv_unquote(piece->block.bytes + cell.at, cell.length & ~SK_CELL_QUOTED, &worker->text))
    return false;
  *text = (const char *)worker->text.bytes;
  *length = worker->text.length;
  return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct group {
  const struct sk_convert_settings *settings;
  struct sk_piece *piece;
  struct sk_convert_worker *worker;
  bool valid_block; /* all of it is UTF-8 */
  uint32_t selected, row[SK_SPLIT_ROWS];
};

/* Does with a bad row what the settings say; the message is that of the other readers. */
static shukei_status bad_row(const struct group *group, struct sk_bad_row *bad, uint32_t i)
{
  struct sk_piece *piece = group->piece;
  const struct sk_csv_split *split = &group->worker->split;
  bad->row = piece->block.first_row + split->row_line[i];
  bad->text = (const char *)piece->block.bytes + split->row_at[i];
  bad->length = split->row_end[i] - split->row_at[i];
  return sk_bad_row(piece->file->planned->path, piece->file->number, &group->settings->read, bad,
                    &piece->counts, &piece->error);
}

/* The first column of a row whose text is no UTF-8; -1: none. */
static int invalid_text(const struct group *group, uint32_t i, bool *memory)
{
  const struct sk_piece *piece = group->piece;
  for (uint32_t slot = 0; slot < piece->column_count; slot++) {
    const enum sk_convert_kind kind = kind_of(piece, slot);
    const char *text;
    size_t length;
    if (kind != SK_CONVERT_TEXT && kind != SK_CONVERT_LABELS)
      continue;
    if (!cell_text(piece, group->worker, sk_csv_slot(&group->worker->split, slot)[i], &text,
                   &length)) {
      *memory = false;
      return -1;
    }
    if (!sk_utf8_valid(text, length))
      return (int)slot;
  }
  return -1;
}

static shukei_status no_memory(const struct group *group)
{
  return sk_fail_memory(&group->piece->error, group->settings->budget, 0, "a block of CSV");
}

/* Picks the rows of the group that are good and within the days. */
static shukei_status select_rows(struct group *group)
{
  struct sk_piece *piece = group->piece;
  struct sk_convert_worker *worker = group->worker;
  const struct sk_csv_split *split = &worker->split;
  const uint32_t start = piece->file->start_slot;
  const struct sk_csv_cell *cells = sk_csv_slot(split, start);
  group->selected = 0;
  for (uint32_t i = 0; i < split->rows; i++) {
    struct sk_bad_row bad = {.expected = split->columns, .cells = split->row_cells[i]};
    const struct sk_interval *interval = NULL;
    bool memory = true;
    if (split->row_cells[i] != split->columns) {
      bad.cause = SK_BAD_CELLS;
    } else if (split->last_row_open && i + 1 == split->rows) {
      bad.cause = SK_BAD_OPEN_END;
    } else {
      const char *text;
      size_t length;
      if (!cell_text(piece, worker, cells[i], &text, &length) ||
          !(interval = sk_intervals_find(&worker->intervals, &worker->last[start], text, length)))
        return no_memory(group);
      if (!interval->valid)
        bad = (struct sk_bad_row){.cause = SK_BAD_TIME, .time = text, .time_length = length};
    }
    if (bad.cause == SK_ROW_GOOD && (interval->day < group->settings->read.start_day ||
                                     interval->day > group->settings->read.end_day ||
                                     !sk_day_set_has(piece->file->planned->days, interval->day))) {
      piece->counts.rows_filtered++;
      continue;
    }
    const int slot =
        bad.cause == SK_ROW_GOOD && !group->valid_block ? invalid_text(group, i, &memory) : -1;
    if (!memory)
      return no_memory(group);
    if (slot >= 0) {
      bad.cause = SK_BAD_UTF8;
      bad.column = piece->file->report->columns[piece->file->columns[slot]].name;
    }
    if (bad.cause != SK_ROW_GOOD) {
      const shukei_status st = bad_row(group, &bad, i);
      if (st)
        return st;
      continue;
    }
    const uint32_t at = piece->rows + group->selected;
    piece->days[at] = interval->day;
    piece->row_numbers[at] = piece->block.first_row + split->row_line[i];
    group->row[group->selected++] = i;
  }
  return SHUKEI_OK;
}

static shukei_status read_texts(struct group *group, uint32_t slot)
{
  struct sk_piece *piece = group->piece;
  const struct sk_csv_cell *cells = sk_csv_slot(&group->worker->split, slot);
  struct sk_csv_cell *out = piece->columns[slot].cells + piece->rows;
  for (uint32_t k = 0; k < group->selected; k++) {
    const struct sk_csv_cell cell = cells[group->row[k]];
    out[k] = cell;
    if (!(cell.length & SK_CELL_QUOTED))
      continue;
    const char *text;
    size_t length;
    if (!cell_text(piece, group->worker, cell, &text, &length))
      return no_memory(group);
    out[k] = (struct sk_csv_cell){(uint32_t)piece->extra.length, (uint32_t)length | SK_CELL_QUOTED};
    sk_buffer_add(&piece->extra, text, length);
    if (piece->extra.failed)
      return no_memory(group);
  }
  return SHUKEI_OK;
}

static void unparsable(struct group *group, uint32_t k)
{
  struct sk_piece *piece = group->piece;
  const struct sk_place place = {piece->file->number, piece->row_numbers[piece->rows + k],
                                 SK_FIELD_COUNT};
  piece->counts.cells_unparsable++;
  if (sk_place_before(&place, &piece->counts.first_unparsable))
    piece->counts.first_unparsable = place;
}

static shukei_status read_times(struct group *group, uint32_t slot)
{
  struct sk_piece *piece = group->piece;
  struct sk_convert_worker *worker = group->worker;
  const struct sk_csv_cell *cells = sk_csv_slot(&worker->split, slot);
  int64_t *times = piece->columns[slot].times + piece->rows;
  uint8_t *valid = piece->columns[slot].valid + piece->rows;
  for (uint32_t k = 0; k < group->selected; k++) {
    const struct sk_csv_cell cell = cells[group->row[k]];
    const char *text;
    size_t length;
    const struct sk_interval *interval;
    if (k > 0 && valid[k - 1] &&
        sk_csv_same_cells(&worker->split, cell, cells[group->row[k - 1]])) {
      times[k] = times[k - 1];
      valid[k] = 1;
      continue;
    }
    if (!cell_text(piece, worker, cell, &text, &length) ||
        !(interval = sk_intervals_find(&worker->intervals, &worker->last[slot], text, length)))
      return no_memory(group);
    times[k] = interval->us;
    valid[k] = interval->valid;
    if (!interval->valid && length > 0)
      unparsable(group, k);
  }
  return SHUKEI_OK;
}

/* A number that is no plain one: in quotes, with blanks, empty, or none at all. */
static shukei_status read_number(struct group *group, uint32_t slot, uint32_t k)
{
  struct sk_piece *piece = group->piece;
  const struct sk_csv_cell cell = sk_csv_slot(&group->worker->split, slot)[group->row[k]];
  const char *text;
  size_t length;
  double value = 0.0;
  if (!cell_text(piece, group->worker, cell, &text, &length))
    return no_memory(group);
  sk_trim_blanks(&text, &length);
  if (length == 0)
    piece->counts.cells_empty++;
  else if (!sk_number_parse(text, length, &value))
    unparsable(group, k);
  else if (value < 0)
    piece->counts.values_negative++;
  piece->columns[slot].numbers[piece->rows + k] = value;
  piece->columns[slot].valid[piece->rows + k] = length > 0;
  return SHUKEI_OK;
}

static shukei_status read_numbers(struct group *group, uint32_t slot)
{
  struct sk_piece *piece = group->piece;
  const struct sk_csv_split *split = &group->worker->split;
  const struct sk_csv_cell *cells = sk_csv_slot(split, slot);
  const char *bytes = (const char *)piece->block.bytes;
  double *numbers = piece->columns[slot].numbers + piece->rows;
  uint8_t *valid = piece->columns[slot].valid + piece->rows;
  const bool compare = sk_csv_repeats(split, slot, group->row, group->selected);
  struct sk_csv_cell before = {0, UINT32_MAX}; /* the last plain number, and its value */
  double value = 0.0;
  for (uint32_t k = 0; k < group->selected; k++) {
    const struct sk_csv_cell cell = cells[group->row[k]];
    if ((compare && sk_csv_same_cells(split, cell, before)) ||
        (!(cell.length & SK_CELL_QUOTED) &&
         sk_number_parse_in(bytes + cell.at, cell.length, &value) && value >= 0)) {
      numbers[k] = value;
      valid[k] = 1;
      before = cell;
      continue;
    }
    before.length = UINT32_MAX;
    const shukei_status st = read_number(group, slot, k);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static shukei_status parse_rows(struct sk_piece *piece, struct sk_convert_worker *worker,
                                const struct sk_convert_settings *settings)
{
  struct group group = {.settings = settings, .piece = piece, .worker = worker};
  if (!set_up(piece, worker, settings->budget))
    return no_memory(&group);
  group.valid_block = sk_csv_ascii(piece->block.bytes, piece->block.length) ||
                      sk_utf8_valid(piece->block.bytes, piece->block.length);
  sk_csv_split_begin(&worker->split, piece->block.bytes, piece->block.length,
                     piece->block.open_end);
  while (sk_csv_split_next(&worker->split) > 0) {
    if (!reserve(piece, settings->budget))
      return no_memory(&group);
    piece->counts.rows_read += worker->split.rows;
    shukei_status st = select_rows(&group);
    for (uint32_t slot = 0; !st && slot < piece->column_count; slot++) {
      const enum sk_convert_kind kind = kind_of(piece, slot);
      st = kind == SK_CONVERT_NUMBER ? read_numbers(&group, slot)
           : kind == SK_CONVERT_TIME ? read_times(&group, slot)
                                     : read_texts(&group, slot);
    }
    if (st)
      return st;
    piece->rows += group.selected;
  }
  return SHUKEI_OK;
}

void sk_piece_parse(struct sk_piece *piece, struct sk_convert_worker *worker,
                    const struct sk_convert_settings *settings)
{
  piece->rows = 0;
  sk_buffer_clear(&piece->extra);
  sk_counts_init(&piece->counts);
  memset(&piece->error, 0, sizeof piece->error);
  piece->status = parse_rows(piece, worker, settings);
}
