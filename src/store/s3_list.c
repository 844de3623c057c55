/* SPDX-License-Identifier: Apache-2.0 */
/* Listing a place in S3 by ListObjectsV2, page by page. S3 has keys, not folders: what a slash
 * follows is taken for one. A place is the object of exactly this key, else everything below it as
 * a folder.
 *
 * Sizes and ETags come with the listing and are noted, so that opening what was listed costs no
 * request, and what was replaced since is found out. Keys are asked for percent-encoded: XML cannot
 * carry all of them. */
#include "store/s3_store.h"

#include "store/listing.h"
#include "store/s3_call.h"

#include <stdio.h>
#include <stdlib.h>

struct found {
  char *key; /* in the listing's arena */
  uint64_t size_bytes;
  char etag[192];
};

struct page {
  struct sk_arena *arena;
  struct found *items;
  size_t count, capacity;
  struct found now; /* what is being read */
  bool more, encoded;
  char next[2048]; /* the token of the next page */
};

static char *keep(struct sk_arena *arena, const char *text, size_t length)
{
  char *const copy = sk_arena_bytes(arena, length + 1);
  if (copy)
    memcpy(copy, text, length + 1);
  return copy;
}

static bool on_leaf(void *context, const char *parent, const char *name, const char *text,
                    size_t length)
{
  struct page *const page = context;
  if (strcmp(parent, "Contents") == 0) {
    if (strcmp(name, "Key") == 0)
      return (page->now.key = keep(page->arena, text, length)) != NULL;
    if (strcmp(name, "Size") == 0)
      page->now.size_bytes = strtoull(text, NULL, 10);
    else if (strcmp(name, "ETag") == 0 && length < sizeof page->now.etag)
      memcpy(page->now.etag, text, length + 1);
  } else if (strcmp(parent, "ListBucketResult") == 0) {
    if (strcmp(name, "IsTruncated") == 0)
      page->more = strcmp(text, "true") == 0;
    else if (strcmp(name, "EncodingType") == 0)
      page->encoded = strcmp(text, "url") == 0;
    else if (strcmp(name, "NextContinuationToken") == 0 && length < sizeof page->next)
      memcpy(page->next, text, length + 1);
  }
  return true;
}

static bool on_end(void *context, const char *name)
{
  struct page *const page = context;
  if (strcmp(name, "Contents") != 0)
    return true;
  if (page->count == page->capacity) {
    const size_t more = page->capacity ? page->capacity * 2 : 64;
    void *const moved = sk_realloc(page->arena->budget, page->items, more * sizeof *page->items);
    if (!moved)
      return false;
    page->items = moved;
    page->capacity = more;
  }
  if (page->now.key)
    page->items[page->count++] = page->now;
  page->now = (struct found){.key = NULL};
  return true;
}

/* One page; `next` of the page tells where it begins. */
static shukei_status get_page(struct sk_s3 *s3, const char *bucket, const char *prefix,
                              const char *most, struct page *page, shukei_error *err)
{
  static const struct sk_xml_calls calls = {.leaf = on_leaf, .end = on_end};
  struct sk_s3_request request = {.method = "GET", .bucket = bucket, .key = ""};
  struct sk_s3_answer answer;
  char token[sizeof page->next];
  memcpy(token, page->next, sizeof token);
  request.query[0] = (struct sk_s3_pair){"list-type", "2"};
  request.query[1] = (struct sk_s3_pair){"encoding-type", "url"};
  request.query[2] = (struct sk_s3_pair){"prefix", prefix};
  request.query[3] = (struct sk_s3_pair){"max-keys", most};
  if (token[0])
    request.query[4] = (struct sk_s3_pair){"continuation-token", token};
  page->count = 0;
  page->more = page->encoded = false;
  page->next[0] = '\0';
  shukei_status st = sk_s3_call(s3, &request, &answer, err);
  if (!st)
    st = sk_xml_parse(answer.reply.body.bytes, answer.reply.body.length, &calls, page,
                      page->arena->budget, err);
  if (!st && page->more && (!page->next[0] || strcmp(page->next, token) == 0))
    st = sk_fail(err, SHUKEI_EIO, "the server announces more keys and does not say where");
  for (size_t i = 0; !st && page->encoded && i < page->count; i++)
    sk_s3_name_decode(page->items[i].key);
  sk_s3_answer_reset(&answer);
  return st;
}

