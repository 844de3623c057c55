/* SPDX-License-Identifier: Apache-2.0 */
/* The Parquet writer: stripes of rows become pages, pages become row groups.
 *
 *   sk_writer_open() -> sk_writer_add() or sk_writer_add_page() ... -> sk_writer_finish()
 *   -> commit the output
 *   -> sk_writer_close()
 *
 * A stripe is as many rows as a page holds; it is full after the same rows however they come in,
 * and then every column turns its part into a compressed page, columns side by side in a crew.
 * Encoding at once keeps a stripe in the cache and the row group in its compressed form: a group of
 * a million rows waits in memory at about the size it will have in the file, not at eight bytes a
 * value. All columns' pages end at the same rows, so a reader can cut the work at any of them.
 *
 * Each column's page depends on that column's rows alone, so the bytes do not depend on how many
 * threads there are. */
#include "parquet/parquet.h"

#include "base/crew.h"
#include "parquet/footer_write.h"
#include "parquet/sorted.h"

#include <string.h>

#define MAGIC "PAR1"
#define FIRST_STRIPE_ROWS 1024u
/* Larger pages make the page index blunt and leave fewer cuts for a reader's threads; smaller ones
 * compress worse, since the same pods come back only after an hour's rows. A day of 41,600 pods
 * (998,400 rows, 19 columns) takes 23.3 MB at 32,768 rows, 20.4 at 65,536, 17.9 at 131,072. */
#define MOST_PAGE_ROWS 65536u
/* A row group ends early where its dictionaries of texts pass this: a reader must hold them. */
#define MOST_TEXT_BYTES (UINT64_C(256) << 20)
/* Codes and random doubles gain nothing from more: the same day takes 20.4 MB at level 1, 20.6 at 3
 * and at 5, where encoding takes twice as long. */
#define ZSTD_LEVEL 1
#define PLAIN_TEXT_EFFORT 16 /* that of a code, about */

struct sk_writer {
  struct sk_output *output;
  struct sk_budget *budget;
  struct sk_chunk_writer *columns;
  uint32_t column_count;
  struct sk_encode_options encode;
  uint64_t group_rows;
  struct sk_sorted sorted;
  int twins[2];    /* sk_writer_options.twin_columns; -1: there are none */
  bool as_one;     /* in this row group all of the second twin is the first one's */
  bool like_first; /* the second twin's page is the first one's */
  bool failed, finished;
  /* The stripe and the row group in the making. */
  uint32_t stripe_rows, stripe_capacity;
  uint64_t rows; /* of the row group, in pages */
  /* The crew. */
  struct sk_encode_tools *tools; /* [thread_count] */
  unsigned thread_count;
  struct sk_helpers *helpers; /* instead of a crew; NULL: a crew */
  uint32_t *order;            /* columns, dearest first */
  _Atomic uint32_t next;
  bool last;                         /* this stripe ends the row group */
  const struct sk_write_part *parts; /* of sk_writer_add_page(), NULL: rows are in the stripe */
  size_t part_count;
  /* The file so far. */
  int64_t offset;
  struct sk_arena arena;
  struct sk_group_record *groups;
  uint32_t group_count, group_capacity;
  struct sk_buffer column_indexes, offset_indexes;
};

void sk_writer_options_init(struct sk_writer_options *options)
{
  *options = (struct sk_writer_options){.codec = SK_CODEC_ZSTD,
                                        .level = ZSTD_LEVEL,
                                        .group_rows = 1048576,
                                        .page_bytes = 1048576,
                                        .page_index = true,
                                        .threads = 1};
}

/* ---- opening and closing ------------------------------------------------------------------- */

/* -1 where there is none of that name, which may be NULL. */
static int find_column(const struct sk_write_column *columns, size_t column_count, const char *name)
{
  for (size_t i = 0; name && i < column_count; i++)
    if (strcmp(columns[i].name, name) == 0)
      return (int)i;
  return -1;
}

