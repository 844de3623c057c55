/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of processes: this one lives, one that has ended is gone, others are not known. */
#include "testing.h"

#include "store/process_mark.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void knows_itself(void **state)
{
  (void)state;
  char mark[SK_PROCESS_MARK_TEXT], longer[2 * SK_PROCESS_MARK_TEXT];
  sk_process_mark(mark);
  assert_int_equal(sk_process_state(mark), SK_PROCESS_LIVES);
  snprintf(longer, sizeof longer, "%s 17\n", mark);
  assert_int_equal(sk_process_state(longer), SK_PROCESS_LIVES);
}

static void knows_who_is_gone(void **state)
{
  (void)state;
  char mark[SK_PROCESS_MARK_TEXT];
  int ends[2], status;
  assert_int_equal(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    sk_process_mark(mark);
    _exit(write(ends[1], mark, sizeof mark) == sizeof mark ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(read(ends[0], mark, sizeof mark), sizeof mark);
  close(ends[0]);
  close(ends[1]);
  assert_int_equal(sk_process_state(mark), SK_PROCESS_GONE);
}

/* The same number, started at another moment: a later process. */
static void knows_numbers_that_came_again(void **state)
{
  (void)state;
  char mark[SK_PROCESS_MARK_TEXT];
  sk_process_mark(mark);
  char *const last = mark + strlen(mark) - 1;
  *last = *last == '1' ? '2' : '1';
  assert_int_equal(sk_process_state(mark), SK_PROCESS_GONE);
}

static void does_not_guess(void **state)
{
  (void)state;
  char mark[SK_PROCESS_MARK_TEXT];
  static const char *const none[] = {"", "x", "0000000000000000-1-1", "12-", "--", "1-1", "1-0-0"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    assert_int_equal(sk_process_state(none[i]), SK_PROCESS_UNKNOWN);
  sk_process_mark(mark);
  mark[3] = mark[3] == 'a' ? 'b' : 'a'; /* another machine */
  assert_int_equal(sk_process_state(mark), SK_PROCESS_UNKNOWN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_itself),
      cmocka_unit_test(knows_who_is_gone),
      cmocka_unit_test(knows_numbers_that_came_again),
      cmocka_unit_test(does_not_guess),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
