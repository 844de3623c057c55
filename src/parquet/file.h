/* SPDX-License-Identifier: Apache-2.0 */
/* An open Parquet object, for the files of this room. */
#ifndef SK_PARQUET_FILE_H
#define SK_PARQUET_FILE_H

#include "parquet/dictionary.h"
#include "parquet/page_map.h"
#include "parquet/parquet.h"

struct sk_file {
  struct sk_object *object;
  struct sk_meta meta;
  uint64_t data_end; /* offset of the footer */
  struct sk_dictionary_pool dictionaries;
  struct sk_page_maps pages; /* of a row group that is cut */
};

/* Whether the pages of a chunk can be read at all. The text does not name the column. */
shukei_status sk_chunk_check(const struct sk_file *file, uint32_t group, int column,
                             shukei_error *err);
/* The same for a column that is not flat, which may have more values than there are rows. */
shukei_status sk_chunk_nested_check(const struct sk_file *file, uint32_t group, int column,
                                    shukei_error *err);
/* The same for its pages alone, of any column. */
shukei_status sk_chunk_pages_check(const struct sk_file *file, uint32_t group, int column,
                                   shukei_error *err);

#endif
