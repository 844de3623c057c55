/* SPDX-License-Identifier: Apache-2.0 */
/* The calls through which the rooms see storage, and the object over bytes in memory.
 *
 * Ranges are checked here, once, so that no storage has to: a reader of a corrupt file asks for
 * ranges that do not exist. That error does not name the object: callers put before it what they
 * were reading. The system's own errors come from the storage, which names the file. */
#include "base/object.h"

#include <string.h>

shukei_status sk_object_read(struct sk_object *object, uint64_t offset, void *bytes, size_t length,
                             shukei_error *err)
{
  const uint64_t size = object->size_bytes;
  if (offset > size || length > size - offset) {
    const shukei_status st =
        sk_fail(err, SHUKEI_ETRUNC, "%zu bytes at offset %" PRIu64 " in an object of %" PRIu64,
                length, offset, size);
    if (err)
      err->offset = offset <= INT64_MAX ? (int64_t)offset : -1;
    return st;
  }
  return length ? object->calls->read(object, offset, bytes, length, err) : SHUKEI_OK;
}

void sk_object_expect(struct sk_object *object, const struct sk_range *ranges, size_t count)
{
  if (object->calls->expect && count)
    object->calls->expect(object, ranges, count);
}

void sk_object_close(struct sk_object *object)
{
  if (object)
    object->calls->close(object);
}

shukei_status sk_output_write(struct sk_output *output, const void *bytes, size_t length,
                              shukei_error *err)
{
  const shukei_status st = length ? output->calls->write(output, bytes, length, err) : SHUKEI_OK;
  if (!st)
    output->written_bytes += length;
  return st;
}

shukei_status sk_output_sync(struct sk_output *output, shukei_error *err)
{
  return output->calls->sync ? output->calls->sync(output, err) : SHUKEI_OK;
}

shukei_status sk_output_commit(struct sk_output *output, shukei_error *err)
{
  return output->calls->commit(output, err);
}

void sk_output_close(struct sk_output *output)
{
  if (output)
    output->calls->close(output);
}

struct memory_object {
  struct sk_object object; /* first: calls are handed its address */
  const uint8_t *bytes;
  char name[];
};

static shukei_status memory_read(struct sk_object *object, uint64_t offset, void *bytes,
                                 size_t length, shukei_error *err)
{
  (void)err;
  const struct memory_object *memory = (const struct memory_object *)object;
  memcpy(bytes, memory->bytes + offset, length);
  return SHUKEI_OK;
}

static void memory_close(struct sk_object *object)
{
  sk_free(object);
}

static const struct sk_object_calls memory_calls = {.read = memory_read, .close = memory_close};

shukei_status sk_object_from_bytes(const char *name, const void *bytes, size_t length,
                                   struct sk_object **out, shukei_error *err)
{
  *out = NULL;
  const size_t name_length = strlen(name);
  struct memory_object *memory = sk_alloc(NULL, sizeof *memory + name_length + 1);
  if (!memory)
    return sk_fail_memory(err, NULL, sizeof *memory + name_length + 1, "an object in memory");
  memcpy(memory->name, name, name_length + 1);
  memory->object = (struct sk_object){
      .calls = &memory_calls, .name = memory->name, .size_bytes = (uint64_t)length};
  memory->bytes = bytes;
  *out = &memory->object;
  return SHUKEI_OK;
}