/* Encodings that a kind can have are those that the format gives its physical type. */
static bool fits(enum sk_write_kind kind, enum sk_write_encoding encoding)
{
  switch (encoding) {
  case SK_WRITE_DELTA_BINARY_PACKED:
    return kind != SK_WRITE_TEXT && kind != SK_WRITE_DOUBLE;
  case SK_WRITE_DELTA_LENGTH_BYTE_ARRAY:
  case SK_WRITE_DELTA_BYTE_ARRAY:
    return kind == SK_WRITE_TEXT;
  case SK_WRITE_BYTE_STREAM_SPLIT:
    return kind != SK_WRITE_TEXT;
  default:
    return (unsigned)encoding < SK_WRITE_ENCODINGS;
  }
}

static shukei_status check_columns(const struct sk_write_column *columns, size_t column_count,
                                   const struct sk_writer_options *options, shukei_error *err)
{
  if (column_count == 0 || column_count > INT16_MAX)
    return sk_fail(err, SHUKEI_EINVAL, "cannot write %zu columns", column_count);
  for (size_t i = 0; options->encodings && i < column_count; i++)
    if (!fits(columns[i].kind, options->encodings[i]))
      return sk_fail(err, SHUKEI_EINVAL, "column \"%s\" cannot have that encoding",
                     columns[i].name);
  for (size_t i = 0; i < options->bloom_column_count; i++) {
    const int column = find_column(columns, column_count, options->bloom_columns[i]);
    if (column >= 0 && columns[column].kind != SK_WRITE_TEXT)
      return sk_fail(err, SHUKEI_EINVAL,
                     "column \"%s\" holds no texts, and only these can have a Bloom filter",
                     options->bloom_columns[i]);
  }
  return SHUKEI_OK;
}

static shukei_status check_options(const struct sk_write_column *columns, size_t column_count,
                                   const struct sk_writer_options *options,
                                   struct sk_sorted *sorted, shukei_error *err)
{
  const int most_level = options->codec == SK_CODEC_GZIP ? 9 : 19;
  if (options->codec != SK_CODEC_UNCOMPRESSED && !sk_compress_bound(options->codec, 1))
    return sk_fail(err, SHUKEI_EINVAL,
                   "cannot write with codec %s, only ZSTD, SNAPPY, GZIP and LZ4_RAW, or with none",
                   sk_codec_name(options->codec));
  if (options->level < 1 || options->level > most_level)
    return sk_fail(err, SHUKEI_EINVAL, "%s has no level %d, but 1 to %d",
                   most_level == 9 ? "GZIP" : "ZSTD", options->level, most_level);
  if (options->sorting_column_count > SK_SORTING_MOST)
    return sk_fail(err, SHUKEI_EINVAL, "%zu sorting columns, at most %d are declared",
                   options->sorting_column_count, SK_SORTING_MOST);
  for (size_t i = 0; i < options->sorting_column_count; i++) {
    const int column = find_column(columns, column_count, options->sorting_columns[i]);
    if (column < 0)
      return sk_fail(err, SHUKEI_EINVAL, "sorting column \"%s\" is none of the columns",
                     options->sorting_columns[i]);
    sorted->columns[sorted->count++] = (uint32_t)column;
  }
  return check_columns(columns, column_count, options, err);
}

static uint64_t between(uint64_t value, uint64_t least, uint64_t most)
{
  return value < least ? least : value > most ? most : value;
}

static void set_up(struct sk_writer *writer, struct sk_output *output,
                   const struct sk_writer_options *options, struct sk_budget *budget)
{
  writer->output = output;
  writer->budget = budget;
  writer->group_rows = between(options->group_rows, 1, UINT32_C(1) << 30);
  writer->encode = (struct sk_encode_options){
      .codec = options->codec,
      .level = options->level,
      .page_index = options->page_index,
      .most_coded_bytes = options->most_coded_bytes,
      .page_rows = (uint32_t)between(options->page_bytes / sizeof(uint64_t), 1,
                                     between(MOST_PAGE_ROWS, 1, writer->group_rows))};
  writer->thread_count = (unsigned)between(options->threads, 1, writer->column_count);
  sk_arena_init(&writer->arena, budget);
  sk_buffer_init(&writer->column_indexes, budget, INT32_MAX);
  sk_buffer_init(&writer->offset_indexes, budget, INT32_MAX);
}

