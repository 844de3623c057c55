/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: ids, the prediction, growth, failed allocations, and the hash behind it. */
#include "testing.h"

#include "base/intern.h"

static uint32_t add_text(struct sk_intern *table, const char *text)
{
  return sk_intern_add(table, text, strlen(text));
}

static void numbers_texts_in_order_of_sight(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_intern table;
  sk_budget_init(&budget, UINT64_MAX);
  assert_true(sk_intern_init(&table, &budget));
  assert_true(budget.used_bytes <
              12000); /* an empty table is cheap: one segment, a chunk for the list */
  assert_int_equal(sk_intern_add(&table, NULL, 0), 0);
  assert_int_equal(sk_intern_find(&table, "", 0), 0);
  assert_int_equal(sk_intern_find(&table, "kube-system", 11), SK_NO_ID);
  assert_int_equal(add_text(&table, "kube-system"), 1);
  assert_int_equal(add_text(&table, "kube"), 2);
  assert_int_equal(add_text(&table, "kube-system"), 1);
  assert_int_equal(sk_intern_add(&table, "\0", 1), 3);
  assert_int_equal(sk_intern_add(&table, "\0\0", 2), 4);
  assert_int_equal(sk_intern_find(&table, "kube-system", 4), 2);
  assert_int_equal(sk_intern_find(&table, "kube-systeM", 11), SK_NO_ID);
  assert_int_equal(table.count, 5);
  assert_int_equal(sk_intern_at(&table, 0)->length, 0);
  assert_int_equal(sk_intern_at(&table, 1)->length, 11);
  assert_memory_equal(sk_intern_at(&table, 1)->bytes, "kube-system", 11);
  sk_intern_reset(&table);
  assert_int_equal(budget.used_bytes, 0);
}

/* Text number n: lengths of 1 to 300, many that differ in one byte only. */
static size_t make_text(uint32_t n, char text[320])
{
  const int length = snprintf(text, 320, "%*u", (int)(n * 7 % 290) + 10, n);
  return (size_t)length;
}

static void grows_and_finds_all(void **state)
{
  (void)state;
  enum { TEXTS = 100000 };
  struct sk_intern table;
  char text[320];
  assert_true(sk_intern_init(&table, NULL));
  for (uint32_t n = 0; n < TEXTS; n++) {
    const size_t length = make_text(n, text);
    if (sk_intern_find(&table, text, length) != SK_NO_ID ||
        sk_intern_add(&table, text, length) != n + 1)
      fail_msg("text %" PRIu32 " not new", n);
  }
  assert_int_equal(table.count, TEXTS + 1);
  for (uint32_t n = 0; n < TEXTS; n++) {
    const size_t length = make_text(n, text);
    const struct sk_intern_entry *entry = sk_intern_at(&table, n + 1);
    if (sk_intern_find(&table, text, length) != n + 1 ||
        sk_intern_add(&table, text, length) != n + 1 || entry->length != length ||
        memcmp(entry->bytes, text, length) != 0)
      fail_msg("text %" PRIu32 " lost", n);
  }
  sk_intern_reset(&table);
}

static void texts_stay_where_they_are(void **state)
{
  (void)state;
  struct sk_intern table;
  char text[320];
  assert_true(sk_intern_init(&table, NULL));
  const uint32_t id = add_text(&table, "stays");
  const char *bytes = sk_intern_at(&table, id)->bytes;
  for (uint32_t n = 0; n < 5000; n++)
    assert_int_not_equal(sk_intern_add(&table, text, make_text(n, text)), SK_NO_ID);
  assert_ptr_equal(sk_intern_at(&table, id)->bytes, bytes);
  assert_memory_equal(bytes, "stays", 5);
  sk_intern_reset(&table);
}

static void prediction_changes_no_id(void **state)
{
  (void)state;
  struct sk_intern guessed, plain;
  uint64_t random = 5;
  uint32_t previous = 0;
  assert_true(sk_intern_init(&guessed, NULL));
  assert_true(sk_intern_init(&plain, NULL));
  for (int i = 0; i < 50000; i++) {
    char text[320];
    /* mostly the same order again and again, at times another, at times empty */
    const bool jump = random_below(&random, 10) == 0;
    const uint32_t n = jump ? (uint32_t)random_below(&random, 700) : (uint32_t)i % 500;
    const size_t length = n % 50 == 49 ? 0 : make_text(n, text);
    const uint32_t id = sk_intern_next(&guessed, previous, length ? text : NULL, length);
    assert_int_equal(id, sk_intern_add(&plain, text, length));
    assert_int_equal(sk_intern_follower(&guessed, previous), id);
    previous = id;
  }
  assert_int_equal(guessed.count, plain.count);
  sk_intern_reset(&guessed);
  sk_intern_reset(&plain);
}

