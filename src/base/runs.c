/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a sorted run: sk_run_begin() -> sk_run_add()... -> sk_run_end().
 *
 * Records gather in a block of 64 KiB. Sorted keys begin alike, so a record holds only what its key
 * does not share with the one before it in the block:
 *
 *   length of the shared part, of the rest, of the payload (7 bits a byte); the rest; the payload
 *
 * A full block is compressed with LZ4, stored as it is where that gains nothing, and written behind
 * a header with its lengths and a checksum. A record longer than a block gets one of its own, never
 * compressed: that would take a second buffer of its size. Blocks follow one another in the run's
 * chain of chunks without regard for the chunks' borders. */
#include "base/bytes.h"
#include "base/spill.h"

#include <assert.h>
#include <lz4.h>
#include <string.h>

shukei_status sk_run_begin(struct sk_spill *spill, struct sk_run **out, shukei_error *err)
{
  struct sk_budget *budget = sk_spill_budget(spill);
  *out = NULL;
  struct sk_run *run = sk_calloc(budget, 1, sizeof *run);
  if (!run)
    return sk_fail_memory(err, budget, SK_RUN_MEMORY_BYTES, "a sorted run");
  run->spill = spill;
  run->serial = sk_spill_serial(spill);
  run->first_chunk = run->last_chunk = SK_NO_CHUNK;
  run->block_capacity = SK_BLOCK_BYTES;
  run->block = sk_alloc(budget, SK_BLOCK_HEADER_BYTES + SK_BLOCK_BYTES);
  run->packed = sk_alloc(budget, SK_BLOCK_HEADER_BYTES + SK_BLOCK_BYTES);
  if (!run->block || !run->packed) {
    sk_run_free(run);
    return sk_fail_memory(err, budget, SK_RUN_MEMORY_BYTES, "a sorted run");
  }
  *out = run;
  return SHUKEI_OK;
}

static void free_buffers(struct sk_run *run)
{
  sk_free(run->block);
  sk_free(run->packed);
  sk_free(run->key);
  run->block = run->packed = run->key = NULL;
}

void sk_run_free(struct sk_run *run)
{
  if (!run)
    return;
  sk_spill_release(run->spill, run->first_chunk, run->last_chunk);
  free_buffers(run);
  sk_free(run);
}

uint64_t sk_run_records(const struct sk_run *run)
{
  return run->records;
}

/* Appends bytes to the run's chain. */
static shukei_status append(struct sk_run *run, const uint8_t *bytes, size_t length,
                            shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  while (length > 0) {
    if (run->last_chunk == SK_NO_CHUNK || run->last_used == SK_SPILL_CHUNK_BYTES) {
      st = sk_spill_chain(run->spill, &run->last_chunk, err);
      if (st)
        return st;
      if (run->first_chunk == SK_NO_CHUNK)
        run->first_chunk = run->last_chunk;
      run->last_used = 0;
    }
    const size_t room = SK_SPILL_CHUNK_BYTES - run->last_used;
    const size_t part = length < room ? length : room;
    st = sk_spill_write(run->spill, run->last_chunk, run->last_used, bytes, part, err);
    if (st)
      return st;
    run->last_used += (uint32_t)part;
    run->bytes += part;
    bytes += part;
    length -= part;
  }
  return SHUKEI_OK;
}

/* Writes the block and begins the next. */
static shukei_status flush(struct sk_run *run, shukei_error *err)
{
  const size_t length = run->block_length;
  uint8_t *out = run->block;
  size_t stored = length;
  if (length == 0)
    return SHUKEI_OK;
  if (length <= SK_BLOCK_BYTES) {
    /* Room for one byte less than the records: 0 tells that nothing is gained. */
    const int packed = LZ4_compress_default((const char *)run->block + SK_BLOCK_HEADER_BYTES,
                                            (char *)run->packed + SK_BLOCK_HEADER_BYTES,
                                            (int)length, (int)length - 1);
    if (packed > 0) {
      out = run->packed;
      stored = (size_t)packed;
    }
  }
  sk_put_le32(out, (uint32_t)stored);
  sk_put_le32(out + 4, (uint32_t)length);
  sk_put_le32(out + 8, sk_spill_crc(run, run->blocks, out, out + SK_BLOCK_HEADER_BYTES, stored));
  const shukei_status st = append(run, out, SK_BLOCK_HEADER_BYTES + stored, err);
  if (st)
    return st;
  run->blocks++;
  if (length > run->longest_block)
    run->longest_block = (uint32_t)length;
  run->block_length = 0;
  if (run->block_capacity > SK_BLOCK_BYTES) { /* after a long record */
    uint8_t *block =
        sk_realloc(sk_spill_budget(run->spill), run->block, SK_BLOCK_HEADER_BYTES + SK_BLOCK_BYTES);
    if (block) { /* else the longer one serves as well */
      run->block = block;
      run->block_capacity = SK_BLOCK_BYTES;
    }
  }
  return SHUKEI_OK;
}

