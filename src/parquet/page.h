/* SPDX-License-Identifier: Apache-2.0 */
/* One data page, decompressed: its levels and its values. An entry is a row of a flat column; of a
 * nested one a row has as many as its lists have elements.
 *
 *   sk_page_load() -> { sk_page_levels(n), of a nested column sk_page_entries(n)
 *   -> then exactly the present ones of these by
 *   sk_page_codes(), sk_page_fixed() or sk_page_texts(), or sk_page_skip() }... -> sk_page_load()
 *   of the next one ... -> sk_page_reset()
 *
 * The buffers are kept from page to page. */
#ifndef SK_PARQUET_PAGE_H
#define SK_PARQUET_PAGE_H

#include "parquet/codec.h"
#include "parquet/delta.h"
#include "parquet/levels.h"
#include "parquet/page_header.h"
#include "parquet/rle.h"
#include "parquet/slice.h"

/* Entries that are decoded at a time. */
#define SK_BLOCK SK_LEVELS_BLOCK

struct sk_page {
  const struct sk_column_meta *column;
  struct sk_budget *budget;
  uint8_t *bytes; /* decompressed page */
  size_t capacity;
  uint8_t *scratch; /* values of encodings that do not lie as PLAIN does */
  size_t scratch_capacity;
  uint8_t *levels; /* version 2: a copy of what the body has in front */
  size_t levels_capacity;
  uint8_t *text;                              /* DELTA_BYTE_ARRAY: values put together */
  size_t text_at, text_length, text_capacity; /* the last one */
  bool carries; /* a page's first text may begin as the last of the page before: an old bug */

  uint32_t rows, rows_done;  /* entries */
  enum sk_encoding encoding; /* PLAIN_DICTIONARY as RLE_DICTIONARY */
  struct sk_levels definition, repetition;
  const uint8_t *at, *end; /* values */
  uint64_t index;          /* next value of booleans, BYTE_STREAM_SPLIT */
  uint64_t stride;         /* BYTE_STREAM_SPLIT: values in the page */
  struct sk_rle codes;     /* dictionary, RLE booleans */
  struct sk_delta delta;   /* DELTA_BINARY_PACKED; prefixes */
  struct sk_delta lengths; /* of texts, of suffixes */
};

void sk_page_init(struct sk_page *page, const struct sk_column_meta *column,
                  struct sk_budget *budget);
void sk_page_reset(struct sk_page *page);
/* body: as stored; must stay valid until the next load where the codec is UNCOMPRESSED. */
shukei_status sk_page_load(struct sk_page *page, const struct sk_page_header *header,
                           const uint8_t *body, enum sk_codec codec, struct sk_codec_state *state,
                           shukei_error *err);
/* The levels of the next n rows, n <= SK_BLOCK and within the page.
 *   valid    [n], written only where *present is neither 0 nor n
 *   present  how many are not null */
shukei_status sk_page_levels(struct sk_page *page, size_t n, uint8_t *valid, size_t *present,
                             shukei_error *err);
/* The same for any column: the levels themselves, [n] each. Present are those of the highest
 * definition. */
shukei_status sk_page_entries(struct sk_page *page, size_t n, uint16_t *repetition,
                              uint16_t *definition, size_t *present, shukei_error *err);
/* The next dictionary codes, at most n, checked to be below limit; n <= SK_BLOCK in these four.
 *   got       how many, not 0
 *   repeated  all of them are codes[0], and nothing else is written */
shukei_status sk_page_code_run(struct sk_page *page, size_t n, uint32_t limit, uint32_t *codes,
                               size_t *got, bool *repeated, shukei_error *err);
/* Exactly n codes. */
shukei_status sk_page_codes(struct sk_page *page, size_t n, uint32_t limit, uint32_t *codes,
                            shukei_error *err);
/* Values of fixed width as little-endian PLAIN bytes (a boolean is a byte), valid until the next
 * call. *got may be less than n, not 0. */
shukei_status sk_page_fixed(struct sk_page *page, size_t n, const uint8_t **raw, size_t *got,
                            shukei_error *err);
/* BYTE_ARRAY values, *got as above; those of PLAIN and DELTA_LENGTH_BYTE_ARRAY are valid as long as
 * the page is, others until the next call, and these lie one behind the other. */
shukei_status sk_page_texts(struct sk_page *page, size_t n, struct sk_slice *slices, size_t *got,
                            shukei_error *err);
/* Whether the page just loaded begins as a text does that has not been read. */
bool sk_page_lacks_text(const struct sk_page *page);
/* Passes over n present values of any kind. */
shukei_status sk_page_skip(struct sk_page *page, size_t n, shukei_error *err);

/* For what loading a page of the chunk has come to: a page that is said to be larger than its whole
 * chunk, and for which there was no memory, is not one that more memory would help: EFORMAT. */
shukei_status sk_page_refused(const struct sk_chunk_meta *chunk,
                              const struct sk_page_header *header, shukei_status status,
                              shukei_error *err);
/* EFORMAT, where the page holds fewer values than it should. */
shukei_status sk_page_too_few(shukei_error *err);

/* Bytes of a value as sk_page_fixed() gives it; 0 for BYTE_ARRAY. */
size_t sk_value_width(const struct sk_column_meta *column);
/* Makes room in *bytes, which grows and gets a pad, for what `length` bytes are said to become. A
 * length that the codec cannot reach is refused before memory is taken (EFORMAT). */
shukei_status sk_page_reserve(struct sk_budget *budget, enum sk_codec codec, size_t length,
                              size_t uncompressed, uint8_t **bytes, size_t *capacity,
                              shukei_error *err);
/* Decompresses `length` bytes that are said to become `uncompressed` into *bytes, as
 * sk_page_reserve() makes it. */
shukei_status sk_page_decompress(struct sk_budget *budget, struct sk_codec_state *state,
                                 enum sk_codec codec, const uint8_t *in, size_t length,
                                 size_t uncompressed, uint8_t **bytes, size_t *capacity,
                                 shukei_error *err);

#endif
