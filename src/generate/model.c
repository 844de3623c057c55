/* SPDX-License-Identifier: Apache-2.0 */
/* What every maker of a model needs. */
#include "generate/model.h"

#include <string.h>

void sk_model_reset(struct sk_model *model)
{
  sk_arena_reset(&model->arena);
  memset(model, 0, sizeof *model);
}

struct sk_span sk_model_text(struct sk_model *model, const char *text, size_t length)
{
  struct sk_span span = {.text = NULL};
  char *copy = sk_arena_bytes(&model->arena, length ? length : 1);
  if (!copy)
    return span;
  memcpy(copy, text, length);
  span.text = copy;
  span.length = length;
  return span;
}
