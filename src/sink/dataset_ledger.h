/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a dataset: a SQLite file of its own, whose marks are the versions of the days'
 * files. */
#ifndef SK_SINK_DATASET_LEDGER_H
#define SK_SINK_DATASET_LEDGER_H

#include "sink/dataset_names.h"
#include "sink/ledger.h"
#include "store/store.h"

/* What the dataset holds of the source, by a listing of its folder; see sk_ledger_note(). */
shukei_status sk_dataset_marks(const struct sk_dataset_names *names,
                               const struct sk_listing *listing, bool fill,
                               struct sk_ledger *ledger, shukei_error *err);
/* Lists the folder; one that is not there has no files. */
shukei_status sk_dataset_list(const struct sk_dataset_names *names, struct sk_listing *listing,
                              shukei_error *err);
/* Removes what killed runs left of a ledger. */
shukei_status sk_dataset_ledger_clear(const struct sk_dataset_names *names,
                                      struct sk_budget *budget, shukei_error *err);
/* Writes what is not KEPT into the ledger's file, by an output that was made for it beforehand. */
shukei_status sk_dataset_ledger_save(const struct sk_dataset_names *names, const char *source,
                                     const struct sk_ledger *ledger, struct sk_output *output,
                                     struct sk_budget *budget, shukei_error *err);

#endif
