/* SPDX-License-Identifier: Apache-2.0 */
#include "generate/manifest.h"
#include "testing.h"

#include "base/calendar.h"
#include "base/yaml_tree.h"
#include "generate/manifest_dates.h"
#include "generate/preset.h"

#include <dirent.h>
#include <unistd.h>

#define HEAD "generators:\n- OCPGenerator:\n    start_date: 2025-03-03\n    end_date: 2025-03-04\n"
#define NODE HEAD "    nodes:\n    - {node_name: n, cpu_cores: 4, memory_gig: 8, resource_id: r,\n"
#define PODS NODE "       namespaces: {s: {pods: [\n"
#define PODS_END "]}}}\n"

static char warnings[4096];

static void take_log(void *context, shukei_log_level level, const char *text)
{
  (void)context;
  assert_int_equal(level, SHUKEI_LOG_WARNING);
  snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", text);
}

static const shukei_callbacks callbacks = {.log = take_log};
static struct sk_budget budget;

static shukei_status read_text(const char *text, size_t length, struct sk_model *model,
                               shukei_error *err)
{
  const struct sk_manifest_settings settings = {
      .name = "m", .today = "2025-03-15T10", .seed = 7, .callbacks = &callbacks};
  return sk_manifest_model(text, length, &settings, &budget, model, err);
}

static int start(void **state)
{
  (void)state;
  sk_budget_init(&budget, UINT64_C(1) << 30);
  warnings[0] = 0;
  return 0;
}

static int nothing_is_left(void **state)
{
  (void)state;
  return budget.used_bytes == 0 ? 0 : -1;
}

