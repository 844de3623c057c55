/* SPDX-License-Identifier: Apache-2.0 */
/* Partial summaries: what a stage wants, columns that files lack, the range of sums, capacities,
 * roles, and one wrong turn that a merge could take. */
#include "testing.h"

#include "plain_run.h"
#include "small_case.h"
#include "summary/partial.h"

#define JSON "{\"start\": \"2025-10-01\", \"end\": \"2025-10-31\", \"enabled_keys\": [\"app\"]}"
#define HEAD "interval_start,namespace,node,resource_id,pod_usage_cpu_core_seconds,"
#define REST "pod_request_cpu_core_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds"
#define VOLUMES                                                                                    \
  "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,"                           \
  "persistentvolumeclaim_capacity_byte_seconds\n"

/* Runs reports and gives one cell of one row; the row's number counts from 0. */
static shukei_status run(const char *const *reports, shukei_label_mode labels, unsigned parts,
                         struct sk_buffer *out, shukei_error *err)
{
  struct plain_case c;
  struct sk_budget budget;
  sk_budget_init(&budget, UINT64_MAX);
  plain_case_texts(&c, JSON, reports);
  const struct plain_options o = {
      .labels = labels, .parts = parts, .seed = parts, .budget = &budget, .err = err};
  const shukei_status st = plain_run(&c, &o, out, NULL);
  assert_int_equal(budget.used_bytes, 0);
  plain_case_free(&c);
  return st;
}

static void check_cell(const char *why, const char *const *reports, size_t row,
                       enum sk_row_column column, const char *want)
{
  for (unsigned parts = 1; parts < 4; parts++) {
    struct sk_buffer out;
    char *cells[PLAIN_COLUMNS];
    size_t count;
    sk_buffer_init(&out, NULL, SIZE_MAX);
    assert_int_equal(run(reports, SHUKEI_LABELS_KOKU, parts, &out, NULL), SHUKEI_OK);
    char *end = (char *)out.bytes + out.length;
    char *at = plain_record((char *)out.bytes, end, cells, &count);
    for (size_t i = 0; at && i <= row; i++)
      at = plain_record(at, end, cells, &count);
    if (!at || strcmp(cells[column], want))
      fail_msg("%s: %s is \"%s\", not \"%s\"", why, sk_row_columns[column].name,
               at ? cells[column] : "(no such row)", want);
    sk_buffer_reset(&out);
  }
}

