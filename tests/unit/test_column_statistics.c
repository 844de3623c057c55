/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of shukei/parquet.h: typed bounds, and row groups passed over only where that is
 * certain. */
#include "api_testing.h"

#include "parquet/file.h"

#include <math.h>

static struct made made;

static shukei_parquet_value of_double(double number)
{
  return (shukei_parquet_value){.kind = SHUKEI_PARQUET_DOUBLES, .as.number = number};
}

static shukei_parquet_value of_integer(int64_t integer)
{
  return (shukei_parquet_value){.kind = SHUKEI_PARQUET_INTEGERS, .as.integer = integer};
}

static void tells_bounds_of_each_kind(void **state)
{
  (void)state;
  shukei_error err;
  shukei_parquet_statistics s;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  assert_int_equal(shukei_parquet_statistics_at(file, 0, 0, &s, &err), SHUKEI_OK);
  assert_int_equal(s.min.kind, SHUKEI_PARQUET_TEXTS);
  assert_int_equal(s.min.as.text.length, 0); /* there are empty ones */
  assert_true(s.max.as.text.length == 8 && memcmp(s.max.as.text.bytes, "0124 é", 7) == 0);
  assert_true(s.max_exact && s.min_exact && s.null_count > 0);
  assert_int_equal(shukei_parquet_statistics_at(file, 2, 3, &s, &err), SHUKEI_OK);
  assert_int_equal(s.min.kind, SHUKEI_PARQUET_TIMES);
  assert_int_equal(s.min.as.time_us, made.times[2000]);
  assert_int_equal(s.max.as.time_us, made.times[2999]);
  assert_true(s.null_count == 0 && s.min_bytes.length == 8);
  assert_int_equal(shukei_parquet_statistics_at(file, 1, 4, &s, &err), SHUKEI_OK);
  assert_int_equal(s.min.as.time_us, INT64_C(20010) * INT64_C(86400000000));
  assert_int_equal(shukei_parquet_statistics_at(file, 1, 2, &s, &err), SHUKEI_OK);
  assert_int_equal(s.min.kind, SHUKEI_PARQUET_INTEGERS);
  assert_int_equal(shukei_parquet_statistics_at(file, 1, 1, &s, &err), SHUKEI_OK);
  assert_int_equal(s.max.kind, SHUKEI_PARQUET_DOUBLES);
  assert_int_equal(shukei_parquet_statistics_at(file, 9, 1, &s, &err), SHUKEI_EINVAL);
  shukei_parquet_close(file);
  made_end(&made);
}

static bool row_within(size_t column, size_t row, const shukei_parquet_value *low,
                       const shukei_parquet_value *high)
{
  const int64_t day_us = INT64_C(86400000000);
  const double number = column == 1 ? made.doubles[row] : (double)made.integers[row];
  const int64_t us = column == 3 ? made.times[row] : made.dates[row] * day_us;
  if (!made.valid[column][row])
    return false;
  switch (low->kind) {
  case SHUKEI_PARQUET_DOUBLES:
    return number >= low->as.number && number <= high->as.number;
  case SHUKEI_PARQUET_TIMES:
    return us >= low->as.time_us && us <= high->as.time_us;
  case SHUKEI_PARQUET_INTEGERS:
    return made.integers[row] >= low->as.integer && made.integers[row] <= high->as.integer;
  default:
    return strncmp(made.bytes[row], low->as.text.bytes, 4) >= 0 && made.texts[row].length &&
           strncmp(made.bytes[row], high->as.text.bytes, 4) <= 0;
  }
}

