/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text and as numbers: every logical type, the ends of their ranges. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/cell.h"
#include "parquet/convert.h"

#include <math.h>

#define C(t, l)                                                                                    \
  {                                                                                                \
    .type = SK_TYPE_##t, .logical = SK_LOGICAL_##l                                                 \
  }
#define FIXED(n, l)                                                                                \
  {                                                                                                \
    .type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .logical = SK_LOGICAL_##l, .type_length = n              \
  }
#define DECIMAL(t, n, s)                                                                           \
  {                                                                                                \
    .type = SK_TYPE_##t, .logical = SK_LOGICAL_DECIMAL, .type_length = n, .scale = s               \
  }
#define TIMED(t, l, u)                                                                             \
  {                                                                                                \
    .type = SK_TYPE_##t, .logical = SK_LOGICAL_##l, .unit = SK_UNIT_##u                            \
  }
#define UNSIGNED(t, w)                                                                             \
  {                                                                                                \
    .type = SK_TYPE_##t, .logical = SK_LOGICAL_INTEGER, .bit_width = w                             \
  }

static const struct {
  struct sk_column_meta column;
  const char *bytes;
  size_t length;
  const char *want;
} values[] = {
    {C(BOOLEAN, NONE), "\1", 1, "true"},
    {C(BOOLEAN, NONE), "\0", 1, "false"},
    {C(INT32, NONE), "\xff\xff\xff\xff", 4, "-1"},
    {UNSIGNED(INT32, 32), "\xff\xff\xff\xff", 4, "4294967295"},
    {C(INT64, NONE), "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808"},
    {UNSIGNED(INT64, 64), "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615"},
    {C(INT64, NONE), "\1", 1, "0x01"},
    {C(FLOAT, NONE), "\xcd\xcc\x8c\x3f", 4, "1.100000023841858"},
    {C(DOUBLE, NONE), "\0\0\0\0\0\0\0\x80", 8, "-0.0"},
    {C(DOUBLE, NONE), "\0\0\0\0\0\0\xf8\x7f", 8, "nan"},
    {C(BYTE_ARRAY, NONE), "a,b", 3, "\"a,b\""},
    {C(BYTE_ARRAY, STRING), "a\"b", 3, "\"a\"\"b\""},
    {C(BYTE_ARRAY, STRING), "a\nb", 3, "\"a\nb\""},
    {C(BYTE_ARRAY, STRING), " a b ", 5, " a b "},
    {C(BYTE_ARRAY, STRING), "", 0, "\"\""},
    {C(BYTE_ARRAY, NONE), "\xff\0", 2, "0xff00"},
    {FIXED(2, NONE), "ab", 2, "0x6162"},
    {FIXED(2, STRING), "ab", 2, "ab"},
    {FIXED(16, UUID), "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16,
     "00010203-0405-0607-0809-0a0b0c0d0e0f"},
    {FIXED(12, INTERVAL), "\1\0\0\0\2\0\0\0\xdb\x0b\0\0", 12, "P1M2DT3.035S"},
    {FIXED(12, INTERVAL), "\1\0\0\0\2\0\0\0\xb8\x0b\0\0", 12, "P1M2DT3S"},
    {FIXED(2, FLOAT16), "\0\xc0", 2, "-2.0"},
    {FIXED(2, FLOAT16), "\1\0", 2, "5.960464477539063e-08"},
    {FIXED(2, FLOAT16), "\0\x7c", 2, "inf"},
    {DECIMAL(INT32, 0, 2), "\xfb\xff\xff\xff", 4, "-0.05"},
    {DECIMAL(INT32, 0, 0), "\0\0\0\0", 4, "0"},
    {DECIMAL(INT64, 0, 3), "\x10\x27\0\0\0\0\0\0", 8, "10.000"},
    {DECIMAL(INT64, 0, 0), "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808"},
    {DECIMAL(BYTE_ARRAY, 0, 1), "\0\x0c", 2, "1.2"},
    {DECIMAL(BYTE_ARRAY, 0, 1), "", 0, "0.0"},
    {DECIMAL(FIXED_LEN_BYTE_ARRAY, 3, 4), "\x80\0\0", 3, "-838.8608"},
    {DECIMAL(FIXED_LEN_BYTE_ARRAY, 16, 10),
     "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16,
     "133967375519815834904458130.7228491536"},
    {TIMED(INT32, DATE, MILLIS), "\xff\xff\xff\xff", 4, "1969-12-31"},
    {TIMED(INT32, DATE, MILLIS), "\0\0\0\x7f", 4, "2130706432"},
    {TIMED(INT32, TIME, MILLIS), "\x01\0\0\0", 4, "00:00:00.001"},
    {TIMED(INT32, TIME, MILLIS), "\0\x5c\x26\x05", 4, "86400000"},
    {TIMED(INT64, TIME, NANOS), "\xc0\xbd\x3f\x91\x94\x4e\x00\x00", 8, "23:59:59.999"},
    {TIMED(INT64, TIMESTAMP, MILLIS), "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
     "1969-12-31T23:59:59.999Z"},
    {TIMED(INT64, TIMESTAMP, MICROS), "\x01\0\0\0\0\0\0\0", 8, "1970-01-01T00:00:00.000001Z"},
    {TIMED(INT64, TIMESTAMP, NANOS), "\x65\0\0\0\0\0\0\0", 8, "1970-01-01T00:00:00.000000101Z"},
    {TIMED(INT64, TIMESTAMP, NANOS), "\0\0\0\0\0\0\0\0", 8, "1970-01-01T00:00:00Z"},
    {TIMED(INT64, TIMESTAMP, MILLIS), "\xff\xff\xff\xff\xff\xff\xff\x7f", 8, "9223372036854775807"},
    {C(INT96, NONE), "\0\0\0\0\0\0\0\0\x8c\x3d\x25\0", 12, "1970-01-01T00:00:00Z"},
    {C(INT96, NONE), "\0\x10\xa5\xd4\xe8\0\0\0\x8c\x3d\x25\0", 12, "1970-01-01T00:16:40Z"},
    {C(INT96, NONE), "\xff\xff\xff\xff\xff\xff\xff\xff\x8c\x3d\x25\0", 12,
     "1969-12-31T23:59:59.999999999Z"},
    {C(INT96, NONE), "\0\0\0\0\0\0\0\0\xff\xff\xff\xff", 12, "0x0000000000000000ffffffff"},
};

