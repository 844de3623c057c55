/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of every height in both forms, read in pieces; what is too long, too short or too high. */
#include "testing.h"

#include "base/buffer.h"
#include "base/bytes.h"
#include "parquet/levels.h"
#include "parquet/meta.h"

enum { COUNT = 500 };

static unsigned width_of(unsigned highest)
{
  unsigned width = 0;
  while (highest >> width)
    width++;
  return width;
}

/* Most significant bit first. */
static void put_bits(struct sk_buffer *out, const uint16_t *levels, size_t n, unsigned width)
{
  for (size_t bit = 0; bit < n * width; bit++) {
    const unsigned one = (unsigned)levels[bit / width] >> (width - 1 - bit % width) & 1;
    if (bit % 8 == 0)
      sk_buffer_byte(out, 0);
    out->bytes[out->length - 1] |= (uint8_t)(one << (7 - bit % 8));
  }
}

/* Runs of one value; its length in front. */
static void put_runs(struct sk_buffer *out, const uint16_t *levels, size_t n)
{
  uint8_t length[4] = {0};
  sk_buffer_add(out, length, 4);
  for (size_t i = 0; i < n; i++) {
    sk_buffer_byte(out, 1 << 1);
    sk_buffer_byte(out, (uint8_t)levels[i]);
  }
  sk_put_le32(out->bytes, (uint32_t)out->length - 4);
}

static void add_pad(struct sk_buffer *out)
{
  for (int i = 0; i < 16; i++)
    sk_buffer_byte(out, 0xff);
}

static void reads_every_height(void **state)
{
  (void)state;
  uint64_t random = 3;
  for (uint16_t highest = 1; highest <= 200; highest = (uint16_t)(highest * 2 + 1))
    for (int packed = 0; packed < 2; packed++) {
      uint16_t levels[COUNT], found[COUNT];
      struct sk_levels reader;
      struct sk_buffer bytes;
      for (size_t i = 0; i < COUNT; i++)
        levels[i] = (uint16_t)random_below(&random, highest + 1u);
      sk_buffer_init(&bytes, NULL, SIZE_MAX / 2);
      if (packed)
        put_bits(&bytes, levels, COUNT, width_of(highest));
      else
        put_runs(&bytes, levels, COUNT);
      const size_t length = bytes.length;
      add_pad(&bytes);
      const uint8_t *at = bytes.bytes;
      assert_int_equal(sk_levels_open_v1(&reader, "definition", highest,
                                         packed ? SK_ENCODING_BIT_PACKED : SK_ENCODING_RLE, COUNT,
                                         &at, bytes.bytes + length, NULL),
                       SHUKEI_OK);
      assert_ptr_equal(at, bytes.bytes + length);
      for (size_t done = 0, n; done < COUNT; done += n) {
        n = 1 + (size_t)random_below(&random, COUNT - done);
        assert_int_equal(sk_levels_read(&reader, n, found + done, NULL), SHUKEI_OK);
      }
      assert_memory_equal(found, levels, sizeof levels);
      if (!packed) {
        shukei_error err = {0};
        assert_int_equal(sk_levels_read(&reader, 1, found, &err), SHUKEI_EFORMAT);
        assert_string_equal(err.text, "the definition levels end too early");
      }
      sk_buffer_reset(&bytes);
    }
}

static void has_none_where_none_can_be(void **state)
{
  (void)state;
  const uint8_t bytes[20] = {9, 9, 9, 9};
  const uint8_t *at = bytes;
  uint16_t found[3] = {7, 7, 7};
  struct sk_levels reader;
  assert_int_equal(sk_levels_open_v1(&reader, "repetition", 0, 77, 3, &at, bytes + 4, NULL),
                   SHUKEI_OK);
  assert_ptr_equal(at, bytes);
  assert_int_equal(sk_levels_read(&reader, 3, found, NULL), SHUKEI_OK);
  assert_true(found[0] == 0 && found[1] == 0 && found[2] == 0);
  sk_levels_open_v2(&reader, "repetition", 0, bytes, 4);
  assert_int_equal(reader.form, SK_LEVELS_NONE);
}

static const struct {
  int32_t encoding;
  uint32_t count;
  uint8_t bytes[8];
  size_t length;
  const char *want;
} wrong[] = {
    {SK_ENCODING_BIT_PACKED, 9, {0}, 2, "repetition levels of 3 bytes in a page of 2"},
    {SK_ENCODING_RLE, 9, {9, 0, 0, 0}, 8, "repetition levels of 9 bytes in a page of 8"},
    {SK_ENCODING_RLE, 9, {9, 0, 0}, 3, "repetition levels of 0 bytes in a page of 3"},
    {SK_ENCODING_PLAIN, 9, {9, 0, 0}, 3, "repetition levels with encoding 0"},
    {SK_ENCODING_RLE, 1, {2, 0, 0, 0, 2, 3}, 6, "repetition level 3, the highest is 2"},
    {SK_ENCODING_BIT_PACKED, 1, {0xc0}, 1, "repetition level 3, the highest is 2"},
};

static void refuses_what_does_not_fit(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(wrong); i++) {
    uint8_t bytes[24] = {0};
    uint16_t found[9];
    const uint8_t *at = bytes;
    struct sk_levels reader;
    shukei_error err = {0};
    memcpy(bytes, wrong[i].bytes, wrong[i].length);
    shukei_status st = sk_levels_open_v1(&reader, "repetition", 2, wrong[i].encoding,
                                         wrong[i].count, &at, bytes + wrong[i].length, &err);
    if (!st)
      st = sk_levels_read(&reader, wrong[i].count, found, &err);
    assert_int_equal(st, SHUKEI_EFORMAT);
    assert_string_equal(err.text, wrong[i].want);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_height),
      cmocka_unit_test(has_none_where_none_can_be),
      cmocka_unit_test(refuses_what_does_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
