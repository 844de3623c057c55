/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of texts: CSV, numbers, labels, interning. */
#include "kernels.h"
#include "base/number.h"
#include "base/sha1.h"
#include "base/text.h"
#include "input/batch.h"
#include "input/csv_scan.h"

#define CSV_ROWS 8000
#define CSV_COLUMNS 20
#define BLOCK 64

uint32_t sk_bench_below(struct work *w, uint32_t bound)
{
  w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((w->seed >> 33) % bound);
}

double sk_bench_noise(struct work *w)
{
  const uint64_t high = sk_bench_below(w, 1u << 26);
  return (double)(high << 27 | sk_bench_below(w, 1u << 27)) * 0x1p-53;
}

void sk_bench_add_labels(struct work *w, uint32_t pod, bool json)
{
  static const char *const tiers[] = {"front", "back", "data"};
  sk_buffer_printf(&w->input,
                   json ? "{\"app\": \"app-%u\", \"tier\": \"%s\", \"env\": \"prod\", \"node\": "
                          "\"worker-%04u\", \"pod\": \"cart-%08x-%05u\", \"pod_template_hash\": "
                          "\"%08x\", \"managed_by\": \"helm\", \"release\": \"blue\"}"
                        : "label_app:app-%u|label_tier:%s|label_env:prod|label_node:worker-%04u|"
                          "label_pod:cart-%08x-%05u|label_pod_template_hash:%08x|"
                          "label_managed_by:helm|label_release:blue",
                   pod % 24, tiers[pod % 3], pod / 104, pod * 2654435761u, pod, pod * 40503u);
}

/* One label text a pod as BYTE_ARRAY PLAIN: four bytes of length, then the text. */
static bool label_texts(struct work *w, bool json)
{
  for (uint32_t pod = 0; pod < KERNEL_PODS; pod++) {
    const size_t at = w->input.length;
    sk_buffer_add(&w->input, "\0\0\0", 4);
    sk_bench_add_labels(w, pod, json);
    const uint32_t length = (uint32_t)(w->input.length - at - 4);
    if (!w->input.failed)
      memcpy(w->input.bytes + at, &length, sizeof length);
  }
  w->items = KERNEL_PODS;
  return !w->input.failed;
}

bool sk_bench_json_texts(struct work *w)
{
  return label_texts(w, true);
}

static bool make_operator_texts(struct work *w)
{
  return label_texts(w, false);
}

/* The next PLAIN text behind *at. */
static const uint8_t *next_text(const uint8_t **at, uint32_t *length)
{
  const uint8_t *text = *at + 4;
  memcpy(length, *at, sizeof *length);
  *at = text + *length;
  return text;
}

static bool make_interned(struct work *w)
{
  return sk_bench_json_texts(w) && sk_intern_init(&w->table, NULL);
}

static bool run_intern_predicted(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  uint32_t last = 0, length;
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    last = sk_intern_next(&w->table, last, text, length);
    w->sum += last;
  }
  return last != SK_NO_ID;
}

static bool run_intern_hashed(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  uint32_t id = 0, length;
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    id = sk_intern_add(&w->table, text, length);
    w->sum += id;
  }
  return id != SK_NO_ID;
}

static bool run_hash(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  uint32_t length;
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    w->sum += sk_hash_bytes(text, length);
  }
  return true;
}

static bool run_sha1(struct work *w)
{
  static struct sk_sha1 before;
  const uint8_t *at = w->input.bytes;
  uint8_t message[512 + SK_SHA1_PAD], digest[20];
  uint32_t length;
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    memcpy(message, text, length);
    sk_sha1(&before, message, length, digest);
    w->sum += digest[0];
  }
  return true;
}

static bool run_quote(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  uint32_t length;
  sk_buffer_clear(&w->other);
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    sk_json_quote(&w->other, (const char *)text, length);
  }
  return !w->other.failed;
}

static bool run_labels(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  uint32_t length, count = 0, skipped;
  struct sk_label *labels;
  for (uint64_t i = 0; i < w->items; i++) {
    const uint8_t *text = next_text(&at, &length);
    if (i % BLOCK == 0)
      sk_arena_reset(&w->arena);
    if (!sk_labels_parse((const char *)text, length, &w->arena, &labels, &count, &skipped))
      return false;
    w->sum += count;
  }
  return count == 8;
}

static const uint32_t all_slots[CSV_COLUMNS] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                                10, 11, 12, 13, 14, 15, 16, 17, 18, 19};

static void add_number(struct work *w, struct sk_buffer *out, double scale)
{
  char text[SK_NUMBER_TEXT];
  sk_buffer_add(out, text, sk_number_format(sk_bench_noise(w) * scale, text));
}