static void uses_kept_texts_where_they_lie(void **state)
{
  (void)state;
  static const char texts[] = "onetwothreeone";
  const struct sk_intern_text all[] = {{texts, 3}, {texts + 3, 3}, {texts + 6, 5}, {texts + 11, 3}};
  struct sk_intern table;
  uint32_t ids[4];
  assert_true(sk_intern_init(&table, NULL));
  assert_true(sk_intern_add_many(&table, all, 2, true, ids));
  assert_true(ids[0] == 1 && ids[1] == 2);
  assert_ptr_equal(sk_intern_at(&table, 1)->bytes, texts);
  assert_true(sk_intern_add_many(&table, all, 4, false, ids));
  assert_true(ids[0] == 1 && ids[1] == 2 && ids[2] == 3 && ids[3] == 1);
  assert_true(sk_intern_at(&table, 3)->bytes != texts + 6);
  assert_true(sk_intern_add_many(&table, all, 4, true, ids));
  assert_ptr_equal(sk_intern_at(&table, 1)->bytes, texts);
  assert_int_equal(table.count, 4);
  sk_intern_reset(&table);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  enum { TEXTS = 300 };
  for (int64_t n = 0;; n++) {
    struct sk_intern table;
    char text[320];
    sk_test_fail_alloc(n);
    if (!sk_intern_init(&table, NULL)) {
      assert_true(sk_test_alloc_failed());
      continue;
    }
    for (uint32_t i = 0; i < TEXTS; i++) {
      const size_t length = make_text(i, text);
      const uint32_t id = sk_intern_add(&table, text, length);
      if (id == SK_NO_ID) { /* nothing changed; the next attempt works */
        assert_int_equal(table.count, i + 1);
        assert_int_equal(sk_intern_find(&table, text, length), SK_NO_ID);
        assert_int_equal(sk_intern_add(&table, text, length), i + 1);
      }
    }
    for (uint32_t i = 0; i < TEXTS; i++)
      assert_int_equal(sk_intern_find(&table, text, make_text(i, text)), i + 1);
    sk_intern_reset(&table);
    if (!sk_test_alloc_failed())
      break;
  }
  sk_test_fail_alloc(-1);
}

static int by_number(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Slots hold 32 bits of the hash: among 200000 texts some pairs agree in all of them (about five),
 * and only their bytes tell them apart. */
static void tells_texts_of_equal_hash_apart(void **state)
{
  (void)state;
  enum { TEXTS = 200000 };
  static uint64_t hashes[TEXTS]; /* upper half of the hash, number of the text */
  char text[9];
  size_t pairs = 0;
  for (uint32_t n = 0; n < TEXTS; n++) {
    (void)snprintf(text, sizeof text, "%08" PRIu32, n);
    hashes[n] = sk_hash_bytes(text, 8) >> 32 << 32 | n;
  }
  qsort(hashes, TEXTS, sizeof *hashes, by_number);
  for (size_t i = 1; i < TEXTS; i++) {
    if (hashes[i] >> 32 != hashes[i - 1] >> 32)
      continue;
    struct sk_intern table;
    assert_true(sk_intern_init(&table, NULL));
    for (uint32_t id = 1; id <= 2; id++) {
      (void)snprintf(text, sizeof text, "%08" PRIu32, (uint32_t)hashes[i + 1 - id]);
      assert_int_equal(sk_intern_find(&table, text, 8), SK_NO_ID);
      assert_int_equal(sk_intern_add(&table, text, 8), id);
      assert_int_equal(sk_intern_find(&table, text, 8), id);
    }
    sk_intern_reset(&table);
    pairs++;
  }
  assert_true(pairs > 0);
}

static void hash_is_the_same_everywhere(void **state)
{
  (void)state;
  /* Not for their own sake: another value on a big-endian machine, or after a change, shows
   * here. */
  static const struct {
    size_t length;
    uint64_t hash;
  } known[] = {
      {0, UINT64_C(0xc1c92456cbc685db)},   {1, UINT64_C(0x94482704bd3d5eeb)},
      {3, UINT64_C(0xd79bab0257b1cf2d)},   {4, UINT64_C(0x87d0f5961cccc272)},
      {7, UINT64_C(0xc778bc04a6c9a1c3)},   {8, UINT64_C(0x89b3a3edcb1a2e65)},
      {16, UINT64_C(0x2fea6ab8af4ce3d3)},  {17, UINT64_C(0x7ea09abedcccdae3)},
      {32, UINT64_C(0xc4592be6815c5908)},  {33, UINT64_C(0xab1c57d3dc86df6a)},
      {100, UINT64_C(0xc38ac97e272e63fc)}, {300, UINT64_C(0xca27d73b9eb13dfa)},
  };
  uint8_t bytes[301];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)(i * 7 + 1);
  for (size_t i = 0; i < SK_COUNT(known); i++) {
    for (size_t shift = 0; shift < 2; shift++) { /* at any alignment */
      uint8_t moved[302];
      memcpy(moved + shift, bytes, known[i].length);
      const uint64_t hash = sk_hash_bytes(moved + shift, known[i].length);
      if (hash != known[i].hash)
        fail_msg("%zu bytes: 0x%016" PRIx64, known[i].length, hash);
    }
  }
}

