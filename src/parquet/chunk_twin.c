/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of mostly the same texts, of which the second need not be encoded: all labels of a row
 * are its pod's labels, but in rows of volumes and of unallocated capacity.
 *
 * A page follows from its rows and from the dictionary. So as long as all rows of a row group have
 * had the same text in both columns, the second chunk is the first one, whatever that consists of;
 * and where both are plain, each page of which this is true is the same page. What is written is
 * what it would be without. */
#include "parquet/chunk_write.h"

#include <stdatomic.h>
#include <string.h>

static const struct sk_write_text *text_of(const struct sk_write_slice *slice, size_t row)
{
  const bool there = !slice->none && (!slice->present || (slice->present[row] >> slice->bit & 1));
  return there ? &slice->texts[slice->ids[row]] : NULL;
}

bool sk_parts_have_twins(const struct sk_write_part *parts, size_t part_count, uint32_t a,
                         uint32_t b)
{
  for (size_t i = 0; i < part_count; i++) {
    const struct sk_write_slice *x = &parts[i].columns[a], *y = &parts[i].columns[b];
    for (size_t row = 0; row < parts[i].rows; row++) {
      const struct sk_write_text *one = text_of(x, row), *other = text_of(y, row);
      if (!one || !other) {
        if (one != other)
          return false;
        continue;
      }
      const char *bytes = x->bytes + one->at, *others = y->bytes + other->at;
      if (one->length != other->length ||
          (bytes != others && memcmp(bytes, others, one->length) != 0))
        return false;
    }
  }
  return true;
}

/* Another owner's page of the same bytes. False when memory lacks. */
static bool share(struct sk_encoded_page *page, struct sk_budget *budget,
                  struct sk_encoded_page *out)
{
  if (page->bytes && !page->shared) {
    page->shared = sk_shared_new(budget, page->bytes);
    if (!page->shared)
      return false;
  }
  if (page->shared)
    atomic_fetch_add(&page->shared->owners, 1);
  *out = *page;
  return true;
}

static shukei_status no_memory(const struct sk_chunk_writer *chunk, shukei_error *err)
{
  return sk_fail_memory(err, chunk->budget, 0, "a column like another one");
}

shukei_status sk_chunk_follow(struct sk_chunk_writer *chunk, struct sk_chunk_writer *from,
                              shukei_error *err)
{
  for (uint32_t i = 0; i < from->page_count; i++) {
    const shukei_status st = sk_chunk_page_room(chunk, err);
    if (st)
      return st;
    if (!share(&from->pages[i], from->budget, &chunk->pages[i]))
      return no_memory(chunk, err);
    chunk->page_count++;
  }
  /* In their order, texts get the codes that they had. */
  const uint32_t count = sk_chunk_text_count(from);
  for (uint32_t code = 0; code < count; code++) {
    const struct sk_intern_entry *text = sk_chunk_text(from, code);
    if (sk_chunk_take_text(chunk, text->bytes, text->length) == SK_NO_ID)
      return no_memory(chunk, err);
  }
  chunk->text_bytes = from->text_bytes;
  chunk->uncoded = from->uncoded;
  return share(&from->dictionary, from->budget, &chunk->dictionary) ? SHUKEI_OK
                                                                    : no_memory(chunk, err);
}

shukei_status sk_chunk_share_page(struct sk_chunk_writer *chunk, struct sk_chunk_writer *from,
                                  shukei_error *err)
{
  const shukei_status st = sk_chunk_page_room(chunk, err);
  struct sk_encoded_page *page = &chunk->pages[chunk->page_count];
  if (st)
    return st;
  if (!share(&from->pages[from->page_count - 1], from->budget, page))
    return no_memory(chunk, err);
  chunk->page_count++;
  if (!page->bounded)
    return SHUKEI_OK;
  const struct sk_intern_entry *least = sk_chunk_text(from, page->min);
  const struct sk_intern_entry *most = sk_chunk_text(from, page->max);
  page->min = sk_chunk_keep_bound(chunk, least->bytes, least->length);
  page->max = sk_chunk_keep_bound(chunk, most->bytes, most->length);
  return page->min == SK_NO_ID || page->max == SK_NO_ID ? no_memory(chunk, err) : SHUKEI_OK;
}
