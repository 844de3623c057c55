/* SPDX-License-Identifier: Apache-2.0 */
/* The file of --metrics-file: whole at any time, the last success kept, failures told. */
#include "testing.h"

#include "base/alloc.h"
#include "cli/metrics_file.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/shukei-metrics-XXXXXX", path[64];

static int make_folder(void **state)
{
  (void)state;
  if (!mkdtemp(folder))
    return -1;
  snprintf(path, sizeof path, "%s/job.prom", folder);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  unlink(path);
  return rmdir(folder); /* fails where something is left */
}

static bool tells(const char *what)
{
  char text[1 << 16];
  FILE *const file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return strstr(text, what) != NULL;
}

static void writes_again_and_again(void **state)
{
  struct sk_metrics_file file;
  shukei_stats stats;
  const shukei_progress progress = {.phase = "pods", .rows_done = 7};
  (void)state;
  memset(&stats, 0, sizeof stats);
  stats.rows_read = 12;
  assert_int_equal(sk_metrics_file_open(&file, path, NULL), SHUKEI_OK);
  assert_true(tells("shukei_aggregate_running{run=\"job\"} 1.0\n"));
  sk_metrics_file_progress(&file, &progress);
  assert_false(
      tells("shukei_aggregate_read_rows{run=\"job\"} 7.0\n")); /* a second has not passed */
  file.written_ns = 0;
  sk_metrics_file_progress(&file, &progress);
  assert_true(tells("shukei_aggregate_read_rows{run=\"job\"} 7.0\n"));
  assert_int_equal(sk_metrics_file_end(&file, &stats, 0, NULL), SHUKEI_OK);
  sk_metrics_file_close(&file);
  assert_true(tells("shukei_aggregate_read_rows{run=\"job\"} 12.0\n"));
  assert_true(tells("shukei_aggregate_last_success_timestamp_seconds{run=\"job\"} 1"));
  assert_int_equal(sk_metrics_file_open(&file, path, NULL), SHUKEI_OK);
  assert_true(file.last_success > 1e9);
  assert_int_equal(sk_metrics_file_end(&file, &stats, 1, NULL), SHUKEI_OK);
  sk_metrics_file_close(&file);
  assert_true(tells("shukei_aggregate_success{run=\"job\"} 0.0\n"));
  assert_true(tells("shukei_aggregate_last_success_timestamp_seconds{run=\"job\"} 1"));
}

static void does_nothing_without_a_name(void **state)
{
  struct sk_metrics_file file;
  const shukei_progress progress = {.phase = "pods"};
  (void)state;
  assert_int_equal(sk_metrics_file_open(&file, NULL, NULL), SHUKEI_OK);
  sk_metrics_file_progress(&file, &progress);
  assert_int_equal(sk_metrics_file_end(&file, NULL, 0, NULL), SHUKEI_OK);
  sk_metrics_file_close(&file);
}

static void tells_what_cannot_be(void **state)
{
  struct sk_metrics_file file;
  shukei_error err = {.offset = 0};
  (void)state;
  assert_int_equal(sk_metrics_file_open(&file, folder, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "is not a file"));
  sk_metrics_file_close(&file);
  assert_int_equal(sk_metrics_file_open(&file, "/tmp/shukei-none/a.prom", &err), SHUKEI_EWRITE);
  assert_non_null(strstr(err.text, "could not write metrics \"/tmp/shukei-none/a.prom\""));
  sk_metrics_file_close(&file);
}

static void survives_every_failed_allocation(void **state)
{
  bool failed = true;
  (void)state;
  for (int n = 0; failed; n++) {
    struct sk_metrics_file file;
    sk_test_fail_alloc(n);
    const shukei_status st = sk_metrics_file_open(&file, path, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    /* a buffer that cannot double tries again with what it needs */
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    sk_metrics_file_close(&file);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_again_and_again), cmocka_unit_test(does_nothing_without_a_name),
      cmocka_unit_test(tells_what_cannot_be), cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
