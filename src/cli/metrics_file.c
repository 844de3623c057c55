/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is synced: after a crash of the machine the values of before are of no use to anybody. */
#include "cli/metrics_file.h"

#include "base/platform.h"
#include "cli/written_over.h"
#include "status/aggregate_metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EVERY_NS UINT64_C(1000000000)
#define TEXT_BYTES ((size_t)1 << 20)

static double now_seconds(void)
{
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + (double)(now.tv_nsec / 1000000) / 1e3;
}

static shukei_status fail_write(const struct sk_metrics_file *file, int number, shukei_error *err)
{
  char text[128];
  return sk_fail(err, SHUKEI_EWRITE, "could not write metrics \"%s\": %s", file->path,
                 sk_errno_text(number, text));
}

/* The temporary name, and what the name says of the job: "nightly" of "/var/lib/x/nightly.prom". */
static bool make_names(struct sk_metrics_file *file)
{
  const char *const slash = strrchr(file->path, '/');
  const char *const name = slash ? slash + 1 : file->path;
  const char *const dot = strrchr(name, '.');
  const size_t room = strlen(file->path) + 40;
  file->run = sk_strndup(NULL, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
  file->temporary = sk_alloc(NULL, room);
  if (file->temporary)
    snprintf(file->temporary, room, "%.*s.%s.%ld.tmp", (int)(name - file->path), file->path, name,
             (long)getpid());
  return file->run && file->temporary;
}

/* The time of the last success that the file tells, which stays when this run fails. */
static double read_last_success(const char *path)
{
  char text[1 << 16];
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  size_t length = 0;
  ssize_t got;
  while (length < sizeof text && (got = read(fd, text + length, sizeof text - length)) > 0)
    length += (size_t)got;
  close(fd);
  return sk_aggregate_metrics_last_success(text, length);
}

static bool write_whole(const char *path, const struct sk_buffer *text)
{
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return false;
  size_t done = 0;
  while (done < text->length) {
    const ssize_t n = write(fd, text->bytes + done, text->length - done);
    if (n < 0 && errno != EINTR) {
      const int number = errno;
      close(fd);
      errno = number;
      return false;
    }
    done += n > 0 ? (size_t)n : 0;
  }
  return close(fd) == 0;
}

static shukei_status write_file(struct sk_metrics_file *file, const shukei_progress *progress,
                                const shukei_stats *stats, int exit_status, shukei_error *err)
{
  const double now = now_seconds();
  const shukei_status ours =
      sk_check_written_over(file->path, "metrics", "# HELP shukei_", "# TYPE shukei_", err);
  if (ours)
    return ours;
  if (stats && exit_status == 0)
    file->last_success = now;
  const struct sk_aggregate_metrics metrics = {.run = file->run,
                                               .started = file->started,
                                               .now = now,
                                               .last_success = file->last_success,
                                               .progress = progress,
                                               .stats = stats,
                                               .exit_status = exit_status};
  file->written_ns = sk_monotonic_ns();
  sk_buffer_clear(&file->text);
  sk_aggregate_metrics_write(&file->text, &metrics);
  if (file->text.failed)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for metrics \"%s\"", file->path);
  if (write_whole(file->temporary, &file->text) && rename(file->temporary, file->path) == 0)
    return SHUKEI_OK;
  const int number = errno;
  unlink(file->temporary);
  return fail_write(file, number, err);
}

shukei_status sk_metrics_file_open(struct sk_metrics_file *file, const char *path,
                                   shukei_error *err)
{
  struct stat found;
  *file = (struct sk_metrics_file){.path = path};
  sk_buffer_init(&file->text, NULL, TEXT_BYTES);
  if (!path)
    return SHUKEI_OK;
  if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) {
    const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "metrics \"%s\" is not a file", path);
    sk_advise(err, "name a file in the folder of the textfile collector, NAME.prom");
    return st;
  }
  if (!make_names(file))
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the name of the metrics");
  file->started = now_seconds();
  file->last_success = read_last_success(path);
  return write_file(file, NULL, NULL, 0, err);
}

void sk_metrics_file_progress(struct sk_metrics_file *file, const shukei_progress *now)
{
  if (file->path && sk_monotonic_ns() - file->written_ns >= EVERY_NS)
    (void)write_file(file, now, NULL, 0, NULL);
}

shukei_status sk_metrics_file_end(struct sk_metrics_file *file, const shukei_stats *stats,
                                  int exit_status, shukei_error *err)
{
  return file->path ? write_file(file, NULL, stats, exit_status, err) : SHUKEI_OK;
}

void sk_metrics_file_close(struct sk_metrics_file *file)
{
  sk_buffer_reset(&file->text);
  sk_free(file->temporary);
  sk_free(file->run);
  *file = (struct sk_metrics_file){.path = NULL};
}
