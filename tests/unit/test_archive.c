/* SPDX-License-Identifier: Apache-2.0 */
/* Archives as a whole: what is kept of them, what is refused, and reading parts of a gzip file. */
#include "archive_testing.h"

#include "input/archive.h"
#include "store/store.h"

#include <libdeflate.h>

#define MANIFEST                                                                                   \
  "{\"uuid\": \"u\", \"cluster_id\": \"c\", \"date\": \"2025-10-01T00:00:00Z\", "                  \
  "\"files\": [\"a.csv\"]}"

static struct sk_budget budget;
static struct sk_buffer tar;
static shukei_error err;

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&tar, NULL, TAR_MOST * 2);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  sk_buffer_reset(&tar);
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

static shukei_status read_archive(struct sk_archive **out)
{
  return sk_archive_read("x.tar.gz", &budget, out, &err);
}

/* Whether what is in `tar` is refused, with a text that holds `why`. */
static void must_refuse(const char *why)
{
  struct sk_archive *archive;
  tar_end(&tar);
  put_archive("x.tar.gz", &tar);
  assert_int_equal(read_archive(&archive), SHUKEI_EFORMAT);
  assert_null(archive);
  if (!strstr(err.text, why))
    fail_msg("%s, expected: %s", err.text, why);
  tar.length = 0;
}

static void keeps_places_and_checksums(void **state)
{
  (void)state;
  struct sk_archive *archive;
  tar_member(&tar, "sub/b.csv", '0', "bbb");
  tar_member(&tar, "sub/deep/c.csv", '0', "c");
  tar_member(&tar, "d.csv", '0', "");
  tar_member(&tar, "sub/manifest.json", '0', MANIFEST);
  tar_member(&tar, "sub/a.csv", '0', "aa");
  tar_member(&tar, "sub/._manifest.json", '0', "x");
  tar_end(&tar);
  put_archive("x.tar.gz", &tar);
  if (read_archive(&archive))
    fail_msg("%s", err.text);
  assert_string_equal(archive->path, "x.tar.gz");
  assert_string_equal(archive->manifest.uuid, "u");
  assert_int_equal(archive->text_bytes, tar.length);
  assert_int_equal(archive->count, 5);
  assert_string_equal(archive->members[0].path, "d.csv");
  assert_null(archive->members[0].name);
  assert_string_equal(archive->members[1].name, "._manifest.json");
  assert_string_equal(archive->members[2].name, "a.csv");
  assert_int_equal(archive->members[2].size, 2);
  assert_memory_equal(tar.bytes + archive->members[2].offset, "aa", 2);
  assert_memory_equal(archive->members[2].text, "aa", 2); /* the only one that is named */
  assert_null(archive->members[3].text);
  assert_int_equal(archive->members[3].crc, libdeflate_crc32(0, "bbb", 3));
  assert_null(archive->members[4].name); /* deeper than the manifest */
  sk_archive_free(archive);
}

static void texts_take_a_quarter_of_the_budget(void **state)
{
  (void)state;
  struct sk_archive *archive;
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, TAR_MOST);
  for (int i = 0; i < 300000; i++)
    sk_buffer_text(&text, "0123456789");
  sk_buffer_byte(&text, 0);
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_member(&tar, "a.csv", '0', (const char *)text.bytes);
  tar_end(&tar);
  put_archive("x.tar.gz", &tar);
  for (uint64_t limit = 8; limit <= 16; limit += 8) {
    budget.limit_bytes = limit << 20;
    assert_int_equal(read_archive(&archive), SHUKEI_OK);
    assert_int_equal(archive->members[0].text != NULL, limit == 16);
    sk_archive_free(archive);
  }
  sk_buffer_reset(&text);
}

