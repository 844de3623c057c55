/* SPDX-License-Identifier: Apache-2.0 */
/* What else differs between operating systems: processes, clocks, memory, files. */
#if defined(__linux__)
#define _GNU_SOURCE 1 /* mremap(), sync_file_range() */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE 1
#endif

#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <signal.h>
#include <sys/prctl.h>
#elif defined(__APPLE__)
#include <limits.h>
#include <sys/random.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void sk_die_with_parent(int64_t parent)
{
#if defined(__linux__)
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != (pid_t)parent)
    (void)raise(SIGKILL); /* it died before */
#else
  (void)parent;
#endif
}

uint64_t sk_monotonic_ns(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void sk_allow_open_files(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
#if defined(__APPLE__)
  if (limit.rlim_cur > OPEN_MAX) /* more is refused, whatever the limit says */
    limit.rlim_cur = OPEN_MAX;
#endif
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

void sk_return_large_blocks(void)
{
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TOP_PAD, 512 << 10);
#endif
}

/* Tools that watch memory know nothing of mappings. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define MAPS_BLOCKS 1
#endif
#endif

#if defined(MAPS_BLOCKS)
#define LARGE_PAGE ((size_t)2 << 20)

size_t sk_mapped_bytes(void)
{
  return LARGE_PAGE;
}

static size_t whole_pages(size_t bytes)
{
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

void *sk_map_small_pages(size_t bytes)
{
  const size_t spare = bytes + LARGE_PAGE;
  uint8_t *mapped = mmap(NULL, spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    return NULL;
  const size_t before = (LARGE_PAGE - (uintptr_t)mapped % LARGE_PAGE) % LARGE_PAGE;
  const size_t kept = whole_pages(bytes);
  uint8_t *block = mapped + before;
  if (before)
    munmap(mapped, before);
  if (before + kept < spare)
    munmap(block + kept, spare - before - kept);
  return block;
}

/* The rest behind the last whole large page is smaller than such a page, and gets small ones: no
 * more memory is taken than was asked for. */
void *sk_map_block(size_t bytes)
{
  void *block = sk_map_small_pages(bytes);
  if (block)
    (void)madvise(block, whole_pages(bytes), MADV_HUGEPAGE); /* a hint */
  return block;
}

void *sk_remap_block(void *block, size_t before, size_t bytes)
{
  void *moved = mremap(block, before, bytes, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? NULL : moved;
}

void sk_unmap_block(void *block, size_t bytes)
{
  munmap(block, bytes);
}
#else
size_t sk_mapped_bytes(void)
{
  return SIZE_MAX;
}

void *sk_map_block(size_t bytes)
{
  (void)bytes;
  return NULL;
}

void *sk_map_small_pages(size_t bytes)
{
  (void)bytes;
  return NULL;
}

void *sk_remap_block(void *block, size_t before, size_t bytes)
{
  (void)block;
  (void)before;
  (void)bytes;
  return NULL;
}

void sk_unmap_block(void *block, size_t bytes)
{
  (void)block;
  (void)bytes;
}
#endif

const char *sk_temporary_folder(void)
{
  const char *folder = getenv("TMPDIR");
  return folder && *folder ? folder : "/tmp";
}

int sk_temporary_file(const char *folder)
{
#if defined(O_TMPFILE)
  const int unnamed = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0)
    return unnamed; /* else a file system without such files says why, or the next open() does */
#endif
  static _Atomic unsigned serial;
  char path[4096];
  int file;
  do {
    const unsigned n = atomic_fetch_add_explicit(&serial, 1, memory_order_relaxed);
    const int length = snprintf(path, sizeof path, "%s/.shukei-%ld-%u", folder, (long)getpid(), n);
    if (length < 0 || (size_t)length >= sizeof path) {
      errno = ENAMETOOLONG;
      return -1;
    }
    file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  } while (file < 0 && errno == EEXIST);
  if (file >= 0)
    (void)unlink(path);
  return file;
}

bool sk_random_bytes(void *bytes, size_t length)
{
  uint8_t *at = bytes;
  while (length > 0) {
    const size_t part = length < 256 ? length : 256; /* more getentropy() does not give at once */
    if (getentropy(at, part))
      return false;
    at += part;
    length -= part;
  }
  return true;
}

void sk_begin_writing(int fd, uint64_t offset, uint64_t length)
{
#ifdef SYNC_FILE_RANGE_WRITE
  (void)sync_file_range(fd, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE);
#else
  (void)fd;
  (void)offset;
  (void)length;
#endif
}

#define ROUNDS_AWAKE 200

void sk_wait_shortly(unsigned round)
{
  if (round >= ROUNDS_AWAKE) {
    sched_yield();
    return;
  }
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
