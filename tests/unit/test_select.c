/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that meet conditions: the same as by looking at every row, what may be skipped is, and a
 * file that says odd things of its values loses none of them. */
#include "memory_output.h"

#include "base/bytes.h"
#include "parquet/file.h"

enum { ROWS = 6000, GROUP_ROWS = 2000, PAGE_ROWS = 512, NULL_EVERY = 7, CAP = 9 };

struct selected {
  struct sink out;
  struct sk_budget budget;
  struct sk_object *object;
  struct sk_file *file;
  struct sk_intern texts;
};

/* Row i: "name" is sorted, "node" comes back all over, "value" has nulls, NaN and both zeros. */
static void name_of(uint32_t row, char text[24])
{
  snprintf(text, 24, "ns-%04u", (unsigned)(row / 40 * 2));
}
static void node_of(uint32_t row, char text[24])
{
  snprintf(text, 24, "node-%u", (unsigned)(row * 7919 % (row < GROUP_ROWS ? 30 : 60) * 2));
}
static bool has_value(uint32_t row)
{
  return row % NULL_EVERY != 0;
}
static double value_of(uint32_t row)
{
  return row % 11 == 1   ? sk_double_of_bits(UINT64_C(0x7ff8000000000000))
         : row % 11 == 2 ? -0.0
                         : row % 11 * 0.5 - 1.5;
}

static void write_file(struct selected *s)
{
  static uint32_t names[ROWS], nodes[ROWS];
  static double values[ROWS];
  static int64_t numbers[ROWS];
  static uint8_t valid[ROWS];
  static const char *const blooms[] = {"node"};
  const struct sk_write_column columns[] = {{"name", SK_WRITE_TEXT, true},
                                            {"node", SK_WRITE_TEXT, false},
                                            {"value", SK_WRITE_DOUBLE, false},
                                            {"row", SK_WRITE_INT64, true}};
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  char text[24];
  assert_true(sk_intern_init(&s->texts, NULL));
  for (uint32_t i = 0; i < ROWS; i++) {
    name_of(i, text);
    names[i] = sk_intern_add(&s->texts, text, (uint32_t)strlen(text));
    node_of(i, text);
    nodes[i] = sk_intern_add(&s->texts, text, (uint32_t)strlen(text));
    values[i] = value_of(i);
    valid[i] = has_value(i);
    numbers[i] = i;
  }
  sk_writer_options_init(&options);
  options.group_rows = GROUP_ROWS;
  options.page_bytes = PAGE_ROWS * 8;
  options.bloom_columns = blooms;
  options.bloom_column_count = 1;
  sink_init(&s->out);
  assert_int_equal(sk_writer_open(&s->out.output, columns, 4, &options, NULL, &writer, NULL),
                   SHUKEI_OK);
  const struct sk_write_values rows[] = {{.ids = names, .texts = &s->texts},
                                         {.ids = nodes, .texts = &s->texts},
                                         {.valid = valid, .doubles = values},
                                         {.integers = numbers}};
  assert_int_equal(sk_writer_add(writer, ROWS, rows, NULL), SHUKEI_OK);
  assert_int_equal(sk_writer_finish(writer, NULL), SHUKEI_OK);
  sk_writer_close(writer);
}

static void setup(struct selected *s)
{
  memset(s, 0, sizeof *s);
  write_file(s);
  sk_budget_init(&s->budget, 64 << 20);
  assert_int_equal(sk_object_from_bytes("s.parquet", s->out.bytes, s->out.length, &s->object, NULL),
                   SHUKEI_OK);
  assert_int_equal(sk_file_open(s->object, &s->budget, &s->file, NULL), SHUKEI_OK);
}

static void teardown(struct selected *s)
{
  sk_file_close(s->file);
  sk_object_close(s->object);
  assert_int_equal(s->budget.used_bytes, 0);
  sk_intern_reset(&s->texts);
  free(s->out.bytes);
}

