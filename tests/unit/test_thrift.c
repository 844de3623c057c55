/* SPDX-License-Identifier: Apache-2.0 */
/* The compact protocol: values, what is cut off, nested too deeply or counted too high. */
#include "testing.h"

#include "base/error.h"
#include "parquet/thrift.h"
#include "parquet/thrift_write.h"

struct seen {
  int64_t integer;
  int32_t small;
  bool flag;
  uint32_t items, length;
  char text[16];
};

static void parse(struct sk_thrift *t, struct seen *seen)
{
  struct sk_thrift_field f = {0}, g = {0};
  uint32_t length = 0;
  const uint8_t *bytes = NULL;
  while (sk_thrift_field(t, &f)) {
    switch (f.id) {
    case 1:
      seen->small = sk_thrift_i32(t, &f);
      break;
    case 2:
      seen->integer = sk_thrift_i64(t, &f);
      break;
    case 3:
      seen->flag = sk_thrift_bool(t, &f);
      break;
    case 40:
      bytes = sk_thrift_binary(t, &f, &length);
      assert_true(length < sizeof seen->text);
      if (length)
        memcpy(seen->text, bytes, length);
      break;
    case 41:
      seen->items = sk_thrift_list(t, &f, SK_THRIFT_I32);
      for (uint32_t i = 0; i < seen->items; i++)
        seen->small += sk_thrift_item_i32(t);
      break;
    case 42:
      g = (struct sk_thrift_field){0};
      if (sk_thrift_struct(t, &f))
        while (sk_thrift_field(t, &g))
          sk_thrift_skip(t, &g);
      break;
    default:
      sk_thrift_skip(t, &f);
    }
  }
}

static void write_all(struct sk_buffer *out)
{
  struct sk_compact to;
  sk_compact_init(&to, out);
  sk_compact_i32(&to, 1, -7);
  sk_compact_i64(&to, 2, INT64_MIN);
  sk_compact_bool(&to, 3, true);
  sk_compact_text(&to, 40, "hello");
  sk_compact_list(&to, 41, SK_COMPACT_I32, 20);
  for (int i = 0; i < 20; i++)
    sk_compact_item_int(&to, i);
  sk_compact_begin(&to, 42);
  sk_compact_bool(&to, 1, false);
  sk_compact_list(&to, 2, SK_COMPACT_BYTES, 2);
  sk_compact_item_bytes(&to, "a", 1);
  sk_compact_item_bytes(&to, "", 0);
  sk_compact_list(&to, 3, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_i16(&to, 300, 5);
  sk_compact_end(&to);
  sk_compact_list(&to, 4, SK_COMPACT_BOOL, 2);
  sk_compact_item_bool(&to, true);
  sk_compact_item_bool(&to, false);
  sk_compact_end(&to);
  sk_compact_i64(&to, 43, 9); /* unknown to the parser */
  sk_compact_end(&to);
  assert_false(out->failed);
}

static void reads_what_was_written(void **state)
{
  (void)state;
  struct sk_buffer out;
  struct sk_thrift t;
  struct seen seen = {0};
  sk_buffer_init(&out, NULL, 4096);
  write_all(&out);
  sk_thrift_init(&t, out.bytes, out.length);
  parse(&t, &seen);
  assert_null(t.error);
  assert_int_equal(sk_thrift_position(&t), out.length);
  assert_true(seen.integer == INT64_MIN && seen.flag);
  assert_int_equal(seen.small, -7 + 190);
  assert_int_equal(seen.items, 20);
  assert_string_equal(seen.text, "hello");
  sk_buffer_reset(&out);
}

static void refuses_each_truncation(void **state)
{
  (void)state;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 4096);
  write_all(&out);
  for (size_t n = 0; n < out.length; n++) {
    uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees a read behind it */
    struct sk_thrift t;
    struct seen seen = {0};
    assert_non_null(exact);
    memcpy(exact, out.bytes, n);
    sk_thrift_init(&t, exact, n);
    parse(&t, &seen);
    if (!t.error || !t.truncated)
      fail_msg("%zu bytes: %s", n, t.error ? t.error : "no error");
    free(exact);
  }
  sk_buffer_reset(&out);
}

