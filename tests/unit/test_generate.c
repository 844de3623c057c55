/* SPDX-License-Identifier: Apache-2.0 */
/* Datasets as a whole: the same bytes for any number of threads, all forms tell the same, what is
 * in the way is refused, what fails leaves nothing that looks whole. */
#include "testing.h"

#include "base/intern.h"
#include "generate/generate.h"

#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
  char root[64], path[96];
};

static void empty_folder(const char *path)
{
  DIR *const folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char name[512];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (unlink(name))
      empty_folder(name);
  }
  if (folder)
    closedir(folder);
  rmdir(path);
}

static int make_place(void **state)
{
  struct place *const place = calloc(1, sizeof *place);
  snprintf(place->root, sizeof place->root, "%s/generate-XXXXXX",
           getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  assert_non_null(mkdtemp(place->root));
  snprintf(place->path, sizeof place->path, "%s/set", place->root);
  *state = place;
  return 0;
}

static int remove_place(void **state)
{
  struct place *const place = *state;
  empty_folder(place->root);
  free(place);
  return 0;
}

static shukei_generate_options options_of(const struct place *place)
{
  return (shukei_generate_options){.source = "small",
                                   .destination = place->path,
                                   .seed = 1,
                                   .scale_factor = 1,
                                   .nodes = 3,
                                   .namespaces = 4,
                                   .pods = 40,
                                   .hours = 30,
                                   .volumes_per_node = SHUKEI_PRESET,
                                   .label_keys = SHUKEI_PRESET,
                                   .label_values = SHUKEI_PRESET};
}

static shukei_status run(const shukei_generate_options *options, unsigned threads,
                         shukei_generate_stats *stats, shukei_error *err)
{
  shukei_generate_stats own;
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  memset(stats ? stats : &own, 0, sizeof own);
  const shukei_status st = sk_generate(options, threads, &budget, stats ? stats : &own, err);
  assert_int_equal(budget.used_bytes, 0); /* everything was given back */
  return st;
}

/* The bytes of a file in the dataset; NULL where there is none. */
static char *slurp(const struct place *place, const char *name, size_t *length)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", place->path, name);
  FILE *const file = fopen(path, "rb");
  if (!file)
    return NULL;
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *length = (size_t)ftell(file);
  rewind(file);
  char *const bytes = malloc(*length + 1);
  assert_int_equal(fread(bytes, 1, *length, file), *length);
  bytes[*length] = 0;
  fclose(file);
  return bytes;
}

static json_t *dataset_of(const struct place *place)
{
  size_t length;
  char *const text = slurp(place, "shukei-dataset.json", &length);
  json_t *const dataset = text ? json_loadb(text, length, 0, NULL) : NULL;
  free(text);
  return dataset;
}

/* A number that stands for all files' names and bytes. */
static uint64_t fingerprint(const struct place *place)
{
  json_t *const dataset = dataset_of(place);
  size_t length;
  assert_non_null(dataset);
  char *const text = slurp(place, "shukei-dataset.json", &length);
  uint64_t all = sk_hash_bytes(text, length);
  free(text);
  const json_t *const files = json_object_get(dataset, "files");
  for (size_t i = 0; i < json_array_size(files); i++) {
    const json_t *const file = json_array_get(files, i);
    char *const bytes = slurp(place, json_string_value(json_object_get(file, "name")), &length);
    assert_non_null(bytes);
    assert_int_equal(length, json_integer_value(json_object_get(file, "bytes")));
    all = sk_hash_u64(all) ^ sk_hash_bytes(bytes, length);
    free(bytes);
  }
  json_decref(dataset);
  return all;
}

static void same_bytes_for_any_number_of_threads(void **state)
{
  struct place *const place = *state;
  static const unsigned threads[] = {1, 2, 5};
  for (int form = 0; form < 5; form++) {
    uint64_t first = 0;
    for (size_t i = 0; i < SK_COUNT(threads); i++) {
      shukei_generate_options options = options_of(place);
      options.pods = form == 0 ? 9001 : 300;
      options.hours = form == 0 ? 3 : 30;
      options.churn = form == 1 ? 0.1 : 0;
      options.format = form < 3 ? (shukei_generate_format)form : SHUKEI_GENERATE_CSV;
      options.payload = form == 3;
      options.daily_files = form == 4;
      empty_folder(place->path);
      assert_int_equal(run(&options, threads[i], NULL, NULL), SHUKEI_OK);
      const uint64_t print = fingerprint(place);
      assert_true(i == 0 || print == first);
      first = print;
    }
  }
}

