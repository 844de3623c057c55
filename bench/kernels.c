/* SPDX-License-Identifier: Apache-2.0 */
/* The innermost loops on their own, beside memcpy() of the bytes that they read.
 *
 *   kernels [NAME]    those whose name holds NAME
 *
 * Each kernel makes its input from a fixed seed, like what a usage report of 41,600 pods holds,
 * and is then run again and again: a sample takes at least SAMPLE_SECONDS, the median of SAMPLES is
 * printed. memcpy() is measured in the same way right behind it, so that both met the same machine:
 * "of memcpy" is a figure that two machines can be compared by. */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLES 9
#define SAMPLE_SECONDS 0.02

static const struct kernel *const lists[] = {sk_text_kernels, sk_page_kernels, sk_group_kernels};

static bool run_copy(struct work *w)
{
  memcpy(w->other.bytes, w->input.bytes, w->input.length);
  __asm__ volatile("" ::"r"(w->other.bytes) : "memory");
  return true;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median seconds of one run; negative where it failed. */
static double measure(bool (*run)(struct work *), struct work *w)
{
  double samples[SAMPLES];
  uint64_t repeats = 1;
  for (int i = 0; i < SAMPLES;) {
    const double start = now();
    for (uint64_t n = 0; n < repeats; n++)
      if (!run(w))
        return -1.0;
    const double took = now() - start;
    if (took < SAMPLE_SECONDS && i == 0)
      repeats *= 2; /* the first runs also warm the caches up */
    else
      samples[i++] = took / (double)repeats;
  }
  qsort(samples, SAMPLES, sizeof *samples, by_value);
  return samples[SAMPLES / 2];
}

static bool show(const struct kernel *kernel)
{
  struct work w = {.seed = 1};
  sk_buffer_init(&w.input, NULL, SIZE_MAX);
  sk_buffer_init(&w.other, NULL, SIZE_MAX);
  sk_arena_init(&w.arena, NULL);
  bool good = kernel->make(&w) && sk_buffer_reserve(&w.other, w.input.length);
  const double took = good ? measure(kernel->run, &w) : -1.0;
  const double copied = good ? measure(run_copy, &w) : -1.0;
  good = took > 0.0;
  if (good) {
    const double bytes = (double)(w.text_length ? w.text_length : w.input.length);
    const double copy = (double)w.input.length / copied;
    printf("%-32s%12.1f %-8s%10.0f%10.0f%9.1f %%%10.2f\n", kernel->name,
           (double)w.items / took * 1e-3, kernel->items, bytes / took * 1e-6, copy * 1e-6,
           bytes / took / copy * 100.0, took * 1e9 / (double)w.items);
    fflush(stdout);
  } else {
    fprintf(stderr, "%s: failed\n", kernel->name);
  }
  sk_intern_reset(&w.table);
  sk_groups_reset(&w.groups);
  sk_csv_split_reset(&w.split);
  sk_codec_free(w.codecs);
  sk_arena_reset(&w.arena);
  sk_buffer_reset(&w.other);
  sk_buffer_reset(&w.input);
  return good;
}

int main(int argc, char **argv)
{
  int failed = 0;
  printf("%-32s%12s %-8s%10s%10s%11s%10s\n", "", "thousand/s", "of", "MB/s", "memcpy", "of memcpy",
         "ns each");
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const struct kernel *kernel = lists[i]; kernel->name; kernel++)
      if (argc < 2 || strstr(kernel->name, argv[1]))
        failed += !show(kernel);
  return failed != 0;
}
