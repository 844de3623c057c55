/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the examples of FIPS 180-4, HMAC against those of RFC 4231, and the fast way
 * against the plain one. */
#include "testing.h"

#include "base/error.h"
#include "base/sha256.h"
#include "base/sha256_block.h"

static void knows_the_published_digests(void **state)
{
  (void)state;
  static const struct {
    const char *text, *digest;
  } known[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  char text[SK_SHA256_TEXT];
  for (size_t i = 0; i < SK_COUNT(known); i++)
    assert_string_equal(sk_sha256_text(known[i].text, strlen(known[i].text), text),
                        known[i].digest);
}

static void digests_a_million_bytes_in_parts(void **state)
{
  (void)state;
  struct sk_sha256 sha;
  uint8_t digest[SK_SHA256_BYTES], some[997];
  char text[SK_SHA256_TEXT];
  memset(some, 'a', sizeof some);
  sk_sha256_init(&sha);
  for (size_t left = 1000000; left > 0;) {
    const size_t part = left < sizeof some ? left : sizeof some;
    sk_sha256_add(&sha, some, part);
    left -= part;
  }
  sk_sha256_end(&sha, digest);
  assert_string_equal(sk_sha256_hex(digest, text),
                      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void both_ways_give_the_same(void **state)
{
  (void)state;
  uint8_t bytes[64 * 7];
  uint64_t random = 7;
  if (!sk_sha256_fast())
    skip();
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)next_random(&random);
  for (size_t count = 0; count <= 7; count++) {
    uint32_t plain[8], fast[8];
    for (int i = 0; i < 8; i++)
      plain[i] = fast[i] = (uint32_t)next_random(&random);
    sk_sha256_blocks_plain(plain, bytes, count);
    sk_sha256_blocks_fast(fast, bytes, count);
    assert_memory_equal(plain, fast, sizeof plain);
  }
}

static void every_cut_gives_the_same(void **state)
{
  (void)state;
  uint8_t bytes[200], digest[SK_SHA256_BYTES];
  char whole[SK_SHA256_TEXT], parts[SK_SHA256_TEXT];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)i;
  for (size_t length = 0; length <= sizeof bytes; length += 5)
    for (size_t cut = 0; cut <= length; cut++) {
      struct sk_sha256 sha;
      sk_sha256_init(&sha);
      sk_sha256_add(&sha, bytes, cut);
      sk_sha256_add(&sha, bytes + cut, length - cut);
      sk_sha256_end(&sha, digest);
      assert_string_equal(sk_sha256_hex(digest, parts), sk_sha256_text(bytes, length, whole));
    }
}

static void knows_the_published_codes(void **state)
{
  (void)state;
  uint8_t key[131], digest[SK_SHA256_BYTES];
  char text[SK_SHA256_TEXT];
  sk_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
  assert_string_equal(sk_sha256_hex(digest, text),
                      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  memset(key, 0xaa, sizeof key);
  const char *const data = "Test Using Larger Than Block-Size Key - Hash Key First";
  sk_hmac_sha256(key, sizeof key, data, strlen(data), digest);
  assert_string_equal(sk_sha256_hex(digest, text),
                      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_the_published_digests),
      cmocka_unit_test(digests_a_million_bytes_in_parts),
      cmocka_unit_test(both_ways_give_the_same),
      cmocka_unit_test(every_cut_gives_the_same),
      cmocka_unit_test(knows_the_published_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
