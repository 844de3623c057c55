/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of Arrow from the room's readers, a block of rows at a time. Numbers are in the machine's
 * order of bytes; what a null's place holds is zero. */
#include "api/arrow.h"

#include "base/bytes.h"
#include "base/text.h"
#include "parquet/values.h"

enum { STEP = 1024 };

/* What one array owns. Each child owns its own, since consumers may move children away. */
struct array_part {
  struct shukei_parquet_file *file;
  void *buffers[3];
  const void *shown[3];        /* the same, as struct ArrowArray has them */
  struct ArrowArray *children; /* [n_children] */
  struct ArrowArray **places;  /* to them */
};

static void free_part(struct array_part *part)
{
  struct shukei_parquet_file *file = part->file;
  for (size_t i = 0; i < SK_COUNT(part->buffers); i++)
    sk_free(part->buffers[i]);
  sk_free(part->children);
  sk_free(part->places);
  sk_free(part);
  shukei_parquet_close(file);
}

static void release_array(struct ArrowArray *array)
{
  for (int64_t i = 0; i < array->n_children; i++)
    if (array->children[i]->release)
      array->children[i]->release(array->children[i]);
  array->release = NULL;
  free_part(array->private_data);
}

static struct array_part *new_part(struct shukei_parquet_file *file)
{
  struct array_part *part = sk_calloc(&file->budget, 1, sizeof *part);
  if (part) {
    part->file = file;
    sk_parquet_share(file);
  }
  return part;
}

static void show(struct array_part *part, size_t rows, int64_t nulls, int64_t buffers,
                 struct ArrowArray *out)
{
  for (size_t i = 0; i < SK_COUNT(part->buffers); i++)
    part->shown[i] = part->buffers[i];
  *out = (struct ArrowArray){.length = (int64_t)rows,
                             .null_count = nulls,
                             .n_buffers = buffers,
                             .buffers = part->shown,
                             .children = part->places,
                             .release = release_array,
                             .private_data = part};
}

shukei_status sk_arrow_struct(struct shukei_parquet_file *file, size_t count, size_t rows,
                              struct ArrowArray *out, shukei_error *err)
{
  struct array_part *part = new_part(file);
  if (part) {
    part->children = sk_calloc(&file->budget, count ? count : 1, sizeof *part->children);
    part->places = sk_alloc(&file->budget, (count ? count : 1) * sizeof *part->places);
  }
  if (!part || !part->children || !part->places) {
    if (part)
      free_part(part);
    return sk_fail_memory(err, &file->budget, count * sizeof(struct ArrowArray), "a batch");
  }
  for (size_t i = 0; i < count; i++)
    part->places[i] = &part->children[i];
  show(part, rows, 0, 1, out);
  out->n_children = (int64_t)count;
  return SHUKEI_OK;
}

/* ---- columns ---- */

/* A column on its way to an array. */
struct making {
  const char *name; /* of the file */
  struct sk_budget *budget;
  const struct sk_column_meta *meta;
  const struct sk_arrow_type *type;
  struct sk_column *column;
  uint8_t *bits; /* of validity, [rows], all 0 at first */
  uint8_t *values;
  int32_t *offsets;       /* TEXTS */
  struct sk_buffer texts; /* TEXTS */
  struct sk_arena arena;  /* texts of a block */
  int64_t nulls;
};

static void set_bit(uint8_t *bits, size_t at)
{
  bits[at / 8] = (uint8_t)(bits[at / 8] | 1u << at % 8);
}

static void take_valid(struct making *m, size_t row, size_t n, const uint8_t *valid)
{
  for (size_t i = 0; i < n; i++) {
    if (valid[i])
      set_bit(m->bits, row + i);
    else
      m->nulls++;
  }
}

static shukei_status take_bits(struct making *m, size_t row, size_t n, shukei_error *err)
{
  uint8_t values[STEP], valid[STEP];
  const shukei_status st = sk_column_booleans(m->column, n, values, valid, err);
  if (st)
    return st;
  for (size_t i = 0; i < n; i++)
    if (values[i])
      set_bit(m->values, row + i);
  take_valid(m, row, n, valid);
  return SHUKEI_OK;
}

static void put_words(const struct making *m, size_t row, size_t n, const int64_t *values)
{
  void *to = m->values + row * m->type->width;
  for (size_t i = 0; i < n; i++) {
    switch (m->type->width) {
    case 1:
      ((uint8_t *)to)[i] = (uint8_t)values[i];
      break;
    case 2:
      ((uint16_t *)to)[i] = (uint16_t)values[i];
      break;
    case 4:
      ((uint32_t *)to)[i] = (uint32_t)values[i];
      break;
    default:
      ((int64_t *)to)[i] = values[i];
    }
  }
}