static const struct {
  const char *why, *text, *want, *advice;
} wrongs[] = {
    {"empty", "", "m:1:1: the manifest is empty", NULL},
    {"no map", "- a\n", "m:1:1: a manifest is a map of keys and values, found a list", NULL},
    {"no YAML", "generators: [\n  }\n", "m:2:3: not YAML: ", NULL},
    {"a tab", "generators:\n\t- a\n", "m:2:1: not YAML: ", NULL},
    {"not UTF-8", "generators:\n  \xff\n", "m:2:3: no text: invalid leading UTF-8 octet", NULL},
    {"two documents", HEAD "---\na: 1\n", "m:5:1: a second document", NULL},
    {"no generators", "x-a: 1\n", "m:1:1: a manifest has a list of generators", NULL},
    {"an unknown key on top", "generator:\n", "m:1:1: a manifest has no key \"generator\"",
     "did you mean \"generators\"?"},
    {"generators no list", "generators: 1\n", "m:1:13: generators is a list, found a value", NULL},
    {"no generator", "generators: []\n", "m:1:13: the list of generators is empty", NULL},
    {"another cloud", "generators:\n- EC2Generator: {}\n",
     "m:2:3: unknown generator \"EC2Generator\"", "OCPGenerator"},
    {"a generator's key", "generators:\n- OCPGenerator:\n    start: 1\n",
     "m:3:5: a generator has no key \"start\"", "did you mean \"start_date\"?"},
    {"a key like none", "generators:\n- OCPGenerator:\n    tags: 1\n",
     "m:3:5: a generator has no key \"tags\"", "its keys are: start_date, end_date, nodes"},
    {"no date", "generators:\n- OCPGenerator: {start_date: this_month}\n",
     "m:2:30: start_date \"this_month\" is no date", "a date is YYYY-MM-DD"},
    {"a day that is none", "generators:\n- OCPGenerator: {start_date: 2025-02-29}\n",
     "m:2:30: start_date \"2025-02-29\" is no date", NULL},
    {"an end before the start",
     "generators:\n- OCPGenerator:\n    start_date: 2025-03-03\n    end_date: 2025-03-02\n",
     "m:4:15: the generator ends 2025-03-02 00:00, before its start 2025-03-03 00:00", NULL},
    {"a start after now", "generators:\n- OCPGenerator:\n    start_date: 2026-03-03\n",
     "m:3:17: the generator ends 2025-03-15 10:00, before its start 2026-03-03 00:00", NULL},
    {"a negative number of days",
     "generators:\n- OCPGenerator:\n    start_date: 2025-03-03\n    end_date: -3\n",
     "m:4:15: end_date -3: from 0 to 40000 days", NULL},
    {"no hour", "generators:\n- OCPGenerator: {start_date: 2025-03-03, end_date: 2025-03-03}\n",
     "m:1:1: no hour lies within the dates", NULL},
    {"a century", "generators:\n- OCPGenerator: {start_date: 1800-01-01, end_date: 2025-03-03}\n",
     "m:1:1: the dates of the generators span more than 100 years", NULL},
    {"a year of five digits",
     "generators:\n- OCPGenerator:\n    start_date: 9999-01-01\n    end_date: 400\n",
     "m:1:1: the dates of the generators go on after the year 9999", NULL},
    {"a node's key", NODE "       labels: a}\n", "m:7:8: a node has no key \"labels\"",
     "did you mean \"node_labels\"?"},
    {"a key one off", NODE "       node_label: a}\n", "m:7:8: a node has no key \"node_label\"",
     "did you mean \"node_labels\"?"},
    {"a node that is a text", HEAD "    nodes: [a]\n",
     "m:5:13: a node is a map of keys and values, found a value", NULL},
    {"a mark with a value", HEAD "    nodes:\n    - node:\n        node_name: a\n",
     "m:6:7: \"node\" has a value: keys one level too deep", NULL},
    {"namespaces in a list", NODE "       namespaces: [{s: }]}\n",
     "m:7:20: namespaces is a map of keys and values, found a list", NULL},
    {"a namespace's key", NODE "       namespaces: {s: {pod: []}}}\n",
     "m:7:25: a namespace has no key \"pod\"", "did you mean \"pods\"?"},
    {"a pod's key", PODS "  {cpu_limits: 1}" PODS_END, "m:8:4: a pod has no key \"cpu_limits\"",
     "did you mean \"cpu_limit\"?"},
    {"a negative number", PODS "  {cpu_limit: -1}" PODS_END, "m:8:15: cpu_limit is negative: -1",
     NULL},
    {"a negative fraction", PODS "  {pod_seconds: -0.5}" PODS_END,
     "m:8:17: pod_seconds is negative: -0.5", NULL},
    {"a number in quotes", PODS "  {cpu_limit: '1'}" PODS_END,
     "m:8:15: cpu_limit is a number, found the text \"1\"", NULL},
    {"no number", PODS "  {mem_limit_gig: 4Gi}" PODS_END,
     "m:8:19: mem_limit_gig is a number, found \"4Gi\"", NULL},
    {"an infinite number", PODS "  {mem_limit_gig: .inf}" PODS_END,
     "m:8:19: mem_limit_gig is a number, found \".inf\"", NULL},
    {"a huge number", PODS "  {mem_limit_gig: 1e300}" PODS_END,
     "m:8:19: mem_limit_gig is above 1e15", NULL},
    {"usage without a map", PODS "  {cpu_usage: 1}" PODS_END,
     "m:8:15: cpu_usage is a map of keys and values, found a value", NULL},
    {"usage of no day", PODS "  {cpu_usage: {full: 1}}" PODS_END,
     "m:8:16: \"full\" in cpu_usage is no day", "full_period"},
    {"usage below 0", PODS "  {cpu_usage: {full_period: -1}}" PODS_END,
     "m:8:29: cpu_usage is negative: -1", NULL},
    {"usage below 0 behind full_period",
     PODS "  {cpu_usage: {full_period: 1, 03-03-2025: -1}}" PODS_END,
     "m:8:44: cpu_usage is negative: -1", NULL},
    {"labels in a map", PODS "  {labels: {app: web}}" PODS_END,
     "m:8:12: labels is a text, found a map", NULL},
    {"a key that is a list", PODS "  {[a]: 1}" PODS_END,
     "m:8:4: the key of a pod is a list, a text was expected", NULL},
    {"a claim without its pod",
     PODS "  {pod_name: web-1}], volumes: [{volume_claims: [\n"
          "  {pod_name: web-2}]}" PODS_END,
     "m:9:14: the claim is of pod \"web-2\", which does not exist", "did you mean \"web-1\"?"},
    {"claims above their volume",
     PODS "  ], volumes: [{volume_request_gig: 5, volume_claims: [{capacity_gig: 3},\n"
          "  {capacity_gig: 3}]}" PODS_END,
     "m:9:3: the claims of 6 GiB are more than their volume of 5 GiB", NULL},
    {"a claim's key", PODS "  ], volumes: [{volume_claims: [{capacity: 3}]}" PODS_END,
     "m:8:34: a volume claim has no key \"capacity\"", "did you mean \"capacity_gig\"?"},
    {"a volume's key", PODS "  ], volumes: [{name: 3}" PODS_END,
     "m:8:17: a volume has no key \"name\"", NULL},
    {"an alias of nothing", PODS "  *a" PODS_END, "m:8:3: an alias without its anchor", NULL},
    {"an alias of itself", PODS "  &a {labels: *a}" PODS_END, "m:8:15: an alias of what it lies in",
     NULL},
    {"what is merged is a text", PODS "  {<<: a}" PODS_END,
     "m:8:8: what is merged is a map of keys and values, found a value", NULL},
    {"too deep", HEAD "    nodes: [[[[[[[[[[[[[[[[[]\n",
     "m:5:24: lists and maps are nested more than 16 deep", NULL},
};

