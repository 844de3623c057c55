/* SPDX-License-Identifier: Apache-2.0 */
/* Heap memory, charged to budgets.
 *
 * Before every block lies a header of 16 bytes with the block's budget and its size, so that
 * sk_free() needs neither. The header is charged too: thousands of small blocks must not hide what
 * they cost. A charge is one compare-and-swap on the budget's counter; adding first and taking back
 * on excess would be shorter, but could refuse another thread's charge that fits.
 *
 * Charging before allocating keeps the sum of all blocks at or under the limit at every instant. */
#include "base/alloc.h"

#include "base/platform.h"
#include "base/slabs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct header {
  struct sk_budget *budget;
  uint64_t charged_bytes; /* header included */
};

#define HEADER_BYTES ((size_t)16)
_Static_assert(sizeof(struct header) <= 16, "the header fits before a block");
_Static_assert(_Alignof(max_align_t) <= 16, "a block behind the header is aligned for any type");

static _Atomic int64_t fail_countdown = -1;
static atomic_bool fail_happened;

/* True for the one allocation that a test wants to fail. */
static bool fails_by_test(void)
{
  if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) < 0)
    return false;
  /* Several threads may come here with the same count; exactly one of them takes the zero. */
  if (atomic_fetch_sub(&fail_countdown, 1) != 0)
    return false;
  atomic_store(&fail_happened, true);
  return true;
}

void sk_test_fail_alloc(int64_t n)
{
  atomic_store(&fail_happened, false);
  atomic_store(&fail_countdown, n < 0 ? -1 : n);
}

bool sk_test_alloc_failed(void)
{
  return atomic_load(&fail_happened);
}

void sk_budget_init(struct sk_budget *budget, uint64_t limit_bytes)
{
  budget->limit_bytes = limit_bytes;
  atomic_init(&budget->used_bytes, 0);
  atomic_init(&budget->peak_bytes, 0);
  atomic_init(&budget->refused_bytes, 0);
  budget->whole = NULL;
}

void sk_budget_init_part(struct sk_budget *part, struct sk_budget *whole)
{
  sk_budget_init(part, UINT64_MAX);
  part->whole = whole;
}

static bool charge_one(struct sk_budget *budget, uint64_t bytes)
{
  uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
  do {
    if (used > budget->limit_bytes || bytes > budget->limit_bytes - used) {
      atomic_store_explicit(&budget->refused_bytes, bytes, memory_order_relaxed);
      return false;
    }
  } while (!atomic_compare_exchange_weak_explicit(&budget->used_bytes, &used, used + bytes,
                                                  memory_order_relaxed, memory_order_relaxed));
  const uint64_t now = used + bytes;
  uint64_t peak = atomic_load_explicit(&budget->peak_bytes, memory_order_relaxed);
  while (peak < now &&
         !atomic_compare_exchange_weak_explicit(&budget->peak_bytes, &peak, now,
                                                memory_order_relaxed, memory_order_relaxed))
    ;
  return true;
}

static void release(struct sk_budget *budget, uint64_t bytes)
{
  for (; budget; budget = budget->whole) {
    const uint64_t before =
        atomic_fetch_sub_explicit(&budget->used_bytes, bytes, memory_order_relaxed);
    assert(before >= bytes);
    (void)before;
  }
}

/* A part has no limit of its own, so only the whole one may refuse: it is asked first. */
static bool charge(struct sk_budget *budget, uint64_t bytes)
{
  if (!budget)
    return true;
  return charge(budget->whole, bytes) && charge_one(budget, bytes);
}

bool sk_budget_charge(struct sk_budget *budget, uint64_t bytes)
{
  return !fails_by_test() && charge(budget, bytes);
}

void sk_budget_release(struct sk_budget *budget, uint64_t bytes)
{
  release(budget, bytes);
}

static struct header *header_of(void *block)
{
  return (struct header *)(void *)((uint8_t *)block - HEADER_BYTES);
}

/* Large blocks are mappings, those below are cut from slabs, small ones are malloc()'s: the size
 * says which. */
enum origin { ORIGIN_HEAP, ORIGIN_SLAB, ORIGIN_MAPPING };
static enum origin origin_of(uint64_t total)
{
  if (total >= sk_mapped_bytes())
    return ORIGIN_MAPPING;
  return sk_slab_takes((size_t)total) ? ORIGIN_SLAB : ORIGIN_HEAP;
}

static struct header *get(size_t total)
{
  const enum origin origin = origin_of(total);
  return origin == ORIGIN_MAPPING ? sk_map_block(total)
         : origin == ORIGIN_SLAB  ? sk_slab_alloc(total)
                                  : malloc(total);
}

