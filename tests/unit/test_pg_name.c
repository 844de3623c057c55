/* SPDX-License-Identifier: Apache-2.0 */
/* Names of PostgreSQL sinks: which they are, what libpq gets, and that no password is accepted or
 * shown. */
#include "testing.h"

#include "sink/pg_name.h"
#include "sink/sink.h"

static void names_and_their_strings(void **state)
{
  (void)state;
  static const struct {
    const char *name, *conninfo; /* NULL: another sink's name */
  } rows[] = {
      {"postgresql://", "postgresql://"},
      {"postgresql://u@h:1/d?sslmode=require", "postgresql://u@h:1/d?sslmode=require"},
      {"postgres://h/d", "postgres://h/d"},
      {"postgresql:host=/run dbname=d", "host=/run dbname=d"},
      {"postgresql:", ""},
      {"postgres:host=h", NULL},
      {"postgresql", NULL},
      {"postgresql.csv", NULL},
      {"Postgresql://h", NULL},
      {"sqlite:postgresql://h", NULL},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    assert_int_equal(sk_pg_is_name(rows[i].name), rows[i].conninfo != NULL);
    if (rows[i].conninfo)
      assert_string_equal(sk_pg_conninfo(rows[i].name), rows[i].conninfo);
  }
}

static void passwords_are_refused_and_not_shown(void **state)
{
  (void)state;
  static const char *const refused[] = {
      "postgresql://u:s3cr3t@h/d",
      "postgres://u:s3cr3t@h/d",
      "postgresql://u@h/d?password=s3cr3t",
      "postgresql:host=h password=s3cr3t",
      "postgresql:host=h password = 's3cr3t'",
      "postgresql:host=h sslpassword=s3cr3t",
      /* What libpq cannot read may have one as well. */
      "postgresql://u:s3cr3t%zz@h/d",
      "postgresql://u:s3cr3t@[h/d",
      "postgresql:host=h pasword=s3cr3t",
      "postgresql:host=h password s3cr3t",
      "postgresql:host=h password='s3cr3t",
  };
  for (size_t i = 0; i < SK_COUNT(refused); i++) {
    shukei_error error;
    assert_int_equal(sk_sink_check(refused[i], &error), SHUKEI_EINVAL);
    if (strstr(error.text, "s3cr3t") || strstr(error.advice, "s3cr3t"))
      fail_msg("%s: %s", refused[i], error.text);
    assert_non_null(strstr(error.text, "postgresql:..."));
    assert_true(error.advice[0] != '\0');
  }
}

static void names_without_passwords_are_fine(void **state)
{
  (void)state;
  static const char *const fine[] = {
      "postgresql://", "postgresql://u@h/d",      "postgresql://u:@h/d",
      "postgresql:",   "postgresql:service=koku", "postgresql:host=h passfile=/etc/pgpass",
  };
  for (size_t i = 0; i < SK_COUNT(fine); i++) {
    shukei_error error;
    if (sk_sink_check(fine[i], &error))
      fail_msg("%s: %s", fine[i], error.text);
    assert_null(sk_sink_path(fine[i]));
    assert_true(sk_sink_has_settings(fine[i]));
  }
  assert_false(sk_sink_has_settings("a.db"));
}

static void identifiers_are_quoted(void **state)
{
  (void)state;
  static const struct {
    const char *schema, *table, *want;
  } rows[] = {
      {"org1", "t", "\"org1\".\"t\""},
      {"Org 1", "select", "\"Org 1\".\"select\""},
      {"a\"b", "\"", "\"a\"\"b\".\"\"\"\""},
      {"a'; DROP TABLE x; --", "t", "\"a'; DROP TABLE x; --\".\"t\""},
      {"s\\", "\xc3\xa4", "\"s\\\".\"\xc3\xa4\""},
      {"", "", "\"\".\"\""},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_buffer sql;
    sk_buffer_init(&sql, NULL, 1000);
    sk_pg_quote_table(&sql, rows[i].schema, rows[i].table);
    assert_int_equal(sql.length, strlen(rows[i].want));
    assert_memory_equal(sql.bytes, rows[i].want, sql.length);
    sk_buffer_reset(&sql);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_their_strings),
      cmocka_unit_test(passwords_are_refused_and_not_shown),
      cmocka_unit_test(names_without_passwords_are_fine),
      cmocka_unit_test(identifiers_are_quoted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