static void refuses_wrong_bytes(void **state)
{
  (void)state;
  static const struct {
    const char *why, *bytes;
    size_t length;
    const char *want;
  } rows[] = {
      {"a text where a number belongs", "\x18\x01x", 3, "field of another type than an integer"},
      {"a number where a text belongs", "\x05\x50\x02", 3, "field of another type than bytes"},
      {"a number where a boolean belongs", "\x35\x02", 2, "field of another type than a boolean"},
      {"a number where a list belongs", "\x05\x52\x02", 3, "field of another type than a list"},
      {"a number where a struct belongs", "\x05\x54\x02", 3, "field of another type than a struct"},
      {"33 bits", "\x15\x80\x80\x80\x80\x20", 6, "integer of more than 32 bits"},
      {"eleven bytes of an integer", "\x26\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12,
       "integer of more than 64 bits"},
      {"65 bits", "\x26\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03", 11,
       "integer of more than 64 bits"},
      {"a list of texts", "\x09\x52\x18\x00", 4, "list of another type"},
      {"a list longer than the bytes", "\x09\x52\xf5\xff\xff\xff\xff\x07", 8, "ends too early"},
      {"a text longer than the bytes", "\x08\x50\xff\xff\xff\xff\x07", 7, "ends too early"},
      {"a text of 2^63 bytes", "\x08\x50\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11,
       "ends too early"},
      {"type 14", "\x1e", 1, "unknown field type"},
      {"a field id of 17 bits", "\x05\x80\x80\x08\x00", 5, "field id of more than 16 bits"},
      {"a list of type 0", "\x49\x10\x01", 3, "unknown field type"},
      {"a map longer than the bytes", "\x4b\xff\x7f\x55\x02", 5, "ends too early"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_thrift t;
    struct seen seen = {0};
    sk_thrift_init(&t, rows[i].bytes, rows[i].length);
    parse(&t, &seen);
    if (!t.error || strcmp(t.error, rows[i].want) != 0)
      fail_msg("%s: %s", rows[i].why, t.error ? t.error : "no error");
  }
}

static void skips_every_type(void **state)
{
  (void)state;
  static const char bytes[] = "\x43\x7f"                             /* byte */
                              "\x17\x01\x02\x03\x04\x05\x06\x07\x08" /* double */
                              "\x1b\x01\x58\x02\x01z"                /* map of i32, text */
                              "\x1b\x00"                             /* empty map */
                              "\x1a\x15\x02"                         /* set */
                              "\x1d\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x3a\x3b\x3c\x3d\x3e\x3f"
                              "\x1c\x11\x12\x00"; /* struct of booleans */
  struct sk_thrift t;
  struct seen seen = {0};
  sk_thrift_init(&t, bytes, sizeof bytes); /* the literal's zero ends the struct */
  parse(&t, &seen);
  assert_null(t.error);
  assert_int_equal(sk_thrift_position(&t), sizeof bytes);
}

static void bounds_the_depth(void **state)
{
  (void)state;
  static const uint8_t openers[][2] = {{0x1c, 1}, {0x19, 2}};
  for (size_t k = 0; k < 2; k++) {
    static uint8_t bomb[100000];
    struct sk_thrift t;
    struct seen seen = {0};
    bomb[0] = k ? 0xf9 : 0xfc; /* field 15 */
    for (size_t i = 1; i < sizeof bomb; i++)
      bomb[i] = openers[k][0];
    sk_thrift_init(&t, bomb, sizeof bomb);
    parse(&t, &seen);
    assert_non_null(t.error);
    assert_string_equal(t.error, "nested too deeply");
  }
}

static void survives_flipped_bits(void **state)
{
  (void)state;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 4096);
  write_all(&out);
  for (size_t bit = 0; bit < out.length * 8; bit++) {
    struct sk_thrift t;
    struct sk_thrift_field f = {0};
    out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    sk_thrift_init(&t, out.bytes, out.length);
    while (sk_thrift_field(&t, &f))
      sk_thrift_skip(&t, &f);
    assert_true(sk_thrift_position(&t) <= out.length);
    out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  sk_buffer_reset(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_was_written), cmocka_unit_test(refuses_each_truncation),
      cmocka_unit_test(refuses_wrong_bytes),    cmocka_unit_test(skips_every_type),
      cmocka_unit_test(bounds_the_depth),       cmocka_unit_test(survives_flipped_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
