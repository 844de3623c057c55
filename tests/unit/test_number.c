/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles from and to text: tables of hard cases, and random ones against strtod() and
 * snprintf(). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t random_state = UINT64_C(88172645463325252);
static uint64_t next_random(void)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

/* SHUKEI_NUMBER_CASES random texts and half-way points, instead of the usual few. */
static long cases(long usual)
{
  const char *text = getenv("SHUKEI_NUMBER_CASES");
  const long wanted = text ? strtol(text, NULL, 10) : 0;
  return wanted > 0 ? wanted : usual;
}

/* Parses a text alone and, as the same bytes lie in CSV, between others. */
static bool parse(const char *text, size_t length, double *value)
{
  static const char behind[] = ",\"\n \r\t";
  char room[3000];
  double there = *value;
  const bool good = sk_number_parse(text, length, value);
  assert_in_range(length, 0, sizeof room - 2 * SK_NUMBER_PADDING);
  memcpy(room, text, length);
  memset(room + length, '7', 2 * SK_NUMBER_PADDING);
  room[length] = behind[next_random() % (sizeof behind - 1)];
  if (sk_number_parse_in(room, length, &there) != good ||
      sk_bits_of_double(there) != sk_bits_of_double(*value))
    fail_msg("\"%.60s\" gives %a alone and %a in CSV", text, *value, there);
  return good;
}

/* Parses, and compares with strtod(), which the text must please as well. */
static void same_as_strtod(const char *why, const char *text)
{
  double value = -7.0;
  const double want = strtod(text, NULL);
  if (!parse(text, strlen(text), &value))
    fail_msg("%s: \"%.60s\" refused", why, text);
  if (sk_bits_of_double(value) != sk_bits_of_double(want))
    fail_msg("%s: \"%.60s\" gives %a, want %a", why, text, value, want);
}

static const struct {
  const char *why, *text;
  double want;
} known[] = {
    {"zero", "0", 0.0},
    {"negative zero", "-0.0", -0.0},
    {"zero with an exponent", "0e999999999999999999999999", 0.0},
    {"sign", "+1", 1.0},
    {"no digit before the point", ".5", 0.5},
    {"no digit behind the point", "5.", 5.0},
    {"leading zeros", "000000000000000000000000000001.25", 1.25},
    {"zeros behind the point", "0.00000000000000000000000000000000125", 1.25e-33},
    {"capital E", "1E3", 1000.0},
    {"exponent with plus", "1e+3", 1000.0},
    {"exponent with zeros", "1e-0000000000000000000000003", 0.001},
    {"eight digits", "12345678", 12345678.0},
    {"seven digits and a point", "1234567.8", 1234567.8},
    {"2^53", "9007199254740992", 0x1p53},
    {"2^53 + 1 is half-way, to even", "9007199254740993", 0x1p53},
    {"2^53 + 1 with a fraction", "9007199254740993.0", 0x1p53},
    {"just above 2^53 + 1", "9007199254740993.00000000000000000000001", 0x1p53 + 2},
    {"2^53 + 3 is half-way, to even", "9007199254740995", 0x1p53 + 4},
    {"10^22, the last exact power", "1e22", 1e22},
    {"10^23, half-way below a short one", "1e23", 0x1.52d02c7e14af6p+76},
    {"greatest", "1.7976931348623157e308", 0x1.fffffffffffffp+1023},
    {"greatest that is not infinite", "1.7976931348623158079e308", 0x1.fffffffffffffp+1023},
    {"overflow", "1.7976931348623159078e308", (double)INFINITY},
    {"far overflow", "-1e999999999999999999", (double)-INFINITY},
    {"an exponent of 2^64 + 1", "1e18446744073709551617", (double)INFINITY},
    {"an exponent of -2^64", "1e-18446744073709551616", 0.0},
    {"smallest normal", "2.2250738585072014e-308", 0x1p-1022},
    {"greatest subnormal", "2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
    {"smallest subnormal", "4.9406564584124654e-324", 0x1p-1074},
    {"half of it, and a little", "2.4703282292062328e-324", 0x1p-1074},
    {"less than half of it", "2.4703282292062327e-324", 0.0},
    {"far underflow", "-1e-999999999999999999", -0.0},
    {"long zero", "0.0000000000000000000000000", 0.0},
    {"exponent undone by digits", "1000000000000000000000000000000e-30", 1.0},
    {"inf", "inf", (double)INFINITY},
    {"infinity", "-InFiNiTy", (double)-INFINITY},
    {"INF", "+INF", (double)INFINITY},
};
static void parses_known_numbers(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(known); i++) {
    double value = -7.0;
    if (!parse(known[i].text, strlen(known[i].text), &value) ||
        sk_bits_of_double(value) != sk_bits_of_double(known[i].want))
      fail_msg("%s: \"%s\" gives %a, want %a", known[i].why, known[i].text, value, known[i].want);
  }
}

