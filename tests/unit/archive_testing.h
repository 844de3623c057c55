/* SPDX-License-Identifier: Apache-2.0 */
/* Archives for tests: tar headers by hand, so that they can be wrong, and gzip around them. */
#ifndef SK_TESTS_ARCHIVE_TESTING_H
#define SK_TESTS_ARCHIVE_TESTING_H

#include "input_testing.h"

#include "base/buffer.h"

#include <zlib.h>

#define TAR_MOST ((size_t)64 << 20)

static inline void tar_sum(uint8_t *block)
{
  unsigned sum = 0;
  memset(block + 148, ' ', 8);
  for (int i = 0; i < 512; i++)
    sum += block[i];
  snprintf((char *)block + 148, 8, "%06o", sum);
}

/* A header; size may be another than what follows. */
static inline void tar_header(struct sk_buffer *tar, const char *name, char type, uint64_t size)
{
  uint8_t block[512] = {0};
  memcpy(block, name, strlen(name) < 100 ? strlen(name) : 100);
  memcpy(block + 100, "0000644", 7);
  for (int i = 0; i < 11; i++)
    block[134 - i] = (uint8_t)('0' + (size >> 3 * i & 7));
  memcpy(block + 136, "00000000000", 11);
  block[156] = (uint8_t)type;
  memcpy(block + 257, "ustar\00000", 8);
  tar_sum(block);
  sk_buffer_add(tar, block, sizeof block);
}

static inline void tar_bytes(struct sk_buffer *tar, const void *bytes, size_t length)
{
  static const uint8_t zeros[512];
  sk_buffer_add(tar, bytes, length);
  sk_buffer_add(tar, zeros, (512 - length % 512) % 512);
}

static inline void tar_member(struct sk_buffer *tar, const char *name, char type, const char *text)
{
  tar_header(tar, name, type, strlen(text));
  tar_bytes(tar, text, strlen(text));
}

static inline void tar_end(struct sk_buffer *tar)
{
  static const uint8_t zeros[1024];
  sk_buffer_add(tar, zeros, sizeof zeros);
}

/* gzip of the bytes into out. */
static inline void gzip_bytes(struct sk_buffer *out, const void *bytes, size_t length)
{
  uint8_t piece[65536];
  int done = Z_OK;
  z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  while (done == Z_OK) {
    z.next_out = piece;
    z.avail_out = sizeof piece;
    done = deflate(&z, Z_FINISH);
    sk_buffer_add(out, piece, sizeof piece - z.avail_out);
  }
  assert_int_equal(done, Z_STREAM_END);
  assert_false(out->failed);
  deflateEnd(&z);
}

/* Writes the tar as a gzip file. */
static inline void put_archive(const char *path, const struct sk_buffer *tar)
{
  struct sk_buffer packed;
  sk_buffer_init(&packed, NULL, TAR_MOST);
  gzip_bytes(&packed, tar->bytes, tar->length);
  put_file(path, packed.bytes, packed.length);
  sk_buffer_reset(&packed);
}

#endif
