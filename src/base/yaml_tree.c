/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's own document loader is not used: it has no bound on nesting or anchors but memory, and
 * searches all anchors for every alias.
 *
 * JSON is YAML but for one thing: libyaml refuses surrogate pairs ("\ud83d\ude00"). A document
 * that is valid JSON has them rewritten as "\U0001f600" first, which is shorter by two characters;
 * blanks behind the string would keep the columns right, but a column off by two in such a line is
 * not worth it. */
#include "base/yaml_tree.h"

#include <jansson.h>
#include <yaml.h>

#define JSON_BYTES ((size_t)16 << 20) /* the check that it is JSON takes memory off the budget */

struct build {
  const char *name;
  struct sk_arena *arena;
  struct sk_yaml *open[SK_YAML_DEPTH];
  size_t depth;
  struct {
    const char *name;
    struct sk_yaml *node;
  } anchors[SK_YAML_ANCHORS];
  size_t anchor_count;
  struct sk_yaml *root;
  shukei_error *err;
};

static shukei_status no_memory(const struct build *b)
{
  return sk_fail(b->err, SHUKEI_ENOMEM, "no memory for the document \"%s\"", b->name);
}

static shukei_status refuse(const struct build *b, const yaml_event_t *event, const char *why)
{
  return sk_fail(b->err, SHUKEI_EINVAL, "%s:%zu:%zu: %s", b->name, event->start_mark.line + 1,
                 event->start_mark.column + 1, why);
}

static char *copy(struct sk_arena *arena, const void *bytes, size_t length)
{
  char *const text = sk_arena_bytes(arena, length + 1);
  if (text) {
    memcpy(text, bytes, length);
    text[length] = 0;
  }
  return text;
}

/* Hangs the node below the innermost open list or map, or makes it the root. */
static shukei_status hang(struct build *b, struct sk_yaml *node)
{
  if (b->depth == 0) {
    b->root = node;
    return SHUKEI_OK;
  }
  struct sk_yaml *const parent = b->open[b->depth - 1];
  struct sk_yaml_item *const item = sk_arena_alloc(b->arena, sizeof *item);
  if (!item)
    return no_memory(b);
  *item = (struct sk_yaml_item){node, NULL};
  if (parent->last)
    parent->last->next = item;
  else
    parent->first = item;
  parent->last = item;
  parent->count++;
  return SHUKEI_OK;
}

static shukei_status remember(struct build *b, const yaml_event_t *event, const yaml_char_t *anchor,
                              struct sk_yaml *node)
{
  if (!anchor)
    return SHUKEI_OK;
  if (b->anchor_count == SK_YAML_ANCHORS)
    return refuse(b, event, "more than 256 anchors");
  const char *const name = copy(b->arena, anchor, strlen((const char *)anchor));
  if (!name)
    return no_memory(b);
  b->anchors[b->anchor_count].name = name;
  b->anchors[b->anchor_count++].node = node;
  return SHUKEI_OK;
}

static shukei_status add_node(struct build *b, const yaml_event_t *event, enum sk_yaml_kind kind,
                              const yaml_char_t *anchor)
{
  struct sk_yaml *const node = sk_arena_alloc(b->arena, sizeof *node);
  if (!node)
    return no_memory(b);
  *node = (struct sk_yaml){.kind = kind,
                           .line = (uint32_t)(event->start_mark.line + 1),
                           .column = (uint32_t)(event->start_mark.column + 1)};
  if (kind == SK_YAML_SCALAR) {
    const size_t length = event->data.scalar.length;
    if (memchr(event->data.scalar.value, 0, length))
      return refuse(b, event, "a text with a zero byte");
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = copy(b->arena, event->data.scalar.value, length);
    if (!node->text)
      return no_memory(b);
  }
  shukei_status st = hang(b, node);
  if (!st)
    st = remember(b, event, anchor, node);
  if (st || kind == SK_YAML_SCALAR)
    return st;
  if (b->depth == SK_YAML_DEPTH)
    return refuse(b, event, "lists and maps are nested more than 16 deep");
  b->open[b->depth++] = node;
  return SHUKEI_OK;
}

static shukei_status add_alias(struct build *b, const yaml_event_t *event)
{
  const char *const name = (const char *)event->data.alias.anchor;
  struct sk_yaml *node = NULL;
  for (size_t i = b->anchor_count; i > 0 && !node; i--) /* the last one of a name counts */
    if (strcmp(b->anchors[i - 1].name, name) == 0)
      node = b->anchors[i - 1].node;
  if (!node)
    return refuse(b, event, "an alias without its anchor");
  for (size_t i = 0; i < b->depth; i++)
    if (b->open[i] == node)
      return refuse(b, event, "an alias of what it lies in");
  return hang(b, node);
}

