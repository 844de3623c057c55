/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: a tree, written depth first as a list of elements, each with the number of its
 * children. First every element is read as it is (read_element), then one pass with a stack of open
 * groups counts levels and numbers the leaves (build). The depth is bounded, so the stack is an
 * array; a child count may say anything, since nothing is sized by it. */
#include "parquet/schema.h"

#include "base/alloc.h"

#include <string.h>

enum { MAX_DEPTH = 500 };

struct raw_element {
  const uint8_t *name;
  uint32_t name_length;
  int32_t type, type_length, child_count, scale, precision;
  int32_t repetition, converted; /* -1 absent */
  int32_t logical;               /* id of the union's member, 0 absent */
  int32_t logical_scale, logical_precision;
  int32_t unit; /* id of the union's member */
  int32_t bit_width;
  bool utc, is_signed, has_type;
};

enum { /* LogicalType */
       UNION_STRING = 1,
       UNION_MAP = 2,
       UNION_LIST = 3,
       UNION_ENUM = 4,
       UNION_DECIMAL = 5,
       UNION_DATE = 6,
       UNION_TIME = 7,
       UNION_TIMESTAMP = 8,
       UNION_INTEGER = 10,
       UNION_NULL = 11,
       UNION_JSON = 12,
       UNION_BSON = 13,
       UNION_UUID = 14,
       UNION_FLOAT16 = 15
};
enum { /* ConvertedType */
       CONVERTED_UTF8 = 0,
       CONVERTED_MAP = 1,
       CONVERTED_MAP_KEY_VALUE = 2,
       CONVERTED_LIST = 3,
       CONVERTED_ENUM = 4,
       CONVERTED_DECIMAL = 5,
       CONVERTED_DATE = 6,
       CONVERTED_TIME_MILLIS = 7,
       CONVERTED_TIME_MICROS = 8,
       CONVERTED_TIMESTAMP_MILLIS = 9,
       CONVERTED_TIMESTAMP_MICROS = 10,
       CONVERTED_UINT_8 = 11,
       CONVERTED_INT_8 = 15,
       CONVERTED_INT_64 = 18,
       CONVERTED_JSON = 19,
       CONVERTED_BSON = 20,
       CONVERTED_INTERVAL = 21
};

char *sk_meta_text(struct sk_meta *meta, const uint8_t *bytes, size_t length)
{
  char *text = sk_arena_bytes(&meta->arena, length + 1);
  if (text) {
    if (length)
      memcpy(text, bytes, length);
    text[length] = 0;
  }
  return text;
}

/* TimeUnit: which member of the union is there. */
static void read_unit(struct sk_thrift *t, const struct sk_thrift_field *field,
                      struct raw_element *e)
{
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return;
  while (sk_thrift_field(t, &f)) {
    e->unit = f.id;
    sk_thrift_skip(t, &f);
  }
}

static void read_parameter(struct sk_thrift *t, const struct sk_thrift_field *f,
                           struct raw_element *e)
{
  const bool timed = e->logical == UNION_TIME || e->logical == UNION_TIMESTAMP;
  if (e->logical == UNION_DECIMAL && f->id == 1)
    e->logical_scale = sk_thrift_i32(t, f);
  else if (e->logical == UNION_DECIMAL && f->id == 2)
    e->logical_precision = sk_thrift_i32(t, f);
  else if (timed && f->id == 1)
    e->utc = sk_thrift_bool(t, f);
  else if (timed && f->id == 2)
    read_unit(t, f, e);
  else if (e->logical == UNION_INTEGER && f->id == 1)
    e->bit_width = sk_thrift_i32(t, f);
  else if (e->logical == UNION_INTEGER && f->id == 2)
    e->is_signed = sk_thrift_bool(t, f);
  else
    sk_thrift_skip(t, f);
}

static void read_logical(struct sk_thrift *t, const struct sk_thrift_field *field,
                         struct raw_element *e)
{
  struct sk_thrift_field member = {0};
  if (!sk_thrift_struct(t, field))
    return;
  while (sk_thrift_field(t, &member)) {
    struct sk_thrift_field f = {0};
    e->logical = member.id;
    if (!sk_thrift_struct(t, &member))
      return;
    while (sk_thrift_field(t, &f))
      read_parameter(t, &f, e);
  }
}

/* Fastparquet has written a boolean here, by its name "has nulls". */
static int32_t read_repetition(struct sk_thrift *t, const struct sk_thrift_field *f)
{
  if (f->type == SK_THRIFT_TRUE || f->type == SK_THRIFT_FALSE)
    return sk_thrift_bool(t, f) ? SK_OPTIONAL : SK_REQUIRED;
  return sk_thrift_i32(t, f);
}

