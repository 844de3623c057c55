/* SPDX-License-Identifier: Apache-2.0 */
/* shukei status: once, again and again on the terminal, or as a page. */
#define _DEFAULT_SOURCE 1 /* setpriority() */
#include "base/platform.h"
#include "cli/command.h"
#include "cli/signals.h"
#include "status/site.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "shukei-bench"
#define TURN_MS 250
#define CLEAR "\033[H\033[J"

static shukei_status print_once(struct sk_program *program, struct sk_standing *standing,
                                bool watch, shukei_error *err)
{
  const bool json = sk_settings_get(&program->settings, SK_OPTION_JSON)->text != NULL;
  struct sk_buffer text;
  shukei_status st = sk_standing_read(standing, err);
  if (!st && !watch && standing->state == SK_STANDING_NONE) {
    st = sk_fail(err, SHUKEI_ENOTFOUND, "no benchmark in \"%s\"", standing->folder);
    sk_advise(err, "shukei bench makes one there; --dir names another folder");
  }
  if (st)
    return st;
  sk_buffer_init(&text, NULL, SK_STANDING_BYTES);
  if (json)
    sk_standing_json(&text, standing, !watch);
  else if (watch)
    sk_buffer_text(&text, isatty(STDOUT_FILENO) ? CLEAR : "");
  if (!json)
    sk_standing_text(&text, standing);
  if (!json && watch && !isatty(STDOUT_FILENO))
    sk_buffer_byte(&text, '\n');
  return sk_program_print(program, &text, err);
}

static shukei_status watch(struct sk_program *program, struct sk_standing *standing,
                           shukei_error *err)
{
  const struct timespec second = {.tv_sec = 1};
  while (!sk_signals_caught()) {
    shukei_status st = print_once(program, standing, true, err);
    if (!st)
      st = sk_stdout_finish(&program->out, err);
    if (st)
      return st;
    nanosleep(&second, NULL);
  }
  return sk_fail(err, SHUKEI_ECANCELED, "stopped");
}

/* Says where the page is, and who else can see it. */
static void announce(struct sk_program *program, const struct sk_http *http, bool loopback)
{
  char text[200];
  if (!loopback)
    sk_console_log(
        &program->console, SHUKEI_LOG_WARNING,
        "the page is not for this machine alone: everybody who reaches the address can read it");
  snprintf(text, sizeof text, "serving http://%s/ until interrupted", sk_http_place(http));
  sk_console_log(&program->console, SHUKEI_LOG_INFO, text);
}

static shukei_status serve_site(struct sk_program *program, struct sk_site *site, const char *where,
                                shukei_error *err)
{
  struct sk_http_settings settings = {.names = program->settings.names,
                                      .name_count = program->settings.name_count,
                                      .context = site,
                                      .answer = sk_site_answer};
  struct sk_http *http = NULL;
  shukei_status st = sk_http_address_parse(where, &settings.address, err);
  if (st)
    return sk_context(err, st, "--serve");
  sk_allow_open_files();
  st = sk_http_open(&settings, &http, err);
  if (st)
    return st;
  /* What is measured on this machine comes first, however many ask for the page. */
  setpriority(PRIO_PROCESS, 0, 19);
  site->http = http;
  announce(program, http, settings.address.loopback);
  while (!st && !sk_signals_caught()) {
    sk_site_look(site);
    st = sk_http_turn(http, TURN_MS, err);
  }
  site->http = NULL;
  sk_http_close(http);
  return st ? st : sk_fail(err, SHUKEI_ECANCELED, "stopped");
}

static shukei_status check_options(const struct sk_value *values, shukei_error *err)
{
  const bool serve = values[SK_OPTION_SERVE].text != NULL;
  if (serve && (values[SK_OPTION_WATCH].text || values[SK_OPTION_JSON].text))
    return sk_fail(err, SHUKEI_EINVAL, "--serve goes without --watch and --json");
  if (!serve && values[SK_OPTION_SERVE_NAME].text)
    return sk_fail(err, SHUKEI_EINVAL, "--serve-name goes with --serve");
  return SHUKEI_OK;
}

shukei_status sk_cmd_status(struct sk_program *program, shukei_error *err)
{
  const struct sk_value *const values = program->settings.values;
  const char *const named = values[SK_OPTION_BENCH_FOLDER].text;
  struct sk_site site;
  shukei_status st = check_options(values, err);
  if (st)
    return st;
  sk_site_init(&site, named ? named : FOLDER);
  if (values[SK_OPTION_SERVE].text)
    st = serve_site(program, &site, values[SK_OPTION_SERVE].text, err);
  else if (values[SK_OPTION_WATCH].text)
    st = watch(program, &site.standing, err);
  else
    st = print_once(program, &site.standing, false, err);
  sk_site_reset(&site);
  return st;
}
