/* SPDX-License-Identifier: Apache-2.0 */
/* A file's pieces of 256 KiB go through zlib or zstd; both may hold several members or frames one
 * behind the other. A tar archive is read from its beginning up to the member that is wanted, whose
 * bytes then are the flow's. */
#include "validate/plain_flow.h"

#include "store/store.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define PIECE_BYTES ((size_t)256 << 10)
#define TAR_BLOCK 512
#define NAME_BYTES 4096

struct sk_flow {
  struct sk_object *object;
  struct sk_budget *budget;
  enum sk_flow_form form;
  uint64_t taken;
  uint8_t *piece;
  size_t at, filled; /* of the piece */
  bool within;       /* of a compressed member or frame */
  bool begun;        /* a member of gzip was read */
  bool member;       /* of an archive: `left` bytes of it are to come */
  uint64_t left;
  z_stream zlib;
  bool zlib_begun;
  ZSTD_DStream *zstd;
};

static shukei_status fill(struct sk_flow *flow, shukei_error *err)
{
  const uint64_t left = sk_object_size(flow->object) - flow->taken;
  const size_t length = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
  if (flow->at < flow->filled || length == 0)
    return SHUKEI_OK;
  const shukei_status st = sk_object_read(flow->object, flow->taken, flow->piece, length, err);
  flow->at = 0;
  flow->filled = st ? 0 : length;
  flow->taken += flow->filled;
  return st;
}

static shukei_status corrupt(const struct sk_flow *flow, const char *what, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%s: %s", sk_object_name(flow->object), what);
}

static shukei_status cut(const struct sk_flow *flow, shukei_error *err)
{
  return sk_fail(err, SHUKEI_ETRUNC, "%s: the compressed data end too early",
                 sk_object_name(flow->object));
}

static shukei_status inflate_some(struct sk_flow *flow, void *bytes, size_t capacity,
                                  size_t *length, shukei_error *err)
{
  z_stream *const z = &flow->zlib;
  z->next_in = flow->piece + flow->at;
  z->avail_in = (uInt)(flow->filled - flow->at);
  z->next_out = bytes;
  z->avail_out = (uInt)(capacity < PIECE_BYTES ? capacity : PIECE_BYTES);
  const uInt room = z->avail_out;
  if (!flow->within && inflateReset(z) != Z_OK)
    return corrupt(flow, "zlib could not begin anew", err);
  flow->within = true;
  const int code = inflate(z, Z_NO_FLUSH);
  flow->at = flow->filled - z->avail_in;
  *length = room - z->avail_out;
  flow->begun |= code == Z_STREAM_END;
  if (code == Z_STREAM_END)
    flow->within = false;
  else if (code == Z_MEM_ERROR)
    return sk_fail_memory(err, flow->budget, 0, "gzip data");
  else if (code != Z_OK && code != Z_BUF_ERROR)
    return corrupt(flow, "the gzip data are corrupt", err);
  return SHUKEI_OK;
}

static shukei_status unpack_zstd(struct sk_flow *flow, void *bytes, size_t capacity, size_t *length,
                                 shukei_error *err)
{
  ZSTD_inBuffer in = {flow->piece, flow->filled, flow->at};
  ZSTD_outBuffer out = {bytes, capacity, 0};
  const size_t code = ZSTD_decompressStream(flow->zstd, &out, &in);
  flow->at = in.pos;
  *length = out.pos;
  if (ZSTD_isError(code))
    return corrupt(flow, "the zstd data are corrupt", err);
  flow->within = code != 0;
  return SHUKEI_OK;
}

/* Zeros behind a member of gzip, with which some tools fill up. */
static void pass_zeros(struct sk_flow *flow)
{
  while (flow->begun && !flow->within && flow->at < flow->filled && !flow->piece[flow->at])
    flow->at++;
}

