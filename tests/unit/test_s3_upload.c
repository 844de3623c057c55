/* SPDX-License-Identifier: Apache-2.0 */
/* How objects get into S3: whole or in parts, what becomes of an end in doubt, what is left of runs
 * that were killed, and answers that make no sense. */
#include "fake_http.h"

#include "store/process_mark.h"

#define PART ((size_t)5 << 20)
#define NAMED                                                                                      \
  "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  struct sk_buffer log; /* "PUT k 1;" for each request in order, but for parts */
  size_t parts[8];      /* their lengths by number */
  uint8_t *bytes;       /* of all parts, where they belong, or of the whole */
  size_t length;
  char list[1000], mark[80]; /* of unfinished uploads; of what was sent last */
  const char *etag;          /* of parts */
  const char *id;            /* of uploads */
  long end_status;           /* of the request that makes an object visible */
  bool landed, others;       /* there is such an object; another run's */
  char completes[2000];      /* the body of the end */
  const char *date;
} server;

static void give(struct fake_answer *answer, const char *text)
{
  static _Thread_local char kept[2000];
  snprintf(kept, sizeof kept, "%s", text);
  answer->bytes = kept;
  answer->length = strlen(kept);
}

static void take_part(const struct sk_http_request *request, struct fake_answer *answer)
{
  const unsigned number = (unsigned)strtoul(strstr(request->url, "partNumber=") + 11, NULL, 10);
  if (number < SK_COUNT(server.parts)) {
    server.parts[number] = request->body_length;
    memcpy(server.bytes + (number - 1) * PART, request->body, request->body_length);
    server.length += request->body_length;
  }
  answer->etag = server.etag;
}

static void end(const struct sk_http_request *request, struct fake_answer *answer, bool whole)
{
  const char *const mark = fake_header(request, "x-amz-meta-shukei-write");
  if (mark)
    snprintf(server.mark, sizeof server.mark, "%s", mark);
  answer->status = server.end_status;
  if (whole) {
    server.length = request->body_length;
    if (request->body_length)
      memcpy(server.bytes, request->body, request->body_length);
  } else {
    snprintf(server.completes, sizeof server.completes, "%.*s", (int)request->body_length,
             (const char *)request->body);
  }
}

static void serve_one(const struct sk_http_request *request, struct fake_answer *answer)
{
  const char *const query = strchr(request->url, '?');
  const char *const key = request->url + strlen("http://127.0.0.1:9/b");
  const int length = query ? (int)(query - key) : (int)strlen(key);
  char text[1400];
  answer->date = server.date;
  if (query && strstr(query, "partNumber=")) {
    take_part(request, answer);
    return;
  }
  const bool sign = strstr(key, ".shukei-run-") != NULL;
  sk_buffer_printf(&server.log, "%s %.*s%s;", request->method, sign ? 5 : length,
                   sign ? " sign" : key, query ? query : "");
  if (strcmp(request->method, "GET") == 0) {
    give(answer, server.list);
  } else if (strcmp(request->method, "HEAD") == 0) {
    answer->status = server.landed ? 200 : 404;
    answer->mark = server.others ? "00112233445566778899aabbccddeeff" : server.mark;
  } else if (query && strcmp(query, "?uploads=") == 0) {
    const char *const mark = fake_header(request, "x-amz-meta-shukei-write");
    if (!sign)
      snprintf(server.mark, sizeof server.mark, "%s", mark ? mark : "");
    snprintf(text, sizeof text, NAMED, sign ? "sign" : server.id);
    give(answer, text);
  } else if (strcmp(request->method, "DELETE") == 0) {
    answer->status = 204;
  } else {
    end(request, answer, strcmp(request->method, "PUT") == 0);
  }
}

static void serve(const struct sk_http_request *request, struct fake_answer *answer)
{
  pthread_mutex_lock(&lock);
  serve_one(request, answer);
  pthread_mutex_unlock(&lock);
}

static void begin(void)
{
  memset(&server, 0, sizeof server);
  sk_buffer_init(&server.log, NULL, 1 << 20);
  server.bytes = calloc(1, 4 * PART);
  assert_non_null(server.bytes);
  server.etag = "\"t\"";
  server.id = "id";
  server.end_status = 200;
  server.date = "Sat, 03 Feb 2001 12:00:00 GMT";
  snprintf(server.list, sizeof server.list, "<ListMultipartUploadsResult/>");
  fake_http = serve;
  fake_session(NULL, "1");
}

