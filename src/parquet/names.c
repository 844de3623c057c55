/* SPDX-License-Identifier: Apache-2.0 */
/* The format's own names of its numbers. */
#include "parquet/meta.h"

#include "base/error.h"

static const char *pick(const char *const *names, size_t count, unsigned value)
{
  return value < count && names[value] ? names[value] : "?";
}

const char *sk_type_name(enum sk_type type)
{
  static const char *const names[] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                      "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
  return pick(names, SK_COUNT(names), (unsigned)type);
}

const char *sk_encoding_name(enum sk_encoding encoding)
{
  static const char *const names[] = {
      "PLAIN",
      NULL,
      "PLAIN_DICTIONARY",
      "RLE",
      "BIT_PACKED",
      "DELTA_BINARY_PACKED",
      "DELTA_LENGTH_BYTE_ARRAY",
      "DELTA_BYTE_ARRAY",
      "RLE_DICTIONARY",
      "BYTE_STREAM_SPLIT",
  };
  return pick(names, SK_COUNT(names), (unsigned)encoding);
}

const char *sk_codec_name(enum sk_codec codec)
{
  static const char *const names[] = {"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO",
                                      "BROTLI",       "LZ4",    "ZSTD", "LZ4_RAW"};
  return pick(names, SK_COUNT(names), (unsigned)codec);
}

const char *sk_logical_name(enum sk_logical logical)
{
  static const char *const names[] = {"NONE",    "STRING",  "ENUM",     "JSON",    "BSON",
                                      "UUID",    "DECIMAL", "DATE",     "TIME",    "TIMESTAMP",
                                      "INTEGER", "FLOAT16", "INTERVAL", "UNKNOWN", "NULL"};
  return pick(names, SK_COUNT(names), (unsigned)logical);
}
