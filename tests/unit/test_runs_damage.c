/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted runs whose bytes have changed: each damage is found, and none does harm. */
#include "runs_testing.h"

/* Two runs, the second of one small block, the first of several: compressed, raw and a long one. */
static void write_two(struct sk_spill *spill, struct set *small, struct set *large,
                      struct sk_run **runs)
{
  uint64_t random = 10;
  make_set(small, &random, 12, 20, 30);
  make_set(large, &random, 300, 100, 3000);
  large->records[299].payload_length = 100000;
  large->records[299].payload = sk_arena_bytes(&large->arena, 100000);
  memset((void *)(uintptr_t)large->records[299].payload, 'x', 100000);
  assert_int_equal(write_runs(spill, large, &random, &runs[0], 1, NULL), SHUKEI_OK);
  assert_int_equal(write_runs(spill, small, &random, &runs[1], 1, NULL), SHUKEI_OK);
}

static void expect_damage(struct sk_spill *spill, struct sk_run *run, const struct set *set,
                          const char *words)
{
  shukei_error err;
  assert_int_equal(merge_runs(spill, &run, 1, 0, false, set, &err), SHUKEI_EIO);
  assert_non_null(strstr(err.text, words));
  assert_non_null(strstr(err.text, "temporary file in \""));
}

static void flip(int file, off_t at, uint8_t mask)
{
  uint8_t byte;
  assert_int_equal(pread(file, &byte, 1, at), 1);
  byte ^= mask;
  assert_int_equal(pwrite(file, &byte, 1, at), 1);
}

static void damage_is_found(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *runs[2] = {NULL};
  struct set small, large;
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  write_two(spill, &small, &large, runs);
  const int file = sk_test_spill_file(spill);
  const off_t size = (off_t)file_bytes(spill);
  const off_t second = size / (256 << 10) * (256 << 10); /* runs begin at chunks */
  assert_true(second > 0 && size - second < 1000);
  for (off_t at = second; at < size; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      flip(file, at, (uint8_t)(1u << bit));
      expect_damage(spill, runs[1], &small, "is damaged");
      flip(file, at, (uint8_t)(1u << bit));
    }
  }
  const off_t first_end = (off_t)sk_spill_bytes(spill) - (size - second);
  uint64_t random = 11;
  for (off_t at = 0; at < first_end; at += (off_t)(1 + random_below(&random, 4000))) {
    const uint8_t mask = (uint8_t)(1 + random_below(&random, 255));
    flip(file, at, mask);
    expect_damage(spill, runs[0], &large, "is damaged");
    flip(file, at, mask);
  }
  assert_int_equal(merge_runs(spill, runs, 1, 0, false, &large, NULL), SHUKEI_OK);
  assert_int_equal(merge_runs(spill, runs + 1, 1, 0, false, &small, NULL), SHUKEI_OK);
  for (off_t cut = size - 1; cut >= second; cut--) {
    assert_int_equal(ftruncate(file, cut), 0);
    expect_damage(spill, runs[1], &small, "ends at byte");
  }
  free_runs(runs, 2);
  sk_spill_free(spill);
  sk_arena_reset(&small.arena);
  sk_arena_reset(&large.arena);
}

/* A block of one long record, whose header tells of less bytes than it has: as if it were
 * compressed, for which there is room for a usual block alone. */
static void a_long_block_is_never_a_compressed_one(void **state)
{
  (void)state;
  enum { LONG = 300000 };
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  uint8_t *const payload = calloc(1, LONG), *const packed = malloc(SK_BLOCK_BYTES + 12);
  assert_true(payload && packed);
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "k", 1, payload, LONG, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  for (unsigned bit = 0; bit < 32; bit++) {
    struct sk_run_reader reader;
    flip(sk_test_spill_file(spill), bit / 8, (uint8_t)(1u << bit % 8));
    assert_int_equal(sk_run_reader_open(&reader, run, false, packed, NULL), SHUKEI_EIO);
    sk_run_reader_close(&reader);
    flip(sk_test_spill_file(spill), bit / 8, (uint8_t)(1u << bit % 8));
  }
  sk_run_free(run);
  sk_spill_free(spill);
  free(payload);
  free(packed);
}

