/* SPDX-License-Identifier: Apache-2.0 */
/* year=, month= and day= with leading zeros, as koku lays out its own Parquet (spec/1-input.md,
 * Where files lie): readers of Hive partitions take them as numbers, and they sort as texts,
 * too. */
#include "sink/dataset_names.h"

#include "base/calendar.h"

#include <stdio.h>

#define NAME_MOST 180 /* bytes; with what surrounds it below the 255 of most file systems */

static void add_source(struct sk_buffer *out, const char *source)
{
  for (; *source; source++) {
    const unsigned char c = (unsigned char)*source;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    if (plain)
      sk_buffer_byte(out, c);
    else
      sk_buffer_printf(out, "%%%02X", c);
  }
}

/* The buffer's text as a block of its own; NULL when memory lacked. */
static char *take_text(struct sk_buffer *text, struct sk_budget *budget)
{
  char *copy = text->failed ? NULL : sk_strndup(budget, (const char *)text->bytes, text->length);
  sk_buffer_clear(text);
  return copy;
}

/* Length of the folder's path without its last '/', 0 where nothing can lie beside it: "/", ".",
 * "..", a bucket. */
static size_t beside_length(const char *folder)
{
  const char *scheme = strstr(folder, "://");
  const char *top = scheme ? scheme + 3 : folder;
  size_t length = strlen(folder);
  while (length && folder[length - 1] == '/')
    length--;
  const char *base = folder + length;
  while (base > top && base[-1] != '/')
    base--;
  const size_t base_length = length - (size_t)(base - folder);
  const bool dots = base[0] == '.' && (base_length == 1 || (base_length == 2 && base[1] == '.'));
  return folder + length <= top || dots || (scheme && base == top) ? 0 : length;
}

static void add_ledger(struct sk_buffer *out, const char *folder, const char *source)
{
  const size_t beside = beside_length(folder);
  sk_buffer_add(out, folder, beside ? beside : strlen(folder));
  if (source) {
    sk_buffer_byte(out, '.');
    add_source(out, source);
  }
  sk_buffer_text(out, ".shukei-ledger.db");
}

shukei_status sk_dataset_names_init(struct sk_dataset_names *names, const char *folder,
                                    const char *source, struct sk_budget *budget, shukei_error *err)
{
  struct sk_buffer text;
  const size_t length = strlen(folder);
  shukei_status st = SHUKEI_OK;
  *names = (struct sk_dataset_names){.folder = NULL};
  sk_buffer_init(&text, budget, (size_t)1 << 20);
  sk_buffer_text(&text, folder);
  if (length == 0 || folder[length - 1] != '/')
    sk_buffer_byte(&text, '/');
  names->folder = take_text(&text, budget);
  sk_buffer_text(&text, "summary");
  if (source) {
    sk_buffer_byte(&text, '.');
    add_source(&text, source);
  }
  if (text.length > NAME_MOST)
    st = sk_fail(err, SHUKEI_EINVAL, "source \"%.40s...\" is too long for the name of a file",
                 source);
  sk_buffer_text(&text, ".parquet");
  names->file = take_text(&text, budget);
  sk_buffer_printf(&text, "%s.%s.lock", names->folder ? names->folder : "",
                   names->file ? names->file : "");
  names->lock = take_text(&text, budget);
  if (names->folder)
    add_ledger(&text, names->folder, source);
  names->ledger = take_text(&text, budget);
  sk_buffer_reset(&text);
  if (!st && (!names->folder || !names->file || !names->lock || !names->ledger))
    st = sk_fail_memory(err, budget, length, "a dataset's names");
  return st;
}

void sk_dataset_names_reset(struct sk_dataset_names *names)
{
  sk_free(names->folder);
  sk_free(names->file);
  sk_free(names->lock);
  sk_free(names->ledger);
  *names = (struct sk_dataset_names){.folder = NULL};
}

/* "year=2025/month=10/day=07/FILE" */
static void add_relative(struct sk_buffer *out, const char *file, int32_t day)
{
  const struct sk_date date = sk_date_of_day(day);
  sk_buffer_printf(out, "year=%04d/month=%02d/day=%02d/%s", (int)date.year, date.month, date.day,
                   file);
}

shukei_status sk_dataset_path(const struct sk_dataset_names *names, int32_t day,
                              struct sk_budget *budget, struct sk_buffer *path, shukei_error *err)
{
  sk_buffer_init(path, budget, SIZE_MAX);
  sk_buffer_text(path, names->folder);
  add_relative(path, names->file, day);
  sk_buffer_byte(path, '\0');
  return path->failed ? sk_fail_memory(err, budget, 0, "the name of a day's file") : SHUKEI_OK;
}

static bool day_of_path(const char *file, const char *relative, int32_t *day)
{
  char room[256];
  struct sk_buffer made = {
      .bytes = (uint8_t *)room, .capacity = sizeof room, .maximum = sizeof room};
  int year, month, of_month, length = 0;
  if (sscanf(relative, "year=%4d/month=%2d/day=%2d/%n", &year, &month, &of_month, &length) != 3 ||
      length == 0)
    return false;
  const struct sk_date date = {year, (uint8_t)month, (uint8_t)of_month};
  if (month < 1 || of_month < 1 || !sk_date_valid(date))
    return false;
  *day = sk_day_of_date(date);
  add_relative(&made, file, *day); /* the one spelling that is ours */
  return !made.failed && made.length == strlen(relative) &&
         memcmp(made.bytes, relative, made.length) == 0;
}

bool sk_dataset_day(const struct sk_dataset_names *names, const char *relative, int32_t *day)
{
  return day_of_path(names->file, relative, day);
}

bool sk_dataset_day_of_others(const struct sk_dataset_names *names, const char *relative,
                              int32_t *day)
{
  static const char begin[] = "summary", end[] = ".parquet";
  const size_t before = sizeof begin - 1, behind = sizeof end - 1;
  const char *const slash = strrchr(relative, '/'), *const file = slash ? slash + 1 : relative;
  const size_t length = strlen(file);
  if (length < before + behind || strncmp(file, begin, before) != 0 ||
      strcmp(file + length - behind, end) != 0 || strcmp(file, names->file) == 0)
    return false;
  const size_t source = length - before - behind; /* with the '.' before it */
  return (source == 0 || (source > 1 && file[before] == '.')) && day_of_path(file, relative, day);
}
