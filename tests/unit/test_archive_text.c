/* SPDX-License-Identifier: Apache-2.0 */
/* An archive is known again by its text; a text that is cut or changed is none, or an archive that
 * can be freed. */
#include "archive_testing.h"

#include "input/archive_text.h"

static struct sk_budget budget;
static struct sk_buffer text;
static shukei_error err;

static int set_up(void **state)
{
  (void)state;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&text, NULL, TAR_MOST);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  sk_buffer_reset(&text);
  return budget.used_bytes == 0 ? 0 : -1;
}

/* Fills the text with that of an archive that has all there can be. */
static void write_text(void)
{
  static const char *files[] = {"a.csv", "b\n:1 .csv"}, *others[] = {"ros.csv"};
  struct sk_hour hours[] = {{-3600000000, 2}, {1759276800000000, 5}};
  struct sk_archive_member members[] = {
      {.name = "a.csv", .path = "a.csv", .offset = 512, .size = 10, .crc = 0xFFFFFFFF},
      {.name = "b.csv",
       .path = "sub/b.csv",
       .offset = 1536,
       .size = UINT64_C(1) << 40,
       .looked = true,
       .report = SK_REPORT_POD,
       .timed = true,
       .hours = {.items = hours, .count = 2, .records = 8}},
      {.path = "sub/deep/c", .looked = true, .report = -1, .why = "is empty"}};
  members[1].name = members[1].path + 4;
  members[0].name = members[0].path;
  const struct sk_archive archive = {
      .path = "x",
      .size_bytes = 77,
      .text_bytes = 5120,
      .manifest = {.uuid = "",
                   .cluster_id = "c\xC3\xA9",
                   .date = {1759276800000001, 999},
                   .has_end = true,
                   .end = {-1, 3},
                   .whole_days = true,
                   .files = files,
                   .file_count = 2,
                   .other_files = others,
                   .other_count = 1},
      .members = members,
      .count = 3,
  };
  sk_archive_text(&archive, &text);
  sk_buffer_byte(&text, '\0');
  assert_false(text.failed);
}

static void is_known_again(void **state)
{
  struct sk_archive *a = NULL;
  struct sk_buffer again;
  (void)state;
  write_text();
  assert_int_equal(sk_archive_of_text((const char *)text.bytes, "y", &budget, &a, &err), SHUKEI_OK);
  assert_non_null(a);
  assert_true(a->recalled);
  assert_string_equal(a->path, "y");
  assert_string_equal(a->manifest.cluster_id, "c\xC3\xA9");
  assert_string_equal(a->manifest.files[1], "b\n:1 .csv");
  assert_int_equal(a->manifest.end.us, -1);
  assert_false(a->manifest.has_start);
  assert_string_equal(a->members[1].name, "b.csv");
  assert_null(a->members[2].name);
  assert_string_equal(a->members[2].why, "is empty");
  assert_int_equal(a->members[1].hours.items[0].us, -3600000000);
  assert_int_equal(a->members[1].hours.records, 8);
  sk_buffer_init(&again, NULL, TAR_MOST);
  sk_archive_text(a, &again);
  sk_buffer_byte(&again, '\0');
  assert_string_equal((const char *)again.bytes, (const char *)text.bytes);
  sk_buffer_reset(&again);
  sk_archive_free(a);
}

static void a_broken_text_is_none(void **state)
{
  struct sk_archive *a = NULL;
  (void)state;
  write_text();
  char *bytes = (char *)text.bytes;
  for (size_t cut = text.length - 1; cut-- > 0;) {
    const char kept = bytes[cut];
    bytes[cut] = '\0';
    assert_int_equal(sk_archive_of_text(bytes, "y", &budget, &a, &err), SHUKEI_OK);
    assert_null(a);
    for (int c = 1; c < 128; c += 9) {
      bytes[cut] = (char)c;
      assert_int_equal(sk_archive_of_text(bytes, "y", &budget, &a, &err), SHUKEI_OK);
      sk_archive_free(a);
    }
    bytes[cut] = kept;
  }
}

static void survives_every_failed_allocation(void **state)
{
  struct sk_archive *a = NULL;
  shukei_status st = SHUKEI_ENOMEM;
  (void)state;
  write_text();
  for (int64_t n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = sk_archive_of_text((const char *)text.bytes, "y", &budget, &a, NULL);
    assert_true((st == SHUKEI_OK) == (a != NULL));
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  sk_archive_free(a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(is_known_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_broken_text_is_none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(survives_every_failed_allocation, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
