/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that are put together from prefixes and suffixes, in pieces of any size: more than a block
 * of them, longer than what is built at once, of fixed length, and in pages each of which goes on
 * from the one before. */
#include "tiny_parquet.h"

#include "base/arena.h"
#include "parquet/values.h"

enum { ROWS = 2500, LONGEST = 400000, FIXED = 700, PER_BLOCK = 128 };

struct texts {
  char *bytes[ROWS];
  size_t lengths[ROWS];
  int32_t prefixes[ROWS], suffixes[ROWS];
};

static void put_varint(struct sk_buffer *b, uint64_t v)
{
  for (; v > 127; v >>= 7)
    sk_buffer_byte(b, (uint8_t)(v | 128));
  sk_buffer_byte(b, (uint8_t)v);
}

static uint64_t zigzag(int64_t v)
{
  return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

/* DELTA_BINARY_PACKED with one miniblock of 32 bits a block. */
static void put_deltas(struct sk_buffer *b, const int32_t *numbers, size_t n)
{
  put_varint(b, PER_BLOCK);
  put_varint(b, 1);
  put_varint(b, n);
  put_varint(b, zigzag(numbers[0]));
  for (size_t at = 1; at < n; at += PER_BLOCK) {
    const size_t end = n - at < PER_BLOCK ? n : at + PER_BLOCK;
    int64_t least = INT64_MAX;
    for (size_t i = at; i < end; i++)
      least = numbers[i] - (int64_t)numbers[i - 1] < least ? numbers[i] - (int64_t)numbers[i - 1]
                                                           : least;
    put_varint(b, zigzag(least));
    sk_buffer_byte(b, 32);
    for (size_t i = at; i < at + PER_BLOCK; i++) {
      uint8_t word[4] = {0};
      if (i < end)
        sk_put_le32(word, (uint32_t)(numbers[i] - (int64_t)numbers[i - 1] - least));
      sk_buffer_add(b, word, 4);
    }
  }
}

/* Each begins as its predecessor does, as far as chance has it. */
static void make_texts(struct texts *t, size_t fixed, uint64_t *random)
{
  for (size_t i = 0; i < ROWS; i++) {
    const size_t before = i ? t->lengths[i - 1] : 0;
    const size_t most = random_below(random, 50) ? 1200 : random_below(random, 20) ? 0 : LONGEST;
    const size_t length = fixed ? fixed : random_below(random, most + 1);
    size_t same = before < length ? before : length;
    same = random_below(random, 3) ? same : random_below(random, same + 1);
    t->bytes[i] = malloc(length + 1);
    assert_non_null(t->bytes[i]);
    if (same)
      memcpy(t->bytes[i], t->bytes[i - 1], same);
    for (size_t k = same; k < length; k++)
      t->bytes[i][k] = (char)next_random(random);
    t->lengths[i] = length;
    t->prefixes[i] = (int32_t)same;
    t->suffixes[i] = (int32_t)(length - same);
  }
}

static void build(struct tiny *tiny, const struct texts *t, size_t fixed, size_t page_rows)
{
  const struct tiny_column column = {.type =
                                         fixed ? SK_TYPE_FIXED_LEN_BYTE_ARRAY : SK_TYPE_BYTE_ARRAY,
                                     .type_length = (int32_t)fixed,
                                     .repetition = SK_REQUIRED};
  struct sk_buffer b;
  sk_buffer_init(&b, NULL, SIZE_MAX / 2);
  tiny_begin(tiny);
  for (size_t at = 0; at < ROWS; at += page_rows) {
    const size_t n = ROWS - at < page_rows ? ROWS - at : page_rows;
    sk_buffer_clear(&b);
    put_deltas(&b, t->prefixes + at, n);
    put_deltas(&b, t->suffixes + at, n);
    for (size_t i = at; i < at + n; i++)
      sk_buffer_add(&b, t->bytes[i] + t->prefixes[i], (size_t)t->suffixes[i]);
    tiny_page(tiny, SK_PAGE_DATA, SK_ENCODING_DELTA_BYTE_ARRAY, (int32_t)n, b.bytes, b.length);
  }
  tiny_end(tiny, &column, ROWS);
  sk_buffer_reset(&b);
}

static void check_pieces(struct tiny *tiny, const struct texts *t, size_t most, uint64_t *random)
{
  static struct sk_slice slices[ROWS];
  struct sk_column *column = NULL;
  struct sk_arena arena;
  shukei_error err;
  sk_arena_init(&arena, &tiny->budget);
  assert_int_equal(sk_column_open(tiny->file, 0, 0, 0, NULL, &tiny->budget, &column, &err),
                   SHUKEI_OK);
  for (size_t row = 0; row < ROWS;) {
    const size_t left = ROWS - row, wanted = 1 + random_below(random, most);
    const size_t n = wanted < left ? wanted : left;
    sk_arena_reset(&arena);
    if (random_below(random, 4) == 0) {
      assert_int_equal(sk_column_skip_to(column, (int64_t)(row + n), &err), SHUKEI_OK);
      row += n;
      continue;
    }
    if (sk_column_texts(column, n, slices, &arena, &err))
      fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++, row++)
      if (slices[i].length != t->lengths[row] ||
          memcmp(slices[i].bytes, t->bytes[row], t->lengths[row]) != 0)
        fail_msg("pieces up to %zu: row %zu is another", most, row);
  }
  sk_column_close(column);
  sk_arena_reset(&arena);
}

static void puts_texts_together(void **state)
{
  (void)state;
  static struct texts texts;
  uint64_t random = 1;
  for (size_t fixed = 0; fixed <= FIXED; fixed += FIXED) {
    struct tiny tiny;
    shukei_error err;
    make_texts(&texts, fixed, &random);
    for (size_t page_rows = ROWS; page_rows > 50; page_rows /= 6) {
      build(&tiny, &texts, fixed, page_rows);
      assert_int_equal(tiny_open(&tiny, &err), SHUKEI_OK);
      for (size_t most = 1; most < 2 * ROWS; most *= 3)
        check_pieces(&tiny, &texts, most, &random);
      tiny_free(&tiny);
    }
    for (size_t i = 0; i < ROWS; i++)
      free(texts.bytes[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(puts_texts_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
