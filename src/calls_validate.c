/* SPDX-License-Identifier: Apache-2.0 */
/* shukei_validate(): which files count is found as for aggregate; all the rest is the validate
 * room's. */
#include "run.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "sink/sink_settings.h"
#include "validate/validate.h"

#include <math.h>

#define TOLERANCE 1e-9
#define LIMIT 20

struct call {
  const shukei_validate_options *options;
  struct sk_run_shared shared;
  struct sk_plan plan;
  struct sk_sink_settings settings;
  struct sk_validate_request request;
};

void shukei_validate_options_init(shukei_validate_options *options)
{
  memset(options, 0, sizeof *options);
  options->tolerance = TOLERANCE;
  options->limit = LIMIT;
}

static shukei_status check_options(struct call *call, shukei_error *err)
{
  const shukei_validate_options *const o = call->options;
  if (o->source_count == 0)
    return sk_fail(err, SHUKEI_EINVAL, "no source is given");
  if (!o->against || !*o->against)
    return sk_fail(err, SHUKEI_EINVAL, "no sink to compare with is given");
  if (!o->callbacks.write)
    return sk_fail(err, SHUKEI_EINVAL, "validate needs the write callback");
  if (o->bad_rows == SHUKEI_BAD_ROWS_KEEP)
    return sk_fail(err, SHUKEI_EINVAL, "validate keeps no bad rows: they can be skipped");
  if (!(o->tolerance >= 0) || !isfinite(o->tolerance))
    return sk_fail(err, SHUKEI_EINVAL, "the tolerance has to be a number, 0 or more");
  return sk_parse_days(o->start, o->end, &call->request.start_day, &call->request.end_day, err);
}

static shukei_status build_plan(struct call *call, shukei_error *err)
{
  const shukei_validate_options *const o = call->options;
  const struct sk_plan_options options = {
      SK_PLAN_OPTIONS_OF(o, &call->shared),
      .start_day = call->request.start_day,
      .end_day = call->request.end_day,
      .one_cluster = true,
  };
  return sk_plan_build(&options, &call->shared.budget, &call->plan, err);
}

static bool report_of(enum sk_report report, enum sk_plain_report *out)
{
  switch (report) {
  case SK_REPORT_POD:
    *out = SK_PLAIN_PODS;
    return true;
  case SK_REPORT_STORAGE:
    *out = SK_PLAIN_STORAGE;
    return true;
  case SK_REPORT_NODE_LABELS:
    *out = SK_PLAIN_NODES;
    return true;
  case SK_REPORT_NAMESPACE_LABELS:
    *out = SK_PLAIN_NAMESPACES;
    return true;
  default:
    return false;
  }
}

static bool form_of(const struct sk_planned_file *planned, enum sk_plain_form *out)
{
  switch (planned->format) {
  case SK_FORMAT_CSV:
    *out = SK_PLAIN_CSV;
    return true;
  case SK_FORMAT_CSV_GZIP:
    *out = SK_PLAIN_CSV_GZIP;
    return !planned->archive;
  case SK_FORMAT_CSV_ZSTD:
    *out = SK_PLAIN_CSV_ZSTD;
    return !planned->archive;
  case SK_FORMAT_PARQUET:
    *out = SK_PLAIN_PARQUET;
    return !planned->archive;
  default:
    return false;
  }
}

static shukei_status take_file(struct call *call, const struct sk_planned_file *planned,
                               shukei_error *err)
{
  struct sk_validate_file *const file = &call->request.files[call->request.file_count];
  *file = (struct sk_validate_file){.path = planned->path, .place = sk_planned_place(planned)};
  if (planned->left_out || !report_of(planned->report, &file->report))
    return SHUKEI_OK;
  if (!form_of(planned, &file->form))
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "%s: validate reads CSV in payloads, nothing else",
                   planned->path);
  if (planned->archive) /* ARCHIVE:MEMBER */
    file->member = planned->path + strlen(file->place) + 1;
  if (planned->days) {
    file->days = planned->days->days;
    file->day_count = planned->days->count;
  }
  call->shared.bytes_known += planned->size_bytes;
  call->request.file_count++;
  return SHUKEI_OK;
}

