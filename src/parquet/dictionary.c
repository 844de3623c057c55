/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a dictionary page: PLAIN values, kept as they lie. Numbers and times are converted once
 * for the whole dictionary; a text gets its id when a row first uses it, because a row group's
 * dictionary may name things that the rows asked for never do. */
#include "parquet/dictionary.h"

#include "base/bytes.h"

#define SHARED_BYTES 16384 /* smaller dictionaries are copied */

void sk_dictionary_init(struct sk_dictionary *dictionary, const struct sk_column_meta *column,
                        struct sk_budget *budget)
{
  *dictionary = (struct sk_dictionary){.column = column, .budget = budget};
}

static void free_bytes(struct sk_dictionary *d)
{
  if (d->shared)
    sk_shared_leave(d->shared);
  else
    sk_free(d->bytes);
  sk_free(d->slices);
  d->shared = NULL;
  d->bytes = NULL;
  d->slices = NULL;
  d->capacity = d->length = 0;
}

void sk_dictionary_reset(struct sk_dictionary *dictionary)
{
  free_bytes(dictionary);
  sk_free(dictionary->ids);
  sk_free(dictionary->doubles);
  sk_free(dictionary->times);
  sk_dictionary_init(dictionary, dictionary->column, dictionary->budget);
}

static shukei_status find_texts(struct sk_dictionary *d, uint32_t count, shukei_error *err)
{
  const uint8_t *at = d->bytes, *const end = at + d->length;
  if (count > d->length / 4)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRIu32 " entries in %zu bytes", count, d->length);
  d->slices = sk_alloc(d->budget, (count ? count : 1) * sizeof *d->slices);
  if (!d->slices)
    return sk_fail_memory(err, d->budget, count * sizeof *d->slices, "a dictionary");
  for (uint32_t i = 0; i < count; i++) {
    if (end - at < 4 || sk_le32(at) > (size_t)(end - at) - 4)
      return sk_fail(err, SHUKEI_EFORMAT, "entry %" PRIu32 " of %" PRIu32 " passes the page's end",
                     i, count);
    d->slices[i] = (struct sk_slice){at + 4, sk_le32(at)};
    at += 4 + d->slices[i].length;
  }
  return SHUKEI_OK;
}

shukei_status sk_dictionary_load(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, const uint8_t *body,
                                 enum sk_codec codec, struct sk_codec_state *state,
                                 shukei_error *err)
{
  const uint32_t count = (uint32_t)header->value_count;
  const size_t width = sk_value_width(dictionary->column);
  if (dictionary->loaded)
    return sk_fail(err, SHUKEI_EFORMAT, "a second one in the chunk");
  if (header->encoding != SK_ENCODING_PLAIN && header->encoding != SK_ENCODING_PLAIN_DICTIONARY)
    return sk_fail(err, SHUKEI_EFORMAT, "encoding %" PRId32 ", expected PLAIN", header->encoding);
  if (dictionary->column->type == SK_TYPE_BOOLEAN)
    return sk_fail(err, SHUKEI_EFORMAT, "there cannot be one for booleans");
  const size_t length =
      codec == SK_CODEC_UNCOMPRESSED ? header->stored_length : header->uncompressed_length;
  shukei_status st =
      sk_page_decompress(dictionary->budget, state, codec, body, header->stored_length, length,
                         &dictionary->bytes, &dictionary->capacity, err);
  if (st)
    return st;
  dictionary->length = length;
  if (width == 0)
    st = find_texts(dictionary, count, err);
  else if (count > length / width)
    st = sk_fail(err, SHUKEI_EFORMAT, "%" PRIu32 " entries of %zu bytes in %zu", count, width,
                 length);
  if (st)
    return st;
  dictionary->count = count;
  dictionary->loaded = true;
  return SHUKEI_OK;
}

struct sk_slice sk_dictionary_at(const struct sk_dictionary *dictionary, uint32_t code)
{
  if (dictionary->slices)
    return dictionary->slices[code];
  const size_t width = sk_value_width(dictionary->column);
  return (struct sk_slice){dictionary->bytes + code * width, (uint32_t)width};
}

static void *array(struct sk_dictionary *d, size_t size, shukei_error *err)
{
  void *block = sk_alloc(d->budget, (d->count ? d->count : 1) * size);
  if (!block)
    sk_fail_memory(err, d->budget, d->count * size, "a dictionary");
  return block;
}

/* A large dictionary whose texts are mostly new to the table becomes the table's too, so that texts are
 * not there twice: 8 MB a worker for the labels of 41,600 pods. Each such dictionary has at least as
 * many texts as the table had before, so what the table keeps for nothing is bounded by what it holds. */
static bool share_texts(struct sk_dictionary *d, struct sk_intern *table)
{
  if (d->kept || !d->slices || d->length < SHARED_BYTES || d->count < table->count)
    return true;
  if (!d->shared)
    d->shared = sk_shared_new(d->budget, d->bytes);
  d->kept = d->shared && sk_intern_keep(table, d->shared);
  return d->kept;
}

void sk_dictionary_forget_ids(struct sk_dictionary *dictionary)
{
  sk_free(dictionary->ids);
  dictionary->ids = NULL;
  dictionary->kept = false;
}

shukei_status sk_dictionary_want_ids(struct sk_dictionary *dictionary, struct sk_intern *table,
                                     shukei_error *err)
{
  if (dictionary->ids)
    return SHUKEI_OK;
  if (!share_texts(dictionary, table))
    return sk_fail_memory(err, dictionary->budget, 0, "a dictionary");
  uint32_t *ids = array(dictionary, sizeof *ids, err);
  if (!ids)
    return SHUKEI_ENOMEM;
  for (uint32_t i = 0; i < dictionary->count; i++)
    ids[i] = SK_NOT_SEEN;
  dictionary->ids = ids;
  return SHUKEI_OK;
}

shukei_status sk_dictionary_want_doubles(struct sk_dictionary *dictionary, shukei_error *err)
{
  if (dictionary->doubles)
    return SHUKEI_OK;
  double *doubles = array(dictionary, sizeof *doubles, err);
  if (!doubles)
    return SHUKEI_ENOMEM;
  const shukei_status st = dictionary->slices
                               ? sk_convert_texts(dictionary->column, dictionary->slices,
                                                  dictionary->count, doubles, err)
                               : sk_convert_doubles(dictionary->column, dictionary->bytes,
                                                    dictionary->count, doubles, err);
  if (st) {
    sk_free(doubles);
    return sk_context(err, st, "dictionary");
  }
  dictionary->doubles = doubles;
  free_bytes(dictionary); /* large, and what gives numbers gives nothing else */
  return SHUKEI_OK;
}

shukei_status sk_dictionary_want_times(struct sk_dictionary *dictionary, shukei_error *err)
{
  if (dictionary->times)
    return SHUKEI_OK;
  int64_t *times = array(dictionary, sizeof *times, err);
  if (!times)
    return SHUKEI_ENOMEM;
  const shukei_status st =
      sk_convert_times(dictionary->column, dictionary->bytes, dictionary->count, times, err);
  if (st) {
    sk_free(times);
    return sk_context(err, st, "dictionary");
  }
  dictionary->times = times;
  free_bytes(dictionary);
  return SHUKEI_OK;
}
