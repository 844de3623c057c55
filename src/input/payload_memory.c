/* SPDX-License-Identifier: Apache-2.0 */
/* What a former run knows of archives (docs/changed.md): an archive whose version it has noted is
 * not read, since which of its members count is decided by manifests and hours alone. */
#include "base/each.h"
#include "input/archive_text.h"
#include "input/payload_set.h"

#include <stdlib.h>
#include <string.h>

shukei_status sk_payload_recall(const struct sk_payloads *self, const char *path,
                                struct sk_archive **out, shukei_error *err)
{
  const struct sk_plan_memory *memory = self->options->memory;
  const char *text = memory ? memory->recall_archive(memory->context, path) : NULL;
  *out = NULL;
  return text ? sk_archive_of_text(text, path, self->budget, out, err) : SHUKEI_OK;
}

/* Whether a former run's word on the archive is still all that is known of it. */
static bool is_known(const struct sk_archive *archive)
{
  bool known = archive->recalled;
  for (size_t i = 0; i < archive->count && known; i++)
    known = !archive->members[i].fresh;
  return known;
}

shukei_status sk_payload_note(const struct sk_payloads *self, const struct sk_archive *archive,
                              bool cluster_read, shukei_error *err)
{
  const struct sk_plan_memory *memory = self->options->memory;
  const bool same = is_known(archive);
  struct sk_buffer text;
  if (!memory)
    return SHUKEI_OK;
  sk_buffer_init(&text, self->budget, SIZE_MAX);
  if (!same) {
    sk_archive_text(archive, &text);
    sk_buffer_byte(&text, '\0');
  }
  shukei_status st = SHUKEI_OK;
  if (text.failed)
    st = sk_fail_memory(err, self->budget, 0, "the plan of payloads");
  if (!st)
    st = memory->note_archive(
        memory->context, archive->path, cluster_read ? archive->manifest.cluster_id : NULL,
        same ? NULL : (const char *)text.bytes, archive->days, archive->day_count, err);
  sk_buffer_reset(&text);
  return st;
}

shukei_status sk_payload_counts(const struct sk_payloads *self, struct sk_archive *archive,
                                const struct sk_day_set *days, shukei_error *err)
{
  const size_t count = archive->day_count + days->count;
  if (count > archive->day_capacity) {
    const size_t capacity = count + archive->day_capacity;
    int32_t *grown = sk_realloc(self->budget, archive->days, capacity * sizeof *grown);
    if (!grown)
      return sk_fail_memory(err, self->budget, 0, "the plan of payloads");
    archive->days = grown;
    archive->day_capacity = capacity;
  }
  memcpy(archive->days + archive->day_count, days->days, days->count * sizeof *days->days);
  archive->day_count = count;
  return SHUKEI_OK;
}

/* ---- archives that are wanted after all ------------------------------------------------------ */

struct fetching {
  struct sk_archive **archives;
  struct sk_budget *budget;
};

static shukei_status fetch_one(void *context, size_t i, shukei_error *err)
{
  const struct fetching *all = context;
  return sk_archive_renew(all->archives[i], all->budget, err);
}

static int by_address(const void *a, const void *b)
{
  const uintptr_t x = (uintptr_t) * (const struct sk_archive *const *)a,
                  y = (uintptr_t) * (const struct sk_archive *const *)b;
  return (x > y) - (x < y);
}

shukei_status sk_plan_fetch_archives(struct sk_plan *plan, unsigned threads,
                                     struct sk_budget *budget, shukei_error *err)
{
  struct fetching all = {.budget = budget};
  const struct sk_archive **wanted = sk_alloc(budget, (plan->count + 1) * sizeof *wanted);
  all.archives = sk_alloc(budget, (plan->archive_count + 1) * sizeof *all.archives);
  size_t want = 0, count = 0;
  shukei_status st = SHUKEI_OK;
  if (!wanted || !all.archives)
    st = sk_fail_memory(err, budget, 0, "the plan of payloads");
  for (size_t i = 0; i < plan->count && !st; i++)
    if (plan->files[i].archive && plan->files[i].archive->recalled && !plan->files[i].left_out)
      wanted[want++] = plan->files[i].archive;
  if (want)
    qsort(wanted, want, sizeof *wanted, by_address);
  for (size_t a = 0; a < plan->archive_count && want; a++)
    if (bsearch(&plan->archives[a], wanted, want, sizeof *wanted, by_address))
      all.archives[count++] = plan->archives[a];
  if (!st)
    st = sk_each(threads, count, fetch_one, &all, NULL, err);
  sk_free(wanted);
  sk_free(all.archives);
  return st;
}
