/* SPDX-License-Identifier: Apache-2.0 */
#include "row_filter.h"

#include "base/error.h"
#include "sink/sink.h"

#include <string.h>

static bool is_one_of(const char *const *names, size_t count, const struct sk_row *row,
                      enum sk_row_column column)
{
  const struct sk_text *const text = &row->cells[column].text;
  if (!sk_row_has(row, column))
    return count == 0;
  for (size_t i = 0; i < count; i++)
    if (strlen(names[i]) == text->length && memcmp(names[i], text->bytes, text->length) == 0)
      return true;
  return count == 0;
}

bool sk_row_filter_accepts(const shukei_aggregate_options *options, const struct sk_row *row)
{
  return is_one_of(options->only_namespaces, options->only_namespace_count, row, SK_R_namespace) &&
         is_one_of(options->only_nodes, options->only_node_count, row, SK_R_node);
}

shukei_status sk_row_filter_check(const shukei_aggregate_options *options, shukei_error *err)
{
  for (size_t i = 0; sk_row_filter_given(options) && i < options->sink_count; i++) {
    if (!sk_sink_has_ledger(options->sinks[i]))
      continue;
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL,
                "sink \"%s\" replaces whole days, and would lose the rows of the namespaces and "
                "nodes that are not asked for",
                options->sinks[i]);
    sk_advise(err, "--namespace and --node are for -, NAME.csv and NAME.parquet");
    return st;
  }
  return SHUKEI_OK;
}
