/* SPDX-License-Identifier: Apache-2.0 */
/* The page checksum against the polynomial, bit by bit. */
#include "testing.h"

#include "parquet/crc.h"

static uint32_t crc_by_bits(uint32_t crc, const uint8_t *bytes, size_t length)
{
  crc = ~crc;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
  }
  return ~crc;
}

static void equals_the_polynomial(void **state)
{
  (void)state;
  uint8_t bytes[700];
  uint64_t random = 1;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)next_random(&random);
  assert_int_equal(sk_crc32(0, "123456789", 9), 0xcbf43926);
  assert_int_equal(sk_crc32(0, NULL, 0), 0);
  for (size_t length = 0; length <= sizeof bytes; length++)
    assert_int_equal(sk_crc32(0, bytes, length), crc_by_bits(0, bytes, length));
}

static void goes_on_from_a_part(void **state)
{
  (void)state;
  const char text[] = "a header, then a body";
  for (size_t cut = 0; cut < sizeof text; cut++) {
    const uint32_t part = sk_crc32(0, text, cut);
    assert_int_equal(sk_crc32(part, text + cut, sizeof text - cut), sk_crc32(0, text, sizeof text));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_polynomial),
      cmocka_unit_test(goes_on_from_a_part),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
