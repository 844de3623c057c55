/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of S3, page by page, from answers that a server might give. */
#include "fake_http.h"

#define PAGE "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define END "</ListBucketResult>"
#define ITEM(key, size)                                                                            \
  "<Contents><Key>" key "</Key><Size>" size "</Size><ETag>e-" size "</ETag></Contents>"
#define MORE(token)                                                                                \
  "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"

struct page {
  const char *asks; /* the URL has this; NULL: anything */
  const char *body;
  long status;
};
static struct page pages[4];

static void give_page(const struct sk_http_request *request, struct fake_answer *answer)
{
  const struct page *const page = &pages[fake_requests - 1];
  assert_true(fake_requests <= SK_COUNT(pages) && page->body);
  assert_string_equal(request->method, "GET");
  if (page->asks && !strstr(request->url, page->asks))
    fail_msg("request %u: %s", (unsigned)fake_requests, request->url);
  answer->status = page->status ? page->status : 200;
  answer->bytes = page->body;
  answer->length = strlen(page->body);
}

static shukei_status list(const char *place, struct sk_listing *listing, shukei_error *err)
{
  fake_http = give_page;
  fake_session(NULL, "1");
  sk_listing_init(listing, NULL);
  return sk_store_list(place, listing, err);
}

static void finish(struct sk_listing *listing)
{
  sk_listing_reset(listing);
  sk_store_end(NULL);
  memset(pages, 0, sizeof pages);
}

static void is_listed(const struct sk_listing *listing, size_t i, const char *path,
                      const char *relative, uint64_t size, const char *etag)
{
  assert_true(i < listing->count);
  const struct sk_listed *const one = &listing->items[i];
  assert_string_equal(one->path, path);
  assert_string_equal(one->relative, relative);
  assert_int_equal(one->size_bytes, size);
  assert_string_equal(one->etag, etag);
}

static void pages_follow_each_other(void **state)
{
  (void)state;
  struct sk_listing listing;
  pages[0] =
      (struct page){"prefix=f%2F",
                    PAGE "<EncodingType>url</EncodingType>" MORE("t/1") ITEM("f/c+d%2Be", "7")
                        ITEM("f/.hidden", "1") ITEM("f/_a/b", "1") ITEM("f/a/.b/c", "1")
                            ITEM("f/a/", "0") ITEM("f/", "0") ITEM("g/x", "1") END,
                    200};
  pages[1] = (struct page){"continuation-token=t%2F1",
                           PAGE "<EncodingType>url</EncodingType>" MORE("t/2") END, 200};
  pages[2] = (struct page){"continuation-token=t%2F2",
                           PAGE ITEM("f/b%20", "18446744073709551615") ITEM("f/a", "0") END, 200};
  assert_int_equal(list("s3://b/f/", &listing, NULL), SHUKEI_OK);
  assert_int_equal(fake_requests, 3);
  assert_int_equal(listing.count, 3);
  is_listed(&listing, 0, "s3://b/f/a", "a", 0, "e-0");
  is_listed(&listing, 1, "s3://b/f/b%20", "b%20", UINT64_MAX, "e-18446744073709551615");
  is_listed(&listing, 2, "s3://b/f/c d+e", "c d+e", 7, "e-7");
  finish(&listing);
}

/* A place is the object of this key, else what lies below it. */
static void a_key_comes_before_a_folder(void **state)
{
  (void)state;
  struct sk_listing listing;
  pages[0] =
      (struct page){"max-keys=1&prefix=f%2Fa.csv", PAGE ITEM("f/a.csv", "3") MORE("t") END, 200};
  assert_int_equal(list("s3://b/f/a.csv", &listing, NULL), SHUKEI_OK);
  assert_int_equal(fake_requests, 1);
  assert_int_equal(listing.count, 1);
  is_listed(&listing, 0, "s3://b/f/a.csv", "a.csv", 3, "e-3");
  finish(&listing);
  pages[0] = (struct page){"max-keys=1&prefix=f%2Fa", PAGE ITEM("f/a.csv", "3") MORE("t") END, 200};
  pages[1] = (struct page){"max-keys=1000&prefix=f%2Fa%2F", PAGE ITEM("f/a/k", "4") END, 200};
  assert_int_equal(list("s3://b/f/a", &listing, NULL), SHUKEI_OK);
  assert_int_equal(listing.count, 1);
  is_listed(&listing, 0, "s3://b/f/a/k", "k", 4, "e-4");
  finish(&listing);
  pages[0] =
      (struct page){"max-keys=1000&prefix=", PAGE ITEM("k", "4") END, 200}; /* the whole bucket */
  if (list("s3://b", &listing, NULL) == SHUKEI_OK)
    is_listed(&listing, 0, "s3://b/k", "k", 4, "e-4");
  else
    fail_msg("no bucket");
  finish(&listing);
}

