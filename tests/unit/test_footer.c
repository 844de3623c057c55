/* SPDX-License-Identifier: Apache-2.0 */
/* Footers: what a good one becomes, and each way in which one can be wrong. */
#include "tiny_parquet.h"

#include "parquet/file.h"
#include "parquet/footer.h"

struct element {
  const char *name;
  int32_t type, type_length, repetition, children, converted; /* -1 absent; children 0 */
};
struct footer {
  struct element elements[8];
  int count;
  int64_t rows, group_rows, values, data_page, dictionary_page, compressed, uncompressed;
  int32_t chunk_type;
  const char *path; /* of every chunk, NULL: none is written */
  int chunks;       /* column chunks written */
  bool encrypted;
  int elsewhere; /* 1: chunks name two files, 2: one */
};

static const struct footer good = {
    .elements = {{"root", -1, 0, -1, 3, -1},
                 {"Text", SK_TYPE_BYTE_ARRAY, 0, SK_OPTIONAL, 0, 0},
                 {"group", -1, 0, SK_OPTIONAL, 1, 3},
                 {"list", -1, 0, SK_REPEATED, 1, -1},
                 {"item", SK_TYPE_BYTE_ARRAY, 0, SK_OPTIONAL, 0, -1},
                 {"text2", SK_TYPE_BYTE_ARRAY, 0, SK_REQUIRED, 0, -1}},
    .count = 6,
    .rows = 7,
    .group_rows = 7,
    .values = 7,
    .data_page = 4,
    .dictionary_page = 0,
    .compressed = 90,
    .uncompressed = 90,
    .chunk_type = SK_TYPE_BYTE_ARRAY,
    .chunks = 3,
};

static void write_element(struct sk_compact *to, const struct element *e)
{
  sk_compact_item(to);
  if (e->type != -1)
    sk_compact_i32(to, 1, e->type);
  if (e->type_length)
    sk_compact_i32(to, 2, e->type_length);
  if (e->repetition != -1)
    sk_compact_i32(to, 3, e->repetition);
  sk_compact_text(to, 4, e->name);
  if (e->children)
    sk_compact_i32(to, 5, e->children);
  if (e->converted != -1)
    sk_compact_i32(to, 6, e->converted);
  sk_compact_end(to);
}

static void write_chunk(struct sk_compact *to, const struct footer *f, int32_t number)
{
  sk_compact_item(to);
  if (f->elsewhere)
    sk_compact_text(to, 1, number && f->elsewhere < 2 ? "other.parquet" : "another.parquet");
  sk_compact_i64(to, 2, 4);
  sk_compact_begin(to, 3);
  sk_compact_i32(to, 1, f->chunk_type);
  sk_compact_list(to, 2, SK_COMPACT_I32, 2);
  sk_compact_item_int(to, SK_ENCODING_PLAIN);
  sk_compact_item_int(to, SK_ENCODING_RLE);
  if (f->path) {
    sk_compact_list(to, 3, SK_COMPACT_BYTES, 1);
    sk_compact_item_bytes(to, f->path, strlen(f->path));
  }
  sk_compact_i32(to, 4, SK_CODEC_SNAPPY);
  sk_compact_i64(to, 5, f->values);
  sk_compact_i64(to, 6, f->uncompressed);
  sk_compact_i64(to, 7, f->compressed);
  sk_compact_i64(to, 9, f->data_page);
  if (f->dictionary_page)
    sk_compact_i64(to, 11, f->dictionary_page);
  sk_compact_begin(to, 12);
  sk_compact_i64(to, 3, 2);
  sk_compact_text(to, 5, "max");
  sk_compact_text(to, 6, "");
  sk_compact_bool(to, 8, false);
  sk_compact_end(to);
  sk_compact_end(to);
  if (f->encrypted) {
    sk_compact_begin(to, 8);
    sk_compact_begin(to, 1);
    sk_compact_end(to);
    sk_compact_end(to);
  }
  sk_compact_end(to);
}

