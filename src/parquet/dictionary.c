/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a dictionary page: PLAIN values, kept as they lie. Numbers and times are converted once
 * for the whole dictionary; a text gets its id when a row first uses it, because a row group's
 * dictionary may name things that the rows asked for never do.
 *
 *   sk_dictionary_begin() -> sk_dictionary_load()
 *   -> sk_dictionary_want_ids(), _doubles() or _times()
 *   -> sk_dictionary_reset()
 *
 * A page that readers share is loaded by the first of them; the others wait, and help with it where
 * it is large (frames.h). Ids are read and set by all without a lock: whoever sets one has it from
 * the table, which gives the same id to all. */
#include "parquet/dictionary.h"

#include "base/bytes.h"
#include "parquet/frames.h"

#define SHARED_BYTES 16384 /* smaller dictionaries are copied */
#define AHEAD_BYTES 4096

/* ---- pages and their owners ------------------------------------------------------------------ */

static struct sk_dictionary_page *new_page(struct sk_budget *budget)
{
  struct sk_dictionary_page *page = sk_calloc(budget, 1, sizeof *page);
  if (page) {
    sk_helpers_init(&page->readers);
    page->budget = budget;
    atomic_init(&page->owners, 1);
  }
  return page;
}

struct sk_dictionary_page *sk_dictionary_page_share(struct sk_dictionary_page *page)
{
  atomic_fetch_add(&page->owners, 1);
  return page;
}

void sk_dictionary_page_leave(struct sk_dictionary_page *page)
{
  if (!page || atomic_fetch_sub(&page->owners, 1) > 1)
    return;
  sk_dictionary_page_leave(page->same_as);
  if (page->shared)
    sk_shared_leave(page->shared);
  else
    sk_free(page->bytes);
  sk_free(page->slices);
  sk_free((void *)page->ids);
  sk_helpers_reset(&page->readers);
  sk_free(page);
}

void sk_dictionary_pool_init(struct sk_dictionary_pool *pool, struct sk_budget *budget)
{
  *pool = (struct sk_dictionary_pool){.budget = budget};
}

void sk_dictionary_pool_reset(struct sk_dictionary_pool *pool)
{
  for (uint32_t i = 0; i < pool->count; i++)
    sk_dictionary_page_leave(pool->pooled[i].page);
  if (pool->pooled)
    pthread_mutex_destroy(&pool->lock);
  sk_free(pool->pooled);
  sk_dictionary_pool_init(pool, pool->budget);
}

bool sk_dictionary_pool_add(struct sk_dictionary_pool *pool, int column)
{
  struct sk_pooled_page *pooled =
      sk_realloc(pool->budget, pool->pooled, (pool->count + (size_t)1) * sizeof *pooled);
  if (!pooled)
    return false;
  if (!pool->pooled)
    pthread_mutex_init(&pool->lock, NULL);
  pool->pooled = pooled;
  pooled[pool->count++] = (struct sk_pooled_page){.column = column};
  return true;
}

/* The page of the chunk that readers share, with its owner counted; NULL when memory lacks. */
static struct sk_dictionary_page *pooled_page(struct sk_dictionary_pool *pool,
                                              struct sk_pooled_page *pooled, uint32_t group)
{
  pthread_mutex_lock(&pool->lock);
  struct sk_dictionary_page *old = NULL;
  if (!pooled->page || pooled->group != group) {
    old = pooled->page;
    pooled->page = new_page(pool->budget);
    pooled->group = group;
  }
  struct sk_dictionary_page *page = pooled->page;
  if (page)
    sk_dictionary_page_share(page);
  pthread_mutex_unlock(&pool->lock);
  sk_dictionary_page_leave(old);
  return page;
}

void sk_dictionary_init(struct sk_dictionary *dictionary, const struct sk_column_meta *column,
                        struct sk_budget *budget)
{
  *dictionary = (struct sk_dictionary){.column = column, .budget = budget};
}

