/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of the summary: finding groups, adding up. */
#include "kernels.h"
#include "summary/grid.h"

/* Keys of the groups of an hour, in the order of the pods or in none. */
static bool make_keys(struct work *w, bool shuffled)
{
  for (uint32_t pod = 0; pod < KERNEL_PODS; pod++) {
    const uint64_t key[2] = {(uint64_t)(pod % 100) << 32 | pod / 104, (uint64_t)pod << 32};
    sk_buffer_add(&w->input, key, sizeof key);
  }
  w->items = KERNEL_PODS;
  if (w->input.failed || !sk_groups_init(&w->groups, 2, NULL))
    return false;
  uint64_t(*keys)[2] = (void *)w->input.bytes;
  uint32_t last = 0;
  for (uint32_t i = KERNEL_PODS; i-- > 0;)
    if (sk_groups_next(&w->groups, &last, keys[i], 2) == UINT32_MAX)
      return false;
  for (uint32_t i = KERNEL_PODS; shuffled && i-- > 1;) {
    const uint32_t other = sk_bench_below(w, i);
    for (int word = 0; word < 2; word++) {
      const uint64_t kept = keys[i][word];
      keys[i][word] = keys[other][word];
      keys[other][word] = kept;
    }
  }
  return true;
}

static bool make_ordered_keys(struct work *w)
{
  return make_keys(w, false);
}

static bool make_shuffled_keys(struct work *w)
{
  return make_keys(w, true);
}

static bool run_groups_predicted(struct work *w)
{
  const uint64_t(*keys)[2] = (const void *)w->input.bytes;
  uint32_t last = 0;
  for (uint32_t i = 0; i < KERNEL_PODS; i++)
    w->sum += sk_groups_next(&w->groups, &last, keys[i], 2);
  return w->groups.count == KERNEL_PODS + 1;
}

static bool run_groups_hashed(struct work *w)
{
  const uint64_t(*keys)[2] = (const void *)w->input.bytes;
  for (uint32_t i = 0; i < KERNEL_PODS; i++)
    w->sum += sk_groups_add(&w->groups, keys[i]);
  return w->groups.count == KERNEL_PODS + 1;
}

static bool make_sums(struct work *w)
{
  return sk_bench_doubles(w) && sk_buffer_reserve(&w->other, (size_t)KERNEL_PODS * sizeof(sk_wide));
}

static bool run_grid(struct work *w)
{
  const double *values = (const double *)(const void *)w->input.bytes;
  sk_wide *sums = (sk_wide *)(void *)w->other.bytes;
  struct sk_range range = {0};
  memset(sums, 0, KERNEL_PODS * sizeof *sums);
  for (uint64_t i = 0; i < w->items; i++)
    if (!sk_grid_add(&sums[i % KERNEL_PODS], values[i] * SK_GRID_BYTES, &range))
      return false;
  w->sum += (uint64_t)sums[0];
  return true;
}

const struct kernel sk_group_kernels[] = {
    {"groups: in order", "rows", make_ordered_keys, run_groups_predicted},
    {"groups: out of order", "rows", make_shuffled_keys, run_groups_hashed},
    {"sums: grid", "values", make_sums, run_grid},
    {NULL, NULL, NULL, NULL},
};