static void refuses_what_is_no_number(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",         "+",        "-",         ".",        "+.",        "e5",
      ".e5",      "1e",       "1e+",       "1e-",      "1e5.0",     "1 ",
      " 1",       "1,5",      "0x10",      "1f",       "nan",       "NaN",
      "--1",      "+-1",      "1.2.3",     "1..2",     "in",        "infi",
      "infx",     "1_0",      "1e5e",      "1234567a", "12345678/", "12345678:",
      "1234*678", "1;345678", "infinityy", "1e 5",     "\xd9\xa1",  "12345678901234567890x"};
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    double value = -7.0;
    if (parse(texts[i], strlen(texts[i]), &value) || value != -7.0)
      fail_msg("\"%s\" accepted as %g", texts[i], value);
  }
  double value = -7.0;
  assert_false(sk_number_parse("1\0", 2, &value));
  assert_false(sk_number_parse("12345678", 0, &value));
  assert_true(sk_number_parse("12345678", 3, &value)); /* the length counts, not what follows */
  assert_true(value == 123.0);
}

/* The point half-way between two doubles, exactly, then a digit more and a digit less. */
static void rounds_half_way_points(void **state)
{
  (void)state;
  char text[2400];
  for (long i = 0, most = cases(500000) / 100; i < most; i++) {
    uint64_t bits = next_random() >> 1;
    if (i % 4 == 1)
      bits &= (UINT64_C(1) << 54) - 1; /* subnormal and small ones */
    if (i % 4 == 2)
      bits = (bits & ((UINT64_C(1) << 52) - 1)) | (uint64_t)(963 + i % 120) << 52;
    if (i % 4 == 3)
      bits &= ~UINT64_C(0) << 52; /* powers of two */
    if (bits >> 52 >= 0x7fe)
      continue;
    /* A long double has the one bit more that the point needs, and a longer exponent; where it is
     * a double these are rounded points, no less fit for comparing. */
    const long double half =
        ((long double)sk_double_of_bits(bits) + sk_double_of_bits(bits + 1)) / 2;
    snprintf(text, sizeof text, "%.800Le", half);
    same_as_strtod("half-way", text);
    char *last = strchr(text, 'e') - 1;
    *last = '1';
    same_as_strtod("above half-way", text);
    snprintf(text, sizeof text, "%.1100Lf", half);
    const size_t length = strlen(text);
    if (length < 1500) {
      same_as_strtod("half-way, written out", text);
      memcpy(text + length, "0000001", 8);
      same_as_strtod("above half-way, written out", text);
    }
  }
}

static void parses_texts_of_many_digits(void **state)
{
  (void)state;
  char text[1200];
  for (int i = 0; i < 3000; i++) {
    const size_t digits = 20 + next_random() % 900;
    for (size_t d = 0; d < digits; d++)
      text[d] = (char)('0' + next_random() % 10);
    if (i % 3 == 1)
      text[next_random() % digits] = '.';
    if (i % 3 == 2)
      memset(text, '0', next_random() % digits);
    snprintf(text + digits, sizeof text - digits, "e%d", (int)(next_random() % 1800) - 1300);
    same_as_strtod("many digits", text);
  }
}

static const struct {
  double value;
  const char *text;
} spelled[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {8.0, "8.0"},
    {-1234.5, "-1234.5"},
    {0.1, "0.1"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00012345, "0.00012345"},
    {0.00001, "1e-05"},
    {1e-7, "1e-07"},
    {1.5e-10, "1.5e-10"},
    {9007199254740991.0, "9007199254740991.0"},
    {9007199254740992.0, "9007199254740992.0"},
    {9999999999999998.0, "9999999999999998.0"},
    {1e16, "1e+16"},
    {1.2e17, "1.2e+17"},
    {123456789012345680.0, "1.2345678901234568e+17"},
    {1e15, "1000000000000000.0"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {2e300, "2e+300"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {-1.7976931348623157e308, "-1.7976931348623157e+308"},
    {0x1p-44, "5.684341886080802e-14"}, /* the lower neighbour is nearer */
    {9.5367431640625e-07, "9.5367431640625e-07"},
    {0x1p-1, "0.5"},
    {123456.789, "123456.789"},
    {2.0 / 3, "0.6666666666666666"},
    {(double)INFINITY, "inf"},
    {(double)-INFINITY, "-inf"},
    {(double)NAN, "nan"},
};
static void spells_as_repr(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(spelled); i++) {
    char text[SK_NUMBER_TEXT];
    const size_t length = sk_number_format(spelled[i].value, text);
    if (length != strlen(spelled[i].text) || memcmp(text, spelled[i].text, length))
      fail_msg("%a gives \"%.*s\", want \"%s\"", spelled[i].value, (int)length, text,
               spelled[i].text);
  }
}

/* Digits of a spelling without point, exponent and outer zeros; returns how many. */
static int significant(const char *text, char digits[32])
{
  int count = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text >= '0' && *text <= '9' && (count || *text != '0'))
      digits[count++] = *text;
  }
  while (count && digits[count - 1] == '0')
    count--;
  digits[count] = 0;
  return count;
}

