/* SPDX-License-Identifier: Apache-2.0 */
/* Which manifests count: the rules of spec/6-payloads.md, one row a sentence. */
#include "testing.h"

#include "input/choose.h"

struct one {
  const char *uuid;
  bool whole;
  size_t hours;
  int64_t date;
  bool counts;
};
static const struct {
  const char *why;
  struct one of[4]; /* ends with an uuid that is NULL */
} table[] = {
    {"one alone", {{"a", true, 0, 1, true}}},
    {"additive ones all count",
     {{"a", false, 5, 1, true}, {"b", false, 5, 1, true}, {"c", false, 1, 9, true}}},
    {"the most hours",
     {{"a", true, 6, 9, false}, {"b", true, 7, 1, true}, {"z", true, 6, 8, false}}},
    {"on a tie the later date", {{"z", true, 6, 1, false}, {"a", true, 6, 2, true}}},
    {"then the greater uuid",
     {{"a1", true, 6, 1, false}, {"a2", true, 6, 1, true}, {"a", true, 6, 1, false}}},
    {"earlier additive ones do not", {{"a", false, 9, 1, false}, {"b", true, 1, 2, true}}},
    {"nor those of the same date", {{"z", false, 9, 2, false}, {"b", true, 1, 2, true}}},
    {"later additive ones do",
     {{"a", false, 1, 3, true}, {"b", true, 24, 2, true}, {"c", false, 1, 1, false}}},
    {"by the one that counts",
     {{"a", false, 1, 3, true}, {"b", true, 24, 2, true}, {"c", true, 6, 9, false}}},
};

static void chooses(void **state)
{
  (void)state;
  static const int orders[][4] = {{0, 1, 2, 3}, {2, 1, 0, 3}, {1, 2, 0, 3}};
  for (size_t t = 0; t < SK_COUNT(table); t++)
    for (size_t o = 0; o < SK_COUNT(orders); o++) {
      struct sk_operator_manifest manifests[4];
      struct sk_contender contenders[4];
      const struct one *ones[4];
      size_t count = 0;
      for (int i = 0; i < 4; i++) {
        const struct one *one = &table[t].of[orders[o][i]];
        if (!one->uuid)
          continue;
        ones[count] = one;
        manifests[count] = (struct sk_operator_manifest){
            .uuid = one->uuid, .whole_days = one->whole, .date = {one->date, 0}};
        contenders[count] =
            (struct sk_contender){.manifest = &manifests[count], .hours = one->hours};
        count++;
      }
      sk_choose(contenders, count);
      for (size_t i = 0; i < count; i++) {
        if (contenders[i].counts != ones[i]->counts)
          fail_msg("%s: %s", table[t].why, ones[i]->uuid);
        if (!contenders[i].counts)
          assert_true(ones[contenders[i].winner]->whole && ones[contenders[i].winner]->counts);
      }
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(chooses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