static shukei_status take_plan(struct call *call, shukei_error *err)
{
  const size_t bytes = (call->plan.count + 1) * sizeof *call->request.files;
  call->request.files = sk_alloc(&call->shared.budget, bytes);
  if (!call->request.files)
    return sk_fail_memory(err, &call->shared.budget, bytes, "a list of files");
  for (size_t i = 0; i < call->plan.count; i++) {
    const shukei_status st = take_file(call, &call->plan.files[i], err);
    if (st)
      return st;
  }
  if (call->request.file_count == 0)
    return sk_fail(err, SHUKEI_ENOTFOUND, "%s%s: no report that the summary is made from",
                   call->options->sources[0],
                   call->options->source_count > 1 ? " and the other sources" : "");
  return SHUKEI_OK;
}

/* What the options leave out comes from the database's tables, as it does for aggregate. */
static shukei_status take_settings(struct call *call, shukei_error *err)
{
  const shukei_validate_options *const o = call->options;
  struct sk_validate_request *const request = &call->request;
  struct sk_sink_settings *const read = &call->settings;
  const struct sk_sink_options sink = {.schema = o->schema,
                                       .canceled = o->callbacks.canceled,
                                       .canceled_context = o->callbacks.context};
  const struct sk_planned_cluster *const cluster = &call->plan.clusters[0];
  request->source = o->source        ? o->source
                    : cluster->known ? cluster->known->source
                                     : call->plan.source;
  if (sk_sink_has_settings(o->against)) {
    read->want_keys = !o->enabled_keys;
    read->want_categories = !o->cost_categories;
    read->want_nodes = !o->nodes;
    const shukei_status st =
        sk_sink_settings_read(read, o->against, &sink, &call->shared.budget, err);
    if (st)
      return st;
  }
  request->enabled_keys = read->want_keys ? read->enabled_keys : o->enabled_keys;
  request->enabled_key_count = read->want_keys ? read->enabled_key_count : o->enabled_key_count;
  request->cost_categories = read->want_categories ? read->cost_categories : o->cost_categories;
  request->cost_category_count =
      read->want_categories ? read->cost_category_count : o->cost_category_count;
  request->nodes = read->want_nodes ? read->nodes : o->nodes;
  request->node_count = read->want_nodes ? read->node_count : o->node_count;
  return SHUKEI_OK;
}

static shukei_status check(void *context, uint64_t rows_read, uint64_t bytes_read,
                           shukei_error *err)
{
  struct sk_run_shared *const shared = context;
  if (rows_read) {
    atomic_store(&shared->rows_done, rows_read);
    atomic_store(&shared->bytes_done, bytes_read);
    sk_run_progress(shared);
  }
  return sk_run_check_canceled(shared, err);
}

shukei_status shukei_validate(const shukei_validate_options *options,
                              shukei_validate_result *result, shukei_error *err)
{
  shukei_validate_result own_result;
  struct call call = {.options = options};
  const uint64_t start_ns = sk_monotonic_ns();
  if (!result)
    result = &own_result;
  memset(result, 0, sizeof *result);
  sk_run_shared_init(&call.shared, &options->callbacks, 0, options->memory_bytes);
  call.request.options = options;
  call.request.check = check;
  call.request.warn = sk_run_warn_text;
  call.request.context = &call.shared;
  shukei_status st = check_options(&call, err);
  if (!st)
    st = build_plan(&call, err);
  if (!st)
    st = take_plan(&call, err);
  if (!st)
    st = take_settings(&call, err);
  call.shared.phase = "validate";
  if (!st)
    st = sk_validate(&call.request, &call.shared.budget, result, err);
  result->peak_budget_bytes = atomic_load(&call.shared.budget.peak_bytes);
  result->peak_rss_bytes = sk_peak_rss_bytes();
  result->memory_bytes = call.shared.budget.limit_bytes;
  result->total_seconds = (double)(sk_monotonic_ns() - start_ns) / 1e9;
  sk_free(call.request.files);
  sk_sink_settings_reset(&call.settings);
  sk_plan_reset(&call.plan);
  sk_run_shared_reset(&call.shared);
  return st;
}
