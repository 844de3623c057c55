/* SPDX-License-Identifier: Apache-2.0 */
/* Members of JSON objects that may lack: numbers below 0 and NULL texts are not known, and are left
 * out. */
#ifndef SK_BENCH_MEMBERS_H
#define SK_BENCH_MEMBERS_H

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

/* A value of the text: bytes that are no UTF-8 become question marks. NULL when memory lacks. */
json_t *sk_member_text_value(const char *text);

/* Set a member. What memory lacks for leaves a member "" behind, which sk_member_dump() looks
 * for. */
void sk_member_set(json_t *object, const char *name, json_t *value);
void sk_member_set_text(json_t *object, const char *name, const char *text);
void sk_member_set_number(json_t *object, const char *name, int64_t number);
void sk_member_set_real(json_t *object, const char *name, double number); /* six decimals */

/* Appends the object and a line feed, and gives it up. False when memory lacked for it or for its
 * text. */
bool sk_member_dump(json_t *object, struct sk_buffer *out);

/* A member's text, which lives in the arena; NULL where it has none, or memory lacks: then *failed
 * is set. */
const char *sk_member_text(const json_t *object, const char *name, struct sk_arena *arena,
                           bool *failed);
/* -1 where there is none, or it is below 0. */
int64_t sk_member_number(const json_t *object, const char *name);
double sk_member_real(const json_t *object, const char *name);

/* Writes all bytes; false and errno. */
bool sk_write_bytes(int fd, const void *bytes, size_t length);

#endif
