/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one sorted run: sk_run_reader_open() -> record -> sk_run_reader_next() -> ... ->
 * sk_run_reader_close().
 *
 * Each read fetches a block and the header behind it, so that a block costs one system call.
 * Nothing of a block is looked at before its checksum fits; the header's lengths, which are needed
 * to fetch it, are first compared with what the run knows of itself. The records' own lengths are
 * checked all the same: a checksum of 32 bits can be right by chance, and then bytes outside the
 * block must not be touched. */
#include "base/bytes.h"
#include "base/spill.h"

#include <assert.h>
#include <lz4.h>
#include <string.h>

/* Reads on in the run's chain of chunks; the chunks left behind are given back if wanted. */
static shukei_status fetch(struct sk_run_reader *reader, uint8_t *bytes, size_t length,
                           shukei_error *err)
{
  struct sk_run *run = reader->run;
  while (length > 0) {
    if (reader->chunk_used == SK_SPILL_CHUNK_BYTES) {
      const uint32_t done = reader->chunk;
      reader->chunk = sk_spill_next(run->spill, done);
      reader->chunk_used = 0;
      if (reader->consume) {
        sk_spill_release(run->spill, done, done);
        run->first_chunk = reader->chunk;
      }
    }
    const size_t room = SK_SPILL_CHUNK_BYTES - reader->chunk_used;
    const size_t part = length < room ? length : room;
    const shukei_status st =
        sk_spill_read(run->spill, reader->chunk, reader->chunk_used, bytes, part, err);
    if (st)
      return st;
    reader->chunk_used += (uint32_t)part;
    reader->left -= part;
    bytes += part;
    length -= part;
  }
  return SHUKEI_OK;
}

static void free_buffers(struct sk_run_reader *reader)
{
  sk_free(reader->plain);
  sk_free(reader->key);
  reader->plain = reader->key = NULL;
  reader->plain_capacity = reader->key_capacity = 0;
}

/* All is read: the memory and what is left of the chain go back. */
static void finish(struct sk_run_reader *reader)
{
  struct sk_run *run = reader->run;
  free_buffers(reader);
  reader->at = reader->end = NULL;
  reader->record = (struct sk_record){.key = NULL};
  if (reader->consume) {
    sk_spill_release(run->spill, run->first_chunk, run->last_chunk);
    run->first_chunk = run->last_chunk = SK_NO_CHUNK;
  }
}

/* Makes room for a block's records and the header behind them; not more than a usual block's where
 * that will do. */
static shukei_status fit_plain(struct sk_run_reader *reader, size_t length, shukei_error *err)
{
  const struct sk_run *run = reader->run;
  const size_t usual = (run->longest_block < SK_BLOCK_BYTES ? run->longest_block : SK_BLOCK_BYTES) +
                       SK_BLOCK_HEADER_BYTES;
  const size_t wanted =
      length + SK_BLOCK_HEADER_BYTES > usual ? length + SK_BLOCK_HEADER_BYTES : usual;
  if (wanted == reader->plain_capacity)
    return SHUKEI_OK;
  struct sk_budget *budget = sk_spill_budget(run->spill);
  sk_free(reader->plain); /* before: two long blocks at once are more than there may be room for */
  reader->plain_capacity = 0;
  reader->plain = sk_alloc(budget, wanted);
  if (!reader->plain)
    return sk_fail_memory(err, budget, wanted, "a block of a sorted run");
  reader->plain_capacity = wanted;
  return SHUKEI_OK;
}

