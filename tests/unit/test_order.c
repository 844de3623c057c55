/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of values: rows of ascending values of each kind, every pair of which is compared. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/order.h"

#define MOST 9

static const struct {
  const char *why;
  struct sk_column_meta column;
  size_t width; /* 0: each value has a length in front */
  uint8_t values[80];
  size_t count;
} ascending[] = {
    {"booleans", {.type = SK_TYPE_BOOLEAN}, 1, {0, 1}, 2},
    {"signed",
     {.type = SK_TYPE_INT32},
     4,
     {0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f},
     4},
    {"unsigned",
     {.type = SK_TYPE_INT32, .logical = SK_LOGICAL_INTEGER, .bit_width = 32},
     4,
     {0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff},
     4},
    {"signed, 64 bits",
     {.type = SK_TYPE_INT64, .logical = SK_LOGICAL_INTEGER, .bit_width = 64, .is_signed = true},
     8,
     {0,    0,    0,    0,    0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0,    0,    0,    0,    0},
     3},
    {"unsigned, 64 bits",
     {.type = SK_TYPE_INT64, .logical = SK_LOGICAL_INTEGER, .bit_width = 64},
     8,
     {1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
     2},
    {"half floats",
     {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 2, .logical = SK_LOGICAL_FLOAT16},
     2,
     {0, 0xfc, 0, 0xc0, 1, 0x80, 0, 0, 1, 0, 0xff, 3, 0, 4, 0, 0x3c, 0, 0x7c},
     9},
    {"decimals of other lengths",
     {.type = SK_TYPE_BYTE_ARRAY, .logical = SK_LOGICAL_DECIMAL},
     0,
     {2, 0x80, 0, 1, 0x80, 3, 0xff, 0xff, 0xff, 1, 0, 2, 0, 1, 1, 2, 2, 0, 0x80},
     7},
    {"texts",
     {.type = SK_TYPE_BYTE_ARRAY, .logical = SK_LOGICAL_STRING},
     0,
     {0, 1, 'a', 2, 'a', 'a', 1, 'b', 1, 0xc3, 1, 0xff},
     6},
};

static void compares_every_pair(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(ascending); i++) {
    const uint8_t *at[MOST], *next = ascending[i].values;
    size_t length[MOST];
    for (size_t k = 0; k < ascending[i].count; k++) {
      length[k] = ascending[i].width ? ascending[i].width : *next++;
      at[k] = next;
      next += length[k];
    }
    for (size_t a = 0; a < ascending[i].count; a++)
      for (size_t b = 0; b < ascending[i].count; b++) {
        bool unordered = true;
        const int order =
            sk_value_compare(&ascending[i].column, at[a], length[a], at[b], length[b], &unordered);
        if ((order < 0) != (a < b) || (order > 0) != (a > b) || unordered)
          fail_msg("%s: values %zu and %zu: %d", ascending[i].why, a, b, order);
      }
  }
}

static void compares_doubles(void **state)
{
  (void)state;
  static const double values[] = {-1.0 / 0.0, -2.5, 0.0, 5e-324, 1e300, 1.0 / 0.0};
  const struct sk_column_meta column = {.type = SK_TYPE_DOUBLE};
  const double nan = 0.0 / 0.0, zero = -0.0;
  bool unordered = false;
  uint8_t x[8], y[8];
  for (size_t a = 0; a < SK_COUNT(values); a++)
    for (size_t b = 0; b < SK_COUNT(values); b++) {
      sk_put_le64(x, sk_bits_of_double(values[a]));
      sk_put_le64(y, sk_bits_of_double(values[b]));
      const int order = sk_value_compare(&column, x, 8, y, 8, &unordered);
      assert_true((order < 0) == (a < b) && (order > 0) == (a > b) && !unordered);
    }
  sk_put_le64(x, sk_bits_of_double(zero));
  sk_put_le64(y, sk_bits_of_double(values[2]));
  assert_int_equal(sk_value_compare(&column, x, 8, y, 8, &unordered), 0);
  sk_put_le64(y, sk_bits_of_double(nan));
  assert_int_equal(sk_value_compare(&column, x, 8, y, 8, &unordered), 0);
  assert_true(unordered);
}

static void knows_what_has_no_order(void **state)
{
  (void)state;
  assert_false(sk_has_order(&(struct sk_column_meta){.type = SK_TYPE_INT96}));
  assert_false(sk_has_order(&(struct sk_column_meta){.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY,
                                                     .logical = SK_LOGICAL_INTERVAL}));
  assert_true(sk_has_order(&(struct sk_column_meta){.type = SK_TYPE_BYTE_ARRAY}));
  assert_false(sk_has_old_order(&(struct sk_column_meta){.type = SK_TYPE_BYTE_ARRAY}));
  assert_false(sk_has_old_order(&(struct sk_column_meta){
      .type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 16, .logical = SK_LOGICAL_DECIMAL}));
  assert_false(sk_has_old_order(
      &(struct sk_column_meta){.type = SK_TYPE_INT64, .logical = SK_LOGICAL_INTEGER}));
  assert_true(sk_has_old_order(&(struct sk_column_meta){.type = SK_TYPE_INT64}));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compares_every_pair),
      cmocka_unit_test(compares_doubles),
      cmocka_unit_test(knows_what_has_no_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
