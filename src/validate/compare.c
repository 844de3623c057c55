/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/compare.h"

#include <math.h>

#define CHECK_ROWS 4096
#define CONTENT_LOOKS 64
#define KEYS_MOST ((size_t)1 << 24)
#define LEAST 1e-12 /* differences below are of the last digits that a numeric(33,15) keeps */

bool sk_compare_init(struct sk_compare *compare, const struct sk_validate_request *request,
                     struct sk_check_names *names, struct sk_check_rows *expected,
                     struct sk_budget *budget)
{
  *compare = (struct sk_compare){.request = request,
                                 .budget = budget,
                                 .names = names,
                                 .expected = *expected,
                                 .odd = {.budget = budget},
                                 .tolerance = request->options->tolerance};
  *expected = (struct sk_check_rows){.budget = budget};
  sk_map_init(&compare->keys, budget);
  sk_map_init(&compare->contents, budget);
  sk_buffer_init(&compare->lacking, budget, KEYS_MOST);
  sk_buffer_init(&compare->more, budget, KEYS_MOST);
  bool ok = sk_recount_table_init(&compare->cells, sizeof(struct sk_cell), budget);
  ok &= sk_recount_table_init(&compare->days, 2 * sizeof(uint64_t), budget);
  return ok;
}

void sk_compare_reset(struct sk_compare *compare)
{
  sk_check_rows_reset(&compare->expected);
  sk_check_rows_reset(&compare->odd);
  sk_map_reset(&compare->keys);
  sk_map_reset(&compare->contents);
  sk_buffer_reset(&compare->lacking);
  sk_buffer_reset(&compare->more);
  sk_free(compare->key_heads);
  sk_free(compare->content_heads);
  sk_free(compare->key_next);
  sk_free(compare->content_next);
  sk_free(compare->mate);
  sk_free(compare->odd_mate);
  sk_free(compare->seen_elsewhere);
  sk_recount_table_reset(&compare->cells);
  sk_recount_table_reset(&compare->days);
}

/* ---- hashes --------------------------------------------------------------------------------- */

static struct sk_map_key hash_of(const void *bytes, size_t length)
{
  const uint64_t high = sk_hash_bytes(bytes, length);
  return (struct sk_map_key){high, sk_hash_u64(high ^ (uint64_t)length)};
}

static struct sk_map_key key_hash(const struct sk_check_row *row)
{
  return hash_of(&row->key, sizeof row->key);
}

/* What was measured, to seven digits: a number that a sink rounds in its last digits stays what it
 * is. */
static struct sk_map_key content_hash(const struct sk_check_row *row)
{
  float content[SK_MEASURE_COUNT + 1] = {0};
  content[SK_MEASURE_COUNT] = row->key.sort == SK_ROW_STORAGE;
  for (int i = 0; i < SK_MEASURE_COUNT; i++)
    content[i] = row->measures[i] == 0 ? 0 : (float)row->measures[i];
  return hash_of(content, sizeof content);
}

static bool index_row(struct sk_map *map, struct sk_map_key key, uint32_t *heads, uint32_t *next,
                      uint32_t row)
{
  bool is_new;
  const uint32_t at = sk_map_add(map, key.high, key.low, &is_new);
  if (at == SK_NO_ID)
    return false;
  next[row] = is_new ? 0 : heads[at];
  heads[at] = row + 1;
  return true;
}

static bool index_rows(struct sk_compare *c)
{
  const size_t count = (size_t)c->expected.count + 1;
  uint32_t **const arrays[] = {&c->key_heads, &c->content_heads, &c->key_next, &c->content_next,
                               &c->mate};
  bool ok = true;
  for (size_t i = 0; i < SK_COUNT(arrays); i++) {
    *arrays[i] = sk_calloc(c->budget, count, sizeof(uint32_t));
    ok &= *arrays[i] != NULL;
  }
  c->seen_elsewhere = sk_calloc(c->budget, count, 1);
  ok &= c->seen_elsewhere != NULL;
  for (uint32_t i = 0; ok && i < c->expected.count; i++) {
    struct sk_check_row *const row = &c->expected.rows[i];
    if (c->lacks_handle)
      row->key.handle = 0;
    ok = index_row(&c->keys, key_hash(row), c->key_heads, c->key_next, i) &&
         index_row(&c->contents, content_hash(row), c->content_heads, c->content_next, i);
  }
  c->indexed = ok;
  return ok;
}

static uint32_t head_of(const struct sk_map *map, const uint32_t *heads, struct sk_map_key key)
{
  const uint32_t at = sk_map_find(map, key.high, key.low);
  return at == SK_NO_ID ? 0 : heads[at];
}

/* ---- cells ---------------------------------------------------------------------------------- */

static struct sk_cell *cell_of(struct sk_compare *c, const struct sk_check_row *row)
{
  const struct sk_cell_key key = {row->key.day, row->key.namespace, row->key.node};
  return sk_recount_at(&c->cells, &key, sizeof key);
}