static shukei_status make_columns(struct sk_writer *writer, const struct sk_write_column *columns,
                                  const struct sk_writer_options *options, shukei_error *err)
{
  struct sk_budget *budget = writer->budget;
  const uint32_t count = writer->column_count;
  writer->columns = sk_calloc(budget, count, sizeof *writer->columns);
  writer->order = sk_alloc(budget, count * sizeof *writer->order);
  writer->tools = sk_calloc(budget, writer->thread_count, sizeof *writer->tools);
  if (!writer->columns || !writer->order || !writer->tools)
    return sk_fail_memory(err, budget, count * sizeof *writer->columns, "columns");
  for (unsigned i = 0; i < writer->thread_count; i++)
    sk_encode_tools_init(&writer->tools[i], budget);
  for (uint32_t i = 0; i < count; i++) {
    const shukei_status st = sk_chunk_init(&writer->columns[i], &columns[i], budget, err);
    if (st)
      return st;
    sk_chunk_share(&writer->columns[i], options->texts);
    if (options->encodings)
      sk_chunk_store_as(&writer->columns[i], options->encodings[i]);
  }
  const int unique = find_column(columns, count, options->unique_column);
  if (unique >= 0)
    writer->columns[unique].never_coded = writer->columns[unique].uncoded = true;
  for (size_t i = 0; i < options->bloom_column_count; i++) {
    const int column = find_column(columns, count, options->bloom_columns[i]);
    if (column >= 0)
      writer->columns[column].bloom = true;
  }
  writer->twins[0] = find_column(columns, count, options->twin_columns[0]);
  writer->twins[1] = find_column(columns, count, options->twin_columns[1]);
  if (writer->twins[0] < 0 || options->encodings) /* they may differ */
    writer->twins[1] = -1;
  for (uint32_t i = 0; i < writer->sorted.count; i++) /* their codes are looked at */
    if ((int)writer->sorted.columns[i] == writer->twins[1])
      writer->twins[1] = -1;
  writer->as_one = writer->twins[1] >= 0;
  return SHUKEI_OK;
}

static shukei_status put(struct sk_writer *writer, const void *bytes, size_t length,
                         shukei_error *err)
{
  const shukei_status st = sk_output_write(writer->output, bytes, length, err);
  if (!st)
    writer->offset += (int64_t)length;
  return st;
}

/* Says which output it was about, unless the output's own message begins with it. */
static shukei_status tell_output(const struct sk_output *output, shukei_status st,
                                 shukei_error *err)
{
  const size_t length = strlen(output->name);
  const bool told =
      err && strncmp(err->text, output->name, length) == 0 && err->text[length] == ':';
  return st && !told ? sk_context(err, st, "writing \"%s\"", output->name) : st;
}

shukei_status sk_writer_open(struct sk_output *output, const struct sk_write_column *columns,
                             size_t column_count, const struct sk_writer_options *options,
                             struct sk_budget *budget, struct sk_writer **out, shukei_error *err)
{
  *out = NULL;
  struct sk_sorted sorted = {.count = 0};
  struct sk_writer *writer = NULL;
  shukei_status st = check_options(columns, column_count, options, &sorted, err);
  if (st)
    goto done;
  writer = sk_calloc(budget, 1, sizeof *writer);
  if (!writer) {
    st = sk_fail_memory(err, budget, sizeof *writer, "writer");
    goto done;
  }
  writer->column_count = (uint32_t)column_count;
  writer->sorted = sorted;
  set_up(writer, output, options, budget);
  st = make_columns(writer, columns, options, err);
  if (!st)
    st = put(writer, MAGIC, 4, err);
  if (st)
    goto done;
  *out = writer;
  writer = NULL;
done:
  sk_writer_close(writer);
  return tell_output(output, st, err);
}

