/* SPDX-License-Identifier: Apache-2.0 */
/* Taking rows of one column. Words (doubles, integers, times, days) are copied as they are. Texts
 * become codes of the chunk's dictionary at once: the caller's id is looked up in a memo of the
 * caller's table, and only an id that this row group has not met yet costs a look at the text.
 *
 * Codes count in the order of first sight. They are the ids of the chunk's intern table less the
 * empty text, which that table always has as id 0 and a dictionary only where a row has it; so a
 * code follows from an id by where the empty text came in.
 *
 * Where the caller promises one table for all texts, its ids tell texts apart already: a list of
 * the ids that were met is the dictionary, nothing is hashed and nothing copied. */
#include "parquet/chunk_write.h"

#include "base/bytes.h"

#include <string.h>

#define FIRST_ROOM 1024

shukei_status sk_chunk_init(struct sk_chunk_writer *chunk, const struct sk_write_column *column,
                            struct sk_budget *budget, shukei_error *err)
{
  *chunk = (struct sk_chunk_writer){
      .budget = budget, .kind = column->kind, .required = column->required, .empty_code = SK_NO_ID};
  sk_word_set_init(&chunk->set, budget);
  const size_t length = strlen(column->name);
  chunk->name = sk_strndup(budget, column->name, length);
  return chunk->name ? SHUKEI_OK : sk_fail_memory(err, budget, length + 1, "column name");
}

void sk_chunk_store_as(struct sk_chunk_writer *chunk, enum sk_write_encoding wanted)
{
  static const enum sk_encoding encodings[SK_WRITE_ENCODINGS] = {
      [SK_WRITE_DELTA_BINARY_PACKED] = SK_ENCODING_DELTA_BINARY_PACKED,
      [SK_WRITE_DELTA_LENGTH_BYTE_ARRAY] = SK_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
      [SK_WRITE_DELTA_BYTE_ARRAY] = SK_ENCODING_DELTA_BYTE_ARRAY,
      [SK_WRITE_BYTE_STREAM_SPLIT] = SK_ENCODING_BYTE_STREAM_SPLIT};
  chunk->encoding = encodings[wanted]; /* PLAIN of the others */
  chunk->always_coded = wanted == SK_WRITE_DICTIONARY;
  chunk->fixed = chunk->settled = wanted != SK_WRITE_CHOSEN;
  chunk->never_coded = chunk->uncoded = chunk->fixed && !chunk->always_coded;
}

void sk_chunk_share(struct sk_chunk_writer *chunk, const struct sk_intern *texts)
{
  chunk->shared = texts;
}

void sk_chunk_drop_texts(struct sk_chunk_writer *chunk)
{
  if (chunk->has_texts)
    sk_intern_reset(&chunk->texts);
  chunk->has_texts = false;
  chunk->empty_code = SK_NO_ID;
  chunk->text_bytes = 0;
  sk_free(chunk->stamps);
  chunk->stamps = NULL;
  chunk->stamp_capacity = 0;
}

void sk_page_drop_bytes(struct sk_encoded_page *page)
{
  if (page->shared)
    sk_shared_leave(page->shared);
  else
    sk_free(page->bytes);
  page->bytes = NULL;
  page->shared = NULL;
}

void sk_chunk_next_group(struct sk_chunk_writer *chunk)
{
  for (uint32_t i = 0; i < chunk->page_count; i++)
    sk_page_drop_bytes(&chunk->pages[i]);
  chunk->page_count = 0;
  sk_page_drop_bytes(&chunk->dictionary);
  chunk->dictionary = (struct sk_encoded_page){.bytes = NULL};
  sk_chunk_drop_texts(chunk);
  chunk->met_count = 0;
  for (unsigned i = 0; i < SK_CHUNK_MEMOS; i++)
    sk_free(chunk->memos[i].codes);
  memset(chunk->memos, 0, sizeof chunk->memos);
  sk_word_set_reset(&chunk->set);
  chunk->uncoded = chunk->never_coded;
  if (!chunk->fixed) {
    chunk->encoding = SK_ENCODING_PLAIN;
    chunk->settled = false;
  }
}

