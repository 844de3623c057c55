/* SPDX-License-Identifier: Apache-2.0 */
/* The Bloom filter of a column chunk of texts. Its dictionary has each of them once, so the filter
 * is exactly as large as it needs to be, and what it costs is a hash a distinct text when the row
 * group is written. */
#include "parquet/bloom.h"
#include "parquet/chunk_write.h"

#include <string.h>

bool sk_chunk_put_bloom(const struct sk_chunk_writer *chunk, bool wanted, struct sk_buffer *out)
{
  const uint32_t count = chunk->uncoded ? 0 : sk_chunk_text_count(chunk);
  const size_t size = sk_bloom_size(count);
  if (!wanted || !count)
    return true;
  sk_bloom_put_header(out, size);
  if (!sk_buffer_reserve(out, size))
    return false;
  uint8_t *const bits = out->bytes + out->length;
  memset(bits, 0, size);
  for (uint32_t code = 0; code < count; code++) {
    const struct sk_intern_entry *const text = sk_chunk_text(chunk, code);
    sk_bloom_insert(bits, size, sk_bloom_hash(text->bytes, text->length));
  }
  out->length += size;
  return true;
}
