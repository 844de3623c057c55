/* SPDX-License-Identifier: Apache-2.0 */
/* The report as one HTML file: nothing of it is fetched, and its policy allows neither scripts nor
 * anything from elsewhere. Tables and texts can be read without style, too. */
#include "report/documents.h"
#include "report/escape.h"
#include "report/write_parts.h"

static const char style[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "
    "system-ui,-apple-system,\"Segoe UI\",\"Liberation Sans\",Arial,sans-serif}\n"
    "h1{font-size:1.75rem;line-height:1.2;margin:0 0 "
    ".25rem}h2{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem}\n"
    "p{max-width:46rem;margin:0 0 1rem}a{color:var(--c0)}\n"
    ".frame{overflow-x:auto;margin:0 0 1.5rem;max-width:100%}\n"
    ".frame:focus-visible{outline:2px solid var(--c0);outline-offset:2px}\n"
    "table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;color:var(--soft);padding:0 0 .4rem;white-space:nowrap}\n"
    "th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid "
    "var(--grid)}\n"
    "thead th{color:var(--soft);font-weight:600;border-bottom:1px solid "
    "var(--axis);vertical-align:bottom}\n"
    "tbody "
    "th{font-weight:600}.n{text-align:right;padding-left:.75rem;padding-right:0;white-space:nowrap}"
    ".n+td,.n+th{padding-left:1.25rem}\n"
    "td.t{min-width:9rem;max-width:26rem;overflow-wrap:anywhere}\n"
    "figure{margin:0 0 1.75rem;min-width:0}figcaption{font-weight:600;margin:0 0 .4rem}\n"
    ".chart{display:block;max-width:100%;height:auto}.narrow{display:none}\n";

static const char page_style[] =
    "main,header,nav{max-width:86rem;margin:0 auto;padding:0 1.25rem}header{padding-top:2.5rem}\n"
    "header p{color:var(--soft);overflow-wrap:anywhere}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0 0 "
    "1rem;padding:0;font-size:.9rem}\n"
    "section{padding:1.5rem 0 .5rem;border-top:1px solid var(--grid)}\n"
    "#summary ul{font-size:1.06rem;max-width:56rem;padding-left:1.2rem;margin:0 0 1rem}#summary "
    "li{margin:0 0 .4rem}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(36rem,100%),1fr));gap:0 "
    "2rem}\n"
    "pre{overflow-x:auto;margin:0 0 1rem;padding:.75rem 1rem;border:1px solid "
    "var(--grid);border-radius:6px;font:13px/1.6 ui-monospace,\"Liberation "
    "Mono\",Menlo,monospace}\n"
    "pre:focus-visible{outline:2px solid var(--c0)}\n"
    "@media screen and "
    "(max-width:44rem){.wide{display:none}.narrow{display:block}h1{font-size:1.4rem}main,header,"
    "nav{padding-left:1rem;padding-right:1rem}}\n"
    "@media "
    "print{@page{margin:14mm}:root{color-scheme:light}body{font-size:10.5pt}nav{display:none}"
    "header{padding-top:0}main,header{max-width:none;padding:0}"
    ".frame,pre{overflow:visible}table{font-size:7.5pt}td.t{min-width:0}caption{white-space:normal}"
    "th,td,.n{padding:.15rem .35rem .15rem "
    "0;white-space:normal;overflow-wrap:anywhere}.n+td,.n+th{padding-left:.6rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:8pt}.charts{display:block}figure,tr,"
    "h2{break-inside:avoid}h2{break-after:avoid}figure{margin-bottom:1rem}}\n";

void sk_html_head(struct sk_buffer *out, const struct sk_doc *doc, const char *policy)
{
  sk_buffer_printf(out,
                   "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
                   policy);
  sk_escape_html(out, doc->title);
  sk_buffer_text(out, "</title>\n<style>\n");
  sk_chart_style(out);
  sk_buffer_text(out, style);
}

static void html_row(struct sk_buffer *out, const struct sk_doc_table *table,
                     const struct sk_doc_row *row)
{
  const struct sk_doc_cell *cell = row->cells;
  sk_buffer_text(out, "<tr>");
  for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
    const bool head = column == table->columns;
    sk_buffer_text(out, head ? "<th scope=\"row\">" : column->number ? "<td class=\"n\">" : "<td>");
    if (!head && !column->number && cell && strlen(cell->text) > 24) {
      out->length -= strlen("<td>"); /* a text that may be broken */
      sk_buffer_text(out, "<td class=\"t\">");
    }
    if (cell)
      sk_escape_html(out, cell->text);
    sk_buffer_text(out, head ? "</th>" : "</td>");
    cell = cell ? cell->next : NULL;
  }
  sk_buffer_text(out, "</tr>\n");
}

