/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet files of nested columns, level by level, for tests: what no real writer would put
 * together can be built here.
 *
 *   nested_build() -> nested_cat() -> tiny_free() */
#ifndef SK_TESTS_NESTED_PARQUET_H
#define SK_TESTS_NESTED_PARQUET_H

#include "tiny_parquet.h"

/* An element of the schema below the root, depth first.
 *   children     0: a leaf, INT32, or BYTE_ARRAY where text is set
 *   annotation   LogicalType or, with `old`, ConvertedType + 1 of a group; 0: none
 *   highest      of a leaf: repetition and definition level
 *   entries      of a leaf: "00 11 12|01" are two pages, of three entries and one, each a
 *                repetition and a definition level. Values count from 1. */
struct nested_element {
  const char *name;
  enum sk_repetition repetition;
  int32_t children;
  int16_t annotation;
  bool old, text;
  uint8_t highest[2];
  const char *entries;
};
enum { NESTED_LIST = 3, NESTED_MAP = 2, OLD_LIST = 4, OLD_MAP = 2, OLD_KEY_VALUE = 3 };
enum nested_form { NESTED_RLE, NESTED_BITS, NESTED_V2, NESTED_FORMS };

static inline unsigned nested_width(unsigned highest)
{
  return highest > 3 ? 3 : highest > 1 ? 2 : highest;
}

/* The levels of a page: those of entries[at], entries[at + 3]... */
static inline void nested_levels(struct sk_buffer *out, const char *entries, size_t count,
                                 size_t which, unsigned highest, enum nested_form form)
{
  struct sk_buffer levels;
  uint8_t length[4];
  unsigned bits = 0, held = 0;
  if (highest == 0)
    return;
  sk_buffer_init(&levels, NULL, SIZE_MAX / 2);
  for (size_t i = 0; i < count; i++) {
    const unsigned level = (unsigned)(entries[3 * i + which] - '0');
    if (form != NESTED_BITS) {
      sk_buffer_byte(&levels, 1 << 1);
      sk_buffer_byte(&levels, (uint8_t)level);
      continue;
    }
    bits = bits << nested_width(highest) | level;
    for (held += nested_width(highest); held >= 8; held -= 8)
      sk_buffer_byte(&levels, (uint8_t)(bits >> (held - 8)));
  }
  if (held)
    sk_buffer_byte(&levels, (uint8_t)(bits << (8 - held)));
  sk_put_le32(length, (uint32_t)levels.length);
  if (form == NESTED_RLE)
    sk_buffer_add(out, length, 4);
  if (levels.length)
    sk_buffer_add(out, levels.bytes, levels.length);
  sk_buffer_reset(&levels);
}

/* A page of `count` entries; *value is the last one before it. */
static inline void nested_page(struct tiny *t, const struct nested_element *e, const char *entries,
                               size_t count, uint32_t *value, enum nested_form form)
{
  struct sk_compact to;
  struct sk_buffer body;
  sk_buffer_init(&body, NULL, SIZE_MAX / 2);
  nested_levels(&body, entries, count, 0, e->highest[0], form);
  const size_t repetition = body.length;
  nested_levels(&body, entries, count, 1, e->highest[1], form);
  const size_t levels = body.length;
  for (size_t i = 0; i < count; i++) {
    uint8_t word[4];
    if (entries[3 * i + 1] - '0' != e->highest[1])
      continue;
    sk_put_le32(word, e->text ? 2 : ++*value);
    sk_buffer_add(&body, word, 4);
    if (e->text)
      sk_buffer_printf(&body, "v%u", (unsigned)++*value % 10);
  }
  const int32_t level_encoding = form == NESTED_BITS ? SK_ENCODING_BIT_PACKED : SK_ENCODING_RLE;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, form == NESTED_V2 ? SK_PAGE_DATA_V2 : SK_PAGE_DATA);
  sk_compact_i32(&to, 2, (int32_t)body.length);
  sk_compact_i32(&to, 3, (int32_t)body.length);
  sk_compact_begin(&to, form == NESTED_V2 ? 8 : 5);
  sk_compact_i32(&to, 1, (int32_t)count);
  sk_compact_i32(&to, 2, 0); /* PLAIN; of version 2 the nulls, which nobody reads */
  sk_compact_i32(&to, 3, form == NESTED_V2 ? 0 : level_encoding);
  sk_compact_i32(&to, 4, form == NESTED_V2 ? SK_ENCODING_PLAIN : level_encoding);
  if (form == NESTED_V2) {
    sk_compact_i32(&to, 5, (int32_t)(levels - repetition));
    sk_compact_i32(&to, 6, (int32_t)repetition);
    sk_compact_bool(&to, 7, false);
  }
  sk_compact_end(&to);
  sk_compact_end(&to);
  if (body.length)
    sk_buffer_add(&t->out, body.bytes, body.length);
  sk_buffer_reset(&body);
}