static const struct {
  const char *why, *pods;
  size_t row;
  enum sk_row_column column;
  const char *want;
} cells[] = {
    {"the greater of usage and request, row by row",
     HEAD REST
     "\n2025-10-01 00:00:00,shop,n1,i,3600,7200,4,1\n2025-10-01 01:00:00,shop,n1,i,3600,0,4,1\n",
     0, SK_R_pod_effective_usage_cpu_core_hours, "3.0"},
    {"a column of its own for effective usage, 0 where its cell is empty",
     HEAD REST
     ",pod_effective_usage_cpu_core_seconds\n2025-10-01 00:00:00,shop,n1,i,3600,7200,4,1,1800\n"
     "2025-10-01 01:00:00,shop,n1,i,3600,0,4,1,\n",
     0, SK_R_pod_effective_usage_cpu_core_hours, "0.5"},
    {"a column that the file lacks is zero", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,1,1,4,1\n",
     0, SK_R_pod_limit_memory_gigabyte_hours, "0.0"},
    {"maxima do not go below zero", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,1,1,-4,-1\n", 0,
     SK_R_node_capacity_cpu_cores, "0.0"},
    {"infinite cores are kept", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,1,1,inf,1\n", 0,
     SK_R_node_capacity_cpu_cores, "inf"},
    {"the greatest resource_id",
     HEAD REST
     "\n2025-10-01 00:00:00,shop,n1,i-2,1,1,4,1\n2025-10-01 00:00:00,shop,n1,i-10,1,1,4,1\n"
     "2025-10-01 00:00:00,shop,n1,,1,1,4,1\n",
     0, SK_R_resource_id, "i-2"},
    {"capacity is the interval's greatest, summed over intervals",
     HEAD REST
     "\n2025-10-01 00:00:00,shop,n1,i,1,1,4,3600\n2025-10-01 00:00:00,shop,n1,i,1,1,4,7200\n"
     "2025-10-01 01:00:00,shop,n1,i,1,1,4,3600\n",
     0, SK_R_node_capacity_cpu_core_hours, "3.0"},
    {"the cluster's capacity has rows without a node",
     HEAD REST
     "\n2025-10-01 00:00:00,shop,n1,i,1,1,4,3600\n2025-10-01 00:00:00,shop,,i,1,1,4,7200\n",
     0, SK_R_cluster_capacity_cpu_core_hours, "3.0"},
    {"unallocated capacity may be negative",
     HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,7200,1,4,3600\n", 1, SK_R_pod_usage_cpu_core_hours,
     "-1.0"},
    {"a role of the rows", HEAD REST ",node_role\n2025-10-01 00:00:00,shop,n1,i,1,1,4,1,infra\n", 1,
     SK_R_namespace, "Platform unallocated"},
    {"the greatest role of the rows",
     HEAD REST ",node_role\n2025-10-01 00:00:00,shop,n1,i,1,1,4,1,infra\n2025-10-01 "
               "00:00:00,shop,n1,i,1,1,4,1,worker\n"
               "2025-10-01 00:00:00,shop,n1,i,1,1,4,1,\n",
     1, SK_R_namespace, "Worker unallocated"},
    {"a role that nobody knows is a worker's",
     HEAD REST ",node_role\n2025-10-01 00:00:00,openshift-kube-apiserver,n1,i,1,1,4,1,storage\n", 1,
     SK_R_namespace, "Worker unallocated"},
    {"the API server's node",
     HEAD REST "\n2025-10-01 00:00:00,openshift-kube-apiserver,n1,i,1,1,4,1\n", 1, SK_R_namespace,
     "Platform unallocated"},
    {"Network unattributed leaves nothing over",
     HEAD REST "\n2025-10-01 00:00:00,Network unattributed,n1,i,1,1,4,1\n2025-10-01 "
               "00:00:00,shop,n1,i,3600,1,4,7200\n",
     2, SK_R_pod_usage_cpu_core_hours, "1.0"},
    {"Storage unattributed leaves nothing over",
     HEAD REST "\n2025-10-01 00:00:00,Storage unattributed,n1,i,1,1,4,1\n2025-10-01 "
               "00:00:00,shop,n1,i,3600,1,4,7200\n",
     2, SK_R_pod_usage_cpu_core_hours, "1.0"},
};

static void gives_the_right_cells(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cells); i++) {
    const char *const reports[] = {cells[i].pods, NULL};
    check_cell(cells[i].why, reports, cells[i].row, cells[i].column, cells[i].want);
  }
}

/* spec/2-summary.md, VN: a claim that had two volumes counts each row twice, however many groups a
 * volume has; two nodes halve what is requested. */
