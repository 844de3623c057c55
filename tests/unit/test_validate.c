/* SPDX-License-Identifier: Apache-2.0 */
/* One comparison after another of a small case: a summary that is right, one with another cell in
 * each kind of column, and, every allocation failed once, one that is wrong. */
#include "testing.h"

#include "validate/validate.h"

#include "base/buffer.h"

#include <unistd.h>

static char folder[] = "/tmp/shukei-validate-XXXXXX";

static const char pods[] =
    "interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,"
    "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"
    "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
    "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,"
    "pod_labels\n"
    "2025-10-01 "
    "00:00:00,p,shop,n,i-1,3600,7200,0,3865470566400,0,0,4,14400,1073741824,3865470566400,app:x\n";
static const char volumes[] =
    "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,"
    "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"
    "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"
    "persistentvolume_labels,persistentvolumeclaim_labels\n"
    "2025-10-01 00:00:00,shop,p,c,v,s,1073741824,3865470566400,0,0,tier:1,\n";
static const char nodes[] = "interval_start,node,node_labels\n2025-10-01 00:00:00,n,env:t\n";
#define HEADER                                                                                     \
  "data_source,usage_start,usage_end,namespace,node,resource_id,pod_labels,volume_labels,"         \
  "all_labels,persistentvolumeclaim,persistentvolume,storageclass,csi_volume_handle,"              \
  "cost_category_id,source_uuid,pod_usage_cpu_core_hours,pod_request_cpu_core_hours,"              \
  "pod_effective_usage_cpu_core_hours,pod_limit_cpu_core_hours,pod_usage_memory_gigabyte_hours,"   \
  "pod_request_memory_gigabyte_hours,pod_effective_usage_memory_gigabyte_hours,"                   \
  "pod_limit_memory_gigabyte_hours,node_capacity_cpu_cores,node_capacity_cpu_core_hours,"          \
  "node_capacity_memory_gigabytes,node_capacity_memory_gigabyte_hours,"                            \
  "cluster_capacity_cpu_core_hours,cluster_capacity_memory_gigabyte_hours,"                        \
  "persistentvolumeclaim_capacity_gigabyte,persistentvolumeclaim_capacity_gigabyte_months,"        \
  "volume_request_storage_gigabyte_months,persistentvolumeclaim_usage_gigabyte_months,"            \
  "infrastructure_usage_cost,infrastructure_raw_cost\n"
#define COST "\"{\"\"storage\"\": 0, \"\"memory\"\": 0.0, \"\"cpu\"\": 0}\""
#define MORE_COST "\"{\"\"storage\"\": 0, \"\"memory\"\": 0, \"\"cpu\"\": 0, \"\"gpu\"\": 0}\""
/* The row of the volume, one of another namespace, none of the pod. */
static const char wrong[] = HEADER
    "Storage,2025-10-01,2025-10-01,shop,n,i-1,,\"{\"\"env\"\": \"\"t\"\", \"\"tier\"\": "
    "\"\"1\"\"}\",\"{\"\"env\"\": \"\"t\"\", \"\"tier\"\": \"\"1\"\"}\",c,v,s,,7,,,,,,,,,,,,,,,,1,"
    "0.0013440860215053765,0,0," COST ",\n"
    "Pod,2025-10-01,2025-10-01,other,n,i-1,{},,{},,,,,,,1,2,2,0,1,0,1,0,4,4,1,1,4,1,,,,,{},\n";

/* A pod of a namespace whose rows say that the node has fewer cores; in the hour the greatest
 * counts. */
static const char another_pod[] =
    "2025-10-01 "
    "00:00:00,q,tool,n,i-1,0,0,0,0,0,0,2,7200,1073741824,3865470566400,\n";