/* Of two rows of chance: the values of the one and the other. */
static void draw(size_t column, uint64_t *random, shukei_parquet_value *low,
                 shukei_parquet_value *high)
{
  const size_t a = random_below(random, ROWS), b = a + random_below(random, ROWS - a);
  switch (column) {
  case 0:
    *low = (shukei_parquet_value){.kind = SHUKEI_PARQUET_TEXTS, .as.text = {made.bytes[a], 4}};
    *high = (shukei_parquet_value){.kind = SHUKEI_PARQUET_TEXTS, .as.text = {made.bytes[b], 5}};
    break;
  case 1:
    *low = of_double(made.doubles[a]);
    *high = of_double(made.doubles[b]);
    break;
  case 2:
    *low = random_below(random, 2) ? of_integer(made.integers[a])
                                   : of_double((double)made.integers[a]);
    *high = low->kind == SHUKEI_PARQUET_DOUBLES ? of_double((double)made.integers[b])
                                                : of_integer(made.integers[b]);
    break;
  default:
    *low = *high = (shukei_parquet_value){.kind = SHUKEI_PARQUET_TIMES};
    low->as.time_us = column == 3 ? made.times[a] : made.dates[a] * INT64_C(86400000000);
    high->as.time_us = column == 3 ? made.times[b] : made.dates[b] * INT64_C(86400000000);
  }
}

static void never_loses_a_row(void **state)
{
  (void)state;
  uint64_t random = 3;
  size_t skipped[COLUMNS] = {0};
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  for (size_t round = 0; round < 2000; round++) {
    shukei_parquet_value low, high;
    const size_t column = round % COLUMNS;
    draw(column, &random, &low, &high);
    for (size_t group = 0; group < 3; group++) {
      if (!shukei_parquet_outside(file, group, column, &low, &high))
        continue;
      skipped[column]++;
      for (size_t row = group * 1000; row < group * 1000 + 1000; row++)
        assert_false(row_within(column, row, &low, &high));
    }
  }
  for (size_t column = 0; column < COLUMNS; column++)
    assert_true(skipped[column] > 300);
  shukei_parquet_close(file);
  made_end(&made);
}

static void looks_at_both_ends(void **state)
{
  (void)state;
  const shukei_parquet_value none = {.kind = SHUKEI_PARQUET_NONE};
  const shukei_parquet_value below = of_double(-100), above = of_double(1e9), nan = of_double(NAN);
  const shukei_parquet_value integer = of_integer(-100), low = of_double(10), high = of_double(20);
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made); /* group 0 of column 1: -4 to 142 */
  assert_true(shukei_parquet_outside(file, 0, 1, &above, NULL));
  assert_true(shukei_parquet_outside(file, 0, 1, NULL, &below));
  assert_true(shukei_parquet_outside(file, 0, 1, &none, &below));
  assert_false(shukei_parquet_outside(file, 0, 1, &below, NULL));
  assert_false(shukei_parquet_outside(file, 0, 1, &low, &high));
  assert_false(shukei_parquet_outside(file, 0, 1, NULL, NULL));
  assert_false(shukei_parquet_outside(file, 0, 1, &nan, NULL));
  assert_false(shukei_parquet_outside(file, 0, 1, &above, &integer)); /* of two kinds */
  assert_false(shukei_parquet_outside(file, 0, 1, NULL, &integer));   /* doubles are no integers */
  assert_false(shukei_parquet_outside(file, 9, 1, &above, NULL));
  assert_false(shukei_parquet_outside(file, 0, 9, &above, NULL));
  shukei_parquet_close(file);
  made_end(&made);
}