/* Bytes of the file, of an archive those of all of it. */
static shukei_status read_bytes(struct sk_flow *flow, void *bytes, size_t capacity, size_t *length,
                                shukei_error *err)
{
  *length = 0;
  while (*length == 0) {
    const shukei_status filled = fill(flow, err);
    if (filled)
      return filled;
    pass_zeros(flow);
    const size_t there = flow->filled - flow->at;
    if (there == 0 && flow->taken < sk_object_size(flow->object))
      continue;
    if (flow->form == SK_FLOW_PLAIN) {
      *length = there < capacity ? there : capacity;
      memcpy(bytes, flow->piece + flow->at, *length);
      flow->at += *length;
      return SHUKEI_OK;
    }
    const bool packed = there > 0 || flow->within;
    if (!packed)
      return SHUKEI_OK;
    const shukei_status st = flow->form == SK_FLOW_GZIP
                                 ? inflate_some(flow, bytes, capacity, length, err)
                                 : unpack_zstd(flow, bytes, capacity, length, err);
    if (st)
      return st;
    if (*length == 0 && there == 0 && flow->within)
      return cut(flow, err);
  }
  return SHUKEI_OK;
}

static shukei_status read_all(struct sk_flow *flow, void *bytes, size_t length, bool *whole,
                              shukei_error *err)
{
  size_t done = 0, more = 1;
  while (done < length && more) {
    const shukei_status st = read_bytes(flow, (uint8_t *)bytes + done, length - done, &more, err);
    if (st)
      return st;
    done += more;
  }
  *whole = done == length;
  return SHUKEI_OK;
}

static shukei_status skip(struct sk_flow *flow, uint64_t length, shukei_error *err)
{
  uint8_t waste[TAR_BLOCK];
  bool whole = true;
  shukei_status st = SHUKEI_OK;
  while (!st && whole && length) {
    const size_t now = length < sizeof waste ? (size_t)length : sizeof waste;
    st = read_all(flow, waste, now, &whole, err);
    length -= now;
  }
  return st || whole ? st : cut(flow, err);
}

/* ---- tar ------------------------------------------------------------------------------------ */

static uint64_t octal(const uint8_t *at, size_t length)
{
  uint64_t value = 0;
  if (at[0] & 0x80) { /* GNU: a number in base 256 */
    for (size_t i = length - 8; i < length; i++)
      value = value << 8 | at[i];
    return value;
  }
  for (size_t i = 0; i < length; i++)
    if (at[i] >= '0' && at[i] <= '7')
      value = value << 3 | (uint64_t)(at[i] - '0');
  return value;
}

static void add_field(char *name, const uint8_t *field, size_t most)
{
  size_t length = 0;
  while (length < most && field[length])
    length++;
  const size_t at = strlen(name);
  memcpy(name + at, field, length);
  name[at + length] = '\0';
}

/* "LENGTH path=NAME\n" among the records of a pax header. */
static void take_pax_path(const char *text, size_t length, char *name)
{
  for (size_t at = 0; at < length;) {
    size_t record = 0, from = at;
    while (from < length && text[from] >= '0' && text[from] <= '9')
      record = record * 10 + (size_t)(text[from++] - '0');
    if (record <= from - at + 1 || record > length - at)
      return;
    const char *const key = text + from + 1, *const end = text + at + record - 1;
    if (end - key > 5 && memcmp(key, "path=", 5) == 0) {
      memcpy(name, key + 5, (size_t)(end - key) - 5);
      name[end - key - 5] = '\0';
    }
    at += record;
  }
}

/* A header of type L or x, whose content names the member behind it. */
static shukei_status read_name(struct sk_flow *flow, char type, uint64_t size, char *name,
                               shukei_error *err)
{
  char text[NAME_BYTES];
  bool whole;
  if (size >= sizeof text)
    return corrupt(flow, "a name in the archive is too long", err);
  shukei_status st = read_all(flow, text, (size_t)size, &whole, err);
  if (!st)
    st = whole ? skip(flow, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, err) : cut(flow, err);
  if (st)
    return st;
  text[size] = '\0';
  if (type == 'L')
    memcpy(name, text, (size_t)size + 1);
  else
    take_pax_path(text, (size_t)size, name);
  return SHUKEI_OK;
}

