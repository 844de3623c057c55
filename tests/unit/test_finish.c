/* SPDX-License-Identifier: Apache-2.0 */
/* The whole room: golden cases in both label modes, the same bytes for every split, uuids, counts,
 * and every allocation failed once. */
#include "testing.h"

#include "plain_run.h"
#include "small_case.h"

#define GOLDEN_COLUMNS 33 /* of the expected files: all but the run's own */

struct lines {
  struct line {
    char *cells[PLAIN_COLUMNS];
  } * at;
  size_t count;
};

static struct lines read_lines(char *text, size_t length)
{
  struct lines lines = {.at = NULL};
  size_t cells;
  char *end = text + length, *at = text;
  struct line line;
  while ((at = plain_record(at, end, line.cells, &cells)) != NULL) {
    assert_true(cells >= GOLDEN_COLUMNS);
    lines.at = plain_grow(lines.at, lines.count, sizeof line);
    lines.at[lines.count++] = line;
  }
  return lines;
}

static bool is_measure(int column)
{
  return sk_row_columns[column].kind == SK_ROW_MEASURE;
}
static int compare_lines(const void *a, const void *b)
{
  const struct line *x = a, *y = b;
  for (int c = 0; c < GOLDEN_COLUMNS; c++) {
    const int order = is_measure(c) ? 0 : strcmp(x->cells[c], y->cells[c]);
    if (order)
      return order;
  }
  for (int c = 0; c < GOLDEN_COLUMNS; c++) {
    const double u = strtod(x->cells[c], NULL), v = strtod(y->cells[c], NULL);
    if (is_measure(c) && u != v)
      return u < v ? -1 : 1;
  }
  return 0;
}

/* As reference/compare.py: rows in any order, measures within 1e-9. */
static void compare_with(const char *path, struct sk_buffer *got)
{
  size_t length = 0;
  char *want_text = plain_read(path, &length);
  char *got_text = sk_strndup(NULL, (const char *)got->bytes, got->length);
  assert_true(want_text && got_text);
  struct lines want = read_lines(want_text, length), have = read_lines(got_text, got->length);
  if (want.count != have.count)
    fail_msg("%s: %zu rows, not %zu", path, have.count - 1, want.count - 1);
  for (int c = 0; c < GOLDEN_COLUMNS; c++)
    assert_string_equal(want.at[0].cells[c], have.at[0].cells[c]);
  qsort(want.at + 1, want.count - 1, sizeof *want.at, compare_lines);
  qsort(have.at + 1, have.count - 1, sizeof *have.at, compare_lines);
  for (size_t i = 1; i < want.count; i++)
    for (int c = 0; c < GOLDEN_COLUMNS; c++) {
      const char *w = want.at[i].cells[c], *h = have.at[i].cells[c];
      const double u = strtod(w, NULL), v = strtod(h, NULL);
      const double size = fmax(fmax(fabs(u), fabs(v)), 1.0);
      const bool same =
          is_measure(c) ? !*w == !*h && fabs(u - v) <= 1e-9 * size : strcmp(w, h) == 0;
      if (!same)
        fail_msg("%s: row %zu: %s is %s, not %s", path, i, sk_row_columns[c].name, h, w);
    }
  sk_free(want.at);
  sk_free(have.at);
  sk_free(want_text);
  sk_free(got_text);
}

/* Runs a case in several splits; all must give the bytes of the first. */
static void run_splits(const struct plain_case *c, const char *name, shukei_label_mode labels,
                       struct sk_buffer *first)
{
  static const struct {
    unsigned parts;
    uint64_t seed;
    unsigned spills;
    bool by_day;
  } splits[] = {{1, 0, 0, false}, {1, 1, 0, false},  {2, 2, 0, false},  {3, 3, 0, false},
                {7, 4, 0, false}, {1, 5, 30, false}, {3, 6, 50, false}, {1, 7, 0, true},
                {3, 8, 0, true},  {2, 9, 50, true}};
  struct sk_summary_counts want = {0}, counts;
  for (size_t i = 0; i < SK_COUNT(splits); i++) {
    struct sk_budget budget;
    struct sk_buffer out;
    shukei_error err = {0};
    sk_budget_init(&budget, UINT64_MAX);
    sk_buffer_init(&out, NULL, SIZE_MAX);
    const struct plain_options o = {.labels = labels,
                                    .parts = splits[i].parts,
                                    .seed = splits[i].seed,
                                    .spills = splits[i].spills,
                                    .by_day = splits[i].by_day,
                                    .budget = &budget,
                                    .err = &err};
    memset(&counts, 0, sizeof counts);
    if (plain_run(c, &o, i ? &out : first, &counts))
      fail_msg("%s: %s", name, err.text);
    assert_int_equal(budget.used_bytes, 0);
    if (!i)
      want = counts;
    else if (out.length != first->length || memcmp(out.bytes, first->bytes, out.length))
      fail_msg("%s: split %zu gives other bytes", name, i);
    assert_memory_equal(&counts, &want, sizeof want);
    sk_buffer_reset(&out);
  }
}

