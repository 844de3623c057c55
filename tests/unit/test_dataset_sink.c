/* SPDX-License-Identifier: Apache-2.0 */
/* The dataset sink: a file a day and source, whose bytes are those of the Parquet sink; which files
 * a run replaces and removes; what failures leave. */
#include "sink_testing.h"

#include "sink/dataset_names.h"
#include "store/store.h"

#define FIRST 20362 /* 2025-10-01 */

static int set_up(void **state)
{
  return enter_folder(state);
}

static void remove_all(const char *path)
{
  char below[1024];
  struct stat info;
  DIR *dir = lstat(path, &info) == 0 && S_ISDIR(info.st_mode) ? opendir(path) : NULL;
  for (const struct dirent *entry; dir && (entry = readdir(dir));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below)
      remove_all(below);
  if (dir)
    closedir(dir);
  remove(path);
}

static int tear_down(void **state)
{
  remove_all("out");
  return leave_folder(state);
}

/* Every file below `out`, hidden ones too, in one text: "01/summary.s1.parquet 02/...". */
static void add_files(const char *folder, char text[1024])
{
  struct dirent **entries = NULL;
  char path[1024];
  struct stat info;
  const int count = scandir(folder, &entries, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    const char *name = entries[i]->d_name;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && stat(path, &info) == 0) {
      const char *shown = strstr(path, "/day=") ? strstr(path, "/day=") + 5 : path;
      if (S_ISDIR(info.st_mode))
        add_files(path, text);
      else
        snprintf(text + strlen(text), 1024 - strlen(text), "%s%s", text[0] ? " " : "", shown);
    }
    free(entries[i]);
  }
  free(entries);
}

static const char *files(char text[1024])
{
  text[0] = '\0';
  add_files("out", text);
  return text;
}

static void expect_same_file(const char *a, const char *b)
{
  size_t a_length, b_length;
  char *one = read_whole(a, &a_length), *other = read_whole(b, &b_length);
  assert_int_equal(a_length, b_length);
  assert_memory_equal(one, other, a_length);
  free(one);
  free(other);
}

static void a_day_is_a_parquet_file(void **state)
{
  (void)state;
  char text[1024], day[128];
  const struct sk_sink_options options = plain_options("s1");
  assert_int_equal(write_sink("out/", &options, 5000, FIRST, FIRST + 2, NULL, NULL), SHUKEI_OK);
  assert_string_equal(files(text),
                      "01/summary.s1.parquet 02/summary.s1.parquet 03/summary.s1.parquet");
  for (int d = 0; d < 3; d++) {
    snprintf(day, sizeof day, "out/year=2025/month=10/day=%02d/summary.s1.parquet", d + 1);
    assert_int_equal(write_sink("a.parquet", &options, 5000, FIRST + d, FIRST + d, NULL, NULL),
                     SHUKEI_OK);
    expect_same_file("a.parquet", day);
  }
  assert_int_equal(unlink("a.parquet"), 0);
}

static void chunks_do_not_show(void **state)
{
  (void)state;
  const struct sk_sink_options options = plain_options("s1");
  static const char name[] = "out/year=2025/month=10/day=02/summary.s1.parquet";
  assert_int_equal(write_sink("a.parquet", &options, 1500, FIRST + 1, FIRST + 1, NULL, NULL),
                   SHUKEI_OK);
  for (uint64_t most = 1; most < 10000; most = most * 7 + 1) {
    struct sk_budget budget;
    sk_budget_init(&budget, UINT64_MAX);
    write_in_chunks("out/", &options, 6000, 1500, most, most, make_plain, &budget);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    expect_same_file("a.parquet", name);
  }
  assert_int_equal(unlink("a.parquet"), 0);
}

