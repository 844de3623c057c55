/* SPDX-License-Identifier: Apache-2.0 */
/* CSV sources: cells, numbers, bad rows, blocks of every size, compression, truncation. */
#include "source_testing.h"

#include "input/csv_scan.h"

#include <zlib.h>
#include <zstd.h>

#define HEAD "interval_start,node,node_labels\n"
#define T0 "2025-10-01 00:00:00 +0000 UTC"
#define US0 "1759276800000000"

static struct reading reading;

static int set_up(void **state)
{
  reading_init(&reading, SK_REPORT_NODE_LABELS);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  reading_free(&reading);
  return leave_scratch(state);
}

static const struct {
  const char *why, *text, *rows; /* rows, or what the error says */
  shukei_status want;
} texts[] = {
    {"plain", HEAD T0 ",n1,a:b\n", US0 "\t\"n1\"\t\"a:b\"\n", SHUKEI_OK},
    {"header only", HEAD, "", SHUKEI_OK},
    {"empty cells", HEAD T0 ",,\n", US0 "\t\"\"\t\"\"\n", SHUKEI_OK},
    {"byte order mark", "\xEF\xBB\xBF" HEAD T0 ",n1,\n", US0 "\t\"n1\"\t\"\"\n", SHUKEI_OK},
    {"columns in another order, capitals, blanks",
     " Node_Labels ,X,NODE,Interval_Start\na:b,,n1," T0 "\n", US0 "\t\"n1\"\t\"a:b\"\n", SHUKEI_OK},
    {"quoted header", "\"interval_start\",\"node\",\"node_\"\"labels\",node_labels\n" T0 ",n,,l\n",
     US0 "\t\"n\"\t\"l\"\n", SHUKEI_OK},
    {"CRLF", "interval_start,node,node_labels\r\n" T0 ",n1,l\r\n" T0 ",n2,\r\n",
     US0 "\t\"n1\"\t\"l\"\n" US0 "\t\"n2\"\t\"\"\n", SHUKEI_OK},
    {"CR alone", "interval_start,node,node_labels\r" T0 ",n1,l\r", US0 "\t\"n1\"\t\"l\"\n",
     SHUKEI_OK},
    {"blank lines", HEAD "\n" T0 ",n1,l\n\r\n\n" T0 ",n2,l\n\n",
     US0 "\t\"n1\"\t\"l\"\n" US0 "\t\"n2\"\t\"l\"\n", SHUKEI_OK},
    {"quotes", HEAD T0 ",\"n,1\",\"{\"\"a\"\": \"\"b\"\"}\"\n",
     US0 "\t\"n,1\"\t\"{\\\"a\\\": \\\"b\\\"}\"\n", SHUKEI_OK},
    {"line ends in quotes", HEAD T0 ",\"a\nb\",\"\r\n\"\n" T0 ",c,d\n",
     US0 "\t\"a\\nb\"\t\"\\r\\n\"\n" US0 "\t\"c\"\t\"d\"\n", SHUKEI_OK},
    {"quotes in a cell are ordinary", HEAD T0 ",a\"b\",\"c\"\"\"x\"y\n",
     US0 "\t\"a\\\"b\\\"\"\t\"c\\\"x\\\"y\"\n", SHUKEI_OK},
    {"empty quotes", HEAD T0 ",\"\",\"\"\n", US0 "\t\"\"\t\"\"\n", SHUKEI_OK},
    {"time in quotes", HEAD "\"" T0 "\",n,l\n", US0 "\t\"n\"\t\"l\"\n", SHUKEI_OK},
    {"empty file", "", "is empty, expected a header", SHUKEI_EFORMAT},
    {"mark only", "\xEF\xBB\xBF", "is empty", SHUKEI_EFORMAT},
    {"UTF-16", "\xFF\xFEi", "UTF-16", SHUKEI_EUNSUPPORTED},
    {"no end of the header", "interval_start,node,node_labels", "ends within its header",
     SHUKEI_ETRUNC},
    {"a column twice", "interval_start,node,NODE,node_labels\n", "column \"node\" is there twice",
     SHUKEI_EFORMAT},
    {"a column twice that nobody reads", "interval_start,x,node,X,node_labels\n" T0 ",1,n,2,l\n",
     US0 "\t\"n\"\t\"l\"\n", SHUKEI_OK},
    {"columns lack", "node_labels,x\n", "node_labels report lacks interval_start, node",
     SHUKEI_EFORMAT},
    {"a name that is no UTF-8", HEAD "\xFF", "row 2: 1 cells, expected 3", SHUKEI_EFORMAT},
    {"bad header name", "interval_start,\xFF\n", "column 2: its name", SHUKEI_EFORMAT},
    {"too few cells", HEAD T0 ",n1,l\n" T0 ",n1\n", "x.csv: row 3: 2 cells, expected 3",
     SHUKEI_EFORMAT},
    {"too many cells", HEAD T0 ",n1,l,\n", "row 2: 4 cells, expected 3", SHUKEI_EFORMAT},
    {"blank lines count in row numbers", HEAD "\n\n" T0 "\n", "row 4: 1 cells", SHUKEI_EFORMAT},
    {"bad time", HEAD "yesterday,n,l\n", "row 2: column interval_start: \"yesterday\" is no time",
     SHUKEI_EFORMAT},
    {"no time", HEAD ",n,l\n", "row 2: column interval_start: \"\" is no time", SHUKEI_EFORMAT},
    {"bad UTF-8", HEAD T0 ",n\xC3,l\n", "row 2: column node: not valid UTF-8", SHUKEI_EFORMAT},
    {"no line end", HEAD T0 ",n,l", "row 2: no line end", SHUKEI_EFORMAT},
    {"quote left open", HEAD T0 ",n,\"l\n" T0 ",n,l\n", "row 2: a quote is never closed",
     SHUKEI_EFORMAT},
};