static void logged(const char *want)
{
  sk_store_end(NULL);
  assert_int_equal(fake_replies, 0);
  sk_buffer_byte(&server.log, 0);
  if (strcmp((const char *)server.log.bytes, want) != 0)
    fail_msg("%s", (const char *)server.log.bytes);
  sk_buffer_reset(&server.log);
  free(server.bytes);
}

#define SIGNED "GET ?encoding-type=url&uploads=;POST  sign?uploads=;"
#define LEFT "DELETE  sign?uploadId=sign;"

static struct sk_budget *budget; /* of the run */

static shukei_status put(size_t length, bool commits, shukei_error *err)
{
  struct sk_output *output = NULL;
  uint64_t random = 3;
  uint8_t *const bytes = malloc(length + 1);
  assert_non_null(bytes);
  for (size_t i = 0; i < length; i++)
    bytes[i] = (uint8_t)next_random(&random);
  shukei_status st = sk_store_create("s3://b/f/k", budget, &output, err);
  for (size_t at = 0, n = 0; !st && at < length; at += n) {
    n = 1 + random_below(&random, (size_t)1 << 20);
    n = n < length - at ? n : length - at;
    st = sk_output_write(output, bytes + at, n, err);
  }
  if (!st && commits)
    st = sk_output_commit(output, err);
  sk_output_close(output);
  if (!st && commits) {
    assert_int_equal(server.length, length);
    assert_memory_equal(server.bytes, bytes, length);
  }
  free(bytes);
  return st;
}

static void small_ones_go_whole(void **state)
{
  (void)state;
  static const size_t lengths[] = {0, 1, 100000, PART};
  for (size_t i = 0; i < SK_COUNT(lengths); i++) {
    begin();
    assert_int_equal(put(lengths[i], true, NULL), SHUKEI_OK);
    logged(SIGNED "PUT /f/k;" LEFT);
  }
  begin();
  assert_int_equal(put(100, false, NULL), SHUKEI_OK);
  logged(SIGNED LEFT);
}

#define TAG(n) "<Part><PartNumber>" n "</PartNumber><ETag>\"t\"</ETag></Part>"

static void large_ones_go_in_parts(void **state)
{
  (void)state;
  begin();
  assert_int_equal(put(PART + 1, true, NULL), SHUKEI_OK);
  assert_int_equal(server.parts[1], PART);
  assert_int_equal(server.parts[2], 1);
  assert_non_null(strstr(server.completes, ">" TAG("1") TAG("2") "</CompleteMultipartUpload>"));
  logged(SIGNED "POST /f/k?uploads=;POST /f/k?uploadId=id;" LEFT);
  begin();
  assert_int_equal(put(4 * PART, true, NULL), SHUKEI_OK);
  assert_non_null(strstr(server.completes, TAG("3") TAG("4") "</Comp"));
  logged(SIGNED "POST /f/k?uploads=;POST /f/k?uploadId=id;" LEFT);
  begin();
  assert_int_equal(put(2 * PART, false, NULL), SHUKEI_OK); /* is given up */
  logged(SIGNED "POST /f/k?uploads=;DELETE /f/k?uploadId=id;" LEFT);
}

/* Where there is no room for another part, those on their way are waited for. */
static void parts_take_turns_where_memory_lacks(void **state)
{
  (void)state;
  for (int roomy = 0; roomy < 2; roomy++) {
    struct sk_budget narrow;
    shukei_error err = {.text = ""};
    sk_budget_init(&narrow, (uint64_t)PART * 2 - (roomy ? 0 : PART + 100000) - 1);
    begin();
    fake_session(budget = &narrow, "1");
    const shukei_status st = put(4 * PART, true, &err);
    assert_int_equal(st, roomy ? SHUKEI_OK : SHUKEI_ENOMEM); /* not one part has room */
    sk_store_end(&narrow);
    assert_int_equal(narrow.used_bytes, 0);
    budget = NULL;
    sk_store_end(NULL);
    sk_buffer_reset(&server.log);
    free(server.bytes);
  }
}

/* An end that fails is one if the object is there with the upload's mark. */
static void ends_in_doubt(void **state)
{
  (void)state;
  for (int parts = 0; parts < 2; parts++)
    for (int landed = 0; landed < 3; landed++) {
      shukei_error err = {.text = ""};
      begin();
      server.end_status = 400;
      server.landed = landed > 0;
      server.others = landed == 2;
      const size_t length = parts ? PART + 1 : 10;
      const shukei_status st = put(length, true, &err);
      assert_int_equal(st, landed == 1 ? SHUKEI_OK : SHUKEI_EWRITE);
      if (st)
        assert_non_null(strstr(err.text, parts ? "s3://b/f/k: could not finish writing"
                                               : "s3://b/f/k: could not write"));
      logged(!parts        ? SIGNED "PUT /f/k;HEAD /f/k;" LEFT
             : landed == 1 ? SIGNED "POST /f/k?uploads=;POST /f/k?uploadId=id;HEAD /f/k;" LEFT
                           : SIGNED "POST /f/k?uploads=;POST /f/k?uploadId=id;HEAD /f/k;"
                                    "DELETE /f/k?uploadId=id;" LEFT);
    }
}

