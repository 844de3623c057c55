/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary of a column chunk, with what its entries mean to each kind of reader. */
#ifndef SK_PARQUET_DICTIONARY_H
#define SK_PARQUET_DICTIONARY_H

#include "base/intern.h"
#include "parquet/convert.h"

struct sk_dictionary {
  const struct sk_column_meta *column;
  struct sk_budget *budget;
  uint8_t *bytes;
  size_t capacity, length;
  bool loaded;
  uint32_t count;
  struct sk_slice *slices;  /* BYTE_ARRAY: the entries */
  uint32_t *ids;            /* of entries seen, else SK_NOT_SEEN; NULL until wanted */
  struct sk_shared *shared; /* the bytes, where a table of texts uses them too */
  bool kept;                /* the table of the ids does */
  double *doubles;          /* NULL until wanted */
  int64_t *times;           /* NULL until wanted */
};

#define SK_NOT_SEEN (SK_NO_ID - 1)

void sk_dictionary_init(struct sk_dictionary *dictionary, const struct sk_column_meta *column,
                        struct sk_budget *budget);
void sk_dictionary_reset(struct sk_dictionary *dictionary);
shukei_status sk_dictionary_load(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, const uint8_t *body,
                                 enum sk_codec codec, struct sk_codec_state *state,
                                 shukei_error *err);
/* Entry `code`, which must be below count, as its bytes. */
struct sk_slice sk_dictionary_at(const struct sk_dictionary *dictionary, uint32_t code);

/* Fill the array of that name where it is missing. Ids are of one table until they are forgotten. Doubles and
 * times replace the entries' bytes: sk_dictionary_at() and the other two must not be called then. */
shukei_status sk_dictionary_want_ids(struct sk_dictionary *dictionary, struct sk_intern *table,
                                     shukei_error *err);
void sk_dictionary_forget_ids(struct sk_dictionary *dictionary);
shukei_status sk_dictionary_want_doubles(struct sk_dictionary *dictionary, shukei_error *err);
shukei_status sk_dictionary_want_times(struct sk_dictionary *dictionary, shukei_error *err);

#endif
