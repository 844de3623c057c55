/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF by Chromium as a child process. */
#include "report/documents.h"

#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ; /* POSIX: no header declares it */

#define LIMIT_SECONDS 60
#define PATH_TEXT 4096

static const char *const programs[] = {"chromium", "chromium-browser", "google-chrome"};

/* The program's path in PATH, NULL where none of the names is there. */
static const char *find_program(char path[PATH_TEXT], const char *folders)
{
  for (size_t i = 0; folders && i < SK_COUNT(programs); i++)
    for (const char *at = folders; *at;) {
      const size_t length = strcspn(at, ":");
      const int got = snprintf(path, PATH_TEXT, "%.*s/%s", (int)length, at, programs[i]);
      if (length && got > 0 && got < PATH_TEXT && access(path, X_OK) == 0)
        return path;
      at += length + (at[length] == ':');
    }
  return NULL;
}

/* "file://" and the absolute path, what means something in an address as %XX. False: too long, or
 * no such file. */
static bool address_of(const char *path, char address[PATH_TEXT])
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  char folder[PATH_TEXT];
  size_t at = 0;
  if (*path != '/' && !getcwd(folder, sizeof folder))
    return false;
  const char *const parts[] = {*path == '/' ? "" : folder, *path == '/' ? "" : "/", path};
  at = (size_t)snprintf(address, PATH_TEXT, "file://");
  for (size_t i = 0; i < SK_COUNT(parts); i++)
    for (const char *c = parts[i]; *c; c++) {
      if (at + 4 > PATH_TEXT)
        return false;
      if (strchr(plain, *c))
        address[at++] = *c;
      else
        at += (size_t)snprintf(address + at, 4, "%%%02X", (unsigned)(uint8_t)*c);
    }
  address[at] = '\0';
  return true;
}

/* Waits for the child; its exit status, or -1 where a signal, the limit or the caller ended it. */
static int wait_for(pid_t pid, bool (*canceled)(void))
{
  const struct timespec pause = {.tv_nsec = 20000000};
  const uint64_t end = sk_monotonic_ns() + (uint64_t)LIMIT_SECONDS * 1000000000u;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (sk_monotonic_ns() > end || (canceled && canceled())) {
      kill(-pid, SIGKILL); /* with the processes that it has started */
      waitpid(pid, &status, 0);
      return -1;
    }
    nanosleep(&pause, NULL);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int spawn(const char *program, char *const words[], pid_t *pid)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int number = posix_spawn_file_actions_init(&actions);
  if (number)
    return number;
  number = posix_spawnattr_init(&attributes);
  if (!number) {
    for (int fd = 0; fd <= 2 && !number; fd++)
      number = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (!number)
      number = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (!number)
      number = posix_spawn(pid, program, &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return number;
}

shukei_status sk_report_pdf(const char *html, const char *pdf, const char *profile,
                            const char *path, bool (*canceled)(void), shukei_error *err)
{
  char program[PATH_TEXT], address[PATH_TEXT], to[PATH_TEXT], at[PATH_TEXT];
  struct stat made;
  pid_t pid;
  if (!find_program(program, path)) {
    const shukei_status st =
        sk_fail(err, SHUKEI_EUNSUPPORTED, "a PDF takes Chromium, which is not in PATH");
    sk_advise(err, "install chromium, or print the slides of --format slides from a browser");
    return st;
  }
  if (!address_of(html, address) ||
      snprintf(to, sizeof to, "--print-to-pdf=%s", pdf) >= (int)sizeof to ||
      snprintf(at, sizeof at, "--user-data-dir=%s", profile) >= (int)sizeof at)
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": the path is too long", pdf);
  char *const words[] = {program,
                         "--headless",
                         "--disable-gpu",
                         "--no-first-run",
                         "--disable-extensions",
                         "--disable-background-networking",
                         "--disable-dev-shm-usage",
                         "--no-pdf-header-footer",
                         at,
                         to,
                         address,
                         geteuid() == 0 ? "--no-sandbox" : NULL,
                         NULL};
  const int number = spawn(program, words, &pid);
  if (number) {
    char why[128];
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": could not start %s: %s", pdf, program,
                   sk_errno_text(number, why));
  }
  const int exit = wait_for(pid, canceled);
  if (canceled && canceled())
    return sk_fail(err, SHUKEI_ECANCELED, "stopped");
  if (exit || stat(pdf, &made) != 0 || made.st_size == 0)
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": %s made no PDF%s", pdf, program,
                   exit < 0 ? " within a minute" : "");
  return SHUKEI_OK;
}
