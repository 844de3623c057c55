/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what programs that were built with shukei/parquet.h rely upon: sizes and offsets of its
 * structs, and numbers of its enums. Also compiled as C++ (abi_of_cpp.cpp). */
#include <shukei/parquet.h>

#include <stddef.h>
#include <stdio.h>

#define SIZE(type) printf("%s: %zu bytes\n", #type, sizeof(type))
#define AT(type, member)                                                                           \
  printf("%s.%s: at %zu, %zu bytes\n", #type, #member, offsetof(type, member),                     \
         sizeof(((type *)NULL)->member))
#define IS(name) printf("%s: %d\n", #name, (int)(name))

static void columns(void)
{
  SIZE(shukei_parquet_column);
  AT(shukei_parquet_column, name);
  AT(shukei_parquet_column, path);
  AT(shukei_parquet_column, type);
  AT(shukei_parquet_column, logical);
  AT(shukei_parquet_column, type_length);
  AT(shukei_parquet_column, precision);
  AT(shukei_parquet_column, scale);
  AT(shukei_parquet_column, bit_width);
  AT(shukei_parquet_column, unit);
  AT(shukei_parquet_column, is_signed);
  AT(shukei_parquet_column, utc);
  AT(shukei_parquet_column, nullable);
  AT(shukei_parquet_column, flat);
  AT(shukei_parquet_column, max_definition);
  AT(shukei_parquet_column, max_repetition);
  AT(shukei_parquet_column, kind);
  AT(shukei_parquet_column, kinds);
  SIZE(shukei_parquet_chunk);
  AT(shukei_parquet_chunk, codec);
  AT(shukei_parquet_chunk, encodings);
  AT(shukei_parquet_chunk, value_count);
  AT(shukei_parquet_chunk, compressed_bytes);
  AT(shukei_parquet_chunk, uncompressed_bytes);
  AT(shukei_parquet_chunk, has_page_index);
  AT(shukei_parquet_chunk, has_bloom_filter);
  AT(shukei_parquet_chunk, readable);
}

static void values(void)
{
  SIZE(shukei_parquet_text);
  AT(shukei_parquet_text, bytes);
  AT(shukei_parquet_text, length);
  SIZE(shukei_parquet_value);
  AT(shukei_parquet_value, kind);
  AT(shukei_parquet_value, as);
  SIZE(shukei_parquet_statistics);
  AT(shukei_parquet_statistics, min);
  AT(shukei_parquet_statistics, max);
  AT(shukei_parquet_statistics, min_bytes);
  AT(shukei_parquet_statistics, max_bytes);
  AT(shukei_parquet_statistics, min_exact);
  AT(shukei_parquet_statistics, max_exact);
  AT(shukei_parquet_statistics, null_count);
  AT(shukei_parquet_statistics, distinct_count);
}

static void options(void)
{
  SIZE(shukei_parquet_selected);
  AT(shukei_parquet_selected, first);
  AT(shukei_parquet_selected, rows);
  AT(shukei_parquet_selected, match);
  SIZE(shukei_parquet_write_column);
  AT(shukei_parquet_write_column, name);
  AT(shukei_parquet_write_column, kind);
  AT(shukei_parquet_write_column, required);
  SIZE(shukei_parquet_write_values);
  AT(shukei_parquet_write_values, valid);
  AT(shukei_parquet_write_values, as);
  SIZE(shukei_parquet_writer_options);
  AT(shukei_parquet_writer_options, codec);
  AT(shukei_parquet_writer_options, level);
  AT(shukei_parquet_writer_options, group_rows);
  AT(shukei_parquet_writer_options, page_rows);
  AT(shukei_parquet_writer_options, page_index);
  AT(shukei_parquet_writer_options, encodings);
  AT(shukei_parquet_writer_options, sorting_columns);
  AT(shukei_parquet_writer_options, sorting_column_count);
  AT(shukei_parquet_writer_options, bloom_columns);
  AT(shukei_parquet_writer_options, bloom_column_count);
  AT(shukei_parquet_writer_options, threads);
  AT(shukei_parquet_writer_options, memory_bytes);
  SIZE(shukei_parquet_arrow_options);
  AT(shukei_parquet_arrow_options, columns);
  AT(shukei_parquet_arrow_options, column_count);
  AT(shukei_parquet_arrow_options, groups);
  AT(shukei_parquet_arrow_options, group_count);
  AT(shukei_parquet_arrow_options, batch_rows);
}

