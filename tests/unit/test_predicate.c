/* SPDX-License-Identifier: Apache-2.0 */
/* What bounds rule out: only what the format allows, whatever writers put there. */
#include "tiny_parquet.h"

#include "parquet/predicate.h"

static const struct sk_column_meta text = {.type = SK_TYPE_BYTE_ARRAY,
                                           .logical = SK_LOGICAL_STRING},
                                   int32 = {.type = SK_TYPE_INT32},
                                   uint32 = {.type = SK_TYPE_INT32,
                                             .logical = SK_LOGICAL_INTEGER,
                                             .bit_width = 32},
                                   real = {.type = SK_TYPE_DOUBLE},
                                   unknown = {.type = SK_TYPE_INT32, .logical = SK_LOGICAL_UNKNOWN};

static struct sk_slice slice(const char *bytes)
{
  return (struct sk_slice){(const uint8_t *)bytes, bytes ? (uint32_t)strlen(bytes) : 0};
}

/* NULL: no such bound. */
static const struct {
  const char *why, *value, *min, *max;
  bool outside;
} texts[] = {
    {"within", "m", "a", "z", false},
    {"below", "a", "b", "z", true},
    {"above", "zz", "b", "y", true},
    {"the least", "b", "b", "z", false},
    {"the greatest", "z", "b", "z", false},
    {"no bounds", "m", NULL, NULL, false},
    {"only a least one, above", "m", "n", NULL, true},
    {"only a least one, below", "m", "a", NULL, false},
    {"only a greatest one, below", "m", NULL, "c", true},
    {"a cut least one", "shop-prod", "shop-p", "z", false},
    {"a cut greatest one, raised", "shop-prod", "a", "shop-q", false},
    {"a cut greatest one, not raised", "shop-prod", "a", "shop-p", false},
    {"longer than the greatest, which is whole", "shop-prod", "a", "shop", false},
    {"the wrong way round", "m", "z", "a", false},
    {"an empty greatest one", "m", "", "", false},
    {"empty bounds, an empty value", "", "", "", false},
    {"an empty value", "", "a", "z", true},
    {"bytes are unsigned", "\xc3\xb6", "a", "z", true},
    {"bytes are unsigned, within", "z", "a", "\xc3\xb6", false},
};

static void rules_out_texts(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    struct sk_slice value = slice(texts[i].value);
    const struct sk_predicate predicate = {.meta = &text, .values = &value, .count = 1};
    if (sk_predicate_outside(&predicate, slice(texts[i].min), slice(texts[i].max)) !=
        texts[i].outside)
      fail_msg("%s", texts[i].why);
  }
}

static struct sk_slice word(uint8_t bytes[8], uint64_t bits, uint32_t width)
{
  sk_put_le64(bytes, bits);
  return (struct sk_slice){bytes, width};
}

static bool outside(const struct sk_column_meta *meta, uint64_t value, uint64_t min, uint64_t max)
{
  uint8_t bytes[3][8];
  const uint32_t width = meta->type == SK_TYPE_INT32 ? 4 : 8;
  struct sk_slice wanted = word(bytes[0], value, width);
  const struct sk_predicate predicate = {.meta = meta, .values = &wanted, .count = 1};
  return sk_predicate_outside(&predicate, word(bytes[1], min, width), word(bytes[2], max, width));
}

static void rules_out_numbers_in_the_order_of_their_type(void **state)
{
  (void)state;
  const uint64_t minus = (uint64_t)-5;
  assert_false(outside(&int32, 0, minus, 7));
  assert_true(outside(&int32, (uint64_t)-6, minus, 7));
  assert_true(outside(&int32, 8, minus, 7));
  assert_false(outside(&uint32, 8, 7, minus)); /* 7 to 4,294,967,291 */
  assert_true(outside(&uint32, 6, 7, minus));
  assert_false(outside(&int32, 8, 7, minus)); /* the same in signed order is no pair of bounds */
  assert_false(outside(&unknown, 100, 1, 7)); /* a type that we do not know has no order */
}

static bool outside_real(double value, double min, double max)
{
  return outside(&real, sk_bits_of_double(value), sk_bits_of_double(min), sk_bits_of_double(max));
}

