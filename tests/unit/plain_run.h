/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the summary room over a case: rows in a random order, dealt to several partials in batches
 * of random sizes, merged in a random order or spilled at times; the rows come out as CSV. */
#ifndef SK_TESTS_PLAIN_RUN_H
#define SK_TESTS_PLAIN_RUN_H

#include "plain_csv.h"
#include "summary/summary.h"

#define PLAIN_PARTS 8

struct plain_options {
  shukei_label_mode labels;
  unsigned parts;  /* 1 to PLAIN_PARTS */
  uint64_t seed;   /* 0: rows in their own order */
  unsigned spills; /* percent of the batches behind which a partial of the pods stage is spilled, or
                      all partials and their tables are emptied */
  bool by_day;     /* pods: a day is finished before the next one's rows come */
  const char *source_uuid;
  struct sk_budget *budget;
  shukei_error *err;
};

struct plain_random {
  uint64_t state;
};
static inline size_t plain_below(struct plain_random *r, size_t bound)
{
  r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(r->state >> 33) % bound;
}

/* A batch that is being filled for one partial. */
struct plain_batch {
  struct sk_batch batch;
  uint32_t ids[SK_FIELD_COUNT][SK_BATCH_ROWS];
  double numbers[SK_FIELD_COUNT][SK_BATCH_ROWS];
};

static inline bool plain_put(struct plain_batch *b, struct sk_symbols *symbols,
                             const struct plain_report *report, const struct plain_row *row,
                             sk_fields wants)
{
  const uint32_t at = b->batch.rows++;
  b->batch.report = report->report;
  b->batch.present = report->present & wants;
  for (int f = 0; f < SK_FIELD_COUNT; f++) {
    b->batch.ids[f] = NULL;
    b->batch.numbers[f] = NULL;
    if (!(b->batch.present & SK_FIELD_BIT(f)))
      continue;
    const enum sk_field_kind kind = sk_field_info((enum sk_field)f)->kind;
    if (kind == SK_FIELD_NUMBER) {
      b->numbers[f][at] = row->numbers[f];
      b->batch.numbers[f] = b->numbers[f];
      continue;
    }
    struct sk_intern *table = kind == SK_FIELD_LABELS ? &symbols->labels : &symbols->names;
    b->ids[f][at] = sk_intern_add(table, row->texts[f], strlen(row->texts[f]));
    b->batch.ids[f] = b->ids[f];
    if (b->ids[f][at] == SK_NO_ID)
      return false;
  }
  b->ids[SK_F_INTERVAL_START][at] = sk_intern_add(&symbols->intervals, &row->us, sizeof row->us);
  b->batch.ids[SK_F_INTERVAL_START] = b->ids[SK_F_INTERVAL_START];
  return b->ids[SK_F_INTERVAL_START][at] != SK_NO_ID;
}

/* Adds the batches that are being filled. */
static inline shukei_status plain_flush(struct sk_partial **parts, const struct plain_options *o,
                                        struct plain_batch *batches)
{
  shukei_status st = SHUKEI_OK;
  for (unsigned p = 0; !st && p < o->parts; p++)
    if (batches[p].batch.rows) {
      st = sk_partial_add(parts[p], &batches[p].batch, o->err);
      batches[p].batch.rows = 0;
    }
  return st;
}

/* As a stage does whose memory is short: one partial is spilled, or all meet. */
static inline shukei_status plain_spill(struct sk_partial **parts, unsigned part,
                                        struct sk_finish *finish, const struct plain_options *o,
                                        struct plain_random *random, struct plain_batch *batches)
{
  if (plain_below(random, 3))
    return sk_finish_spill(finish, parts[part], o->err);
  const shukei_status st = plain_flush(parts, o, batches);
  return st ? st : sk_finish_empty(finish, o->err);
}

static inline shukei_status plain_feed(const struct plain_report *report, struct sk_partial **parts,
                                       struct sk_finish *finish, const struct plain_options *o,
                                       struct plain_random *random, struct plain_batch *batches)
{
  shukei_status st = SHUKEI_OK;
  uint32_t *order = sk_alloc(NULL, (report->count + 1) * sizeof *order);
  if (!order)
    return SHUKEI_ENOMEM;
  for (size_t i = 0; i < report->count; i++)
    order[i] = (uint32_t)i;
  for (size_t i = report->count; o->seed && i > 1; i--) {
    const size_t other = plain_below(random, i);
    const uint32_t t = order[i - 1];
    order[i - 1] = order[other];
    order[other] = t;
  }
  for (unsigned p = 0; p < o->parts; p++)
    batches[p].batch.rows = 0;
  for (size_t i = 0; !st && i < report->count; i++) {
    const unsigned p = (unsigned)plain_below(random, o->parts);
    struct plain_batch *b = &batches[p];
    if (!plain_put(b, sk_partial_symbols(parts[p]), report, &report->rows[order[i]],
                   sk_partial_wants(parts[p], report->report)))
      st = SHUKEI_ENOMEM;
    else if (b->batch.rows == SK_BATCH_ROWS || plain_below(random, o->spills ? 4 : 100) == 0) {
      st = sk_partial_add(parts[p], &b->batch, o->err);
      b->batch.rows = 0;
      if (!st && finish && plain_below(random, 100) < o->spills)
        st = plain_spill(parts, p, finish, o, random, batches);
    }
  }
  if (!st)
    st = plain_flush(parts, o, batches);
  sk_free(order);
  return st;
}

