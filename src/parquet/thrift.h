/* SPDX-License-Identifier: Apache-2.0 */
/* Reading Thrift's compact protocol, in which Parquet writes its footer, page headers and indexes.
 *
 *   sk_thrift_init() -> while (sk_thrift_field(t, &f)) switch (f.id) { sk_thrift_i32(t, &f) ... }
 *
 * The first thing wrong is kept in `error` and ends every loop; the calls then return zeros. So a
 * parser reads on without a check per field and looks at `error` once, at its end. Nothing is
 * allocated; a binary points into the bytes. A count is accepted only where the bytes that are left
 * can hold that many elements, so it may size an array. */
#ifndef SK_PARQUET_THRIFT_H
#define SK_PARQUET_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sk_thrift_type {
  SK_THRIFT_STOP = 0,
  SK_THRIFT_TRUE = 1,
  SK_THRIFT_FALSE = 2,
  SK_THRIFT_BYTE = 3,
  SK_THRIFT_I16 = 4,
  SK_THRIFT_I32 = 5,
  SK_THRIFT_I64 = 6,
  SK_THRIFT_DOUBLE = 7,
  SK_THRIFT_BINARY = 8,
  SK_THRIFT_LIST = 9,
  SK_THRIFT_SET = 10,
  SK_THRIFT_MAP = 11,
  SK_THRIFT_STRUCT = 12,
  SK_THRIFT_UUID = 13
};

struct sk_thrift {
  const uint8_t *begin, *at, *end;
  const char *error; /* NULL so far */
  bool truncated;    /* the error is that the bytes end too early */
};
struct sk_thrift_field { /* zero it before the first call of a struct */
  int16_t id;
  uint8_t type;
};

void sk_thrift_init(struct sk_thrift *t, const void *bytes, size_t length);
size_t sk_thrift_position(const struct sk_thrift *t);
void sk_thrift_fail(struct sk_thrift *t, const char *error);

/* The next field of a struct; false at its end and after an error. */
bool sk_thrift_field(struct sk_thrift *t, struct sk_thrift_field *field);
/* The value of the field; the type must fit. */
bool sk_thrift_bool(struct sk_thrift *t, const struct sk_thrift_field *field);
int32_t sk_thrift_i32(struct sk_thrift *t, const struct sk_thrift_field *field); /* or shorter */
int64_t sk_thrift_i64(struct sk_thrift *t, const struct sk_thrift_field *field); /* or shorter */
const uint8_t *sk_thrift_binary(struct sk_thrift *t, const struct sk_thrift_field *field,
                                uint32_t *length);
/* True where the field is a struct, whose fields come next. */
bool sk_thrift_struct(struct sk_thrift *t, const struct sk_thrift_field *field);
/* The number of elements of a list of `type`; 0 after an error. */
uint32_t sk_thrift_list(struct sk_thrift *t, const struct sk_thrift_field *field, uint8_t type);
/* The same of a list of booleans, whose type writers give in two ways. */
uint32_t sk_thrift_bool_list(struct sk_thrift *t, const struct sk_thrift_field *field);
void sk_thrift_skip(struct sk_thrift *t, const struct sk_thrift_field *field);

/* One element of a list: as above, without a field. */
int32_t sk_thrift_item_i32(struct sk_thrift *t);
int64_t sk_thrift_item_i64(struct sk_thrift *t);
bool sk_thrift_item_bool(struct sk_thrift *t);
const uint8_t *sk_thrift_item_binary(struct sk_thrift *t, uint32_t *length);

#endif
