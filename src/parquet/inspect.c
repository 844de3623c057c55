/* SPDX-License-Identifier: Apache-2.0 */
/* Describing a file: what its footer says, for people or as one JSON object. Unless pages or a
 * check are wanted nothing but the footer is read, so this also works where pages are damaged or
 * encrypted. */
#include "parquet/cell.h"
#include "parquet/describe.h"
#include "parquet/file.h"
#include "parquet/inspect_pages.h"

#include "base/text.h"

struct bounds {
  const uint8_t *min, *max; /* NULL where absent */
  uint32_t min_length, max_length;
};

/* The deprecated pair is shown where its order is the type's own. */
static struct bounds bounds_of(const struct sk_column_meta *c, const struct sk_statistics *s)
{
  struct bounds b = {s->min_value, s->max_value, s->min_length, s->max_length};
  const bool ordered = c->type != SK_TYPE_BYTE_ARRAY && c->type != SK_TYPE_FIXED_LEN_BYTE_ARRAY &&
                       c->type != SK_TYPE_INT96;
  if (!b.min && !b.max && ordered)
    b = (struct bounds){s->old_min, s->old_max, s->old_min_length, s->old_max_length};
  return b;
}

/* ---- for people ---- */

static void text_schema(struct sk_buffer *out, const struct sk_meta *meta)
{
  sk_buffer_printf(out, "schema\n");
  for (uint32_t i = 1; i < meta->element_count; i++) {
    const struct sk_element *e = &meta->elements[i];
    sk_buffer_printf(out, "%*s", e->depth * 2, "");
    sk_name_write(out, false, e->name);
    if (e->leaf < 0) {
      sk_buffer_printf(out, "  %s group%s%s\n", sk_repetition_name(e->repetition),
                       e->annotation ? " " : "", e->annotation ? e->annotation : "");
      continue;
    }
    const struct sk_column_meta *c = &meta->columns[e->leaf];
    sk_buffer_printf(out, "  %s ", sk_repetition_name(e->repetition));
    sk_describe_physical(out, c);
    if (c->logical != SK_LOGICAL_NONE)
      sk_buffer_byte(out, ' ');
    sk_describe_meaning(out, c);
    sk_buffer_byte(out, '\n');
  }
}

static double ratio_of(const struct sk_chunk_meta *chunk)
{
  return chunk->compressed_bytes > 0
             ? (double)chunk->uncompressed_bytes / (double)chunk->compressed_bytes
             : 1.0;
}

static void text_chunk(struct sk_buffer *out, const struct sk_column_meta *c,
                       const struct sk_chunk_meta *chunk)
{
  const struct bounds b = bounds_of(c, &chunk->statistics);
  sk_buffer_text(out, "  ");
  sk_name_write(out, false, c->path);
  sk_buffer_text(out, ": ");
  if (chunk->missing || chunk->encrypted || chunk->other_file) {
    sk_buffer_text(out, chunk->encrypted ? "encrypted\n"
                        : chunk->missing ? "not described\n"
                                         : "in another file\n");
    return;
  }
  sk_buffer_printf(out, "%s, ", sk_codec_name(chunk->codec));
  sk_describe_encodings(out, false, chunk->encodings);
  sk_buffer_printf(out, ", %" PRId64 " values", chunk->value_count);
  if (chunk->statistics.null_count >= 0)
    sk_buffer_printf(out, ", %" PRId64 " nulls", chunk->statistics.null_count);
  sk_buffer_printf(out, ", %" PRId64 " bytes of %" PRId64 " (%.2f:1)", chunk->compressed_bytes,
                   chunk->uncompressed_bytes, ratio_of(chunk));
  sk_buffer_text(out, sk_has_dictionary(chunk) ? ", dictionary" : ", no dictionary");
  if (chunk->offset_index_offset >= 0)
    sk_buffer_text(out, chunk->column_index_offset >= 0 ? ", page index" : ", offset index");
  if (chunk->bloom_filter_offset >= 0)
    sk_buffer_text(out, ", bloom filter");
  if (b.min) {
    sk_buffer_text(out, ", min ");
    sk_describe_bound(out, false, c, b.min, b.min_length);
  }
  if (b.max) {
    sk_buffer_text(out, ", max ");
    sk_describe_bound(out, false, c, b.max, b.max_length);
  }
  sk_buffer_byte(out, '\n');
}

