/* SPDX-License-Identifier: Apache-2.0 */
/* Slides: title and summary, then one for each chart and for each table that fits. Without scripts,
 * and on paper, they lie below one another; with them the keys show one at a time. */
#include "report/documents.h"
#include "report/escape.h"
#include "report/write_parts.h"

#define ROWS_MOST 9 /* of a table on a slide */
#define COLUMNS_MOST 10

static const char slides_style[] =
    "body{font-size:18px}.slide{min-height:100vh;padding:4vh "
    "6vw;display:flex;flex-direction:column;justify-content:center;border-bottom:1px solid "
    "var(--grid)}\n"
    ".slide h1{font-size:clamp(1.6rem,4vw,3rem)}.slide "
    "h2{font-size:clamp(1.3rem,2.6vw,2.1rem);margin-bottom:1.2rem}\n"
    ".slide ul{font-size:clamp(1rem,1.6vw,1.5rem);padding-left:1.2em;margin:1rem 0 "
    "0;max-width:60em}.slide li{margin:0 0 .6em}\n"
    ".slide .sub{color:var(--soft);max-width:none;overflow-wrap:anywhere}.slide "
    "p{max-width:60rem}\n"
    ".slide figure{margin:0}.slide figcaption{display:none}\n"
    ".slide .wide{width:100%;max-height:72vh}\n"
    ".slide "
    "table{font-size:clamp(.8rem,1.15vw,1.15rem)}.more{color:var(--soft);font-size:.9rem;margin:0}"
    "\n"
    ".place{color:var(--soft);font-size:.85rem;margin:1.2rem 0 0}\n"
    ".keys .slide{display:none;border:0}.keys .slide.now{display:flex}\n"
    "@media screen and "
    "(max-width:44rem){.wide{display:none}.narrow{display:block}.slide{min-height:0;padding:2rem "
    "1rem}}\n"
    "@page{size:13.333in 7.5in;margin:0}\n"
    "@media print{:root{color-scheme:light}.keys "
    ".slide,.slide{display:flex;border:0;height:7.5in;min-height:0;padding:.45in "
    ".8in;break-after:page;break-inside:avoid;overflow:hidden}"
    ".slide:last-child{break-after:auto}.slide .wide{max-height:5.3in}.slide "
    "h1{font-size:2.6rem}.slide h2{font-size:1.8rem}.slide ul{font-size:1.3rem}.slide "
    "table{font-size:.95rem}}\n";

static const char script[] =
    "(() => {\n"
    "const slides = [...document.querySelectorAll('.slide')];\n"
    "const at = () => { const n = slides.findIndex(s => '#' + s.id === location.hash); return n < "
    "0 ? 0 : n; };\n"
    "const show = () => { const n = at(); slides.forEach((s, i) => s.classList.toggle('now', i === "
    "n)); scrollTo(0, 0); };\n"
    "const go = n => { location.hash = slides[Math.max(0, Math.min(slides.length - 1, n))].id; };\n"
    "document.documentElement.classList.add('keys');\n"
    "addEventListener('hashchange', show);\n"
    "addEventListener('keydown', e => {\n"
    "  if (e.altKey || e.ctrlKey || e.metaKey) return;\n"
    "  const step = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, ' ': 1, n: 1, ArrowLeft: -1, "
    "ArrowUp: -1, PageUp: -1, p: -1}[e.key];\n"
    "  if (step) go(at() + step); else if (e.key === 'Home') go(0); else if (e.key === 'End') "
    "go(slides.length - 1); else return;\n"
    "  e.preventDefault();\n"
    "});\n"
    "show();\n"
    "})();\n";

struct slides {
  struct sk_buffer *out; /* NULL: they are only counted */
  size_t number, count;
};

static bool begin_slide(struct slides *slides, const char *title)
{
  slides->number++;
  if (!slides->out)
    return false;
  sk_buffer_printf(slides->out,
                   "<section class=\"slide\" id=\"s%zu\" aria-labelledby=\"s%zu-title\">\n",
                   slides->number, slides->number);
  if (title) {
    sk_buffer_printf(slides->out, "<h2 id=\"s%zu-title\">", slides->number);
    sk_escape_html(slides->out, title);
    sk_buffer_text(slides->out, "</h2>\n");
  }
  return true;
}

static void end_slide(struct slides *slides)
{
  sk_buffer_printf(slides->out, "<p class=\"place\">%zu of %zu</p>\n</section>\n", slides->number,
                   slides->count);
}

static void summary_slide(struct slides *slides, const struct sk_doc *doc)
{
  struct sk_buffer *const out = slides->out;
  if (!begin_slide(slides, NULL))
    return;
  sk_buffer_printf(out, "<h1 id=\"s%zu-title\">", slides->number);
  sk_escape_html(out, doc->title);
  sk_buffer_text(out, "</h1>\n<p class=\"sub\">");
  sk_escape_html(out, doc->subtitle);
  sk_buffer_text(out, "</p>\n<ul>\n");
  for (const struct sk_doc_block *block = doc->sections ? doc->sections->blocks : NULL; block;
       block = block->next)
    if (block->kind == SK_DOC_ITEM) {
      sk_buffer_text(out, "<li>");
      sk_escape_html(out, block->text);
      sk_buffer_text(out, "</li>\n");
    }
  sk_buffer_text(out, "</ul>\n");
  end_slide(slides);
}

static bool fits(const struct sk_doc_table *table)
{
  size_t columns = 0;
  for (const struct sk_doc_column *column = table->columns; column; column = column->next)
    columns++;
  return columns <= COLUMNS_MOST && table->rows;
}

static void block_slide(struct slides *slides, const struct sk_doc_section *section,
                        const struct sk_doc_block *block)
{
  if (block->kind == SK_DOC_CHART && begin_slide(slides, block->chart->title)) {
    sk_html_chart(slides->out, block->chart);
    end_slide(slides);
  } else if (block->kind == SK_DOC_TABLE && fits(block->table) &&
             begin_slide(slides, section->title)) {
    sk_html_table(slides->out, block->table, ROWS_MOST);
    end_slide(slides);
  }
}

static void all_slides(struct slides *slides, const struct sk_doc *doc)
{
  summary_slide(slides, doc);
  for (const struct sk_doc_section *section = doc->sections; section; section = section->next)
    for (const struct sk_doc_block *block = section->blocks; block; block = block->next)
      block_slide(slides, section, block);
}

void sk_report_slides(struct sk_buffer *out, const struct sk_doc *doc)
{
  struct slides slides = {NULL, 0, 0};
  all_slides(&slides, doc);
  slides = (struct slides){out, 0, slides.number};
  sk_html_head(out, doc,
               "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
               "base-uri 'none'; form-action 'none'");
  sk_buffer_text(out, slides_style);
  sk_buffer_text(out, "</style>\n</head>\n<body>\n<main>\n");
  all_slides(&slides, doc);
  sk_buffer_text(out, "</main>\n<script>\n");
  sk_buffer_text(out, script);
  sk_buffer_text(out, "</script>\n</body>\n</html>\n");
}