static void writes_every_type(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(values); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 4096);
    sk_cell_write(&out, &values[i].column, (const uint8_t *)values[i].bytes, values[i].length);
    sk_buffer_byte(&out, 0);
    assert_false(out.failed);
    if (strcmp((const char *)out.bytes, values[i].want) != 0)
      fail_msg("row %zu: %s, expected %s", i, (const char *)out.bytes, values[i].want);
    sk_buffer_reset(&out);
  }
}

static const struct {
  struct sk_column_meta column;
  const char *bytes;
  size_t length;
  const char *want;
} json[] = {
    {C(BOOLEAN, NONE), "\1", 1, "true"},
    {C(INT32, NONE), "\xff\xff\xff\xff", 4, "-1"},
    {UNSIGNED(INT64, 64), "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615"},
    {C(DOUBLE, NONE), "\0\0\0\0\0\0\xf8\x3f", 8, "1.5"},
    {C(DOUBLE, NONE), "\0\0\0\0\0\0\xf8\x7f", 8, "\"nan\""},
    {C(FLOAT, NONE), "\0\0\x80\xff", 4, "\"-inf\""},
    {FIXED(2, FLOAT16), "\0\x7c", 2, "\"inf\""},
    {FIXED(2, FLOAT16), "\0\xc0", 2, "-2.0"},
    {C(BYTE_ARRAY, STRING), "a\"b\n,\\", 6, "\"a\\\"b\\n,\\\\\""},
    {C(BYTE_ARRAY, NONE), "", 0, "\"\""},
    {C(BYTE_ARRAY, NONE), "\xff\0", 2, "\"0xff00\""},
    {FIXED(2, NONE), "ab", 2, "\"0x6162\""},
    {DECIMAL(INT32, 0, 2), "\xfb\xff\xff\xff", 4, "\"-0.05\""},
    {TIMED(INT32, DATE, MILLIS), "\xff\xff\xff\xff", 4, "\"1969-12-31\""},
    {TIMED(INT64, TIMESTAMP, MICROS), "\1\0\0\0\0\0\0\0", 8, "\"1970-01-01T00:00:00.000001Z\""},
    {TIMED(INT32, TIME, MILLIS), "\0\x5c\x26\x05", 4, "\"86400000\""},
    {C(INT96, NONE), "\0\0\0\0\0\0\0\0\x8c\x3d\x25\0", 12, "\"1970-01-01T00:00:00Z\""},
};

static void writes_json(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(json); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 4096);
    sk_json_write(&out, &json[i].column, (const uint8_t *)json[i].bytes, json[i].length);
    sk_buffer_byte(&out, 0);
    assert_false(out.failed);
    if (strcmp((const char *)out.bytes, json[i].want) != 0)
      fail_msg("row %zu: %s, expected %s", i, (const char *)out.bytes, json[i].want);
    sk_buffer_reset(&out);
  }
}

static void writes_no_decimal_that_is_too_long(void **state)
{
  (void)state;
  const struct sk_column_meta c = DECIMAL(BYTE_ARRAY, 0, 0);
  uint8_t bytes[200];
  struct sk_buffer out;
  double value = -1;
  sk_buffer_init(&out, NULL, 4096);
  memset(bytes, 0xff, sizeof bytes); /* -1, however long */
  sk_value_text(&out, &c, bytes, sizeof bytes);
  sk_buffer_byte(&out, 0);
  assert_string_equal((const char *)out.bytes, "-1");
  sk_buffer_clear(&out);
  bytes[0] = 1;
  sk_value_text(&out, &c, bytes, sizeof bytes);
  assert_memory_equal(out.bytes, "0x01ff", 6);
  const struct sk_slice slice = {bytes, sizeof bytes};
  assert_int_equal(sk_convert_texts(&c, &slice, 1, &value, NULL), SHUKEI_EUNSUPPORTED);
  sk_buffer_reset(&out);
}

