/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown (tables in GitHub's dialect) and CSV. */
#include "report/documents.h"
#include "report/escape.h"

static void markdown_row(struct sk_buffer *out, const struct sk_doc_table *table,
                         const struct sk_doc_row *row)
{
  const struct sk_doc_cell *cell = row->cells;
  sk_buffer_byte(out, '|');
  for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
    sk_buffer_byte(out, ' ');
    if (cell)
      sk_escape_markdown(out, cell->text);
    sk_buffer_text(out, " |");
    cell = cell ? cell->next : NULL;
  }
  sk_buffer_byte(out, '\n');
}

static void markdown_table(struct sk_buffer *out, const struct sk_doc_table *table)
{
  sk_escape_markdown(out, table->caption);
  sk_buffer_text(out, ":\n\n|");
  for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
    sk_buffer_byte(out, ' ');
    sk_escape_markdown(out, column->title);
    sk_buffer_text(out, " |");
  }
  sk_buffer_text(out, "\n|");
  for (const struct sk_doc_column *column = table->columns; column; column = column->next)
    sk_buffer_text(out, column->number ? "---:|" : "---|");
  sk_buffer_byte(out, '\n');
  for (const struct sk_doc_row *row = table->rows; row; row = row->next)
    markdown_row(out, table, row);
  sk_buffer_byte(out, '\n');
}

static void markdown_block(struct sk_buffer *out, const struct sk_doc_block *block,
                           const char *charts)
{
  switch (block->kind) {
  case SK_DOC_PARAGRAPH:
    sk_escape_markdown(out, block->text);
    sk_buffer_text(out, "\n\n");
    break;
  case SK_DOC_ITEM:
    sk_buffer_text(out, "- ");
    sk_escape_markdown(out, block->text);
    sk_buffer_text(out, block->next && block->next->kind == SK_DOC_ITEM ? "\n" : "\n\n");
    break;
  case SK_DOC_COMMAND: /* indented code: only a line feed can end it, and here is none */
    sk_buffer_text(out, "    ");
    sk_escape_plain(out, block->text);
    sk_buffer_text(out, block->next && block->next->kind == SK_DOC_COMMAND ? "\n" : "\n\n");
    break;
  case SK_DOC_TABLE:
    markdown_table(out, block->table);
    break;
  case SK_DOC_CHART:
    if (!charts)
      break;
    sk_buffer_text(out, "![");
    sk_escape_markdown(out, block->chart->title);
    sk_buffer_printf(out, "](%s%s.svg)\n\n", charts, block->chart->id);
    break;
  }
}

void sk_report_markdown(struct sk_buffer *out, const struct sk_doc *doc, const char *charts)
{
  sk_buffer_text(out, "# ");
  sk_escape_markdown(out, doc->title);
  sk_buffer_text(out, "\n\n");
  sk_escape_markdown(out, doc->subtitle);
  sk_buffer_text(out, "\n\n");
  for (const struct sk_doc_section *section = doc->sections; section; section = section->next) {
    sk_buffer_text(out, "## ");
    sk_escape_markdown(out, section->title);
    sk_buffer_text(out, "\n\n");
    for (const struct sk_doc_block *block = section->blocks; block; block = block->next)
      markdown_block(out, block, charts);
  }
}

void sk_report_csv(struct sk_buffer *out, const struct sk_doc_table *table)
{
  for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
    sk_escape_csv(out, column->name);
    sk_buffer_text(out, column->next ? "," : "\r\n");
  }
  for (const struct sk_doc_row *row = table->rows; row; row = row->next) {
    const struct sk_doc_cell *cell = row->cells;
    for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
      if (cell)
        sk_escape_csv(out, cell->plain);
      cell = cell ? cell->next : NULL;
      sk_buffer_text(out, column->next ? "," : "\r\n");
    }
  }
}
