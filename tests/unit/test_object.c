/* SPDX-License-Identifier: Apache-2.0 */
/* Objects over memory, the check of ranges, and what outputs count. */
#include "testing.h"

#include "base/object.h"

static void reads_ranges_within_the_object(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    uint64_t offset;
    size_t length;
    shukei_status want;
  } reads[] = {
      {"all", 0, 10, SHUKEI_OK},
      {"the last byte", 9, 1, SHUKEI_OK},
      {"nothing at the end", 10, 0, SHUKEI_OK},
      {"one beyond", 10, 1, SHUKEI_ETRUNC},
      {"nothing beyond", 11, 0, SHUKEI_ETRUNC},
      {"over the end", 5, 6, SHUKEI_ETRUNC},
      {"a sum that wraps", UINT64_MAX, 2, SHUKEI_ETRUNC},
      {"a length that wraps", 1, SIZE_MAX, SHUKEI_ETRUNC},
  };
  struct sk_object *object = NULL;
  assert_int_equal(sk_object_from_bytes("digits", "0123456789", 10, &object, NULL), SHUKEI_OK);
  assert_string_equal(sk_object_name(object), "digits");
  assert_int_equal(sk_object_size(object), 10);
  for (size_t i = 0; i < SK_COUNT(reads); i++) {
    char bytes[16] = "unchanged";
    shukei_error err;
    const shukei_status st = sk_object_read(object, reads[i].offset, bytes, reads[i].length, &err);
    if (st != reads[i].want)
      fail_msg("%s: %s", reads[i].why, shukei_status_name(st));
    if (st)
      assert_string_equal(bytes, "unchanged");
    else
      assert_memory_equal(bytes, &"0123456789"[reads[i].offset], reads[i].length);
  }
  sk_object_close(object);
  sk_object_close(NULL);
}

static void names_the_range_beyond_the_end(void **state)
{
  (void)state;
  struct sk_object *object = NULL;
  shukei_error err;
  char bytes[8];
  assert_int_equal(sk_object_from_bytes("a", "", 0, &object, &err), SHUKEI_OK);
  assert_int_equal(sk_object_read(object, 3, bytes, 8, &err), SHUKEI_ETRUNC);
  assert_string_equal(err.text, "8 bytes at offset 3 in an object of 0");
  assert_int_equal(err.offset, 3);
  assert_int_equal(sk_object_read(object, 3, bytes, 8, NULL), SHUKEI_ETRUNC);
  sk_object_close(object);
}

static void fails_without_memory(void **state)
{
  (void)state;
  struct sk_object *object = NULL;
  shukei_error err;
  sk_test_fail_alloc(0);
  assert_int_equal(sk_object_from_bytes("a", "", 0, &object, &err), SHUKEI_ENOMEM);
  assert_null(object);
}

struct full_output {
  struct sk_output output;
  size_t room;
  bool closed, synced;
};

static shukei_status full_write(struct sk_output *output, const void *bytes, size_t length,
                                shukei_error *err)
{
  (void)bytes;
  struct full_output *full = (struct full_output *)output;
  if (length > full->room)
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": no space left", output->name);
  full->room -= length;
  return SHUKEI_OK;
}

static shukei_status full_commit(struct sk_output *output, shukei_error *err)
{
  struct full_output *full = (struct full_output *)output;
  return full->room ? SHUKEI_OK : sk_fail(err, SHUKEI_EWRITE, "nothing to commit");
}

static shukei_status full_sync(struct sk_output *output, shukei_error *err)
{
  (void)err;
  ((struct full_output *)output)->synced = true;
  return SHUKEI_OK;
}

static void full_close(struct sk_output *output)
{
  ((struct full_output *)output)->closed = true;
}

static void outputs_count_what_was_taken(void **state)
{
  (void)state;
  static const struct sk_output_calls calls = {full_write, full_commit, full_close, full_sync};
  static const struct sk_output_calls unsynced = {full_write, full_commit, full_close, NULL};
  struct full_output full = {.output = {.calls = &calls, .name = "x.csv"}, .room = 10};
  shukei_error err;
  assert_int_equal(sk_output_write(&full.output, "12345678", 8, &err), SHUKEI_OK);
  assert_int_equal(sk_output_write(&full.output, NULL, 0, &err), SHUKEI_OK);
  assert_int_equal(full.output.written_bytes, 8);
  assert_int_equal(sk_output_commit(&full.output, &err), SHUKEI_OK);
  assert_int_equal(sk_output_write(&full.output, "123", 3, &err), SHUKEI_EWRITE);
  assert_string_equal(err.text, "\"x.csv\": no space left");
  assert_int_equal(full.output.written_bytes, 8);
  assert_int_equal(sk_output_write(&full.output, "12", 2, &err), SHUKEI_OK);
  assert_int_equal(sk_output_commit(&full.output, &err), SHUKEI_EWRITE);
  assert_string_equal(err.text, "nothing to commit");
  assert_int_equal(sk_output_sync(&full.output, &err), SHUKEI_OK);
  assert_true(full.synced);
  full.synced = false;
  full.output.calls = &unsynced;
  assert_int_equal(sk_output_sync(&full.output, &err), SHUKEI_OK);
  assert_false(full.synced);
  sk_output_close(&full.output);
  sk_output_close(NULL);
  assert_true(full.closed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_ranges_within_the_object),
      cmocka_unit_test(names_the_range_beyond_the_end),
      cmocka_unit_test(fails_without_memory),
      cmocka_unit_test(outputs_count_what_was_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
