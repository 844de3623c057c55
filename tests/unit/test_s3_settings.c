/* SPDX-License-Identifier: Apache-2.0 */
/* The files of profiles, what they and the environment say of S3, and names of objects. */
#include "testing.h"

#include "base/alloc.h"
#include "store/s3_settings.h"

static const char config[] = "; a comment\r\n"
                             "[default]\r\n"
                             "region = eu-central-1\r\n"
                             "ca_bundle = /a/b.pem\n"
                             "s3 =\n"
                             "  addressing_style = virtual\n"
                             "\tmax_queue = 10\n"
                             "empty =\n"
                             "[ profile   work ] # and more\n"
                             "region=us-west-2\n"
                             "region = us-west-3\n"
                             "endpoint_url = https://storage.example:9000/base/\n"
                             "no sign here\n"
                             "[services x]\n"
                             "s3 =\n"
                             "  endpoint_url = http://127.0.0.1:1\n"
                             "last = without a line's end";
static const char credentials[] =
    "[work]\naws_access_key_id = A=B\n[default]\nregion = from-here\n";

static struct sk_s3_profiles profiles_of(const char *name)
{
  struct sk_s3_profiles profiles;
  memset(&profiles, 0, sizeof profiles);
  sk_buffer_init(&profiles.config, NULL, 10000);
  sk_buffer_init(&profiles.credentials, NULL, 10000);
  sk_buffer_add(&profiles.config, config, sizeof config);
  sk_buffer_add(&profiles.credentials, credentials, sizeof credentials);
  snprintf(profiles.name, sizeof profiles.name, "%s", name);
  return profiles;
}

static void finds_values(void **state)
{
  (void)state;
  static const struct {
    const char *profile, *group, *key, *value; /* value NULL: none */
  } rows[] = {
      {"default", NULL, "region", "from-here"},
      {"default", NULL, "ca_bundle", "/a/b.pem"},
      {"default", "s3", "addressing_style", "virtual"},
      {"default", "s3", "max_queue", "10"},
      {"default", NULL, "addressing_style", NULL},
      {"default", NULL, "empty", NULL},
      {"default", "s4", "max_queue", NULL},
      {"work", NULL, "region", "us-west-3"},
      {"work", NULL, "aws_access_key_id", "A=B"},
      {"work", NULL, "ca_bundle", NULL},
      {"other", NULL, "region", NULL},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_s3_profiles profiles = profiles_of(rows[i].profile);
    char value[SK_S3_VALUE_TEXT] = "";
    const bool found = sk_s3_profile_value(&profiles, rows[i].group, rows[i].key, value);
    if (found != (rows[i].value != NULL) || (found && strcmp(value, rows[i].value) != 0))
      fail_msg("%s, %s: %s", rows[i].profile, rows[i].key, found ? value : "none");
    sk_s3_profiles_reset(&profiles);
  }
  struct sk_s3_profiles profiles = profiles_of("default");
  char value[SK_S3_VALUE_TEXT];
  assert_true(sk_s3_section_value(&profiles, "services x", "s3", "endpoint_url", value));
  assert_string_equal(value, "http://127.0.0.1:1");
  assert_true(sk_s3_section_value(&profiles, "services x", NULL, "last", value));
  assert_string_equal(value, "without a line's end");
  sk_s3_profiles_reset(&profiles);
}

static void clear_environment(void)
{
  static const char *const names[] = {
      "AWS_REGION",       "AWS_DEFAULT_REGION",        "AWS_ENDPOINT_URL",
      "AWS_CA_BUNDLE",    "AWS_ENDPOINT_URL_S3",       "SHUKEI_S3_ADDRESSING_STYLE",
      "AWS_MAX_ATTEMPTS", "SHUKEI_S3_CONNECT_SECONDS", "SHUKEI_S3_STALL_SECONDS"};
  for (size_t i = 0; i < SK_COUNT(names); i++)
    unsetenv(names[i]);
}

static struct sk_s3_settings read_good(const char *profile)
{
  struct sk_s3_profiles profiles = profiles_of(profile);
  struct sk_s3_settings settings;
  shukei_error error;
  if (sk_s3_settings_read(&profiles, &settings, &error))
    fail_msg("%s: %s", profile, error.text);
  sk_s3_profiles_reset(&profiles);
  return settings;
}

