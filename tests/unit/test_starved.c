/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation of the reader and of the writer failed once, those that the codecs' libraries
 * make for their contexts among them: the call ends with ENOMEM, or comes to what it comes to with
 * memory; nothing stays in the budget, and leaks are for AddressSanitizer to find. Files are the
 * fuzzers' seeds, of every encoding and codec, and the whole ones of tests/bad. */
#include "memory_output.h"

#include <dirent.h>
#include <libdeflate.h>
#include <lz4frame.h>
#include <zstd.h>

#define MOST_BYTES 16384
#define BUDGET_BYTES (UINT64_C(64) << 20)

/* ---- contexts of the codecs ------------------------------------------------------------------ */

ZSTD_DCtx *__real_ZSTD_createDCtx(void);
ZSTD_DCtx *__wrap_ZSTD_createDCtx(void);
ZSTD_CCtx *__real_ZSTD_createCCtx(void);
ZSTD_CCtx *__wrap_ZSTD_createCCtx(void);
struct libdeflate_decompressor *__real_libdeflate_alloc_decompressor(void);
struct libdeflate_decompressor *__wrap_libdeflate_alloc_decompressor(void);
LZ4F_errorCode_t __real_LZ4F_createDecompressionContext(LZ4F_dctx **context, unsigned version);
LZ4F_errorCode_t __wrap_LZ4F_createDecompressionContext(LZ4F_dctx **context, unsigned version);

/* One more allocation, which may be the one that fails. */
static bool allowed(void)
{
  void *block = sk_alloc(NULL, 1);
  sk_free(block);
  return block != NULL;
}

ZSTD_DCtx *__wrap_ZSTD_createDCtx(void)
{
  return allowed() ? __real_ZSTD_createDCtx() : NULL;
}

ZSTD_CCtx *__wrap_ZSTD_createCCtx(void)
{
  return allowed() ? __real_ZSTD_createCCtx() : NULL;
}

struct libdeflate_decompressor *__wrap_libdeflate_alloc_decompressor(void)
{
  return allowed() ? __real_libdeflate_alloc_decompressor() : NULL;
}

