/* SPDX-License-Identifier: Apache-2.0 */
/* Exact integers: what 64 bits hold is kept to the bit, all else is refused. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/convert.h"

static const struct {
  const char *why;
  uint8_t bytes[12];
  uint32_t length;
  shukei_status want;
  int64_t value;
} decimals[] = {
    {"nothing is zero", {0}, 0, SHUKEI_OK, 0},
    {"one byte", {0x7f}, 1, SHUKEI_OK, 127},
    {"negative", {0xff, 0x85}, 2, SHUKEI_OK, -123},
    {"most", {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8, SHUKEI_OK, INT64_MAX},
    {"least", {0x80}, 8, SHUKEI_OK, INT64_MIN},
    {"least, longer", {0xff, 0x80}, 9, SHUKEI_OK, INT64_MIN},
    {"padded by its sign", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2}, 12, SHUKEI_OK, 258},
    {"one more than the most", {0, 0x80}, 9, SHUKEI_EFORMAT, 0},
    {"one less than the least",
     {0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
     9,
     SHUKEI_EFORMAT,
     0},
    {"far too large", {1}, 12, SHUKEI_EFORMAT, 0},
};

static void unscales_decimals(void **state)
{
  (void)state;
  const struct sk_column_meta texts = {.type = SK_TYPE_BYTE_ARRAY, .logical = SK_LOGICAL_DECIMAL};
  for (size_t i = 0; i < SK_COUNT(decimals); i++) {
    const struct sk_slice slice = {decimals[i].bytes, decimals[i].length};
    const struct sk_column_meta fixed = {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY,
                                         .type_length = (int32_t)slice.length,
                                         .logical = SK_LOGICAL_DECIMAL};
    int64_t a = 0, b = 0;
    shukei_error err;
    const shukei_status st = sk_convert_text_integers(&texts, &slice, 1, &a, &err);
    const shukei_status as_fixed = sk_convert_integers(&fixed, slice.bytes, 1, &b, NULL);
    if (st != decimals[i].want || as_fixed != st || (!st && a != decimals[i].value) ||
        (!st && b != a))
      fail_msg("%s: %s, %" PRId64, decimals[i].why, shukei_status_name(st), a);
    if (st)
      assert_non_null(strstr(err.text, "does not fit into 64 bits"));
  }
}

static void keeps_signs(void **state)
{
  (void)state;
  const uint8_t ones[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  struct sk_column_meta column = {.type = SK_TYPE_INT32};
  int64_t value = 0;
  assert_int_equal(sk_convert_integers(&column, ones, 1, &value, NULL), SHUKEI_OK);
  assert_int_equal(value, -1);
  column.logical = SK_LOGICAL_INTEGER;
  assert_int_equal(sk_convert_integers(&column, ones, 1, &value, NULL), SHUKEI_OK);
  assert_int_equal(value, UINT32_MAX);
  column.is_signed = true;
  assert_int_equal(sk_convert_integers(&column, ones, 1, &value, NULL), SHUKEI_OK);
  assert_int_equal(value, -1);
  column.type = SK_TYPE_INT64;
  assert_int_equal(sk_convert_integers(&column, ones, 1, &value, NULL), SHUKEI_OK);
  assert_int_equal(value, -1);
}

static const struct {
  const char *why;
  uint32_t julian_day;
  int64_t nanos;
  shukei_status want;
  int64_t value;
} instants[] = {
    {"1970", 2440588, 0, SHUKEI_OK, 0},
    {"a nanosecond before", 2440587, INT64_C(86399999999999), SHUKEI_OK, -1},
    {"the last", 2440588 + 106751, INT64_C(85636854775807), SHUKEI_OK, INT64_MAX},
    {"behind the last", 2440588 + 106751, INT64_C(85636854775808), SHUKEI_EFORMAT, 0},
    {"before the first", 2440588 - 106752, 0, SHUKEI_EFORMAT, 0},
    {"far away", UINT32_MAX, INT64_MAX, SHUKEI_EFORMAT, 0},
    {"nanoseconds of many days", 2440588, INT64_MIN, SHUKEI_OK, INT64_MIN},
};

static void counts_nanoseconds(void **state)
{
  (void)state;
  const struct sk_column_meta column = {.type = SK_TYPE_INT96};
  for (size_t i = 0; i < SK_COUNT(instants); i++) {
    uint8_t raw[12];
    int64_t value = 0;
    sk_put_le64(raw, (uint64_t)instants[i].nanos);
    sk_put_le32(raw + 8, instants[i].julian_day);
    const shukei_status st = sk_convert_integers(&column, raw, 1, &value, NULL);
    if (st != instants[i].want || (!st && value != instants[i].value))
      fail_msg("%s: %s, %" PRId64, instants[i].why, shukei_status_name(st), value);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unscales_decimals),
      cmocka_unit_test(keeps_signs),
      cmocka_unit_test(counts_nanoseconds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
