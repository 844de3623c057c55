/* SPDX-License-Identifier: Apache-2.0 */
/* The small pieces that files are made of: label spellings, tar headers, gzip of pieces, slices. */
#include "testing.h"

#include "generate/gzip_write.h"
#include "generate/json_labels.h"
#include "generate/noise.h"
#include "generate/parts.h"
#include "generate/tar_write.h"

#include <zlib.h>

static const struct {
  const char *why, *text, *json;
} spellings[] = {
    {"none", "", "{}"},
    {"two", "label_app:web|label_tier:front", "{\"app\": \"web\", \"tier\": \"front\"}"},
    {"no prefix", "app:web", "{\"app\": \"web\"}"},
    {"prefix in the middle", "label_my_label_x:1", "{\"my_x\": \"1\"}"},
    {"two colons", "label_a:b:c|label_d:e", "{\"d\": \"e\"}"},
    {"no colon", "label_a|label_d:e", "{\"d\": \"e\"}"},
    {"empty value", "label_a:", "{\"a\": \"\"}"},
    {"the last of two counts", "label_a:1|label_b:2|a:3", "{\"a\": \"3\", \"b\": \"2\"}"},
    {"quotes and backslash", "label_a:\"x\\", "{\"a\": \"\\\"x\\\\\"}"},
    {"not ASCII", "label_app:在庫", "{\"app\": \"在庫\"}"},
    {"bar at the end", "label_a:1|", "{\"a\": \"1\"}"},
};

static void spells_labels(void **state)
{
  (void)state;
  struct sk_buffer out;
  sk_buffer_init(&out, NULL, 4096);
  for (size_t i = 0; i < SK_COUNT(spellings); i++) {
    sk_json_labels((struct sk_span){spellings[i].text, strlen(spellings[i].text)}, &out);
    if (out.length != strlen(spellings[i].json) ||
        memcmp(out.bytes, spellings[i].json, out.length) != 0)
      fail_msg("%s: %.*s", spellings[i].why, (int)out.length, (const char *)out.bytes);
  }
  sk_buffer_reset(&out);
}

static void tar_headers_are_ustar(void **state)
{
  (void)state;
  struct sk_buffer out;
  unsigned sum = 0, written;
  sk_buffer_init(&out, NULL, 65536);
  sk_tar_header(&out, "manifest.json", 1000, 1759276800);
  assert_int_equal(out.length, 512);
  assert_string_equal((const char *)out.bytes, "manifest.json");
  assert_string_equal((const char *)out.bytes + 124, "00000001750");
  assert_memory_equal(out.bytes + 257, "ustar\00000", 8);
  for (size_t i = 0; i < 512; i++)
    sum += i >= 148 && i < 156 ? ' ' : out.bytes[i];
  assert_int_equal(sscanf((const char *)out.bytes + 148, "%o", &written), 1);
  assert_int_equal(sum, written);
  sk_tar_pad(&out, 1000);
  assert_int_equal(out.length, 512 + 24);
  sk_tar_pad(&out, 1024);
  assert_int_equal(out.length, 512 + 24);
  sk_buffer_clear(&out);
  sk_tar_header(&out, "large", UINT64_C(1) << 34, 0);
  assert_int_equal(out.bytes[124], 0x80);
  assert_int_equal(out.bytes[131], 4);
  sk_buffer_reset(&out);
}

/* Pieces compressed apart are one member that any reader takes. */
static void pieces_make_one_member(void **state)
{
  (void)state;
  uint64_t random = 7;
  for (int round = 0; round < 40; round++) {
    struct sk_buffer raw, packed;
    struct sk_deflater *deflater = NULL;
    uint32_t crc = 0;
    sk_buffer_init(&raw, NULL, SIZE_MAX);
    sk_buffer_init(&packed, NULL, SIZE_MAX);
    assert_int_equal(sk_deflater_new(NULL, &deflater, NULL), SHUKEI_OK);
    sk_gzip_head(&packed);
    const size_t pieces = 1 + random_below(&random, 5);
    for (size_t i = 0; i < pieces; i++) {
      const size_t before = raw.length, length = random_below(&random, 100000);
      for (size_t j = 0; j < length; j++)
        sk_buffer_byte(&raw, (uint8_t)(round % 2 ? next_random(&random) : j % 7));
      const uint32_t own = sk_gzip_crc(raw.bytes + before, raw.length - before);
      crc = sk_gzip_crc_join(crc, own, raw.length - before);
      assert_true(sk_deflate_piece(deflater, raw.bytes + before, raw.length - before,
                                   i + 1 == pieces, &packed));
    }
    sk_gzip_tail(&packed, crc, raw.length);
    assert_int_equal(crc, sk_gzip_crc(raw.bytes, raw.length));
    uint8_t *const back = malloc(raw.length + 1);
    z_stream stream = {.next_in = packed.bytes,
                       .avail_in = (uInt)packed.length,
                       .next_out = back,
                       .avail_out = (uInt)raw.length + 1};
    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, raw.length);
    assert_int_equal(stream.avail_in, 0);
    if (raw.length)
      assert_memory_equal(back, raw.bytes, raw.length);
    inflateEnd(&stream);
    free(back);
    sk_deflater_free(deflater);
    sk_buffer_reset(&raw);
    sk_buffer_reset(&packed);
  }
}

