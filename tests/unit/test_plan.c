/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: recognising files, layouts, days, and what must not be added up. */
#include "input_testing.h"

#include "base/calendar.h"
#include "input/convert_run.h"
#include "input/layout.h"
#include "store/store.h"

#define NODE_HEAD "interval_start,node,node_labels\n"
#define NODE_ROW "2025-10-01,n,a:b\n"
#define SPACE_HEAD "interval_start,namespace,namespace_labels\n"

static struct sk_budget budget;
static char warnings[4096];

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static void warn(void *context, const char *text)
{
  (void)context;
  const size_t length = strlen(warnings);
  snprintf(warnings + length, sizeof warnings - length, "%s\n", text);
}

static struct sk_plan_options options_of(const char *const *sources, size_t count)
{
  return (struct sk_plan_options){.sources = sources,
                                  .source_count = count,
                                  .start_day = INT32_MIN,
                                  .end_day = INT32_MAX,
                                  .warn = warn};
}

/* The plan as text: "path:report:format path:..." or the status and the error. */
static const char *planned(const struct sk_plan_options *options, char text[2048])
{
  struct sk_plan plan;
  shukei_error err = {0};
  warnings[0] = text[0] = '\0';
  const shukei_status st = sk_plan_build(options, &budget, &plan, &err);
  if (st) {
    snprintf(text, 2048, "%s %s", shukei_status_name(st), err.text);
    return text;
  }
  for (size_t i = 0; i < plan.count; i++) {
    const size_t length = strlen(text);
    snprintf(text + length, 2048 - length, "%s%s:%d:%d", i ? " " : "", plan.files[i].path,
             (int)plan.files[i].report, (int)plan.files[i].format);
  }
  const size_t length = strlen(text);
  if (plan.source)
    snprintf(text + length, 2048 - length, " source=%s", plan.source);
  sk_plan_reset(&plan);
  return text;
}

static const char *planned_place(const char *place, char text[2048])
{
  const char *const sources[] = {place};
  const struct sk_plan_options options = options_of(sources, 1);
  return planned(&options, text);
}

/* Converts a text to Parquet under that path, by way of a folder of its own. */
static void put_parquet(const char *path, const char *csv)
{
  const char *const sources[] = {"making/x.csv"};
  const struct sk_plan_options options = options_of(sources, 1);
  shukei_convert_options convert = {.destination = "making/out", .threads = 1};
  struct sk_plan plan;
  shukei_error err;
  put_text("making/x.csv", csv);
  assert_int_equal(sk_plan_build(&options, &budget, &plan, &err), SHUKEI_OK);
  if (sk_convert(&convert, &plan, &budget, NULL, &err))
    fail_msg("%s", err.text);
  sk_plan_reset(&plan);
  make_folders(path);
  assert_int_equal(rename("making/out/node_labels.2025-10-01.parquet", path), 0);
  remove_tree("making");
}

static void recognises_content(void **state)
{
  (void)state;
  char text[2048];
  put_text("in/a.csv", NODE_HEAD NODE_ROW);
  put_text("in/b.txt", SPACE_HEAD);
  put_text("in/readme.md", "# words\n");
  put_text("in/other.csv", "a,b,b\n1,2,3\n");
  put_text("in/x.tar", "\x1F\x8B");
  put_text("in/case.json", "{}");
  put_text("in/shukei-dataset.json", "{}");
  put_text("in/vm.csv", "vm_uptime_total_seconds,interval_start\n");
  assert_string_equal(planned_place("in", text), "in/a.csv:2:0 in/b.txt:3:0 in/vm.csv:4:0");
  assert_non_null(strstr(warnings, "in/other.csv: no report's columns, left out"));
  assert_non_null(strstr(warnings, "in/x.tar: an archive without compression, left out"));
  assert_non_null(strstr(warnings, "in/case.json: neither CSV nor Parquet, left out"));
  assert_null(strstr(warnings, "shukei-dataset.json")); /* stands beside what `generate` makes */
  put_parquet("pq/data", NODE_HEAD NODE_ROW);
  assert_string_equal(planned_place("pq", text), "pq/data:2:3");
  assert_string_equal(planned_place("pq/data", text), "pq/data:2:3");
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  char text[2048];
  assert_string_equal(planned_place("none", text),
                      "ENOTFOUND could not find \"none\": No such file or directory");
  mkdir("empty", 0777);
  assert_string_equal(planned_place("empty", text), "ENOTFOUND empty: holds no report");
  put_text("x/zero.csv", "");
  assert_string_equal(planned_place("x", text), "EFORMAT x/zero.csv: is empty, expected a header");
  put_text("x/zero.csv", "interval_start,node_labels\n");
  assert_string_equal(planned_place("x", text),
                      "EFORMAT x/zero.csv: node_labels report lacks node");
  put_text("x/zero.csv", "interval_start,node,node,node_labels\n");
  assert_string_equal(planned_place("x", text),
                      "EFORMAT x/zero.csv: column \"node\" is there twice");
  put_text("y/broken.parquet", "PAR1xxxxxxxxxxxx");
  assert_memory_equal(planned_place("y", text), "EFORMAT", 7);
  if (!strstr(text, "y/broken.parquet"))
    fail_msg("%s", text);
  put_text("z/words.txt", "hello\n");
  assert_memory_equal(planned_place("z/words.txt", text), "ENOTFOUND", 9);
  put_text("z/words.tar", "hello\n");
  assert_memory_equal(planned_place("z/words.tar", text), "EUNSUPPORTED", 12);
}