static const char *without_dot(const char *path)
{
  while (path[0] == '.' && path[1] == '/')
    path += 2;
  return path;
}

static shukei_status find_member(struct sk_flow *flow, const char *member, shukei_error *err)
{
  uint8_t block[TAR_BLOCK];
  char given[NAME_BYTES] = "", name[NAME_BYTES];
  bool whole;
  for (;;) {
    shukei_status st = read_all(flow, block, sizeof block, &whole, err);
    if (st)
      return st;
    if (!whole || !block[0])
      break;
    const uint64_t size = octal(block + 124, 12);
    const char type = (char)block[156];
    if (type == 'L' || type == 'x') {
      st = read_name(flow, type, size, given, err);
      if (st)
        return st;
      continue;
    }
    name[0] = '\0';
    if (memcmp(block + 257, "ustar\0", 6) == 0 && block[345]) {
      add_field(name, block + 345, 155);
      add_field(name, (const uint8_t *)"/", 1);
    }
    add_field(name, block, 100);
    if (type != 'g' && strcmp(without_dot(*given ? given : name), without_dot(member)) == 0) {
      flow->member = true;
      flow->left = size;
      return SHUKEI_OK;
    }
    if (type != 'g')
      given[0] = '\0';
    st = skip(flow, size + (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, err);
    if (st)
      return st;
  }
  return sk_fail(err, SHUKEI_EFORMAT, "%s: has no member \"%s\"", sk_object_name(flow->object),
                 member);
}

/* ---- the flow ------------------------------------------------------------------------------- */

static shukei_status begin(struct sk_flow *flow, const char *path, const char *member,
                           shukei_error *err)
{
  shukei_status st = sk_store_open(path, flow->budget, &flow->object, err);
  flow->piece = st ? NULL : sk_alloc(flow->budget, PIECE_BYTES);
  if (st)
    return st;
  if (flow->form == SK_FLOW_GZIP)
    flow->zlib_begun = inflateInit2(&flow->zlib, 15 + 16) == Z_OK;
  else if (flow->form == SK_FLOW_ZSTD)
    flow->zstd = ZSTD_createDStream();
  if (!flow->piece || (flow->form == SK_FLOW_GZIP && !flow->zlib_begun) ||
      (flow->form == SK_FLOW_ZSTD && !flow->zstd))
    return sk_fail_memory(err, flow->budget, PIECE_BYTES, "reading a report");
  return member ? find_member(flow, member, err) : SHUKEI_OK;
}

shukei_status sk_flow_open(const char *path, enum sk_flow_form form, const char *member,
                           struct sk_budget *budget, struct sk_flow **out, shukei_error *err)
{
  struct sk_flow *flow = sk_calloc(budget, 1, sizeof *flow);
  *out = NULL;
  if (!flow)
    return sk_fail_memory(err, budget, sizeof *flow, "reading a report");
  flow->budget = budget;
  flow->form = form;
  const shukei_status st = begin(flow, path, member, err);
  if (st)
    sk_flow_close(flow);
  else
    *out = flow;
  return st;
}

shukei_status sk_flow_read(struct sk_flow *flow, void *bytes, size_t capacity, size_t *length,
                           shukei_error *err)
{
  if (!flow->member)
    return read_bytes(flow, bytes, capacity, length, err);
  if (capacity > flow->left)
    capacity = (size_t)flow->left;
  *length = 0;
  if (!capacity)
    return SHUKEI_OK;
  const shukei_status st = read_bytes(flow, bytes, capacity, length, err);
  flow->left -= *length;
  return !st && *length == 0 ? cut(flow, err) : st;
}

uint64_t sk_flow_taken(const struct sk_flow *flow)
{
  return flow->taken;
}

void sk_flow_close(struct sk_flow *flow)
{
  if (!flow)
    return;
  if (flow->zlib_begun)
    inflateEnd(&flow->zlib);
  ZSTD_freeDStream(flow->zstd);
  sk_free(flow->piece);
  sk_object_close(flow->object);
  sk_free(flow);
}
