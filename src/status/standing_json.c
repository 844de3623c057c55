/* SPDX-License-Identifier: Apache-2.0 */
/* Members are named after their unit; what is not known is absent. docs/status.md lists them. */
#include "status/standing_text.h"

#include <jansson.h>
#include <math.h>

#define DIGITS 9

struct json {
  json_t *object;
  bool failed;
};

static struct json new_object(void)
{
  json_t *const object = json_object();
  return (struct json){object, !object};
}

static void put(struct json *to, const char *name, json_t *value)
{
  if (json_object_set_new(to->object, name, value) != 0)
    to->failed = true;
}

static void put_object(struct json *to, const char *name, struct json value)
{
  to->failed |= value.failed;
  put(to, name, value.object);
}

static void put_text(struct json *to, const char *name, const char *text)
{
  if (text)
    put(to, name, json_string(text));
}

static void put_count(struct json *to, const char *name, int64_t count)
{
  if (count >= 0)
    put(to, name, json_integer((json_int_t)count));
}

static void put_real(struct json *to, const char *name, double value)
{
  if (isfinite(value))
    put(to, name, json_real(value));
}

static void put_seconds(struct json *to, const char *name, double seconds)
{
  if (seconds >= 0)
    put_real(to, name, seconds);
}

static void put_key(struct json *to, const struct sk_bench_key *key)
{
  put_text(to, "scale", key->scale);
  put_text(to, "phase", sk_bench_phase_name(key->phase));
  if (key->mode != SK_BENCH_MODE_NONE)
    put_text(to, "mode", sk_bench_mode_name(key->mode));
  put_count(to, "repeat", key->repeat);
  if (key->threads > 0)
    put_count(to, "threads", key->threads);
  if (key->memory > 0)
    put_count(to, "memory_limit_bytes", key->memory);
}

static struct json of_estimate(const struct sk_estimate *estimate)
{
  struct json to = new_object();
  if (estimate->known)
    put_seconds(&to, "seconds", estimate->seconds);
  if (estimate->known && estimate->interval) {
    put_seconds(&to, "low_seconds", estimate->low);
    put_seconds(&to, "high_seconds", estimate->high);
  }
  put_count(&to, "phases_not_known", (int64_t)estimate->missing);
  return to;
}

static struct json of_now(const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  struct json to = new_object();
  put_key(&to, &r->now);
  put_count(&to, "pid", r->now_pid);
  put(&to, "alive", json_boolean(standing->phase_alive));
  put_seconds(&to, "seconds", r->seconds);
  put_count(&to, "rows", r->rows);
  put_count(&to, "rows_total", r->rows_total);
  put_seconds(&to, "rows_per_second", standing->rate);
  put_count(&to, "rss_bytes", r->rss);
  put_real(&to, "bytes_per_row", standing->row_bytes);
  put_object(&to, "left", of_estimate(&standing->phase_left));
  return to;
}

static struct json of_scale(const struct sk_standing_scale *scale)
{
  struct json to = new_object();
  put_text(&to, "scale", scale->name);
  put_text(&to, "state", sk_bench_state_name(scale->state));
  put_text(&to, "phase", scale->phase);
  put_count(&to, "rows", scale->rows);
  put_count(&to, "phases", (int64_t)scale->phases);
  put_count(&to, "phases_done", (int64_t)scale->done);
  put_count(&to, "phases_failed", (int64_t)scale->failed);
  put_count(&to, "phases_skipped", (int64_t)scale->skipped);
  put_count(&to, "phases_ended", (int64_t)scale->ended);
  put_seconds(&to, "aggregate_seconds", scale->seconds);
  put_seconds(&to, "aggregate_rows_per_second", scale->rate);
  put_count(&to, "aggregate_peak_rss_bytes", scale->peak_rss);
  put_count(&to, "differences", scale->differences);
  put_count(&to, "begun_ms", scale->begun_ms);
  put_count(&to, "ended_ms", scale->ended_ms);
  put_seconds(&to, "seconds", sk_scale_seconds(scale));
  return to;
}