static void refuses_what_is_no_payload(void **state)
{
  (void)state;
  tar_member(&tar, "a.csv", '0', "x");
  must_refuse("has no manifest.json");
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_member(&tar, "sub/manifest.json", '0', MANIFEST);
  must_refuse("has a second manifest.json");
  tar_member(&tar, "manifest.json", '0', "{}");
  must_refuse("x.tar.gz:manifest.json: \"uuid\" is missing");
  tar_header(&tar, "manifest.json", '0', UINT64_C(1) << 30);
  must_refuse("x.tar.gz:manifest.json: 1073741824 bytes, at most 10 MB are read");
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_member(&tar, "./a.csv", '0', "x");
  tar_member(&tar, "a.csv", '0', "x");
  must_refuse("x.tar.gz:a.csv: is there twice");
}

static void refuses_a_bomb(void **state)
{
  (void)state;
  budget.limit_bytes = UINT64_C(16) << 20; /* too little to keep such a text */
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_header(&tar, "a.csv", '0', UINT64_C(80) << 20);
  const size_t length = tar.length + (UINT64_C(80) << 20);
  assert_true(sk_buffer_reserve(&tar, UINT64_C(80) << 20));
  memset(tar.bytes + tar.length, 0, UINT64_C(80) << 20);
  tar.length = length;
  must_refuse("x.tar.gz: inflates to more than 500 times its size");
  assert_true(budget.peak_bytes < UINT64_C(2) << 20);
}

static void refuses_wrong_gzip(void **state)
{
  (void)state;
  struct sk_archive *archive;
  size_t length = 0;
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_end(&tar);
  put_archive("whole.tar.gz", &tar);
  uint8_t *bytes = (uint8_t *)get_file("whole.tar.gz", &length);
  for (size_t cut = 0; cut < length; cut++) {
    put_file("x.tar.gz", bytes, cut);
    assert_int_equal(read_archive(&archive), SHUKEI_ETRUNC);
  }
  for (size_t at = length - 8; at < length; at++) { /* its checksum and its length */
    bytes[at] ^= 1;
    put_file("x.tar.gz", bytes, length);
    assert_int_equal(read_archive(&archive), SHUKEI_EFORMAT);
    bytes[at] ^= 1;
  }
  bytes[length] = 'x';
  put_file("x.tar.gz", bytes, length + 1);
  assert_int_not_equal(read_archive(&archive), SHUKEI_OK);
  put_text("x.tar.gz", "no gzip");
  assert_int_not_equal(read_archive(&archive), SHUKEI_OK);
  free(bytes);
}

static void tells_an_archive(void **state)
{
  (void)state;
  static const char *const paths[] = {"tar.gz", "text.gz", "short.gz", "none"};
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 4096);
  tar_member(&tar, "a", '0', "x");
  put_archive("tar.gz", &tar);
  for (int i = 0; i < 1000; i++)
    sk_buffer_byte(&text, 'a');
  put_archive("text.gz", &text);
  text.length = 1;
  put_archive("short.gz", &text);
  put_text("none", "\x1f\x8b no gzip");
  for (size_t i = 0; i < SK_COUNT(paths); i++) {
    struct sk_object *object;
    bool is = i != 0;
    assert_int_equal(sk_store_open(paths[i], &budget, &object, NULL), SHUKEI_OK);
    assert_int_equal(sk_archive_is(object, &budget, &is, NULL), SHUKEI_OK);
    assert_int_equal(is, i == 0);
    sk_object_close(object);
  }
  sk_buffer_reset(&text);
}

/* A part of the text in `tar` is what the stream gives, from the points. */
static void check_part(struct sk_object *object, const struct sk_stream_points *points,
                       uint64_t offset, uint64_t length)
{
  struct sk_stream *stream;
  uint8_t *bytes = malloc((size_t)length + 1);
  size_t got;
  assert_non_null(bytes);
  assert_int_equal(sk_stream_open_part(object, points, offset, length, &budget, &stream, &err),
                   SHUKEI_OK);
  assert_int_equal(sk_stream_read(stream, bytes, (size_t)length + 1, &got, NULL), SHUKEI_OK);
  assert_int_equal(got, length);
  assert_memory_equal(bytes, tar.bytes + offset, length);
  assert_int_equal(sk_stream_read(stream, bytes, 1, &got, NULL), SHUKEI_OK);
  assert_int_equal(got, 0);
  sk_stream_close(stream);
  free(bytes);
}