static void reset_tools(struct sk_writer *writer)
{
  for (unsigned i = 0; writer->tools && i < writer->thread_count; i++)
    sk_encode_tools_reset(&writer->tools[i]);
}

void sk_writer_close(struct sk_writer *writer)
{
  if (!writer)
    return;
  for (uint32_t i = 0; writer->columns && i < writer->column_count; i++)
    sk_chunk_reset(&writer->columns[i]);
  reset_tools(writer);
  sk_free(writer->columns);
  sk_free(writer->order);
  sk_free(writer->tools);
  sk_free(writer->groups);
  sk_buffer_reset(&writer->column_indexes);
  sk_buffer_reset(&writer->offset_indexes);
  sk_arena_reset(&writer->arena);
  sk_free(writer);
}

/* ---- row groups ---------------------------------------------------------------------------- */

static shukei_status add_group(struct sk_writer *writer, struct sk_group_record **out,
                               shukei_error *err)
{
  if (writer->group_count == writer->group_capacity) {
    const uint32_t capacity = writer->group_capacity ? writer->group_capacity * 2 : 4;
    struct sk_group_record *groups =
        sk_realloc(writer->budget, writer->groups, capacity * sizeof *groups);
    if (!groups)
      return sk_fail_memory(err, writer->budget, capacity * sizeof *groups, "row groups");
    writer->groups = groups;
    writer->group_capacity = capacity;
  }
  struct sk_group_record *group = &writer->groups[writer->group_count];
  const size_t bytes = writer->column_count * sizeof *group->chunks;
  group->chunks = sk_arena_alloc(&writer->arena, bytes);
  if (!group->chunks)
    return sk_fail_memory(err, writer->budget, bytes, "row groups");
  group->offset = writer->offset;
  group->row_count = (int64_t)writer->rows;
  writer->group_count++;
  *out = group;
  return SHUKEI_OK;
}

/* The chunk that has the pages of a column: the second twin may have none of its own. */
static const struct sk_chunk_writer *chunk_of(const struct sk_writer *writer, uint32_t column)
{
  const bool other = writer->as_one && (int)column == writer->twins[1];
  return &writer->columns[other ? (uint32_t)writer->twins[0] : column];
}

/* Bloom filters lie behind the row group's pages. */
static shukei_status write_filters(struct sk_writer *writer, const struct sk_group_record *group,
                                   shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  struct sk_buffer filter;
  sk_buffer_init(&filter, writer->budget, INT32_MAX);
  for (uint32_t i = 0; !st && i < writer->column_count; i++) {
    sk_buffer_clear(&filter);
    if (!sk_chunk_put_bloom(chunk_of(writer, i), writer->columns[i].bloom, &filter) ||
        filter.failed)
      st = sk_fail_memory(err, writer->budget, filter.length, "a Bloom filter");
    group->chunks[i].bloom_offset = writer->offset;
    group->chunks[i].bloom_length = (int32_t)filter.length;
    if (!st && filter.length)
      st = put(writer, filter.bytes, filter.length, err);
  }
  sk_buffer_reset(&filter);
  return st;
}

static shukei_status write_group(struct sk_writer *writer, shukei_error *err)
{
  struct sk_group_record *group = NULL;
  shukei_status st = add_group(writer, &group, err);
  if (!st)
    group->sorted = sk_sorted_end(&writer->sorted);
  for (uint32_t i = 0; !st && i < writer->column_count; i++) {
    const struct sk_chunk_writer *chunk = chunk_of(writer, i);
    if (!sk_record_chunk(chunk, writer->offset, writer->encode.page_index, &group->chunks[i],
                         &writer->column_indexes, &writer->offset_indexes))
      st = sk_fail_memory(err, writer->budget, 0, "page index");
    if (!st && chunk->dictionary.bytes)
      st = put(writer, chunk->dictionary.bytes, chunk->dictionary.length, err);
    for (uint32_t j = 0; !st && j < chunk->page_count; j++)
      st = put(writer, chunk->pages[j].bytes, chunk->pages[j].length, err);
  }
  if (!st)
    st = write_filters(writer, group, err);
  for (uint32_t i = 0; i < writer->column_count; i++)
    sk_chunk_next_group(&writer->columns[i]);
  writer->as_one = writer->twins[1] >= 0;
  reset_tools(writer); /* a large dictionary has made these larger than pages need */
  writer->rows = 0;
  return st;
}

