/* SPDX-License-Identifier: Apache-2.0 */
/* A document before it has a form: sections of paragraphs, items, tables, charts and commands,
 * which write_*.c turn into HTML, Markdown, CSV and slides.
 *
 *   sk_doc_init() -> sk_doc_section() -> sk_doc_paragraph(), sk_doc_table(), sk_doc_chart() ...
 *   -> sk_doc_reset()
 *
 * All of it lives in the document's arena. Without memory a call sets `failed`, returns NULL where
 * it returns something, and takes NULL for what another call could not make: one check at the end
 * is enough. Texts are plain: they are escaped where they are written. */
#ifndef SK_REPORT_DOCUMENT_H
#define SK_REPORT_DOCUMENT_H

#include "base/arena.h"
#include "report/chart.h"

struct sk_doc_column {
  const char *title; /* for people */
  const char *name;  /* for programs, with the unit: "peak_rss_bytes" */
  bool number;       /* set to the right */
  struct sk_doc_column *next;
};

struct sk_doc_cell {
  const char *text; /* for people */
  const char
      *plain; /* for programs: a number without grouping and unit, "" where it is not known */
  struct sk_doc_cell *next;
};

struct sk_doc_row {
  struct sk_doc_cell *cells, *last;
  struct sk_doc_row *next;
};

struct sk_doc_table {
  const char *id, *caption;
  struct sk_doc_column *columns, *last_column;
  struct sk_doc_row *rows, *last_row;
  size_t row_count;
};

enum sk_doc_kind {
  SK_DOC_PARAGRAPH,
  SK_DOC_ITEM,    /* of a list */
  SK_DOC_COMMAND, /* a line for a shell */
  SK_DOC_TABLE,
  SK_DOC_CHART
};

struct sk_doc_block {
  enum sk_doc_kind kind;
  const char *text; /* of the first three */
  struct sk_doc_table *table;
  struct sk_chart *chart;
  struct sk_doc_block *next;
};

struct sk_doc_section {
  const char *id, *title;
  struct sk_doc_block *blocks, *last;
  struct sk_doc_section *next;
};

struct sk_doc {
  struct sk_arena arena;
  bool failed;
  const char *title, *subtitle;
  struct sk_doc_section *sections, *last;
};

void sk_doc_init(struct sk_doc *doc, struct sk_budget *budget);
void sk_doc_reset(struct sk_doc *doc);

/* A text as printf makes it; "" without memory. */
const char *sk_doc_text(struct sk_doc *doc, const char *format, ...) SK_PRINTF(2, 3);
/* Zeroed memory, or NULL. */
void *sk_doc_new(struct sk_doc *doc, size_t bytes);

/* id is a name of letters, digits and dashes that no other has. */
struct sk_doc_section *sk_doc_section(struct sk_doc *doc, const char *id, const char *title);
void sk_doc_paragraph(struct sk_doc *doc, struct sk_doc_section *section, const char *text);
void sk_doc_item(struct sk_doc *doc, struct sk_doc_section *section, const char *text);
void sk_doc_command(struct sk_doc *doc, struct sk_doc_section *section, const char *text);

struct sk_doc_table *sk_doc_table(struct sk_doc *doc, struct sk_doc_section *section,
                                  const char *id, const char *caption);
/* All columns come before the first row. */
void sk_doc_column(struct sk_doc *doc, struct sk_doc_table *table, const char *title,
                   const char *name, bool number);
void sk_doc_row(struct sk_doc *doc, struct sk_doc_table *table);
/* The next cell of the last row; plain NULL: the same as text. */
void sk_doc_cell(struct sk_doc *doc, struct sk_doc_table *table, const char *text,
                 const char *plain);

/* A chart whose members the caller fills in; the alternative in words is `text`. */
struct sk_chart *sk_doc_chart(struct sk_doc *doc, struct sk_doc_section *section,
                              enum sk_chart_kind kind, const char *id, const char *title,
                              const char *text);
struct sk_series *sk_doc_series(struct sk_doc *doc, struct sk_chart *chart, const char *name,
                                unsigned look);
/* low and high: NAN where there is no interval; label: of a bar, else NULL. */
void sk_doc_point(struct sk_doc *doc, struct sk_series *series, double x, double y, double low,
                  double high, const char *label);

#endif
