/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations from YAML. A key that is not known is an error with its place: an expectation that
 * is misspelt would never be missed. */
#include "bench/expect.h"

#include "base/number.h"
#include "base/yaml_tree.h"
#include "bench/bench_plan.h"
#include "bench/expectations_text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_BYTES ((size_t)1 << 20)
#define OUR_NAME "our expectations"

struct reading {
  const char *name;
  struct sk_arena *arena;
  struct sk_expectations *expectations;
  shukei_error *err;
};

static shukei_status refuse(const struct reading *r, const struct sk_yaml *at, const char *expected)
{
  const char *const text = at->kind == SK_YAML_SCALAR ? at->text
                           : at->kind == SK_YAML_LIST ? "a list"
                                                      : "a map";
  return sk_fail(r->err, SHUKEI_EINVAL, "%s:%u:%u: \"%.60s\", expected %s", r->name,
                 (unsigned)at->line, (unsigned)at->column, text, expected);
}

static bool is(const struct sk_yaml *node, const char *text)
{
  return node->kind == SK_YAML_SCALAR && strcmp(node->text, text) == 0;
}

static shukei_status take_phase(const struct reading *r, const struct sk_yaml *node,
                                enum sk_bench_phase *phase)
{
  const int found = node->kind == SK_YAML_SCALAR ? sk_bench_phase_find(node->text) : -1;
  if (found < 0)
    return refuse(r, node, "generate, convert, upload, aggregate or validate");
  *phase = (enum sk_bench_phase)found;
  return SHUKEI_OK;
}

static shukei_status take_mode(const struct reading *r, const struct sk_yaml *node,
                               enum sk_bench_mode *mode)
{
  const int found = node->kind == SK_YAML_SCALAR ? sk_bench_mode_find(node->text) : -1;
  if (found <= 0)
    return refuse(r, node, "streaming, in-memory or auto");
  *mode = (enum sk_bench_mode)found;
  return SHUKEI_OK;
}

static shukei_status take_scales(const struct reading *r, const struct sk_yaml *node,
                                 struct sk_bench_words *scales)
{
  if (node->kind != SK_YAML_LIST)
    return refuse(r, node, "a list of scales");
  scales->items = sk_arena_alloc(r->arena, (node->count + 1) * sizeof(char *));
  if (!scales->items)
    return sk_fail_memory(r->err, r->arena->budget, 0, "expectations");
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    if (item->node->kind != SK_YAML_SCALAR || sk_bench_scale_rows(item->node->text) < 0)
      return refuse(r, item->node, "the name of a scale");
    scales->items[scales->count++] = item->node->text;
  }
  return SHUKEI_OK;
}

static shukei_status take_sinks(const struct reading *r, const struct sk_yaml *node,
                                struct sk_bench_words *sinks)
{
  if (node->kind != SK_YAML_LIST)
    return refuse(r, node, "a list of kinds of sinks");
  sinks->items = sk_arena_alloc(r->arena, (node->count + 1) * sizeof(char *));
  if (!sinks->items)
    return sk_fail_memory(r->err, r->arena->budget, 0, "expectations");
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    if (item->node->kind != SK_YAML_SCALAR || !sk_bench_is_sink_kind(item->node->text))
      return refuse(r, item->node, "sqlite, postgresql, parquet, csv or dataset");
    sinks->items[sinks->count++] = item->node->text;
  }
  return SHUKEI_OK;
}

static shukei_status take_lake(const struct reading *r, const struct sk_yaml *node,
                               enum sk_lake *lake)
{
  *lake = is(node, "s3") ? SK_LAKE_S3 : is(node, "local") ? SK_LAKE_LOCAL : SK_LAKE_ANY;
  return *lake == SK_LAKE_ANY ? refuse(r, node, "s3 or local") : SHUKEI_OK;
}

static shukei_status take_number(const struct reading *r, const struct sk_yaml *node,
                                 double *number)
{
  if (node->kind != SK_YAML_SCALAR || !sk_number_parse(node->text, strlen(node->text), number) ||
      !(*number >= 0))
    return refuse(r, node, "a number that is not below 0");
  return SHUKEI_OK;
}

/* Phases before aggregate have no mode: what is expected of one, or by one, could never be
 * missed. */
