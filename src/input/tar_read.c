/* SPDX-License-Identifier: Apache-2.0 */
/* A header is a block of 512 bytes: fixed fields, numbers in octal (or, by GNU, in 256ths), and a
 * sum over the block with its own field taken as blanks. A header of type x or L says something
 * about the one behind it. Two blocks of zeros are the end; what tar fills up with behind them is
 * zeros, too. */
#include "input/tar_read.h"

#include <string.h>

#define AT_NAME 0
#define AT_SIZE 124
#define AT_SUM 148
#define AT_TYPE 156
#define AT_MAGIC 257
#define AT_PREFIX 345
#define FILLED_MOST (UINT64_C(1) << 20)

void sk_tar_init(struct sk_tar *tar, struct sk_stream *stream, const char *path,
                 struct sk_budget *budget)
{
  *tar = (struct sk_tar){.stream = stream, .path = path};
  sk_buffer_init(&tar->name, budget, SK_TAR_EXTENDED + 1);
}

void sk_tar_reset(struct sk_tar *tar)
{
  sk_buffer_reset(&tar->name);
}

static shukei_status refuse(const struct sk_tar *tar, const char *what, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%s: tar header %" PRIu32 ": %s", tar->path, tar->headers,
                 what);
}

static shukei_status no_memory(const struct sk_tar *tar, shukei_error *err)
{
  return sk_fail_memory(err, tar->name.budget, SK_TAR_EXTENDED, "an archive's names");
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static shukei_status read_some(struct sk_tar *tar, void *bytes, size_t capacity, size_t *got,
                               shukei_error *err)
{
  const shukei_status st = sk_stream_read(tar->stream, bytes, capacity, got, err);
  tar->position += *got;
  return st;
}

/* Reads exactly so many; ETRUNC where the text ends before. */
static shukei_status read_all(struct sk_tar *tar, void *bytes, size_t length, shukei_error *err)
{
  size_t got = 0;
  const shukei_status st = read_some(tar, bytes, length, &got, err);
  if (st || got == length)
    return st;
  return sk_fail(err, SHUKEI_ETRUNC, "%s: the archive ends in mid-member, after %" PRIu64 " bytes",
                 tar->path, tar->position);
}

shukei_status sk_tar_read(struct sk_tar *tar, void *bytes, size_t capacity, size_t *got,
                          shukei_error *err)
{
  *got = tar->left < capacity ? (size_t)tar->left : capacity;
  const shukei_status st = read_all(tar, bytes, *got, err);
  tar->left -= st ? 0 : *got;
  return st;
}

/* Passes over the rest of the member and what fills its last block up. */
static shukei_status pass_over(struct sk_tar *tar, shukei_error *err)
{
  uint8_t bytes[16 * SK_TAR_BLOCK];
  shukei_status st = SHUKEI_OK;
  size_t got = 1;
  while (!st && got)
    st = sk_tar_read(tar, bytes, sizeof bytes, &got, err);
  if (!st && tar->padding)
    st = read_all(tar, bytes, (size_t)tar->padding, err);
  tar->padding = 0;
  return st;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static bool all_zero(const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (bytes[i])
      return false;
  return true;
}

/* Octal digits, blanks before and a blank or zero behind; or, where the top bit is set, bytes. */
static bool number(const uint8_t *field, size_t length, uint64_t *value)
{
  *value = 0;
  size_t i = 0;
  if (field[0] & 0x80) {
    if (field[0] != 0x80)
      return false; /* negative, or above 2^64 */
    for (i = 1; i < length; i++) {
      if (*value >> 56)
        return false;
      *value = *value << 8 | field[i];
    }
    return true;
  }
  while (i < length && field[i] == ' ')
    i++;
  if (i == length || field[i] < '0' || field[i] > '7')
    return false;
  for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
    *value = *value << 3 | (uint64_t)(field[i] - '0');
  for (; i < length; i++)
    if (field[i] != ' ' && field[i] != 0)
      return false;
  return true;
}

bool sk_tar_header_valid(const uint8_t block[SK_TAR_BLOCK])
{
  uint64_t want;
  int64_t sum = 0, signed_sum = 0; /* some old programs took bytes as signed */
  if (!number(block + AT_SUM, 8, &want))
    return false;
  for (size_t i = 0; i < SK_TAR_BLOCK; i++) {
    const uint8_t byte = i >= AT_SUM && i < AT_SUM + 8 ? ' ' : block[i];
    sum += byte;
    signed_sum += (int8_t)byte;
  }
  return want == (uint64_t)sum || (int64_t)want == signed_sum;
}

static size_t text_length(const uint8_t *field, size_t most)
{
  const uint8_t *end = memchr(field, 0, most);
  return end ? (size_t)(end - field) : most;
}

/* The name by the block alone. */
static void plain_name(struct sk_tar *tar, const uint8_t *block)
{
  sk_buffer_clear(&tar->name);
  if (memcmp(block + AT_MAGIC, "ustar\0", 6) == 0 && block[AT_PREFIX]) {
    sk_buffer_add(&tar->name, block + AT_PREFIX, text_length(block + AT_PREFIX, 155));
    sk_buffer_byte(&tar->name, '/');
  }
  sk_buffer_add(&tar->name, block + AT_NAME, text_length(block + AT_NAME, 100));
}

/* ---- headers of headers ---------------------------------------------------------------------- */

/* One record "length key=value\n" of a pax header. */
static shukei_status take_record(struct sk_tar *tar, const char *key, size_t key_length,
                                 const char *value, size_t value_length, shukei_error *err)
{
  if (key_length == 4 && memcmp(key, "path", 4) == 0) {
    sk_buffer_clear(&tar->name);
    sk_buffer_add(&tar->name, value, value_length);
    tar->named = true;
    return tar->name.failed ? no_memory(tar, err) : SHUKEI_OK;
  }
  if (key_length == 4 && memcmp(key, "size", 4) == 0) {
    uint64_t size = 0;
    for (size_t i = 0; i < value_length; i++) {
      if (value[i] < '0' || value[i] > '9' || size > UINT64_MAX / 10 - 1)
        return refuse(tar, "a pax size that is no number", err);
      size = size * 10 + (uint64_t)(value[i] - '0');
    }
    tar->sized = value_length > 0;
    tar->size = size;
    return SHUKEI_OK;
  }
  if (key_length >= 11 && memcmp(key, "GNU.sparse.", 11) == 0)
    return refuse(tar, "a sparse file", err);
  return SHUKEI_OK;
}

static shukei_status take_pax(struct sk_tar *tar, const char *text, size_t length, bool global,
                              shukei_error *err)
{
  for (size_t at = 0; at < length;) {
    size_t record = 0, digits = at;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9' && record < length)
      record = record * 10 + (size_t)(text[digits++] - '0');
    const char *equals = digits < length ? memchr(text + digits, '=', length - digits) : NULL;
    if (digits == at || digits == length || text[digits] != ' ' || record > length - at ||
        !equals || equals >= text + at + record - 1 || text[at + record - 1] != '\n')
      return refuse(tar, "a pax header that is none", err);
    const char *key = text + digits + 1, *value = equals + 1;
    const size_t value_length = (size_t)(text + at + record - 1 - value);
    const shukei_status st =
        global ? SHUKEI_OK
               : take_record(tar, key, (size_t)(equals - key), value, value_length, err);
    if (st)
      return st;
    at += record;
  }
  return SHUKEI_OK;
}

/* Reads the bytes of a header of type x, g or L. */
static shukei_status take_extended(struct sk_tar *tar, char type, shukei_error *err)
{
  struct sk_buffer text;
  shukei_status st = SHUKEI_OK;
  size_t got = 0;
  if (tar->left > SK_TAR_EXTENDED)
    return refuse(tar, "an extended header of more than 64 KiB", err);
  sk_buffer_init(&text, tar->name.budget, SK_TAR_EXTENDED + 1);
  if (!sk_buffer_reserve(&text, SK_TAR_EXTENDED + 1))
    return no_memory(tar, err);
  st = sk_tar_read(tar, text.bytes, (size_t)tar->left, &got, err);
  text.length = got;
  if (!st && type == 'L') {
    sk_buffer_clear(&tar->name);
    sk_buffer_add(&tar->name, text.bytes, text_length(text.bytes, text.length));
    tar->named = true;
    st = tar->name.failed ? no_memory(tar, err) : SHUKEI_OK;
  } else if (!st) {
    st = take_pax(tar, (const char *)text.bytes, text.length, type == 'g', err);
  }
  sk_buffer_reset(&text);
  return st;
}

/* ---- members --------------------------------------------------------------------------------- */

/* No part of the name may be "..", and it must not begin at the root; as Windows has it,
 * neither. */
static bool leaves_folder(const char *name)
{
  if (name[0] == '/' || name[0] == '\\')
    return true;
  for (const char *at = name; *at;) {
    const size_t length = strcspn(at, "/\\");
    if (length == 2 && at[0] == '.' && at[1] == '.')
      return true;
    at += length + (at[length] != '\0');
  }
  return false;
}

static shukei_status take_name(struct sk_tar *tar, const uint8_t *block,
                               struct sk_tar_member *member, shukei_error *err)
{
  if (!tar->named)
    plain_name(tar, block);
  if (!tar->name.failed && tar->name.length && memchr(tar->name.bytes, 0, tar->name.length))
    return refuse(tar, "a name with a zero byte", err);
  sk_buffer_byte(&tar->name, 0);
  if (tar->name.failed)
    return no_memory(tar, err);
  const char *name = (const char *)tar->name.bytes;
  const size_t length = tar->name.length - 1;
  if (leaves_folder(name))
    return refuse(tar, "a member that leaves the folder", err);
  while (name[0] == '.' && name[1] == '/')
    for (name += 2; *name == '/';)
      name++;
  member->folder =
      block[AT_TYPE] == '5' || (length && name[0] && tar->name.bytes[length - 1] == '/');
  if (!name[0] && block[AT_TYPE] != '5')
    return refuse(tar, "a member without a name", err);
  member->name = name;
  return SHUKEI_OK;
}

static shukei_status check_type(const struct sk_tar *tar, char type, shukei_error *err)
{
  switch (type) {
  case '0':
  case '\0':
  case '7':
  case '5':
    return SHUKEI_OK;
  case '1':
  case '2':
  case 'K':
    return refuse(tar, "a member that is a link", err);
  case '3':
  case '4':
  case '6':
    return refuse(tar, "a member that is a device", err);
  case 'S':
    return refuse(tar, "a sparse file", err);
  default:
    return refuse(tar, "a member of a kind that no payload has", err);
  }
}

/* Behind the first block of zeros nothing but zeros may come, and of them no more than tar fills
 * up. */
static shukei_status read_end(struct sk_tar *tar, shukei_error *err)
{
  uint8_t bytes[16 * SK_TAR_BLOCK];
  const uint64_t most = tar->position + FILLED_MOST;
  shukei_status st = SHUKEI_OK;
  size_t got = 1;
  while (!st && got) {
    st = read_some(tar, bytes, sizeof bytes, &got, err);
    if (!st && (!all_zero(bytes, got) || tar->position > most))
      st = sk_fail(err, SHUKEI_EFORMAT, "%s: something follows the end of the archive", tar->path);
  }
  return st;
}

static shukei_status read_header(struct sk_tar *tar, uint8_t *block, bool *ended, shukei_error *err)
{
  *ended = false;
  shukei_status st = pass_over(tar, err);
  if (!st)
    st = read_all(tar, block, SK_TAR_BLOCK, err);
  if (st)
    return st;
  if (all_zero(block, SK_TAR_BLOCK)) {
    *ended = true;
    return read_end(tar, err);
  }
  if (tar->headers++ == SK_TAR_MEMBERS)
    return sk_fail(err, SHUKEI_EFORMAT, "%s: more than %u members", tar->path, SK_TAR_MEMBERS);
  if (!sk_tar_header_valid(block))
    return refuse(tar, "its checksum is wrong", err);
  if (!number(block + AT_SIZE, 12, &tar->left) || tar->left > INT64_MAX)
    return refuse(tar, "a size that is no number", err);
  tar->padding = (SK_TAR_BLOCK - tar->left % SK_TAR_BLOCK) % SK_TAR_BLOCK;
  return SHUKEI_OK;
}

shukei_status sk_tar_next(struct sk_tar *tar, struct sk_tar_member *member, bool *more,
                          shukei_error *err)
{
  uint8_t block[SK_TAR_BLOCK];
  tar->named = tar->sized = false;
  *more = false;
  for (;;) {
    bool ended;
    shukei_status st = read_header(tar, block, &ended, err);
    if (st)
      return st;
    if (ended)
      return tar->named || tar->sized ? refuse(tar, "no member follows it", err) : SHUKEI_OK;
    const char type = (char)block[AT_TYPE];
    if (type == 'x' || type == 'g' || type == 'L') {
      st = take_extended(tar, type, err);
      if (st)
        return st;
      continue;
    }
    st = check_type(tar, type, err);
    if (!st)
      st = take_name(tar, block, member, err);
    if (st)
      return st;
    if (tar->sized) {
      if (tar->size > INT64_MAX)
        return refuse(tar, "a size that is no number", err);
      tar->left = tar->size;
      tar->padding = (SK_TAR_BLOCK - tar->left % SK_TAR_BLOCK) % SK_TAR_BLOCK;
    }
    if (member->folder && tar->left)
      return refuse(tar, "a folder with a size", err);
    member->offset = tar->position;
    member->size = tar->left;
    *more = true;
    return SHUKEI_OK;
  }
}
