/* SPDX-License-Identifier: Apache-2.0 */
/* Row groups declare the columns that their rows truly are sorted by, and no more, whatever the
 * pages. */
#include "memory_output.h"

#include "base/bytes.h"

#include <math.h>

enum { ROWS = 120, COLUMNS = 3 };

static struct table {
  enum sk_write_kind kinds[COLUMNS];
  uint8_t valid[COLUMNS][ROWS];
  uint64_t words[COLUMNS][ROWS]; /* doubles as bits */
  uint32_t ids[COLUMNS][ROWS];
  struct sk_intern texts;
} table;

/* Text n sorts as the number n, in another order than that of first sight. */
static void make_texts(void)
{
  char text[8];
  assert_true(sk_intern_init(&table.texts, NULL));
  for (int n = 9; n >= 0; n--) {
    const int length = snprintf(text, sizeof text, "t%d", n);
    assert_true(sk_intern_add(&table.texts, text, (uint32_t)length) == (uint32_t)(10 - n));
  }
}

static int number_at(size_t column, size_t row)
{
  const uint64_t word = table.words[column][row];
  return table.kinds[column] == SK_WRITE_DOUBLE ? (int)sk_double_of_bits(word) : (int)word;
}

/* Rows sorted by all columns, of which a few may be moved; nulls last. */
static void make_rows(uint64_t *random)
{
  static const enum sk_write_kind kinds[] = {SK_WRITE_TEXT, SK_WRITE_DOUBLE, SK_WRITE_INT64,
                                             SK_WRITE_DATE};
  const size_t moved = random_below(random, 4) ? 0 : 1 + random_below(random, 2);
  int at[COLUMNS] = {0};
  for (size_t c = 0; c < COLUMNS; c++)
    table.kinds[c] = kinds[random_below(random, SK_COUNT(kinds))];
  for (size_t row = 0; row < ROWS; row++) {
    size_t step = random_below(random, 40) == 0  ? 0
                  : random_below(random, 9) == 0 ? 1
                  : random_below(random, 3) == 0 ? 2
                                                 : COLUMNS;
    if (step < COLUMNS && at[step] < 10) {
      at[step]++;
      for (size_t c = step + 1; c < COLUMNS; c++)
        at[c] = 0;
    }
    for (size_t c = 0; c < COLUMNS; c++) {
      const bool moves = moved && c == COLUMNS - moved && random_below(random, 60) == 0;
      const int number = moves ? (int)random_below(random, 10) : at[c];
      table.valid[c][row] = number < 10;
      table.ids[c][row] = (uint32_t)(10 - number % 10);
      table.words[c][row] =
          table.kinds[c] == SK_WRITE_DOUBLE ? sk_bits_of_double((double)number) : (uint64_t)number;
    }
  }
}

/* Below, equal, above 0 as two rows compare in a column. */
static int compare(size_t column, size_t a, size_t b)
{
  const bool x = table.valid[column][a], y = table.valid[column][b];
  return !x || !y ? y - x : number_at(column, a) - number_at(column, b);
}

/* By how many columns the rows are sorted, as one would define it. Texts without a dictionary are
 * not looked at. */
static uint32_t sorted_by(size_t first, size_t rows, size_t columns,
                          const enum sk_write_encoding *encodings)
{
  for (size_t c = 0; c < columns; c++)
    if (table.kinds[c] == SK_WRITE_TEXT && encodings[c] == SK_WRITE_PLAIN)
      columns = c;
  for (size_t most = columns; most > 0; most--) {
    bool sorted = true;
    for (size_t row = first + 1; row < first + rows; row++) {
      int order = 0;
      for (size_t c = 0; c < most && !order; c++)
        order = compare(c, row - 1, row);
      sorted = sorted && order <= 0;
    }
    if (sorted)
      return (uint32_t)most;
  }
  return 0;
}

static void write_rows(struct sink *sink, const struct sk_writer_options *options, size_t step,
                       bool pages)
{
  static const char *const names[COLUMNS] = {"a", "b", "c"};
  static const struct sk_write_text texts[] = {{0, 2},  {0, 2},  {2, 2},  {4, 2},  {6, 2}, {8, 2},
                                               {10, 2}, {12, 2}, {14, 2}, {16, 2}, {18, 2}};
  static const char bytes[] = "t9t8t7t6t5t4t3t2t1t0";
  struct sk_write_column columns[COLUMNS];
  struct sk_writer *writer = NULL;
  for (size_t c = 0; c < COLUMNS; c++)
    columns[c] = (struct sk_write_column){names[c], table.kinds[c], false};
  assert_int_equal(sk_writer_open(&sink->output, columns, COLUMNS, options, NULL, &writer, NULL),
                   SHUKEI_OK);
  for (size_t row = 0; row < ROWS; row += step) {
    const size_t n = ROWS - row < step ? ROWS - row : step;
    struct sk_write_values values[COLUMNS];
    struct sk_write_slice slices[COLUMNS];
    uint64_t present[COLUMNS][ROWS];
    for (size_t c = 0; c < COLUMNS; c++) {
      values[c] = (struct sk_write_values){.valid = table.valid[c] + row, .texts = &table.texts};
      slices[c] = (struct sk_write_slice){.present = present[c], .texts = texts, .bytes = bytes};
      for (size_t i = 0; i < n; i++)
        present[c][i] = table.valid[c][row + i];
      if (table.kinds[c] == SK_WRITE_TEXT) {
        values[c].ids = slices[c].ids = table.ids[c] + row;
      } else {
        values[c].integers = (const int64_t *)(table.words[c] + row);
        slices[c].words = table.words[c] + row;
      }
    }
    const struct sk_write_part part = {slices, n};
    assert_int_equal(pages ? sk_writer_add_page(writer, &part, 1, false, NULL)
                           : sk_writer_add(writer, n, values, NULL),
                     SHUKEI_OK);
  }
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
}