struct nested_chunk {
  int64_t begin, bytes, values;
};

static inline struct nested_chunk nested_chunk(struct tiny *t, const struct nested_element *e,
                                               enum nested_form form)
{
  struct nested_chunk chunk = {.begin = (int64_t)t->out.length};
  uint32_t value = 0;
  for (const char *at = e->entries; *at;) {
    const size_t length = strcspn(at, "|");
    nested_page(t, e, at, (length + 1) / 3, &value, form);
    chunk.values += (int64_t)(length + 1) / 3;
    at += length + (at[length] == '|');
  }
  chunk.bytes = (int64_t)t->out.length - chunk.begin;
  return chunk;
}

static inline void nested_schema(struct sk_compact *to, const struct nested_element *elements,
                                 int32_t count, int32_t top)
{
  sk_compact_list(to, 2, SK_COMPACT_STRUCT, (size_t)count + 1);
  sk_compact_item(to);
  sk_compact_text(to, 4, "root");
  sk_compact_i32(to, 5, top);
  sk_compact_end(to);
  for (const struct nested_element *e = elements; e < elements + count; e++) {
    sk_compact_item(to);
    if (!e->children)
      sk_compact_i32(to, 1, e->text ? SK_TYPE_BYTE_ARRAY : SK_TYPE_INT32);
    sk_compact_i32(to, 3, (int32_t)e->repetition);
    sk_compact_text(to, 4, e->name);
    if (e->children)
      sk_compact_i32(to, 5, e->children);
    if (e->annotation && e->old)
      sk_compact_i32(to, 6, e->annotation - 1);
    if (e->annotation && !e->old) {
      sk_compact_begin(to, 10);
      sk_compact_begin(to, e->annotation);
      sk_compact_end(to);
      sk_compact_end(to);
    }
    sk_compact_end(to);
  }
}

/* A file of one row group, opened. `top`: how many elements lie directly below the root. */
static inline shukei_status nested_build(struct tiny *t, const struct nested_element *elements,
                                         int32_t count, int32_t top, int64_t rows,
                                         enum nested_form form, shukei_error *err)
{
  struct nested_chunk chunks[16];
  struct sk_compact to;
  uint8_t tail[4];
  size_t leaves = 0;
  tiny_begin(t);
  for (int32_t i = 0; i < count; i++)
    if (!elements[i].children)
      chunks[leaves++] = nested_chunk(t, &elements[i], form);
  const size_t begin = t->out.length;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, 2);
  nested_schema(&to, elements, count, top);
  sk_compact_i64(&to, 3, rows);
  sk_compact_list(&to, 4, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, leaves);
  for (size_t k = 0, i = 0; k < leaves; k++, i++) {
    while (elements[i].children)
      i++;
    sk_compact_item(&to);
    sk_compact_i64(&to, 2, chunks[k].begin);
    sk_compact_begin(&to, 3);
    sk_compact_i32(&to, 1, elements[i].text ? SK_TYPE_BYTE_ARRAY : SK_TYPE_INT32);
    sk_compact_i32(&to, 4, SK_CODEC_UNCOMPRESSED);
    sk_compact_i64(&to, 5, chunks[k].values);
    sk_compact_i64(&to, 6, chunks[k].bytes);
    sk_compact_i64(&to, 7, chunks[k].bytes);
    sk_compact_i64(&to, 9, chunks[k].begin);
    sk_compact_end(&to);
    sk_compact_end(&to);
  }
  sk_compact_i64(&to, 2, (int64_t)begin);
  sk_compact_i64(&to, 3, rows);
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_put_le32(tail, (uint32_t)(t->out.length - begin));
  sk_buffer_add(&t->out, tail, 4);
  sk_buffer_text(&t->out, "PAR1");
  assert_false(t->out.failed);
  return tiny_open(t, err);
}

static inline bool nested_write(void *context, const void *bytes, size_t length)
{
  sk_buffer_add(context, bytes, length);
  return true;
}

/* The rows as text with its zero; `columns` names one column, or NULL for all. */
static inline shukei_status nested_cat(struct tiny *t, const char *column, struct sk_buffer *out,
                                       shukei_error *err)
{
  const struct sk_cat_options options = {
      .columns = &column, .column_count = column ? 1 : 0, .nested = true, .limit = UINT64_MAX};
  sk_buffer_init(out, NULL, SIZE_MAX / 2);
  const shukei_status st =
      sk_parquet_cat(t->file, &options, NULL, nested_write, out, &t->budget, err);
  sk_buffer_byte(out, '\0');
  return st;
}

#endif