static void reads_text(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(texts); i++)
    for (size_t block = 0; block < 70; block++) {
      put_text("x.csv", texts[i].text);
      reading.block_bytes = block;
      const shukei_status st = read_source(&reading, "x.csv");
      const bool right = st ? strstr(reading.err.text, texts[i].rows) != NULL
                            : strcmp((char *)reading.rows.bytes, texts[i].rows) == 0;
      if (st != texts[i].want || !right)
        fail_msg("%s, blocks of %zu: %s %s\n%s", texts[i].why, block, shukei_status_name(st),
                 reading.err.text, (char *)reading.rows.bytes);
    }
}

#define PODS                                                                                       \
  "interval_start,pod,namespace,node,resource_id,pod_request_cpu_core_seconds,"                    \
  "pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,"      \
  "pod_limit_memory_byte_seconds,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"       \
  "node_capacity_memory_byte_seconds,node_capacity_cpu_cores,pod_usage_cpu_core_seconds\n"

static const struct {
  const char *cell, *value; /* NULL: the row is an anomaly */
  int empty, unparsable, negative;
} numbers[] = {
    {"1", "1.0", 0, 0, 0},        {"  1.5\t", "1.5", 0, 0, 0},
    {"\"2\"", "2.0", 0, 0, 0},    {"\"3\"4", "34.0", 0, 0, 0},
    {"+1e3", "1000.0", 0, 0, 0},  {".5", "0.5", 0, 0, 0},
    {"", "0.0", 1, 0, 0},         {" \t ", "0.0", 1, 0, 0},
    {"n/a", "0.0", 0, 1, 0},      {"NaN", "0.0", 0, 1, 0},
    {"1,5", "0.0", 0, 1, 0}, /* in quotes */
    {"0x10", "0.0", 0, 1, 0},     {"1_000", "0.0", 0, 1, 0},
    {"-1", "-1.0", 0, 0, 1},      {"-0", "-0.0", 0, 0, 0},
    {"1e18", "1e+18", 0, 0, 0},   {"1000000000000000128", NULL, 0, 0, 0},
    {"1e19", NULL, 0, 0, 0},      {"inf", NULL, 0, 0, 0},
    {"-Infinity", NULL, 0, 0, 1}, {"-1e19", "-1e+19", 0, 0, 1},
    {"1e999", NULL, 0, 0, 0},
};

static void reads_numbers(void **state)
{
  (void)state;
  char text[4096], want[128];
  reading.report = SK_REPORT_POD;
  reading.options.wanted = SK_FIELD_BIT(SK_F_POD_USAGE_CPU);
  for (size_t i = 0; i < SK_COUNT(numbers); i++) {
    const bool comma = strchr(numbers[i].cell, ',') != NULL;
    snprintf(text, sizeof text, PODS T0 ",p,ns,n,r,1,1,1,1,1,1,1,1,1,%s%s%s\n", comma ? "\"" : "",
             numbers[i].cell, comma ? "\"" : "");
    put_text("x.csv", text);
    assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
    snprintf(want, sizeof want, US0 "\t%s\n", numbers[i].value ? numbers[i].value : "");
    const struct sk_counts *counts = &reading.counts;
    const bool first =
        counts->first_unparsable.row == 2 && counts->first_unparsable.field == SK_F_POD_USAGE_CPU;
    if (strcmp((char *)reading.rows.bytes, numbers[i].value ? want : "") != 0 ||
        counts->cells_empty != (uint64_t)numbers[i].empty ||
        counts->cells_unparsable != (uint64_t)numbers[i].unparsable ||
        counts->values_negative != (uint64_t)numbers[i].negative ||
        counts->anomalies_dropped != !numbers[i].value || first != (numbers[i].unparsable > 0))
      fail_msg("\"%s\": %s", numbers[i].cell, (char *)reading.rows.bytes);
  }
}