static bool is_like_first(const struct sk_writer *writer, uint32_t column)
{
  return writer->like_first && (int)column == writer->twins[1];
}

static void encode_columns(void *context, unsigned worker)
{
  struct sk_writer *writer = context;
  for (;;) {
    const uint32_t at = atomic_fetch_add_explicit(&writer->next, 1, memory_order_relaxed);
    if (at >= writer->column_count)
      return;
    const uint32_t column = writer->order[at];
    if (is_like_first(writer, column))
      continue;
    struct sk_chunk_writer *chunk = &writer->columns[column];
    struct sk_encode_tools *tools = &writer->tools[worker];
    if (writer->parts)
      sk_chunk_encode_parts(chunk, tools, &writer->encode, writer->parts, writer->part_count,
                            column, writer->last);
    else
      sk_chunk_encode(chunk, tools, &writer->encode, writer->last);
  }
}

/* About what encoding a column takes, in bytes to go through. */
static uint64_t effort(const struct sk_writer *writer, uint32_t column)
{
  const struct sk_chunk_writer *chunk = &writer->columns[column];
  uint64_t rows = chunk->rows;
  if (is_like_first(writer, column))
    return 0;
  for (size_t i = 0; i < writer->part_count; i++)
    rows += writer->parts[i].columns[column].none ? 0 : writer->parts[i].rows;
  if (chunk->kind == SK_WRITE_TEXT && chunk->uncoded)
    rows *= PLAIN_TEXT_EFFORT;
  return rows * (chunk->kind == SK_WRITE_TEXT ? 4 : 8) + (writer->last ? chunk->text_bytes : 0);
}

static void order_columns(struct sk_writer *writer)
{
  for (uint32_t i = 0; i < writer->column_count; i++) {
    const uint64_t cost = effort(writer, i);
    uint32_t at = i;
    for (; at > 0 && effort(writer, writer->order[at - 1]) < cost; at--)
      writer->order[at] = writer->order[at - 1];
    writer->order[at] = i;
  }
}

/* Whether the second twin needs no encoding; makes it ready where it no longer follows the
 * first. */
static shukei_status compare_twins(struct sk_writer *writer, shukei_error *err)
{
  const int *twins = writer->twins;
  /* Without parts: no rows, but the end of the row group; or a caller that has none at all. */
  writer->as_one = writer->as_one && (writer->parts || writer->stripe_rows == 0);
  writer->like_first = writer->as_one;
  if (!writer->parts || twins[1] < 0)
    return SHUKEI_OK;
  struct sk_chunk_writer *chunk = &writer->columns[twins[1]];
  struct sk_chunk_writer *first = &writer->columns[twins[0]];
  writer->like_first = (writer->as_one || (first->uncoded && chunk->uncoded)) &&
                       sk_parts_have_twins(writer->parts, writer->part_count, (uint32_t)twins[0],
                                           (uint32_t)twins[1]);
  if (writer->like_first || !writer->as_one)
    return SHUKEI_OK;
  writer->as_one = false;
  return sk_chunk_follow(chunk, first, err);
}

/* Gives the second twin the page that the first one got, and ends it where the row group ends. */
static shukei_status share_page(struct sk_writer *writer, shukei_error *err)
{
  struct sk_chunk_writer *chunk = &writer->columns[writer->twins[1]];
  const shukei_status st = sk_chunk_share_page(chunk, &writer->columns[writer->twins[0]], err);
  if (st)
    return st;
  sk_chunk_encode(chunk, &writer->tools[0], &writer->encode, writer->last);
  if (chunk->status && err)
    *err = chunk->error;
  return chunk->status;
}

