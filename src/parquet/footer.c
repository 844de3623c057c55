/* SPDX-License-Identifier: Apache-2.0 */
/* Reading FileMetaData. An object ends with the footer, its length in four bytes and "PAR1"; one
 * read of the last 64 KiB, or of an eighth of a small object, mostly holds all of it, which matters
 * where a read is a request over a network. The bytes of the footer are kept in the meta's arena,
 * and statistics point into them.
 *
 * Arrays are sized only by counts that the bytes can hold, and a row group's chunks by the number
 * of the schema's columns, which must be the same (footer_chunks.c). */
#include "parquet/footer.h"

#include "base/bytes.h"
#include "base/error.h"
#include "parquet/footer_chunks.h"
#include "parquet/footer_seal.h"
#include "parquet/schema.h"

enum { TAIL_LEAST = 8 * 1024, TAIL_MOST = 64 * 1024 };

/* What is wrong with the list leaves the row group without. */
static shukei_status read_sorting(struct sk_thrift *t, const struct sk_thrift_field *field,
                                  struct sk_meta *meta, struct sk_group_meta *group,
                                  shukei_error *err)
{
  struct sk_thrift own = *t;
  const uint32_t count = sk_thrift_list(&own, field, SK_THRIFT_STRUCT);
  bool known = true;
  group->sorting = sk_arena_alloc(&meta->arena, (count ? count : 1) * sizeof *group->sorting);
  if (!group->sorting)
    return sk_fail_memory(err, meta->arena.budget, count * sizeof *group->sorting,
                          "sorting columns");
  for (uint32_t i = 0; i < count && !own.error; i++) {
    struct sk_thrift_field f = {0};
    int32_t column = -1;
    group->sorting[i] = (struct sk_sorting_column){.column = 0};
    while (sk_thrift_field(&own, &f)) {
      if (f.id == 1)
        column = sk_thrift_i32(&own, &f);
      else if (f.id == 2)
        group->sorting[i].descending = sk_thrift_bool(&own, &f);
      else if (f.id == 3)
        group->sorting[i].nulls_first = sk_thrift_bool(&own, &f);
      else
        sk_thrift_skip(&own, &f);
    }
    known = known && column >= 0 && (uint32_t)column < meta->column_count;
    group->sorting[i].column = (uint32_t)column;
  }
  group->sorting_count = known && !own.error ? count : 0;
  sk_footer_took(t, field, &own);
  return SHUKEI_OK;
}

static shukei_status read_group(struct sk_thrift *t, uint64_t data_end, struct sk_meta *meta,
                                struct sk_group_meta *group, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  struct sk_thrift_field f = {0};
  *group = (struct sk_group_meta){.row_count = -1};
  while (!st && sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      st = sk_footer_chunks(t, &f, data_end, meta, group, err);
      break;
    case 2:
      group->total_bytes = sk_thrift_i64(t, &f);
      break;
    case 3:
      group->row_count = sk_thrift_i64(t, &f);
      break;
    case 4:
      st = read_sorting(t, &f, meta, group, err);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
  if (st || t->error)
    return st;
  if (!group->chunks)
    return sk_fail(err, SHUKEI_EFORMAT, "no column chunks");
  if (group->row_count < 0)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRId64 " rows", group->row_count);
  return SHUKEI_OK;
}

static shukei_status read_groups(struct sk_thrift *t, const struct sk_thrift_field *field,
                                 uint64_t data_end, struct sk_meta *meta, shukei_error *err)
{
  int64_t rows = 0;
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_STRUCT);
  if (t->error)
    return SHUKEI_OK;
  if (!meta->elements)
    return sk_fail(err, SHUKEI_EFORMAT, "row groups before the schema");
  if (meta->groups)
    return sk_fail(err, SHUKEI_EFORMAT, "row groups are there twice");
  meta->groups = sk_arena_alloc(&meta->arena, (count ? count : 1) * sizeof *meta->groups);
  if (!meta->groups)
    return sk_fail_memory(err, meta->arena.budget, count * sizeof *meta->groups, "row groups");
  for (uint32_t i = 0; i < count && !t->error; i++) {
    struct sk_group_meta *group = &meta->groups[i];
    const shukei_status st = read_group(t, data_end, meta, group, err);
    if (st)
      return sk_context(err, st, "row group %" PRIu32, i);
    if (t->error)
      break;
    if (group->row_count > INT64_MAX - rows)
      return sk_fail(err, SHUKEI_EFORMAT, "row group %" PRIu32 ": %" PRId64 " rows", i,
                     group->row_count);
    group->first_row = rows;
    rows += group->row_count;
  }
  meta->group_count = count;
  return SHUKEI_OK;
}

