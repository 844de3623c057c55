/* SPDX-License-Identifier: Apache-2.0 */
/* Many calls by some threads: each once, and the first failure by number. */
#include "testing.h"

#include "base/each.h"

#define COUNT 1000

struct calls {
  _Atomic unsigned made[COUNT];
  size_t fail_from;
};

static shukei_status call(void *context, size_t i, shukei_error *err)
{
  struct calls *calls = context;
  atomic_fetch_add(&calls->made[i], 1);
  return i < calls->fail_from ? SHUKEI_OK : sk_fail(err, SHUKEI_EIO, "thing %zu", i);
}

static void calls_each_once(void **state)
{
  (void)state;
  for (unsigned threads = 0; threads < 9; threads += 4) {
    struct calls calls = {.fail_from = COUNT};
    size_t good = 0;
    assert_int_equal(sk_each(threads, COUNT, call, &calls, &good, NULL), SHUKEI_OK);
    assert_int_equal(good, COUNT);
    for (size_t i = 0; i < COUNT; i++)
      assert_int_equal(calls.made[i], 1);
  }
  assert_int_equal(sk_each(4, 0, call, NULL, NULL, NULL), SHUKEI_OK);
}

static void tells_the_first_failure(void **state)
{
  (void)state;
  for (unsigned round = 0; round < 50; round++) {
    struct calls calls = {.fail_from = 10 * round};
    shukei_error err;
    char text[32];
    size_t good = 0;
    assert_int_equal(sk_each(4, COUNT, call, &calls, &good, &err), SHUKEI_EIO);
    assert_int_equal(good, calls.fail_from);
    snprintf(text, sizeof text, "thing %zu", good);
    assert_string_equal(err.text, text);
    for (size_t i = 0; i <= good; i++)
      assert_int_equal(calls.made[i], 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_each_once),
      cmocka_unit_test(tells_the_first_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
