/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of a column chunk: goes from page to page and decodes levels; what the values become
 * is column_values.c.
 *
 * A chunk is an optional dictionary page and data pages, each of which names its own encoding: a
 * writer may drop its dictionary in mid-chunk. The footer's list of encodings and its dictionary
 * offset are not relied upon, since writers have left both out; the pages say it all. The row
 * count of the group decides where a chunk ends, and pages that hold more or fewer are an error. */
#include "parquet/column.h"

shukei_status sk_column_context(const struct sk_column *column, shukei_status status,
                                shukei_error *err)
{
  const char *name = sk_object_name(column->file->object);
  if (column->in_dictionary)
    return sk_context(err, status, "%s: column %s, row group %" PRIu32 ", dictionary page", name,
                      column->meta->path, column->group);
  return sk_context(err, status, "%s: column %s, row group %" PRIu32 ", page %" PRId64, name,
                    column->meta->path, column->group, column->pages ? column->pages - 1 : 0);
}

/* What is not compressed is read to where it stays: a dictionary of many megabytes is not in memory
 * twice. */
static shukei_status load_dictionary(struct sk_column *c, const struct sk_page_header *header,
                                     shukei_error *err)
{
  const enum sk_codec codec = c->chunk->codec;
  const uint8_t *body = NULL;
  uint8_t *room = NULL;
  shukei_status st = SHUKEI_OK;
  if (codec != SK_CODEC_UNCOMPRESSED) {
    st = sk_page_stream_body(&c->stream, header, &body, err);
  } else {
    st = sk_dictionary_room(&c->dictionary, header, &room, err);
    if (!st)
      st = sk_page_stream_copy(&c->stream, header, room, err);
    body = room;
  }
  if (st) {
    sk_dictionary_give_up(&c->dictionary);
    return st;
  }
  const struct sk_stored_dictionary stored = {header, body, codec};
  const bool may_recall = c->recall && c->table && !room;
  if (may_recall && sk_dictionary_recall(c->recall, &c->dictionary, &stored, c->table))
    return SHUKEI_OK;
  st = sk_dictionary_load(&c->dictionary, header, body, codec, c->codec, err);
  if (!st && may_recall)
    sk_dictionary_remember(c->recall, &c->dictionary, &stored);
  return sk_page_refused(c->chunk, header, st, err);
}

static shukei_status read_dictionary(struct sk_column *c, const struct sk_page_header *header,
                                     shukei_error *err)
{
  bool wanted = false;
  c->in_dictionary = true;
  shukei_status st = c->pages ? sk_fail(err, SHUKEI_EFORMAT, "behind data pages")
                              : sk_dictionary_begin(&c->dictionary, &c->file->dictionaries,
                                                    c->group, c->number, &wanted, err);
  if (st)
    return st;
  if (wanted)
    st = load_dictionary(c, header, err);
  else
    sk_page_stream_skip(&c->stream, header);
  if (st)
    return st;
  c->in_dictionary = false;
  c->first_page = c->stream.at;
  return SHUKEI_OK;
}

static const char *entries_of(const struct sk_column *c)
{
  return c->meta->flat ? "rows" : "values";
}

/* Opens the page that holds row `target`, which is not before the present page's end. Pages before
 * it are hopped over; page_row then is the row behind it. */
