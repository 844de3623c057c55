/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of mostly the same texts: whether the writer knows it does not show in what it writes,
 * only in what it holds. */
#include "memory_output.h"

#include "parquet/chunk_write.h"

#define PAGE_ROWS 20u
#define PAGES 12u
#define TEXTS 40u

/* Text n lies in the bytes twice, so that equal texts need not be at one place. */
struct texts {
  struct sk_write_text once[TEXTS], again[TEXTS];
  char bytes[TEXTS * 2 * 16];
};

static void make_texts(struct texts *texts)
{
  uint32_t at = 0;
  for (uint32_t n = 0; n < 2 * TEXTS; n++) {
    const uint32_t text = n % TEXTS;
    const uint32_t length =
        text ? (uint32_t)snprintf(texts->bytes + at, 16, "text %u", (unsigned)(text * 7919 % TEXTS))
             : 0;
    (n < TEXTS ? texts->once : texts->again)[text] = (struct sk_write_text){at, length};
    at += length;
  }
}

struct page {
  uint32_t ids[2][PAGE_ROWS];
  uint64_t present[PAGE_ROWS], days[PAGE_ROWS];
};

enum difference { NOTHING, A_TEXT, A_NULL, BOTH_EMPTY, FIRST_EMPTY, DIFFERENCES };

static void make_page(struct page *page, enum difference difference, uint32_t most,
                      uint64_t *random)
{
  for (size_t row = 0; row < PAGE_ROWS; row++) {
    page->ids[0][row] = page->ids[1][row] = (uint32_t)random_below(random, most);
    page->present[row] = random_below(random, 5) ? 3 : 0;
    page->days[row] = random_below(random, 9);
  }
  const size_t row = random_below(random, PAGE_ROWS);
  if (difference == A_TEXT) {
    page->present[row] = 3;
    page->ids[1][row] = (page->ids[0][row] + 1) % TEXTS;
  } else if (difference == A_NULL) {
    page->present[row] = 1 + random_below(random, 2);
  }
}

struct written {
  struct sink sink;
  uint64_t held; /* after each page, summed up */
  shukei_status status;
};

static shukei_status add_page(struct sk_writer *writer, const struct texts *texts,
                              const struct page *page, enum difference difference, size_t cut,
                              bool last)
{
  struct sk_write_slice slices[2][3];
  const struct sk_write_part parts[] = {{slices[0], cut}, {slices[1], PAGE_ROWS - cut}};
  for (size_t i = 0; i < 2; i++) {
    const size_t from = i ? cut : 0;
    slices[i][0] =
        (struct sk_write_slice){.none = difference == BOTH_EMPTY || difference == FIRST_EMPTY,
                                .bit = 0,
                                .present = page->present + from,
                                .ids = page->ids[0] + from,
                                .texts = texts->once,
                                .bytes = texts->bytes};
    slices[i][1] = (struct sk_write_slice){.words = page->days + from};
    slices[i][2] = slices[i][0];
    slices[i][2].none = difference == BOTH_EMPTY;
    slices[i][2].bit = 1;
    slices[i][2].ids = page->ids[1] + from;
    if (cut % 2)
      slices[i][2].texts = texts->again;
  }
  return sk_writer_add_page(writer, parts, cut ? 2 : 1, last, NULL);
}

/* Pages that differ by chance, one in `same_in` of them; some end their row group. */
static void write_pages(struct written *out, uint64_t seed, size_t one_in, uint64_t most_coded,
                        bool twins, unsigned threads, struct sk_budget *budget)
{
  static const struct sk_write_column columns[] = {{"pod labels", SK_WRITE_TEXT, false},
                                                   {"day", SK_WRITE_DATE, true},
                                                   {"all labels", SK_WRITE_TEXT, false}};
  static struct texts texts;
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  uint64_t random = seed;
  make_texts(&texts);
  sk_writer_options_init(&options);
  options.page_bytes = PAGE_ROWS * 8;
  options.most_coded_bytes = most_coded;
  options.threads = threads;
  options.twin_columns[0] = twins ? "pod labels" : NULL;
  options.twin_columns[1] = twins ? "all labels" : NULL;
  *out = (struct written){.held = 0};
  sink_init(&out->sink);
  out->status = sk_writer_open(&out->sink.output, columns, 3, &options, budget, &writer, NULL);
  for (uint32_t n = 0; !out->status && n < PAGES; n++) {
    struct page page;
    const uint32_t most = seed % 2 ? TEXTS : 5;
    const enum difference difference = random_below(&random, one_in)
                                           ? NOTHING
                                           : (enum difference)random_below(&random, DIFFERENCES);
    make_page(&page, difference, most, &random);
    const size_t cut = random_below(&random, PAGE_ROWS);
    out->status = add_page(writer, &texts, &page, difference, cut, random_below(&random, 7) == 0);
    out->held += out->status ? 0 : sk_writer_held_bytes(writer);
  }
  if (!out->status)
    out->status = sk_writer_finish(writer, NULL);
  sk_writer_close(writer);
}

static void twins_do_not_show(void **state)
{
  (void)state;
  static const size_t one_in[] = {1, 3, 8, 1000};
  static const uint64_t most_coded[] = {0, 20, 150};
  uint64_t held = 0, held_with = 0;
  for (uint64_t seed = 0; seed < 240; seed++) {
    struct written without, with;
    const size_t often = one_in[seed / 2 % SK_COUNT(one_in)];
    const uint64_t most = most_coded[seed % SK_COUNT(most_coded)];
    write_pages(&without, seed, often, most, false, 1, NULL);
    write_pages(&with, seed, often, most, true, 1 + (unsigned)seed % 3, NULL);
    assert_int_equal(without.status, SHUKEI_OK);
    assert_int_equal(with.status, SHUKEI_OK);
    if (with.sink.length != without.sink.length ||
        memcmp(with.sink.bytes, without.sink.bytes, with.sink.length) != 0)
      fail_msg("seed %u: other bytes", (unsigned)seed);
    assert_true(with.held <= without.held);
    held += without.held;
    held_with += with.held;
    free(without.sink.bytes);
    free(with.sink.bytes);
  }
  assert_true(held_with * 10 < held * 8); /* it was shared at all */
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_budget budget;
  bool failed = true;
  sk_budget_init(&budget, UINT64_MAX);
  for (int64_t n = 0; failed; n++) {
    struct written written;
    sk_test_fail_alloc(n);
    write_pages(&written, 7, 3, 150, true, 1, &budget);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    assert_true(written.status == SHUKEI_OK || (failed && written.status == SHUKEI_ENOMEM));
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    free(written.sink.bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(twins_do_not_show),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
