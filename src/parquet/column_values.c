/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of a column become: ids, doubles, instants. Each call works block by block: levels
 * first, then the present values packed to the front, then they are spread apart where there are
 * nulls. Dictionary codes are looked up in an array of results, so a coded value costs its bits and
 * one load. */
#include "parquet/column.h"
#include "parquet/values.h"

#include "base/bytes.h"
#include "base/intern_run.h"

static shukei_status too_many(const struct sk_column *c, size_t cap, shukei_error *err)
{
  if (cap <= (uint64_t)(c->row_count - c->row))
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EINVAL, "%zu rows wanted at row %" PRId64 " of %" PRId64, cap, c->row,
                 c->row_count);
}

static shukei_status wrong_kind(const struct sk_column *c, const char *wanted, shukei_error *err)
{
  return sk_fail(err, SHUKEI_EFORMAT, "holds %s (%s), expected %s", sk_type_name(c->meta->type),
                 sk_logical_name(c->meta->logical), wanted);
}

/* Present values lie packed at the front; from the last row on each goes to its place, in place.
 * Where the nulls are is as good as random, so that a branch would be guessed wrong every few rows:
 * a null loads a value too, of a row before its own, and masks it out. */
static void spread_doubles(const struct sk_block *block, double *values)
{
  size_t from = block->present;
  for (size_t i = block->rows; i-- > 0;) {
    from -= block->valid[i];
    values[i] =
        sk_double_of_bits(sk_bits_of_double(values[from]) & (0 - (uint64_t)block->valid[i]));
  }
}

static void spread_times(const struct sk_block *block, int64_t *times)
{
  size_t from = block->present;
  for (size_t i = block->rows; i-- > 0;) {
    from -= block->valid[i];
    times[i] = times[from] & (0 - (int64_t)block->valid[i]);
  }
}

static void spread_ids(const struct sk_block *block, uint32_t *ids)
{
  size_t from = block->present;
  for (size_t i = block->rows; i-- > 0;) {
    from -= block->valid[i];
    ids[i] = ids[from] | ((uint32_t)block->valid[i] - 1); /* SK_NO_ID */
  }
}

/* ---- texts ---- */

static shukei_status no_room(struct sk_column *c, shukei_error *err)
{
  return sk_fail_memory(err, c->budget, 0, "a text");
}

/* Ends what began with the column's last id. */
static shukei_status end_run(struct sk_column *c, struct sk_intern_run *run, shukei_error *err)
{
  if (!sk_intern_run_end(run))
    return no_room(c, err);
  c->previous = run->previous;
  return SHUKEI_OK;
}

/* The ids of n codes, of which some were not seen before. */
static shukei_status ids_of_codes(struct sk_column *c, struct sk_intern *table,
                                  const uint32_t *codes, size_t n, uint32_t *ids, shukei_error *err)
{
  struct sk_dictionary_page *page = c->dictionary.page;
  struct sk_intern_run run;
  uint32_t unseen[SK_BLOCK], count = 0;
  sk_intern_run_begin(&run, table, c->previous, page->kept);
  for (size_t i = 0; i < n; i++) {
    ids[i] = atomic_load_explicit(&page->ids[codes[i]], memory_order_acquire);
    if (ids[i] != SK_NOT_SEEN)
      continue;
    const struct sk_slice s = sk_dictionary_at(&c->dictionary, codes[i]);
    unseen[count++] = (uint32_t)i;
    if (!sk_intern_run_next(&run, s.bytes, s.length, &ids[i]))
      return no_room(c, err);
  }
  const shukei_status st = end_run(c, &run, err);
  for (uint32_t k = 0; !st && k < count; k++)
    atomic_store_explicit(&page->ids[codes[unseen[k]]], ids[unseen[k]], memory_order_release);
  return st;
}

static shukei_status coded_ids(struct sk_column *c, struct sk_intern *table, size_t n,
                               uint32_t *ids, shukei_error *err)
{
  uint32_t codes[SK_BLOCK];
  shukei_status st = sk_dictionary_want_ids(&c->dictionary, table, err);
  const _Atomic uint32_t *const map = c->dictionary.page->ids;
  for (size_t got = 0; !st && n; n -= got, ids += got) {
    bool repeated = false;
    uint32_t seen = 0;
    st = sk_page_code_run(&c->page, n, c->dictionary.count, codes, &got, &repeated, err);
    if (!st && repeated) {
      uint32_t id;
      st = ids_of_codes(c, table, codes, 1, &id, err);
      for (size_t i = 0; !st && i < got; i++)
        ids[i] = id;
      continue;
    }
    for (size_t i = 0; !st && i < got; i++)
      seen |= ids[i] = atomic_load_explicit(&map[codes[i]], memory_order_acquire);
    if (seen >> 31) /* ids are below 2^31, SK_NOT_SEEN is not */
      st = ids_of_codes(c, table, codes, got, ids, err);
  }
  return st;
}

