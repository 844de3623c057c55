/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in decimal, each with a blank behind it; texts as "LENGTH:bytes". The first one is the
 * form's own name, so that another program's text is no text of ours. Counts are compared with what
 * is left of the text before they size anything. */
#include "input/archive_text.h"

#include <stdlib.h>
#include <string.h>

#define FORM "shukei archive 1"

/* ---- writing --------------------------------------------------------------------------------- */

static void put_number(struct sk_buffer *out, int64_t number)
{
  sk_buffer_printf(out, "%" PRId64 " ", number);
}

static void put_text(struct sk_buffer *out, const char *text)
{
  sk_buffer_printf(out, "%zu:", strlen(text));
  sk_buffer_text(out, text);
}

static void put_moment(struct sk_buffer *out, bool there, struct sk_moment moment)
{
  put_number(out, there);
  put_number(out, moment.us);
  put_number(out, moment.ns);
}

static void put_names(struct sk_buffer *out, const char *const *names, size_t count)
{
  put_number(out, (int64_t)count);
  for (size_t i = 0; i < count; i++)
    put_text(out, names[i]);
}

static void put_hours(struct sk_buffer *out, const struct sk_hours *hours)
{
  put_number(out, (int64_t)hours->records);
  put_number(out, (int64_t)hours->count);
  for (size_t i = 0; i < hours->count; i++) {
    put_number(out, hours->items[i].us);
    put_number(out, (int64_t)hours->items[i].rows);
  }
}

static void put_member(struct sk_buffer *out, const struct sk_archive_member *member)
{
  put_text(out, member->path);
  put_number(out, member->name ? member->name - member->path : -1);
  put_number(out, (int64_t)member->offset);
  put_number(out, (int64_t)member->size);
  put_number(out, member->crc);
  put_number(out, member->looked);
  put_number(out, member->looked ? member->report : -1);
  put_text(out, member->looked && member->why ? member->why : "");
  put_number(out, member->timed);
  if (member->timed)
    put_hours(out, &member->hours);
}

