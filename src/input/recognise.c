/* SPDX-License-Identifier: Apache-2.0 */
/* The content decides: Parquet, gzip and zstd begin with bytes of their own, and anything else is
 * tried as CSV. The name matters in one case only: a file found below a folder that cannot be read
 * is an error where its name claims that it is data, and none of ours otherwise. */
#include "input/recognise.h"
#include "input/archive.h"
#include "input/ascii.h"
#include "input/csv_file.h"
#include "input/parquet_columns.h"
#include "input/reader.h"

#include <string.h>

static bool ends_with(const char *path, const char *end)
{
  const size_t length = strlen(path), n = strlen(end);
  return length >= n && sk_same_name(path + length - n, end);
}

static bool claims_to_be_data(const char *path)
{
  static const char *const ends[] = {".csv",     ".csv.gz",     ".csv.zst",
                                     ".parquet", ".parquet.gz", ".pq"};
  for (size_t i = 0; i < SK_COUNT(ends); i++)
    if (ends_with(path, ends[i]))
      return true;
  return false;
}

/* Leaves the object open, also where it fails; NULL where it could not be opened. */
static shukei_status sniff(const char *path, struct sk_budget *budget, enum sk_format *format,
                           struct sk_object **out, shukei_error *err)
{
  static const uint8_t zstd_magic[] = {0x28, 0xB5, 0x2F, 0xFD}, gzip_magic[] = {0x1F, 0x8B};
  uint8_t head[4] = {0};
  struct sk_object *object;
  shukei_status st = sk_store_open(path, budget, &object, err);
  *out = object;
  if (st)
    return st;
  const uint64_t size = sk_object_size(object);
  st = sk_object_read(object, 0, head, size < sizeof head ? (size_t)size : sizeof head, err);
  if (memcmp(head, "PAR1", 4) == 0 || memcmp(head, "PARE", 4) == 0)
    *format = SK_FORMAT_PARQUET;
  else if (memcmp(head, gzip_magic, sizeof gzip_magic) == 0)
    *format = SK_FORMAT_CSV_GZIP;
  else if (memcmp(head, zstd_magic, sizeof zstd_magic) == 0)
    *format = SK_FORMAT_CSV_ZSTD;
  else if (ends_with(path, ".parquet") || ends_with(path, ".pq"))
    *format = SK_FORMAT_PARQUET; /* for the Parquet reader to say what is wrong */
  else if (ends_with(path, ".gz"))
    *format = SK_FORMAT_CSV_GZIP;
  else if (ends_with(path, ".zst"))
    *format = SK_FORMAT_CSV_ZSTD;
  else
    *format = SK_FORMAT_CSV;
  return st;
}

static shukei_status look_at_parquet(struct sk_planned_file *file, struct sk_object *object,
                                     struct sk_budget *budget, int *report, shukei_error *err)
{
  struct sk_file *parquet = NULL;
  struct sk_parquet_columns columns;
  shukei_status st = sk_file_open(object, budget, &parquet, err);
  if (st)
    goto done;
  *report = sk_parquet_report(parquet, budget);
  if (*report == SK_NO_MEMORY)
    st = sk_fail_memory(err, budget, 0, "the columns of a file");
  if (st || *report < 0)
    goto done;
  file->row_count = (uint64_t)sk_file_meta(parquet)->row_count;
  file->row_count_known = true;
  file->mark = file->row_count ? sk_file_mark(parquet) : 0;
  if (!sk_report_info((enum sk_report) * report)->required)
    goto done;
  st = sk_parquet_find_columns(parquet, file->path, (enum sk_report) * report, &columns, err);
  if (st)
    goto done;
  file->first_day = INT32_MAX;
  file->last_day = INT32_MIN;
  for (uint32_t g = 0; g < sk_file_meta(parquet)->group_count; g++) {
    const int column = columns.column[SK_F_INTERVAL_START];
    const int32_t first = sk_parquet_first_day(parquet, g, column);
    const int32_t last = sk_parquet_last_day(parquet, g, column);
    file->first_day = first < file->first_day ? first : file->first_day;
    file->last_day = last > file->last_day ? last : file->last_day;
  }
done:
  sk_file_close(parquet);
  return st;
}