static void names_what_is_wrong(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(wrongs); i++) {
    struct sk_model model;
    shukei_error err = {.status = SHUKEI_OK};
    const shukei_status st = read_text(wrongs[i].text, strlen(wrongs[i].text), &model, &err);
    if (st != SHUKEI_EFORMAT || err.status != st ||
        strncmp(err.text, wrongs[i].want, strlen(wrongs[i].want)) != 0 ||
        (wrongs[i].advice && !strstr(err.advice, wrongs[i].advice)))
      fail_msg("%s: %s \"%s\" (%s)", wrongs[i].why, shukei_status_name(st), err.text, err.advice);
  }
}

static const struct {
  const char *text;
  bool ok;
  int64_t seconds;
} moments[] = {
    {"2025-03-03", true, 1740960000},
    {" 2025-3-3 ", true, 1740960000},
    {"03-03-2025", true, 1740960000},
    {"3/3/2025", true, 1740960000},
    {"13.3.2025", true, 1741824000},
    {"2025/03/03 01:02:03", true, 1740963723},
    {"2025-03-03T01", true, 1740963600},
    {"2025-03-03t01:00:00.123 +05:30", true, 1740963600},
    {"2025-03-03 01:00 UTC", true, 1740963600},
    {"2025-03-03T01:00:00Z", true, 1740963600},
    {"2025-03-03 01:00:00 +0000 UTC", true, 1740963600},
    {"2025-03", false, 0},
    {"2025-03/03", false, 0},
    {"2025-13-03", false, 0},
    {"2025-03-03T", false, 0},
    {"2025-03-03 24:00", false, 0},
    {"2025-03-03 01:60", false, 0},
    {"2025-03-03 01:00 x", false, 0},
    {"20250303", false, 0},
    {"03-03-25", false, 0},
    {"", false, 0},
};

static void reads_dates(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(moments); i++) {
    int64_t seconds = 0;
    const bool ok = sk_moment_parse(moments[i].text, &seconds);
    if (ok != moments[i].ok || (ok && seconds != moments[i].seconds))
      fail_msg("\"%s\": %d, %" PRId64, moments[i].text, ok, seconds);
  }
}

/* Dates of one generator, today being 2025-03-15 10:00: first day and number of hours. */
static const struct {
  const char *why, *dates, *day;
  uint32_t hours;
} spans[] = {
    {"a day", "start_date: 2025-03-03, end_date: 2025-03-04", "2025-03-03", 24},
    {"the month up to now", "nodes: ", "2025-03-01", 14 * 24 + 10},
    {"last month up to its first hour", "start_date: last_month, end_date: 02-01-2025 01:00",
     "2025-02-01", 1},
    {"last month up to today", "start_date: last_month, end_date: today", "2025-02-01", 42 * 24},
    {"today up to now", "start_date: today", "2025-03-15", 10},
    {"a plain date of today is now", "start_date: today, end_date: 2025-03-15", "2025-03-15", 10},
    {"three days ago", "start_date: -3d, end_date: -1d", "2025-03-12", 48},
    {"days after the start", "start_date: 2025-03-03, end_date: 2", "2025-03-03", 48},
    {"days after the start, after now", "start_date: 2025-03-14, end_date: 9", "2025-03-14", 34},
    {"days after the start, in another month", "start_date: 2025-03-14, end_date: 20", "2025-03-14",
     480},
    {"parts of an hour do not count", "start_date: 2025-03-03, end_date: 2025-03-03 02:59:58",
     "2025-03-03", 2},
    {"the last second does not either", "start_date: 2025-03-03, end_date: 2025-03-03 02:59:59",
     "2025-03-03", 3},
};

