/* SPDX-License-Identifier: Apache-2.0 */
/* Enabled keys, SQL LIKE, cost categories, configured roles. */
#include "testing.h"

#include "summary/rules.h"

static void matches_like(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *text;
    bool matches;
  } rows[] = {
      {"", "", true},
      {"", "a", false},
      {"%", "", true},
      {"%", "anything", true},
      {"%%", "", true},
      {"_", "", false},
      {"_", "a", true},
      {"_", "ab", false},
      {"_", "Ü", true},
      {"_", "😀", true},
      {"__", "Ü", false},
      {"_nter", "Ünter", true},
      {"a_b", "axb", true},
      {"a_b", "a_b", true},
      {"a_b", "a%b", true},
      {"a_b", "ab", false},
      {"kube-%", "kube-", true},
      {"kube-%", "kube-system", true},
      {"kube-%", "my-kube-system", false},
      {"%test", "shop-test", true},
      {"%test", "shop-test-2", false},
      {"%test", "testtest", true},
      {"%a%b%c", "xxaxxbxxbxxc", true},
      {"%a%b%c", "xxaxxcxxbxx", false},
      {"%aab", "aaaab", true},
      {"%ünter%", "münter", true},
      {"%_", "Ü", true},
      {"%_", "", false},
      {"100%real", "100%real", true},
      {"100%real", "1000real", true},
      {"a.b", "axb", false},
      {"a\\_b", "axb", false},
      {"a\\_b", "a\\xb", true},
      {"Shop", "shop", false},
      {"a%", "a\nb", true},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++)
    if (sk_like(rows[i].pattern, rows[i].text, strlen(rows[i].text)) != rows[i].matches)
      fail_msg("\"%s\" LIKE \"%s\" is not %d", rows[i].text, rows[i].pattern, rows[i].matches);
}

static void takes_the_highest_category(void **state)
{
  (void)state;
  static const shukei_cost_category categories[] = {
      {3, "shop%"}, {7, "%test"}, {5, "shop-test"}, {-2, "old"}};
  const struct sk_rules rules = {.cost_categories = categories,
                                 .cost_category_count = SK_COUNT(categories)};
  int64_t id = 99;
  assert_true(sk_category_of(&rules, "shop-test", 9, &id));
  assert_int_equal(id, 7);
  assert_true(sk_category_of(&rules, "shop", 4, &id));
  assert_int_equal(id, 3);
  assert_true(sk_category_of(&rules, "old", 3, &id));
  assert_int_equal(id, -2);
  assert_false(sk_category_of(&rules, "other", 5, &id));
}

static void knows_enabled_keys(void **state)
{
  (void)state;
  static const char *const enabled[] = {"app", "naïve", "app"};
  static const char *const with_empty[] = {""};
  struct sk_rules rules = {.enabled_keys = enabled, .enabled_key_count = SK_COUNT(enabled)};
  struct sk_keys keys;
  assert_true(sk_keys_init(&keys, &rules, NULL));
  assert_true(sk_keys_has(&keys, "app", 3));
  assert_true(sk_keys_has(&keys, "naïve", strlen("naïve")));
  assert_true(sk_keys_has(&keys, "vm_kubevirt_io_name", 19));
  assert_false(sk_keys_has(&keys, "apps", 4));
  assert_false(sk_keys_has(&keys, "ap", 2));
  assert_false(sk_keys_has(&keys, "", 0));
  sk_keys_reset(&keys);
  rules.enabled_keys = with_empty;
  rules.enabled_key_count = 1;
  assert_true(sk_keys_init(&keys, &rules, NULL));
  assert_true(sk_keys_has(&keys, "", 0));
  sk_keys_reset(&keys);
}

static struct sk_intern_entry entry(const char *text)
{
  return (struct sk_intern_entry){.bytes = text, .length = strlen(text) & INT32_MAX};
}

static void finds_configured_roles(void **state)
{
  (void)state;
  static const shukei_node_role nodes[] = {
      {"n1", "i-1", "infra"},  {"n1", "i-1", "worker"}, {"n1", "i-1", "master"},
      {"n1", "i-2", "master"}, {"n", "1i-1", "other"},  {"n3", "", "master"},
      {NULL, "i-3", "master"},
  };
  static const struct {
    const char *node, *id, *role;
  } rows[] = {
      {"n1", "i-1", "worker"}, {"n1", "i-2", "master"}, {"n1", "i-3", ""},
      {"n2", "i-1", ""},       {"n", "1i-1", "other"},  {"n3", "", ""},
  };
  const struct sk_rules rules = {.nodes = nodes, .node_count = SK_COUNT(nodes)};
  struct sk_roles roles;
  struct sk_buffer key;
  sk_buffer_init(&key, NULL, SIZE_MAX);
  assert_true(sk_roles_init(&roles, &rules, NULL));
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_intern_entry id = entry(rows[i].id);
    const struct sk_text node = {rows[i].node, (uint32_t)strlen(rows[i].node)};
    uint32_t role = SK_NO_ID;
    assert_true(sk_roles_find(&roles, &key, node, &id, &role));
    assert_string_equal(role ? roles.roles[role] : "", rows[i].role);
    assert_int_equal(sk_roles_later(&roles, role, 0), role);
    for (uint32_t other = 1; role && other < roles.nodes.count; other++)
      assert_string_equal(roles.roles[sk_roles_later(&roles, role, other)],
                          strcmp(roles.roles[role], roles.roles[other]) > 0 ? roles.roles[role]
                                                                            : roles.roles[other]);
  }
  sk_roles_reset(&roles);
  sk_buffer_reset(&key);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  static const shukei_node_role nodes[] = {{"n1", "i-1", "infra"}, {"n2", "i-2", "worker"}};
  static const char *const enabled[] = {"app", "tier"};
  const struct sk_rules rules = {
      .nodes = nodes, .node_count = 2, .enabled_keys = enabled, .enabled_key_count = 2};
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct sk_budget budget;
    struct sk_roles roles = {.roles = NULL};
    struct sk_keys keys;
    sk_budget_init(&budget, UINT64_MAX);
    sk_test_fail_alloc(n);
    const bool ok = sk_keys_init(&keys, &rules, &budget) && sk_roles_init(&roles, &rules, &budget);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(ok || failed);
    sk_keys_reset(&keys); /* what failed has been reset already; a second time is fine */
    sk_roles_reset(&roles);
    assert_int_equal(budget.used_bytes, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matches_like),
      cmocka_unit_test(takes_the_highest_category),
      cmocka_unit_test(knows_enabled_keys),
      cmocka_unit_test(finds_configured_roles),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