/* Makes *bytes at least `wanted` long. */
static shukei_status enlarge(struct sk_run *run, uint8_t **bytes, size_t wanted, shukei_error *err)
{
  struct sk_budget *budget = sk_spill_budget(run->spill);
  uint8_t *moved = sk_realloc(budget, *bytes, wanted);
  if (!moved)
    return sk_fail_memory(err, budget, wanted, "a record of a sorted run");
  *bytes = moved;
  return SHUKEI_OK;
}

/* How many bytes the key shares with the last one. Asserts the order. */
static size_t shared_length(const struct sk_run *run, const uint8_t *key, size_t length)
{
  const size_t most = length < run->key_length ? length : run->key_length;
  size_t shared = 0;
  while (most - shared >= 8 && memcmp(run->key + shared, key + shared, 8) == 0)
    shared += 8;
  while (shared < most && run->key[shared] == key[shared])
    shared++;
  assert(shared == most ? length >= run->key_length : key[shared] > run->key[shared]);
  return shared;
}

/* Keeps the key for the next record to be compared with. */
static shukei_status keep_key(struct sk_run *run, const uint8_t *key, size_t length, size_t shared,
                              shukei_error *err)
{
  if (length > run->key_capacity || !run->key) {
    const size_t capacity = length + length / 2 + 64;
    const shukei_status st = enlarge(run, &run->key, capacity, err);
    if (st)
      return st;
    run->key_capacity = capacity;
  }
  if (length > shared)
    memcpy(run->key + shared, key + shared, length - shared);
  run->key_length = length;
  return SHUKEI_OK;
}

shukei_status sk_run_add(struct sk_run *run, const void *key, size_t key_length,
                         const void *payload, size_t payload_length, shukei_error *err)
{
  assert(!run->ended);
  if (key_length > SK_RECORD_MOST_BYTES || payload_length > SK_RECORD_MOST_BYTES - key_length)
    return sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "record of a sorted run: key of %zu bytes and payload of %zu, of at most %zu",
                   key_length, payload_length, SK_RECORD_MOST_BYTES);
  const size_t known = shared_length(run, key, key_length);
  shukei_status st = keep_key(run, key, key_length, known, err);
  if (st)
    return st;
  size_t shared = run->block_length ? known : 0;
  size_t wanted = 3 * SK_LENGTH_MOST_BYTES + key_length - shared + payload_length;
  if (run->block_length && wanted > SK_BLOCK_BYTES - run->block_length) {
    st = flush(run, err);
    if (st)
      return st;
    wanted += shared;
    shared = 0;
  }
  if (wanted > run->block_capacity) {
    st = enlarge(run, &run->block, SK_BLOCK_HEADER_BYTES + wanted, err);
    if (st)
      return st;
    run->block_capacity = wanted;
  }
  uint8_t *const begin = run->block + SK_BLOCK_HEADER_BYTES;
  uint8_t *at = begin + run->block_length;
  at = sk_put_length(at, shared);
  at = sk_put_length(at, key_length - shared);
  at = sk_put_length(at, payload_length);
  if (key_length > shared)
    memcpy(at, (const uint8_t *)key + shared, key_length - shared);
  at += key_length - shared;
  if (payload_length)
    memcpy(at, payload, payload_length);
  run->block_length = (size_t)(at + payload_length - begin);
  run->records++;
  /* A block longer than LZ4 takes ends here. */
  return run->block_length > SK_BLOCK_BYTES ? flush(run, err) : SHUKEI_OK;
}

shukei_status sk_run_end(struct sk_run *run, shukei_error *err)
{
  const shukei_status st = flush(run, err);
  if (st)
    return st;
  free_buffers(run);
  run->ended = true;
  return SHUKEI_OK;
}