static shukei_status check_other(const struct reading *r, const struct sk_yaml *node,
                                 const struct sk_expectation *expectation)
{
  const bool early = expectation->phase < SK_BENCH_PHASE_AGGREGATE;
  const bool of_early = expectation->of_phase < SK_BENCH_PHASE_AGGREGATE;
  const bool has_mode = expectation->of_mode != SK_BENCH_MODE_NONE;
  if (of_early && has_mode)
    return refuse(r, node, "no mode: generate, convert and upload have none");
  if (expectation->phase == expectation->of_phase &&
      (!has_mode || expectation->mode == expectation->of_mode))
    return refuse(r, node, "another phase or mode than the one that it is of");
  if (early && !of_early && !has_mode)
    return refuse(r, node, "a mode as well: the phase that it is of has none");
  return SHUKEI_OK;
}

/* {phase: generate} or {phase: aggregate, mode: in-memory} */
static shukei_status take_other(const struct reading *r, const struct sk_yaml *node,
                                struct sk_expectation *expectation)
{
  shukei_status st = SHUKEI_OK;
  if (node->kind != SK_YAML_MAP || !node->count)
    return refuse(r, node, "a map of phase and mode");
  expectation->relative = true;
  expectation->of_phase = expectation->phase;
  for (const struct sk_yaml_item *item = node->first; !st && item; item = item->next->next) {
    const struct sk_yaml *const value = item->next->node;
    st = is(item->node, "phase")  ? take_phase(r, value, &expectation->of_phase)
         : is(item->node, "mode") ? take_mode(r, value, &expectation->of_mode)
                                  : refuse(r, item->node, "phase or mode");
  }
  return st ? st : check_other(r, node, expectation);
}

/* {least: 2} or {most: 3, of: {...}} */
static shukei_status take_bound(const struct reading *r, const struct sk_yaml *node,
                                struct sk_expectation *expectation)
{
  bool bounded = false;
  shukei_status st = SHUKEI_OK;
  if (node->kind != SK_YAML_MAP)
    return refuse(r, node, "a map of least or most, and of");
  for (const struct sk_yaml_item *item = node->first; !st && item; item = item->next->next) {
    const struct sk_yaml *const key = item->node, *const value = item->next->node;
    if (is(key, "of")) {
      st = take_other(r, value, expectation);
    } else if ((is(key, "least") || is(key, "most")) && !bounded) {
      bounded = true;
      expectation->least = is(key, "least");
      st = take_number(r, value, &expectation->bound);
    } else {
      st = refuse(r, key, "one of least and most, and of");
    }
  }
  return st || bounded ? st : refuse(r, node, "least or most");
}

static int find_metric(const struct sk_yaml *key)
{
  for (int i = 0; i < SK_METRIC_COUNT; i++)
    if (is(key, sk_metric_name((enum sk_metric)i)))
      return i;
  return -1;
}

/* What stands beside the metrics of an entry. */
static shukei_status take_subject(const struct reading *r, const struct sk_yaml *key,
                                  const struct sk_yaml *value, struct sk_expectation *subject,
                                  bool *has_phase)
{
  if (is(key, "phase")) {
    *has_phase = true;
    return take_phase(r, value, &subject->phase);
  }
  if (is(key, "mode"))
    return take_mode(r, value, &subject->mode);
  if (is(key, "scales"))
    return take_scales(r, value, &subject->scales);
  if (is(key, "sinks"))
    return take_sinks(r, value, &subject->sinks);
  if (is(key, "lake"))
    return take_lake(r, value, &subject->lake);
  return find_metric(key) >= 0
             ? SHUKEI_OK
             : refuse(r, key,
                      "phase, mode, scales, sinks, lake, rows_per_second, seconds, memory_mib, "
                      "bytes_per_row or differences");
}

/* What an entry is about must be able to have been measured. */
static shukei_status check_subject(const struct reading *r, const struct sk_yaml *entry,
                                   const struct sk_expectation *subject, bool has_phase)
{
  if (!has_phase)
    return refuse(r, entry, "a phase in each of the expectations");
  for (const struct sk_yaml_item *item = entry->first; item; item = item->next->next) {
    if (is(item->node, "mode") && subject->phase < SK_BENCH_PHASE_AGGREGATE)
      return refuse(r, item->next->node, "no mode: generate, convert and upload have none");
    if (is(item->node, "sinks") && subject->phase < SK_BENCH_PHASE_AGGREGATE)
      return refuse(r, item->node, "no sinks: generate, convert and upload write into none");
    if (is(item->node, sk_metric_name(SK_METRIC_DIFFERENCES)) &&
        subject->phase != SK_BENCH_PHASE_VALIDATE)
      return refuse(r, item->node, "validate as the phase of differences");
  }
  return SHUKEI_OK;
}