/* Columns that say the same for many rows are not parsed again. Runs of every kind of cell, long
 * enough for that and short enough to be broken in the midst of a group. */
static void reads_repeated_numbers(void **state)
{
  (void)state;
  uint64_t seed = 11;
  struct sk_buffer csv, want;
  uint64_t empty = 0, unparsable = 0, negative = 0;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_init(&want, NULL, SIZE_MAX / 2);
  sk_buffer_text(&csv, PODS);
  for (int run = 0; run < 200; run++) {
    const size_t which = random_below(&seed, SK_COUNT(numbers));
    for (size_t n = 1 + random_below(&seed, run % 2 ? 300 : 8); n > 0; n--) {
      const bool other = random_below(&seed, 20) == 0; /* one row that breaks the run */
      const size_t now = other ? random_below(&seed, SK_COUNT(numbers)) : which;
      const char *cell = numbers[now].cell, *quote = strchr(cell, ',') ? "\"" : "";
      sk_buffer_printf(&csv, T0 ",p,ns,n,r,1,1,1,1,1,1,1,1,1,%s%s%s\n", quote, cell, quote);
      if (numbers[now].value)
        sk_buffer_printf(&want, US0 "\t%s\n", numbers[now].value);
      empty += (uint64_t)numbers[now].empty;
      unparsable += (uint64_t)numbers[now].unparsable;
      negative += (uint64_t)numbers[now].negative;
    }
  }
  sk_buffer_byte(&want, '\0');
  put_file("x.csv", csv.bytes, csv.length);
  reading.report = SK_REPORT_POD;
  reading.options.wanted = SK_FIELD_BIT(SK_F_POD_USAGE_CPU);
  assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
  assert_string_equal((char *)reading.rows.bytes, (char *)want.bytes);
  assert_int_equal(reading.counts.cells_empty, empty);
  assert_int_equal(reading.counts.cells_unparsable, unparsable);
  assert_int_equal(reading.counts.values_negative, negative);
  sk_buffer_reset(&csv);
  sk_buffer_reset(&want);
}

/* Records that are longer than what the scanner looks at in one go, among short ones. */
static void reads_long_records(void **state)
{
  (void)state;
  static const char *const insides[] = {"x", ",", "\n", "\r\n", "\"\"", "ab,\"\"\n"};
  struct sk_buffer csv, want, cell;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_init(&want, NULL, SIZE_MAX / 2);
  sk_buffer_init(&cell, NULL, SIZE_MAX / 2);
  for (size_t i = 0; i < SK_COUNT(insides); i++) {
    sk_buffer_clear(&csv);
    sk_buffer_clear(&want);
    sk_buffer_clear(&cell);
    sk_buffer_text(&csv, HEAD T0 ",n1,l\n" T0 ",\"");
    while (cell.length < 40000)
      sk_buffer_text(&cell, insides[i]);
    sk_buffer_add(&csv, cell.bytes, cell.length);
    sk_buffer_text(&csv, "\",\"l\"\n" T0 ",n3,l\n");
    sk_buffer_text(&want, US0 "\t\"n1\"\t\"l\"\n" US0 "\t");
    size_t length = 0; /* of the cell without its doubled quotes */
    for (size_t k = 0; k < cell.length; k++, length++) {
      cell.bytes[length] = cell.bytes[k];
      k += cell.bytes[k] == '"';
    }
    sk_json_quote(&want, (char *)cell.bytes, length);
    sk_buffer_text(&want, "\t\"l\"\n" US0 "\t\"n3\"\t\"l\"\n");
    sk_buffer_byte(&want, '\0');
    put_file("x.csv", csv.bytes, csv.length);
    for (size_t block = 0; block < 50000; block += 9999) {
      reading.block_bytes = block;
      assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
      assert_string_equal((char *)reading.rows.bytes, (char *)want.bytes);
    }
  }
  sk_buffer_reset(&csv);
  sk_buffer_reset(&want);
  sk_buffer_reset(&cell);
}

