/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses to serve at, and Host headers that may be answered. */
#include "testing.h"

#include "status/http_address.h"
#include "base/error.h"

static const struct {
  const char *text, *want; /* NULL: refused */
  bool loopback;
} addresses[] = {
    {"127.0.0.1:8080", "127.0.0.1:8080", true},
    {"127.9.9.9:1", "127.9.9.9:1", true},
    {"localhost:80", "127.0.0.1:80", true},
    {"8080", "127.0.0.1:8080", true},
    {"0", "127.0.0.1:0", true},
    {"[::1]:65535", "[::1]:65535", true},
    {"0.0.0.0:80", "0.0.0.0:80", false},
    {"[::]:80", "[::]:80", false},
    {"192.0.2.7:80", "192.0.2.7:80", false},
    {"[2001:db8::1]:80", "[2001:db8::1]:80", false},
    {"", NULL, false},
    {":80", NULL, false},
    {"127.0.0.1", NULL, false},
    {"127.0.0.1:", NULL, false},
    {"127.0.0.1:65536", NULL, false},
    {"127.0.0.1:000080", NULL, false},
    {"127.0.0.1:80x", NULL, false},
    {"127.0.0.1:-1", NULL, false},
    {"127.0.0.1: 80", NULL, false},
    {"127.0.0:80", NULL, false},
    {"[127.0.0.1]:80", NULL, false},
    {"::1:80", NULL, false},
    {"[::1:80", NULL, false},
    {"[::1]80", NULL, false},
    {"[::1]", NULL, false},
    {"[localhost]:80", NULL, false},
    {"example.org:80", NULL, false},
    {"70000", NULL, false},
};

static void reads_addresses(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(addresses); i++) {
    struct sk_http_address address;
    char text[SK_HTTP_ADDRESS_TEXT];
    shukei_error err = {.offset = 0};
    const shukei_status st = sk_http_address_parse(addresses[i].text, &address, &err);
    if (st != (addresses[i].want ? SHUKEI_OK : SHUKEI_EINVAL))
      fail_msg("\"%s\": %s", addresses[i].text, shukei_status_name(st));
    if (st) {
      assert_non_null(strstr(err.advice, "127.0.0.1:8080"));
      continue;
    }
    assert_string_equal(sk_http_address_text(&address.place, text), addresses[i].want);
    assert_int_equal(address.loopback, addresses[i].loopback);
  }
}

static void refuses_long_addresses(void **state)
{
  struct sk_http_address address;
  char text[600];
  (void)state;
  memset(text, '1', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  assert_int_equal(sk_http_address_parse(text, &address, NULL), SHUKEI_EINVAL);
  text[300] = ':';
  assert_int_equal(sk_http_address_parse(text, &address, NULL), SHUKEI_EINVAL);
  assert_false(sk_http_host_allowed(text, NULL, 0));
}

static void knows_its_names(void **state)
{
  static const char *const names[] = {"bench.example.org", "b"};
  static const char *const good[] = {
      "127.0.0.1", "127.0.0.1:80", "localhost", "LocalHost:1", "[::1]",
      "[::1]:80",  "192.0.2.7",    "b",         "B:9",         "Bench.Example.Org:443"};
  static const char *const bad[] = {"",
                                    "evil.example",
                                    "localhost.evil",
                                    "127.0.0.1.evil",
                                    "b.example",
                                    "bb",
                                    "[::1",
                                    "[b]",
                                    "[::1]x",
                                    "::1",
                                    "127.0.0.1:x",
                                    "127.0.0.1:99999",
                                    "b:",
                                    "1",
                                    "bench.example.or",
                                    "127.1"};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(good); i++)
    if (!sk_http_host_allowed(good[i], names, 2))
      fail_msg("\"%s\" is refused", good[i]);
  for (size_t i = 0; i < SK_COUNT(bad); i++)
    if (sk_http_host_allowed(bad[i], names, 2))
      fail_msg("\"%s\" is allowed", bad[i]);
  assert_false(sk_http_host_allowed("b", NULL, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads_addresses),
                                     cmocka_unit_test(refuses_long_addresses),
                                     cmocka_unit_test(knows_its_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
