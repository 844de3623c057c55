/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of a user, tied to the columns of a file: "the column's value is one of these".
 *
 *   sk_predicates_bind() -> sk_predicate_accepts(), sk_predicate_outside() ...
 *   -> sk_predicates_reset() */
#ifndef SK_PARQUET_PREDICATE_H
#define SK_PARQUET_PREDICATE_H

#include "base/arena.h"
#include "parquet/file.h"

struct sk_predicate {
  int column;
  const struct sk_column_meta *meta;
  struct sk_slice *values; /* as PLAIN has them; those that the type cannot hold are left out */
  size_t count;            /* 0: no row meets it */
};

struct sk_predicates { /* a row meets all of them */
  struct sk_arena arena;
  struct sk_predicate *list; /* one a column */
  size_t count;
};

/* Conditions of one column become one predicate. *predicates must be reset in any case.
 * EINVAL for a column that the file lacks, and a text that is no value of its column; EUNSUPPORTED
 * for a nested column, and a type that cannot be compared with a text; ENOMEM. */
shukei_status sk_predicates_bind(const struct sk_file *file, const shukei_condition *conditions,
                                 size_t count, struct sk_budget *budget,
                                 struct sk_predicates *predicates, shukei_error *err);
void sk_predicates_reset(struct sk_predicates *predicates);

/* Whether a value of the column, as PLAIN has it, is one of those wanted. */
bool sk_predicate_accepts(const struct sk_predicate *predicate, const uint8_t *bytes,
                          size_t length);
/* Whether no value between these bounds, themselves included, can be one of those wanted: false
 * also where the bounds cannot be relied upon. A bound without bytes is none. */
bool sk_predicate_outside(const struct sk_predicate *predicate, struct sk_slice min,
                          struct sk_slice max);

#endif
