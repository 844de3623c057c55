/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of objects: whoever reads what, in whatever order, gets the object's bytes and holds no
 * more than the limits. */
#include "fake_object.h"

/* Reads at random places by several threads, with wishes and expected ranges, of objects and limits
 * of several sizes. */
struct reader {
  struct sk_s3 *s3;
  struct sk_s3_entry *entry;
  uint64_t random;
  bool wrong;
};

static void *read_at_random(void *argument)
{
  struct reader *const self = argument;
  uint8_t *const bytes = malloc((size_t)400 << 10);
  uint64_t offset = 0;
  for (int i = 0; i < 60 && bytes; i++) {
    if (random_below(&self->random, 3) == 0)
      offset = random_below(&self->random, object_bytes);
    size_t length = 1 + random_below(&self->random, random_below(&self->random, 2) ? 300000 : 6000);
    length = length < object_bytes - offset ? length : object_bytes - offset;
    const uint64_t wish =
        random_below(&self->random, 2) ? 0 : random_below(&self->random, (size_t)2 << 20);
    self->wrong |=
        sk_s3_entry_read(&self->s3->ahead, self->entry, offset, bytes, length, wish, NULL) ||
        memcmp(bytes, object + offset, length) != 0;
    offset = offset + length < object_bytes ? offset + length : 0;
  }
  free(bytes);
  return NULL;
}

static size_t draw_ranges(uint64_t *random, struct sk_range ranges[8])
{
  size_t count = 0;
  uint64_t at = random_below(random, 100000);
  while (count < 8 && at + 1 < object_bytes) {
    const uint64_t room = object_bytes - at;
    const uint64_t length =
        1 + random_below(random, random_below(random, 2) ? 1500000 : 40000) % room;
    ranges[count++] = (struct sk_range){at, at + length};
    at += length + (random_below(random, 2) ? 0 : random_below(random, 600000));
  }
  return count;
}

static void reads_are_of_the_object(void **state)
{
  (void)state;
  static const uint64_t budgets[] = {0, 64 << 20, 24 << 20, 3 << 20, 1 << 20};
  uint64_t random = 5;
  for (unsigned round = 0; round < 40; round++) {
    static const size_t sizes[] = {MOST_BYTES, SMALL_BYTES, SK_S3_WHOLE_BYTES,
                                   SK_S3_WHOLE_BYTES + 1, (size_t)3 << 20};
    const uint64_t limit = budgets[round % SK_COUNT(budgets)];
    struct sk_budget budget;
    struct reader readers[3];
    pthread_t threads[3];
    sk_budget_init(&budget, limit ? limit : UINT64_MAX);
    struct sk_s3 *const s3 = fake_session(&budget, "2");
    struct sk_s3_entry *const entry =
        open_entry(s3, "s3://b/k", sizes[random_below(&random, SK_COUNT(sizes))], round % 2);
    if (!entry->size_bytes)
      fail_msg("no size");
    for (int part = 0; part < 2; part++) {
      struct sk_range ranges[8];
      if (random_below(&random, 4))
        sk_s3_entry_expect(&s3->ahead, entry, ranges, draw_ranges(&random, ranges));
      for (int i = 0; i < 3; i++) {
        readers[i] = (struct reader){s3, entry, next_random(&random), false};
        assert_int_equal(pthread_create(&threads[i], NULL, read_at_random, &readers[i]), 0);
      }
      for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
      for (int i = 0; i < 3; i++)
        assert_false(readers[i].wrong);
      check_parts(s3);
    }
    sk_s3_entry_close(&s3->ahead, entry);
    check_parts(s3);
    sk_store_end(&budget);
    assert_int_equal(budget.used_bytes, 0);
  }
}

/* A small object is fetched as a whole, once for the plan and the reader; when the reader has
 * closed it it may give way; one byte more, and what is read is what is fetched. */
