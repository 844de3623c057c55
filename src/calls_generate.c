/* SPDX-License-Identifier: Apache-2.0 */
/* The public call of the generate room. */
#include "base/platform.h"
#include "generate/generate.h"
#include "store/store.h"

#include <string.h>

void shukei_generate_options_init(shukei_generate_options *options)
{
  *options = (shukei_generate_options){.seed = 1,
                                       .scale_factor = 1,
                                       .nodes = SHUKEI_PRESET,
                                       .namespaces = SHUKEI_PRESET,
                                       .pods = SHUKEI_PRESET,
                                       .hours = SHUKEI_PRESET,
                                       .volumes_per_node = SHUKEI_PRESET,
                                       .label_keys = SHUKEI_PRESET,
                                       .label_values = SHUKEI_PRESET};
}

shukei_status shukei_generate(const shukei_generate_options *options, shukei_generate_stats *stats,
                              shukei_error *err)
{
  shukei_generate_stats own_stats;
  struct sk_budget budget;
  if (!stats)
    stats = &own_stats;
  memset(stats, 0, sizeof *stats);
  const uint64_t start_ns = sk_monotonic_ns();
  const unsigned threads = options->threads ? options->threads : sk_processor_count();
  sk_budget_init(&budget,
                 options->memory_bytes ? options->memory_bytes : sk_memory_available_bytes() / 2);
  sk_store_heed(&budget, options->callbacks.canceled, options->callbacks.context);
  const shukei_status st = sk_generate(options, threads, &budget, stats, err);
  sk_store_end(&budget);
  stats->threads = threads;
  stats->memory_bytes = budget.limit_bytes;
  stats->peak_budget_bytes = budget.peak_bytes;
  stats->peak_rss_bytes = sk_peak_rss_bytes();
  stats->total_seconds = (double)(sk_monotonic_ns() - start_ns) / 1e9;
  return st;
}
