/* SPDX-License-Identifier: Apache-2.0 */
#include "input/archive.h"
#include "input/tar_read.h"
#include "store/store.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST "manifest.json"
#define CHUNK_BYTES ((size_t)64 << 10)
/* Texts of members take one part of so many of the budget, and not more than that: the payloads of
 * an hour or a day fit, and a run's memory does not grow with larger ones. 503 MB kept saved a
 * third of the processor's time, but nothing by the clock for certain. */
#define TEXT_SHARE 4
#define TEXT_MOST (UINT64_C(128) << 20)
/* Reading a member begins at most that far in front of it, and half of that on the average: 3 ms,
 * by the figures of stream.c. A large archive has its points further apart, so that they take at
 * most a megabyte or two. */
#define POINT_BYTES (UINT64_C(8) << 20)
/* Reports shrink to a tenth by gzip, zeros to a thousandth. What shrinks that much is no report. */
#define RATIO_MOST 500
#define RATIO_FREE_BYTES (UINT64_C(64) << 20)

struct reading {
  struct sk_archive *archive;
  struct sk_budget *budget;
  struct sk_object *object;
  struct sk_stream *stream;
  struct sk_tar tar;
  const char *manifest_path; /* in the archive; NULL until it is found */
  uint8_t *chunk;
  shukei_error *err;
};

static shukei_status no_memory(const struct reading *r)
{
  return sk_fail_memory(r->err, r->budget, CHUNK_BYTES, "an archive's list of members");
}

static const char *last_part(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static const char *keep_text(const struct reading *r, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *kept = sk_arena_bytes(&r->archive->arena, length);
  return kept ? memcpy(kept, text, length) : NULL;
}

static shukei_status check_ratio(const struct reading *r)
{
  const uint64_t read = sk_stream_position(r->stream);
  if (r->tar.position < RATIO_FREE_BYTES || r->tar.position / RATIO_MOST <= read)
    return SHUKEI_OK;
  return sk_fail(r->err, SHUKEI_EFORMAT, "%s: inflates to more than %d times its size",
                 r->archive->path, RATIO_MOST);
}

/* Whether a member's text may stay: what is added up later needs most of the budget. */
static bool may_stay(const struct reading *r, uint64_t size)
{
  const uint64_t share = r->budget ? r->budget->limit_bytes / TEXT_SHARE : 0;
  const uint64_t most = share < TEXT_MOST ? share : TEXT_MOST;
  const uint64_t used = r->budget ? atomic_load(&r->budget->used_bytes) : 0;
  return size > 0 && used < most && size <= most - used;
}

/* Reads a member to its end, for its checksum. */
static shukei_status read_member(struct reading *r, struct sk_archive_member *member)
{
  uint64_t at = 0;
  member->crc = 0;
  member->text = may_stay(r, member->size) ? sk_alloc(r->budget, (size_t)member->size) : NULL;
  while (at < member->size) {
    const uint64_t left = member->size - at;
    uint8_t *to = member->text ? member->text + at : r->chunk;
    size_t got = 0;
    shukei_status st =
        sk_tar_read(&r->tar, to, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, &got, r->err);
    if (st || got == 0)
      return st;
    member->crc = libdeflate_crc32(member->crc, to, got);
    at += got;
    st = check_ratio(r);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

static shukei_status add_member(struct reading *r, const struct sk_tar_member *found)
{
  struct sk_archive *archive = r->archive;
  if (archive->count == archive->capacity) {
    const size_t capacity = archive->capacity * 2 + 16;
    struct sk_archive_member *grown =
        sk_realloc(r->budget, archive->members, capacity * sizeof *grown);
    if (!grown)
      return no_memory(r);
    archive->members = grown;
    archive->capacity = capacity;
  }
  struct sk_archive_member *member = &archive->members[archive->count];
  *member = (struct sk_archive_member){
      .path = keep_text(r, found->name), .offset = found->offset, .size = found->size};
  sk_hours_init(&member->hours, r->budget);
  if (!member->path)
    return no_memory(r);
  archive->count++;
  return read_member(r, member);
}

static shukei_status read_manifest(struct reading *r, const struct sk_tar_member *found)
{
  struct sk_archive *archive = r->archive;
  struct sk_buffer text, name;
  size_t got = 0;
  if (r->manifest_path)
    return sk_fail(r->err, SHUKEI_EFORMAT, "%s: has a second " MANIFEST, archive->path);
  if (found->size > SK_MANIFEST_MOST)
    return sk_fail(r->err, SHUKEI_EFORMAT,
                   "%s:" MANIFEST ": %" PRIu64 " bytes, at most 10 MB are read", archive->path,
                   found->size);
  r->manifest_path = keep_text(r, found->name);
  if (!r->manifest_path)
    return no_memory(r);
  sk_buffer_init(&text, r->budget, SK_MANIFEST_MOST + 1);
  sk_buffer_init(&name, r->budget, SK_MANIFEST_MOST);
  sk_buffer_printf(&name, "%s:" MANIFEST, archive->path);
  sk_buffer_byte(&name, 0);
  shukei_status st = SHUKEI_OK;
  if (name.failed || !sk_buffer_reserve(&text, (size_t)found->size + 1))
    st = no_memory(r);
  if (!st)
    st = sk_tar_read(&r->tar, text.bytes, (size_t)found->size, &got, r->err);
  if (!st)
    st = sk_operator_manifest_parse((const char *)name.bytes, text.bytes, got, &archive->arena,
                                    &archive->manifest, r->err);
  sk_buffer_reset(&text);
  sk_buffer_reset(&name);
  return st;
}

static shukei_status read_members(struct reading *r)
{
  struct sk_tar_member found;
  shukei_status st = SHUKEI_OK;
  bool more = true;
  while (!st) {
    st = sk_tar_next(&r->tar, &found, &more, r->err);
    if (st || !more)
      break;
    if (!found.folder)
      st = strcmp(last_part(found.name), MANIFEST) == 0 ? read_manifest(r, &found)
                                                        : add_member(r, &found);
    if (!st)
      st = check_ratio(r);
  }
  return st;
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const struct sk_archive_member *)a)->path,
                ((const struct sk_archive_member *)b)->path);
}

