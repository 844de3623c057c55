/* SPDX-License-Identifier: Apache-2.0 */
/* The name decides which store answers. Listings, which all stores fill. */
#include "store/listing.h"
#include "store/local_store.h"
#include "store/lock.h"
#include "store/s3_session.h"
#include "store/s3_store.h"

#include <stdlib.h>

void sk_listing_init(struct sk_listing *listing, struct sk_budget *budget)
{
  memset(listing, 0, sizeof *listing);
  sk_arena_init(&listing->arena, budget);
}

void sk_listing_reset(struct sk_listing *listing)
{
  struct sk_budget *budget = listing->arena.budget;
  sk_free(listing->items);
  sk_arena_reset(&listing->arena);
  sk_listing_init(listing, budget);
}

shukei_status sk_listing_add(struct sk_listing *listing, const struct sk_listed *item,
                             shukei_error *err)
{
  struct sk_budget *const budget = listing->arena.budget;
  if (listing->count == listing->capacity) {
    const size_t more = listing->capacity ? listing->capacity * 2 : 64;
    void *const moved = sk_realloc(budget, listing->items, more * sizeof *listing->items);
    if (!moved)
      return sk_fail_memory(err, budget, more * sizeof *listing->items, "the list of files");
    listing->items = moved;
    listing->capacity = more;
  }
  listing->items[listing->count++] = *item;
  return SHUKEI_OK;
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const struct sk_listed *)a)->path, ((const struct sk_listed *)b)->path);
}

void sk_listing_sort(struct sk_listing *listing)
{
  if (listing->count > 1)
    qsort(listing->items, listing->count, sizeof *listing->items, by_path);
}

shukei_status sk_store_list(const char *place, struct sk_listing *listing, shukei_error *err)
{
  return sk_s3_named(place) ? sk_s3_list(place, listing, err) : sk_local_list(place, listing, err);
}

/* Keys have no other spellings. */
bool sk_store_same(const char *a, const char *b)
{
  return sk_s3_named(a) || sk_s3_named(b) ? strcmp(a, b) == 0 : sk_local_same(a, b);
}

bool sk_store_distant(const char *path)
{
  return sk_s3_named(path);
}

shukei_status sk_store_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                            shukei_error *err)
{
  return sk_s3_named(path) ? sk_s3_open(path, budget, out, err)
                           : sk_local_open(path, budget, out, err);
}

shukei_status sk_store_metadata(const char *path, const char *name, struct sk_budget *budget,
                                char text[SK_METADATA_TEXT], shukei_error *err)
{
  text[0] = '\0';
  return sk_s3_named(path) ? sk_s3_metadata(path, name, budget, text, err) : SHUKEI_OK;
}

void sk_store_soon(const char *path, struct sk_budget *budget)
{
  if (sk_s3_named(path))
    sk_s3_soon(path, budget);
}

shukei_status sk_store_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                              shukei_error *err)
{
  return sk_s3_named(path) ? sk_s3_create(path, budget, out, err)
                           : sk_local_create(path, budget, out, err);
}

shukei_status sk_store_create_alone(const char *path, struct sk_budget *budget,
                                    struct sk_output **out, shukei_error *err)
{
  const shukei_status st = sk_s3_named(path) ? SHUKEI_OK : sk_local_clear_target(path, budget, err);
  *out = NULL;
  return st ? st : sk_store_create(path, budget, out, err);
}

shukei_status sk_store_clear(const char *folder, struct sk_budget *budget, shukei_error *err)
{
  return sk_s3_named(folder) ? SHUKEI_OK : sk_local_clear(folder, budget, err);
}

shukei_status sk_store_clear_named(const char *folder, const char *name, bool below,
                                   struct sk_budget *budget, shukei_error *err)
{
  return sk_s3_named(folder) ? sk_s3_clear_named(folder, name, budget, err)
                             : sk_local_clear_named(folder, name, below, budget, err);
}

shukei_status sk_store_remove(const char *path, struct sk_budget *budget, shukei_error *err)
{
  return sk_s3_named(path) ? sk_s3_remove(path, budget, err) : sk_local_remove(path, err);
}

shukei_status sk_store_lock(const char *path, const struct sk_store_wait *wait,
                            struct sk_budget *budget, struct sk_store_lock **out, shukei_error *err)
{
  return sk_s3_named(path) ? sk_s3_lock(path, wait, budget, out, err)
                           : sk_local_lock(path, wait, budget, out, err);
}

shukei_status sk_store_lock_renew(struct sk_store_lock *lock, shukei_error *err)
{
  return lock && lock->renew ? lock->renew(lock, err) : SHUKEI_OK;
}

void sk_store_unlock(struct sk_store_lock *lock)
{
  if (lock)
    lock->release(lock);
}

void sk_store_heed(struct sk_budget *budget, bool (*canceled)(void *context), void *context)
{
  sk_s3_session_heed(budget, canceled, context);
}

uint64_t sk_store_requests(const struct sk_budget *budget)
{
  return sk_s3_session_requests(budget);
}

void sk_store_end(struct sk_budget *budget)
{
  sk_s3_session_end(budget);
}
