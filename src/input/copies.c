/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a report beside it (a.csv, "a (1).csv") is a report of its own by all that the rules
 * say, and hardly ever meant. That two files are one is not certain before all of them is compared,
 * so nothing is left out. */
#include "input/copies.h"

#include <stdio.h>
#include <stdlib.h>

static int by_mark(const void *a, const void *b)
{
  const struct sk_planned_file *x = *(const struct sk_planned_file *const *)a;
  const struct sk_planned_file *y = *(const struct sk_planned_file *const *)b;
  if (x->report != y->report)
    return x->report < y->report ? -1 : 1;
  if (x->size_bytes != y->size_bytes)
    return x->size_bytes < y->size_bytes ? -1 : 1;
  if (x->mark != y->mark)
    return x->mark < y->mark ? -1 : 1;
  return (x > y) - (x < y);
}

static bool alike(const struct sk_planned_file *a, const struct sk_planned_file *b)
{
  return a->report == b->report && a->size_bytes == b->size_bytes && a->mark == b->mark;
}

shukei_status sk_warn_of_copies(const struct sk_plan_options *options, struct sk_budget *budget,
                                const struct sk_plan *plan, shukei_error *err)
{
  const struct sk_planned_file **const marked =
      sk_alloc(budget, (plan->count + 1) * sizeof *marked);
  const struct sk_planned_file *first = NULL, *copy = NULL;
  size_t count = 0, copies = 0;
  char text[600];
  if (!marked)
    return sk_fail_memory(err, budget, plan->count * sizeof *marked, "the plan");
  for (size_t i = 0; i < plan->count; i++)
    if (plan->files[i].mark)
      marked[count++] = &plan->files[i];
  qsort(marked, count, sizeof *marked, by_mark);
  for (size_t i = 1; i < count; i++) {
    if (!alike(marked[i - 1], marked[i]))
      continue;
    if (copies++ == 0 || marked[i] < copy) {
      first = marked[i - 1];
      copy = marked[i];
    }
  }
  sk_free(marked);
  if (copies && options->warn) {
    snprintf(text, sizeof text,
             "%zu file%s a copy of another, as it seems, and all of them count: \"%.200s\" of "
             "\"%.200s\"",
             copies, copies == 1 ? " is" : "s are", copy->path, first->path);
    options->warn(options->context, text);
  }
  return SHUKEI_OK;
}