static bool meets(uint32_t row, const shukei_condition *conditions, size_t count)
{
  bool all = true;
  for (size_t i = 0; i < count; i++) {
    char text[24];
    bool any = false;
    for (size_t k = 0; k < count; k++) { /* those of the same column are alternatives */
      if (strcmp(conditions[k].column, conditions[i].column) != 0)
        continue;
      if (strcmp(conditions[k].column, "value") == 0) {
        any = any || (has_value(row) && value_of(row) == strtod(conditions[k].value, NULL));
        continue;
      }
      if (strcmp(conditions[k].column, "name") == 0)
        name_of(row, text);
      else
        node_of(row, text);
      any = any || strcmp(text, conditions[k].value) == 0;
    }
    all = all && any;
  }
  return all;
}

/* Whether the selection is what looking at every row gives; `found` gets what it was. */
static shukei_status select_all(struct selected *s, const shukei_condition *conditions,
                                size_t count, uint8_t *found, shukei_cat_stats *stats,
                                shukei_error *err)
{
  struct sk_selection *selection = NULL;
  shukei_status st = sk_selection_open(s->file, conditions, count, &s->budget, &selection, err);
  memset(found, 0, ROWS);
  for (uint32_t g = 0; !st && g < s->file->meta.group_count; g++) {
    bool any = false, partial = false;
    int64_t next = 0;
    st = sk_selection_group(selection, g, &any, &partial, err);
    while (!st && any) {
      struct sk_selected window;
      st = sk_selection_next(selection, CAP, &window, err);
      if (st || !window.rows)
        break;
      assert_true(window.first >= next && window.rows <= CAP);
      assert_true(window.match[0] == 1 && window.match[window.rows - 1] == 1);
      next = window.first + (int64_t)window.rows;
      for (size_t i = 0; i < window.rows; i++)
        found[g * GROUP_ROWS + (size_t)window.first + i] = window.match[i];
    }
  }
  if (selection)
    sk_selection_counts(selection, stats);
  sk_selection_close(selection);
  return st;
}

static void expect_rows(struct selected *s, const char *why, const shukei_condition *conditions,
                        size_t count, shukei_cat_stats *stats)
{
  static uint8_t found[ROWS];
  shukei_cat_stats own;
  shukei_error err = {.status = SHUKEI_OK};
  if (select_all(s, conditions, count, found, stats ? stats : &own, &err))
    fail_msg("%s: %s", why, err.text);
  for (uint32_t row = 0; row < ROWS; row++)
    if (found[row] != meets(row, conditions, count))
      fail_msg("%s: row %u", why, (unsigned)row);
}

static const shukei_condition wishes[][3] = {
    {{"name", "ns-0000"}},
    {{"name", "ns-0150"}},
    {{"name", "ns-0298"}},
    {{"name", "ns-0151"}},
    {{"name", "zz"}},
    {{"node", "node-58"}},
    {{"node", "node-100"}},
    {{"node", "node-57"}},
    {{"value", "0"}},
    {{"value", "-0.0"}},
    {{"value", "2.5"}},
    {{"value", "7"}},
    {{"name", "ns-0010"}, {"name", "ns-0290"}},
    {{"name", "ns-0100"}, {"node", "node-20"}},
    {{"node", "node-20"}, {"node", "node-22"}, {"value", "1"}},
};

static size_t length_of(const shukei_condition *wish)
{
  size_t count = 0;
  while (count < 3 && wish[count].column)
    count++;
  return count;
}

static void expect_all(struct selected *s, const char *why)
{
  for (size_t i = 0; i < SK_COUNT(wishes); i++)
    expect_rows(s, why, wishes[i], length_of(wishes[i]), NULL);
}

static void finds_what_every_row_tells(void **state)
{
  (void)state;
  struct selected s;
  setup(&s);
  expect_all(&s, "as it was written");
  teardown(&s);
}