void sk_html_table(struct sk_buffer *out, const struct sk_doc_table *table, size_t most)
{
  size_t count = 0;
  sk_buffer_printf(
      out,
      "<div class=\"frame\" role=\"region\" tabindex=\"0\" aria-labelledby=\"table-%s\">\n<table "
      "data-table=\"%s\">\n<caption id=\"table-%s\">",
      table->id, table->id, table->id);
  sk_escape_html(out, table->caption);
  sk_buffer_text(out, "</caption>\n<thead><tr>");
  for (const struct sk_doc_column *column = table->columns; column; column = column->next) {
    sk_buffer_text(out, column->number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    sk_escape_html(out, column->title);
    sk_buffer_text(out, "</th>");
  }
  sk_buffer_text(out, "</tr></thead>\n<tbody>\n");
  for (const struct sk_doc_row *row = table->rows; row && count < most; row = row->next, count++)
    html_row(out, table, row);
  sk_buffer_text(out, "</tbody>\n</table>\n</div>\n");
  if (count < table->row_count)
    sk_buffer_printf(out, "<p class=\"more\">%zu more rows are in the report.</p>\n",
                     table->row_count - count);
}

void sk_html_chart(struct sk_buffer *out, const struct sk_chart *chart)
{
  sk_buffer_text(out, "<figure>\n<figcaption>");
  sk_escape_html(out, chart->title);
  sk_buffer_text(out, "</figcaption>\n");
  sk_chart_draw(out, chart, SK_CHART_WIDE, "wide");
  sk_buffer_byte(out, '\n');
  sk_chart_draw(out, chart, SK_CHART_NARROW, "narrow");
  sk_buffer_text(out, "\n</figure>\n");
}

static bool begins(const struct sk_doc_block *before, const struct sk_doc_block *block)
{
  return !before || before->kind != block->kind;
}

static void html_block(struct sk_buffer *out, const struct sk_doc_block *before,
                       const struct sk_doc_block *block)
{
  const bool ends = begins(block->next, block);
  switch (block->kind) {
  case SK_DOC_PARAGRAPH:
    sk_buffer_text(out, "<p>");
    sk_escape_html(out, block->text);
    sk_buffer_text(out, "</p>\n");
    break;
  case SK_DOC_ITEM:
    sk_buffer_text(out, begins(before, block) ? "<ul>\n<li>" : "<li>");
    sk_escape_html(out, block->text);
    sk_buffer_text(out, ends ? "</li>\n</ul>\n" : "</li>\n");
    break;
  case SK_DOC_COMMAND:
    if (begins(before, block))
      sk_buffer_text(out, "<pre tabindex=\"0\"><code>");
    sk_escape_html(out, block->text);
    sk_buffer_text(out, ends ? "</code></pre>\n" : "\n");
    break;
  case SK_DOC_TABLE:
    sk_html_table(out, block->table, SIZE_MAX);
    break;
  case SK_DOC_CHART:
    if (begins(before, block))
      sk_buffer_text(out, "<div class=\"charts\">\n");
    sk_html_chart(out, block->chart);
    if (ends)
      sk_buffer_text(out, "</div>\n");
    break;
  }
}

void sk_report_html(struct sk_buffer *out, const struct sk_doc *doc)
{
  sk_html_head(
      out, doc,
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'");
  sk_buffer_text(out, page_style);
  sk_buffer_text(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
  sk_escape_html(out, doc->title);
  sk_buffer_text(out, "</h1>\n<p>");
  sk_escape_html(out, doc->subtitle);
  sk_buffer_text(out, "</p>\n</header>\n<nav aria-label=\"Sections\">\n<ul>\n");
  for (const struct sk_doc_section *section = doc->sections; section; section = section->next) {
    sk_buffer_printf(out, "<li><a href=\"#%s\">", section->id);
    sk_escape_html(out, section->title);
    sk_buffer_text(out, "</a></li>\n");
  }
  sk_buffer_text(out, "</ul>\n</nav>\n<main>\n");
  for (const struct sk_doc_section *section = doc->sections; section; section = section->next) {
    sk_buffer_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">",
                     section->id, section->id, section->id);
    sk_escape_html(out, section->title);
    sk_buffer_text(out, "</h2>\n");
    const struct sk_doc_block *before = NULL;
    for (const struct sk_doc_block *block = section->blocks; block;
         before = block, block = block->next)
      html_block(out, before, block);
    sk_buffer_text(out, "</section>\n");
  }
  sk_buffer_text(out, "</main>\n</body>\n</html>\n");
}
