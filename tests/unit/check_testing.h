/* SPDX-License-Identifier: Apache-2.0 */
/* A file of ours for tests of inspect --check: two row groups, texts with a Bloom filter and
 * doubles, a tenth of them null, in several pages. Its bytes may be changed, and what was read of
 * its footer. */
#ifndef SK_TESTS_CHECK_TESTING_H
#define SK_TESTS_CHECK_TESTING_H

#include "memory_output.h"

#include "parquet/file.h"

enum { ROWS = 3000 };

struct checked {
  struct sink out;
  struct sk_budget budget;
  struct sk_object *object;
  struct sk_file *file;
  struct sk_intern texts;
  uint32_t first_nulls; /* so many rows have no double; then the last one has another text, too */
};

static inline void write_file(struct checked *c)
{
  static uint32_t ids[ROWS];
  static double doubles[ROWS];
  static uint8_t valid[ROWS], numbered[ROWS];
  const struct sk_write_column columns[] = {{"t", SK_WRITE_TEXT, false},
                                            {"d", SK_WRITE_DOUBLE, false}};
  static const char *const bloom = "t";
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  char text[20];
  assert_true(sk_intern_init(&c->texts, NULL));
  for (uint32_t i = 0; i < ROWS; i++) {
    const int length =
        snprintf(text, sizeof text, "b%u", c->first_nulls && i + 1 == ROWS ? 1u : (unsigned)i % 90);
    ids[i] = sk_intern_add(&c->texts, text, (uint32_t)length);
    doubles[i] = i / 8.0 - 20;
    valid[i] = i % 10 != 3;
    numbered[i] = valid[i] && i >= c->first_nulls;
  }
  sk_writer_options_init(&options);
  options.group_rows = 2000;
  options.page_bytes = 4096;
  options.bloom_columns = &bloom;
  options.bloom_column_count = 1;
  sink_init(&c->out);
  assert_int_equal(sk_writer_open(&c->out.output, columns, 2, &options, NULL, &writer, NULL),
                   SHUKEI_OK);
  const struct sk_write_values values[] = {{.valid = valid, .ids = ids, .texts = &c->texts},
                                           {.valid = numbered, .doubles = doubles}};
  assert_int_equal(sk_writer_add(writer, ROWS, values, NULL), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
}

static inline void setup_nulls(struct checked *c, uint32_t first_nulls)
{
  memset(c, 0, sizeof *c);
  c->first_nulls = first_nulls;
  write_file(c);
  sk_budget_init(&c->budget, 64 << 20);
  assert_int_equal(sk_object_from_bytes("c.parquet", c->out.bytes, c->out.length, &c->object, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_file_open(c->object, &c->budget, &c->file, NULL), SHUKEI_OK);
}

static inline void setup(struct checked *c)
{
  setup_nulls(c, 0);
}

static inline void teardown(struct checked *c)
{
  sk_file_close(c->file);
  sk_object_close(c->object);
  assert_int_equal(c->budget.used_bytes, 0);
  sk_intern_reset(&c->texts);
  free(c->out.bytes);
}

/* Checks, and looks for a text among the findings, of which there are so many; "" where there are
 * to be none. */
static inline void expect_some(struct checked *c, const char *why, const char *want,
                               uint64_t findings)
{
  struct sk_check_result result;
  struct sk_buffer lines;
  sk_buffer_init(&lines, NULL, SIZE_MAX / 2);
  assert_int_equal(sk_parquet_check(c->file, &c->budget, &lines, &result, NULL), SHUKEI_OK);
  sk_buffer_byte(&lines, '\0');
  const char *text = (const char *)lines.bytes;
  if (*want ? !strstr(text, want) || result.findings < 1 || result.findings > findings
            : *text || result.findings)
    fail_msg("%s: %s", why, text);
  if (!*want)
    assert_true(result.values == 2 * ROWS && result.pages >= 4);
  sk_buffer_reset(&lines);
}

static inline void expect(struct checked *c, const char *why, const char *want)
{
  expect_some(c, why, want, UINT64_MAX);
}

/* Makes the n-th allocation of a call fail, until none is left to fail. A buffer that cannot double
 * tries again with less, so that not every failure is one of the call. */
static inline void fail_each_allocation(shukei_status (*call)(struct checked *c, int n,
                                                              struct sk_buffer *text))
{
  struct checked c;
  bool failed = true;
  int refused = 0;
  setup(&c);
  for (int n = 0; failed; n++) {
    const uint64_t held = c.budget.used_bytes;
    struct sk_buffer text;
    sk_buffer_init(&text, &c.budget, SIZE_MAX / 2);
    sk_test_fail_alloc(n);
    const shukei_status st = call(&c, n, &text);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(st == SHUKEI_OK || (st == SHUKEI_ENOMEM && failed));
    refused += st != SHUKEI_OK;
    sk_buffer_reset(&text);
    assert_int_equal(c.budget.used_bytes, held);
  }
  assert_true(refused > 10);
  teardown(&c);
}

#endif