/* Infinite cores are kept; an anomaly in a column that nobody wants still drops the row. */
static void knows_which_columns_can_be_anomalous(void **state)
{
  (void)state;
  reading.report = SK_REPORT_POD;
  reading.options.wanted = SK_FIELD_BIT(SK_F_NODE_CAPACITY_CORES) | SK_FIELD_BIT(SK_F_POD);
  put_text("x.csv",
           PODS T0 ",p1,ns,n,r,1,1,1,1,1,1,1,1,inf,1\n" T0 ",p2,ns,n,r,1,1,1,1,1,1,1e19,1,1,1\n" T0
                   ",p3,ns,n,r,1,1,1,1,1,1,1,1,2e18,1\n");
  assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
  assert_string_equal((char *)reading.rows.bytes, US0 "\t\"p1\"\tinf\n" US0 "\t\"p3\"\t2e+18\n");
  assert_int_equal(reading.counts.anomalies_dropped, 1);
  assert_int_equal(reading.counts.first_anomaly.row, 3);
  assert_int_equal(reading.counts.first_anomaly.field, SK_F_NODE_CAPACITY_BYTES);
}

static void leaves_bad_rows_out(void **state)
{
  (void)state;
  static const char text[] = HEAD T0 ",n1,l\nx,n2,l\n" T0 ",n3\n" T0 ",\xFF,l\n" T0 ",n5,l\n" T0
                                     ",n6,\xC0\xAF\n" T0 ",n7,l";
  static const char kept[] = "3: column interval_start: \"x\" is no time [x,n2,l]\n"
                             "4: 2 cells, expected 3 [" T0 ",n3]\n"
                             "5: column node: not valid UTF-8 [" T0 ",\xFF,l]\n"
                             "7: column node_labels: not valid UTF-8 [" T0 ",n6,\xC0\xAF]\n"
                             "8: no line end: the file may be cut off [" T0 ",n7,l]\n";
  put_text("x.csv", text);
  for (size_t block = 0; block < 40; block++)
    for (int keep = 0; keep < 2; keep++) {
      reading.block_bytes = block;
      reading.options.bad_rows = keep ? SHUKEI_BAD_ROWS_KEEP : SHUKEI_BAD_ROWS_SKIP;
      assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
      assert_string_equal((char *)reading.rows.bytes,
                          US0 "\t\"n1\"\t\"l\"\n" US0 "\t\"n5\"\t\"l\"\n");
      assert_string_equal((char *)reading.kept.bytes, keep ? kept : "");
      assert_int_equal(reading.counts.rows_read, 7);
      assert_int_equal(reading.counts.rows_bad, 5);
      assert_int_equal(reading.counts.first_bad.row, 3);
    }
}

static void filters_days(void **state)
{
  (void)state;
  put_text("x.csv", HEAD "2025-09-30T23:59:59Z,a,\n2025-10-01T01:00:00+02:00,b,\n" T0
                         ",c,\n2025-10-01T23:59:59Z,d,\n2025-10-02T00:00:00Z,\xFF,\n");
  reading.options.start_day = reading.options.end_day = 20362;
  reading.options.wanted = SK_FIELD_BIT(SK_F_NODE);
  assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_OK);
  assert_string_equal((char *)reading.rows.bytes, US0 "\t\"c\"\n1759363199000000\t\"d\"\n");
  assert_int_equal(reading.counts.rows_read, 5);
  assert_int_equal(reading.counts.rows_filtered, 3);
}

/* ---- random files ---------------------------------------------------------------------------- */

static void put_cell(struct sk_buffer *csv, const char *text, size_t length, uint64_t *seed)
{
  bool quote = random_below(seed, 3) == 0 || (length && text[0] == '"');
  for (size_t i = 0; i < length; i++)
    quote |= text[i] == ',' || text[i] == '\n' || text[i] == '\r';
  if (!quote) {
    sk_buffer_add(csv, text, length);
    return;
  }
  sk_buffer_byte(csv, '"');
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"')
      sk_buffer_byte(csv, '"');
    sk_buffer_byte(csv, (uint8_t)text[i]);
  }
  sk_buffer_byte(csv, '"');
}

/* Rows of random cells, as CSV and as they should be read. */
static void make_random(struct sk_buffer *csv, struct sk_buffer *want, uint64_t *seed, size_t rows)
{
  static const char *const pieces[] = {
      "a", "\"", ",", "\n", "\r", "\r\n", "\xC3\xA9",
      " ", "bc", "|", ":",  "",   "\"\"", "0123456789abcdef0123456789"};
  static const char *const ends[] = {"\n", "\r\n", "\r"};
  char cell[1024];
  sk_buffer_text(csv, HEAD);
  for (size_t r = 0; r < rows; r++) {
    const char *end = ends[random_below(seed, 3)];
    const int hour = (int)random_below(seed, 24);
    sk_buffer_printf(csv, "2025-10-01 %02d:00:00 +0000 UTC", hour);
    sk_buffer_printf(want, "%" PRId64, INT64_C(1759276800000000) + hour * INT64_C(3600000000));
    for (int c = 0; c < 2; c++) {
      size_t length = 0;
      cell[0] = '\0';
      for (size_t n = random_below(seed, 6); n > 0; n--) {
        const char *piece = pieces[random_below(seed, SK_COUNT(pieces))];
        memcpy(cell + length, piece, strlen(piece) + 1);
        length += strlen(piece);
      }
      sk_buffer_byte(csv, ',');
      put_cell(csv, cell, length, seed);
      sk_buffer_byte(want, '\t');
      sk_json_quote(want, cell, length);
    }
    sk_buffer_text(csv, end);
    sk_buffer_byte(want, '\n');
    /* A line end that a \r before it would join must not be added. */
    if (random_below(seed, 10) == 0 && strcmp(end, "\r") != 0)
      sk_buffer_text(csv, "\n");
  }
  sk_buffer_byte(want, '\0');
}

