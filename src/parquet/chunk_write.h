/* SPDX-License-Identifier: Apache-2.0 */
/* One column of the writer: takes rows, turns a stripe of them into a compressed page, keeps the
 * pages and the dictionary until the row group is written.
 *
 *   sk_chunk_init() -> [ sk_chunk_room() -> sk_chunk_take() ... -> sk_chunk_encode() ] per stripe,
 *   the last one of a row group with `last` -> the writer takes the pages -> sk_chunk_next_group()
 *   -> ... -> sk_chunk_reset()
 *
 * or without a stripe: [ sk_chunk_room() -> sk_chunk_encode_parts() ] per page.
 *
 * sk_chunk_encode() of different columns may run at once, each thread with tools of its own. */
#ifndef SK_PARQUET_CHUNK_WRITE_H
#define SK_PARQUET_CHUNK_WRITE_H

#include "base/buffer.h"
#include "parquet/bound.h"
#include "parquet/codec.h"
#include "parquet/parquet.h"
#include "parquet/slice.h"
#include "parquet/word_set.h"

#define SK_CHUNK_MEMOS 8

/* id of a caller's table -> code + 1, 0 not met in this row group */
struct sk_memo {
  const struct sk_intern *table;
  uint32_t *codes;
  uint32_t capacity;
};

/* A page as it goes to the file, header and body in one block. */
struct sk_encoded_page {
  uint8_t *bytes;           /* NULL: no such page */
  struct sk_shared *shared; /* owns the bytes where another chunk has this page, too; else NULL */
  uint32_t length;
  uint32_t head_length;
  uint32_t raw_length, packed_length; /* of the body: uncompressed, and as the codec has it */
  bool packed;                        /* the body is compressed */
  uint32_t rows, nulls;               /* of a dictionary: its entries, 0 */
  enum sk_encoding encoding;
  bool bounded;      /* there are values, and not only NaN */
  uint64_t min, max; /* words; codes of a text column */
};

/* What a thread needs to encode. */
struct sk_encode_tools {
  struct sk_codec_state *codec;
  struct sk_buffer head, raw, packed;
  uint32_t *codes; /* [page rows], as the next two */
  uint64_t *words;
  struct sk_slice *texts;
};
struct sk_encode_options {
  enum sk_codec codec;
  int level;
  uint32_t page_rows;
  bool page_index;
  uint64_t most_coded_bytes; /* sk_writer_options has it, and the last two */
};

struct sk_chunk_writer {
  struct sk_budget *budget;
  char *name;
  enum sk_write_kind kind;
  bool required;
  /* The stripe: rows that are not in a page yet. */
  uint32_t rows, nulls, capacity;
  uint64_t *words; /* doubles as bits, integers */
  uint32_t *codes; /* texts; SK_NO_ID is null */
  uint8_t *valid;  /* of words; meaningful only where nulls > 0 */
  /* The chunk's dictionary. */
  struct sk_intern texts;
  bool has_texts;
  const struct sk_intern
      *shared;   /* NULL, or the table of all texts: `met` then stands for `texts` */
  uint32_t *met; /* [met_count] by code: id in `shared` */
  uint32_t met_count, met_capacity;
  uint32_t empty_code; /* of the empty text, SK_NO_ID until met */
  uint32_t last_id;
  uint64_t text_bytes;
  struct sk_memo memos[SK_CHUNK_MEMOS];
  unsigned memo_next;
  uint32_t *stamps; /* by code: the last page that has it, from 1 */
  uint32_t stamp_capacity;
  struct sk_word_set set;
  bool uncoded;              /* no codes from here on; of rows in parts `texts` then are bounds */
  bool bloom;                /* of texts: a Bloom filter is wanted */
  bool never_coded;          /* uncoded from each row group's first page on */
  bool always_coded;         /* whether it pays or not */
  enum sk_encoding encoding; /* of pages without codes */
  bool settled;              /* it stands */
  bool fixed;                /* the caller has chosen it */
  /* Rows that are taken as they lie, while they are encoded. */
  const struct sk_write_part *parts;
  size_t part_count;
  uint32_t column; /* this one's place in the parts */
  /* What is encoded. */
  struct sk_encoded_page *pages;
  uint32_t page_count, page_capacity;
  struct sk_encoded_page dictionary;
  bool packed;          /* the chunk's pages are compressed; known when its last page is encoded */
  shukei_status status; /* of sk_chunk_encode() */
  shukei_error error;
};

shukei_status sk_chunk_init(struct sk_chunk_writer *chunk, const struct sk_write_column *column,
                            struct sk_budget *budget, shukei_error *err);