/* Makes pages of the stripe, and writes the row group where it ends here. */
static shukei_status end_stripe(struct sk_writer *writer, bool last, shukei_error *err)
{
  uint64_t text_bytes = 0;
  for (uint32_t i = 0; i < writer->column_count; i++)
    text_bytes += writer->columns[i].text_bytes;
  writer->last = last || text_bytes > MOST_TEXT_BYTES;
  shukei_status st = compare_twins(writer, err);
  if (st)
    return st;
  order_columns(writer);
  atomic_store(&writer->next, 0);
  if (writer->helpers)
    sk_helpers_run(writer->helpers, writer->thread_count, encode_columns, writer);
  else
    sk_crew_run(NULL, writer->thread_count, encode_columns, writer);
  for (uint32_t i = 0; i < writer->column_count; i++) {
    const struct sk_chunk_writer *chunk = &writer->columns[i];
    if (chunk->status) {
      if (err)
        *err = chunk->error;
      return sk_context(err, chunk->status, "column \"%s\"", chunk->name);
    }
  }
  if (writer->stripe_rows)
    sk_sorted_look(&writer->sorted, writer->columns, writer->stripe_rows);
  writer->rows += writer->stripe_rows;
  writer->stripe_rows = 0;
  if (writer->like_first && !writer->as_one)
    st = share_page(writer, err);
  return writer->last && !st ? write_group(writer, err) : st;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static shukei_status make_room(struct sk_writer *writer, uint32_t rows, shukei_error *err)
{
  if (rows <= writer->stripe_capacity)
    return SHUKEI_OK;
  uint64_t capacity = writer->stripe_capacity ? writer->stripe_capacity : FIRST_STRIPE_ROWS;
  while (capacity < rows)
    capacity *= 2;
  capacity = between(capacity, 1, writer->encode.page_rows);
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < writer->column_count; i++)
    st = sk_chunk_room(&writer->columns[i], (uint32_t)capacity, err);
  if (!st)
    writer->stripe_capacity = (uint32_t)capacity;
  return st;
}

static shukei_status add_rows(struct sk_writer *writer, size_t rows,
                              const struct sk_write_values *values, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  size_t done = 0;
  while (!st && done < rows) {
    const uint64_t page_left = writer->encode.page_rows - writer->stripe_rows;
    const uint64_t group_left = writer->group_rows - writer->rows - writer->stripe_rows;
    const uint64_t left = page_left < group_left ? page_left : group_left;
    const uint32_t part = (uint32_t)(rows - done < left ? rows - done : left);
    st = make_room(writer, writer->stripe_rows + part, err);
    for (uint32_t i = 0; !st && i < writer->column_count; i++) {
      st = sk_chunk_take(&writer->columns[i], &values[i], done, part, err);
      if (st)
        st = sk_context(err, st, "column \"%s\"", writer->columns[i].name);
    }
    if (st)
      break;
    done += part;
    writer->stripe_rows += part;
    if (part == left)
      st = end_stripe(writer, part == group_left, err);
  }
  return st;
}

shukei_status sk_writer_add(struct sk_writer *writer, size_t rows,
                            const struct sk_write_values *values, shukei_error *err)
{
  if (writer->failed || writer->finished)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\" takes no more rows", writer->output->name);
  const shukei_status st = add_rows(writer, rows, values, err);
  writer->failed = st != SHUKEI_OK;
  return tell_output(writer->output, st, err);
}

