/* SPDX-License-Identifier: Apache-2.0 */
/* Nested columns as JSON: every form of lists and maps, null beside empty, records over pages,
 * levels that fit neither the schema nor each other, every failed allocation. Each case in all
 * forms of levels. */
#include "nested_parquet.h"

#include "parquet/nested.h"

#define GROUP(name_, rep, n, mark, old_)                                                           \
  {                                                                                                \
    .name = name_, .repetition = SK_##rep, .children = n, .annotation = mark, .old = old_          \
  }
#define LEAF(name_, rep, r, d, text_)                                                              \
  {                                                                                                \
    .name = name_, .repetition = SK_##rep, .highest = {r, d}, .entries = text_                     \
  }
#define TEXT(name_, rep, r, d, text_)                                                              \
  {                                                                                                \
    .name = name_, .repetition = SK_##rep, .highest = {r, d}, .entries = text_, .text = true       \
  }

static const struct {
  const char *why;
  int64_t rows;
  const char *want; /* lines behind the header, or what the error says */
  struct nested_element elements[9];
} cases[] = {
    {"list: null, empty, null element, over pages",
     4,
     "\n[]\n\"[null,1]\"\n\"[2,3,4]\"\n",
     {GROUP("l", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      LEAF("element", OPTIONAL, 1, 3, "00 01|02 13|03|13 13")}},
    {"required list of required elements, old annotation",
     2,
     "\"[1,2]\"\n[]\n",
     {GROUP("l", REQUIRED, 1, OLD_LIST, true), GROUP("bag", REPEATED, 1, 0, false),
      LEAF("array_element", REQUIRED, 1, 1, "01 11 00")}},
    {"two levels: a repeated leaf in a list",
     2,
     "\"[1,2]\"\n\n",
     {GROUP("l", OPTIONAL, 1, OLD_LIST, true), LEAF("array", REPEATED, 1, 2, "02 12 00")}},
    {"two levels: a group named array is the element",
     1,
     "\"[{\"\"x\"\":1},{\"\"x\"\":2}]\"\n",
     {GROUP("l", OPTIONAL, 1, OLD_LIST, true), GROUP("array", REPEATED, 1, 0, false),
      LEAF("x", REQUIRED, 1, 2, "02 12")}},
    {"two levels: so is one named after the list",
     1,
     "\"[{\"\"x\"\":null}]\"\n",
     {GROUP("l", OPTIONAL, 1, OLD_LIST, true), GROUP("l_tuple", REPEATED, 1, 0, false),
      LEAF("x", OPTIONAL, 1, 3, "02")}},
    {"two levels: so is one of two fields",
     1,
     "\"[{\"\"x\"\":1,\"\"y\"\":null},{\"\"x\"\":null,\"\"y\"\":1}]\"\n",
     {GROUP("l", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 2, 0, false),
      LEAF("x", OPTIONAL, 1, 3, "03 12"), LEAF("y", OPTIONAL, 1, 3, "02 13")}},
    {"two levels twice: a repeated group whose only field is repeated is the element",
     2,
     "\"[[1,2],[],[3]]\"\n[]\n",
     {GROUP("l", REQUIRED, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, NESTED_LIST, false),
      LEAF("array", REPEATED, 2, 2, "02 22 11 12 00")}},
    {"list of lists",
     2,
     "\"[[1,2],null,[]]\"\n\"[[3],[null]]\"\n",
     {GROUP("l", REQUIRED, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      GROUP("element", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      LEAF("element", OPTIONAL, 2, 4, "04 24 11 12 04 13")}},
    {"repeated without annotation", 2, "\"[1,2]\"\n[]\n", {LEAF("r", REPEATED, 1, 1, "01 11 00")}},
    {"repeated group without annotation",
     2,
     "\"[{\"\"x\"\":1},{\"\"x\"\":null}]\"\n[]\n",
     {GROUP("r", REPEATED, 1, 0, false), LEAF("x", OPTIONAL, 1, 2, "02 11 00")}},
    {"a list that has not its shape is a struct",
     1,
     "\"{\"\"x\"\":1,\"\"y\"\":[]}\"\n",
     {GROUP("l", REQUIRED, 2, NESTED_LIST, false), LEAF("x", REQUIRED, 0, 0, "00"),
      LEAF("y", REPEATED, 1, 1, "00")}},
    {"map of texts",
     4,
     "\n{}\n\"{\"\"v1\"\":1,\"\"v2\"\":null}\"\n\"{\"\"v3\"\":2}\"\n",
     {GROUP("m", OPTIONAL, 1, NESTED_MAP, false), GROUP("key_value", REPEATED, 2, 0, false),
      TEXT("key", REQUIRED, 1, 2, "00 01 02|12 02"),
      LEAF("value", OPTIONAL, 1, 3, "00 01 03 12|03")}},
    {"map of numbers, old annotation",
     1,
     "\"[{\"\"key\"\":1,\"\"value\"\":null},{\"\"key\"\":2,\"\"value\"\":1}]\"\n",
     {GROUP("m", OPTIONAL, 1, OLD_MAP, true), GROUP("map", REPEATED, 2, OLD_KEY_VALUE, true),
      LEAF("key", REQUIRED, 1, 2, "02 12"), LEAF("value", OPTIONAL, 1, 3, "02 13")}},
    {"map by MAP_KEY_VALUE alone",
     1,
     "\"{\"\"v1\"\":1}\"\n",
     {GROUP("m", OPTIONAL, 1, OLD_KEY_VALUE, true), GROUP("map", REPEATED, 2, 0, false),
      TEXT("k", REQUIRED, 1, 2, "02"), LEAF("v", REQUIRED, 1, 2, "02")}},
    {"map whose keys may be null",
     1,
     "\"[{\"\"key\"\":null,\"\"value\"\":1},{\"\"key\"\":\"\"v1\"\",\"\"value\"\":2}]\"\n",
     {GROUP("m", REQUIRED, 1, NESTED_MAP, false), GROUP("key_value", REPEATED, 2, 0, false),
      TEXT("key", OPTIONAL, 1, 2, "01 12"), LEAF("value", REQUIRED, 1, 1, "01 11")}},
    {"map without values",
     1,
     "\"[\"\"v1\"\",\"\"v2\"\"]\"\n",
     {GROUP("m", REQUIRED, 1, NESTED_MAP, false), GROUP("key_value", REPEATED, 1, 0, false),
      TEXT("key", REQUIRED, 1, 1, "01 11")}},
    {"structs, null at each depth",
     4,
     "\n\"{\"\"b\"\":null,\"\"d\"\":1}\"\n\"{\"\"b\"\":{\"\"c\"\":null},\"\"d\"\":null}\"\n"
     "\"{\"\"b\"\":{\"\"c\"\":1},\"\"d\"\":2}\"\n",
     {GROUP("a", OPTIONAL, 2, 0, false), GROUP("b", OPTIONAL, 1, 0, false),
      LEAF("c", OPTIONAL, 0, 3, "00 01 02 03"), LEAF("d", OPTIONAL, 0, 2, "00 02 01 02")}},
    {"null arrays of a fixed length, an entry a place, over pages",
     4,
     "\n\"[1,2]\"\n\n\n",
     {GROUP("l", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      LEAF("element", OPTIONAL, 1, 3, "00 10 03 13 00|10 00 10")}},
    {"null arrays of a fixed length in a list of structs",
     2,
     "\"[{\"\"x\"\":1,\"\"a\"\":null},null,{\"\"x\"\":2,\"\"a\"\":[1,2]}]\"\n[]\n",
     {GROUP("r", REQUIRED, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      GROUP("element", OPTIONAL, 2, 0, false), LEAF("x", REQUIRED, 1, 2, "02 11 12 00"),
      GROUP("a", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      LEAF("element", REQUIRED, 2, 4, "02 22 11 21 14 24 00")}},
    {"behind a null list something goes on",
     1,
     "column l.list.element, row group 0, page 0: values are left behind its 1 rows",
     {GROUP("l", OPTIONAL, 1, NESTED_LIST, false), GROUP("list", REPEATED, 1, 0, false),
      LEAF("element", OPTIONAL, 1, 3, "00 13")}},
    {"the first record goes on from elsewhere",
     1,
     "t.parquet: column r, row group 0, page 0: the first repetition level is 1",
     {LEAF("r", REPEATED, 1, 1, "11 01")}},
    {"too few rows",
     3,
     "column r, row group 0, page 1: its 3 values end within row 2 of 3",
     {LEAF("r", REPEATED, 1, 1, "01 11|01")}},
    {"fewer values than rows",
     2,
     "column r, row group 0: 1 values in a row group of 2 rows",
     {LEAF("r", REPEATED, 1, 1, "01")}},
    {"too many rows",
     1,
     "column r, row group 0, page 0: values are left behind its 1 rows",
     {LEAF("r", REPEATED, 1, 1, "01 11 00")}},
    {"more values than rows in a struct",
     1,
     "column s.x, row group 0, page 0: 2 values behind 0 of 1 values",
     {GROUP("s", OPTIONAL, 1, 0, false), LEAF("x", REQUIRED, 0, 1, "01 01")}},
    {"a repetition level that is too high",
     1,
     "column l.list, row group 0, page 0: repetition level 3, the highest is 2",
     {GROUP("l", REPEATED, 1, 0, false), LEAF("list", REPEATED, 2, 2, "02 32")}},
    {"a definition level that is too high",
     1,
     "definition level 3, the highest is 2",
     {GROUP("a", OPTIONAL, 1, 0, false), LEAF("x", OPTIONAL, 0, 2, "03")}},
    {"a list that goes on within another one that is not there",
     1,
     "column l.list, row group 0, page 0: repetition level 2 in row 0, expected 1",
     {GROUP("l", REPEATED, 1, 0, false), LEAF("list", REPEATED, 2, 2, "01 22")}},
    {"neighbours that disagree on an element",
     1,
     "column l.list.y, row group 0, page 0: repetition level 0 in row 0, expected 1",
     {GROUP("l", REQUIRED, 1, NESTED_LIST, false), GROUP("list", REPEATED, 2, 0, false),
      LEAF("x", REQUIRED, 1, 1, "01 11"), LEAF("y", REQUIRED, 1, 1, "01 01")}},
    {"neighbours that disagree on null",
     1,
     "column a.y, row group 0, page 0: definition level 0 in row 0, expected 1 to 1",
     {GROUP("a", OPTIONAL, 2, 0, false), LEAF("x", REQUIRED, 0, 1, "01"),
      LEAF("y", REQUIRED, 0, 1, "00")}},
    {"neighbours that disagree on what is there",
     1,
     "column a.y, row group 0, page 0: definition level 1 in row 0, expected 0 to 0",
     {GROUP("a", OPTIONAL, 2, 0, false), LEAF("x", REQUIRED, 0, 1, "00"),
      LEAF("y", REQUIRED, 0, 1, "01")}},
};

static int32_t count_elements(size_t i, int32_t *top)
{
  int32_t count = 0;
  *top = 0;
  for (int32_t left = 0; cases[i].elements[count].name; count++) {
    *top += left == 0;
    left += cases[i].elements[count].children - (left > 0);
  }
  return count;
}

static shukei_status print(size_t i, enum nested_form form, int64_t fail_at, struct sk_buffer *out,
                           shukei_error *err)
{
  struct tiny t;
  int32_t top = 0;
  const int32_t count = count_elements(i, &top);
  if (nested_build(&t, cases[i].elements, count, top, cases[i].rows, form, err))
    fail_msg("%s: %s", cases[i].why, err->text);
  sk_test_fail_alloc(fail_at);
  const shukei_status st = nested_cat(&t, NULL, out, err);
  sk_test_fail_alloc(-1);
  tiny_free(&t);
  return st;
}

static bool is_error(size_t i)
{
  const char *want = cases[i].want;
  return want[strlen(want) - 1] != '\n';
}

static void prints_what_the_levels_say(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cases); i++)
    for (int form = 0; form < NESTED_FORMS; form++) {
      struct sk_buffer out;
      shukei_error err = {0};
      const shukei_status st = print(i, (enum nested_form)form, -1, &out, &err);
      const char *text = strchr((const char *)out.bytes, '\n');
      const bool right = is_error(i) ? st == SHUKEI_EFORMAT && strstr(err.text, cases[i].want)
                                     : !st && text && strcmp(text + 1, cases[i].want) == 0;
      if (!right)
        fail_msg("%s, form %d: %s %s", cases[i].why, form, (const char *)out.bytes, err.text);
      sk_buffer_reset(&out);
    }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    shukei_status st = SHUKEI_ENOMEM;
    for (int n = 0; st == SHUKEI_ENOMEM; n++) {
      struct sk_buffer out;
      shukei_error err = {0};
      st = print(i, NESTED_V2, n, &out, &err);
      sk_buffer_reset(&out);
    }
    assert_int_equal(st, is_error(i) ? SHUKEI_EFORMAT : SHUKEI_OK);
  }
}

/* What lies within a struct, by its path; what is no text or has no name of its own. */
static void prints_what_a_path_names(void **state)
{
  (void)state;
  static const struct nested_element elements[] = {
      GROUP("a", OPTIONAL, 2, 0, false),     TEXT("t", OPTIONAL, 0, 2, "00 01 02"),
      GROUP("b", OPTIONAL, 2, 0, false),     LEAF("r", REPEATED, 1, 3, "00 02 03"),
      LEAF("n", REQUIRED, 0, 2, "00 02 02"), LEAF("id", REQUIRED, 0, 0, "00 00 00"),
  };
  static const struct {
    const char *column, *want;
  } paths[] = {
      {NULL, "a,id\n,1\n\"{\"\"t\"\":null,\"\"b\"\":{\"\"r\"\":[],\"\"n\"\":1}}\",2\n"
             "\"{\"\"t\"\":\"\"v1\"\",\"\"b\"\":{\"\"r\"\":[1],\"\"n\"\":2}}\",3\n"},
      {"a.t", "a.t\n\n\nv1\n"},
      {"A.B", "a.b\n\n\"{\"\"r\"\":[],\"\"n\"\":1}\"\n\"{\"\"r\"\":[1],\"\"n\"\":2}\"\n"},
      {"a.b.r", "a.b.r\n\n[]\n[1]\n"},
      {"a.b.n", "a.b.n\n\n1\n2\n"},
      {"id", "id\n1\n2\n3\n"},
  };
  for (size_t i = 0; i < SK_COUNT(paths); i++) {
    struct tiny t;
    struct sk_buffer out;
    shukei_error err = {0};
    assert_int_equal(nested_build(&t, elements, 6, 2, 3, NESTED_RLE, &err), SHUKEI_OK);
    const shukei_status st = nested_cat(&t, paths[i].column, &out, &err);
    if (st || strcmp((const char *)out.bytes, paths[i].want) != 0)
      fail_msg("%s: %s %s", paths[i].column, (const char *)out.bytes, err.text);
    sk_buffer_reset(&out);
    tiny_free(&t);
  }
}

static void refuses_what_no_path_names(void **state)
{
  (void)state;
  static const struct nested_element elements[] = {GROUP("l", OPTIONAL, 1, NESTED_LIST, false),
                                                   GROUP("list", REPEATED, 1, 0, false),
                                                   LEAF("element", OPTIONAL, 1, 3, "00")};
  static const struct {
    const char *column, *want;
    shukei_status status;
  } paths[] = {{"l.list.element", "within a list or a map", SHUKEI_EUNSUPPORTED},
               {"l.lis", "there is no column \"l.lis\"", SHUKEI_EINVAL},
               {"l.", "there is no column", SHUKEI_EINVAL},
               {"", "there is no column", SHUKEI_EINVAL},
               {"list", "there is no column", SHUKEI_EINVAL}};
  for (size_t i = 0; i < SK_COUNT(paths); i++) {
    struct tiny t;
    struct sk_buffer out;
    shukei_error err = {0};
    assert_int_equal(nested_build(&t, elements, 3, 1, 1, NESTED_RLE, &err), SHUKEI_OK);
    assert_int_equal(nested_cat(&t, paths[i].column, &out, &err), paths[i].status);
    if (!strstr(err.text, paths[i].want))
      fail_msg("%s: %s", paths[i].column, err.text);
    sk_buffer_reset(&out);
    tiny_free(&t);
  }
}

/* One row is larger than the budget; the many rows of the same size before it were not too many. */
static void ends_at_a_row_that_the_budget_cannot_hold(void **state)
{
  (void)state;
  enum { ENTRIES = 300000, ROWS = 100 };
  char *entries = malloc(3 * ENTRIES + 1);
  assert_non_null(entries);
  for (size_t many = 0; many < 2; many++) {
    struct tiny t;
    struct sk_buffer out;
    shukei_error err = {0};
    for (size_t i = 0; i < ENTRIES; i++)
      memcpy(entries + 3 * i, i % (many ? ENTRIES / ROWS : ENTRIES) ? "11 " : "01 ", 3);
    for (size_t i = 999; i < ENTRIES; i += 1000)
      entries[3 * i + 2] = '|';
    entries[3 * ENTRIES - 1] = 0;
    const struct nested_element elements[] = {GROUP("r", REPEATED, 1, 0, false),
                                              LEAF("x", OPTIONAL, 1, 2, entries)};
    assert_int_equal(nested_build(&t, elements, 2, 1, many ? ROWS : 1, NESTED_V2, &err), SHUKEI_OK);
    t.budget.limit_bytes = 1 << 20;
    assert_int_equal(nested_cat(&t, NULL, &out, &err), many ? SHUKEI_OK : SHUKEI_ENOMEM);
    sk_buffer_reset(&out);
    tiny_free(&t);
  }
  free(entries);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prints_what_the_levels_say),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(prints_what_a_path_names),
      cmocka_unit_test(refuses_what_no_path_names),
      cmocka_unit_test(ends_at_a_row_that_the_budget_cannot_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
