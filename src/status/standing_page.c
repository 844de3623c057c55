/* SPDX-License-Identifier: Apache-2.0 */
/* The page: one document with its style and script in it, that asks for nothing else. Everything
 * that can change is in #live, in the same order whatever happens, so that page.js finds again what
 * it knows.
 *
 * Without scripts the page reloads by itself. Texts of the benchmark are escaped; nothing of them
 * gets into the style, the script or an attribute but as a label. */
#include "status/standing_text.h"

#include "base/sha256.h"
#include "status/page_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_escaped(struct sk_buffer *out, const char *text)
{
  for (; *text; text++) {
    switch (*text) {
    case '&':
      sk_buffer_text(out, "&amp;");
      break;
    case '<':
      sk_buffer_text(out, "&lt;");
      break;
    case '>':
      sk_buffer_text(out, "&gt;");
      break;
    case '"':
      sk_buffer_text(out, "&quot;");
      break;
    default:
      sk_buffer_byte(out, (uint8_t)*text);
    }
  }
}

static void add_mark(struct sk_buffer *out, const char *word)
{
  sk_buffer_text(out, "<span class=\"mark ");
  sk_buffer_text(out, word);
  sk_buffer_text(out, "\">");
  sk_buffer_text(out, word);
  sk_buffer_text(out, "</span>");
}

static void add_figure(struct sk_buffer *out, const char *name, const char *value)
{
  sk_buffer_printf(out, "<div><dt>%s</dt><dd>", name);
  add_escaped(out, value);
  sk_buffer_text(out, "</dd></div>\n");
}

static void add_progress(struct sk_buffer *out, const char *label, double share)
{
  if (share >= 0)
    sk_buffer_printf(out, "<progress aria-label=\"%s\" value=\"%.4f\"></progress>\n", label, share);
  else
    sk_buffer_printf(out, "<progress aria-label=\"%s\"></progress>\n", label);
}

static double whole_share(const struct sk_standing *standing)
{
  if (!standing->item_count)
    return 0;
  const double part = standing->state == SK_STANDING_RUNNING ? sk_standing_share(standing) : 0;
  return ((double)sk_standing_ended(standing) + (part > 0 ? part : 0)) /
         (double)standing->item_count;
}

static void add_header(struct sk_buffer *out, const struct sk_standing *standing)
{
  const char *const word = sk_standing_state_name(standing->state);
  char text[SK_STANDING_LINE];
  const char *line = sk_standing_line(standing, text);
  if (strncmp(line, word, strlen(word)) == 0) /* the mark says it */
    line += strlen(word);
  sk_buffer_text(out, "<header><h1>Benchmark</h1>\n<p role=\"status\">");
  add_mark(out, word);
  sk_buffer_text(out, " ");
  add_escaped(out, line + strspn(line, " ,"));
  sk_buffer_text(out, "</p></header>\n");
}

/* The phase that runs, or was last seen to. */
static void add_now(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  const double share = sk_standing_share(standing);
  char key[SK_PHASE_TEXT], rows[SK_GROUPED_TEXT], total[SK_GROUPED_TEXT], text[SK_ESTIMATE_TEXT];
  char rate[SK_GROUPED_TEXT], size[SK_SIZE_TEXT], seconds[SK_DURATION_TEXT];
  sk_buffer_printf(out, "<section aria-labelledby=\"now\"><h2 id=\"now\">%s</h2>\n",
                   standing->alive ? "Now" : "Last seen");
  if (!r->has_now) {
    sk_buffer_text(out, "<p class=\"what\">No phase is running.</p></section>\n");
    return;
  }
  sk_buffer_text(out, "<p class=\"what\">");
  add_escaped(out, sk_phase_text(&r->now, key));
  sk_buffer_text(out, "</p>\n");
  add_progress(out, "Rows of the phase", share);
  sk_buffer_text(out, "<dl class=\"figures\">\n");
  snprintf(text, sizeof text, "%s of %s", sk_count_text((double)r->rows, rows),
           sk_count_text((double)r->rows_total, total));
  add_figure(out, "Rows", text);
  add_figure(out, "Rows a second", sk_count_text(standing->rate, rate));
  add_figure(out, "Memory", sk_bytes_text(r->rss, size));
  if (isnan(standing->row_bytes))
    snprintf(text, sizeof text, "-");
  else
    snprintf(text, sizeof text, "%.3g bytes", standing->row_bytes);
  add_figure(out, "Memory for each row more", text);
  add_figure(out, "Time so far", sk_duration_text(r->seconds, seconds));
  if (standing->alive)
    add_figure(out, "Left of the phase", sk_estimate_text(&standing->phase_left, text));
  sk_buffer_text(out, "</dl></section>\n");
}

