/* SPDX-License-Identifier: Apache-2.0 */
/* Everything here goes in the order of names -- of archives, manifests, members -- so that neither
 * the order of the sources nor that of the files in them shows. */
#include "input/payload_set.h"
#include "base/each.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 8000 /* of the names in one */

static shukei_status no_memory(const struct sk_payloads *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "the plan of payloads");
}

shukei_status sk_payload_tell(const struct sk_payloads *self, bool warning, struct sk_buffer *text,
                              shukei_error *err)
{
  const struct sk_plan_options *options = self->options;
  void (*call)(void *context, const char *text) = warning ? options->warn : options->note;
  sk_buffer_byte(text, 0);
  const shukei_status st = text->failed ? no_memory(self, err) : SHUKEI_OK;
  if (!st && call)
    call(options->context, (const char *)text->bytes);
  sk_buffer_reset(text);
  return st;
}

shukei_status sk_payload_check(const struct sk_payloads *self, shukei_error *err)
{
  const struct sk_plan_options *options = self->options;
  return options->check ? options->check(options->context, err) : SHUKEI_OK;
}

static void begin_text(const struct sk_payloads *self, struct sk_buffer *text)
{
  sk_buffer_init(text, self->budget, SK_PAYLOAD_TEXT);
}

/* ---- archives -------------------------------------------------------------------------------- */

/* What makes an archive a bad payload; all else is a failure of the run. */
static bool refused(shukei_status st)
{
  return st == SHUKEI_EFORMAT || st == SHUKEI_ETRUNC || st == SHUKEI_EUNSUPPORTED;
}

static shukei_status read_one(void *context, size_t i, shukei_error *err)
{
  struct sk_payloads *self = context;
  shukei_status st = sk_payload_check(self, err);
  if (!st)
    st = sk_payload_recall(self, self->paths[i], &self->archives[i], err);
  if (!st && !self->archives[i])
    st = sk_archive_read(self->paths[i], self->budget, &self->archives[i], err);
  if (!refused(st) || !self->options->skip_bad_payloads)
    return st;
  self->errors[i] = *err;
  return SHUKEI_OK;
}

static shukei_status read_archives(struct sk_payloads *self, shukei_error *err)
{
  shukei_status st = sk_each(self->options->threads, self->path_count, read_one, self, NULL, err);
  if (refused(st))
    sk_advise(err, "--bad-payloads skip leaves such an archive out");
  for (size_t i = 0; i < self->path_count && !st; i++) {
    struct sk_buffer text;
    if (!self->errors[i].status)
      continue;
    self->plan->payloads_bad++;
    self->plan->files_skipped++;
    begin_text(self, &text);
    sk_buffer_printf(&text, "%s; the payload is left out", self->errors[i].text);
    st = sk_payload_tell(self, true, &text, err);
  }
  return st;
}

/* ---- manifests ------------------------------------------------------------------------------- */

static int by_manifest(const void *a, const void *b)
{
  const struct sk_archive *x = *(const struct sk_archive *const *)a,
                          *y = *(const struct sk_archive *const *)b;
  int order = strcmp(x->manifest.cluster_id, y->manifest.cluster_id);
  order = order ? order : strcmp(x->manifest.uuid, y->manifest.uuid);
  return order ? order : strcmp(x->path, y->path);
}

static uint32_t cluster_of(const struct sk_plan *plan, const char *cluster_id)
{
  uint32_t i = 0;
  while (strcmp(plan->clusters[i].cluster_id, cluster_id) != 0)
    i++;
  return i;
}

/* Takes what another archive's manifest of the same uuid says. Archives of a split payload say the
 * same; where they do not, what comes out is independent of their order. */
static void merge_manifest(struct sk_payload_unit *unit, const struct sk_operator_manifest *other)
{
  struct sk_operator_manifest *mine = &unit->manifest;
  if (sk_moment_compare(other->date, mine->date) > 0)
    mine->date = other->date;
  if (other->has_start && (!mine->has_start || sk_moment_compare(other->start, mine->start) < 0))
    mine->start = other->start;
  if (other->has_end && (!mine->has_end || sk_moment_compare(other->end, mine->end) > 0))
    mine->end = other->end;
  mine->has_start |= other->has_start;
  mine->has_end |= other->has_end;
  mine->whole_days |= other->whole_days;
}

/* Makes a unit of the archives of each manifest; moves those that are left to the front, by
 * manifest. */