/* Names that begin with '.' or '_' are passed over, and what only stands for a folder. */
static bool hidden(const char *relative)
{
  for (const char *at = relative; *at; at += *at == '/') {
    if (*at == '.' || *at == '_')
      return true;
    at += strcspn(at, "/");
  }
  return !*relative || relative[strlen(relative) - 1] == '/';
}

static shukei_status add(struct sk_s3 *s3, struct sk_listing *listing, const char *bucket,
                         const struct found *found, size_t skip, shukei_error *err)
{
  struct sk_arena *const arena = &listing->arena;
  struct sk_s3_entry *entry;
  const size_t length = strlen("s3:///") + strlen(bucket) + strlen(found->key);
  char *const path = sk_arena_bytes(arena, length + 1);
  char *const etag = sk_arena_bytes(arena, strlen(found->etag) + 1);
  if (!path || !etag)
    return sk_fail_memory(err, arena->budget, length, "the list of objects");
  snprintf(path, length + 1, "s3://%s/%s", bucket, found->key);
  memcpy(etag, found->etag, strlen(found->etag) + 1);
  const shukei_status st = sk_s3_entry_of(&s3->ahead, path, &entry, err);
  if (st)
    return st;
  sk_s3_entry_note(&s3->ahead, entry, found->size_bytes, found->etag);
  const struct sk_listed item = {.path = path,
                                 .relative = path + (length - strlen(found->key)) + skip,
                                 .size_bytes = found->size_bytes,
                                 .identity = path,
                                 .etag = etag};
  return sk_listing_add(listing, &item, err);
}

/* The object of exactly this key, if it is there: it comes first of all that begin so. */
static shukei_status add_exact(struct sk_s3 *s3, struct sk_listing *listing,
                               const struct sk_s3_name *name, struct page *page, shukei_error *err)
{
  shukei_status st = get_page(s3, name->bucket, name->key, "1", page, err);
  page->next[0] = '\0';
  if (st || !page->count || strcmp(page->items[0].key, name->key) != 0)
    return st;
  const char *const slash = strrchr(name->key, '/');
  return add(s3, listing, name->bucket, &page->items[0],
             slash ? (size_t)(slash + 1 - name->key) : 0, err);
}

static shukei_status add_below(struct sk_s3 *s3, struct sk_listing *listing,
                               const struct sk_s3_name *name, struct page *page, shukei_error *err)
{
  char prefix[SK_S3_KEY_MOST + 2];
  size_t skip = strlen(name->key);
  shukei_status st;
  memcpy(prefix, name->key, skip + 1);
  if (skip && prefix[skip - 1] != '/')
    memcpy(prefix + skip++, "/", 2);
  do {
    st = get_page(s3, name->bucket, prefix, "1000", page, err);
    for (size_t i = 0; !st && i < page->count; i++)
      if (strncmp(page->items[i].key, prefix, skip) == 0 && !hidden(page->items[i].key + skip))
        st = add(s3, listing, name->bucket, &page->items[i], skip, err);
  } while (!st && page->more);
  return st;
}

shukei_status sk_s3_list(const char *place, struct sk_listing *listing, shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_name name;
  struct page page = {.arena = &listing->arena};
  const size_t before = listing->count;
  shukei_status st = sk_s3_name_parse(place, &name, err);
  if (!st)
    st = sk_s3_session(listing->arena.budget, &s3, err);
  if (st)
    return st;
  const size_t length = strlen(name.key);
  if (length && name.key[length - 1] != '/')
    st = add_exact(s3, listing, &name, &page, err);
  if (!st && listing->count == before)
    st = add_below(s3, listing, &name, &page, err);
  sk_free(page.items);
  if (st == SHUKEI_ENOTFOUND)
    return sk_context(err, st, "could not find \"%s\"", place);
  if (st)
    return sk_context(err, st, "could not list \"%s\"", place);
  if (listing->count == before)
    return sk_fail(err, SHUKEI_ENOTFOUND,
                   "could not find \"%s\": no object has this key, and none lies below it", place);
  sk_listing_sort(listing);
  return SHUKEI_OK;
}
