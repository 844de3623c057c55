/* SPDX-License-Identifier: Apache-2.0 */
/* A key counts as enabled on one side alone when LEAST_ROWS rows or more have it there and none on
 * the other: a single row without its only label has lost it. Rows are then put together by what
 * they are without such keys. */
#include "validate/label_keys.h"

#include "base/text.h"

#define LEAST_ROWS 2

struct key_rows { /* that have the label */
  uint64_t expected, found;
};
struct group_key { /* no gaps: it is hashed as bytes */
  struct sk_cell_key cell;
  uint32_t sort, labels;
};
struct group {
  bool expected, found; /* has such rows */
  bool differs;         /* some of them have labels of keys that the other side lacks */
};
struct judging {
  struct sk_compare *compare;
  struct sk_label_sets *labels;
  uint64_t *expected, *found;   /* [sets] rows by label set */
  uint32_t *plain;              /* [sets] the set without the keys that differ; 0: not known yet */
  uint32_t sets;                /* before any was added here */
  struct sk_recount_table keys; /* key -> key_rows */
  struct sk_recount_table groups;
};

static bool begin(struct judging *j, struct sk_compare *c)
{
  *j = (struct judging){.compare = c, .labels = &c->names->labels};
  j->sets = atomic_load(&j->labels->texts.count);
  j->expected = sk_calloc(c->budget, j->sets, sizeof *j->expected);
  j->found = sk_calloc(c->budget, j->sets, sizeof *j->found);
  j->plain = sk_calloc(c->budget, j->sets, sizeof *j->plain);
  bool ok = sk_recount_table_init(&j->keys, sizeof(struct key_rows), c->budget);
  ok &= sk_recount_table_init(&j->groups, sizeof(struct group), c->budget);
  return ok && j->expected && j->found && j->plain;
}