static void odd_answers(void **state)
{
  (void)state;
  static char long_token[4000], long_etag[600];
  static const struct {
    const char *first, *second;
    long status;
    shukei_status want;
    const char *text;
  } rows[] = {
      {PAGE END, NULL, 200, SHUKEI_ENOTFOUND, "none lies below it"},
      {PAGE ITEM("f/_x", "1") END, NULL, 200, SHUKEI_ENOTFOUND, "none lies below it"},
      {"", NULL, 404, SHUKEI_ENOTFOUND, "could not find \"s3://b/f/\""},
      {"", NULL, 403, SHUKEI_EIO, "could not list \"s3://b/f/\""},
      {"<html>", NULL, 200, SHUKEI_EFORMAT, "could not list \"s3://b/f/\""},
      {PAGE "<IsTruncated>true</IsTruncated>" END, NULL, 200, SHUKEI_EIO, "does not say where"},
      {PAGE MORE("t") END, PAGE MORE("t") END, 200, SHUKEI_EIO, "does not say where"},
      {PAGE MORE("t") END, PAGE "<IsTruncated>true</IsTruncated>" END, 200, SHUKEI_EIO,
       "does not say where"},
      {long_token, NULL, 200, SHUKEI_EIO, "does not say where"},
      {long_etag, NULL, 200, SHUKEI_OK, ""},
      {PAGE "<Contents><Size>5</Size></Contents>" ITEM("f/a", "1") END, NULL, 200, SHUKEI_OK, ""},
      {PAGE "<Contents><Size>5</Size></Contents><Contents><Key>f/a</Key></Contents>" END, NULL, 200,
       SHUKEI_OK, "no size"},
  };
  char many[2501];
  memset(many, 'x', sizeof many - 1);
  many[2500] = '\0';
  snprintf(long_token, sizeof long_token, PAGE MORE("%s") ITEM("f/a", "1") END, many);
  snprintf(long_etag, sizeof long_etag,
           PAGE "<Contents><Key>f/a</Key><Size>1</Size><ETag>%.192s</ETag></Contents>" END, many);
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct sk_listing listing;
    shukei_error err = {.text = ""};
    pages[0] = (struct page){NULL, rows[i].first, rows[i].status};
    pages[1] = (struct page){NULL, rows[i].second, 200};
    const shukei_status st = list("s3://b/f/", &listing, &err);
    if (st != rows[i].want || (st && !strstr(err.text, rows[i].text)))
      fail_msg("row %zu: %s \"%s\"", i, shukei_status_name(st), err.text);
    if (!st && rows[i].first == long_etag)
      is_listed(&listing, 0, "s3://b/f/a", "a", 1, "");
    else if (!st)
      is_listed(&listing, 0, "s3://b/f/a", "a", *rows[i].text ? 0 : 1, *rows[i].text ? "" : "e-1");
    finish(&listing);
  }
}

/* More items than a page's first room. */
static void many_items(void **state)
{
  (void)state;
  struct sk_listing listing;
  struct sk_buffer text;
  sk_buffer_init(&text, NULL, 1 << 20);
  sk_buffer_text(&text, PAGE);
  for (int i = 0; i < 300; i++)
    sk_buffer_printf(&text, ITEM("f/%03d", "%d"), i, i, i);
  sk_buffer_text(&text, END);
  sk_buffer_byte(&text, 0);
  pages[0] = (struct page){NULL, (const char *)text.bytes, 200};
  assert_int_equal(list("s3://b/f/", &listing, NULL), SHUKEI_OK);
  assert_int_equal(listing.count, 300);
  is_listed(&listing, 299, "s3://b/f/299", "299", 299, "e-299");
  finish(&listing);
  sk_buffer_reset(&text);
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    struct sk_listing listing;
    pages[0] = (struct page){NULL, PAGE ITEM("f/a", "1") MORE("t") END, 200};
    pages[1] = (struct page){NULL, PAGE ITEM("f/b", "1") END, 200};
    fake_http = give_page;
    fake_session(NULL, "1");
    sk_listing_init(&listing, NULL);
    sk_test_fail_alloc(n);
    shukei_error err = {.text = ""};
    const shukei_status st = sk_store_list("s3://b/f/", &listing, &err);
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (st && (!failed || st != SHUKEI_ENOMEM))
      fail_msg("allocation %d: %s, \"%s\"", (int)n, shukei_status_name(st), err.text);
    if (!st)
      assert_int_equal(listing.count, 2);
    assert_true((int)fake_replies <= 0); /* of a request that could not be made there was none */
    finish(&listing);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pages_follow_each_other),
      cmocka_unit_test(a_key_comes_before_a_folder),
      cmocka_unit_test(odd_answers),
      cmocka_unit_test(many_items),
      cmocka_unit_test(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
