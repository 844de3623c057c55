/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a file, and what its footer says. The file has its own budget, so the block that holds
 * both is charged to none; it lives until the last owner is gone, since batches of Arrow are
 * charged to it. */
#include "api/column_file.h"

#include "base/platform.h"
#include "store/store.h"

_Static_assert((int)SHUKEI_PARQUET_FIXED_LEN_BYTE_ARRAY == SK_TYPE_FIXED_LEN_BYTE_ARRAY &&
                   (int)SHUKEI_PARQUET_LOGICAL_DECIMAL == SK_LOGICAL_DECIMAL &&
                   (int)SHUKEI_PARQUET_LOGICAL_TIMESTAMP == SK_LOGICAL_TIMESTAMP &&
                   (int)SHUKEI_PARQUET_LOGICAL_NULL == SK_LOGICAL_NULL &&
                   (int)SHUKEI_PARQUET_NANOS == SK_UNIT_NANOS &&
                   (int)SHUKEI_PARQUET_CODEC_LZ4_RAW == SK_CODEC_LZ4_RAW,
               "the public numbers are the room's");

enum {
  BOOLEANS = SHUKEI_PARQUET_BOOLEANS,
  INTEGERS = SHUKEI_PARQUET_INTEGERS,
  DOUBLES = SHUKEI_PARQUET_DOUBLES,
  TIMES = SHUKEI_PARQUET_TIMES,
  TEXTS = SHUKEI_PARQUET_TEXTS
};

/* ---- columns ---- */

static unsigned kinds_of(const struct sk_column_meta *meta)
{
  unsigned kinds = 0;
  if (meta->logical == SK_LOGICAL_NULL)
    return BOOLEANS | INTEGERS | DOUBLES | TIMES | TEXTS;
  if (meta->type == SK_TYPE_BOOLEAN)
    kinds |= BOOLEANS;
  if (meta->type == SK_TYPE_INT32 || meta->type == SK_TYPE_INT64 || meta->type == SK_TYPE_INT96 ||
      meta->logical == SK_LOGICAL_DECIMAL)
    kinds |= INTEGERS;
  if (meta->type == SK_TYPE_BYTE_ARRAY || meta->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY)
    kinds |= TEXTS;
  if (sk_column_kind(meta) == SK_KIND_NUMBER)
    kinds |= DOUBLES;
  if (sk_column_kind(meta) == SK_KIND_TIME)
    kinds |= TIMES;
  return kinds;
}

/* Instants and fractions as what they mean; then what loses nothing. */
static shukei_parquet_kind best_of(const struct sk_column_meta *meta, unsigned kinds)
{
  const bool integer = meta->type == SK_TYPE_INT32 || meta->type == SK_TYPE_INT64;
  if (kinds & BOOLEANS)
    return SHUKEI_PARQUET_BOOLEANS;
  if (kinds & TIMES)
    return SHUKEI_PARQUET_TIMES;
  if (kinds & DOUBLES && (!integer || meta->logical == SK_LOGICAL_DECIMAL))
    return SHUKEI_PARQUET_DOUBLES;
  return kinds & INTEGERS ? SHUKEI_PARQUET_INTEGERS : SHUKEI_PARQUET_TEXTS;
}

