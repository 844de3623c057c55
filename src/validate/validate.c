/* SPDX-License-Identifier: Apache-2.0 */
/* Reports -> expected rows -> rows of the sink compared with them -> report. */
#include "validate/validate.h"

#include "base/calendar.h"
#include "base/platform.h"
#include "validate/against.h"
#include "validate/compare.h"
#include "validate/described.h"
#include "validate/verdict.h"

#include <stdlib.h>

#define REPORT_MOST ((size_t)1 << 30)
#define DAY_FIRST (-719162) /* 0001-01-01 */
#define DAY_LAST 2932896    /* 9999-12-31 */

struct run {
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  shukei_validate_result *result;
  struct sk_check_names names;
  struct sk_recount recount;
  struct sk_check_rows expected;
  struct sk_compare compare;
  struct sk_against against;
  int32_t first_day, last_day;     /* to compare */
  int32_t found_first, found_last; /* of the rows that the sink has of them */
  struct sk_missing missing;
};

static shukei_status no_memory(const struct run *run, shukei_error *err)
{
  return sk_fail_memory(err, run->budget, 0, "comparing the summary");
}

static int by_report(const void *a, const void *b)
{
  const struct sk_validate_file *const x = a, *const y = b;
  if (x->report != y->report)
    return x->report < y->report ? -1 : 1;
  return strcmp(x->path, y->path);
}

static shukei_status read_reports(struct run *run, shukei_error *err)
{
  const struct sk_validate_request *const request = run->request;
  struct sk_plain_reading reading = {.request = request,
                                     .budget = run->budget,
                                     .texts = &run->names.texts,
                                     .take = sk_recount_take,
                                     .context = &run->recount};
  shukei_status st = SHUKEI_OK;
  if (request->file_count)
    qsort(request->files, request->file_count, sizeof *request->files, by_report);
  for (size_t i = 0; !st && i < request->file_count; i++) {
    st = sk_plain_read(&reading, &request->files[i], err);
    run->result->files++;
  }
  run->result->rows_read = reading.rows_read;
  run->result->rows_bad = reading.rows_bad;
  run->result->anomalies_dropped = reading.anomalies;
  if (!st)
    st = sk_recount_finish(&run->recount, &run->expected, err);
  return st;
}

/* The days to compare: those asked for, else of a table that others share those of the reports, and
 * of a file of its own all. */
static void choose_days(struct run *run)
{
  const struct sk_validate_request *const request = run->request;
  const struct sk_recount *const recount = &run->recount;
  const bool given = request->start_day != INT32_MIN && request->end_day != INT32_MAX;
  run->first_day = recount->first_day < DAY_LAST ? recount->first_day : DAY_LAST;
  run->last_day = recount->last_day > DAY_FIRST ? recount->last_day : DAY_FIRST;
  if (given) {
    run->first_day = request->start_day;
    run->last_day = request->end_day;
  } else if (!sk_against_shared(request->options->against)) {
    run->first_day = request->start_day > DAY_FIRST ? request->start_day : DAY_FIRST;
    run->last_day = request->end_day < DAY_LAST ? request->end_day : DAY_LAST;
  }
}

static bool is_compared(const struct run *run, int32_t day)
{
  return day >= run->first_day && day <= run->last_day;
}

static bool wants_compared(void *context, int32_t day, bool own)
{
  return own && is_compared(context, day);
}

/* A missing row may lie under another source, or where its day is missing altogether under another
 * day that is not compared. */
static bool wants_missing(void *context, int32_t day, bool own)
{
  const struct run *const run = context;
  const struct sk_missing *const missing = &run->missing;
  if (own)
    return missing->whole_day && !is_compared(run, day);
  return day >= missing->first_day && day <= missing->last_day;
}

static shukei_status take(void *context, const struct sk_check_row *row, bool own,
                          shukei_error *err)
{
  struct run *const run = context;
  (void)own;
  if (row->key.day < run->found_first)
    run->found_first = row->key.day;
  if (row->key.day > run->found_last)
    run->found_last = row->key.day;
  run->compare.lacks_handle = run->against.lacks_handle;
  return sk_compare_take(&run->compare, row) ? SHUKEI_OK : no_memory(run, err);
}

static shukei_status look(void *context, const struct sk_check_row *row, bool own,
                          shukei_error *err)
{
  struct run *const run = context;
  (void)err;
  sk_compare_look(&run->compare, row, own);
  return SHUKEI_OK;
}

static shukei_status look_for_missing(struct run *run, shukei_error *err)
{
  struct sk_against *const against = &run->against;
  const int32_t around = run->missing.whole_day ? SK_DAYS_AROUND : 0;
  against->looking = true;
  against->first_day = run->missing.first_day - around;
  against->last_day = run->missing.last_day + around;
  against->wants = wants_missing;
  against->take = look;
  return sk_against_read(against, err);
}