static void skips_what_it_may(void **state)
{
  (void)state;
  struct selected s;
  shukei_cat_stats stats;
  setup(&s);
  expect_rows(&s, "statistics", &(shukei_condition){"name", "ns-0130"}, 1, &stats);
  assert_int_equal(stats.row_groups, 3);
  assert_int_equal(stats.row_groups_by_statistics, 2);
  assert_int_equal(stats.pages, 4);
  assert_int_equal(stats.pages_skipped, 3);
  expect_rows(&s, "a Bloom filter", &(shukei_condition){"node", "node-57"}, 1, &stats);
  assert_int_equal(stats.row_groups_by_bloom_filter, 3);
  for (uint32_t g = 0; g < 3; g++)
    s.file->meta.groups[g].chunks[1].bloom_filter_offset = -1;
  expect_rows(&s, "a dictionary", &(shukei_condition){"node", "node-57"}, 1, &stats);
  assert_int_equal(stats.row_groups_by_dictionary, 3);
  for (uint32_t g = 0; g < 3; g++)
    s.file->meta.groups[g].chunks[1].coded = SK_CODED_UNKNOWN;
  expect_rows(&s, "its pages' headers", &(shukei_condition){"node", "node-57"}, 1, &stats);
  assert_int_equal(stats.row_groups_by_dictionary, 3);
  for (uint32_t g = 0; g < 3; g++)
    s.file->meta.groups[g].chunks[1].coded = SK_CODED_PARTLY;
  expect_rows(&s, "a page may be plain", &(shukei_condition){"node", "node-57"}, 1, &stats);
  assert_int_equal(stats.row_groups_by_dictionary, 0);
  const shukei_condition apart[] = {{"name", "ns-0298"}, {"row", "4001"}};
  struct sk_selection *selection = NULL;
  bool any = true, partial = true;
  assert_int_equal(sk_selection_open(s.file, apart, 2, &s.budget, &selection, NULL), SHUKEI_OK);
  assert_int_equal(sk_selection_group(selection, 2, &any, &partial, NULL), SHUKEI_OK);
  assert_false(any); /* the pages of the one and of the other have no row in common */
  sk_selection_counts(selection, &stats);
  assert_int_equal(stats.row_groups_by_page_index, 1);
  sk_selection_close(selection);
  teardown(&s);
}

/* What is said of values is wrong in all of these, but in ways that are not to be believed. */
static void odd_statements_lose_no_row(void **state)
{
  (void)state;
  static const uint8_t nan[8] = {0, 0, 0, 0, 0, 0, 0xf8, 0x7f},
                       high[8] = {0, 0, 0, 0, 0, 0, 0x50, 0x40};
  struct selected s;
  setup(&s);
  struct sk_meta *meta = &s.file->meta;
  struct sk_chunk_meta was[4];
  memcpy(was, meta->groups[1].chunks, sizeof was);
  struct sk_chunk_meta *name = &meta->groups[1].chunks[0], *node = name + 1, *value = name + 2;
#define BACK memcpy(meta->groups[1].chunks, was, sizeof was)

  meta->columns[0].type_order = false;
  name->statistics.min_value = name->statistics.max_value = (const uint8_t *)"zzzzzzz";
  expect_all(&s, "no order is told");
  name->statistics.min_value = name->statistics.max_value = NULL;
  name->statistics.old_min = name->statistics.old_max = (const uint8_t *)"zzzzzzz";
  name->statistics.old_min_length = name->statistics.old_max_length = 7;
  expect_all(&s, "deprecated bounds of texts");
  name->column_index_offset = was[1].column_index_offset;
  name->column_index_length = was[1].column_index_length;
  expect_all(&s, "the column index of another column");
  meta->columns[0].type_order = true;
  BACK;
  name->statistics.min_value = was[0].statistics.max_value;
  name->statistics.max_value = was[0].statistics.min_value;
  expect_all(&s, "bounds the wrong way round");
  BACK;
  name->statistics.max_length -= 1;
  expect_all(&s, "a greatest text that was cut and not raised");
  BACK;
  value->statistics.min_value = nan;
  value->statistics.max_value = high;
  expect_all(&s, "a least number that is a NaN");
  value->statistics.min_value = high;
  value->statistics.max_value = nan;
  expect_all(&s, "a greatest number that is a NaN");
  value->statistics.max_value = high;
  value->statistics.max_length = 4;
  expect_all(&s, "bounds of different lengths");
  BACK;
  name->statistics.null_count = name->value_count;
  expect_all(&s, "nothing but nulls, and bounds");
  BACK;
  name->column_index_offset = was[1].column_index_offset;
  name->column_index_length = was[1].column_index_length - 1;
  expect_all(&s, "a column index that is cut off");
  BACK;
  name->offset_index_offset = node->data_page_offset;
  expect_all(&s, "an offset index that is none");
  name->offset_index_offset = was[1].offset_index_offset;
  name->offset_index_length = was[1].offset_index_length;
  expect_all(&s, "an offset index of another column");
  BACK;
  node->bloom_filter_offset = node->data_page_offset;
  expect_all(&s, "a Bloom filter that is none");
  BACK;
#undef BACK
  teardown(&s);
}

