/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of objects: what is expected is asked for once where there is room, and is there for its
 * reader. */
#include "fake_object.h"

/* What is expected is fetched once, by one request where its ranges are near each other. */
static void expected_ranges_come_once(void **state)
{
  (void)state;
  static const struct {
    struct sk_range ranges[3];
    size_t count;
    uint64_t sent;
    unsigned requests;
  } rows[] = {
      {{{0, 1000000}}, 1, 1000000, 1},
      {{{0, 1000000}, {1000000, 2000000}}, 2, 2000000, 1},
      {{{0, 1000000}, {1000000 + (256 << 10), 2000000}}, 2, 2000000, 1},
      {{{0, 1000000}, {1000001 + (256 << 10), 2000000}}, 2, 1737855, 2},
      {{{5, 100}, {2000000, 2300000}, {5000000, 5000001}}, 3, 300096, 3},
      {{{0, 1000000}, {900000, 2000000}}, 2, 2000000, 1}, /* ends of chunks are generous */
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_s3 *const s3 = fake_session(NULL, "2");
    struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
    sk_s3_entry_expect(&s3->ahead, entry, rows[i].ranges, rows[i].count);
    assert_int_equal(s3->ahead.promised_bytes, rows[i].sent);
    for (size_t k = 0; k < rows[i].count; k++)
      for (uint64_t at = rows[i].ranges[k].begin; at < rows[i].ranges[k].end; at += 70000) {
        const uint64_t left = rows[i].ranges[k].end - at;
        check_read(s3, entry, at, left < 70000 ? (size_t)left : 70000, 0);
      }
    if (sent_bytes != rows[i].sent || fake_requests != rows[i].requests)
      fail_msg("row %zu: %" PRIu64 " bytes by %u requests", i, (uint64_t)sent_bytes,
               (unsigned)fake_requests);
    sk_s3_entry_expect(&s3->ahead, entry, NULL, 0); /* what was promised may be promised again */
    assert_int_equal(s3->ahead.promised_bytes, 0);
    sk_s3_entry_close(&s3->ahead, entry);
    assert_int_equal(s3->ahead.held_bytes, 0); /* what was of a run goes with it */
    sk_store_end(NULL);
  }
}

/* A range that is larger than the room comes by one request, however much of it the reader passes
 * over. */
static void streams_keep_up_with_their_reader(void **state)
{
  (void)state;
  static const uint64_t steps[] = {1000, 50000, 300000, 1000000};
  for (size_t i = 0; i < SK_COUNT(steps); i++) {
    struct sk_budget budget;
    sk_budget_init(&budget, 8 << 20); /* a limit of 2 MiB */
    struct sk_s3 *const s3 = fake_session(&budget, "2");
    struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
    sk_s3_entry_expect(&s3->ahead, entry, &(struct sk_range){0, MOST_BYTES}, 1);
    assert_in_range(s3->ahead.promised_bytes, 1, s3->ahead.limit_bytes / 4);
    for (uint64_t at = 0; at < MOST_BYTES; at += steps[i])
      check_read(s3, entry, at, MOST_BYTES - at < 1000 ? (size_t)(MOST_BYTES - at) : 1000, 0);
    assert_int_equal(fake_requests, 1);
    assert_true(sent_bytes == MOST_BYTES);
    check_parts(s3);
    sk_s3_entry_close(&s3->ahead, entry);
    sk_store_end(&budget);
    assert_int_equal(budget.used_bytes, 0);
  }
}

/* Where there can be no stream, for want of memory or of a thread, what is read is fetched. */
static void reads_without_streams(void **state)
{
  (void)state;
  for (int n = 0; n < 2; n++) {
    struct sk_budget budget;
    sk_budget_init(&budget, UINT64_C(1) << 30);
    struct sk_s3 *const s3 = fake_session(&budget, "2");
    struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
    const uint64_t used = budget.used_bytes;
    sk_test_fail_alloc(n);
    sk_s3_entry_expect(&s3->ahead, entry, &(struct sk_range){100000, 900000}, 1);
    assert_true(sk_test_alloc_failed());
    sk_test_fail_alloc(-1);
    assert_null(entry->streams);
    assert_int_equal(budget.used_bytes, used);
    assert_int_equal(s3->ahead.promised_bytes, 0);
    check_read(s3, entry, 200000, 1000, 0);
    assert_int_equal(sent_bytes, 1000);
    sk_s3_entry_close(&s3->ahead, entry);
    sk_store_end(&budget);
    assert_int_equal(budget.used_bytes, 0);
  }
}

/* Where a stream fails, whoever waits for it gets to know why. */
static void streams_tell_why_they_fail(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "1");
  struct sk_s3_entry *const entry = open_entry(s3, "s3://b/k", MOST_BYTES, true);
  shukei_error err = {.text = ""};
  uint8_t byte;
  broken = 1;
  sk_s3_entry_expect(&s3->ahead, entry, &(struct sk_range){100000, 900000}, 1);
  assert_int_equal(sk_s3_entry_read(&s3->ahead, entry, 500000, &byte, 1, 0, &err), SHUKEI_EIO);
  assert_non_null(strstr(err.text, "s3://b/k: could not read 800000 bytes at 100000"));
  check_read(s3, entry, 0, 10, 0); /* what others fetch is there */
  sk_s3_entry_close(&s3->ahead, entry);
  sk_store_end(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(expected_ranges_come_once),
      cmocka_unit_test(streams_keep_up_with_their_reader),
      cmocka_unit_test(reads_without_streams),
      cmocka_unit_test(streams_tell_why_they_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