static void cuts_random_files_anywhere(void **state)
{
  (void)state;
  uint64_t seed = 3000;
  struct sk_buffer csv, want;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_init(&want, NULL, SIZE_MAX / 2);
  for (int i = 0; i < 60; i++) {
    sk_buffer_clear(&csv);
    sk_buffer_clear(&want);
    make_random(&csv, &want, &seed, i % 20 == 0 ? 3000 : random_below(&seed, 20));
    put_file("x.csv", csv.bytes, csv.length);
    for (int b = 0; b < 12; b++) {
      reading.block_bytes = b ? 1 + random_below(&seed, i % 20 == 0 ? 5000 : 120) : 0;
      reading.forget = (unsigned)b % 4;
      if (read_source(&reading, "x.csv"))
        fail_msg("file %d, blocks of %zu: %s", i, reading.block_bytes, reading.err.text);
      assert_string_equal((char *)reading.rows.bytes, (char *)want.bytes);
    }
  }
  sk_buffer_reset(&csv);
  sk_buffer_reset(&want);
}

/* ---- the scanner ----------------------------------------------------------------------------- */

#define SCANNED 400

/* What the kernels should find, byte by byte: places, and ends as places, up to the first stretch
 * of 64 bytes, counted from `from`, with an odd quote. */
struct obvious {
  uint32_t places[SCANNED], ends[SCANNED];
  size_t place_count, end_count, last_break;
  bool odd;
};

static void scan_obviously(const uint8_t *bytes, size_t from, size_t to, struct obvious *out)
{
  bool inside = false, closed = false; /* closed: the byte before ended a quoted part */
  bool starts = true;
  size_t places = 0, ends = 0, last_break = 0;
  memset(out, 0, sizeof *out);
  for (size_t at = from; at < to; at++) {
    const uint8_t c = bytes[at];
    const bool ends_record = c == '\n' || c == '\r';
    if (inside) {
      inside = c != '"';
      closed = !inside;
      starts = closed;
    } else if (c == '"' && starts) {
      inside = true;
      closed = false;
    } else if (c == '"' || (closed && c != ',' && !ends_record)) {
      out->odd = true;
      return; /* what was found before this stretch has been kept */
    } else {
      starts = c == ',' || ends_record;
      closed = false;
      if (c == '\n' && at > from && bytes[at - 1] == '\r' && last_break == at)
        last_break = at + 1;
      else if (starts) {
        if (ends_record) {
          last_break = at + 1;
          out->ends[ends++] = (uint32_t)places;
        }
        out->places[places++] = (uint32_t)at;
      }
    }
    if ((at - from) % 64 == 63 || at + 1 == to) {
      out->place_count = places;
      out->end_count = ends;
      out->last_break = last_break;
    }
  }
}

/* Half of the texts keep to the plain form, so that the masks come to more than one stretch. */
static void make_scanned(uint8_t *bytes, size_t length, uint64_t *seed)
{
  static const char alphabet[] = ",\"\n\rab\x8C\xAC\x00\x0B\x0C\x2D!#";
  const bool plain = random_below(seed, 2), rare = random_below(seed, 2);
  for (size_t k = 0; k < length; k++)
    bytes[k] = rare && random_below(seed, 4)
                   ? 'x'
                   : (uint8_t)alphabet[random_below(seed, sizeof alphabet - 1)];
  for (size_t k = 0, inside = 0; plain && k < length; k++) {
    if (bytes[k] != '"')
      continue;
    const bool may = inside || k == 0 || memchr(",\n\r\"", bytes[k - 1], 4);
    if (!may) {
      bytes[k] = 'y';
      continue;
    }
    if (inside && k + 1 < length && !memchr(",\n\r\"", bytes[k + 1], 4))
      bytes[k + 1] = ',';
    inside = !inside;
  }
}