/* An integer of `length` bytes, most significant first, as one of `width` bytes of this machine;
 * false where it does not fit. */
static bool put_wide(uint8_t *to, size_t width, const uint8_t *bytes, size_t length)
{
  const uint8_t sign = length && bytes[0] & 0x80 ? 0xff : 0;
  while (length > width && *bytes == sign) {
    bytes++;
    length--;
  }
  if (length > width || (length == width && length && (*bytes & 0x80) != (sign & 0x80)))
    return false;
  for (size_t i = 0; i < width; i++) { /* i: from the least significant on */
    const uint8_t byte = i < length ? bytes[length - 1 - i] : sign;
    to[sk_little_endian() ? i : width - 1 - i] = byte;
  }
  return true;
}

static shukei_status take_words(struct making *m, size_t row, size_t n, shukei_error *err)
{
  int64_t values[STEP];
  uint8_t valid[STEP];
  const shukei_status st = sk_column_integers(m->column, n, values, valid, err);
  if (st)
    return st;
  take_valid(m, row, n, valid);
  if (m->type->layout == SK_ARROW_WORDS) {
    put_words(m, row, n, values);
    return SHUKEI_OK;
  }
  for (size_t i = 0; i < n; i++) { /* decimals */
    uint8_t bytes[8];
    for (unsigned k = 0; k < 8; k++)
      bytes[k] = (uint8_t)((uint64_t)values[i] >> (56 - 8 * k));
    (void)put_wide(m->values + (row + i) * m->type->width, m->type->width, bytes, 8);
  }
  return SHUKEI_OK;
}

static shukei_status take_reals(struct making *m, size_t row, size_t n, shukei_error *err)
{
  double values[STEP];
  uint8_t valid[STEP];
  const shukei_status st = sk_column_doubles(m->column, n, values, valid, NULL, err);
  if (st)
    return st;
  take_valid(m, row, n, valid);
  for (size_t i = 0; i < n; i++) {
    if (m->type->width == sizeof(double))
      ((double *)(void *)m->values)[row + i] = values[i];
    else
      ((float *)(void *)m->values)[row + i] = (float)values[i]; /* was widened, so this is exact */
  }
  return SHUKEI_OK;
}

static shukei_status put_bytes(struct making *m, size_t row, const struct sk_slice *text,
                               shukei_error *err)
{
  const size_t width = m->type->width;
  uint8_t *to = m->values + row * width;
  if (m->type->half) { /* the file's is little-endian */
    const uint16_t half = (uint16_t)(text->bytes[0] | text->bytes[1] << 8);
    memcpy(to, &half, sizeof half);
  } else if (m->type->layout == SK_ARROW_FIXED) {
    memcpy(to, text->bytes, width);
  } else if (!put_wide(to, width, text->bytes, text->length)) {
    return sk_fail(err, SHUKEI_EFORMAT, "a decimal of %" PRIu32 " bytes, its precision is %" PRId32,
                   text->length, m->meta->precision);
  }
  return SHUKEI_OK;
}

/* Whether the texts of n rows are UTF-8: all of them as one text, in which each begins with a
 * character. */
static bool are_utf8(const struct making *m, size_t row, size_t n)
{
  const uint8_t *bytes = m->texts.bytes;
  const size_t begin = (size_t)m->offsets[row];
  for (size_t i = 0; i < n; i++) {
    const size_t at = (size_t)m->offsets[row + i];
    if (at < m->texts.length && (bytes[at] & 0xc0) == 0x80)
      return false;
  }
  return sk_utf8_valid(bytes + begin, m->texts.length - begin);
}

static shukei_status put_texts(struct making *m, size_t row, size_t n, const struct sk_slice *texts,
                               shukei_error *err)
{
  uint64_t bytes = 0;
  for (size_t i = 0; i < n; i++)
    bytes += texts[i].length;
  if (bytes > INT32_MAX - m->texts.length)
    return sk_fail(err, SHUKEI_EINVAL, "a batch with more than 2^31 - 1 bytes of texts");
  if (!sk_buffer_reserve(&m->texts, bytes))
    return sk_fail_memory(err, m->budget, bytes, "the texts of a batch");
  uint8_t *to = m->texts.bytes + m->texts.length;
  for (size_t i = 0; i < n; i++) {
    if (texts[i].length)
      memcpy(to, texts[i].bytes, texts[i].length);
    to += texts[i].length;
    m->offsets[row + i + 1] = (int32_t)(to - m->texts.bytes);
  }
  m->texts.length += bytes;
  return m->type->utf8 && !are_utf8(m, row, n)
             ? sk_fail(err, SHUKEI_EFORMAT, "a text that is no UTF-8")
             : SHUKEI_OK;
}

