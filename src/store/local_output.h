/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of local storage share. */
#ifndef SK_STORE_LOCAL_OUTPUT_H
#define SK_STORE_LOCAL_OUTPUT_H

#include "base/error.h"

struct stat;
/* True where the name, without a folder, is that of a hidden file whose process is gone, or cannot
 * be asked for, being of another machine or container, and has not written for six hours; with
 * `target` only of one that was to become a file of that name. */
bool sk_output_left_over(const char *name, const char *target, const struct stat *info);
/* fsync of the folder that the path is in, so that a name that came or went there outlives a crash.
 * EWRITE with `shown` as the file's name. */
shukei_status sk_local_sync_folder(const char *path, const char *shown, shukei_error *err);

#endif
