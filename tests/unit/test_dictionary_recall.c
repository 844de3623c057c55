/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionaries that come again: taken where they are the same, read where anything is not, and what
 * is held of them stays within its limit. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/dictionary_recall.h"

#include <stdio.h>
#include <string.h>

#define LIMIT UINT64_C(4096)

struct world {
  struct sk_budget budget;
  struct sk_dictionary_recall recall;
  struct sk_dictionary_pool pool;
  struct sk_intern table;
  struct sk_codec_state *codec;
  uint32_t group; /* counts up: each dictionary is of another chunk */
};

static void begin(struct world *w)
{
  memset(w, 0, sizeof *w);
  sk_budget_init(&w->budget, UINT64_MAX);
  w->recall = (struct sk_dictionary_recall){.budget = &w->budget, .limit_bytes = LIMIT};
  sk_dictionary_pool_init(&w->pool, &w->budget);
  assert_true(sk_dictionary_pool_add(&w->pool, 0));
  assert_true(sk_intern_init(&w->table, &w->budget));
  assert_int_equal(sk_codec_new(&w->budget, &w->codec, NULL), SHUKEI_OK);
}

static void end(struct world *w)
{
  sk_dictionary_recall_reset(&w->recall);
  assert_int_equal(w->recall.held_bytes, 0);
  sk_dictionary_pool_reset(&w->pool);
  sk_intern_reset(&w->table);
  sk_codec_free(w->codec);
  assert_int_equal(w->budget.used_bytes, 0);
}

/* A page of two texts of three bytes, as one literal of snappy. */
struct stored {
  uint8_t body[16];
  struct sk_page_header header;
  struct sk_stored_dictionary page;
};

static void store(struct stored *s, const char *first, const char *second)
{
  uint8_t *const texts = s->body + 2;
  s->body[0] = 14;
  s->body[1] = 13 << 2;
  sk_put_le32(texts, 3);
  memcpy(texts + 4, first, 3);
  sk_put_le32(texts + 7, 3);
  memcpy(texts + 11, second, 3);
  s->header = (struct sk_page_header){.type = SK_PAGE_DICTIONARY,
                                      .stored_length = 16,
                                      .uncompressed_length = 14,
                                      .value_count = 2,
                                      .encoding = SK_ENCODING_PLAIN};
  s->page = (struct sk_stored_dictionary){&s->header, s->body, SK_CODEC_SNAPPY};
}

static const struct sk_column_meta texts = {
    .name = "c", .path = "c", .type = SK_TYPE_BYTE_ARRAY, .flat = true};

/* Reads it as a column's reader does; returns whether it was known. */
static bool read_it(struct world *w, const struct sk_column_meta *column,
                    const struct stored *stored, const struct sk_intern *table,
                    struct sk_dictionary *out)
{
  bool wanted = false;
  sk_dictionary_init(out, column, &w->budget);
  assert_int_equal(sk_dictionary_begin(out, &w->pool, ++w->group, 0, &wanted, NULL), SHUKEI_OK);
  assert_true(wanted);
  if (sk_dictionary_recall(&w->recall, out, &stored->page, table))
    return true;
  assert_int_equal(
      sk_dictionary_load(out, &stored->header, stored->body, stored->page.codec, w->codec, NULL),
      SHUKEI_OK);
  sk_dictionary_remember(&w->recall, out, &stored->page);
  return false;
}

static void expect(const struct sk_dictionary *d, const char *first, const char *second)
{
  assert_true(d->loaded);
  assert_int_equal(d->count, 2);
  assert_memory_equal(sk_dictionary_at(d, 0).bytes, first, 3);
  assert_memory_equal(sk_dictionary_at(d, 1).bytes, second, 3);
}

static void takes_what_is_the_same(void **state)
{
  (void)state;
  struct world w;
  struct stored stored, again;
  struct sk_dictionary one, two, late;
  bool wanted = true;
  begin(&w);
  store(&stored, "abc", "xyz");
  store(&again, "abc", "xyz");
  assert_false(read_it(&w, &texts, &stored, &w.table, &one));
  assert_int_equal(sk_dictionary_want_ids(&one, &w.table, NULL), SHUKEI_OK);
  assert_true(read_it(&w, &texts, &again, &w.table, &two));
  assert_ptr_equal(two.page, one.page); /* and so their ids */
  sk_dictionary_init(&late, &texts, &w.budget);
  assert_int_equal(sk_dictionary_begin(&late, &w.pool, w.group, 0, &wanted, NULL), SHUKEI_OK);
  assert_false(wanted);
  sk_dictionary_reset(&one);
  expect(&two, "abc", "xyz");
  expect(&late, "abc", "xyz");
  sk_dictionary_reset(&two);
  sk_dictionary_reset(&late);
  end(&w);
}

enum difference { NO_IDS, OTHER_TABLE, EMPTIED, A_BYTE, COUNT, ENCODING, CODEC, PATH, DIFFERENCES };