static void end(struct judging *j)
{
  sk_free(j->expected);
  sk_free(j->found);
  sk_free(j->plain);
  sk_recount_table_reset(&j->keys);
  sk_recount_table_reset(&j->groups);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void count_sets(struct judging *j)
{
  const struct sk_compare *const c = j->compare;
  for (uint32_t i = 0; i < c->expected.count; i++) {
    const uint32_t set = c->expected.rows[i].key.labels;
    j->expected[set]++;
    j->found[set] += c->mate[i] == SK_MATE_ITSELF;
  }
  for (uint32_t i = 0; i < c->odd.count; i++)
    j->found[c->odd.rows[i].key.labels]++;
}

static bool count_keys(struct judging *j)
{
  for (uint32_t set = SK_NO_LABELS + 1; set < j->sets; set++) {
    const struct sk_plain_set *const labels = &j->labels->sets[set];
    if (!j->expected[set] && !j->found[set])
      continue;
    for (uint32_t i = 0; i < labels->count; i++) {
      const struct sk_plain_label *const label = &labels->labels[i];
      struct key_rows *const rows = sk_recount_at(&j->keys, label->key, label->key_length);
      if (!rows)
        return false;
      rows->expected += j->expected[set];
      rows->found += j->found[set];
    }
  }
  return true;
}

static bool is_lacking(const struct key_rows *rows)
{
  return rows->expected >= LEAST_ROWS && !rows->found;
}

static bool is_more(const struct key_rows *rows)
{
  return rows->found >= LEAST_ROWS && !rows->expected;
}

static bool differs(void *context, const struct sk_plain_label *label)
{
  struct judging *const j = context;
  const struct key_rows *const rows = sk_recount_find(&j->keys, label->key, label->key_length);
  return rows && (is_lacking(rows) || is_more(rows));
}

/* Notes the keys that one side lacks. False: no memory. */
static bool list_keys(struct judging *j, bool *any)
{
  struct sk_compare *const c = j->compare;
  bool ok = true;
  for (uint32_t i = 1; ok && i <= sk_recount_count(&j->keys); i++) {
    const struct sk_intern_entry *const key = sk_intern_at(&j->keys.keys, i);
    const struct key_rows *const rows = sk_recount_value(&j->keys, i);
    struct sk_buffer *const list = is_lacking(rows) ? &c->lacking : is_more(rows) ? &c->more : NULL;
    if (!list)
      continue;
    *any = true;
    sk_buffer_text(list, list->length ? ", " : "");
    sk_json_quote(list, key->bytes, key->length);
    ok = !list->failed;
  }
  return ok;
}

/* ---- groups --------------------------------------------------------------------------------- */

static bool plain_of(struct judging *j, uint32_t set, uint32_t *plain)
{
  if (set < SK_NO_LABELS || set >= j->sets) {
    *plain = set;
    return true;
  }
  if (!j->plain[set])
    j->plain[set] = sk_label_sets_without(j->labels, set, differs, j);
  *plain = j->plain[set];
  return *plain != SK_NO_ID;
}

static struct group *group_of(struct judging *j, const struct sk_check_row *row)
{
  struct group_key key = {.cell = {row->key.day, row->key.namespace, row->key.node},
                          .sort = row->key.sort};
  if (!plain_of(j, row->key.labels, &key.labels))
    return NULL;
  struct group *const group = sk_recount_at(&j->groups, &key, sizeof key);
  if (group)
    group->differs |= key.labels != row->key.labels;
  return group;
}

static bool fill_groups(struct judging *j)
{
  const struct sk_compare *const c = j->compare;
  for (uint32_t i = 0; i < c->expected.count; i++) {
    struct group *const group = group_of(j, &c->expected.rows[i]);
    if (!group)
      return false;
    group->expected = true;
    group->found |= c->mate[i] == SK_MATE_ITSELF;
  }
  for (uint32_t i = 0; i < c->odd.count; i++) {
    struct group *const group = group_of(j, &c->odd.rows[i]);
    if (!group)
      return false;
    group->found = true;
  }
  return true;
}

/* Whether the cause may be what other labels look like: rows fall together or apart. */
static bool may_be_keys(shukei_cause cause)
{
  return cause == SHUKEI_CAUSE_LABELS_LOST || cause == SHUKEI_CAUSE_ROW_LOST ||
         cause == SHUKEI_CAUSE_OTHER_RUN || cause == SHUKEI_CAUSE_ROWS_TWICE ||
         cause == SHUKEI_CAUSE_VALUE_CHANGED;
}

/* A pair may differ in all_labels alone, which have those of nodes and namespaces. */
static bool is_explained(struct judging *j, const struct sk_check_row *row,
                         const struct sk_check_row *mate, bool *explained)
{
  uint32_t one = 0, other = 0;
  const struct group *const group = group_of(j, row);
  if (!group)
    return false;
  *explained = group->expected && group->found && group->differs;
  if (*explained || !mate || row->key.labels != mate->key.labels)
    return true;
  if (!plain_of(j, row->all_labels, &one) || !plain_of(j, mate->all_labels, &other))
    return false;
  *explained = row->all_labels != mate->all_labels && one == other;
  return true;
}

static bool change_causes(struct judging *j, shukei_cause *of_expected, shukei_cause *of_odd)
{
  const struct sk_compare *const c = j->compare;
  for (uint32_t i = 0; i < c->expected.count; i++) {
    const struct sk_check_row *const mate =
        c->mate[i] == SK_MATE_NONE || c->mate[i] == SK_MATE_ITSELF ? NULL
                                                                   : &c->odd.rows[c->mate[i] - 1];
    bool explained = false;
    if (of_expected[i] == SHUKEI_CAUSE_COUNT || !may_be_keys(of_expected[i]))
      continue;
    if (!is_explained(j, &c->expected.rows[i], mate, &explained))
      return false;
    if (explained)
      of_expected[i] = SHUKEI_CAUSE_ENABLED_KEYS;
  }
  for (uint32_t i = 0; i < c->odd.count; i++) {
    bool explained = false;
    if (c->odd_mate[i]) {
      of_odd[i] = of_expected[c->odd_mate[i] - 1];
      continue;
    }
    if (may_be_keys(of_odd[i]) && !is_explained(j, &c->odd.rows[i], NULL, &explained))
      return false;
    if (explained)
      of_odd[i] = SHUKEI_CAUSE_ENABLED_KEYS;
  }
  return true;
}

shukei_status sk_label_keys_judge(struct sk_compare *compare, shukei_cause *of_expected,
                                  shukei_cause *of_odd, shukei_error *err)
{
  if (!compare->found_rows) /* a summary without rows lacks all of them, not keys */
    return SHUKEI_OK;
  struct judging judging;
  bool any = false, ok = begin(&judging, compare);
  if (ok)
    count_sets(&judging);
  ok = ok && count_keys(&judging) && list_keys(&judging, &any);
  if (ok && any)
    ok = fill_groups(&judging) && change_causes(&judging, of_expected, of_odd);
  end(&judging);
  return ok ? SHUKEI_OK : sk_fail_memory(err, compare->budget, 0, "comparing the summary");
}
