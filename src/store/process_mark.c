/* SPDX-License-Identifier: Apache-2.0 */
/* A process is known by its number and the moment it was started (field 22 of /proc/PID/stat,
 * proc(5)), within one space of process numbers, within one start of the machine: numbers come
 * again, in containers most of all, and with the start they do not. */
#include "store/process_mark.h"

#include "base/intern.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file of the system's into text; 0 where there is none. */
static size_t read_small(const char *path, char *text, size_t size)
{
  FILE *const file = fopen(path, "re");
  const size_t length = file ? fread(text, 1, size - 1, file) : 0;
  if (file)
    fclose(file);
  text[length] = '\0';
  return length;
}

/* 0: not known. */
static uint64_t machine(void)
{
  char text[256];
  const size_t boot = read_small("/proc/sys/kernel/random/boot_id", text, sizeof text / 2);
  const ssize_t space = readlink("/proc/self/ns/pid", text + boot, sizeof text - boot);
  return boot && space > 0 ? sk_hash_bytes(text, boot + (size_t)space) : 0;
}

/* In ticks since the machine's; 0: not known. The name of the program, in parentheses, may hold any
 * byte. */
static uint64_t start_of(long process)
{
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", process);
  const size_t length = read_small(path, text, sizeof text);
  const char *at = length ? strrchr(text, ')') : NULL;
  for (int field = 2; at && field < 22; field++)
    at = strchr(at + 1, ' ');
  return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* The system is asked once a process, which a fork makes another one. */
void sk_process_mark(char text[SK_PROCESS_MARK_TEXT])
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static pid_t known;
  static char mark[SK_PROCESS_MARK_TEXT];
  pthread_mutex_lock(&lock);
  if (known != getpid()) {
    known = getpid();
    snprintf(mark, sizeof mark, "%016" PRIx64 "-%lx-%" PRIx64, machine(), (long)known,
             start_of((long)known));
  }
  memcpy(text, mark, sizeof mark);
  pthread_mutex_unlock(&lock);
}

enum sk_process_state sk_process_state(const char *mark)
{
  uint64_t of_machine, start;
  unsigned long process;
  if (sscanf(mark, "%16" SCNx64 "-%8lx-%16" SCNx64, &of_machine, &process, &start) != 3 ||
      of_machine == 0 || of_machine != machine() || process == 0 || process > INT32_MAX ||
      start == 0)
    return SK_PROCESS_UNKNOWN;
  if (kill((pid_t)process, 0) != 0 && errno == ESRCH)
    return SK_PROCESS_GONE;
  const uint64_t now = start_of((long)process);
  return now == start ? SK_PROCESS_LIVES : now ? SK_PROCESS_GONE : SK_PROCESS_UNKNOWN;
}
