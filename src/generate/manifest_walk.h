/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of a manifest is read with: maps with known keys, numbers, texts; errors and
 * warnings that name line and column.
 *
 *   sk_walk_init() -> sk_walk_fields(), sk_walk_pairs() ... -> sk_walk_end() */
#ifndef SK_GENERATE_MANIFEST_WALK_H
#define SK_GENERATE_MANIFEST_WALK_H

#include "base/intern.h"
#include "base/yaml_tree.h"
#include "generate/model.h"

struct sk_walk {
  const char *name; /* of the file, in messages */
  const shukei_callbacks *callbacks;
  struct sk_arena *scratch;  /* as long as the tree lives */
  struct sk_model *model;    /* its arena takes the texts that stay */
  uint64_t visited, allowed; /* nodes; aliases are visited as often as they hang somewhere */
  uint64_t warnings;
  shukei_error *err;
};
void sk_walk_init(struct sk_walk *walk, size_t document_bytes);
void sk_walk_end(struct sk_walk *walk); /* tells of warnings that were too many */

/* EFORMAT, with "file:line:column: " before the text. */
shukei_status sk_walk_fail(struct sk_walk *walk, const struct sk_yaml *at, const char *format, ...)
    SK_PRINTF(3, 4);
shukei_status sk_walk_no_memory(struct sk_walk *walk, const char *what);
void sk_walk_warn(struct sk_walk *walk, const struct sk_yaml *at, const char *format, ...)
    SK_PRINTF(3, 4);

enum sk_key_kind {
  SK_KEY_TAKEN,  /* its value is wanted */
  SK_KEY_MARK,   /* "- pod:": tells what the item is, has no value */
  SK_KEY_UNREAD, /* nise reads it for reports that are not made here */
  SK_KEY_OLD     /* nise once read it: warned of */
};
struct sk_key {
  const char *name;
  enum sk_key_kind kind;
};

/* Reads a map with known keys: found[i] is the value of keys[i], NULL where it is absent or null.
 * Merged maps ("<<") are looked into; of equal keys the last counts. EFORMAT: no map, an unknown
 * key.
 *   what  "a pod", in messages */
shukei_status sk_walk_fields(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                             const struct sk_key *keys, size_t count, const struct sk_yaml **found);

/* Reads a map with free keys, in the order in which Python's dict has them. */
struct sk_pair {
  const struct sk_yaml *key, *value;
};
shukei_status sk_walk_pairs(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                            struct sk_pair **pairs, size_t *count);

/* Checks that node is a list (NULL is an empty one) and counts the visit of its items. */
shukei_status sk_walk_list(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                           const struct sk_yaml_item **first);

/* A number of at least 0; *there is false and *value untouched where node is NULL. */
shukei_status sk_walk_number(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                             double *value, bool *there);
/* The text of a scalar as nise writes it: the spelling of numbers and truth values is Python's.
 * NULL: no text. The text lies in the model's arena. */
shukei_status sk_walk_text(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                           struct sk_span *text);
/* Copies into the model's arena, and remembers where a text needs quotes in CSV. */
bool sk_walk_keep(struct sk_walk *walk, const char *text, size_t length, struct sk_span *span);

/* A whole number of YAML 1.1 without quotes. */
bool sk_yaml_whole(const struct sk_yaml *node, double *value);

#endif