static bool make_csv(struct work *w)
{
  for (uint32_t row = 0; row < CSV_ROWS; row++) {
    sk_buffer_text(&w->input,
                   "2025-10-01 00:00:00 +0000 UTC,2025-11-01 00:00:00 +0000 UTC,2025-10-01 "
                   "05:00:00 +0000 UTC,2025-10-01 05:59:59 +0000 UTC,");
    sk_buffer_printf(&w->input, "worker-%04u,shop-prod,cart-%08x-%05u,", row / 104,
                     row * 2654435761u, row);
    add_number(w, &w->input, 3600.0);
    sk_buffer_text(&w->input, ",360,1440,");
    add_number(w, &w->input, 1e13);
    sk_buffer_printf(&w->input,
                     ",3865470566400,15461882265600,8,28800,34359738368,123695058124800,worker,"
                     "i-%017x,",
                     row / 104);
    sk_bench_add_labels(w, row, false);
    sk_buffer_byte(&w->input, '\n');
  }
  w->items = CSV_ROWS;
  return sk_buffer_reserve(&w->input, SK_CSV_PADDING) &&
         sk_buffer_reserve(&w->other, (w->input.length + 1) * sizeof(uint32_t)) &&
         sk_csv_split_init(&w->split, CSV_COLUMNS, all_slots, CSV_COLUMNS, NULL);
}

static bool run_csv_marks(struct work *w)
{
  size_t found = 0;
  struct sk_csv_marks marks = {.places = (uint32_t *)(void *)w->other.bytes};
  marks.ends = marks.places + 16384 + SK_CSV_MARKS_SLACK;
  for (size_t at = 0; at < w->input.length;) {
    const size_t to = w->input.length - at < 16384 ? w->input.length : at + 16384;
    sk_csv_find_marks(w->input.bytes, at, to, &marks);
    found += marks.place_count;
    at = to;
  }
  w->sum += found;
  return found == (size_t)CSV_ROWS * CSV_COLUMNS;
}

static bool run_csv_split(struct work *w)
{
  uint64_t rows = 0;
  sk_csv_split_begin(&w->split, w->input.bytes, w->input.length, false);
  for (uint32_t got; (got = sk_csv_split_next(&w->split)) != 0;)
    rows += got;
  w->sum += rows;
  return rows == CSV_ROWS;
}

/* Numbers as the reports have them: most with 16 or 17 digits, in texts of 32 bytes. */
static bool make_number_texts(struct work *w)
{
  if (!sk_buffer_reserve(&w->other, (size_t)KERNEL_NUMBERS * SK_NUMBER_TEXT))
    return false;
  for (uint32_t i = 0; i < KERNEL_NUMBERS; i++) {
    const size_t before = w->input.length;
    sk_buffer_byte(&w->input, 0);
    add_number(w, &w->input, i % 2 ? 3600.0 : 1e13);
    if (w->input.failed)
      return false;
    w->input.bytes[before] = (uint8_t)(w->input.length - before - 1);
  }
  w->items = KERNEL_NUMBERS;
  return true;
}

static bool run_number_parse(struct work *w)
{
  const uint8_t *at = w->input.bytes;
  double sum = 0.0, value;
  for (uint64_t i = 0; i < w->items; i++) {
    if (!sk_number_parse((const char *)at + 1, *at, &value))
      return false;
    sum += value;
    at += *at + 1;
  }
  w->sum += sum > 0.0;
  return true;
}

bool sk_bench_doubles(struct work *w)
{
  for (uint32_t i = 0; i < KERNEL_NUMBERS; i++) {
    const double value = sk_bench_noise(w) * (i % 2 ? 3600.0 : 1e13);
    sk_buffer_add(&w->input, &value, sizeof value);
  }
  w->items = KERNEL_NUMBERS;
  return !w->input.failed;
}

static bool run_number_format(struct work *w)
{
  const double *values = (const double *)(const void *)w->input.bytes;
  char text[SK_NUMBER_TEXT];
  for (uint64_t i = 0; i < w->items; i++)
    w->sum += sk_number_format(values[i], text);
  return true;
}

const struct kernel sk_text_kernels[] = {
    {"csv: ends of cells and rows", "rows", make_csv, run_csv_marks},
    {"csv: cells of all columns", "rows", make_csv, run_csv_split},
    {"number: parse", "numbers", make_number_texts, run_number_parse},
    {"number: format", "numbers", sk_bench_doubles, run_number_format},
    {"texts: intern, predicted", "texts", make_interned, run_intern_predicted},
    {"texts: intern, hashed", "texts", make_interned, run_intern_hashed},
    {"texts: hash", "texts", sk_bench_json_texts, run_hash},
    {"texts: SHA-1", "texts", make_operator_texts, run_sha1},
    {"texts: quote", "texts", make_operator_texts, run_quote},
    {"labels: parse JSON", "texts", sk_bench_json_texts, run_labels},
    {"labels: parse operator's", "texts", make_operator_texts, run_labels},
    {NULL, NULL, NULL, NULL},
};
