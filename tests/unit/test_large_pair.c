/* SPDX-License-Identifier: Apache-2.0 */
/* A namespace on a node with more groups than memory has room for: the same bytes and counts as
 * without a limit, spilled or not, in both label modes; memory that fails. */
#include "testing.h"

#include "plain_run.h"

#define MIB (UINT64_C(1) << 20)

static const char json[] =
    "{\"start\": \"2025-10-01\", \"end\": \"2025-10-01\", \"enabled_keys\": [\"app\", \"zone\"], "
    "\"cost_categories\": [{\"id\": 4, \"pattern\": \"shop%\"}]}";

/* Sets of the node and the namespace that change over the day; a zone of the namespace makes labels
 * alike that differ in the node's or the pod's own. */
static const char nodes[] = "interval_start,node,node_labels\n"
                            "2025-10-01 00:00:00,n1,label_zone:a\n"
                            "2025-10-01 01:00:00,n1,label_zone:b\n"
                            "2025-10-01 02:00:00,n1,label_zone:c|label_app:nobody\n";
static const char namespaces[] = "interval_start,namespace,namespace_labels\n"
                                 "2025-10-01 00:00:00,shop,label_other:x\n"
                                 "2025-10-01 01:00:00,shop,label_zone:s\n"
                                 "2025-10-01 02:00:00,shop,label_app:z\n";

/* Each app has two groups, of two resource ids, which are one where the zone is the namespace's;
 * small pairs before and behind. */
static void add_pods(struct sk_buffer *text, unsigned apps)
{
  sk_buffer_text(text, "interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,"
                       "pod_request_cpu_core_seconds,pod_usage_memory_byte_seconds,"
                       "pod_request_memory_byte_seconds,node_capacity_cpu_cores,"
                       "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
                       "node_capacity_memory_byte_seconds,pod_labels\n");
  for (unsigned i = 0; i < apps * 3; i++) {
    const unsigned app = i % apps;
    sk_buffer_printf(text,
                     "2025-10-01 %02u:00:00,p%u,%s,n1,i-%u,%u.5,7,3.6e13,1e1%u,%u,14400,8e9,3e13,"
                     "label_app:web-%u%s\n",
                     i / apps + (app % 2), i,
                     i % 700    ? "shop"
                     : i % 1400 ? "before"
                                : "zoo",
                     1 + i % 3, app, i % 4, 2 + i % 3, app, i % 3 == 1 ? "|label_zone:s" : "");
  }
  assert_false(text->failed);
}

static void make_case(struct plain_case *c, unsigned apps)
{
  struct sk_buffer pods;
  sk_buffer_init(&pods, NULL, SIZE_MAX);
  add_pods(&pods, apps);
  sk_buffer_byte(&pods, 0);
  const char *const reports[] = {(const char *)pods.bytes, nodes, namespaces, NULL};
  plain_case_texts(c, json, reports);
  sk_buffer_reset(&pods);
}

struct outcome {
  struct sk_buffer rows;
  struct sk_summary_counts counts;
  struct sk_budget budget;
};

static shukei_status run(const struct plain_case *c, shukei_label_mode labels, unsigned parts,
                         unsigned spills, uint64_t limit, struct outcome *out, shukei_error *err)
{
  const struct plain_options o = {.labels = labels,
                                  .parts = parts,
                                  .seed = 7 + parts,
                                  .spills = spills,
                                  .budget = &out->budget,
                                  .err = err};
  sk_budget_init(&out->budget, limit);
  sk_buffer_init(&out->rows, NULL, SIZE_MAX);
  memset(&out->counts, 0, sizeof out->counts);
  const shukei_status st = plain_run(c, &o, &out->rows, &out->counts);
  assert_int_equal(out->budget.used_bytes, 0);
  return st;
}

static void gives_the_rows_of_unlimited_memory(void **state)
{
  (void)state;
  static const struct {
    shukei_label_mode labels;
    unsigned parts, spills;
    uint64_t limit;
  } runs[] = {
      {SHUKEI_LABELS_KOKU, 1, 2, 8 * MIB},   {SHUKEI_LABELS_KOKU, 3, 8, 9 * MIB},
      {SHUKEI_LABELS_KOKU, 1, 0, 28 * MIB},  {SHUKEI_LABELS_HOURLY, 1, 2, 8 * MIB},
      {SHUKEI_LABELS_HOURLY, 2, 8, 8 * MIB},
  };
  struct plain_case c;
  make_case(&c, 20000);
  for (size_t i = 0; i < SK_COUNT(runs); i++) {
    struct outcome want, got;
    shukei_error err = {0};
    assert_int_equal(run(&c, runs[i].labels, 1, 0, UINT64_MAX, &want, &err), SHUKEI_OK);
    if (run(&c, runs[i].labels, runs[i].parts, runs[i].spills, runs[i].limit, &got, &err))
      fail_msg("run %zu: %s", i, err.text);
    assert_true(want.budget.peak_bytes > 2 * runs[i].limit);
    assert_int_equal(want.rows.length, got.rows.length);
    assert_memory_equal(want.rows.bytes, got.rows.bytes, want.rows.length);
    assert_memory_equal(&want.counts, &got.counts, sizeof want.counts);
    sk_buffer_reset(&want.rows);
    sk_buffer_reset(&got.rows);
  }
  plain_case_free(&c);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  struct plain_case c;
  make_case(&c, 900);
  for (int mode = 0; mode < 4; mode++) {
    bool failed = true;
    for (int64_t n = 0; failed; n += 1 + n / 100) {
      struct outcome out;
      shukei_error err = {0};
      sk_test_fail_alloc(n);
      const shukei_status st = run(&c, mode % 2 ? SHUKEI_LABELS_HOURLY : SHUKEI_LABELS_KOKU, 1,
                                   mode > 1 ? 30 : 0, 8 * MIB, &out, &err);
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      if (st != SHUKEI_OK && (st != SHUKEI_ENOMEM || !failed))
        fail_msg("allocation %d: %s: %s", (int)n, shukei_status_name(st), err.text);
      sk_buffer_reset(&out.rows);
    }
  }
  plain_case_free(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_rows_of_unlimited_memory),
      cmocka_unit_test(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