static void zeros_and_nans_rule_nothing_out(void **state)
{
  (void)state;
  const double nan = sk_double_of_bits(UINT64_C(0x7ff8000000000000));
  assert_true(outside_real(3, 1, 2));
  assert_true(outside_real(0.5, 1, 2));
  assert_false(outside_real(-0.0, 0.0, 2));
  assert_false(outside_real(0.0, -1, -0.0));
  assert_false(outside_real(3, nan, 2));
  assert_false(outside_real(0.5, 1, nan));
  assert_false(outside_real(3, nan, nan));
}

static void bounds_of_another_length_rule_nothing_out(void **state)
{
  (void)state;
  uint8_t bytes[3][8];
  struct sk_slice wanted = word(bytes[0], 9, 4);
  const struct sk_predicate predicate = {.meta = &int32, .values = &wanted, .count = 1};
  for (uint32_t width = 0; width <= 8; width++) {
    const bool ruled =
        sk_predicate_outside(&predicate, word(bytes[1], 1, 4), word(bytes[2], 2, width));
    assert_int_equal(ruled, width == 4);
  }
}

static void all_values_must_lie_outside(void **state)
{
  (void)state;
  struct sk_slice values[] = {slice("a"), slice("q"), slice("z")};
  struct sk_predicate predicate = {.meta = &text, .values = values, .count = 3};
  assert_false(sk_predicate_outside(&predicate, slice("p"), slice("r")));
  assert_true(sk_predicate_outside(&predicate, slice("b"), slice("c")));
  predicate.count = 0; /* nothing that the type can hold was asked for */
  assert_true(sk_predicate_outside(&predicate, slice("b"), slice("c")));
}

static void accepts_equal_values_only(void **state)
{
  (void)state;
  uint8_t bytes[2][8];
  struct sk_slice values[] = {slice("shop"), slice("")};
  const struct sk_predicate names = {.meta = &text, .values = values, .count = 2};
  assert_true(sk_predicate_accepts(&names, (const uint8_t *)"shop", 4));
  assert_true(sk_predicate_accepts(&names, (const uint8_t *)"", 0));
  assert_false(sk_predicate_accepts(&names, (const uint8_t *)"shops", 5));
  struct sk_slice zero = word(bytes[0], 0, 8);
  const struct sk_predicate number = {.meta = &real, .values = &zero, .count = 1};
  word(bytes[1], sk_bits_of_double(-0.0), 8);
  assert_true(sk_predicate_accepts(&number, bytes[1], 8));
  word(bytes[1], UINT64_C(0x7ff8000000000000), 8);
  assert_false(sk_predicate_accepts(&number, bytes[1], 8));
}

/* What cat prints as 0x and digits may be those bytes or that text; both are found. */
static void accepts_bytes_as_they_are_printed(void **state)
{
  (void)state;
  static const struct tiny_column column = {.type = SK_TYPE_BYTE_ARRAY, .repetition = SK_REQUIRED};
  static const shukei_condition conditions[] = {{"c", "0xff00"}, {"c", "0x61"}, {"c", "b"}};
  static const struct {
    const char *bytes;
    size_t length;
    bool accepted;
  } values[] = {{"\xff\0", 2, true}, {"0xff00", 6, true}, {"0x61", 4, true}, {"b", 1, true},
                {"a", 1, false},     {"\xff", 1, false},  {"", 0, false}};
  struct sk_predicates predicates;
  struct tiny t;
  tiny_begin(&t);
  tiny_page(&t, SK_PAGE_DATA, SK_ENCODING_PLAIN, 1, "\1\0\0\0a", 5);
  tiny_end(&t, &column, 1);
  assert_int_equal(tiny_open(&t, NULL), SHUKEI_OK);
  assert_int_equal(
      sk_predicates_bind(t.file, conditions, SK_COUNT(conditions), &t.budget, &predicates, NULL),
      SHUKEI_OK);
  assert_int_equal(predicates.count, 1);
  for (size_t i = 0; i < SK_COUNT(values); i++)
    assert_int_equal(
        sk_predicate_accepts(predicates.list, (const uint8_t *)values[i].bytes, values[i].length),
        values[i].accepted);
  sk_predicates_reset(&predicates);
  tiny_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_out_texts),
      cmocka_unit_test(rules_out_numbers_in_the_order_of_their_type),
      cmocka_unit_test(zeros_and_nans_rule_nothing_out),
      cmocka_unit_test(bounds_of_another_length_rule_nothing_out),
      cmocka_unit_test(all_values_must_lie_outside),
      cmocka_unit_test(accepts_equal_values_only),
      cmocka_unit_test(accepts_bytes_as_they_are_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
