/* SPDX-License-Identifier: Apache-2.0 */
/* The form of these files (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html): lines
 * [SECTION] and KEY = VALUE; '#' and ';' begin a comment in the first column, and behind a blank in
 * a section's line; an indented line belongs to the key above it, which then has no value of its
 * own. A profile's section is [NAME] in the credentials file and [profile NAME] in the other, but
 * for [default]. The texts are gone through for each question: they are small, and asked a dozen
 * times a run. */
#include "store/s3_profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_MOST ((size_t)1 << 20)

struct slice {
  const char *text;
  size_t length;
};

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
  while (s.length && is_blank(s.text[0])) {
    s.text++;
    s.length--;
  }
  while (s.length && is_blank(s.text[s.length - 1]))
    s.length--;
  return s;
}

static bool is(struct slice s, const char *text)
{
  return s.length == strlen(text) && memcmp(s.text, text, s.length) == 0;
}

/* Splits "KEY = VALUE"; false where there is no '='. */
static bool split(struct slice line, struct slice *key, struct slice *value)
{
  const char *const sign = memchr(line.text, '=', line.length);
  if (!sign)
    return false;
  const size_t left = (size_t)(sign - line.text);
  *key = trim((struct slice){line.text, left});
  *value = trim((struct slice){sign + 1, line.length - left - 1});
  return true;
}

/* The inside of "[SECTION]", its blanks made single; false where the line is none. */
static bool section_of(struct slice line, char *name, size_t size)
{
  size_t n = 0;
  const char *const end = line.length ? memchr(line.text, ']', line.length) : NULL;
  if (!end || line.text[0] != '[')
    return false;
  struct slice inside = trim((struct slice){line.text + 1, (size_t)(end - line.text) - 1});
  for (size_t i = 0; i < inside.length && n + 1 < size; i++) {
    const bool blank = is_blank(inside.text[i]);
    if (!blank)
      name[n++] = inside.text[i];
    else if (n && name[n - 1] != ' ')
      name[n++] = ' ';
  }
  name[n] = '\0';
  return true;
}

/* Goes over the lines of a text. *there tells whether the section is; the last value of a key
 * counts. */
static bool find(const char *text, const char *section, const char *group, const char *key,
                 char value[SK_S3_VALUE_TEXT], bool *there)
{
  char name[300], above[128] = "";
  bool inside = false, found = false;
  for (const char *at = text; *at;) {
    const size_t length = strcspn(at, "\n");
    const struct slice raw = {at, length}, line = trim(raw);
    struct slice k, v;
    at += length + (at[length] == '\n');
    if (!line.length || raw.text[0] == '#' || raw.text[0] == ';')
      continue;
    if (section_of(raw, name, sizeof name)) {
      inside = strcmp(name, section) == 0;
      *there |= inside;
      above[0] = '\0';
      continue;
    }
    if (!inside || !split(line, &k, &v))
      continue;
    const bool indented = is_blank(raw.text[0]);
    if (!indented)
      snprintf(above, sizeof above, "%.*s", (int)(k.length < 100 ? k.length : 100), k.text);
    const bool wanted = group ? indented && strcmp(above, group) == 0 : !indented;
    if (wanted && key && is(k, key) && v.length && v.length < SK_S3_VALUE_TEXT) {
      memcpy(value, v.text, v.length);
      value[v.length] = '\0';
      found = true;
    }
  }
  return found;
}

static const char *text_of(const struct sk_buffer *file)
{
  return file->length ? (const char *)file->bytes : "";
}

static void config_section(const struct sk_s3_profiles *profiles, char section[300])
{
  snprintf(section, 300, "%s%s", strcmp(profiles->name, "default") == 0 ? "" : "profile ",
           profiles->name);
}

bool sk_s3_profile_value(const struct sk_s3_profiles *profiles, const char *group, const char *key,
                         char value[SK_S3_VALUE_TEXT])
{
  char section[300];
  bool there = false;
  config_section(profiles, section);
  return find(text_of(&profiles->credentials), profiles->name, group, key, value, &there) ||
         find(text_of(&profiles->config), section, group, key, value, &there);
}