static void counts_a_file_once(void **state)
{
  (void)state;
  char text[2048];
  const char *const sources[] = {"in/a.csv", "in", "./in"};
  const struct sk_plan_options options = options_of(sources, 3);
  put_text("in/a.csv", NODE_HEAD);
  put_text("in/b.csv", NODE_HEAD);
  assert_string_equal(planned(&options, text), "./in/a.csv:2:0 ./in/b.csv:2:0");
}

/* A copy is read and told, whatever its name is; files that have a size, a beginning, or no rows in
 * common are none. */
static void tells_of_copies(void **state)
{
  (void)state;
  char text[2048];
  put_text("in/a.csv", NODE_HEAD NODE_ROW NODE_ROW);
  put_text("in/b.csv", NODE_HEAD "2025-10-02 00:00:00 +0000 UTC,n1,label_x:1\n" NODE_ROW);
  put_text("in/c.csv", NODE_HEAD NODE_ROW NODE_ROW NODE_ROW);
  put_text("in/d.csv", NODE_HEAD);
  put_text("in/e.csv", NODE_HEAD);
  planned_place("in", text);
  assert_string_equal(warnings, "");
  put_text("in/c (1).csv", NODE_HEAD NODE_ROW NODE_ROW NODE_ROW);
  put_text("in/z.csv.bak", NODE_HEAD NODE_ROW NODE_ROW);
  assert_non_null(strstr(planned_place("in", text), "in/z.csv.bak"));
  assert_string_equal(warnings,
                      "2 files are a copy of another, as it seems, and all of them count: "
                      "\"in/c.csv\" of \"in/c (1).csv\"\n");
  put_parquet("stored/a.parquet", NODE_HEAD NODE_ROW);
  put_parquet("stored/b.parquet", NODE_HEAD NODE_ROW NODE_ROW);
  planned_place("stored", text);
  assert_string_equal(warnings, "");
  put_parquet("stored/c.parquet", NODE_HEAD NODE_ROW);
  planned_place("stored", text);
  assert_string_equal(warnings, "1 file is a copy of another, as it seems, and all of them count: "
                                "\"stored/c.parquet\" of \"stored/a.parquet\"\n");
}

static void refuses_csv_beside_parquet(void **state)
{
  (void)state;
  char text[2048];
  put_text("in/a.csv", NODE_HEAD);
  put_parquet("in/b.parquet", NODE_HEAD NODE_ROW);
  assert_string_equal(planned_place("in", text),
                      "EINVAL the node_labels report is there as CSV (\"in/a.csv\") and as Parquet "
                      "(\"in/b.parquet\")");
  put_text("in/a.csv", SPACE_HEAD); /* another report may */
  assert_string_equal(planned_place("in", text), "in/a.csv:3:0 in/b.parquet:2:3");
}

