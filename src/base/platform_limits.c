/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory and how many processors there are.
 *
 * On Linux a control group may allow less than the machine has. The group's path is read from
 * /proc/self/cgroup; each group above it can set a limit as well, so the smallest on the way up
 * counts. Inside a container the path may be the host's, which is not there: then only its root is
 * found, which is the container's own group. */
#if defined(__linux__)
#define _GNU_SOURCE 1 /* sched_getaffinity() */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE 1
#endif

#include "base/platform.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

static uint64_t smaller(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

#if defined(__linux__)

/* The file's first bytes as a text; false where there is no such file. */
static bool read_start(const char *path, char *text, size_t size)
{
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  size_t length = 0;
  ssize_t got;
  while (length < size - 1 && (got = read(file, text + length, size - 1 - length)) > 0)
    length += (size_t)got;
  (void)close(file);
  text[length] = '\0';
  return length > 0;
}

/* A limit of a control group: a number, or UINT64_MAX for "max" and -1. */
static uint64_t parse_limit(const char *text)
{
  if (*text < '0' || *text > '9')
    return UINT64_MAX;
  return strtoull(text, NULL, 10);
}

#define GROUPS_BYTES 4096

/* Path of this process's group in the hierarchy of a controller ("" is version 2). groups is the
 * text of /proc/self/cgroup: lines of id:controller,controller:path. */
static bool group_path(const char *groups, const char *controller, char *path, size_t size)
{
  const size_t wanted = strlen(controller);
  for (const char *line = groups; *line;) {
    const size_t length = strcspn(line, "\n");
    const char *end = line + length, *names = memchr(line, ':', length);
    const char *place = names ? memchr(names + 1, ':', (size_t)(end - names - 1)) : NULL;
    if (place) {
      bool found = !wanted && place == names + 1;
      while (wanted && !found && names < place) {
        const size_t name = strcspn(++names, ",:");
        found = name == wanted && memcmp(names, controller, wanted) == 0;
        names += name;
      }
      place++;
      if (found && (size_t)(end - place) < size) {
        memcpy(path, place, (size_t)(end - place));
        path[end - place] = '\0';
        return true;
      }
    }
    line = end + (*end == '\n');
  }
  return false;
}

/* The smallest of `read(folder)` over the group and those above it; UINT64_MAX where none is. */
static uint64_t smallest_limit(const char *groups, const char *controller, const char *mount,
                               uint64_t (*read_folder)(const char *folder))
{
  char path[2048];
  uint64_t least = UINT64_MAX;
  if (!group_path(groups, controller, path, sizeof path))
    return least;
  if (strcmp(path, "/") == 0)
    path[0] = '\0'; /* the root, which would come twice */
  for (;;) {
    char folder[2200];
    (void)snprintf(folder, sizeof folder, "%s%s", mount, path);
    least = smaller(least, read_folder(folder));
    char *slash = strrchr(path, '/');
    if (!slash)
      return least;
    *slash = '\0';
  }
}

static bool read_in(const char *folder, const char *name, char *text, size_t size)
{
  char path[2300];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return read_start(path, text, size);
}

static uint64_t memory_of_v2(const char *folder)
{
  char text[64];
  return read_in(folder, "memory.max", text, sizeof text) ? parse_limit(text) : UINT64_MAX;
}

static uint64_t memory_of_v1(const char *folder)
{
  char text[64];
  return read_in(folder, "memory.limit_in_bytes", text, sizeof text) ? parse_limit(text)
                                                                     : UINT64_MAX;
}

/* Processors' worth of time that a quota allows, rounded up. */
static uint64_t processors_of_quota(uint64_t quota, uint64_t period)
{
  if (quota == UINT64_MAX || !period)
    return UINT64_MAX;
  return quota ? (quota - 1) / period + 1 : 1;
}

static uint64_t processors_of_v2(const char *folder)
{
  char text[64]; /* "QUOTA PERIOD" */
  if (!read_in(folder, "cpu.max", text, sizeof text))
    return UINT64_MAX;
  const char *blank = strchr(text, ' ');
  return processors_of_quota(parse_limit(text), blank ? parse_limit(blank + 1) : 0);
}

static uint64_t processors_of_v1(const char *folder)
{
  char quota[64], period[64];
  if (!read_in(folder, "cpu.cfs_quota_us", quota, sizeof quota) ||
      !read_in(folder, "cpu.cfs_period_us", period, sizeof period))
    return UINT64_MAX;
  return processors_of_quota(parse_limit(quota), parse_limit(period));
}

/* The number that stands after the name at the start of a line of the file; -1 where none does. */
static int64_t number_of_line(const char *path, const char *name)
{
  char text[16384];
  const size_t length = strlen(name);
  if (!read_start(path, text, sizeof text))
    return -1;
  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == '\t'))
      return (int64_t)strtoll(line + length, NULL, 10);
  }
  return -1;
}

