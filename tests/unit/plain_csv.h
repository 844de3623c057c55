/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest reader of a case (case.json and input/ *.csv) that tests of the summary need, apart
 * from the input room: whole files in memory, rows as texts and numbers by field. */
#ifndef SK_TESTS_PLAIN_CSV_H
#define SK_TESTS_PLAIN_CSV_H

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/number.h"
#include "input/report.h"
#include "shukei.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PLAIN_COLUMNS 64

static inline void plain_must(bool holds, const char *what)
{
  if (!holds) {
    fprintf(stderr, "plain_csv: %s\n", what);
    abort();
  }
}

/* A growing array; new elements are zero. */
static inline void *plain_grow(void *array, size_t count, size_t size)
{
  if (count & (count - 1))
    return array;
  array = sk_realloc(NULL, array, (count ? count * 2 : 1) * size);
  plain_must(array != NULL, "no memory");
  memset((char *)array + count * size, 0, (count ? count : 1) * size);
  return array;
}

static inline char *plain_read(const char *path, size_t *length)
{
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  char *text = NULL;
  size_t used = 0, got;
  do {
    text = sk_realloc(NULL, text, used + 65537);
    plain_must(text != NULL, "no memory");
    got = fread(text + used, 1, 65536, f);
    used += got;
  } while (got);
  text[used] = 0;
  fclose(f);
  *length = used;
  return text;
}

/* Splits one record in place; cells end in zero. Returns what is behind it, or NULL at the end. */
static inline char *plain_record(char *at, char *end, char **cells, size_t *count)
{
  *count = 0;
  if (at >= end)
    return NULL;
  for (;;) {
    char *out = at;
    plain_must(*count < PLAIN_COLUMNS, "too many columns");
    cells[(*count)++] = at;
    if (at < end && *at == '"') {
      for (at++; at < end && !(*at == '"' && at[1] != '"'); at++) {
        at += *at == '"';
        *out++ = *at;
      }
      at++;
    } else {
      while (at < end && *at != ',' && *at != '\n' && *at != '\r')
        *out++ = *at++;
    }
    const char behind = at < end ? *at : '\n';
    *out = 0;
    at++;
    if (behind == ',')
      continue;
    if (behind == '\r' && at < end && *at == '\n')
      at++;
    return at;
  }
}

struct plain_row {
  int64_t us;
  const char *texts[SK_FIELD_COUNT];
  double numbers[SK_FIELD_COUNT];
};
struct plain_report {
  enum sk_report report;
  sk_fields present;
  struct plain_row *rows;
  size_t count;
  char *text;
};
struct plain_case {
  char *json;
  const char *enabled_keys[64];
  size_t enabled_key_count;
  shukei_cost_category categories[64];
  size_t category_count;
  shukei_node_role nodes[64];
  size_t node_count;
  int32_t start, end;
  struct plain_report reports[8];
  size_t report_count;
};

/* ---- case.json ------------------------------------------------------------------------------- */

/* The string behind `at`, ended in place; escapes other than \" and \\ are not expected. */
static inline char *plain_string(char **at)
{
  char *from = strchr(*at, '"');
  plain_must(from != NULL, "string expected");
  char *out = ++from, *in = from;
  for (; *in && *in != '"'; in++) {
    in += *in == '\\';
    *out++ = *in;
  }
  *at = in + 1;
  *out = 0;
  return from;
}

static inline void plain_case_json(struct plain_case *c)
{
  char *at = c->json;
  shukei_cost_category *category = NULL;
  shukei_node_role *node = NULL;
  bool keys = false;
  while (strchr(at, '"')) {
    char *quote = strchr(at, '"');
    if (keys && memchr(at, ']', (size_t)(quote - at)))
      keys = false;
    const char *name = plain_string(&at);
    if (keys) {
      c->enabled_keys[c->enabled_key_count++] = name;
    } else if (!strcmp(name, "enabled_keys")) {
      keys = true;
    } else if (!strcmp(name, "start") || !strcmp(name, "end")) {
      const char *day = plain_string(&at);
      plain_must(sk_day_parse(day, strlen(day), *name == 's' ? &c->start : &c->end), "day");
    } else if (!strcmp(name, "id")) {
      category = &c->categories[c->category_count++];
      category->id = strtol(strchr(at, ':') + 1, NULL, 10);
    } else if (!strcmp(name, "pattern")) {
      category->pattern = plain_string(&at);
    } else if (!strcmp(name, "node")) {
      node = &c->nodes[c->node_count++];
      node->node = plain_string(&at);
    } else if (!strcmp(name, "resource_id")) {
      node->resource_id = plain_string(&at);
    } else if (!strcmp(name, "role")) {
      node->role = plain_string(&at);
    }
  }
}

/* ---- reports --------------------------------------------------------------------------------- */

static inline bool plain_ends(const char *text, const char *end)
{
  const size_t length = strlen(text), tail = strlen(end);
  return length >= tail && !strcmp(text + length - tail, end);
}

