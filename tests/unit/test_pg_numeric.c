/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's numeric: known bytes, and random doubles against decimal arithmetic on texts. */
#include "testing.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/number.h"
#include "sink/pg_numeric.h"

#include <math.h>

#define PLAIN_BYTES 800

static int get16(const uint8_t *at)
{
  return (int16_t)(at[0] << 8 | at[1]);
}

static void known_bytes(void **state)
{
  (void)state;
  static const struct {
    double value;
    int precision, scale;
    size_t length;
    uint8_t bytes[16];
  } rows[] = {
      {0.0, 33, 15, 8, {0, 0, 0, 0, 0, 0, 0, 15}},
      {-0.0, 33, 15, 8, {0, 0, 0, 0, 0, 0, 0, 15}},
      {1.0, 33, 15, 10, {0, 1, 0, 0, 0, 0, 0, 15, 0, 1}},
      {-1.5, 33, 15, 12, {0, 2, 0, 0, 0x40, 0, 0, 15, 0, 1, 0x13, 0x88}},
      {10000.0, 33, 15, 10, {0, 1, 0, 1, 0, 0, 0, 15, 0, 1}},
      {0.0001, 33, 15, 10, {0, 1, 0xff, 0xff, 0, 0, 0, 15, 0, 1}},
      {12345.678, 0, 0, 14, {0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1a, 0x7c}},
      {1e22, 0, 0, 10, {0, 1, 0, 5, 0, 0, 0, 0, 0, 100}},
      {5e-16, 33, 15, 10, {0, 1, 0xff, 0xfc, 0, 0, 0, 15, 0, 10}},
      {4e-16, 33, 15, 8, {0, 0, 0, 0, 0, 0, 0, 15}},
      {-4e-16, 33, 15, 8, {0, 0, 0, 0, 0, 0, 0, 15}},
      {1e-300, 33, 15, 8, {0, 0, 0, 0, 0, 0, 0, 15}},
      {0.5, 3, 0, 10, {0, 1, 0, 0, 0, 0, 0, 0, 0, 1}},
      {1250.0, 4, -2, 10, {0, 1, 0, 0, 0, 0, 0, 0, 0x05, 0x14}},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_pg_numeric type = {rows[i].precision, rows[i].scale};
    uint8_t out[SK_PG_NUMERIC_BYTES];
    const size_t length = sk_pg_numeric_put(rows[i].value, &type, out);
    if (length != rows[i].length || memcmp(out, rows[i].bytes, length) != 0)
      fail_msg("row %zu: %zu bytes, digits %d, weight %d", i, length, get16(out), get16(out + 2));
  }
}

static void no_room(void **state)
{
  (void)state;
  static const struct {
    double value;
    int precision, scale;
    bool fits;
  } rows[] = {
      {1e18, 33, 15, false},     {-1e18, 33, 15, false},  {999999999999999900.0, 33, 15, true},
      {9.99, 3, 1, true},        {99.94, 3, 1, true},     {99.95, 3, 1, false},
      {0.0, 1, 0, true},         {9.4, 1, 0, true},       {9.5, 1, 0, false},
      {INFINITY, 33, 15, false}, {INFINITY, 0, 0, false}, {NAN, 33, 15, false},
      {1.7e308, 0, 0, true},     {5e-324, 0, 0, true},    {0.05, 1, 1, true},
      {0.95, 1, 1, false},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_pg_numeric type = {rows[i].precision, rows[i].scale};
    uint8_t out[SK_PG_NUMERIC_BYTES];
    if ((sk_pg_numeric_put(rows[i].value, &type, out) > 0) != rows[i].fits)
      fail_msg("%g into numeric(%d,%d)", rows[i].value, rows[i].precision, rows[i].scale);
  }
}

static void types_of_modifiers(void **state)
{
  (void)state;
  struct sk_pg_numeric type = sk_pg_numeric_of(-1);
  assert_int_equal(type.precision, 0);
  type = sk_pg_numeric_of((33 << 16 | 15) + 4);
  assert_int_equal(type.precision, 33);
  assert_int_equal(type.scale, 15);
  type = sk_pg_numeric_of((1000 << 16 | 1000) + 4);
  assert_int_equal(type.precision, 1000);
  assert_int_equal(type.scale, 1000);
  type = sk_pg_numeric_of((2 << 16 | (-3 & 0x7ff)) + 4);
  assert_int_equal(type.scale, -3);
}

/* ---- the model: decimals as texts "0000123.4500", long enough for every double --------------- */