static struct header *get_zeros(size_t total)
{
  const enum origin origin = origin_of(total);
  if (origin == ORIGIN_HEAP)
    return calloc(1, total);
  struct header *header = get(total);
  if (header && origin == ORIGIN_SLAB)
    memset(header, 0, total);
  return header;
}

static void give_back(struct header *header, size_t total)
{
  const enum origin origin = origin_of(total);
  if (origin == ORIGIN_MAPPING)
    sk_unmap_block(header, total);
  else if (origin == ORIGIN_SLAB)
    sk_slab_free(header, total);
  else
    free(header);
}

static void *make_block(struct sk_budget *budget, size_t bytes, bool zeroed)
{
  if (fails_by_test() || bytes > SIZE_MAX / 2)
    return NULL;
  const size_t total = bytes + HEADER_BYTES;
  if (!charge(budget, total))
    return NULL;
  struct header *header = zeroed ? get_zeros(total) : get(total);
  if (!header) {
    release(budget, total);
    return NULL;
  }
  header->budget = budget;
  header->charged_bytes = total;
  return (uint8_t *)header + HEADER_BYTES;
}

void *sk_alloc(struct sk_budget *budget, size_t bytes)
{
  return make_block(budget, bytes, false);
}

void *sk_calloc(struct sk_budget *budget, size_t count, size_t size)
{
  /* Half of the address space is more than make_block() grants, so the product stays right. */
  if (size && count > SIZE_MAX / 2 / size)
    return NULL;
  return make_block(budget, count * size, true);
}

/* As realloc(); where that is not done in place, the bytes are copied. */
static struct header *resize(struct header *header, size_t before, size_t total)
{
  const enum origin origin = origin_of(total);
  if (origin == origin_of(before)) {
    if (origin == ORIGIN_HEAP)
      return realloc(header, total);
    if (origin == ORIGIN_MAPPING)
      return sk_remap_block(header, before, total);
    if (sk_slab_resize(header, before, total))
      return header;
  }
  struct header *moved = get(total);
  if (!moved)
    return NULL;
  memcpy(moved, header, before < total ? before : total);
  give_back(header, before);
  return moved;
}

void *sk_realloc(struct sk_budget *budget, void *block, size_t bytes)
{
  if (!block)
    return make_block(budget, bytes, false);
  if (fails_by_test() || bytes > SIZE_MAX / 2)
    return NULL;
  struct header *header = header_of(block);
  assert(header->budget == budget);
  const uint64_t before = header->charged_bytes;
  const uint64_t total = (uint64_t)bytes + HEADER_BYTES;
  if (total > before && !charge(budget, total - before))
    return NULL;
  struct header *moved = resize(header, (size_t)before, (size_t)total);
  if (!moved) {
    if (total > before)
      release(budget, total - before);
    return NULL;
  }
  if (total < before)
    release(budget, before - total);
  moved->charged_bytes = total;
  return (uint8_t *)moved + HEADER_BYTES;
}

void sk_free(void *block)
{
  if (!block)
    return;
  struct header *header = header_of(block);
  const uint64_t total = header->charged_bytes;
  release(header->budget, total);
  give_back(header, (size_t)total);
}

char *sk_strndup(struct sk_budget *budget, const char *text, size_t length)
{
  if (length == SIZE_MAX)
    return NULL;
  char *copy = sk_alloc(budget, length + 1);
  if (!copy)
    return NULL;
  if (length)
    memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

shukei_status sk_fail_memory(shukei_error *err, const struct sk_budget *budget, uint64_t bytes,
                             const char *what)
{
  while (budget && budget->whole)
    budget = budget->whole;
  const uint64_t limit = budget ? budget->limit_bytes : UINT64_MAX;
  if (limit == UINT64_MAX)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for %" PRIu64 " bytes of %s", bytes, what);
  const uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
  const uint64_t refused = atomic_load_explicit(&budget->refused_bytes, memory_order_relaxed);
  if (bytes == 0)
    bytes = refused;
  const shukei_status st = sk_fail(err, SHUKEI_ENOMEM,
                                   "no memory for %" PRIu64 " bytes of %s: %" PRIu64
                                   " of the budget's %" PRIu64 " bytes are in use",
                                   bytes, what, used, limit);
  if (refused || used > limit || bytes > limit - used)
    sk_advise(err, "allow more memory (--memory, memory_bytes) or use fewer threads");
  else
    sk_advise(err, "the system refused memory that the budget allows; a smaller limit (--memory, "
                   "memory_bytes) or fewer threads may help");
  return st;
}
