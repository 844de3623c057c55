/* SPDX-License-Identifier: Apache-2.0 */
#include "base/isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

bool sk_isa_present(enum sk_isa isa)
{
  switch (isa) {
  case SK_ISA_SCALAR:
    return true;
#if defined(SK_ISA_X86)
  case SK_ISA_SSE2:
    return true; /* every processor of 64 bits has it */
  case SK_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  case SK_ISA_AVX512:
    return sk_isa_present(SK_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#elif defined(SK_ISA_ARM)
  case SK_ISA_NEON:
    return true;
#endif
  default:
    return false;
  }
}

enum sk_isa sk_isa_choose(const char *wanted)
{
  static const char *const names[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
  for (int i = 0; wanted && i < SK_ISA_COUNT; i++)
    if (strcmp(wanted, names[i]) == 0 && sk_isa_present((enum sk_isa)i))
      return (enum sk_isa)i;
  for (int i = SK_ISA_COUNT - 1; i > 0; i--)
    if (sk_isa_present((enum sk_isa)i))
      return (enum sk_isa)i;
  return SK_ISA_SCALAR;
}

enum sk_isa sk_isa(void)
{
  static _Atomic int chosen = -1; /* threads that come at once choose alike */
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa < 0) {
    isa = (int)sk_isa_choose(getenv("SHUKEI_ISA"));
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  }
  return (enum sk_isa)isa;
}