static shukei_status read_key_values(struct sk_thrift *t, const struct sk_thrift_field *field,
                                     struct sk_meta *meta, shukei_error *err)
{
  const uint32_t count = sk_thrift_list(t, field, SK_THRIFT_STRUCT);
  if (!count)
    return SHUKEI_OK;
  meta->key_values = sk_arena_alloc(&meta->arena, count * sizeof *meta->key_values);
  if (!meta->key_values)
    return sk_fail_memory(err, meta->arena.budget, count * sizeof *meta->key_values, "key values");
  for (uint32_t i = 0; i < count && !t->error; i++) {
    struct sk_thrift_field f = {0};
    meta->key_values[i] = (struct sk_key_value){.key = ""};
    while (sk_thrift_field(t, &f)) {
      if (f.id != 1 && f.id != 2) {
        sk_thrift_skip(t, &f);
        continue;
      }
      uint32_t length = 0;
      const uint8_t *bytes = sk_thrift_binary(t, &f, &length);
      const char *text = bytes ? sk_meta_text(meta, bytes, length) : NULL;
      if (bytes && !text)
        return sk_fail_memory(err, meta->arena.budget, length, "key values");
      if (f.id == 1 && text)
        meta->key_values[i].key = text;
      else if (f.id == 2)
        meta->key_values[i].value = text;
    }
  }
  meta->key_value_count = count;
  return SHUKEI_OK;
}

/* ColumnOrder, a union, for each column. Another order than the type's is none that we know, and a
 * list of another length tells nothing. */
static void read_orders(struct sk_thrift *t, const struct sk_thrift_field *field,
                        struct sk_meta *meta)
{
  struct sk_thrift own = *t;
  const uint32_t count = sk_thrift_list(&own, field, SK_THRIFT_STRUCT);
  for (uint32_t i = 0; i < count && !own.error; i++) {
    struct sk_thrift_field f = {0};
    bool type_order = false;
    while (sk_thrift_field(&own, &f)) {
      type_order = f.id == 1;
      sk_thrift_skip(&own, &f);
    }
    if (count == meta->column_count)
      meta->columns[i].type_order = type_order && !own.error;
  }
  sk_footer_took(t, field, &own);
}

/* EncryptionAlgorithm: the name of the union's member. */
static const char *read_algorithm(struct sk_thrift *t, const struct sk_thrift_field *field)
{
  const char *name = "an unknown algorithm";
  struct sk_thrift_field f = {0};
  if (!sk_thrift_struct(t, field))
    return name;
  while (sk_thrift_field(t, &f)) {
    if (f.id == 1)
      name = "AES_GCM_V1";
    else if (f.id == 2)
      name = "AES_GCM_CTR_V1";
    sk_thrift_skip(t, &f);
  }
  return name;
}

/* Writers have put their own file's name to each chunk. Where all chunks name one file, and all of
 * their pages fit in here, it is this one, under whatever name; a file that is only about others
 * holds no pages. */
static void adopt_pages(struct sk_meta *meta)
{
  for (uint32_t i = 0; i < meta->group_count; i++)
    for (uint32_t k = 0; k < meta->column_count; k++)
      meta->groups[i].chunks[k].other_file = false;
}

