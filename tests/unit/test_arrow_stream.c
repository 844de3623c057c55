/* SPDX-License-Identifier: Apache-2.0 */
/* The Arrow C stream: schemas, batches, the order of releases, and what ends it. */
#include "api_testing.h"

#include <errno.h>

static struct made made;

static bool bit(const void *bits, size_t at)
{
  return ((const uint8_t *)bits)[at / 8] >> at % 8 & 1;
}

static void check_batch(const struct ArrowArray *batch, size_t first)
{
  assert_int_equal(batch->n_children, COLUMNS);
  assert_true(batch->n_buffers == 1 && !batch->buffers[0]);
  for (size_t c = 0; c < COLUMNS; c++) {
    const struct ArrowArray *child = batch->children[c];
    int64_t nulls = 0;
    assert_true(child->length == batch->length && child->offset == 0 && !child->n_children);
    assert_int_equal(child->n_buffers, c ? 2 : 3);
    for (size_t i = 0; i < (size_t)child->length; i++) {
      const size_t row = first + i;
      const bool valid = !child->buffers[0] || bit(child->buffers[0], i);
      assert_int_equal(valid, made.valid[c][row]);
      nulls += !valid;
      const int32_t *offsets = child->buffers[1];
      if (c == 0) {
        const size_t length = (size_t)(offsets[i + 1] - offsets[i]);
        assert_int_equal(length, valid ? made.texts[row].length : 0);
        assert_memory_equal((const char *)child->buffers[2] + offsets[i], made.bytes[row], length);
      } else if (c == 1) {
        assert_true(((const double *)child->buffers[1])[i] == (valid ? made.doubles[row] : 0));
      } else if (c == 4) {
        assert_int_equal(((const int32_t *)child->buffers[1])[i], valid ? made.dates[row] : 0);
      } else {
        const int64_t want = c == 2 ? made.integers[row] : made.times[row];
        assert_int_equal(((const int64_t *)child->buffers[1])[i], valid ? want : 0);
      }
    }
    assert_int_equal(child->null_count, nulls);
  }
}

static void check_schema(struct ArrowArrayStream *stream)
{
  static const char *const formats[] = {"u", "g", "l", "tsu:UTC", "tdD"};
  struct ArrowSchema schema;
  assert_int_equal(stream->get_schema(stream, &schema), 0);
  assert_string_equal(schema.format, "+s");
  assert_int_equal(schema.n_children, COLUMNS);
  for (size_t i = 0; i < COLUMNS; i++) {
    assert_string_equal(schema.children[i]->format, formats[i]);
    assert_string_equal(schema.children[i]->name, made_columns[i].name);
    assert_int_equal(schema.children[i]->flags, made_columns[i].required ? 0 : ARROW_FLAG_NULLABLE);
  }
  struct ArrowSchema moved = *schema.children[2]; /* as the specification lets consumers do */
  schema.children[2]->release = NULL;
  schema.release(&schema);
  assert_null(schema.release);
  assert_string_equal(moved.name, "int64");
  moved.release(&moved);
}

static void gives_all_rows(void **state)
{
  (void)state;
  made_begin(&made);
  const size_t sizes[] = {1, 999, 65536};
  for (size_t k = 0; k < SK_COUNT(sizes); k++) {
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    size_t row = 0;
    shukei_parquet_file *file = made_open(&made);
    shukei_parquet_arrow_options options;
    shukei_parquet_arrow_options_init(&options);
    options.batch_rows = sizes[k];
    assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, NULL), SHUKEI_OK);
    check_schema(&stream);
    for (;;) {
      assert_int_equal(stream.get_next(&stream, &batch), 0);
      if (!batch.release)
        break;
      assert_true((size_t)batch.length <= sizes[k]);
      check_batch(&batch, row);
      row += (size_t)batch.length;
      batch.release(&batch);
    }
    assert_int_equal(row, ROWS);
    assert_null(stream.get_last_error(&stream));
    assert_int_equal(stream.get_next(&stream, &batch), 0); /* the end stays the end */
    assert_null(batch.release);
    stream.release(&stream);
    assert_null(stream.release);
    shukei_parquet_close(file);
  }
  made_end(&made);
}