static void joins_volumes_with_pods(void **state)
{
  (void)state;
  static const char storage[] =
      "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,"
      "persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,"
      "storageclass\n"
      "2025-10-01 00:00:00,shop,p1,c1,v1,2875910101401600,2875910101401600,\n"
      "2025-10-01 00:00:00,shop,p1,c1,v2,2875910101401600,2875910101401600,\n"
      "2025-10-01 00:00:00,shop,p1,c1,v2,2875910101401600,2875910101401600,gold\n"
      "2025-10-01 00:00:00,shop,p2,c2,v1,2875910101401600,2875910101401600,\n";
  static const char pods[] = "interval_start,namespace,pod,node,pod_usage_cpu_core_seconds\n"
                             "2025-10-01 00:00:00,shop,p1,n1,1\n"
                             "2025-10-01 00:00:00,shop,p2,n2,1\n";
  static const char *const reports[] = {storage, pods, NULL};
  const size_t first = 4; /* behind two Pod rows and two unallocated ones */
  const enum sk_row_column capacity = SK_R_persistentvolumeclaim_capacity_gigabyte_months;
  const enum sk_row_column request = SK_R_volume_request_storage_gigabyte_months;
  check_cell("v1 on n1", reports, first, SK_R_persistentvolume, "v1");
  check_cell("v1 on n1", reports, first, capacity, "2.0");
  check_cell("v1 on n1", reports, first, request, "1.0");
  check_cell("v2 on n1", reports, first + 1, SK_R_persistentvolume, "v2");
  check_cell("v2 on n1", reports, first + 1, capacity, "2.0");
  check_cell("v2 on n1", reports, first + 1, request, "2.0");
  check_cell("v2 of another class", reports, first + 2, SK_R_storageclass, "gold");
  check_cell("v2 of another class", reports, first + 2, capacity, "2.0");
  check_cell("v1 on n2", reports, first + 3, SK_R_node, "n2");
  check_cell("v1 on n2", reports, first + 3, capacity, "1.0");
  check_cell("v1 on n2", reports, first + 3, request, "0.5");
  struct plain_case c;
  struct sk_buffer out;
  struct sk_summary_counts counts;
  plain_case_texts(&c, JSON, reports);
  sk_buffer_init(&out, NULL, SIZE_MAX);
  assert_int_equal(plain_run(&c, &(struct plain_options){.parts = 2, .seed = 3}, &out, &counts),
                   SHUKEI_OK);
  assert_int_equal(counts.rows_counted_more_than_once, 6); /* those of c1, by two volumes */
  sk_buffer_reset(&out);
  plain_case_free(&c);
}

/* A node and a namespace of one name, which have the same labels one after the other: what a volume
 * is counted under must not be carried over from one hour to the next. */
static void tells_nodes_from_namespaces(void **state)
{
  (void)state;
  static const char *const reports[] = {
      "interval_start,node,node_labels\n2025-10-01 00:00:00,x,app:a\n",
      "interval_start,namespace,namespace_labels\n2025-10-01 01:00:00,x,app:a\n",
      "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,"
      "persistentvolumeclaim_capacity_byte_seconds\n"
      "2025-10-01 00:00:00,x,,c,v,1\n2025-10-01 01:00:00,x,,c,v,1\n",
      NULL};
  for (unsigned parts = 1; parts < 4; parts++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, SIZE_MAX);
    assert_int_equal(run(reports, SHUKEI_LABELS_HOURLY, parts, &out, NULL), SHUKEI_OK);
    sk_buffer_byte(&out, '\0');
    assert_non_null(strstr((char *)out.bytes, "{\"\"app\"\": \"\"a\"\"}"));
    assert_non_null(strstr((char *)out.bytes, ",{},"));
    sk_buffer_reset(&out);
  }
}

#define MANY 60
#define MONTH "2875910101401600" /* byte-seconds: one GiB for October */

/* Rows of one volume whose labels go round: the group that followed last time is another's as often
 * as not, by its label texts (one of which differs in a label that is not enabled) or its hour. */
static void tells_groups_of_one_volume(void **state)
{
  (void)state;
  static const char *const labels[] = {"app:a", "app:b", "app:a|other:c"};
  static const char *const spaces = "interval_start,namespace,namespace_labels\n"
                                    "2025-10-01 00:00:00,x,app:s\n2025-10-01 01:00:00,x,app:t\n";
  for (unsigned part = 0; part < 6; part++) {
    const bool hourly = part & 1;
    struct sk_buffer rows, out;
    sk_buffer_init(&rows, NULL, SIZE_MAX);
    sk_buffer_init(&out, NULL, SIZE_MAX);
    sk_buffer_text(&rows, "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,"
                          "persistentvolumeclaim_capacity_byte_seconds,persistentvolume_labels\n");
    for (int i = 0; i < MANY; i++)
      sk_buffer_printf(&rows, "2025-10-01 %02d:00:00,x,,c,v," MONTH ",%s\n",
                       hourly ? i % 5 % 2 : i % 24, hourly ? "" : labels[i % 3]);
    sk_buffer_byte(&rows, '\0');
    const char *const reports[] = {(const char *)rows.bytes, hourly ? spaces : NULL, NULL};
    assert_int_equal(
        run(reports, hourly ? SHUKEI_LABELS_HOURLY : SHUKEI_LABELS_KOKU, 1 + part / 2, &out, NULL),
        SHUKEI_OK);
    sk_buffer_byte(&out, '\0');
    const char *a = hourly ? "s" : "a", *b = hourly ? "t" : "b";
    const char *want_a = hourly ? "36.0" : "40.0", *want_b = hourly ? "24.0" : "20.0";
    char text[64];
    (void)snprintf(text, sizeof text, "\"\"%s\"\"}\",0.0,%s,", a, want_a);
    assert_non_null(strstr((const char *)out.bytes, text));
    (void)snprintf(text, sizeof text, "\"\"%s\"\"}\",0.0,%s,", b, want_b);
    assert_non_null(strstr((const char *)out.bytes, text));
    sk_buffer_reset(&out);
    sk_buffer_reset(&rows);
  }
}

