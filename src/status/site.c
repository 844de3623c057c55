/* SPDX-License-Identifier: Apache-2.0 */
/* However many ask, the folder is read four times a second at most, and each text made once of
 * it. */
#include "status/site.h"

#include "base/platform.h"
#include "status/prometheus.h"

#include <stdio.h>
#include <string.h>

#define FRESH_NS UINT64_C(250000000)
#define LOOK_NS UINT64_C(1000000000)

enum { PAGE, JSON, METRICS, TEXTS };

void sk_site_init(struct sk_site *site, const char *folder)
{
  memset(site, 0, sizeof *site);
  sk_standing_init(&site->standing, folder);
  for (size_t i = 0; i < TEXTS; i++)
    sk_buffer_init(&site->texts[i], NULL, SK_STANDING_BYTES);
  sk_standing_page_policy(site->policy);
}

void sk_site_reset(struct sk_site *site)
{
  for (size_t i = 0; i < TEXTS; i++)
    sk_buffer_reset(&site->texts[i]);
  sk_standing_reset(&site->standing);
}

static void look(struct sk_site *site, uint64_t age_ns)
{
  shukei_error err = {.offset = -1};
  const uint64_t now = sk_monotonic_ns();
  if (site->read_ns && now - site->read_ns < age_ns)
    return;
  site->read_ns = now;
  site->problem[0] = '\0';
  if (sk_standing_read(&site->standing, &err))
    snprintf(site->problem, sizeof site->problem, "%s", err.text);
}

void sk_site_look(struct sk_site *site)
{
  look(site, LOOK_NS);
}

static void add_own_metrics(struct sk_buffer *out, const struct sk_http *http)
{
  const struct sk_http_counts counts = http ? sk_http_counts(http) : (struct sk_http_counts){0};
  const struct {
    const char *name, *type, *help;
    double value;
  } all[] = {
      {"shukei_status_http_answers_total", "counter", "Requests answered.",
       (double)counts.answered},
      {"shukei_status_http_refusals_total", "counter",
       "Requests with a wrong method, Host header or path.", (double)counts.refused},
      {"shukei_status_http_ended_connections_total", "counter",
       "Connections ended as they took too long, or for others' sake.", (double)counts.ended},
      {"shukei_status_http_connections", "gauge", "Connections now.", counts.open},
  };
  for (size_t i = 0; i < SK_COUNT(all); i++) {
    sk_metrics_family(out, all[i].name, all[i].type, all[i].help);
    sk_metrics_sample(out, all[i].name, NULL, 0, all[i].value);
  }
}

static void make_text(struct sk_site *site, size_t which)
{
  struct sk_buffer *const out = &site->texts[which];
  const char *const problem = site->problem[0] ? site->problem : NULL;
  sk_buffer_clear(out);
  if (which == PAGE) {
    sk_standing_page(out, &site->standing, problem);
  } else if (which == JSON) {
    sk_standing_json(out, &site->standing, true);
  } else {
    sk_standing_metrics(out, &site->standing);
    sk_metrics_gauge(out, "shukei_status_read_success",
                     "1 where the benchmark's folder could be read, else 0.", true, !problem);
    add_own_metrics(out, site->http);
  }
  site->made_ns[which] = site->read_ns;
}

static void answer_text(struct sk_http_answer *answer, unsigned status, const char *text)
{
  answer->status = status;
  answer->bytes = text;
  answer->length = strlen(text);
}

void sk_site_answer(void *context, const char *path, struct sk_http_answer *answer)
{
  static const struct {
    const char *path, *type;
  } places[TEXTS] = {[PAGE] = {"/", "text/html; charset=utf-8"},
                     [JSON] = {"/status.json", "application/json"},
                     [METRICS] = {"/metrics", SK_PROMETHEUS_TYPE}};
  struct sk_site *const site = context;
  size_t which = 0;
  while (which < TEXTS && strcmp(path, places[which].path) != 0)
    which++;
  if (which == TEXTS) {
    answer_text(answer, 404, "not found; there are /, /status.json and /metrics\n");
    return;
  }
  answer->status = 200;
  look(site, FRESH_NS);
  if (site->made_ns[which] != site->read_ns)
    make_text(site, which);
  if (site->texts[which].failed || (which == JSON && site->problem[0])) {
    answer_text(answer, 503, site->problem[0] ? site->problem : "no memory for the answer\n");
    return;
  }
  answer->type = places[which].type;
  answer->policy = which == PAGE ? site->policy : NULL;
  answer->bytes = site->texts[which].bytes;
  answer->length = site->texts[which].length;
}
