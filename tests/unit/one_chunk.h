/* SPDX-License-Identifier: Apache-2.0 */
/* A file of one column chunk that is nothing but what its footer would say, and some bytes: for
 * tests of what is read beside the pages. */
#ifndef SK_TESTS_ONE_CHUNK_H
#define SK_TESTS_ONE_CHUNK_H

#include "testing.h"

#include "parquet/file.h"

struct one_chunk {
  struct sk_file file;
  struct sk_column_meta column;
  struct sk_group_meta group;
  struct sk_chunk_meta chunk;
};

/* The bytes, which are borrowed, are the whole object up to its footer; pages lie in [4,
 * pages_end). */
static inline void one_chunk_open(struct one_chunk *c, const void *bytes, size_t length,
                                  int64_t rows, int64_t pages_end)
{
  memset(c, 0, sizeof *c);
  c->column = (struct sk_column_meta){.name = "c",
                                      .path = "c",
                                      .type = SK_TYPE_BYTE_ARRAY,
                                      .logical = SK_LOGICAL_STRING,
                                      .flat = true,
                                      .type_order = true};
  c->chunk = (struct sk_chunk_meta){.value_count = rows,
                                    .data_page_offset = 4,
                                    .dictionary_page_offset = -1,
                                    .compressed_bytes = pages_end - 4,
                                    .offset_index_offset = -1,
                                    .column_index_offset = -1,
                                    .bloom_filter_offset = -1,
                                    .bloom_filter_length = -1,
                                    .statistics = {.null_count = -1, .distinct_count = -1}};
  c->group = (struct sk_group_meta){.row_count = rows, .chunks = &c->chunk};
  c->file.meta.columns = &c->column;
  c->file.meta.column_count = 1;
  c->file.meta.groups = &c->group;
  c->file.meta.group_count = 1;
  c->file.data_end = length;
  assert_int_equal(sk_object_from_bytes("c.parquet", bytes, length, &c->file.object, NULL),
                   SHUKEI_OK);
}

static inline void one_chunk_close(struct one_chunk *c)
{
  sk_object_close(c->file.object);
}

#endif