static void kernels_find_the_same(void **state)
{
  (void)state;
  uint64_t seed = 7;
  uint8_t *bytes = malloc(SCANNED + SK_CSV_PADDING);
  uint32_t places[SCANNED + SK_CSV_MARKS_SLACK], ends[SCANNED + SK_CSV_MARKS_SLACK];
  static struct obvious want;
  size_t odd = 0, kernels = 0;
  for (int isa = 0; isa < SK_ISA_COUNT; isa++)
    kernels += sk_csv_kernels((enum sk_isa)isa) != NULL;
  assert_true(kernels >= 1 && bytes);
  for (int i = 0; i < 20000; i++) {
    const size_t from = random_below(&seed, 70), most = i % 2 ? 20 : 300;
    const size_t to = from + random_below(&seed, most);
    make_scanned(bytes, to + 8, &seed);
    for (int isa = 0; isa < SK_ISA_COUNT; isa++) {
      const struct sk_csv_kernels *kernel = sk_csv_kernels((enum sk_isa)isa);
      struct sk_csv_marks marks = {.places = places, .ends = ends};
      uint64_t lines = 0;
      size_t end = 0;
      if (!kernel)
        continue;
      scan_obviously(bytes, from, to, &want);
      kernel->find_marks(bytes, from, to, &marks);
      if (marks.place_count != want.place_count || marks.end_count != want.end_count ||
          memcmp(places, want.places, want.place_count * sizeof *places) != 0 ||
          memcmp(ends, want.ends, want.end_count * sizeof *ends) != 0)
        fail_msg("text %d, instructions %d: %zu marks, %zu ends, want %zu, %zu", i, isa,
                 marks.place_count, marks.end_count, want.place_count, want.end_count);
      scan_obviously(bytes, 0, to, &want);
      assert_int_equal(kernel->count_lines(bytes, to, &lines, &end), !want.odd);
      assert_int_equal(lines, want.end_count);
      assert_int_equal(end, want.last_break);
      odd += want.odd;
    }
  }
  assert_true(odd > 1000 * kernels && odd < 15000 * kernels); /* both ways have been gone */
  free(bytes);
}

/* ---- compression ----------------------------------------------------------------------------- */

/* Appends one gzip member, or one zstd frame. */
static void compress_to(struct sk_buffer *out, bool gzip, const void *bytes, size_t length)
{
  assert_true(sk_buffer_reserve(out, length + length / 8 + 1024));
  if (!gzip) {
    const size_t size =
        ZSTD_compress(out->bytes + out->length, out->capacity - out->length, bytes, length, 3);
    assert_false(ZSTD_isError(size));
    out->length += size;
    return;
  }
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (unsigned)length;
  z.next_out = out->bytes + out->length;
  z.avail_out = (unsigned)(out->capacity - out->length);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->length = out->capacity - z.avail_out;
  deflateEnd(&z);
}

static void reads_compressed(void **state)
{
  (void)state;
  uint64_t seed = 5;
  struct sk_buffer csv, want, packed;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_init(&want, NULL, SIZE_MAX / 2);
  sk_buffer_init(&packed, NULL, SIZE_MAX / 2);
  make_random(&csv, &want, &seed, 400);
  for (int gzip = 0; gzip < 2; gzip++) {
    reading.format = gzip ? SK_FORMAT_CSV_GZIP : SK_FORMAT_CSV_ZSTD;
    reading.block_bytes = 1000;
    for (size_t parts = 1; parts < 4; parts++) {
      sk_buffer_clear(&packed);
      for (size_t p = 0; p < parts; p++)
        compress_to(&packed, gzip, csv.bytes + csv.length * p / parts,
                    csv.length * (p + 1) / parts - csv.length * p / parts);
      put_file("x", packed.bytes, packed.length);
      if (read_source(&reading, "x"))
        fail_msg("%s", reading.err.text);
      assert_string_equal((char *)reading.rows.bytes, (char *)want.bytes);
    }
    sk_buffer_clear(&packed);
    compress_to(&packed, gzip, csv.bytes, csv.length);
    for (size_t cut = 0; cut < packed.length; cut += 1 + packed.length / 97) {
      put_file("x", packed.bytes, cut);
      assert_int_equal(read_source(&reading, "x"), SHUKEI_ETRUNC);
      assert_non_null(strstr(reading.err.text, "x: "));
    }
    for (size_t i = 0; gzip && i < packed.length; i += 1 + packed.length / 97) {
      packed.bytes[i] = (uint8_t)(packed.bytes[i] ^
                                  1u << i % 8); /* zstd frames made by default have no checksum */
      put_file("x", packed.bytes, packed.length);
      const shukei_status st = read_source(&reading, "x");
      packed.bytes[i] = (uint8_t)(packed.bytes[i] ^ 1u << i % 8);
      assert_true(st || strcmp((char *)reading.rows.bytes, (char *)want.bytes) == 0);
    }
  }
  sk_buffer_reset(&csv);
  sk_buffer_reset(&want);
  sk_buffer_reset(&packed);
}

