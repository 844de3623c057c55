/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, record by record, in one byte-wise loop.
 *
 *   sk_plain_csv_open() -> sk_plain_csv_next() until *there is false -> sk_plain_csv_close()
 *
 * The rules are those of spec/1-input.md: a quote opens a cell as its first byte only, "" within is
 * one quote, \n, \r and \r\n end a record; a blank line is none. Cells lie in the reader until the
 * next record, with SK_NUMBER_PADDING readable bytes behind each. */
#ifndef SK_VALIDATE_PLAIN_RECORDS_H
#define SK_VALIDATE_PLAIN_RECORDS_H

#include "validate/plain_flow.h"

struct sk_plain_cell {
  char *text;
  size_t length;
  bool quoted;
};

struct sk_plain_csv {
  struct sk_flow *flow;
  struct sk_budget *budget;
  const char *name; /* for messages; borrowed */
  char *bytes;
  size_t capacity, begin, end; /* of what was read and not given yet */
  bool at_end;
  uint64_t row; /* of the record, the header is 0 */
  bool begun;
  struct sk_plain_cell *cells;
  size_t count, cell_capacity;
};

/* The path, form and member as of sk_flow_open(). On failure, too, close is due. */
shukei_status sk_plain_csv_open(struct sk_plain_csv *csv, const char *path, enum sk_flow_form form,
                                const char *member, const char *name, struct sk_budget *budget,
                                shukei_error *err);
shukei_status sk_plain_csv_next(struct sk_plain_csv *csv, bool *there, shukei_error *err);
void sk_plain_csv_close(struct sk_plain_csv *csv);

#endif
