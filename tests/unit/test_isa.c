/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of instructions: never one that the processor lacks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/isa.h"

#include <stdlib.h>

static void obeys_the_environment(void **state)
{
  (void)state;
  static const char *const names[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
  const enum sk_isa best = sk_isa_choose(NULL);
  assert_int_equal(SK_COUNT(names), SK_ISA_COUNT);
  assert_true(sk_isa_present(SK_ISA_SCALAR) && sk_isa_present(best));
  for (int i = 0; i < SK_ISA_COUNT; i++) {
    const enum sk_isa isa = (enum sk_isa)i;
    assert_int_equal(sk_isa_choose(names[i]), sk_isa_present(isa) ? isa : best);
    assert_true(!sk_isa_present(isa) || isa <= best);
  }
  assert_int_equal(sk_isa_choose(""), best);
  assert_int_equal(sk_isa_choose("AVX2"), best);
  assert_int_equal(sk_isa_choose("none"), best);
}

static void chooses_once(void **state)
{
  (void)state;
  assert_int_equal(setenv("SHUKEI_ISA", "scalar", 1), 0);
  assert_int_equal(sk_isa(), SK_ISA_SCALAR);
  assert_int_equal(unsetenv("SHUKEI_ISA"), 0);
  assert_int_equal(sk_isa(), SK_ISA_SCALAR);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(obeys_the_environment),
      cmocka_unit_test(chooses_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
