/* SPDX-License-Identifier: Apache-2.0 */
/* A row group's column chunks. Offsets are compared with the object's size here, so that the
 * readers of pages may trust them. */
#include "parquet/footer_chunks.h"

#include "base/bytes.h"
#include "base/error.h"
#include "parquet/schema.h"

shukei_status sk_footer_thrift_error(const struct sk_thrift *t, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "%s at byte %zu of %zu", t->error, sk_thrift_position(t),
                 (size_t)(t->end - t->begin));
}

static const uint8_t *bytes_field(struct sk_thrift *t, const struct sk_thrift_field *f,
                                  uint32_t *length)
{
  static const uint8_t empty[1];
  const uint8_t *bytes = sk_thrift_binary(t, f, length);
  return bytes && *length == 0 ? empty : bytes; /* empty is not absent */
}

static void read_statistics(struct sk_thrift *t, const struct sk_thrift_field *field,
                            struct sk_statistics *s)
{
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return;
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      s->old_max = bytes_field(t, &f, &s->old_max_length);
      break;
    case 2:
      s->old_min = bytes_field(t, &f, &s->old_min_length);
      break;
    case 3:
      s->null_count = sk_thrift_i64(t, &f);
      break;
    case 4:
      s->distinct_count = sk_thrift_i64(t, &f);
      break;
    case 5:
      s->max_value = bytes_field(t, &f, &s->max_length);
      break;
    case 6:
      s->min_value = bytes_field(t, &f, &s->min_length);
      break;
    case 7:
      s->max_exact = sk_thrift_bool(t, &f);
      break;
    case 8:
      s->min_exact = sk_thrift_bool(t, &f);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
}

static void read_encodings(struct sk_thrift *t, const struct sk_thrift_field *field,
                           struct sk_chunk_meta *c)
{
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_I32);
  for (uint32_t i = 0; i < count; i++) {
    const int32_t encoding = sk_thrift_item_i32(t);
    if (encoding >= 0 && encoding < 32)
      c->encodings |= UINT32_C(1) << encoding;
  }
}

bool sk_footer_took(struct sk_thrift *t, const struct sk_thrift_field *field,
                    const struct sk_thrift *read)
{
  if (read->error)
    sk_thrift_skip(t, field);
  else
    *t = *read;
  return !read->error;
}

/* PageEncodingStats: 1 kind of page, 2 encoding, 3 number of pages. */
static void read_encoding_stats(struct sk_thrift *t, const struct sk_thrift_field *field,
                                struct sk_chunk_meta *c)
{
  struct sk_thrift own = *t;
  const uint32_t count = sk_thrift_list(&own, field, SK_THRIFT_STRUCT);
  bool coded = false, other = false;
  for (uint32_t i = 0; i < count && !own.error; i++) {
    struct sk_thrift_field f = {0};
    int32_t told[4] = {0, -1, -1, -1};
    while (sk_thrift_field(&own, &f)) {
      if (f.id >= 1 && f.id <= 3)
        told[f.id] = sk_thrift_i32(&own, &f);
      else
        sk_thrift_skip(&own, &f);
    }
    if (told[3] == 0 || told[1] == SK_PAGE_DICTIONARY || told[1] == SK_PAGE_INDEX)
      continue;
    if (told[2] == SK_ENCODING_RLE_DICTIONARY || told[2] == SK_ENCODING_PLAIN_DICTIONARY)
      coded = true;
    else
      other = true;
  }
  if (sk_footer_took(t, field, &own))
    c->coded = other ? SK_CODED_PARTLY : coded ? SK_CODED_WHOLLY : SK_CODED_UNKNOWN;
}

/* The names on the way to a column, which the schema has told already: a file in which the two
 * differ is damaged, and columns are found by name. */
static void check_path(struct sk_thrift *t, const struct sk_thrift_field *field, const char *path)
{
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_BINARY);
  size_t left = strlen(path);
  bool same = true;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t length = 0;
    const uint8_t *name = sk_thrift_item_binary(t, &length);
    if (i && same && left && *path == '.') {
      path++;
      left--;
    } else if (i) {
      same = false;
    }
    same = same && name && length <= left && memcmp(path, name, length) == 0;
    path += same ? length : 0;
    left -= same ? length : 0;
  }
  if (!same || left)
    sk_thrift_fail(t, "another path than the schema's");
}

/* ColumnMetaData. */
static void read_chunk_meta(struct sk_thrift *t, const struct sk_thrift_field *field,
                            const char *path, struct sk_chunk_meta *c, int32_t *type)
{
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return;
  c->missing = false;
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      *type = sk_thrift_i32(t, &f);
      break;
    case 2:
      read_encodings(t, &f, c);
      break;
    case 3:
      check_path(t, &f, path);
      break;
    case 4:
      c->codec = (enum sk_codec)sk_thrift_i32(t, &f);
      break;
    case 5:
      c->value_count = sk_thrift_i64(t, &f);
      break;
    case 6:
      c->uncompressed_bytes = sk_thrift_i64(t, &f);
      break;
    case 7:
      c->compressed_bytes = sk_thrift_i64(t, &f);
      break;
    case 9:
      c->data_page_offset = sk_thrift_i64(t, &f);
      break;
    case 11:
      c->dictionary_page_offset = sk_thrift_i64(t, &f);
      break;
    case 12:
      read_statistics(t, &f, &c->statistics);
      break;
    case 13:
      read_encoding_stats(t, &f, c);
      break;
    case 14:
      c->bloom_filter_offset = sk_thrift_i64(t, &f);
      break;
    case 15:
      if (f.type ==
          SK_THRIFT_I32) /* others had lists of their own there before the field was given away */
        c->bloom_filter_length = sk_thrift_i32(t, &f);
      else
        sk_thrift_skip(t, &f);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
}