static void declares_what_is_sorted(void **state)
{
  static const char *const names[COLUMNS] = {"a", "b", "c"};
  unsigned seen[COLUMNS + 1] = {0};
  (void)state;
  make_texts();
  for (uint64_t seed = 1; seed <= 400; seed++) {
    uint64_t random = seed;
    struct sk_writer_options options;
    struct sink sink;
    struct sk_object *object = NULL;
    struct sk_file *file = NULL;
    const bool pages = random_below(&random, 3) == 0;
    const size_t step = 1 + random_below(&random, 30);
    sk_writer_options_init(&options);
    options.sorting_columns = names;
    options.sorting_column_count = random_below(&random, COLUMNS + 1);
    options.page_bytes = 8 * (pages ? step : 1 + random_below(&random, 40));
    options.group_rows =
        pages ? step * (1 + random_below(&random, 5)) : 10 + random_below(&random, ROWS);
    sink_init(&sink);
    make_rows(&random);
    enum sk_write_encoding encodings[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++)
      encodings[c] = random_below(&random, 6) ? SK_WRITE_CHOSEN : SK_WRITE_PLAIN;
    options.encodings = encodings;
    write_rows(&sink, &options, step, pages);
    assert_int_equal(sk_object_from_bytes("t.parquet", sink.bytes, sink.length, &object, NULL), 0);
    assert_int_equal(sk_file_open(object, NULL, &file, NULL), SHUKEI_OK);
    const struct sk_meta *meta = sk_file_meta(file);
    for (uint32_t g = 0; g < meta->group_count; g++) {
      const struct sk_group_meta *group = &meta->groups[g];
      const uint32_t want = sorted_by((size_t)group->first_row, (size_t)group->row_count,
                                      options.sorting_column_count, encodings);
      if (group->sorting_count != want)
        fail_msg("seed %" PRIu64 ", row group %" PRIu32 ": sorted by %" PRIu32
                 ", expected %" PRIu32,
                 seed, g, group->sorting_count, want);
      for (uint32_t i = 0; i < want; i++)
        assert_true(group->sorting[i].column == i && !group->sorting[i].descending &&
                    !group->sorting[i].nulls_first);
      seen[want]++;
    }
    sk_file_close(file);
    sk_object_close(object);
    free(sink.bytes);
  }
  for (size_t i = 0; i <= COLUMNS; i++)
    assert_true(seen[i] > 10);
  sk_intern_reset(&table.texts);
}

/* A NaN has no place in an order. */
static void nan_is_not_sorted(void **state)
{
  (void)state;
  static const char *const name = "a";
  const struct sk_write_column column = {"a", SK_WRITE_DOUBLE, true};
  const double doubles[] = {1.0, (double)NAN, 2.0};
  for (size_t rows = 1; rows <= 3; rows++) {
    struct sk_writer_options options;
    struct sk_writer *writer = NULL;
    struct sink sink;
    struct sk_object *object = NULL;
    struct sk_file *file = NULL;
    sink_init(&sink);
    sk_writer_options_init(&options);
    options.sorting_columns = &name;
    options.sorting_column_count = 1;
    assert_int_equal(sk_writer_open(&sink.output, &column, 1, &options, NULL, &writer, NULL), 0);
    const struct sk_write_values values = {.doubles = doubles};
    assert_int_equal(sk_writer_add(writer, rows, &values, NULL), SHUKEI_OK);
    assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
    sk_writer_close(writer);
    assert_int_equal(sk_object_from_bytes("t.parquet", sink.bytes, sink.length, &object, NULL), 0);
    assert_int_equal(sk_file_open(object, NULL, &file, NULL), SHUKEI_OK);
    assert_int_equal(sk_file_meta(file)->groups[0].sorting_count, rows == 1);
    sk_file_close(file);
    sk_object_close(object);
    free(sink.bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(declares_what_is_sorted),
      cmocka_unit_test(nan_is_not_sorted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
