/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries loaded when they are needed: by the first name that there is, once, and with a reason
 * where not. */
#include "testing.h"

#include "base/library.h"

#include <dlfcn.h>

struct table {
  double (*cosine)(double);
};

static const struct sk_library_call calls[] = {{"cos", offsetof(struct table, cosine)}};
static int begun;

static const char *begin(void *table)
{
  begun++;
  return ((struct table *)table)->cosine(0.0) == 1.0 ? NULL : "cos is wrong";
}

static const char *refuse(void *table)
{
  (void)table;
  return "not today";
}

static int closed;

/* In place of the system's: the test's own libraries stay. */
int dlclose(void *handle)
{
  (void)handle;
  closed++;
  return 0;
}

static void loads_the_first_that_there_is(void **state)
{
  (void)state;
  struct table table = {NULL};
  struct sk_library library = {.names = {"libshukei-none.so.1", "libm.so.6"},
                               .calls = calls,
                               .call_count = 1,
                               .table = &table,
                               .begin = begin,
                               .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  assert_true(sk_library_load(&library, why));
  assert_true(sk_library_load(&library, why));
  assert_int_equal(begun, 1);
  assert_int_equal(closed, 0);
  assert_true(table.cosine(0.0) == 1.0);
}

static void tells_why_not(void **state)
{
  (void)state;
  static const struct sk_library_call missing[] = {{"cos", 0}, {"shukei_none", 0}};
  struct table table = {NULL};
  struct sk_library library = {.names = {"libshukei-none.so.1"},
                               .calls = missing,
                               .call_count = 2,
                               .table = &table,
                               .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  assert_false(sk_library_load(&library, why));
  assert_non_null(strstr(why, "libshukei-none.so.1"));
  assert_int_equal(closed, 0);
  library.names[0] = "libm.so.6"; /* installed meanwhile, but another version */
  assert_false(sk_library_load(&library, why));
  assert_non_null(strstr(why, "shukei_none"));
  assert_int_equal(closed, 1); /* what cannot be used is given back */
  library.calls = calls;
  library.call_count = 1;
  library.begin = refuse;
  assert_false(sk_library_load(&library, why));
  assert_string_equal(why, "not today");
  assert_int_equal(closed, 2);
  library.begin = NULL;
  assert_true(sk_library_load(&library, why));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_the_first_that_there_is),
      cmocka_unit_test(tells_why_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
