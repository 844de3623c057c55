/* SPDX-License-Identifier: Apache-2.0 */
/* ustar headers by hand: 512 bytes of fixed fields, numbers in octal, a sum over the header with
 * its own field taken as blanks. */
#include "generate/tar_write.h"

#include <stdio.h>

#define LARGEST_OCTAL ((UINT64_C(1) << 33) - 1)

void sk_tar_header(struct sk_buffer *out, const char *name, uint64_t bytes, int64_t mtime)
{
  char block[SK_TAR_BLOCK] = {0};
  unsigned sum = 0;
  snprintf(block, 100, "%s", name);
  memcpy(block + 100, "0000644\0000000000\0000000000", 24);
  if (bytes <= LARGEST_OCTAL) {
    snprintf(block + 124, 12, "%011" PRIo64, bytes);
  } else {
    block[124] = (char)0x80;
    for (int i = 0; i < 8; i++)
      block[135 - i] = (char)(bytes >> 8 * i);
  }
  snprintf(block + 136, 12, "%011" PRIo64, (uint64_t)(mtime < 0 ? 0 : mtime) & LARGEST_OCTAL);
  memset(block + 148, ' ', 8);
  block[156] = '0';
  memcpy(block + 257, "ustar\00000root", 13);
  memcpy(block + 297, "root", 4);
  for (size_t i = 0; i < sizeof block; i++)
    sum += (uint8_t)block[i];
  snprintf(block + 148, 8, "%06o", sum);
  sk_buffer_add(out, block, sizeof block);
}

void sk_tar_pad(struct sk_buffer *out, uint64_t bytes)
{
  static const uint8_t zeros[SK_TAR_BLOCK];
  sk_buffer_add(out, zeros, (size_t)((SK_TAR_BLOCK - bytes % SK_TAR_BLOCK) % SK_TAR_BLOCK));
}

void sk_tar_end(struct sk_buffer *out)
{
  static const uint8_t zeros[SK_TAR_BLOCK * 2];
  sk_buffer_add(out, zeros, sizeof zeros);
}