static void odd_answers(void **state)
{
  (void)state;
  static char longest[130], long_id[1100];
  static const struct {
    const char *etag, *id, *text; /* text "": it is fine */
  } rows[] = {
      {"\"t\"", "", "the server gives the upload no name"},
      {"\"t\"", long_id, "the server gives the upload no name"},
      {NULL, "id", "does not answer with the part's ETag"},
      {"", "id", "does not answer with the part's ETag"},
      {longest, "id", "does not answer with the part's ETag"},
      {longest + 2, "id", ""},
      {"a<b", "id", "the ETag of a part is none"},
      {"a&b", "id", "the ETag of a part is none"},
  };
  memset(longest, 'x', sizeof longest - 1);
  memset(long_id, 'x', 1024);
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    shukei_error err = {.text = ""};
    begin();
    server.etag = rows[i].etag;
    server.id = rows[i].id;
    const shukei_status st = put(PART + 1, true, &err);
    if (st != (*rows[i].text ? SHUKEI_EWRITE : SHUKEI_OK) || !strstr(err.text, rows[i].text))
      fail_msg("row %zu: %s \"%s\"", i, shukei_status_name(st), err.text);
    sk_store_end(NULL);
    sk_buffer_reset(&server.log);
    free(server.bytes);
  }
}

/* ---- what was left --------------------------------------------------------------------------- */

#define UPLOAD(key, id, begun)                                                                     \
  "<Upload><Key>" key "</Key><UploadId>" id "</UploadId><Initiated>" begun "</Initiated></Upload>"
#define NOON "2001-02-03T12:00:00.000Z"
#define HOURS_6 "2001-02-03T06:00:00.000Z" /* just not too old */
#define TOO_OLD "2001-02-03T05:59:59.000Z"

static void clears_what_was_left(void **state)
{
  (void)state;
  static const struct {
    const char *why, *list, *wanted;
  } rows[] = {
      {"no run goes on", UPLOAD("f/k", "u1", NOON), SIGNED "DELETE /f/k?uploadId=u1;"},
      {"another key", UPLOAD("f/kk", "u1", TOO_OLD) UPLOAD("f/", "u2", TOO_OLD), SIGNED},
      {"begun with a run that goes on",
       UPLOAD("g/.shukei-run-77-1-2", "s", HOURS_6) UPLOAD("f/k", "u1", HOURS_6), SIGNED},
      {"begun before all that go on",
       UPLOAD("g/.shukei-run-77-1-2", "s", NOON) UPLOAD("f/k", "u1", "2001-02-03T11:59:59Z")
           UPLOAD("f/k", "u2", NOON),
       SIGNED "DELETE /f/k?uploadId=u1;"},
      {"the first of several counts",
       UPLOAD(".shukei-run-77-1-2", "s", NOON) UPLOAD("g/.shukei-run-78-1-2", "s", HOURS_6)
           UPLOAD("f/k", "u1", "2001-02-03T11:59:59Z"),
       SIGNED},
      {"too old", UPLOAD(".shukei-run-77-1-2", "s", HOURS_6) UPLOAD("f/k", "u1", TOO_OLD),
       SIGNED "DELETE /f/k?uploadId=u1;"},
      {"a sign that is too old",
       UPLOAD(".shukei-run-77-1-2", "s", TOO_OLD) UPLOAD("f/k", "u1", HOURS_6),
       "GET ?encoding-type=url&uploads=;DELETE  sign?uploadId=s;POST  sign?uploads=;"
       "DELETE /f/k?uploadId=u1;"},
      {"no time", UPLOAD("f/k", "u1", "soon") UPLOAD("f%2Fk", "u2", NOON),
       SIGNED "DELETE /f/k?uploadId=u2;"},
      {"no time and somebody is at work",
       UPLOAD(".shukei-run-77-1-2", "s", NOON) UPLOAD("f/k", "u1", "soon"), SIGNED},
      {"no id, no key", "<Upload><Key>f/k</Key></Upload><Upload><UploadId>u</UploadId></Upload>",
       SIGNED},
      {"more, and not where", UPLOAD("f/k", "u1", TOO_OLD) "<IsTruncated>true</IsTruncated>",
       SIGNED},
  };
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    char wanted[600];
    begin();
    snprintf(server.list, sizeof server.list,
             "<ListMultipartUploadsResult>%s</ListMultipartUploadsResult>", rows[i].list);
    if (put(10, true, NULL))
      fail_msg("%s", rows[i].why);
    snprintf(wanted, sizeof wanted, "%sPUT /f/k;" LEFT, rows[i].wanted);
    logged(wanted);
  }
}

