/* SPDX-License-Identifier: Apache-2.0 */
/* Node capacities: the greatest that any row of an interval tells of a node (NC of
 * spec/2-summary.md before its sum). Arrays by interval and by the partial's own count of nodes,
 * each a window of the nodes that the interval has: every node reports in every interval, and the
 * arrays of the intervals at hand fit the innermost cache, where a hash of (interval, node) would
 * cost as much as the row's group. */
#include "summary/partial.h"

uint32_t sk_node_index(struct sk_partial *p, uint32_t name)
{
  struct sk_pod_stage *stage = &p->pod;
  if (!sk_ids_reach(&stage->node_index, p->budget, name + 1))
    return SK_NO_ID;
  if (stage->node_index.at[name] != SK_NO_ID)
    return stage->node_index.at[name];
  void *array = stage->node_names;
  if (!sk_grow(p->budget, &array, &stage->node_capacity, stage->node_count + 1,
               sizeof *stage->node_names))
    return SK_NO_ID;
  stage->node_names = array;
  stage->node_names[stage->node_count] = name;
  return stage->node_index.at[name] = stage->node_count++;
}

bool sk_moments_reach(struct sk_partial *p, uint32_t count)
{
  struct sk_pod_stage *stage = &p->pod;
  const uint32_t before = stage->moment_count;
  void *array = stage->moments;
  if (!sk_grow(p->budget, &array, &stage->moment_count, count, sizeof *stage->moments))
    return false;
  stage->moments = array;
  for (uint32_t i = before; i < stage->moment_count; i++)
    stage->moments[i] = (struct sk_moment){.day = SK_NO_ID};
  return true;
}

struct sk_moment *sk_moment_of(struct sk_partial *p, uint32_t interval)
{
  if (!sk_moments_reach(p, interval + 1))
    return NULL;
  struct sk_moment *moment = &p->pod.moments[interval];
  if (moment->day == SK_NO_ID) {
    const int64_t us = sk_symbols_interval_us(&p->tables->symbols, interval);
    uint32_t day;
    if (!sk_pod_day_of(p, sk_day_of_us(us), &day))
      return NULL;
    moment->day = day;
    moment->when = p->hourly ? sk_label_when(p->labels, 0, us) : SK_NO_ID;
  }
  return moment;
}

/* Makes room for a node before the window; nodes may come in falling order, so by half as much as
 * there is at least. */
static bool widen_down(struct sk_moment *moment, struct sk_budget *budget, uint32_t node)
{
  uint32_t more = moment->first_node - node;
  if (more < moment->node_count / 2)
    more = moment->node_count / 2;
  if (more > moment->first_node)
    more = moment->first_node;
  const size_t count = (size_t)moment->node_count + more;
  struct sk_capacity *moved = sk_realloc(budget, moment->nodes, count * sizeof *moved);
  if (!moved)
    return false;
  memmove(moved + more, moved, moment->node_count * sizeof *moved);
  for (uint32_t i = 0; i < more; i++)
    moved[i] = (struct sk_capacity){.cpu = 0.0};
  moment->nodes = moved;
  moment->first_node -= more;
  moment->node_count = (uint32_t)count;
  return true;
}

static bool widen_up(struct sk_moment *moment, struct sk_budget *budget, uint32_t node)
{
  const uint32_t before = moment->node_count;
  void *array = moment->nodes;
  if (!sk_grow(budget, &array, &moment->node_count, node - moment->first_node + 1,
               sizeof *moment->nodes))
    return false;
  moment->nodes = array;
  for (uint32_t i = before; i < moment->node_count; i++)
    moment->nodes[i] = (struct sk_capacity){.cpu = 0.0};
  return true;
}

bool sk_capacity_add(struct sk_moment *moment, struct sk_budget *budget, uint32_t node, double cpu,
                     double memory)
{
  if (!moment->node_count)
    moment->first_node = node;
  if (node < moment->first_node && !widen_down(moment, budget, node))
    return false;
  if (node - moment->first_node >= moment->node_count && !widen_up(moment, budget, node))
    return false;
  struct sk_capacity *c = &moment->nodes[node - moment->first_node];
  if (cpu > c->cpu)
    c->cpu = cpu;
  if (memory > c->memory)
    c->memory = memory;
  return true;
}
