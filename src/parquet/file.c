/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a Parquet object and finding columns by name. */
#include "parquet/file.h"

#include "parquet/footer.h"
#include "parquet/page_stream.h"

shukei_status sk_file_open(struct sk_object *object, struct sk_budget *budget, struct sk_file **out,
                           shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  struct sk_file *file = sk_calloc(budget, 1, sizeof *file);
  if (!file)
    return sk_context(err, sk_fail_memory(err, budget, sizeof *file, "a Parquet file"), "%s",
                      sk_object_name(object));
  file->object = object;
  sk_arena_init(&file->meta.arena, budget);
  sk_dictionary_pool_init(&file->dictionaries, budget);
  sk_page_maps_init(&file->pages, budget);
  st = sk_footer_read(object, &file->meta, &file->data_end, err);
  if (st) {
    sk_file_close(file);
    return sk_context(err, st, "%s", sk_object_name(object));
  }
  *out = file;
  return SHUKEI_OK;
}

void sk_file_close(struct sk_file *file)
{
  if (!file)
    return;
  sk_dictionary_pool_reset(&file->dictionaries);
  sk_page_maps_reset(&file->pages);
  sk_arena_reset(&file->meta.arena);
  sk_free(file);
}

bool sk_file_share_texts(struct sk_file *file, int column)
{
  return sk_dictionary_pool_add(&file->dictionaries, column);
}

const struct sk_meta *sk_file_meta(const struct sk_file *file)
{
  return &file->meta;
}

uint64_t sk_file_mark(const struct sk_file *file)
{
  return sk_hash_bytes(file->meta.footer, file->meta.footer_length) | 1;
}

/* Chunks lie in the order of the columns, hardly ever otherwise: sorting them by insertion is
 * fast. */
void sk_file_expect(struct sk_file *file, uint32_t group, const int *columns, size_t count)
{
  struct sk_range *const ranges = sk_alloc(file->meta.arena.budget, (count + 1) * sizeof *ranges);
  size_t n = 0;
  if (!ranges)
    return; /* a hint */
  for (size_t i = 0; i < count; i++) {
    struct sk_range range;
    if (columns[i] < 0 || sk_chunk_pages_check(file, group, columns[i], NULL))
      continue;
    sk_chunk_range(&file->meta.groups[group].chunks[columns[i]], file->data_end, &range.begin,
                   &range.end);
    if (range.begin >= range.end)
      continue;
    size_t at = n++;
    for (; at > 0 && ranges[at - 1].begin > range.begin; at--)
      ranges[at] = ranges[at - 1];
    ranges[at] = range;
  }
  sk_object_expect(file->object, ranges, n);
  sk_free(ranges);
}

static uint8_t lower(char c)
{
  return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool same_name(const char *a, const char *b)
{
  while (*a && lower(*a) == lower(*b)) {
    a++;
    b++;
  }
  return lower(*a) == lower(*b);
}

/* The first of the flat columns that have just the name, else of those whose letters are the same;
 * -1. */
static int find_column(const struct sk_file *file, const char *name, size_t *count)
{
  size_t exact = 0, other = 0;
  int first_exact = -1, first_other = -1;
  for (uint32_t i = 0; i < file->meta.column_count; i++) {
    const struct sk_column_meta *const c = &file->meta.columns[i];
    if (!c->flat || !same_name(c->name, name))
      continue;
    if (strcmp(c->name, name) == 0)
      first_exact = exact++ ? first_exact : (int)i;
    else
      first_other = other++ ? first_other : (int)i;
  }
  *count = exact ? exact : other;
  return exact ? first_exact : first_other;
}

int sk_file_find_column(const struct sk_file *file, const char *name)
{
  size_t count = 0;
  return find_column(file, name, &count);
}

shukei_status sk_file_named_column(const struct sk_file *file, const char *name, int *column,
                                   shukei_error *err)
{
  size_t count = 0;
  *column = find_column(file, name, &count);
  return count < 2 ? SHUKEI_OK
                   : sk_fail(err, SHUKEI_EINVAL, "%zu columns are named \"%s\"", count, name);
}

shukei_status sk_chunk_check(const struct sk_file *file, uint32_t group, int column,
                             shukei_error *err)
{
  if (!file->meta.columns[column].flat)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "nested: only flat columns can be read");
  return sk_chunk_pages_check(file, group, column, err);
}

shukei_status sk_chunk_nested_check(const struct sk_file *file, uint32_t group, int column,
                                    shukei_error *err)
{
  const int64_t rows = file->meta.groups[group].row_count;
  const int64_t values = file->meta.groups[group].chunks[column].value_count;
  const bool repeated = file->meta.columns[column].max_repetition > 0;
  const shukei_status st = sk_chunk_pages_check(file, group, column, err);
  if (!st && repeated && values < rows)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRId64 " values in a row group of %" PRId64 " rows",
                   values, rows);
  return st;
}

shukei_status sk_chunk_pages_check(const struct sk_file *file, uint32_t group, int column,
                                   shukei_error *err)
{
  const struct sk_group_meta *g = &file->meta.groups[group];
  const struct sk_chunk_meta *chunk = &g->chunks[column];
  if (chunk->encrypted)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "encrypted with %s, which cannot be read",
                   file->meta.encryption ? file->meta.encryption : "an unknown algorithm");
  if (chunk->other_file)
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "its pages lie in another file");
  if (chunk->missing)
    return sk_fail(err, SHUKEI_EFORMAT, "the footer says nothing of its pages");
  if (g->row_count && !chunk->value_count && !chunk->compressed_bytes)
    return sk_fail(err, SHUKEI_EFORMAT, "no pages for %" PRId64 " rows", g->row_count);
  if (g->row_count && sk_codec_name(chunk->codec)[0] == '?')
    return sk_fail(err, SHUKEI_EUNSUPPORTED, "compression codec %d is unknown", (int)chunk->codec);
  return SHUKEI_OK;
}

enum sk_column_kind sk_column_kind(const struct sk_column_meta *column)
{
  switch (column->logical) {
  case SK_LOGICAL_NULL:
    return SK_KIND_NULL;
  case SK_LOGICAL_DECIMAL:
  case SK_LOGICAL_FLOAT16:
    return SK_KIND_NUMBER;
  case SK_LOGICAL_TIMESTAMP:
  case SK_LOGICAL_DATE:
    return SK_KIND_TIME;
  case SK_LOGICAL_TIME:
  case SK_LOGICAL_INTERVAL:
  case SK_LOGICAL_UUID:
    return SK_KIND_OTHER;
  default:
    break;
  }
  switch (column->type) {
  case SK_TYPE_INT96:
    return SK_KIND_TIME;
  case SK_TYPE_BYTE_ARRAY:
  case SK_TYPE_FIXED_LEN_BYTE_ARRAY:
    return SK_KIND_TEXT;
  case SK_TYPE_BOOLEAN:
    return SK_KIND_OTHER;
  default:
    return SK_KIND_NUMBER;
  }
}
