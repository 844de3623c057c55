/* SPDX-License-Identifier: Apache-2.0 */
/* What the other rooms know of storage: an object that is read by byte ranges, and an output that
 * appears whole or not at all. store makes them; parquet, input and sink use them. */
#ifndef SK_BASE_OBJECT_H
#define SK_BASE_OBJECT_H

#include "base/alloc.h"

struct sk_range {
  uint64_t begin, end;
};

struct sk_object;
struct sk_object_calls {
  /* Reads exactly length bytes at offset; any thread. OK, EIO, ETRUNC. */
  shukei_status (*read)(struct sk_object *object, uint64_t offset, void *bytes, size_t length,
                        shukei_error *err);
  void (*close)(struct sk_object *object);
  /* Is told what will be read soon; NULL: does not care. Any thread. */
  void (*expect)(struct sk_object *object, const struct sk_range *ranges, size_t count);
};
struct sk_object {
  const struct sk_object_calls *calls;
  const char *name; /* as users know it; lives as long as the object */
  uint64_t size_bytes;
};

static inline uint64_t sk_object_size(const struct sk_object *object)
{
  return object->size_bytes;
}
static inline const char *sk_object_name(const struct sk_object *object)
{
  return object->name;
}
/* Reads a range; a range beyond the end is ETRUNC and names offset, length and size. */
shukei_status sk_object_read(struct sk_object *object, uint64_t offset, void *bytes, size_t length,
                             shukei_error *err);
/* Says that these ranges, sorted by where they begin, are going to be read, all of them and side by
 * side: a hint, by which a distant object is asked for more at once. */
void sk_object_expect(struct sk_object *object, const struct sk_range *ranges, size_t count);
void sk_object_close(struct sk_object *object); /* NULL is fine */

struct sk_output;
struct sk_output_calls {
  shukei_status (*write)(struct sk_output *output, const void *bytes, size_t length,
                         shukei_error *err);
  /* Makes everything durable and visible under the name. */
  shukei_status (*commit)(struct sk_output *output, shukei_error *err);
  /* Frees the output; what was not committed vanishes. */
  void (*close)(struct sk_output *output);
  /* Makes the bytes durable, not yet visible: what can fail for want of space fails here, before
   * several outputs are committed one after the other. No write may follow. NULL: nothing to do. */
  shukei_status (*sync)(struct sk_output *output, shukei_error *err);
};
struct sk_output {
  const struct sk_output_calls *calls;
  const char *name;
  uint64_t written_bytes;
};

/* Appends bytes; EWRITE, written by the storage, names the output and the system's reason. */
shukei_status sk_output_write(struct sk_output *output, const void *bytes, size_t length,
                              shukei_error *err);
/* Makes all written bytes durable without showing them; optional, once, before the commit. */
shukei_status sk_output_sync(struct sk_output *output, shukei_error *err);
shukei_status sk_output_commit(struct sk_output *output, shukei_error *err);
void sk_output_close(struct sk_output *output); /* NULL is fine */

/* An object over bytes in memory, borrowed; for tests and for embedded data. */
shukei_status sk_object_from_bytes(const char *name, const void *bytes, size_t length,
                                   struct sk_object **out, shukei_error *err);

#endif