static void read_element(struct sk_thrift *t, struct raw_element *e)
{
  struct sk_thrift_field f = {0};
  *e = (struct raw_element){.repetition = -1, .converted = -1};
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      e->type = sk_thrift_i32(t, &f);
      e->has_type = true;
      break;
    case 2:
      e->type_length = sk_thrift_i32(t, &f);
      break;
    case 3:
      e->repetition = read_repetition(t, &f);
      break;
    case 4:
      e->name = sk_thrift_binary(t, &f, &e->name_length);
      break;
    case 5:
      e->child_count = sk_thrift_i32(t, &f);
      break;
    case 6:
      e->converted = sk_thrift_i32(t, &f);
      break;
    case 7:
      e->scale = sk_thrift_i32(t, &f);
      break;
    case 8:
      e->precision = sk_thrift_i32(t, &f);
      break;
    case 10:
      read_logical(t, &f, e);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
  if (!e->name)
    sk_thrift_fail(t, "schema element without a name");
}

static enum sk_logical of_union(const struct raw_element *e, struct sk_column_meta *c)
{
  static const uint8_t plain[] = {
      [UNION_STRING] = SK_LOGICAL_STRING,   [UNION_ENUM] = SK_LOGICAL_ENUM,
      [UNION_DECIMAL] = SK_LOGICAL_DECIMAL, [UNION_DATE] = SK_LOGICAL_DATE,
      [UNION_TIME] = SK_LOGICAL_TIME,       [UNION_TIMESTAMP] = SK_LOGICAL_TIMESTAMP,
      [UNION_INTEGER] = SK_LOGICAL_INTEGER, [UNION_NULL] = SK_LOGICAL_NULL,
      [UNION_JSON] = SK_LOGICAL_JSON,       [UNION_BSON] = SK_LOGICAL_BSON,
      [UNION_UUID] = SK_LOGICAL_UUID,       [UNION_FLOAT16] = SK_LOGICAL_FLOAT16,
  };
  c->scale = e->logical_scale;
  c->precision = e->logical_precision;
  c->utc = e->utc;
  c->bit_width = (uint8_t)e->bit_width;
  c->is_signed = e->is_signed;
  c->unit = e->unit == 3 ? SK_UNIT_NANOS : e->unit == 2 ? SK_UNIT_MICROS : SK_UNIT_MILLIS;
  if ((e->logical == UNION_TIME || e->logical == UNION_TIMESTAMP) && (e->unit < 1 || e->unit > 3))
    return SK_LOGICAL_UNKNOWN;
  if (e->logical == UNION_INTEGER && e->bit_width != 8 && e->bit_width != 16 &&
      e->bit_width != 32 && e->bit_width != 64)
    return SK_LOGICAL_UNKNOWN;
  if (e->logical < 0 || (size_t)e->logical >= sizeof plain || !plain[e->logical])
    return SK_LOGICAL_UNKNOWN;
  return (enum sk_logical)plain[e->logical];
}

static enum sk_logical of_converted(const struct raw_element *e, struct sk_column_meta *c)
{
  c->scale = e->scale;
  c->precision = e->precision;
  c->utc = true; /* the older annotations mean UTC, by LogicalTypes.md */
  switch (e->converted) {
  case CONVERTED_UTF8:
    return SK_LOGICAL_STRING;
  case CONVERTED_ENUM:
    return SK_LOGICAL_ENUM;
  case CONVERTED_DECIMAL:
    return SK_LOGICAL_DECIMAL;
  case CONVERTED_DATE:
    return SK_LOGICAL_DATE;
  case CONVERTED_TIME_MILLIS:
  case CONVERTED_TIME_MICROS:
    c->unit = e->converted == CONVERTED_TIME_MILLIS ? SK_UNIT_MILLIS : SK_UNIT_MICROS;
    return SK_LOGICAL_TIME;
  case CONVERTED_TIMESTAMP_MILLIS:
  case CONVERTED_TIMESTAMP_MICROS:
    c->unit = e->converted == CONVERTED_TIMESTAMP_MILLIS ? SK_UNIT_MILLIS : SK_UNIT_MICROS;
    return SK_LOGICAL_TIMESTAMP;
  case CONVERTED_JSON:
    return SK_LOGICAL_JSON;
  case CONVERTED_BSON:
    return SK_LOGICAL_BSON;
  case CONVERTED_INTERVAL:
    return SK_LOGICAL_INTERVAL;
  default:
    break;
  }
  if (e->converted >= CONVERTED_UINT_8 && e->converted <= CONVERTED_INT_64) {
    c->is_signed = e->converted >= CONVERTED_INT_8;
    c->bit_width = (uint8_t)(8u << ((unsigned)(e->converted - CONVERTED_UINT_8) & 3u));
    return SK_LOGICAL_INTEGER;
  }
  return e->converted < 0 ? SK_LOGICAL_NONE : SK_LOGICAL_UNKNOWN;
}

