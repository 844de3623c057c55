/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of spec/3-scales.md. */
#include "report/prototype.h"

#include <string.h>

const struct sk_preset_size sk_preset_sizes[] = {
    {"small", SK_FAMILY_WEEKS, 22320},
    {"medium", SK_FAMILY_WEEKS, 100000},
    {"large", SK_FAMILY_WEEKS, 250000},
    {"xlarge", SK_FAMILY_WEEKS, 500000},
    {"production-medium", SK_FAMILY_WEEKS, 1000000},
    {"production-large", SK_FAMILY_WEEKS, 2000000},
    {"20k", SK_FAMILY_DAY, 19920},
    {"50k", SK_FAMILY_DAY, 49920},
    {"100k", SK_FAMILY_DAY, 99840},
    {"250k", SK_FAMILY_DAY, 249600},
    {"500k", SK_FAMILY_DAY, 499200},
    {"1m", SK_FAMILY_DAY, 998400},
    {"1.5m", SK_FAMILY_DAY, 1497600},
    {"2m", SK_FAMILY_DAY, 1996800},
};
const size_t sk_preset_size_count = SK_COUNT(sk_preset_sizes);

#define MB 1e6
#define STREAMING "streaming, 4 threads of a laptop"
#define IN_MEMORY "in-memory, a laptop with 12 cores"

const struct sk_prototype sk_prototypes[] = {
    {"small", SK_BENCH_MODE_STREAMING, 17.77, 388 * MB, STREAMING},
    {"medium", SK_BENCH_MODE_STREAMING, 98.97, 1229 * MB, STREAMING},
    {"large", SK_BENCH_MODE_STREAMING, 168.39, 1800 * MB, STREAMING},
    {"xlarge", SK_BENCH_MODE_STREAMING, 297.28, 2500 * MB, STREAMING},
    {"production-medium", SK_BENCH_MODE_STREAMING, 600, 4000 * MB,
     STREAMING "; the low ends of its own projection, 600 to 720 s and 4,000 to 5,000 MB"},
    {"small", SK_BENCH_MODE_IN_MEMORY, 2.5, 0, "in-memory, a laptop"},
    {"20k", SK_BENCH_MODE_IN_MEMORY, 4.35, 328 * MB, IN_MEMORY},
    {"50k", SK_BENCH_MODE_IN_MEMORY, 8.49, 510 * MB, IN_MEMORY},
    {"100k", SK_BENCH_MODE_IN_MEMORY, 15.60, 839 * MB, IN_MEMORY},
    {"250k", SK_BENCH_MODE_IN_MEMORY, 37.0, 1964 * MB, IN_MEMORY},
    {"500k", SK_BENCH_MODE_IN_MEMORY, 72.0, 3689 * MB, IN_MEMORY},
    {"1m", SK_BENCH_MODE_IN_MEMORY, 139.7, 7171 * MB, IN_MEMORY},
    {"1.5m", SK_BENCH_MODE_IN_MEMORY, 208.6, 8600 * MB, IN_MEMORY},
    {"2m", SK_BENCH_MODE_IN_MEMORY, 282.8, 10342 * MB, IN_MEMORY},
};
const size_t sk_prototype_count = SK_COUNT(sk_prototypes);

const struct sk_preset_size *sk_preset_size_find(const char *name)
{
  for (size_t i = 0; i < sk_preset_size_count; i++)
    if (strcmp(sk_preset_sizes[i].name, name) == 0)
      return &sk_preset_sizes[i];
  return NULL;
}

const char *sk_family_text(enum sk_family family)
{
  static const char *const texts[] = {"days or weeks", "one day", "of its own kind"};
  return texts[family];
}