static void sources_live_side_by_side(void **state)
{
  (void)state;
  char text[1024];
  struct sk_sink_options one = plain_options("s1"), none = plain_options(NULL);
  struct sk_sink_options odd = plain_options("a/b c.");
  assert_int_equal(write_sink("out/", &one, 3, FIRST, FIRST + 1, NULL, NULL), SHUKEI_OK);
  assert_int_equal(write_sink("out", &none, 3, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
  assert_int_equal(write_sink("out", &odd, 3, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
  assert_string_equal(files(text), "01/summary.a%2Fb%20c%2E.parquet 01/summary.parquet "
                                   "01/summary.s1.parquet 02/summary.s1.parquet");
  /* Days of the rows alone: the second one stays. */
  assert_int_equal(write_sink("out/", &one, 9, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
  /* Days asked for: those without rows lose this source's file, and no other's. */
  none.start_day = FIRST;
  none.end_day = FIRST + 1;
  assert_int_equal(write_sink("out/", &none, 0, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
  assert_string_equal(files(text), "01/summary.a%2Fb%20c%2E.parquet 01/summary.s1.parquet "
                                   "02/summary.s1.parquet");
  one.start_day = FIRST - 3;
  one.end_day = FIRST;
  assert_int_equal(write_sink("out/", &one, 0, FIRST, FIRST, NULL, NULL), SHUKEI_OK);
  assert_string_equal(files(text), "01/summary.a%2Fb%20c%2E.parquet 02/summary.s1.parquet");
}

/* Two sources in one run: `first` rows of s1, then `second` of s2, both of 2025-10-01 and the day
 * after. */
static shukei_status write_two(const struct sk_sink_options *options, uint64_t first,
                               uint64_t second, struct sk_budget *budget)
{
  struct sk_sink *sink = NULL;
  shukei_status st = sk_sink_open("out/", options, budget, &sink, NULL);
  if (!st)
    st = sk_sink_begin_source(sink, "s1", NULL);
  if (!st)
    st = fill(sink, first, FIRST, FIRST + 1, "s1", NULL);
  if (!st)
    st = sk_sink_begin_source(sink, "s2", NULL);
  if (!st)
    sk_sink_pause(sink);
  if (!st)
    st = fill(sink, second, FIRST, FIRST + 1, "s2", NULL);
  if (!st)
    st = sk_sink_prepare(sink, NULL);
  if (!st)
    st = sk_sink_commit(sink, NULL);
  sk_sink_close(sink);
  return st;
}

static void several_sources_in_one_run(void **state)
{
  (void)state;
  static const char both[] = "01/summary.s1.parquet 01/summary.s2.parquet "
                             "02/summary.s1.parquet 02/summary.s2.parquet";
  char text[1024], day[128], name[16];
  struct sk_sink_options options = plain_options("s1");
  assert_int_equal(write_two(&options, 20, 5000, NULL), SHUKEI_OK);
  assert_string_equal(files(text), both);
  for (int source = 1; source <= 2; source++)
    for (int d = 0; d < 2; d++) {
      snprintf(name, sizeof name, "s%d", source);
      const struct sk_sink_options one = plain_options(name);
      snprintf(day, sizeof day, "out/year=2025/month=10/day=%02d/summary.%s.parquet", d + 1, name);
      assert_int_equal(
          write_sink("a.parquet", &one, source == 1 ? 20 : 5000, FIRST + d, FIRST + d, NULL, NULL),
          SHUKEI_OK);
      expect_same_file("a.parquet", day);
    }
  assert_int_equal(unlink("a.parquet"), 0);
  assert_int_equal(write_two(&options, 0, 3, NULL), SHUKEI_OK); /* those of the first stay */
  assert_string_equal(files(text), both);
  options.start_day = options.end_day = FIRST;
  assert_int_equal(write_two(&options, 0, 0, NULL), SHUKEI_OK); /* a day asked for: both go */
  assert_string_equal(files(text), "02/summary.s1.parquet 02/summary.s2.parquet");
}

static void several_sources_survive_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_budget budget;
  const struct sk_sink_options options = plain_options("s1");
  char text[1024];
  sk_budget_init(&budget, UINT64_MAX);
  bool failed = true;
  for (int n = 0; failed; n++) {
    sk_test_fail_alloc(n);
    const shukei_status st = write_two(&options, 2, 2, &budget);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    files(text);
    if (st)
      assert_null(strstr(text, ".tmp-"));
    remove_all("out");
  }
}

static void names_of_days(void **state)
{
  (void)state;
  static const struct {
    const char *relative;
    int32_t day; /* 0: none of ours */
  } cases[] = {
      {"year=2025/month=10/day=01/summary.s1.parquet", FIRST},
      {"year=2025/month=10/day=31/summary.s1.parquet", FIRST + 30},
      {"year=2025/month=10/day=1/summary.s1.parquet", 0},
      {"year=2025/month=2/day=01/summary.s1.parquet", 0},
      {"year=2025/month=02/day=30/summary.s1.parquet", 0},
      {"year=2025/month=10/day=00/summary.s1.parquet", 0},
      {"year=2025/month=10/day=-1/summary.s1.parquet", 0},
      {"year=2025/month=10/day=01/summary.s2.parquet", 0},
      {"year=2025/month=10/day=01/summary.s1.parquet2", 0},
      {"year=2025/month=10/day=01/x/summary.s1.parquet", 0},
      {"year=2025/month=10/summary.s1.parquet", 0},
      {"summary.s1.parquet", 0},
  };
  static const struct {
    const char *relative;
    int32_t day;
  } others[] = {
      {"year=2025/month=10/day=01/summary.s2.parquet", FIRST},
      {"year=2025/month=10/day=01/summary.s1.parquet", 0},
      {"year=2025/month=10/day=01/summary.parquet", FIRST},
      {"year=2025/month=10/day=01/summary..parquet", 0},
      {"year=2025/month=10/day=01/summarys2.parquet", 0},
      {"year=2025/month=10/day=01/other.parquet", 0},
      {"year=2025/month=10/day=1/summary.s2.parquet", 0},
      {"summary.s2.parquet", 0},
  };
  struct sk_dataset_names names;
  shukei_error err;
  char long_source[400];
  assert_int_equal(sk_dataset_names_init(&names, "out", "s1", NULL, NULL), SHUKEI_OK);
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    int32_t day = 0;
    const bool ours = sk_dataset_day(&names, cases[i].relative, &day);
    if (ours != (cases[i].day != 0) || (ours && day != cases[i].day))
      fail_msg("%s: %d", cases[i].relative, day);
  }
  for (size_t i = 0; i < SK_COUNT(others); i++) {
    int32_t day = 0;
    const bool is = sk_dataset_day_of_others(&names, others[i].relative, &day);
    if (is != (others[i].day != 0) || (is && day != others[i].day))
      fail_msg("%s: %d", others[i].relative, day);
  }
  sk_dataset_names_reset(&names);
  memset(long_source, 'a', sizeof long_source);
  long_source[sizeof long_source - 1] = '\0';
  struct sk_sink_options options = plain_options(long_source);
  struct sk_sink *sink = NULL;
  assert_int_equal(sk_sink_open("out/", &options, NULL, &sink, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "too long"));
  assert_int_equal(count_files("."), 0);
}

static void failures_leave_nothing(void **state)
{
  (void)state;
  char text[1024], want[1024];
  const struct sk_sink_options options = plain_options("s1");
  struct sk_sink *sink = NULL;
  for (int exists = 0; exists < 2; exists++) {
    if (exists)
      assert_int_equal(write_sink("out/", &options, 3, FIRST, FIRST + 1, NULL, NULL), SHUKEI_OK);
    snprintf(want, sizeof want, "%s", exists ? files(text) : "");
    for (int prepared = 0; prepared < 2; prepared++) {
      assert_int_equal(sk_sink_open("out/", &options, NULL, &sink, NULL), SHUKEI_OK);
      assert_int_equal(fill(sink, 3, FIRST + 1, FIRST + 3, "s1", NULL), SHUKEI_OK);
      if (prepared)
        assert_int_equal(sk_sink_prepare(sink, NULL), SHUKEI_OK);
      sk_sink_close(sink);
      assert_string_equal(files(text), want);
      assert_int_equal(access("out", F_OK), exists - 1);
    }
    limit_files((uint64_t)2 << 10);
    shukei_error err = {0};
    const shukei_status st = write_sink("out/", &options, 3000, FIRST, FIRST + 1, NULL, &err);
    limit_files(UINT64_MAX);
    assert_int_equal(st, SHUKEI_EWRITE);
    assert_non_null(strstr(err.text, "summary.s1.parquet"));
    assert_string_equal(files(text), want);
  }
  write_file("taken", "x", 1);
  shukei_error err = {0};
  assert_int_equal(sk_sink_open("taken/out/", &options, NULL, &sink, &err), SHUKEI_EWRITE);
  assert_int_equal(sk_sink_open("taken/", &options, NULL, &sink, &err), SHUKEI_EWRITE);
  assert_int_equal(unlink("taken"), 0);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_sink_options options = plain_options("s1");
  char text[1024];
  sk_budget_init(&budget, UINT64_MAX);
  options.start_day = FIRST - 1;
  options.end_day = FIRST + 1;
  bool failed = true;
  for (int n = 0; failed; n++) {
    sk_test_fail_alloc(n);
    const shukei_status st = write_sink("out/", &options, 2, FIRST, FIRST + 1, &budget, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (failed && st == SHUKEI_ENOMEM));
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    files(text);
    if (!st)
      assert_string_equal(text, "01/summary.s1.parquet 02/summary.s1.parquet");
    else
      assert_null(strstr(text, ".tmp-"));
    remove_all("out");
  }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(a_day_is_a_parquet_file),
      CASE(chunks_do_not_show),
      CASE(sources_live_side_by_side),
      CASE(several_sources_in_one_run),
      CASE(several_sources_survive_every_failed_allocation),
      CASE(names_of_days),
      CASE(failures_leave_nothing),
      CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
