/* SPDX-License-Identifier: Apache-2.0 */
/* For targets that take whole Parquet files: bytes are changed by the parts that a file has, the
 * footer, with its length put right, or a page. */
#ifndef SK_TESTS_MUTATING_H
#define SK_TESTS_MUTATING_H

#include "fuzzing.h"

#include "base/bytes.h"

#define TAIL 8 /* length of the footer, magic number */

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);

/* Where the footer begins; `length` where there is none. */
static inline size_t footer_of(const uint8_t *bytes, size_t length)
{
  if (length < 4 + TAIL || memcmp(bytes + length - 4, "PAR1", 4) != 0)
    return length;
  const uint32_t footer = sk_le32(bytes + length - TAIL);
  return footer <= length - 4 - TAIL ? length - TAIL - footer : length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
  const size_t footer = footer_of(bytes, length);
  if (footer == length || most < length + 64)
    return LLVMFuzzerMutate(bytes, length, most);
  const size_t footer_length = length - TAIL - footer;
  if (seed % 3 == 0 && footer > 4) { /* pages: nothing moves, so that offsets hold */
    const size_t at = 4 + seed / 3 % (footer - 4);
    const size_t part = footer - at < 64 ? footer - at : 64;
    LLVMFuzzerMutate(bytes + at, part, part);
    return length;
  }
  uint8_t *changed = malloc(footer_length + 64);
  MUST(changed);
  memcpy(changed, bytes + footer, footer_length);
  const size_t now = LLVMFuzzerMutate(changed, footer_length, footer_length + 64);
  memcpy(bytes + footer, changed, now);
  free(changed);
  sk_put_le32(bytes + footer + now, (uint32_t)now);
  memcpy(bytes + footer + now + 4, "PAR1", 4);
  return footer + now + TAIL;
}

#endif
