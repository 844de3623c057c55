/* SPDX-License-Identifier: Apache-2.0 */
#include "input/bad_rows.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct kept {
  const char *path, *cause, *text;
  size_t length;
  uint64_t row;
};

struct sk_bad_rows {
  struct sk_budget *budget;
  struct sk_output *output;
  struct sk_arena arena;
  struct kept *rows;
  size_t count, capacity;
  pthread_mutex_t lock;
  bool lock_made;
};

shukei_status sk_bad_rows_open(const char *path, struct sk_budget *budget, struct sk_bad_rows **out,
                               shukei_error *err)
{
  *out = NULL;
  struct sk_bad_rows *self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "bad rows");
  self->budget = budget;
  sk_arena_init(&self->arena, budget);
  self->lock_made = pthread_mutex_init(&self->lock, NULL) == 0;
  const shukei_status st = self->lock_made
                               ? sk_store_create_alone(path, budget, &self->output, err)
                               : sk_fail(err, SHUKEI_ENOMEM, "no lock for \"%s\"", path);
  if (st)
    sk_bad_rows_close(self);
  else
    *out = self;
  return st;
}

void sk_bad_rows_close(struct sk_bad_rows *self)
{
  if (!self)
    return;
  sk_output_close(self->output);
  sk_arena_reset(&self->arena);
  if (self->lock_made)
    pthread_mutex_destroy(&self->lock);
  sk_free(self->rows);
  sk_free(self);
}

static const char *copy(struct sk_bad_rows *self, const char *text, size_t length)
{
  char *bytes = sk_arena_bytes(&self->arena, length + 1);
  if (bytes) {
    memcpy(bytes, text, length);
    bytes[length] = '\0';
  }
  return bytes;
}

bool sk_bad_rows_keep(void *bad_rows, const char *path, uint64_t row, const char *cause,
                      const char *text, size_t length)
{
  struct sk_bad_rows *self = bad_rows;
  pthread_mutex_lock(&self->lock);
  bool room = self->count < self->capacity;
  if (!room) {
    const size_t more = self->capacity ? self->capacity * 2 : 64;
    struct kept *moved = sk_realloc(self->budget, self->rows, more * sizeof *moved);
    if (moved) {
      self->rows = moved;
      self->capacity = more;
      room = true;
    }
  }
  const struct kept one = {copy(self, path, strlen(path)), copy(self, cause, strlen(cause)),
                           copy(self, text, length), length, row};
  room = room && one.path && one.cause && one.text;
  if (room)
    self->rows[self->count++] = one;
  pthread_mutex_unlock(&self->lock);
  return room;
}

static int by_place(const void *a, const void *b)
{
  const struct kept *x = a, *y = b;
  const int order = strcmp(x->path, y->path);
  return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static void quote(struct sk_buffer *out, const char *text, size_t length)
{
  sk_buffer_byte(out, '"');
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"')
      sk_buffer_byte(out, '"');
    sk_buffer_byte(out, (uint8_t)text[i]);
  }
  sk_buffer_byte(out, '"');
}

shukei_status sk_bad_rows_commit(struct sk_bad_rows *self, shukei_error *err)
{
  struct sk_buffer line;
  sk_buffer_init(&line, self->budget, SIZE_MAX / 2);
  if (self->count > 1)
    qsort(self->rows, self->count, sizeof *self->rows, by_place);
  shukei_status st = sk_output_write(self->output, "file,row,cause,text\n", 20, err);
  for (size_t i = 0; !st && i < self->count; i++) {
    const struct kept *one = &self->rows[i];
    sk_buffer_clear(&line);
    quote(&line, one->path, strlen(one->path));
    sk_buffer_printf(&line, ",%" PRIu64 ",", one->row);
    quote(&line, one->cause, strlen(one->cause));
    sk_buffer_byte(&line, ',');
    quote(&line, one->text, one->length);
    sk_buffer_byte(&line, '\n');
    st = line.failed ? sk_fail_memory(err, self->budget, one->length, "bad rows")
                     : sk_output_write(self->output, line.bytes, line.length, err);
  }
  if (!st)
    st = sk_output_commit(self->output, err);
  sk_buffer_reset(&line);
  return st;
}