/* Flips each bit of texts of each length: about half of the hash's bits must change, in both its
 * halves, and every byte must count. */
static void hash_spreads_every_bit(void **state)
{
  (void)state;
  uint64_t random = 9;
  for (size_t length = 1; length <= 200; length++) {
    uint8_t bytes[200];
    for (size_t i = 0; i < length; i++)
      bytes[i] = (uint8_t)next_random(&random);
    const uint64_t hash = sk_hash_bytes(bytes, length);
    for (size_t bit = 0; bit < length * 8; bit++) {
      bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
      const uint64_t changed = hash ^ sk_hash_bytes(bytes, length);
      const int low = __builtin_popcount((unsigned)changed);
      const int high = __builtin_popcount((unsigned)(changed >> 32));
      if (low < 3 || high < 3 || low > 29 || high > 29)
        fail_msg("length %zu, bit %zu: 0x%016" PRIx64, length, bit, changed);
      bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  }
}

/* Names as clusters have them fill 2^16 buckets as evenly as random numbers would. */
static void hash_spreads_names(void **state)
{
  (void)state;
  static const char *const forms[] = {"pod-%u", "label_app:web|label_tier:front|label_id:%u", "%u",
                                      "vol-%08x-data", "%08u-%08u-%08u-%08u-%08u"};
  enum { BUCKETS = 1 << 16, NAMES = 1 << 16 };
  static uint16_t filled[2][BUCKETS];
  for (size_t form = 0; form < SK_COUNT(forms); form++) {
    memset(filled, 0, sizeof filled);
    for (unsigned n = 0; n < NAMES; n++) {
      char text[100];
      int length = 0;
      switch (form) { /* formats must be literals for the compiler to check them */
      case 0:
        length = snprintf(text, sizeof text, "pod-%u", n);
        break;
      case 1:
        length = snprintf(text, sizeof text, "label_app:web|label_tier:front|label_id:%u", n);
        break;
      case 2:
        length = snprintf(text, sizeof text, "%u", n);
        break;
      case 3:
        length = snprintf(text, sizeof text, "vol-%08x-data", n);
        break;
      default:
        length = snprintf(text, sizeof text, "%08u-%08u-%08u-%08u-%08u", n, n, n, n, n);
      }
      const uint64_t hash = sk_hash_bytes(text, (size_t)length);
      filled[0][hash & (BUCKETS - 1)]++;
      filled[1][hash >> 32 & (BUCKETS - 1)]++; /* the bits that sk_intern takes */
    }
    for (int half = 0; half < 2; half++) {
      size_t empty = 0;
      for (size_t i = 0; i < BUCKETS; i++)
        empty += !filled[half][i];
      /* expected 65536/e = 24109, standard deviation about 100 */
      if (empty < 24109 - 800 || empty > 24109 + 800)
        fail_msg("\"%s\": %zu of %d buckets empty", forms[form], empty, BUCKETS);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_texts_in_order_of_sight),
      cmocka_unit_test(grows_and_finds_all),
      cmocka_unit_test(texts_stay_where_they_are),
      cmocka_unit_test(prediction_changes_no_id),
      cmocka_unit_test(uses_kept_texts_where_they_lie),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(tells_texts_of_equal_hash_apart),
      cmocka_unit_test(hash_is_the_same_everywhere),
      cmocka_unit_test(hash_spreads_every_bit),
      cmocka_unit_test(hash_spreads_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
