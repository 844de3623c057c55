/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between operating systems; platform.c and platform_limits.c are the files with such
 * #ifdefs. */
#ifndef SK_BASE_PLATFORM_H
#define SK_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

unsigned sk_processor_count(void);        /* those this process may use, at least 1 */
uint64_t sk_memory_available_bytes(void); /* the machine's memory or the control group's limit */
uint64_t sk_peak_rss_bytes(void);
uint64_t sk_maxrss_bytes(long maxrss);     /* of ru_maxrss of a struct rusage */
int64_t sk_process_rss_bytes(int64_t pid); /* of another process; -1: not known */
int64_t sk_memory_free_bytes(void);        /* that programs can still get; -1: not known */
/* How often the kernel has killed one of this process's control group, and of those below it
 * (version 2 alone), for want of memory; of the whole machine where the group has no such count;
 * -1: not known. */
int64_t sk_oom_kills(void);
/* In a child, before it becomes another program: the system kills it when its parent, whose id is
 * given, dies. Systems that cannot do it let it live. */
void sk_die_with_parent(int64_t parent);
uint64_t sk_monotonic_ns(void);
/* For a thread that waits for a few instructions of another one; round counts from 0. */
void sk_wait_shortly(unsigned round);
/* Lets this process have as many files open as the system allows it at most. */
void sk_allow_open_files(void);
/* Blocks of a mebibyte and more go back to the system when they are freed. glibc on its own begins
 * to keep them once some have been freed: a run that writes file after file then holds a third more
 * than it uses. For programs alone: it holds for the whole process. */
void sk_return_large_blocks(void);
/* Blocks of so many bytes and more are worth a mapping of their own, whose pages are large where
 * the system allows it: a tenth of the page faults. SIZE_MAX: none are, here. */
size_t sk_mapped_bytes(void);
/* New memory, all zeros; NULL where there is none. The second one has small pages. Both begin where
 * a large page does. */
void *sk_map_block(size_t bytes);
void *sk_map_small_pages(size_t bytes);
/* Another size of such a block, perhaps elsewhere; NULL where there is no room: the block stays. */
void *sk_remap_block(void *block, size_t before, size_t bytes);
void sk_unmap_block(void *block, size_t bytes);
/* TMPDIR of the environment, else "/tmp". */
const char *sk_temporary_folder(void);
/* The descriptor of a new file in the folder, to be read and written, that has no name and vanishes
 * when it is closed; -1 and errno where it cannot be made. */
int sk_temporary_file(const char *folder);

/* Random bytes from the system, fit for keys and uuids; false and errno where it has none. */
bool sk_random_bytes(void *bytes, size_t length);

/* Lets the system begin to write a range of a file to the disk, without waiting; a hint. */
void sk_begin_writing(int fd, uint64_t offset, uint64_t length);

#endif