static void parts_outlive_the_whole(void **state)
{
  (void)state;
  struct ArrowArrayStream stream;
  struct ArrowArray batch, child;
  struct ArrowSchema schema;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  const uint64_t before = file->budget.used_bytes;
  sk_parquet_share(file); /* so that the budget can be looked at in the end */
  assert_int_equal(shukei_parquet_arrow_stream(file, NULL, &stream, NULL), SHUKEI_OK);
  shukei_parquet_close(file);
  assert_int_equal(stream.get_schema(&stream, &schema), 0);
  assert_int_equal(stream.get_next(&stream, &batch), 0);
  stream.release(&stream);
  check_batch(&batch, 0);
  child = *batch.children[0];
  batch.children[0]->release = NULL;
  batch.release(&batch);
  schema.release(&schema);
  assert_int_equal(child.length, 1000);
  assert_true(file->budget.used_bytes > before);
  child.release(&child);
  assert_int_equal(file->budget.used_bytes, before);
  shukei_parquet_close(file);
  made_end(&made);
}

static void refuses_what_is_not_there(void **state)
{
  (void)state;
  shukei_error err;
  struct ArrowArrayStream stream = {.private_data = &err};
  const size_t nine = 9, none = SHUKEI_PARQUET_NO_COLUMN;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  shukei_parquet_arrow_options options;
  shukei_parquet_arrow_options_init(&options);
  options.columns = &nine;
  options.column_count = 1;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no column 9"));
  options.columns = &none;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no such column"));
  options.columns = NULL;
  options.groups = &nine;
  options.group_count = 1;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "no row group 9"));
  const size_t behind = file->meta->group_count;
  options.groups = &behind;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  options.groups = NULL;
  options.batch_rows = 0;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  options.batch_rows = (size_t)INT32_MAX + 1;
  assert_int_equal(shukei_parquet_arrow_stream(file, &options, &stream, &err), SHUKEI_EINVAL);
  assert_true(stream.private_data == &err && !stream.release); /* untouched */
  shukei_parquet_close(file);
  made_end(&made);
}

static void stops_at_an_error(void **state)
{
  (void)state;
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  size_t length;
  made_begin(&made);
  shukei_parquet_close(made_open(&made));
  uint8_t *bytes = made_bytes(&made, &length);
  shukei_parquet_file *file = NULL;
  assert_int_equal(shukei_parquet_open_memory("m", bytes, length, 0, &file, NULL), SHUKEI_OK);
  bytes[file->meta->groups[1].chunks[1].data_page_offset + 60] ^= 1;
  assert_int_equal(shukei_parquet_arrow_stream(file, NULL, &stream, NULL), SHUKEI_OK);
  assert_int_equal(stream.get_next(&stream, &batch), 0);
  check_batch(&batch, 0);
  batch.release(&batch);
  assert_int_equal(stream.get_next(&stream, &batch), EINVAL);
  assert_non_null(strstr(stream.get_last_error(&stream), "m: column double, row group 1"));
  bytes[file->meta->groups[1].chunks[1].data_page_offset + 60] ^= 1;
  assert_int_equal(stream.get_next(&stream, &batch), EINVAL); /* for good */
  stream.release(&stream);
  shukei_parquet_close(file);
  free(bytes);
  made_end(&made);
}

/* All of a file once, with everything released; the status of what failed. */
static int run_through(shukei_parquet_file *file)
{
  struct ArrowArrayStream stream;
  struct ArrowSchema schema = {.release = NULL};
  struct ArrowArray batch = {.release = NULL};
  const shukei_status st = shukei_parquet_arrow_stream(file, NULL, &stream, NULL);
  if (st)
    return st == SHUKEI_ENOMEM ? ENOMEM : EINVAL;
  int failed = stream.get_schema(&stream, &schema);
  if (!failed)
    schema.release(&schema);
  do {
    failed = failed ? failed : stream.get_next(&stream, &batch);
    if (!failed && batch.release)
      batch.release(&batch);
    else
      break;
  } while (true);
  assert_true(!failed || stream.get_last_error(&stream)[0]);
  stream.release(&stream);
  return failed;
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  made_begin(&made);
  shukei_parquet_file *file = made_open(&made);
  const uint64_t before = file->budget.used_bytes;
  int failed = ENOMEM;
  for (int64_t n = 0; failed == ENOMEM; n++) {
    sk_test_fail_alloc(n);
    failed = run_through(file);
    assert_int_equal(file->budget.used_bytes, before);
    if (!failed && sk_test_alloc_failed())
      failed = ENOMEM; /* a hint that failed does no harm */
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(failed, 0);
  shukei_parquet_close(file);
  made_end(&made);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_all_rows),
      cmocka_unit_test(parts_outlive_the_whole),
      cmocka_unit_test(refuses_what_is_not_there),
      cmocka_unit_test(stops_at_an_error),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
