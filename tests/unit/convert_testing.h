/* SPDX-License-Identifier: Apache-2.0 */
/* convert in a scratch folder, by the options of the test, and what it wrote as CSV. */
#ifndef SK_TESTS_CONVERT_TESTING_H
#define SK_TESTS_CONVERT_TESTING_H

#include "source_testing.h"

#include "input/convert_run.h"
#include "parquet/parquet.h"
#include "store/store.h"

static struct sk_budget budget;
static struct sk_buffer table;
static shukei_convert_options options;
static shukei_stats stats;
static shukei_error err;

static inline int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&table, NULL, SIZE_MAX / 2);
  options = (shukei_convert_options){.threads = 2};
  return enter_scratch(state);
}

static inline int tear_down(void **state)
{
  sk_buffer_reset(&table);
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static inline shukei_status convert(const char *source, const char *to)
{
  struct sk_plan plan;
  const struct sk_plan_options plan_options = {
      .sources = &source, .source_count = 1, .start_day = INT32_MIN, .end_day = INT32_MAX};
  memset(&err, 0, sizeof err);
  memset(&stats, 0, sizeof stats);
  options.sources = &source;
  options.source_count = 1;
  options.destination = to;
  shukei_status st = sk_plan_build(&plan_options, &budget, &plan, &err);
  if (!st)
    st = sk_convert(&options, &plan, &budget, &stats, &err);
  sk_plan_reset(&plan);
  return st;
}

static inline void must_convert(const char *source, const char *to)
{
  if (convert(source, to))
    fail_msg("%s: %s", source, err.text);
}

static inline bool take(void *context, const void *bytes, size_t length)
{
  (void)context;
  sk_buffer_add(&table, bytes, length);
  return true;
}

/* A Parquet file as CSV. */
static inline const char *cat(const char *path)
{
  const struct sk_cat_options all = {.limit = UINT64_MAX};
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  sk_buffer_clear(&table);
  if (sk_store_open(path, NULL, &object, &err) || sk_file_open(object, NULL, &file, &err) ||
      sk_parquet_cat(file, &all, NULL, take, NULL, NULL, &err))
    fail_msg("%s", err.text);
  sk_file_close(file);
  sk_object_close(object);
  sk_buffer_byte(&table, '\0');
  return (const char *)table.bytes;
}

#endif