bool sk_s3_section_value(const struct sk_s3_profiles *profiles, const char *section,
                         const char *group, const char *key, char value[SK_S3_VALUE_TEXT])
{
  bool there = false;
  return find(text_of(&profiles->config), section, group, key, value, &there);
}

/* ---- reading the files -------------------------------------------------------------------------
 * */

/* The whole file as a zero-terminated text; one that is not there is empty, unless it was named. */
static shukei_status read_text(const char *path, bool named, struct sk_buffer *text,
                               shukei_error *err)
{
  char why[128];
  shukei_status st = SHUKEI_OK;
  FILE *const file = fopen(path, "re");
  if (!file && !named && (errno == ENOENT || errno == ENOTDIR))
    return SHUKEI_OK;
  if (!file)
    return sk_fail(err, SHUKEI_EIO, "%s: could not open: %s", path, sk_errno_text(errno, why));
  for (size_t got = 1; got > 0 && sk_buffer_reserve(text, 4096);) {
    got = fread(text->bytes + text->length, 1, 4095, file);
    text->length += got;
  }
  if (ferror(file))
    st = sk_fail(err, SHUKEI_EIO, "%s: could not read: %s", path, sk_errno_text(errno, why));
  else if (text->failed && text->length > FILE_MOST / 2)
    st = sk_fail(err, SHUKEI_EINVAL, "%s: is larger than %zu bytes", path, FILE_MOST);
  else if (text->failed)
    st = sk_fail_memory(err, text->budget, 4096, path);
  sk_buffer_byte(text, 0);
  fclose(file);
  return st;
}

static shukei_status read_file(const char *variable, const char *name, struct sk_buffer *text,
                               shukei_error *err)
{
  char path[4096];
  const char *const given = getenv(variable), *const home = getenv("HOME");
  if (given && *given)
    return read_text(given, true, text, err);
  if (!home || !*home ||
      (size_t)snprintf(path, sizeof path, "%s/.aws/%s", home, name) >= sizeof path)
    return SHUKEI_OK;
  return read_text(path, false, text, err);
}

shukei_status sk_s3_profiles_read(struct sk_s3_profiles *profiles, struct sk_budget *budget,
                                  shukei_error *err)
{
  char value[SK_S3_VALUE_TEXT], section[300];
  bool there = false;
  const char *name = getenv("AWS_PROFILE");
  profiles->asked_for = name && *name;
  if (!profiles->asked_for)
    name = "default";
  sk_buffer_init(&profiles->config, budget, FILE_MOST);
  sk_buffer_init(&profiles->credentials, budget, FILE_MOST);
  if ((size_t)snprintf(profiles->name, sizeof profiles->name, "%s", name) >= sizeof profiles->name)
    return sk_fail(err, SHUKEI_EINVAL, "AWS_PROFILE: the name is too long");
  shukei_status st = read_file("AWS_CONFIG_FILE", "config", &profiles->config, err);
  if (!st)
    st = read_file("AWS_SHARED_CREDENTIALS_FILE", "credentials", &profiles->credentials, err);
  if (st || !profiles->asked_for)
    return st;
  config_section(profiles, section);
  find(text_of(&profiles->credentials), profiles->name, NULL, NULL, value, &there);
  find(text_of(&profiles->config), section, NULL, NULL, value, &there);
  return there ? SHUKEI_OK
               : sk_fail(err, SHUKEI_EINVAL,
                         "AWS_PROFILE: neither file of profiles has one of the name \"%s\"", name);
}

void sk_s3_profiles_reset(struct sk_s3_profiles *profiles)
{
  if (profiles->credentials.bytes)
    memset(profiles->credentials.bytes, 0, profiles->credentials.length);
  sk_buffer_reset(&profiles->config);
  sk_buffer_reset(&profiles->credentials);
}