/* As the specification has them. */
static void arrow(void)
{
  SIZE(struct ArrowSchema);
  AT(struct ArrowSchema, format);
  AT(struct ArrowSchema, children);
  AT(struct ArrowSchema, private_data);
  SIZE(struct ArrowArray);
  AT(struct ArrowArray, length);
  AT(struct ArrowArray, buffers);
  AT(struct ArrowArray, private_data);
  SIZE(struct ArrowArrayStream);
  AT(struct ArrowArrayStream, get_last_error);
  AT(struct ArrowArrayStream, private_data);
}

static void numbers(void)
{
  IS(SHUKEI_PARQUET_BOOLEAN);
  IS(SHUKEI_PARQUET_INT32);
  IS(SHUKEI_PARQUET_INT64);
  IS(SHUKEI_PARQUET_INT96);
  IS(SHUKEI_PARQUET_FLOAT);
  IS(SHUKEI_PARQUET_DOUBLE);
  IS(SHUKEI_PARQUET_BYTE_ARRAY);
  IS(SHUKEI_PARQUET_FIXED_LEN_BYTE_ARRAY);
  IS(SHUKEI_PARQUET_LOGICAL_NONE);
  IS(SHUKEI_PARQUET_LOGICAL_STRING);
  IS(SHUKEI_PARQUET_LOGICAL_ENUM);
  IS(SHUKEI_PARQUET_LOGICAL_JSON);
  IS(SHUKEI_PARQUET_LOGICAL_BSON);
  IS(SHUKEI_PARQUET_LOGICAL_UUID);
  IS(SHUKEI_PARQUET_LOGICAL_DECIMAL);
  IS(SHUKEI_PARQUET_LOGICAL_DATE);
  IS(SHUKEI_PARQUET_LOGICAL_TIME);
  IS(SHUKEI_PARQUET_LOGICAL_TIMESTAMP);
  IS(SHUKEI_PARQUET_LOGICAL_INTEGER);
  IS(SHUKEI_PARQUET_LOGICAL_FLOAT16);
  IS(SHUKEI_PARQUET_LOGICAL_INTERVAL);
  IS(SHUKEI_PARQUET_LOGICAL_UNKNOWN);
  IS(SHUKEI_PARQUET_LOGICAL_NULL);
  IS(SHUKEI_PARQUET_MILLIS);
  IS(SHUKEI_PARQUET_MICROS);
  IS(SHUKEI_PARQUET_NANOS);
  IS(SHUKEI_PARQUET_CODEC_UNCOMPRESSED);
  IS(SHUKEI_PARQUET_CODEC_SNAPPY);
  IS(SHUKEI_PARQUET_CODEC_GZIP);
  IS(SHUKEI_PARQUET_CODEC_LZO);
  IS(SHUKEI_PARQUET_CODEC_BROTLI);
  IS(SHUKEI_PARQUET_CODEC_LZ4);
  IS(SHUKEI_PARQUET_CODEC_ZSTD);
  IS(SHUKEI_PARQUET_CODEC_LZ4_RAW);
  IS(SHUKEI_PARQUET_NONE);
  IS(SHUKEI_PARQUET_BOOLEANS);
  IS(SHUKEI_PARQUET_INTEGERS);
  IS(SHUKEI_PARQUET_DOUBLES);
  IS(SHUKEI_PARQUET_TIMES);
  IS(SHUKEI_PARQUET_TEXTS);
  IS(SHUKEI_PARQUET_WRITE_CHOSEN);
  IS(SHUKEI_PARQUET_WRITE_PLAIN);
  IS(SHUKEI_PARQUET_WRITE_DICTIONARY);
  IS(SHUKEI_PARQUET_WRITE_DELTA_BINARY_PACKED);
  IS(SHUKEI_PARQUET_WRITE_DELTA_LENGTH_BYTE_ARRAY);
  IS(SHUKEI_PARQUET_WRITE_DELTA_BYTE_ARRAY);
  IS(SHUKEI_PARQUET_WRITE_BYTE_STREAM_SPLIT);
  IS(SHUKEI_PARQUET_WRITE_TEXT);
  IS(SHUKEI_PARQUET_WRITE_DOUBLE);
  IS(SHUKEI_PARQUET_WRITE_INT64);
  IS(SHUKEI_PARQUET_WRITE_TIME);
  IS(SHUKEI_PARQUET_WRITE_DATE);
}

int main(void)
{
  columns();
  values();
  options();
  arrow();
  numbers();
  return 0;
}
