/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a sink are not those that they should be, and what each is likely to be.
 *
 *   sk_compare_init() -> sk_compare_take() for each row of the sink -> sk_compare_pair()
 *   -> [ sk_compare_look() for each row of other sources and days ] -> sk_compare_judge() -> cells
 *   -> sk_compare_reset()
 *
 * A found row that is an expected one to the last digit that counts is done with at once. What is
 * left is paired: first by what was measured (a row under another namespace, day or label set),
 * then by its key (a row with other values). What is left then is missing or too much. */
#ifndef SK_VALIDATE_COMPARE_H
#define SK_VALIDATE_COMPARE_H

#include "validate/check_rows.h"
#include "validate/recount.h"

struct sk_cell_key { /* what differences are told by */
  int32_t day;
  uint32_t namespace, node;
};
struct sk_cell {
  uint64_t rows[2]; /* expected, found */
  double sums[2][SK_MEASURE_COUNT], scale[SK_MEASURE_COUNT];
  uint32_t events[SHUKEI_CAUSE_COUNT];
  uint32_t event_count;
  uint32_t expected, found; /* an example: places + 1 of the rows, 0 none */
  shukei_cause shown;       /* by it */
};

struct sk_compare {
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  struct sk_check_names *names;
  struct sk_check_rows expected; /* taken over from the caller */
  struct sk_check_rows odd;      /* found rows that are no expected one */
  double tolerance;
  bool indexed, lacks_handle;
  struct sk_map keys, contents; /* hashes -> lists of expected rows */
  uint32_t *key_heads, *content_heads;
  uint32_t *key_next, *content_next; /* of each expected row; + 1, 0 none */
  uint32_t *mate;                /* of each expected row: SK_MATE_*, or an odd row's place + 1 */
  uint32_t *odd_mate;            /* of each odd row: expected row's place + 1, 0 none */
  uint8_t *seen_elsewhere;       /* of each expected row: a cause + 1 */
  struct sk_recount_table cells; /* sk_cell_key -> sk_cell */
  struct sk_recount_table days;  /* day -> number of rows expected, found */
  uint64_t found_rows;
  uint64_t events[SHUKEI_CAUSE_COUNT];
  bool stale;          /* the input is not what its description says */
  bool other_source;   /* rows that are missing here are there under another source: */
  uint32_t other_name; /* its name */
  /* Label keys that only expected rows have, or only found ones, as a list of JSON texts; empty:
   * none */
  struct sk_buffer lacking, more;
};
#define SK_MATE_NONE 0
#define SK_MATE_ITSELF UINT32_MAX

/* Takes the expected rows over. False: no memory; reset is due in any case. */
bool sk_compare_init(struct sk_compare *compare, const struct sk_validate_request *request,
                     struct sk_check_names *names, struct sk_check_rows *expected,
                     struct sk_budget *budget);
void sk_compare_reset(struct sk_compare *compare);
/* False: no memory. */
bool sk_compare_take(struct sk_compare *compare, const struct sk_check_row *row);
/* ENOMEM, and what the request's check says. */
shukei_status sk_compare_pair(struct sk_compare *compare, shukei_error *err);
#define SK_DAYS_AROUND 31 /* in which rows of a day that is missing are looked for */
struct sk_missing {
  int32_t first_day, last_day;
  bool whole_day; /* there is a day of which no row is there */
};
/* Whether expected rows are missing. */
bool sk_compare_misses(const struct sk_compare *compare, struct sk_missing *missing);
/* A row that is none of ours: perhaps a missing one. */
void sk_compare_look(struct sk_compare *compare, const struct sk_check_row *row, bool own);
/* ENOMEM, and what the request's check says. */
shukei_status sk_compare_judge(struct sk_compare *compare, shukei_error *err);

/* The request's check, asked every few thousand rows. */
shukei_status sk_compare_check(const struct sk_compare *compare, uint32_t row, shukei_error *err);

/* Whether two values are one, as far as the tolerance goes. */
bool sk_compare_same(const struct sk_compare *compare, double a, double b, double scale);
/* Bit per measure in which two rows differ. */
uint32_t sk_compare_measures(const struct sk_compare *compare, const struct sk_check_row *expected,
                             const struct sk_check_row *found);
/* Whether an expected row has this row's key and values, whatever its mate is. */
bool sk_compare_knows(const struct sk_compare *compare, const struct sk_check_row *found);
/* How many parts of the two keys differ. */
int sk_keys_differ(const struct sk_row_key *a, const struct sk_row_key *b);

#endif