/* The right rows: of the pods, of what they left, of the volume. */
#define ROWS 4
#define CELLS 35
#define POD_LABELS "\"{\"\"app\"\": \"\"x\"\", \"\"env\"\": \"\"t\"\"}\""
#define NODE_LABELS "\"{\"\"env\"\": \"\"t\"\"}\""
#define VOLUME_LABELS "\"{\"\"env\"\": \"\"t\"\", \"\"tier\"\": \"\"1\"\"}\""
#define DAY "2025-10-01|2025-10-01|"
static const char *const right[ROWS] = {
    "Pod|" DAY "shop|n|i-1|" POD_LABELS "||" POD_LABELS
    "|||||7||1|2|2|0|1|0|1|0|4|4|1|1|4|1|||||" COST "|",
    "Pod|" DAY "tool|n|i-1|" NODE_LABELS "||" NODE_LABELS
    "|||||3||0|0|0|0|0|0|0|0|2|4|1|1|4|1|||||" COST "|",
    "Pod|" DAY "Worker unallocated|n|i-1|||{}|||||3||3|2|2||0|1|0||4|4|1|1|4|1||||||",
    "Storage|" DAY "shop|n|i-1||" VOLUME_LABELS "|" VOLUME_LABELS
    "|c|v|s||7||||||||||||||||1|0.0013440860215053765|0|0|" COST "|",
};
static const struct {
  size_t row, cell;
  const char *text;
  shukei_cause cause;
} others[] = {
    {0, 2, "2025-10-02", SHUKEI_CAUSE_DAY_SHIFTED},      /* usage_end */
    {0, 4, "m", SHUKEI_CAUSE_NAME_CHANGED},              /* node */
    {0, 5, "i-2", SHUKEI_CAUSE_NAME_CHANGED},            /* resource_id */
    {2, 5, "", SHUKEI_CAUSE_NAME_CHANGED},               /* the same */
    {0, 6, "{}", SHUKEI_CAUSE_LABELS_LOST},              /* pod_labels */
    {0, 8, NODE_LABELS, SHUKEI_CAUSE_LABELS_LOST},       /* all_labels */
    {3, 8, "{}", SHUKEI_CAUSE_LABELS_LOST},              /* the same */
    {3, 9, "d", SHUKEI_CAUSE_NAME_CHANGED},              /* persistentvolumeclaim */
    {3, 12, "h", SHUKEI_CAUSE_NAME_CHANGED},             /* csi_volume_handle */
    {0, 13, "3", SHUKEI_CAUSE_NAME_CHANGED},             /* cost_category_id */
    {2, 13, "", SHUKEI_CAUSE_NAME_CHANGED},              /* the same */
    {0, 18, "", SHUKEI_CAUSE_VALUE_CHANGED},             /* null where 0 is right */
    {2, 18, "0", SHUKEI_CAUSE_VALUE_CHANGED},            /* 0 where null is right */
    {0, 15, "1.00000001", SHUKEI_CAUSE_VALUE_CHANGED},   /* ten times the tolerance */
    {3, 30, "0.0013440861", SHUKEI_CAUSE_VALUE_CHANGED}, /* and so of a small number */
    {0, 15, "24", SHUKEI_CAUSE_UNIT_OF_TIME},            /* of days */
    {0, 15, "60", SHUKEI_CAUSE_UNIT_OF_TIME},            /* of minutes */
    {0, 15, "3600", SHUKEI_CAUSE_UNIT_OF_TIME},          /* of seconds */
    {0, 19, "1024", SHUKEI_CAUSE_UNIT_OF_BYTES},         /* of MiB */
    {0, 19, "1.073741824", SHUKEI_CAUSE_UNIT_OF_BYTES},  /* of GB */
    {0, 0, "Nonsense", SHUKEI_CAUSE_NAME_CHANGED},       /* data_source */
    {3, 0, "", SHUKEI_CAUSE_NAME_CHANGED},               /* the same */
    {0, 7, "{}", SHUKEI_CAUSE_LABELS_LOST},              /* volume_labels of a pod */
    {3, 6, "{}", SHUKEI_CAUSE_LABELS_LOST},              /* pod_labels of a volume */
    {3, 15, "12345", SHUKEI_CAUSE_VALUE_CHANGED},        /* usage of a volume's row */
    {3, 23, "0", SHUKEI_CAUSE_VALUE_CHANGED},            /* a capacity of the same */
    {0, 29, "12345", SHUKEI_CAUSE_VALUE_CHANGED},        /* a claim's capacity of a pod's row */
    {0, 33, "{}", SHUKEI_CAUSE_VALUE_CHANGED},           /* infrastructure_usage_cost */
    {0, 33, "", SHUKEI_CAUSE_VALUE_CHANGED},             /* the same */
    {3, 33, "7", SHUKEI_CAUSE_VALUE_CHANGED},            /* the same */
    {0, 33, MORE_COST, SHUKEI_CAUSE_VALUE_CHANGED},      /* the same */
    {2, 33, COST, SHUKEI_CAUSE_VALUE_CHANGED},           /* of what is left of a node */
    {2, 23, "2", SHUKEI_CAUSE_CAPACITY},                 /* node_capacity_cpu_cores */
};