static shukei_status make_units(struct sk_payloads *self, shukei_error *err)
{
  size_t count = 0;
  for (size_t i = 0; i < self->path_count; i++) {
    struct sk_archive *archive = self->archives[i];
    self->archives[i] = NULL;
    if (archive)
      self->archives[count++] = archive;
  }
  qsort(self->archives, count, sizeof *self->archives, by_manifest);
  self->path_count = count;
  self->units = sk_calloc(self->budget, count, sizeof *self->units);
  if (!self->units)
    return no_memory(self, err);
  for (size_t i = 0; i < count; i++) {
    const struct sk_archive *archive = self->archives[i];
    struct sk_payload_unit *unit = &self->units[self->unit_count ? self->unit_count - 1 : 0];
    self->plan->payloads++;
    if (unit->path && strcmp(unit->manifest.uuid, archive->manifest.uuid) == 0 &&
        strcmp(unit->manifest.cluster_id, archive->manifest.cluster_id) == 0) {
      merge_manifest(unit, &archive->manifest);
      unit->archives++;
      continue;
    }
    unit = &self->units[self->unit_count++];
    unit->manifest = archive->manifest;
    unit->path = archive->path;
    unit->cluster = cluster_of(self->plan, archive->manifest.cluster_id);
    unit->archives = 1;
    for (int r = 0; r < SK_REPORT_COUNT; r++)
      sk_hours_init(&unit->hours[r], self->budget);
  }
  return SHUKEI_OK;
}

/* ---- members --------------------------------------------------------------------------------- */

/* Of two copies of a part the larger one counts, then that of the greater checksum: where they are
 * the same, as they should be, it does not matter. Then the first archive by name. */
static int by_part(const void *a, const void *b)
{
  const struct sk_payload_part *x = a, *y = b;
  if (x->unit != y->unit)
    return x->unit < y->unit ? -1 : 1;
  const int order = strcmp(x->member->name, y->member->name);
  if (order)
    return order;
  if (x->member->size != y->member->size)
    return x->member->size > y->member->size ? -1 : 1;
  if (x->member->crc != y->member->crc)
    return x->member->crc > y->member->crc ? -1 : 1;
  return strcmp(x->archive->path, y->archive->path);
}

/* Whether a member is one of the reports; tells of what is left out. */
static shukei_status look_at_member(struct sk_payloads *self, const struct sk_archive *archive,
                                    const struct sk_archive_member *member, bool *named,
                                    shukei_error *err)
{
  const struct sk_operator_manifest *manifest = &archive->manifest;
  const char *slash = strrchr(member->path, '/');
  struct sk_buffer text;
  *named = member->name && sk_names_have(manifest->files, manifest->file_count, member->name);
  if (*named)
    return SHUKEI_OK;
  self->plan->members_left_out++;
  if (strncmp(slash ? slash + 1 : member->path, "._", 2) == 0 ||
      (member->name && sk_names_have(manifest->other_files, manifest->other_count, member->name)))
    return SHUKEI_OK;
  begin_text(self, &text);
  sk_buffer_printf(&text, "%s:%s: is not named by the manifest, left out", archive->path,
                   member->path);
  return sk_payload_tell(self, true, &text, err);
}

static const char *part_path(struct sk_payloads *self, const struct sk_payload_part *part)
{
  const size_t archive = strlen(part->archive->path), member = strlen(part->member->path);
  char *path = sk_arena_bytes(&self->plan->arena, archive + member + 2);
  if (!path)
    return NULL;
  memcpy(path, part->archive->path, archive);
  path[archive] = ':';
  memcpy(path + archive + 1, part->member->path, member + 1);
  return path;
}

/* What a member holds, in a text; NULL when memory lacks. */
static const char *part_version(struct sk_payloads *self, const struct sk_payload_part *part)
{
  const struct sk_archive_member *member = part->member;
  const char *uuid = part->archive->manifest.uuid;
  const size_t room = strlen(uuid) + strlen(member->name) + 48;
  char *text = sk_arena_bytes(&self->plan->arena, room);
  if (text)
    snprintf(text, room, "%s/%s %" PRIu64 " %08" PRIx32, uuid, member->name, member->size,
             member->crc);
  return text;
}

static shukei_status add_part(struct sk_payloads *self, uint32_t unit, struct sk_archive *archive,
                              struct sk_archive_member *member, shukei_error *err)
{
  struct sk_payload_part *part = &self->parts[self->part_count];
  *part = (struct sk_payload_part){.unit = unit, .archive = archive, .member = member};
  const double share = (double)member->size / (double)(archive->text_bytes + 1);
  part->file = (struct sk_planned_file){
      .path = part_path(self, part),
      .size_bytes = 1 + (uint64_t)((double)archive->size_bytes * share),
      .format = SK_FORMAT_CSV,
      .first_day = INT32_MIN,
      .etag = part_version(self, part),
      .archive = archive,
      .member = member,
      .cluster = self->units[unit].cluster,
  };
  self->part_count++;
  return part->file.path && part->file.etag ? SHUKEI_OK : no_memory(self, err);
}

/* Tells which copy of a part is not read, where the two are not the same. */
static shukei_status tell_copy(struct sk_payloads *self, const struct sk_payload_part *kept,
                               const struct sk_payload_part *copy, shukei_error *err)
{
  struct sk_buffer text;
  self->plan->members_left_out++;
  if (kept->member->size == copy->member->size && kept->member->crc == copy->member->crc)
    return SHUKEI_OK;
  begin_text(self, &text);
  sk_buffer_printf(&text, "%s: is another one than %s, which counts", copy->file.path,
                   kept->file.path);
  return sk_payload_tell(self, true, &text, err);
}

