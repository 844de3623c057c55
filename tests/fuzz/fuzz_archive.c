/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed streams (.gz, .zst) and tar archives: any bytes end in time, in bounded memory; what
 * our inflater takes, zlib takes too, and the bytes are the same. */
#include "fuzzing.h"

#include "input/tar_read.h"

#include <zlib.h>

#define MOST_TEXT ((size_t)1 << 20)

static uint8_t text[MOST_TEXT], theirs[MOST_TEXT];

static struct sk_object *object_of(const uint8_t *bytes, size_t length)
{
  struct sk_object *object = NULL;
  shukei_error err;
  MUST(!sk_object_from_bytes("a", bytes, length, &object, &err));
  return object;
}

/* Members of a gzip file by zlib, zeros behind them passed over; SIZE_MAX where it is none, or more
 * than MOST_TEXT. */
static size_t by_zlib(const uint8_t *bytes, size_t length)
{
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length};
  size_t out = 0;
  do {
    MUST(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_out = theirs + out;
    stream.avail_out = (uInt)(MOST_TEXT - out);
    const int result = inflate(&stream, Z_FINISH);
    out = MOST_TEXT - stream.avail_out;
    inflateEnd(&stream);
    if (result != Z_STREAM_END)
      return SIZE_MAX;
    for (; stream.avail_in > 0 && *stream.next_in == 0; stream.avail_in--)
      stream.next_in++;
  } while (stream.avail_in > 0);
  return out;
}

static void read_stream(struct sk_object *object, const uint8_t *bytes, size_t length,
                        enum sk_format format, struct sk_budget *budget)
{
  struct sk_stream *stream = NULL;
  shukei_error err = {.status = SHUKEI_OK};
  size_t got = 0;
  MUST(!sk_stream_open(object, format, budget, &stream, &err));
  const shukei_status st = sk_stream_read(stream, text, MOST_TEXT, &got, &err);
  MUST(!st || err.text[0]);
  if (!st && got < MOST_TEXT && format == SK_FORMAT_CSV_GZIP && length > 0)
    MUST(by_zlib(bytes, length) == got && memcmp(text, theirs, got) == 0);
  sk_stream_close(stream);
}

static void read_tar(struct sk_object *object, enum sk_format format, struct sk_budget *budget)
{
  struct sk_stream *stream = NULL;
  struct sk_tar tar;
  struct sk_tar_member member;
  shukei_error err = {.status = SHUKEI_OK};
  bool more = true;
  size_t read = 0, got = 0;
  MUST(!sk_stream_open(object, format, budget, &stream, &err));
  sk_tar_init(&tar, stream, "a", budget);
  while (!sk_tar_next(&tar, &member, &more, &err) && more) {
    MUST(member.folder || member.name[0]);
    if (sk_tar_read(&tar, text, 1000, &got, &err) || (read += got) > MOST_TEXT)
      break;
  }
  sk_tar_reset(&tar);
  sk_stream_close(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const uint32_t kind = take(&input, 1) % 4;
  uint8_t *exact = copy_of(input.at, rest(&input), 0);
  struct sk_object *object = object_of(exact, rest(&input));
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_C(256) << 20);
  if (kind < 2)
    read_stream(object, exact, rest(&input), kind ? SK_FORMAT_CSV_GZIP : SK_FORMAT_CSV_ZSTD,
                &budget);
  else
    read_tar(object, kind == 2 ? SK_FORMAT_CSV : SK_FORMAT_CSV_GZIP, &budget);
  sk_object_close(object);
  MUST(budget.used_bytes == 0);
  free(exact);
  return 0;
}