static void write_file(const char *name, const char *text, char path[128])
{
  snprintf(path, 128, "%s/%s", folder, name);
  FILE *const file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  fclose(file);
}

static bool stopped;

static shukei_status check(void *context, uint64_t rows, uint64_t bytes, shukei_error *err)
{
  (void)context;
  (void)rows;
  (void)bytes;
  return stopped ? sk_fail(err, SHUKEI_ECANCELED, "stopped") : SHUKEI_OK;
}

static bool take_text(void *context, const void *bytes, size_t length)
{
  sk_buffer_add(context, bytes, length);
  return true;
}

static shukei_status run(const char *more_pods, const char *summary, struct sk_buffer *text,
                         shukei_validate_result *result, shukei_error *err)
{
  static const char *const keys[] = {"app", "env", "tier"};
  static const shukei_cost_category categories[] = {{7, "sh%"}, {3, "%"}};
  char paths[4][128], all_pods[2048];
  const char *const sources[] = {folder};
  snprintf(all_pods, sizeof all_pods, "%s%s", pods, more_pods);
  write_file("pods.csv", all_pods, paths[0]);
  write_file("volumes.csv", volumes, paths[1]);
  write_file("nodes.csv", nodes, paths[2]);
  write_file("summary.csv", summary, paths[3]);
  const shukei_validate_options options = {.sources = sources,
                                           .source_count = 1,
                                           .against = paths[3],
                                           .tolerance = 1e-9,
                                           .limit = 100,
                                           .callbacks = {.context = text, .write = take_text}};
  struct sk_validate_file files[] = {
      {.path = paths[0], .place = paths[0], .report = SK_PLAIN_PODS},
      {.path = paths[1], .place = paths[1], .report = SK_PLAIN_STORAGE},
      {.path = paths[2], .place = paths[2], .report = SK_PLAIN_NODES}};
  const struct sk_validate_request request = {.options = &options,
                                              .files = files,
                                              .file_count = SK_COUNT(files),
                                              .enabled_keys = keys,
                                              .enabled_key_count = SK_COUNT(keys),
                                              .cost_categories = categories,
                                              .cost_category_count = SK_COUNT(categories),
                                              .start_day = INT32_MIN,
                                              .end_day = INT32_MAX,
                                              .check = check};
  memset(result, 0, sizeof *result);
  return sk_validate(&request, NULL, result, err);
}

static void expect_verdict(const shukei_validate_result *result)
{
  /* The pod and what it left of the node are missing, a row is too much, the volume is right. */
  assert_int_equal(result->rows_expected, 3);
  assert_int_equal(result->rows_found, 2);
  assert_int_equal(
      result->causes[SHUKEI_CAUSE_NAMESPACE_SWAPPED] + result->causes[SHUKEI_CAUSE_ROW_LOST], 2);
  assert_int_equal(result->rows_differing, 2);
}