void sk_chunk_drop_room(struct sk_chunk_writer *chunk)
{
  sk_free(chunk->words);
  sk_free(chunk->codes);
  sk_free(chunk->valid);
  chunk->words = NULL;
  chunk->codes = NULL;
  chunk->valid = NULL;
  chunk->capacity = 0;
}

void sk_chunk_reset(struct sk_chunk_writer *chunk)
{
  sk_chunk_next_group(chunk);
  sk_chunk_drop_room(chunk);
  sk_free(chunk->pages);
  sk_free(chunk->met);
  sk_free(chunk->name);
  *chunk = (struct sk_chunk_writer){.budget = chunk->budget};
}

shukei_status sk_chunk_room(struct sk_chunk_writer *chunk, uint32_t rows, shukei_error *err)
{
  if (rows <= chunk->capacity)
    return SHUKEI_OK;
  const size_t size = chunk->kind == SK_WRITE_TEXT ? sizeof *chunk->codes : sizeof *chunk->words;
  void *old = chunk->kind == SK_WRITE_TEXT ? (void *)chunk->codes : (void *)chunk->words;
  void *block = sk_realloc(chunk->budget, old, rows * size);
  if (!block)
    return sk_fail_memory(err, chunk->budget, rows * size, "rows of a page");
  if (chunk->kind == SK_WRITE_TEXT)
    chunk->codes = block;
  else
    chunk->words = block;
  if (chunk->valid) {
    uint8_t *valid = sk_realloc(chunk->budget, chunk->valid, rows);
    if (!valid)
      return sk_fail_memory(err, chunk->budget, rows, "rows of a page");
    chunk->valid = valid;
  }
  chunk->capacity = rows;
  return SHUKEI_OK;
}

/* ---- texts --------------------------------------------------------------------------------- */

static uint32_t code_of_id(const struct sk_chunk_writer *chunk, uint32_t id)
{
  if (id == 0)
    return chunk->empty_code;
  return id <= chunk->empty_code ? id - 1 : id;
}

/* The memo of a table; where all are taken, the oldest is given up, which costs time only. */
static struct sk_memo *memo_of(struct sk_chunk_writer *chunk, const struct sk_intern *table)
{
  for (unsigned i = 0; i < SK_CHUNK_MEMOS; i++)
    if (chunk->memos[i].table == table)
      return &chunk->memos[i];
  struct sk_memo *memo = &chunk->memos[chunk->memo_next];
  chunk->memo_next = (chunk->memo_next + 1) % SK_CHUNK_MEMOS;
  sk_free(memo->codes);
  *memo = (struct sk_memo){.table = table};
  return memo;
}

static bool memo_room(struct sk_chunk_writer *chunk, struct sk_memo *memo, uint32_t id)
{
  if (id < memo->capacity)
    return true;
  uint32_t capacity = memo->capacity ? memo->capacity : 64;
  while (capacity <= id)
    capacity = capacity > UINT32_MAX / 2 ? UINT32_MAX : capacity * 2;
  uint32_t *codes = sk_realloc(chunk->budget, memo->codes, capacity * sizeof *codes);
  if (!codes)
    return false;
  memset(codes + memo->capacity, 0, (capacity - memo->capacity) * sizeof *codes);
  memo->codes = codes;
  memo->capacity = capacity;
  return true;
}

/* As meet_text(), where all texts are in one table. */
static uint32_t meet_shared(struct sk_chunk_writer *chunk, struct sk_memo *memo, uint32_t id)
{
  if (chunk->met_count == chunk->met_capacity) {
    const uint32_t capacity = chunk->met_capacity ? chunk->met_capacity * 2 : 64;
    uint32_t *met = sk_realloc(chunk->budget, chunk->met, capacity * sizeof *met);
    if (!met)
      return SK_NO_ID;
    chunk->met = met;
    chunk->met_capacity = capacity;
  }
  if (!memo_room(chunk, memo, id))
    return SK_NO_ID;
  const uint32_t code = chunk->met_count++;
  chunk->met[code] = id;
  chunk->text_bytes += 4 + (uint64_t)sk_intern_at(chunk->shared, id)->length;
  memo->codes[id] = code + 1;
  return code;
}

