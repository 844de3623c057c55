/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that come as pages, in parts: how they are cut does not show, and what cannot be written is
 * refused. */
#include "memory_output.h"

/* Pages of 10 rows by sk_writer_add_page(), in one part or in two. */
static void write_pages(struct sink *sink, uint64_t random, bool cut)
{
  static const struct sk_write_text texts[] = {{0, 3}, {3, 0}, {3, 2}, {5, 4}};
  static const struct sk_write_column columns[] = {
      {"text", SK_WRITE_TEXT, false}, {"id", SK_WRITE_TEXT, false}, {"day", SK_WRITE_DATE, true}};
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  uint64_t held = 0;
  sink_init(sink);
  sk_writer_options_init(&options);
  options.page_bytes = 80;
  options.unique_column = "id";
  options.most_coded_bytes = 5;
  assert_int_equal(sk_writer_open(&sink->output, columns, 3, &options, NULL, &writer, NULL), 0);
  for (uint32_t page = 0; page < 9; page++) {
    uint32_t ids[10];
    uint64_t days[10], present[10];
    for (size_t row = 0; row < 10; row++) {
      ids[row] = (uint32_t)random_below(&random, SK_COUNT(texts));
      days[row] = next_random(&random) % 100;
      present[row] = next_random(&random);
    }
    const size_t first = cut ? 4 : 10;
    struct sk_write_slice slices[2][3];
    struct sk_write_part parts[2] = {{slices[0], first}, {slices[1], 10 - first}};
    for (size_t i = 0; i < 2; i++) {
      const size_t from = i * first;
      const struct sk_write_slice text = {.bit = 3,
                                          .present = present + from,
                                          .ids = ids + from,
                                          .texts = texts,
                                          .bytes = "abcdefghi"};
      slices[i][0] = slices[i][1] = text;
      slices[i][1].none = page == 4;
      slices[i][2] = (struct sk_write_slice){.words = days + from};
    }
    assert_int_equal(sk_writer_add_page(writer, parts, cut ? 2 : 1, page == 5, NULL), SHUKEI_OK);
    assert_true(page == 5 || sk_writer_held_bytes(writer) > held);
    held = sk_writer_held_bytes(writer);
  }
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
}

static void parts_of_pages_do_not_show(void **state)
{
  (void)state;
  for (uint64_t random = 0; random < 20; random++) {
    struct sink whole, cut;
    write_pages(&whole, random, false);
    write_pages(&cut, random, true);
    assert_int_equal(whole.length, cut.length);
    assert_memory_equal(whole.bytes, cut.bytes, cut.length);
    free(whole.bytes);
    free(cut.bytes);
  }
}

static void refuses_pages_that_it_cannot_write(void **state)
{
  (void)state;
  static const struct {
    const char *why;
    uint64_t day, present;
    size_t rows;
    shukei_status want;
  } cases[] = {
      {"a day", 7, 1, 1, SHUKEI_OK},
      {"no rows", 7, 1, 0, SHUKEI_OK},
      {"a null where none may be", 7, 0, 1, SHUKEI_EINVAL},
      {"a day after what a date holds", UINT64_C(1) << 31, 1, 1, SHUKEI_EINVAL},
      {"more rows than a page has", 7, 1, 11, SHUKEI_EINVAL},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const struct sk_write_column column = {"day", SK_WRITE_DATE, true};
    const struct sk_write_slice slice = {.words = &cases[i].day, .present = &cases[i].present};
    const struct sk_write_part part = {&slice, cases[i].rows};
    struct sk_writer_options options;
    struct sk_writer *writer = NULL;
    struct sink sink;
    sink_init(&sink);
    sk_writer_options_init(&options);
    options.page_bytes = 80;
    assert_int_equal(sk_writer_open(&sink.output, &column, 1, &options, NULL, &writer, NULL), 0);
    const shukei_status st = sk_writer_add_page(writer, &part, 1, false, NULL);
    if (st != cases[i].want)
      fail_msg("%s: %s", cases[i].why, shukei_status_name(st));
    assert_int_equal(sk_writer_finish(writer, NULL), cases[i].want);
    assert_int_equal(sk_writer_add_page(writer, &part, 1, false, NULL), SHUKEI_EINVAL);
    sk_writer_close(writer);
    free(sink.bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_of_pages_do_not_show),
      cmocka_unit_test(refuses_pages_that_it_cannot_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
