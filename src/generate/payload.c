/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest.json of a payload (spec/6-payloads.md), with the members that the operator writes.
 *
 * A payload of a month adds up with others (it has a version, daily_reports is false); one of a day
 * reports the whole day. */
#include "base/text.h"
#include "generate/writing.h"

static void quoted(struct sk_buffer *out, const char *text)
{
  sk_json_quote(out, text, strlen(text));
}

static void time_member(const struct sk_model *model, const char *key, uint32_t hour,
                        const char *minutes, struct sk_buffer *out)
{
  const struct sk_date date = sk_hour_date(model, hour);
  sk_buffer_printf(out, ",\n  \"%s\": \"%04d-%02d-%02dT%02u:%sZ\"", key, (int)date.year, date.month,
                   date.day, (unsigned)(hour % 24), minutes);
}

void sk_payload_manifest(const struct sk_writing *writing, const struct sk_archive *archive,
                         struct sk_buffer *out)
{
  const struct sk_model *const model = writing->model;
  const bool whole_day = archive->end_hour - archive->first_hour <= 24;
  sk_buffer_text(out, "{\n  \"uuid\": ");
  quoted(out, archive->uuid);
  sk_buffer_text(out, ",\n  \"cluster_id\": ");
  quoted(out, writing->cluster_id);
  sk_buffer_text(out, ",\n  \"version\": ");
  quoted(out, shukei_version());
  time_member(model, "date", archive->end_hour, "00:00", out);
  sk_buffer_text(out, ",\n  \"files\": [");
  for (uint32_t i = 0; i < archive->part_count; i++) {
    sk_buffer_text(out, i ? ",\n    " : "\n    ");
    quoted(out, writing->files->parts[archive->first_part + i].name);
  }
  sk_buffer_text(out, "\n  ],\n  \"resource_optimization_files\": null");
  time_member(model, "start", archive->first_hour, "00:00", out);
  time_member(model, "end", archive->end_hour - 1, "59:59", out);
  sk_buffer_printf(out, ",\n  \"daily_reports\": %s", whole_day ? "true" : "false");
  sk_buffer_text(out, ",\n  \"certified\": false,\n  \"cr_status\": {\n    \"clusterID\": ");
  quoted(out, writing->cluster_id);
  sk_buffer_text(out, ",\n    \"clusterVersion\": \"stable-4.16\",\n"
                      "    \"authentication\": {\"type\": \"token\"},\n"
                      "    \"packaging\": {\"max_reports_to_store\": 30, \"max_size_MB\": 100},\n"
                      "    \"upload\": {\"ingress_path\": \"/api/ingress/v1/upload\", "
                      "\"upload\": true, \"upload_cycle\": 360},\n"
                      "    \"reports\": {\"data_collected\": true}\n  }\n}\n");
}