uint32_t sk_chunk_take_text(struct sk_chunk_writer *chunk, const char *bytes, uint32_t length)
{
  if (!chunk->has_texts) {
    if (!sk_intern_init(&chunk->texts, chunk->budget))
      return SK_NO_ID;
    chunk->has_texts = true;
    chunk->last_id = 0;
  }
  const uint32_t count = chunk->texts.count;
  const uint32_t own = sk_intern_next(&chunk->texts, chunk->last_id, bytes, length);
  if (own == SK_NO_ID)
    return SK_NO_ID;
  chunk->last_id = own;
  if (own == 0 && chunk->empty_code == SK_NO_ID) {
    chunk->empty_code = count - 1;
    chunk->text_bytes += 4;
  }
  if (chunk->texts.count > count)
    chunk->text_bytes += 4 + (uint64_t)length;
  return code_of_id(chunk, own);
}

/* The code of a text that the memo lacks; SK_NO_ID when memory lacks. */
static uint32_t meet_text(struct sk_chunk_writer *chunk, struct sk_memo *memo, uint32_t id)
{
  if (chunk->shared)
    return meet_shared(chunk, memo, id);
  const struct sk_intern_entry *entry = sk_intern_at(memo->table, id);
  const uint32_t code = sk_chunk_take_text(chunk, entry->bytes, entry->length);
  if (code == SK_NO_ID || !memo_room(chunk, memo, id))
    return SK_NO_ID;
  memo->codes[id] = code + 1;
  return code;
}

static shukei_status add_texts(struct sk_chunk_writer *chunk, const struct sk_write_values *values,
                               size_t first, uint32_t rows, shukei_error *err)
{
  struct sk_memo *memo = memo_of(chunk, values->texts);
  const uint32_t *ids = values->ids + first;
  const uint8_t *valid = values->valid ? values->valid + first : NULL;
  uint32_t *codes = chunk->codes + chunk->rows;
  uint32_t nulls = 0;
  for (uint32_t row = 0; row < rows; row++) {
    const uint32_t id = valid && !valid[row] ? SK_NO_ID : ids[row];
    uint32_t next = id < memo->capacity ? memo->codes[id] : 0; /* code + 1 */
    if (next == 0) {
      if (id == SK_NO_ID) {
        nulls++;
      } else {
        const uint32_t code = meet_text(chunk, memo, id);
        if (code == SK_NO_ID)
          return sk_fail_memory(err, chunk->budget, 0, "dictionary of a column");
        next = code + 1;
      }
    }
    codes[row] = next - 1; /* 0 becomes SK_NO_ID */
  }
  chunk->nulls += nulls;
  return SHUKEI_OK;
}

/* ---- words --------------------------------------------------------------------------------- */

static shukei_status add_valid(struct sk_chunk_writer *chunk, const uint8_t *valid, uint32_t rows,
                               shukei_error *err)
{
  const bool gaps = valid && memchr(valid, 0, rows);
  if (!gaps && chunk->nulls == 0)
    return SHUKEI_OK;
  if (!chunk->valid) {
    chunk->valid = sk_alloc(chunk->budget, chunk->capacity);
    if (!chunk->valid)
      return sk_fail_memory(err, chunk->budget, chunk->capacity, "rows of a page");
  }
  if (chunk->nulls == 0)
    memset(chunk->valid, 1, chunk->rows);
  uint8_t *to = chunk->valid + chunk->rows;
  uint32_t present = 0;
  for (uint32_t row = 0; row < rows; row++) {
    to[row] = !valid || valid[row];
    present += to[row];
  }
  chunk->nulls += rows - present;
  return SHUKEI_OK;
}

static shukei_status check_days(const int64_t *days, const uint8_t *valid, uint32_t rows,
                                shukei_error *err)
{
  for (uint32_t row = 0; row < rows; row++)
    if ((!valid || valid[row]) && (days[row] < INT32_MIN || days[row] > INT32_MAX))
      return sk_fail(err, SHUKEI_EINVAL, "day %" PRId64 " is outside of what a date holds",
                     days[row]);
  return SHUKEI_OK;
}

