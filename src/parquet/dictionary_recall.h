/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionaries of texts that a reader has met last, one of each column: small files of successive
 * hours mostly have the same, byte by byte, which then need neither be decompressed nor interned
 * again.
 *
 *   (zeroed, limit_bytes set) -> { sk_dictionary_recall(), or else sk_dictionary_load() and
 *   sk_dictionary_remember() }... -> sk_dictionary_recall_reset()
 *
 * One thread's. Tables whose ids they give stay where they are until then. */
#ifndef SK_PARQUET_DICTIONARY_RECALL_H
#define SK_PARQUET_DICTIONARY_RECALL_H

#include "parquet/dictionary.h"

#define SK_RECALLED_COLUMNS 8

/* A dictionary page as it is stored, compressed. */
struct sk_stored_dictionary {
  const struct sk_page_header *header;
  const uint8_t *body;
  enum sk_codec codec;
};

struct sk_recalled {
  char *path; /* the column's; NULL: a free slot */
  struct sk_dictionary_page *page;
  uint8_t *body;
  size_t stored_length, held_bytes;
  uint32_t uncompressed_length;
  int32_t value_count, encoding;
  enum sk_codec codec;
};

struct sk_dictionary_recall {
  struct sk_budget *budget;
  uint64_t limit_bytes; /* 0: nothing is remembered */
  uint64_t held_bytes;
  struct sk_recalled columns[SK_RECALLED_COLUMNS];
};

void sk_dictionary_recall_reset(struct sk_dictionary_recall *recall);
/* Instead of sk_dictionary_load(): true where the stored page is the one that the column had last
 * and its ids are the table's; the dictionary is loaded then, as for all readers that wait for
 * it. */
bool sk_dictionary_recall(const struct sk_dictionary_recall *recall,
                          struct sk_dictionary *dictionary,
                          const struct sk_stored_dictionary *stored, const struct sk_intern *table);
/* After sk_dictionary_load(); what is too large, or finds no memory, is not remembered. */
void sk_dictionary_remember(struct sk_dictionary_recall *recall,
                            const struct sk_dictionary *dictionary,
                            const struct sk_stored_dictionary *stored);

#endif
