/* SPDX-License-Identifier: Apache-2.0 */
/* shukei report: results of bench -> documents -> files. What a file becomes is told by its ending
 * or by --format; a folder gets all of it. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "cli/command.h"

#include "base/platform.h"
#include "cli/signals.h"
#include "report/documents.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT_BYTES ((size_t)256 << 20)
#define PATH_TEXT 4096

enum form {
  FORM_HTML,
  FORM_SLIDES,
  FORM_PDF,
  FORM_MARKDOWN,
  FORM_CSV,
  FORM_SVG,
  FORM_NONE
}; /* as of --format */

struct reporting {
  struct sk_program *program;
  struct sk_bench_results results, before;
  struct sk_doc doc;
  struct sk_reported report;
  const char *chart, *table;
  struct sk_output **held; /* files of a folder, written, which get their names when all are */
  size_t held_count, held_room;
};

static const char *given(const struct reporting *self, enum sk_option_id id)
{
  return sk_settings_get(&self->program->settings, id)->text;
}

/* The file, or results.jsonl in the folder. */
static shukei_status read_results(struct sk_bench_results *results, const char *place,
                                  shukei_error *err)
{
  char path[PATH_TEXT];
  if (!sk_store_is_folder(place))
    return sk_bench_results_read(results, place, err);
  if (snprintf(path, sizeof path, "%s/%s", place, SK_BENCH_RESULTS_FILE) >= (int)sizeof path)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": the path is too long", place);
  return sk_bench_results_read(results, path, err);
}

static bool stopped(void)
{
  return sk_signals_caught() != 0;
}

/* Writes the file, whose name comes with the commit. */
static shukei_status write_file(const char *path, const struct sk_buffer *text,
                                struct sk_output **output, shukei_error *err)
{
  if (text->failed)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for \"%s\"", path);
  if (stopped())
    return sk_fail(err, SHUKEI_ECANCELED, "stopped");
  const shukei_status st = sk_store_create_alone(path, NULL, output, err);
  return st ? st : sk_output_write(*output, text->bytes, text->length, err);
}

static shukei_status save(const char *path, const struct sk_buffer *text, shukei_error *err)
{
  struct sk_output *output = NULL;
  shukei_status st = write_file(path, text, &output, err);
  if (!st)
    st = sk_output_commit(output, err);
  sk_output_close(output);
  return st;
}

/* As save(), but that the name comes with commit_held(). */
static shukei_status hold(struct reporting *self, const char *path, const struct sk_buffer *text,
                          shukei_error *err)
{
  if (self->held_count == self->held_room) {
    const size_t room = self->held_room ? self->held_room * 2 : 64;
    struct sk_output **const moved = sk_realloc(NULL, self->held, room * sizeof *moved);
    if (!moved)
      return sk_fail(err, SHUKEI_ENOMEM, "no memory for \"%s\"", path);
    self->held = moved;
    self->held_room = room;
  }
  struct sk_output *output = NULL;
  shukei_status st = write_file(path, text, &output, err);
  if (!st)
    st = sk_output_sync(output, err); /* a full disk shows before anything has its name */
  if (output)
    self->held[self->held_count++] = output;
  return st;
}

/* All of the folder, or, where `st` says that something failed, nothing. */
static shukei_status commit_held(struct reporting *self, shukei_status st, shukei_error *err)
{
  for (size_t i = 0; i < self->held_count && !st; i++)
    st = sk_output_commit(self->held[i], err);
  for (size_t i = self->held_count; i-- > 0;)
    sk_output_close(self->held[i]);
  sk_free(self->held);
  self->held = NULL;
  return st;
}

/* ---- PDF ----------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
  (void)about;
  (void)kind;
  (void)place;
  remove(path);
  return 0;
}

static shukei_status take_file(const char *path, struct sk_buffer *out, shukei_error *err)
{
  uint8_t bytes[16384];
  ssize_t got = -1;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && (got = read(fd, bytes, sizeof bytes)) > 0)
    sk_buffer_add(out, bytes, (size_t)got);
  if (fd >= 0)
    close(fd);
  if (got < 0) {
    char why[128];
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": %s", path, sk_errno_text(errno, why));
  }
  return SHUKEI_OK;
}

/* The slides as a PDF, made in a folder that is gone afterwards. */
static shukei_status make_pdf(struct reporting *self, struct sk_buffer *out, shukei_error *err)
{
  char folder[PATH_TEXT - 64], html[PATH_TEXT], pdf[PATH_TEXT], profile[PATH_TEXT];
  struct sk_buffer slides;
  snprintf(folder, sizeof folder, "%s/shukei-report-XXXXXX", sk_temporary_folder());
  if (!mkdtemp(folder)) {
    char why[128];
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": %s", folder, sk_errno_text(errno, why));
  }
  snprintf(html, sizeof html, "%s/slides.html", folder);
  snprintf(pdf, sizeof pdf, "%s/slides.pdf", folder);
  snprintf(profile, sizeof profile, "%s/profile", folder);
  sk_buffer_init(&slides, NULL, DOCUMENT_BYTES);
  sk_report_slides(&slides, &self->doc);
  shukei_status st = save(html, &slides, err);
  sk_buffer_reset(&slides);
  if (!st)
    st = sk_report_pdf(html, pdf, profile, getenv("PATH"), stopped, err);
  if (!st)
    st = take_file(pdf, out, err);
  nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  return st;
}