static void small_objects_are_kept(void **state)
{
  (void)state;
  for (int larger = 0; larger < 2; larger++) {
    const size_t bytes = SK_S3_WHOLE_BYTES + (size_t)larger;
    struct sk_s3 *const s3 = fake_session(NULL, "2");
    struct sk_s3_entry *entry = open_entry(s3, "s3://b/k", bytes, true);
    check_read(s3, entry, 1000, 10, 0);
    assert_int_equal(sent_bytes, larger ? 10 : bytes);
    assert_int_equal(s3->ahead.kept_bytes, larger ? 0 : bytes);
    sk_s3_entry_close(&s3->ahead, entry);
    assert_int_equal(s3->ahead.kept_bytes, larger ? 0 : bytes);
    assert_int_equal(sk_s3_entry_open(&s3->ahead, entry, NULL), SHUKEI_OK);
    check_read(s3, entry, 1000, 10, 0);
    assert_int_equal(sent_bytes, larger ? 10 : bytes);
    sk_s3_entry_close(&s3->ahead, entry);
    assert_int_equal(s3->ahead.kept_bytes, 0);
    assert_int_equal(s3->ahead.held_bytes, larger ? 10 : bytes);
    check_parts(s3);
    sk_store_end(NULL);
  }
}

/* The limits are a quarter and an eighth of the budget at most. */
static void limits_are_of_the_budget(void **state)
{
  (void)state;
  static const struct {
    uint64_t budget, limit, kept;
  } rows[] = {{UINT64_C(1) << 40, 20 << 20, 128 << 20},
              {UINT64_C(1) << 30, 20 << 20, 128 << 20},
              {80 << 20, 20 << 20, 10 << 20},
              {40 << 20, 10 << 20, 5 << 20},
              {8 << 20, 2 << 20, 1 << 20}};
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_budget budget;
    sk_budget_init(&budget, rows[i].budget);
    struct sk_s3 *const s3 = fake_session(&budget, "2");
    assert_int_equal(s3->ahead.limit_bytes, rows[i].limit);
    assert_int_equal(s3->ahead.kept_limit_bytes, rows[i].kept);
    sk_store_end(&budget);
  }
}

/* Parts that were read to their end give way first, then the oldest; those that are in use
 * never. */
static void old_parts_give_way(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, 8 << 20); /* a limit of 2 MiB */
  struct sk_s3 *const s3 = fake_session(&budget, "2");
  struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
  struct sk_s3_ahead *const ahead = &s3->ahead;
  const size_t quarter = 512 << 10;
  for (size_t i = 0; i < 4; i++)
    check_read(s3, entry, i * quarter, i == 2 ? quarter : 1000, i == 2 ? 0 : quarter - 1000);
  assert_int_equal(ahead->held_bytes, ahead->limit_bytes);
  check_read(s3, entry, 4 * quarter, 1000, quarter - 1000);
  assert_null(sk_s3_part_find(entry, 2 * quarter)); /* was read to its end */
  check_read(s3, entry, 0, 1000, 0);                /* is the newest now */
  check_read(s3, entry, 5 * quarter, 1000, quarter - 1000);
  assert_null(sk_s3_part_find(entry, quarter));
  assert_non_null(sk_s3_part_find(entry, 0));
  assert_non_null(sk_s3_part_find(entry, quarter - 1));
  const uint64_t before = sent_bytes;
  check_read(s3, entry, 100, quarter - 100, 0);
  assert_int_equal(sent_bytes, before);
  pthread_mutex_lock(&ahead->lock); /* all in use: no room */
  for (struct sk_s3_part *part = entry->parts; part; part = part->next)
    part->users++;
  struct sk_s3_part *const none =
      sk_s3_part_new(ahead, entry, (struct sk_range){6 * quarter, 6 * quarter + 1}, false);
  for (struct sk_s3_part *part = entry->parts; part; part = part->next)
    part->users--;
  pthread_mutex_unlock(&ahead->lock);
  assert_null(none);
  check_parts(s3);
  sk_s3_entry_close(ahead, entry);
  sk_store_end(&budget);
  assert_int_equal(budget.used_bytes, 0);
}

