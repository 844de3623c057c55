/* SPDX-License-Identifier: Apache-2.0 */
/* Which vector instructions the kernels may use: chosen at run time, once.
 *
 * The environment variable SHUKEI_ISA (scalar, sse2, avx2, avx512, neon) lowers the choice, so that
 * every kernel can be run and compared on one machine; a name that the processor lacks, or that is
 * unknown, is ignored. Kernels of any choice give the same results. */
#ifndef SK_BASE_ISA_H
#define SK_BASE_ISA_H

#include <stdbool.h>

#if defined(__GNUC__) && defined(__x86_64__)
#define SK_ISA_X86 1
#elif defined(__GNUC__) && defined(__aarch64__) && defined(__ARM_NEON)
#define SK_ISA_ARM 1
#endif

enum sk_isa { SK_ISA_SCALAR, SK_ISA_SSE2, SK_ISA_AVX2, SK_ISA_AVX512, SK_ISA_NEON, SK_ISA_COUNT };

enum sk_isa sk_isa(void);
/* Whether this processor has it, whatever the environment says. AVX2 means popcnt, BMI and BMI2,
 * too; AVX512 also AVX2, and of its own parts F, DQ and VL. */
bool sk_isa_present(enum sk_isa isa);
/* The choice for a value of the variable; NULL where it is not set. */
enum sk_isa sk_isa_choose(const char *wanted);

#endif