/* The Thrift bytes of a footer. */
static void write_meta(struct sk_buffer *out, const struct footer *f)
{
  struct sk_compact to;
  sk_compact_init(&to, out);
  sk_compact_i32(&to, 1, 2);
  sk_compact_list(&to, 2, SK_COMPACT_STRUCT, (size_t)f->count);
  for (int i = 0; i < f->count; i++)
    write_element(&to, &f->elements[i]);
  sk_compact_i64(&to, 3, f->rows);
  sk_compact_list(&to, 4, SK_COMPACT_STRUCT, 1);
  sk_compact_item(&to);
  sk_compact_list(&to, 1, SK_COMPACT_STRUCT, (size_t)f->chunks);
  for (int i = 0; i < f->chunks; i++)
    write_chunk(&to, f, i);
  sk_compact_i64(&to, 2, 1000);
  sk_compact_i64(&to, 3, f->group_rows);
  sk_compact_end(&to);
  sk_compact_list(&to, 5, SK_COMPACT_STRUCT, 2);
  sk_compact_item(&to);
  sk_compact_text(&to, 1, "key");
  sk_compact_text(&to, 2, "value");
  sk_compact_end(&to);
  sk_compact_item(&to);
  sk_compact_text(&to, 1, "alone");
  sk_compact_end(&to);
  sk_compact_text(&to, 6, "a test");
  if (f->encrypted) {
    sk_compact_begin(&to, 8);
    sk_compact_begin(&to, 2);
    sk_compact_end(&to);
    sk_compact_end(&to);
  }
  sk_compact_end(&to);
  assert_false(out->failed);
}

/* A whole object: 100 bytes of "pages" and the footer. */
static void write_object(struct sk_buffer *out, const struct footer *f)
{
  uint8_t tail[4];
  sk_buffer_text(out, "PAR1");
  while (out->length < 100)
    sk_buffer_byte(out, 0);
  write_meta(out, f);
  sk_put_le32(tail, (uint32_t)(out->length - 100));
  sk_buffer_add(out, tail, 4);
  sk_buffer_text(out, "PAR1");
  assert_false(out->failed);
}

static shukei_status open_bytes(const void *bytes, size_t length, struct sk_budget *budget,
                                struct sk_object **object, struct sk_file **file, shukei_error *err)
{
  *file = NULL;
  *object = NULL;
  const shukei_status st = sk_object_from_bytes("f.parquet", bytes, length, object, err);
  return st ? st : sk_file_open(*object, budget, file, err);
}

static void reads_schema_and_chunks(void **state)
{
  (void)state;
  struct sk_buffer out;
  struct sk_object *object;
  struct sk_file *file;
  shukei_error err;
  sk_buffer_init(&out, NULL, 1 << 20);
  write_object(&out, &good);
  if (open_bytes(out.bytes, out.length, NULL, &object, &file, &err))
    fail_msg("%s", err.text);
  const struct sk_meta *m = sk_file_meta(file);
  assert_int_equal(m->column_count, 3);
  assert_int_equal(m->element_count, 6);
  assert_string_equal(m->created_by, "a test");
  assert_string_equal(m->key_values[0].value, "value");
  assert_null(m->key_values[1].value);
  assert_string_equal(m->columns[1].path, "group.list.item");
  assert_int_equal(m->columns[1].max_definition, 3);
  assert_int_equal(m->columns[1].max_repetition, 1);
  assert_false(m->columns[1].flat);
  assert_true(m->columns[0].flat && m->columns[2].flat);
  assert_int_equal(m->columns[0].logical, SK_LOGICAL_STRING);
  assert_int_equal(m->columns[2].max_definition, 0);
  assert_string_equal(m->elements[2].annotation, "LIST");
  const struct sk_chunk_meta *c = &m->groups[0].chunks[0];
  assert_int_equal(c->encodings, 1 << SK_ENCODING_PLAIN | 1 << SK_ENCODING_RLE);
  assert_int_equal(c->statistics.null_count, 2);
  assert_non_null(c->statistics.min_value); /* empty, but there */
  assert_int_equal(c->statistics.min_length, 0);
  assert_false(c->statistics.min_exact);
  assert_int_equal(c->dictionary_page_offset, -1);
  assert_int_equal(sk_file_find_column(file, "tEXT"), 0);
  assert_int_equal(sk_file_find_column(file, "text2"), 2);
  assert_int_equal(sk_file_find_column(file, "item"), -1);
  assert_int_equal(sk_file_find_column(file, "tex"), -1);
  sk_file_close(file);
  sk_object_close(object);
  sk_buffer_reset(&out);
}

