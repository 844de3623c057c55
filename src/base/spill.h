/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of runs share: the temporary file as chunks, and blocks as they lie in it.
 * Private to spill.c, runs.c, runs_read.c and runs_merge.c. */
#ifndef SK_BASE_SPILL_H
#define SK_BASE_SPILL_H

#include "base/runs.h"

#define SK_SPILL_CHUNK_BYTES ((uint32_t)256 << 10)
#define SK_NO_CHUNK UINT32_MAX
/* Record bytes of a block; only one with a single record may be longer. At most 64 KiB: there LZ4
 * works with 16-bit positions. */
#define SK_BLOCK_BYTES ((size_t)64 << 10)
/* A block's header: stored length, record bytes, CRC-32 (all little-endian). */
#define SK_BLOCK_HEADER_BYTES ((size_t)12)

struct sk_run {
  struct sk_spill *spill;
  uint64_t serial;                  /* tells the runs of a file apart, also in checksums */
  uint64_t bytes, records;          /* in the file; added */
  uint32_t first_chunk, last_chunk; /* SK_NO_CHUNK: nothing written */
  uint32_t last_used;               /* bytes of the last chunk */
  uint32_t blocks;
  uint32_t longest_block; /* record bytes */
  bool ended;
  /* Growing runs only: */
  uint8_t *block;                      /* header, then the records so far */
  size_t block_length, block_capacity; /* without the header */
  uint8_t *packed;                     /* header, then the compressed records */
  uint8_t *key;                        /* the last one */
  size_t key_length, key_capacity;
};

/* A run being read: record is the current one, key NULL behind the last. */
struct sk_run_reader {
  struct sk_record record;
  struct sk_run *run;
  bool consume;
  uint32_t chunk, chunk_used;
  uint64_t left;                         /* bytes of the file behind the header that is known */
  uint32_t block;                        /* number of the next one */
  uint8_t header[SK_BLOCK_HEADER_BYTES]; /* of the next block */
  uint8_t *plain;                        /* the block's records, then the next header */
  size_t plain_capacity;
  const uint8_t *at, *end;
  uint8_t *key;
  size_t key_capacity;
};

/* The budget that everything of a spill is charged to. */
struct sk_budget *sk_spill_budget(const struct sk_spill *spill);
uint64_t sk_spill_serial(struct sk_spill *spill); /* another one at each call */
/* Links a chunk behind *chunk (SK_NO_CHUNK: a first one), which it replaces; makes the file. */
shukei_status sk_spill_chain(struct sk_spill *spill, uint32_t *chunk, shukei_error *err);
uint32_t sk_spill_next(struct sk_spill *spill, uint32_t chunk);
/* Gives the chunks from first to last, which follow one another, to later ones. */
void sk_spill_release(struct sk_spill *spill, uint32_t first, uint32_t last);
shukei_status sk_spill_write(struct sk_spill *spill, uint32_t chunk, uint32_t offset,
                             const void *bytes, size_t length, shukei_error *err);
shukei_status sk_spill_read(struct sk_spill *spill, uint32_t chunk, uint32_t offset, void *bytes,
                            size_t length, shukei_error *err);
/* EIO: the bytes are not those that were written. */
shukei_status sk_spill_damaged(const struct sk_spill *spill, const struct sk_run *run,
                               uint32_t block, shukei_error *err);

/* The checksum of a block: of where it belongs, of its header's lengths and of its stored bytes. A
 * block of an earlier user of the place is sound in itself, and still not the one looked for. */
uint32_t sk_spill_crc(const struct sk_run *run, uint32_t block, const uint8_t *header,
                      const void *stored, size_t stored_length);

/* Reads the first record. `packed` has room for SK_BLOCK_BYTES and a header and is needed during
 * the call only: one serves all readers of a thread. */
shukei_status sk_run_reader_open(struct sk_run_reader *reader, struct sk_run *run, bool consume,
                                 uint8_t *packed, shukei_error *err);
/* Steps to the next record; behind the last, record.key is NULL. */
shukei_status sk_run_reader_next(struct sk_run_reader *reader, uint8_t *packed, shukei_error *err);
void sk_run_reader_close(struct sk_run_reader *reader);

/* Lengths of seven bits a byte, the lowest first. */
static inline uint8_t *sk_put_length(uint8_t *at, size_t length)
{
  for (; length >= 0x80; length >>= 7)
    *at++ = (uint8_t)(length | 0x80);
  *at++ = (uint8_t)length;
  return at;
}
#define SK_LENGTH_MOST_BYTES ((size_t)5) /* up to SK_RECORD_MOST_BYTES */

#endif