/* A gzip member with everything that a header can have. */
static void compress_with_header(struct sk_buffer *out, const uint8_t *bytes, size_t length)
{
  static uint8_t extra[700], name[] = "a name", comment[] = "and a comment";
  gz_header header = {.extra = extra, .extra_len = sizeof extra, .name = name, .comment = comment};
  z_stream z = {0};
  header.hcrc = 1;
  assert_true(sk_buffer_reserve(out, length + length / 8 + 2048));
  assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflateSetHeader(&z, &header), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (unsigned)length;
  z.next_out = out->bytes + out->length;
  z.avail_out = (unsigned)(out->capacity - out->length);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->length = out->capacity - z.avail_out;
  deflateEnd(&z);
}

/* More text than the window holds, in members with and without headers; then what the headers and
 * trailers may not say. */
static void reads_gzip_members(void **state)
{
  (void)state;
  uint64_t seed = 6;
  struct sk_buffer csv, want, packed;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_init(&want, NULL, SIZE_MAX / 2);
  sk_buffer_init(&packed, NULL, SIZE_MAX / 2);
  make_random(&csv, &want, &seed, 30000);
  assert_true(csv.length > (size_t)1 << 20);
  const size_t cut = csv.length / 3, rest = csv.length - cut;
  compress_with_header(&packed, csv.bytes, cut);
  const size_t second = packed.length;
  compress_to(&packed, true, csv.bytes + cut, rest);
  const size_t end = packed.length;
  for (int zeros = 0; zeros < 5; zeros++)
    sk_buffer_byte(&packed, 0);
  reading.format = SK_FORMAT_CSV_GZIP;
  put_file("x", packed.bytes, packed.length);
  assert_int_equal(read_source(&reading, "x"), SHUKEI_OK);
  assert_string_equal((char *)reading.rows.bytes, (char *)want.bytes);
  const struct {
    const char *why;
    size_t at;
    uint8_t flip;
  } wrong[] = {
      {"magic", 0, 1},
      {"second magic", second + 1, 1},
      {"method", 2, 1},
      {"reserved flag", 3, 0x20},
      {"extra field, by its checksum", 20, 1},
      {"checksum of the header", 10 + 2 + 700 + 7 + 14, 1},
      {"checksum", second - 8, 1},
      {"size", second - 1, 1},
      {"last size", end - 4, 1},
      {"block", second + 10, 6},
      {"what follows", end + 2, 1},
  };
  for (size_t i = 0; i < SK_COUNT(wrong); i++) {
    packed.bytes[wrong[i].at] ^= wrong[i].flip;
    put_file("x", packed.bytes, packed.length);
    const shukei_status st = read_source(&reading, "x");
    if (st != SHUKEI_EFORMAT || !strstr(reading.err.text, "corrupt gzip data"))
      fail_msg("%s: %s %s", wrong[i].why, shukei_status_name(st), reading.err.text);
    packed.bytes[wrong[i].at] ^= wrong[i].flip;
  }
  /* A member that refers to bytes of the one before -- three from one before, in fixed codes -- and
   * has the right checksum for what that would give. */
  uint8_t member[21] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x03, 0x02, 0x00};
  const uint32_t crc = (uint32_t)crc32(0, (const Bytef *)"\n\n\n", 3);
  for (unsigned i = 0; i < 4; i++)
    member[13 + i] = (uint8_t)(crc >> 8 * i);
  member[17] = 3;
  sk_buffer_clear(&packed);
  compress_to(&packed, true, HEAD, sizeof HEAD - 1);
  sk_buffer_add(&packed, member, sizeof member);
  put_file("x", packed.bytes, packed.length);
  assert_int_equal(read_source(&reading, "x"), SHUKEI_EFORMAT);
  assert_non_null(strstr(reading.err.text, "corrupt gzip data"));
  sk_buffer_reset(&csv);
  sk_buffer_reset(&want);
  sk_buffer_reset(&packed);
}

/* A file cut at any byte is an error, unless it is cut between two rows. */
static void notices_truncation(void **state)
{
  (void)state;
  const char *whole = HEAD T0 ",n1,\"{\"\"a\"\": \"\"b\"\"}\"\n" T0 ",n2,l:x\n" T0 ",\"n\n3\",\n";
  for (size_t cut = 0; cut < strlen(whole); cut++)
    for (size_t block = 1; block < 60; block += 9) {
      put_file("x.csv", whole, cut);
      reading.block_bytes = block;
      const shukei_status st = read_source(&reading, "x.csv");
      const bool between = cut && whole[cut - 1] == '\n' && whole[cut] != '3';
      if ((st == SHUKEI_OK) != between)
        fail_msg("cut at %zu: %s", cut, shukei_status_name(st));
    }
}