/* What is written reads back, one digit fewer does not, and no text of as many digits is nearer. */
static void check_shortest(double value)
{
  char text[SK_NUMBER_TEXT], digits[32], printed[64], printed_digits[32];
  const size_t length = sk_number_format(value, text);
  assert_in_range(length, 3, SK_NUMBER_TEXT - 1);
  text[length] = 0;
  if (sk_bits_of_double(strtod(text, NULL)) != sk_bits_of_double(value))
    fail_msg("%a gives %s, which does not read back", value, text);
  const int count = significant(text, digits);
  if (count == 0)
    return;
  snprintf(printed, sizeof printed, "%.*e", count - 1, value);
  significant(printed, printed_digits);
  if (strtod(printed, NULL) == value && strcmp(digits, printed_digits) != 0)
    fail_msg("%a gives %s, but %s is nearer", value, text, printed);
  if (count > 1) {
    snprintf(printed, sizeof printed, "%.*e", count - 2, value);
    if (strtod(printed, NULL) == value)
      fail_msg("%a gives %s, but %s is shorter", value, text, printed);
  }
}

static void random_numbers_go_round(void **state)
{
  (void)state;
  char text[64];
  for (uint32_t i = 0, most = (uint32_t)cases(300000); i < most; i++) {
    uint64_t bits = next_random();
    switch (i % 8) {
    case 1: /* a power of two */
      bits &= ~UINT64_C(0) << 52;
      break;
    case 2: /* subnormal */
      bits = bits >> 12 >> (i / 8 % 52);
      break;
    case 3: /* of everyday size */
    case 4:
    case 5:
      bits = (bits >> 12) | (uint64_t)(983 + i % 90) << 52;
      break;
    case 6: /* whole */
      bits = sk_bits_of_double((double)(bits >> (i / 8 % 64)));
      break;
    case 7: /* few digits */
      bits = sk_bits_of_double((double)(bits % 1000000) / 1000);
      break;
    default:
      break;
    }
    const double value = sk_double_of_bits(bits);
    if (value - value != 0.0)
      continue;
    double back = -7.0;
    char shortest[SK_NUMBER_TEXT];
    const size_t length = sk_number_format(value, shortest);
    if (!parse(shortest, length, &back) || sk_bits_of_double(back) != bits)
      fail_msg("%a gives %.*s, read back as %a", value, (int)length, shortest, back);
    if (i % 2 == 0) {
      snprintf(text, sizeof text, "%.*g", i % 4 ? 17 : (int)(i / 4 % 24) + 1, value);
      same_as_strtod("random", text);
    }
    if (i % 8 == 0 || i % 5 == 0)
      check_shortest(value);
  }
}

static void random_texts_agree_with_strtod(void **state)
{
  (void)state;
  char text[96];
  for (long i = 0, most = cases(300000); i < most; i++) {
    const unsigned cut = (unsigned)(next_random() % 64), other = (unsigned)(next_random() % 64);
    snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64 "e%d", next_random() >> cut,
             next_random() >> other, (int)(next_random() % 680) - 345);
    same_as_strtod("random digits", text);
  }
}

/* Every number of digits on either side of the point, and exponents in every spelling. */
static void everyday_texts_agree_with_strtod(void **state)
{
  (void)state;
  static const char *const marks[] = {"e", "E", "e+", "e-", "e-0", "E+00"};
  char text[96];
  for (long i = 0, most = cases(150000); i < most; i++) {
    size_t length = 0;
    const size_t whole = next_random() % 12, fraction = next_random() % 20;
    if (next_random() % 4 == 0)
      text[length++] = next_random() % 2 ? '-' : '+';
    for (size_t d = 0; d < whole; d++)
      text[length++] = (char)('0' + next_random() % 10);
    if (fraction || whole == 0 || next_random() % 8 == 0)
      text[length++] = '.';
    for (size_t d = 0; d < fraction || (whole == 0 && d < 1); d++)
      text[length++] = (char)('0' + next_random() % 10);
    text[length] = '\0';
    if (next_random() % 2)
      snprintf(text + length, sizeof text - length, "%s%d", marks[next_random() % 6],
               (int)(next_random() % 30));
    same_as_strtod("everyday digits", text);
  }
}

static void formats_integers(void **state)
{
  (void)state;
  static const int64_t values[] = {0,  1,   -1,        9,         10,        99,        100,
                                   -9, 101, INT32_MAX, INT64_MIN, INT64_MAX, -INT64_MAX};
  for (size_t i = 0; i < SK_COUNT(values); i++) {
    char text[20], want[32];
    const size_t length = sk_integer_format(values[i], text);
    snprintf(want, sizeof want, "%" PRId64, values[i]);
    assert_int_equal(length, strlen(want));
    assert_memory_equal(text, want, length);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses_known_numbers),
      cmocka_unit_test(refuses_what_is_no_number),
      cmocka_unit_test(rounds_half_way_points),
      cmocka_unit_test(parses_texts_of_many_digits),
      cmocka_unit_test(spells_as_repr),
      cmocka_unit_test(random_numbers_go_round),
      cmocka_unit_test(random_texts_agree_with_strtod),
      cmocka_unit_test(everyday_texts_agree_with_strtod),
      cmocka_unit_test(formats_integers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