/* PLAIN texts, the column that costs: interned where they lie, one pass, no copy. */
static shukei_status plain_ids(struct sk_column *c, struct sk_intern *table, size_t n,
                               uint32_t *ids, shukei_error *err)
{
  const uint8_t *at = c->page.at, *const end = c->page.end;
  struct sk_intern_run run;
  sk_intern_run_begin(&run, table, c->previous, false);
  for (size_t i = 0; i < n; i++) {
    if (end - at < 4)
      return sk_fail(err, SHUKEI_EFORMAT, "the page's values end too early");
    const uint32_t length = sk_le32(at);
    at += 4;
    if (length > (size_t)(end - at))
      return sk_fail(err, SHUKEI_EFORMAT, "a value of %" PRIu32 " bytes, %zu are left in the page",
                     length, (size_t)(end - at));
    if (!sk_intern_run_next(&run, at, length, &ids[i]))
      return no_room(c, err);
    at += length;
  }
  c->page.at = at;
  return end_run(c, &run, err);
}

static shukei_status other_ids(struct sk_column *c, struct sk_intern *table, size_t n,
                               uint32_t *ids, shukei_error *err)
{
  struct sk_slice slices[SK_BLOCK];
  while (n) {
    struct sk_intern_run run;
    size_t got = 0;
    shukei_status st = sk_column_slices(c, n, slices, &got, err);
    if (st)
      return st;
    sk_intern_run_begin(&run, table, c->previous, false);
    for (size_t i = 0; i < got; i++)
      if (!sk_intern_run_next(&run, slices[i].bytes, slices[i].length, &ids[i]))
        return no_room(c, err);
    st = end_run(c, &run, err);
    if (st)
      return st;
    ids += got;
    n -= got;
  }
  return SHUKEI_OK;
}

static shukei_status next_ids(struct sk_column *c, struct sk_intern *table, size_t cap,
                              uint32_t *ids, shukei_error *err)
{
  shukei_status st = too_many(c, cap, err);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(c, cap, &block, err);
    if (st)
      break;
    if (block.present == 0)
      st = SHUKEI_OK;
    else if (sk_column_coded(c))
      st = coded_ids(c, table, block.present, ids, err);
    else if (c->page.encoding == SK_ENCODING_PLAIN && c->meta->type == SK_TYPE_BYTE_ARRAY)
      st = plain_ids(c, table, block.present, ids, err);
    else
      st = other_ids(c, table, block.present, ids, err);
    if (st)
      break;
    if (block.present == 0)
      memset(ids, 0xff, block.rows * sizeof *ids); /* SK_NO_ID */
    else if (block.valid)
      spread_ids(&block, ids);
    ids += block.rows;
    cap -= block.rows;
  }
  return st;
}

void sk_column_forget(struct sk_column *column)
{
  column->table = NULL;
}