static shukei_status open_page(struct sk_column *c, int64_t target, shukei_error *err)
{
  struct sk_page_header header;
  const uint8_t *body = NULL;
  for (;;) {
    const bool hop = target > c->page_row + 1000;
    shukei_status st = SHUKEI_OK;
    if (c->page_row >= c->row_count || c->stream.at >= c->stream.end)
      return sk_fail(err, SHUKEI_EFORMAT, "ends after %" PRId64 " of %" PRId64 " %s", c->page_row,
                     c->row_count, entries_of(c));
    st = sk_page_stream_header(&c->stream, hop, &header, err);
    if (st)
      return st;
    if (header.type == SK_PAGE_DICTIONARY) {
      st = read_dictionary(c, &header, err);
      if (st)
        return st;
      continue;
    }
    if (header.type != SK_PAGE_DATA && header.type != SK_PAGE_DATA_V2) {
      sk_page_stream_skip(&c->stream, &header);
      continue;
    }
    c->pages++;
    if (header.value_count > c->row_count - c->page_row)
      return sk_fail(err, SHUKEI_EFORMAT, "%" PRId32 " values behind %" PRId64 " of %" PRId64 " %s",
                     header.value_count, c->page_row, c->row_count, entries_of(c));
    if (c->page_rows_told && c->page_rows_told != header.value_count)
      return sk_fail(err, SHUKEI_EFORMAT, "%" PRId32 " values, the offset index says %" PRId64,
                     header.value_count, c->page_rows_told);
    c->page_rows_told = 0;
    if (!c->places.count) {
      const struct sk_mapped_page page = {c->stream.at, c->page_row, (uint32_t)c->pages - 1};
      sk_page_maps_note(&c->file->pages, c->group, c->number, &page);
    }
    c->page_row += header.value_count;
    if (c->page_row <= target) {
      sk_page_stream_skip(&c->stream, &header);
      continue;
    }
    st = sk_page_stream_body(&c->stream, &header, &body, err);
    if (!st)
      st = sk_page_refused(c->chunk, &header,
                           sk_page_load(&c->page, &header, body, c->chunk->codec, c->codec, err),
                           err);
    if (!st && sk_column_coded(c) && !c->dictionary.loaded)
      st = sk_fail(err, SHUKEI_EFORMAT, "dictionary codes without a dictionary");
    if (st)
      return st;
    c->page_open = true;
    return SHUKEI_OK;
  }
}

/* Opens the next page where there is none, and tells how many of cap it has left. */
static shukei_status next_rows(struct sk_column *c, size_t cap, size_t *n, shukei_error *err)
{
  const shukei_status st = c->page_open ? SHUKEI_OK : open_page(c, c->row, err);
  const size_t left = st ? 0 : c->page.rows - c->page.rows_done;
  *n = left < cap ? left : cap;
  *n = *n < SK_BLOCK ? *n : SK_BLOCK;
  return st;
}

static shukei_status end_rows(struct sk_column *c, const struct sk_block *block, shukei_error *err)
{
  if (c->kind == SK_KIND_NULL && block->present)
    return sk_fail(err, SHUKEI_EFORMAT, "a value in a column of the Null type");
  c->row += (int64_t)block->rows;
  c->page_open = c->page.rows_done < c->page.rows;
  return SHUKEI_OK;
}

shukei_status sk_column_block(struct sk_column *column, size_t cap, struct sk_block *block,
                              shukei_error *err)
{
  size_t n = 0;
  shukei_status st = next_rows(column, cap, &n, err);
  if (!st)
    st = sk_page_levels(&column->page, n, column->valid, &block->present, err);
  if (st)
    return st;
  block->rows = n;
  block->valid = block->present == 0 || block->present == n ? NULL : column->valid;
  return end_rows(column, block, err);
}

shukei_status sk_column_entries(struct sk_column *column, size_t cap, uint16_t *repetition,
                                uint16_t *definition, struct sk_block *block, shukei_error *err)
{
  size_t n = 0;
  shukei_status st = next_rows(column, cap, &n, err);
  if (!st)
    st = sk_page_entries(&column->page, n, repetition, definition, &block->present, err);
  if (st)
    return st;
  block->rows = n;
  block->valid = NULL;
  return end_rows(column, block, err);
}

shukei_status sk_column_slices(struct sk_column *column, size_t n, struct sk_slice *slices,
                               size_t *got, shukei_error *err)
{
  const size_t width = sk_value_width(column->meta);
  const uint8_t *raw = NULL;
  if (sk_column_coded(column)) {
    uint32_t codes[SK_BLOCK];
    const shukei_status st = sk_page_codes(&column->page, n, column->dictionary.count, codes, err);
    if (!st)
      sk_dictionary_take(&column->dictionary, codes, n, slices);
    *got = n;
    return st;
  }
  if (width == 0)
    return sk_page_texts(&column->page, n, slices, got, err);
  const shukei_status st = sk_page_fixed(&column->page, n, &raw, got, err);
  for (size_t i = 0; !st && i < *got; i++)
    slices[i] = (struct sk_slice){raw + i * width, (uint32_t)width};
  return st;
}

int64_t sk_column_row(const struct sk_column *column)
{
  return column->row;
}

