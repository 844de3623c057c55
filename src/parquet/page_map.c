/* SPDX-License-Identifier: Apache-2.0 */
/* A list a column, that grows at its end. One row group is enough: readers who are still in the one
 * before hop, as they would without a map. */
#include "parquet/page_map.h"

struct sk_page_map {
  struct sk_mapped_page *pages;
  uint32_t count, capacity;
};

void sk_page_maps_init(struct sk_page_maps *maps, struct sk_budget *budget)
{
  *maps = (struct sk_page_maps){.budget = budget};
  pthread_mutex_init(&maps->lock, NULL);
}

static void free_columns(struct sk_page_maps *maps)
{
  for (uint32_t i = 0; i < maps->column_count; i++)
    sk_free(maps->columns[i].pages);
  sk_free(maps->columns);
  maps->columns = NULL;
  maps->column_count = 0;
}

void sk_page_maps_reset(struct sk_page_maps *maps)
{
  free_columns(maps);
  pthread_mutex_destroy(&maps->lock);
}

void sk_page_maps_begin(struct sk_page_maps *maps, uint32_t group, uint32_t column_count)
{
  pthread_mutex_lock(&maps->lock);
  free_columns(maps);
  maps->columns = sk_calloc(maps->budget, column_count, sizeof *maps->columns);
  maps->column_count = maps->columns ? column_count : 0;
  maps->group = group;
  pthread_mutex_unlock(&maps->lock);
}

/* With the lock held; NULL: nothing is known of the row group. */
static struct sk_page_map *map_of(struct sk_page_maps *maps, uint32_t group, int column)
{
  return maps->group == group && (uint32_t)column < maps->column_count ? &maps->columns[column]
                                                                       : NULL;
}

static bool grow(struct sk_page_maps *maps, struct sk_page_map *map)
{
  const uint32_t more = map->capacity ? map->capacity * 2 : 32;
  void *const moved = sk_realloc(maps->budget, map->pages, more * sizeof *map->pages);
  if (!moved)
    return false;
  map->pages = moved;
  map->capacity = more;
  return true;
}

void sk_page_maps_note(struct sk_page_maps *maps, uint32_t group, int column,
                       const struct sk_mapped_page *page)
{
  pthread_mutex_lock(&maps->lock);
  struct sk_page_map *const map = map_of(maps, group, column);
  if (map && map->count == page->number && (map->count < map->capacity || grow(maps, map)))
    map->pages[map->count++] = *page;
  pthread_mutex_unlock(&maps->lock);
}

bool sk_page_maps_find(struct sk_page_maps *maps, uint32_t group, int column, int64_t row,
                       struct sk_mapped_page *page)
{
  pthread_mutex_lock(&maps->lock);
  const struct sk_page_map *const map = map_of(maps, group, column);
  uint32_t low = 0, high = map ? map->count : 0;
  while (low < high) { /* pages before `low` do not begin behind the row, those from `high` on do */
    const uint32_t middle = low + (high - low) / 2;
    if (map->pages[middle].first_row <= row)
      low = middle + 1;
    else
      high = middle;
  }
  if (low > 0)
    *page = map->pages[low - 1];
  pthread_mutex_unlock(&maps->lock);
  return low > 0;
}
