/* SPDX-License-Identifier: Apache-2.0 */
/* Node capacities: the window of a moment holds what a plain array would, in any order of nodes. */
#include "testing.h"

#include "summary/partial.h"

#define NODES 400

static void window_equals_a_plain_array(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    struct sk_moment moment = {.day = 0};
    struct sk_capacity plain[NODES] = {{0}};
    uint64_t random = seed;
    const uint32_t low = (uint32_t)random_below(&random, NODES);
    const uint32_t span = 1 + (uint32_t)random_below(&random, NODES - low);
    for (uint32_t i = 0; i < 300; i++) {
      /* rising, falling or any order */
      const uint32_t step = seed % 3 == 0   ? i % span
                            : seed % 3 == 1 ? span - 1 - i % span
                                            : (uint32_t)random_below(&random, span);
      const double cpu = (double)random_below(&random, 100), memory = (double)i;
      struct sk_capacity *want = &plain[low + step];
      assert_true(sk_capacity_add(&moment, NULL, low + step, cpu, memory));
      want->cpu = cpu > want->cpu ? cpu : want->cpu;
      want->memory = memory > want->memory ? memory : want->memory;
    }
    for (uint32_t n = 0; n < NODES; n++) {
      const uint32_t place = n - moment.first_node;
      const struct sk_capacity none = {0};
      const struct sk_capacity *got = place < moment.node_count ? &moment.nodes[place] : &none;
      assert_true(got->cpu == plain[n].cpu && got->memory == plain[n].memory);
    }
    sk_free(moment.nodes);
  }
}

static void far_nodes_cost_no_room_between(void **state)
{
  (void)state;
  struct sk_budget budget;
  struct sk_moment moment = {.day = 0};
  sk_budget_init(&budget, 4096);
  assert_true(sk_capacity_add(&moment, &budget, 1000000, 1.0, 2.0));
  assert_int_equal(moment.first_node, 1000000);
  assert_false(
      sk_capacity_add(&moment, &budget, 0, 1.0, 2.0)); /* a window of that size is too much */
  assert_true(sk_capacity_add(&moment, &budget, 999999, 3.0, 4.0));
  assert_true(moment.nodes[999999 - moment.first_node].cpu == 3.0);
  assert_true(moment.nodes[1000000 - moment.first_node].memory == 2.0);
  sk_free(moment.nodes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(window_equals_a_plain_array),
      cmocka_unit_test(far_nodes_cost_no_room_between),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