static void reads_what_is_not(void **state)
{
  (void)state;
  for (int i = 0; i < DIFFERENCES; i++) {
    struct world w;
    struct stored stored, other;
    struct sk_dictionary one, two;
    struct sk_intern table;
    struct sk_column_meta column = texts;
    begin(&w);
    assert_true(sk_intern_init(&table, &w.budget));
    store(&stored, "abc", "xyz");
    store(&other, "abc", i == A_BYTE ? "xyy" : "xyz");
    assert_false(read_it(&w, &texts, &stored, &w.table, &one));
    if (i != NO_IDS)
      assert_int_equal(sk_dictionary_want_ids(&one, &w.table, NULL), SHUKEI_OK);
    if (i == EMPTIED)
      assert_true(sk_intern_empty(&w.table));
    other.header.value_count -= i == COUNT;
    other.header.encoding = i == ENCODING ? SK_ENCODING_PLAIN_DICTIONARY : SK_ENCODING_PLAIN;
    other.page.codec = i == CODEC ? SK_CODEC_UNCOMPRESSED : SK_CODEC_SNAPPY;
    if (i == CODEC) {
      memmove(other.body, other.body + 2, 14);
      other.header.stored_length = 14;
    }
    column.path = i == PATH ? "d" : "c";
    if (read_it(&w, &column, &other, i == OTHER_TABLE ? &table : &w.table, &two))
      fail_msg("difference %d was not seen", i);
    if (i != COUNT)
      expect(&two, "abc", i == A_BYTE ? "xyy" : "xyz");
    sk_dictionary_reset(&one);
    sk_dictionary_reset(&two);
    sk_intern_reset(&table);
    end(&w);
  }
}

/* Each of what is told of a page, by itself: it is not read, since some of it would not be a
 * page. */
static void looks_at_each_part(void **state)
{
  (void)state;
  enum { AS_IT_WAS, STORED_LENGTH, WHOLE_LENGTH, A_CODEC, A_TYPE, PARTS };
  for (int i = 0; i < PARTS; i++) {
    struct world w;
    struct stored stored, other;
    struct sk_dictionary one, two;
    struct sk_column_meta column = texts;
    bool wanted = false;
    begin(&w);
    store(&stored, "abc", "xyz");
    store(&other, "abc", "xyz");
    assert_false(read_it(&w, &texts, &stored, &w.table, &one));
    assert_int_equal(sk_dictionary_want_ids(&one, &w.table, NULL), SHUKEI_OK);
    other.header.stored_length -= i == STORED_LENGTH;
    other.header.uncompressed_length += i == WHOLE_LENGTH;
    other.page.codec = i == A_CODEC ? SK_CODEC_ZSTD : SK_CODEC_SNAPPY;
    column.type = i == A_TYPE ? SK_TYPE_INT32 : SK_TYPE_BYTE_ARRAY;
    sk_dictionary_init(&two, &column, &w.budget);
    assert_int_equal(sk_dictionary_begin(&two, &w.pool, ++w.group, 0, &wanted, NULL), SHUKEI_OK);
    assert_true(wanted);
    if (sk_dictionary_recall(&w.recall, &two, &other.page, &w.table) != (i == AS_IT_WAS))
      fail_msg("part %d", i);
    if (i != AS_IT_WAS)
      sk_dictionary_give_up(&two);
    sk_dictionary_reset(&one);
    sk_dictionary_reset(&two);
    end(&w);
  }
}

static void keeps_to_its_limit(void **state)
{
  (void)state;
  struct world w;
  struct stored stored;
  struct sk_dictionary one;
  char path[16];
  begin(&w);
  store(&stored, "abc", "xyz");
  w.recall.limit_bytes = 0;
  assert_false(read_it(&w, &texts, &stored, &w.table, &one));
  sk_dictionary_reset(&one);
  assert_int_equal(w.recall.held_bytes, 0);
  w.recall.limit_bytes = LIMIT;
  for (int i = 0; i < SK_RECALLED_COLUMNS + 2; i++) { /* more than it has slots */
    struct sk_column_meta column = texts;
    snprintf(path, sizeof path, "column %d", i);
    column.path = path;
    for (int round = 0; round < 2; round++) {
      assert_int_equal(round && i < SK_RECALLED_COLUMNS,
                       read_it(&w, &column, &stored, &w.table, &one));
      assert_int_equal(sk_dictionary_want_ids(&one, &w.table, NULL), SHUKEI_OK);
      sk_dictionary_reset(&one);
    }
    assert_in_range(w.recall.held_bytes, 1, LIMIT);
  }
  end(&w);
}

static void goes_on_where_memory_lacks(void **state)
{
  (void)state;
  bool failed = true;
  for (int n = 0; failed; n++) {
    struct world w;
    struct stored stored;
    struct sk_dictionary one;
    bool wanted = false;
    begin(&w);
    store(&stored, "abc", "xyz");
    sk_dictionary_init(&one, &texts, &w.budget);
    assert_int_equal(sk_dictionary_begin(&one, &w.pool, 0, 0, &wanted, NULL), SHUKEI_OK);
    assert_int_equal(
        sk_dictionary_load(&one, &stored.header, stored.body, SK_CODEC_SNAPPY, w.codec, NULL),
        SHUKEI_OK);
    sk_test_fail_alloc(n);
    sk_dictionary_remember(&w.recall, &one, &stored.page);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(failed == (w.recall.held_bytes == 0));
    sk_dictionary_reset(&one);
    end(&w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_what_is_the_same),     cmocka_unit_test(reads_what_is_not),
      cmocka_unit_test(looks_at_each_part),         cmocka_unit_test(keeps_to_its_limit),
      cmocka_unit_test(goes_on_where_memory_lacks),
  };
  return cmocka_run_group_tests_name("dictionary_recall", tests, NULL, NULL);
}
