/* SPDX-License-Identifier: Apache-2.0 */
/* Writing partial groups to a temporary file.
 *
 * A call makes one run per day and kind; keys are texts (base/sort_key.h), so that runs of
 * different partials, whose ids differ, sort alike. Payloads, lengths and ids in 7 bits a byte:
 *
 *   kind      key                    payload
 *   CAPACITY  interval, node         cpu 8, memory 8
 *   MOUNT     namespace, pod, node   resource_id
 *   GROUP     namespace, node        label set, the hourly pair's two sets, resource_id,
 *                                    role, rows, cores 8, bytes 8, each sum as its length and
 *                                    its lowest bytes
 *
 * Memory is short when this is called. Hence no record is gathered before it is written: the names
 * of a day are ranked once, and records are sorted by a counting sort a name of the key, over 8
 * bytes a record, where a group in memory takes 190. */
#include "summary/spilled.h"

#include "base/bytes.h"
#include "summary/rank.h"

#include <stdlib.h>

#define AHEAD 8 /* groups fetched before they are written, as they lie in no order */

struct writer {
  struct sk_spilled *spilled;
  const struct sk_partial *partial;
  const struct sk_pod_day *day;
  struct sk_ranks names; /* of the day and kind */
  uint32_t *order, *spare, *starts;
  struct sk_buffer key, payload;
  struct sk_run *run; /* NULL before the first record */
  struct sk_run *made[SK_SPILLED_KINDS];
};

static shukei_status no_memory(const struct writer *w, uint64_t bytes, shukei_error *err)
{
  return sk_fail_memory(err, w->spilled->budget, bytes, "sorting what is spilled");
}

/* ---- records -------------------------------------------------------------------------------- */

void sk_spilled_put_number(struct sk_buffer *out, uint64_t value)
{
  for (; value >= 0x80; value >>= 7)
    sk_buffer_byte(out, (uint8_t)(value | 0x80));
  sk_buffer_byte(out, (uint8_t)value);
}

static void put_text(struct sk_buffer *out, const struct sk_intern *table, uint32_t id)
{
  const struct sk_intern_entry *e = sk_intern_at(table, id);
  sk_spilled_put_number(out, e->length);
  sk_buffer_add(out, e->bytes, e->length);
}

static void put_double(struct sk_buffer *out, double value)
{
  uint8_t bytes[8];
  sk_put_le64(bytes, sk_bits_of_double(value));
  sk_buffer_add(out, bytes, sizeof bytes);
}

/* The highest bytes are left out while they only repeat the sign. */
static void put_wide(struct sk_buffer *out, sk_wide value)
{
  uint8_t bytes[17];
  const uint8_t sign = value < 0 ? 0xff : 0;
  size_t length = value == (int64_t)value ? 8 : 16; /* most need no more */
  sk_put_le64(bytes + 1, (uint64_t)value);
  sk_put_le64(bytes + 9, (uint64_t)((sk_uwide)value >> 64));
  while (length > 1 && bytes[length] == sign && (bytes[length - 1] ^ sign) < 0x80)
    length--;
  bytes[0] = (uint8_t)length;
  sk_buffer_add(out, bytes, length + 1);
}

void sk_spilled_put_sums(struct sk_buffer *out, const struct sk_pod_group *group)
{
  put_double(out, group->cores);
  put_double(out, group->bytes);
  for (int k = 0; k < SK_SUM_COUNT; k++)
    put_wide(out, group->sums[k]);
}

static void put_name(struct writer *w, uint32_t name)
{
  const struct sk_intern_entry *e = sk_intern_at(&w->partial->tables->symbols.names, name);
  sk_key_text(&w->key, e->bytes, e->length);
}

/* Adds the record that is in key and payload to the run. */
static shukei_status add_record(struct writer *w, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (w->key.failed || w->payload.failed)
    return no_memory(w, 0, err);
  if (!w->run)
    st = sk_run_begin(w->spilled->file, &w->run, err);
  if (!st)
    st = sk_run_add(w->run, w->key.bytes, w->key.length, w->payload.bytes, w->payload.length, err);
  return st;
}

