/* SPDX-License-Identifier: Apache-2.0 */
/* Types and schemas of Arrow. The types are those that Arrow's own reader of Parquet takes. */
#include "api/arrow.h"

#include <stdio.h>

/* ---- types ---- */

static void set(struct sk_arrow_type *type, enum sk_arrow_layout layout, uint32_t width,
                const char *format)
{
  type->layout = layout;
  type->width = width;
  snprintf(type->format, sizeof type->format, "%s", format);
}

static void integer_type(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  const bool wide = meta->type == SK_TYPE_INT64;
  const bool said = meta->logical == SK_LOGICAL_INTEGER;
  const bool no_sign = said && !meta->is_signed;
  const unsigned bits = said ? meta->bit_width : wide ? 64 : 32;
  switch (bits) {
  case 8:
    set(type, SK_ARROW_WORDS, 1, no_sign ? "C" : "c");
    break;
  case 16:
    set(type, SK_ARROW_WORDS, 2, no_sign ? "S" : "s");
    break;
  case 32:
    set(type, SK_ARROW_WORDS, 4, no_sign ? "I" : "i");
    break;
  default:
    set(type, SK_ARROW_WORDS, 8, no_sign ? "L" : "l");
  }
}

static void bytes_type(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  char format[32];
  type->utf8 = meta->logical == SK_LOGICAL_STRING || meta->logical == SK_LOGICAL_ENUM ||
               meta->logical == SK_LOGICAL_JSON;
  if (meta->type == SK_TYPE_BYTE_ARRAY || type->utf8) {
    set(type, SK_ARROW_TEXTS, 0, type->utf8 ? "u" : "z");
    return;
  }
  snprintf(format, sizeof format, "w:%" PRId32, meta->type_length);
  set(type, SK_ARROW_FIXED, (uint32_t)meta->type_length, format);
}

/* Arrow has decimals of up to 76 digits; those beyond stay bytes. */
static void decimal_type(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  char format[32];
  if (meta->precision < 1 || meta->precision > 76) {
    if (meta->type == SK_TYPE_INT32 || meta->type == SK_TYPE_INT64)
      integer_type(meta, type);
    else
      bytes_type(meta, type);
    return;
  }
  const bool wide = meta->precision > 38;
  snprintf(format, sizeof format, "d:%" PRId32 ",%" PRId32 "%s", meta->precision, meta->scale,
           wide ? ",256" : "");
  set(type, SK_ARROW_DECIMAL, wide ? 32 : 16, format);
}

static void clock_type(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  char format[32];
  const char unit = "mun"[meta->unit];
  if (meta->logical == SK_LOGICAL_TIME)
    snprintf(format, sizeof format, "tt%c", unit);
  else
    snprintf(format, sizeof format, "ts%c:%s", unit, meta->utc ? "UTC" : "");
  set(type, SK_ARROW_WORDS, meta->type == SK_TYPE_INT32 ? 4 : 8, format);
}

static void physical_type(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  switch (meta->type) {
  case SK_TYPE_BOOLEAN:
    set(type, SK_ARROW_BITS, 1, "b");
    break;
  case SK_TYPE_INT32:
  case SK_TYPE_INT64:
    integer_type(meta, type);
    break;
  case SK_TYPE_INT96:
    set(type, SK_ARROW_WORDS, 8, "tsn:");
    break;
  case SK_TYPE_FLOAT:
    set(type, SK_ARROW_REALS, 4, "f");
    break;
  case SK_TYPE_DOUBLE:
    set(type, SK_ARROW_REALS, 8, "g");
    break;
  default:
    bytes_type(meta, type);
  }
}

void sk_arrow_type_of(const struct sk_column_meta *meta, struct sk_arrow_type *type)
{
  *type = (struct sk_arrow_type){.layout = SK_ARROW_NULLS};
  switch (meta->logical) {
  case SK_LOGICAL_NULL:
    set(type, SK_ARROW_NULLS, 0, "n");
    break;
  case SK_LOGICAL_DECIMAL:
    decimal_type(meta, type);
    break;
  case SK_LOGICAL_DATE:
    set(type, SK_ARROW_WORDS, 4, "tdD");
    break;
  case SK_LOGICAL_TIME:
  case SK_LOGICAL_TIMESTAMP:
    clock_type(meta, type);
    break;
  case SK_LOGICAL_FLOAT16:
    set(type, SK_ARROW_FIXED, 2, "e");
    type->half = true;
    break;
  default:
    physical_type(meta, type);
  }
}

/* ---- schemas ---- */

/* What one schema owns. Each child owns its own, since consumers may move children away. */
struct schema_part {
  struct shukei_parquet_file *file;
  struct ArrowSchema *children; /* [n_children] */
  struct ArrowSchema **places;  /* to them */
  char format[32];
  char name[];
};

static void release_schema(struct ArrowSchema *schema)
{
  struct schema_part *part = schema->private_data;
  struct shukei_parquet_file *file = part->file;
  for (int64_t i = 0; i < schema->n_children; i++)
    if (schema->children[i]->release)
      schema->children[i]->release(schema->children[i]);
  schema->release = NULL;
  sk_free(part->children);
  sk_free(part->places);
  sk_free(part);
  shukei_parquet_close(file);
}

/* A schema without children; they are counted when they are made. */
static bool new_schema(struct shukei_parquet_file *file, const char *format, const char *name,
                       size_t places, struct ArrowSchema *out)
{
  const size_t length = strlen(name) + 1;
  struct schema_part *part = sk_calloc(&file->budget, 1, sizeof *part + length);
  if (!part)
    return false;
  if (places) {
    part->children = sk_calloc(&file->budget, places, sizeof *part->children);
    part->places = sk_alloc(&file->budget, places * sizeof *part->places);
  }
  if (places && (!part->children || !part->places)) {
    sk_free(part->children);
    sk_free(part->places);
    sk_free(part);
    return false;
  }
  for (size_t i = 0; i < places; i++)
    part->places[i] = &part->children[i];
  part->file = file;
  sk_parquet_share(file);
  snprintf(part->format, sizeof part->format, "%s", format);
  memcpy(part->name, name, length);
  *out = (struct ArrowSchema){.format = part->format,
                              .name = part->name,
                              .children = part->places,
                              .release = release_schema,
                              .private_data = part};
  return true;
}

shukei_status sk_arrow_schema(struct shukei_parquet_file *file, const size_t *columns, size_t count,
                              struct ArrowSchema *out, shukei_error *err)
{
  struct ArrowSchema schema;
  bool ok = new_schema(file, "+s", "", count, &schema);
  if (!ok)
    return sk_fail_memory(err, &file->budget, count * sizeof schema, "a schema");
  for (size_t i = 0; ok && i < count; i++) {
    const struct sk_column_meta *meta = &file->meta->columns[columns[i]];
    struct sk_arrow_type type;
    sk_arrow_type_of(meta, &type);
    ok = new_schema(file, type.format, meta->name, 0, schema.children[i]);
    if (!ok)
      break;
    schema.children[i]->flags = meta->repetition == SK_OPTIONAL ? ARROW_FLAG_NULLABLE : 0;
    schema.n_children++;
  }
  if (!ok) {
    release_schema(&schema);
    return sk_fail_memory(err, &file->budget, count * sizeof schema, "a schema");
  }
  *out = schema;
  return SHUKEI_OK;
}
