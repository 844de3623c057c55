/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's compact protocol, byte for byte. */
#include "testing.h"

#include "parquet/thrift_write.h"

static void begin(struct sk_compact *to, struct sk_buffer *buffer)
{
  sk_buffer_init(buffer, NULL, SIZE_MAX);
  sk_compact_init(to, buffer);
}

static void expect(struct sk_buffer *buffer, const void *bytes, size_t length)
{
  assert_false(buffer->failed);
  assert_int_equal(buffer->length, length);
  assert_memory_equal(buffer->bytes, bytes, length);
  sk_buffer_reset(buffer);
}

static void writes_fields(void **state)
{
  (void)state;
  static const uint8_t want[] = {0x15, 0x0e,             /* 1: i32 7 */
                                 0x16, 0x01,             /* 2: i64 -1 */
                                 0x11,                   /* 3: true */
                                 0x12,                   /* 4: false */
                                 0x18, 0x02, 'h',  'i',  /* 5: bytes */
                                 0x08, 0x2a, 0x00,       /* 21: empty bytes */
                                 0xfc, 0x14, 0x03, 0x00, /* 36: struct with 1: i16 -2 */
                                 0x15, 0xac, 0x02,       /* 37: i32 150 */
                                 0x00};
  struct sk_buffer buffer;
  struct sk_compact to;
  begin(&to, &buffer);
  sk_compact_i32(&to, 1, 7);
  sk_compact_i64(&to, 2, -1);
  sk_compact_bool(&to, 3, true);
  sk_compact_bool(&to, 4, false);
  sk_compact_bytes(&to, 5, "hi", 2);
  sk_compact_text(&to, 21, ""); /* 16 further: an id of its own */
  sk_compact_begin(&to, 36);    /* 15 further: still in the header */
  sk_compact_i16(&to, 1, -2);
  sk_compact_end(&to);
  sk_compact_i32(&to, 37, 150);
  sk_compact_end(&to);
  expect(&buffer, want, sizeof want);
}

static void writes_extreme_numbers(void **state)
{
  (void)state;
  static const uint8_t want[] = {
      0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, /* INT64_MIN */
      0x16, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, /* INT64_MAX */
      0x15, 0xff, 0xff, 0xff, 0xff, 0x0f,                               /* INT32_MIN */
      0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f,                               /* INT32_MAX */
      0x00};
  struct sk_buffer buffer;
  struct sk_compact to;
  begin(&to, &buffer);
  sk_compact_i64(&to, 1, INT64_MIN);
  sk_compact_i64(&to, 2, INT64_MAX);
  sk_compact_i32(&to, 3, INT32_MIN);
  sk_compact_i32(&to, 4, INT32_MAX);
  sk_compact_end(&to);
  expect(&buffer, want, sizeof want);
}

static void writes_lists(void **state)
{
  (void)state;
  static const uint8_t want[] = {
      0x19, 0x21, 0x01, 0x02,                   /* bools */
      0x19, 0x28, 0x01, 'a',  0x00,             /* texts */
      0x19, 0x1c, 0x15, 0x02, 0x15, 0x04, 0x00, /* a struct, its ids from 0 again */
      0x19, 0xf5, 0x0f, 0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* fifteen */
      0x00};
  struct sk_buffer buffer;
  struct sk_compact to;
  begin(&to, &buffer);
  sk_compact_list(&to, 1, SK_COMPACT_BOOL, 2);
  sk_compact_item_bool(&to, true);
  sk_compact_item_bool(&to, false);
  sk_compact_list(&to, 2, SK_COMPACT_BYTES, 2);
  sk_compact_item_bytes(&to, "a", 1);
  sk_compact_item_bytes(&to, NULL, 0);
  sk_compact_list(&to, 3, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_i32(&to, 1, 1);
  sk_compact_i32(&to, 2, 2);
  sk_compact_end(&to);
  sk_compact_list(&to, 4, SK_COMPACT_I32, 15);
  for (int i = 0; i < 15; i++)
    sk_compact_item_int(&to, 0);
  sk_compact_end(&to);
  expect(&buffer, want, sizeof want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_fields),
      cmocka_unit_test(writes_extreme_numbers),
      cmocka_unit_test(writes_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