static void text_sorting(struct sk_buffer *out, const struct sk_meta *meta,
                         const struct sk_group_meta *group)
{
  for (uint32_t i = 0; i < group->sorting_count; i++) {
    const struct sk_sorting_column *by = &group->sorting[i];
    sk_buffer_text(out, i ? ", " : ", sorted by ");
    sk_name_write(out, false, meta->columns[by->column].path);
    sk_buffer_printf(out, "%s%s", by->descending ? " descending" : "",
                     by->nulls_first ? " nulls first" : "");
  }
}

static void text_file(struct sk_buffer *out, const struct sk_file *file)
{
  const struct sk_meta *meta = &file->meta;
  int64_t rows = 0;
  for (uint32_t g = 0; g < meta->group_count; g++)
    rows += meta->groups[g].row_count;
  sk_buffer_printf(out, "%s\n", sk_object_name(file->object));
  sk_buffer_printf(out, "size        %" PRIu64 " bytes\n", sk_object_size(file->object));
  sk_buffer_printf(out, "version     %" PRId32 "\n", meta->version);
  sk_buffer_text(out, "created by  ");
  sk_name_write(out, false, meta->created_by ? meta->created_by : "unknown");
  sk_buffer_printf(out, "\nrows        %" PRId64 "\n", rows);
  sk_buffer_printf(out, "row groups  %" PRIu32 "\n", meta->group_count);
  sk_buffer_printf(out, "columns     %" PRIu32 "\n", meta->column_count);
  if (meta->encryption)
    sk_buffer_printf(out, "encryption  %s\n", meta->encryption);
  for (uint32_t i = 0; i < meta->key_value_count; i++) {
    const char *value = meta->key_values[i].value;
    sk_buffer_text(out, "key         ");
    sk_name_write(out, false, meta->key_values[i].key);
    sk_buffer_printf(out, " (%zu bytes)\n", value ? strlen(value) : 0);
  }
  text_schema(out, meta);
  for (uint32_t g = 0; g < meta->group_count; g++) {
    const struct sk_group_meta *group = &meta->groups[g];
    sk_buffer_printf(out, "row group %" PRIu32 ": %" PRId64 " rows, %" PRId64 " bytes", g,
                     group->row_count, group->total_bytes);
    text_sorting(out, meta, group);
    sk_buffer_byte(out, '\n');
    for (uint32_t i = 0; i < meta->column_count; i++)
      text_chunk(out, &meta->columns[i], &group->chunks[i]);
  }
}

/* ---- JSON ---- */

static const char *json_bool(bool value)
{
  return value ? "true" : "false";
}

static void json_sorting(struct sk_buffer *out, const struct sk_meta *meta,
                         const struct sk_group_meta *group)
{
  for (uint32_t i = 0; i < group->sorting_count; i++) {
    const struct sk_sorting_column *by = &group->sorting[i];
    sk_buffer_text(out, i ? ",{\"column\":" : "{\"column\":");
    sk_name_write(out, true, meta->columns[by->column].path);
    sk_buffer_printf(out, ",\"descending\":%s,\"nulls_first\":%s}", json_bool(by->descending),
                     json_bool(by->nulls_first));
  }
}

static void json_column(struct sk_buffer *out, const struct sk_column_meta *c)
{
  sk_buffer_text(out, "{\"name\":");
  sk_name_write(out, true, c->name);
  sk_buffer_text(out, ",\"path\":");
  sk_name_write(out, true, c->path);
  sk_buffer_printf(out, ",\"type\":\"%s\"", sk_type_name(c->type));
  if (c->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY)
    sk_buffer_printf(out, ",\"type_length\":%" PRId32, c->type_length);
  sk_buffer_text(out, ",\"logical_type\":\"");
  sk_describe_meaning(out, c);
  sk_buffer_printf(out, "\",\"repetition\":\"%s\",\"max_definition_level\":%u",
                   sk_repetition_name(c->repetition), (unsigned)c->max_definition);
  sk_buffer_printf(out, ",\"max_repetition_level\":%u,\"flat\":%s}", (unsigned)c->max_repetition,
                   json_bool(c->flat));
}