struct plain {
  char digits[2 * PLAIN_BYTES]; /* PLAIN_BYTES before the point, as many behind it */
  bool negative;
};

static void set_plain(struct plain *plain, const char *text, size_t length)
{
  char digits[40];
  int count = 0, point = -1, exponent = 0;
  size_t i = 0;
  memset(plain->digits, '0', sizeof plain->digits);
  plain->negative = text[0] == '-';
  for (i = plain->negative; i < length && text[i] != 'e'; i++) {
    if (text[i] == '.')
      point = count;
    else
      digits[count++] = text[i];
  }
  if (i < length)
    exponent = (int)strtol(text + i + 1, NULL, 10);
  if (point < 0)
    point = count;
  for (int d = 0; d < count; d++)
    plain->digits[PLAIN_BYTES - point + d - exponent] = digits[d];
}

/* Half away from zero, at so many places behind the point. */
static void round_plain(struct plain *plain, int places)
{
  const int cut = PLAIN_BYTES + places;
  bool up = plain->digits[cut] >= '5';
  memset(plain->digits + cut, '0', sizeof plain->digits - (size_t)cut);
  for (int i = cut - 1; up && i >= 0; i--) {
    up = plain->digits[i] == '9';
    plain->digits[i] = (char)(up ? '0' : plain->digits[i] + 1);
  }
}

static void read_wire(struct plain *plain, const uint8_t *wire, size_t length)
{
  const int count = get16(wire), weight = get16(wire + 2);
  memset(plain->digits, '0', sizeof plain->digits);
  plain->negative = get16(wire + 4) == 0x4000;
  assert_int_equal(length, 8 + 2 * (size_t)count);
  assert_true(count == 0 || (get16(wire + 8) != 0 && get16(wire + 6 + 2 * count) != 0));
  for (int i = 0; i < count; i++) {
    char four[8];
    snprintf(four, sizeof four, "%04d", get16(wire + 8 + 2 * i));
    assert_int_equal(strlen(four), 4);
    memcpy(plain->digits + PLAIN_BYTES - 4 * (weight - i + 1), four, 4);
  }
}

static double draw(uint64_t *state, size_t kind)
{
  const uint64_t bits = next_random(state);
  switch (kind) {
  case 0: /* any double; most are far away from 1 */
    return sk_double_of_bits(bits);
  case 1: /* sums of seconds as hours */
    return (double)(bits >> 20) / 3600.0 / 1e4;
  case 2: /* few digits */
    return (double)(int64_t)(bits % 2000001 - 1000000) / 1000.0;
  case 3: /* half-way between two multiples of 10^-15 */
    return (double)(bits % 1000) * 1e-15 + 5e-16;
  case 4:
    return (double)(bits >> 11) * 0x1p-60;
  default:
    return (double)(bits % UINT64_C(1000000000000000000));
  }
}

static void random_doubles_are_rounded_as_texts_are(void **state)
{
  (void)state;
  static struct plain want, got;
  static const struct sk_pg_numeric types[] = {{33, 15}, {0, 0}, {27, 9}, {33, 0}};
  uint64_t seed = 77, written = 0;
  for (size_t n = 0; n < 60000; n++) {
    const double value = draw(&seed, n % 6);
    const struct sk_pg_numeric *type = &types[n / 6 % SK_COUNT(types)];
    uint8_t wire[SK_PG_NUMERIC_BYTES];
    char text[SK_NUMBER_TEXT];
    if (!isfinite(value))
      continue;
    const size_t text_length = sk_number_format(value, text);
    text[text_length] = '\0';
    set_plain(&want, text, text_length);
    if (type->precision)
      round_plain(&want, type->scale);
    const size_t length = sk_pg_numeric_put(value, type, wire);
    bool large = false;
    for (int i = 0; type->precision && i < PLAIN_BYTES - (type->precision - type->scale); i++)
      large |= want.digits[i] != '0';
    assert_int_equal(length == 0, large);
    if (!length)
      continue;
    written++;
    read_wire(&got, wire, length);
    if (memcmp(got.digits, want.digits, sizeof got.digits) != 0 ||
        (got.negative != want.negative && get16(wire) != 0))
      fail_msg("%.17g into numeric(%d,%d)", value, type->precision, type->scale);
    assert_true(type->precision == 0 || get16(wire + 6) == type->scale);
  }
  assert_true(written > 40000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_bytes),
      cmocka_unit_test(no_room),
      cmocka_unit_test(types_of_modifiers),
      cmocka_unit_test(random_doubles_are_rounded_as_texts_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