static shukei_status drop_copies(struct sk_payloads *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  size_t kept = 0;
  if (self->part_count)
    qsort(self->parts, self->part_count, sizeof *self->parts, by_part);
  for (size_t i = 0; i < self->part_count && !st; i++) {
    struct sk_payload_part *last = kept ? &self->parts[kept - 1] : NULL;
    if (last && last->unit == self->parts[i].unit &&
        strcmp(last->member->name, self->parts[i].member->name) == 0)
      st = tell_copy(self, last, &self->parts[i], err);
    else
      self->parts[kept++] = self->parts[i];
  }
  self->part_count = kept;
  return st;
}

static shukei_status gather_parts(struct sk_payloads *self, shukei_error *err)
{
  size_t room = 1;
  for (size_t i = 0; i < self->path_count; i++)
    room += self->archives[i]->count;
  self->parts = sk_alloc(self->budget, room * sizeof *self->parts);
  if (!self->parts)
    return no_memory(self, err);
  for (size_t i = 0, first = 0, unit = 0; i < self->path_count; i++) {
    struct sk_archive *archive = self->archives[i];
    if (i - first == self->units[unit].archives) {
      first = i;
      unit++;
    }
    for (size_t m = 0; m < archive->count; m++) {
      bool named;
      shukei_status st = look_at_member(self, archive, &archive->members[m], &named, err);
      if (!st && named)
        st = add_part(self, (uint32_t)unit, archive, &archive->members[m], err);
      if (st)
        return st;
    }
  }
  return drop_copies(self, err);
}

/* True where the unit has such a part. Parts are sorted. */
static bool has_part(const struct sk_payloads *self, uint32_t unit, const char *name)
{
  size_t low = 0, high = self->part_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const struct sk_payload_part *part = &self->parts[middle];
    const int order =
        part->unit != unit ? (part->unit < unit ? -1 : 1) : strcmp(part->member->name, name);
    if (order == 0)
      return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* Warns of the members that manifests of the unit's archives [first, first + archives) name and
 * none of them has. */
static shukei_status tell_missing(struct sk_payloads *self, uint32_t unit, size_t first,
                                  shukei_error *err)
{
  const struct sk_payload_unit *one = &self->units[unit];
  struct sk_buffer text;
  size_t missing = 0;
  begin_text(self, &text);
  sk_buffer_printf(&text, "%s: its manifest names what no archive has: ", one->path);
  for (size_t i = first; i < first + one->archives; i++) {
    const struct sk_operator_manifest *manifest = &self->archives[i]->manifest;
    for (size_t f = 0; f < manifest->file_count; f++) {
      bool told = has_part(self, unit, manifest->files[f]);
      for (size_t k = first; k < i && !told; k++)
        told = sk_names_have(self->archives[k]->manifest.files,
                             self->archives[k]->manifest.file_count, manifest->files[f]);
      if (!told && text.length < NAMES_MOST)
        sk_buffer_printf(&text, "%s%s", missing ? ", " : "", manifest->files[f]);
      missing += !told;
    }
  }
  if (text.length >= NAMES_MOST)
    sk_buffer_printf(&text, ", ...: %zu in all", missing);
  if (missing)
    return sk_payload_tell(self, true, &text, err);
  sk_buffer_reset(&text);
  return SHUKEI_OK;
}

static shukei_status tell_all_missing(struct sk_payloads *self, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  size_t first = 0;
  for (size_t u = 0; u < self->unit_count && !st; u++) {
    st = tell_missing(self, (uint32_t)u, first, err);
    first += self->units[u].archives;
  }
  return st;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void tear_down(struct sk_payloads *self)
{
  for (size_t i = 0; i < self->unit_count; i++)
    for (int r = 0; r < SK_REPORT_COUNT; r++)
      sk_hours_reset(&self->units[i].hours[r]);
  sk_free(self->parts);
  sk_free(self->units);
  sk_free(self->errors);
}

shukei_status sk_payloads_plan(const struct sk_plan_options *options, const char *const *paths,
                               size_t path_count, struct sk_budget *budget, struct sk_plan *plan,
                               shukei_error *err)
{
  struct sk_payloads self = {
      .options = options, .budget = budget, .plan = plan, .paths = paths, .path_count = path_count};
  shukei_status st = SHUKEI_OK;
  plan->archives = sk_calloc(budget, path_count, sizeof *plan->archives);
  plan->archive_count = plan->archives ? path_count : 0;
  self.archives = plan->archives;
  self.errors = sk_calloc(budget, path_count, sizeof *self.errors);
  if (!self.archives || !self.errors)
    st = no_memory(&self, err);
  if (!st)
    st = read_archives(&self, err);
  if (!st)
    st = sk_payload_clusters(&self, err);
  if (!st)
    st = make_units(&self, err);
  if (!st)
    st = gather_parts(&self, err);
  if (!st)
    st = tell_all_missing(&self, err);
  if (!st)
    st = sk_payload_days(&self, err);
  for (size_t i = 0; i < self.path_count && !st; i++)
    st = sk_payload_note(&self, self.archives[i], true, err);
  tear_down(&self);
  return st;
}
