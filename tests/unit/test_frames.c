/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of several frames: the same bytes whoever helps, what does not fill the page refused,
 * failed allocations. */
#include "testing.h"

#include "base/crew.h"
#include "parquet/frames.h"

enum { LENGTH = 3 << 20 };

struct body {
  uint8_t *plain, *packed, *out;
  size_t packed_length;
};

/* Compressible, and different in every frame. */
static void setup_body(struct body *body, size_t length)
{
  uint64_t random = length;
  body->plain = malloc(LENGTH);
  body->out = malloc(LENGTH + 1);
  for (size_t i = 0; i < length; i++)
    body->plain[i] = (uint8_t) "shukei, aggregation"[random_below(&random, 19)];
  const size_t bound = sk_compress_bound(SK_CODEC_ZSTD, length);
  struct sk_codec_state *codec = NULL;
  body->packed = malloc(bound);
  assert_int_equal(sk_codec_new(NULL, &codec, NULL), SHUKEI_OK);
  assert_int_equal(sk_compress(codec, SK_CODEC_ZSTD, 1, body->plain, length, body->packed, bound,
                               &body->packed_length, NULL),
                   SHUKEI_OK);
  sk_codec_free(codec);
}

static void teardown_body(struct body *body)
{
  free(body->plain);
  free(body->packed);
  free(body->out);
}

struct reading {
  struct sk_helpers helpers;
  struct sk_budget *budget;
  const struct body *body;
  size_t packed_length, length;
  bool over;
  shukei_status status;
};

static shukei_status unpack(struct reading *reading)
{
  struct sk_codec_state *codec = NULL;
  shukei_error error;
  shukei_status st = sk_codec_new(reading->budget, &codec, &error);
  if (!st)
    st = sk_frames_decompress(&reading->helpers, reading->budget, codec, SK_CODEC_ZSTD,
                              reading->body->packed, reading->packed_length, reading->body->out,
                              reading->length, &error);
  sk_codec_free(codec);
  return st;
}

static void unpack_or_help(void *context, unsigned worker)
{
  struct reading *reading = context;
  if (worker == 0)
    reading->status = unpack(reading);
  pthread_mutex_lock(&reading->helpers.lock);
  reading->over |= worker == 0;
  sk_helpers_changed(&reading->helpers);
  while (!reading->over)
    sk_helpers_wait(&reading->helpers);
  pthread_mutex_unlock(&reading->helpers.lock);
}

static shukei_status unpack_with(unsigned threads, const struct body *body, size_t packed_length,
                                 size_t length, struct sk_budget *budget)
{
  struct reading reading = {
      .budget = budget, .body = body, .packed_length = packed_length, .length = length};
  sk_helpers_init(&reading.helpers);
  sk_crew_run(NULL, threads, unpack_or_help, &reading);
  sk_helpers_reset(&reading.helpers);
  return reading.status;
}

static void gives_the_same_bytes_whoever_helps(void **state)
{
  (void)state;
  static const size_t lengths[] = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, LENGTH};
  for (size_t i = 0; i < SK_COUNT(lengths); i++) {
    struct body body;
    setup_body(&body, lengths[i]);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
      memset(body.out, 0, LENGTH);
      assert_int_equal(unpack_with(threads, &body, body.packed_length, lengths[i], NULL),
                       SHUKEI_OK);
      assert_memory_equal(body.out, body.plain, lengths[i]);
    }
    teardown_body(&body);
  }
}

/* What lies may not reach beyond the page: AddressSanitizer looks. */
static void refuses_what_does_not_fill_the_page(void **state)
{
  (void)state;
  struct body body;
  uint64_t random = 7;
  setup_body(&body, LENGTH);
  assert_int_equal(unpack_with(3, &body, body.packed_length, LENGTH - 1, NULL), SHUKEI_EFORMAT);
  assert_int_equal(unpack_with(3, &body, body.packed_length, LENGTH + 1, NULL), SHUKEI_EFORMAT);
  assert_int_equal(unpack_with(3, &body, body.packed_length - 1, LENGTH, NULL), SHUKEI_EFORMAT);
  for (int round = 0; round < 200; round++) {
    uint8_t *at = &body.packed[random_below(&random, round % 2 ? body.packed_length : 16)];
    const uint8_t before = *at;
    *at ^= (uint8_t)(1u << random_below(&random, 8));
    const shukei_status st = unpack_with(3, &body, body.packed_length, LENGTH, NULL);
    assert_true(st == SHUKEI_OK || st == SHUKEI_EFORMAT);
    *at = before;
  }
  teardown_body(&body);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct body body;
  struct sk_budget budget;
  shukei_status st = SHUKEI_ENOMEM;
  setup_body(&body, LENGTH);
  sk_budget_init(&budget, UINT64_MAX);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = unpack_with(1, &body, body.packed_length, LENGTH, &budget);
    assert_true((st == SHUKEI_OK) != sk_test_alloc_failed());
    assert_int_equal(budget.used_bytes, 0);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  teardown_body(&body);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_same_bytes_whoever_helps),
      cmocka_unit_test(refuses_what_does_not_fill_the_page),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