static void counts_hours(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(spans); i++) {
    struct sk_model model;
    shukei_error err;
    char text[200], day[16];
    snprintf(text, sizeof text, "generators: [OCPGenerator: {%s}]\n", spans[i].dates);
    if (read_text(text, strlen(text), &model, &err))
      fail_msg("%s: %s", spans[i].why, err.text);
    if (strcmp(sk_day_text(model.first_day, day), spans[i].day) != 0 ||
        model.hour_count != spans[i].hours)
      fail_msg("%s: %s, %" PRIu32, spans[i].why, day, model.hour_count);
    sk_model_reset(&model);
  }
}

static void blows_up_nothing(void **state)
{
  (void)state;
  char text[20000];
  size_t length = (size_t)snprintf(text, sizeof text, "x-a0: &a0 {x: 1}\n");
  struct sk_model model;
  shukei_error err;
  for (int i = 1; i < 40; i++) /* each merged map stands for ten of the one before */
    length += (size_t)snprintf(text + length, sizeof text - length,
                               "x-a%d: &a%d {<<: [*a%d, *a%d, *a%d, *a%d, *a%d]}\n", i, i, i - 1,
                               i - 1, i - 1, i - 1, i - 1);
  length += (size_t)snprintf(text + length, sizeof text - length,
                             HEAD "    nodes: [{node_name: a, namespaces: {<<: *a39}}]\n");
  assert_int_equal(read_text(text, length, &model, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "the aliases stand for more than"));
}

static void survives_every_cut(void **state)
{
  (void)state;
  static const char text[] =
      HEAD "    nodes:\n    - node_name: &n \"a\\u00e9\"\n      cpu_cores: 4\n"
           "      memory_gig: 8\n      namespaces:\n        s:\n          pods:\n"
           "          - &p {pod_name: p, cpu_usage: {full_period: 1}, labels: 'a:b'}\n"
           "          - <<: *p\n            pod_name: q\n          volumes:\n"
           "          - volume_claims: [{pod_name: p, capacity_gig: 3}]\n";
  for (size_t length = 0; length <= sizeof text - 1; length++) {
    struct sk_model model;
    shukei_error err = {.status = SHUKEI_OK};
    const shukei_status st = read_text(text, length, &model, &err);
    if (st != SHUKEI_OK && (st != SHUKEI_EFORMAT || strncmp(err.text, "m:", 2) != 0))
      fail_msg("%zu bytes: %s %s", length, shukei_status_name(st), err.text);
    if (length == sizeof text - 1)
      assert_int_equal(st, SHUKEI_OK);
    if (!st)
      sk_model_reset(&model);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  static const char text[] =
      PODS "  {pod_name: a, cpu_usage: {03-03-2025: 1}, gpus: []}, {}],\n"
           "  virtual_machines: [{vm_name: v}], volumes: [{volume_claims: [{}]}, {}]}}}\n"
           "    - {}\n- OCPGenerator: {start_date: 2025-03-03}\n";
  struct sk_model model;
  shukei_error err;
  shukei_status st = SHUKEI_ENOMEM;
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    assert_true(n < 100000);
    sk_test_fail_alloc(n);
    st = read_text(text, sizeof text - 1, &model, &err);
    assert_true(st == SHUKEI_OK || budget.used_bytes == 0);
  }
  sk_test_fail_alloc(-1);
  if (st)
    fail_msg("%s", err.text);
  sk_model_reset(&model);
}

static void warns_of_what_is_left_out(void **state)
{
  (void)state;
  static const char text[] = PODS "  {pod_name: a, gpus: [{gpu_model: T4}], mem_usage: {}}],\n"
                                  "  virtual_machines: [{vm_name: mail, cpu_limit: 2}]}}}\n";
  struct sk_model model;
  shukei_error err;
  assert_int_equal(read_text(text, sizeof text - 1, &model, &err), SHUKEI_OK);
  sk_model_reset(&model);
  assert_non_null(strstr(warnings, "m:8:23: the gpus of pod \"a\" are left out"));
  assert_non_null(strstr(warnings, "m:8:42: \"mem_usage\" of a pod is not read"));
  assert_non_null(strstr(warnings, "m:9:22: virtual machine \"mail\" is left out"));
}

/* Rows of one pod. */
static void pod_row(const char *text, uint32_t hour, struct sk_pod_row *row)
{
  struct sk_model model;
  shukei_error err;
  if (read_text(text, strlen(text), &model, &err))
    fail_msg("%s", err.text);
  assert_true(model.pod(&model, hour, 0, row));
  sk_model_reset(&model);
}