static shukei_status take(struct build *b, const yaml_event_t *event)
{
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    return b->root ? refuse(b, event, "a second document") : SHUKEI_OK;
  case YAML_SCALAR_EVENT:
    return add_node(b, event, SK_YAML_SCALAR, event->data.scalar.anchor);
  case YAML_SEQUENCE_START_EVENT:
    return add_node(b, event, SK_YAML_LIST, event->data.sequence_start.anchor);
  case YAML_MAPPING_START_EVENT:
    return add_node(b, event, SK_YAML_MAP, event->data.mapping_start.anchor);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    b->depth--;
    return SHUKEI_OK;
  case YAML_ALIAS_EVENT:
    return add_alias(b, event);
  default:
    return SHUKEI_OK;
  }
}

/* libyaml knows the byte alone where its reader fails. */
static shukei_status fail_reader(const struct build *b, const uint8_t *text, size_t offset,
                                 const char *problem)
{
  size_t line = 1, start = 0;
  for (size_t i = 0; i < offset; i++)
    if (text[i] == '\n') {
      line++;
      start = i + 1;
    }
  return sk_fail(b->err, SHUKEI_EINVAL, "%s:%zu:%zu: no text: %s", b->name, line,
                 offset - start + 1, problem);
}

static shukei_status fail_parser(const struct build *b, const yaml_parser_t *parser,
                                 const uint8_t *text, size_t length)
{
  const char *const problem = parser->problem ? parser->problem : "unknown problem";
  if (parser->error == YAML_MEMORY_ERROR)
    return no_memory(b);
  if (parser->error == YAML_READER_ERROR)
    return fail_reader(b, text, parser->problem_offset < length ? parser->problem_offset : length,
                       problem);
  return sk_fail(b->err, SHUKEI_EINVAL, "%s:%zu:%zu: not YAML: %s", b->name,
                 parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem);
}

static int hex_digit(uint8_t c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
}

/* The UTF-16 unit of "\uXXXX" at bytes, 0 where there is none. The document is valid JSON. */
static uint32_t escaped_unit(const uint8_t *bytes, size_t length)
{
  uint32_t unit = 0;
  if (length < 6 || bytes[0] != '\\' || bytes[1] != 'u')
    return 0;
  for (size_t i = 2; i < 6; i++)
    unit = unit << 4 | (uint32_t)hex_digit(bytes[i]);
  return unit;
}

/* Rewrites surrogate pairs of a JSON document; leaves *bytes where it is none or has none. */
static shukei_status join_surrogates(const struct build *b, const uint8_t **bytes, size_t *length)
{
  const uint8_t *const in = *bytes;
  size_t blanks = 0, n = 0;
  while (blanks < *length && strchr(" \t\r\n", in[blanks]) && in[blanks])
    blanks++;
  if (blanks == *length || *length > JSON_BYTES || (in[blanks] != '{' && in[blanks] != '['))
    return SHUKEI_OK;
  json_t *const json = json_loadb((const char *)in, *length, 0, NULL);
  if (!json)
    return SHUKEI_OK; /* YAML that looks like JSON */
  json_decref(json);
  uint8_t *const out = sk_arena_bytes(b->arena, *length + 1);
  if (!out)
    return no_memory(b);
  for (size_t i = 0; i < *length;) {
    const uint32_t high = escaped_unit(in + i, *length - i);
    if (high >= 0xd800 && high < 0xdc00) {
      const uint32_t low = escaped_unit(in + i + 6, *length - i - 6);
      const uint32_t scalar = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
      n += (size_t)snprintf((char *)out + n, *length + 1 - n, "\\U%08x", (unsigned)scalar);
      i += 12;
    } else {
      const size_t step = in[i] == '\\' ? 2 : 1;
      memcpy(out + n, in + i, step);
      n += step;
      i += step;
    }
  }
  *bytes = out;
  *length = n;
  return SHUKEI_OK;
}

shukei_status sk_yaml_parse(const char *name, const void *bytes, size_t length,
                            struct sk_arena *arena, struct sk_yaml **root, shukei_error *err)
{
  struct build b = {.name = name, .arena = arena, .err = err};
  yaml_parser_t parser;
  const uint8_t *text = bytes;
  bool ended = false;
  *root = NULL;
  if (length > SK_YAML_BYTES)
    return sk_fail(err, SHUKEI_EINVAL, "%s: %zu bytes, at most %u are read", name, length,
                   SK_YAML_BYTES);
  shukei_status st = join_surrogates(&b, &text, &length);
  if (st)
    return st;
  if (!yaml_parser_initialize(&parser))
    return no_memory(&b);
  yaml_parser_set_input_string(&parser, text, length);
  while (!st && !ended) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      st = fail_parser(&b, &parser, text, length);
      break;
    }
    ended = event.type == YAML_STREAM_END_EVENT;
    st = take(&b, &event);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  if (!st)
    *root = b.root;
  return st;
}

bool sk_yaml_is_null(const struct sk_yaml *node)
{
  return node->kind == SK_YAML_SCALAR && node->plain &&
         (!node->text[0] || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0 ||
          strcmp(node->text, "Null") == 0 || strcmp(node->text, "NULL") == 0);
}
