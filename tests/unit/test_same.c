/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts compared: every length, every place of a difference, at the border of allocations. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/same.h"

#include <stdlib.h>

static void notices_every_difference(void **state)
{
  (void)state;
  for (size_t length = 0; length < 150; length++) {
    uint8_t *x = malloc(length ? length : 1), *y = malloc(length ? length : 1);
    assert_true(x && y);
    memset(x, 'x', length);
    memset(y, 'x', length);
    assert_true(sk_same_bytes(x, y, length));
    for (size_t at = 0; at < length; at++) {
      y[at] = 'y';
      assert_false(sk_same_bytes(x, y, length));
      assert_true(sk_same_bytes(x, y, at));
      y[at] = 'x';
    }
    free(x);
    free(y);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(notices_every_difference)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