void sk_archive_text(const struct sk_archive *archive, struct sk_buffer *out)
{
  const struct sk_operator_manifest *manifest = &archive->manifest;
  put_text(out, FORM);
  put_number(out, (int64_t)archive->size_bytes);
  put_number(out, (int64_t)archive->text_bytes);
  put_text(out, manifest->uuid);
  put_text(out, manifest->cluster_id);
  put_moment(out, true, manifest->date);
  put_moment(out, manifest->has_start, manifest->start);
  put_moment(out, manifest->has_end, manifest->end);
  put_number(out, manifest->whole_days);
  put_names(out, manifest->files, manifest->file_count);
  put_names(out, manifest->other_files, manifest->other_count);
  put_number(out, (int64_t)archive->count);
  for (size_t i = 0; i < archive->count; i++)
    put_member(out, &archive->members[i]);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct scan {
  const char *at, *end;
  struct sk_arena *arena;
  struct sk_budget *budget;
  bool wrong, no_memory;
};

static bool done(const struct scan *scan)
{
  return scan->wrong || scan->no_memory;
}

/* A number with `stop` behind it. */
static int64_t number_until(struct scan *scan, char stop)
{
  const bool negative = scan->at < scan->end && *scan->at == '-';
  const char *from = scan->at + negative;
  uint64_t value = 0;
  while (from < scan->end && *from >= '0' && *from <= '9' && value < INT64_MAX / 10)
    value = value * 10 + (uint64_t)(*from++ - '0');
  if (done(scan) || from == scan->at + negative || from == scan->end || *from != stop) {
    scan->wrong = true;
    return 0;
  }
  scan->at = from + 1;
  return negative ? -(int64_t)value : (int64_t)value;
}

static int64_t take_number(struct scan *scan)
{
  return number_until(scan, ' ');
}

/* How many follow, each of which takes at least two bytes. */
static size_t take_count(struct scan *scan)
{
  const int64_t count = take_number(scan);
  if (count < 0 || count > (scan->end - scan->at) / 2)
    scan->wrong = true;
  return done(scan) ? 0 : (size_t)count;
}

static const char *take_text(struct scan *scan)
{
  const int64_t length = number_until(scan, ':');
  if (length < 0 || length > scan->end - scan->at)
    scan->wrong = true;
  if (done(scan))
    return "";
  char *copy = sk_arena_bytes(scan->arena, (size_t)length + 1);
  if (!copy) {
    scan->no_memory = true;
    return "";
  }
  memcpy(copy, scan->at, (size_t)length);
  copy[length] = '\0';
  scan->at += length;
  return copy;
}

static bool take_moment(struct scan *scan, struct sk_moment *moment)
{
  const int64_t there = take_number(scan);
  moment->us = take_number(scan);
  moment->ns = (uint32_t)take_number(scan);
  return there != 0;
}

static const char **take_names(struct scan *scan, size_t *count)
{
  const size_t many = take_count(scan);
  const char **names = sk_arena_alloc(scan->arena, (many + 1) * sizeof *names);
  *count = 0;
  if (!names)
    scan->no_memory = true;
  for (size_t i = 0; i < many && !done(scan); i++) {
    names[i] = take_text(scan);
    scan->wrong |= i > 0 && strcmp(names[i - 1], names[i]) >= 0; /* they are looked up by halves */
  }
  if (!done(scan))
    *count = many;
  return names;
}

static void take_hours(struct scan *scan, struct sk_hours *hours)
{
  hours->records = (uint64_t)take_number(scan);
  const size_t many = take_count(scan);
  if (done(scan) || many == 0)
    return;
  hours->items = sk_alloc(scan->budget, many * sizeof *hours->items);
  if (!hours->items) {
    scan->no_memory = true;
    return;
  }
  hours->capacity = hours->count = many;
  for (size_t i = 0; i < many; i++) {
    hours->items[i].us = take_number(scan);
    hours->items[i].rows = (uint64_t)take_number(scan);
    scan->wrong |= i > 0 && hours->items[i - 1].us >= hours->items[i].us;
  }
}

static void take_member(struct scan *scan, struct sk_archive_member *member)
{
  sk_hours_init(&member->hours, scan->budget);
  member->path = take_text(scan);
  const int64_t name_at = take_number(scan);
  if (name_at > (int64_t)strlen(member->path))
    scan->wrong = true;
  else if (name_at >= 0)
    member->name = member->path + name_at;
  member->offset = (uint64_t)take_number(scan);
  member->size = (uint64_t)take_number(scan);
  member->crc = (uint32_t)take_number(scan);
  member->looked = take_number(scan) != 0;
  const int64_t report = take_number(scan);
  scan->wrong |= report < -1 || report >= SK_REPORT_COUNT;
  member->report = (int)report;
  const char *why = take_text(scan);
  member->why = why[0] ? why : NULL;
  scan->wrong |= member->looked && report < 0 && !member->why;
  member->timed = take_number(scan) != 0;
  if (member->timed)
    take_hours(scan, &member->hours);
}

static void take_manifest(struct scan *scan, struct sk_operator_manifest *manifest)
{
  manifest->uuid = take_text(scan);
  manifest->cluster_id = take_text(scan);
  take_moment(scan, &manifest->date);
  manifest->has_start = take_moment(scan, &manifest->start);
  manifest->has_end = take_moment(scan, &manifest->end);
  manifest->whole_days = take_number(scan) != 0;
  manifest->files = take_names(scan, &manifest->file_count);
  manifest->other_files = take_names(scan, &manifest->other_count);
}

static void take_members(struct scan *scan, struct sk_archive *archive)
{
  const size_t many = take_count(scan);
  if (done(scan))
    return;
  archive->members = sk_calloc(scan->budget, many + 1, sizeof *archive->members);
  if (!archive->members) {
    scan->no_memory = true;
    return;
  }
  archive->capacity = many + 1;
  for (; archive->count < many && !done(scan); archive->count++)
    take_member(scan, &archive->members[archive->count]);
}

shukei_status sk_archive_of_text(const char *text, const char *path, struct sk_budget *budget,
                                 struct sk_archive **out, shukei_error *err)
{
  *out = NULL;
  struct sk_archive *archive = sk_calloc(budget, 1, sizeof *archive);
  if (!archive)
    return sk_fail_memory(err, budget, sizeof *archive, "an archive");
  sk_arena_init(&archive->arena, budget);
  archive->points.budget = budget;
  archive->recalled = true;
  struct scan scan = {
      .at = text, .end = text + strlen(text), .arena = &archive->arena, .budget = budget};
  const size_t length = strlen(path) + 1;
  char *copy = sk_arena_bytes(&archive->arena, length);
  if (copy)
    archive->path = memcpy(copy, path, length);
  scan.no_memory = !copy;
  scan.wrong = strcmp(take_text(&scan), FORM) != 0;
  archive->size_bytes = (uint64_t)take_number(&scan);
  archive->text_bytes = (uint64_t)take_number(&scan);
  take_manifest(&scan, &archive->manifest);
  take_members(&scan, archive);
  scan.wrong |= scan.at != scan.end;
  if (done(&scan))
    sk_archive_free(archive);
  else
    *out = archive;
  return scan.no_memory ? sk_fail_memory(err, budget, 0, "an archive") : SHUKEI_OK;
}
