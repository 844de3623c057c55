/* SPDX-License-Identifier: Apache-2.0 */
/* The presets' models: rows and groups of spec/3-scales.md, and what their data must hold. */
#include "testing.h"

#include "base/intern.h"
#include "generate/preset.h"
#include "generate/slices.h"

static const struct {
  const char *name;
  uint64_t pods, nodes, namespaces, rows;
} table[] = {
    {"small", 30, 2, 2, 22320},
    {"medium", 1000, 5, 5, 100000},
    {"large", 2500, 10, 10, 250000},
    {"xlarge", 5000, 20, 10, 500000},
    {"production-medium", 10000, 50, 30, 1000000},
    {"production-large", 20000, 100, 40, 2000000},
    {"20k", 830, 10, 0, 19920},
    {"50k", 2080, 20, 0, 49920},
    {"100k", 4160, 40, 0, 99840},
    {"250k", 10400, 100, 0, 249600},
    {"500k", 20800, 200, 0, 499200},
    {"1m", 41600, 400, 0, 998400},
    {"1.5m", 62400, 600, 0, 1497600},
    {"2m", 83200, 800, 0, 1996800},
};

static struct sk_model model_of(const char *preset, struct sk_shape *shape)
{
  struct sk_model model;
  assert_true(sk_preset_shape(preset, shape));
  assert_int_equal(sk_preset_model(shape, NULL, &model, NULL), SHUKEI_OK);
  return model;
}

static void presets_have_their_rows(void **state)
{
  (void)state;
  assert_int_equal(SK_COUNT(table), SK_SCALE_COUNT);
  assert_null(sk_scale_find("3m"));
  for (size_t i = 0; i < SK_COUNT(table); i++) {
    struct sk_shape shape;
    struct sk_model model = model_of(table[i].name, &shape);
    assert_int_equal(model.pod_slots, table[i].pods);
    assert_int_equal(model.node_count, table[i].nodes);
    assert_int_equal(model.pod_slots * model.hour_count, table[i].rows);
    assert_int_equal(sk_scale_rows(&sk_scales[i]), table[i].rows);
    assert_ptr_equal(sk_scale_find(table[i].name), &sk_scales[i]);
    if (table[i].namespaces)
      assert_int_equal(model.space_count, table[i].namespaces);
    assert_true(model.steady);
    for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
      struct sk_pod_row row;
      const uint32_t hour = (uint32_t)(slot % model.hour_count);
      assert_true(model.pod_present(&model, hour, slot));
      assert_true(model.pod(&model, hour, slot, &row));
      assert_true(row.node < model.node_count && row.space < model.space_count);
    }
    sk_model_reset(&model);
  }
}

/* Pods' names are unique, every node and namespace has pods, and in the second family every pod has
 * labels of its own, among them `pod`. */
static void every_pod_is_a_group(void **state)
{
  (void)state;
  static const char *const names[] = {"small", "20k", "1m"};
  for (size_t i = 0; i < SK_COUNT(names); i++) {
    struct sk_shape shape;
    struct sk_model model = model_of(names[i], &shape);
    struct sk_intern pods, labels;
    uint64_t used_nodes[64] = {0}, used_spaces[64] = {0};
    assert_true(sk_intern_init(&pods, NULL) && sk_intern_init(&labels, NULL));
    for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
      struct sk_pod_row row;
      assert_true(model.pod(&model, 5, slot, &row));
      sk_intern_add(&pods, row.name.text, row.name.length);
      sk_intern_add(&labels, row.labels.text, row.labels.length);
      sk_bits_set(used_nodes, row.node);
      sk_bits_set(used_spaces, row.space);
    }
    assert_int_equal(pods.count, model.pod_slots + 1);
    if (shape.family == SK_FAMILY_WIDE)
      assert_int_equal(labels.count, model.pod_slots + 1);
    for (uint32_t node = 0; node < model.node_count; node++)
      assert_true(used_nodes[node / 64] >> node % 64 & 1);
    for (uint32_t space = 0; space < model.space_count; space++)
      assert_true(used_spaces[space / 64] >> space % 64 & 1);
    sk_intern_reset(&pods);
    sk_intern_reset(&labels);
    sk_model_reset(&model);
  }
}

static bool contains(struct sk_span span, const char *text)
{
  const size_t length = strlen(text);
  for (size_t i = 0; i + length <= span.length; i++)
    if (memcmp(span.text + i, text, length) == 0)
      return true;
  return false;
}

