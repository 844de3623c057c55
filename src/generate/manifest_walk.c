/* SPDX-License-Identifier: Apache-2.0 */
/* Maps are flattened before they are looked at, as PyYAML does it: merged maps come first, of a
 * list of merged maps the last one first, then the map's own pairs; a key that comes again takes
 * the later value but keeps its place. The order counts in maps of usage by day and where a
 * namespace stands on several nodes.
 *
 * Aliases and merges can make a small document stand for a huge one. Every node that is visited
 * counts, and a manifest may make us visit a small multiple of its bytes: without aliases a node
 * is visited a few times, and has at least one byte. */
#include "generate/manifest_walk.h"

#include "base/nearest.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>

#define ALLOWED_EACH 8      /* visits a byte */
#define ALLOWED_MORE 100000 /* and for any manifest: aliases are there to be used */
#define MOST_WARNINGS 20    /* what is read by people */
#define FEW_PAIRS 24        /* compared with each other; more of them are hashed */
#define LONGEST_NUMBER 64   /* of a number's text */

void sk_walk_init(struct sk_walk *walk, size_t document_bytes)
{
  walk->visited = walk->warnings = 0;
  walk->allowed = (uint64_t)document_bytes * ALLOWED_EACH + ALLOWED_MORE;
}

static void tell(const struct sk_walk *walk, const char *text)
{
  if (walk->callbacks && walk->callbacks->log)
    walk->callbacks->log(walk->callbacks->context, SHUKEI_LOG_WARNING, text);
}

void sk_walk_end(struct sk_walk *walk)
{
  char text[128];
  if (walk->warnings <= MOST_WARNINGS)
    return;
  snprintf(text, sizeof text, "%" PRIu64 " more warnings of the manifest are not shown",
           walk->warnings - MOST_WARNINGS);
  tell(walk, text);
}

shukei_status sk_walk_fail(struct sk_walk *walk, const struct sk_yaml *at, const char *format, ...)
{
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return sk_fail(walk->err, SHUKEI_EFORMAT, "%s:%" PRIu32 ":%" PRIu32 ": %s", walk->name, at->line,
                 at->column, text);
}

shukei_status sk_walk_no_memory(struct sk_walk *walk, const char *what)
{
  return sk_fail_memory(walk->err, walk->scratch->budget, 0, what);
}

void sk_walk_warn(struct sk_walk *walk, const struct sk_yaml *at, const char *format, ...)
{
  char text[400], line[600];
  va_list arguments;
  if (walk->warnings++ >= MOST_WARNINGS)
    return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  snprintf(line, sizeof line, "%s:%" PRIu32 ":%" PRIu32 ": %s", walk->name, at->line, at->column,
           text);
  tell(walk, line);
}

static const char *kind_of(const struct sk_yaml *node)
{
  return node->kind == SK_YAML_LIST ? "a list" : node->kind == SK_YAML_MAP ? "a map" : "a value";
}

static shukei_status visit(struct sk_walk *walk, const struct sk_yaml *at, uint64_t nodes)
{
  walk->visited += nodes;
  if (walk->visited <= walk->allowed)
    return SHUKEI_OK;
  return sk_walk_fail(walk, at, "the aliases stand for more than %" PRIu64 " values",
                      walk->allowed);
}

static bool is_merge(const struct sk_yaml *key)
{
  return key->kind == SK_YAML_SCALAR && key->plain && strcmp(key->text, "<<") == 0;
}

static shukei_status not_a_map(struct sk_walk *walk, const struct sk_yaml *node, const char *what)
{
  return sk_walk_fail(walk, node, "%s is a map of keys and values, found %s", what, kind_of(node));
}

/* Counts the pairs of a map with all that is merged into it; with pairs, writes them. */
static shukei_status gather(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                            struct sk_pair *pairs, size_t *count);