static struct json of_item(const struct sk_standing_item *item)
{
  struct json to = new_object();
  put_key(&to, &item->key);
  put_text(&to, "state", sk_bench_state_name(item->state));
  if (item->line) {
    put_text(&to, "time", item->line->time);
    put_seconds(&to, "seconds", item->line->seconds);
    put_count(&to, "rows", item->line->rows);
    put_count(&to, "peak_rss_bytes", item->line->peak_rss);
    put_text(&to, "error", item->line->error);
    put_text(&to, "advice", item->line->advice);
  }
  return to;
}

static void append(struct json *to, json_t *list, struct json one)
{
  to->failed |= one.failed || json_array_append_new(list, one.object) != 0;
}

static void put_lists(struct json *to, const struct sk_standing *standing)
{
  json_t *const scales = json_array(), *const phases = json_array();
  struct json health = new_object();
  for (size_t i = 0; i < standing->scale_count; i++)
    append(to, scales, of_scale(&standing->scales[i]));
  for (size_t i = 0; i < standing->item_count; i++)
    append(to, phases, of_item(&standing->items[i]));
  for (size_t i = 0; i < SK_INDICATORS; i++) {
    struct json one = new_object();
    put_text(&one, "verdict", sk_health_name(standing->indicators[i].verdict));
    put_text(&one, "text", standing->indicators[i].text);
    put_object(&health, standing->indicators[i].name, one);
  }
  put(to, "scales", scales);
  put(to, "phases", phases);
  put_object(to, "health", health);
}

static void put_error(struct json *to, const struct sk_standing *standing)
{
  struct json error = new_object();
  if (standing->error_key.scale)
    put_key(&error, &standing->error_key);
  put_text(&error, "text", standing->last_error);
  put_text(&error, "advice", standing->last_advice);
  put_object(to, "last_error", error);
}

static int add_bytes(const char *bytes, size_t length, void *context)
{
  struct sk_buffer *const out = context;
  sk_buffer_add(out, bytes, length);
  return out->failed ? -1 : 0;
}

void sk_standing_json(struct sk_buffer *out, const struct sk_standing *standing, bool indented)
{
  const struct sk_running *const r = &standing->running;
  struct json root = new_object();
  put(&root, "format", json_integer(1));
  put_text(&root, "state", sk_standing_state_name(standing->state));
  put_text(&root, "folder", standing->folder);
  put_text(&root, "run", r->run ? r->run : standing->run ? standing->run->id : NULL);
  put_count(&root, "time_ms", standing->read_ms);
  put_count(&root, "begun_ms", standing->begun_ms);
  put_count(&root, "updated_ms", standing->updated_ms);
  put_count(&root, "processes", standing->alive ? 1 + standing->phase_alive : 0);
  put_count(&root, "pid", r->pid);
  put_count(&root, "disk_free_bytes", r->disk_free);
  put_count(&root, "memory_free_bytes", r->memory_free);
  put_count(&root, "phases_done", (int64_t)standing->counts[SK_BENCH_STATE_DONE]);
  put_count(&root, "phases_failed", (int64_t)sk_standing_failed(standing));
  put_count(&root, "phases_skipped", (int64_t)standing->counts[SK_BENCH_STATE_SKIPPED]);
  put_count(&root, "phases_running", (int64_t)standing->counts[SK_BENCH_STATE_RUNNING]);
  put_count(&root, "phases_waiting", (int64_t)standing->counts[SK_BENCH_STATE_WAITING]);
  put_count(&root, "phases_ended", (int64_t)sk_standing_ended(standing));
  if (r->has_now)
    put_object(&root, "now", of_now(standing));
  put_object(&root, "left", of_estimate(&standing->all_left));
  put_lists(&root, standing);
  if (standing->last_error)
    put_error(&root, standing);
  const size_t flags = JSON_REAL_PRECISION(DIGITS) | (indented ? JSON_INDENT(2) : JSON_COMPACT);
  if (root.failed || json_dump_callback(root.object, add_bytes, out, flags) != 0)
    out->failed = true;
  sk_buffer_byte(out, '\n');
  json_decref(root.object);
}
