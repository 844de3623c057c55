/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes are compared, not their hashes: that takes a fiftieth of what decompressing them
 * does, and equal bytes are the same dictionary beyond doubt. */
#include "parquet/dictionary_recall.h"

#include <string.h>

static void forget(struct sk_dictionary_recall *recall, struct sk_recalled *known)
{
  recall->held_bytes -= known->held_bytes;
  sk_dictionary_page_leave(known->page);
  sk_free(known->body);
  sk_free(known->path);
  *known = (struct sk_recalled){.path = NULL};
}

void sk_dictionary_recall_reset(struct sk_dictionary_recall *recall)
{
  for (size_t i = 0; i < SK_RECALLED_COLUMNS; i++)
    if (recall->columns[i].path)
      forget(recall, &recall->columns[i]);
}

/* The column's slot, or a free one; SK_RECALLED_COLUMNS where there is neither. */
static size_t slot_of(const struct sk_dictionary_recall *recall, const char *path)
{
  size_t i = 0;
  while (i < SK_RECALLED_COLUMNS && recall->columns[i].path &&
         strcmp(recall->columns[i].path, path) != 0)
    i++;
  return i;
}

bool sk_dictionary_recall(const struct sk_dictionary_recall *recall,
                          struct sk_dictionary *dictionary,
                          const struct sk_stored_dictionary *stored, const struct sk_intern *table)
{
  const struct sk_page_header *const header = stored->header;
  const size_t slot = slot_of(recall, dictionary->column->path);
  if (slot == SK_RECALLED_COLUMNS || !recall->columns[slot].path)
    return false;
  const struct sk_recalled *const known = &recall->columns[slot];
  if (known->stored_length != header->stored_length ||
      known->uncompressed_length != header->uncompressed_length ||
      known->value_count != header->value_count || known->encoding != header->encoding ||
      known->codec != stored->codec || dictionary->column->type != SK_TYPE_BYTE_ARRAY ||
      !sk_dictionary_page_gives(known->page, table) ||
      memcmp(known->body, stored->body, known->stored_length) != 0)
    return false;
  sk_dictionary_load_as(dictionary, known->page);
  return true;
}

void sk_dictionary_remember(struct sk_dictionary_recall *recall,
                            const struct sk_dictionary *dictionary,
                            const struct sk_stored_dictionary *stored)
{
  const struct sk_page_header *const header = stored->header;
  const char *const path = dictionary->column->path;
  struct sk_dictionary_page *const page = dictionary->page;
  const size_t slot = slot_of(recall, path);
  if (slot == SK_RECALLED_COLUMNS)
    return;
  struct sk_recalled *const known = &recall->columns[slot];
  if (known->path)
    forget(recall, known);
  const uint64_t bytes = (uint64_t)header->stored_length + page->length +
                         page->count * (sizeof *page->slices + sizeof *page->ids);
  if (!page->slices || bytes > recall->limit_bytes - recall->held_bytes)
    return;
  char *const name = sk_strndup(recall->budget, path, strlen(path));
  uint8_t *const body = sk_alloc(recall->budget, (size_t)header->stored_length + 1);
  if (!name || !body) {
    sk_free(name);
    sk_free(body);
    return;
  }
  memcpy(body, stored->body, header->stored_length);
  *known = (struct sk_recalled){.path = name,
                                .page = sk_dictionary_page_share(page),
                                .body = body,
                                .stored_length = header->stored_length,
                                .held_bytes = (size_t)bytes,
                                .uncompressed_length = header->uncompressed_length,
                                .value_count = header->value_count,
                                .encoding = header->encoding,
                                .codec = stored->codec};
  recall->held_bytes += bytes;
}
