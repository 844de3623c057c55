/* SPDX-License-Identifier: Apache-2.0 */
/* A record that the buffer does not hold whole is scanned again from its beginning when more is
 * there. */
#include "validate/plain_records.h"

#include "base/number.h"

#include <string.h>

#define BUFFER_BYTES ((size_t)1 << 20)

enum found { FOUND_RECORD, FOUND_BLANK, FOUND_CUT, FOUND_NO_MEMORY };

shukei_status sk_plain_csv_open(struct sk_plain_csv *csv, const char *path, enum sk_flow_form form,
                                const char *member, const char *name, struct sk_budget *budget,
                                shukei_error *err)
{
  *csv = (struct sk_plain_csv){.budget = budget, .name = name, .capacity = BUFFER_BYTES};
  csv->bytes = sk_calloc(budget, BUFFER_BYTES + SK_NUMBER_PADDING, 1);
  if (!csv->bytes)
    return sk_fail_memory(err, budget, BUFFER_BYTES, "reading a report");
  return sk_flow_open(path, form, member, budget, &csv->flow, err);
}

void sk_plain_csv_close(struct sk_plain_csv *csv)
{
  sk_flow_close(csv->flow);
  sk_free(csv->bytes);
  sk_free(csv->cells);
  *csv = (struct sk_plain_csv){.flow = NULL};
}

static shukei_status grow(struct sk_plain_csv *csv, shukei_error *err)
{
  const size_t capacity = csv->capacity * 2;
  char *bytes = sk_realloc(csv->budget, csv->bytes, capacity + SK_NUMBER_PADDING);
  if (!bytes)
    return sk_fail_memory(err, csv->budget, capacity, "a record of CSV");
  csv->bytes = bytes;
  csv->capacity = capacity;
  return SHUKEI_OK;
}

/* Moves what is left to the front and reads more behind it. */
static shukei_status refill(struct sk_plain_csv *csv, shukei_error *err)
{
  size_t more = 0;
  shukei_status st = SHUKEI_OK;
  if (csv->begin) {
    memmove(csv->bytes, csv->bytes + csv->begin, csv->end - csv->begin);
    csv->end -= csv->begin;
    csv->begin = 0;
  }
  if (csv->end == csv->capacity)
    st = grow(csv, err);
  while (!st && !csv->at_end && csv->end < csv->capacity) {
    st = sk_flow_read(csv->flow, csv->bytes + csv->end, csv->capacity - csv->end, &more, err);
    csv->end += more;
    csv->at_end = !st && more == 0;
  }
  if (!st)
    memset(csv->bytes + csv->end, 0, SK_NUMBER_PADDING);
  return st;
}

static struct sk_plain_cell *add_cell(struct sk_plain_csv *csv, char *text)
{
  if (csv->count == csv->cell_capacity) {
    const size_t more = csv->cell_capacity ? csv->cell_capacity * 2 : 64;
    struct sk_plain_cell *cells = sk_realloc(csv->budget, csv->cells, more * sizeof *cells);
    if (!cells)
      return NULL;
    csv->cells = cells;
    csv->cell_capacity = more;
  }
  struct sk_plain_cell *const cell = &csv->cells[csv->count++];
  *cell = (struct sk_plain_cell){text, 0, false};
  return cell;
}

static bool ends_cell(char c)
{
  return c == ',' || c == '\n' || c == '\r';
}

/* Behind the cell that begins at `at`; NULL where the buffer ends before that is known. */
static char *scan_cell(const struct sk_plain_csv *csv, char *at, struct sk_plain_cell *cell)
{
  char *const end = csv->bytes + csv->end;
  cell->quoted = at < end && *at == '"';
  if (cell->quoted) {
    for (at++;; at += 2) {
      at = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
      if (!at)
        return csv->at_end ? end : NULL;
      if (at + 1 == end && !csv->at_end)
        return NULL;
      if (at + 1 == end || at[1] != '"')
        break;
    }
    at++;
  }
  while (at < end && !ends_cell(*at))
    at++;
  return at < end || csv->at_end ? at : NULL;
}

/* Takes the quotes of a cell away, in place. */
static void unquote(struct sk_plain_cell *cell)
{
  char *const text = cell->text;
  size_t out = 0, in = 1;
  for (; in < cell->length; in++) {
    if (text[in] == '"') {
      if (in + 1 == cell->length || text[in + 1] != '"')
        break;
      in++;
    }
    text[out++] = text[in];
  }
  for (in++; in < cell->length; in++)
    text[out++] = text[in];
  cell->length = out;
}

static enum found scan(struct sk_plain_csv *csv)
{
  char *at = csv->bytes + csv->begin, *const end = csv->bytes + csv->end;
  char *const first = at;
  csv->count = 0;
  for (;; at++) {
    struct sk_plain_cell *const cell = add_cell(csv, at);
    if (!cell)
      return FOUND_NO_MEMORY;
    at = scan_cell(csv, at, cell);
    if (!at || (at + 1 == end && *at == '\r' && !csv->at_end))
      return FOUND_CUT;
    cell->length = (size_t)(at - cell->text);
    if (at == end || *at != ',')
      break;
  }
  const bool blank = at == first;
  if (at < end)
    at += at + 1 < end && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
  csv->begin = (size_t)(at - csv->bytes);
  if (blank)
    return FOUND_BLANK;
  for (size_t i = 0; i < csv->count; i++)
    if (csv->cells[i].quoted)
      unquote(&csv->cells[i]);
  return FOUND_RECORD;
}

shukei_status sk_plain_csv_next(struct sk_plain_csv *csv, bool *there, shukei_error *err)
{
  *there = false;
  for (;;) {
    const bool empty = csv->begin == csv->end;
    if (empty && csv->at_end)
      return SHUKEI_OK;
    const enum found found = empty ? FOUND_CUT : scan(csv);
    if (found == FOUND_NO_MEMORY)
      return sk_fail_memory(err, csv->budget, 0, "a record of CSV");
    if (found == FOUND_CUT) {
      const shukei_status st = refill(csv, err);
      if (st)
        return st;
    }
    if (found == FOUND_RECORD) {
      csv->row += csv->begun;
      csv->begun = true;
      *there = true;
      return SHUKEI_OK;
    }
  }
}