static inline bool plain_has(const struct plain_case *c, enum sk_stage stage)
{
  bool any = false;
  for (size_t r = 0; r < c->report_count; r++)
    any |= sk_stage_of_report(c->reports[r].report) == stage && c->reports[r].count;
  return any;
}

/* Labels and storage. */
static inline shukei_status plain_stage(const struct plain_case *c, const struct sk_rules *rules,
                                        enum sk_stage stage, const struct plain_options *o,
                                        struct plain_random *random, struct plain_batch *batches,
                                        struct sk_partial *done[SK_STAGE_COUNT])
{
  struct sk_partial *parts[PLAIN_PARTS] = {NULL};
  shukei_status st = SHUKEI_OK;
  unsigned left = o->parts;
  if (!plain_has(c, stage))
    return SHUKEI_OK;
  for (unsigned p = 0; !st && p < o->parts; p++)
    st = sk_partial_new(rules, stage, (const struct sk_partial *const *)done, parts[0], o->budget,
                        &parts[p], o->err);
  for (size_t r = 0; !st && r < c->report_count; r++)
    if (sk_stage_of_report(c->reports[r].report) == stage)
      st = plain_feed(&c->reports[r], parts, NULL, o, random, batches);
  while (!st && left > 1) { /* any two of those that are left */
    const unsigned a = (unsigned)plain_below(random, left);
    const unsigned b = (a + 1 + (unsigned)plain_below(random, left - 1)) % left;
    st = sk_partial_merge(parts[a], parts[b], o->err);
    if (st)
      break;
    sk_partial_free(parts[b]);
    parts[b] = parts[--left];
    parts[left] = NULL;
  }
  if (!st) {
    done[stage] = parts[0];
    parts[0] = NULL;
  }
  for (unsigned p = 0; p < o->parts; p++)
    sk_partial_free(parts[p]);
  return st;
}

static inline void plain_cell(struct sk_buffer *out, const char *text, size_t length)
{
  if (!memchr(text, ',', length) && !memchr(text, '"', length) && !memchr(text, '\n', length) &&
      !memchr(text, '\r', length)) {
    sk_buffer_add(out, text, length);
    return;
  }
  sk_buffer_byte(out, '"');
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"')
      sk_buffer_byte(out, '"');
    sk_buffer_byte(out, (uint8_t)text[i]);
  }
  sk_buffer_byte(out, '"');
}

static inline void plain_print(struct sk_buffer *out, const struct sk_row *row)
{
  char text[64];
  for (int c = 0; c < SK_ROW_COLUMN_COUNT; c++) {
    if (c)
      sk_buffer_byte(out, ',');
    if (!sk_row_has(row, (enum sk_row_column)c))
      continue;
    const union sk_cell *cell = &row->cells[c];
    switch (sk_row_columns[c].kind) {
    case SK_ROW_MEASURE:
      sk_buffer_add(out, text, sk_number_format(cell->measure, text));
      break;
    case SK_ROW_INTEGER:
      sk_buffer_add(out, text, sk_integer_format(cell->integer, text));
      break;
    case SK_ROW_DAY:
      sk_buffer_text(out, sk_day_text((int32_t)cell->integer, text));
      break;
    default:
      plain_cell(out, cell->text.bytes, cell->text.length);
    }
  }
  sk_buffer_byte(out, '\n');
}

static inline shukei_status plain_take(void *context, const struct sk_row *row, shukei_error *err)
{
  (void)err;
  plain_print(context, row);
  return SHUKEI_OK;
}

/* Those of a report's rows that are of the day, INT32_MIN: all. */
static inline shukei_status plain_feed_day(const struct plain_report *report, int32_t day,
                                           struct sk_partial **parts, struct sk_finish *finish,
                                           const struct plain_options *o,
                                           struct plain_random *random, struct plain_batch *batches)
{
  struct plain_report some = *report;
  some.count = 0;
  some.rows = sk_alloc(NULL, (report->count + 1) * sizeof *some.rows);
  if (!some.rows)
    return SHUKEI_ENOMEM;
  for (size_t i = 0; i < report->count; i++)
    if (day == INT32_MIN || sk_day_of_us(report->rows[i].us) == day)
      some.rows[some.count++] = report->rows[i];
  const shukei_status st =
      some.count ? plain_feed(&some, parts, finish, o, random, batches) : SHUKEI_OK;
  sk_free(some.rows);
  return st;
}