/* ---- sorting -------------------------------------------------------------------------------- */

/* A name of a record's key; parts count from the one that is compared first. */
typedef uint32_t (*name_of)(const struct sk_pod_day *day, uint32_t record, unsigned part);

static uint32_t group_name(const struct sk_pod_day *day, uint32_t group, unsigned part)
{
  const uint64_t names = sk_groups_key(day->keys, group)[0];
  return part == 0 ? sk_high(names) : sk_low(names);
}

static uint32_t mount_name(const struct sk_pod_day *day, uint32_t mount, unsigned part)
{
  const struct sk_map_key *key = &day->mounts.keys[mount];
  return part == 0 ? sk_high(key->high) : part == 1 ? sk_low(key->high) : (uint32_t)key->low;
}

static bool want_name(struct writer *w, uint32_t name)
{
  const struct sk_intern_entry *e = sk_intern_at(&w->partial->tables->symbols.names, name);
  return sk_ranks_want(&w->names, w->spilled->budget, name, e->bytes, e->length);
}

/* Sorts order by the rank of one name of the records' keys; records with equal ones keep their
 * order. */
static void sort_by_part(struct writer *w, uint32_t count, name_of name, unsigned part)
{
  const uint32_t *rank = w->names.rank.at;
  memset(w->starts, 0, ((size_t)w->names.count + 1) * sizeof *w->starts);
  for (uint32_t i = 0; i < count; i++)
    w->starts[rank[name(w->day, w->order[i], part)] + 1]++;
  for (uint32_t r = 0; r < w->names.count; r++)
    w->starts[r + 1] += w->starts[r];
  for (uint32_t i = 0; i < count; i++)
    w->spare[w->starts[rank[name(w->day, w->order[i], part)]]++] = w->order[i];
  uint32_t *sorted = w->spare;
  w->spare = w->order;
  w->order = sorted;
}

/* Makes room for the order of so many records. */
static shukei_status begin_order(struct writer *w, uint32_t count, shukei_error *err)
{
  const size_t bytes = ((size_t)count + 1) * sizeof *w->order;
  w->order = sk_alloc(w->spilled->budget, bytes);
  w->spare = sk_alloc(w->spilled->budget, bytes);
  return w->order && w->spare ? SHUKEI_OK : no_memory(w, bytes, err);
}

/* Sorts the `count` records in w->order by the names of their keys. */
static shukei_status sort_records(struct writer *w, uint32_t count, name_of name, unsigned parts,
                                  shukei_error *err)
{
  struct sk_budget *budget = w->spilled->budget;
  for (uint32_t i = 0; i < count; i++)
    for (unsigned part = 0; part < parts; part++)
      if (!want_name(w, name(w->day, w->order[i], part)))
        return no_memory(w, 0, err);
  sk_ranks_sort(&w->names);
  w->starts = sk_alloc(budget, ((size_t)w->names.count + 1) * sizeof *w->starts);
  if (!w->starts)
    return no_memory(w, 0, err);
  for (unsigned part = parts; part-- > 0;)
    sort_by_part(w, count, name, part);
  sk_free(w->spare);
  w->spare = NULL;
  return SHUKEI_OK;
}

static void reset_order(struct writer *w)
{
  sk_ranks_reset(&w->names);
  sk_free(w->order);
  sk_free(w->spare);
  sk_free(w->starts);
  w->order = w->spare = w->starts = NULL;
}

/* ---- kinds ---------------------------------------------------------------------------------- */

struct instant {
  int64_t us;
  const struct sk_moment *moment;
};

static int compare_instants(const void *a, const void *b)
{
  const struct instant *x = a, *y = b;
  return (x->us > y->us) - (x->us < y->us);
}