static void describe(const struct sk_column_meta *meta, shukei_parquet_column *column)
{
  const bool decimal = meta->logical == SK_LOGICAL_DECIMAL;
  const bool clock = meta->logical == SK_LOGICAL_TIME || meta->logical == SK_LOGICAL_TIMESTAMP;
  const bool integer = meta->logical == SK_LOGICAL_INTEGER;
  *column = (shukei_parquet_column){
      .name = meta->name,
      .path = meta->path,
      .type = (shukei_parquet_type)meta->type,
      .logical = (shukei_parquet_logical)meta->logical,
      .type_length = meta->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY ? meta->type_length : 0,
      .precision = decimal ? meta->precision : 0,
      .scale = decimal ? meta->scale : 0,
      .bit_width = integer ? meta->bit_width : 0,
      .unit = clock ? (shukei_parquet_unit)meta->unit : SHUKEI_PARQUET_MILLIS,
      .is_signed = integer && meta->is_signed,
      .utc = clock && meta->utc,
      .nullable = meta->repetition == SK_OPTIONAL,
      .flat = meta->flat,
      .max_definition = meta->max_definition,
      .max_repetition = meta->max_repetition,
  };
  if (!meta->flat)
    return;
  column->kinds = kinds_of(meta);
  column->kind =
      meta->logical == SK_LOGICAL_NULL ? SHUKEI_PARQUET_TEXTS : best_of(meta, column->kinds);
}

/* ---- opening and closing ---- */

static shukei_status open_object(struct shukei_parquet_file *file, shukei_error *err)
{
  shukei_status st = sk_file_open(file->object, &file->budget, &file->file, err);
  if (st)
    return st;
  file->meta = sk_file_meta(file->file);
  const size_t count = file->meta->column_count;
  file->columns = sk_calloc(&file->budget, count + 1, sizeof *file->columns);
  if (!file->columns)
    return sk_fail_memory(err, &file->budget, count * sizeof *file->columns, "the columns");
  for (size_t i = 0; i < count; i++)
    describe(&file->meta->columns[i], &file->columns[i]);
  return SHUKEI_OK;
}

static shukei_status new_file(uint64_t memory_bytes, struct shukei_parquet_file **out,
                              shukei_error *err)
{
  struct shukei_parquet_file *file = sk_calloc(NULL, 1, sizeof *file);
  if (!file)
    return sk_fail_memory(err, NULL, sizeof *file, "a Parquet file");
  atomic_init(&file->owners, 1);
  sk_budget_init(&file->budget, memory_bytes ? memory_bytes : sk_memory_available_bytes() / 2);
  *out = file;
  return SHUKEI_OK;
}

shukei_status shukei_parquet_open(const char *path, uint64_t memory_bytes,
                                  shukei_parquet_file **out, shukei_error *err)
{
  struct shukei_parquet_file *file = NULL;
  *out = NULL;
  if (!path || !*path)
    return sk_fail(err, SHUKEI_EINVAL, "no path is given");
  shukei_status st = new_file(memory_bytes, &file, err);
  if (!st)
    st = sk_store_open(path, &file->budget, &file->object, err);
  if (!st)
    st = open_object(file, err);
  if (st)
    shukei_parquet_close(file);
  else
    *out = file;
  return st;
}

shukei_status shukei_parquet_open_memory(const char *name, const void *bytes, size_t length,
                                         uint64_t memory_bytes, shukei_parquet_file **out,
                                         shukei_error *err)
{
  struct shukei_parquet_file *file = NULL;
  *out = NULL;
  if (!name || !bytes)
    return sk_fail(err, SHUKEI_EINVAL, "%s given", name ? "no bytes are" : "no name is");
  shukei_status st = new_file(memory_bytes, &file, err);
  if (!st)
    st = sk_object_from_bytes(name, bytes, length, &file->object, err);
  if (!st)
    st = open_object(file, err);
  if (st)
    shukei_parquet_close(file);
  else
    *out = file;
  return st;
}

void sk_parquet_share(struct shukei_parquet_file *file)
{
  atomic_fetch_add(&file->owners, 1);
}

void shukei_parquet_close(shukei_parquet_file *file)
{
  if (!file || atomic_fetch_sub(&file->owners, 1) > 1)
    return;
  sk_free(file->columns);
  sk_file_close(file->file);
  sk_object_close(file->object);
  sk_store_end(&file->budget);
  sk_free(file);
}

/* ---- the footer ---- */

