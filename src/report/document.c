/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in an arena. */
#include "report/document.h"

#include <stdarg.h>
#include <stdio.h>

void sk_doc_init(struct sk_doc *doc, struct sk_budget *budget)
{
  *doc = (struct sk_doc){.title = "", .subtitle = ""};
  sk_arena_init(&doc->arena, budget);
}

void sk_doc_reset(struct sk_doc *doc)
{
  sk_arena_reset(&doc->arena);
  *doc = (struct sk_doc){.title = "", .subtitle = ""};
}

const char *sk_doc_text(struct sk_doc *doc, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  const int length = vsnprintf(NULL, 0, format, list);
  va_end(list);
  char *const text = length < 0 ? NULL : sk_arena_bytes(&doc->arena, (size_t)length + 1);
  if (!text) {
    doc->failed = true;
    return "";
  }
  va_start(list, format);
  vsnprintf(text, (size_t)length + 1, format, list);
  va_end(list);
  return text;
}

void *sk_doc_new(struct sk_doc *doc, size_t bytes)
{
  void *const block = sk_arena_alloc(&doc->arena, bytes);
  if (block)
    memset(block, 0, bytes);
  else
    doc->failed = true;
  return block;
}

struct sk_doc_section *sk_doc_section(struct sk_doc *doc, const char *id, const char *title)
{
  struct sk_doc_section *const section = sk_doc_new(doc, sizeof *section);
  if (!section)
    return NULL;
  section->id = id;
  section->title = title;
  if (doc->last)
    doc->last->next = section;
  else
    doc->sections = section;
  return doc->last = section;
}

static struct sk_doc_block *add_block(struct sk_doc *doc, struct sk_doc_section *section,
                                      enum sk_doc_kind kind)
{
  struct sk_doc_block *const block = section ? sk_doc_new(doc, sizeof *block) : NULL;
  if (!block)
    return NULL;
  block->kind = kind;
  if (section->last)
    section->last->next = block;
  else
    section->blocks = block;
  return section->last = block;
}

static void add_text(struct sk_doc *doc, struct sk_doc_section *section, enum sk_doc_kind kind,
                     const char *text)
{
  struct sk_doc_block *const block = add_block(doc, section, kind);
  if (block)
    block->text = text;
}

void sk_doc_paragraph(struct sk_doc *doc, struct sk_doc_section *section, const char *text)
{
  add_text(doc, section, SK_DOC_PARAGRAPH, text);
}

void sk_doc_item(struct sk_doc *doc, struct sk_doc_section *section, const char *text)
{
  add_text(doc, section, SK_DOC_ITEM, text);
}

void sk_doc_command(struct sk_doc *doc, struct sk_doc_section *section, const char *text)
{
  add_text(doc, section, SK_DOC_COMMAND, text);
}

struct sk_doc_table *sk_doc_table(struct sk_doc *doc, struct sk_doc_section *section,
                                  const char *id, const char *caption)
{
  struct sk_doc_table *const table = sk_doc_new(doc, sizeof *table);
  struct sk_doc_block *const block = table ? add_block(doc, section, SK_DOC_TABLE) : NULL;
  if (!block)
    return NULL;
  table->id = id;
  table->caption = caption;
  return block->table = table;
}

void sk_doc_column(struct sk_doc *doc, struct sk_doc_table *table, const char *title,
                   const char *name, bool number)
{
  struct sk_doc_column *const column = table ? sk_doc_new(doc, sizeof *column) : NULL;
  if (!column)
    return;
  *column = (struct sk_doc_column){.title = title, .name = name, .number = number};
  if (table->last_column)
    table->last_column->next = column;
  else
    table->columns = column;
  table->last_column = column;
}

void sk_doc_row(struct sk_doc *doc, struct sk_doc_table *table)
{
  struct sk_doc_row *const row = table ? sk_doc_new(doc, sizeof *row) : NULL;
  if (!row)
    return;
  if (table->last_row)
    table->last_row->next = row;
  else
    table->rows = row;
  table->last_row = row;
  table->row_count++;
}

void sk_doc_cell(struct sk_doc *doc, struct sk_doc_table *table, const char *text,
                 const char *plain)
{
  struct sk_doc_row *const row = table ? table->last_row : NULL;
  struct sk_doc_cell *const cell = row ? sk_doc_new(doc, sizeof *cell) : NULL;
  if (!cell)
    return;
  cell->text = text;
  cell->plain = plain ? plain : text;
  if (row->last)
    row->last->next = cell;
  else
    row->cells = cell;
  row->last = cell;
}

struct sk_chart *sk_doc_chart(struct sk_doc *doc, struct sk_doc_section *section,
                              enum sk_chart_kind kind, const char *id, const char *title,
                              const char *text)
{
  struct sk_chart *const chart = sk_doc_new(doc, sizeof *chart);
  struct sk_doc_block *const block = chart ? add_block(doc, section, SK_DOC_CHART) : NULL;
  if (!block)
    return NULL;
  *chart = (struct sk_chart){.kind = kind, .id = id, .title = title, .text = text};
  chart->x.title = chart->y.title = "";
  return block->chart = chart;
}

struct sk_series *sk_doc_series(struct sk_doc *doc, struct sk_chart *chart, const char *name,
                                unsigned look)
{
  struct sk_series *const series = chart ? sk_doc_new(doc, sizeof *series) : NULL;
  if (!series)
    return NULL;
  series->name = name;
  series->look = look;
  if (chart->last)
    chart->last->next = series;
  else
    chart->series = series;
  return chart->last = series;
}

void sk_doc_point(struct sk_doc *doc, struct sk_series *series, double x, double y, double low,
                  double high, const char *label)
{
  struct sk_point *const point = series ? sk_doc_new(doc, sizeof *point) : NULL;
  if (!point)
    return;
  *point = (struct sk_point){.x = x, .y = y, .low = low, .high = high, .label = label};
  if (series->last)
    series->last->next = point;
  else
    series->points = point;
  series->last = point;
}