static shukei_status put_slices(struct making *m, size_t row, size_t n,
                                const struct sk_slice *texts, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (m->type->layout == SK_ARROW_TEXTS)
    st = put_texts(m, row, n, texts, err);
  for (size_t i = 0; !st && i < n; i++) {
    if (texts[i].bytes)
      set_bit(m->bits, row + i);
    else
      m->nulls++;
    if (texts[i].bytes && m->type->layout != SK_ARROW_TEXTS)
      st = put_bytes(m, row + i, &texts[i], err);
  }
  return st ? sk_context(err, st, "%s: column %s", m->name, m->meta->path) : SHUKEI_OK;
}

static shukei_status take_bytes(struct making *m, size_t row, size_t n, shukei_error *err)
{
  struct sk_slice texts[STEP];
  shukei_status st = sk_column_texts(m->column, n, texts, &m->arena, err);
  if (!st)
    st = put_slices(m, row, n, texts, err);
  sk_arena_reset(&m->arena);
  return st;
}

static shukei_status take_rows(struct making *m, size_t rows, shukei_error *err)
{
  const enum sk_type type = m->meta->type;
  const bool words = type == SK_TYPE_INT32 || type == SK_TYPE_INT64 || type == SK_TYPE_INT96;
  shukei_status st = SHUKEI_OK;
  for (size_t row = 0; !st && row < rows; row += STEP) {
    const size_t n = rows - row < STEP ? rows - row : STEP;
    if (m->type->layout == SK_ARROW_BITS)
      st = take_bits(m, row, n, err);
    else if (m->type->layout == SK_ARROW_REALS)
      st = take_reals(m, row, n, err);
    else
      st = words ? take_words(m, row, n, err) : take_bytes(m, row, n, err);
  }
  return st;
}

/* Buffers of as many bytes as the rows take, and one at least: not every consumer takes NULL. */
static bool make_buffers(struct making *m, size_t rows)
{
  const size_t bits = rows / 8 + 1;
  m->bits = sk_calloc(m->budget, bits, 1);
  if (m->type->layout == SK_ARROW_TEXTS) {
    m->offsets = sk_calloc(m->budget, rows + 1, sizeof *m->offsets);
    sk_buffer_init(&m->texts, m->budget, (size_t)INT32_MAX + 1);
    return m->bits && m->offsets && sk_buffer_reserve(&m->texts, 1);
  }
  m->values = m->type->layout == SK_ARROW_BITS
                  ? sk_calloc(m->budget, bits, 1)
                  : sk_calloc(m->budget, rows + 1, m->type->width ? m->type->width : 1);
  return m->bits && m->values;
}

shukei_status sk_arrow_array(struct shukei_parquet_file *file, const struct sk_column_meta *meta,
                             const struct sk_arrow_type *type, struct sk_column *column,
                             size_t rows, struct ArrowArray *out, shukei_error *err)
{
  struct making m = {.name = sk_object_name(file->object),
                     .budget = &file->budget,
                     .meta = meta,
                     .type = type,
                     .column = column};
  struct array_part *part = new_part(file);
  if (!part)
    return sk_fail_memory(err, &file->budget, sizeof *part, "a batch");
  if (type->layout == SK_ARROW_NULLS) {
    show(part, rows, (int64_t)rows, 0, out);
    return SHUKEI_OK;
  }
  sk_arena_init(&m.arena, &file->budget);
  shukei_status st = make_buffers(&m, rows) ? take_rows(&m, rows, err)
                                            : sk_fail_memory(err, &file->budget, rows, "a batch");
  if (!st && m.nulls == 0) {
    sk_free(m.bits);
    m.bits = NULL;
  }
  const bool texts = type->layout == SK_ARROW_TEXTS;
  part->buffers[0] = m.bits;
  part->buffers[1] = texts ? (void *)m.offsets : m.values;
  part->buffers[2] = m.texts.bytes;
  if (st)
    free_part(part);
  else
    show(part, rows, m.nulls, texts ? 3 : 2, out);
  return st;
}
