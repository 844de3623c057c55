/* SPDX-License-Identifier: Apache-2.0 */
/* Repetition and definition levels of any height and form: what is read in one go is the same in
 * other steps, and never too high. And byte streams, which vectors join as one byte after the other
 * does. */
#include "fuzzing.h"

#include "parquet/levels.h"
#include "parquet/page_stream.h"
#include "parquet/stream_join.h"

enum { MOST_LEVELS = 4000 };

struct form {
  bool second; /* version of the page */
  uint16_t highest;
  int32_t encoding;
  uint32_t count;
};

/* How many levels could be read. */
static size_t read_levels(const struct form *form, const uint8_t *bytes, size_t length, size_t step,
                          uint16_t *out)
{
  struct sk_levels levels;
  const uint8_t *at = bytes;
  shukei_error err = {.text = ""};
  if (form->second)
    sk_levels_open_v2(&levels, "definition", form->highest, bytes, length);
  else if (sk_levels_open_v1(&levels, "definition", form->highest, form->encoding, form->count, &at,
                             bytes + length, &err)) {
    MUST(err.text[0]);
    return 0;
  }
  MUST(at >= bytes && at <= bytes + length);
  size_t done = 0;
  while (done < form->count) {
    const size_t n = form->count - done < step ? form->count - done : step;
    if (sk_levels_read(&levels, n, out + done, &err))
      break;
    for (size_t i = 0; i < n; i++)
      MUST(out[done + i] <= form->highest);
    done += n;
  }
  return done;
}

static void join(const uint8_t *bytes, size_t length, size_t width)
{
  const size_t n = length / width;
  uint8_t *joined = malloc(length + 1), *slowly = malloc(length + 1);
  MUST(joined && slowly);
  for (size_t i = 0; i < n; i++)
    for (size_t b = 0; b < width; b++)
      slowly[i * width + b] = bytes[b * n + i];
  for (int isa = 0; isa < SK_ISA_COUNT; isa++) {
    sk_join_kernel *const kernel = sk_stream_join_kernel((enum sk_isa)isa, width);
    const size_t done = kernel ? kernel(bytes, n, n, joined) : 0;
    MUST(done <= n && memcmp(joined, slowly, done * width) == 0);
  }
  sk_stream_join(bytes, n, width, n, joined);
  MUST(memcmp(joined, slowly, n * width) == 0);
  free(joined);
  free(slowly);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  static uint16_t whole[MOST_LEVELS], parts[MOST_LEVELS];
  struct input input = {bytes, bytes + length};
  const uint32_t kind = take(&input, 1);
  const struct form form = {.second = kind & 1,
                            .highest = (uint16_t)(kind & 2 ? take(&input, 2) : take(&input, 1) % 9),
                            .encoding = kind & 4   ? 4
                                        : kind & 8 ? (int32_t)take(&input, 1)
                                                   : 3,
                            .count = take(&input, 2) % MOST_LEVELS};
  const size_t step = 1 + take(&input, 1) * 4 % SK_LEVELS_BLOCK;
  uint8_t *body = copy_of(input.at, rest(&input), SK_PAGE_PAD);
  const size_t all = read_levels(&form, body, rest(&input), SK_LEVELS_BLOCK, whole);
  const size_t some = read_levels(&form, body, rest(&input), step, parts);
  MUST((all == form.count) == (some == form.count));
  MUST(memcmp(whole, parts, (all < some ? all : some) * sizeof *whole) == 0);
  join(body, rest(&input), 1 + kind / 16);
  free(body);
  return 0;
}