/* Counts lines behind headers of the CSV files, by the first letters of their names. */
static uint64_t lines_of(const struct place *place, const char *prefix)
{
  DIR *const folder = opendir(place->path);
  uint64_t lines = 0;
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    size_t length;
    if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
      continue;
    char *const text = slurp(place, entry->d_name, &length);
    for (size_t i = 0; i < length; i++)
      lines += text[i] == '\n';
    lines--;
    free(text);
  }
  closedir(folder);
  return lines;
}

static void dataset_tells_what_there_is(void **state)
{
  struct place *const place = *state;
  for (int i = 0; i < 2; i++) {
    shukei_generate_options options = options_of(place);
    shukei_generate_stats stats;
    options.churn = i ? 0.2 : 0;
    options.daily_files = i;
    empty_folder(place->path);
    assert_int_equal(run(&options, 2, &stats, NULL), SHUKEI_OK);
    assert_int_equal(stats.pod_rows, lines_of(place, "cm-openshift-pod"));
    assert_int_equal(stats.storage_rows, lines_of(place, "cm-openshift-storage"));
    assert_int_equal(stats.node_label_rows, lines_of(place, "cm-openshift-node"));
    assert_int_equal(stats.namespace_label_rows, lines_of(place, "cm-openshift-namespace"));
    if (!i)
      assert_int_equal(stats.pod_rows, 1200);
    json_t *const dataset = dataset_of(place);
    const json_t *const days = json_object_get(dataset, "totals");
    assert_int_equal(json_integer_value(json_object_get(dataset, "year")), 2025);
    assert_int_equal(json_integer_value(json_object_get(dataset, "month")), 10);
    assert_int_equal(json_integer_value(json_object_get(dataset, "days")), 2);
    assert_int_equal(json_array_size(days), 2);
    assert_int_equal(json_array_size(json_object_get(dataset, "files")), i ? 8 : 4);
    const json_t *const day = json_array_get(days, 0);
    assert_true(json_integer_value(json_object_get(day, "pods")) >= 40);
    assert_int_equal(json_integer_value(json_object_get(day, "namespaces")), 4);
    assert_true(json_real_value(json_object_get(day, "pod_usage_cpu_core_seconds")) > 0);
    json_decref(dataset);
  }
}

/* All forms of one dataset come to the same totals. */
static void forms_agree(void **state)
{
  struct place *const place = *state;
  char *first = NULL;
  for (int form = 0; form < 3; form++) {
    shukei_generate_options options = options_of(place);
    options.churn = 0.1;
    options.pods = 5000;
    options.format = (shukei_generate_format)form;
    empty_folder(place->path);
    assert_int_equal(run(&options, 2, NULL, NULL), SHUKEI_OK);
    json_t *const dataset = dataset_of(place);
    char *const totals = json_dumps(json_object_get(dataset, "totals"), JSON_REAL_PRECISION(17));
    if (first)
      assert_string_equal(totals, first);
    free(first);
    first = totals;
    json_decref(dataset);
  }
  free(first);
}

