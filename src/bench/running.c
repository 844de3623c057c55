/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a benchmark that runs. It is not synced: after a crash of the machine nobody needs
 * it. */
#define _DEFAULT_SOURCE 1 /* flock() */
#include "bench/running.h"

#include "bench/members.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define FILE_BYTES ((size_t)16 << 20)

static bool path_of(char path[PATH_BYTES], const char *folder, const char *name)
{
  return (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES;
}

/* ---- writing ------------------------------------------------------------------------------- */

static json_t *now_object(const struct sk_running *running)
{
  json_t *const now = json_object();
  sk_bench_key_set(now, &running->now);
  sk_member_set_number(now, "pid", running->now_pid);
  sk_member_set_text(now, "begun", running->now_begun);
  sk_member_set_real(now, "seconds", running->seconds);
  sk_member_set_number(now, "rows", running->rows);
  sk_member_set_number(now, "rows_total", running->rows_total);
  sk_member_set_number(now, "rss", running->rss);
  sk_member_set_real(now, "rate", running->rate);
  return now;
}

static json_t *running_object(const struct sk_running *running)
{
  json_t *const root = json_object(), *const plan = json_array();
  sk_member_set_number(root, "format", SK_BENCH_RESULTS_FORMAT);
  sk_member_set_text(root, "run", running->run);
  sk_member_set_number(root, "pid", running->pid);
  sk_member_set_text(root, "begun", running->begun);
  sk_member_set_text(root, "updated", running->updated);
  for (size_t i = 0; i < running->plan_count; i++) {
    json_t *const item = json_object();
    sk_bench_key_set(item, &running->plan[i].key);
    sk_member_set_text(item, "state", sk_bench_state_name(running->plan[i].state));
    if (json_array_append_new(plan, item))
      sk_member_set(root, "plan", NULL);
  }
  sk_member_set(root, "plan", plan);
  if (running->has_now)
    sk_member_set(root, "now", now_object(running));
  sk_member_set_number(root, "disk_free", running->disk_free);
  sk_member_set_number(root, "memory_free", running->memory_free);
  sk_member_set_text(root, "last_error", running->last_error);
  return root;
}

shukei_status sk_running_write(const char *folder, const struct sk_running *running,
                               shukei_error *err)
{
  char path[PATH_BYTES], temporary[PATH_BYTES], reason[128];
  if (!path_of(path, folder, SK_RUNNING_FILE) ||
      !path_of(temporary, folder, "." SK_RUNNING_FILE ".tmp"))
    return sk_fail(err, SHUKEI_EINVAL, "the name of folder \"%s\" is too long", folder);
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, FILE_BYTES);
  if (!sk_member_dump(running_object(running), &text)) {
    sk_buffer_reset(&text);
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for \"%s\"", path);
  }
  const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool ok = fd >= 0 && sk_write_bytes(fd, text.bytes, text.length);
  sk_buffer_reset(&text);
  if (fd >= 0)
    ok = close(fd) == 0 && ok;
  if (ok && rename(temporary, path) == 0)
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EWRITE, "could not write \"%s\": %s", path,
                 sk_errno_text(errno, reason));
}