void sk_dictionary_reset(struct sk_dictionary *dictionary)
{
  sk_dictionary_page_leave(dictionary->page);
  sk_free(dictionary->doubles);
  sk_free(dictionary->times);
  sk_dictionary_init(dictionary, dictionary->column, dictionary->budget);
}

/* ---- loading --------------------------------------------------------------------------------- */

static void take_page(struct sk_dictionary *dictionary)
{
  struct sk_dictionary_page *const same_as = dictionary->page->same_as;
  if (same_as) {
    sk_dictionary_page_share(same_as);
    sk_dictionary_page_leave(dictionary->page);
    dictionary->page = same_as;
  }
  dictionary->count = dictionary->page->count;
  dictionary->loaded = true;
}

shukei_status sk_dictionary_begin(struct sk_dictionary *dictionary, struct sk_dictionary_pool *pool,
                                  uint32_t group, int column, bool *wanted, shukei_error *err)
{
  *wanted = true;
  if (dictionary->loaded)
    return sk_fail(err, SHUKEI_EFORMAT, "a second one in the chunk");
  if (!dictionary->page) {
    struct sk_pooled_page *pooled = NULL;
    for (uint32_t i = 0; i < pool->count && !pooled; i++)
      if (pool->pooled[i].column == column)
        pooled = &pool->pooled[i];
    dictionary->page = pooled ? pooled_page(pool, pooled, group) : new_page(dictionary->budget);
    if (!dictionary->page)
      return sk_fail_memory(err, dictionary->budget, sizeof *dictionary->page, "a dictionary");
  }
  struct sk_dictionary_page *page = dictionary->page;
  pthread_mutex_lock(&page->readers.lock);
  while (page->loading)
    sk_helpers_wait(&page->readers);
  *wanted = page->loading = !page->loaded;
  pthread_mutex_unlock(&page->readers.lock);
  if (!*wanted)
    take_page(dictionary);
  return SHUKEI_OK;
}

static void end_loading(struct sk_dictionary_page *page, bool loaded)
{
  pthread_mutex_lock(&page->readers.lock);
  page->loading = false;
  page->loaded = loaded;
  sk_helpers_changed(&page->readers);
  pthread_mutex_unlock(&page->readers.lock);
}

void sk_dictionary_load_as(struct sk_dictionary *dictionary, struct sk_dictionary_page *same_as)
{
  dictionary->page->same_as = sk_dictionary_page_share(same_as);
  end_loading(dictionary->page, true);
  take_page(dictionary);
}

void sk_dictionary_give_up(struct sk_dictionary *dictionary)
{
  end_loading(dictionary->page, false);
}

static shukei_status find_texts(struct sk_dictionary_page *d, uint32_t count, shukei_error *err)
{
  const uint8_t *at = d->bytes, *const end = at + d->length;
  if (count > d->length / 4)
    return sk_fail(err, SHUKEI_EFORMAT, "%" PRIu32 " entries in %zu bytes", count, d->length);
  struct sk_slice *slices = sk_alloc(d->budget, (count ? count : 1) * sizeof *slices);
  if (!slices)
    return sk_fail_memory(err, d->budget, count * sizeof *slices, "a dictionary");
  sk_free(d->slices); /* of a reader that failed */
  d->slices = slices;
  for (uint32_t i = 0; i < count; i++) {
    if (end - at < 4 || sk_le32(at) > (size_t)(end - at) - 4)
      return sk_fail(err, SHUKEI_EFORMAT, "entry %" PRIu32 " of %" PRIu32 " passes the page's end",
                     i, count);
    slices[i] = (struct sk_slice){at + 4, sk_le32(at)};
    at += 4 + slices[i].length;
    __builtin_prefetch(at + AHEAD_BYTES); /* each length tells where the next one lies */
  }
  return SHUKEI_OK;
}

