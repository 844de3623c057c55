/* SPDX-License-Identifier: Apache-2.0 */
/* Tar: forms of names and sizes, and what is refused. */
#include "archive_testing.h"

#include "base/object.h"
#include "input/tar_read.h"

#define LONG_NAME                                                                                  \
  "a-name-of-more-than-a-hundred-bytes-0123456789-0123456789-0123456789-0123456789-0123456789-"    \
  "0123456789.csv"

static struct sk_budget budget;
static struct sk_buffer tar;
static shukei_error err;

static int set_up(void **state)
{
  (void)state;
  sk_budget_init(&budget, UINT64_MAX);
  sk_buffer_init(&tar, NULL, TAR_MOST);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  sk_buffer_reset(&tar);
  assert_int_equal(budget.used_bytes, 0);
  return 0;
}

/* Reads what is in `tar`: "name=text;" of each member, behind `text`. */
static shukei_status read_tar(char *text, size_t room)
{
  struct sk_object *object = NULL;
  struct sk_stream *stream = NULL;
  struct sk_tar reader;
  struct sk_tar_member member;
  bool more = true;
  text[0] = '\0';
  assert_int_equal(sk_object_from_bytes("t", tar.bytes, tar.length, &object, NULL), SHUKEI_OK);
  shukei_status st = sk_stream_open(object, SK_FORMAT_CSV, &budget, &stream, &err);
  sk_tar_init(&reader, stream, "t.tar", &budget);
  while (!st && more) {
    st = sk_tar_next(&reader, &member, &more, &err);
    if (st || !more)
      break;
    char bytes[32];
    size_t got = 0;
    snprintf(text + strlen(text), room - strlen(text), "%s%s=", member.name,
             member.folder ? "/" : "");
    st = sk_tar_read(&reader, bytes, sizeof bytes, &got, &err);
    snprintf(text + strlen(text), room - strlen(text), "%.*s;", (int)got, bytes);
    if (!st && got && member.size == got)
      assert_memory_equal(tar.bytes + member.offset, bytes, got);
  }
  sk_tar_reset(&reader);
  sk_stream_close(stream);
  sk_object_close(object);
  return st;
}

static void pax_record(struct sk_buffer *out, const char *key, const char *value)
{
  size_t length = strlen(key) + strlen(value) + 3, digits = 1;
  for (size_t n = length + digits; n >= 10; n /= 10)
    digits++;
  sk_buffer_printf(out, "%zu %s=%s\n", length + digits, key, value);
}

static void pax(const char *key, const char *value, char type)
{
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 4096);
  pax_record(&text, "comment", "nothing");
  pax_record(&text, key, value);
  tar_header(&tar, "PaxHeaders/x", type, text.length);
  tar_bytes(&tar, text.bytes, text.length);
  sk_buffer_reset(&text);
}

static void reads_every_form(void **state)
{
  (void)state;
  char text[1024];
  uint8_t *block;
  tar_member(&tar, "./a.csv", '0', "one");
  tar_header(&tar, "folder/", '5', 0);
  tar_member(&tar, "", 'L', LONG_NAME);
  tar_member(&tar, "short", '0', "two");
  pax("path", "pax name.csv", 'x');
  tar_member(&tar, "other", '\0', "three");
  pax("path", "for nobody", 'g');
  pax("size", "4", 'x');
  tar_header(&tar, "sized", '7', 0);
  tar_bytes(&tar, "four", 4);
  tar_header(&tar, "end.csv", '0', 4); /* a prefix of ustar, and a size in 256ths */
  block = tar.bytes + tar.length - 512;
  memcpy(block + 345, "begin", 5);
  memset(block + 124, 0, 12);
  block[124] = 0x80;
  block[135] = 4;
  tar_sum(block);
  tar_bytes(&tar, "five", 4);
  tar_end(&tar);
  if (read_tar(text, sizeof text))
    fail_msg("%s", err.text);
  assert_string_equal(text, "a.csv=one;folder//=;" LONG_NAME "=two;pax name.csv=three;sized=four;"
                            "begin/end.csv=five;");
}

static void ends_where_it_ends(void **state)
{
  (void)state;
  char text[64];
  tar_member(&tar, "a", '0', "x");
  const size_t whole = tar.length;
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_ETRUNC); /* without an end */
  tar_bytes(&tar, "", 0);
  for (size_t length = 0; length < whole; length++) {
    tar.length = length;
    assert_int_equal(read_tar(text, sizeof text), SHUKEI_ETRUNC);
  }
  tar.length = whole;
  tar_end(&tar);
  tar_end(&tar);
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_OK);
  sk_buffer_byte(&tar, 'x');
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_EFORMAT);
  tar.length = whole;
  for (int i = 0; i < 1100; i++) /* more zeros than anybody fills up with */
    tar_end(&tar);
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_EFORMAT);
}

