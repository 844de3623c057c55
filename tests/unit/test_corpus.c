/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus of the Parquet project: every readable file as `cat` must print it, every bad one
 * refused; and the readable ones damaged, cut off and starved of memory. Skipped where the shared
 * folder is missing. */
#include "testing.h"

#include "base/number.h"
#include "parquet/parquet.h"

#include <dirent.h>

struct text {
  char *bytes;
  size_t length, capacity;
};

static bool append(void *context, const void *bytes, size_t length)
{
  struct text *t = context;
  if (t->length + length + 1 > t->capacity) {
    t->capacity = (t->length + length + 1) * 2;
    t->bytes = realloc(t->bytes, t->capacity);
    assert_non_null(t->bytes);
  }
  memcpy(t->bytes + t->length, bytes, length);
  t->length += length;
  t->bytes[t->length] = 0;
  return true;
}

static bool drop(void *context, const void *bytes, size_t length)
{
  (void)context;
  (void)bytes;
  (void)length;
  return true;
}

static bool load(const char *path, struct text *out)
{
  char block[4096];
  size_t n;
  FILE *file = fopen(path, "rb");
  *out = (struct text){0};
  if (!file)
    return false;
  while ((n = fread(block, 1, sizeof block, file)) > 0)
    append(out, block, n);
  fclose(file);
  return true;
}

typedef void (*visit)(const char *folder, const char *name);

/* Calls fn for each .parquet file of a folder of the corpus; at least `least` of them. */
static void each_file(const char *folder, size_t least, visit fn)
{
  char name[64], path[1024];
  size_t count = 0;
  snprintf(name, sizeof name, "parquet-testing/%s", folder);
  DIR *dir = opendir(shared_path(path, sizeof path, name));
  if (!dir) {
    skip();
    return;
  }
  for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
    const size_t length = strlen(e->d_name);
    if (length > 8 && strcmp(e->d_name + length - 8, ".parquet") == 0) {
      fn(folder, e->d_name);
      count++;
    }
  }
  closedir(dir);
  assert_true(count >= least);
}

static struct text load_file(const char *folder, const char *name)
{
  char path[1024], relative[512];
  struct text t;
  snprintf(relative, sizeof relative, "parquet-testing/%s/%s", folder, name);
  if (!load(shared_path(path, sizeof path, relative), &t))
    fail_msg("could not read %s", path);
  return t;
}

static shukei_status cat(const char *name, const struct text *file, bool nested, struct text *out,
                         uint64_t limit_bytes, shukei_error *err)
{
  const struct sk_cat_options options = {.nested = nested, .limit = UINT64_MAX};
  struct sk_budget budget;
  struct sk_object *object = NULL;
  struct sk_file *parquet = NULL;
  sk_budget_init(&budget, limit_bytes);
  shukei_status st = sk_object_from_bytes(name, file->bytes, file->length, &object, err);
  if (!st)
    st = sk_file_open(object, &budget, &parquet, err);
  if (!st)
    st = sk_parquet_cat(parquet, &options, NULL, out ? append : drop, out, &budget, err);
  sk_file_close(parquet);
  sk_object_close(object);
  assert_int_equal(budget.used_bytes, 0);
  return st;
}

static size_t cell_length(const char *at)
{
  size_t n = 0;
  bool quoted = false;
  for (; at[n] && (quoted || (at[n] != ',' && at[n] != '\n')); n++)
    if (at[n] == '"')
      quoted = !quoted;
  return n;
}

static bool same_number(const char *a, size_t a_length, const char *b, size_t b_length)
{
  double x, y;
  return sk_number_parse(a, a_length, &x) && sk_number_parse(b, b_length, &y) && x == y;
}