/* What is left over of usage is a difference of what is measured: so is its rounding. */
static double scale_of(const struct sk_check_row *row, int measure)
{
  return measure < SK_M_CAPACITIES ? row->scale : 0;
}

static bool fold(struct sk_compare *c, const struct sk_check_row *row, int side)
{
  struct sk_cell *const cell = cell_of(c, row);
  uint64_t *const day = sk_recount_at(&c->days, &row->key.day, sizeof row->key.day);
  if (!cell || !day)
    return false;
  day[side]++;
  cell->rows[side]++;
  for (int i = 0; i < SK_MEASURE_COUNT; i++) {
    cell->sums[side][i] += row->measures[i];
    cell->scale[i] = fmax(cell->scale[i], fmax(scale_of(row, i), fabs(row->measures[i])));
  }
  return true;
}

/* ---- taking rows ---------------------------------------------------------------------------- */

bool sk_compare_same(const struct sk_compare *compare, double a, double b, double scale)
{
  if (a == b)
    return true;
  if (!isfinite(a) || !isfinite(b)) /* an infinity would make the tolerance one, too */
    return false;
  const double most = fmax(fmax(fabs(a), fabs(b)), scale);
  return fabs(a - b) <= compare->tolerance * most + LEAST;
}

uint32_t sk_compare_measures(const struct sk_compare *compare, const struct sk_check_row *expected,
                             const struct sk_check_row *found)
{
  uint32_t differ = expected->known ^ found->known;
  for (int i = 0; i < SK_MEASURE_COUNT; i++)
    if (!sk_compare_same(compare, expected->measures[i], found->measures[i], scale_of(expected, i)))
      differ |= 1u << i;
  return differ;
}

static bool agree(const struct sk_compare *c, const struct sk_check_row *expected,
                  const struct sk_check_row *found)
{
  return memcmp(&expected->key, &found->key, sizeof expected->key) == 0 &&
         expected->resource_id == found->resource_id && expected->all_labels == found->all_labels &&
         expected->has_category == found->has_category && expected->category == found->category &&
         !found->unlike && sk_compare_measures(c, expected, found) == 0;
}

bool sk_compare_take(struct sk_compare *c, const struct sk_check_row *row)
{
  if (!c->indexed && !index_rows(c))
    return false;
  c->found_rows++;
  if (!fold(c, row, 1))
    return false;
  for (uint32_t e = head_of(&c->keys, c->key_heads, key_hash(row)); e; e = c->key_next[e - 1])
    if (c->mate[e - 1] == SK_MATE_NONE && agree(c, &c->expected.rows[e - 1], row)) {
      c->mate[e - 1] = SK_MATE_ITSELF;
      return true;
    }
  struct sk_check_row *const odd = sk_check_rows_add(&c->odd);
  if (odd)
    *odd = *row;
  return odd != NULL;
}

/* ---- pairs ---------------------------------------------------------------------------------- */

int sk_keys_differ(const struct sk_row_key *a, const struct sk_row_key *b)
{
  return (a->day != b->day) + (a->namespace != b->namespace) + (a->node != b->node) +
         (a->labels != b->labels) + (a->resource_id != b->resource_id) + (a->claim != b->claim) +
         (a->volume != b->volume) + (a->class != b->class) + (a->handle != b->handle);
}

static bool says_something(const struct sk_check_row *row)
{
  for (int i = 0; i < SK_MEASURE_COUNT; i++)
    if ((i < SK_M_CAPACITIES || i >= SK_M_STORAGE) && row->measures[i] != 0)
      return true;
  return false;
}

static uint32_t find_key(const struct sk_compare *c, const struct sk_check_row *row)
{
  uint32_t e = head_of(&c->keys, c->key_heads, key_hash(row));
  while (e && c->mate[e - 1] != SK_MATE_NONE)
    e = c->key_next[e - 1];
  return e;
}

/* The expected row without a mate that has these measures and the most like key; + 1, 0 none. Many
 * rows may have one content, such as those of idle pods: those with a mate are taken out of the
 * list on the way, and of the others so many are looked at as tell enough. */
static uint32_t find_content(struct sk_compare *c, const struct sk_check_row *row)
{
  const uint32_t same = find_key(c, row);
  if (same && !sk_compare_measures(c, &c->expected.rows[same - 1], row))
    return same;
  const struct sk_map_key hash = content_hash(row);
  const uint32_t at = sk_map_find(&c->contents, hash.high, hash.low);
  int least = says_something(row) ? 3 : 2, left = CONTENT_LOOKS;
  uint32_t best = 0, *link = at == SK_NO_ID ? NULL : &c->content_heads[at];
  while (link && *link && least > 1 && left) {
    const uint32_t e = *link;
    uint32_t *const next = &c->content_next[e - 1];
    if (c->mate[e - 1] != SK_MATE_NONE) {
      *link = *next;
      continue;
    }
    const int differ = sk_keys_differ(&c->expected.rows[e - 1].key, &row->key);
    if (differ < least) {
      least = differ;
      best = e;
    }
    link = next;
    left--;
  }
  return best;
}