static void json_statistics(struct sk_buffer *out, const struct sk_column_meta *c,
                            const struct sk_statistics *s)
{
  const struct bounds b = bounds_of(c, s);
  if (s->null_count >= 0)
    sk_buffer_printf(out, ",\"nulls\":%" PRId64, s->null_count);
  if (s->distinct_count >= 0)
    sk_buffer_printf(out, ",\"distinct\":%" PRId64, s->distinct_count);
  if (b.min) {
    sk_buffer_text(out, ",\"min\":");
    sk_describe_bound(out, true, c, b.min, b.min_length);
  }
  if (b.max) {
    sk_buffer_text(out, ",\"max\":");
    sk_describe_bound(out, true, c, b.max, b.max_length);
  }
}

static void json_chunk(struct sk_buffer *out, const struct sk_column_meta *c,
                       const struct sk_chunk_meta *chunk)
{
  sk_buffer_text(out, "{\"path\":");
  sk_name_write(out, true, c->path);
  if (chunk->missing || chunk->encrypted || chunk->other_file) {
    sk_buffer_printf(out, ",\"encrypted\":%s,\"other_file\":%s}", json_bool(chunk->encrypted),
                     json_bool(chunk->other_file));
    return;
  }
  sk_buffer_printf(out, ",\"codec\":\"%s\",\"encodings\":[", sk_codec_name(chunk->codec));
  sk_describe_encodings(out, true, chunk->encodings);
  sk_buffer_printf(out, "],\"values\":%" PRId64 ",\"compressed_bytes\":%" PRId64,
                   chunk->value_count, chunk->compressed_bytes);
  sk_buffer_printf(out, ",\"uncompressed_bytes\":%" PRId64 ",\"dictionary\":%s",
                   chunk->uncompressed_bytes, json_bool(sk_has_dictionary(chunk)));
  sk_buffer_printf(out, ",\"data_page_offset\":%" PRId64, chunk->data_page_offset);
  sk_buffer_printf(out, ",\"offset_index\":%s,\"column_index\":%s,\"bloom_filter\":%s",
                   json_bool(chunk->offset_index_offset >= 0),
                   json_bool(chunk->column_index_offset >= 0),
                   json_bool(chunk->bloom_filter_offset >= 0));
  json_statistics(out, c, &chunk->statistics);
  sk_buffer_byte(out, '}');
}

static void json_key_values(struct sk_buffer *out, const struct sk_meta *meta)
{
  sk_buffer_text(out, ",\"key_values\":[");
  for (uint32_t i = 0; i < meta->key_value_count; i++) {
    sk_buffer_text(out, i ? ",{\"key\":" : "{\"key\":");
    sk_name_write(out, true, meta->key_values[i].key);
    sk_buffer_text(out, ",\"value\":");
    if (meta->key_values[i].value)
      sk_name_write(out, true, meta->key_values[i].value);
    else
      sk_buffer_text(out, "null");
    sk_buffer_byte(out, '}');
  }
  sk_buffer_byte(out, ']');
}