/* Goes through a list of merged maps from its last to its first. */
static shukei_status gather_list(struct sk_walk *walk, const struct sk_yaml *list,
                                 struct sk_pair *pairs, size_t *count)
{
  shukei_status st = visit(walk, list, list->count);
  if (st)
    return st;
  const struct sk_yaml **const maps =
      sk_arena_alloc(walk->scratch, (list->count + 1) * sizeof *maps);
  if (!maps)
    return sk_walk_no_memory(walk, "merged maps");
  size_t n = 0;
  for (const struct sk_yaml_item *item = list->first; item; item = item->next)
    maps[n++] = item->node;
  while (!st && n-- > 0)
    st = gather(walk, maps[n], "what is merged", pairs, count);
  return st;
}

static shukei_status gather(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                            struct sk_pair *pairs, size_t *count)
{
  if (map->kind != SK_YAML_MAP)
    return not_a_map(walk, map, what);
  shukei_status st = visit(walk, map, map->count + 1);
  for (int own = 0; !st && own < 2; own++)
    for (const struct sk_yaml_item *item = map->first; !st && item; item = item->next->next) {
      const struct sk_yaml *const key = item->node, *const value = item->next->node;
      if (is_merge(key) == own)
        continue;
      if (!own && value->kind == SK_YAML_LIST) {
        st = gather_list(walk, value, pairs, count);
      } else if (!own) {
        st = gather(walk, value, "what is merged", pairs, count);
      } else if (key->kind != SK_YAML_SCALAR) {
        st =
            sk_walk_fail(walk, key, "the key of %s is %s, a text was expected", what, kind_of(key));
      } else {
        if (pairs)
          pairs[*count] = (struct sk_pair){key, value};
        ++*count;
      }
    }
  return st;
}

/* Takes pairs[i] into the first `kept` ones. */
static size_t keep_pair(struct sk_pair *pairs, size_t kept, size_t i)
{
  for (size_t k = 0; k < kept; k++)
    if (strcmp(pairs[k].key->text, pairs[i].key->text) == 0) {
      pairs[k].value = pairs[i].value;
      return kept;
    }
  pairs[kept] = pairs[i];
  return kept + 1;
}

static shukei_status drop_repeated(struct sk_walk *walk, struct sk_pair *pairs, size_t *count)
{
  struct sk_intern keys;
  size_t kept = 0;
  if (*count <= FEW_PAIRS) {
    for (size_t i = 0; i < *count; i++)
      kept = keep_pair(pairs, kept, i);
    *count = kept;
    return SHUKEI_OK;
  }
  if (!sk_intern_init(&keys, walk->scratch->budget))
    return sk_walk_no_memory(walk, "keys");
  shukei_status st = SHUKEI_OK;
  size_t empty = SIZE_MAX; /* where the empty key went, which the table does not count */
  for (size_t i = 0; !st && i < *count; i++) {
    const size_t length = strlen(pairs[i].key->text);
    const uint32_t before = keys.count;
    const uint32_t id = sk_intern_add(&keys, pairs[i].key->text, length);
    if (id == SK_NO_ID) {
      st = sk_walk_no_memory(walk, "keys");
    } else if (!length && empty == SIZE_MAX) {
      empty = kept;
      pairs[kept++] = pairs[i];
    } else if (length && keys.count > before) {
      pairs[kept++] = pairs[i];
    } else {
      /* Ids count the texts from 1; the empty text has a place too, once it was met. */
      const size_t at = !length ? empty : id - 1 + (empty <= id - 1);
      pairs[at].value = pairs[i].value;
    }
  }
  sk_intern_reset(&keys);
  *count = kept;
  return st;
}

shukei_status sk_walk_pairs(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                            struct sk_pair **pairs, size_t *count)
{
  *count = 0;
  shukei_status st = gather(walk, map, what, NULL, count);
  if (st)
    return st;
  *pairs = sk_arena_alloc(walk->scratch, (*count + 1) * sizeof **pairs);
  if (!*pairs)
    return sk_walk_no_memory(walk, "keys");
  *count = 0;
  st = gather(walk, map, what, *pairs, count);
  return st ? st : drop_repeated(walk, *pairs, count);
}

