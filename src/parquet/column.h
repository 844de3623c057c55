/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of a column chunk, for the files of this room.
 *
 *   sk_column_open() -> { sk_column_block() -> exactly `present` values }... -> sk_column_close()
 *
 * Of a nested column it gives entries, each a pair of levels and perhaps a value; what is said of
 * rows here goes for them then:
 *
 *   sk_column_open_nested() -> { sk_column_entries() -> exactly `present` values }...
 *   -> sk_column_close() */
#ifndef SK_PARQUET_COLUMN_H
#define SK_PARQUET_COLUMN_H

#include "parquet/codec.h"
#include "parquet/dictionary.h"
#include "parquet/dictionary_recall.h"
#include "parquet/file.h"
#include "parquet/page_index.h"
#include "parquet/page_stream.h"

#include <string.h>

struct sk_column_tools {
  struct sk_window window;
  struct sk_codec_state *codec;
  struct sk_dictionary_recall recall;
};

struct sk_column {
  struct sk_file *file;
  const struct sk_column_meta *meta;
  const struct sk_chunk_meta *chunk;
  uint32_t group;
  int number; /* of the column */
  enum sk_column_kind kind;
  struct sk_budget *budget;
  struct sk_codec_state *codec; /* the tools', or the column's own */
  struct sk_codec_state *own_codec;
  struct sk_dictionary_recall *recall; /* NULL: of readers that have no tools */
  struct sk_page_stream stream;
  struct sk_dictionary dictionary;
  struct sk_page page;
  bool page_open;     /* page holds rows that are not done */
  bool in_dictionary; /* for messages: the dictionary page is being read */
  bool in_order; /* pages are read one after the other: each may begin as the one before ended */
  uint64_t first_page; /* offset of the first data page, or of the dictionary where none was read */
  int64_t pages;       /* data pages begun */
  int64_t page_row;    /* row of the group behind the present page */
  int64_t row, row_count;
  struct sk_page_places places;  /* count 0: none are known, pages are hopped over */
  int64_t page_rows_told;        /* by these, of the page that is gone to; 0: not gone to one */
  const struct sk_intern *table; /* whose ids the dictionary holds */
  uint32_t previous;             /* last id given, for the prediction */
  uint8_t valid[SK_BLOCK];
};

/* Reads the offset index, where there is a sound one: pages before the next row wanted are then not
 * looked at. What it tells of the page that is gone to is compared with the page. */
shukei_status sk_column_find_pages(struct sk_column *column, shukei_error *err);
/* Loads the dictionary, before any row is read; column->dictionary.loaded is false where there is
 * none. */
shukei_status sk_column_dictionary(struct sk_column *column, shukei_error *err);

struct sk_block {
  size_t rows, present;
  const uint8_t *valid; /* [rows]; NULL where all or none are present */
};

static inline void sk_block_valid(const struct sk_block *block, uint8_t *valid)
{
  if (block->valid)
    memcpy(valid, block->valid, block->rows);
  else
    memset(valid, block->present ? 1 : 0, block->rows);
}

/* Decodes the levels of the next rows, at most cap; there must be some left in the chunk. */
shukei_status sk_column_block(struct sk_column *column, size_t cap, struct sk_block *block,
                              shukei_error *err);
/* As sk_column_open() for a column that is not flat, from its first entry on; row_count is the
 * number of entries by the footer. */
shukei_status sk_column_open_nested(struct sk_file *file, uint32_t group, int column,
                                    struct sk_column_tools *tools, struct sk_budget *budget,
                                    struct sk_column **out, shukei_error *err);
/* The levels of the next entries, at most cap; there must be some left in the chunk.
 *   repetition, definition  [min(cap, SK_BLOCK)] */
shukei_status sk_column_entries(struct sk_column *column, size_t cap, uint16_t *repetition,
                                uint16_t *definition, struct sk_block *block, shukei_error *err);
/* The next of the block's present values as bytes, n at most SK_BLOCK; *got may be less, not 0.
 * Valid until the next call. */
shukei_status sk_column_slices(struct sk_column *column, size_t n, struct sk_slice *slices,
                               size_t *got, shukei_error *err);
/* Puts object, column, row group and page before the text. */
shukei_status sk_column_context(const struct sk_column *column, shukei_status status,
                                shukei_error *err);
/* True where the present page holds dictionary codes. */
static inline bool sk_column_coded(const struct sk_column *column)
{
  return column->page.encoding == SK_ENCODING_RLE_DICTIONARY;
}

#endif