/* -1 where the group's folder is not there: the root, which has no such file, or a container whose
 * groups are told with the host's paths, and the mount's root is its own. */
static int64_t oom_kills_of_group(const char *groups, const char *controller, const char *mount,
                                  const char *file)
{
  char path[2048], name[2300];
  int64_t count = -1;
  if (!group_path(groups, controller, path, sizeof path))
    return -1;
  (void)snprintf(name, sizeof name, "%s%s/%s", mount, path, file);
  if ((count = number_of_line(name, "oom_kill")) >= 0)
    return count;
  (void)snprintf(name, sizeof name, "%s/%s", mount, file);
  return number_of_line(name, "oom_kill");
}

static uint64_t group_memory_bytes(void)
{
  char groups[GROUPS_BYTES];
  if (!read_start("/proc/self/cgroup", groups, sizeof groups))
    return UINT64_MAX;
  return smaller(smallest_limit(groups, "", "/sys/fs/cgroup", memory_of_v2),
                 smallest_limit(groups, "memory", "/sys/fs/cgroup/memory", memory_of_v1));
}

static uint64_t group_processors(void)
{
  char groups[GROUPS_BYTES];
  if (!read_start("/proc/self/cgroup", groups, sizeof groups))
    return UINT64_MAX;
  return smaller(smallest_limit(groups, "", "/sys/fs/cgroup", processors_of_v2),
                 smallest_limit(groups, "cpu", "/sys/fs/cgroup/cpu", processors_of_v1));
}

static uint64_t machine_processors(void)
{
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return (uint64_t)CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than the set can hold */
  return online > 0 ? (uint64_t)online : 1;
}

static uint64_t machine_memory_bytes(void)
{
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_MAX;
}

#else

static uint64_t group_memory_bytes(void)
{
  return UINT64_MAX;
}

static uint64_t group_processors(void)
{
  return UINT64_MAX;
}

static uint64_t machine_processors(void)
{
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (uint64_t)online : 1;
}

static uint64_t machine_memory_bytes(void)
{
#if defined(__APPLE__)
  uint64_t bytes = 0;
  size_t size = sizeof bytes;
  return sysctlbyname("hw.memsize", &bytes, &size, NULL, 0) == 0 && bytes ? bytes : UINT64_MAX;
#elif defined(_SC_PHYS_PAGES)
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_MAX;
#else
  return UINT64_MAX;
#endif
}

#endif

unsigned sk_processor_count(void)
{
  const uint64_t count = smaller(machine_processors(), group_processors());
  return count < 1 ? 1 : (unsigned)smaller(count, 1024);
}

uint64_t sk_memory_available_bytes(void)
{
  uint64_t bytes = smaller(machine_memory_bytes(), group_memory_bytes());
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    bytes = smaller(bytes, (uint64_t)limit.rlim_cur);
  /* A system that tells nothing: what every machine with 64 bits has. */
  return bytes == UINT64_MAX ? UINT64_C(1) << 30 : bytes;
}

uint64_t sk_peak_rss_bytes(void)
{
#if defined(__linux__)
  /* Not getrusage(): there a program inherits the peak of the one that started it. */
  const int64_t kilobytes = number_of_line("/proc/self/status", "VmHWM:");
  if (kilobytes >= 0)
    return (uint64_t)kilobytes * 1024;
#endif
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? sk_maxrss_bytes(usage.ru_maxrss) : 0;
}

uint64_t sk_maxrss_bytes(long maxrss)
{
#if defined(__APPLE__)
  return (uint64_t)maxrss;
#else
  return (uint64_t)maxrss * 1024;
#endif
}

int64_t sk_process_rss_bytes(int64_t pid)
{
#if defined(__linux__)
  char path[64], text[256], *end;
  (void)snprintf(path, sizeof path, "/proc/%lld/statm", (long long)pid);
  if (read_start(path, text, sizeof text)) {
    (void)strtoull(text, &end, 10); /* the size, then the resident pages */
    return (int64_t)strtoull(end, NULL, 10) * (int64_t)sysconf(_SC_PAGESIZE);
  }
#else
  (void)pid;
#endif
  return -1;
}

int64_t sk_memory_free_bytes(void)
{
#if defined(__linux__)
  const int64_t kilobytes = number_of_line("/proc/meminfo", "MemAvailable:");
  return kilobytes >= 0 ? kilobytes * 1024 : -1;
#else
  return -1;
#endif
}

int64_t sk_oom_kills(void)
{
#if defined(__linux__)
  char groups[GROUPS_BYTES];
  int64_t count = -1;
  if (read_start("/proc/self/cgroup", groups, sizeof groups)) {
    count = oom_kills_of_group(groups, "memory", "/sys/fs/cgroup/memory", "memory.oom_control");
    if (count < 0)
      count = oom_kills_of_group(groups, "", "/sys/fs/cgroup", "memory.events");
  }
  return count >= 0 ? count : number_of_line("/proc/vmstat", "oom_kill");
#else
  return -1;
#endif
}