/* Every row of every hour is in exactly one slice, no slice crosses midnight or grows too large. */
static void slices_cover_everything(void **state)
{
  (void)state;
  static const uint64_t slots[] = {1, 7, 30, 4095, 4096, 4097, 10000};
  for (size_t i = 0; i < SK_COUNT(slots); i++) {
    for (uint32_t first = 0; first < 30; first += 7) {
      struct sk_model model = {.pod_slots = slots[i], .hour_count = 100};
      struct sk_slicer slicer;
      struct sk_slice slice;
      uint64_t rows = 0;
      uint32_t hour = first;
      sk_slicer_init(&slicer, &model, SK_REPORT_POD, first, 100);
      while (sk_slicer_next(&slicer, &slice)) {
        const uint64_t part =
            (slice.end_hour - slice.first_hour) * (slice.end_slot - slice.first_slot);
        assert_true(part > 0 && part <= SK_SLICE_ROWS);
        assert_int_equal(slice.first_hour / 24, (slice.end_hour - 1) / 24);
        assert_int_equal(slice.first_hour, hour);
        if (slice.end_slot == slots[i])
          hour = slice.end_hour;
        rows += part;
      }
      assert_int_equal(rows, (100 - first) * slots[i]);
    }
  }
}

static void files_of_a_range(void **state)
{
  (void)state;
  struct sk_model model = {
      .first_day = 20362 + 29, .hour_count = 60, .pod_slots = 3, .node_count = 1};
  struct sk_plan_settings settings = {.org = "o", .source = "s", .seed = 1};
  struct sk_plan_files files;
  model.space_count = 1;
  assert_int_equal(sk_files_plan(&model, &settings, NULL, &files, NULL), SHUKEI_OK);
  assert_int_equal(files.part_count, 6); /* October and November; no volumes */
  assert_string_equal(files.parts[0].name, "cm-openshift-pod-usage-202510.csv");
  assert_int_equal(files.parts[0].end_hour, 48);
  assert_string_equal(files.parts[5].name, "cm-openshift-namespace-usage-202511.csv");
  sk_files_reset(&files);
  settings.daily = true;
  settings.form = SK_FORM_CSV_GZ;
  assert_int_equal(sk_files_plan(&model, &settings, NULL, &files, NULL), SHUKEI_OK);
  assert_int_equal(files.part_count, 9);
  assert_string_equal(files.parts[8].name, "cm-openshift-namespace-usage-20251101.csv.gz");
  assert_int_equal(files.parts[8].end_hour, 60);
  sk_files_reset(&files);
  settings.form = SK_FORM_CSV;
  settings.payload = true;
  assert_int_equal(sk_files_plan(&model, &settings, NULL, &files, NULL), SHUKEI_OK);
  assert_int_equal(files.archive_count, 3);
  assert_string_equal(files.archives[2].name, "20251101T120000-cost-mgmt.tar.gz");
  assert_string_not_equal(files.archives[0].uuid, files.archives[1].uuid);
  assert_int_equal(files.archives[0].uuid[14], '4');
  sk_files_reset(&files);
  settings.payload = false;
  settings.form = SK_FORM_PARQUET;
  settings.layout = SHUKEI_LAYOUT_KOKU;
  assert_int_equal(sk_files_plan(&model, &settings, NULL, &files, NULL), SHUKEI_OK);
  assert_string_equal(files.parts[0].name,
                      "data/parquet/o/OCP/pod_usage/source=s/year=2025/month=10/"
                      "pod_usage.2025-10-30.1.0_0.parquet");
  sk_files_reset(&files);
}

/* The numbers behind everything: a change of them changes every dataset ever made. */
static void noise_is_what_it_was(void **state)
{
  (void)state;
  uint64_t sum = 0, low = UINT64_MAX;
  assert_true(sk_mix(0) == 0);
  assert_true(sk_mix(1) == UINT64_C(0x5692161d100b05e5));
  for (uint64_t i = 0; i < 100000; i++) {
    const uint64_t noise = sk_noise(1, 8, i);
    assert_true(sk_unit(noise) >= 0 && sk_unit(noise) < 1);
    assert_true(sk_below(noise, 24) < 24);
    sum += sk_below(noise, 1000);
    low = sk_unit(noise) * 1e6 < (double)low ? (uint64_t)(sk_unit(noise) * 1e6) : low;
  }
  assert_in_range(sum / 100000, 497, 502);
  assert_true(low < 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spells_labels),          cmocka_unit_test(tar_headers_are_ustar),
      cmocka_unit_test(pieces_make_one_member), cmocka_unit_test(slices_cover_everything),
      cmocka_unit_test(files_of_a_range),       cmocka_unit_test(noise_is_what_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