static struct footer changed(size_t which)
{
  struct footer f = good;
  switch (which) {
  case 0:
    f.elements[1].type = 8;
    break;
  case 1:
    f.elements[1].type = SK_TYPE_FIXED_LEN_BYTE_ARRAY;
    break;
  case 2:
    f.elements[0].children = 4;
    break;
  case 3:
    f.elements[0].children = 2;
    break;
  case 4:
    f.elements[1].repetition = 3;
    break;
  case 5:
    f.elements[3].children = -1;
    break;
  case 6:
    f.chunks = 2;
    break;
  case 7:
    f.chunk_type = SK_TYPE_INT32;
    break;
  case 8:
    f.values = -1;
    break;
  case 9:
    f.group_rows = -1;
    break;
  case 10:
    f.data_page = 90;
    break;
  case 11:
    f.data_page = -4;
    break;
  case 12:
    f.compressed = INT64_MAX;
    break;
  case 13:
    f.uncompressed = -1;
    break;
  case 14:
    f.path = "Texu";
    break;
  case 15:
    f.path = "Text2";
    break;
  case 16:
    f.path = "Tex";
    break;
  default:
    f.path = "Text"; /* right for the first one only */
  }
  return f;
}

static void refuses_impossible_values(void **state)
{
  (void)state;
  static const char *const wants[] = {
      "column Text: physical type 8 is unknown",
      "FIXED_LEN_BYTE_ARRAY with length 0",
      "its groups name more",
      "schema: 6 elements, its groups name 5",
      "\"Text\" has the repetition 3",
      "a group with -1 children",
      "row group 0: 2 column chunks, the schema has 3",
      "row group 0: column Text: physical type 1, the schema says BYTE_ARRAY",
      "column Text: -1 values",
      "row group 0: -1 rows",
      "90 bytes at 90, the footer begins at 100",
      "90 bytes at -4",
      "9223372036854775807 bytes at 4",
      "90 bytes at 4",
      "row group 0: column Text: another path than the schema's",
      "row group 0: column Text: another path than the schema's",
      "row group 0: column Text: another path than the schema's",
      "row group 0: column group.list.item: another path than the schema's",
  };
  for (size_t i = 0; i < SK_COUNT(wants); i++) {
    struct sk_buffer out;
    struct sk_object *object;
    struct sk_file *file;
    shukei_error err = {0};
    const struct footer f = changed(i);
    sk_buffer_init(&out, NULL, 1 << 20);
    write_object(&out, &f);
    const shukei_status st = open_bytes(out.bytes, out.length, NULL, &object, &file, &err);
    if (st != SHUKEI_EFORMAT || !strstr(err.text, wants[i]) ||
        strncmp(err.text, "f.parquet: footer: ", 19) != 0)
      fail_msg("%zu: %s: %s", i, shukei_status_name(st), err.text);
    assert_null(file);
    sk_object_close(object);
    sk_buffer_reset(&out);
  }
}

