/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas to plans: their nodes with levels as text, and paths. What the plans print is
 * test_nested.c. */
#include "testing.h"

#include "base/buffer.h"
#include "parquet/nested_plan.h"

/* depth  of the element; its group has the children that follow it one deeper */
#define ROWS_OF_SCHEMA 9
struct row {
  int32_t depth;
  const char *name;
  char repetition; /* r, o, * */
  char kind;       /* g group, i INT32, t text, b bytes of fixed length */
  const char *annotation;
};
static const struct {
  const char *want;
  struct row rows[ROWS_OF_SCHEMA];
} plans[] = {
    {"l?1[2,1](element?3)",
     {{1, "l", 'o', 'g', "LIST"}, {2, "list", '*', 'g', NULL}, {3, "element", 'o', 'i', NULL}}},
    {"l?1[2,1](array2)", {{1, "l", 'o', 'g', "LIST"}, {2, "array", '*', 'i', NULL}}},
    {"l0[1,1](array1{x1})",
     {{1, "l", 'r', 'g', "LIST"}, {2, "array", '*', 'g', NULL}, {3, "x", 'r', 'i', NULL}}},
    {"l0[1,1](l_tuples?2)",
     {{1, "l", 'r', 'g', "LIST"},
      {2, "l_tuplex", '*', 'g', NULL},
      {3, "l_tuples", 'o', 'i', NULL}}},
    {"l0[1,1](list1{array1[2,2](array2)})",
     {{1, "l", 'r', 'g', "LIST"}, {2, "list", '*', 'g', NULL}, {3, "array", '*', 'i', NULL}}},
    {"m0<1,1>(k1,v?2) object",
     {{1, "m", 'r', 'g', "MAP"},
      {2, "map", '*', 'g', "MAP_KEY_VALUE"},
      {3, "k", 'r', 't', NULL},
      {3, "v", 'o', 'i', NULL}}},
    {"m0<1,1>(k1,v1[2,2](v2))",
     {{1, "m", 'r', 'g', "MAP_KEY_VALUE"},
      {2, "map", '*', 'g', NULL},
      {3, "k", 'r', 'b', NULL},
      {3, "v", '*', 'i', NULL}}},
    {"m0{map0[1,1](map1{k1,v1,w1})}",
     {{1, "m", 'r', 'g', "MAP"},
      {2, "map", '*', 'g', NULL},
      {3, "k", 'r', 't', NULL},
      {3, "v", 'r', 'i', NULL},
      {3, "w", 'r', 'i', NULL}}},
    {"m0{map0[1,1](map1)}", {{1, "m", 'r', 'g', "MAP"}, {2, "map", '*', 't', NULL}}},
    {"s?1{e!,t1{x?2}}",
     {{1, "s", 'o', 'g', NULL},
      {2, "e", 'o', 'g', NULL},
      {2, "t", 'r', 'g', NULL},
      {3, "x", 'o', 'i', NULL}}},
    {"r0[1,1](r1[2,2](element2))",
     {{1, "r", '*', 'g', "LIST"}, {2, "list", '*', 'g', NULL}, {3, "element", 'r', 'i', NULL}}},
};

struct schema {
  struct sk_meta meta;
  struct sk_element elements[ROWS_OF_SCHEMA + 1];
  struct sk_column_meta columns[ROWS_OF_SCHEMA];
};

static void make(struct schema *s, const struct row *rows)
{
  uint32_t n = 1;
  memset(s, 0, sizeof *s);
  for (; n <= ROWS_OF_SCHEMA && rows[n - 1].name; n++) {
    const struct row *row = &rows[n - 1];
    s->elements[n] = (struct sk_element){
        .name = row->name,
        .repetition = row->repetition == 'r'   ? SK_REQUIRED
                      : row->repetition == 'o' ? SK_OPTIONAL
                                               : SK_REPEATED,
        .leaf = row->kind == 'g' ? -1 : (int32_t)s->meta.column_count,
        .depth = row->depth,
        .annotation = row->annotation,
    };
    uint32_t parent = n;
    while (s->elements[--parent].depth >= row->depth)
      ;
    s->elements[parent].child_count++;
    if (row->kind != 'g')
      s->columns[s->meta.column_count++] =
          (struct sk_column_meta){.name = row->name,
                                  .type = row->kind == 'i'   ? SK_TYPE_INT32
                                          : row->kind == 't' ? SK_TYPE_BYTE_ARRAY
                                                             : SK_TYPE_FIXED_LEN_BYTE_ARRAY};
  }
  s->elements[0].leaf = -1;
  s->meta.elements = s->elements;
  s->meta.columns = s->columns;
  s->meta.element_count = n;
}

