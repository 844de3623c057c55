/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML document as a tree, read with libyaml's event parser.
 *
 * The tree of a document with aliases is a graph in which a node may hang in several places, so
 * whoever walks it must walk to a fixed depth (cli/config.c goes as deep as its keys say); then no
 * chain of aliases can blow it up. A node is never below itself. */
#ifndef SK_BASE_YAML_TREE_H
#define SK_BASE_YAML_TREE_H

#include "base/arena.h"

enum sk_yaml_kind { SK_YAML_SCALAR, SK_YAML_LIST, SK_YAML_MAP };

struct sk_yaml_item;
struct sk_yaml {
  enum sk_yaml_kind kind;
  bool plain;            /* a scalar without quotes */
  const char *text;      /* of a scalar: UTF-8, zero-terminated, no zero byte inside */
  uint32_t line, column; /* from 1 */
  size_t count;          /* items; in a map keys and values take turns */
  struct sk_yaml_item *first, *last;
};
struct sk_yaml_item {
  struct sk_yaml *node;
  struct sk_yaml_item *next;
};

#define SK_YAML_DEPTH 16           /* nested lists and maps */
#define SK_YAML_ANCHORS 256        /* in a document */
#define SK_YAML_BYTES (256u << 20) /* of a document */

/* Parses one document. The tree lives in arena; *root is NULL for an empty document.
 *   name  stands before line and column in error texts
 * OK; EINVAL not YAML, several documents, over a limit above; ENOMEM. */
shukei_status sk_yaml_parse(const char *name, const void *bytes, size_t length,
                            struct sk_arena *arena, struct sk_yaml **root, shukei_error *err);

/* An absent value: null, ~ or nothing, without quotes. */
bool sk_yaml_is_null(const struct sk_yaml *node);

#endif