static void refuses_wrong_ends(void **state)
{
  (void)state;
  static const struct {
    const char *why, *bytes;
    size_t length;
    shukei_status want;
    const char *text;
  } rows[] = {
      {"nothing", "", 0, SHUKEI_ETRUNC, "0 bytes"},
      {"eleven bytes", "PAR1123PAR1", 11, SHUKEI_ETRUNC, "11 bytes"},
      {"no magic", "PAR1\0\0\0\0NONE", 12, SHUKEI_EFORMAT, "4e 4f 4e 45"},
      {"another beginning", "PARX\1\0\0\0PAR1", 12, SHUKEI_EFORMAT, "begins with another"},
      {"no footer", "PAR1\0\0\0\0PAR1", 12, SHUKEI_EFORMAT, "length 0 in a file of 12"},
      {"longer than the file", "PAR1\1\0\0\0PAR1", 12, SHUKEI_EFORMAT, "length 1 in a file of 12"},
      {"huge", "PAR1\xff\xff\xff\xffPAR1", 12, SHUKEI_EFORMAT, "length 4294967295"},
      {"an empty struct", "PAR1\0\1\0\0\0PAR1", 13, SHUKEI_EFORMAT, "no schema"},
      {"encrypted", "PARE\x1c\x2c\0\0\0\5\0\0\0PARE", 17, SHUKEI_EUNSUPPORTED, "AES_GCM_CTR_V1"},
      {"encrypted", "PARE\x1c\x1c\0\0\0\5\0\0\0PARE", 17, SHUKEI_EUNSUPPORTED, "AES_GCM_V1"},
      {"encrypted, broken", "PARE\xff\1\0\0\0PARE", 13, SHUKEI_EUNSUPPORTED, "unknown algorithm"},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_object *object;
    struct sk_file *file;
    shukei_error err = {0};
    const shukei_status st = open_bytes(rows[i].bytes, rows[i].length, NULL, &object, &file, &err);
    if (st != rows[i].want || !strstr(err.text, rows[i].text))
      fail_msg("%s: %s: %s", rows[i].why, shukei_status_name(st), err.text);
    sk_object_close(object);
  }
}

static void says_why_a_chunk_cannot_be_read(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct sk_buffer out;
    struct sk_object *object;
    struct sk_file *file;
    struct sk_column *column;
    shukei_error err = {0};
    struct footer f = good;
    static const char *const wants[] = {
        "f.parquet: column Text, row group 0: encrypted with AES_GCM_CTR_V1",
        "f.parquet: column Text, row group 0: its pages lie in another file"};
    f.encrypted = i == 0;
    f.elsewhere = i == 1;
    sk_buffer_init(&out, NULL, 1 << 20);
    write_object(&out, &f);
    assert_int_equal(open_bytes(out.bytes, out.length, NULL, &object, &file, &err), SHUKEI_OK);
    assert_int_equal(sk_column_open(file, 0, 0, 0, NULL, NULL, &column, &err), SHUKEI_EUNSUPPORTED);
    assert_null(column);
    if (strncmp(err.text, wants[i], strlen(wants[i])) != 0)
      fail_msg("%s", err.text);
    assert_int_equal(sk_column_open(file, 0, 1, 0, NULL, NULL, &column, &err), SHUKEI_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "group.list.item, row group 0: nested"));
    sk_file_close(file);
    sk_object_close(object);
    sk_buffer_reset(&out);
  }
}

/* The name is another one's, but all pages are here: unless one of them cannot be. */
static void adopts_the_pages_of_one_name(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct sk_buffer out;
    struct sk_object *object;
    struct sk_file *file;
    struct footer f = good;
    f.elsewhere = 2;
    f.compressed = i ? INT64_MAX : f.compressed;
    sk_buffer_init(&out, NULL, 1 << 20);
    write_object(&out, &f);
    assert_int_equal(open_bytes(out.bytes, out.length, NULL, &object, &file, NULL), SHUKEI_OK);
    assert_int_equal(sk_chunk_check(file, 0, 0, NULL), i ? SHUKEI_EUNSUPPORTED : SHUKEI_OK);
    sk_file_close(file);
    sk_object_close(object);
    sk_buffer_reset(&out);
  }
}

