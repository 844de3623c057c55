/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several manifests count (spec/6-payloads.md, Which manifests count). */
#ifndef SK_INPUT_CHOOSE_H
#define SK_INPUT_CHOOSE_H

#include "input/operator_manifest.h"

/* A manifest that has rows of a day, of one cluster and report. */
struct sk_contender {
  const struct sk_operator_manifest *manifest;
  size_t hours;
  bool counts;   /* the result */
  size_t winner; /* where it does not: the place of the one that supersedes it */
};
/* Decides for one cluster, report and day. The order of the contenders does not matter. */
void sk_choose(struct sk_contender *contenders, size_t count);

#endif
