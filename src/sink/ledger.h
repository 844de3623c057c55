/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of --changed: what a sink's days were made from, kept where the sink's rows are.
 *
 *   sk_sink_ledger_load() -> change states, add entries -> sk_sink_keep_ledger() -> prepare, commit
 *   -> sk_ledger_reset()
 *
 * Objects are what was read: which version, and which days its rows are of. A day tells by two
 * hashes which settings and versions of objects its rows were made with, and by a mark which rows
 * they are: the sink makes the mark from what it holds, and looks at it again when the ledger is
 * loaded, so that rows that others have replaced or taken away are noticed. All texts are
 * zero-terminated and lie in the ledger's arena, or live as long. */
#ifndef SK_SINK_LEDGER_H
#define SK_SINK_LEDGER_H

#include "base/arena.h"
#include "base/buffer.h"

enum sk_ledger_state {
  SK_LEDGER_KEPT, /* as it was loaded */
  SK_LEDGER_NEW,  /* to be written; of a day: this run makes its rows and its mark */
  SK_LEDGER_GONE  /* to be removed */
};
struct sk_ledger_object {
  const char *path;
  const char *etag;   /* "": not to be trusted */
  const char *report; /* its type; "": none, and the note says what it is instead */
  const char *format, *days, *note;
  int64_t rows; /* -1: not known */
  enum sk_ledger_state state;
};
struct sk_ledger_day {
  int32_t day;
  const char *settings, *objects; /* hashes; "" where the ledger does not know the day */
  const char *mark, *found; /* as noted; as it is now, "" where the sink has no rows of the day */
  enum sk_ledger_state state;
};
struct sk_ledger {
  struct sk_arena arena;
  struct sk_ledger_object *objects; /* as loaded sorted by path, each path once */
  size_t object_count, object_capacity;
  struct sk_ledger_day
      *days; /* as loaded sorted by day; those that the sink alone knows are there, too */
  size_t day_count, day_capacity;
};

void sk_ledger_init(struct sk_ledger *ledger, struct sk_budget *budget);
void sk_ledger_reset(struct sk_ledger *ledger);
/* Appends; the texts are borrowed. False when memory lacks. */
bool sk_ledger_add_object(struct sk_ledger *ledger, struct sk_ledger_object object);
bool sk_ledger_add_day(struct sk_ledger *ledger, struct sk_ledger_day day);
/* A copy of the text in the ledger's arena; NULL when memory lacks. */
const char *sk_ledger_text(struct sk_ledger *ledger, const char *text);
/* Of a loaded ledger; NULL where there is none. */
struct sk_ledger_object *sk_ledger_find_object(const struct sk_ledger *ledger, const char *path);
struct sk_ledger_day *sk_ledger_find_day(const struct sk_ledger *ledger, int32_t day);
/* Sorts both lists; done by the loading, and by whoever appends and looks things up afterwards. */
void sk_ledger_sort(struct sk_ledger *ledger);
/* For a sink that tells what it holds: begin, then a day after the other, each once, then sort.
 * `found` is set, of days the ledger does not have, too, which are added; with `fill` also the mark
 * of those that are NEW. `known` is what begin returned. False when memory lacks. */
size_t sk_ledger_note_begin(struct sk_ledger *ledger, bool fill);
bool sk_ledger_note(struct sk_ledger *ledger, size_t known, int32_t day, const char *mark,
                    bool fill);
/* The run made no rows of a day; what the sink may have of it is older. */
static inline void sk_ledger_no_rows(struct sk_ledger_day *day)
{
  if (day->state == SK_LEDGER_NEW)
    day->mark = "";
}
/* True where something is to be written. */
bool sk_ledger_changed(const struct sk_ledger *ledger);

#endif