/* Where there is no room at all the bytes are fetched straight to where they are wanted. */
static void reads_without_room(void **state)
{
  (void)state;
  struct sk_budget budget;
  sk_budget_init(&budget, 2 << 20); /* a limit of half a mebibyte */
  struct sk_s3 *const s3 = fake_session(&budget, "2");
  struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
  check_read(s3, entry, 77, (512 << 10) + 1, 0);
  assert_int_equal(fake_requests, 1);
  assert_null(entry->parts);
  check_read(s3, entry, 77, 512 << 10, 0);
  assert_non_null(entry->parts);
  sk_s3_entry_close(&s3->ahead, entry);
  sk_store_end(&budget);
}

/* A reader from front to back finds what lies before it fetched by others; a failure there is none,
 * until somebody needs the bytes. */
static void looks_ahead(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "1");
  struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
  const uint64_t wish = 1 << 20;
  shukei_error err = {.text = ""};
  uint8_t byte;
  check_read(s3, entry, 0, 1000, wish);
  pthread_mutex_lock(&s3->ahead.lock);
  const bool beside = sk_s3_part_find(entry, 1000 + wish) && sk_s3_part_find(entry, 3 * wish / 2);
  const bool beyond = sk_s3_part_find(entry, 1000 + 3 * wish);
  pthread_mutex_unlock(&s3->ahead.lock);
  assert_true(beside && !beyond);
  for (uint64_t at = 1000; at < MOST_BYTES; at += 100000)
    check_read(s3, entry, at, at + 100000 < MOST_BYTES ? 100000 : MOST_BYTES - at, wish);
  assert_int_equal(sent_bytes, MOST_BYTES);
  assert_true(fake_requests >= 3 && fake_requests <= 10);
  check_parts(s3);
  sk_s3_entry_close(&s3->ahead, entry);
  sk_s3_entry_forget(&s3->ahead, entry);
  assert_null(entry->parts);
  assert_int_equal(s3->ahead.held_bytes, 0);
  sk_s3_entry_note(&s3->ahead, entry, MOST_BYTES, "e");
  assert_int_equal(sk_s3_entry_open(&s3->ahead, entry, NULL), SHUKEI_OK);
  broken = 1;
  assert_int_equal(sk_s3_entry_read(&s3->ahead, entry, 5, &byte, 1, 0, &err), SHUKEI_EIO);
  assert_non_null(strstr(err.text, "s3://b/k: could not read 1 bytes at 5"));
  assert_null(entry->parts);
  check_read(s3, entry, 5, 1, 0);
  check_parts(s3);
  sk_s3_entry_close(&s3->ahead, entry);
  sk_store_end(NULL);
}

/* The end of an object that nothing is known of comes with its size. */
static void opens_what_was_not_listed(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "2");
  struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, false);
  assert_int_equal(entry->size_bytes, MOST_BYTES);
  assert_string_equal(entry->etag, "e");
  check_read(s3, entry, MOST_BYTES - (64 << 10), 64 << 10, 0);
  assert_int_equal(fake_requests, 1);
  sk_s3_entry_close(&s3->ahead, entry);
  sk_s3_entry_close(&s3->ahead, open_entry(s3, "s3://b/k2", 100, false));
  assert_int_equal(s3->ahead.kept_bytes, 100);
  sk_store_end(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_are_of_the_object),   cmocka_unit_test(small_objects_are_kept),
      cmocka_unit_test(limits_are_of_the_budget),  cmocka_unit_test(old_parts_give_way),
      cmocka_unit_test(reads_without_room),        cmocka_unit_test(looks_ahead),
      cmocka_unit_test(opens_what_was_not_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
