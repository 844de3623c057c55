/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the ledgers: the hash of the settings, objects and days as this run has found
 * them. */
#include "changed_state.h"

#include <stdio.h>
#include <stdlib.h>

/* The hash of a text that ends with one byte more. */
static void hash_text(const struct sk_buffer *text, char hash[33])
{
  const uint64_t first = sk_hash_bytes(text->bytes, text->length);
  snprintf(hash, 33, "%016" PRIx64 "%016" PRIx64, first,
           sk_hash_bytes(text->bytes, text->length - 1) ^ sk_hash_u64(first));
}

static void add_text(struct sk_buffer *out, const char *text)
{
  if (text)
    sk_buffer_add(out, text, strlen(text) + 1);
  else
    sk_buffer_add(out, "\1", 2);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Everything but the objects that can change a row. */
shukei_status sk_changed_settings(struct sk_changed *self, struct sk_changed_source *source,
                                  const struct sk_rules *rules, shukei_error *err)
{
  struct sk_budget *budget = &self->shared->budget;
  struct sk_buffer text;
  const size_t key_count = rules->enabled_key_count;
  const char **keys = sk_alloc(budget, (key_count + 1) * sizeof *keys);
  if (!keys)
    return sk_changed_no_memory(self, err);
  if (key_count) {
    memcpy(keys, rules->enabled_keys, key_count * sizeof *keys);
    qsort(keys, key_count, sizeof *keys, by_text); /* a set */
  }
  sk_buffer_init(&text, budget, SIZE_MAX);
  add_text(&text, shukei_version());
  sk_buffer_printf(&text, "%d %d %d %" PRId64 " ", (int)rules->labels, (int)self->options->bad_rows,
                   (int)rules->has_report_period_id, rules->report_period_id);
  add_text(&text, rules->source_uuid);
  add_text(&text, rules->cluster_id);
  add_text(&text, rules->cluster_alias);
  for (size_t i = 0; i < key_count; i++)
    add_text(&text, keys[i]);
  for (size_t i = 0; i < rules->cost_category_count; i++) {
    sk_buffer_printf(&text, "category %" PRId64 " ", rules->cost_categories[i].id);
    add_text(&text, rules->cost_categories[i].pattern);
  }
  for (size_t i = 0; i < rules->node_count; i++) {
    sk_buffer_text(&text, "node ");
    add_text(&text, rules->nodes[i].node);
    add_text(&text, rules->nodes[i].resource_id);
    add_text(&text, rules->nodes[i].role);
  }
  char hash[33];
  if (!text.failed)
    hash_text(&text, hash);
  source->settings = text.failed ? NULL : sk_changed_text(self, hash);
  sk_buffer_reset(&text);
  sk_free(keys);
  return !source->settings ? sk_changed_no_memory(self, err) : SHUKEI_OK;
}

/* ---- ledgers ------------------------------------------------------------------------------ */

static bool same_object(const struct sk_ledger_object *a, const struct sk_ledger_object *b)
{
  return strcmp(a->etag, b->etag) == 0 && strcmp(a->report, b->report) == 0 &&
         strcmp(a->format, b->format) == 0 && strcmp(a->days, b->days) == 0 &&
         strcmp(a->note, b->note) == 0 && a->rows == b->rows;
}

/* True where all its days were asked for, so that not having listed it says that it is gone. */
static bool is_gone(const struct sk_changed *self, const struct sk_ledger_object *noted)
{
  struct sk_day_list list;
  bool gone = true;
  if (!sk_day_list_parse(noted->days, &self->shared->budget, &list))
    return false;
  for (size_t i = 0; i < list.count; i++)
    gone = gone && list.ranges[i].first >= self->start_day && list.ranges[i].last <= self->end_day;
  sk_day_list_reset(&list);
  return gone;
}

/* Whether an object is noted in the ledgers of a source. Those of no cluster that is read are in
 * the ledgers of the first one. */
static bool belongs(const struct sk_changed *self, const struct sk_changed_source *source,
                    const struct sk_changed_object *object)
{
  if (!object->cluster_id)
    return source->cluster == 0;
  return strcmp(object->cluster_id, self->plan->clusters[source->cluster].cluster_id) == 0;
}

static shukei_status note_objects(const struct sk_changed *self,
                                  const struct sk_changed_source *source, struct sk_ledger *ledger,
                                  shukei_error *err)
{
  const size_t loaded = ledger->object_count;
  for (size_t i = 0; i < loaded; i++) {
    const struct sk_changed_object *now = sk_changed_find(self, ledger->objects[i].path);
    if (now ? !belongs(self, source, now) : is_gone(self, &ledger->objects[i]))
      ledger->objects[i].state = SK_LEDGER_GONE;
  }
  for (size_t i = 0; i < self->object_count; i++) {
    struct sk_ledger_object now = self->objects[i].noted;
    const struct sk_ledger part = {.objects = ledger->objects, .object_count = loaded};
    struct sk_ledger_object *noted = sk_ledger_find_object(&part, now.path);
    if (!belongs(self, source, &self->objects[i]))
      continue;
    now.state = SK_LEDGER_NEW;
    if (!noted && !sk_ledger_add_object(ledger, now))
      return sk_changed_no_memory(self, err);
    if (noted && !same_object(noted, &now))
      *noted = now;
  }
  return SHUKEI_OK;
}

static shukei_status note_days(const struct sk_changed *self,
                               const struct sk_changed_source *source, struct sk_ledger *ledger,
                               shukei_error *err)
{
  const size_t loaded = ledger->day_count;
  for (size_t i = 0; i < source->day_count; i++) {
    const struct sk_changed_day *day = &source->days[i];
    const struct sk_ledger part = {.days = ledger->days, .day_count = loaded};
    struct sk_ledger_day *noted = sk_ledger_find_day(&part, day->day);
    if (!day->made)
      continue;
    if (!noted && !sk_ledger_add_day(ledger, (struct sk_ledger_day){.day = day->day,
                                                                    .settings = source->settings,
                                                                    .objects = day->objects,
                                                                    .mark = "",
                                                                    .found = "",
                                                                    .state = SK_LEDGER_NEW}))
      return sk_changed_no_memory(self, err);
    if (!noted)
      continue;
    noted->settings = source->settings;
    noted->objects = day->objects;
    noted->state = day->count ? SK_LEDGER_NEW : SK_LEDGER_GONE;
  }
  return SHUKEI_OK;
}

/* Writes the days of all objects as texts, once. */
static shukei_status days_as_texts(struct sk_changed *self, shukei_error *err)
{
  struct sk_buffer text;
  shukei_status st = SHUKEI_OK;
  sk_buffer_init(&text, &self->shared->budget, SIZE_MAX);
  for (size_t i = 0; i < self->object_count && !st; i++) {
    struct sk_changed_object *object = &self->objects[i];
    if (object->noted.days)
      continue;
    sk_buffer_clear(&text);
    sk_day_list_text(&object->list, &text);
    sk_buffer_byte(&text, '\0');
    object->noted.days = text.failed ? NULL : sk_changed_text(self, (const char *)text.bytes);
    if (!object->noted.days)
      st = sk_changed_no_memory(self, err);
  }
  sk_buffer_reset(&text);
  return st;
}

shukei_status sk_changed_note(struct sk_changed *self, struct sk_changed_source *source,
                              shukei_error *err)
{
  shukei_status st = days_as_texts(self, err);
  for (size_t i = 0; i < self->options->sink_count && !st; i++) {
    st = note_objects(self, source, &source->ledgers[i], err);
    if (!st)
      st = note_days(self, source, &source->ledgers[i], err);
    sk_ledger_sort(&source->ledgers[i]);
  }
  return st;
}