static void refuses_what_is_in_the_way(void **state)
{
  struct place *const place = *state;
  shukei_generate_options options = options_of(place);
  shukei_error err = {.offset = -1};
  char path[256];
  assert_int_equal(run(&options, 1, NULL, NULL), SHUKEI_OK);
  const uint64_t print = fingerprint(place);
  assert_int_equal(run(&options, 2, NULL, NULL), SHUKEI_OK); /* again the same */
  assert_true(fingerprint(place) == print);
  options.seed = 2;
  options.daily_files = true;
  assert_int_equal(run(&options, 1, NULL, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "another dataset: small, seed 1"));
  assert_true(fingerprint(place) == print); /* untouched */
  options.force = true;
  assert_int_equal(run(&options, 1, NULL, &err), SHUKEI_OK);
  assert_true(fingerprint(place) != print);
  snprintf(path, sizeof path, "%s/cm-openshift-pod-usage-202510.csv", place->path);
  assert_int_not_equal(access(path, F_OK), 0); /* the other dataset's files are gone */
  /* Reports that no dataset file tells of are somebody's, whatever their names. */
  options.force = false;
  snprintf(path, sizeof path, "%s/shukei-dataset.json", place->path);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(run(&options, 1, NULL, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no part of this dataset"));
  snprintf(path, sizeof path, "%s/other.csv", place->path);
  fclose(fopen(path, "w"));
  assert_int_equal(run(&options, 1, NULL, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "other.csv"));
}

/* A file that is written again is another one. */
static struct stat pods_of(const struct place *place)
{
  char path[512];
  struct stat found;
  snprintf(path, sizeof path, "%s/cm-openshift-pod-usage-202510.csv", place->path);
  assert_int_equal(stat(path, &found), 0);
  return found;
}

static void leaves_the_same_as_it_is(void **state)
{
  struct place *const place = *state;
  shukei_generate_options options = options_of(place);
  shukei_generate_stats first, again;
  char name[512];
  options.reuse = true;
  assert_int_equal(run(&options, 1, &first, NULL), SHUKEI_OK);
  assert_int_equal(first.reused, 0);
  const struct stat before = pods_of(place);
  assert_int_equal(run(&options, 2, &again, NULL), SHUKEI_OK);
  assert_int_equal(again.reused, 1);
  assert_int_equal(again.rows, first.rows);
  assert_int_equal(again.pod_rows, first.pod_rows);
  assert_int_equal(pods_of(place).st_ino, before.st_ino);
  snprintf(name, sizeof name, "%s/cm-openshift-node-usage-202510.csv", place->path);
  assert_int_equal(truncate(name, 10), 0); /* one file too short: all is made again */
  assert_int_equal(run(&options, 1, &again, NULL), SHUKEI_OK);
  assert_int_equal(again.reused, 0);
  options.seed = 2; /* another dataset is in the way as ever */
  assert_int_equal(run(&options, 1, NULL, NULL), SHUKEI_EINVAL);
  options.force = true;
  assert_int_equal(run(&options, 1, &again, NULL), SHUKEI_OK);
  assert_int_equal(again.reused, 0);
}

static void refuses_wrong_options(void **state)
{
  struct place *const place = *state;
  static const struct {
    const char *why, *source, *words, *start;
    int64_t pods, hours, label_keys;
    uint64_t scale;
    double churn;
  } cases[] = {
      {"no preset", "smal", "unknown preset \"smal\"", NULL, 5, 5, 5, 1, 0},
      {"negative", "small", "negative", NULL, -3, 5, 5, 1, 0},
      {"no pods", "small", "0 pods", NULL, 0, 5, 5, 1, 0},
      {"too many keys", "small", "label keys", NULL, 5, 5, 17, 1, 0},
      {"a month 13", "small", "no day", "2025-13-01", 5, 5, 5, 1, 0},
      {"churn above 1", "small", "churn", NULL, 5, 5, 5, 1, 1.5},
      {"10^12 rows", "small", "TiB", NULL, 1000000000, 1000, 5, 1, 0},
      {"10^12 rows by a factor", "1m", "TiB", NULL, SHUKEI_PRESET, SHUKEI_PRESET, 5, 1000000, 0},
      {"a factor that overflows", "1m", "TiB", NULL, SHUKEI_PRESET, SHUKEI_PRESET, 5, UINT64_MAX,
       0},
      {"factor 0", "small", "scale factor", NULL, 5, 5, 5, 0, 0},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    shukei_generate_options options = options_of(place);
    shukei_error err = {.offset = -1};
    options.source = cases[i].source;
    options.start = cases[i].start;
    options.pods = cases[i].pods;
    options.hours = cases[i].hours;
    options.label_keys = cases[i].label_keys;
    options.scale_factor = cases[i].scale;
    options.churn = cases[i].churn;
    const shukei_status st = run(&options, 1, NULL, &err);
    if (st != SHUKEI_EINVAL || !strstr(err.text, cases[i].words))
      fail_msg("%s: %s, %s", cases[i].why, shukei_status_name(st), err.text);
    assert_int_not_equal(access(place->path, F_OK), 0); /* nothing made */
  }
}

static bool stop_now(void *context)
{
  unsigned *const left = context;
  return (*left)-- == 0;
}

static void a_stopped_run_does_not_look_whole(void **state)
{
  struct place *const place = *state;
  for (int form = 0; form < 4; form++) {
    for (unsigned after = 0; after < 6; after += 2) {
      shukei_generate_options options = options_of(place);
      unsigned left = after;
      size_t length;
      options.hours = 100;
      options.daily_files = true;
      options.format = form < 3 ? (shukei_generate_format)form : SHUKEI_GENERATE_CSV;
      options.payload = form == 3;
      options.callbacks.canceled = stop_now;
      options.callbacks.context = &left;
      empty_folder(place->path);
      assert_int_equal(run(&options, 1, NULL, NULL), SHUKEI_ECANCELED);
      assert_null(slurp(place, "shukei-dataset.json", &length));
      options.callbacks.canceled = NULL;
      assert_int_equal(run(&options, 1, NULL, NULL), SHUKEI_OK); /* and can be completed */
    }
  }
}

/* A disk that is full, as a limit on the size of files. */
static void a_full_disk_is_reported(void **state)
{
  struct place *const place = *state;
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
  for (int form = 0; form < 3; form++) {
    shukei_generate_options options = options_of(place);
    shukei_error err = {.offset = -1};
    size_t length;
    options.pods = 3000;
    options.format = (shukei_generate_format)form;
    empty_folder(place->path);
    small = before;
    small.rlim_cur = 100000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const shukei_status st = run(&options, 2, NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(st, SHUKEI_EWRITE);
    assert_null(slurp(place, "shukei-dataset.json", &length));
  }
  signal(SIGXFSZ, handler);
}

static void survives_failed_allocations(void **state)
{
  struct place *const place = *state;
  for (int form = 0; form < 4; form++) {
    shukei_status st = SHUKEI_ENOMEM;
    for (int64_t n = 0; st != SHUKEI_OK; n += 1 + n / 12) {
      shukei_generate_options options = options_of(place);
      options.format = form < 3 ? (shukei_generate_format)form : SHUKEI_GENERATE_CSV;
      options.payload = form == 3;
      options.hours = 2;
      empty_folder(place->path);
      sk_test_fail_alloc(n);
      st = run(&options, 1, NULL, NULL);
      const bool failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      if (!failed && st != SHUKEI_OK)
        fail_msg("form %d, allocation %d: %s", form, (int)n, shukei_status_name(st));
      if (!failed)
        break;
    }
    assert_int_equal(st, SHUKEI_OK);
  }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_place, remove_place)

struct seen {
  uint64_t calls, done, known;
};

static void see(void *context, const shukei_progress *now)
{
  struct seen *const seen = context;
  seen->calls++;
  seen->done = now->rows_done;
  seen->known = now->rows_known;
  assert_true(now->rows_known >= now->rows_done);
}

/* Pods come and go, and not every slot has a row: how many rows there will be is about right
 * before the end. */
static void knows_how_many_rows(void **state)
{
  shukei_generate_options options = options_of(*state);
  struct seen seen = {.calls = 0};
  shukei_generate_stats stats;
  options.churn = 0.5;
  options.pods = 400;
  options.callbacks = (shukei_callbacks){.context = &seen, .progress = see};
  assert_int_equal(run(&options, 1, &stats, NULL), SHUKEI_OK);
  assert_true(seen.calls > 0);
  assert_true(seen.known >= stats.rows - stats.rows / 50);
  assert_true(seen.known <= stats.rows + stats.rows / 50);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(same_bytes_for_any_number_of_threads),
      TEST(dataset_tells_what_there_is),
      TEST(forms_agree),
      TEST(knows_how_many_rows),
      TEST(refuses_what_is_in_the_way),
      TEST(leaves_the_same_as_it_is),
      TEST(refuses_wrong_options),
      TEST(a_stopped_run_does_not_look_whole),
      TEST(a_full_disk_is_reported),
      TEST(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