bool sk_type_carries(const struct sk_column_meta *c, enum sk_logical logical)
{
  const bool bytes = c->type == SK_TYPE_BYTE_ARRAY;
  const bool fixed = c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
  const bool i32 = c->type == SK_TYPE_INT32, i64 = c->type == SK_TYPE_INT64;
  switch (logical) {
  case SK_LOGICAL_STRING:
  case SK_LOGICAL_ENUM:
  case SK_LOGICAL_JSON:
  case SK_LOGICAL_BSON:
    return bytes || fixed;
  case SK_LOGICAL_UUID:
    return fixed && c->type_length == 16;
  case SK_LOGICAL_FLOAT16:
    return fixed && c->type_length == 2;
  case SK_LOGICAL_INTERVAL:
    return fixed && c->type_length == 12;
  case SK_LOGICAL_DECIMAL:
    return (bytes || fixed || i32 || i64) && c->scale >= 0 && c->scale <= 1000;
  case SK_LOGICAL_DATE:
    return i32;
  case SK_LOGICAL_TIME:
    return c->unit == SK_UNIT_MILLIS ? i32 : i64;
  case SK_LOGICAL_TIMESTAMP:
    return i64;
  case SK_LOGICAL_INTEGER:
    return c->bit_width == 64 ? i64 : i32;
  default:
    return true;
  }
}

static bool is_text(enum sk_logical logical)
{
  return logical == SK_LOGICAL_STRING || logical == SK_LOGICAL_ENUM || logical == SK_LOGICAL_JSON;
}

/* Writers that know the newer annotation add the older one where it says the same, or that these
 * are texts of some kind. What else differs gives the values another meaning, and readers do not
 * agree about which. */
static bool contradicts(const struct raw_element *e, const struct sk_column_meta *c)
{
  struct sk_column_meta old = {0};
  if (!e->logical || e->converted < 0)
    return false;
  const enum sk_logical logical = of_converted(e, &old);
  if (c->logical == SK_LOGICAL_UNKNOWN || logical == SK_LOGICAL_UNKNOWN ||
      (is_text(logical) && is_text(c->logical)))
    return false;
  return logical != c->logical ||
         ((logical == SK_LOGICAL_TIMESTAMP || logical == SK_LOGICAL_TIME) && old.unit != c->unit) ||
         (logical == SK_LOGICAL_DECIMAL && old.scale != c->scale);
}

static shukei_status fill_column(const struct raw_element *e, struct sk_column_meta *c,
                                 shukei_error *err)
{
  if (e->type < 0 || e->type > SK_TYPE_FIXED_LEN_BYTE_ARRAY)
    return sk_fail(err, SHUKEI_EFORMAT, "column %s: physical type %" PRId32 " is unknown", c->path,
                   e->type);
  c->type = (enum sk_type)e->type;
  c->type_length = e->type_length;
  if (c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY && c->type_length < 1)
    return sk_fail(err, SHUKEI_EFORMAT,
                   "column %s: FIXED_LEN_BYTE_ARRAY with length %" PRId32 ", expected 1 or more",
                   c->path, c->type_length);
  /* INTERVAL has no newer annotation, and parquet-mr writes the Null type for it. */
  const bool interval = e->converted == CONVERTED_INTERVAL && e->logical == UNION_NULL;
  c->logical = e->logical && !interval ? of_union(e, c) : of_converted(e, c);
  if (!interval && contradicts(e, c))
    return sk_fail(err, SHUKEI_EFORMAT, "column %s: two annotations that contradict each other",
                   c->path);
  if (!sk_type_carries(c, c->logical))
    c->logical = SK_LOGICAL_UNKNOWN;
  return SHUKEI_OK;
}

struct open_group {
  int32_t children; /* still to come */
  uint16_t definition, repetition;
  const char *path; /* "" for the root */
};

static const char *join(struct sk_meta *meta, const char *parent, const char *name)
{
  const size_t a = strlen(parent), b = strlen(name);
  char *path = sk_arena_bytes(&meta->arena, a + b + 2);
  if (path) {
    memcpy(path, parent, a);
    if (a)
      path[a] = '.';
    memcpy(path + a + (a ? 1 : 0), name, b + 1);
  }
  return path;
}

static const char *annotation(const struct raw_element *e)
{
  if (e->logical == UNION_LIST || (!e->logical && e->converted == CONVERTED_LIST))
    return "LIST";
  if (e->logical == UNION_MAP || (!e->logical && e->converted == CONVERTED_MAP))
    return "MAP";
  if (!e->logical && e->converted == CONVERTED_MAP_KEY_VALUE)
    return "MAP_KEY_VALUE";
  return NULL;
}