static void equals_golden(void **state)
{
  (void)state;
  char root[1024], path[2000];
  DIR *dir = opendir(shared_path(root, sizeof root, "golden"));
  if (!dir)
    skip();
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    static const struct {
      shukei_label_mode labels;
      const char *file;
    } modes[] = {{SHUKEI_LABELS_KOKU, "expected.csv"},
                 {SHUKEI_LABELS_HOURLY, "expected-hourly.csv"}};
    struct plain_case c;
    snprintf(path, sizeof path, "%s/%s", root, e->d_name);
    if (*e->d_name == '.' || !plain_case_read(&c, path))
      continue;
    for (size_t m = 0; m < SK_COUNT(modes); m++) {
      struct sk_buffer out;
      sk_buffer_init(&out, NULL, SIZE_MAX);
      run_splits(&c, e->d_name, modes[m].labels, &out);
      snprintf(path, sizeof path, "%s/%s/%s", root, e->d_name, modes[m].file);
      compare_with(path, &out);
      sk_buffer_reset(&out);
    }
    plain_case_free(&c);
  }
  closedir(dir);
}

/* ---- the small case -------------------------------------------------------------------------- */

static struct lines run_small(shukei_label_mode labels, const char *source_uuid,
                              struct sk_summary_counts *counts, char **text)
{
  struct plain_case c;
  struct sk_budget budget;
  struct sk_buffer out;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&out, NULL, SIZE_MAX);
  plain_case_texts(&c, SMALL_JSON, small_reports);
  const struct plain_options o = {
      .labels = labels, .parts = 1, .budget = &budget, .source_uuid = source_uuid};
  assert_int_equal(plain_run(&c, &o, &out, counts), SHUKEI_OK);
  assert_int_equal(budget.used_bytes, 0);
  *text = sk_strndup(NULL, (const char *)out.bytes, out.length);
  struct lines lines = read_lines(*text, out.length);
  sk_buffer_reset(&out);
  plain_case_free(&c);
  return lines;
}

static const struct {
  const char *day, *namespace, *node, *volume, *labels, *more;
} small_rows[] = {
    /* spare rows behind the day's others, absent first, storage last; p1 on n1 is counted under
     * two node sets and two namespace sets */
    {"2025-10-01", "", "n2", "", "{}", "0.0002777777777777778"},
    {"2025-10-01", "shop", "n1", "", "{\"app\": \"web\", \"zone\": \"a\"}", "0.2"},
    {"2025-10-01", "shop", "n1", "", "{\"app\": \"web\", \"zone\": \"b\"}", "0.2"},
    {"2025-10-01", "shop", "n1", "", "{\"app\": \"web\", \"zone\": \"s\"}", "0.4"},
    {"2025-10-01", "shop", "n2", "", "{\"app\": \"db\", \"zone\": \"s\"}", "1.000138888888889"},
    {"2025-10-01", "shop", "n2", "", "{\"app\": \"db\"}", "1.000138888888889"},
    {"2025-10-01", "Platform unallocated", "n1", "", "", "7.088888888888889"},
    {"2025-10-01", "Platform unallocated", "n2", "", "", "5.999722222222222"},
    {"2025-10-01", "shop", "", "v3", "{\"app\": \"from-namespace\"}", ""},
    {"2025-10-01", "shop", "", "v3", "{\"zone\": \"s\"}", ""},
    {"2025-10-01", "shop", "", "v1", "{\"app\": \"vol\", \"zone\": \"z\"}", ""},
    {"2025-10-01", "shop", "", "v2", "{\"app\": \"from-namespace\"}", ""},
    {"2025-10-01", "shop", "", "v2", "{\"zone\": \"s\"}", ""},
    {"2025-10-01", "shop", "n1", "v1", "{\"app\": \"vol\", \"zone\": \"z\"}", ""},
    {"2025-10-01", "shop", "n2", "v1", "{\"app\": \"from-namespace\"}", ""},
    {"2025-10-01", "shop", "n2", "v1", "{\"zone\": \"s\"}", ""},
    {"2025-10-02", "shop", "n2", "", "{\"app\": \"web\"}", "0.0025"},
    {"2025-10-02", "Worker unallocated", "n2", "", "", "7.9975"},
};