/* ---- forms --------------------------------------------------------------------------------- */

/* "unknown chart "x"; there are: ..." */
static shukei_status fail_unknown(const struct reporting *self, enum sk_doc_kind kind,
                                  const char *id, shukei_error *err)
{
  char names[200];
  size_t at = 0;
  for (const struct sk_doc_section *section = self->doc.sections; section; section = section->next)
    for (const struct sk_doc_block *block = section->blocks; block; block = block->next)
      if (block->kind == kind && at < sizeof names)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", at ? ", " : "",
                               kind == SK_DOC_CHART ? block->chart->id : block->table->id);
  const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "these results have no %s \"%s\"",
                                   kind == SK_DOC_CHART ? "chart" : "table", id);
  if (at)
    sk_advise(err, "they have %s", names);
  return st;
}

static shukei_status make(struct reporting *self, enum form form, struct sk_buffer *out,
                          shukei_error *err)
{
  const struct sk_chart *chart;
  const struct sk_doc_table *table;
  switch (form) {
  case FORM_HTML:
    sk_report_html(out, &self->doc);
    break;
  case FORM_SLIDES:
    sk_report_slides(out, &self->doc);
    break;
  case FORM_PDF:
    return make_pdf(self, out, err);
  case FORM_MARKDOWN:
  case FORM_NONE:
    sk_report_markdown(out, &self->doc, NULL);
    break;
  case FORM_CSV:
    table = sk_report_table(&self->doc, self->table);
    if (!table)
      return fail_unknown(self, SK_DOC_TABLE, self->table, err);
    sk_report_csv(out, table);
    break;
  case FORM_SVG:
    chart = sk_report_chart(&self->doc, self->chart);
    if (!chart)
      return fail_unknown(self, SK_DOC_CHART, self->chart, err);
    sk_chart_file(out, chart);
    break;
  }
  return SHUKEI_OK;
}

static shukei_status make_file(struct reporting *self, enum form form, const char *path,
                               shukei_error *err)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, DOCUMENT_BYTES);
  shukei_status st = make(self, form, &text, err);
  if (!st && strcmp(path, "-") == 0)
    return sk_program_print(self->program, &text, err);
  if (!st)
    st = save(path, &text, err);
  sk_buffer_reset(&text);
  return st;
}

static shukei_status folder_file(struct reporting *self, enum form form, const char *folder,
                                 const char *below, const char *name, const char *ending,
                                 shukei_error *err)
{
  char path[PATH_TEXT];
  const char *const slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
  if (snprintf(path, sizeof path, "%s%s%s%s%s", folder, slash, below, name, ending) >=
      (int)sizeof path)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": the path is too long", folder);
  struct sk_buffer text;
  shukei_status st = SHUKEI_OK;
  sk_buffer_init(&text, NULL, DOCUMENT_BYTES);
  if (form == FORM_MARKDOWN)
    sk_report_markdown(&text, &self->doc, "charts/");
  else
    st = make(self, form, &text, err);
  if (!st)
    st = hold(self, path, &text, err);
  sk_buffer_reset(&text);
  return st;
}

static shukei_status fill_folder(struct reporting *self, const char *folder, shukei_error *err)
{
  shukei_status st = folder_file(self, FORM_HTML, folder, "", "report", ".html", err);
  if (!st)
    st = folder_file(self, FORM_MARKDOWN, folder, "", "report", ".md", err);
  if (!st)
    st = folder_file(self, FORM_SLIDES, folder, "", "slides", ".html", err);
  for (const struct sk_doc_section *section = self->doc.sections; section && !st;
       section = section->next)
    for (const struct sk_doc_block *block = section->blocks; block && !st; block = block->next) {
      if (block->kind == SK_DOC_CHART) {
        self->chart = block->chart->id;
        st = folder_file(self, FORM_SVG, folder, "charts/", self->chart, ".svg", err);
      } else if (block->kind == SK_DOC_TABLE) {
        self->table = block->table->id;
        st = folder_file(self, FORM_CSV, folder, "tables/", self->table, ".csv", err);
      }
    }
  if (st)
    return st;
  st = folder_file(self, FORM_PDF, folder, "", "slides", ".pdf", err);
  if (st != SHUKEI_EUNSUPPORTED)
    return st;
  sk_console_log(&self->program->console, SHUKEI_LOG_INFO,
                 "slides.pdf is left out: it takes Chromium, which is not in PATH");
  return SHUKEI_OK;
}

