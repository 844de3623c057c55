/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes kept for a sink come back as they were, from memory and from the file, as often as asked
 * for. */
#include "testing.h"

#include "sink/spool.h"

#include <sys/stat.h>
#include <unistd.h>

struct reading {
  uint64_t seed, bytes, fail_at;
};

static shukei_status compare(void *context, const void *bytes, size_t length, shukei_error *err)
{
  struct reading *reading = context;
  const uint8_t *at = bytes;
  assert_true(length > 0 && length <= SK_SPOOL_PIECE);
  for (size_t i = 0; i < length; i++)
    assert_int_equal(at[i], (uint8_t)next_random(&reading->seed));
  reading->bytes += length;
  return reading->bytes > reading->fail_at ? sk_fail(err, SHUKEI_EWRITE, "enough") : SHUKEI_OK;
}

static void add_random(struct sk_spool *spool, uint64_t *seed, size_t length)
{
  uint8_t *bytes = malloc(length + 1);
  assert_non_null(bytes);
  for (size_t i = 0; i < length; i++)
    bytes[i] = (uint8_t)next_random(seed);
  assert_int_equal(sk_spool_add(spool, bytes, length, NULL), SHUKEI_OK);
  free(bytes);
}

static void bytes_come_back(void **state)
{
  (void)state;
  static const size_t memories[] = {0, 1, 1000, 100000, 1 << 20};
  for (size_t m = 0; m < SK_COUNT(memories); m++) {
    struct sk_budget budget;
    struct sk_spool spool;
    uint64_t seed = m, sizes = m + 1, sum = 0;
    sk_budget_init(&budget, UINT64_MAX);
    sk_spool_init(&spool, &budget, memories[m]);
    for (int i = 0; i < 60; i++) {
      const size_t length = i % 7 == 0 ? 0 : random_below(&sizes, i % 5 == 0 ? 90000 : 3000);
      add_random(&spool, &seed, length);
      sum += length;
      assert_int_equal(sk_spool_bytes(&spool), sum);
    }
    assert_int_equal(spool.file >= 0, memories[m] < sum);
    for (int again = 0; again < 2; again++) {
      struct reading reading = {m, 0, UINT64_MAX};
      assert_int_equal(sk_spool_each(&spool, compare, &reading, NULL), SHUKEI_OK);
      assert_int_equal(reading.bytes, sum);
    }
    struct reading reading = {m, 0, sum / 2};
    assert_int_equal(sk_spool_each(&spool, compare, &reading, NULL), SHUKEI_EWRITE);
    assert_true(reading.bytes < sum);
    sk_spool_reset(&spool);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
  }
}

static void a_budget_without_room_means_the_file(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_spool spool;
  uint64_t seed = 5;
  sk_budget_init(&budget, SK_SPOOL_PIECE + 100);
  sk_spool_init(&spool, &budget, (size_t)1 << 20);
  for (int i = 0; i < 8; i++)
    add_random(&spool, &seed, 50000);
  assert_true(spool.file >= 0);
  sk_buffer_reset(&spool.head); /* what fits beside it */
  sk_spool_reset(&spool);
}

static void a_folder_that_is_missing_is_told(void **state)
{
  (void)state;
  struct sk_spool spool;
  shukei_error error;
  assert_int_equal(setenv("TMPDIR", "/proc/no-such-folder", 1), 0);
  sk_spool_init(&spool, NULL, 10);
  assert_int_equal(sk_spool_add(&spool, "0123456789", 10, &error), SHUKEI_OK);
  assert_int_equal(sk_spool_add(&spool, "0123456789", 10, &error), SHUKEI_EWRITE);
  assert_non_null(strstr(error.text, "/proc/no-such-folder"));
  sk_spool_reset(&spool);
  assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void a_file_that_was_cut_is_told(void **state)
{
  (void)state;
  struct sk_spool spool;
  uint64_t seed = 1;
  struct reading reading = {1, 0, UINT64_MAX};
  shukei_error error;
  sk_spool_init(&spool, NULL, 0);
  add_random(&spool, &seed, 200000);
  assert_int_equal(ftruncate(spool.file, 150000), 0);
  assert_int_equal(sk_spool_each(&spool, compare, &reading, &error), SHUKEI_EIO);
  sk_spool_reset(&spool);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_come_back),
      cmocka_unit_test(a_budget_without_room_means_the_file),
      cmocka_unit_test(a_folder_that_is_missing_is_told),
      cmocka_unit_test(a_file_that_was_cut_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