void sk_archive_forget(struct sk_archive_member *member)
{
  sk_free(member->text);
  member->text = NULL;
}

/* Sorts the members and names them as the manifest does: by their place beside it. */
static shukei_status name_members(struct reading *r)
{
  struct sk_archive *archive = r->archive;
  if (!r->manifest_path)
    return sk_fail(r->err, SHUKEI_EFORMAT, "%s: has no " MANIFEST, archive->path);
  const size_t folder = (size_t)(last_part(r->manifest_path) - r->manifest_path);
  if (archive->count)
    qsort(archive->members, archive->count, sizeof *archive->members, by_path);
  for (size_t i = 0; i < archive->count; i++) {
    struct sk_archive_member *member = &archive->members[i];
    if (strncmp(member->path, r->manifest_path, folder) == 0 && !strchr(member->path + folder, '/'))
      member->name = member->path + folder;
    if (!member->name ||
        !sk_names_have(archive->manifest.files, archive->manifest.file_count, member->name))
      sk_archive_forget(member);
    if (i > 0 && strcmp(member[-1].path, member->path) == 0)
      return sk_fail(r->err, SHUKEI_EFORMAT, "%s:%s: is there twice", archive->path, member->path);
  }
  return SHUKEI_OK;
}

static shukei_status read_archive(struct reading *r, const char *path)
{
  struct sk_archive *archive = r->archive;
  shukei_status st = sk_store_open(path, r->budget, &r->object, r->err);
  if (st)
    return st;
  archive->path = keep_text(r, path);
  r->chunk = sk_alloc(r->budget, CHUNK_BYTES);
  if (!archive->path || !r->chunk)
    return no_memory(r);
  archive->size_bytes = sk_object_size(r->object);
  archive->points.every_bytes =
      archive->size_bytes / 4 > POINT_BYTES ? archive->size_bytes / 4 : POINT_BYTES;
  st = sk_stream_open(r->object, SK_FORMAT_CSV_GZIP, r->budget, &r->stream, r->err);
  if (st)
    return st;
  sk_stream_mark(r->stream, &archive->points);
  sk_tar_init(&r->tar, r->stream, archive->path, r->budget);
  st = read_members(r);
  if (!st)
    st = name_members(r);
  archive->text_bytes = r->tar.position;
  sk_tar_reset(&r->tar);
  return st;
}

shukei_status sk_archive_read(const char *path, struct sk_budget *budget, struct sk_archive **out,
                              shukei_error *err)
{
  struct reading r = {.budget = budget, .err = err};
  *out = NULL;
  r.archive = sk_calloc(budget, 1, sizeof *r.archive);
  if (!r.archive)
    return sk_fail_memory(err, budget, sizeof *r.archive, "an archive");
  sk_arena_init(&r.archive->arena, budget);
  r.archive->points.budget = budget;
  const shukei_status st = read_archive(&r, path);
  sk_stream_close(r.stream);
  sk_object_close(r.object);
  sk_free(r.chunk);
  if (st)
    sk_archive_free(r.archive);
  else
    *out = r.archive;
  return st;
}

static bool same_members(const struct sk_archive *a, const struct sk_archive *b)
{
  bool same = a->count == b->count;
  for (size_t i = 0; i < a->count && same; i++)
    same = strcmp(a->members[i].path, b->members[i].path) == 0 &&
           a->members[i].offset == b->members[i].offset &&
           a->members[i].size == b->members[i].size && a->members[i].crc == b->members[i].crc;
  return same;
}

shukei_status sk_archive_renew(struct sk_archive *archive, struct sk_budget *budget,
                               shukei_error *err)
{
  struct sk_archive *now = NULL;
  shukei_status st = sk_archive_read(archive->path, budget, &now, err);
  if (!st && !same_members(archive, now))
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: is not what it was when the plan was made",
                 archive->path);
  if (!st) {
    const struct sk_stream_points none = archive->points;
    archive->points = now->points;
    archive->recalled = false;
    now->points = none;
    for (size_t i = 0; i < archive->count; i++) {
      archive->members[i].text = now->members[i].text;
      now->members[i].text = NULL;
    }
  }
  sk_archive_free(now);
  return st;
}

void sk_archive_free(struct sk_archive *archive)
{
  if (!archive)
    return;
  for (size_t i = 0; i < archive->count; i++) {
    sk_hours_reset(&archive->members[i].hours);
    sk_archive_forget(&archive->members[i]);
  }
  sk_stream_points_reset(&archive->points);
  sk_free(archive->members);
  sk_free(archive->days);
  sk_arena_reset(&archive->arena);
  sk_free(archive);
}

shukei_status sk_archive_is(struct sk_object *object, struct sk_budget *budget, bool *is,
                            shukei_error *err)
{
  uint8_t block[SK_TAR_BLOCK];
  struct sk_stream *stream = NULL;
  size_t got = 0;
  shukei_status st = sk_stream_open(object, SK_FORMAT_CSV_GZIP, budget, &stream, err);
  if (!st)
    st = sk_stream_read(stream, block, sizeof block, &got, err);
  sk_stream_close(stream);
  *is = !st && got == sizeof block && sk_tar_header_valid(block);
  return st == SHUKEI_EFORMAT || st == SHUKEI_ETRUNC ? SHUKEI_OK : st;
}