/* The day's instants in rising order; wants the names of their nodes. NULL and *count 0: none. */
static shukei_status day_instants(struct writer *w, uint32_t day, struct instant **out,
                                  uint32_t *count, shukei_error *err)
{
  const struct sk_pod_stage *stage = &w->partial->pod;
  uint32_t capacity = 0, low = SK_NO_ID, high = 0;
  void *array = NULL;
  *count = 0;
  for (uint32_t i = 0; i < stage->moment_count; i++) {
    const struct sk_moment *m = &stage->moments[i];
    if (m->day != day || !m->node_count)
      continue;
    const bool room = sk_grow(w->spilled->budget, &array, &capacity, *count + 1, sizeof **out);
    *out = array;
    if (!room)
      return no_memory(w, ((uint64_t)capacity + capacity / 2) * sizeof **out, err);
    (*out)[(*count)++] =
        (struct instant){sk_symbols_interval_us(&w->partial->tables->symbols, i), m};
    low = m->first_node < low ? m->first_node : low;
    high = m->first_node + m->node_count > high ? m->first_node + m->node_count : high;
  }
  if (*count)
    qsort(*out, *count, sizeof **out, compare_instants);
  for (uint32_t n = low; n < high && n < stage->node_count;
       n++) /* windows reach beyond all nodes */
    if (!want_name(w, stage->node_names[n]))
      return no_memory(w, 0, err);
  return SHUKEI_OK;
}

static shukei_status write_capacities(struct writer *w, uint32_t day, shukei_error *err)
{
  struct instant *instants = NULL;
  uint32_t count;
  shukei_status st = day_instants(w, day, &instants, &count, err);
  if (!st)
    sk_ranks_sort(&w->names);
  for (uint32_t i = 0; !st && i < count; i++) {
    const struct sk_moment *m = instants[i].moment;
    for (uint32_t r = 0; !st && r < w->names.count; r++) {
      const uint32_t name = w->names.texts[r].id;
      const uint32_t at = w->partial->pod.node_index.at[name] - m->first_node; /* wraps below it */
      if (at >= m->node_count)
        continue;
      sk_buffer_clear(&w->key);
      sk_buffer_clear(&w->payload);
      sk_key_i64(&w->key, instants[i].us);
      put_name(w, name);
      put_double(&w->payload, m->nodes[at].cpu);
      put_double(&w->payload, m->nodes[at].memory);
      st = add_record(w, err);
    }
  }
  sk_free(instants);
  return st;
}

static shukei_status write_mounts(struct writer *w, uint32_t day, shukei_error *err)
{
  (void)day;
  const uint32_t count = w->day->mounts.count;
  shukei_status st = begin_order(w, count, err);
  for (uint32_t i = 0; !st && i < count; i++)
    w->order[i] = i;
  if (!st)
    st = sort_records(w, count, mount_name, 3, err);
  for (uint32_t i = 0; !st && i < count; i++) {
    const uint32_t mount = w->order[i];
    sk_buffer_clear(&w->key);
    sk_buffer_clear(&w->payload);
    for (unsigned part = 0; part < 3; part++)
      put_name(w, mount_name(w->day, mount, part));
    put_text(&w->payload, &w->partial->tables->symbols.names, w->day->mount_ids[mount]);
    st = add_record(w, err);
  }
  return st;
}

static void put_group(struct writer *w, uint32_t group)
{
  const struct sk_tables *tables = w->partial->tables;
  const uint64_t word = sk_groups_key(w->day->keys, group)[1];
  const struct sk_pod_group *g = sk_pod_group_at(w->day, group);
  const uint64_t sets = w->partial->hourly ? sk_pod_pair_sets(tables, sk_low(word)) : 0;
  struct sk_buffer *out = &w->payload;
  sk_buffer_clear(out);
  put_text(out, &tables->sets, sk_high(word));
  sk_spilled_put_number(out, sk_high(sets));
  sk_spilled_put_number(out, sk_low(sets));
  put_text(out, &tables->symbols.names, g->resource_id);
  put_text(out, &tables->symbols.names, g->role);
  sk_spilled_put_number(out, g->rows);
  sk_spilled_put_sums(out, g);
}