static void equal_by_cell(const char *name, const char *want, const char *got)
{
  size_t line = 1;
  while (*want && *got) {
    const size_t a = cell_length(want), b = cell_length(got);
    if ((a != b || memcmp(want, got, a) != 0) && !same_number(want, a, got, b))
      fail_msg("%s, line %zu: \"%.*s\", expected \"%.*s\"", name, line, (int)b, got, (int)a, want);
    want += a;
    got += b;
    if (*want != *got)
      fail_msg("%s, line %zu: another number of cells", name, line);
    line += *want == '\n';
    want += *want != 0;
    got += *got != 0;
  }
  if (*want || *got)
    fail_msg("%s: another number of lines", name);
}

static void check_good(const char *folder, const char *name)
{
  char csv[256];
  shukei_error err = {0};
  struct text file = load_file(folder, name), out = {0};
  snprintf(csv, sizeof csv, "%.*s.csv", (int)(strlen(name) - 8), name);
  struct text want = load_file("expected", csv);
  if (cat(name, &file, false, &out, 16 << 20, &err) || cat(name, &file, true, NULL, 16 << 20, &err))
    fail_msg("%s", err.text);
  equal_by_cell(name, want.bytes, out.bytes);
  free(file.bytes);
  free(out.bytes);
  free(want.bytes);
}

static void prints_every_readable_file(void **state)
{
  (void)state;
  each_file("data", 30, check_good);
}

static void check_bad(const char *folder, const char *name)
{
  shukei_error err = {0};
  struct text file = load_file(folder, name);
  const shukei_status st = cat(name, &file, true, NULL, 16 << 20, &err);
  if (st != SHUKEI_EFORMAT || strncmp(err.text, name, strlen(name)) != 0 ||
      !strstr(err.text, "column "))
    fail_msg("%s: %s: %s", name, shukei_status_name(st), err.text);
  free(file.bytes);
}

static void refuses_every_bad_file(void **state)
{
  (void)state;
  each_file("bad", 5, check_bad);
}

/* Reads every column from every 1/7th of each row group, and forward by jumps. */
static void read_pieces(struct sk_file *file, struct sk_budget *budget)
{
  const struct sk_meta *m = sk_file_meta(file);
  struct sk_intern table;
  if (!sk_intern_init(&table, budget))
    return;
  for (uint32_t g = 0; g < m->group_count; g++) {
    for (uint32_t c = 0; c < m->column_count; c++) {
      const int64_t rows = m->groups[g].row_count;
      struct sk_column *column = NULL;
      union {
        uint32_t ids[64];
        double doubles[64];
        int64_t times[64];
      } out;
      if (sk_column_open(file, g, (int)c, rows / 7, NULL, budget, &column, NULL))
        continue;
      for (int64_t row = rows / 7; row < rows; row += rows / 7 + 1) {
        const size_t n = rows - row < 64 ? (size_t)(rows - row) : 64;
        const enum sk_column_kind kind = sk_column_kind(&m->columns[c]);
        if (row < sk_column_row(column))
          continue;
        if (sk_column_skip_to(column, row, NULL))
          break;
        if (kind == SK_KIND_TEXT   ? sk_column_ids(column, &table, n, out.ids, NULL)
            : kind == SK_KIND_TIME ? sk_column_times(column, n, out.times, NULL, NULL)
                                   : sk_column_doubles(column, n, out.doubles, NULL, NULL, NULL))
          break;
      }
      sk_column_close(column);
    }
  }
  sk_intern_reset(&table);
}

