/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting the work, and what is added up while it is done. */
#include "generate/slices.h"

uint64_t sk_report_slots(const struct sk_model *model, enum sk_report report)
{
  switch (report) {
  case SK_REPORT_POD:
    return model->pod_slots;
  case SK_REPORT_STORAGE:
    return model->claim_slots;
  case SK_REPORT_NODE_LABELS:
    return model->node_count;
  default:
    return model->space_count;
  }
}

void sk_slicer_init(struct sk_slicer *slicer, const struct sk_model *model, enum sk_report report,
                    uint32_t first_hour, uint32_t end_hour)
{
  *slicer = (struct sk_slicer){.report = report,
                               .hour = first_hour,
                               .end_hour = end_hour,
                               .slots = sk_report_slots(model, report)};
}

bool sk_slicer_next(struct sk_slicer *slicer, struct sk_slice *slice)
{
  if (slicer->hour >= slicer->end_hour || slicer->slots == 0)
    return false;
  const uint32_t hour = slicer->hour;
  *slice = (struct sk_slice){.report = slicer->report, .first_hour = hour, .end_hour = hour + 1};
  if (slicer->slots >= SK_SLICE_ROWS) {
    const uint64_t left = slicer->slots - slicer->slot;
    slice->first_slot = slicer->slot;
    slice->end_slot = slicer->slot + (left < SK_SLICE_ROWS ? left : SK_SLICE_ROWS);
    slicer->slot = slice->end_slot;
    if (slicer->slot == slicer->slots) {
      slicer->slot = 0;
      slicer->hour++;
    }
    return true;
  }
  const uint32_t day_end = (hour / 24 + 1) * 24;
  uint64_t end = hour + SK_SLICE_ROWS / slicer->slots;
  end = end < day_end ? end : day_end;
  slice->end_hour = end < slicer->end_hour ? (uint32_t)end : slicer->end_hour;
  slice->end_slot = slicer->slots;
  slicer->hour = slice->end_hour;
  return true;
}

/* A pod counts in its first hour of the day. */
static bool first_of_day(const struct sk_model *model, uint32_t hour, uint64_t slot)
{
  uint32_t earlier = hour / 24 * 24;
  if (model->steady)
    return hour == earlier;
  for (; earlier < hour; earlier++)
    if (model->pod_present(model, earlier, slot))
      return false;
  return true;
}

void sk_tally_pod(struct sk_tally *tally, const struct sk_model *model, uint32_t hour,
                  uint64_t slot, const struct sk_pod_row *row)
{
  struct sk_totals *const totals = &tally->totals;
  totals->usage_cpu_core_seconds += row->usage_cpu;
  totals->usage_memory_byte_seconds += row->usage_memory;
  if (row->has & SK_HAS_REQUEST_CPU)
    totals->request_cpu_core_seconds += row->request_cpu;
  if (row->has & SK_HAS_LIMIT_CPU)
    totals->limit_cpu_core_seconds += row->limit_cpu;
  if (row->has & SK_HAS_REQUEST_MEMORY)
    totals->request_memory_byte_seconds += row->request_memory;
  if (row->has & SK_HAS_LIMIT_MEMORY)
    totals->limit_memory_byte_seconds += row->limit_memory;
  if (first_of_day(model, hour, slot))
    totals->pods++;
  if (tally->nodes && row->node != SK_NONE)
    sk_bits_set(tally->nodes, row->node);
  if (tally->spaces)
    sk_bits_set(tally->spaces, row->space);
}