static void skips_by_folders(void **state)
{
  (void)state;
  char text[2048];
  const char *const sources[] = {"k"};
  struct sk_plan_options options = options_of(sources, 1);
  put_text("k/data/parquet/o1/OCP/node_labels/source=s1/year=2025/month=10/day=01/a", NODE_HEAD);
  put_text("k/data/parquet/o1/OCP/node_labels/source=s1/year=2025/month=10/day=02/b", NODE_HEAD);
  put_text("k/data/parquet/o1/OCP/node_labels/source=s1/year=2025/month=11/c", NODE_HEAD);
  put_text("k/data/parquet/o2/OCP/node_labels/source=s2/year=2025/month=10/day=01/d", NODE_HEAD);
  assert_string_equal(planned(&options, text), "EINVAL the input holds several clusters: s1, s2");
  options.source = "s1";
  assert_non_null(strstr(planned(&options, text), "/c:2:0 source=s1"));
  options.start_day = options.end_day = 20363; /* 2025-10-02 */
  assert_string_equal(planned(&options, text),
                      "k/data/parquet/o1/OCP/node_labels/source=s1/year=2025/month=10/day=02/"
                      "b:2:0 source=s1");
  options.start_day = options.end_day = 20392; /* 2025-10-31 */
  assert_string_equal(planned(&options, text), "");
  assert_string_equal(warnings, "no file lies within the days asked for\n");
  options = options_of(sources, 1);
  options.org = "o2";
  assert_non_null(strstr(planned(&options, text), "/d:2:0 source=s2"));
  assert_null(strstr(text, "o1"));
  options.org = "o3";
  assert_memory_equal(planned(&options, text), "ENOTFOUND k: 4 files, none", 26);
  options.org = NULL;
  options.layout = SHUKEI_LAYOUT_FLAT; /* paths tell nothing */
  options.start_day = options.end_day = 20363;
  assert_null(strstr(planned(&options, text), " source=")); /* no cluster is named */
  assert_non_null(strstr(text, "/a:2:0"));
  assert_non_null(strstr(text, "/d:2:0"));
}

static void leaves_daily_files_out(void **state)
{
  (void)state;
  char text[2048];
#define DAILY "k/data/parquet/daily/o/OCP/node_labels/source=s/year=2025/month=10/a"
#define HOURLY "k/data/parquet/o/OCP/node_labels/source=s/year=2025/month=10/day=01/b"
  put_text(DAILY, NODE_HEAD);
  assert_string_equal(planned_place("k", text), DAILY ":2:0 source=s"); /* alone it counts */
  put_text(HOURLY, NODE_HEAD);
  assert_string_equal(planned_place("k", text), HOURLY ":2:0 source=s");
  assert_non_null(strstr(warnings, "node_labels: 1 daily file left out"));
}

static const struct {
  const char *path;
  shukei_layout layout;
  const char *org, *source, *first, *last;
  bool daily;
} paths[] = {
    {"a/b.csv", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, false},
    {"data/parquet/org/OCP/pod_usage/source=u/year=2025/month=10/day=05/x.parquet",
     SHUKEI_LAYOUT_KOKU, "org", "u", "2025-10-05", "2025-10-05", false},
    {"s/data/parquet/daily/org/OCP/pod_usage/source=u/year=2025/month=02/x.parquet",
     SHUKEI_LAYOUT_KOKU, "org", "u", "2025-02-01", "2025-02-28", true},
    {"data/org/OCP/source=u/year=2024/month=02/day=29/openshift_pod_usage_line_items/x.parquet",
     SHUKEI_LAYOUT_POC, "org", "u", "2024-02-29", "2024-02-29", false},
    {"data/org/OCP/source=u/year=2024/month=02/day=29/openshift_storage_usage_line_items_daily/x",
     SHUKEI_LAYOUT_POC, "org", "u", "2024-02-29", "2024-02-29", true},
    {"year=2025/x.parquet", SHUKEI_LAYOUT_FLAT, NULL, NULL, "2025-01-01", "2025-12-31", false},
    {"year=2025/month=02/day=30/x", SHUKEI_LAYOUT_FLAT, NULL, NULL, "2025-02-01", "2025-02-28",
     false},
    {"year=x/month=02/x", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, false},
    {"year=20250/x", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, false},
    {"a/pod_usage.2025-10-01.77.0_daily_0.parquet", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL,
     true},
    {"a/my_daily.parquet", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, true},
    {"a/my_dailyish.parquet", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, false},
    {"year=2025", SHUKEI_LAYOUT_FLAT, NULL, NULL, NULL, NULL, false}, /* a file's name */
};