LZ4F_errorCode_t __wrap_LZ4F_createDecompressionContext(LZ4F_dctx **context, unsigned version)
{
  return allowed() ? __real_LZ4F_createDecompressionContext(context, version) : (size_t)-1;
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint64_t told; /* a hash of what a call has given so far */

static bool tell(void *context, const void *bytes, size_t length)
{
  (void)context;
  for (size_t i = 0; i < length; i++)
    told = (told ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
  return true;
}

static shukei_status cat(struct sk_file *file, const shukei_condition *condition, bool nested,
                         struct sk_budget *budget, shukei_error *err)
{
  struct sk_selection *selection = NULL;
  shukei_status st =
      condition ? sk_selection_open(file, condition, 1, budget, &selection, err) : SHUKEI_OK;
  const struct sk_cat_options options = {
      .nested = nested, .selection = selection, .limit = UINT64_MAX};
  if (!st)
    st = sk_parquet_cat(file, &options, NULL, tell, NULL, budget, err);
  sk_selection_close(selection);
  return st;
}

static shukei_status cat_flat(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  return cat(file, NULL, false, budget, err);
}

static shukei_status cat_nested(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  return cat(file, NULL, true, budget, err);
}

/* The rows of a value that is there, or of one that is not. */
static shukei_status cat_value(struct sk_file *file, const char *const values[4],
                               struct sk_budget *budget, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(file);
  for (uint32_t i = 0; i < meta->column_count && i < 8; i++)
    for (size_t v = 0; v < 4; v++) {
      const shukei_condition condition = {meta->columns[i].name, values[v]};
      const shukei_status st = cat(file, &condition, false, budget, err);
      if (st && st != SHUKEI_EINVAL && st != SHUKEI_EUNSUPPORTED) /* not of that column */
        return st;
    }
  return SHUKEI_OK;
}

static shukei_status cat_some(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  static const char *const values[] = {"2025-10-01T00:00:00Z", "1", "b", "c70"};
  return cat_value(file, values, budget, err);
}

static shukei_status inspect(struct sk_file *file, bool json, struct sk_budget *budget,
                             shukei_error *err)
{
  const struct sk_inspect_options options = {json, true, true};
  struct sk_buffer out;
  uint64_t findings = 0;
  sk_buffer_init(&out, budget, SIZE_MAX / 2);
  const shukei_status st = sk_parquet_inspect(file, &options, budget, &out, &findings, err);
  tell(NULL, out.bytes, st ? 0 : out.length);
  sk_buffer_reset(&out);
  return st;
}

static shukei_status inspect_text(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  return inspect(file, false, budget, err);
}

static shukei_status inspect_json(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  return inspect(file, true, budget, err);
}

/* All rows of a flat column, from the third on. */
static shukei_status read_column(struct sk_file *file, uint32_t group, int number,
                                 struct sk_intern *texts, struct sk_budget *budget,
                                 shukei_error *err)
{
  uint32_t ids[64];
  double doubles[64];
  int64_t times[64];
  uint8_t valid[64];
  struct sk_column *column = NULL;
  const int64_t rows = sk_file_meta(file)->groups[group].row_count;
  const int64_t first = rows < 3 ? 0 : 3;
  const enum sk_column_kind kind = sk_column_kind(&sk_file_meta(file)->columns[number]);
  shukei_status st = sk_column_open(file, group, number, first, NULL, budget, &column, err);
  for (int64_t row = first; !st && row < rows; row += 64) {
    const size_t n = rows - row < 64 ? (size_t)(rows - row) : 64;
    st = kind == SK_KIND_TEXT   ? sk_column_ids(column, texts, n, ids, err)
         : kind == SK_KIND_TIME ? sk_column_times(column, n, times, valid, err)
                                : sk_column_doubles(column, n, doubles, valid, NULL, err);
    if (!st && kind == SK_KIND_TEXT)
      tell(NULL, ids, n * sizeof *ids);
    else if (!st)
      tell(NULL, kind == SK_KIND_TIME ? (const void *)times : doubles, n * sizeof *times);
  }
  sk_column_close(column);
  return st;
}

static shukei_status read_columns(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(file);
  struct sk_intern texts;
  shukei_status st = SHUKEI_OK;
  if (!sk_intern_init(&texts, budget))
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for texts");
  for (uint32_t g = 0; g < meta->group_count && !st; g++)
    for (uint32_t i = 0; i < meta->column_count && !st; i++)
      if (meta->columns[i].flat && sk_column_kind(&meta->columns[i]) != SK_KIND_OTHER)
        st = read_column(file, g, (int)i, &texts, budget, err);
  sk_intern_reset(&texts);
  return st;
}

static shukei_status cut(struct sk_file *file, struct sk_budget *budget, shukei_error *err)
{
  const struct sk_meta *meta = sk_file_meta(file);
  shukei_status st = SHUKEI_OK;
  for (uint32_t g = 0; g < meta->group_count && !st; g++)
    for (int i = 0; i < (int)meta->column_count && !st; i++) {
      struct sk_cutter *cutter = NULL;
      int64_t end = 0;
      st = sk_cutter_open(file, g, &i, 1, 50, budget, &cutter, err);
      while (!st && end < meta->groups[g].row_count) {
        st = sk_cutter_next(cutter, &end, err);
        tell(NULL, &end, st ? 0 : sizeof end);
      }
      sk_cutter_free(cutter);
    }
  return st;
}

typedef shukei_status (*reading)(struct sk_file *file, struct sk_budget *budget, shukei_error *err);

static shukei_status read_file(const uint8_t *bytes, size_t length, reading call, shukei_error *err)
{
  struct sk_object *object = NULL;
  struct sk_file *file = NULL;
  struct sk_budget budget;
  *err = (shukei_error){.text = ""};
  told = UINT64_C(14695981039346656037);
  sk_budget_init(&budget, BUDGET_BYTES);
  shukei_status st = sk_object_from_bytes("f.parquet", bytes, length, &object, err);
  if (!st)
    st = sk_file_open(object, &budget, &file, err);
  if (!st)
    st = call(file, &budget, err);
  sk_file_close(file);
  sk_object_close(object);
  assert_int_equal(budget.used_bytes, 0);
  return st;
}

static size_t starve_reading(const char *path, const uint8_t *bytes, size_t length)
{
  static const reading calls[] = {cat_flat,     cat_nested,   cat_some, inspect_text,
                                  inspect_json, read_columns, cut};
  size_t failures = 0;
  for (size_t i = 0; i < SK_COUNT(calls); i++) {
    shukei_error err;
    const shukei_status whole = read_file(bytes, length, calls[i], &err);
    const uint64_t want = told;
    for (int n = 0, failed = 1; failed; n++) {
      sk_test_fail_alloc(n);
      const shukei_status st = read_file(bytes, length, calls[i], &err);
      failed = sk_test_alloc_failed();
      sk_test_fail_alloc(-1);
      failures += failed != 0;
      if (!(failed && st == SHUKEI_ENOMEM && err.text[0]) && !(st == whole && (st || told == want)))
        fail_msg("%s, call %zu, allocation %d: %s instead of %s: %s", path, i, n,
                 shukei_status_name(st), shukei_status_name(whole), err.text);
    }
  }
  return failures;
}

static size_t starve_files(const char *folder)
{
  static uint8_t bytes[MOST_BYTES];
  char path[1024];
  size_t failures = 0;
  snprintf(path, sizeof path, "%s/tests/%s", getenv("SHUKEI_ROOT"), folder);
  DIR *listing = opendir(path);
  assert_non_null(listing);
  for (const struct dirent *e = readdir(listing); e; e = readdir(listing)) {
    const size_t named = strlen(e->d_name);
    if (named < 8 || strcmp(e->d_name + named - 8, ".parquet") != 0)
      continue;
    snprintf(path, sizeof path, "%s/tests/%s/%s", getenv("SHUKEI_ROOT"), folder, e->d_name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (length < sizeof bytes)
      failures += starve_reading(path, bytes, length);
  }
  closedir(listing);
  return failures;
}

static void readers_survive_every_failed_allocation(void **state)
{
  (void)state;
  const size_t seeds = starve_files("fuzz/corpus/parquet"), others = starve_files("bad/static");
  assert_true(seeds > 1000 && others > 1000);
}

/* ---- writing --------------------------------------------------------------------------------- */

enum { ROWS = 240, COLUMNS = 7, TEXTS = 90 };
static const struct sk_write_column columns[COLUMNS] = {
    {"name", SK_WRITE_TEXT, false},   {"labels", SK_WRITE_TEXT, false},
    {"twin", SK_WRITE_TEXT, false},   {"use", SK_WRITE_DOUBLE, true},
    {"count", SK_WRITE_INT64, false}, {"at", SK_WRITE_TIME, true},
    {"day", SK_WRITE_DATE, false}};
static uint8_t valid[ROWS];
static uint32_t ids[ROWS];
static double doubles[ROWS];
static int64_t integers[ROWS], days[ROWS];

static void make_rows(void)
{
  uint64_t random = 7;
  for (size_t row = 0; row < ROWS; row++) {
    valid[row] = random_below(&random, 5) > 0;
    ids[row] = 1 + (uint32_t)random_below(&random, row < 150 ? 9 : TEXTS - 1);
    doubles[row] = row < 100 ? (double)(row % 3) : (double)next_random(&random);
    integers[row] = (int64_t)(next_random(&random) >> 2);
    days[row] = 20000 + (int64_t)row / 50;
  }
}

static shukei_status add_rows(struct sk_writer *writer, const struct sk_intern *texts,
                              shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  for (size_t row = 0; row < ROWS && !st; row += 48) {
    struct sk_write_values values[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
      values[i] = (struct sk_write_values){.valid = columns[i].required ? NULL : valid + row,
                                           .texts = texts};
      if (columns[i].kind == SK_WRITE_TEXT)
        values[i].ids = ids + row;
      else if (columns[i].kind == SK_WRITE_DOUBLE)
        values[i].doubles = doubles + row;
      else
        values[i].integers = (columns[i].kind == SK_WRITE_DATE ? days : integers) + row;
    }
    st = sk_writer_add(writer, 48, values, err);
  }
  return st;
}

/* Pages of 48 rows in two parts; texts are numbers that follow each other. */
static shukei_status add_pages(struct sk_writer *writer, shukei_error *err)
{
  static const struct sk_write_text texts[] = {{0, 3}, {3, 0}, {3, 2}, {5, 4}, {1, 7}};
  shukei_status st = SHUKEI_OK;
  for (size_t page = 0; page < ROWS / 48 && !st; page++) {
    uint32_t few[48];
    uint64_t words[48], present[48];
    struct sk_write_slice slices[2][COLUMNS];
    const struct sk_write_part parts[] = {{slices[0], 20}, {slices[1], 28}};
    for (size_t row = 0; row < 48; row++) {
      few[row] = ids[page * 48 + row] % SK_COUNT(texts);
      words[row] = (uint64_t)days[page * 48 + row];
      present[row] = (uint64_t)integers[page * 48 + row];
    }
    for (size_t part = 0, from = 0; part < 2; from += parts[part++].rows)
      for (size_t i = 0; i < COLUMNS; i++) {
        slices[part][i] = (struct sk_write_slice){
            .bit = 3, .present = columns[i].required ? NULL : present + from};
        if (columns[i].kind == SK_WRITE_TEXT) {
          slices[part][i].ids = few + from;
          slices[part][i].texts = texts;
          slices[part][i].bytes = "abcdefghi";
        } else {
          slices[part][i].words = words + from;
        }
      }
    st = sk_writer_add_page(writer, parts, 2, page == 2, err);
  }
  return st;
}

static shukei_status write_file(const struct sk_writer_options *options, bool pages,
                                struct sink *sink, shukei_error *err)
{
  struct sk_writer *writer = NULL;
  struct sk_budget budget;
  struct sk_intern texts;
  char text[32];
  bool made = sk_intern_init(&texts, NULL);
  for (int i = 0; i < TEXTS && made; i++)
    made = sk_intern_add(&texts, text, (uint32_t)snprintf(text, sizeof text, "text %d", i * i)) !=
           SK_NO_ID;
  sink_init(sink);
  sk_budget_init(&budget, BUDGET_BYTES);
  shukei_status st = made ? SHUKEI_OK : sk_fail(err, SHUKEI_ENOMEM, "texts");
  if (!st)
    st = sk_writer_open(&sink->output, columns, COLUMNS, options, &budget, &writer, err);
  if (!st)
    st = pages ? add_pages(writer, err) : add_rows(writer, &texts, err);
  if (!st)
    st = sk_writer_finish(writer, err);
  sk_writer_close(writer);
  sk_intern_reset(&texts);
  assert_int_equal(budget.used_bytes, 0);
  return st;
}

static void starve_writing(const struct sk_writer_options *options, bool pages)
{
  struct sink whole;
  shukei_error err = {.text = ""};
  assert_int_equal(write_file(options, pages, &whole, &err), SHUKEI_OK);
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0, failed = 1; failed; n++) {
    struct sink sink;
    sk_test_fail_alloc(n);
    st = write_file(options, pages, &sink, &err);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (st ? !failed || st != SHUKEI_ENOMEM
           : sink.length != whole.length || memcmp(sink.bytes, whole.bytes, whole.length) != 0)
      fail_msg("allocation %d of %s: %s: %s", n, pages ? "pages" : "rows", shukei_status_name(st),
               err.text);
    free(sink.bytes);
  }
  assert_int_equal(st, SHUKEI_OK);
  free(whole.bytes);
}

static void writers_survive_every_failed_allocation(void **state)
{
  (void)state;
  static const char *const blooms[] = {"name", "labels"}, *const sorting[] = {"day", "name"};
  static const enum sk_write_encoding encodings[COLUMNS] = {
      SK_WRITE_DELTA_BYTE_ARRAY,    SK_WRITE_DELTA_LENGTH_BYTE_ARRAY, SK_WRITE_PLAIN,
      SK_WRITE_BYTE_STREAM_SPLIT,   SK_WRITE_DELTA_BINARY_PACKED,     SK_WRITE_DELTA_BINARY_PACKED,
      SK_WRITE_DELTA_BINARY_PACKED,
  };
  make_rows();
  for (unsigned kind = 0; kind < 32; kind++) {
    struct sk_writer_options options;
    sk_writer_options_init(&options);
    options.codec = kind & 1 ? SK_CODEC_ZSTD : SK_CODEC_SNAPPY;
    options.page_index = kind & 2;
    options.encodings = kind & 16 ? encodings : NULL;
    options.threads = kind & 2 ? 3 : 1;
    options.group_rows = 160;
    options.page_bytes = 400;
    if (kind & 4) {
      options.bloom_columns = blooms;
      options.bloom_column_count = SK_COUNT(blooms);
      options.sorting_columns = sorting;
      options.sorting_column_count = SK_COUNT(sorting);
    }
    const bool pages = (kind & 8) != 0;
    if (pages) {
      options.unique_column = "labels";
      options.twin_columns[0] = "name";
      options.twin_columns[1] = "twin";
    } else if (kind & 4) {
      options.most_coded_bytes = 100;
    }
    starve_writing(&options, pages);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(readers_survive_every_failed_allocation),
      cmocka_unit_test(writers_survive_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