/* The right rows, but for one cell. */
static void with_cell(size_t row, size_t cell, const char *other, shukei_validate_result *result)
{
  struct sk_buffer summary, text;
  const char *at = NULL;
  sk_buffer_init(&summary, NULL, SIZE_MAX);
  sk_buffer_init(&text, NULL, SIZE_MAX);
  sk_buffer_text(&summary, HEADER);
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0, length; c < CELLS; c++, at += length + 1) {
      if (c == 0)
        at = right[r];
      length = strcspn(at, "|");
      if (r == row && c == cell)
        sk_buffer_text(&summary, other);
      else
        sk_buffer_add(&summary, at, length);
      sk_buffer_byte(&summary, c + 1 < CELLS ? ',' : '\n');
    }
  sk_buffer_byte(&summary, '\0');
  assert_int_equal(run(another_pod, (const char *)summary.bytes, &text, result, NULL), SHUKEI_OK);
  sk_buffer_reset(&summary);
  sk_buffer_reset(&text);
}

static void finds_every_other_cell(void **state)
{
  shukei_validate_result result;
  (void)state;
  with_cell(ROWS, 0, "", &result);
  assert_int_equal(result.rows_found, ROWS);
  assert_int_equal(result.rows_differing, 0);
  with_cell(0, 34, "0", &result); /* no cost */
  assert_true(result.rows_found == ROWS && result.rows_differing == 0);
  with_cell(0, 34, "1.5", &result); /* another process's row */
  assert_true(result.rows_found == ROWS - 1 && result.rows_differing == 1);
  for (size_t i = 0; i < SK_COUNT(others); i++) {
    with_cell(others[i].row, others[i].cell, others[i].text, &result);
    if (result.rows_differing != 1 || result.causes[others[i].cause] != 1)
      fail_msg("row %zu, cell %zu, \"%s\": %d rows differ", others[i].row, others[i].cell,
               others[i].text, (int)result.rows_differing);
  }
}

static void survives_every_failed_allocation(void **state)
{
  shukei_status st = SHUKEI_ENOMEM;
  (void)state;
  for (int n = 0; st; n++) {
    struct sk_buffer text;
    shukei_validate_result result;
    shukei_error err = {.status = SHUKEI_OK};
    sk_buffer_init(&text, NULL, SIZE_MAX);
    sk_test_fail_alloc(n);
    st = run("", wrong, &text, &result, &err);
    const bool failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (st && (st != SHUKEI_ENOMEM || !failed))
      fail_msg("allocation %d: %s: %s", n, shukei_status_name(st), err.text);
    if (!st && !text.failed)
      expect_verdict(&result);
    sk_buffer_reset(&text);
  }
}

/* Other sources' rows, of which the last is none, and a caller that stops before. */
static void can_be_stopped_among_the_rows(void **state)
{
  struct sk_buffer text, rows;
  shukei_validate_result result;
  shukei_error err;
  (void)state;
  sk_buffer_init(&text, NULL, SIZE_MAX);
  sk_buffer_init(&rows, NULL, SIZE_MAX);
  sk_buffer_text(&rows, wrong);
  for (int i = 0; i < 5000; i++)
    sk_buffer_text(&rows, "Pod,no day,,,,,,,,,,,,,other,,,,,,,,,,,,,,,,,,,,\n");
  sk_buffer_text(&rows, "a wrong number of cells\n");
  sk_buffer_byte(&rows, 0);
  assert_int_equal(run("", (const char *)rows.bytes, &text, &result, &err), SHUKEI_EFORMAT);
  stopped = true;
  assert_int_equal(run("", (const char *)rows.bytes, &text, &result, &err), SHUKEI_ECANCELED);
  stopped = false;
  sk_buffer_reset(&rows);
  sk_buffer_reset(&text);
}

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  static const char *const names[] = {"pods.csv", "volumes.csv", "nodes.csv", "summary.csv"};
  char path[128];
  (void)state;
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    unlink(path);
  }
  return rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(finds_every_other_cell),
                                     cmocka_unit_test(survives_every_failed_allocation),
                                     cmocka_unit_test(can_be_stopped_among_the_rows)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