static void settles(void **state)
{
  (void)state;
  clear_environment();
  struct sk_s3_settings settings = read_good("default");
  char host[600];
  assert_string_equal(settings.region, "from-here");
  assert_string_equal(settings.host, "s3.from-here.amazonaws.com");
  assert_string_equal(settings.ca_file, "/a/b.pem");
  assert_false(sk_s3_bucket_host(&settings, "lake", host));
  assert_string_equal(host, "lake.s3.from-here.amazonaws.com");
  assert_true(sk_s3_bucket_host(&settings, "my.lake", host)); /* no certificate holds for that */
  assert_string_equal(host, "s3.from-here.amazonaws.com");
  settings = read_good("work");
  assert_string_equal(settings.region, "us-west-3");
  assert_string_equal(settings.scheme, "https");
  assert_string_equal(settings.host, "storage.example:9000");
  assert_string_equal(settings.folder, "/base");
  assert_true(sk_s3_bucket_host(&settings, "lake", host));
  assert_string_equal(settings.ca_file, "");
  setenv("AWS_REGION", "cn-north-1", 1);
  settings = read_good("default");
  assert_string_equal(settings.host, "s3.cn-north-1.amazonaws.com.cn");
  setenv("AWS_CA_BUNDLE", "/c.pem", 1);
  settings = read_good("default");
  assert_string_equal(settings.ca_file, "/c.pem");
  clear_environment();
}

static void splits_endpoints(void **state)
{
  (void)state;
  static const struct {
    const char *url;
    bool good;
  } rows[] = {
      {"http://h", true},
      {"https://[::1]:9000/", true},
      {"https://h/a/b//", true},
      {"h:9000", false},
      {"ftp://h", false},
      {"http://", false},
      {"http://user:p@h", false},
      {"http:///a", false},
      {"http://h/a?b", false},
      {"http://h\r\nX: y", false},
      {"", false},
      {"http://h h", false},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_s3_settings settings;
    memset(&settings, 0, sizeof settings);
    if (sk_s3_endpoint_split(rows[i].url, &settings) != rows[i].good)
      fail_msg("\"%s\"", rows[i].url);
  }
}

static void parses_names(void **state)
{
  (void)state;
  static const struct {
    const char *text, *bucket, *key; /* bucket NULL: none */
  } rows[] = {
      {"s3://lake/a/b.csv", "lake", "a/b.csv"},
      {"s3://lake", "lake", ""},
      {"s3://lake/", "lake", ""},
      {"s3://my.lake-1//a", "my.lake-1", "/a"},
      {"s3:///a", NULL, NULL},
      {"s3://", NULL, NULL},
      {"s3://la ke/a", NULL, NULL},
      {"s3://.lake/a", NULL, NULL},
      {"s3://user@lake/a", NULL, NULL},
      {"s3://lake:80/a", NULL, NULL},
  };
  char long_name[SK_S3_KEY_MOST + 20];
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_s3_name name;
    assert_true(sk_s3_named(rows[i].text));
    const shukei_status st = sk_s3_name_parse(rows[i].text, &name, NULL);
    assert_int_equal(st, rows[i].bucket ? SHUKEI_OK : SHUKEI_EINVAL);
    if (st)
      continue;
    assert_string_equal(name.bucket, rows[i].bucket);
    assert_string_equal(name.key, rows[i].key);
  }
  assert_false(sk_s3_named("s3:/a"));
  assert_false(sk_s3_named("./s3://a/b"));
  struct sk_s3_name name;
  memset(long_name, 'k', sizeof long_name);
  memcpy(long_name, "s3://b/", 7);
  long_name[7 + SK_S3_KEY_MOST] = '\0';
  assert_int_equal(sk_s3_name_parse(long_name, &name, NULL), SHUKEI_OK);
  long_name[7 + SK_S3_KEY_MOST] = 'k';
  long_name[8 + SK_S3_KEY_MOST] = '\0';
  assert_int_equal(sk_s3_name_parse(long_name, &name, NULL), SHUKEI_EINVAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_values),
      cmocka_unit_test(settles),
      cmocka_unit_test(splits_endpoints),
      cmocka_unit_test(parses_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
