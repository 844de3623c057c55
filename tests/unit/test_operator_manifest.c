/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.json: what it says, what is refused, and hours of days. */
#include "testing.h"

#include "base/calendar.h"
#include "input/operator_manifest.h"
#include "input/times.h"

#define REST "\"cluster_id\": \"c\", \"date\": \"2025-10-01T00:00:00Z\""
#define WITH(more) "{\"uuid\": \"u\", " REST ", " more "}"

static struct sk_budget budget;
static struct sk_arena arena;
static struct sk_operator_manifest manifest;
static shukei_error err;

static int set_up(void **state)
{
  (void)state;
  sk_budget_init(&budget, UINT64_MAX);
  sk_arena_init(&arena, &budget);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  sk_arena_reset(&arena);
  assert_int_equal(budget.used_bytes, 0);
  return 0;
}

static shukei_status parse(const char *text)
{
  return sk_operator_manifest_parse("m", text, strlen(text), &arena, &manifest, &err);
}

static void must_parse(const char *text)
{
  if (parse(text))
    fail_msg("%s: %s", text, err.text);
}

static void reads_all_members(void **state)
{
  (void)state;
  must_parse(WITH("\"version\": \"3\", \"daily_reports\": true, \"files\": [\"b\", \"a\", \"b\"], "
                  "\"resource_optimization_files\": [\"r\"], \"start\": \"2025-10-01 06:00:00.5\", "
                  "\"end\": \"2025-10-01T13:59:59.123456789+02:00\", \"cr_status\": {\"x\": [1]}"));
  assert_string_equal(manifest.uuid, "u");
  assert_string_equal(manifest.cluster_id, "c");
  assert_true(manifest.whole_days && manifest.has_start && manifest.has_end);
  assert_int_equal(manifest.date.us, 1759276800000000);
  assert_int_equal(manifest.start.us, 1759276800000000 + 6 * 3600000000 + 500000);
  assert_int_equal(manifest.end.us, 1759276800000000 + 12 * 3600000000 - 1000000 + 123456);
  assert_int_equal(manifest.end.ns, 789);
  assert_int_equal(manifest.file_count, 2);
  assert_string_equal(manifest.files[0], "a");
  assert_string_equal(manifest.files[1], "b");
  assert_int_equal(manifest.other_count, 1);
  assert_true(sk_names_have(manifest.files, 2, "b") && !sk_names_have(manifest.files, 2, "c"));
  assert_false(sk_names_have(NULL, 0, "c"));
}

static void takes_defaults(void **state)
{
  (void)state;
  must_parse(WITH("\"files\": null, \"start\": null, \"end\": \"0001-01-01T00:00:00Z\""));
  assert_true(manifest.whole_days); /* no version */
  assert_false(manifest.has_start || manifest.has_end);
  assert_int_equal(manifest.file_count, 0);
  must_parse(WITH("\"version\": \"1\", \"daily_reports\": null"));
  assert_false(manifest.whole_days);
  must_parse(WITH("\"version\": \"\", \"daily_reports\": false"));
  assert_true(manifest.whole_days);
  must_parse(WITH("\"version\": null"));
  assert_true(manifest.whole_days);
}

static const char *const refused[] = {
    "",
    "[]",
    "{",
    "{} {}",
    "{\"uuid\": \"u\xff\"}",
    "{" REST "}",
    "{\"uuid\": \"\", " REST "}",
    "{\"uuid\": 1, " REST "}",
    "{\"uuid\": \"u\", \"cluster_id\": \"c\"}",
    "{\"uuid\": \"u\", \"date\": \"2025-10-01T00:00:00Z\"}",
    "{\"uuid\": \"u\", \"cluster_id\": \"c\", \"date\": \"yesterday\"}",
    "{\"uuid\": \"u\", \"cluster_id\": \"c\", \"date\": \"2025-10-01\"}",
    "{\"uuid\": \"u\", \"cluster_id\": \"c\", \"date\": 5}",
    "{\"uuid\": \"u\", \"cluster_id\": \"c\", \"date\": \"2025-10-01T00:00:00.1234567890Z\"}",
    WITH("\"start\": \"2025-13-01T00:00:00Z\""),
    WITH("\"end\": {}"),
    WITH("\"daily_reports\": \"yes\""),
    WITH("\"version\": 3"),
    WITH("\"files\": \"a\""),
    WITH("\"files\": [null]"),
    WITH("\"files\": [\"\"]"),
    WITH("\"files\": [\"a/b\"]"),
    WITH("\"files\": [\"a\\\\b\"]"),
    WITH("\"files\": [\"..\"]"),
    WITH("\"files\": [\"a..csv\"]"),
    WITH("\"files\": [\"a\\u0000b\"]"),
    WITH("\"resource_optimization_files\": [\"../a\"]"),
};

