/* SPDX-License-Identifier: Apache-2.0 */
/* Texts become ids here and not in the workers, so that one table serves all pieces: the writers
 * know an id again without looking at its text, and a label text is put into its JSON spelling
 * once. The prediction of the table makes this cheap beside the encoding. */
#include "input/convert_write.h"
#include "base/crew.h"
#include "input/layout.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define JSON_MOST ((size_t)1 << 30)

shukei_status sk_convert_writer_init(struct sk_convert_writer *writer,
                                     const shukei_convert_options *options, unsigned threads,
                                     struct sk_budget *budget, shukei_error *err)
{
  memset(writer, 0, sizeof *writer);
  writer->budget = budget;
  writer->options = options;
  writer->threads = threads;
  sk_map_init(&writer->by_day, budget);
  if (sk_intern_init(&writer->texts, budget) && sk_intern_init(&writer->labels, budget))
    return SHUKEI_OK;
  return sk_fail_memory(err, budget, 0, "the texts of a report");
}

static void free_ids(struct sk_convert_writer *writer)
{
  for (uint32_t i = 0; writer->ids && i < writer->id_columns; i++)
    sk_free(writer->ids[i]);
  sk_free(writer->ids);
  sk_free(writer->values);
  sk_free(writer->zeros);
  sk_free(writer->effective[0]);
  sk_free(writer->effective[1]);
  writer->zeros = writer->effective[0] = writer->effective[1] = NULL;
  writer->ids = NULL;
  writer->values = NULL;
  writer->id_columns = writer->id_rows = 0;
}

/* Frees what adding rows takes. */
static void free_texts(struct sk_convert_writer *writer)
{
  free_ids(writer);
  sk_free(writer->json);
  writer->json = NULL;
  writer->json_count = writer->json_capacity = 0;
  sk_map_reset(&writer->by_day);
  sk_intern_reset(&writer->texts);
  sk_intern_reset(&writer->labels);
}

void sk_convert_writer_reset(struct sk_convert_writer *writer)
{
  /* The last one first: the folders were made for the first one that needed them. */
  for (uint32_t i = writer->output_count; i-- > 0;) {
    sk_writer_close(writer->outputs[i].writer);
    sk_output_close(writer->outputs[i].output);
  }
  sk_free(writer->outputs);
  writer->outputs = NULL;
  writer->output_count = 0;
  free_texts(writer);
}

static shukei_status no_memory(const struct sk_convert_writer *writer, shukei_error *err)
{
  return sk_fail_memory(err, writer->budget, 0, "the texts of a report");
}