static void is_shared_by_workers(void **state)
{
  (void)state;
  struct sk_counts one, many;
  struct sk_buffer csv;
  sk_buffer_init(&csv, NULL, SIZE_MAX / 2);
  sk_buffer_text(&csv, HEAD);
  for (int i = 0; i < 20000; i++)
    sk_buffer_printf(&csv, "2025-10-01 %02d:00:00,node-%d,\"a,%d\"\n", i % 24, i * 7 % 999, i);
  put_file("x.csv", csv.bytes, csv.length);
  sk_buffer_reset(&csv);
  reading.block_bytes = 5000;
  const uint64_t sum = read_shared(&reading, "x.csv", 1, &one);
  for (unsigned workers = 2; workers <= 8; workers *= 2) {
    assert_true(read_shared(&reading, "x.csv", workers, &many) == sum);
    assert_int_equal(many.rows_read, one.rows_read);
  }
}

static void bounds_records(void **state)
{
  (void)state;
  const size_t length = (size_t)40 << 20;
  char *text = malloc(length);
  assert_non_null(text);
  memset(text, 'x', length);
  memcpy(text, HEAD T0 ",\"", strlen(HEAD T0 ",\""));
  put_file("x.csv", text, length);
  free(text);
  assert_int_equal(read_source(&reading, "x.csv"), SHUKEI_EFORMAT);
  assert_non_null(strstr(reading.err.text, "row 2: longer than 16 MiB"));
  assert_true(reading.budget.peak_bytes < UINT64_C(80) << 20);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  put_text("x.csv", HEAD T0 ",\"n\"\"1\",\"{\"\"a\"\": 1}\"\n" T0 ",\xFF,l\n2025-10-02,n2,l\n");
  reading.options.bad_rows = SHUKEI_BAD_ROWS_SKIP;
  reading.block_bytes = 30;
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    sk_buffer_reserve(&reading.rows, 4096); /* not counted */
    sk_test_fail_alloc(n);
    st = read_source(&reading, "x.csv");
    sk_test_fail_alloc(-1);
  }
  assert_int_equal(st, SHUKEI_OK);
  assert_int_equal(reading.counts.rows_read, 3);
}

/* The decompressors' own memory is counted too; zstd's comes from its library. */
static void survives_failed_allocations_when_compressed(void **state)
{
  (void)state;
  const char *csv = HEAD T0 ",\"n\"\"1\",l\n" T0 ",\xFF,l\n" T0 ",n2,l\n";
  struct sk_buffer packed;
  sk_buffer_init(&packed, NULL, SIZE_MAX / 2);
  reading.options.bad_rows = SHUKEI_BAD_ROWS_KEEP;
  reading.block_bytes = 30;
  for (int gzip = 0; gzip < 2; gzip++) {
    shukei_status st = SHUKEI_ENOMEM;
    int n = 0;
    sk_buffer_clear(&packed);
    compress_to(&packed, gzip, csv, strlen(csv) / 2);
    compress_to(&packed, gzip, csv + strlen(csv) / 2, strlen(csv) - strlen(csv) / 2);
    put_file("x", packed.bytes, packed.length);
    reading.format = gzip ? SK_FORMAT_CSV_GZIP : SK_FORMAT_CSV_ZSTD;
    for (; st == SHUKEI_ENOMEM; n++) {
      sk_buffer_reserve(&reading.rows, 4096); /* not counted */
      sk_buffer_reserve(&reading.kept, 4096);
      sk_test_fail_alloc(n);
      st = read_source(&reading, "x");
      sk_test_fail_alloc(-1);
    }
    if (st || n < 10)
      fail_msg("%d allocations: %s", n, reading.err.text);
    assert_int_equal(reading.counts.rows_read, 3);
    assert_non_null(strstr((char *)reading.kept.bytes, "3: column node: not valid UTF-8"));
  }
  sk_buffer_reset(&packed);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(reads_text),
      CASE(reads_numbers),
      CASE(reads_repeated_numbers),
      CASE(reads_long_records),
      CASE(knows_which_columns_can_be_anomalous),
      CASE(leaves_bad_rows_out),
      CASE(filters_days),
      CASE(cuts_random_files_anywhere),
      CASE(kernels_find_the_same),
      CASE(reads_compressed),
      CASE(reads_gzip_members),
      CASE(notices_truncation),
      CASE(is_shared_by_workers),
      CASE(bounds_records),
      CASE(survives_failed_allocations),
      CASE(survives_failed_allocations_when_compressed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
