/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary of a column chunk, with what its entries mean to each kind of reader.
 *
 * Readers of one chunk share its texts (sk_dictionary_pool): the page is decompressed by the first
 * of them, and an entry is interned by the first that meets it. Numbers and times are each reader's
 * own. */
#ifndef SK_PARQUET_DICTIONARY_H
#define SK_PARQUET_DICTIONARY_H

#include "base/helpers.h"
#include "base/intern.h"
#include "parquet/convert.h"

/* A page's entries. */
struct sk_dictionary_page {
  struct sk_budget *budget;
  _Atomic uint32_t owners;
  struct sk_dictionary_page *same_as; /* whose entries these are; NULL: they are its own */
  uint8_t *bytes;
  size_t capacity, length;
  uint32_t count;
  struct sk_slice *slices;    /* BYTE_ARRAY: the entries */
  struct sk_shared *shared;   /* the bytes, where a table of texts uses them too */
  struct sk_helpers readers;  /* its lock is of loading, and of the beginning of ids */
  bool loading, loaded, kept; /* kept: the table of the ids has the bytes */
  _Atomic uint32_t *ids;      /* of entries seen, else SK_NOT_SEEN; NULL until wanted */
  const struct sk_intern *table;
  _Atomic uint64_t ids_of; /* the table's generation + 1; 0: of none */
};

struct sk_dictionary {
  const struct sk_column_meta *column;
  struct sk_budget *budget;
  bool loaded;
  uint32_t count;
  struct sk_dictionary_page *page; /* NULL: not loaded, or only numbers are left of it */
  double *doubles;                 /* NULL until wanted */
  int64_t *times;                  /* NULL until wanted; of a reader of integers, these */
};

#define SK_NOT_SEEN (SK_NO_ID - 1)

/* The dictionaries of a file's columns whose readers share them; of each column that of the row
 * group which was asked for last. */
struct sk_dictionary_pool {
  struct sk_budget *budget;
  pthread_mutex_t lock; /* of the pages; made with the first column */
  struct sk_pooled_page {
    int column;
    uint32_t group;
    struct sk_dictionary_page *page;
  } * pooled;
  uint32_t count;
};
/* Another owner of the page, which is returned. */
struct sk_dictionary_page *sk_dictionary_page_share(struct sk_dictionary_page *page);
void sk_dictionary_page_leave(struct sk_dictionary_page *page); /* NULL is fine */
/* Whether its ids are those that the table gives now. */
bool sk_dictionary_page_gives(const struct sk_dictionary_page *page, const struct sk_intern *table);

void sk_dictionary_pool_init(struct sk_dictionary_pool *pool, struct sk_budget *budget);
void sk_dictionary_pool_reset(struct sk_dictionary_pool *pool);
/* Before any column is opened. False when memory lacks. */
bool sk_dictionary_pool_add(struct sk_dictionary_pool *pool, int column);

void sk_dictionary_init(struct sk_dictionary *dictionary, const struct sk_column_meta *column,
                        struct sk_budget *budget);
void sk_dictionary_reset(struct sk_dictionary *dictionary);
/* Begins to load the dictionary of a chunk. *wanted: the page is to be read and handed to
 * sk_dictionary_load(), or sk_dictionary_give_up() called; other readers of the chunk wait until
 * then, and help to decompress it. Not wanted: another reader has done so. */
shukei_status sk_dictionary_begin(struct sk_dictionary *dictionary, struct sk_dictionary_pool *pool,
                                  uint32_t group, int column, bool *wanted, shukei_error *err);
/* Where a body that is not compressed may be put for sk_dictionary_load(), which then copies
 * nothing. EFORMAT; ENOMEM. */
shukei_status sk_dictionary_room(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, uint8_t **body,
                                 shukei_error *err);
shukei_status sk_dictionary_load(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, const uint8_t *body,
                                 enum sk_codec codec, struct sk_codec_state *state,
                                 shukei_error *err);
/* Instead of sk_dictionary_load(): the entries are those of another page, which was loaded. */
void sk_dictionary_load_as(struct sk_dictionary *dictionary, struct sk_dictionary_page *same_as);
void sk_dictionary_give_up(struct sk_dictionary *dictionary);
/* Entry `code`, which must be below count, as its bytes. */
struct sk_slice sk_dictionary_at(const struct sk_dictionary *dictionary, uint32_t code);
/* The same of n codes. */
void sk_dictionary_take(const struct sk_dictionary *dictionary, const uint32_t *codes, size_t n,
                        struct sk_slice *slices);

/* Makes page->ids those of the table. A dictionary gives ids of one table, emptied or not. */
shukei_status sk_dictionary_want_ids(struct sk_dictionary *dictionary, struct sk_intern *table,
                                     shukei_error *err);
/* Fill the array of that name (integers: times) where it is missing. They replace the entries'
 * bytes: sk_dictionary_at() and the others must not be called then. */
shukei_status sk_dictionary_want_doubles(struct sk_dictionary *dictionary, shukei_error *err);
shukei_status sk_dictionary_want_times(struct sk_dictionary *dictionary, shukei_error *err);
shukei_status sk_dictionary_want_integers(struct sk_dictionary *dictionary, shukei_error *err);

#endif