shukei_status sk_column_ids(struct sk_column *column, struct sk_intern *table, size_t cap,
                            uint32_t *ids, shukei_error *err)
{
  const bool bytes = column->meta->type == SK_TYPE_BYTE_ARRAY ||
                     column->meta->type == SK_TYPE_FIXED_LEN_BYTE_ARRAY;
  if (column->table != table) {
    column->previous = 0;
    column->table = table;
  }
  const shukei_status st = bytes || column->kind == SK_KIND_NULL
                               ? next_ids(column, table, cap, ids, err)
                               : wrong_kind(column, "texts", err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

/* ---- numbers ---- */

static shukei_status coded_numbers(struct sk_column *c, size_t n, double *values, shukei_error *err)
{
  uint32_t codes[SK_BLOCK];
  shukei_status st = sk_dictionary_want_doubles(&c->dictionary, err);
  const double *const map = c->dictionary.doubles;
  for (size_t got = 0; !st && n; n -= got, values += got) {
    bool repeated = false;
    size_t i = 0;
    st = sk_page_code_run(&c->page, n, c->dictionary.count, codes, &got, &repeated, err);
    if (st)
      break;
    if (repeated) {
      const double value = map[codes[0]];
      for (; i < got; i++)
        values[i] = value;
    }
    for (; i + 4 <= got; i += 4) {
      values[i] = map[codes[i]];
      values[i + 1] = map[codes[i + 1]];
      values[i + 2] = map[codes[i + 2]];
      values[i + 3] = map[codes[i + 3]];
    }
    for (; i < got; i++)
      values[i] = map[codes[i]];
  }
  return st;
}

static shukei_status number_values(struct sk_column *c, size_t n, double *values, shukei_error *err)
{
  if (sk_column_coded(c))
    return coded_numbers(c, n, values, err);
  while (n) {
    size_t got = 0;
    shukei_status st = SHUKEI_OK;
    if (c->meta->type == SK_TYPE_BYTE_ARRAY) {
      struct sk_slice slices[SK_BLOCK];
      st = sk_page_texts(&c->page, n, slices, &got, err);
      if (!st)
        st = sk_convert_texts(c->meta, slices, got, values, err);
    } else {
      const uint8_t *raw = NULL;
      st = sk_page_fixed(&c->page, n, &raw, &got, err);
      if (!st)
        st = sk_convert_doubles(c->meta, raw, got, values, err);
    }
    if (st)
      return st;
    values += got;
    n -= got;
  }
  return SHUKEI_OK;
}

static shukei_status next_doubles(struct sk_column *c, size_t cap, double *values, uint8_t *valid,
                                  uint64_t *nulls, shukei_error *err)
{
  shukei_status st = too_many(c, cap, err);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(c, cap, &block, err);
    if (!st && block.present)
      st = number_values(c, block.present, values, err);
    if (st)
      break;
    if (block.present == 0) {
      for (size_t i = 0; i < block.rows; i++)
        values[i] = 0.0;
    } else if (block.valid) {
      spread_doubles(&block, values);
    }
    if (valid) {
      sk_block_valid(&block, valid);
      valid += block.rows;
    }
    if (nulls)
      *nulls += block.rows - block.present;
    values += block.rows;
    cap -= block.rows;
  }
  return st;
}

shukei_status sk_column_doubles(struct sk_column *column, size_t cap, double *values,
                                uint8_t *valid, uint64_t *nulls, shukei_error *err)
{
  const bool fits = column->kind == SK_KIND_NUMBER || column->kind == SK_KIND_NULL;
  const shukei_status st = fits ? next_doubles(column, cap, values, valid, nulls, err)
                                : wrong_kind(column, "numbers", err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

/* ---- instants and integers ---- */

/* How a dictionary and values that lie as PLAIN become words. */
struct wording {
  shukei_status (*entries)(struct sk_dictionary *, shukei_error *);
  shukei_status (*values)(const struct sk_column_meta *, const uint8_t *, size_t, int64_t *,
                          shukei_error *);
};
static const struct wording as_times = {sk_dictionary_want_times, sk_convert_times};
static const struct wording as_integers = {sk_dictionary_want_integers, sk_convert_integers};

static shukei_status coded_words(struct sk_column *c, const struct wording *as, size_t n,
                                 int64_t *times, shukei_error *err)
{
  uint32_t codes[SK_BLOCK];
  shukei_status st = as->entries(&c->dictionary, err);
  const int64_t *const map = c->dictionary.times;
  for (size_t got = 0; !st && n; n -= got, times += got) {
    bool repeated = false;
    st = sk_page_code_run(&c->page, n, c->dictionary.count, codes, &got, &repeated, err);
    if (st)
      break;
    for (size_t i = 0; i < got; i++)
      times[i] = map[codes[repeated ? 0 : i]];
  }
  return st;
}

static shukei_status words(struct sk_column *c, const struct wording *as, size_t n, int64_t *times,
                           shukei_error *err)
{
  if (sk_column_coded(c))
    return coded_words(c, as, n, times, err);
  while (n) {
    size_t got = 0;
    shukei_status st = SHUKEI_OK;
    if (c->meta->type == SK_TYPE_BYTE_ARRAY) { /* decimals */
      struct sk_slice slices[SK_BLOCK];
      st = sk_page_texts(&c->page, n, slices, &got, err);
      if (!st)
        st = sk_convert_text_integers(c->meta, slices, got, times, err);
    } else {
      const uint8_t *raw = NULL;
      st = sk_page_fixed(&c->page, n, &raw, &got, err);
      if (!st)
        st = as->values(c->meta, raw, got, times, err);
    }
    if (st)
      return st;
    times += got;
    n -= got;
  }
  return SHUKEI_OK;
}

static shukei_status next_words(struct sk_column *c, const struct wording *as, size_t cap,
                                int64_t *times, uint8_t *valid, shukei_error *err)
{
  shukei_status st = too_many(c, cap, err);
  while (!st && cap) {
    struct sk_block block;
    st = sk_column_block(c, cap, &block, err);
    if (!st && block.present)
      st = words(c, as, block.present, times, err);
    if (st)
      break;
    if (block.present == 0) {
      memset(times, 0, block.rows * sizeof *times);
    } else if (block.valid) {
      spread_times(&block, times);
    }
    if (valid) {
      sk_block_valid(&block, valid);
      valid += block.rows;
    }
    times += block.rows;
    cap -= block.rows;
  }
  return st;
}

shukei_status sk_column_times(struct sk_column *column, size_t cap, int64_t *times_us,
                              uint8_t *valid, shukei_error *err)
{
  const bool fits = column->kind == SK_KIND_TIME || column->kind == SK_KIND_NULL;
  const shukei_status st = fits ? next_words(column, &as_times, cap, times_us, valid, err)
                                : wrong_kind(column, "timestamps", err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}

shukei_status sk_column_integers(struct sk_column *column, size_t cap, int64_t *values,
                                 uint8_t *valid, shukei_error *err)
{
  const enum sk_type type = column->meta->type;
  const bool fits = type == SK_TYPE_INT32 || type == SK_TYPE_INT64 || type == SK_TYPE_INT96 ||
                    column->meta->logical == SK_LOGICAL_DECIMAL || column->kind == SK_KIND_NULL;
  const shukei_status st = fits ? next_words(column, &as_integers, cap, values, valid, err)
                                : wrong_kind(column, "integers", err);
  return st ? sk_column_context(column, st, err) : SHUKEI_OK;
}
