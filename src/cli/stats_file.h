/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a run as one JSON object (--stats).
 *
 *   sk_stats_file_open() before the run -> sk_stats_file_commit() behind it
 *   -> sk_stats_file_close()
 *
 * The file is made beside its name before the run, so that a name that cannot be written is found
 * early, and renamed when whole; without commit it vanishes. */
#ifndef SK_CLI_STATS_FILE_H
#define SK_CLI_STATS_FILE_H

#include "base/alloc.h"

struct sk_stats_file {
  char *name, *temporary; /* temporary NULL: the name is no regular file, written in place */
  int fd;                 /* -1: not open */
};

/* path NULL: everything that follows does nothing; "-": standard output. OK; EINVAL: a file that
 * holds something else, by commit as well; EWRITE; ENOMEM. */
shukei_status sk_stats_file_open(struct sk_stats_file *file, const char *path, shukei_error *err);
shukei_status sk_stats_file_commit(struct sk_stats_file *file, const char *command,
                                   const shukei_stats *stats, shukei_error *err);
shukei_status sk_stats_file_commit_generate(struct sk_stats_file *file,
                                            const shukei_generate_stats *stats, shukei_error *err);
shukei_status sk_stats_file_commit_cat(struct sk_stats_file *file, const shukei_cat_stats *stats,
                                       shukei_error *err);
void sk_stats_file_close(struct sk_stats_file *file);

/* The JSON text, freed by free(); NULL when memory lacks. */
char *sk_stats_text(const char *command, const shukei_stats *stats);

#endif