static void json_file(struct sk_buffer *out, const struct sk_file *file)
{
  const struct sk_meta *meta = &file->meta;
  int64_t rows = 0;
  for (uint32_t g = 0; g < meta->group_count; g++)
    rows += meta->groups[g].row_count;
  sk_buffer_text(out, "{\"file\":");
  sk_name_write(out, true, sk_object_name(file->object));
  sk_buffer_printf(out, ",\"size_bytes\":%" PRIu64 ",\"version\":%" PRId32 ",\"created_by\":",
                   sk_object_size(file->object), meta->version);
  if (meta->created_by)
    sk_name_write(out, true, meta->created_by);
  else
    sk_buffer_text(out, "null");
  sk_buffer_printf(out, ",\"rows\":%" PRId64, rows);
  if (meta->encryption)
    sk_buffer_printf(out, ",\"encryption\":\"%s\"", meta->encryption);
  json_key_values(out, meta);
  sk_buffer_text(out, ",\"columns\":[");
  for (uint32_t i = 0; i < meta->column_count; i++) {
    if (i)
      sk_buffer_byte(out, ',');
    json_column(out, &meta->columns[i]);
  }
  sk_buffer_text(out, "],\"row_groups\":[");
  for (uint32_t g = 0; g < meta->group_count; g++) {
    const struct sk_group_meta *group = &meta->groups[g];
    sk_buffer_printf(out, "%s{\"rows\":%" PRId64 ",\"bytes\":%" PRId64 ",\"sorted_by\":[",
                     g ? "," : "", group->row_count, group->total_bytes);
    json_sorting(out, meta, group);
    sk_buffer_text(out, "],\"columns\":[");
    for (uint32_t i = 0; i < meta->column_count; i++) {
      if (i)
        sk_buffer_byte(out, ',');
      json_chunk(out, &meta->columns[i], &group->chunks[i]);
    }
    sk_buffer_text(out, "]}");
  }
  sk_buffer_byte(out, ']');
}

/* ---- pages and findings ---- */

/* Lines as they are, or as a JSON array of texts. */
static void add_lines(struct sk_buffer *out, bool json, struct sk_buffer *lines)
{
  sk_buffer_byte(lines, '\0');
  if (lines->failed) {
    out->failed = true;
    return;
  }
  if (!json) {
    sk_buffer_text(out, (const char *)lines->bytes);
    return;
  }
  const char *separator = "";
  for (char *line = (char *)lines->bytes, *end; (end = strchr(line, '\n')) != NULL;
       line = end + 1) {
    sk_buffer_text(out, separator);
    sk_json_quote(out, line, (size_t)(end - line));
    separator = ",";
  }
}

static shukei_status add_check(struct sk_file *file, bool json, struct sk_budget *budget,
                               struct sk_buffer *out, uint64_t *findings, shukei_error *err)
{
  struct sk_check_result result;
  struct sk_buffer lines;
  sk_buffer_init(&lines, budget, SIZE_MAX / 2);
  const shukei_status st = sk_parquet_check(file, budget, &lines, &result, err);
  *findings = result.findings;
  if (!st) {
    const char *form = json ? ",\"check\":{\"pages\":%" PRIu64 ",\"values\":%" PRIu64
                              ",\"findings\":["
                            : "\nchecked %" PRIu64 " pages and %" PRIu64 " values\n";
    sk_buffer_printf(out, form, result.pages, result.values);
    add_lines(out, json, &lines);
    sk_buffer_text(out, json ? "]}" : result.findings ? "" : "nothing is wrong\n");
  }
  sk_buffer_reset(&lines);
  return st;
}

shukei_status sk_parquet_inspect(struct sk_file *file, const struct sk_inspect_options *options,
                                 struct sk_budget *budget, struct sk_buffer *out,
                                 uint64_t *findings, shukei_error *err)
{
  const bool json = options->json;
  shukei_status st = SHUKEI_OK;
  *findings = 0;
  if (json)
    json_file(out, file);
  else
    text_file(out, file);
  if (options->pages) {
    sk_buffer_text(out, json ? ",\"pages\":" : "\npages\n");
    st = sk_parquet_pages(file, json, budget, out, err);
  }
  if (!st && options->check)
    st = add_check(file, json, budget, out, findings, err);
  if (json)
    sk_buffer_text(out, "}\n");
  if (!st && out->failed)
    st = sk_fail_memory(err, out->budget, out->length, "a description of the file");
  return st ? sk_context(err, st, "%s", sk_object_name(file->object)) : SHUKEI_OK;
}