void sk_chunk_reset(struct sk_chunk_writer *chunk);
/* The caller chooses how values are stored; before the first row. */
void sk_chunk_store_as(struct sk_chunk_writer *chunk, enum sk_write_encoding wanted);
/* All texts will come from this table (sk_writer_options.texts); before the first row. */
void sk_chunk_share(struct sk_chunk_writer *chunk, const struct sk_intern *texts);
/* How many texts the dictionary has, and the text of a code. */
uint32_t sk_chunk_text_count(const struct sk_chunk_writer *chunk);
const struct sk_intern_entry *sk_chunk_text(const struct sk_chunk_writer *chunk, uint64_t code);
/* Room for that many rows in the stripe. */
shukei_status sk_chunk_room(struct sk_chunk_writer *chunk, uint32_t rows, shukei_error *err);
/* Frees the room of a stripe without rows. */
void sk_chunk_drop_room(struct sk_chunk_writer *chunk);
/* Appends values[first .. first + rows) to the stripe, which has room. */
shukei_status sk_chunk_take(struct sk_chunk_writer *chunk, const struct sk_write_values *values,
                            size_t first, uint32_t rows, shukei_error *err);
/* The code of a text, which is copied where it is new; SK_NO_ID when memory lacks. */
uint32_t sk_chunk_take_text(struct sk_chunk_writer *chunk, const char *bytes, uint32_t length);
/* Forgets the texts, codes begin anew. */
void sk_chunk_drop_texts(struct sk_chunk_writer *chunk);
/* The table of texts may go away. */
void sk_chunk_forget(struct sk_chunk_writer *chunk, const struct sk_intern *texts);
/* Makes a page of the stripe, and the dictionary page where it is the row group's last one. Sets
 * chunk->status and chunk->error. */
void sk_chunk_encode(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                     const struct sk_encode_options *options, bool last);
/* The same for rows that come in parts and are not in the stripe, which has room for them and is
 * empty; `column` is this one's place in the parts. */
void sk_chunk_encode_parts(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                           const struct sk_encode_options *options,
                           const struct sk_write_part *parts, size_t part_count, uint32_t column,
                           bool last);
/* Makes the dictionary page, unless there is none to be made. */
shukei_status sk_chunk_encode_dictionary(struct sk_chunk_writer *chunk,
                                         struct sk_encode_tools *tools,
                                         const struct sk_encode_options *options,
                                         shukei_error *err);
/* Appends the values of the stripe, or of the parts, to the page in the making and sets its
 * encoding and bounds. */
shukei_status sk_chunk_encode_texts(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                    struct sk_encoded_page *page, shukei_error *err);
shukei_status sk_chunk_encode_words(struct sk_chunk_writer *chunk, struct sk_encode_tools *tools,
                                    const struct sk_encode_options *options,
                                    struct sk_encoded_page *page, shukei_error *err);
/* Codes with their width before them; words as PLAIN. False when memory lacks. */
bool sk_put_codes(struct sk_buffer *raw, const uint32_t *codes, uint32_t count);
bool sk_put_words(struct sk_buffer *raw, enum sk_write_kind kind, const uint64_t *words,
                  uint32_t count);
/* What the page in the making would take: its body, or that compressed where that pays. */
shukei_status sk_stored_bytes(struct sk_encode_tools *tools,
                              const struct sk_encode_options *options, uint64_t *bytes,
                              shukei_error *err);
/* A text that bounds a page without codes: its code, SK_NO_ID when memory lacks. It counts as
 * none of the dictionary. */
uint32_t sk_chunk_keep_bound(struct sk_chunk_writer *chunk, const char *bytes, uint32_t length);
/* Frees a page's bytes, unless another chunk has them, too. */
void sk_page_drop_bytes(struct sk_encoded_page *page);
/* Room for one more page. */
shukei_status sk_chunk_page_room(struct sk_chunk_writer *chunk, shukei_error *err);
/* Forgets pages and dictionary. */
void sk_chunk_next_group(struct sk_chunk_writer *chunk);

enum sk_type sk_chunk_type(const struct sk_chunk_writer *chunk);
/* Below, equal, above 0 as two bounds of pages compare. */
int sk_chunk_compare(const struct sk_chunk_writer *chunk, uint64_t a, uint64_t b);
/* The bytes of a page's bounds for statistics; false where no upper bound can be given. */
bool sk_chunk_bounds(const struct sk_chunk_writer *chunk, uint64_t min, uint64_t max,
                     struct sk_bound *lower, struct sk_bound *upper);

/* Appends the Bloom filter of the row group's texts, where one is wanted and all of them are in the
 * dictionary (chunk_bloom.c). False when memory lacks. */
bool sk_chunk_put_bloom(const struct sk_chunk_writer *chunk, bool wanted, struct sk_buffer *out);

/* ---- twins: columns of mostly the same texts (chunk_twin.c) ---- */

/* Whether every row of the parts has the same text in both columns. */
bool sk_parts_have_twins(const struct sk_write_part *parts, size_t part_count, uint32_t a,
                         uint32_t b);
/* Makes an empty chunk go on as `from` would; it shares its pages and dictionary. */
shukei_status sk_chunk_follow(struct sk_chunk_writer *chunk, struct sk_chunk_writer *from,
                              shukei_error *err);
/* Shares the last page, where both are plain. */
shukei_status sk_chunk_share_page(struct sk_chunk_writer *chunk, struct sk_chunk_writer *from,
                                  shukei_error *err);

void sk_encode_tools_init(struct sk_encode_tools *tools, struct sk_budget *budget);
void sk_encode_tools_reset(struct sk_encode_tools *tools);

#endif