static uint32_t show(struct sk_buffer *out, const struct sk_nested_plan *plan, uint32_t index)
{
  const struct sk_node *node = &plan->nodes[index];
  const bool items = node->kind == SK_NODE_LIST || node->kind == SK_NODE_MAP;
  sk_buffer_text(out, node->name);
  if (node->kind == SK_NODE_EMPTY) {
    sk_buffer_text(out, "!");
    return node->end;
  }
  sk_buffer_printf(out, "%s%u", node->nullable ? "?" : "", (unsigned)node->definition);
  if (items)
    sk_buffer_printf(out, node->kind == SK_NODE_LIST ? "[%u,%u](" : "<%u,%u>(",
                     (unsigned)node->item_definition, (unsigned)node->item_repetition);
  else if (node->kind == SK_NODE_STRUCT)
    sk_buffer_text(out, "{");
  for (uint32_t child = index + 1; child < node->end;) {
    if (child > index + 1)
      sk_buffer_text(out, ",");
    child = show(out, plan, child);
  }
  sk_buffer_text(out, items ? ")" : node->kind == SK_NODE_STRUCT ? "}" : "");
  sk_buffer_text(out, node->object ? " object" : "");
  return node->end;
}

static void plans_every_form(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(plans); i++) {
    struct schema s;
    struct sk_nested_plan plan;
    struct sk_buffer out;
    make(&s, plans[i].rows);
    sk_buffer_init(&out, NULL, SIZE_MAX / 2);
    assert_int_equal(sk_nested_plan(&plan, &s.meta, 1, NULL, NULL), SHUKEI_OK);
    assert_int_equal(show(&out, &plan, 0), plan.node_count);
    assert_int_equal(plan.leaf_count, s.meta.column_count);
    sk_buffer_byte(&out, 0);
    if (strcmp((const char *)out.bytes, plans[i].want) != 0)
      fail_msg("schema %zu: %s, expected %s", i, (const char *)out.bytes, plans[i].want);
    sk_buffer_reset(&out);
    sk_nested_plan_reset(&plan);
  }
}

static const struct row deep[] = {
    {1, "id", 'r', 'i', NULL}, {1, "s", 'o', 'g', NULL}, {2, "a.b", 'o', 'g', NULL},
    {3, "x", 'r', 'i', NULL},  {3, "y", 'o', 'i', NULL}, {2, "l", '*', 'g', NULL},
    {3, "x", 'r', 'i', NULL},  {1, "z", 'o', 'g', NULL}, {2, "w", 'r', 'i', NULL},
};

static void finds_paths(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    uint32_t element;
    bool repeated;
  } paths[] = {
      {"id", 1, false},      {"s", 2, false},   {"S.A.B", 3, false},  {"s.a.b.x", 4, false},
      {"s.a.b.y", 5, false}, {"s.l", 6, false}, {"s.l.x", 7, true},   {"z.w", 9, false},
      {"s.x", 0, false},     {"s.a", 0, false}, {"s.a.b.", 0, false}, {"x", 0, false},
      {"id.x", 0, false},    {".id", 0, false}, {"", 0, false},       {"z.w.", 0, false}};
  struct schema s;
  make(&s, deep);
  for (size_t i = 0; i < SK_COUNT(paths); i++) {
    bool repeated = true;
    const uint32_t element = sk_nested_find(&s.meta, paths[i].path, &repeated);
    if (element != paths[i].element || (element && repeated != paths[i].repeated))
      fail_msg("%s: element %u", paths[i].path, (unsigned)element);
  }
}

static void plans_a_part_of_a_struct(void **state)
{
  (void)state;
  static const struct {
    uint32_t element, first_column;
    bool nullable;
    uint16_t definition;
  } parts[] = {{2, 1, true, 1}, {3, 1, true, 2}, {4, 1, true, 2}, {5, 2, true, 3},
               {6, 3, true, 1}, {8, 4, true, 1}, {9, 4, true, 1}, {1, 0, false, 0}};
  struct schema s;
  make(&s, deep);
  for (size_t i = 0; i < SK_COUNT(parts); i++) {
    struct sk_nested_plan plan;
    assert_int_equal(sk_nested_plan(&plan, &s.meta, parts[i].element, NULL, NULL), SHUKEI_OK);
    assert_int_equal(plan.first_column, parts[i].first_column);
    assert_int_equal(plan.nodes[0].nullable, parts[i].nullable);
    assert_int_equal(plan.nodes[0].definition, parts[i].definition);
    sk_nested_plan_reset(&plan);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plans_every_form),
      cmocka_unit_test(finds_paths),
      cmocka_unit_test(plans_a_part_of_a_struct),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
