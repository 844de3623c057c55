/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of the summary are wanted: --namespace and --node. The rows are made from all reports
 * first, since capacities, shared volumes and what is unallocated count what others used, too
 * (docs/summary.md). */
#ifndef SK_ROW_FILTER_H
#define SK_ROW_FILTER_H

#include "shukei.h"
#include "summary/row.h"

static inline bool sk_row_filter_given(const shukei_aggregate_options *options)
{
  return options->only_namespace_count > 0 || options->only_node_count > 0;
}
/* EINVAL where a sink replaces days: it would lose their other rows. */
shukei_status sk_row_filter_check(const shukei_aggregate_options *options, shukei_error *err);
/* True where namespace and node are each one of those given, or none is given. */
bool sk_row_filter_accepts(const shukei_aggregate_options *options, const struct sk_row *row);

#endif