static shukei_status first_dictionary(struct sk_column *c, shukei_error *err)
{
  struct sk_page_header header;
  if (c->pages || c->dictionary.loaded || c->stream.at >= c->stream.end)
    return SHUKEI_OK;
  const shukei_status st = sk_page_stream_header(&c->stream, false, &header, err);
  return st || header.type != SK_PAGE_DICTIONARY ? st : read_dictionary(c, &header, err);
}

shukei_status sk_column_dictionary(struct sk_column *column, shukei_error *err)
{
  const shukei_status st = first_dictionary(column, err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

shukei_status sk_column_find_pages(struct sk_column *column, shukei_error *err)
{
  const shukei_status st = sk_page_places_read(column->file, column->group, column->number,
                                               column->budget, &column->places, err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

/* The page of the row by the offset index, and the rows it then has; without one the last page
 * before the row that another reader has met. */
static bool find_page(const struct sk_column *c, int64_t row, struct sk_mapped_page *page,
                      int64_t *rows_told)
{
  const struct sk_page_places *const places = &c->places;
  *rows_told = 0;
  if (!places->count)
    return sk_page_maps_find(&c->file->pages, c->group, c->number, row, page);
  page->number = sk_page_places_find(places, row);
  page->offset = (uint64_t)places->pages[page->number].offset;
  page->first_row = places->pages[page->number].first_row;
  *rows_told = sk_page_places_end(places, page->number) - page->first_row;
  return page->number > 0;
}

/* Goes to the page of the row, where that is known and beyond the next one. */
static shukei_status go_to_page(struct sk_column *c, int64_t row, shukei_error *err)
{
  struct sk_mapped_page page;
  int64_t rows_told;
  if (!find_page(c, row, &page, &rows_told) || page.first_row <= c->page_row)
    return SHUKEI_OK;
  const shukei_status st = first_dictionary(c, err);
  if (st || page.offset < c->stream.at)
    return st;
  c->stream.at = page.offset;
  c->pages = page.number;
  c->page_row = page.first_row;
  c->page_rows_told = rows_told;
  return SHUKEI_OK;
}

/* To the first row again. parquet-mr before 1.8 let the prefixes of DELTA_BYTE_ARRAY go on from
 * page to page (PARQUET-246 in Apache's tracker): no page of such a chunk can be read without the
 * one before. */
static void begin_again(struct sk_column *c)
{
  c->stream.at = c->first_page;
  c->page_open = false;
  c->in_order = true;
  c->row = c->page_row = c->pages = 0;
}

static shukei_status skip_rows(struct sk_column *c, int64_t row, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (row >= c->page_row && !c->in_order) { /* not in the present page */
    c->page_open = false;
    c->page.text_length = 0;
    c->row = row;
    if (row == c->row_count)
      return SHUKEI_OK;
    st = go_to_page(c, row, err);
    const int64_t before = c->page_row;
    if (!st)
      st = open_page(c, row, err);
    if (st)
      return st;
    c->row = c->page_row - c->page.rows;
    if (c->row < before || c->row > row)
      return sk_fail(err, SHUKEI_EFORMAT, "row %" PRId64 " is not where it should be", row);
    if (sk_page_lacks_text(&c->page))
      begin_again(c);
  }
  while (!st && c->row < row) {
    struct sk_block block;
    const int64_t left = row - c->row;
    st = sk_column_block(c, left < SK_BLOCK ? (size_t)left : SK_BLOCK, &block, err);
    if (!st)
      st = sk_page_skip(&c->page, block.present, err);
  }
  return st;
}

shukei_status sk_column_skip_to(struct sk_column *column, int64_t row, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (row < column->row || row > column->row_count)
    st = sk_fail(err, SHUKEI_EINVAL, "row %" PRId64 " is not among %" PRId64 " to %" PRId64, row,
                 column->row, column->row_count);
  else if (row > column->row)
    st = skip_rows(column, row, err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

shukei_status sk_column_tools_new(struct sk_budget *budget, struct sk_column_tools **out,
                                  shukei_error *err)
{
  *out = NULL;
  struct sk_column_tools *tools = sk_calloc(budget, 1, sizeof *tools);
  if (!tools)
    return sk_fail_memory(err, budget, sizeof *tools, "a column reader");
  tools->window.budget = budget;
  tools->recall.budget = budget;
  const shukei_status st = sk_codec_new(budget, &tools->codec, err);
  if (st)
    sk_column_tools_free(tools);
  else
    *out = tools;
  return st;
}

void sk_column_tools_remember(struct sk_column_tools *tools, uint64_t limit_bytes)
{
  tools->recall.limit_bytes = limit_bytes;
}

void sk_column_tools_free(struct sk_column_tools *tools)
{
  if (!tools)
    return;
  sk_dictionary_recall_reset(&tools->recall);
  sk_codec_free(tools->codec);
  sk_window_reset(&tools->window);
  sk_free(tools);
}

/* rows: of the row group, or entries of a column that is not flat. */
static shukei_status new_reader(struct sk_file *file, uint32_t group, int column, int64_t rows,
                                struct sk_column_tools *tools, struct sk_budget *budget,
                                struct sk_column **out, shukei_error *err)
{
  uint64_t begin = 0, end = 0;
  const struct sk_column_meta *meta = &file->meta.columns[column];
  const struct sk_chunk_meta *chunk = &file->meta.groups[group].chunks[column];
  struct sk_column *c = sk_calloc(budget, 1, sizeof *c);
  if (!c)
    return sk_fail_memory(err, budget, sizeof *c, "a column reader");
  *c = (struct sk_column){.file = file,
                          .meta = meta,
                          .chunk = chunk,
                          .group = group,
                          .number = column,
                          .kind = sk_column_kind(meta),
                          .budget = budget,
                          .row_count = rows};
  sk_dictionary_init(&c->dictionary, meta, budget);
  sk_page_init(&c->page, meta, budget);
  c->page.carries = true;
  if (c->row_count)
    sk_chunk_range(chunk, file->data_end, &begin, &end);
  c->first_page = begin;
  const bool plain = chunk->codec == SK_CODEC_UNCOMPRESSED; /* pages stay where they are read to */
  sk_page_stream_init(&c->stream, file->object, begin, end, tools && !plain ? &tools->window : NULL,
                      budget);
  const shukei_status st = plain || tools ? SHUKEI_OK : sk_codec_new(budget, &c->own_codec, err);
  c->codec = tools ? tools->codec : c->own_codec;
  c->recall = tools ? &tools->recall : NULL;
  if (st)
    sk_column_close(c);
  else
    *out = c;
  return st;
}

static shukei_status open_context(const struct sk_file *file, uint32_t group, int column,
                                  shukei_status status, shukei_error *err)
{
  return sk_context(err, status, "%s: column %s, row group %" PRIu32, sk_object_name(file->object),
                    file->meta.columns[column].path, group);
}

shukei_status sk_column_open(struct sk_file *file, uint32_t group, int column, int64_t first_row,
                             struct sk_column_tools *tools, struct sk_budget *budget,
                             struct sk_column **out, shukei_error *err)
{
  struct sk_column *c = NULL;
  *out = NULL;
  shukei_status st = sk_chunk_check(file, group, column, err);
  if (!st)
    st =
        new_reader(file, group, column, file->meta.groups[group].row_count, tools, budget, &c, err);
  if (st)
    return open_context(file, group, column, st, err);
  st = sk_column_skip_to(c, first_row, err);
  if (st) {
    sk_column_close(c);
    return st;
  }
  *out = c;
  return SHUKEI_OK;
}

shukei_status sk_column_open_nested(struct sk_file *file, uint32_t group, int column,
                                    struct sk_column_tools *tools, struct sk_budget *budget,
                                    struct sk_column **out, shukei_error *err)
{
  const bool repeated = file->meta.columns[column].max_repetition > 0;
  const struct sk_group_meta *const g = &file->meta.groups[group];
  const int64_t entries = repeated ? g->chunks[column].value_count : g->row_count;
  *out = NULL;
  shukei_status st = sk_chunk_nested_check(file, group, column, err);
  if (!st)
    st = new_reader(file, group, column, entries, tools, budget, out, err);
  return st ? open_context(file, group, column, st, err) : SHUKEI_OK;
}

void sk_column_close(struct sk_column *column)
{
  if (!column)
    return;
  sk_page_reset(&column->page);
  sk_dictionary_reset(&column->dictionary);
  sk_page_places_reset(&column->places);
  sk_page_stream_reset(&column->stream);
  sk_codec_free(column->own_codec);
  sk_free(column);
}