static shukei_status read_file(struct sk_thrift *t, uint64_t data_end, struct sk_meta *meta,
                               shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  struct sk_thrift_field f = {0};
  uint32_t length = 0;
  const uint8_t *bytes = NULL;
  meta->row_count = -1;
  while (!st && sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      meta->version = sk_thrift_i32(t, &f);
      break;
    case 2:
      st = sk_schema_read(t, &f, meta, err);
      break;
    case 3:
      meta->row_count = sk_thrift_i64(t, &f);
      break;
    case 4:
      st = read_groups(t, &f, data_end, meta, err);
      break;
    case 5:
      st = read_key_values(t, &f, meta, err);
      break;
    case 6:
      bytes = sk_thrift_binary(t, &f, &length);
      meta->created_by = bytes ? sk_meta_text(meta, bytes, length) : NULL;
      if (bytes && !meta->created_by)
        st = sk_fail_memory(err, meta->arena.budget, length, "created_by");
      break;
    case 7:
      read_orders(t, &f, meta);
      break;
    case 8:
      meta->encryption = read_algorithm(t, &f);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
  return st;
}

shukei_status sk_footer_parse(const void *bytes, size_t length, uint64_t data_end,
                              struct sk_meta *meta, shukei_error *err)
{
  struct sk_thrift t;
  sk_thrift_init(&t, bytes, length);
  const shukei_status st = read_file(&t, data_end, meta, err);
  if (st)
    return sk_context(err, st, "footer");
  if (t.error)
    return sk_context(err, sk_footer_thrift_error(&t, err), "footer");
  if (!meta->elements)
    return sk_fail(err, SHUKEI_EFORMAT, "footer: no schema");
  if (meta->paths == SK_PATHS_ONE)
    adopt_pages(meta);
  const bool rewritten =
      meta->created_by && strncmp(meta->created_by, SK_SEAL_WRITER, sizeof SK_SEAL_WRITER - 1) != 0;
  if (!rewritten && !sk_seal_holds(bytes, length))
    return sk_fail(err, SHUKEI_EFORMAT, "footer: its checksum does not match");
  return SHUKEI_OK;
}

static shukei_status refuse_encrypted(const uint8_t *bytes, size_t length, shukei_error *err)
{
  struct sk_thrift t;
  struct sk_thrift_field f = {0};
  const char *name = "an unknown algorithm";
  sk_thrift_init(&t, bytes, length);
  while (sk_thrift_field(&t, &f)) {
    if (f.id == 1)
      name = read_algorithm(&t, &f);
    else
      sk_thrift_skip(&t, &f);
  }
  return sk_fail(err, SHUKEI_EUNSUPPORTED, "encrypted with %s, which cannot be read", name);
}

static size_t tail_of(uint64_t size)
{
  const uint64_t eighth = size / 8;
  const uint64_t wanted = eighth < TAIL_LEAST  ? TAIL_LEAST
                          : eighth > TAIL_MOST ? TAIL_MOST
                                               : eighth;
  return (size_t)(size < wanted ? size : wanted);
}

shukei_status sk_footer_read(struct sk_object *object, struct sk_meta *meta, uint64_t *data_end,
                             shukei_error *err)
{
  uint8_t *tail = NULL, *footer = NULL;
  const uint64_t size = sk_object_size(object);
  const size_t tail_length = tail_of(size);
  struct sk_budget *budget = meta->arena.budget;
  shukei_status st = SHUKEI_OK;
  if (size < 12) {
    st = sk_fail(err, SHUKEI_ETRUNC, "%" PRIu64 " bytes, a Parquet file has 12 at least", size);
    goto done;
  }
  tail = sk_alloc(budget, tail_length);
  if (!tail) {
    st = sk_fail_memory(err, budget, tail_length, "a footer");
    goto done;
  }
  st = sk_object_read(object, size - tail_length, tail, tail_length, err);
  if (st)
    goto done;
  const uint8_t *end = tail + tail_length;
  const bool encrypted = memcmp(end - 4, "PARE", 4) == 0;
  if (!encrypted && memcmp(end - 4, "PAR1", 4) != 0) {
    st = sk_fail(err, SHUKEI_EFORMAT,
                 "ends with the bytes %02x %02x %02x %02x instead of \"PAR1\": cut off, or no "
                 "Parquet file",
                 end[-4], end[-3], end[-2], end[-1]);
    goto done;
  }
  if (tail_length == size && memcmp(tail, end - 4, 4) != 0) {
    st = sk_fail(err, SHUKEI_EFORMAT, "begins with another magic number than it ends with");
    goto done;
  }
  const uint64_t length = sk_le32(end - 8); /* untrusted until compared with the size */
  if (length > size - 12 || length == 0) {
    st = sk_fail(err, SHUKEI_EFORMAT, "footer: length %" PRIu64 " in a file of %" PRIu64 " bytes",
                 length, size);
    goto done;
  }
  footer = sk_arena_alloc(&meta->arena, (size_t)length);
  if (!footer) {
    st = sk_fail_memory(err, budget, length, "a footer");
    goto done;
  }
  if (length <= tail_length - 8)
    memcpy(footer, end - 8 - length, (size_t)length);
  else
    st = sk_object_read(object, size - 8 - length, footer, (size_t)length, err);
  if (!st)
    st = encrypted ? refuse_encrypted(footer, (size_t)length, err)
                   : sk_footer_parse(footer, (size_t)length, size - 8 - length, meta, err);
  meta->footer = footer;
  meta->footer_length = (size_t)length;
  *data_end = size - 8 - length;
done:
  sk_free(tail);
  return st;
}
