/* SPDX-License-Identifier: Apache-2.0 */
/* The summary that the reports should give (spec/2-summary.md), by plain sums.
 *
 *   sk_recount_init()
 *   -> sk_recount_take() for each row: labels of nodes and namespaces first, then pods,
 *   then storage -> sk_recount_finish() -> sk_recount_reset()
 *
 * While rows come, they are added up by (day, namespace, node, own labels); what a node or a
 * namespace multiplies is worked out at the end, from the sets of labels of each day. */
#ifndef SK_VALIDATE_RECOUNT_H
#define SK_VALIDATE_RECOUNT_H

#include "validate/check_rows.h"
#include "validate/plain_rows.h"

/* Keys of any size -> places in an array that grows with them, all zeros at first. */
struct sk_recount_table {
  struct sk_budget *budget;
  struct sk_intern keys;
  void *values;
  size_t value_size;
  uint32_t capacity;
};
bool sk_recount_table_init(struct sk_recount_table *table, size_t value_size,
                           struct sk_budget *budget);
void sk_recount_table_reset(struct sk_recount_table *table);
/* The value of a key, added where new; NULL when memory lacks. Valid until the next is added. */
void *sk_recount_at(struct sk_recount_table *table, const void *key, size_t length);
/* NULL where there is none of that key. */
void *sk_recount_find(const struct sk_recount_table *table, const void *key, size_t length);
/* Places count from 1 to sk_recount_count(). */
static inline uint32_t sk_recount_count(const struct sk_recount_table *table)
{
  return atomic_load(&table->keys.count) - 1;
}
static inline void *sk_recount_value(const struct sk_recount_table *table, uint32_t place)
{
  return (char *)table->values + (size_t)place * table->value_size;
}
static inline const void *sk_recount_key(const struct sk_recount_table *table, uint32_t place)
{
  return sk_intern_at(&table->keys, place)->bytes;
}

struct sk_recount {
  const struct sk_validate_request *request;
  struct sk_budget *budget;
  struct sk_check_names *names;
  struct sk_recount_table node_sets, namespace_sets; /* (instant or day, name) -> label sets */
  struct sk_recount_table pods;                      /* (day, namespace, node, labels) -> sums */
  struct sk_recount_table nodes;                     /* (day, node) -> capacities, role */
  struct sk_recount_table hours;   /* (instant, node) -> capacities of that hour */
  struct sk_recount_table places;  /* (day, namespace, pod) -> where it ran */
  struct sk_recount_table storage; /* (day, ..., labels) -> sums */
  struct sk_recount_table categories;
  uint32_t *links; /* lists of numbers: (number, next), 1-based */
  uint32_t link_count, link_capacity;
  int32_t first_day, last_day; /* of all rows of pods and storage */
  uint32_t infra_labels;
};

/* False when memory lacks; on failure, too, reset is due. */
bool sk_recount_init(struct sk_recount *recount, const struct sk_validate_request *request,
                     struct sk_check_names *names, struct sk_budget *budget);
/* As sk_plain_reading wants it: the context is the recount. ENOMEM. */
shukei_status sk_recount_take(void *recount, enum sk_plain_report report,
                              const struct sk_plain_row *row, shukei_error *err);
/* Appends the rows of the summary. ENOMEM. */
shukei_status sk_recount_finish(struct sk_recount *recount, struct sk_check_rows *out,
                                shukei_error *err);
void sk_recount_reset(struct sk_recount *recount);

/* ---- among the recount's files --------------------------------------------------------------- */

struct sk_hours_key {
  int64_t at; /* the instant, or the day */
  uint32_t name, padding;
};
struct sk_node_hour { /* of hours */
  double cpu, memory;
};
struct sk_node_day {       /* of nodes */
  long double cpu, memory; /* seconds */
  uint32_t role;           /* highest name of pods' rows, 0 none */
  bool apiserver, infra;
};
struct sk_day_key {
  int32_t day;
  uint32_t name;
};
struct sk_pod_key {
  int32_t day;
  uint32_t namespace, node, labels; /* in hourly mode of all three, else the pod's own */
};
struct sk_pod_sums {
  long double sums[8];
  double cores, bytes;
  uint32_t resource_id;
};
struct sk_place_key {
  int32_t day;
  uint32_t namespace, pod;
};
struct sk_storage_key {
  int64_t at; /* the instant in hourly mode, else the day */
  int32_t day;
  uint32_t namespace, pod, claim, volume, class, handle, labels;
};
struct sk_storage_sums {
  double bytes;
  long double capacity, request, usage;
};

/* Adds a number to a list where it lacks it, whose head is *list (0: empty). False: no memory. */
bool sk_recount_link(struct sk_recount *recount, uint32_t *list, uint32_t number);
/* The lists' numbers: for (l = list; l; l = next(l)) number(l) */
static inline uint32_t sk_link_number(const struct sk_recount *recount, uint32_t link)
{
  return recount->links[2 * link];
}
static inline uint32_t sk_link_next(const struct sk_recount *recount, uint32_t link)
{
  return recount->links[2 * link + 1];
}
/* The greater of two names, bytewise; 0 is below all. */
uint32_t sk_recount_later(const struct sk_recount *recount, uint32_t a, uint32_t b);
/* The head of the list of label sets of a node or namespace, 0: none. */
uint32_t sk_recount_sets(const struct sk_recount_table *table, int64_t at, uint32_t name);
/* The labels with which a row counts in an hour: node's, namespace's, its own. */
uint32_t sk_recount_hour_labels(struct sk_recount *recount, int64_t at, uint32_t node,
                                uint32_t namespace, uint32_t own);
/* The row of that key, made with the measures `known` where `index` has none; valid until the next
 * is made. NULL: no memory. */
struct sk_check_row *sk_recount_row(struct sk_recount *recount, struct sk_recount_table *index,
                                    struct sk_check_rows *out, const struct sk_row_key *key,
                                    uint32_t known);
/* Sets the category of the row's namespace. False: no memory. */
bool sk_recount_category(struct sk_recount *recount, struct sk_check_row *row);
/* The rows of pods and of what was left over; those of volumes. */
shukei_status sk_recount_pods(struct sk_recount *recount, struct sk_check_rows *out,
                              shukei_error *err);
shukei_status sk_recount_volumes(struct sk_recount *recount, struct sk_check_rows *out,
                                 shukei_error *err);

#endif
