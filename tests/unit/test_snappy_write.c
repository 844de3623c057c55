/* SPDX-License-Identifier: Apache-2.0 */
/* Writing snappy: the room that it needs, and machines that have no library for it. */
#include "testing.h"

#include "parquet/snappy_write.h"

#include <dlfcn.h>
#include <snappy-c.h>

/* In place of the system's: nothing is installed. */
void *dlopen(const char *name, int flags)
{
  (void)name, (void)flags;
  return NULL;
}

static void the_room_is_the_librarys(void **state)
{
  (void)state;
  uint64_t random = 1;
  for (int i = 0; i < 10000; i++) {
    const size_t length = (size_t)(next_random(&random) >> (random_below(&random, 50) + 14));
    assert_int_equal(sk_snappy_bound(length), snappy_max_compressed_length(length));
  }
}

static void says_what_to_install(void **state)
{
  (void)state;
  uint8_t out[64];
  for (int again = 0; again < 2; again++) {
    shukei_error err = {.text = ""};
    size_t length = sizeof out;
    assert_int_equal(sk_snappy_write("abc", 3, out, &length, &err), SHUKEI_EUNSUPPORTED);
    assert_memory_equal(err.text, "writing snappy needs libsnappy: ", 32);
    assert_non_null(strstr(err.advice, "libsnappy1v5"));
    assert_int_equal(sk_snappy_write("abc", 3, out, &length, NULL), SHUKEI_EUNSUPPORTED);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_room_is_the_librarys),
                                     cmocka_unit_test(says_what_to_install)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