static void writes_the_small_case(void **state)
{
  (void)state;
  struct sk_summary_counts counts = {0};
  char *text;
  struct lines lines = run_small(SHUKEI_LABELS_KOKU, NULL, &counts, &text);
  for (size_t i = 1; i < lines.count && i <= SK_COUNT(small_rows); i++) {
    char **cell = lines.at[i].cells;
    const char *labels = cell[*cell[SK_R_persistentvolume] ? SK_R_volume_labels : SK_R_pod_labels];
    if (strcmp(cell[SK_R_usage_start], small_rows[i - 1].day) ||
        strcmp(cell[SK_R_namespace], small_rows[i - 1].namespace) ||
        strcmp(cell[SK_R_node], small_rows[i - 1].node) ||
        strcmp(cell[SK_R_persistentvolume], small_rows[i - 1].volume) ||
        strcmp(labels, small_rows[i - 1].labels) ||
        strcmp(cell[SK_R_pod_usage_cpu_core_hours], small_rows[i - 1].more))
      fail_msg("row %zu: %s|%s|%s|%s|%s|%s", i, cell[SK_R_usage_start], cell[SK_R_namespace],
               cell[SK_R_node], cell[SK_R_persistentvolume], labels,
               cell[SK_R_pod_usage_cpu_core_hours]);
  }
  assert_int_equal(lines.count - 1, SK_COUNT(small_rows));
  assert_int_equal(counts.rows_written, SK_COUNT(small_rows));
  assert_int_equal(counts.groups, SK_COUNT(small_rows) - 3);
  assert_int_equal(counts.label_pairs_skipped, 3); /* one text in two reports counts once a text */
  assert_int_equal(counts.first_day, sk_day_of_date((struct sk_date){2025, 10, 1}));
  assert_int_equal(counts.last_day, sk_day_of_date((struct sk_date){2025, 10, 2}));
  sk_free(lines.at);
  sk_free(text);
}

static void names_rows_by_uuid(void **state)
{
  (void)state;
  static const char source[] = "7b9e2f3c-0d1a-4e5b-8c6d-9f0a1b2c3d4e";
  static const char *const sources[] = {source, source, NULL, "not a uuid"};
  char *texts[SK_COUNT(sources)];
  struct lines runs[SK_COUNT(sources)];
  for (size_t i = 0; i < SK_COUNT(sources); i++)
    runs[i] = run_small(SHUKEI_LABELS_KOKU, sources[i], NULL, &texts[i]);
  /* by Python's uuid.uuid5(source, "10:2025-10-02,3:Pod,4:shop,2:n2,14:{...},") and, for the
   * unallocated row, "10:2025-10-02,3:Pod,18:Worker unallocated,2:n2,-" */
  assert_string_equal(runs[0].at[17].cells[SK_R_uuid], "25f92df4-e090-5f0a-91d0-114271e5230e");
  assert_string_equal(runs[0].at[18].cells[SK_R_uuid], "b01e1dac-b52e-5bb0-8579-7c275232c889");
  for (size_t i = 1; i < runs[0].count; i++) {
    const char *uuid = runs[0].at[i].cells[SK_R_uuid];
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '5');
    assert_string_equal(uuid, runs[1].at[i].cells[SK_R_uuid]);
    assert_string_not_equal(uuid, runs[2].at[i].cells[SK_R_uuid]);
    assert_string_not_equal(runs[2].at[i].cells[SK_R_uuid], runs[3].at[i].cells[SK_R_uuid]);
    for (size_t k = 1; k < i; k++)
      assert_string_not_equal(uuid, runs[0].at[k].cells[SK_R_uuid]);
  }
  for (size_t i = 0; i < SK_COUNT(sources); i++) {
    sk_free(runs[i].at);
    sk_free(texts[i]);
  }
}

static void has_no_rows_without_reports(void **state)
{
  (void)state;
  const struct sk_rules rules = {.labels = SHUKEI_LABELS_KOKU};
  const struct sk_partial *const done[SK_STAGE_COUNT] = {NULL};
  struct sk_summary_counts counts;
  struct sk_finish *finish = NULL;
  int32_t day;
  assert_int_equal(sk_finish_new(&rules, done, NULL, 0, 2, NULL, &finish, NULL), SHUKEI_OK);
  assert_false(sk_finish_next_day(finish, INT64_MAX, &day));
  assert_true(sk_finish_counts(finish, &counts));
  assert_int_equal(counts.rows_written, 0);
  assert_true(counts.first_day > counts.last_day);
  sk_finish_free(finish);
  sk_finish_free(NULL);
}

