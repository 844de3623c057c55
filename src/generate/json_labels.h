/* SPDX-License-Identifier: Apache-2.0 */
/* Labels from the operator's spelling to JSON, as Parquet holds them. */
#ifndef SK_GENERATE_JSON_LABELS_H
#define SK_GENERATE_JSON_LABELS_H

#include "base/buffer.h"
#include "generate/model.h"

/* Replaces out by {"app": "web", ...}: pairs without exactly one ':' are left out, "label_" goes
 * from the key wherever it stands, of equal keys the last one counts (spec/1-input.md). */
void sk_json_labels(struct sk_span labels, struct sk_buffer *out);

#endif
