/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels that find cells and records: each set of vector instructions as the scalar one. */
#include "fuzzing.h"

#include "input/csv_scan.h"

struct found {
  struct sk_csv_marks marks;
  uint64_t lines;
  size_t end;
  bool plain;
};

static void find(const struct sk_csv_kernels *kernels, const uint8_t *text, size_t from,
                 size_t length, struct found *found)
{
  *found = (struct found){.end = 0};
  found->marks.places = calloc(length + SK_CSV_MARKS_SLACK, sizeof *found->marks.places);
  found->marks.ends = calloc(length + SK_CSV_MARKS_SLACK, sizeof *found->marks.ends);
  MUST(found->marks.places && found->marks.ends);
  kernels->find_marks(text, from, length, &found->marks);
  found->plain = kernels->count_lines(text, length, &found->lines, &found->end);
}

static void drop(struct found *found)
{
  free(found->marks.places);
  free(found->marks.ends);
}

static void compare(const struct found *a, const struct found *b)
{
  const struct sk_csv_marks *x = &a->marks, *y = &b->marks;
  MUST(a->plain == b->plain && a->lines == b->lines && a->end == b->end);
  MUST(x->place_count == y->place_count && x->end_count == y->end_count);
  MUST(memcmp(x->places, y->places, x->place_count * sizeof *x->places) == 0);
  MUST(memcmp(x->ends, y->ends, x->end_count * sizeof *x->ends) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const size_t any = take(&input, 1), size = rest(&input);
  const size_t from = any < size ? any : 0;
  uint8_t *text = copy_of(input.at, size, SK_CSV_PADDING);
  struct found scalar, other;
  uint64_t lines = 0;
  find(sk_csv_kernels(SK_ISA_SCALAR), text, from, size, &scalar);
  for (int isa = SK_ISA_SCALAR + 1; isa < SK_ISA_COUNT; isa++) {
    const struct sk_csv_kernels *kernels = sk_csv_kernels((enum sk_isa)isa);
    if (!kernels)
      continue;
    find(kernels, text, from, size, &other);
    compare(&scalar, &other);
    drop(&other);
  }
  drop(&scalar);
  const size_t cut = sk_csv_cut(text, size, any & 1, &lines);
  const size_t first = sk_csv_first(text, size, any & 1);
  MUST(cut <= size && first <= size && (cut == 0) == (lines == 0) && first <= (cut ? cut : size));
  free(text);
  return 0;
}