/* Once: the second output of a key in a run has nothing left to clear. */
static void clears_once(void **state)
{
  (void)state;
  begin();
  snprintf(server.list, sizeof server.list,
           "<ListMultipartUploadsResult>%s</ListMultipartUploadsResult>",
           UPLOAD("f/k", "u1", NOON) UPLOAD("f/k", "u2", NOON));
  assert_int_equal(put(10, true, NULL), SHUKEI_OK);
  assert_int_equal(put(10, true, NULL), SHUKEI_OK);
  logged(SIGNED "DELETE /f/k?uploadId=u1;DELETE /f/k?uploadId=u2;PUT /f/k;PUT /f/k;" LEFT);
}

static const char *pages_list; /* what each page has */
static unsigned pages_left;

static void give_pages(const struct sk_http_request *request, struct fake_answer *answer)
{
  char text[600];
  serve(request, answer);
  if (strcmp(request->method, "GET") != 0)
    return;
  snprintf(
      text, sizeof text,
      "<ListMultipartUploadsResult>%s<IsTruncated>%s</IsTruncated><NextKeyMarker>f%%2Fm"
      "</NextKeyMarker><NextUploadIdMarker>i</NextUploadIdMarker></ListMultipartUploadsResult>",
      pages_list, --pages_left ? "true" : "false");
  give(answer, text);
}

/* Ten pages are read: where there are more, nothing is cleared. */
static void many_pages(void **state)
{
  (void)state;
  for (unsigned pages = 2; pages <= 11; pages += pages == 2 ? 8 : 1) {
    struct sk_buffer wanted;
    sk_buffer_init(&wanted, NULL, 1 << 16);
    begin();
    fake_http = give_pages;
    pages_left = pages;
    pages_list = pages == 2 ? UPLOAD("f/k", "u", NOON) : "";
    assert_int_equal(put(10, true, NULL), SHUKEI_OK);
    assert_int_equal(pages_left, pages == 11 ? 1 : 0);
    sk_buffer_text(&wanted, "GET ?encoding-type=url&uploads=;");
    for (unsigned i = 1; i < pages && i < 10; i++)
      sk_buffer_text(&wanted,
                     "GET ?encoding-type=url&key-marker=f%2Fm&upload-id-marker=i&uploads=;");
    sk_buffer_text(&wanted, "POST  sign?uploads=;");
    if (pages == 2)
      sk_buffer_text(&wanted, "DELETE /f/k?uploadId=u;DELETE /f/k?uploadId=u;");
    sk_buffer_text(&wanted, "PUT /f/k;" LEFT);
    sk_buffer_byte(&wanted, 0);
    logged((const char *)wanted.bytes);
    sk_buffer_reset(&wanted);
  }
}

/* Of the calling thread's and the parts' threads'; where there can be no thread, its part is sent
 * all the same. */
static void survives_failed_allocations(void **state)
{
  (void)state;
  bool failed = true;
  for (int64_t n = 0; failed; n++) {
    shukei_error err = {.text = ""};
    begin();
    sk_test_fail_alloc(n);
    const shukei_status st = put(2 * PART + 7, true, &err); /* what it wrote, it looks at */
    failed = sk_test_alloc_failed();
    sk_test_fail_alloc(-1);
    if (st && (!failed || (st != SHUKEI_ENOMEM && st != SHUKEI_EWRITE)))
      fail_msg("allocation %d: %s \"%s\"", (int)n, shukei_status_name(st), err.text);
    sk_store_end(NULL);
    assert_true((int)fake_replies <= 0); /* of a request that could not be made there was none */
    sk_buffer_reset(&server.log);
    free(server.bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_ones_go_whole),
      cmocka_unit_test(large_ones_go_in_parts),
      cmocka_unit_test(parts_take_turns_where_memory_lacks),
      cmocka_unit_test(ends_in_doubt),
      cmocka_unit_test(odd_answers),
      cmocka_unit_test(clears_what_was_left),
      cmocka_unit_test(many_pages),
      cmocka_unit_test(clears_once),
      cmocka_unit_test(survives_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
