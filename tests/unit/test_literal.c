/* SPDX-License-Identifier: Apache-2.0 */
/* Values that users write, for columns of every type; what `cat` prints of them is what was
 * written. */
#include "testing.h"

#include "base/text.h"
#include "parquet/cell.h"
#include "parquet/literal.h"

#define NONE .logical = SK_LOGICAL_NONE
#define INTEGER(bits, sign) .logical = SK_LOGICAL_INTEGER, .bit_width = bits, .is_signed = sign

static const struct sk_column_meta
    text = {.type = SK_TYPE_BYTE_ARRAY, .logical = SK_LOGICAL_STRING},
    fixed = {.type = SK_TYPE_FIXED_LEN_BYTE_ARRAY, .type_length = 3, .logical = SK_LOGICAL_STRING},
    bytes = {.type = SK_TYPE_BYTE_ARRAY, NONE}, int32 = {.type = SK_TYPE_INT32, NONE},
    int64 = {.type = SK_TYPE_INT64, NONE}, int8 = {.type = SK_TYPE_INT32, INTEGER(8, true)},
    uint8 = {.type = SK_TYPE_INT32, INTEGER(8, false)},
    uint64 = {.type = SK_TYPE_INT64, INTEGER(64, false)}, real = {.type = SK_TYPE_DOUBLE, NONE},
    single = {.type = SK_TYPE_FLOAT, NONE}, boolean = {.type = SK_TYPE_BOOLEAN, NONE},
    date = {.type = SK_TYPE_INT32, .logical = SK_LOGICAL_DATE},
    millis = {.type = SK_TYPE_INT64,
              .logical = SK_LOGICAL_TIMESTAMP,
              .unit = SK_UNIT_MILLIS,
              .utc = true},
    nanos = {.type = SK_TYPE_INT64,
             .logical = SK_LOGICAL_TIMESTAMP,
             .unit = SK_UNIT_NANOS,
             .utc = true},
    null = {.type = SK_TYPE_INT32, .logical = SK_LOGICAL_NULL},
    decimal = {.type = SK_TYPE_INT32, .logical = SK_LOGICAL_DECIMAL},
    int96 = {.type = SK_TYPE_INT96, NONE};

