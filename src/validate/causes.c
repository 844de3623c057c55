/* SPDX-License-Identifier: Apache-2.0 */
/* What each row that is not as expected is likely to be. A pair tells by what its rows differ in; a
 * row without one by its day, its source and what became of the others. */
#include "validate/compare.h"
#include "validate/label_keys.h"

#include <math.h>

#define USAGES ((1u << SK_M_CAPACITIES) - 1)
#define CAPACITIES (SK_POD_MEASURES & ~USAGES)
#define STORAGE_SUMS (14u << SK_M_STORAGE) /* all but the capacity itself */

const char *shukei_cause_name(shukei_cause cause)
{
  static const char *const names[] = {
#define SK_AS_CAUSE_NAME(name, text) text,
      SHUKEI_CAUSE_MAP(SK_AS_CAUSE_NAME)
#undef SK_AS_CAUSE_NAME
  };
  return (unsigned)cause < SK_COUNT(names) ? names[cause] : "?";
}

static bool is_ratio(double expected, double found, double ratio)
{
  return expected != 0 && fabs(found / expected / ratio - 1) < 1e-6;
}

static bool either_ratio(double expected, double found, double ratio)
{
  return is_ratio(expected, found, ratio) || is_ratio(expected, found, 1 / ratio);
}

static bool is_time_unit(double expected, double found)
{
  return either_ratio(expected, found, 3600) || either_ratio(expected, found, 60) ||
         either_ratio(expected, found, 24) || either_ratio(expected, found, 86400);
}

static bool is_byte_unit(double expected, double found)
{
  double binary = 1, decimal = 1;
  for (int i = 0; i < 4; i++) {
    binary *= 1024;
    decimal *= 1000;
    if (either_ratio(expected, found, binary) || either_ratio(expected, found, decimal) ||
        either_ratio(expected, found, binary / decimal))
      return true;
  }
  return false;
}

/* Whether all of these measures differ by a ratio of that kind. */
static bool all_are(const struct sk_check_row *expected, const struct sk_check_row *found,
                    uint32_t measures, bool (*is)(double, double))
{
  for (int i = 0; i < SK_MEASURE_COUNT; i++)
    if (measures >> i & 1 && !is(expected->measures[i], found->measures[i]))
      return false;
  return true;
}

static bool is_twice(double expected, double found)
{
  return is_ratio(expected, found, 2) || is_ratio(expected, found, 3);
}

/* Usage, request and limit counted so many times: all that are not 0, and more than one. */
static bool counted_twice(const struct sk_check_row *expected, const struct sk_check_row *found,
                          uint32_t differ)
{
  const uint32_t sums = expected->key.sort == SK_ROW_STORAGE ? STORAGE_SUMS : USAGES;
  uint32_t there = 0;
  for (int i = 0; i < SK_MEASURE_COUNT; i++)
    if (sums >> i & 1 && expected->measures[i] != 0)
      there |= 1u << i;
  return differ == there && (there & (there - 1)) && all_are(expected, found, differ, is_twice);
}

static shukei_cause cause_of_measures(const struct sk_check_row *expected,
                                      const struct sk_check_row *found, uint32_t differ)
{
  if (all_are(expected, found, differ, is_time_unit))
    return SHUKEI_CAUSE_UNIT_OF_TIME;
  if (all_are(expected, found, differ, is_byte_unit))
    return SHUKEI_CAUSE_UNIT_OF_BYTES;
  if (!(differ & ~CAPACITIES) && expected->key.sort != SK_ROW_STORAGE)
    return SHUKEI_CAUSE_CAPACITY;
  if (counted_twice(expected, found, differ))
    return SHUKEI_CAUSE_ROWS_TWICE;
  return SHUKEI_CAUSE_VALUE_CHANGED;
}

static shukei_cause cause_of_pair(const struct sk_compare *compare,
                                  const struct sk_check_row *expected,
                                  const struct sk_check_row *found)
{
  const struct sk_row_key *const e = &expected->key, *const f = &found->key;
  if (e->namespace != f->namespace)
    return SHUKEI_CAUSE_NAMESPACE_SWAPPED;
  if (e->day != f->day)
    return SHUKEI_CAUSE_DAY_SHIFTED;
  if (e->labels != f->labels)
    return SHUKEI_CAUSE_LABELS_LOST;
  if (sk_keys_differ(e, f))
    return SHUKEI_CAUSE_NAME_CHANGED;
  const uint32_t differ = sk_compare_measures(compare, expected, found);
  if (differ)
    return cause_of_measures(expected, found, differ);
  if (found->unlike & SK_UNLIKE_END)
    return SHUKEI_CAUSE_DAY_SHIFTED;
  if (expected->all_labels != found->all_labels || found->unlike & SK_UNLIKE_LABELS)
    return SHUKEI_CAUSE_LABELS_LOST;
  return found->unlike & SK_UNLIKE_USAGE_COST ? SHUKEI_CAUSE_VALUE_CHANGED
                                              : SHUKEI_CAUSE_NAME_CHANGED;
}

static shukei_cause cause_of_missing(const struct sk_compare *c, uint32_t place)
{
  const int32_t day = c->expected.rows[place].key.day;
  const uint64_t *const rows = sk_recount_find(&c->days, &day, sizeof day);
  if (c->seen_elsewhere[place])
    return (shukei_cause)(c->seen_elsewhere[place] - 1);
  return rows && rows[1] == 0 ? SHUKEI_CAUSE_DAY_MISSING : SHUKEI_CAUSE_ROW_LOST;
}

/* A found row without an expected one: a repeated one has the key and the values of one that is
 * there. */
