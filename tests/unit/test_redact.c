/* SPDX-License-Identifier: Apache-2.0 */
/* What is hidden in messages, and what is not. */
#include "testing.h"

#include "base/redact.h"

static const struct {
  const char *text, *want;
} texts[] = {
    {"", ""},
    {"a.csv: row 7", "a.csv: row 7"},
    {"sink \"postgresql://me:s3cret@host:5432/db\": no",
     "sink \"postgresql://me:***@host:5432/db\": no"},
    {"postgresql://me@host/db", "postgresql://me@host/db"},
    {"postgresql://host:5432/db", "postgresql://host:5432/db"},
    {"postgresql://:pw@host", "postgresql://:***@host"},
    {"postgresql://me:p@w/o@rd@host/db", "postgresql://me:***@host/db"},
    {"http://proxy:x@a b:c@d", "http://proxy:***@a b:c@d"},
    {"://:@", "://:***@"},
    {"a://", "a://"},
    {"host=h password=s3cret user=me", "host=h password=*** user=me"},
    {"PassWord = 's3 c\\'ret' user=me", "PassWord = *** user=me"},
    {"postgresql:password=\"a b\" x", "postgresql:password=*** x"},
    {"password='open", "password=***"},
    {"password=", "password=***"},
    {"password", "password"},
    {"mypassword=a", "mypassword=a"}, /* a column's name, say */
    {"PGPASSWORD=a&sslpassword=b", "PGPASSWORD=***&sslpassword=***"},
    {"https://b.s3/k?X-Amz-Signature=abc&X-Amz-Date=1&X-Amz-Security-Token=d%2F",
     "https://b.s3/k?X-Amz-Signature=***&X-Amz-Date=1&X-Amz-Security-Token=***"},
    {"https://b.s3/k?X-Amz-Credential=AKIA%2F1&x=2", "https://b.s3/k?X-Amz-Credential=***&x=2"},
    {"AWS_SECRET_ACCESS_KEY=wJalr/x+y, region=eu", "AWS_SECRET_ACCESS_KEY=***, region=eu"},
    {"?user=me&password=a%20b", "?user=me&password=***"},
};

static void hides_secrets(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    struct sk_buffer out;
    sk_buffer_init(&out, NULL, 4096);
    sk_redact(&out, texts[i].text);
    sk_buffer_byte(&out, '\0');
    if (strcmp((const char *)out.bytes, texts[i].want) != 0)
      fail_msg("\"%s\": \"%s\"", texts[i].text, (const char *)out.bytes);
    sk_buffer_reset(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(hides_secrets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