static shukei_status unknown_key(struct sk_walk *walk, const struct sk_yaml *key, const char *what,
                                 const struct sk_key *keys, size_t count)
{
  struct sk_nearest nearest;
  const shukei_status st = sk_walk_fail(walk, key, "%s has no key \"%s\"", what, key->text);
  char list[200];
  const char *part = NULL; /* a key that has the text in it, as cpu_request has request */
  size_t length = 0;
  sk_nearest_init(&nearest, key->text, strlen(key->text));
  for (size_t i = 0; i < count; i++) {
    if (keys[i].kind == SK_KEY_MARK || keys[i].kind == SK_KEY_OLD)
      continue;
    sk_nearest_offer(&nearest, keys[i].name);
    if (!part && strlen(key->text) > 3 && strstr(keys[i].name, key->text))
      part = keys[i].name;
    const size_t more = strlen(keys[i].name) + 2;
    if (length + more < sizeof list)
      length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", length ? ", " : "",
                                 keys[i].name);
  }
  if (nearest.best || part)
    sk_advise(walk->err, "did you mean \"%s\"?", nearest.best ? nearest.best : part);
  else
    sk_advise(walk->err, "its keys are: %s", list);
  return st;
}

shukei_status sk_walk_fields(struct sk_walk *walk, const struct sk_yaml *map, const char *what,
                             const struct sk_key *keys, size_t count, const struct sk_yaml **found)
{
  struct sk_pair *pairs;
  size_t pair_count;
  for (size_t k = 0; k < count; k++)
    found[k] = NULL;
  shukei_status st = sk_walk_pairs(walk, map, what, &pairs, &pair_count);
  for (size_t i = 0; !st && i < pair_count; i++) {
    const struct sk_yaml *const key = pairs[i].key;
    const bool empty = pairs[i].value->kind == SK_YAML_SCALAR && sk_yaml_is_null(pairs[i].value);
    size_t k = 0;
    while (k < count && strcmp(keys[k].name, key->text) != 0)
      k++;
    if (k == count)
      st = unknown_key(walk, key, what, keys, count);
    else if (keys[k].kind == SK_KEY_MARK && !empty)
      st = sk_walk_fail(walk, key, "\"%s\" has a value: keys one level too deep are not read",
                        key->text);
    else if (keys[k].kind == SK_KEY_OLD)
      sk_walk_warn(walk, key, "\"%s\" of %s is not read: nise no longer reads it", key->text, what);
    else
      found[k] = empty ? NULL : pairs[i].value;
  }
  return st;
}

shukei_status sk_walk_list(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                           const struct sk_yaml_item **first)
{
  *first = NULL;
  if (!node)
    return SHUKEI_OK;
  if (node->kind != SK_YAML_LIST)
    return sk_walk_fail(walk, node, "%s is a list, found %s", what, kind_of(node));
  *first = node->first;
  return visit(walk, node, node->count + 1);
}

/* The digits of a number without the underscores that YAML 1.1 allows; 0 where it is too long. */
static size_t plain_digits(const char *text, char digits[LONGEST_NUMBER])
{
  size_t length = 0;
  for (; *text; text++) {
    if (*text == '_' && length)
      continue;
    if (length == LONGEST_NUMBER)
      return 0;
    digits[length++] = *text;
  }
  return length;
}

/* An integer in another base: 0b101, 0x1f, 017. */
static bool based_integer(const char *digits, size_t length, double *value)
{
  unsigned base = 8;
  size_t i = 1;
  if (length < 2 || digits[0] != '0')
    return false;
  if (digits[1] == 'x' || digits[1] == 'b') {
    base = digits[1] == 'x' ? 16 : 2;
    i = 2;
  }
  if (i == length)
    return false;
  *value = 0;
  for (; i < length; i++) {
    const char c = digits[i];
    const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                  : 99;
    if (digit >= base)
      return false;
    *value = *value * base + digit;
  }
  return true;
}

