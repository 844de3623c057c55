/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted runs in a temporary file: what does not fit in memory is written as runs of records that
 * are sorted by key, and later read back merged. Keys and payloads are plain bytes; keys sort as
 * memcmp() sorts, the shorter first where one begins the other (base/sort_key.h makes such keys).
 *
 *   sk_spill_new() -> any number of runs and merges -> sk_spill_free()
 *   sk_run_begin() -> sk_run_add()... -> sk_run_end() -> sk_run_free()
 *   sk_merge_open() -> sk_merge_next()... -> sk_merge_close()
 *
 * Threads: a spill may be used by many at once, a run or a merge by one at a time. A run is merged
 * by one merge at a time, after its end. */
#ifndef SK_BASE_RUNS_H
#define SK_BASE_RUNS_H

#include "base/alloc.h"

struct sk_spill; /* one temporary file */
struct sk_run;   /* one sorted run of it, growing or finished */
struct sk_merge;

struct sk_record {
  const uint8_t *key, *payload; /* never NULL */
  size_t key_length, payload_length;
};

/* Key and payload of a record together, at most. */
#define SK_RECORD_MOST_BYTES ((size_t)1 << 30)
/* What is held of memory at most, while no record is longer than 64 KiB and no key longer than 2:
 * by a growing run; by a merge, and by it for each run that it reads. A run at rest holds 150
 * bytes. */
#define SK_RUN_MEMORY_BYTES ((size_t)132 << 10)
#define SK_MERGE_MEMORY_BYTES ((size_t)256 << 10)
#define SK_MERGE_RUN_MEMORY_BYTES ((size_t)68 << 10)

/* Makes no file yet: the first full block does.
 *   folder  where the file will be, copied; NULL: TMPDIR of the environment, else /tmp
 * The file has no name that others see and vanishes with the process. ENOMEM. */
shukei_status sk_spill_new(struct sk_budget *budget, const char *folder, struct sk_spill **spill,
                           shukei_error *err);
void sk_spill_free(struct sk_spill *spill); /* after its runs and merges; NULL is fine */
/* Bytes written so far, those of later passes of merges included. */
uint64_t sk_spill_bytes(const struct sk_spill *spill);

/* EWRITE names the folder, how much was written, and what to set. After a failure only
 * sk_run_free() may follow. */
shukei_status sk_run_begin(struct sk_spill *spill, struct sk_run **run, shukei_error *err);
/* Keys come in rising order, equal ones allowed (asserted). ENOMEM; EWRITE; EUNSUPPORTED where the
 * record is longer than SK_RECORD_MOST_BYTES. */
shukei_status sk_run_add(struct sk_run *run, const void *key, size_t key_length,
                         const void *payload, size_t payload_length, shukei_error *err);
/* Writes what is left and frees the buffers. */
shukei_status sk_run_end(struct sk_run *run, shukei_error *err);
uint64_t sk_run_records(const struct sk_run *run);
/* Gives the run's place in the file to later ones. NULL is fine. */
void sk_run_free(struct sk_run *run);

/* Merges finished runs of one spill.
 *   runs          borrowed until the close; the array itself is not kept
 *   memory_bytes  for buffers, see above: runs that need more are merged in several passes, of
 *                 which all but the last happen here; two at least are read at once, whatever
 *                 it says
 *   consume       the place of what has been read is given to others at once: the file then grows
 *                 little by a merge; the runs are good for sk_run_free() only
 * EIO where a block cannot be read or is damaged; EWRITE; ENOMEM. */
shukei_status sk_merge_open(struct sk_spill *spill, struct sk_run *const *runs, size_t count,
                            size_t memory_bytes, bool consume, struct sk_merge **merge,
                            shukei_error *err);
/* The next record in the order of keys, NULL behind the last; its bytes stay until the next call.
 * Records with equal keys follow one another. EIO, ENOMEM; then only the close may follow. */
shukei_status sk_merge_next(struct sk_merge *merge, const struct sk_record **record,
                            shukei_error *err);
void sk_merge_close(struct sk_merge *merge); /* NULL is fine */

/* Tests only: the descriptor of the temporary file, -1 before it is made. */
int sk_test_spill_file(const struct sk_spill *spill);

#endif
