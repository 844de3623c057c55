/* SPDX-License-Identifier: Apache-2.0 */
/* Files beside the results: --stats and --metrics-file replace what they wrote in a run before, and
 * nothing else. A slip in their names must not cost a report, a summary or a configuration. */
#ifndef SK_CLI_WRITTEN_OVER_H
#define SK_CLI_WRITTEN_OVER_H

#include "base/error.h"

/* OK where nothing is there, no regular file, an empty one, or one that begins with `begins`
 * (behind blanks) and has `holds` in its first 4 KiB; else, also where it cannot be read, EINVAL of
 * the file `what`. */
shukei_status sk_check_written_over(const char *path, const char *what, const char *begins,
                                    const char *holds, shukei_error *err);

#endif
