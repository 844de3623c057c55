/* SPDX-License-Identifier: Apache-2.0 */
/* Parquet files of one column, page by page, for tests of the reader: what no real writer would
 * put together can be built here.
 *
 *   tiny_begin() -> tiny_page() / tiny_page_v2()... -> tiny_end() -> tiny_open() -> tiny_free() */
#ifndef SK_TESTS_TINY_PARQUET_H
#define SK_TESTS_TINY_PARQUET_H

#include "testing.h"

#include "base/buffer.h"
#include "base/bytes.h"
#include "parquet/crc.h"
#include "parquet/parquet.h"
#include "parquet/thrift_write.h"

struct tiny_column {
  enum sk_type type;
  int32_t type_length;
  enum sk_repetition repetition;
  int32_t converted; /* ConvertedType + 1, 0 for none */
  int16_t logical;   /* member of LogicalType, 0 for none */
  int16_t unit;      /* member of TimeUnit */
  int32_t scale, precision;
};
struct tiny {
  struct sk_budget budget;
  struct sk_buffer out;
  int64_t values; /* of the data pages so far */
  int32_t codec;  /* that the footer names; pages are not compressed, of which version 2 can tell */
  struct sk_object *object;
  struct sk_file *file;
};

static inline void tiny_begin(struct tiny *t)
{
  memset(t, 0, sizeof *t);
  sk_budget_init(&t->budget, 64 << 20);
  sk_buffer_init(&t->out, NULL, SIZE_MAX / 2);
  sk_buffer_text(&t->out, "PAR1");
}

/* A version 1 data page, or a dictionary page. */
static inline void tiny_page(struct tiny *t, enum sk_page_type type, int32_t encoding,
                             int32_t count, const void *bytes, size_t length)
{
  struct sk_compact to;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, (int32_t)type);
  sk_compact_i32(&to, 2, (int32_t)length);
  sk_compact_i32(&to, 3, (int32_t)length);
  sk_compact_i32(&to, 4, (int32_t)sk_crc32(0, bytes, length));
  sk_compact_begin(&to, type == SK_PAGE_DICTIONARY ? 7 : 5);
  sk_compact_i32(&to, 1, count);
  sk_compact_i32(&to, 2, encoding);
  if (type == SK_PAGE_DATA) {
    sk_compact_i32(&to, 3, SK_ENCODING_RLE);
    sk_compact_i32(&to, 4, SK_ENCODING_RLE);
    t->values += count;
  }
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_buffer_add(&t->out, bytes, length);
}

/* A version 2 data page: definition levels of level_length bytes, then values, uncompressed. */
static inline void tiny_page_v2(struct tiny *t, int32_t encoding, int32_t count,
                                size_t level_length, const void *bytes, size_t length)
{
  struct sk_compact to;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, SK_PAGE_DATA_V2);
  sk_compact_i32(&to, 2, (int32_t)length);
  sk_compact_i32(&to, 3, (int32_t)length);
  sk_compact_begin(&to, 8);
  sk_compact_i32(&to, 1, count);
  sk_compact_i32(&to, 2, 0);
  sk_compact_i32(&to, 3, count);
  sk_compact_i32(&to, 4, encoding);
  sk_compact_i32(&to, 5, (int32_t)level_length);
  sk_compact_i32(&to, 6, 0);
  sk_compact_bool(&to, 7, false);
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_buffer_add(&t->out, bytes, length);
  t->values += count;
}

static inline void tiny_logical(struct sk_compact *to, const struct tiny_column *c)
{
  sk_compact_begin(to, 10);
  sk_compact_begin(to, c->logical);
  if (c->unit) {
    sk_compact_bool(to, 1, true);
    sk_compact_begin(to, 2);
    sk_compact_begin(to, c->unit);
    sk_compact_end(to);
    sk_compact_end(to);
  } else if (c->logical == 5) {
    sk_compact_i32(to, 1, c->scale);
    sk_compact_i32(to, 2, c->precision);
  }
  sk_compact_end(to);
  sk_compact_end(to);
}

static inline void tiny_schema(struct sk_compact *to, const struct tiny_column *c)
{
  sk_compact_list(to, 2, SK_COMPACT_STRUCT, 2);
  sk_compact_item(to);
  sk_compact_text(to, 4, "root");
  sk_compact_i32(to, 5, 1);
  sk_compact_end(to);
  sk_compact_item(to);
  sk_compact_i32(to, 1, (int32_t)c->type);
  if (c->type_length)
    sk_compact_i32(to, 2, c->type_length);
  sk_compact_i32(to, 3, (int32_t)c->repetition);
  sk_compact_text(to, 4, "c");
  if (c->converted)
    sk_compact_i32(to, 6, c->converted - 1);
  if (c->converted) {
    sk_compact_i32(to, 7, c->scale);
    sk_compact_i32(to, 8, c->precision);
  }
  if (c->logical)
    tiny_logical(to, c);
  sk_compact_end(to);
}

/* The footer of one row group with `rows` rows. */
static inline void tiny_end(struct tiny *t, const struct tiny_column *c, int64_t rows)
{
  struct sk_compact to;
  uint8_t tail[4];
  const size_t begin = t->out.length;
  sk_compact_init(&to, &t->out);
  sk_compact_i32(&to, 1, 2);
  tiny_schema(&to, c);
  sk_compact_i64(&to, 3, rows);
  sk_compact_list(&to, 4, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_i64(&to, 2, 4);
  sk_compact_begin(&to, 3);
  sk_compact_i32(&to, 1, (int32_t)c->type);
  sk_compact_i32(&to, 4, t->codec);
  sk_compact_i64(&to, 5, rows);
  sk_compact_i64(&to, 6, (int64_t)begin - 4);
  sk_compact_i64(&to, 7, (int64_t)begin - 4);
  sk_compact_i64(&to, 9, 4);
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_compact_i64(&to, 2, (int64_t)begin);
  sk_compact_i64(&to, 3, rows);
  sk_compact_end(&to);
  sk_compact_end(&to);
  sk_put_le32(tail, (uint32_t)(t->out.length - begin));
  sk_buffer_add(&t->out, tail, 4);
  sk_buffer_text(&t->out, "PAR1");
  assert_false(t->out.failed);
}

static inline shukei_status tiny_open(struct tiny *t, shukei_error *err)
{
  const shukei_status st =
      sk_object_from_bytes("t.parquet", t->out.bytes, t->out.length, &t->object, err);
  return st ? st : sk_file_open(t->object, &t->budget, &t->file, err);
}

static inline void tiny_free(struct tiny *t)
{
  sk_file_close(t->file);
  sk_object_close(t->object);
  sk_buffer_reset(&t->out);
  assert_int_equal(t->budget.used_bytes, 0);
}

#endif