/* The same, told apart by one of their names. */
static void tells_volumes_apart(void **state)
{
  (void)state;
  static const char *const names[] = {"namespace", "persistentvolumeclaim", "persistentvolume",
                                      "storageclass", "csi_volume_handle"};
  for (size_t name = 0; name < SK_COUNT(names); name++) {
    struct sk_buffer rows, out;
    sk_buffer_init(&rows, NULL, SIZE_MAX);
    sk_buffer_init(&out, NULL, SIZE_MAX);
    sk_buffer_printf(&rows, "interval_start,persistentvolumeclaim_capacity_byte_seconds,%s\n",
                     names[name]);
    for (int i = 0; i < MANY; i++)
      sk_buffer_printf(&rows, "2025-10-01 %02d:00:00," MONTH ",%s\n", i % 24,
                       i % 5 % 2 ? "b" : "a");
    sk_buffer_byte(&rows, '\0');
    const char *const reports[] = {(const char *)rows.bytes, NULL};
    assert_int_equal(run(reports, SHUKEI_LABELS_KOKU, 1, &out, NULL), SHUKEI_OK);
    sk_buffer_byte(&out, '\0');
    if (!strstr((const char *)out.bytes, ",0.0,36.0,") ||
        !strstr((const char *)out.bytes, ",0.0,24.0,"))
      fail_msg("two values of %s: %s", names[name], (const char *)out.bytes);
    sk_buffer_reset(&out);
    sk_buffer_reset(&rows);
  }
}