/* Three gzip members: of numbers, of what cannot be compressed, of one letter. */
static void make_large(const char *path)
{
  struct sk_buffer packed;
  uint64_t random = 5;
  size_t ends[3];
  sk_buffer_init(&packed, NULL, TAR_MOST);
  for (int i = 0; i < 150000; i++)
    sk_buffer_printf(&tar, "%d,%u\n", i, (unsigned)random_below(&random, 1000));
  ends[0] = tar.length;
  for (int i = 0; i < 900000; i++)
    sk_buffer_byte(&tar, (uint8_t)next_random(&random));
  ends[1] = tar.length;
  for (int i = 0; i < 900000; i++)
    sk_buffer_byte(&tar, 'x');
  ends[2] = tar.length;
  for (size_t i = 0, from = 0; i < 3; from = ends[i++])
    gzip_bytes(&packed, tar.bytes + from, ends[i] - from);
  put_file(path, packed.bytes, packed.length);
  sk_buffer_reset(&packed);
}

static void reads_parts_from_points(void **state)
{
  (void)state;
  struct sk_stream_points points = {.budget = &budget, .every_bytes = 100000}, none = {0};
  struct sk_object *object;
  struct sk_stream *stream;
  static uint8_t bytes[70000];
  uint64_t random = 7;
  size_t got = 1;
  make_large("x.gz");
  assert_int_equal(sk_store_open("x.gz", &budget, &object, NULL), SHUKEI_OK);
  assert_int_equal(sk_stream_open(object, SK_FORMAT_CSV_GZIP, &budget, &stream, NULL), SHUKEI_OK);
  sk_stream_mark(stream, &points);
  while (got)
    assert_int_equal(sk_stream_read(stream, bytes, sizeof bytes, &got, NULL), SHUKEI_OK);
  sk_stream_close(stream);
  assert_in_range(points.count, 5, tar.length / points.every_bytes);
  for (int round = 0; round < 100; round++) {
    const size_t offset = random_below(&random, tar.length + 1);
    check_part(object, &points, offset, random_below(&random, tar.length - offset + 1));
  }
  for (size_t offset = 200000; offset < 900000; offset += 97) /* close to points as well */
    check_part(object, &points, offset, 100);
  check_part(object, &points, 0, tar.length);
  check_part(object, &none, tar.length - 5, 5);
  assert_int_equal(sk_stream_open_part(object, &points, tar.length + 1, 1, &budget, &stream, &err),
                   SHUKEI_ETRUNC);
  assert_null(stream);
  sk_object_close(object);
  sk_stream_points_reset(&points);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  bool failed = true;
  tar_member(&tar, "manifest.json", '0', MANIFEST);
  tar_member(&tar, "a.csv", '0', "aa");
  tar_end(&tar);
  put_archive("x.tar.gz", &tar);
  for (int n = 0; failed; n++) {
    struct sk_archive *archive = NULL;
    sk_test_fail_alloc(n);
    const shukei_status st = read_archive(&archive);
    failed = sk_test_alloc_failed();
    assert_int_equal(st == SHUKEI_OK, archive != NULL);
    if (st) /* a buffer makes do with less */
      assert_true(failed && st == SHUKEI_ENOMEM);
    sk_archive_free(archive);
  }
  sk_test_fail_alloc(-1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(keeps_places_and_checksums), CASE(texts_take_a_quarter_of_the_budget),
      CASE(refuses_what_is_no_payload), CASE(refuses_a_bomb),
      CASE(refuses_wrong_gzip),         CASE(tells_an_archive),
      CASE(reads_parts_from_points),    CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