shukei_status sk_parquet_check_column(const struct shukei_parquet_file *file, size_t column,
                                      shukei_error *err)
{
  const char *name = sk_object_name(file->object);
  if (column == SHUKEI_PARQUET_NO_COLUMN)
    return sk_fail(err, SHUKEI_EINVAL, "%s: there is no such column", name);
  if (column >= file->meta->column_count)
    return sk_fail(err, SHUKEI_EINVAL, "%s: there is no column %zu, it has %" PRIu32, name, column,
                   file->meta->column_count);
  return SHUKEI_OK;
}

shukei_status sk_parquet_check_group(const struct shukei_parquet_file *file, size_t group,
                                     shukei_error *err)
{
  return group < file->meta->group_count
             ? SHUKEI_OK
             : sk_fail(err, SHUKEI_EINVAL, "%s: there is no row group %zu, it has %" PRIu32,
                       sk_object_name(file->object), group, file->meta->group_count);
}

shukei_status sk_parquet_check_place(const struct shukei_parquet_file *file, size_t group,
                                     size_t column, shukei_error *err)
{
  const shukei_status st = sk_parquet_check_group(file, group, err);
  return st ? st : sk_parquet_check_column(file, column, err);
}

int64_t shukei_parquet_rows(const shukei_parquet_file *file)
{
  return file->meta->row_count;
}

const char *shukei_parquet_created_by(const shukei_parquet_file *file)
{
  return file->meta->created_by;
}

bool shukei_parquet_key_value(const shukei_parquet_file *file, size_t index, const char **key,
                              const char **value)
{
  if (index >= file->meta->key_value_count)
    return false;
  *key = file->meta->key_values[index].key;
  *value = file->meta->key_values[index].value;
  return true;
}

size_t shukei_parquet_column_count(const shukei_parquet_file *file)
{
  return file->meta->column_count;
}

const shukei_parquet_column *shukei_parquet_column_at(const shukei_parquet_file *file,
                                                      size_t column)
{
  return column < file->meta->column_count ? &file->columns[column] : NULL;
}

size_t shukei_parquet_find_column(const shukei_parquet_file *file, const char *name)
{
  const int column = sk_file_find_column(file->file, name);
  return column < 0 ? SHUKEI_PARQUET_NO_COLUMN : (size_t)column;
}

size_t shukei_parquet_group_count(const shukei_parquet_file *file)
{
  return file->meta->group_count;
}

int64_t shukei_parquet_group_rows(const shukei_parquet_file *file, size_t group)
{
  return group < file->meta->group_count ? file->meta->groups[group].row_count : 0;
}

shukei_status shukei_parquet_chunk_at(const shukei_parquet_file *file, size_t group, size_t column,
                                      shukei_parquet_chunk *out, shukei_error *err)
{
  const shukei_status st = sk_parquet_check_place(file, group, column, err);
  if (st)
    return st;
  const struct sk_chunk_meta *chunk = &file->meta->groups[group].chunks[column];
  *out = (shukei_parquet_chunk){
      .codec = (shukei_parquet_codec)chunk->codec,
      .encodings = chunk->encodings,
      .value_count = chunk->value_count,
      .compressed_bytes = chunk->compressed_bytes,
      .uncompressed_bytes = chunk->uncompressed_bytes,
      .has_page_index = chunk->offset_index_offset >= 0 && chunk->column_index_offset >= 0,
      .has_bloom_filter = chunk->bloom_filter_offset >= 0,
      .readable = !chunk->encrypted && !chunk->missing && !chunk->other_file,
  };
  return SHUKEI_OK;
}

const char *shukei_parquet_type_name(shukei_parquet_type type)
{
  return sk_type_name((enum sk_type)type);
}

const char *shukei_parquet_logical_name(shukei_parquet_logical logical)
{
  return sk_logical_name((enum sk_logical)logical);
}

const char *shukei_parquet_codec_name(shukei_parquet_codec codec)
{
  return sk_codec_name((enum sk_codec)codec);
}