static void try_all(const char *name, const struct text *file)
{
  struct sk_budget budget;
  struct sk_object *object = NULL;
  struct sk_file *parquet = NULL;
  struct sk_buffer out;
  struct sk_cutter *cutter = NULL;
  int64_t low, high;
  sk_budget_init(&budget, 16 << 20);
  for (int nested = 0; nested < 2; nested++)
    cat(name, file, nested, NULL, 16 << 20, NULL);
  if (!sk_object_from_bytes(name, file->bytes, file->length, &object, NULL) &&
      !sk_file_open(object, &budget, &parquet, NULL)) {
    const struct sk_meta *m = sk_file_meta(parquet);
    sk_buffer_init(&out, &budget, 1 << 20);
    uint64_t findings = 0;
    for (int json = 0; json < 2; json++) {
      const struct sk_inspect_options options = {json != 0, true, true};
      sk_parquet_inspect(parquet, &options, &budget, &out, &findings, NULL);
    }
    sk_buffer_reset(&out);
    read_pieces(parquet, &budget);
    for (uint32_t g = 0; g < m->group_count && m->column_count; g++) {
      const int column = (int)(g % m->column_count);
      sk_file_time_range(parquet, g, column, &low, &high);
      if (!sk_cutter_open(parquet, g, &column, 1, 50, &budget, &cutter, NULL)) {
        const int64_t rows = m->groups[g].row_count;
        int64_t before = 0, end = 0;
        while (!sk_cutter_next(cutter, &end, NULL) && end < rows) {
          assert_true(end > before);
          before = end;
        }
        assert_true(end <= rows);
      }
      sk_cutter_free(cutter);
    }
  }
  sk_file_close(parquet);
  sk_object_close(object);
  assert_int_equal(budget.used_bytes, 0);
}

enum { SMALL = 20000 }; /* bytes of a file that is damaged many times */

static void flip(const char *folder, const char *name)
{
  static uint64_t random = 1;
  struct text file = load_file(folder, name);
  for (int i = 0; i < (file.length > SMALL ? 2 : 80); i++) {
    const size_t at = random_below(&random, file.length);
    const uint8_t bit = (uint8_t)(1u << random_below(&random, 8));
    file.bytes[at] = (char)((uint8_t)file.bytes[at] ^ bit);
    try_all(name, &file);
    file.bytes[at] = (char)((uint8_t)file.bytes[at] ^ bit);
  }
  free(file.bytes);
}

static void survives_flipped_bits(void **state)
{
  (void)state;
  each_file("data", 30, flip);
}

/* A page index, a bloom filter or padding may lie where the file is cut, so only the end counts. */
static void truncate_one(const char *folder, const char *name)
{
  struct text file = load_file(folder, name);
  const size_t whole = file.length;
  shukei_error err;
  for (size_t i = 0; i < 20; i++) {
    file.length = whole * i / 20;
    const shukei_status st = cat(name, &file, true, NULL, 16 << 20, &err);
    assert_true(st == SHUKEI_EFORMAT || st == SHUKEI_ETRUNC);
    assert_int_equal(strncmp(err.text, name, strlen(name)), 0);
  }
  free(file.bytes);
}

static void refuses_truncated_files(void **state)
{
  (void)state;
  each_file("data", 30, truncate_one);
}

static void starve(const char *folder, const char *name)
{
  struct text file = load_file(folder, name);
  shukei_error err;
  if (file.length < 3500) {
    shukei_status st = SHUKEI_ENOMEM;
    for (int n = 0; st == SHUKEI_ENOMEM; n++) {
      sk_test_fail_alloc(n);
      st = cat(name, &file, true, NULL, 16 << 20, &err);
    }
    if (st)
      fail_msg("%s: %s", name, err.text);
    for (int n = 0, failed = 1; failed; n++) {
      sk_test_fail_alloc(n);
      try_all(name, &file);
      failed = sk_test_alloc_failed();
    }
    sk_test_fail_alloc(-1);
  }
  free(file.bytes);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  each_file("data", 30, starve);
}

static void budget_of(const char *folder, const char *name)
{
  struct text file = load_file(folder, name);
  shukei_error err;
  for (uint64_t limit = 1000; limit < 100000; limit = limit * 3 / 2) {
    const shukei_status st = cat(name, &file, true, NULL, limit, &err);
    if (st && st != SHUKEI_ENOMEM)
      fail_msg("%s with %u bytes: %s", name, (unsigned)limit, err.text);
  }
  free(file.bytes);
}

static void names_the_budget_when_it_is_too_small(void **state)
{
  (void)state;
  each_file("data", 30, budget_of);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prints_every_readable_file),
      cmocka_unit_test(refuses_every_bad_file),
      cmocka_unit_test(survives_flipped_bits),
      cmocka_unit_test(refuses_truncated_files),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(names_the_budget_when_it_is_too_small),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