static struct sk_expectation *add(const struct reading *r)
{
  struct sk_expectations *const all = r->expectations;
  if (all->count == all->room) {
    const size_t room = all->room ? all->room * 2 : 16;
    struct sk_expectation *const items = sk_arena_alloc(r->arena, room * sizeof *items);
    if (!items)
      return NULL;
    if (all->count)
      memcpy(items, all->items, all->count * sizeof *items);
    all->items = items;
    all->room = room;
  }
  return &all->items[all->count++];
}

static shukei_status take_entry(const struct reading *r, const struct sk_yaml *entry)
{
  struct sk_expectation subject = {.line = entry->line};
  bool has_phase = false;
  size_t metrics = 0;
  shukei_status st = SHUKEI_OK;
  if (entry->kind != SK_YAML_MAP)
    return refuse(r, entry, "a map with a phase and what it must reach");
  for (const struct sk_yaml_item *item = entry->first; !st && item; item = item->next->next)
    st = take_subject(r, item->node, item->next->node, &subject, &has_phase);
  if (!st)
    st = check_subject(r, entry, &subject, has_phase);
  for (const struct sk_yaml_item *item = entry->first; !st && item; item = item->next->next) {
    const int metric = find_metric(item->node);
    if (metric < 0)
      continue;
    struct sk_expectation *const expectation = add(r);
    if (!expectation)
      return sk_fail_memory(r->err, r->arena->budget, 0, "expectations");
    *expectation = subject;
    expectation->metric = (enum sk_metric)metric;
    st = take_bound(r, item->next->node, expectation);
    metrics++;
  }
  return st || metrics ? st : refuse(r, entry, "something that the phase must reach");
}

shukei_status sk_expectations_parse(const char *name, const void *bytes, size_t length,
                                    struct sk_arena *arena, struct sk_expectations *expectations,
                                    shukei_error *err)
{
  struct reading r = {name, arena, expectations, err};
  struct sk_yaml *root = NULL;
  *expectations = (struct sk_expectations){.name = name};
  shukei_status st = sk_yaml_parse(name, bytes, length, arena, &root, err);
  if (st)
    return st;
  if (!root || root->kind != SK_YAML_MAP || root->count != 2 ||
      !is(root->first->node, "expectations") || root->first->next->node->kind != SK_YAML_LIST)
    return sk_fail(err, SHUKEI_EINVAL, "%s: expected one key, expectations, with a list", name);
  const struct sk_yaml *const list = root->first->next->node;
  for (const struct sk_yaml_item *item = list->first; !st && item; item = item->next)
    st = take_entry(&r, item->node);
  return st;
}

shukei_status sk_expectations_read(const char *path, struct sk_arena *arena,
                                   struct sk_expectations *expectations, shukei_error *err)
{
  char reason[128];
  size_t length = 0;
  ssize_t n = 0;
  if (!path)
    return sk_expectations_parse(OUR_NAME, expectations_text, sizeof expectations_text - 1, arena,
                                 expectations, err);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return sk_fail(err, errno == ENOENT ? SHUKEI_ENOTFOUND : SHUKEI_EIO,
                   "could not read expectations \"%s\": %s", path, sk_errno_text(errno, reason));
  char *const bytes = sk_alloc(NULL, FILE_BYTES);
  while (bytes && length < FILE_BYTES && (n = read(fd, bytes + length, FILE_BYTES - length)) > 0)
    length += (size_t)n;
  shukei_status st = SHUKEI_OK;
  if (!bytes)
    st = sk_fail(err, SHUKEI_ENOMEM, "no memory for expectations \"%s\"", path);
  else if (n < 0)
    st = sk_fail(err, SHUKEI_EIO, "could not read expectations \"%s\": %s", path,
                 sk_errno_text(errno, reason));
  else
    st = sk_expectations_parse(path, bytes, length, arena, expectations, err);
  close(fd);
  sk_free(bytes);
  return st;
}
