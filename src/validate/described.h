/* SPDX-License-Identifier: Apache-2.0 */
/* Whether reports are those that a description beside them tells of: generate writes
 * shukei-dataset.json with the checksum of each file (docs/generate.md). */
#ifndef SK_VALIDATE_DESCRIBED_H
#define SK_VALIDATE_DESCRIBED_H

#include "validate/validate.h"

/* Looks at each source that is a folder with a description. *stale is set where a file is missing,
 * has another size or checksum, or is not described; the callback warn is told which. EIO,
 * ENOMEM. */
shukei_status sk_described_check(const struct sk_validate_request *request,
                                 struct sk_budget *budget, bool *stale, shukei_error *err);

#endif