shukei_status sk_dictionary_room(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, uint8_t **body,
                                 shukei_error *err)
{
  struct sk_dictionary_page *const page = dictionary->page;
  const shukei_status st =
      sk_page_reserve(page->budget, SK_CODEC_UNCOMPRESSED, header->stored_length,
                      header->stored_length, &page->bytes, &page->capacity, err);
  *body = page->bytes;
  return st;
}

static shukei_status load(struct sk_dictionary *dictionary, const struct sk_page_header *header,
                          const uint8_t *body, enum sk_codec codec, struct sk_codec_state *state,
                          shukei_error *err)
{
  struct sk_dictionary_page *page = dictionary->page;
  const uint32_t count = (uint32_t)header->value_count;
  const size_t width = sk_value_width(dictionary->column);
  if (header->encoding != SK_ENCODING_PLAIN && header->encoding != SK_ENCODING_PLAIN_DICTIONARY)
    return sk_fail(err, SHUKEI_EFORMAT, "encoding %" PRId32 ", expected PLAIN", header->encoding);
  if (dictionary->column->type == SK_TYPE_BOOLEAN)
    return sk_fail(err, SHUKEI_EFORMAT, "there cannot be one for booleans");
  const size_t length =
      codec == SK_CODEC_UNCOMPRESSED ? header->stored_length : header->uncompressed_length;
  shukei_status st = sk_page_reserve(page->budget, codec, header->stored_length, length,
                                     &page->bytes, &page->capacity, err);
  if (!st && body != page->bytes)
    st = sk_frames_decompress(&page->readers, page->budget, state, codec, body,
                              header->stored_length, page->bytes, length, err);
  if (st)
    return st;
  page->length = length;
  if (width == 0)
    st = find_texts(page, count, err);
  else if (count > length / width)
    st = sk_fail(err, SHUKEI_EFORMAT, "%" PRIu32 " entries of %zu bytes in %zu", count, width,
                 length);
  if (st)
    return st;
  page->count = count;
  return SHUKEI_OK;
}

shukei_status sk_dictionary_load(struct sk_dictionary *dictionary,
                                 const struct sk_page_header *header, const uint8_t *body,
                                 enum sk_codec codec, struct sk_codec_state *state,
                                 shukei_error *err)
{
  const shukei_status st = load(dictionary, header, body, codec, state, err);
  end_loading(dictionary->page, !st);
  if (!st)
    take_page(dictionary);
  return st;
}

struct sk_slice sk_dictionary_at(const struct sk_dictionary *dictionary, uint32_t code)
{
  struct sk_slice slice;
  sk_dictionary_take(dictionary, &code, 1, &slice);
  return slice;
}

void sk_dictionary_take(const struct sk_dictionary *dictionary, const uint32_t *codes, size_t n,
                        struct sk_slice *slices)
{
  const struct sk_slice *const entries = dictionary->page->slices;
  const uint8_t *const bytes = dictionary->page->bytes;
  const size_t width = sk_value_width(dictionary->column);
  if (entries)
    for (size_t i = 0; i < n; i++)
      slices[i] = entries[codes[i]];
  else
    for (size_t i = 0; i < n; i++)
      slices[i] = (struct sk_slice){bytes + codes[i] * width, (uint32_t)width};
}

/* ---- what entries mean ----------------------------------------------------------------------- */

/* A large dictionary whose texts are mostly new to the table becomes the table's too, so that texts
 * are not there twice. Each such dictionary has at least as many texts as the table had before, so
 * what the table keeps for nothing is bounded by what it holds. */
static bool share_texts(struct sk_dictionary_page *page, struct sk_intern *table)
{
  page->kept = false;
  if (!page->slices || page->length < SHARED_BYTES || page->count < table->count)
    return true;
  if (!page->shared)
    page->shared = sk_shared_new(page->budget, page->bytes);
  page->kept = page->shared && sk_intern_keep(table, page->shared);
  return page->kept;
}

