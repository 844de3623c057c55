/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of S3 as XML, and instants, ranges and keys as servers write them. */
#include "testing.h"

#include "base/alloc.h"
#include "store/s3_call.h"

#define START "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static bool add_leaf(void *context, const char *parent, const char *name, const char *text,
                     size_t length)
{
  assert_int_equal(strlen(text), length);
  sk_buffer_printf(context, "%s/%s=%s;", parent, name, text);
  return !((struct sk_buffer *)context)->failed;
}

static bool add_end(void *context, const char *name)
{
  sk_buffer_printf(context, "%s.", name);
  return !((struct sk_buffer *)context)->failed;
}

static const struct sk_xml_calls calls = {.leaf = add_leaf, .end = add_end};

static void gives_leaves(void **state)
{
  (void)state;
  static const struct {
    const char *text, *leaves; /* NULL: EFORMAT */
  } rows[] = {
      {START "<A><B>1</B><C><D>x &amp; &lt;y&gt;</D></C><E/></A>", "A/B=1;C/D=x & <y>;C.A/E=;A."},
      {"<s:A xmlns:s='u'><s:B>t</s:B></s:A>", "A/B=t;A."},
      {"<A>only</A>", "/A=only;"},
      {"<A><![CDATA[<b>]]></A>", "/A=<b>;"},
      {"<A>&#xe4;&#228;</A>", "/A=\xc3\xa4\xc3\xa4;"},
      {"<A><B>1</A>", NULL},
      {"<A>", NULL},
      {"", NULL},
      {"no XML", NULL},
      {"<html><br></html>", NULL},
      {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", NULL},
      {"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", NULL},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_buffer leaves;
    sk_buffer_init(&leaves, NULL, 1000);
    const shukei_status st =
        sk_xml_parse(rows[i].text, strlen(rows[i].text), &calls, &leaves, NULL, NULL);
    sk_buffer_byte(&leaves, 0);
    if (st != (rows[i].leaves ? SHUKEI_OK : SHUKEI_EFORMAT) ||
        (!st && strcmp((const char *)leaves.bytes, rows[i].leaves) != 0))
      fail_msg("%s: %s, %s", rows[i].text, shukei_status_name(st), (const char *)leaves.bytes);
    sk_buffer_reset(&leaves);
  }
}

static void survives_every_cut(void **state)
{
  (void)state;
  static const char text[] = START "<A><B>1</B><C><D>two</D></C></A>";
  for (size_t length = 0; length < sizeof text - 1; length++) {
    struct sk_buffer leaves;
    sk_buffer_init(&leaves, NULL, 1000);
    assert_int_equal(sk_xml_parse(text, length, &calls, &leaves, NULL, NULL), SHUKEI_EFORMAT);
    sk_buffer_reset(&leaves);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  static const char text[] = "<A><B>1</B></A>";
  bool failed = true;
  for (int n = 0; failed; n++) {
    struct sk_buffer leaves;
    sk_buffer_init(&leaves, NULL, 1000);
    sk_test_fail_alloc(n);
    const shukei_status st = sk_xml_parse(text, sizeof text - 1, &calls, &leaves, NULL, NULL);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (st == SHUKEI_ENOMEM && failed));
    sk_buffer_reset(&leaves);
  }
}

static void reads_complaints(void **state)
{
  (void)state;
  struct sk_s3_complaint complaint;
  static const char text[] = START "<Error><Code>NoSuchKey</Code><Message>a\n\x7f"
                                   "b</Message><Region>eu-x</Region>"
                                   "<StringToSign>secret</StringToSign></Error>";
  sk_s3_complaint_read(text, sizeof text - 1, &complaint);
  assert_string_equal(complaint.code, "NoSuchKey");
  assert_string_equal(complaint.message, "a  b");
  assert_string_equal(complaint.region, "eu-x");
  sk_s3_complaint_read("<html>", 6, &complaint);
  assert_string_equal(complaint.code, "");
}

static void parses_ranges(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    bool good;
    uint64_t first, last, size;
  } rows[] = {
      {"bytes 0-9/10", true, 0, 9, 10},  {"bytes 5-5/18446744073709551615", true, 5, 5, UINT64_MAX},
      {"bytes 5-4/10", false, 0, 0, 0},  {"bytes 5-10/10", false, 0, 0, 0},
      {"bytes */10", false, 0, 0, 0},    {"bytes 0-9/*", false, 0, 0, 0},
      {"bytes 0-9/10 ", false, 0, 0, 0}, {"", false, 0, 0, 0},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    uint64_t first, last, size;
    const bool good = sk_s3_range_parse(rows[i].text, &first, &last, &size);
    if (good != rows[i].good ||
        (good && (first != rows[i].first || last != rows[i].last || size != rows[i].size)))
      fail_msg("\"%s\"", rows[i].text);
  }
}

static void parses_instants(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t seconds; /* -1: none */
  } rows[] = {
      {"2015-08-30T12:36:00Z", 1440938160},
      {"2015-08-30T12:36:00.123456Z", 1440938160},
      {"2015-08-30t14:36:00+02:00", 1440938160},
      {"2015-08-30T10:06:00-02:30", 1440938160},
      {"2015-08-30T12:36:00", -1},
      {"2015-08-30T12:36:00ZZ", -1},
      {"2015-08-30 12:36:00Z", -1},
      {"2015-13-30T12:36:00Z", -1},
      {"2015-08-30T24:36:00Z", -1},
      {"", -1},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    int64_t seconds = -1;
    if (sk_s3_instant(rows[i].text, &seconds) != (rows[i].seconds >= 0) ||
        seconds != rows[i].seconds)
      fail_msg("\"%s\": %" PRId64, rows[i].text, seconds);
  }
  int64_t seconds = -1;
  assert_true(sk_s3_date_parse("Sun, 30 Aug 2015 12:36:00 GMT", &seconds));
  assert_int_equal(seconds, 1440938160);
  assert_false(sk_s3_date_parse("Sun, 30 ugS 2015 12:36:00 GMT", &seconds));
  assert_false(sk_s3_date_parse("Sun, 31 Sep 2015 12:36:00 GMT", &seconds));
  assert_false(sk_s3_date_parse("30 Aug", &seconds));
  assert_false(sk_s3_date_parse("", &seconds));
}

static void parses_keys(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    bool good;
  } rows[] = {
      {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Token\":\"c\","
       "\"Expiration\":\"2015-08-30T12:36:00Z\"}",
       true},
      {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}", true},
      {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"\"}", false},
      {"{\"AccessKeyId\":1,\"SecretAccessKey\":\"b\"}", false},
      {"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Expiration\":\"soon\"}", false},
      {"[]", false},
      {"", false},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_s3_keys keys;
    if (sk_s3_keys_of_json(rows[i].text, strlen(rows[i].text), "Token", &keys) != rows[i].good)
      fail_msg("%s", rows[i].text);
    if (i == 0) {
      assert_string_equal(keys.token, "c");
      assert_int_equal(keys.expires_s, 1440938160);
    } else if (rows[i].good) {
      assert_string_equal(keys.token, "");
      assert_true(keys.expires_s == SK_S3_NEVER);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_leaves),
      cmocka_unit_test(survives_every_cut),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(reads_complaints),
      cmocka_unit_test(parses_ranges),
      cmocka_unit_test(parses_instants),
      cmocka_unit_test(parses_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