static shukei_status add_leaf(struct sk_meta *meta, const struct raw_element *e, uint32_t index,
                              const struct open_group *at, shukei_error *err)
{
  struct sk_element *element = &meta->elements[index];
  struct sk_column_meta *c = &meta->columns[meta->column_count];
  *c = (struct sk_column_meta){.name = element->name,
                               .path = at->path,
                               .repetition = element->repetition,
                               .max_definition = at->definition,
                               .max_repetition = at->repetition,
                               .flat = element->depth == 1 && element->repetition != SK_REPEATED,
                               .schema_index = index};
  element->leaf = (int32_t)meta->column_count++;
  return fill_column(e, c, err);
}

static shukei_status build(const struct raw_element *raw, uint32_t count, struct sk_meta *meta,
                           shukei_error *err)
{
  struct open_group open[MAX_DEPTH + 1] = {{.children = raw[0].child_count, .path = ""}};
  int32_t depth = 0;
  for (uint32_t i = 0; i < count; i++) {
    const struct raw_element *e = &raw[i];
    struct sk_element *element = &meta->elements[i];
    struct open_group at = open[depth];
    if (memchr(e->name, 0, e->name_length))
      return sk_fail(err, SHUKEI_EFORMAT, "schema: a name holds a zero byte");
    if (e->child_count < 0)
      return sk_fail(err, SHUKEI_EFORMAT, "schema: a group with %" PRId32 " children",
                     e->child_count);
    element->name = sk_meta_text(meta, e->name, e->name_length);
    element->leaf = -1;
    element->annotation = annotation(e);
    element->child_count = e->child_count;
    if (!element->name)
      return sk_fail_memory(err, meta->arena.budget, e->name_length, "a name of the schema");
    if (i == 0)
      continue;
    while (depth >= 0 && open[depth].children == 0)
      depth--;
    if (depth < 0)
      return sk_fail(err, SHUKEI_EFORMAT, "schema: %" PRIu32 " elements, its groups name %" PRIu32,
                     count, i);
    at = open[depth];
    open[depth].children--;
    if (e->repetition < SK_REQUIRED || e->repetition > SK_REPEATED)
      return sk_fail(err, SHUKEI_EFORMAT, "schema: \"%s\" has the repetition %" PRId32,
                     element->name, e->repetition);
    element->repetition = (enum sk_repetition)e->repetition;
    element->depth = depth + 1;
    at.definition = (uint16_t)(at.definition + (e->repetition != SK_REQUIRED));
    at.repetition = (uint16_t)(at.repetition + (e->repetition == SK_REPEATED));
    at.children = e->child_count;
    at.path = join(meta, at.path, element->name);
    if (!at.path)
      return sk_fail_memory(err, meta->arena.budget, e->name_length, "a path of the schema");
    if (e->has_type && e->child_count == 0) {
      const shukei_status st = add_leaf(meta, e, i, &at, err);
      if (st)
        return st;
    } else if (depth + 1 > MAX_DEPTH) {
      return sk_fail(err, SHUKEI_EFORMAT, "schema: nested more than %d deep", MAX_DEPTH);
    } else {
      open[++depth] = at;
    }
  }
  while (depth >= 0 && open[depth].children == 0)
    depth--;
  if (depth >= 0)
    return sk_fail(err, SHUKEI_EFORMAT, "schema: %" PRIu32 " elements, its groups name more",
                   count);
  return SHUKEI_OK;
}

shukei_status sk_schema_read(struct sk_thrift *t, const struct sk_thrift_field *field,
                             struct sk_meta *meta, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  struct raw_element *raw = NULL;
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_STRUCT);
  if (t->error)
    return SHUKEI_OK;
  if (!count)
    return sk_fail(err, SHUKEI_EFORMAT, "schema: no element");
  if (meta->elements)
    return sk_fail(err, SHUKEI_EFORMAT, "schema: there twice");
  struct sk_budget *budget = meta->arena.budget;
  raw = sk_calloc(budget, count, sizeof *raw);
  meta->elements = sk_arena_alloc(&meta->arena, count * sizeof *meta->elements);
  meta->columns = sk_arena_alloc(&meta->arena, count * sizeof *meta->columns);
  if (!raw || !meta->elements || !meta->columns) {
    st = sk_fail_memory(err, budget, count * sizeof *raw, "the schema");
    goto done;
  }
  memset(meta->elements, 0, count * sizeof *meta->elements);
  meta->element_count = count;
  for (uint32_t i = 0; i < count && !t->error; i++)
    read_element(t, &raw[i]);
  if (!t->error)
    st = build(raw, count, meta, err);
done:
  sk_free(raw);
  return st;
}
