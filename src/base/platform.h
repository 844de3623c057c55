/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between operating systems; platform.c is the one file with such #ifdefs. */
#ifndef SK_BASE_PLATFORM_H
#define SK_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

unsigned sk_processor_count(void);        /* those this process may use, at least 1 */
uint64_t sk_memory_available_bytes(void); /* the machine's memory or the control group's limit */
uint64_t sk_peak_rss_bytes(void);
uint64_t sk_monotonic_ns(void);
/* Lets this process have as many files open as the system allows it at most. */
void sk_allow_open_files(void);
/* Blocks of a mebibyte and more go back to the system when they are freed. glibc on its own begins to
 * keep them once some have been freed: a run that writes file after file then holds a third more
 * than it uses. For programs alone: it holds for the whole process. */
void sk_return_large_blocks(void);
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
