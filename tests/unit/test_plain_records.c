/* SPDX-License-Identifier: Apache-2.0 */
/* The second reader of CSV, and the bytes below it: plain, gzip, zstd, members of tar archives. */
#include "archive_testing.h"

#include "validate/plain_records.h"

#include <unistd.h>
#include <zstd.h>

static char path[] = "/tmp/shukei-records-XXXXXX";

static void write_file(const void *bytes, size_t length)
{
  FILE *const file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  fclose(file);
}

/* All records as "cell;cell|cell;cell|". */
static shukei_status read_all(enum sk_flow_form form, const char *member, struct sk_buffer *out,
                              shukei_error *err)
{
  struct sk_plain_csv csv;
  bool there = true;
  shukei_status st = sk_plain_csv_open(&csv, path, form, member, "the file", NULL, err);
  while (!st && there) {
    st = sk_plain_csv_next(&csv, &there, err);
    for (size_t i = 0; !st && there && i < csv.count; i++) {
      sk_buffer_add(out, csv.cells[i].text, csv.cells[i].length);
      sk_buffer_byte(out, i + 1 < csv.count ? ';' : '|');
    }
  }
  sk_plain_csv_close(&csv);
  return st;
}

static void expect(enum sk_flow_form form, const char *member, const char *want, const char *why)
{
  struct sk_buffer out;
  shukei_error err;
  sk_buffer_init(&out, NULL, SIZE_MAX);
  const shukei_status st = read_all(form, member, &out, &err);
  if (st)
    fail_msg("%s: %s", why, err.text);
  if (out.length != strlen(want) || (out.length && memcmp(out.bytes, want, out.length) != 0))
    fail_msg("%s: \"%.*s\", expected \"%s\"", why, (int)out.length, (char *)out.bytes, want);
  sk_buffer_reset(&out);
}

static const struct {
  const char *text, *want;
} texts[] = {
    {"", ""},
    {"a,b\n1,2\n", "a;b|1;2|"},
    {"a,b\r\n1,2\r\n", "a;b|1;2|"},
    {"a,b\r1,2\r", "a;b|1;2|"},
    {"a,b\n1,2", "a;b|1;2|"},
    {"a\n\n\nb\n", "a|b|"},
    {",\n,,\n", ";|;;|"},
    {"\"a,b\",c\n", "a,b;c|"},
    {"\"a\"\"b\",\"\"\n", "a\"b;|"},
    {"\"a\nb\",c\n", "a\nb;c|"},
    {"\"a\"x\"y\",c\n", "ax\"y\";c|"},
    {"a\"b\",c\n", "a\"b\";c|"},
    {"\"a", "a|"},
    {"\"\"\"\"\n", "\"|"},
};

static void splits_records(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(texts); i++) {
    write_file(texts[i].text, strlen(texts[i].text));
    expect(SK_FLOW_PLAIN, NULL, texts[i].want, texts[i].text);
  }
}

/* Records of every length around the size of the buffer, one of which it cannot hold. */
static void refills_its_buffer(void **state)
{
  static const size_t lengths[] = {1, 1048570, 1048575, 1048576, 1048577, 3000000};
  (void)state;
  for (size_t i = 0; i < SK_COUNT(lengths); i++) {
    struct sk_buffer text, want;
    sk_buffer_init(&text, NULL, SIZE_MAX);
    sk_buffer_init(&want, NULL, SIZE_MAX);
    sk_buffer_text(&text, "x,\"y\"\"\"\r\n\"");
    sk_buffer_text(&want, "x;y\"|");
    for (size_t n = 0; n < lengths[i]; n++) {
      sk_buffer_byte(&text, (uint8_t)('a' + n % 26));
      sk_buffer_byte(&want, (uint8_t)('a' + n % 26));
    }
    sk_buffer_text(&text, "\",z\r\n1,2\r\n");
    sk_buffer_text(&want, ";z|1;2|");
    sk_buffer_byte(&want, 0);
    write_file(text.bytes, text.length);
    expect(SK_FLOW_PLAIN, NULL, (const char *)want.bytes, "a long record");
    sk_buffer_reset(&text);
    sk_buffer_reset(&want);
  }
}