static inline double plain_number(const char *text, bool *anomaly, bool measure)
{
  double value = 0.0;
  size_t length = strlen(text);
  for (; length && (*text == ' ' || *text == '\t'); length--)
    text++;
  while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  if (!sk_number_parse(text, length, &value))
    return 0.0;
  if (measure && (value > 1e18 || value == -INFINITY))
    *anomaly = true;
  return value;
}

/* "YYYY-MM-DD?HH:MM:SS" and UTC, whatever stands behind. */
static inline int64_t plain_instant(const char *text)
{
  int32_t day = 0;
  int hour = 0, minute = 0, second = 0;
  plain_must(strlen(text) >= 19 && sk_day_parse(text, 10, &day) &&
                 sscanf(text + 11, "%2d:%2d:%2d", &hour, &minute, &second) == 3,
             text);
  return day * SK_DAY_US + ((hour * 60 + minute) * 60 + second) * INT64_C(1000000);
}

/* One row's cells as texts and numbers; false for an anomaly. */
static inline bool plain_row_read(struct plain_row *row, char **cells, const int *fields,
                                  size_t columns)
{
  bool anomaly = false;
  *row = (struct plain_row){.us = 0};
  for (size_t i = 0; i < columns; i++) {
    if (fields[i] < 0)
      continue;
    const struct sk_field_info *info = sk_field_info((enum sk_field)fields[i]);
    const bool measure = plain_ends(info->column, "_seconds") || plain_ends(info->column, "_bytes");
    if (fields[i] == SK_F_INTERVAL_START)
      row->us = plain_instant(cells[i]);
    else if (info->kind == SK_FIELD_NUMBER)
      row->numbers[fields[i]] = plain_number(cells[i], &anomaly, measure);
    else
      row->texts[fields[i]] = cells[i];
  }
  return !anomaly;
}

/* Adds a report; text is of sk_alloc() and becomes the case's. */
static inline void plain_report_add(struct plain_case *c, char *text, size_t length)
{
  struct plain_report *r = &c->reports[c->report_count++];
  char *cells[PLAIN_COLUMNS], *end = text + length;
  const char *names[PLAIN_COLUMNS] = {NULL};
  int fields[PLAIN_COLUMNS];
  size_t count, columns;
  *r = (struct plain_report){.text = text};
  char *at = plain_record(text, end, cells, &columns);
  for (size_t i = 0; i < columns; i++)
    names[i] = cells[i];
  const int report = sk_report_of_columns(names, columns);
  plain_must(report >= 0, "not a report");
  r->report = (enum sk_report)report;
  for (size_t i = 0; i < columns; i++) {
    fields[i] = -1;
    for (int f = 0; f < SK_FIELD_COUNT; f++)
      if (!strcmp(sk_field_info((enum sk_field)f)->column, cells[i]))
        fields[i] = f;
    if (fields[i] >= 0)
      r->present |= SK_FIELD_BIT(fields[i]);
  }
  if (report >= SK_REPORT_VM)
    return;
  while ((at = plain_record(at, end, cells, &count)) != NULL) {
    struct plain_row row;
    plain_must(count == columns, cells[0]);
    if (!plain_row_read(&row, cells, fields, columns) || sk_day_of_us(row.us) < c->start ||
        sk_day_of_us(row.us) > c->end)
      continue;
    r->rows = plain_grow(r->rows, r->count, sizeof *r->rows);
    r->rows[r->count++] = row;
  }
}

static inline bool plain_case_read(struct plain_case *c, const char *folder)
{
  char path[4096];
  size_t length;
  *c = (struct plain_case){.json = NULL};
  snprintf(path, sizeof path, "%s/case.json", folder);
  c->json = plain_read(path, &length);
  if (!c->json)
    return false;
  plain_case_json(c);
  snprintf(path, sizeof path, "%s/input", folder);
  DIR *dir = opendir(path);
  plain_must(dir != NULL, path);
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (!plain_ends(e->d_name, ".csv"))
      continue;
    snprintf(path, sizeof path, "%s/input/%s", folder, e->d_name);
    char *text = plain_read(path, &length);
    plain_must(text != NULL, path);
    plain_report_add(c, text, length);
  }
  closedir(dir);
  return true;
}

/* A case of texts: case.json, then reports, then NULL. */
static inline void plain_case_texts(struct plain_case *c, const char *json,
                                    const char *const *reports)
{
  *c = (struct plain_case){.json = sk_strndup(NULL, json, strlen(json))};
  plain_case_json(c);
  for (; *reports; reports++)
    plain_report_add(c, sk_strndup(NULL, *reports, strlen(*reports)), strlen(*reports));
}

static inline void plain_case_free(struct plain_case *c)
{
  for (size_t i = 0; i < c->report_count; i++) {
    sk_free(c->reports[i].rows);
    sk_free(c->reports[i].text);
  }
  sk_free(c->json);
}

#endif