static void gives_the_values_of_nise(void **state)
{
  (void)state;
  struct sk_pod_row row;
  pod_row(PODS
          "  {pod_name: a, cpu_request: 3, cpu_limit: 9, mem_request_gig: 1, pod_seconds: 10,"
          " cpu_usage: {full_period: 5}, mem_usage_gig: {04-03-2025: 1, 2025-03-03: 2}}" PODS_END,
          0, &row);
  assert_true(row.limit_cpu == 40 && row.request_cpu == 30 && row.usage_cpu == 40);
  assert_true(row.limit_memory == 80 * 0x1p30 && row.request_memory == 10 * 0x1p30);
  assert_true(row.usage_memory == 20 * 0x1p30);
}

/* What a manifest comes to: pods, claims, nodes, rows of namespace labels. */
static const struct {
  const char *why, *text;
  uint64_t pods, claims;
  uint32_t nodes, spaces;
} clusters[] = {
    {"pods of one name", PODS "  {pod_name: a}, {pod_name: b}, {pod_name: a}" PODS_END, 2, 0, 1, 1},
    {"a namespace on two nodes",
     PODS "  {pod_name: a}" PODS_END
          "    - {node_name: m, namespaces: {s: {pods: [{pod_name: b}, {pod_name: c}]}}}\n",
     2, 0, 2, 2},
    {"a namespace that comes twice in a map",
     NODE "       namespaces: {s: {pods: [{pod_name: a}]}, s: {}}}\n", 0, 0, 1, 1},
    {"a volume without claims", PODS "  ], volumes: [{}]}}}\n", 0, 1, 1, 1},
    {"claims of one name",
     PODS "  ], volumes: [{volume_claims: [{volume_claim_name: a, capacity_gig: 1},\n"
          "  {volume_claim_name: a, capacity_gig: 2}, {capacity_gig: 3}]}]}}}\n",
     0, 2, 1, 1},
    {"claims of a full volume are not read",
     PODS
     "  ], volumes: [{volume_request_gig: 5, volume_claims: [{capacity_gig: 4}, {x: 1}]}]}}}\n",
     0, 1, 1, 1},
    {"a merged map",
     PODS "  &a {pod_name: a, cpu_limit: 1}, {<<: *a}, {<<: [*a], pod_name: b}" PODS_END, 2, 0, 1,
     1},
    {"an empty name", PODS "  {pod_name: ''}, {pod_name: ''}" PODS_END, 1, 0, 1, 1},
};

static void keeps_what_nise_keeps(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(clusters); i++) {
    struct sk_model model;
    shukei_error err;
    if (read_text(clusters[i].text, strlen(clusters[i].text), &model, &err))
      fail_msg("%s: %s", clusters[i].why, err.text);
    if (model.pod_slots != clusters[i].pods || model.claim_slots != clusters[i].claims ||
        model.node_count != clusters[i].nodes || model.space_count != clusters[i].spaces)
      fail_msg("%s: %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32, clusters[i].why, model.pod_slots,
               model.claim_slots, model.node_count, model.space_count);
    sk_model_reset(&model);
  }
}

static void draws_within_the_ranges_of_nise(void **state)
{
  (void)state;
  static const char text[] = PODS "  {pod_name: a}" PODS_END;
  struct sk_pod_row row, again;
  double least = 1e9, most = 0;
  for (uint32_t hour = 0; hour < 24; hour++) {
    pod_row(text, hour, &row);
    pod_row(text, hour, &again);
    const double seconds = row.limit_cpu / 4;
    assert_true(seconds >= 2 && seconds <= 3600 && seconds == (double)(int)seconds);
    assert_true(row.usage_cpu >= 0.02 * seconds && row.usage_cpu <= row.limit_cpu);
    assert_true(row.usage_memory >= seconds * 0x1p30 && row.usage_memory <= row.limit_memory);
    assert_true(row.request_memory == row.limit_memory); /* 25 to 80 GiB, of which 8 are there */
    assert_true(row.usage_cpu == again.usage_cpu && row.usage_memory == again.usage_memory);
    least = seconds < least ? seconds : least;
    most = seconds > most ? seconds : most;
  }
  assert_true(most - least > 500);
}