static void join(struct sk_compare *c, uint32_t expected, uint32_t odd)
{
  c->mate[expected - 1] = odd + 1;
  c->odd_mate[odd] = expected;
}

shukei_status sk_compare_check(const struct sk_compare *compare, uint32_t row, shukei_error *err)
{
  const struct sk_validate_request *const request = compare->request;
  return row % CHECK_ROWS ? SHUKEI_OK : request->check(request->context, 0, 0, err);
}

static shukei_status no_memory(const struct sk_compare *c, shukei_error *err)
{
  return sk_fail_memory(err, c->budget, 0, "comparing the summary");
}

/* Joins the rows that have no mate with what `find` finds for them. */
static shukei_status pair_by(struct sk_compare *c,
                             uint32_t (*find)(struct sk_compare *, const struct sk_check_row *),
                             shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < c->odd.count; i++) {
    const uint32_t e = c->odd_mate[i] ? 0 : find(c, &c->odd.rows[i]);
    if (e)
      join(c, e, i);
    st = sk_compare_check(c, i, err);
  }
  return st;
}

static uint32_t find_same_key(struct sk_compare *c, const struct sk_check_row *row)
{
  return find_key(c, row);
}

shukei_status sk_compare_pair(struct sk_compare *c, shukei_error *err)
{
  if (!c->indexed && !index_rows(c))
    return no_memory(c, err);
  shukei_status st = SHUKEI_OK;
  for (uint32_t i = 0; !st && i < c->expected.count; i++)
    st = fold(c, &c->expected.rows[i], 0) ? sk_compare_check(c, i, err) : no_memory(c, err);
  c->odd_mate = st ? NULL : sk_calloc(c->budget, (size_t)c->odd.count + 1, sizeof *c->odd_mate);
  if (!st && !c->odd_mate)
    st = no_memory(c, err);
  if (!st)
    st = pair_by(c, find_content, err);
  return st ? st : pair_by(c, find_same_key, err);
}

bool sk_compare_knows(const struct sk_compare *c, const struct sk_check_row *found)
{
  uint32_t e = head_of(&c->keys, c->key_heads, key_hash(found));
  while (e && (sk_keys_differ(&c->expected.rows[e - 1].key, &found->key) ||
               sk_compare_measures(c, &c->expected.rows[e - 1], found)))
    e = c->key_next[e - 1];
  return e != 0;
}

/* ---- rows that are missing ------------------------------------------------------------------ */

static bool is_day_missing(const struct sk_compare *c, int32_t day)
{
  const uint64_t *const rows = sk_recount_find(&c->days, &day, sizeof day);
  return rows && rows[0] && !rows[1];
}

bool sk_compare_misses(const struct sk_compare *compare, struct sk_missing *missing)
{
  *missing = (struct sk_missing){.first_day = INT32_MAX, .last_day = INT32_MIN};
  for (uint32_t i = 0; i < compare->expected.count; i++) {
    const int32_t day = compare->expected.rows[i].key.day;
    if (compare->mate[i] != SK_MATE_NONE)
      continue;
    missing->first_day = day < missing->first_day ? day : missing->first_day;
    missing->last_day = day > missing->last_day ? day : missing->last_day;
    missing->whole_day |= !missing->whole_day && is_day_missing(compare, day);
  }
  return missing->first_day <= missing->last_day;
}

/* Whether the row of that key is missing and has these values: notes why. */
static bool explain(struct sk_compare *c, const struct sk_check_row *row, shukei_cause cause)
{
  const uint32_t e = find_key(c, row);
  if (!e || c->seen_elsewhere[e - 1] ||
      memcmp(&c->expected.rows[e - 1].key, &row->key, sizeof row->key) != 0 ||
      sk_compare_measures(c, &c->expected.rows[e - 1], row))
    return false;
  c->seen_elsewhere[e - 1] = (uint8_t)(cause + 1);
  return true;
}

void sk_compare_look(struct sk_compare *c, const struct sk_check_row *row, bool own)
{
  if (!own) {
    if (explain(c, row, SHUKEI_CAUSE_SOURCE_SWAPPED)) {
      c->other_source = true;
      c->other_name = row->source;
    }
    return;
  }
  struct sk_check_row moved = *row;
  for (int32_t by = 1; by <= SK_DAYS_AROUND; by++)
    for (int sign = -1; sign <= 1; sign += 2) {
      moved.key.day = row->key.day + sign * by;
      if (is_day_missing(c, moved.key.day) && explain(c, &moved, SHUKEI_CAUSE_DAY_SHIFTED))
        return;
    }
}
