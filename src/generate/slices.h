/* SPDX-License-Identifier: Apache-2.0 */
/* How the work is cut: a file's rows into slices that any thread can make alone. A slice is some
 * slots of one hour, or all slots of some hours of one day; the cut depends on the model alone, so
 * that sums over slices, added in order, are the same for any form and number of threads. */
#ifndef SK_GENERATE_SLICES_H
#define SK_GENERATE_SLICES_H

#include "generate/model.h"
#include "input/report.h"

#define SK_SLICE_ROWS 4096u
#define SK_REPORTS 4 /* POD, STORAGE, NODE_LABELS, NAMESPACE_LABELS: the first of enum sk_report */

struct sk_slice {
  enum sk_report report;
  uint32_t first_hour, end_hour; /* of one day */
  uint64_t first_slot, end_slot;
};

/* Goes through the slices of hours [first, end) of a report. */
struct sk_slicer {
  enum sk_report report;
  uint32_t hour, end_hour;
  uint64_t slot, slots;
};
void sk_slicer_init(struct sk_slicer *slicer, const struct sk_model *model, enum sk_report report,
                    uint32_t first_hour, uint32_t end_hour);
bool sk_slicer_next(struct sk_slicer *slicer, struct sk_slice *slice); /* false: none left */

uint64_t sk_report_slots(const struct sk_model *model, enum sk_report report);

/* What a day came to. Sums are in the units of the reports. */
#define SK_TOTAL_SUMS(X)                                                                           \
  X(usage_cpu_core_seconds)                                                                        \
  X(request_cpu_core_seconds)                                                                      \
  X(limit_cpu_core_seconds)                                                                        \
  X(usage_memory_byte_seconds)                                                                     \
  X(request_memory_byte_seconds)                                                                   \
  X(limit_memory_byte_seconds)
struct sk_totals {
  uint64_t pods; /* that have a row that day */
  uint64_t rows; /* of all reports: what progress counts */
#define SK_AS_SUM(name) double name;
  SK_TOTAL_SUMS(SK_AS_SUM)
#undef SK_AS_SUM
};
/* Totals of a slice, with the nodes and namespaces that its pods touch. */
struct sk_tally {
  struct sk_totals totals;
  uint64_t *nodes, *spaces; /* bits; may be NULL: not wanted */
};
/* Bytes of the bits for `count` things. */
static inline size_t sk_bits_bytes(uint32_t count)
{
  return ((size_t)count + 63) / 64 * 8;
}
static inline void sk_bits_set(uint64_t *bits, uint32_t at)
{
  bits[at / 64] |= UINT64_C(1) << at % 64;
}
/* Takes a pod's row into the tally. */
void sk_tally_pod(struct sk_tally *tally, const struct sk_model *model, uint32_t hour,
                  uint64_t slot, const struct sk_pod_row *row);

#endif