/* Whether all chunks name one file. */
static void note_path(struct sk_meta *meta, const uint8_t *path, uint32_t length)
{
  if (meta->paths == SK_PATHS_NONE) {
    meta->paths = length ? SK_PATHS_ONE : SK_PATHS_MANY;
    meta->file_path = path;
    meta->file_path_length = length;
  } else if (!length || length != meta->file_path_length ||
             memcmp(path, meta->file_path, length) != 0) {
    meta->paths = SK_PATHS_MANY;
  }
}

static void read_chunk(struct sk_thrift *t, struct sk_meta *meta, uint32_t column,
                       struct sk_chunk_meta *c, int32_t *type)
{
  const uint8_t *file_path = NULL;
  uint32_t file_path_length = 0;
  struct sk_thrift_field f = {0};
  *c = (struct sk_chunk_meta){
      .dictionary_page_offset = -1,
      .offset_index_offset = -1,
      .column_index_offset = -1,
      .bloom_filter_offset = -1,
      .bloom_filter_length = -1,
      .missing = true,
      .statistics = {.null_count = -1, .distinct_count = -1, .min_exact = true, .max_exact = true}};
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      file_path = sk_thrift_binary(t, &f, &file_path_length);
      break;
    case 3:
      read_chunk_meta(t, &f, meta->columns[column].path, c, type);
      break;
    case 4:
      c->offset_index_offset = sk_thrift_i64(t, &f);
      break;
    case 5:
      c->offset_index_length = sk_thrift_i32(t, &f);
      break;
    case 6:
      c->column_index_offset = sk_thrift_i64(t, &f);
      break;
    case 7:
      c->column_index_length = sk_thrift_i32(t, &f);
      break;
    case 8:
      c->encrypted = true;
      sk_thrift_skip(t, &f);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
  c->other_file = file_path_length > 0;
  note_path(meta, file_path, file_path_length);
}

static bool inside(int64_t offset, int64_t length, uint64_t data_end)
{
  return offset >= 0 && length >= 0 && (uint64_t)offset <= data_end &&
         (uint64_t)length <= data_end - (uint64_t)offset;
}

static shukei_status check_chunk(const struct sk_column_meta *column, struct sk_chunk_meta *c,
                                 int32_t type, uint64_t data_end, shukei_error *err)
{
  if (c->missing || c->encrypted)
    return SHUKEI_OK;
  if (type != (int32_t)column->type)
    return sk_fail(err, SHUKEI_EFORMAT, "physical type %" PRId32 ", the schema says %s", type,
                   sk_type_name(column->type));
  if (c->value_count < 0)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRId64 " values", c->value_count);
  /* Writers have put 0 where there is no dictionary, or where it comes first. */
  if (c->dictionary_page_offset == 0 || c->dictionary_page_offset > c->data_page_offset)
    c->dictionary_page_offset = -1;
  const int64_t start =
      c->dictionary_page_offset > 0 ? c->dictionary_page_offset : c->data_page_offset;
  const bool placed = inside(start, c->compressed_bytes, data_end) && c->uncompressed_bytes >= 0;
  const bool paged = inside(c->data_page_offset, 0, data_end);
  if (c->value_count == 0 && !(placed && paged)) { /* anything, for pages that are not there */
    c->data_page_offset = c->compressed_bytes = c->uncompressed_bytes = 0;
    c->dictionary_page_offset = -1;
  } else if (!placed) {
    return sk_fail(err, SHUKEI_EFORMAT,
                   "%" PRId64 " bytes at %" PRId64 ", the footer begins at %" PRIu64,
                   c->compressed_bytes, start, data_end);
  } else if (!paged) {
    return sk_fail(err, SHUKEI_EFORMAT, "pages at %" PRId64 ", the footer begins at %" PRIu64,
                   c->data_page_offset, data_end);
  }
  /* An index is a help, never needed: a wrong place means none. */
  if (!inside(c->offset_index_offset, c->offset_index_length, data_end) || !c->offset_index_length)
    c->offset_index_offset = -1;
  if (!inside(c->column_index_offset, c->column_index_length, data_end) || !c->column_index_length)
    c->column_index_offset = -1;
  if (!inside(c->bloom_filter_offset, c->bloom_filter_length > 0 ? c->bloom_filter_length : 1,
              data_end))
    c->bloom_filter_offset = -1;
  return SHUKEI_OK;
}

shukei_status sk_footer_chunks(struct sk_thrift *t, const struct sk_thrift_field *field,
                               uint64_t data_end, struct sk_meta *meta, struct sk_group_meta *group,
                               shukei_error *err)
{
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_STRUCT);
  if (t->error)
    return SHUKEI_OK;
  if (count != meta->column_count || group->chunks)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRIu32 " column chunks, the schema has %" PRIu32, count,
                   meta->column_count);
  group->chunks = sk_arena_alloc(&meta->arena, (count ? count : 1) * sizeof *group->chunks);
  if (!group->chunks)
    return sk_fail_memory(err, meta->arena.budget, count * sizeof *group->chunks, "a row group");
  for (uint32_t i = 0; i < count && !t->error; i++) {
    int32_t type = -1;
    struct sk_chunk_meta *const chunk = &group->chunks[i];
    read_chunk(t, meta, i, chunk, &type);
    if (t->error)
      return sk_context(err, sk_footer_thrift_error(t, err), "column %s", meta->columns[i].path);
    const shukei_status st =
        check_chunk(&meta->columns[i], chunk, type, data_end, chunk->other_file ? NULL : err);
    if (st && chunk->other_file)
      meta->paths = SK_PATHS_MANY;
    else if (st)
      return sk_context(err, st, "column %s", meta->columns[i].path);
  }
  return SHUKEI_OK;
}
