/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a file is that replaces another, and who may read it, also where the system does not let us
 * give it away. */
#include "input_testing.h"

#include "store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
  unsigned calls;
  bool refuses_owner, refuses_group;
  uid_t owners[4];
  gid_t groups[4];
  mode_t mode; /* of the new file, before anything is changed */
} asked;

/* In place of the system's: gives no file away. */
int fchown(int fd, uid_t owner, gid_t group)
{
  struct stat info;
  assert_int_equal(fstat(fd, &info), 0);
  assert_true(asked.calls < SK_COUNT(asked.owners));
  if (asked.calls == 0)
    asked.mode = info.st_mode & 07777;
  asked.owners[asked.calls] = owner;
  asked.groups[asked.calls++] = group;
  errno = EPERM;
  return (owner == (uid_t)-1 ? asked.refuses_group : asked.refuses_owner) ? -1 : 0;
}

static const char path[] = "f";

static int set_up(void **state)
{
  umask(0);
  return enter_scratch(state);
}

static mode_t write_it(void)
{
  struct stat info;
  struct sk_output *output = NULL;
  assert_int_equal(sk_store_create(path, NULL, &output, NULL), SHUKEI_OK);
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
  sk_output_close(output);
  assert_int_equal(stat(path, &info), 0);
  return info.st_mode & 07777;
}

static void new_files_have_what_the_mask_lets_them(void **state)
{
  (void)state;
  memset(&asked, 0, sizeof asked);
  unlink(path);
  assert_int_equal(write_it(), 0666);
  assert_int_equal(asked.calls, 0);
}

static void others_rights_are_kept(void **state)
{
  (void)state;
  static const struct {
    bool refuses_owner, refuses_group;
    mode_t before, after;
    unsigned calls;
  } rows[] = {
      {false, false, 0664, 0664, 1}, {false, false, 0600, 0600, 1},
      {false, false, 0446, 0446, 1}, {false, false, 06755, 0755, 1}, /* it runs as nobody else */
      {true, false, 0664, 0664, 2},  {true, true, 0664, 0604, 2},    /* of what group is it then? */
      {true, true, 0640, 0600, 2},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct stat old;
    memset(&asked, 0, sizeof asked);
    write_it();
    assert_int_equal(chmod(path, rows[i].before), 0);
    assert_int_equal(stat(path, &old), 0);
    memset(&asked, 0, sizeof asked);
    asked.refuses_owner = rows[i].refuses_owner;
    asked.refuses_group = rows[i].refuses_group;
    const mode_t after = write_it();
    if (after != rows[i].after || asked.calls != rows[i].calls)
      fail_msg("row %zu: %o, %u calls", i, (unsigned)after, asked.calls);
    assert_int_equal(asked.mode, 0600); /* nobody else has it open by then */
    assert_true(asked.owners[0] == old.st_uid && asked.groups[0] == old.st_gid);
    if (asked.calls > 1)
      assert_true(asked.owners[1] == (uid_t)-1 && asked.groups[1] == old.st_gid);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(new_files_have_what_the_mask_lets_them),
                                     cmocka_unit_test(others_rights_are_kept)};
  return cmocka_run_group_tests(tests, set_up, leave_scratch);
}