static shukei_cause cause_of_extra(const struct sk_compare *c, uint32_t place)
{
  const struct sk_check_row *const found = &c->odd.rows[place];
  if (c->other_source)
    return SHUKEI_CAUSE_SOURCE_SWAPPED;
  return sk_compare_knows(c, found) ? SHUKEI_CAUSE_ROWS_TWICE : SHUKEI_CAUSE_OTHER_RUN;
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* Causes that other data explain as well. */
static bool is_general(shukei_cause cause)
{
  return cause == SHUKEI_CAUSE_VALUE_CHANGED || cause == SHUKEI_CAUSE_ROW_LOST ||
         cause == SHUKEI_CAUSE_OTHER_RUN || cause == SHUKEI_CAUSE_DAY_MISSING ||
         cause == SHUKEI_CAUSE_CAPACITY || cause == SHUKEI_CAUSE_ROWS_TWICE;
}

static bool note(struct sk_compare *c, const struct sk_check_row *row, shukei_cause cause,
                 uint32_t expected, uint32_t found)
{
  const struct sk_cell_key key = {row->key.day, row->key.namespace, row->key.node};
  struct sk_cell *const cell = sk_recount_at(&c->cells, &key, sizeof key);
  if (!cell)
    return false;
  if (!cell->event_count++) {
    cell->expected = expected;
    cell->found = found;
    cell->shown = cause;
  }
  cell->events[cause]++;
  return true;
}

/* Most of the rows have other values, or are others: not a fault here and there. */
static bool looks_stale(const struct sk_compare *c, const shukei_cause *of_expected,
                        const shukei_cause *of_odd)
{
  uint64_t changed = 0, missing = 0, extra = 0;
  for (uint32_t i = 0; i < c->expected.count; i++) {
    changed += of_expected[i] == SHUKEI_CAUSE_VALUE_CHANGED;
    missing += of_expected[i] == SHUKEI_CAUSE_ROW_LOST;
  }
  for (uint32_t i = 0; i < c->odd.count; i++)
    extra += !c->odd_mate[i] && of_odd[i] == SHUKEI_CAUSE_OTHER_RUN;
  const uint64_t both = changed + (missing < extra ? missing : extra);
  return c->expected.count > 3 && both * 2 > c->expected.count;
}

static shukei_status find_causes(const struct sk_compare *c, shukei_cause *of_expected,
                                 shukei_cause *of_odd, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < c->expected.count; i++) {
    const uint32_t mate = c->mate[i];
    if (mate == SK_MATE_ITSELF)
      of_expected[i] = SHUKEI_CAUSE_COUNT;
    else if (mate == SK_MATE_NONE)
      of_expected[i] = cause_of_missing(c, i);
    else
      of_expected[i] = cause_of_pair(c, &c->expected.rows[i], &c->odd.rows[mate - 1]);
    st = sk_compare_check(c, i, err);
  }
  for (uint32_t i = 0; !st && i < c->odd.count; i++) {
    of_odd[i] = c->odd_mate[i] ? of_expected[c->odd_mate[i] - 1] : cause_of_extra(c, i);
    st = sk_compare_check(c, i, err);
  }
  return st;
}

/* An expected row that is not there as it should be. */
static bool note_expected(struct sk_compare *c, uint32_t place, shukei_cause cause)
{
  const struct sk_check_row *const row = &c->expected.rows[place];
  const uint32_t mate = c->mate[place];
  c->events[cause]++;
  if (!note(c, row, cause, place + 1, mate))
    return false;
  /* the cell that it went to, where that is another one */
  return !mate || !sk_keys_differ(&row->key, &c->odd.rows[mate - 1].key) ||
         note(c, &c->odd.rows[mate - 1], cause, place + 1, mate);
}

static shukei_status note_all(struct sk_compare *c, const shukei_cause *of_expected,
                              const shukei_cause *of_odd, shukei_error *err)
{
  const bool stale = c->stale || looks_stale(c, of_expected, of_odd);
  bool ok = true;
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && ok && i < c->expected.count; i++) {
    const shukei_cause cause = of_expected[i];
    if (cause != SHUKEI_CAUSE_COUNT)
      ok = note_expected(c, i, stale && is_general(cause) ? SHUKEI_CAUSE_STALE_DATA : cause);
    st = sk_compare_check(c, i, err);
  }
  for (uint32_t i = 0; !st && ok && i < c->odd.count; i++) {
    st = sk_compare_check(c, i, err);
    if (c->odd_mate[i])
      continue;
    const shukei_cause cause = stale && is_general(of_odd[i]) ? SHUKEI_CAUSE_STALE_DATA : of_odd[i];
    c->events[cause]++;
    ok = note(c, &c->odd.rows[i], cause, 0, i + 1);
  }
  return st || ok ? st : sk_fail_memory(err, c->budget, 0, "comparing the summary");
}

shukei_status sk_compare_judge(struct sk_compare *c, shukei_error *err)
{
  shukei_cause *const of_expected =
      sk_alloc(c->budget, ((size_t)c->expected.count + 1) * sizeof *of_expected);
  shukei_cause *const of_odd = sk_alloc(c->budget, ((size_t)c->odd.count + 1) * sizeof *of_odd);
  shukei_status st = of_expected && of_odd
                         ? find_causes(c, of_expected, of_odd, err)
                         : sk_fail_memory(err, c->budget, 0, "comparing the summary");
  if (!st)
    st = sk_label_keys_judge(c, of_expected, of_odd, err);
  if (!st)
    st = note_all(c, of_expected, of_odd, err);
  sk_free(of_expected);
  sk_free(of_odd);
  return st;
}
