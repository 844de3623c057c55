/* SPDX-License-Identifier: Apache-2.0 */
/* The published figures of spec/3-scales.md. */
#include "report/prototype.h"

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

const char *sk_family_text(enum sk_family family)
{
  static const char *const texts[] = {"days or weeks", "one day", "of its own kind"};
  return texts[family];
}