static shukei_status make_folder(struct reporting *self, const char *folder, shukei_error *err)
{
  return commit_held(self, fill_folder(self, folder, err), err);
}

/* ---- the command --------------------------------------------------------------------------- */

static enum form form_of(const char *path)
{
  static const struct {
    const char *ending;
    enum form form;
  } endings[] = {{".html", FORM_HTML}, {".htm", FORM_HTML}, {".md", FORM_MARKDOWN},
                 {".csv", FORM_CSV},   {".svg", FORM_SVG},  {".pdf", FORM_PDF}};
  const size_t length = strlen(path);
  for (size_t i = 0; i < SK_COUNT(endings); i++) {
    const size_t size = strlen(endings[i].ending);
    if (length > size && strcmp(path + length - size, endings[i].ending) == 0)
      return endings[i].form;
  }
  return FORM_NONE;
}

static shukei_status write_to(struct reporting *self, const char *to, shukei_error *err)
{
  const struct sk_value *const format =
      sk_settings_get(&self->program->settings, SK_OPTION_REPORT_FORMAT);
  const bool folder = to[strlen(to) - 1] == '/' || sk_store_is_folder(to);
  self->chart = given(self, SK_OPTION_CHART) ? given(self, SK_OPTION_CHART) : "throughput";
  self->table = given(self, SK_OPTION_TABLE) ? given(self, SK_OPTION_TABLE) : "scales";
  if (folder && !format->text)
    return make_folder(self, to, err);
  const enum form form = format->text ? (enum form)format->choice : form_of(to);
  if (folder || (form == FORM_NONE && strcmp(to, "-") != 0)) {
    const shukei_status st =
        folder ? sk_fail(err, SHUKEI_EINVAL, "--format is of a file, and \"%s\" is a folder", to)
               : sk_fail(err, SHUKEI_EINVAL, "the ending of \"%s\" does not tell its form", to);
    sk_advise(err, "name it .html, .md, .csv, .svg or .pdf, give --format, or end a folder with /");
    return st;
  }
  return make_file(self, form, to, err);
}

static shukei_status check_change(struct reporting *self, double *least, shukei_error *err)
{
  const struct sk_value *const value =
      sk_settings_get(&self->program->settings, SK_OPTION_LEAST_CHANGE);
  *least = value->text ? value->share : SK_COMPARE_LEAST_CHANGE;
  if (given(self, SK_OPTION_REPORT_AGAINST))
    return SHUKEI_OK;
  if (value->text || given(self, SK_OPTION_REPORT_ENFORCE))
    return sk_fail(err, SHUKEI_EINVAL, "%s needs --against OLD",
                   value->text ? "--least-change" : "--enforce");
  return SHUKEI_OK;
}

static shukei_status run(struct reporting *self, shukei_error *err)
{
  const struct sk_arguments *const arguments = self->program->arguments;
  const char *const to = given(self, SK_OPTION_REPORT_TO), *const against = given(
                                                               self, SK_OPTION_REPORT_AGAINST);
  double least;
  if (!to)
    return sk_fail(err, SHUKEI_EINVAL, "report needs --to FILE or FOLDER/");
  shukei_status st = check_change(self, &least, err);
  for (size_t i = 0; i < arguments->operand_count && !st; i++)
    st = read_results(&self->results, arguments->operands[i], err);
  if (!st && against)
    st = read_results(&self->before, against, err);
  if (!st)
    st = sk_report_make(&self->report, &self->doc, &self->results, against ? &self->before : NULL,
                        least, err);
  if (!st)
    st = write_to(self, to, err);
  const char *const fault = !st && given(self, SK_OPTION_REPORT_ENFORCE)
                                ? sk_comparison_fault(&self->report.comparison)
                                : NULL;
  if (fault) {
    sk_console_log(&self->program->console, SHUKEI_LOG_WARNING, fault);
    self->program->exit_status = 1;
  }
  return st;
}

shukei_status sk_cmd_report(struct sk_program *program, shukei_error *err)
{
  struct reporting self = {.program = program};
  sk_bench_results_init(&self.results, NULL);
  sk_bench_results_init(&self.before, NULL);
  sk_doc_init(&self.doc, NULL);
  const shukei_status st = run(&self, err);
  sk_doc_reset(&self.doc);
  sk_bench_results_reset(&self.before);
  sk_bench_results_reset(&self.results);
  return st;
}