static void converts_decimals(void **state)
{
  (void)state;
  static const struct {
    struct sk_column_meta column;
    const char *bytes;
    double want;
  } rows[] = {
      {DECIMAL(INT32, 0, 2), "\xfb\xff\xff\xff", -0.05},
      {DECIMAL(INT64, 0, 1), "\x03\0\0\0\0\0\0\0", 0.3},
      {DECIMAL(INT64, 0, 0), "\xff\xff\xff\xff\xff\xff\xff\x7f", 9223372036854775807.0},
      {DECIMAL(INT64, 0, 18), "\xff\xff\xff\xff\xff\xff\xff\x7f", 9.223372036854775807},
      {DECIMAL(FIXED_LEN_BYTE_ARRAY, 9, 30), "\0\0\0\0\0\0\0\0\1", 1e-30},
      {DECIMAL(FIXED_LEN_BYTE_ARRAY, 16, 10),
       "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10",
       133967375519815834904458130.7228491536},
      {UNSIGNED(INT32, 32), "\xff\xff\xff\xff", 4294967295.0},
      {UNSIGNED(INT64, 64), "\xff\xff\xff\xff\xff\xff\xff\xff", 18446744073709551615.0},
      {C(INT32, NONE), "\xff\xff\xff\xff", -1.0},
      {C(FLOAT, NONE), "\0\0\0\x3f", 0.5},
      {FIXED(2, FLOAT16), "\0\x3c", 1.0},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    double got = -7;
    assert_int_equal(
        sk_convert_doubles(&rows[i].column, (const uint8_t *)rows[i].bytes, 1, &got, NULL),
        SHUKEI_OK);
    if (got != rows[i].want)
      fail_msg("row %zu: %.17g, expected %.17g", i, got, rows[i].want);
  }
  assert_true(isnan(sk_half_to_double(0x7e00)));
  assert_true(sk_half_to_double(0xfc00) == -INFINITY);
  assert_true(signbit(sk_half_to_double(0x8000)));
}

static void converts_instants(void **state)
{
  (void)state;
  static const struct {
    struct sk_column_meta column;
    int64_t raw;
    shukei_status status;
    int64_t want;
  } rows[] = {
      {TIMED(INT64, TIMESTAMP, MILLIS), -1, SHUKEI_OK, -1000},
      {TIMED(INT64, TIMESTAMP, MICROS), INT64_MIN, SHUKEI_OK, INT64_MIN},
      {TIMED(INT64, TIMESTAMP, NANOS), -1, SHUKEI_OK, -1},
      {TIMED(INT64, TIMESTAMP, NANOS), 1999, SHUKEI_OK, 1},
      {TIMED(INT64, TIMESTAMP, MILLIS), INT64_MAX / 1000, SHUKEI_OK, INT64_MAX / 1000 * 1000},
      {TIMED(INT64, TIMESTAMP, MILLIS), INT64_MAX / 1000 + 1, SHUKEI_EFORMAT, 0},
      {TIMED(INT64, TIMESTAMP, MILLIS), INT64_MIN / 1000 - 1, SHUKEI_EFORMAT, 0},
      {TIMED(INT32, DATE, MILLIS), -1, SHUKEI_OK, -INT64_C(86400000000)},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    uint8_t bytes[8];
    int64_t got = 0;
    sk_put_le64(bytes, (uint64_t)rows[i].raw);
    assert_int_equal(sk_convert_times(&rows[i].column, bytes, 1, &got, NULL), rows[i].status);
    if (!rows[i].status && got != rows[i].want)
      fail_msg("row %zu: %lld", i, (long long)got);
  }
  const struct sk_column_meta int96 = C(INT96, NONE);
  uint8_t bytes[12] = {0};
  int64_t got = 0;
  sk_put_le32(bytes + 8, 2440589);
  sk_put_le64(bytes, (uint64_t)-1);
  assert_int_equal(sk_convert_times(&int96, bytes, 1, &got, NULL), SHUKEI_OK);
  assert_true(got == INT64_C(86400000000) - 1);
  sk_put_le32(bytes + 8, UINT32_MAX);
  assert_int_equal(sk_convert_times(&int96, bytes, 1, &got, NULL), SHUKEI_EFORMAT);
  sk_put_le32(bytes + 8, 0);
  sk_put_le64(bytes, (uint64_t)INT64_MIN);
  assert_int_equal(sk_convert_times(&int96, bytes, 1, &got, NULL), SHUKEI_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_every_type),
      cmocka_unit_test(writes_json),
      cmocka_unit_test(writes_no_decimal_that_is_too_long),
      cmocka_unit_test(converts_decimals),
      cmocka_unit_test(converts_instants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
