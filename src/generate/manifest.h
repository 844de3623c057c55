/* SPDX-License-Identifier: Apache-2.0 */
/* Static report files of nise, the generator of Koku's tests: what `nise report ocp
 * --static-report-file` reads becomes a model.
 *
 * Where a manifest gives a value, our rows have it as nise's have. Where nise draws one by chance
 * (a pod without usage, a node without namespaces), ours comes from the seed and lies in the same
 * range. Parts for virtual machines and GPUs are left out with a warning. */
#ifndef SK_GENERATE_MANIFEST_H
#define SK_GENERATE_MANIFEST_H

#include "base/buffer.h"
#include "generate/model.h"

struct sk_manifest_settings {
  const char *name;  /* of the file, in messages */
  const char *today; /* "YYYY-MM-DD", perhaps with "THH"; NULL: the clock's */
  const char *start,
      *end; /* dates of generators without their own; NULL: the month's first day, now */
  uint64_t seed;
  const shukei_callbacks *callbacks; /* takes warnings; may be NULL */
};

/* Reads a manifest's file, whole. ENOTFOUND, EIO, EFORMAT where it is too long, ENOMEM. */
shukei_status sk_manifest_read(const char *path, struct sk_buffer *text, shukei_error *err);
/* Makes the model; sk_model_reset() frees it. EINVAL for settings, EFORMAT with the file's line and
 * column, ENOMEM. */
shukei_status sk_manifest_model(const void *text, size_t length,
                                const struct sk_manifest_settings *settings,
                                struct sk_budget *budget, struct sk_model *model,
                                shukei_error *err);

/* Writes a model's first hour as a manifest of all its hours. Every node has a generator of its
 * own: nise keeps a namespace on one node of a generator only. EWRITE, ENOMEM. */
shukei_status sk_manifest_dump(const struct sk_model *model, const char *path,
                               struct sk_budget *budget, shukei_error *err);

#endif
