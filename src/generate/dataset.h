/* SPDX-License-Identifier: Apache-2.0 */
/* shukei-dataset.json: what a folder of generated reports holds, and whether a folder may be
 * written to. The file says unfinished until all others are there. */
#ifndef SK_GENERATE_DATASET_H
#define SK_GENERATE_DATASET_H

#include "generate/writing.h"

#define SK_DATASET_FILE "shukei-dataset.json"

/* What tells one dataset from another. */
struct sk_identity {
  const char *kind;     /* "preset" or "manifest" */
  const char *name;     /* of the preset or the manifest's file */
  const char *settings; /* JSON object: everything that the bytes depend on */
  uint64_t hash;        /* of kind, name's content and settings */
  uint64_t seed;
};

/* Checks that the destination is empty, or holds this dataset (whole or not), and writes a dataset
 * file that says unfinished, so that nothing looks whole while files are written. With force
 * another dataset's files are removed. EINVAL, EIO, EWRITE, ENOMEM. */
shukei_status sk_dataset_claim(struct sk_writing *writing, const struct sk_identity *identity,
                               bool force, shukei_error *err);
/* Whether the destination holds this very dataset: of this version, whole, each file of the size
 * that is told. Then the rows of each report are taken into the writing. One list of the
 * destination. EIO, ENOMEM; of S3 what sk_store_list() says. */
shukei_status sk_dataset_kept(struct sk_writing *writing, const struct sk_identity *identity,
                              bool *kept, shukei_error *err);
/* After a claim, when writing fails: removes what this dataset has there. */
void sk_dataset_abandon(const struct sk_writing *writing);
/* Writes the dataset file. */
shukei_status sk_dataset_write(struct sk_writing *writing, const struct sk_identity *identity,
                               shukei_error *err);

#endif
