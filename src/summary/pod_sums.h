/* SPDX-License-Identifier: Apache-2.0 */
/* Adding the numbers of a pod row to its group, by the instructions that there are; inlined into
 * the loop of pods.c.
 *
 * Eight values are scaled, rounded to integers and added to sums of 128 bits. AVX-512 does it with
 * all eight at once: it alone turns doubles of that size into integers of 64 bits, and its
 * comparison of unsigned numbers gives the carries as a mask. */
#ifndef SK_SUMMARY_POD_SUMS_H
#define SK_SUMMARY_POD_SUMS_H

#include "base/isa.h"
#include "summary/partial.h"

#if defined(SK_ISA_X86)
#include <immintrin.h>
#endif

/* The measures of a batch's rows; effective: NULL where not told. */
struct sk_pod_values {
  const double *usage_cpu, *request_cpu, *limit_cpu, *usage_memory, *request_memory, *limit_memory,
      *effective_cpu, *effective_memory;
};

/* Scales the values of row i and adds them. False: some value is beyond the fast way, nothing was
 * added, and `scaled` has them all. */
typedef bool sk_pod_adder(sk_wide sums[SK_SUM_COUNT], const struct sk_pod_values *c, uint32_t i,
                          double scaled[SK_SUM_COUNT]);

static inline double sk_greater(double a, double b)
{
  return a > b ? a : b;
}

static inline bool sk_pod_add_scalar(sk_wide sums[SK_SUM_COUNT], const struct sk_pod_values *c,
                                     uint32_t i, double scaled[SK_SUM_COUNT])
{
  const double ucpu = c->usage_cpu[i], rcpu = c->request_cpu[i];
  const double umem = c->usage_memory[i], rmem = c->request_memory[i];
  double most = 0.0;
  scaled[SK_SUM_USAGE_CPU] = ucpu * SK_GRID_CPU;
  scaled[SK_SUM_REQUEST_CPU] = rcpu * SK_GRID_CPU;
  scaled[SK_SUM_EFFECTIVE_CPU] =
      (c->effective_cpu ? c->effective_cpu[i] : sk_greater(ucpu, rcpu)) * SK_GRID_CPU;
  scaled[SK_SUM_LIMIT_CPU] = c->limit_cpu[i] * SK_GRID_CPU;
  scaled[SK_SUM_USAGE_MEMORY] = umem * SK_GRID_BYTES;
  scaled[SK_SUM_REQUEST_MEMORY] = rmem * SK_GRID_BYTES;
  scaled[SK_SUM_EFFECTIVE_MEMORY] =
      (c->effective_memory ? c->effective_memory[i] : sk_greater(umem, rmem)) * SK_GRID_BYTES;
  scaled[SK_SUM_LIMIT_MEMORY] = c->limit_memory[i] * SK_GRID_BYTES;
  for (int k = 0; k < SK_SUM_COUNT; k++)
    most = sk_greater(fabs(scaled[k]), most);
  if (!(most < SK_GRID_FAST))
    return false;
  for (int k = 0; k < SK_SUM_COUNT; k++)
    sums[k] += llrint(scaled[k]);
  return true;
}

#if defined(SK_ISA_X86)
#define SK_AVX512 __attribute__((target("avx2,avx512f,avx512dq,avx512vl")))

/* Usage, request, effective and limit, in the order of the sums. */
SK_AVX512 static inline __m256d sk_pod_four(const double *usage, const double *request,
                                            const double *effective, const double *limit,
                                            uint32_t i)
{
  const __m128d u = _mm_load_sd(usage + i), r = _mm_load_sd(request + i);
  const __m128d e = effective ? _mm_load_sd(effective + i) : _mm_max_sd(u, r);
  return _mm256_set_m128d(_mm_loadh_pd(e, limit + i), _mm_unpacklo_pd(u, r));
}

/* Adds four integers, of which `added` has the lower half in even lanes, to four sums. */
SK_AVX512 static inline void sk_pod_add_four(sk_wide *sums, __m512i added)
{
  const __m512i before = _mm512_loadu_si512(sums);
  const __m512i after = _mm512_add_epi64(before, added);
  const unsigned carries = _mm512_mask_cmplt_epu64_mask(0x55, after, before);
  _mm512_storeu_si512(
      sums, _mm512_mask_sub_epi64(after, (__mmask8)(carries << 1), after, _mm512_set1_epi64(-1)));
}

SK_AVX512 static inline bool sk_pod_add_avx512(sk_wide sums[SK_SUM_COUNT],
                                               const struct sk_pod_values *c, uint32_t i,
                                               double scaled[SK_SUM_COUNT])
{
  const __m512d steps =
      _mm512_insertf64x4(_mm512_set1_pd(SK_GRID_CPU), _mm256_set1_pd(SK_GRID_BYTES), 1);
  const __m256d cpu = sk_pod_four(c->usage_cpu, c->request_cpu, c->effective_cpu, c->limit_cpu, i);
  const __m256d memory =
      sk_pod_four(c->usage_memory, c->request_memory, c->effective_memory, c->limit_memory, i);
  const __m512d v =
      _mm512_mul_pd(_mm512_insertf64x4(_mm512_castpd256_pd512(cpu), memory, 1), steps);
  /* as in the scalar way, a NaN is not above */
  if (_mm512_cmp_pd_mask(_mm512_abs_pd(v), _mm512_set1_pd(SK_GRID_FAST), _CMP_GE_OQ)) {
    _mm512_storeu_pd(scaled, v);
    return false;
  }
  const __m512i low = _mm512_cvtpd_epi64(v), high = _mm512_srai_epi64(low, 63);
  const __m512i first = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i second = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
  sk_pod_add_four(sums, _mm512_permutex2var_epi64(low, first, high));
  sk_pod_add_four(sums + 4, _mm512_permutex2var_epi64(low, second, high));
  return true;
}

#endif
#endif