static void add_plan(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  const size_t failed = sk_standing_failed(standing);
  char text[SK_ESTIMATE_TEXT], size[SK_SIZE_TEXT];
  sk_buffer_text(out, "<section aria-labelledby=\"plan\"><h2 id=\"plan\">Whole plan</h2>\n");
  add_progress(out, "Phases of the plan", whole_share(standing));
  sk_buffer_text(out, "<dl class=\"figures\">\n");
  snprintf(text, sizeof text, "%zu of %zu", standing->counts[SK_BENCH_STATE_DONE],
           standing->item_count);
  add_figure(out, "Phases done", text);
  snprintf(text, sizeof text, "%zu", failed);
  add_figure(out, "Failed", text);
  snprintf(text, sizeof text, "%zu", standing->counts[SK_BENCH_STATE_SKIPPED]);
  add_figure(out, "Skipped", text);
  if (standing->state == SK_STANDING_RUNNING)
    add_figure(out, "Left of all", sk_estimate_text(&standing->all_left, text));
  snprintf(text, sizeof text, "%d alive", standing->alive ? 1 + standing->phase_alive : 0);
  add_figure(out, "Processes", text);
  if (r->disk_free >= 0)
    add_figure(out, "Left on the disk", sk_bytes_text(r->disk_free, size));
  if (r->memory_free >= 0)
    add_figure(out, "Left of memory", sk_bytes_text(r->memory_free, size));
  sk_buffer_text(out, "</dl></section>\n");
}

static void add_cell(struct sk_buffer *out, const char *label, const char *value)
{
  sk_buffer_printf(out, "<td role=\"cell\" data-label=\"%s\">", label);
  add_escaped(out, value);
  sk_buffer_text(out, "</td>");
}

static void add_scale(struct sk_buffer *out, const struct sk_standing_scale *s)
{
  char text[SK_PHASE_TEXT], size[SK_SIZE_TEXT], times[SK_TIMES_TEXT];
  sk_buffer_text(out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">");
  add_escaped(out, s->name);
  sk_buffer_text(out, "</th><td role=\"cell\" class=\"left\" data-label=\"State\">");
  add_mark(out, sk_bench_state_name(s->state));
  sk_buffer_text(out, "</td>");
  add_cell(out, "Phase", s->phase ? s->phase : "-");
  snprintf(text, sizeof text, "%zu of %zu", s->done, s->phases);
  add_cell(out, "Phases done", text);
  add_cell(out, "Rows", sk_count_text((double)s->rows, text));
  add_cell(out, "Aggregation", s->seconds >= 0 ? sk_duration_text(s->seconds, text) : "-");
  add_cell(out, "Rows a second", sk_count_text(s->rate, text));
  add_cell(out, "Memory", sk_bytes_text(s->peak_rss, size));
  add_cell(out, "Valid", s->differences < 0 ? "-" : s->differences ? "no" : "yes");
  add_cell(out, "When (UTC)", sk_scale_times_text(s, times));
  sk_buffer_text(out, "</tr>\n");
}