static void keeps_the_range(void **state)
{
  (void)state;
  static const struct {
    const char *why, *report;
    shukei_status want;
  } rows[] = {
      {"the greatest value", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,1e18,1e18,4,1e18\n",
       SHUKEI_OK},
      {"a great negative one", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,-1e18,1,4,1\n",
       SHUKEI_OK},
      {"beyond the range", HEAD REST "\n2025-10-01 00:00:00,shop,n1,i,-1e300,1,4,1\n",
       SHUKEI_ERANGE},
      {"beyond the range, but in no group",
       HEAD REST "\n2025-10-01 00:00:00,shop,,i,-1e300,1,4,1\n", SHUKEI_OK},
      {"magnitudes count over all rows",
       HEAD REST
       "\n2025-10-01 00:00:00,a,n1,i,-1e25,1,4,1\n2025-10-01 00:00:00,b,n1,i,-1e25,1,4,1\n",
       SHUKEI_ERANGE},
      {"CPU and memory have each a range of their own",
       HEAD REST
       ",pod_usage_memory_byte_seconds\n2025-10-01 00:00:00,shop,n1,i,-1e25,1,4,1,-1.2e34\n",
       SHUKEI_OK},
      {"magnitudes of memory count over all rows",
       HEAD REST ",pod_usage_memory_byte_seconds\n2025-10-01 00:00:00,a,n1,i,1,1,4,1,-1.2e34\n"
                 "2025-10-01 00:00:00,b,n1,i,1,1,4,1,-1.2e34\n",
       SHUKEI_ERANGE},
      {"usage of volumes beyond the range",
       "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,"
       "persistentvolumeclaim_capacity_byte_seconds,persistentvolumeclaim_usage_byte_seconds\n"
       "2025-10-01 00:00:00,a,,c,v,1,-1e300\n",
       SHUKEI_ERANGE},
      {"a great volume", VOLUMES "2025-10-01 00:00:00,a,,c,v,-1.5e34\n", SHUKEI_OK},
      {"magnitudes of volumes count over all rows",
       VOLUMES "2025-10-01 00:00:00,a,,c,v,-1.5e34\n2025-10-01 00:00:00,b,,c,v,-1.5e34\n",
       SHUKEI_ERANGE},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    for (unsigned parts = 1; parts < 5; parts++) {
      const char *const reports[] = {rows[i].report, NULL};
      struct sk_buffer out;
      shukei_error err = {0};
      sk_buffer_init(&out, NULL, SIZE_MAX);
      const shukei_status st = run(reports, SHUKEI_LABELS_KOKU, parts, &out, &err);
      if (st != rows[i].want)
        fail_msg("%s: %s %s", rows[i].why, shukei_status_name(st), err.text);
      if (st)
        assert_true(strstr(err.text, "core") || strstr(err.text, "byte"));
      sk_buffer_reset(&out);
    }
}

/* A row of a day that was finished is refused, also behind a spill, whose partial begins anew. */
static void a_finished_day_stays_finished(void **state)
{
  (void)state;
  const struct sk_rules rules = {.labels = SHUKEI_LABELS_KOKU};
  const struct sk_partial *done[SK_STAGE_COUNT] = {NULL};
  struct sk_partial *pods = NULL;
  shukei_error err = {0};
  assert_int_equal(sk_partial_new(&rules, SK_STAGE_PODS, done, NULL, NULL, &pods, NULL), SHUKEI_OK);
  struct sk_symbols *s = sk_partial_symbols(pods);
  for (int64_t day = 0; day < 2; day++) {
    const int64_t us = day * SK_DAY_US;
    const uint32_t interval[1] = {sk_intern_add(&s->intervals, &us, sizeof us)};
    struct sk_batch batch = {.report = SK_REPORT_POD, .rows = 1};
    batch.ids[SK_F_INTERVAL_START] = interval;
    batch.numbers[SK_F_POD_EFFECTIVE_CPU] = batch.numbers[SK_F_POD_EFFECTIVE_MEMORY] =
        sk_no_numbers;
    pods->pod.finished_before = 1;
    sk_partial_renew(pods);
    assert_int_equal(sk_partial_add(pods, &batch, &err), day ? SHUKEI_OK : SHUKEI_EFORMAT);
    pods->pod.late = false;
  }
  assert_non_null(strstr(err.text, "outside of the days"));
  sk_partial_free(pods);
}

/* Label texts go when their sets are known, but for those whose skipped pairs are still to be
 * told. */
static void settling_keeps_texts_with_skipped_pairs(void **state)
{
  (void)state;
  const struct sk_rules rules = {.labels = SHUKEI_LABELS_KOKU};
  const struct sk_partial *done[SK_STAGE_COUNT] = {NULL};
  for (int skips = 0; skips < 2; skips++) {
    struct sk_partial *labels = NULL;
    assert_int_equal(sk_partial_new(&rules, SK_STAGE_LABELS, done, NULL, NULL, &labels, NULL),
                     SHUKEI_OK);
    struct sk_symbols *s = sk_partial_symbols(labels);
    const char *const text = skips ? "app:a|b" : "app:a";
    const int64_t us = 0;
    const uint32_t interval[1] = {sk_intern_add(&s->intervals, &us, sizeof us)};
    const uint32_t node[1] = {sk_intern_add(&s->names, "n1", 2)};
    const uint32_t label[1] = {sk_intern_add(&s->labels, text, strlen(text))};
    struct sk_batch batch = {.report = SK_REPORT_NODE_LABELS, .rows = 1};
    batch.ids[SK_F_INTERVAL_START] = interval;
    batch.ids[SK_F_NODE] = node;
    batch.ids[SK_F_NODE_LABELS] = label;
    assert_int_equal(sk_partial_add(labels, &batch, NULL), SHUKEI_OK);
    assert_true(sk_partial_settle(labels));
    assert_int_equal(sk_intern_find(&s->labels, text, strlen(text)), skips ? label[0] : SK_NO_ID);
    sk_partial_free(labels);
  }
}

static void wants_what_it_needs(void **state)
{
  (void)state;
  const struct sk_rules rules = {.labels = SHUKEI_LABELS_KOKU};
  const struct sk_partial *done[SK_STAGE_COUNT] = {NULL};
  struct sk_partial *pods = NULL, *storage = NULL;
  assert_int_equal(sk_partial_new(&rules, SK_STAGE_PODS, done, NULL, NULL, &pods, NULL), SHUKEI_OK);
  const sk_fields without = sk_partial_wants(pods, SK_REPORT_POD);
  assert_false(without & SK_FIELD_BIT(SK_F_POD));
  assert_true(without & SK_FIELD_BIT(SK_F_POD_EFFECTIVE_CPU));
  assert_true(sk_partial_wants(pods, SK_REPORT_VM) == 0);
  sk_partial_free(pods);

  static const uint32_t zero[1] = {0};
  uint32_t pod[1], namespace[1], interval[1];
  struct sk_batch batch = {.report = SK_REPORT_STORAGE, .rows = 1};
  for (int named = 0; named < 2; named++) {
    assert_int_equal(sk_partial_new(&rules, SK_STAGE_STORAGE, done, NULL, NULL, &storage, NULL),
                     SHUKEI_OK);
    struct sk_symbols *s = sk_partial_symbols(storage);
    const int64_t us = 0;
    interval[0] = sk_intern_add(&s->intervals, &us, sizeof us);
    pod[0] = sk_intern_add(&s->names, "p1", 2);
    namespace[0] = sk_intern_add(&s->names, "shop", 4);
    batch.ids[SK_F_INTERVAL_START] = interval;
    batch.ids[SK_F_POD] = named ? pod : zero;
    batch.ids[SK_F_NAMESPACE] = namespace;
    assert_int_equal(sk_partial_add(storage, &batch, NULL), SHUKEI_OK);
    done[SK_STAGE_STORAGE] = storage;
    assert_int_equal(sk_partial_new(&rules, SK_STAGE_PODS, done, NULL, NULL, &pods, NULL),
                     SHUKEI_OK);
    assert_true(!!(sk_partial_wants(pods, SK_REPORT_POD) & SK_FIELD_BIT(SK_F_POD)) == named);
    sk_partial_free(pods);
    sk_partial_free(storage);
  }
  sk_partial_free(NULL);
  for (int r = 0; r < SK_REPORT_COUNT; r++)
    assert_true((sk_stage_of_report((enum sk_report)r) == SK_STAGE_COUNT) ==
                (r == SK_REPORT_VM || r == SK_REPORT_GPU));
}

static void names_the_budget(void **state)
{
  (void)state;
  struct plain_case c;
  bool refused = true;
  plain_case_texts(&c, SMALL_JSON, small_reports);
  for (uint64_t limit = 1000; refused; limit += 2000) {
    struct sk_budget budget;
    struct sk_buffer out;
    shukei_error err = {0};
    sk_budget_init(&budget, limit);
    sk_buffer_init(&out, NULL, SIZE_MAX);
    const struct plain_options o = {.parts = 2, .seed = 3, .budget = &budget, .err = &err};
    const shukei_status st = plain_run(&c, &o, &out, NULL);
    refused = st != SHUKEI_OK;
    if (refused) {
      assert_int_equal(st, SHUKEI_ENOMEM);
      assert_true(!*err.text || strstr(err.text, "budget"));
    }
    assert_int_equal(budget.used_bytes, 0);
    assert_true(budget.peak_bytes <= limit);
    sk_buffer_reset(&out);
  }
  plain_case_free(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_right_cells),
      cmocka_unit_test(joins_volumes_with_pods),
      cmocka_unit_test(tells_groups_of_one_volume),
      cmocka_unit_test(tells_volumes_apart),
      cmocka_unit_test(keeps_the_range),
      cmocka_unit_test(a_finished_day_stays_finished),
      cmocka_unit_test(settling_keeps_texts_with_skipped_pairs),
      cmocka_unit_test(wants_what_it_needs),
      cmocka_unit_test(names_the_budget),
      cmocka_unit_test(tells_nodes_from_namespaces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