static shukei_status add_page(struct sk_writer *writer, const struct sk_write_part *parts,
                              size_t part_count, bool last, shukei_error *err)
{
  uint64_t rows = 0;
  for (size_t i = 0; i < part_count; i++)
    rows += parts[i].rows;
  if (rows == 0)
    return SHUKEI_OK;
  if (rows > writer->encode.page_rows)
    return sk_fail(err, SHUKEI_EINVAL, "%" PRIu64 " rows in a page of %" PRIu32, rows,
                   writer->encode.page_rows);
  shukei_status st = make_room(writer, (uint32_t)rows, err);
  if (st)
    return st;
  writer->stripe_rows = (uint32_t)rows;
  writer->parts = parts;
  writer->part_count = part_count;
  st = end_stripe(writer, last || writer->rows + rows >= writer->group_rows, err);
  writer->parts = NULL;
  writer->part_count = 0;
  return st;
}

shukei_status sk_writer_add_page(struct sk_writer *writer, const struct sk_write_part *parts,
                                 size_t part_count, bool last, shukei_error *err)
{
  if (writer->failed || writer->finished)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\" takes no more rows", writer->output->name);
  const shukei_status st = add_page(writer, parts, part_count, last, err);
  writer->failed = st != SHUKEI_OK;
  return tell_output(writer->output, st, err);
}

void sk_writer_pause(struct sk_writer *writer)
{
  reset_tools(writer);
  for (uint32_t i = 0; i < writer->column_count && writer->stripe_rows == 0; i++)
    sk_chunk_drop_room(&writer->columns[i]);
  if (writer->stripe_rows == 0)
    writer->stripe_capacity = 0;
}

void sk_writer_ask(struct sk_writer *writer, struct sk_helpers *helpers)
{
  writer->helpers = helpers;
}

uint64_t sk_writer_held_bytes(const struct sk_writer *writer)
{
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < writer->column_count; i++) {
    const struct sk_chunk_writer *chunk = &writer->columns[i];
    bytes += chunk->text_bytes + (uint64_t)chunk->set.count * sizeof *chunk->set.words;
    const bool second = (int)i == writer->twins[1]; /* what it shares counts for the first one */
    bytes += second && chunk->dictionary.shared ? 0 : chunk->dictionary.length;
    for (uint32_t j = 0; j < chunk->page_count; j++)
      bytes += second && chunk->pages[j].shared ? 0 : chunk->pages[j].length;
  }
  return bytes;
}

void sk_writer_forget(struct sk_writer *writer, const struct sk_intern *texts)
{
  for (uint32_t i = 0; i < writer->column_count; i++)
    sk_chunk_forget(&writer->columns[i], texts);
}

static shukei_status end_file(struct sk_writer *writer, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  struct sk_buffer footer;
  sk_buffer_init(&footer, writer->budget, INT32_MAX);
  if (writer->stripe_rows > 0 || writer->rows > 0)
    st = end_stripe(writer, true, err);
  const struct sk_footer_parts parts = {
      .columns = writer->columns,
      .column_count = writer->column_count,
      .groups = writer->groups,
      .group_count = writer->group_count,
      .codec = writer->encode.codec,
      .sorting_columns = writer->sorted.columns,
      .column_indexes_offset = writer->offset,
      .offset_indexes_offset = writer->offset + (int64_t)writer->column_indexes.length};
  if (!st && writer->group_count > 0)
    st = put(writer, writer->column_indexes.bytes, writer->column_indexes.length, err);
  if (!st && writer->group_count > 0)
    st = put(writer, writer->offset_indexes.bytes, writer->offset_indexes.length, err);
  if (!st && !sk_write_footer(&parts, &footer))
    st = sk_fail_memory(err, writer->budget, footer.length, "footer");
  if (!st)
    st = put(writer, footer.bytes, footer.length, err);
  sk_buffer_reset(&footer);
  return st;
}

shukei_status sk_writer_finish(struct sk_writer *writer, shukei_error *err)
{
  if (writer->failed || writer->finished)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\" cannot be finished", writer->output->name);
  const shukei_status st = end_file(writer, err);
  writer->failed = st != SHUKEI_OK;
  writer->finished = true;
  return tell_output(writer->output, st, err);
}
