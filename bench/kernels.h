/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernels of make bench-kernels share. Each kernels_*.c ends with a list of its own;
 * kernels.c measures them. */
#ifndef SK_BENCH_KERNELS_H
#define SK_BENCH_KERNELS_H

#include "base/arena.h"
#include "base/intern.h"
#include "input/csv_split.h"
#include "parquet/codec.h"
#include "summary/groups.h"

#define KERNEL_PODS 41600
#define KERNEL_NUMBERS 100000

/* A kernel's input and state; only what it made is set. */
struct work {
  uint64_t seed;
  struct sk_buffer input; /* what is read, and what memcpy() copies */
  uint64_t items;
  struct sk_buffer other; /* what is written, or an order */
  size_t text_length;     /* of what a page becomes */
  enum sk_codec codec;
  unsigned width;
  struct sk_codec_state *codecs;
  struct sk_arena arena;
  struct sk_intern table;
  struct sk_groups groups;
  struct sk_csv_split split;
  uint64_t sum; /* of the results, so that no compiler leaves them out */
};

struct kernel {
  const char *name, *items;
  bool (*make)(struct work *w);
  bool (*run)(struct work *w); /* once over the whole input */
};

extern const struct kernel sk_text_kernels[], sk_page_kernels[],
    sk_group_kernels[]; /* end: no name */

uint32_t sk_bench_below(struct work *w, uint32_t bound);
/* In [0, 1), with all the bits that a double has. */
double sk_bench_noise(struct work *w);
/* The labels of a pod, behind the input. */
void sk_bench_add_labels(struct work *w, uint32_t pod, bool json);
/* One label text a pod as BYTE_ARRAY PLAIN: four bytes of length, then the text. */
bool sk_bench_json_texts(struct work *w);
/* Doubles as the reports have them. */
bool sk_bench_doubles(struct work *w);

#endif