static bool begin_ids(struct sk_dictionary_page *page, struct sk_intern *table)
{
  if (!share_texts(page, table))
    return false;
  if (!page->ids)
    page->ids = sk_alloc(page->budget, (page->count ? page->count : 1) * sizeof *page->ids);
  if (!page->ids)
    return false;
  for (uint32_t i = 0; i < page->count; i++)
    atomic_store_explicit(&page->ids[i], SK_NOT_SEEN, memory_order_relaxed);
  page->table = table;
  atomic_store_explicit(&page->ids_of, (uint64_t)table->generation + 1, memory_order_release);
  return true;
}

bool sk_dictionary_page_gives(const struct sk_dictionary_page *page, const struct sk_intern *table)
{
  return atomic_load_explicit(&page->ids_of, memory_order_acquire) ==
             (uint64_t)table->generation + 1 &&
         page->table == table;
}

shukei_status sk_dictionary_want_ids(struct sk_dictionary *dictionary, struct sk_intern *table,
                                     shukei_error *err)
{
  struct sk_dictionary_page *page = dictionary->page;
  if (sk_dictionary_page_gives(page, table))
    return SHUKEI_OK;
  pthread_mutex_lock(&page->readers.lock);
  const bool ok = sk_dictionary_page_gives(page, table) || begin_ids(page, table);
  pthread_mutex_unlock(&page->readers.lock);
  return ok ? SHUKEI_OK
            : sk_fail_memory(err, dictionary->budget, page->count * sizeof *page->ids,
                             "a dictionary");
}

static void *array(struct sk_dictionary *d, size_t size, shukei_error *err)
{
  void *block = sk_alloc(d->budget, (d->count ? d->count : 1) * size);
  if (!block)
    sk_fail_memory(err, d->budget, d->count * size, "a dictionary");
  return block;
}

/* Large, and what gives numbers gives nothing else. */
static void drop_page(struct sk_dictionary *dictionary)
{
  sk_dictionary_page_leave(dictionary->page);
  dictionary->page = NULL;
}

shukei_status sk_dictionary_want_doubles(struct sk_dictionary *dictionary, shukei_error *err)
{
  if (dictionary->doubles)
    return SHUKEI_OK;
  double *doubles = array(dictionary, sizeof *doubles, err);
  if (!doubles)
    return SHUKEI_ENOMEM;
  const struct sk_dictionary_page *page = dictionary->page;
  const shukei_status st =
      page->slices
          ? sk_convert_texts(dictionary->column, page->slices, dictionary->count, doubles, err)
          : sk_convert_doubles(dictionary->column, page->bytes, dictionary->count, doubles, err);
  if (st) {
    sk_free(doubles);
    return sk_context(err, st, "dictionary");
  }
  dictionary->doubles = doubles;
  drop_page(dictionary);
  return SHUKEI_OK;
}

static shukei_status want_words(struct sk_dictionary *dictionary, bool integers, shukei_error *err)
{
  if (dictionary->times)
    return SHUKEI_OK;
  int64_t *times = array(dictionary, sizeof *times, err);
  if (!times)
    return SHUKEI_ENOMEM;
  const struct sk_column_meta *column = dictionary->column;
  const struct sk_dictionary_page *page = dictionary->page;
  const shukei_status st =
      !integers      ? sk_convert_times(column, page->bytes, dictionary->count, times, err)
      : page->slices ? sk_convert_text_integers(column, page->slices, dictionary->count, times, err)
                     : sk_convert_integers(column, page->bytes, dictionary->count, times, err);
  if (st) {
    sk_free(times);
    return sk_context(err, st, "dictionary");
  }
  dictionary->times = times;
  drop_page(dictionary);
  return SHUKEI_OK;
}

shukei_status sk_dictionary_want_times(struct sk_dictionary *dictionary, shukei_error *err)
{
  return want_words(dictionary, false, err);
}

shukei_status sk_dictionary_want_integers(struct sk_dictionary *dictionary, shukei_error *err)
{
  return want_words(dictionary, true, err);
}