/* Equal is what was compared: nothing on both sides is a wrong place, source or range of days. */
static shukei_status check_any(const struct run *run, shukei_error *err)
{
  char first[16], last[16];
  const char *const source = run->request->source;
  if (run->compare.expected.count || run->compare.found_rows)
    return SHUKEI_OK;
  const shukei_status st =
      run->first_day > run->last_day
          ? sk_fail(err, SHUKEI_ENOTFOUND,
                    "nothing to compare: the reports have no rows that count")
          : sk_fail(err, SHUKEI_ENOTFOUND,
                    "nothing to compare: neither the reports nor %s have rows of %s to %s%s%s",
                    run->against.name, sk_day_text(run->first_day, first),
                    sk_day_text(run->last_day, last), source ? " and of source " : "",
                    source ? source : "");
  sk_advise(err, "look at --start, --end and --source");
  return st;
}

/* A table that others share, or a file, without a single row of these days or around them, whatever
 * its source, holds no summary: that is no difference. */
static shukei_status check_there(const struct run *run, shukei_error *err)
{
  char first[16], last[16];
  if (run->compare.found_rows || run->against.rows_read)
    return SHUKEI_OK;
  const shukei_status st =
      sk_fail(err, SHUKEI_ENOTFOUND,
              "%s: holds no summary: it has no rows of %s to %s, of any source", run->against.name,
              sk_day_text(run->recount.first_day, first), sk_day_text(run->recount.last_day, last));
  sk_advise(err, SK_AGAINST_ADVICE);
  return st;
}

static shukei_status compare(struct run *run, shukei_error *err)
{
  struct sk_against *const against = &run->against;
  *against = (struct sk_against){.name = run->request->options->against,
                                 .request = run->request,
                                 .budget = run->budget,
                                 .names = &run->names,
                                 .first_day = run->first_day,
                                 .last_day = run->last_day,
                                 .wants = wants_compared,
                                 .take = take,
                                 .context = run};
  if (!sk_compare_init(&run->compare, run->request, &run->names, &run->expected, run->budget))
    return no_memory(run, err);
  run->compare.stale = run->result->stale;
  run->result->rows_expected = run->compare.expected.count;
  shukei_status st = sk_against_read(against, err);
  if (!st)
    st = check_any(run, err);
  if (!st)
    st = sk_compare_pair(&run->compare, err);
  if (!st && sk_compare_misses(&run->compare, &run->missing))
    st = look_for_missing(run, err);
  if (!st)
    st = check_there(run, err);
  if (!st)
    st = sk_compare_judge(&run->compare, err);
  run->result->rows_found = run->compare.found_rows;
  return st;
}

/* The days that were compared; of a file of its own without an end those that it and the reports
 * have. */
static void choose_told(const struct run *run, struct sk_verdict *verdict)
{
  const struct sk_recount *const recount = &run->recount;
  verdict->first_day = run->first_day;
  verdict->last_day = run->last_day;
  if (run->first_day == DAY_FIRST)
    verdict->first_day =
        recount->first_day < run->found_first ? recount->first_day : run->found_first;
  if (run->last_day == DAY_LAST)
    verdict->last_day = recount->last_day > run->found_last ? recount->last_day : run->found_last;
}

static shukei_status report(struct run *run, shukei_error *err)
{
  const shukei_callbacks *const callbacks = &run->request->options->callbacks;
  struct sk_verdict verdict = {.compare = &run->compare, .result = run->result};
  struct sk_buffer text;
  choose_told(run, &verdict);
  sk_buffer_init(&text, run->budget, REPORT_MOST);
  shukei_status st = sk_verdict_write(&verdict, &text, err);
  if (!st && !callbacks->write(callbacks->context, text.bytes, text.length))
    st = sk_fail(err, SHUKEI_EWRITE, "the report could not be written");
  sk_buffer_reset(&text);
  return st;
}

shukei_status sk_validate(const struct sk_validate_request *request, struct sk_budget *budget,
                          shukei_validate_result *result, shukei_error *err)
{
  struct run run = {.request = request,
                    .budget = budget,
                    .result = result,
                    .found_first = INT32_MAX,
                    .found_last = INT32_MIN,
                    .expected = {.budget = budget},
                    .compare = {.budget = budget}};
  bool ok = sk_intern_init(&run.names.texts, budget);
  ok &= sk_label_sets_init(&run.names.labels, request->enabled_keys, request->enabled_key_count,
                           budget);
  ok &= sk_recount_init(&run.recount, request, &run.names, budget);
  shukei_status st = ok ? SHUKEI_OK : no_memory(&run, err);
  if (!st)
    st = sk_described_check(request, budget, &result->stale, err);
  if (!st)
    st = read_reports(&run, err);
  choose_days(&run);
  if (!st)
    st = compare(&run, err);
  if (!st)
    st = report(&run, err);
  sk_compare_reset(&run.compare);
  sk_check_rows_reset(&run.expected);
  sk_recount_reset(&run.recount);
  sk_label_sets_reset(&run.names.labels);
  sk_intern_reset(&run.names.texts);
  return st;
}