static void refuses_what_is_none(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(refused); i++)
    if (parse(refused[i]) != SHUKEI_EFORMAT)
      fail_msg("not refused: %s", refused[i]);
}

static void bounds_its_memory(void **state)
{
  (void)state;
  char *text = malloc(SK_MANIFEST_MOST + 2);
  assert_non_null(text);
  memset(text, ' ', SK_MANIFEST_MOST + 1);
  assert_int_equal(
      sk_operator_manifest_parse("m", text, SK_MANIFEST_MOST + 1, &arena, &manifest, &err),
      SHUKEI_EFORMAT);
  for (size_t i = 0; i < SK_MANIFEST_MOST; i += 3)
    memcpy(text + i, "[],", 3);
  assert_int_equal(sk_operator_manifest_parse("m", text, SK_MANIFEST_MOST, &arena, &manifest, &err),
                   SHUKEI_EFORMAT);
  assert_string_equal(err.text, "m: over 100000 values, expected a manifest");
  free(text);
  budget.limit_bytes = 100;
  assert_int_equal(parse(WITH("\"files\": []")), SHUKEI_ENOMEM);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0; st; n++) {
    sk_arena_reset(&arena);
    sk_test_fail_alloc(n);
    st = parse(WITH("\"files\": [\"a\", \"b\"]"));
    if (!sk_test_alloc_failed())
      break;
    assert_int_equal(st, SHUKEI_ENOMEM);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
}

static struct sk_moment at(const char *text, uint32_t ns)
{
  struct sk_moment moment = {0, ns};
  assert_int_equal(sk_time_parse(text, strlen(text), &moment.us), SHUKEI_OK);
  return moment;
}

static void counts_hours(void **state)
{
  (void)state;
  static const struct {
    const char *start, *end;
    uint32_t start_ns, end_ns;
    int first, second; /* of 2025-10-01 and the day behind it */
  } table[] = {
      {"2025-10-01T00:00:00Z", "2025-10-01T17:59:59Z", 0, 0, 18, 0},
      {"2025-10-01T00:00:00Z", "2025-10-01T18:00:00Z", 0, 0, 18, 0},
      {"2025-10-01T00:00:00Z", "2025-10-01T18:00:00Z", 0, 1, 19, 0},
      {"2025-10-01T00:00:00Z", "2025-10-01T18:00:00Z", 1, 1, 18, 0},
      {"2025-10-01T06:30:00Z", "2025-10-01T06:30:00Z", 0, 0, 0, 0},
      {"2025-10-01T06:30:00Z", "2025-10-01T06:30:01Z", 0, 0, 1, 0},
      {"2025-10-01T00:00:00Z", "2025-10-01T23:59:59Z", 0, 0, 24, 0},
      {"2025-10-01T18:00:00Z", "2025-10-02T05:59:59Z", 0, 0, 6, 6},
      {"2025-10-01T18:00:00Z", "2025-10-02T00:00:00Z", 0, 0, 6, 0},
      {"2025-09-01T00:00:00Z", "2025-11-01T00:00:00Z", 0, 0, 24, 24},
      {"2025-10-02T00:00:00Z", "2025-10-01T00:00:00Z", 0, 0, 0, 0},
  };
  const int32_t day = sk_day_of_date((struct sk_date){2025, 10, 1});
  for (size_t i = 0; i < SK_COUNT(table); i++) {
    const struct sk_moment start = at(table[i].start, table[i].start_ns),
                           end = at(table[i].end, table[i].end_ns);
    assert_int_equal(sk_hours_within(start, end, day), table[i].first);
    assert_int_equal(sk_hours_within(start, end, day + 1), table[i].second);
  }
  assert_true(sk_moment_compare(at("2025-10-01T00:00:00Z", 1), at("2025-10-01T00:00:00Z", 2)) < 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(reads_all_members),
      CASE(takes_defaults),
      CASE(refuses_what_is_none),
      CASE(bounds_its_memory),
      CASE(survives_every_failed_allocation),
      cmocka_unit_test(counts_hours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
