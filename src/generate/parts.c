/* SPDX-License-Identifier: Apache-2.0 */
/* The names are those of the metrics operator for CSV (cm-openshift-pod-usage-202510.csv, with the
 * day behind it for daily files), of its archives for payloads, and of the layouts of
 * spec/1-input.md for Parquet. */
#include "generate/parts.h"

#include "generate/noise.h"

#include <stdio.h>
#include <string.h>

#define NAME_ROOM 1024
#define UUID_KEY UINT64_C(0x7061796c6f616473)

static const char *const prefixes[SK_REPORTS] = {
    "cm-openshift-pod-usage-", "cm-openshift-storage-usage-", "cm-openshift-node-usage-",
    "cm-openshift-namespace-usage-"};

struct sk_date sk_hour_date(const struct sk_model *model, uint32_t hour)
{
  return sk_date_of_day(model->first_day + (int32_t)(hour / 24));
}

char *sk_uuid_text(uint64_t key, uint64_t which, char text[37])
{
  const uint64_t high = (sk_noise(key, which, 0) & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
  const uint64_t low = (sk_noise(key, which, 1) & (UINT64_MAX >> 2)) | UINT64_C(1) << 63;
  snprintf(text, 37, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
           high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
           low & ((UINT64_C(1) << 48) - 1));
  return text;
}

static bool same_period(const struct sk_model *model, bool daily, uint32_t a, uint32_t b)
{
  const struct sk_date x = sk_hour_date(model, a), y = sk_hour_date(model, b);
  return x.year == y.year && x.month == y.month && (!daily || x.day == y.day);
}

/* The end of the period that begins at `first`: days are the smallest steps. */
static uint32_t period_end(const struct sk_model *model, bool daily, uint32_t first)
{
  uint32_t end = (first / 24 + 1) * 24;
  while (end < model->hour_count && same_period(model, daily, first, end))
    end += 24;
  return end < model->hour_count ? end : model->hour_count;
}

static const char *keep(struct sk_plan_files *plan, const char *text)
{
  const size_t length = strlen(text) + 1;
  char *copy = sk_arena_bytes(&plan->arena, length);
  return copy ? memcpy(copy, text, length) : NULL;
}

static void csv_name(const struct sk_plan_settings *settings, enum sk_report report,
                     struct sk_date date, char *text)
{
  int length =
      snprintf(text, NAME_ROOM, "%s%04d%02d", prefixes[report], (int)date.year, date.month);
  if (settings->daily)
    length += snprintf(text + length, NAME_ROOM - (size_t)length, "%02d", date.day);
  snprintf(text + length, NAME_ROOM - (size_t)length,
           settings->form == SK_FORM_CSV_GZ ? ".csv.gz" : ".csv");
}

static int parquet_name(const struct sk_plan_settings *settings, enum sk_report report,
                        struct sk_date date, char *text)
{
  const struct sk_report_info *const info = sk_report_info(report);
  const int year = date.year, month = date.month, day = date.day;
  switch (settings->layout) {
  case SHUKEI_LAYOUT_KOKU:
    return snprintf(text, NAME_ROOM,
                    "data/parquet/%s/OCP/%s/source=%s/year=%04d/month=%02d/"
                    "%s.%04d-%02d-%02d.1.0_0.parquet",
                    settings->org, info->name, settings->source, year, month, info->name, year,
                    month, day);
  case SHUKEI_LAYOUT_POC:
    return snprintf(text, NAME_ROOM,
                    "data/%s/OCP/source=%s/year=%04d/month=%02d/day=%02d/%s/"
                    "%s.%04d-%02d-%02d.parquet",
                    settings->org, settings->source, year, month, day, info->table, info->name,
                    year, month, day);
  default:
    return snprintf(text, NAME_ROOM, "%s.%04d-%02d-%02d.parquet", info->name, year, month, day);
  }
}

static bool add_archive(const struct sk_model *model, const struct sk_plan_settings *settings,
                        struct sk_plan_files *plan, uint32_t first, uint32_t end)
{
  char text[NAME_ROOM];
  struct sk_archive *const archive = &plan->archives[plan->archive_count];
  const struct sk_date date = sk_hour_date(model, end);
  *archive =
      (struct sk_archive){.first_hour = first, .end_hour = end, .first_part = plan->part_count};
  sk_uuid_text(sk_mix(settings->seed) ^ UUID_KEY, (uint64_t)(int64_t)model->first_day + first / 24,
               archive->uuid);
  snprintf(text, sizeof text, "%04d%02d%02dT%02u0000-cost-mgmt.tar.gz", (int)date.year, date.month,
           date.day, (unsigned)(end % 24));
  archive->name = keep(plan, text);
  plan->archive_count++;
  return archive->name != NULL;
}

static bool add_parts(const struct sk_model *model, const struct sk_plan_settings *settings,
                      struct sk_plan_files *plan, uint32_t first, uint32_t end)
{
  const struct sk_date date = sk_hour_date(model, first);
  for (int i = 0; i < SK_REPORTS; i++) {
    const enum sk_report report = (enum sk_report)i;
    char text[NAME_ROOM];
    if (sk_report_slots(model, report) == 0)
      continue;
    struct sk_part *const part = &plan->parts[plan->part_count];
    *part = (struct sk_part){.report = report, .first_hour = first, .end_hour = end};
    if (settings->payload) {
      struct sk_archive *const archive = &plan->archives[plan->archive_count - 1];
      part->archive = plan->archive_count - 1;
      snprintf(text, sizeof text, "%s_openshift_usage_report.%" PRIu32 ".csv", archive->uuid,
               archive->part_count++);
    } else if (settings->form == SK_FORM_PARQUET) {
      if (parquet_name(settings, report, date, text) >= NAME_ROOM)
        return false;
    } else {
      csv_name(settings, report, date, text);
    }
    part->name = keep(plan, text);
    if (!part->name)
      return false;
    plan->part_count++;
  }
  return true;
}

/* Parts of paths, which must not lead out of the folder. */
static bool plain_part(const char *text)
{
  return *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

shukei_status sk_files_plan(const struct sk_model *model, const struct sk_plan_settings *settings,
                            struct sk_budget *budget, struct sk_plan_files *plan, shukei_error *err)
{
  const bool daily = settings->daily || settings->form == SK_FORM_PARQUET;
  uint32_t periods = 0;
  memset(plan, 0, sizeof *plan);
  sk_arena_init(&plan->arena, budget);
  plan->form = settings->form;
  if (strlen(settings->org) + strlen(settings->source) > NAME_ROOM / 2)
    return sk_fail(err, SHUKEI_EINVAL, "organisation and source are too long for a path");
  if ((settings->layout == SHUKEI_LAYOUT_KOKU || settings->layout == SHUKEI_LAYOUT_POC) &&
      (!plain_part(settings->org) || !plain_part(settings->source)))
    return sk_fail(err, SHUKEI_EINVAL,
                   "the layout needs an organisation and a source, without '/'");
  for (uint32_t hour = 0; hour < model->hour_count; hour = period_end(model, daily, hour))
    periods++;
  const size_t bytes = (size_t)periods * SK_REPORTS * sizeof *plan->parts;
  plan->parts = sk_arena_alloc(&plan->arena, bytes ? bytes : 1);
  plan->archives = settings->payload
                       ? sk_arena_alloc(&plan->arena, (size_t)periods * sizeof *plan->archives)
                       : NULL;
  bool ok = plan->parts && (plan->archives || !settings->payload);
  for (uint32_t hour = 0; ok && hour < model->hour_count;) {
    const uint32_t end = period_end(model, daily, hour);
    if (settings->payload)
      ok = add_archive(model, settings, plan, hour, end);
    ok = ok && add_parts(model, settings, plan, hour, end);
    hour = end;
  }
  if (ok)
    return SHUKEI_OK;
  sk_files_reset(plan);
  return sk_fail_memory(err, budget, bytes, "the list of files");
}

void sk_files_reset(struct sk_plan_files *plan)
{
  sk_arena_reset(&plan->arena);
  memset(plan, 0, sizeof *plan);
}