/* A day's rows, part by part, each by any of the workers; then those of the tail. */
static inline shukei_status plain_day(struct sk_finish *finish, int32_t number, unsigned workers,
                                      const struct plain_options *o, struct plain_random *random,
                                      struct sk_buffer *out)
{
  struct sk_day *day = NULL;
  shukei_status st = sk_day_open(finish, number, &day, o->err);
  for (int half = 0; !st && half < 2; half++) {
    bool gone[PLAIN_PARTS] = {false}; /* found nothing to claim */
    unsigned left = workers;
    uint32_t part, made = 0;
    if (half)
      st = sk_day_tail(day, o->err);
    while (!st && left) {
      const unsigned worker = (unsigned)plain_below(random, workers);
      if (gone[worker])
        continue;
      if (!sk_day_claim(day, worker, &part)) {
        gone[worker] = true;
        left--;
        continue;
      }
      plain_must(part == made++, "a part that nobody makes: the next ones wait for it for ever");
      st = sk_day_rows(day, worker, part, plain_take, out, o->err);
    }
  }
  sk_day_close(day);
  return st;
}

static inline shukei_status plain_pods(const struct plain_case *c, const struct sk_rules *rules,
                                       const struct plain_options *o, struct plain_random *random,
                                       struct plain_batch *batches,
                                       struct sk_partial *done[SK_STAGE_COUNT],
                                       struct sk_buffer *out, struct sk_summary_counts *counts)
{
  struct sk_partial *parts[PLAIN_PARTS] = {NULL};
  struct sk_finish *finish = NULL;
  const unsigned parts_used = plain_has(c, SK_STAGE_PODS) ? o->parts : 0, workers = 3;
  shukei_status st = SHUKEI_OK;
  int32_t day;
  for (unsigned p = 0; !st && p < parts_used; p++)
    st = sk_partial_new(rules, SK_STAGE_PODS, (const struct sk_partial *const *)done, parts[0],
                        o->budget, &parts[p], o->err);
  if (!st)
    st = sk_finish_new(rules, (const struct sk_partial *const *)done, parts, parts_used, workers,
                       o->budget, &finish, o->err);
  for (int32_t from = o->by_day ? c->start : c->end; !st && from <= c->end; from++) {
    for (size_t r = 0; !st && r < c->report_count; r++)
      if (sk_stage_of_report(c->reports[r].report) == SK_STAGE_PODS)
        st = plain_feed_day(&c->reports[r], o->by_day ? from : INT32_MIN, parts, finish, o, random,
                            batches);
    while (!st && sk_finish_next_day(finish, (int64_t)from + 1, &day))
      st = plain_day(finish, day, workers, o, random, out);
    if (!st && o->by_day && plain_below(random, 2))
      st = sk_finish_empty(finish, o->err); /* nothing is left to write */
  }
  if (!st && !sk_finish_counts(finish, counts))
    st = SHUKEI_ENOMEM;
  sk_finish_free(finish);
  for (unsigned p = 0; p < parts_used; p++)
    sk_partial_free(parts[p]);
  return st;
}

/* Appends the case's summary with a header to out. counts may be NULL. */
static inline shukei_status plain_run(const struct plain_case *c, const struct plain_options *o,
                                      struct sk_buffer *out, struct sk_summary_counts *counts)
{
  const struct sk_rules rules = {.enabled_keys = c->enabled_keys,
                                 .enabled_key_count = c->enabled_key_count,
                                 .cost_categories = c->categories,
                                 .cost_category_count = c->category_count,
                                 .nodes = c->nodes,
                                 .node_count = c->node_count,
                                 .labels = o->labels,
                                 .source_uuid = o->source_uuid};
  struct sk_partial *done[SK_STAGE_COUNT] = {NULL};
  struct plain_random random = {o->seed};
  struct sk_summary_counts own;
  shukei_status st = SHUKEI_OK;
  struct plain_batch *batches = sk_alloc(NULL, PLAIN_PARTS * sizeof *batches);
  if (!batches)
    return SHUKEI_ENOMEM;
  for (int stage = 0; !st && stage < SK_STAGE_PODS; stage++)
    st = plain_stage(c, &rules, (enum sk_stage)stage, o, &random, batches, done);
  for (int i = 0; i < SK_ROW_COLUMN_COUNT; i++) {
    sk_buffer_text(out, i ? "," : "");
    sk_buffer_text(out, sk_row_columns[i].name);
  }
  sk_buffer_byte(out, '\n');
  if (!st)
    st = plain_pods(c, &rules, o, &random, batches, done, out, counts ? counts : &own);
  for (int stage = 0; stage < SK_STAGE_COUNT; stage++)
    sk_partial_free(done[stage]);
  sk_free(batches);
  return st ? st : out->failed ? SHUKEI_ENOMEM : SHUKEI_OK;
}

#endif