static bool part_is(struct sk_path_part part, const char *want)
{
  return want ? part.text && sk_part_is(part, want) : !part.text;
}

static void reads_paths(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(paths); i++) {
    struct sk_path_facts facts;
    int32_t first = INT32_MIN, last = INT32_MAX;
    if (paths[i].first) {
      assert_true(sk_day_parse(paths[i].first, 10, &first));
      assert_true(sk_day_parse(paths[i].last, 10, &last));
    }
    sk_path_read(paths[i].path, &facts);
    if (facts.layout != paths[i].layout || !part_is(facts.org, paths[i].org) ||
        !part_is(facts.source, paths[i].source) || facts.first_day != first ||
        facts.last_day != last || facts.daily != paths[i].daily)
      fail_msg("%s", paths[i].path);
  }
}

/* A path that is made is read back as what it was made of. */
static void makes_paths(void **state)
{
  (void)state;
  static const shukei_layout layouts[] = {SHUKEI_LAYOUT_KOKU, SHUKEI_LAYOUT_POC,
                                          SHUKEI_LAYOUT_FLAT};
  for (size_t i = 0; i < SK_COUNT(layouts); i++) {
    struct sk_path_facts facts;
    struct sk_buffer path;
    sk_buffer_init(&path, NULL, 4096);
    sk_path_make(&path, layouts[i], "org", "u-1", SK_REPORT_STORAGE, 20363);
    sk_buffer_byte(&path, '\0');
    sk_path_read((char *)path.bytes, &facts);
    assert_int_equal(facts.layout, layouts[i]);
    assert_false(facts.daily);
    assert_non_null(strstr((char *)path.bytes, "storage_usage.2025-10-02.parquet"));
    if (layouts[i] != SHUKEI_LAYOUT_FLAT) {
      assert_true(part_is(facts.org, "org") && part_is(facts.source, "u-1"));
      assert_true(facts.first_day == 20363 && facts.last_day == 20363);
    }
    sk_buffer_reset(&path);
  }
}

static void tells_first_days(void **state)
{
  (void)state;
  const char *const sources[] = {"d"};
  const struct sk_plan_options options = options_of(sources, 1);
  struct sk_plan plan;
  put_parquet("d/b.parquet", "interval_start,node,node_labels\n2025-10-01,n,a:b\n");
  assert_int_equal(sk_plan_build(&options, &budget, &plan, NULL), SHUKEI_OK);
  assert_int_equal(plan.count, 1);
  assert_int_equal(plan.files[0].first_day, 20362);
  sk_plan_reset(&plan);
  assert_int_equal(remove("d/b.parquet"), 0);
  put_text("d/a.csv", NODE_HEAD);
  assert_int_equal(sk_plan_build(&options, &budget, &plan, NULL), SHUKEI_OK);
  assert_int_equal(plan.files[0].first_day, INT32_MIN);
  sk_plan_reset(&plan);
}

/* Threads that look into files change neither the plan nor which failure is told. */
static void looks_by_many_threads(void **state)
{
  (void)state;
  char path[64], text[2][8192];
  const char *const sources[] = {"m"};
  struct sk_plan_options options = options_of(sources, 1);
  for (int i = 0; i < 100; i++) {
    snprintf(path, sizeof path, "m/%03d.csv", i);
    put_text(path, i % 7 ? NODE_HEAD : "nothing\n");
  }
  for (int bad = 0; bad < 2; bad++) {
    for (unsigned k = 0; k < 2; k++) {
      options.threads = k ? 4 : 1;
      planned(&options, text[k]);
      snprintf(text[k] + strlen(text[k]), sizeof text[k] - strlen(text[k]), "%s", warnings);
    }
    assert_string_equal(text[0], text[1]);
    assert_true(!bad == !strstr(text[0], "EFORMAT"));
    put_text("m/060.csv", "interval_start,node\n");
    put_text("m/061.csv", "");
    put_text("m/020.csv", "interval_start,namespace_labels\n");
  }
  assert_non_null(strstr(text[0], "m/020.csv"));
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  const char *const sources[] = {"k"};
  const struct sk_plan_options options = options_of(sources, 1);
  shukei_status st = SHUKEI_ENOMEM;
  put_text(DAILY, NODE_HEAD);
  put_text(HOURLY, NODE_HEAD);
  put_parquet("k/p.parquet", "interval_start,node,node_labels\n2025-10-01,n,a:b\n");
  assert_int_equal(rename("k/p.parquet", HOURLY), 0);
  assert_int_equal(remove(DAILY), 0);
  put_text("k/space.csv", SPACE_HEAD);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_plan plan;
    sk_test_fail_alloc(n);
    st = sk_plan_build(&options, &budget, &plan, NULL);
    sk_test_fail_alloc(-1);
    sk_plan_reset(&plan);
    assert_int_equal(budget.used_bytes, 0);
  }
  assert_int_equal(st, SHUKEI_OK);
}