shukei_status sk_recognise_csv(const struct sk_csv *csv, int *report, shukei_error *err)
{
  const uint32_t count = sk_csv_column_count(csv);
  sk_fields found = 0;
  *report = sk_report_of_columns(sk_csv_columns(csv), count);
  if (*report < 0)
    return SHUKEI_OK;
  for (uint32_t i = 0; i < count; i++) {
    const int field = sk_field_of_column((enum sk_report) * report, sk_csv_columns(csv)[i]);
    if (field >= 0)
      found |= SK_FIELD_BIT(field);
  }
  const shukei_status st = sk_csv_check_names(csv, *report, err);
  return st ? st : sk_check_columns(sk_csv_path(csv), (enum sk_report) * report, found, err);
}

static shukei_status look_at_csv(struct sk_planned_file *file, struct sk_budget *budget,
                                 int *report, shukei_error *err)
{
  struct sk_csv *csv = NULL;
  shukei_status st = sk_csv_open(file, (size_t)64 << 10, budget, &csv, err);
  if (!st)
    st = sk_recognise_csv(csv, report, err);
  if (!st)
    file->mark = sk_csv_mark(csv);
  sk_csv_close(csv);
  return st;
}

/* An archive in gzip: by its name, or, unless that says CSV, by what it holds. */
static shukei_status look_for_payload(struct sk_planned_file *file, struct sk_object *object,
                                      struct sk_budget *budget, shukei_error *err)
{
  bool is = ends_with(file->path, ".tar.gz") || ends_with(file->path, ".tgz");
  shukei_status st = SHUKEI_OK;
  if (!is && file->format == SK_FORMAT_CSV_GZIP && !ends_with(file->path, ".csv.gz"))
    st = sk_archive_is(object, budget, &is, err);
  if (is)
    file->format = SK_FORMAT_PAYLOAD;
  return st;
}

shukei_status sk_recognise(struct sk_planned_file *file, bool named, struct sk_budget *budget,
                           bool *known, const char **why, shukei_error *err)
{
  int report = -1;
  *known = false;
  *why = "no report's columns";
  if (ends_with(file->path, ".tar")) {
    *why = "an archive without compression";
    return named ? sk_fail(err, SHUKEI_EUNSUPPORTED,
                           "%s: archives are read as .tar.gz only; compress it", file->path)
                 : SHUKEI_OK;
  }
  struct sk_object *object = NULL;
  shukei_status st = sniff(file->path, budget, &file->format, &object, err);
  if (!st)
    st = look_for_payload(file, object, budget, err);
  if (!st && file->format == SK_FORMAT_PAYLOAD) {
    sk_object_close(object);
    *known = true;
    return SHUKEI_OK;
  }
  if (!st)
    st = file->format == SK_FORMAT_PARQUET ? look_at_parquet(file, object, budget, &report, err)
                                           : look_at_csv(file, budget, &report, err);
  sk_object_close(object);
  const bool broken = st == SHUKEI_EFORMAT || st == SHUKEI_ETRUNC || st == SHUKEI_EUNSUPPORTED;
  if (broken && report < 0 && !named && !claims_to_be_data(file->path)) {
    *why = "neither CSV nor Parquet";
    return SHUKEI_OK;
  }
  if (st)
    return st;
  if (report < 0)
    return named ? sk_fail(err, SHUKEI_ENOTFOUND, "%s: has the columns of no report that is known",
                           file->path)
                 : SHUKEI_OK;
  file->report = (enum sk_report)report;
  *known = true;
  return SHUKEI_OK;
}
