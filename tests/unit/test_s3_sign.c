/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures that AWS publishes: those of its test suite for Signature Version 4, and the four
 * examples of the manual of S3. */
#include "testing.h"

#include "base/error.h"
#include "base/sha256.h"
#include "store/s3_sign.h"

#define NONE                                                                                       \
  {                                                                                                \
    NULL, NULL                                                                                     \
  }

struct vector {
  const char *name, *method, *path;
  struct sk_s3_pair query[2], headers[6];
  const char *body, *signature;
};

static const struct vector suite[] = {
    {"get-vanilla",
     "GET",
     "/",
     {NONE},
     {NONE},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {NONE},
     {NONE},
     "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     {{"Param2", "value2"}, {"Param1", "value1"}},
     {NONE},
     "",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-order-value",
     "GET",
     "/",
     {{"Param1", "value2"}, {"Param1", "value1"}},
     {NONE},
     "",
     "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     {{"\xe1\x88\xb4", "bar"}},
     {NONE},
     "",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {NONE},
     {{"content-type", "application/x-www-form-urlencoded"}},
     "Param1=value1",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"get-vanilla-with-session-token",
     "GET",
     "/",
     {NONE},
     {{"x-amz-security-token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
     "",
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
};

static const char nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char welcome[] = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";

static const struct vector manual[] = {
    {"GET object",
     "GET",
     "/test.txt",
     {NONE},
     {{"range", "bytes=0-9"}, {"x-amz-content-sha256", nothing}},
     "",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"PUT object",
     "PUT",
     "/test$file.text",
     {NONE},
     {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
      {"x-amz-content-sha256", welcome},
      {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
     "Welcome to Amazon S3.",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"GET bucket lifecycle",
     "GET",
     "/",
     {{"lifecycle", ""}},
     {{"x-amz-content-sha256", nothing}},
     "",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"GET bucket",
     "GET",
     "/",
     {{"prefix", "J"}, {"max-keys", "2"}},
     {{"x-amz-content-sha256", nothing}},
     "",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static int by_name(const void *a, const void *b)
{
  return strcmp(((const struct sk_s3_pair *)a)->name, ((const struct sk_s3_pair *)b)->name);
}

static void check(const struct vector *v, const struct sk_s3_scope *scope, const char *host)
{
  struct sk_buffer path, query, out;
  struct sk_s3_pair headers[8];
  char payload[SK_SHA256_TEXT];
  size_t count = 0, parameters = 0;
  sk_buffer_init(&path, NULL, 1000);
  sk_buffer_init(&query, NULL, 1000);
  sk_buffer_init(&out, NULL, 1000);
  headers[count++] = (struct sk_s3_pair){"host", host};
  headers[count++] = (struct sk_s3_pair){"x-amz-date", scope->time};
  for (size_t i = 0; v->headers[i].name; i++)
    headers[count++] = v->headers[i];
  qsort(headers, count, sizeof *headers, by_name);
  while (parameters < 2 && v->query[parameters].name)
    parameters++;
  sk_s3_encode(&path, v->path, true);
  sk_buffer_byte(&path, 0);
  sk_s3_query(&query, v->query, parameters);
  sk_buffer_byte(&query, 0);
  const struct sk_s3_to_sign request = {.method = v->method,
                                        .path = (const char *)path.bytes,
                                        .query = (const char *)query.bytes,
                                        .headers = headers,
                                        .header_count = count,
                                        .payload =
                                            sk_sha256_text(v->body, strlen(v->body), payload)};
  assert_true(sk_s3_sign(scope, &request, &out));
  assert_true(out.length > 64);
  if (memcmp(out.bytes + out.length - 64, v->signature, 64) != 0)
    fail_msg("%s: %.*s, expected %s", v->name, (int)out.length, (const char *)out.bytes,
             v->signature);
  sk_buffer_reset(&path);
  sk_buffer_reset(&query);
  sk_buffer_reset(&out);
}

static void signs_as_the_suite(void **state)
{
  (void)state;
  const struct sk_s3_scope scope = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                    "us-east-1", "service", "20150830T123600Z"};
  for (size_t i = 0; i < SK_COUNT(suite); i++)
    check(&suite[i], &scope, "example.amazonaws.com");
}

static void signs_as_the_manual(void **state)
{
  (void)state;
  const struct sk_s3_scope scope = {"AKIAIOSFODNN7EXAMPLE",
                                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3",
                                    "20130524T000000Z"};
  for (size_t i = 0; i < SK_COUNT(manual); i++)
    check(&manual[i], &scope, "examplebucket.s3.amazonaws.com");
}

static void writes_instants(void **state)
{
  (void)state;
  char text[SK_S3_TIME_TEXT];
  sk_s3_time_text(0, text);
  assert_string_equal(text, "19700101T000000Z");
  sk_s3_time_text(1440938160, text);
  assert_string_equal(text, "20150830T123600Z");
  sk_s3_time_text(1709251199, text);
  assert_string_equal(text, "20240229T235959Z");
  sk_s3_time_text(-1, text);
  assert_string_equal(text, "19691231T235959Z");
}

/* Slashes are kept in a path alone; names are sorted, and values of one name. */
static void encodes_queries(void **state)
{
  (void)state;
  static const struct sk_s3_pair pairs[] = {
      {"prefix", "a/b c~\xc3\xa9"}, {"x", "2"}, {"list-type", "2"}, {"x", "1"}, {"uploads", ""}};
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 1000);
  sk_s3_query(&out, pairs, SK_COUNT(pairs));
  sk_buffer_byte(&out, '\n');
  sk_s3_encode(&out, "a/b c", true);
  sk_buffer_byte(&out, '\0');
  assert_string_equal((const char *)out.bytes,
                      "list-type=2&prefix=a%2Fb%20c~%C3%A9&uploads=&x=1&x=2\na/b%20c");
  sk_buffer_reset(&out);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  const struct sk_s3_scope scope = {"A", "B", "us-east-1", "s3", "20130524T000000Z"};
  const struct sk_s3_pair host = {"host", "h"};
  const struct sk_s3_to_sign request = {"GET", "/", "", &host, 1, nothing};
  bool failed = true;
  for (int n = 0; failed; n++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 1000);
    sk_test_fail_alloc(n);
    const bool ok = sk_s3_sign(&scope, &request, &out);
    failed = sk_test_alloc_failed();
    assert_true(ok || failed);
    sk_test_fail_alloc(-1);
    sk_buffer_reset(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signs_as_the_suite),
      cmocka_unit_test(signs_as_the_manual),
      cmocka_unit_test(writes_instants),
      cmocka_unit_test(encodes_queries),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