static bool starts(struct sk_span span, const char *text)
{
  return span.length >= strlen(text) && memcmp(span.text, text, strlen(text)) == 0;
}

static void holds_what_real_clusters_hold(void **state)
{
  (void)state;
  struct sk_shape shape;
  struct sk_model model = model_of("250k", &shape);
  unsigned no_limit = 0, above = 0, idle = 0, foreign = 0, roles[3] = {0}, kinds[2] = {0};
  for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
    struct sk_pod_row row;
    assert_true(model.pod(&model, 14, slot, &row));
    no_limit += !(row.has & SK_HAS_LIMIT_CPU);
    above += row.has & SK_HAS_REQUEST_CPU && row.usage_cpu > row.request_cpu;
    idle += row.usage_cpu < 0.05 * row.request_cpu;
    for (size_t i = 0; i < row.labels.length; i++)
      if ((uint8_t)row.labels.text[i] >= 0x80) {
        foreign++;
        break;
      }
    static const char *const keys[] = {
        "label_app:", "|label_tier:", "|label_env:", "|label_node:", "|label_pod:"};
    for (size_t i = 0; i < SK_COUNT(keys); i++)
      assert_true(contains(row.labels, keys[i]));
  }
  assert_in_range(no_limit, 1000, 5000);
  assert_in_range(above, 500, 9000);
  assert_in_range(idle, 500, 3000);
  assert_in_range(foreign, 1000, 9000);
  for (uint32_t i = 0; i < model.node_count; i++)
    roles[starts(model.nodes[i].role, "master")  ? 0
          : starts(model.nodes[i].role, "infra") ? 1
                                                 : 2]++;
  assert_int_equal(roles[0], 3);
  assert_true(roles[1] > 0 && roles[2] > 50);
  for (uint32_t i = 0; i < model.space_count; i++) {
    kinds[0] += starts(model.spaces[i].name, "openshift-");
    kinds[1] += starts(model.spaces[i].name, "kube-");
  }
  assert_true(kinds[0] > 0 && kinds[1] > 0);
  sk_model_reset(&model);
}

/* Shared volumes are mounted by pods of one namespace on different nodes; some have no pod, some no
 * claim; every mounting pod exists. */
static void volumes_of_every_kind(void **state)
{
  (void)state;
  struct sk_shape shape;
  struct sk_model model = model_of("20k", &shape);
  struct sk_intern pods;
  unsigned shared = 0, without_pod = 0, without_claim = 0, single = 0;
  struct sk_claim_row before, row;
  memset(&before, 0, sizeof before);
  assert_true(sk_intern_init(&pods, NULL));
  for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
    struct sk_pod_row pod;
    char text[256];
    assert_true(model.pod(&model, 0, slot, &pod));
    sk_intern_add(&pods, text,
                  (size_t)snprintf(text, sizeof text, "%u/%u/%.*s", (unsigned)pod.space,
                                   (unsigned)pod.node, (int)pod.name.length, pod.name.text));
  }
  for (uint64_t slot = 0; slot < model.claim_slots; slot++) {
    char text[256];
    if (!model.claim(&model, 7, slot, &row))
      continue;
    if (slot % 3 > 0) {
      shared++;
      assert_true(row.space == before.space && row.node != before.node);
      assert_int_equal(row.claim.length, before.claim.length);
    } else if (row.claim.length == 0) {
      without_claim++;
      assert_int_equal(row.space, SK_NONE);
      assert_int_equal(row.has, 0);
    } else if (row.pod.length == 0) {
      without_pod++;
    } else {
      single++;
    }
    if (row.pod.length)
      assert_int_not_equal(
          sk_intern_find(&pods, text,
                         (size_t)snprintf(text, sizeof text, "%u/%u/%.*s", (unsigned)row.space,
                                          (unsigned)row.node, (int)row.pod.length, row.pod.text)),
          SK_NO_ID);
    assert_true(row.usage_byte_seconds <= row.capacity_bytes * 3600);
    before.space = row.space;
    before.node = row.node;
    before.claim.length = row.claim.length;
  }
  assert_true(shared > 0 && without_pod > 0 && without_claim > 0 && single > 0);
  sk_intern_reset(&pods);
  sk_model_reset(&model);
}