bool sk_yaml_whole(const struct sk_yaml *node, double *value)
{
  char digits[LONGEST_NUMBER];
  if (node->kind != SK_YAML_SCALAR || !node->plain)
    return false;
  const size_t length = plain_digits(node->text, digits);
  const size_t sign = length && (digits[0] == '-' || digits[0] == '+');
  if (length > sign && based_integer(digits + sign, length - sign, value)) {
    *value = digits[0] == '-' ? -*value : *value;
    return true;
  }
  for (size_t i = sign; i < length; i++)
    if (digits[i] < '0' || digits[i] > '9')
      return false;
  return length > sign && sk_number_parse(digits, length, value);
}

static bool scalar_number(const struct sk_yaml *node, double *value)
{
  char digits[LONGEST_NUMBER];
  if (sk_yaml_whole(node, value))
    return true;
  if (!node->plain || !node->text[0] || strpbrk(node->text, "fnFN")) /* no infinities */
    return false;
  const size_t length = plain_digits(node->text, digits);
  return length && sk_number_parse(digits, length, value);
}

shukei_status sk_walk_number(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                             double *value, bool *there)
{
  double number;
  if (there)
    *there = node != NULL;
  if (!node)
    return SHUKEI_OK;
  if (node->kind != SK_YAML_SCALAR)
    return sk_walk_fail(walk, node, "%s is a number, found %s", what, kind_of(node));
  if (!scalar_number(node, &number))
    return sk_walk_fail(walk, node, "%s is a number, found %s\"%s\"", what,
                        node->plain ? "" : "the text ", node->text);
  if (number < 0)
    return sk_walk_fail(walk, node, "%s is negative: %s", what, node->text);
  if (number > 1e15) /* else a byte-second of it would pass what a summary takes */
    return sk_walk_fail(walk, node, "%s is above 1e15: %s", what, node->text);
  *value = number + 0.0; /* no minus zero */
  return SHUKEI_OK;
}

bool sk_walk_keep(struct sk_walk *walk, const char *text, size_t length, struct sk_span *span)
{
  for (size_t i = 0; i < length && walk->model->plain_text; i++)
    if (text[i] == '"' || text[i] == ',' || text[i] == '\n' || text[i] == '\r')
      walk->model->plain_text = false;
  *span = sk_model_text(walk->model, text, length);
  return span->text != NULL;
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(text, words[i]) == 0)
      return true;
  return false;
}

/* How Python's str() spells a plain scalar that is no text in YAML 1.1; NULL where it is one. */
static const char *python_text(const struct sk_yaml *node, char spelt[SK_NUMBER_TEXT + 1])
{
  static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
  static const char *const no[] = {"false", "False", "FALSE", "no", "No",
                                   "NO",    "off",   "Off",   "OFF"};
  double number;
  if (!node->plain)
    return NULL;
  if (is_one_of(node->text, yes, SK_COUNT(yes)))
    return "True";
  if (is_one_of(node->text, no, SK_COUNT(no)))
    return "False";
  if (sk_yaml_whole(node, &number) && number < 0x1p53 && number > -0x1p53) {
    spelt[sk_integer_format((int64_t)number, spelt)] = 0;
    return spelt;
  }
  const char *const point = strchr(node->text, '.');
  const char *const power = strpbrk(node->text, "eE");
  /* In YAML 1.1 a fraction has a point, and an exponent its sign. */
  if (point && !(power && power[1] != '+' && power[1] != '-') && scalar_number(node, &number)) {
    spelt[sk_number_format(number, spelt)] = 0;
    return spelt;
  }
  return NULL;
}

shukei_status sk_walk_text(struct sk_walk *walk, const struct sk_yaml *node, const char *what,
                           struct sk_span *text)
{
  char spelt[SK_NUMBER_TEXT + 1];
  *text = (struct sk_span){NULL, 0};
  if (!node)
    return SHUKEI_OK;
  if (node->kind != SK_YAML_SCALAR)
    return sk_walk_fail(walk, node, "%s is a text, found %s", what, kind_of(node));
  const char *const python = python_text(node, spelt);
  const char *const taken = python ? python : node->text;
  return sk_walk_keep(walk, taken, strlen(taken), text) ? SHUKEI_OK
                                                        : sk_walk_no_memory(walk, "texts");
}