static bool is_text(enum sk_convert_kind kind)
{
  return kind == SK_CONVERT_TEXT || kind == SK_CONVERT_LABELS;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The id of the JSON spelling of a label text; SK_NO_ID when memory lacks. */
static uint32_t spell(struct sk_convert_writer *writer, uint32_t label)
{
  const struct sk_intern_entry *text = sk_intern_at(&writer->labels, label);
  struct sk_arena arena;
  struct sk_buffer json;
  struct sk_label *labels;
  uint32_t count, skipped, id = SK_NO_ID;
  sk_arena_init(&arena, writer->budget);
  sk_buffer_init(&json, writer->budget, JSON_MOST);
  if (sk_labels_parse(text->bytes, text->length, &arena, &labels, &count, &skipped)) {
    sk_labels_json(&json, labels, count);
    if (!json.failed)
      id = sk_intern_add(&writer->texts, json.bytes, json.length);
    writer->label_pairs_skipped += skipped;
  }
  sk_buffer_reset(&json);
  sk_arena_reset(&arena);
  return id;
}

/* Spells the label texts that are new. */
static bool spell_new(struct sk_convert_writer *writer)
{
  if (writer->labels.count > writer->json_capacity) {
    const uint32_t more = writer->labels.count * 2;
    uint32_t *moved = sk_realloc(writer->budget, writer->json, more * sizeof *moved);
    if (!moved)
      return false;
    writer->json = moved;
    writer->json_capacity = more;
  }
  for (; writer->json_count < writer->labels.count; writer->json_count++) {
    const uint32_t id = spell(writer, writer->json_count);
    if (id == SK_NO_ID)
      return false;
    writer->json[writer->json_count] = id;
  }
  return true;
}

static bool intern_column(const struct sk_piece *piece, uint32_t slot, struct sk_intern *table,
                          uint32_t *last, uint32_t *ids)
{
  const struct sk_csv_cell *cells = piece->columns[slot].cells;
  uint32_t previous = *last;
  for (uint32_t i = 0; i < piece->rows; i++) {
    const uint32_t length = cells[i].length & ~SK_CELL_QUOTED;
    const uint8_t *text =
        (cells[i].length & SK_CELL_QUOTED ? piece->extra.bytes : piece->block.bytes) + cells[i].at;
    previous = sk_intern_next(table, previous, text, length);
    if (previous == SK_NO_ID)
      return false;
    ids[i] = previous;
  }
  *last = previous;
  return true;
}

/* As that of Parquet, whose texts are ids already, and whose nulls stay. */
static bool ids_of_column(struct sk_convert_writer *writer, const struct sk_piece *piece,
                          uint32_t slot, bool labels, uint32_t *ids)
{
  const uint32_t *from = piece->columns[slot].ids;
  if (labels && !spell_new(writer))
    return false;
  for (uint32_t i = 0; i < piece->rows; i++)
    ids[i] = labels && from[i] != SK_NO_ID ? writer->json[from[i]] : from[i];
  return true;
}

/* One column of texts or labels; an empty text is null. */
static bool texts_of_column(struct sk_convert_writer *writer, const struct sk_piece *piece,
                            uint32_t slot, uint32_t column, uint32_t *ids)
{
  const bool labels = piece->file->report->kinds[column] == SK_CONVERT_LABELS;
  if (piece->columns[slot].ids)
    return ids_of_column(writer, piece, slot, labels, ids);
  uint32_t *last = &piece->file->report->last[column];
  if (!intern_column(piece, slot, labels ? &writer->labels : &writer->texts, last, ids))
    return false;
  if (labels && !spell_new(writer))
    return false;
  for (uint32_t i = 0; i < piece->rows; i++)
    ids[i] = labels ? writer->json[ids[i]] : ids[i] ? ids[i] : SK_NO_ID;
  return true;
}

/* Room for the ids of a piece. */
static bool reserve_ids(struct sk_convert_writer *writer, uint32_t columns, uint32_t rows)
{
  if (columns <= writer->id_columns && rows <= writer->id_rows)
    return true;
  const uint32_t more_columns = columns > writer->id_columns ? columns : writer->id_columns;
  const uint32_t more_rows = rows > writer->id_rows ? rows * 2 : writer->id_rows;
  free_ids(writer);
  writer->ids = sk_calloc(writer->budget, more_columns, sizeof *writer->ids);
  writer->values = sk_alloc(writer->budget, more_columns * sizeof *writer->values);
  writer->zeros = sk_calloc(writer->budget, more_rows, sizeof *writer->zeros);
  for (int i = 0; i < 2; i++)
    writer->effective[i] = sk_alloc(writer->budget, more_rows * sizeof **writer->effective);
  if (!writer->ids || !writer->values || !writer->zeros || !writer->effective[0] ||
      !writer->effective[1])
    return false;
  writer->id_columns = more_columns;
  for (uint32_t i = 0; i < more_columns; i++) {
    writer->ids[i] = sk_alloc(writer->budget, more_rows * sizeof **writer->ids);
    if (!writer->ids[i])
      return false;
  }
  writer->id_rows = more_rows;
  return true;
}

/* ---- outputs --------------------------------------------------------------------------------- */

static shukei_status open_output(struct sk_convert_writer *writer, struct sk_convert_output *out,
                                 shukei_error *err)
{
  static const enum sk_codec codecs[] = {[SHUKEI_CODEC_ZSTD] = SK_CODEC_ZSTD,
                                         [SHUKEI_CODEC_SNAPPY] = SK_CODEC_SNAPPY,
                                         [SHUKEI_CODEC_GZIP] = SK_CODEC_GZIP,
                                         [SHUKEI_CODEC_LZ4_RAW] = SK_CODEC_LZ4_RAW};
  const shukei_convert_options *options = writer->options;
  struct sk_writer_options write;
  struct sk_buffer path;
  sk_buffer_init(&path, writer->budget, 1 << 16);
  sk_buffer_text(&path, options->destination);
  if (path.length && path.bytes[path.length - 1] != '/')
    sk_buffer_byte(&path, '/');
  sk_path_make(&path, options->layout, options->org, options->source, out->report->report,
               out->day);
  sk_buffer_byte(&path, '\0');
  shukei_status st = path.failed ? no_memory(writer, err)
                                 : sk_store_create_alone((const char *)path.bytes, writer->budget,
                                                         &out->output, err);
  sk_buffer_reset(&path);
  if (st)
    return st;
  sk_writer_options_init(&write);
  write.codec = codecs[options->codec];
  write.threads = writer->threads;
  write.sorting_columns = &sk_field_info(SK_F_INTERVAL_START)->column;
  write.sorting_column_count = 1;
  write.bloom_columns = options->bloom_columns;
  write.bloom_column_count = options->bloom_column_count;
  return sk_writer_open(out->output, out->report->columns, out->report->column_count, &write,
                        writer->budget, &out->writer, err);
}

static shukei_status find_output(struct sk_convert_writer *writer,
                                 const struct sk_convert_report *report, int32_t day,
                                 struct sk_convert_output **out, shukei_error *err)
{
  bool is_new;
  const uint32_t index =
      sk_map_add(&writer->by_day, (uint64_t)report->report, (uint32_t)day, &is_new);
  if (index == SK_NO_ID)
    return no_memory(writer, err);
  if (is_new) {
    if (index == writer->output_capacity) {
      const uint32_t more = index ? index * 2 : 32;
      void *moved = sk_realloc(writer->budget, writer->outputs, more * sizeof *writer->outputs);
      if (!moved)
        return no_memory(writer, err);
      writer->outputs = moved;
      writer->output_capacity = more;
    }
    writer->outputs[index] = (struct sk_convert_output){.report = report, .day = day};
    writer->output_count = index + 1;
    const shukei_status st =
        writer->options->dry_run ? SHUKEI_OK : open_output(writer, &writer->outputs[index], err);
    if (st)
      return st;
  }
  *out = &writer->outputs[index];
  return SHUKEI_OK;
}

/* The numbers that the piece's file has of a field; NULL: it lacks the column. */
static const double *numbers_of(const struct sk_piece *piece, enum sk_field field)
{
  const struct sk_convert_report *report = piece->file->report;
  for (uint32_t slot = 0; slot < piece->file->slot_count; slot++)
    if (sk_field_of_column(report->report, report->columns[piece->file->columns[slot]].name) ==
        (int)field)
      return piece->columns[slot].numbers;
  return NULL;
}

/* Where one file of a report has effective usage and another lacks it, both end up in one Parquet
 * file, in which a null counts as 0: the rows of the latter get what the summary takes for them,
 * the greater one of usage and request. */
static void fill_effective(struct sk_convert_writer *writer, const struct sk_piece *piece)
{
  static const enum sk_field fields[2][3] = {
      {SK_F_POD_EFFECTIVE_CPU, SK_F_POD_USAGE_CPU, SK_F_POD_REQUEST_CPU},
      {SK_F_POD_EFFECTIVE_MEMORY, SK_F_POD_USAGE_MEMORY, SK_F_POD_REQUEST_MEMORY}};
  const struct sk_convert_report *report = piece->file->report;
  for (int i = 0; i < 2; i++) {
    writer->effective_column[i] = UINT32_MAX;
    const double *usage = numbers_of(piece, fields[i][1]);
    const double *request = numbers_of(piece, fields[i][2]);
    if (numbers_of(piece, fields[i][0]) || !usage || !request)
      continue;
    for (uint32_t c = 0; c < report->column_count; c++)
      if (sk_field_of_column(report->report, report->columns[c].name) == (int)fields[i][0])
        writer->effective_column[i] = c;
    for (uint32_t row = 0; row < piece->rows; row++)
      writer->effective[i][row] = usage[row] > request[row] ? usage[row] : request[row];
  }
}

/* Points the values at the rows from `first` on. */
static void point(struct sk_convert_writer *writer, const struct sk_piece *piece, uint32_t first)
{
  const struct sk_convert_report *report = piece->file->report;
  for (uint32_t c = 0; c < report->column_count; c++) { /* null where the file lacks the column */
    struct sk_write_values *values = &writer->values[c];
    *values =
        (struct sk_write_values){.texts = &writer->texts, .valid = (const uint8_t *)writer->zeros};
    if (report->kinds[c] == SK_CONVERT_NUMBER)
      values->doubles = writer->zeros;
    else if (is_text(report->kinds[c]))
      values->ids = (const uint32_t *)(const void *)writer->zeros;
    else
      values->integers = (const int64_t *)(const void *)writer->zeros;
  }
  for (uint32_t slot = 0; slot < piece->file->slot_count; slot++) {
    const uint32_t c = piece->file->columns[slot];
    struct sk_write_values *values = &writer->values[c];
    const struct sk_piece_column *column = &piece->columns[slot];
    values->valid = column->valid ? column->valid + first : NULL; /* none for texts */
    if (report->kinds[c] == SK_CONVERT_NUMBER)
      values->doubles = column->numbers + first;
    else if (is_text(report->kinds[c]))
      values->ids = writer->ids[c] + first;
    else
      values->integers = column->times + first;
  }
  for (int i = 0; i < 2; i++)
    if (writer->effective_column[i] != UINT32_MAX)
      writer->values[writer->effective_column[i]] =
          (struct sk_write_values){.doubles = writer->effective[i] + first};
}

shukei_status sk_convert_writer_add(struct sk_convert_writer *writer, struct sk_piece *piece,
                                    shukei_error *err)
{
  const struct sk_convert_file *file = piece->file;
  struct sk_convert_output *out = NULL;
  if (!reserve_ids(writer, file->report->column_count, piece->rows))
    return no_memory(writer, err);
  for (uint32_t slot = 0; slot < file->slot_count; slot++) {
    const uint32_t c = file->columns[slot];
    if (is_text(file->report->kinds[c]) && !texts_of_column(writer, piece, slot, c, writer->ids[c]))
      return no_memory(writer, err);
  }
  fill_effective(writer, piece);
  for (uint32_t first = 0, end; first < piece->rows; first = end) {
    for (end = first + 1; end < piece->rows && piece->days[end] == piece->days[first];)
      end++;
    if (piece->days[first] == SK_NO_DAY)
      continue;
    shukei_status st = find_output(writer, file->report, piece->days[first], &out, err);
    if (!st && out->ended)
      st = sk_fail(err, SHUKEI_EFORMAT, "%s: has rows of a day before its statistics begin",
                   file->planned->path);
    if (!st && out->writer) {
      point(writer, piece, first);
      st = sk_writer_add(out->writer, end - first, writer->values, err);
    }
    if (st)
      return st;
    writer->rows_written += end - first;
  }
  return SHUKEI_OK;
}

static shukei_status check_canceled(const struct sk_convert_writer *writer, shukei_error *err)
{
  const shukei_callbacks *callbacks = &writer->options->callbacks;
  if (callbacks->canceled && callbacks->canceled(callbacks->context))
    return sk_fail(err, SHUKEI_ECANCELED, "stopped on request");
  return SHUKEI_OK;
}

#define DISTANT_COMMITS 8 /* at once, since each of them waits for an answer */

/* Outputs that are made to appear. */
struct commits {
  struct sk_convert_writer *writer;
  _Atomic uint32_t next;
  _Atomic bool stop;
  pthread_mutex_t lock;
  /* under the lock */
  shukei_status status;
  shukei_error error;
};

static void commit_some(void *context, unsigned worker)
{
  struct commits *const all = context;
  (void)worker;
  for (uint32_t i; !atomic_load(&all->stop) &&
                   (i = atomic_fetch_add(&all->next, 1)) < all->writer->output_count;) {
    struct sk_output *const output = all->writer->outputs[i].output;
    shukei_error error = {.status = SHUKEI_OK};
    if (!output)
      continue;
    const shukei_status st = sk_output_commit(output, &error);
    pthread_mutex_lock(&all->lock);
    all->writer->bytes_written += output->written_bytes;
    if (st && !all->status) {
      all->status = st;
      all->error = error;
    }
    pthread_mutex_unlock(&all->lock);
    if (st)
      atomic_store(&all->stop, true);
  }
}

shukei_status sk_convert_writer_commit(struct sk_convert_writer *writer, shukei_error *err)
{
  struct commits all = {.writer = writer, .status = SHUKEI_OK};
  if (pthread_mutex_init(&all.lock, NULL))
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for the outputs");
  sk_crew_run(NULL, sk_store_distant(writer->options->destination) ? DISTANT_COMMITS : 1,
              commit_some, &all);
  pthread_mutex_destroy(&all.lock);
  if (all.status && err)
    *err = all.error;
  return all.status;
}

static shukei_status end_output(struct sk_convert_output *out, shukei_error *err)
{
  const shukei_status st = out->writer ? sk_writer_finish(out->writer, err) : SHUKEI_OK;
  sk_writer_close(out->writer);
  out->writer = NULL;
  out->ended = true;
  return st;
}

shukei_status sk_convert_writer_end_before(struct sk_convert_writer *writer, enum sk_report report,
                                           int32_t day, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  bool any = false;
  for (uint32_t i = 0; !st && i < writer->output_count; i++) {
    struct sk_convert_output *out = &writer->outputs[i];
    if (!out->ended && out->report->report == report && out->day < day)
      st = end_output(out, err);
    any = any || !out->ended;
  }
  if (st || any)
    return st;
  /* Nobody remembers their texts now. */
  writer->json_count = 0;
  return sk_intern_empty(&writer->texts) && sk_intern_empty(&writer->labels)
             ? SHUKEI_OK
             : no_memory(writer, err);
}

shukei_status sk_convert_writer_finish(struct sk_convert_writer *writer, shukei_error *err)
{
  shukei_status st = check_canceled(writer, err);
  for (uint32_t i = 0; !st && i < writer->output_count; i++) {
    st = end_output(&writer->outputs[i], err);
    st = st ? st : check_canceled(writer, err);
  }
  free_texts(writer);
  /* What can fail for want of space fails before the first file appears. Syncing takes long, and
   * up to its end the run can be stopped. */
  for (uint32_t i = 0; !st && i < writer->output_count; i++) {
    if (writer->outputs[i].output)
      st = sk_output_sync(writer->outputs[i].output, err);
    st = st ? st : check_canceled(writer, err);
  }
  return st;
}