/* Reads the next block, whose header is known, and the header behind it. */
static shukei_status next_block(struct sk_run_reader *reader, uint8_t *packed, shukei_error *err)
{
  const struct sk_run *run = reader->run;
  const size_t stored = sk_le32(reader->header), length = sk_le32(reader->header + 4);
  const uint32_t crc = sk_le32(reader->header + 8);
  const bool is_packed = stored < length;
  if (length == 0 || length > run->longest_block || stored == 0 || stored > length ||
      stored > reader->left || (is_packed && length > SK_BLOCK_BYTES))
    return sk_spill_damaged(run->spill, run, reader->block, err);
  const uint64_t behind = reader->left - stored;
  const size_t next = behind ? SK_BLOCK_HEADER_BYTES : 0;
  if (behind && behind <= SK_BLOCK_HEADER_BYTES)
    return sk_spill_damaged(run->spill, run, reader->block, err);
  shukei_status st = fit_plain(reader, length, err);
  if (st)
    return st;
  uint8_t *const bytes = is_packed ? packed : reader->plain;
  st = fetch(reader, bytes, stored + next, err);
  if (st)
    return st;
  if (sk_spill_crc(run, reader->block, reader->header, bytes, stored) != crc ||
      (is_packed && LZ4_decompress_safe((const char *)packed, (char *)reader->plain, (int)stored,
                                        (int)length) != (int)length))
    return sk_spill_damaged(run->spill, run, reader->block, err);
  memcpy(reader->header, bytes + stored, next);
  reader->at = reader->plain;
  reader->end = reader->plain + length;
  reader->block++;
  return SHUKEI_OK;
}

/* Takes a length at *at; SIZE_MAX where none stands there. */
static inline size_t take_length(const uint8_t **at, const uint8_t *end)
{
  size_t length = 0;
  for (unsigned shift = 0; *at < end && shift < 7 * SK_LENGTH_MOST_BYTES; shift += 7) {
    const uint8_t byte = *(*at)++;
    length |= (size_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      return length;
  }
  return SIZE_MAX;
}

static shukei_status enlarge_key(struct sk_run_reader *reader, size_t length, shukei_error *err)
{
  struct sk_budget *budget = sk_spill_budget(reader->run->spill);
  const size_t capacity = length + length / 2 + 64;
  uint8_t *moved = sk_realloc(budget, reader->key, capacity);
  if (!moved)
    return sk_fail_memory(err, budget, capacity, "a record of a sorted run");
  reader->key = moved;
  reader->key_capacity = capacity;
  return SHUKEI_OK;
}

shukei_status sk_run_reader_next(struct sk_run_reader *reader, uint8_t *packed, shukei_error *err)
{
  const struct sk_run *run = reader->run;
  size_t known = reader->record.key_length; /* of the key, to be shared */
  if (reader->at == reader->end) {
    if (reader->left == 0) {
      finish(reader);
      return SHUKEI_OK;
    }
    const shukei_status st = next_block(reader, packed, err);
    if (st)
      return st;
    known = 0;
  }
  const uint8_t *at = reader->at;
  const size_t shared = take_length(&at, reader->end);
  const size_t rest = take_length(&at, reader->end);
  const size_t payload = take_length(&at, reader->end);
  const size_t room = (size_t)(reader->end - at);
  if (shared > known || rest > room || payload > room - rest)
    return sk_spill_damaged(run->spill, run, reader->block - 1, err);
  if (shared + rest > reader->key_capacity) {
    const shukei_status st = enlarge_key(reader, shared + rest, err);
    if (st)
      return st;
  }
  memcpy(reader->key + shared, at, rest);
  reader->record = (struct sk_record){reader->key, at + rest, shared + rest, payload};
  reader->at = at + rest + payload;
  return SHUKEI_OK;
}

shukei_status sk_run_reader_open(struct sk_run_reader *reader, struct sk_run *run, bool consume,
                                 uint8_t *packed, shukei_error *err)
{
  assert(run->ended);
  *reader = (struct sk_run_reader){
      .run = run, .consume = consume, .chunk = run->first_chunk, .left = run->bytes};
  if (run->bytes == 0)
    return SHUKEI_OK;
  shukei_status st = enlarge_key(reader, 0, err); /* an empty key has a place as well */
  if (!st)
    st = fetch(reader, reader->header, SK_BLOCK_HEADER_BYTES, err);
  return st ? st : sk_run_reader_next(reader, packed, err);
}

void sk_run_reader_close(struct sk_run_reader *reader)
{
  free_buffers(reader);
  *reader = (struct sk_run_reader){.run = NULL};
}