static void an_offset_index_is_held_to_its_pages(void **state)
{
  (void)state;
  static uint8_t found[ROWS];
  static const uint8_t second[] = {0x16, 0x80, 0x08}; /* field 3, row 512 */
  struct selected s;
  shukei_cat_stats stats;
  shukei_error err = {.status = SHUKEI_OK};
  setup(&s);
  const struct sk_chunk_meta *chunk = &s.file->meta.groups[1].chunks[0];
  uint8_t *at = s.out.bytes + chunk->offset_index_offset, *const end =
                                                              at + chunk->offset_index_length;
  while (at + sizeof second <= end && memcmp(at, second, sizeof second) != 0)
    at++;
  assert_true(at + sizeof second <= end);
  at[1] = 0x82;
  const shukei_condition wish = {"name", "ns-0130"}; /* rows 2600 to 2639: 88 of that page and on */
  assert_int_equal(select_all(&s, &wish, 1, found, &stats, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "512 values, the offset index says 511"));
  teardown(&s);
}

static void refuses_wishes_that_mean_nothing(void **state)
{
  (void)state;
  struct selected s;
  struct sk_selection *selection = NULL;
  shukei_error err = {.status = SHUKEI_OK};
  setup(&s);
  assert_int_equal(
      sk_selection_open(s.file, &(shukei_condition){"none", "x"}, 1, &s.budget, &selection, &err),
      SHUKEI_EINVAL);
  assert_string_equal(err.text, "s.parquet: there is no column \"none\" to compare");
  assert_int_equal(
      sk_selection_open(s.file, &(shukei_condition){"value", "x"}, 1, &s.budget, &selection, &err),
      SHUKEI_EINVAL);
  assert_string_equal(err.text, "s.parquet: column value: \"x\" is no number");
  assert_null(selection);
  teardown(&s);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  static uint8_t found[ROWS];
  struct selected s;
  int refused = 0;
  setup(&s);
  for (size_t i = 0; i < SK_COUNT(wishes); i++) {
    bool failed = true;
    for (int n = 0; failed; n++) {
      const uint64_t held = s.budget.used_bytes;
      shukei_cat_stats stats;
      sk_test_fail_alloc(n);
      const shukei_status st = select_all(&s, wishes[i], length_of(wishes[i]), found, &stats, NULL);
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      assert_true(st == SHUKEI_OK || (st == SHUKEI_ENOMEM && failed));
      refused += st != SHUKEI_OK;
      assert_int_equal(s.budget.used_bytes, held);
    }
  }
  assert_true(refused > 100);
  teardown(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_what_every_row_tells),
      cmocka_unit_test(skips_what_it_may),
      cmocka_unit_test(odd_statements_lose_no_row),
      cmocka_unit_test(an_offset_index_is_held_to_its_pages),
      cmocka_unit_test(refuses_wishes_that_mean_nothing),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