#define SPACES 60

/* Pairs of so many groups that each is read back by itself, under names of one length. */
static void takes_each_spilled_namespace_for_itself(void **state)
{
  (void)state;
  struct sk_buffer pods, whole, spilled;
  struct plain_case c;
  char line[200], json[SPACES * 50 + 200];
  int length = snprintf(json, sizeof json,
                        "{\"start\": \"2025-10-01\", \"end\": \"2025-10-01\", "
                        "\"enabled_keys\": [\"app\"], \"cost_categories\": [");
  for (int i = 0; i < SPACES; i++)
    length += snprintf(json + length, sizeof json - (size_t)length,
                       "%s{\"id\": %d, \"pattern\": \"space-%02d\"}", i ? ", " : "", i + 1, i);
  snprintf(json + length, sizeof json - (size_t)length, "]}");
  sk_buffer_init(&pods, NULL, SIZE_MAX);
  sk_buffer_init(&whole, NULL, SIZE_MAX);
  sk_buffer_init(&spilled, NULL, SIZE_MAX);
  sk_buffer_add(&pods, SMALL_PODS, strcspn(SMALL_PODS, "\n") + 1);
  for (int space = 0; space < SPACES; space++)
    for (int pod = 0; pod < 1030; pod++) {
      snprintf(
          line, sizeof line,
          "2025-10-01 00:00:00,p%d,space-%02d,n1,i-1,1,1,1,1,1,1,4,14400,8e9,3e13,label_app:a%d\n",
          pod, space, pod);
      sk_buffer_text(&pods, line);
    }
  sk_buffer_byte(&pods, 0);
  plain_case_texts(&c, json, (const char *const[]){(const char *)pods.bytes, NULL});
  struct plain_options o = {.labels = SHUKEI_LABELS_KOKU, .parts = 1};
  assert_int_equal(plain_run(&c, &o, &whole, NULL), SHUKEI_OK);
  o.spills = 100;
  assert_int_equal(plain_run(&c, &o, &spilled, NULL), SHUKEI_OK);
  assert_int_equal(whole.length, spilled.length);
  assert_memory_equal(whole.bytes, spilled.bytes, whole.length);
  plain_case_free(&c);
  sk_buffer_reset(&pods);
  sk_buffer_reset(&whole);
  sk_buffer_reset(&spilled);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct plain_case c;
  plain_case_texts(&c, SMALL_JSON, small_reports);
  for (int mode = 0; mode < 4; mode++) {
    const shukei_label_mode labels = mode % 2 ? SHUKEI_LABELS_HOURLY : SHUKEI_LABELS_KOKU;
    const struct plain_options whole = {.labels = labels, .parts = 1};
    struct sk_buffer want;
    bool failed = true;
    sk_buffer_init(&want, NULL, SIZE_MAX);
    assert_int_equal(plain_run(&c, &whole, &want, NULL), SHUKEI_OK);
    for (int64_t n = 0; failed; n++) {
      struct sk_budget budget;
      struct sk_buffer out;
      shukei_error err = {0};
      sk_budget_init(&budget, UINT64_MAX);
      sk_buffer_init(&out, NULL, SIZE_MAX);
      const struct plain_options o = {.labels = labels,
                                      .parts = 2,
                                      .seed = 9,
                                      .spills = mode > 1 ? 100 : 0,
                                      .budget = &budget,
                                      .err = &err};
      sk_test_fail_alloc(n);
      const shukei_status st = plain_run(&c, &o, &out, NULL);
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      if (st != SHUKEI_OK && (st != SHUKEI_ENOMEM || !failed))
        fail_msg("allocation %d: %s: %s", (int)n, shukei_status_name(st), err.text);
      if (!st && (out.length != want.length || memcmp(out.bytes, want.bytes, want.length)))
        fail_msg("allocation %d: other rows", (int)n);
      assert_int_equal(budget.used_bytes, 0);
      sk_buffer_reset(&out);
    }
    sk_buffer_reset(&want);
  }
  plain_case_free(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_golden),
      cmocka_unit_test(writes_the_small_case),
      cmocka_unit_test(names_rows_by_uuid),
      cmocka_unit_test(has_no_rows_without_reports),
      cmocka_unit_test(takes_each_spilled_namespace_for_itself),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