shukei_status sk_chunk_take(struct sk_chunk_writer *chunk, const struct sk_write_values *values,
                            size_t first, uint32_t rows, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  const uint32_t nulls = chunk->nulls;
  if (chunk->kind == SK_WRITE_TEXT) {
    st = add_texts(chunk, values, first, rows, err);
  } else {
    const uint8_t *valid = values->valid ? values->valid + first : NULL;
    /* A double and an integer of the union lie at the same place with the same size. */
    memcpy(chunk->words + chunk->rows, values->integers + first, rows * sizeof *chunk->words);
    st = add_valid(chunk, valid, rows, err);
    if (!st && chunk->kind == SK_WRITE_DATE)
      st = check_days(values->integers + first, valid, rows, err);
  }
  if (!st && chunk->required && chunk->nulls > nulls)
    st = sk_fail(err, SHUKEI_EINVAL, "a null where every row needs a value");
  if (!st)
    chunk->rows += rows;
  return st;
}

void sk_chunk_forget(struct sk_chunk_writer *chunk, const struct sk_intern *texts)
{
  for (unsigned i = 0; i < SK_CHUNK_MEMOS; i++)
    if (chunk->memos[i].table == texts) {
      sk_free(chunk->memos[i].codes);
      chunk->memos[i] = (struct sk_memo){.table = NULL};
    }
}

/* ---- bounds -------------------------------------------------------------------------------- */

enum sk_type sk_chunk_type(const struct sk_chunk_writer *chunk)
{
  switch (chunk->kind) {
  case SK_WRITE_TEXT:
    return SK_TYPE_BYTE_ARRAY;
  case SK_WRITE_DOUBLE:
    return SK_TYPE_DOUBLE;
  case SK_WRITE_DATE:
    return SK_TYPE_INT32;
  case SK_WRITE_INT64:
  case SK_WRITE_TIME:
    break;
  }
  return SK_TYPE_INT64;
}

uint32_t sk_chunk_text_count(const struct sk_chunk_writer *chunk)
{
  if (chunk->shared)
    return chunk->met_count;
  return chunk->has_texts ? chunk->texts.count - (chunk->empty_code == SK_NO_ID) : 0;
}

const struct sk_intern_entry *sk_chunk_text(const struct sk_chunk_writer *chunk, uint64_t code)
{
  if (chunk->shared)
    return sk_intern_at(chunk->shared, chunk->met[code]);
  const uint32_t empty = chunk->empty_code;
  const uint32_t id = (uint32_t)code == empty ? 0 : (uint32_t)code + (code < empty ? 1 : 0);
  return sk_intern_at(&chunk->texts, id);
}

int sk_chunk_compare(const struct sk_chunk_writer *chunk, uint64_t a, uint64_t b)
{
  if (a == b)
    return 0;
  if (chunk->kind == SK_WRITE_TEXT) {
    const struct sk_intern_entry *x = sk_chunk_text(chunk, a), *y = sk_chunk_text(chunk, b);
    const int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
  }
  if (chunk->kind == SK_WRITE_DOUBLE) {
    const double x = sk_double_of_bits(a), y = sk_double_of_bits(b);
    return (x > y) - (x < y);
  }
  return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
}

static void word_bound(const struct sk_chunk_writer *chunk, uint64_t word, struct sk_bound *out)
{
  out->exact = true;
  out->length = chunk->kind == SK_WRITE_DATE ? 4 : 8;
  if (chunk->kind == SK_WRITE_DATE)
    sk_put_le32(out->bytes, (uint32_t)word);
  else
    sk_put_le64(out->bytes, word);
}

bool sk_chunk_bounds(const struct sk_chunk_writer *chunk, uint64_t min, uint64_t max,
                     struct sk_bound *lower, struct sk_bound *upper)
{
  if (chunk->kind != SK_WRITE_TEXT) {
    word_bound(chunk, min, lower);
    word_bound(chunk, max, upper);
    return true;
  }
  const struct sk_intern_entry *least = sk_chunk_text(chunk, min);
  const struct sk_intern_entry *most = sk_chunk_text(chunk, max);
  sk_bound_lower(least->bytes, least->length, lower);
  return sk_bound_upper(most->bytes, most->length, upper);
}
