/* SPDX-License-Identifier: Apache-2.0 */
/* The footer's checksum: a flipped bit in the footer of a file of ours is refused, or leaves
 * everything that decides about rows as it was. */
#include "testing.h"

#include "base/bytes.h"
#include "parquet/footer_seal.h"
#include "parquet/parquet.h"

struct memory {
  struct sk_output output; /* first: calls are handed its address */
  uint8_t bytes[4096];
  size_t length;
};

static shukei_status memory_write(struct sk_output *output, const void *bytes, size_t length,
                                  shukei_error *err)
{
  struct memory *memory = (struct memory *)(void *)output;
  (void)err;
  assert_true(memory->length + length <= sizeof memory->bytes);
  memcpy(memory->bytes + memory->length, bytes, length);
  memory->length += length;
  return SHUKEI_OK;
}

static void write_file(struct memory *memory)
{
  static const struct sk_output_calls calls = {.write = memory_write};
  static const struct sk_write_column columns[] = {{.name = "pod", .kind = SK_WRITE_TEXT},
                                                   {.name = "usage", .kind = SK_WRITE_DOUBLE}};
  const uint32_t ids[] = {1, 1, SK_NO_ID};
  const double usage[] = {0.5, 1.5, 2.5};
  struct sk_intern texts;
  struct sk_writer_options options;
  struct sk_writer *writer = NULL;
  *memory = (struct memory){.output = {.calls = &calls, .name = "m.parquet"}};
  assert_true(sk_intern_init(&texts, NULL));
  assert_int_equal(sk_intern_add(&texts, "web", 3), 1);
  const struct sk_write_values values[] = {{.ids = ids, .texts = &texts}, {.doubles = usage}};
  sk_writer_options_init(&options);
  assert_int_equal(sk_writer_open(&memory->output, columns, 2, &options, NULL, &writer, NULL), 0);
  assert_int_equal(sk_writer_add(writer, 3, values, NULL), 0);
  assert_int_equal(sk_writer_finish(writer, NULL), 0);
  sk_writer_close(writer);
  sk_intern_reset(&texts);
}

static shukei_status open_memory(const struct memory *memory, struct sk_object **object,
                                 struct sk_file **file)
{
  assert_int_equal(sk_object_from_bytes("m", memory->bytes, memory->length, object, NULL), 0);
  return sk_file_open(*object, NULL, file, NULL);
}

static void assert_same_meta(const struct sk_meta *a, const struct sk_meta *b)
{
  assert_int_equal(a->row_count, b->row_count);
  assert_int_equal(a->column_count, b->column_count);
  assert_int_equal(a->group_count, b->group_count);
  for (uint32_t i = 0; i < a->column_count; i++) {
    const struct sk_chunk_meta *x = &a->groups[0].chunks[i], *y = &b->groups[0].chunks[i];
    assert_string_equal(a->columns[i].name, b->columns[i].name);
    assert_int_equal(a->columns[i].type, b->columns[i].type);
    assert_int_equal(a->columns[i].repetition, b->columns[i].repetition);
    assert_int_equal(a->columns[i].logical, b->columns[i].logical);
    assert_int_equal(x->codec, y->codec);
    assert_int_equal(x->value_count, y->value_count);
    assert_int_equal(x->data_page_offset, y->data_page_offset);
    assert_int_equal(x->dictionary_page_offset, y->dictionary_page_offset);
  }
}

static void finds_every_flipped_bit(void **state)
{
  (void)state;
  struct memory memory;
  struct sk_object *whole = NULL;
  struct sk_file *right = NULL;
  write_file(&memory);
  assert_int_equal(open_memory(&memory, &whole, &right), SHUKEI_OK);
  struct memory broken = memory;
  const size_t footer = sk_le32(memory.bytes + memory.length - 8);
  const size_t first = memory.length - 8 - footer;
  size_t accepted = 0;
  for (size_t bit = first * 8; bit < (memory.length - 8) * 8; bit++) {
    struct sk_object *object = NULL;
    struct sk_file *file = NULL;
    broken.bytes[bit / 8] = (uint8_t)(memory.bytes[bit / 8] ^ 1u << bit % 8);
    if (open_memory(&broken, &object, &file) == SHUKEI_OK) {
      assert_same_meta(sk_file_meta(right), sk_file_meta(file));
      accepted++;
    }
    sk_file_close(file);
    sk_object_close(object);
    broken.bytes[bit / 8] = memory.bytes[bit / 8];
  }
  /* Only flips of the names of the pair and of the writer switch the check off. */
  assert_true(accepted <= 8 * (sizeof SK_SEAL_KEY + sizeof SK_SEAL_WRITER + 4));
  sk_file_close(right);
  sk_object_close(whole);
}

static void passes_footers_without_checksum(void **state)
{
  (void)state;
  assert_true(sk_seal_holds((const uint8_t *)"", 0));
  assert_true(sk_seal_holds((const uint8_t *)SK_SEAL_KEY, sizeof SK_SEAL_KEY - 1));
  static const uint8_t other[64] = "shukei.footer_size\x18\x08"
                                   "00000000";
  assert_true(sk_seal_holds(other, sizeof other));
  uint8_t ours[64] = "x" SK_SEAL_KEY "\x18\x08" SK_SEAL_BLANK;
  assert_false(sk_seal_holds(ours, sizeof ours));
  sk_seal_set(ours, sizeof ours, 1 + sizeof SK_SEAL_KEY - 1 + 2);
  assert_true(sk_seal_holds(ours, sizeof ours));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_every_flipped_bit),
      cmocka_unit_test(passes_footers_without_checksum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
