/* SPDX-License-Identifier: Apache-2.0 */
/* Writing --stats. The members come from the list in shukei.h, so a counter added there is here,
 * too. Seconds are rounded to microseconds, which keeps 15 digits from pretending. */
#define _XOPEN_SOURCE 700 /* realpath() */
#include "cli/stats_file.h"

#include "base/buffer.h"
#include "cli/written_over.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS_DIGITS 12

static json_t *counter(uint64_t n)
{
  return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static double micro(double seconds)
{
  return (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6;
}

char *sk_stats_text(const char *command, const shukei_stats *stats)
{
  static const char *const modes[] = {"auto", "in-memory", "streaming"};
  const size_t mode = (size_t)stats->mode < SK_COUNT(modes) ? (size_t)stats->mode : 0;
  json_t *const root = json_object(), *const seconds = json_object();
  int failed = !root || !seconds;
  char *text = NULL;
  failed |= json_object_set_new(root, "command", json_string(command));
  failed |= json_object_set_new(root, "version", json_string(shukei_version()));
#define SK_AS_MEMBER(name) failed |= json_object_set_new(root, #name, counter(stats->name));
  SHUKEI_STATS_COUNTERS(SK_AS_MEMBER)
#undef SK_AS_MEMBER
  failed |= json_object_set_new(root, "mode", json_string(modes[mode]));
  failed |= json_object_set_new(root, "mode_reason", json_string(stats->mode_reason));
#define SK_AS_SECONDS(name)                                                                        \
  failed |= json_object_set_new(seconds, #name, json_real(micro(stats->name##_seconds)));
  SK_AS_SECONDS(plan)
  SK_AS_SECONDS(labels)
  SK_AS_SECONDS(storage)
  SK_AS_SECONDS(pods)
  SK_AS_SECONDS(write)
  SK_AS_SECONDS(total)
#undef SK_AS_SECONDS
  if (seconds)
    failed |= json_object_set(root, "seconds", seconds);
  if (!failed)
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(SECONDS_DIGITS));
  json_decref(seconds);
  json_decref(root);
  return text;
}

static char *cat_text(const shukei_cat_stats *stats)
{
  json_t *const root = json_object();
  int failed = !root;
  char *text = NULL;
  failed |= json_object_set_new(root, "command", json_string("cat"));
  failed |= json_object_set_new(root, "version", json_string(shukei_version()));
#define SK_AS_MEMBER(name) failed |= json_object_set_new(root, #name, counter(stats->name));
  SHUKEI_CAT_COUNTERS(SK_AS_MEMBER)
#undef SK_AS_MEMBER
  if (!failed)
    text = json_dumps(root, JSON_INDENT(2));
  json_decref(root);
  return text;
}

static char *generate_text(const shukei_generate_stats *stats)
{
  json_t *const root = json_object(), *const seconds = json_object();
  int failed = !root || !seconds;
  char *text = NULL;
  failed |= json_object_set_new(root, "command", json_string("generate"));
  failed |= json_object_set_new(root, "version", json_string(shukei_version()));
#define SK_AS_MEMBER(name) failed |= json_object_set_new(root, #name, counter(stats->name));
  SHUKEI_GENERATE_COUNTERS(SK_AS_MEMBER)
#undef SK_AS_MEMBER
  failed |= json_object_set_new(seconds, "total", json_real(micro(stats->total_seconds)));
  if (seconds)
    failed |= json_object_set(root, "seconds", seconds);
  if (!failed)
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(SECONDS_DIGITS));
  json_decref(seconds);
  json_decref(root);
  return text;
}

static shukei_status fail_write(const struct sk_stats_file *file, int number, shukei_error *err)
{
  char text[128];
  return sk_fail(err, SHUKEI_EWRITE, "could not write statistics \"%s\": %s", file->name,
                 sk_errno_text(number, text));
}

/* ".NAME.PID.tmp" in the folder of name. */
static char *temporary_name(const char *name)
{
  const char *const slash = strrchr(name, '/');
  const int folder = slash ? (int)(slash - name + 1) : 0;
  const size_t room = strlen(name) + 40;
  char *const text = sk_alloc(NULL, room);
  if (text)
    snprintf(text, room, "%.*s.%s.%ld.tmp", folder, name, name + folder, (long)getpid());
  return text;
}

static shukei_status check_name(const struct sk_stats_file *file, shukei_error *err)
{
  return sk_check_written_over(file->name, "statistics", "{", "\"command\"", err);
}

shukei_status sk_stats_file_open(struct sk_stats_file *file, const char *path, shukei_error *err)
{
  struct stat found;
  *file = (struct sk_stats_file){.fd = -1};
  if (!path)
    return SHUKEI_OK;
  file->name = sk_strndup(NULL, path, strlen(path));
  if (!file->name)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the name of the statistics");
  if (strcmp(path, "-") == 0) {
    file->fd = dup(STDOUT_FILENO);
    return file->fd < 0 ? fail_write(file, errno, err) : SHUKEI_OK;
  }
  const bool exists = stat(path, &found) == 0;
  if (exists && !S_ISREG(found.st_mode)) { /* a pipe or device: nothing to rename over */
    file->fd = open(path, O_WRONLY | O_CLOEXEC);
    return file->fd < 0 ? fail_write(file, errno, err) : SHUKEI_OK;
  }
  if (exists) { /* a link's target is replaced, not the link */
    char *const real = realpath(path, NULL);
    char *const copy = real ? sk_strndup(NULL, real, strlen(real)) : NULL;
    free(real);
    if (copy) {
      sk_free(file->name);
      file->name = copy;
    }
  }
  const shukei_status st = check_name(file, err);
  if (st)
    return st;
  file->temporary = temporary_name(file->name);
  if (!file->temporary)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the name of the statistics");
  file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return file->fd < 0 ? fail_write(file, errno, err) : SHUKEI_OK;
}

static bool write_all(int fd, const char *text, size_t length)
{
  while (length > 0) {
    const ssize_t n = write(fd, text, length);
    if (n < 0 && errno != EINTR)
      return false;
    if (n > 0) {
      text += n;
      length -= (size_t)n;
    }
  }
  return true;
}

/* Writes text, which is freed, and makes the file appear. */
static shukei_status commit(struct sk_stats_file *file, char *text, shukei_error *err)
{
  if (!text)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the statistics");
  bool ok = write_all(file->fd, text, strlen(text)) && write_all(file->fd, "\n", 1);
  free(text);
  if (ok && file->temporary)
    ok = fsync(file->fd) == 0;
  if (!ok)
    return fail_write(file, errno, err);
  ok = close(file->fd) == 0;
  file->fd = -1;
  /* A sink of this run may have got the name meanwhile. */
  const shukei_status st = ok && file->temporary ? check_name(file, err) : SHUKEI_OK;
  if (st)
    return st;
  if (ok && file->temporary)
    ok = rename(file->temporary, file->name) == 0;
  if (!ok)
    return fail_write(file, errno, err);
  sk_free(file->temporary);
  file->temporary = NULL;
  return SHUKEI_OK;
}

shukei_status sk_stats_file_commit(struct sk_stats_file *file, const char *command,
                                   const shukei_stats *stats, shukei_error *err)
{
  return file->fd < 0 ? SHUKEI_OK : commit(file, sk_stats_text(command, stats), err);
}

shukei_status sk_stats_file_commit_generate(struct sk_stats_file *file,
                                            const shukei_generate_stats *stats, shukei_error *err)
{
  return file->fd < 0 ? SHUKEI_OK : commit(file, generate_text(stats), err);
}

shukei_status sk_stats_file_commit_cat(struct sk_stats_file *file, const shukei_cat_stats *stats,
                                       shukei_error *err)
{
  return file->fd < 0 ? SHUKEI_OK : commit(file, cat_text(stats), err);
}

void sk_stats_file_close(struct sk_stats_file *file)
{
  if (file->fd >= 0)
    close(file->fd);
  if (file->temporary)
    unlink(file->temporary);
  sk_free(file->temporary);
  sk_free(file->name);
  *file = (struct sk_stats_file){.fd = -1};
}