/* Blocks of equal length, two in each of two runs: none may stand for another. */
static void sound_blocks_from_elsewhere_are_found(void **state)
{
  (void)state;
  enum { PAYLOAD = 60000, BLOCK = 12 + 1 + 1 + 3 + 1 + PAYLOAD };
  struct sk_spill *spill = NULL;
  struct sk_run *runs[2] = {NULL};
  uint64_t random = 13;
  static uint8_t payload[PAYLOAD], blocks[3][BLOCK];
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  for (size_t i = 0; i < 4; i++) {
    for (size_t n = 0; n < PAYLOAD; n++)
      payload[n] = (uint8_t)next_random(&random);
    if (i % 2 == 0)
      assert_int_equal(sk_run_begin(spill, &runs[i / 2], NULL), SHUKEI_OK);
    assert_int_equal(sk_run_add(runs[i / 2], i % 2 ? "b" : "a", 1, payload, PAYLOAD, NULL),
                     SHUKEI_OK);
    if (i % 2)
      assert_int_equal(sk_run_end(runs[i / 2], NULL), SHUKEI_OK);
  }
  assert_int_equal(sk_spill_bytes(spill), 4 * BLOCK);
  const int file = sk_test_spill_file(spill);
  static const off_t places[3] = {0, BLOCK, 256 << 10};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(pread(file, blocks[i], BLOCK, places[i]), BLOCK);
  for (size_t i = 0; i < 9; i++) {
    const size_t to = i / 3, from = i % 3;
    struct sk_merge *merge = NULL;
    const struct sk_record *record = NULL;
    shukei_error err;
    assert_int_equal(pwrite(file, blocks[from], BLOCK, places[to]), BLOCK);
    shukei_status st = sk_merge_open(spill, runs, 2, (size_t)1 << 30, false, &merge, &err);
    while (!st && !(st = sk_merge_next(merge, &record, &err)) && record)
      ;
    sk_merge_close(merge);
    assert_int_equal(st, from == to ? SHUKEI_OK : SHUKEI_EIO);
    assert_int_equal(pwrite(file, blocks[to], BLOCK, places[to]), BLOCK);
  }
  free_runs(runs, 2);
  sk_spill_free(spill);
}

/* Two records, then every value of every byte of theirs with a checksum to suit: all lengths stay
 * within the block. */
static void a_checksum_right_by_chance_does_no_harm(void **state)
{
  (void)state;
  struct sk_spill *spill = NULL;
  struct sk_run *run = NULL;
  uint8_t block[64];
  int refused = 0;
  assert_int_equal(sk_spill_new(NULL, NULL, &spill, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_begin(spill, &run, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "ab", 2, "12", 2, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_add(run, "ac", 2, "3", 1, NULL), SHUKEI_OK);
  assert_int_equal(sk_run_end(run, NULL), SHUKEI_OK);
  const int file = sk_test_spill_file(spill);
  const size_t length = (size_t)pread(file, block, sizeof block, 0);
  assert_int_equal(length, 12 + 7 + 5);
  for (size_t i = 12; i < length; i++) {
    const uint8_t right = block[i];
    for (unsigned value = 0; value < 256; value++) {
      struct sk_merge *merge = NULL;
      const struct sk_record *record = NULL;
      unsigned sum = 0, given = 0;
      block[i] = (uint8_t)value;
      sk_put_le32(block + 8, sk_spill_crc(run, 0, block, block + 12, length - 12));
      assert_int_equal(pwrite(file, block, length, 0), length);
      shukei_status st = sk_merge_open(spill, &run, 1, 0, false, &merge, NULL);
      while (!st && !(st = sk_merge_next(merge, &record, NULL)) && record) {
        given++;
        for (size_t n = 0; n < record->key_length; n++)
          sum += record->key[n];
        for (size_t n = 0; n < record->payload_length; n++)
          sum += record->payload[n];
      }
      assert_true(st == SHUKEI_EIO || (st == SHUKEI_OK && sum < 10 * 256));
      refused += st == SHUKEI_EIO;
      assert_true(i != 12 || value == 0 || st == SHUKEI_EIO); /* nothing to share with */
      assert_true(i != 19 || value <= 2 || st == SHUKEI_EIO); /* the key before has 2 bytes */
      assert_true(i != 21 || value <= 1 || given == 1);       /* one byte is left for it */
      sk_merge_close(merge);
    }
    block[i] = right;
  }
  assert_true(refused > 6 * 240);
  sk_run_free(run);
  sk_spill_free(spill);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(a_long_block_is_never_a_compressed_one),
      cmocka_unit_test(sound_blocks_from_elsewhere_are_found),
      cmocka_unit_test(a_checksum_right_by_chance_does_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