static void fetch(const struct sk_pod_group *group)
{
  const char *at = (const char *)group;
  __builtin_prefetch(at);
  __builtin_prefetch(at + 64);
  __builtin_prefetch(at + 128);
}

static shukei_status write_groups(struct writer *w, uint32_t day, shukei_error *err)
{
  (void)day;
  const uint32_t keys = w->day->keys->count;
  uint32_t count = 0;
  shukei_status st = begin_order(w, keys, err);
  for (uint32_t g = 1; !st && g < keys; g++)
    if (sk_pod_group_at(w->day, g))
      w->order[count++] = g;
  if (!st)
    st = sort_records(w, count, group_name, 2, err);
  uint64_t names = 0;
  for (uint32_t i = 0; !st && i < count; i++) {
    if (i + AHEAD < count)
      fetch(sk_pod_group_at(w->day, w->order[i + AHEAD]));
    const uint64_t *key = sk_groups_key(w->day->keys, w->order[i]);
    if (i == 0 || key[0] != names) {
      names = key[0];
      sk_buffer_clear(&w->key);
      put_name(w, sk_high(names));
      put_name(w, sk_low(names));
    }
    put_group(w, w->order[i]);
    st = add_record(w, err);
  }
  return st;
}

/* ---- days ----------------------------------------------------------------------------------- */

static shukei_status write_day(struct writer *w, uint32_t day, int32_t number, shukei_error *err)
{
  static shukei_status (*const writers[SK_SPILLED_KINDS])(
      struct writer *, uint32_t, shukei_error *) = {[SK_SPILLED_CAPACITY] = write_capacities,
                                                    [SK_SPILLED_MOUNT] = write_mounts,
                                                    [SK_SPILLED_GROUP] = write_groups};
  shukei_status st = SHUKEI_OK;
  w->day = &w->partial->pod.days[day];
  if (!w->day->keys) /* not seen, or finished */
    return SHUKEI_OK;
  for (int kind = 0; !st && kind < SK_SPILLED_KINDS; kind++) {
    st = writers[kind](w, day, err);
    reset_order(w);
    if (!st && w->run)
      st = sk_run_end(w->run, err);
    if (st)
      sk_run_free(w->run);
    else
      w->made[kind] = w->run;
    w->run = NULL;
  }
  if (!st)
    st = sk_spilled_keep(w->spilled, number, w->made, err);
  for (int kind = 0; kind < SK_SPILLED_KINDS; kind++) {
    sk_run_free(w->made[kind]);
    w->made[kind] = NULL;
  }
  return st;
}

/* Days of the partial, all where `only` is SK_NO_ID. Others may add days to the tables
 * meanwhile. */
static shukei_status write_days(struct sk_spilled *spilled, const struct sk_partial *partial,
                                uint32_t only, shukei_error *err)
{
  struct writer w = {.spilled = spilled, .partial = partial};
  shukei_status st = SHUKEI_OK;
  sk_buffer_init(&w.key, spilled->budget, SK_RECORD_MOST_BYTES);
  sk_buffer_init(&w.payload, spilled->budget, SK_RECORD_MOST_BYTES);
  for (uint32_t day = 0; !st && day < partial->pod.day_count; day++)
    if (only == SK_NO_ID || day == only)
      st = write_day(&w, day, sk_tables_day_number(partial->tables, day), err);
  sk_buffer_reset(&w.key);
  sk_buffer_reset(&w.payload);
  return st;
}

shukei_status sk_spilled_write(struct sk_spilled *spilled, const struct sk_partial *partial,
                               shukei_error *err)
{
  return write_days(spilled, partial, SK_NO_ID, err);
}

shukei_status sk_spilled_write_day(struct sk_spilled *spilled, const struct sk_partial *partial,
                                   int32_t day, shukei_error *err)
{
  const uint32_t index = sk_days_find(&partial->tables->days, day);
  return index == SK_NO_ID ? SHUKEI_OK : write_days(spilled, partial, index, err);
}
