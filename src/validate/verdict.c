/* SPDX-License-Identifier: Apache-2.0 */
/* Places are told in the order of day, namespace and node; of each the number of rows where it
 * differs, and every measure that does. Where the sums of a place agree and its rows do not, that
 * is one difference. */
#include "validate/verdict.h"

#include "base/calendar.h"
#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>

#define LINE_MOST ((size_t)4 << 20)
#define PLACE_LINES 3 /* of text: a row that is lost differs in every measure of its place */

struct place {
  struct sk_cell_key key;
  const struct sk_intern_entry *namespace, *node;
  const struct sk_cell *cell;
  shukei_cause cause;
};
struct telling {
  const struct sk_verdict *verdict;
  struct sk_buffer *out;
  uint64_t told, place_told;
  bool json;
};
struct difference {
  const struct place *place;
  const char *measure;
  double expected, found;
};

static int compare_texts(const struct sk_intern_entry *a, const struct sk_intern_entry *b)
{
  const int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_place(const void *a, const void *b)
{
  const struct place *const x = a, *const y = b;
  int order = (x->key.day > y->key.day) - (x->key.day < y->key.day);
  if (!order)
    order = compare_texts(x->namespace, y->namespace);
  return order ? order : compare_texts(x->node, y->node);
}

/* The most frequent cause of a place. */
static shukei_cause cause_of(const struct sk_cell *cell)
{
  int best = 0;
  for (int i = 1; i < SHUKEI_CAUSE_COUNT; i++)
    if (cell->events[i] > cell->events[best])
      best = i;
  return (shukei_cause)best;
}

static struct place *list_places(const struct sk_compare *c, size_t *count)
{
  const uint32_t cells = sk_recount_count(&c->cells);
  struct place *const places = sk_alloc(c->budget, ((size_t)cells + 1) * sizeof *places);
  *count = 0;
  for (uint32_t i = 1; places && i <= cells; i++) {
    const struct sk_cell *const cell = sk_recount_value(&c->cells, i);
    if (!cell->event_count)
      continue;
    struct place *const place = &places[(*count)++];
    memcpy(&place->key, sk_recount_key(&c->cells, i), sizeof place->key);
    place->namespace = sk_intern_at(&c->names->texts, place->key.namespace);
    place->node = sk_intern_at(&c->names->texts, place->key.node);
    place->cell = cell;
    place->cause = cause_of(cell);
  }
  if (places)
    qsort(places, *count, sizeof *places, by_place);
  return places;
}

/* ---- words ---------------------------------------------------------------------------------- */

static void add_name(struct sk_buffer *out, const struct sk_intern_entry *name)
{
  sk_json_quote(out, name->bytes, name->length);
}

static void add_labels(struct sk_buffer *out, const struct sk_compare *c, uint32_t set)
{
  const struct sk_intern_entry *const text = sk_intern_at(&c->names->labels.texts, set);
  if (set)
    sk_buffer_add(out, text->bytes, text->length);
  else
    sk_buffer_text(out, "null");
}

/* What an example of the place's rows shows beyond its cause; nothing where it shows no more. */
static void add_detail(struct sk_buffer *out, const struct sk_compare *c, const struct place *place)
{
  const struct sk_cell *const cell = place->cell;
  char day[16];
  if (!cell->expected || !cell->found || cell->shown != place->cause)
    return;
  const struct sk_check_row *const e = &c->expected.rows[cell->expected - 1];
  const struct sk_check_row *const f = &c->odd.rows[cell->found - 1];
  if (e->key.namespace != f->key.namespace) {
    sk_buffer_text(out, "rows of ");
    add_name(out, sk_intern_at(&c->names->texts, e->key.namespace));
    sk_buffer_text(out, " are there as ");
    add_name(out, sk_intern_at(&c->names->texts, f->key.namespace));
  } else if (e->key.day != f->key.day) {
    sk_buffer_printf(out, "rows of %s", sk_day_text(e->key.day, day));
    sk_buffer_printf(out, " are there as %s", sk_day_text(f->key.day, day));
  } else if (e->key.labels != f->key.labels || e->all_labels != f->all_labels) {
    const bool own = e->key.labels != f->key.labels;
    sk_buffer_text(out, "labels ");
    add_labels(out, c, own ? e->key.labels : e->all_labels);
    sk_buffer_text(out, " are there as ");
    add_labels(out, c, own ? f->key.labels : f->all_labels);
  } else if (f->unlike & SK_UNLIKE_DATA_SOURCE) {
    sk_buffer_text(out, "data_source is neither Pod nor Storage");
  } else if (f->unlike & SK_UNLIKE_LABELS) {
    sk_buffer_text(out, f->key.sort == SK_ROW_STORAGE ? "rows of volumes have pod_labels"
                                                      : "rows of pods have volume_labels");
  } else if (f->unlike & SK_UNLIKE_USAGE_COST) {
    sk_buffer_text(out, "infrastructure_usage_cost is another one");
  }
}

static void add_number(struct sk_buffer *out, double value, bool json)
{
  char text[SK_NUMBER_TEXT];
  if (!json)
    sk_buffer_printf(out, "%.12g", value);
  else if (isfinite(value))
    sk_buffer_add(out, text, sk_number_format(value, text));
  else
    sk_buffer_text(out, "null");
}

static double relative(const struct difference *d)
{
  const double most = fmax(fabs(d->expected), fabs(d->found));
  return most > 0 ? (d->found - d->expected) / (d->expected != 0 ? fabs(d->expected) : most) : 0;
}

static void tell_json(struct telling *t, const struct difference *d)
{
  struct sk_buffer *const out = t->out;
  const struct sk_compare *const c = t->verdict->compare;
  struct sk_buffer detail;
  char day[16];
  sk_buffer_init(&detail, c->budget, LINE_MOST);
  add_detail(&detail, c, d->place);
  sk_buffer_printf(out, "%s\n    {\"day\": \"%s\", \"namespace\": ", t->told ? "," : "",
                   sk_day_text(d->place->key.day, day));
  add_name(out, d->place->namespace);
  sk_buffer_text(out, ", \"node\": ");
  add_name(out, d->place->node);
  sk_buffer_printf(out, ", \"measure\": \"%s\", \"expected\": ", d->measure);
  add_number(out, d->expected, true);
  sk_buffer_text(out, ", \"found\": ");
  add_number(out, d->found, true);
  sk_buffer_text(out, ", \"difference\": ");
  add_number(out, d->found - d->expected, true);
  sk_buffer_text(out, ", \"relative\": ");
  add_number(out, relative(d), true);
  sk_buffer_printf(out, ", \"cause\": \"%s\"", shukei_cause_name(d->place->cause));
  if (detail.length) {
    sk_buffer_text(out, ", \"detail\": ");
    sk_json_quote(out, (const char *)detail.bytes, detail.length);
  }
  sk_buffer_byte(out, '}');
  out->failed |= detail.failed;
  sk_buffer_reset(&detail);
}

static void add_or_dash(struct sk_buffer *out, const struct sk_intern_entry *name)
{
  sk_buffer_text(out, "  ");
  sk_buffer_add(out, name->length ? name->bytes : "-", name->length ? name->length : 1);
}

/* Names and labels are the table's: what of them a terminal would obey is shown, not sent. */
static void tell_text(struct telling *t, const struct difference *d)
{
  struct sk_buffer line;
  char day[16];
  sk_buffer_init(&line, t->verdict->compare->budget, LINE_MOST);
  sk_buffer_text(&line, sk_day_text(d->place->key.day, day));
  add_or_dash(&line, d->place->namespace);
  add_or_dash(&line, d->place->node);
  sk_buffer_printf(&line, "  %s: expected ", d->measure);
  add_number(&line, d->expected, false);
  sk_buffer_text(&line, ", found ");
  add_number(&line, d->found, false);
  sk_buffer_printf(&line, ", difference %+.6g (%+.4g %%): %s", d->found - d->expected,
                   relative(d) * 100, shukei_cause_name(d->place->cause));
  const size_t before = line.length;
  sk_buffer_text(&line, "; ");
  add_detail(&line, t->verdict->compare, d->place);
  if (line.length == before + 2)
    line.length = before;
  sk_text_show(t->out, line.bytes, line.length);
  sk_buffer_byte(t->out, '\n');
  t->out->failed |= line.failed;
  sk_buffer_reset(&line);
}

static void tell(struct telling *t, const struct difference *d)
{
  shukei_validate_result *const result = t->verdict->result;
  result->differences++;
  if (t->told >= t->verdict->compare->request->options->limit ||
      (!t->json && t->place_told == PLACE_LINES))
    return;
  if (t->json)
    tell_json(t, d);
  else
    tell_text(t, d);
  t->told++;
  t->place_told++;
}

static void tell_place(struct telling *t, const struct place *place)
{
  const struct sk_compare *const c = t->verdict->compare;
  const struct sk_cell *const cell = place->cell;
  const uint64_t before = t->verdict->result->differences;
  t->place_told = 0;
  struct difference d = {place, "rows", (double)cell->rows[0], (double)cell->rows[1]};
  if (cell->rows[0] != cell->rows[1])
    tell(t, &d);
  for (int i = 0; i < SK_MEASURE_COUNT; i++) {
    d = (struct difference){place, sk_measure_names[i], cell->sums[0][i], cell->sums[1][i]};
    if (!sk_compare_same(c, d.expected, d.found, cell->scale[i]))
      tell(t, &d);
  }
  d = (struct difference){place, "rows_differing", 0, cell->event_count};
  if (t->verdict->result->differences == before)
    tell(t, &d);
}

/* ---- totals --------------------------------------------------------------------------------- */

struct totals {
  double sums[2][SK_MEASURE_COUNT], scale[SK_MEASURE_COUNT];
};

static void add_up(const struct sk_compare *c, struct totals *totals)
{
  memset(totals, 0, sizeof *totals);
  for (uint32_t i = 1; i <= sk_recount_count(&c->cells); i++) {
    const struct sk_cell *const cell = sk_recount_value(&c->cells, i);
    for (int m = 0; m < SK_MEASURE_COUNT; m++) {
      totals->sums[0][m] += cell->sums[0][m];
      totals->sums[1][m] += cell->sums[1][m];
      totals->scale[m] = fmax(totals->scale[m], cell->scale[m]);
    }
  }
}

static void write_totals(struct telling *t)
{
  const struct sk_compare *const c = t->verdict->compare;
  struct totals totals;
  bool first = true;
  add_up(c, &totals);
  for (int m = 0; m < SK_MEASURE_COUNT; m++) {
    const double expected = totals.sums[0][m], found = totals.sums[1][m];
    const struct difference d = {NULL, sk_measure_names[m], expected, found};
    if (t->json) {
      sk_buffer_printf(t->out, "%s\n    {\"measure\": \"%s\", \"expected\": ", first ? "" : ",",
                       d.measure);
      add_number(t->out, expected, true);
      sk_buffer_text(t->out, ", \"found\": ");
      add_number(t->out, found, true);
      sk_buffer_byte(t->out, '}');
    } else if (!sk_compare_same(c, expected, found, totals.scale[m])) {
      sk_buffer_printf(t->out, "%s  %s: expected %.12g, found %.12g, %+.4g %%\n",
                       first ? "in total:\n" : "", d.measure, expected, found, relative(&d) * 100);
    } else {
      continue;
    }
    first = false;
  }
}

/* ---- the report ----------------------------------------------------------------------------- */

static void write_days(const struct telling *t)
{
  char first[16], last[16];
  const struct sk_verdict *const v = t->verdict;
  const bool any = v->first_day <= v->last_day;
  sk_buffer_printf(t->out, t->json ? "\"%s\", \"last_day\": \"%s\"" : "%s to %s",
                   any ? sk_day_text(v->first_day, first) : "",
                   any ? sk_day_text(v->last_day, last) : "");
}

static void write_causes(struct telling *t)
{
  const uint64_t *const events = t->verdict->compare->events;
  const char *joint = "";
  for (int i = 0; i < SHUKEI_CAUSE_COUNT; i++) {
    if (!events[i])
      continue;
    sk_buffer_printf(t->out, t->json ? "%s\"%s\": %" PRIu64 : "%s%s %" PRIu64, joint,
                     shukei_cause_name((shukei_cause)i), events[i]);
    joint = ", ";
  }
}

/* Label keys that only one side has; as text they are shown as a terminal may get them. */
static void write_keys(struct telling *t, const char *before, const struct sk_buffer *keys)
{
  if (!keys->length)
    return;
  sk_buffer_text(t->out, before);
  if (t->json)
    sk_buffer_add(t->out, keys->bytes, keys->length);
  else
    sk_text_show(t->out, keys->bytes, keys->length);
  sk_buffer_text(t->out, t->json ? "]" : "");
}

static void write_text(struct telling *t, const struct place *places, size_t count)
{
  const shukei_validate_result *const r = t->verdict->result;
  for (size_t i = 0; i < count; i++)
    tell_place(t, &places[i]);
  if (count == 0) {
    sk_buffer_printf(t->out, "equal: %" PRIu64 " rows, ", r->rows_expected);
    write_days(t);
    sk_buffer_printf(t->out, ", all within %g\n", t->verdict->compare->tolerance);
    return;
  }
  if (t->told < r->differences)
    sk_buffer_printf(t->out, "... and %" PRIu64 " more\n", r->differences - t->told);
  write_totals(t);
  sk_buffer_text(t->out, "likely causes: ");
  write_causes(t);
  write_keys(t, "\nno row of the summary has labels ", &t->verdict->compare->lacking);
  write_keys(t, "\nrows of the summary have labels that --enabled-keys leaves out here: ",
             &t->verdict->compare->more);
  if (t->verdict->compare->other_source) {
    const struct sk_intern_entry *const name =
        sk_intern_at(&t->verdict->compare->names->texts, t->verdict->compare->other_name);
    sk_buffer_text(t->out, "\nmissing rows are there with the source \"");
    sk_text_show(t->out, name->bytes, name->length);
    sk_buffer_byte(t->out, '"');
  }
  sk_buffer_printf(t->out,
                   "\ndiffers: %" PRIu64 " differences in %" PRIu64 " places, %" PRIu64
                   " rows expected, %" PRIu64 " found, ",
                   r->differences, r->places, r->rows_expected, r->rows_found);
  write_days(t);
  sk_buffer_byte(t->out, '\n');
}

static void write_json(struct telling *t, const struct place *places, size_t count)
{
  const shukei_validate_result *const r = t->verdict->result;
  const char *const source = t->verdict->compare->request->source;
  sk_buffer_printf(t->out, "{\n  \"equal\": %s,\n  \"source\": ", count ? "false" : "true");
  if (source)
    sk_json_quote(t->out, source, strlen(source));
  else
    sk_buffer_text(t->out, "null");
  sk_buffer_text(t->out, ",\n  \"first_day\": ");
  write_days(t);
  sk_buffer_printf(t->out,
                   ",\n  \"rows_expected\": %" PRIu64 ", \"rows_found\": %" PRIu64
                   ", \"rows_differing\": %" PRIu64 ", \"places\": %" PRIu64
                   ",\n  \"tolerance\": %g, \"stale\": %s,\n  \"causes\": {",
                   r->rows_expected, r->rows_found, r->rows_differing, r->places,
                   t->verdict->compare->tolerance, r->stale ? "true" : "false");
  write_causes(t);
  sk_buffer_byte(t->out, '}');
  if (t->verdict->compare->other_source) {
    sk_buffer_text(t->out, ",\n  \"other_source\": ");
    add_name(t->out,
             sk_intern_at(&t->verdict->compare->names->texts, t->verdict->compare->other_name));
  }
  write_keys(t, ",\n  \"keys_lacking\": [", &t->verdict->compare->lacking);
  write_keys(t, ",\n  \"keys_more\": [", &t->verdict->compare->more);
  sk_buffer_text(t->out, ",\n  \"list\": [");
  for (size_t i = 0; i < count; i++)
    tell_place(t, &places[i]);
  sk_buffer_printf(t->out, "],\n  \"differences\": %" PRIu64 ",\n  \"totals\": [", r->differences);
  write_totals(t);
  sk_buffer_text(t->out, "]\n}\n");
}

shukei_status sk_verdict_write(const struct sk_verdict *verdict, struct sk_buffer *out,
                               shukei_error *err)
{
  const struct sk_compare *const c = verdict->compare;
  struct telling telling = {.verdict = verdict, .out = out, .json = c->request->options->json};
  size_t count;
  struct place *const places = list_places(c, &count);
  if (!places)
    return sk_fail_memory(err, c->budget, 0, "a list of differences");
  verdict->result->places = count;
  for (int i = 0; i < SHUKEI_CAUSE_COUNT; i++) {
    verdict->result->causes[i] = c->events[i];
    verdict->result->rows_differing += c->events[i];
  }
  if (telling.json)
    write_json(&telling, places, count);
  else
    write_text(&telling, places, count);
  sk_free(places);
  return out->failed ? sk_fail_memory(err, c->budget, 0, "the report") : SHUKEI_OK;
}