static const struct {
  const char *why, *name;
  char type;
  const char *text;
} hostile[] = {
    {"upward", "../a.csv", '0', "x"},
    {"upward within", "a/../../b", '0', "x"},
    {"upward as Windows has it", "a\\..\\b", '0', "x"},
    {"from the root", "/etc/passwd", '0', "x"},
    {"from the root as Windows has it", "\\a", '0', "x"},
    {"a folder above", "..", '5', ""},
    {"a hard link", "a", '1', ""},
    {"a symbolic link", "a", '2', ""},
    {"a link's long name", "a", 'K', "b"},
    {"a device", "a", '3', ""},
    {"a block device", "a", '4', ""},
    {"a pipe", "a", '6', ""},
    {"sparse", "a", 'S', ""},
    {"a volume's label", "a", 'V', ""},
    {"no name", "", '0', "x"},
    {"a folder alone as a name", "./", '0', "x"},
    {"a folder with a size", "a/", '5', "x"},
    {"a long name upward", "", 'L', "../x"},
    {"a long name and nothing", "", 'L', "x"},
    {"pax that is none", "p", 'x', "hello"},
    {"a pax record too long", "p", 'x', "99 path=a\n"},
    {"a pax record without end", "p", 'x', "9 path=ab"},
    {"a pax record of nothing", "p", 'x', "0 path=a\n"},
    {"a pax size", "p", 'x', "10 size=x\n"},
    {"a pax size beyond all", "p", 'x', "29 size=99999999999999999999\n"},
    {"a pax path upward", "p", 'x', "13 path=../a\n"},
    {"a pax sparse file", "p", 'x', "19 GNU.sparse.a=bc\n"},
    {"a global pax header that is none", "p", 'g', "x"},
};

static void refuses_what_is_hostile(void **state)
{
  (void)state;
  char text[256];
  for (size_t i = 0; i < SK_COUNT(hostile); i++) {
    tar.length = 0;
    tar_member(&tar, hostile[i].name, hostile[i].type, hostile[i].text);
    if (strchr("xgL", hostile[i].type) && strcmp(hostile[i].text, "x") != 0)
      tar_member(&tar, "b", '0', "y");
    tar_end(&tar);
    if (read_tar(text, sizeof text) != SHUKEI_EFORMAT)
      fail_msg("%s: read as %s", hostile[i].why, text);
  }
}

static void refuses_wrong_headers(void **state)
{
  (void)state;
  char text[64];
  for (size_t at = 0; at < 512; at++) { /* every byte is in the sum */
    tar.length = 0;
    tar_member(&tar, "a", '0', "x");
    tar_end(&tar);
    tar.bytes[at] ^= 1;
    const shukei_status st = read_tar(text, sizeof text);
    if (st != SHUKEI_EFORMAT && at != 154 && at != 155) /* what ends the sum's own field */
      fail_msg("byte %zu: %s", at, shukei_status_name(st));
  }
  tar.length = 0;
  tar_header(&tar, "x", 'x', SK_TAR_EXTENDED + 1);
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_EFORMAT);
  tar.length = 0;
  tar_header(&tar, "a", '0', 0);
  memset(tar.bytes + 124, 0xff, 12); /* a negative size */
  tar_sum(tar.bytes);
  assert_int_equal(read_tar(text, sizeof text), SHUKEI_EFORMAT);
}

static void refuses_too_many_members(void **state)
{
  (void)state;
  char *text = malloc(1 << 20);
  assert_non_null(text);
  for (unsigned i = 0; i < SK_TAR_MEMBERS; i++)
    tar_header(&tar, "a", '0', 0);
  const size_t most = tar.length;
  tar_end(&tar);
  assert_int_equal(read_tar(text, 1 << 20), SHUKEI_OK);
  tar.length = most;
  tar_header(&tar, "a", '0', 0);
  tar_end(&tar);
  assert_int_equal(read_tar(text, 1 << 20), SHUKEI_EFORMAT);
  assert_string_equal(err.text, "t.tar: more than 10000 members");
  free(text);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  char text[1024];
  bool failed = true;
  tar_member(&tar, "", 'L', LONG_NAME);
  tar_member(&tar, "short", '0', "two");
  pax("path", LONG_NAME, 'x');
  tar_member(&tar, "a", '0', "one");
  tar_end(&tar);
  for (int n = 1; failed; n++) { /* 0: the object */
    sk_test_fail_alloc(n);
    const shukei_status st = read_tar(text, sizeof text);
    failed = sk_test_alloc_failed();
    if (st != SHUKEI_OK) /* a buffer makes do with less */
      assert_true(failed && st == SHUKEI_ENOMEM);
  }
  sk_test_fail_alloc(-1);
  assert_string_equal(text, LONG_NAME "=two;" LONG_NAME "=one;");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(reads_every_form),         CASE(ends_where_it_ends),
      CASE(refuses_what_is_hostile),  CASE(refuses_wrong_headers),
      CASE(refuses_too_many_members), CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