static void constant_values_do_not_vary(void **state)
{
  (void)state;
  for (int constant = 0; constant < 2; constant++) {
    struct sk_shape shape;
    unsigned differing = 0;
    assert_true(sk_preset_shape("20k", &shape));
    shape.constant = constant;
    struct sk_model model;
    assert_int_equal(sk_preset_model(&shape, NULL, &model, NULL), SHUKEI_OK);
    for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
      struct sk_pod_row a, b;
      assert_true(model.pod(&model, 3, slot, &a) && model.pod(&model, 20, slot, &b));
      differing += a.usage_cpu != b.usage_cpu || a.usage_memory != b.usage_memory;
    }
    assert_int_equal(differing, constant ? 0 : 830);
    sk_model_reset(&model);
  }
}

static void another_seed_is_another_cluster(void **state)
{
  (void)state;
  struct sk_shape shape;
  struct sk_model a = model_of("20k", &shape), b;
  unsigned same = 0;
  shape.seed = 2;
  assert_int_equal(sk_preset_model(&shape, NULL, &b, NULL), SHUKEI_OK);
  for (uint64_t slot = 0; slot < a.pod_slots; slot++) {
    struct sk_pod_row x, y;
    assert_true(a.pod(&a, 0, slot, &x) && b.pod(&b, 0, slot, &y));
    same += x.usage_cpu == y.usage_cpu;
  }
  assert_int_equal(same, 0);
  sk_model_reset(&a);
  sk_model_reset(&b);
}

/* Churn: added pods live within a day, some rows lack a node, nodes come and go, labels change;
 * what pod_present() says is what pod() does. */
static void churn_changes_things(void **state)
{
  (void)state;
  struct sk_shape shape;
  assert_true(sk_preset_shape("20k", &shape));
  shape.churn_ppm = 100000;
  shape.hours = 48;
  struct sk_model model;
  assert_int_equal(sk_preset_model(&shape, NULL, &model, NULL), SHUKEI_OK);
  assert_false(model.steady);
  assert_int_equal(model.pod_slots, 830 + 83);
  assert_int_equal(model.node_count, 11);
  unsigned gaps = 0, added = 0, pending = 0, partial = 0, changes = 0;
  for (uint64_t slot = 0; slot < model.pod_slots; slot++) {
    size_t length = 0;
    for (uint32_t hour = 0; hour < 48; hour++) {
      struct sk_pod_row row;
      const bool there = model.pod(&model, hour, slot, &row);
      assert_true(there == model.pod_present(&model, hour, slot));
      gaps += !there && slot < 830;
      added += there && slot >= 830;
      if (!there)
        continue;
      pending += row.node == SK_NONE;
      partial += row.has & SK_HAS_REQUEST_CPU && (uint64_t)row.request_cpu % 36 != 0;
      if (row.node != SK_NONE)
        assert_true(sk_alive(model.nodes[row.node].life, hour));
      changes += slot < 830 && length && row.labels.length != length;
      length = row.labels.length;
    }
  }
  assert_true(gaps > 0 && added > 83 && pending > 0 && partial > 0 && changes > 0);
  assert_true(model.nodes[10].life.end - model.nodes[10].life.first < 48);
  assert_int_equal(model.nodes[0].change_hour % 24, 12);
  sk_model_reset(&model);
}

static const struct {
  const char *why, *name, *nearest;
} misspelt[] = {{"a letter too many", "smalll", "small"},
                {"k for m", "1k", "1m"},
                {"hyphen left out", "productionlarge", "production-large"},
                {"nothing like it", "elephantine-cluster", NULL}};

static void names_the_nearest_preset(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(misspelt); i++) {
    struct sk_shape shape;
    assert_false(sk_preset_shape(misspelt[i].name, &shape));
    const char *const nearest = sk_preset_nearest(misspelt[i].name);
    if (!nearest != !misspelt[i].nearest || (nearest && strcmp(nearest, misspelt[i].nearest) != 0))
      fail_msg("%s: %s", misspelt[i].why, nearest ? nearest : "none");
  }
}

static void model_survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_shape shape;
  struct sk_model model;
  shukei_status st = SHUKEI_ENOMEM;
  assert_true(sk_preset_shape("small", &shape));
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = sk_preset_model(&shape, NULL, &model, NULL);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  sk_model_reset(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(presets_have_their_rows),
      cmocka_unit_test(every_pod_is_a_group),
      cmocka_unit_test(holds_what_real_clusters_hold),
      cmocka_unit_test(volumes_of_every_kind),
      cmocka_unit_test(constant_values_do_not_vary),
      cmocka_unit_test(another_seed_is_another_cluster),
      cmocka_unit_test(churn_changes_things),
      cmocka_unit_test(names_the_nearest_preset),
      cmocka_unit_test(model_survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