static void distrusts_what_cannot_be_right(void **state)
{
  (void)state;
  const shukei_parquet_value above = of_double(1e9), beyond = of_double(1e19);
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  struct sk_chunk_meta *chunk = &file->file->meta.groups[0].chunks[1];
  struct sk_column_meta *meta = &file->file->meta.columns[1];
  const struct sk_statistics as_written = chunk->statistics;
  struct sk_statistics *s = &chunk->statistics;
  const uint8_t not_a_number[8] = {0, 0, 0, 0, 0, 0, 0xf8, 0x7f};
  assert_true(shukei_parquet_outside(file, 0, 1, &above, NULL));

  s->max_value = s->min_value; /* in the wrong order */
  s->min_value = as_written.max_value;
  assert_false(shukei_parquet_outside(file, 0, 1, &above, NULL));
  *s = as_written;
  s->max_length = 4;
  assert_false(shukei_parquet_outside(file, 0, 1, &above, NULL));
  *s = as_written;
  s->max_value = not_a_number;
  shukei_parquet_statistics told;
  assert_false(shukei_parquet_outside(file, 0, 1, &above, NULL));
  assert_int_equal(shukei_parquet_statistics_at(file, 0, 1, &told, NULL), SHUKEI_OK);
  assert_true(told.max.kind == SHUKEI_PARQUET_NONE && told.min.kind == SHUKEI_PARQUET_DOUBLES);
  *s = as_written;
  s->old_max = s->max_value, s->old_max_length = 8, s->max_value = s->min_value = NULL;
  assert_true(shukei_parquet_outside(file, 0, 1, &above, NULL)); /* signed: the old order will do */
  meta->type = SK_TYPE_INT64;
  meta->logical = SK_LOGICAL_INTEGER;
  assert_false(shukei_parquet_outside(file, 0, 1, &beyond, NULL)); /* unsigned: it will not */
  meta->type = SK_TYPE_DOUBLE;
  meta->logical = SK_LOGICAL_NONE;
  s->old_max = NULL;
  assert_false(shukei_parquet_outside(file, 0, 1, &above, NULL));
  s->null_count = chunk->value_count; /* every row */
  assert_true(shukei_parquet_outside(file, 0, 1, NULL, NULL));
  s->null_count = chunk->value_count + 1;
  assert_false(shukei_parquet_outside(file, 0, 1, NULL, NULL));
  s->null_count = chunk->value_count; /* which the bounds contradict */
  s->max_value = as_written.max_value;
  assert_false(shukei_parquet_outside(file, 0, 1, NULL, NULL));
  *s = as_written;
  chunk->missing = true;
  assert_false(shukei_parquet_outside(file, 0, 1, &above, NULL));
  shukei_parquet_close(file);
  made_end(&made);
}

/* The rule is that of cat's conditions (test_predicate.c): a greatest text may have been cut
 * without being raised. */
static void takes_texts_that_begin_with_a_cut_bound_for_within(void **state)
{
  (void)state;
  const shukei_parquet_value of_b = {.kind = SHUKEI_PARQUET_TEXTS, .as.text = {"sb", 2}},
                             of_c = {.kind = SHUKEI_PARQUET_TEXTS, .as.text = {"sc", 2}},
                             of_r = {.kind = SHUKEI_PARQUET_TEXTS, .as.text = {"r", 1}};
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  struct sk_statistics *s = &file->file->meta.groups[0].chunks[0].statistics;
  s->min_value = s->max_value = (const uint8_t *)"s";
  s->min_length = s->max_length = 1;
  assert_false(shukei_parquet_outside(file, 0, 0, &of_b, &of_c));
  assert_true(shukei_parquet_outside(file, 0, 0, NULL, &of_r));
  file->file->meta.columns[0].type_order = false; /* nothing says what the bounds mean */
  assert_false(shukei_parquet_outside(file, 0, 0, NULL, &of_r));
  shukei_parquet_close(file);
  made_end(&made);
}

static void orders_unsigned_integers(void **state)
{
  (void)state;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  struct sk_column_meta *meta = &file->file->meta.columns[2];
  struct sk_statistics *s = &file->file->meta.groups[0].chunks[2].statistics;
  const uint8_t five[8] = {5}, huge[8] = {0, 0, 0, 0, 0, 0, 0, 0x80};
  meta->logical = SK_LOGICAL_INTEGER;
  s->min_value = five;
  s->max_value = huge;
  const shukei_parquet_value small = of_integer(4), most = of_integer(-1), mid = of_integer(7);
  assert_true(shukei_parquet_outside(file, 0, 2, NULL, &small));
  assert_true(shukei_parquet_outside(file, 0, 2, &most, NULL));
  assert_false(shukei_parquet_outside(file, 0, 2, &mid, &mid));
  shukei_parquet_close(file);
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_bounds_of_each_kind),
      cmocka_unit_test(never_loses_a_row),
      cmocka_unit_test(looks_at_both_ends),
      cmocka_unit_test(distrusts_what_cannot_be_right),
      cmocka_unit_test(takes_texts_that_begin_with_a_cut_bound_for_within),
      cmocka_unit_test(orders_unsigned_integers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
