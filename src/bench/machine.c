/* SPDX-License-Identifier: Apache-2.0 */
/* The machine, from uname() and the two files that tell its processor and its distribution. */
#include "bench/machine.h"

#include "base/platform.h"
#include "bench/phase_command.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

/* What stands behind the name in the first line of the file that begins with it, without blanks and
 * quotes around. */
static const char *find_line(struct sk_arena *arena, const char *path, const char *name, char mark)
{
  char line[512];
  const char *found = NULL;
  FILE *const file = fopen(path, "re");
  while (file && !found && fgets(line, sizeof line, file)) {
    char *text = strchr(line, mark);
    if (strncmp(line, name, strlen(name)) != 0 || !text)
      continue;
    text += 1 + strspn(text + 1, " \t\"");
    text[strcspn(text, "\"\n")] = 0;
    found = sk_arena_text(arena, "%s", text);
  }
  if (file)
    fclose(file);
  return found;
}

void sk_machine_look(struct sk_arena *arena, struct sk_bench_machine *machine)
{
  struct utsname names;
  *machine = (struct sk_bench_machine){
      .cpu = find_line(arena, "/proc/cpuinfo", "model name", ':'),
      .os = find_line(arena, "/etc/os-release", "PRETTY_NAME", '='),
      .processors = sk_processor_count(),
      .memory = (int64_t)sk_memory_available_bytes(),
  };
  if (uname(&names) < 0)
    return;
  machine->host = sk_arena_text(arena, "%s", names.nodename);
  machine->kernel = sk_arena_text(arena, "%s %s", names.sysname, names.release);
  if (!machine->cpu)
    machine->cpu = sk_arena_text(arena, "%s", names.machine);
}

int64_t sk_disk_free_bytes(const char *folder)
{
  struct statvfs disk;
  if (statvfs(folder, &disk) != 0)
    return -1;
  const uint64_t bytes = (uint64_t)disk.f_bavail * (uint64_t)disk.f_frsize;
  return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}
