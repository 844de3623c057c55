/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a folder, whether it is there or not. */
#include "input_testing.h"

#include "store/store.h"

#include <sys/stat.h>

/* Not with qemu-user: what -L names stands in the place of "/", but not above all folders. */
static bool root_is_above_all(void)
{
  struct stat named, climbed;
  return stat("/", &named) == 0 && stat("../../../../../../../../../../../..", &climbed) == 0 &&
         named.st_dev == climbed.st_dev && named.st_ino == climbed.st_ino;
}

static void knows_what_lies_inside(void **state)
{
  (void)state;
  static const struct {
    const char *folder, *path;
    bool inside;
  } cases[] = {
      {"a", "a", true},
      {"a", "a/b", true},
      {"a/b", "a", false},
      {"a", "ab", false},
      {"a/", "./a//new/x", true},
      {"a", "a/b/../../new", false},
      {".", "new", true},
      {".", "a/b", true},
      {"..", "new", true},
      {"a", "link", true},
      {"link", "a/new", true},
      {"a", "link/b/new", true},
      {"/", "a", true},
      {"a", "/", false},
      {"gone", "gone/x", false},
      {"file", "file", false},
      {"a", "", false},
      {"a/b", "a/bc", false},
      {"s3://b/a", "s3://b/a/x", true},
      {"s3://b/a/", "s3://b/a", true},
      {"s3://b/a", "s3://b/ab", false},
      {"s3://b/a", "a", false},
      {"a", "s3://b/a", false},
  };
  make_folders("a/b/x");
  put_text("file", "");
  assert_int_equal(symlink("a", "link"), 0);
  for (size_t i = 0; i < SK_COUNT(cases); i++)
    if ((strcmp(cases[i].folder, "/") != 0 || root_is_above_all()) &&
        sk_store_inside(cases[i].folder, cases[i].path) != cases[i].inside)
      fail_msg("\"%s\" in \"%s\"", cases[i].path, cases[i].folder);
}

static void knows_what_lies_among(void **state)
{
  (void)state;
  static const struct {
    const char *folder, *path, *before;
    bool among;
  } cases[] = {
      {"a", "a/file", NULL, true},
      {"./a/", "link/file", NULL, true},
      {".", "file", NULL, true},
      {"/", "/file", NULL, true},
      {"a", "a/b/file", NULL, false},
      {"a/b", "a/file", NULL, false},
      {".", "a/file", NULL, false},
      {"gone", "gone/file", NULL, false},
      {"a", "a/file", "a/other", false}, /* as of that one */
      {"a", "a/file", "b/other", true},
      {"a", "a/file", "other", true},
      {"s3://b/a/", "s3://b/a/file", NULL, true},
      {"s3://b/a", "s3://b/ab/file", NULL, false},
      {"s3://b", "s3://b/a/file", NULL, false},
      {"a", "s3://b/a/file", NULL, false},
  };
  make_folders("a/b/x");
  assert_int_equal(symlink("a", "link"), 0);
  for (size_t i = 0; i < SK_COUNT(cases); i++)
    if (sk_store_among(cases[i].folder, cases[i].path, cases[i].before) != cases[i].among)
      fail_msg("\"%s\" in \"%s\"", cases[i].path, cases[i].folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(knows_what_lies_inside, enter_scratch, leave_scratch),
      cmocka_unit_test_setup_teardown(knows_what_lies_among, enter_scratch, leave_scratch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
