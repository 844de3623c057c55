/* SPDX-License-Identifier: Apache-2.0 */
/* Why a day is made again. The decision compares hashes; this looks for what lies behind them. */
#include "changed_state.h"

#include <stdio.h>

#define NAMES_SHOWN 3

bool sk_changed_stale(const struct sk_changed *changed, const struct sk_changed_source *source,
                      const struct sk_ledger *ledger, const struct sk_changed_day *day)
{
  const struct sk_ledger_day *noted = sk_ledger_find_day(ledger, day->day);
  if (!noted || strcmp(noted->settings, source->settings) != 0 ||
      strcmp(noted->objects, day->objects) != 0)
    return true;
  /* A day that has no rows replaces none, unless all days in between were asked for. */
  const bool replaces = changed->whole_range || noted->mark[0];
  return replaces && strcmp(noted->mark, noted->found) != 0;
}

struct names { /* of one kind of change: how many, the first of them in words */
  size_t count;
  char text[160];
};

static void add_name(struct names *names, const char *path)
{
  const size_t length = strlen(names->text), path_length = strlen(path);
  /* of a long path its end: that is what differs */
  const char *shown = path_length > 48 ? path + path_length - 48 : path;
  if (names->count++ < NAMES_SHOWN)
    snprintf(names->text + length, sizeof names->text - length, "%s%s%s", length ? ", " : "",
             shown == path ? "" : "...", shown);
}

static void put_names(const struct names *names, const char *kind, char *room)
{
  const size_t length = strlen(room);
  if (names->count)
    snprintf(room + length, SK_CHANGED_REASON - length, "%s%zu %s (%s%s)", length ? ", " : "",
             names->count, kind, names->text, names->count > NAMES_SHOWN ? ", ..." : "");
}

/* True where the ledger says that the object had rows of the day. */
static bool had_rows(const struct sk_changed *changed, const struct sk_ledger_object *object,
                     int32_t day)
{
  struct sk_day_list list;
  const struct sk_day_range range = {day, day};
  if (!object->report[0] ||
      !sk_day_list_parse(object->days, &changed->shared->budget, &list)) /* no more than a reason */
    return false;
  const bool had = list.known && sk_day_list_meets(&list, range);
  sk_day_list_reset(&list);
  return had;
}

/* Whether the day has a file of the object. */
static bool has_rows(const struct sk_changed *changed, const struct sk_changed_source *source,
                     const struct sk_changed_day *day, const struct sk_changed_object *object)
{
  for (size_t i = 0; i < day->count; i++)
    if (&changed->objects[changed->of_file[source->pairs[day->first + i].file]] == object)
      return true;
  return false;
}

/* Those that a ledger has the day's rows of, and that have none of it any more. A payload that is
 * still there is one that others supersede. */
static void add_former(const struct sk_changed *changed, const struct sk_changed_source *source,
                       const struct sk_ledger *ledger, const struct sk_changed_day *day,
                       struct names *gone, struct names *superseded)
{
  for (size_t i = 0; i < ledger->object_count; i++) {
    const struct sk_ledger_object *noted = &ledger->objects[i];
    if (!had_rows(changed, noted, day->day))
      continue;
    const struct sk_changed_object *now = sk_changed_find(changed, noted->path);
    const bool stays = now && now->cluster_id && strcmp(now->noted.etag, noted->etag) == 0;
    if (!now || !has_rows(changed, source, day, now))
      add_name(stays ? superseded : gone, noted->path);
  }
}

static const char *reason_of_objects(const struct sk_changed *changed,
                                     const struct sk_changed_source *source,
                                     const struct sk_ledger *ledger,
                                     const struct sk_changed_day *day, char *room)
{
  struct names added = {.count = 0}, other = {.count = 0}, again = {.count = 0},
               gone = {.count = 0}, superseded = {.count = 0};
  const struct sk_changed_object *last = NULL;
  for (size_t i = 0; i < day->count; i++) {
    const struct sk_changed_object *object =
        &changed->objects[changed->of_file[source->pairs[day->first + i].file]];
    const struct sk_ledger_object *now = &object->noted,
                                  *noted = sk_ledger_find_object(ledger, now->path);
    if (object == last) /* members of one payload */
      continue;
    last = object;
    if (!noted)
      add_name(&added, now->path);
    else if (!now->etag[0] || strcmp(noted->etag, now->etag) != 0)
      add_name(&other, now->path);
    else if (object->cluster_id && !had_rows(changed, noted, day->day))
      add_name(&again, now->path);
  }
  add_former(changed, source, ledger, day, &gone, &superseded);
  room[0] = '\0';
  put_names(&added, "new", room);
  put_names(&other, "changed", room);
  put_names(&again, "not superseded any more", room);
  put_names(&gone, "gone", room);
  put_names(&superseded, "superseded", room);
  if (!room[0])
    snprintf(room, SK_CHANGED_REASON, "its objects are others than those it was made from");
  return room;
}

const char *sk_changed_reason(const struct sk_changed *changed,
                              const struct sk_changed_source *source,
                              const struct sk_changed_day *day, char room[SK_CHANGED_REASON])
{
  for (size_t i = 0; i < changed->options->sink_count; i++) {
    const struct sk_ledger *ledger = &source->ledgers[i];
    const struct sk_ledger_day *noted = sk_ledger_find_day(ledger, day->day);
    const char *sink = changed->options->sinks[i];
    if (!sk_changed_stale(changed, source, ledger, day))
      continue;
    if (ledger->object_count == 0)
      snprintf(room, SK_CHANGED_REASON, "%s has no ledger yet", sink);
    else if (!noted || !noted->settings[0])
      snprintf(room, SK_CHANGED_REASON, "the ledger of %s does not have the day", sink);
    else if (strcmp(noted->settings, source->settings) != 0)
      snprintf(room, SK_CHANGED_REASON, "settings or the program's version are others");
    else if (strcmp(noted->objects, day->objects) != 0)
      return reason_of_objects(changed, source, ledger, day, room);
    else
      snprintf(room, SK_CHANGED_REASON, "%s %s", sink,
               noted->found[0] ? "has other rows of it than those that were written"
                               : "has no rows of it any more");
    return room;
  }
  return NULL;
}