void sk_running_remove(const char *folder)
{
  char path[PATH_BYTES];
  if (path_of(path, folder, "." SK_RUNNING_FILE ".tmp"))
    (void)unlink(path);
  if (path_of(path, folder, SK_RUNNING_FILE))
    (void)unlink(path);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Items that are none are left out. */
static void take_plan(struct sk_arena *arena, const json_t *root, struct sk_running *running,
                      bool *failed)
{
  const json_t *const plan = json_object_get(root, "plan");
  const size_t count = json_array_size(plan);
  running->plan = sk_arena_alloc(arena, (count + 1) * sizeof *running->plan);
  *failed |= !running->plan;
  for (size_t i = 0; running->plan && i < count; i++) {
    struct sk_running_item *const item = &running->plan[running->plan_count];
    const json_t *const object = json_array_get(plan, i);
    const char *const name = json_string_value(json_object_get(object, "state"));
    const int state = name ? sk_bench_state_find(name) : -1;
    if (state < 0 || !sk_bench_key_take(object, arena, &item->key))
      continue;
    item->state = (enum sk_bench_state)state;
    running->plan_count++;
  }
}

static bool take_running(struct sk_arena *arena, const json_t *root, struct sk_running *running)
{
  bool failed = false;
  const json_t *const now = json_object_get(root, "now");
  memset(running, 0, sizeof *running);
  running->run = sk_member_text(root, "run", arena, &failed);
  running->pid = sk_member_number(root, "pid");
  running->begun = sk_member_text(root, "begun", arena, &failed);
  running->updated = sk_member_text(root, "updated", arena, &failed);
  take_plan(arena, root, running, &failed);
  running->has_now = now && sk_bench_key_take(now, arena, &running->now);
  running->now_pid = sk_member_number(now, "pid");
  running->now_begun = sk_member_text(now, "begun", arena, &failed);
  running->seconds = sk_member_real(now, "seconds");
  running->rows = sk_member_number(now, "rows");
  running->rows_total = sk_member_number(now, "rows_total");
  running->rss = sk_member_number(now, "rss");
  running->rate = sk_member_real(now, "rate");
  running->disk_free = sk_member_number(root, "disk_free");
  running->memory_free = sk_member_number(root, "memory_free");
  running->last_error = sk_member_text(root, "last_error", arena, &failed);
  return !failed;
}

/* The parsed file, NULL and err where there is none. */
static json_t *load(const char *path, shukei_error *err)
{
  char reason[128];
  json_error_t problem;
  json_t *root = NULL;
  size_t length = 0;
  ssize_t n = 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  char *const bytes = fd < 0 ? NULL : sk_alloc(NULL, FILE_BYTES);
  if (fd < 0) {
    sk_fail(err, errno == ENOENT ? SHUKEI_ENOTFOUND : SHUKEI_EIO, "could not read \"%s\": %s", path,
            sk_errno_text(errno, reason));
    return NULL;
  }
  while (bytes && length < FILE_BYTES && (n = read(fd, bytes + length, FILE_BYTES - length)) > 0)
    length += (size_t)n;
  if (!bytes)
    sk_fail(err, SHUKEI_ENOMEM, "no memory for \"%s\"", path);
  else if (n < 0)
    sk_fail(err, SHUKEI_EIO, "could not read \"%s\": %s", path, sk_errno_text(errno, reason));
  else if (!(root = json_loadb(bytes, length, 0, &problem)))
    sk_fail(err, SHUKEI_EFORMAT, "\"%s\" is no JSON: %s", path, problem.text);
  close(fd);
  sk_free(bytes);
  return root;
}

shukei_status sk_running_read(const char *folder, struct sk_arena *arena,
                              struct sk_running *running, shukei_error *err)
{
  char path[PATH_BYTES];
  shukei_error found = {.offset = -1};
  if (!path_of(path, folder, SK_RUNNING_FILE))
    return sk_fail(err, SHUKEI_EINVAL, "the name of folder \"%s\" is too long", folder);
  json_t *const root = load(path, &found);
  if (!root) {
    if (err)
      *err = found;
    return found.status;
  }
  const bool ok = take_running(arena, root, running);
  json_decref(root);
  return ok ? SHUKEI_OK : sk_fail_memory(err, arena->budget, 0, "the state of a benchmark");
}

/* ---- the lock ------------------------------------------------------------------------------ */

shukei_status sk_running_lock(const char *folder, int *lock, shukei_error *err)
{
  char path[PATH_BYTES], reason[128];
  *lock = -1;
  if (!path_of(path, folder, SK_RUNNING_LOCK))
    return sk_fail(err, SHUKEI_EINVAL, "the name of folder \"%s\" is too long", folder);
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
    *lock = fd;
    return SHUKEI_OK;
  }
  const int number = errno;
  if (fd >= 0)
    close(fd);
  if (fd >= 0 && number == EWOULDBLOCK) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EINVAL, "a benchmark runs in \"%s\" already", folder);
    sk_advise(err, "shukei status shows it; another folder is chosen by --dir");
    return st;
  }
  return sk_fail(err, SHUKEI_EWRITE, "could not lock \"%s\": %s", path,
                 sk_errno_text(number, reason));
}

void sk_running_unlock(int lock)
{
  if (lock >= 0)
    close(lock);
}

bool sk_running_alive(const char *folder)
{
  char path[PATH_BYTES];
  if (!path_of(path, folder, SK_RUNNING_LOCK))
    return false;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return held;
}
