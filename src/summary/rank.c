/* SPDX-License-Identifier: Apache-2.0 */
/* Two sorts.
 *
 * Texts: a quicksort over 8 bytes at a time. Label texts share long beginnings ({"app": "…), which
 * comparing whole texts would walk again and again; here the part that equals the pivot moves on by
 * 8 bytes, so a shared beginning is read once per text. Pivots are drawn by a fixed sequence: the
 * outcome does not depend on them, as the texts are distinct.
 *
 * Rows: a radix sort from the last word to the first, a byte at a time, leaving out bytes that are
 * the same in all rows, which is most of them: ranks are small. */
#include "summary/rank.h"

#define WORD_BYTES 8
#define FEW 12

static uint64_t load_word(const struct sk_ranked_text *t, uint32_t depth)
{
  uint8_t bytes[WORD_BYTES] = {0};
  const uint32_t left = t->length > depth ? t->length - depth : 0;
  memcpy(bytes, t->bytes + (left ? depth : 0), left < WORD_BYTES ? left : WORD_BYTES);
  uint64_t word = 0;
  for (int i = 0; i < WORD_BYTES; i++)
    word = word << 8 | bytes[i];
  return word;
}

/* Bytes left at depth, those beyond the word counted as one: with equal words, what is left tells
 * a text that ends from one that goes on with zero bytes. */
static uint32_t left_at(const struct sk_ranked_text *t, uint32_t depth)
{
  const uint32_t left = t->length > depth ? t->length - depth : 0;
  return left > WORD_BYTES ? WORD_BYTES + 1 : left;
}

static int compare_words(const struct sk_ranked_text *a, const struct sk_ranked_text *b,
                         uint32_t depth)
{
  if (a->word != b->word)
    return a->word < b->word ? -1 : 1;
  const uint32_t x = left_at(a, depth), y = left_at(b, depth);
  return (x > y) - (x < y);
}

static int compare_rest(const struct sk_ranked_text *a, const struct sk_ranked_text *b,
                        uint32_t depth)
{
  if (a->word != b->word)
    return a->word < b->word ? -1 : 1;
  const uint32_t shorter = a->length < b->length ? a->length : b->length;
  const int order =
      shorter > depth ? memcmp(a->bytes + depth, b->bytes + depth, shorter - depth) : 0;
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

static void swap(struct sk_ranked_text *a, struct sk_ranked_text *b)
{
  const struct sk_ranked_text t = *a;
  *a = *b;
  *b = t;
}

static void sort_few(struct sk_ranked_text *texts, size_t count, uint32_t depth)
{
  for (size_t i = 1; i < count; i++) {
    const struct sk_ranked_text t = texts[i];
    size_t at = i;
    for (; at && compare_rest(&t, &texts[at - 1], depth) < 0; at--)
      texts[at] = texts[at - 1];
    texts[at] = t;
  }
}

/* A part of the texts that is not sorted yet; words are loaded at its depth. */
struct part {
  struct sk_ranked_text *texts;
  size_t count;
  uint32_t depth;
};

/* Cuts a part into what is less than, equal to and greater than a pivot. */
static void cut(const struct part *part, uint64_t *seed, struct part out[3])
{
  struct sk_ranked_text *texts = part->texts;
  *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
  const struct sk_ranked_text pivot = texts[(*seed >> 33) % part->count];
  size_t less = 0, at = 0, greater = part->count;
  while (at < greater) {
    const int order = compare_words(&texts[at], &pivot, part->depth);
    if (order < 0)
      swap(&texts[less++], &texts[at++]);
    else if (order > 0)
      swap(&texts[at], &texts[--greater]);
    else
      at++;
  }
  out[0] = (struct part){texts, less, part->depth};
  out[1] = (struct part){texts + less, greater - less, part->depth + WORD_BYTES};
  out[2] = (struct part){texts + greater, part->count - greater, part->depth};
  if (left_at(&pivot, part->depth) <= WORD_BYTES)
    out[1].count = 0; /* texts that end here are equal */
  for (size_t i = 0; i < out[1].count; i++)
    out[1].texts[i].word = load_word(&out[1].texts[i], out[1].depth);
}

/* The two smaller parts are sorted by a call, the largest by the loop: 3 parts of n, of which the
 * calls get at most n/2 each, so calls nest at most log2(n) deep. */
static void sort_part(struct part part, uint64_t *seed)
{
  while (part.count > FEW) {
    struct part parts[3];
    cut(&part, seed, parts);
    int largest = parts[1].count > parts[0].count ? 1 : 0;
    if (parts[2].count > parts[largest].count)
      largest = 2;
    for (int i = 0; i < 3; i++)
      if (i != largest)
        sort_part(parts[i], seed);
    part = parts[largest];
  }
  sort_few(part.texts, part.count, part.depth);
}

void sk_sort_texts(struct sk_ranked_text *texts, size_t count)
{
  uint64_t seed = 1;
  for (size_t i = 0; i < count; i++)
    texts[i].word = load_word(&texts[i], 0);
  sort_part((struct part){texts, count, 0}, &seed);
}

bool sk_ranks_want(struct sk_ranks *ranks, struct sk_budget *budget, uint32_t id, const char *bytes,
                   uint32_t length)
{
  if (!sk_ids_reach(&ranks->rank, budget, id + 1))
    return false;
  if (ranks->rank.at[id] != SK_NO_ID)
    return true;
  void *array = ranks->texts;
  if (!sk_grow(budget, &array, &ranks->capacity, ranks->count + 1, sizeof *ranks->texts))
    return false;
  ranks->texts = array;
  ranks->texts[ranks->count] = (struct sk_ranked_text){.bytes = bytes, .length = length, .id = id};
  ranks->rank.at[id] = ranks->count++;
  return true;
}

void sk_ranks_sort(struct sk_ranks *ranks)
{
  sk_sort_texts(ranks->texts, ranks->count);
  for (uint32_t i = 0; i < ranks->count; i++)
    ranks->rank.at[ranks->texts[i].id] = i;
}

void sk_ranks_clear(struct sk_ranks *ranks)
{
  for (uint32_t i = 0; i < ranks->count; i++)
    ranks->rank.at[ranks->texts[i].id] = SK_NO_ID;
  ranks->count = 0;
}

void sk_ranks_reset(struct sk_ranks *ranks)
{
  sk_ids_reset(&ranks->rank);
  sk_free(ranks->texts);
  *ranks = (struct sk_ranks){.count = 0};
}

void sk_sort_rows(const uint32_t *keys, size_t words, uint32_t *order, uint32_t *spare,
                  size_t count)
{
  uint32_t *from = order, *to = spare;
  for (size_t digit = 0; digit < words * 4; digit++) {
    const size_t word = words - 1 - digit / 4;
    const unsigned shift = (unsigned)(digit % 4) * 8;
    size_t starts[257] = {0};
    for (size_t i = 0; i < count; i++)
      starts[(keys[i * words + word] >> shift & 0xff) + 1]++;
    bool same = false;
    for (size_t b = 1; b <= 256; b++) {
      same |= starts[b] == count;
      starts[b] += starts[b - 1];
    }
    if (same)
      continue;
    for (size_t i = 0; i < count; i++)
      to[starts[keys[from[i] * words + word] >> shift & 0xff]++] = from[i];
    uint32_t *t = from;
    from = to;
    to = t;
  }
  if (from != order)
    memcpy(order, from, count * sizeof *order);
}
