/* SPDX-License-Identifier: Apache-2.0 */
/* Reports and their columns. */
#include "testing.h"

#include "base/error.h"
#include "input/batch.h"

static const struct {
  const char *why, *columns[4];
  int want;
} sets[] = {
    {"pods", {"pod", "pod_usage_cpu_core_seconds"}, SK_REPORT_POD},
    {"case does not matter", {"POD", "Pod_Usage_CPU_core_seconds"}, SK_REPORT_POD},
    {"storage", {"persistentvolumeclaim_capacity_byte_seconds"}, SK_REPORT_STORAGE},
    {"node labels", {"node", "node_labels"}, SK_REPORT_NODE_LABELS},
    {"namespace labels", {"namespace_labels", "x"}, SK_REPORT_NAMESPACE_LABELS},
    {"virtual machines", {"vm_uptime_total_seconds", "node_labels"}, SK_REPORT_VM},
    {"GPUs", {"node", "gpu_uuid"}, SK_REPORT_GPU},
    {"prefix of a marker", {"gpu_uui"}, -1},
    {"none", {NULL}, -1},
};

static void recognises_reports(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(sets); i++) {
    size_t count = 0;
    while (count < 4 && sets[i].columns[count])
      count++;
    const int got = sk_report_of_columns(sets[i].columns, count);
    if (got != sets[i].want)
      fail_msg("%s: %d", sets[i].why, got);
  }
}

static void finds_fields(void **state)
{
  (void)state;
  for (int r = 0; r < SK_REPORT_COUNT; r++) {
    const struct sk_report_info *info = sk_report_info((enum sk_report)r);
    assert_int_equal(info->required & info->optional, 0);
    for (int f = 0; f < SK_FIELD_COUNT; f++) {
      const bool known = (info->required | info->optional) >> f & 1;
      const char *column = sk_field_info((enum sk_field)f)->column;
      assert_int_equal(sk_field_of_column((enum sk_report)r, column), known ? f : -1);
    }
    if (info->required)
      assert_true(info->required & SK_FIELD_BIT(SK_F_INTERVAL_START));
  }
  assert_int_equal(sk_field_of_column(SK_REPORT_POD, "Node"), SK_F_NODE);
  assert_int_equal(sk_field_of_column(SK_REPORT_POD, "nodes"), -1);
}

static void merges_counts_in_any_order(void **state)
{
  (void)state;
  struct sk_counts a, b, c, x, y;
  sk_counts_init(&a);
  sk_counts_init(&b);
  sk_counts_init(&c);
  assert_int_equal(a.first_bad.file, UINT32_MAX);
  a.rows_read = 3;
  a.first_bad = (struct sk_place){2, 7, SK_F_POD};
  b.rows_read = 4;
  b.first_bad = (struct sk_place){1, 9, SK_F_POD};
  c.cells_empty = 5;
  c.first_bad = (struct sk_place){1, 9, SK_F_INTERVAL_START};
  x = a;
  sk_counts_merge(&x, &b);
  sk_counts_merge(&x, &c);
  y = c;
  sk_counts_merge(&y, &b);
  sk_counts_merge(&y, &a);
  assert_memory_equal(&x.first_bad, &y.first_bad, sizeof x.first_bad);
  assert_int_equal(x.first_bad.field, SK_F_INTERVAL_START);
  assert_int_equal(x.rows_read, 7);
  assert_int_equal(y.cells_empty, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recognises_reports),
      cmocka_unit_test(finds_fields),
      cmocka_unit_test(merges_counts_in_any_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