/* ---- what a former run knows ---- */

struct memory {
  const char *known; /* a path that is recalled, as no report */
  const char *source;
  char noted[512];
  int begun, fails_at; /* the n-th note fails */
};

static shukei_status begin_memory(void *context, const char *source, shukei_error *err)
{
  struct memory *memory = context;
  (void)err;
  memory->source = source;
  memory->begun++;
  return SHUKEI_OK;
}

static bool recall(void *context, const struct sk_listed *listed, struct sk_planned_file *file,
                   bool *known, const char **why)
{
  const struct memory *memory = context;
  if (strcmp(listed->path, "in/made-up.csv") == 0) {
    file->report = SK_REPORT_POD;
    file->format = SK_FORMAT_CSV;
    *known = true;
    return true;
  }
  if (!memory->known || strcmp(listed->path, memory->known) != 0)
    return false;
  *known = false;
  *why = "known as nothing";
  return true;
}

static shukei_status note(void *context, const struct sk_listed *listed,
                          const struct sk_planned_file *file, const char *why, shukei_error *err)
{
  struct memory *memory = context;
  const size_t length = strlen(memory->noted);
  if (memory->fails_at && --memory->fails_at == 0)
    return sk_fail(err, SHUKEI_EIO, "cannot be noted");
  assert_true(!file || (file->etag && strcmp(file->etag, listed->etag) == 0));
  snprintf(memory->noted + length, sizeof memory->noted - length, "%s:%s ", listed->relative,
           file ? sk_report_info(file->report)->name : why);
  return SHUKEI_OK;
}

static void what_is_known_is_not_opened(void **state)
{
  (void)state;
  static const char *const sources[] = {"in"};
  struct memory memory = {.known = "in/b.csv"};
  const struct sk_plan_memory calls = {
      .context = &memory, .begin = begin_memory, .recall = recall, .note = note};
  struct sk_plan_options options = options_of(sources, 1);
  char text[2048];
  options.memory = &calls;
  put_text("in/a.csv", NODE_HEAD NODE_ROW);
  put_text("in/b.csv", SPACE_HEAD); /* would be a report */
  put_text("in/made-up.csv", "no report at all\n");
  put_text("in/notes.txt", "x,y\n");
  planned(&options, text);
  assert_string_equal(memory.noted, "a.csv:node_labels b.csv:known as nothing "
                                    "made-up.csv:pod_usage notes.txt:no report's columns ");
  assert_int_equal(memory.begun, 1);
  assert_null(memory.source);
  assert_non_null(strstr(text, "in/a.csv:"));
  assert_non_null(strstr(text, "in/made-up.csv:"));
  assert_non_null(strstr(warnings, "in/b.csv: known as nothing, left out"));
  memory.fails_at = 2;
  assert_string_equal(planned(&options, text), "EIO cannot be noted");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(what_is_known_is_not_opened),
      CASE(recognises_content),
      CASE(tells_what_is_wrong),
      CASE(counts_a_file_once),
      CASE(tells_of_copies),
      CASE(refuses_csv_beside_parquet),
      CASE(skips_by_folders),
      CASE(leaves_daily_files_out),
      CASE(reads_paths),
      CASE(makes_paths),
      CASE(tells_first_days),
      CASE(looks_by_many_threads),
      CASE(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