static const char small[] = "a,b\n1,2\n3,4\n";
static const char small_want[] = "a;b|1;2|3;4|";

static void reads_compressed(void **state)
{
  struct sk_buffer packed;
  uint8_t frame[256];
  (void)state;
  sk_buffer_init(&packed, NULL, SIZE_MAX);
  gzip_bytes(&packed, small, 5);
  gzip_bytes(&packed, small + 5, sizeof small - 6);
  write_file(packed.bytes, packed.length);
  expect(SK_FLOW_GZIP, NULL, small_want, "two members");
  sk_buffer_clear(&packed);
  for (size_t from = 0; from < sizeof small - 1; from += 4) {
    const size_t length =
        ZSTD_compress(frame, sizeof frame, small + from, from + 4 < sizeof small ? 4 : 0, 3);
    assert_false(ZSTD_isError(length));
    sk_buffer_add(&packed, frame, length);
  }
  write_file(packed.bytes, packed.length);
  expect(SK_FLOW_ZSTD, NULL, small_want, "three frames");
  sk_buffer_reset(&packed);
}

/* Cut at any byte, compressed data are an error. */
static void refuses_cut_data(void **state)
{
  static const enum sk_flow_form forms[] = {SK_FLOW_GZIP, SK_FLOW_ZSTD};
  (void)state;
  for (size_t f = 0; f < SK_COUNT(forms); f++) {
    struct sk_buffer packed;
    uint8_t frame[256];
    sk_buffer_init(&packed, NULL, SIZE_MAX);
    if (forms[f] == SK_FLOW_GZIP)
      gzip_bytes(&packed, small, sizeof small - 1);
    else
      sk_buffer_add(&packed, frame, ZSTD_compress(frame, sizeof frame, small, sizeof small - 1, 3));
    for (size_t cut = 1; cut < packed.length; cut++) {
      struct sk_buffer out;
      shukei_error err = {.status = SHUKEI_OK};
      sk_buffer_init(&out, NULL, SIZE_MAX);
      write_file(packed.bytes, cut);
      assert_int_equal(read_all(forms[f], NULL, &out, &err), SHUKEI_ETRUNC);
      sk_buffer_reset(&out);
    }
    sk_buffer_reset(&packed);
  }
}

static void finds_members(void **state)
{
  struct sk_buffer tar, packed;
  char name[201];
  shukei_error err;
  (void)state;
  sk_buffer_init(&tar, NULL, SIZE_MAX);
  sk_buffer_init(&packed, NULL, SIZE_MAX);
  memset(name, 'n', 200);
  name[200] = '\0';
  tar_member(&tar, "manifest.json", '0', "{}");
  tar_member(&tar, "./one.csv", '0', small);
  tar_member(&tar, "x", 'L', name);
  tar_member(&tar, "cut-off", '0', "l,n\n");
  tar_member(&tar, "x", 'x', "16 path=pax.csv\n");
  tar_member(&tar, "other", '0', "p\n");
  tar_end(&tar);
  gzip_bytes(&packed, tar.bytes, tar.length);
  write_file(packed.bytes, packed.length);
  expect(SK_FLOW_GZIP, "one.csv", small_want, "a member");
  expect(SK_FLOW_GZIP, name, "l;n|", "a long name");
  expect(SK_FLOW_GZIP, "pax.csv", "p|", "a name of pax");
  struct sk_flow *flow = NULL;
  assert_int_equal(sk_flow_open(path, SK_FLOW_GZIP, "none", NULL, &flow, &err), SHUKEI_EFORMAT);
  assert_null(flow);
  sk_buffer_reset(&tar);
  sk_buffer_reset(&packed);
}

static int make_file(void **state)
{
  (void)state;
  const int fd = mkstemp(path);
  return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
  (void)state;
  return unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(splits_records),   cmocka_unit_test(refills_its_buffer),
      cmocka_unit_test(reads_compressed), cmocka_unit_test(refuses_cut_data),
      cmocka_unit_test(finds_members),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
