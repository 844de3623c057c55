/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's compact protocol, the writing half: fields appended to a buffer.
 *
 * sk_compact_init() -> fields in rising order of their ids; a struct is opened by
 * sk_compact_begin() (as a field) or sk_compact_item() (as an element of a list) and closed by
 * sk_compact_end(), which also closes the outermost one. Elements of a list follow
 * sk_compact_list() by the item calls. Whether memory sufficed is told by the buffer's `failed` at
 * the end. */
#ifndef SK_PARQUET_THRIFT_WRITE_H
#define SK_PARQUET_THRIFT_WRITE_H

#include "base/buffer.h"

enum sk_compact_type { /* as they stand in a header; SK_COMPACT_BOOL in a list only */
                       SK_COMPACT_BOOL = 1,
                       SK_COMPACT_I16 = 4,
                       SK_COMPACT_I32 = 5,
                       SK_COMPACT_I64 = 6,
                       SK_COMPACT_BYTES = 8,
                       SK_COMPACT_LIST = 9,
                       SK_COMPACT_STRUCT = 12
};

#define SK_COMPACT_DEPTH 12 /* the deepest struct of a footer is the sixth */

struct sk_compact {
  struct sk_buffer *out;
  int16_t last[SK_COMPACT_DEPTH]; /* field id written last, per open struct */
  unsigned depth;
};

void sk_compact_init(struct sk_compact *to, struct sk_buffer *out);

void sk_compact_bool(struct sk_compact *to, int16_t field, bool value);
void sk_compact_i16(struct sk_compact *to, int16_t field, int16_t value);
void sk_compact_i32(struct sk_compact *to, int16_t field, int32_t value);
void sk_compact_i64(struct sk_compact *to, int16_t field, int64_t value);
void sk_compact_bytes(struct sk_compact *to, int16_t field, const void *bytes, size_t length);
void sk_compact_text(struct sk_compact *to, int16_t field, const char *text);
void sk_compact_begin(struct sk_compact *to, int16_t field);
void sk_compact_list(struct sk_compact *to, int16_t field, enum sk_compact_type type, size_t count);

void sk_compact_item(struct sk_compact *to); /* opens a struct */
void sk_compact_item_bool(struct sk_compact *to, bool value);
void sk_compact_item_int(struct sk_compact *to, int64_t value); /* I16, I32 and I64 */
void sk_compact_item_bytes(struct sk_compact *to, const void *bytes, size_t length);

void sk_compact_end(struct sk_compact *to);

#endif
