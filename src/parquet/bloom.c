/* SPDX-License-Identifier: Apache-2.0 */
/* A value is looked for in one block, so of a large filter only the blocks that count are read. */
#include "parquet/bloom.h"

#include "base/bytes.h"
#include "parquet/thrift.h"
#include "parquet/thrift_write.h"

#include <xxhash.h>

#define LARGEST (UINT32_C(128) << 20) /* what other readers take at most */
/* Bits a value, in hundredths, of which one in a hundred others is found: -8 / log(1 - pow(0.01,
 * 1.0 / 8)). */
#define CENTIBITS 969
/* Read in one go up to here. */
#define WHOLE_BYTES (UINT32_C(64) << 10)
#define HEADER_MOST 64 /* ours takes 15 */

static const uint32_t salts[8] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                  0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

uint64_t sk_bloom_hash(const void *bytes, size_t length)
{
  return XXH64(bytes, length, 0);
}

size_t sk_bloom_size(uint64_t distinct)
{
  const uint64_t values = distinct < LARGEST ? distinct : LARGEST;
  size_t size = SK_BLOOM_BLOCK;
  while (size < LARGEST && size * UINT64_C(800) < values * CENTIBITS)
    size *= 2;
  return size;
}

/* Offset of the hash's block. */
static size_t block_of(size_t size, uint64_t hash)
{
  return (size_t)((hash >> 32) * (size / SK_BLOOM_BLOCK) >> 32) * SK_BLOOM_BLOCK;
}

static uint32_t bit_of(uint64_t hash, unsigned word)
{
  return UINT32_C(1) << ((uint32_t)hash * salts[word] >> 27);
}

void sk_bloom_insert(uint8_t *bits, size_t size, uint64_t hash)
{
  uint8_t *const block = bits + block_of(size, hash);
  for (unsigned i = 0; i < 8; i++)
    sk_put_le32(block + 4 * i, sk_le32(block + 4 * i) | bit_of(hash, i));
}

static bool block_has(const uint8_t *block, uint64_t hash)
{
  bool all = true;
  for (unsigned i = 0; i < 8; i++)
    all = all && (sk_le32(block + 4 * i) & bit_of(hash, i));
  return all;
}

bool sk_bloom_may_have(const uint8_t *bits, size_t size, uint64_t hash)
{
  return block_has(bits + block_of(size, hash), hash);
}

void sk_bloom_put_header(struct sk_buffer *out, size_t size)
{
  struct sk_compact to;
  sk_compact_init(&to, out);
  sk_compact_i32(&to, 1, (int32_t)size);
  for (int16_t field = 2; field <= 4; field++) { /* BLOCK, XXHASH, UNCOMPRESSED */
    sk_compact_begin(&to, field);
    sk_compact_begin(&to, 1);
    sk_compact_end(&to);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Whether the union's member is the first one, of each union here the only one that there is. */
static bool is_first_member(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  struct sk_thrift_field f = {0};
  bool first = false;
  if (!sk_thrift_struct(t, field))
    return false;
  while (sk_thrift_field(t, &f)) {
    first = f.id == 1;
    sk_thrift_skip(t, &f);
  }
  return first;
}

/* BloomFilterHeader; 0 where it is none of a filter that we know, else its length. */
static size_t parse_header(const uint8_t *bytes, size_t length, uint32_t *size)
{
  struct sk_thrift t;
  struct sk_thrift_field f = {0};
  int32_t told = 0;
  unsigned known = 0;
  sk_thrift_init(&t, bytes, length);
  while (sk_thrift_field(&t, &f)) {
    if (f.id == 1)
      told = sk_thrift_i32(&t, &f);
    else if (f.id >= 2 && f.id <= 4)
      known |= (unsigned)is_first_member(&t, &f) << f.id;
    else
      sk_thrift_skip(&t, &f);
  }
  if (t.error || known != (1u << 2 | 1u << 3 | 1u << 4) || told <= 0 || told % SK_BLOOM_BLOCK)
    return 0;
  *size = (uint32_t)told;
  return sk_thrift_position(&t);
}

shukei_status sk_bloom_find(struct sk_file *file, uint32_t group, int column,
                            struct sk_bloom_place *place, shukei_error *err)
{
  const struct sk_chunk_meta *const chunk = &file->meta.groups[group].chunks[column];
  uint8_t head[HEADER_MOST];
  *place = (struct sk_bloom_place){.size = 0};
  if (chunk->bloom_filter_offset < 0 || (uint64_t)chunk->bloom_filter_offset >= file->data_end)
    return SHUKEI_OK;
  place->begin = (uint64_t)chunk->bloom_filter_offset;
  const uint64_t left = file->data_end - place->begin;
  const uint64_t told = (uint64_t)chunk->bloom_filter_length; /* counts only where it is above 0 */
  const uint64_t room = chunk->bloom_filter_length > 0 && told < left ? told : left;
  const size_t length = room < sizeof head ? (size_t)room : sizeof head;
  const shukei_status st = sk_object_read(file->object, place->begin, head, length, err);
  if (st)
    return st;
  const size_t head_length = parse_header(head, length, &place->size);
  if (!head_length || place->size > room - head_length)
    place->size = 0;
  place->bits = place->begin + head_length;
  return SHUKEI_OK;
}

shukei_status sk_bloom_read(struct sk_file *file, const struct sk_bloom_place *place,
                            struct sk_budget *budget, uint8_t **bits, shukei_error *err)
{
  *bits = sk_alloc(budget, place->size);
  if (!*bits)
    return sk_fail_memory(err, budget, place->size, "a Bloom filter");
  const shukei_status st = sk_object_read(file->object, place->bits, *bits, place->size, err);
  if (st) {
    sk_free(*bits);
    *bits = NULL;
  }
  return st;
}

static shukei_status look_up(struct sk_file *file, const struct sk_bloom_place *place,
                             uint64_t hash, bool *found, shukei_error *err)
{
  uint8_t block[SK_BLOOM_BLOCK];
  const shukei_status st = sk_object_read(file->object, place->bits + block_of(place->size, hash),
                                          block, sizeof block, err);
  *found = !st && block_has(block, hash);
  return st;
}

shukei_status sk_bloom_lacks(struct sk_file *file, uint32_t group, int column,
                             const uint64_t *hashes, size_t count, struct sk_budget *budget,
                             bool *lacks, shukei_error *err)
{
  struct sk_bloom_place place;
  uint8_t *whole = NULL;
  bool found = false;
  *lacks = false;
  shukei_status st = sk_bloom_find(file, group, column, &place, err);
  if (st || !place.size)
    return st;
  if (place.size <= WHOLE_BYTES)
    st = sk_bloom_read(file, &place, budget, &whole, err);
  for (size_t i = 0; !st && !found && i < count; i++) {
    if (whole)
      found = sk_bloom_may_have(whole, place.size, hashes[i]);
    else
      st = look_up(file, &place, hashes[i], &found, err);
  }
  sk_free(whole);
  *lacks = !st && !found;
  return st;
}
