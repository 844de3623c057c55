/* SPDX-License-Identifier: Apache-2.0 */
/* What results come to: the repeats of a setting put together, settings put together over the
 * scales.
 *
 * A setting is a scale, phase, mode, threads, memory, sink and machine; the last run that has lines
 * of it counts, and of each of its repeats the last line, be it of one file or of several. A setup
 * is a setting without its scale: what a curve shows. */
#ifndef SK_REPORT_MEASURED_H
#define SK_REPORT_MEASURED_H

#include "bench/trend.h"
#include "report/document.h"
#include "report/prototype.h"

struct sk_size { /* a scale */
  const char *name;
  enum sk_family family;
  int64_t rows; /* -1: not known */
};

struct sk_setup;
struct sk_setting {
  struct sk_bench_key key; /* repeat 0 */
  const char *sink;        /* "" where there is none */
  size_t machine, size, setup;
  const struct sk_bench_line **lines; /* one a repeat */
  size_t line_count, done, reused;
  double *seconds, *peaks; /* of the repeats that were done and measured, in order */
  size_t count, peak_count;
  struct sk_spread time, memory, cpu; /* seconds, bytes, seconds */
  const struct sk_bench_line *line;   /* the last that was done, else the last */
};

struct sk_setup {
  struct sk_bench_key key; /* scale NULL */
  const char *sink, *name; /* name: what tells it apart from the others of its phase */
  size_t machine;
  struct sk_setting **settings; /* in the order of the sizes */
  size_t count, measured;       /* measured: those with a time */
};

struct sk_measured {
  const struct sk_bench_results *results;
  struct sk_size *sizes; /* by family, rows, name */
  size_t size_count;
  struct sk_setting *settings; /* by size, phase, mode, threads, memory, sink, machine */
  size_t setting_count;
  struct sk_setup *setups;
  size_t setup_count;
  const struct sk_bench_run **machines; /* the first run of each */
  size_t machine_count;
  const struct sk_setup
      *lead; /* the aggregation that summaries speak of; NULL: none was measured */
};

/* All of it lives in the document's arena; results must outlive it. Without memory doc->failed is
 * set. */
void sk_measured_make(struct sk_measured *measured, const struct sk_bench_results *results,
                      struct sk_doc *doc);

/* The setting of that size, or NULL. */
const struct sk_setting *sk_setup_at(const struct sk_setup *setup, size_t size);
/* The setup of that phase with the most measured sizes, or NULL. */
const struct sk_setup *sk_setup_of_phase(const struct sk_measured *measured,
                                         enum sk_bench_phase phase);
/* Threads that worked: 0 of the key is the machine's processors; 0 where those are not known. */
int64_t sk_setup_threads(const struct sk_measured *measured, const struct sk_setup *setup);
/* Peak memory, rows and so on, NAN where not known. */
double sk_setting_rows(const struct sk_measured *measured, const struct sk_setting *setting);
double sk_known(int64_t value); /* of a member that is -1 where it is not known */

#endif