/* No values are said to be there: pages are looked for all the same, where they can be. */
static void takes_the_rows_for_the_values(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct sk_buffer out;
    struct sk_object *object;
    struct sk_file *file;
    shukei_error err = {0};
    struct footer f = good;
    f.values = 0;
    f.data_page = i ? INT64_MAX : f.data_page;
    sk_buffer_init(&out, NULL, 1 << 20);
    write_object(&out, &f);
    assert_int_equal(open_bytes(out.bytes, out.length, NULL, &object, &file, &err), SHUKEI_OK);
    assert_int_equal(sk_chunk_check(file, 0, 0, &err), i ? SHUKEI_EFORMAT : SHUKEI_OK);
    assert_true(!i || strstr(err.text, "no pages for 7 rows"));
    sk_file_close(file);
    sk_object_close(object);
    sk_buffer_reset(&out);
  }
}

static void refuses_each_truncation(void **state)
{
  (void)state;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 1 << 20);
  write_meta(&out, &good);
  for (size_t n = 0; n < out.length; n++) {
    struct sk_meta meta = {0};
    uint8_t *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, out.bytes, n);
    sk_arena_init(&meta.arena, NULL);
    assert_int_equal(sk_footer_parse(exact, n, 100, &meta, NULL), SHUKEI_EFORMAT);
    sk_arena_reset(&meta.arena);
    free(exact);
  }
  sk_buffer_reset(&out);
}

static void survives_flipped_bits(void **state)
{
  (void)state;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 1 << 20);
  write_object(&out, &good);
  for (size_t bit = 0; bit < out.length * 8; bit++) {
    struct sk_budget budget;
    struct sk_object *object;
    struct sk_file *file;
    sk_budget_init(&budget, 1 << 20);
    out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    const shukei_status st = open_bytes(out.bytes, out.length, &budget, &object, &file, NULL);
    assert_true((st == SHUKEI_OK) == (file != NULL));
    sk_file_close(file);
    sk_object_close(object);
    assert_int_equal(budget.used_bytes, 0);
    out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  sk_buffer_reset(&out);
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_buffer out;
  struct sk_object *object;
  struct sk_file *file;
  shukei_status st = SHUKEI_ENOMEM;
  sk_buffer_init(&out, NULL, 1 << 20);
  write_object(&out, &good);
  assert_int_equal(sk_object_from_bytes("f", out.bytes, out.length, &object, NULL), SHUKEI_OK);
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_test_fail_alloc(n);
    st = sk_file_open(object, NULL, &file, NULL);
    assert_true((st == SHUKEI_OK) == (file != NULL));
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
  sk_file_close(file);
  sk_object_close(object);
  sk_buffer_reset(&out);
}

static void bounds_the_schema_depth(void **state)
{
  (void)state;
  struct sk_buffer out;
  struct sk_compact to;
  struct sk_meta meta = {0};
  shukei_error err;
  sk_buffer_init(&out, NULL, 1 << 20);
  sk_compact_init(&to, &out);
  sk_compact_list(&to, 2, SK_COMPACT_STRUCT, 1000);
  for (int i = 0; i < 1000; i++) {
    const struct element e = {"g", -1, 0, SK_REPEATED, 1, -1};
    write_element(&to, &e);
  }
  sk_compact_end(&to);
  sk_arena_init(&meta.arena, NULL);
  assert_int_equal(sk_footer_parse(out.bytes, out.length, 100, &meta, &err), SHUKEI_EFORMAT);
  assert_non_null(strstr(err.text, "nested more than"));
  sk_arena_reset(&meta.arena);
  sk_buffer_reset(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_schema_and_chunks),
      cmocka_unit_test(refuses_impossible_values),
      cmocka_unit_test(refuses_wrong_ends),
      cmocka_unit_test(says_why_a_chunk_cannot_be_read),
      cmocka_unit_test(adopts_the_pages_of_one_name),
      cmocka_unit_test(takes_the_rows_for_the_values),
      cmocka_unit_test(refuses_each_truncation),
      cmocka_unit_test(survives_flipped_bits),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(bounds_the_schema_depth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