static void add_table_head(struct sk_buffer *out, const char *const *names, size_t count)
{
  sk_buffer_text(out, "<thead role=\"rowgroup\"><tr role=\"row\">");
  for (size_t i = 0; i < count; i++)
    sk_buffer_printf(out, "<th role=\"columnheader\" scope=\"col\"%s>%s</th>",
                     i < 2 ? " class=\"left\"" : "", names[i]);
  sk_buffer_text(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

/* The roles of a table are written out: the style lays its cells out one below the other where it
 * is narrow, and browsers then forget that it is a table. */
static void add_scales(struct sk_buffer *out, const struct sk_standing *standing)
{
  static const char *const names[] = {
      "Scale",         "State",  "Phase", "Phases done", "Rows", "Fastest aggregation",
      "Rows a second", "Memory", "Valid", "When (UTC)"};
  sk_buffer_text(out, "<section aria-labelledby=\"scales\"><h2 id=\"scales\">Scales</h2>\n"
                      "<table role=\"table\" aria-labelledby=\"scales\">\n");
  add_table_head(out, names, SK_COUNT(names));
  for (size_t i = 0; i < standing->scale_count; i++)
    add_scale(out, &standing->scales[i]);
  sk_buffer_text(out, "</tbody></table></section>\n");
}

static void add_item(struct sk_buffer *out, const struct sk_standing_item *item)
{
  const struct sk_bench_line *const line = item->line;
  char text[SK_PHASE_TEXT], size[SK_SIZE_TEXT];
  sk_buffer_text(out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">");
  add_escaped(out, sk_phase_text(&item->key, text));
  sk_buffer_text(out, "</th><td role=\"cell\" class=\"left\" data-label=\"State\">");
  add_mark(out, sk_bench_state_name(item->state));
  sk_buffer_text(out, "</td>");
  add_cell(out, "Time", line && line->seconds >= 0 ? sk_duration_text(line->seconds, text) : "-");
  add_cell(out, "Memory", sk_bytes_text(line ? line->peak_rss : -1, size));
  sk_buffer_text(out, "</tr>\n");
}

static void add_items(struct sk_buffer *out, const struct sk_standing *standing)
{
  static const char *const names[] = {"Phase", "State", "Time", "Memory"};
  sk_buffer_printf(out,
                   "<section><details><summary>All %zu phases</summary>\n"
                   "<table role=\"table\" aria-label=\"All phases\">\n",
                   standing->item_count);
  add_table_head(out, names, SK_COUNT(names));
  for (size_t i = 0; i < standing->item_count; i++)
    add_item(out, &standing->items[i]);
  sk_buffer_text(out, "</tbody></table></details></section>\n");
}

static void add_health(struct sk_buffer *out, const struct sk_standing *standing)
{
  sk_buffer_text(out, "<section aria-labelledby=\"health\"><h2 id=\"health\">Health</h2>\n<ul>\n");
  for (size_t i = 0; i < SK_INDICATORS; i++) {
    const struct sk_indicator *const one = &standing->indicators[i];
    sk_buffer_printf(out, "<li><span>%s</span>", one->title);
    add_mark(out, sk_health_name(one->verdict));
    sk_buffer_text(out, "<span>");
    add_escaped(out, one->text);
    sk_buffer_text(out, "</span></li>\n");
  }
  sk_buffer_text(out, "</ul></section>\n");
}

static void add_error(struct sk_buffer *out, const struct sk_standing *standing)
{
  char key[SK_PHASE_TEXT];
  sk_buffer_text(out, "<section aria-labelledby=\"error\"><h2 id=\"error\">Last error</h2>\n");
  if (standing->error_key.scale) {
    sk_buffer_text(out, "<p class=\"what\">");
    add_escaped(out, sk_phase_text(&standing->error_key, key));
    sk_buffer_text(out, "</p>\n");
  }
  sk_buffer_text(out, "<pre>");
  add_escaped(out, standing->last_error ? standing->last_error : "none");
  if (standing->last_advice) {
    sk_buffer_byte(out, '\n');
    add_escaped(out, standing->last_advice);
  }
  sk_buffer_text(out, "</pre></section>\n");
}

static void add_head(struct sk_buffer *out, const struct sk_standing *standing)
{
  const struct sk_running *const r = &standing->running;
  char key[SK_PHASE_TEXT];
  sk_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>\n<title>");
  if (standing->state == SK_STANDING_RUNNING)
    sk_buffer_printf(out, "%.0f %% ", floor(whole_share(standing) * 100));
  if (standing->alive && r->has_now)
    add_escaped(out, sk_phase_text(&r->now, key));
  else
    sk_buffer_text(out, sk_standing_state_name(standing->state));
  sk_buffer_printf(out,
                   " - shukei bench</title>\n<link rel=\"icon\" href=\"data:,\">\n"
                   "<style>%s</style></head>\n<body>\n",
                   page_css);
}

void sk_standing_page(struct sk_buffer *out, const struct sk_standing *standing,
                      const char *problem)
{
  const unsigned second = (unsigned)(standing->read_ms / 1000 % 86400);
  add_head(out, standing);
  sk_buffer_text(out, "<div id=\"live\">\n");
  add_header(out, standing);
  sk_buffer_printf(out, "<main>\n<section class=\"lost\"%s><span>", problem ? "" : " hidden");
  add_escaped(out, problem ? problem : "");
  sk_buffer_text(out, "</span></section>\n");
  add_now(out, standing);
  add_plan(out, standing);
  add_scales(out, standing);
  sk_buffer_text(out, "<div class=\"two\">\n");
  add_health(out, standing);
  add_error(out, standing);
  sk_buffer_text(out, "</div>\n");
  add_items(out, standing);
  sk_buffer_text(out, "</main>\n<footer>shukei ");
  add_escaped(out, shukei_version());
  sk_buffer_text(out, ", folder ");
  add_escaped(out, standing->folder);
  sk_buffer_printf(out,
                   ", read at %02u:%02u:%02u UTC; for programs: "
                   "<a href=\"/status.json\">status.json</a>, <a href=\"/metrics\">metrics</a>",
                   second / 3600, second / 60 % 60, second % 60);
  sk_buffer_text(out, "</footer>\n</div>\n<div role=\"alert\"><p id=\"lost\" class=\"lost\" hidden>"
                      "No answer from shukei status: what is shown is of before.</p></div>\n");
  sk_buffer_printf(out, "<script>%s</script>\n</body></html>\n", page_js);
}

/* A digest as Content-Security-Policy wants it (base64, RFC 4648). */
static void add_digest(struct sk_buffer *out, const char *text, size_t length)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint8_t digest[SK_SHA256_BYTES + 1];
  struct sk_sha256 sha;
  sk_sha256_init(&sha);
  sk_sha256_add(&sha, text, length);
  sk_sha256_end(&sha, digest);
  digest[SK_SHA256_BYTES] = 0;
  for (size_t i = 0; i < SK_SHA256_BYTES; i += 3) {
    const uint32_t bits = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 |
                          (i + 2 < SK_SHA256_BYTES ? digest[i + 2] : 0u);
    sk_buffer_byte(out, (uint8_t)letters[bits >> 18]);
    sk_buffer_byte(out, (uint8_t)letters[bits >> 12 & 63]);
    sk_buffer_byte(out, (uint8_t)letters[bits >> 6 & 63]);
    sk_buffer_byte(out, (uint8_t)(i + 2 < SK_SHA256_BYTES ? letters[bits & 63] : '='));
  }
}

const char *sk_standing_page_policy(char text[SK_PAGE_POLICY])
{
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, SK_PAGE_POLICY - 1);
  sk_buffer_text(&out, "default-src 'none'; style-src 'sha256-");
  add_digest(&out, page_css, sizeof page_css - 1);
  sk_buffer_text(&out, "'; script-src 'sha256-");
  add_digest(&out, page_js, sizeof page_js - 1);
  sk_buffer_text(&out, "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
  const size_t length = out.failed ? 0 : out.length;
  if (length)
    memcpy(text, out.bytes, length);
  text[length] = '\0';
  sk_buffer_reset(&out);
  return text;
}
