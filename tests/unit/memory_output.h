/* SPDX-License-Identifier: Apache-2.0 */
/* An output of the writer in memory. */
#ifndef SK_TESTS_MEMORY_OUTPUT_H
#define SK_TESTS_MEMORY_OUTPUT_H

#include "testing.h"

#include "parquet/parquet.h"

struct sink {
  struct sk_output output; /* first: calls are handed its address */
  uint8_t *bytes;
  size_t length, capacity;
  size_t room; /* writing beyond it fails */
};

static inline shukei_status sink_write(struct sk_output *output, const void *bytes, size_t length,
                                       shukei_error *err)
{
  struct sink *sink = (struct sink *)(void *)output;
  if (sink->length + length > sink->room)
    return sk_fail(err, SHUKEI_EWRITE, "\"%s\": no space left", output->name);
  if (sink->length + length > sink->capacity) {
    sink->capacity = (sink->length + length) * 2;
    sink->bytes = realloc(sink->bytes, sink->capacity);
    assert_non_null(sink->bytes);
  }
  memcpy(sink->bytes + sink->length, bytes, length);
  sink->length += length;
  return SHUKEI_OK;
}

static const struct sk_output_calls sink_calls = {.write = sink_write};

static inline void sink_init(struct sink *sink)
{
  *sink = (struct sink){.output = {.calls = &sink_calls, .name = "t.parquet"}, .room = SIZE_MAX};
}

#endif