static void reads_the_corpus(void **state)
{
  (void)state;
  const char *const root = getenv("SHUKEI_ROOT");
  char path[1024];
  unsigned count = 0;
  snprintf(path, sizeof path, "%s/tests/generate/manifests", root ? root : ".");
  DIR *const folder = opendir(path);
  if (!folder)
    fail_msg("no %s", path);
  for (const struct dirent *entry; (entry = readdir(folder));) {
    struct sk_model model;
    struct sk_buffer text;
    shukei_error err;
    if (entry->d_name[0] == '.')
      continue;
    snprintf(path, sizeof path, "%s/tests/generate/manifests/%s", root ? root : ".", entry->d_name);
    sk_buffer_init(&text, &budget, SK_YAML_BYTES + 1);
    if (sk_manifest_read(path, &text, &err) ||
        read_text((const char *)text.bytes, text.length, &model, &err))
      fail_msg("%s: %s", path, err.text);
    assert_true(model.pod_slots > 0);
    sk_model_reset(&model);
    sk_buffer_reset(&text);
    count++;
  }
  closedir(folder);
  assert_true(count >= 30);
}

/* Every row of a pod or claim, added up. */
static void sums(const struct sk_model *model, double sum[4], uint64_t count[2])
{
  struct sk_pod_row pod;
  struct sk_claim_row claim;
  memset(sum, 0, 4 * sizeof *sum);
  count[0] = count[1] = 0;
  for (uint64_t slot = 0; slot < model->pod_slots; slot++)
    if (model->pod(model, 1, slot, &pod)) {
      sum[0] += pod.usage_cpu;
      sum[1] += pod.has & SK_HAS_REQUEST_MEMORY ? pod.request_memory : 0;
      count[0]++;
    }
  for (uint64_t slot = 0; slot < model->claim_slots; slot++)
    if (model->claim(model, 1, slot, &claim)) {
      sum[2] += claim.capacity_bytes;
      sum[3] += claim.usage_byte_seconds * (claim.has & SK_HAS_CLAIM_USAGE ? 1 : 0);
      count[1]++;
    }
}

static void dumps_what_it_reads(void **state)
{
  (void)state;
  struct sk_shape shape;
  struct sk_model model, again;
  struct sk_buffer text;
  shukei_error err;
  double before[4], after[4];
  uint64_t rows_before[2], rows_after[2];
  char path[] = "dumped-XXXXXX";
  close(mkstemp(path));
  assert_true(sk_preset_shape("20k", &shape));
  shape.constant = true;
  assert_int_equal(sk_preset_model(&shape, &budget, &model, &err), SHUKEI_OK);
  if (sk_manifest_dump(&model, path, &budget, &err))
    fail_msg("%s", err.text);
  sk_buffer_init(&text, &budget, SK_YAML_BYTES + 1);
  if (sk_manifest_read(path, &text, &err) ||
      read_text((const char *)text.bytes, text.length, &again, &err))
    fail_msg("%s", err.text);
  sums(&model, before, rows_before);
  sums(&again, after, rows_after);
  assert_int_equal(rows_before[0], rows_after[0]);
  assert_int_equal(rows_before[1], rows_after[1]);
  for (int i = 0; i < 4; i++)
    if (before[i] - after[i] > before[i] * 1e-9 || after[i] - before[i] > before[i] * 1e-9)
      fail_msg("sum %d: %.17g, %.17g", i, before[i], after[i]);
  assert_int_equal(model.first_day, again.first_day);
  assert_int_equal(model.hour_count, again.hour_count);
  sk_model_reset(&again);
  for (int64_t n = 0;; n++) {
    sk_test_fail_alloc(n);
    const shukei_status st = sk_manifest_dump(&model, path, &budget, &err);
    if (!st)
      break;
    assert_int_equal(st, SHUKEI_ENOMEM);
  }
  sk_test_fail_alloc(-1);
  sk_model_reset(&model);
  sk_buffer_reset(&text);
  unlink(path);
}

int main(void)
{
#define SK_TEST(name) cmocka_unit_test_setup_teardown(name, start, nothing_is_left)
  const struct CMUnitTest tests[] = {
      SK_TEST(names_what_is_wrong),
      SK_TEST(reads_dates),
      SK_TEST(counts_hours),
      SK_TEST(blows_up_nothing),
      SK_TEST(survives_every_cut),
      SK_TEST(survives_every_failed_allocation),
      SK_TEST(warns_of_what_is_left_out),
      SK_TEST(gives_the_values_of_nise),
      SK_TEST(reads_the_corpus),
      SK_TEST(draws_within_the_ranges_of_nise),
      SK_TEST(dumps_what_it_reads),
      SK_TEST(keeps_what_nise_keeps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