/* printed NULL: it is as it was written; "": no such value can be there. */
static const struct {
  const struct sk_column_meta *column;
  const char *written, *printed;
  shukei_status want;
} rows[] = {
    {&text, "namespace-1", NULL, SHUKEI_OK},
    {&text, "", "", SHUKEI_OK},
    {&fixed, "abc", NULL, SHUKEI_OK},
    {&fixed, "ab", "", SHUKEI_OK},
    {&bytes, "größer", NULL, SHUKEI_OK},
    {&int32, "-5", NULL, SHUKEI_OK},
    {&int32, "+7", "7", SHUKEI_OK},
    {&int32, "-0", "0", SHUKEI_OK},
    {&int32, "2147483647", NULL, SHUKEI_OK},
    {&int32, "-2147483648", NULL, SHUKEI_OK},
    {&int32, "2147483648", "", SHUKEI_OK},
    {&int32, "-2147483649", "", SHUKEI_OK},
    {&int64, "-9223372036854775808", NULL, SHUKEI_OK},
    {&int64, "9223372036854775808", "", SHUKEI_OK},
    {&int64, "99999999999999999999999", "", SHUKEI_OK},
    {&int8, "-128", NULL, SHUKEI_OK},
    {&int8, "128", "", SHUKEI_OK},
    {&uint8, "255", NULL, SHUKEI_OK},
    {&uint8, "256", "", SHUKEI_OK},
    {&uint8, "-1", "", SHUKEI_OK},
    {&uint64, "18446744073709551615", NULL, SHUKEI_OK},
    {&uint64, "18446744073709551616", "", SHUKEI_OK},
    {&int32, "", NULL, SHUKEI_EINVAL},
    {&int32, "-", NULL, SHUKEI_EINVAL},
    {&int32, "1.0", NULL, SHUKEI_EINVAL},
    {&real, "0.1", NULL, SHUKEI_OK},
    {&real, "8", "8.0", SHUKEI_OK},
    {&real, "-inf", NULL, SHUKEI_OK},
    {&real, "NaN", NULL, SHUKEI_EINVAL},
    {&single, "0.5", NULL, SHUKEI_OK},
    {&single, "0.1", "", SHUKEI_OK},
    {&single, "0.10000000149011612", NULL, SHUKEI_OK},
    {&single, "1e300", "", SHUKEI_OK},
    {&boolean, "true", NULL, SHUKEI_OK},
    {&boolean, "false", NULL, SHUKEI_OK},
    {&boolean, "1", NULL, SHUKEI_EINVAL},
    {&date, "2025-10-01", NULL, SHUKEI_OK},
    {&date, "1969-12-31", NULL, SHUKEI_OK},
    {&date, "2025-13-01", NULL, SHUKEI_EINVAL},
    {&date, "2025-10-01T00:00:00Z", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T05:06:07Z", NULL, SHUKEI_OK},
    {&millis, "2025-10-01 05:06:07", "2025-10-01T05:06:07Z", SHUKEI_OK},
    {&millis, "2025-10-01", "2025-10-01T00:00:00Z", SHUKEI_OK},
    {&millis, "1969-12-31T23:59:59.999Z", NULL, SHUKEI_OK},
    {&millis, "2025-10-01T05:06:07.0001Z", "", SHUKEI_OK},
    {&nanos, "2025-10-01T05:06:07.000000001Z", NULL, SHUKEI_OK},
    {&nanos, "2300-01-01", "", SHUKEI_OK},
    {&nanos, "2025-10-01T05:06:07.0000000001Z", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T24:00:00Z", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T05:60:00Z", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T05:00:0", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T05:00:00.Z", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-01T05:00:00+02:00", NULL, SHUKEI_EINVAL},
    {&millis, "2025-10-1", NULL, SHUKEI_EINVAL},
    {&null, "x", "", SHUKEI_OK},
    {&decimal, "1.5", NULL, SHUKEI_EUNSUPPORTED},
    {&int96, "2025-10-01", NULL, SHUKEI_EUNSUPPORTED},
};

static void parses_what_cat_prints(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_buffer value, printed;
    bool exists = true;
    shukei_error err = {.status = SHUKEI_OK};
    const char *const want = rows[i].printed ? rows[i].printed : rows[i].written;
    sk_buffer_init(&value, NULL, SIZE_MAX / 2);
    sk_buffer_init(&printed, NULL, SIZE_MAX / 2);
    const shukei_status st =
        sk_literal_parse(rows[i].column, rows[i].written, &value, &exists, &err);
    if (st != rows[i].want || (st && !err.text[0]))
      fail_msg("%s: %s, %s", rows[i].written, shukei_status_name(st), err.text);
    if (!st && exists)
      sk_value_text(&printed, rows[i].column, value.bytes, value.length);
    sk_buffer_byte(&printed, '\0');
    if (!st && strcmp((const char *)printed.bytes, want) != 0)
      fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].written, (const char *)printed.bytes, want);
    sk_buffer_reset(&value);
    sk_buffer_reset(&printed);
  }
}

/* Random bytes, as they are printed, are found again; texts are none. */
static void parses_bytes_that_are_no_text(void **state)
{
  (void)state;
  static const char *const none[] = {"",   "0x",   "0xf",    "0xfg", "0xFF",
                                     "ff", "0x61", "0x6162", "0xff0"};
  uint64_t random = 20;
  struct sk_buffer value, printed;
  sk_buffer_init(&value, NULL, SIZE_MAX / 2);
  sk_buffer_init(&printed, NULL, SIZE_MAX / 2);
  for (int round = 0; round < 1000; round++) {
    uint8_t made[9];
    const size_t length = 1 + random_below(&random, sizeof made);
    for (size_t i = 0; i < length; i++)
      made[i] = (uint8_t)random_below(&random, 256);
    sk_buffer_clear(&value);
    sk_buffer_clear(&printed);
    sk_value_text(&printed, &bytes, made, length);
    sk_buffer_byte(&printed, '\0');
    const bool is_text = sk_utf8_valid(made, length);
    const bool found = sk_literal_bytes(&bytes, (const char *)printed.bytes, &value);
    if (found == is_text ||
        (found && (value.length != length || memcmp(value.bytes, made, length) != 0)))
      fail_msg("%s", (const char *)printed.bytes);
  }
  for (size_t i = 0; i < SK_COUNT(none); i++)
    if (sk_literal_bytes(&bytes, none[i], &value))
      fail_msg("%s", none[i]);
  assert_false(sk_literal_bytes(&int32, "0xff", &value));
  sk_buffer_reset(&value);
  sk_buffer_reset(&printed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(parses_what_cat_prints),
                                     cmocka_unit_test(parses_bytes_that_are_no_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
