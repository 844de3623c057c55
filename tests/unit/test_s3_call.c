/* SPDX-License-Identifier: Apache-2.0 */
/* One request to S3: which answers are asked for again, how long is waited before, and ranges that
 * come in pieces, break off, or are others than what was asked for. */
#include "fake_http.h"

#define ATTEMPTS 4

static struct fake_answer said; /* each time */

static void say(const struct sk_http_request *request, struct fake_answer *answer)
{
  (void)request;
  *answer = said;
}

static shukei_status call(struct sk_s3 *s3, const struct sk_s3_request *request, shukei_error *err)
{
  struct sk_s3_answer answer;
  const shukei_status st = sk_s3_call(s3, request, &answer, err);
  sk_s3_answer_reset(&answer);
  assert_int_equal(fake_replies, 0); /* none is left of those before it */
  return st;
}

#define CODE(code) "<Error><Code>" code "</Code><Message>m</Message></Error>"

static void asks_again_where_that_can_help(void **state)
{
  (void)state;
  static const struct {
    enum sk_http_outcome outcome;
    long status;
    const char *body, *date;
    unsigned requests, pauses;
    shukei_status want;
    const char *text;
  } rows[] = {
      {SK_HTTP_DONE, 200, "", NULL, 1, 0, SHUKEI_OK, ""},
      {SK_HTTP_DONE, 299, "", NULL, 1, 0, SHUKEI_OK, ""},
      {SK_HTTP_DONE, 300, "", NULL, 1, 0, SHUKEI_EIO, "with the status 300"},
      {SK_HTTP_DONE, 404, "", NULL, 1, 0, SHUKEI_ENOTFOUND, "with the status 404"},
      {SK_HTTP_DONE, 404, CODE("NoSuchKey"), NULL, 1, 0, SHUKEI_ENOTFOUND,
       "NoSuchKey (404): \"m\""},
      {SK_HTTP_DONE, 403, CODE("AccessDenied"), NULL, 1, 0, SHUKEI_EIO,
       "AccessDenied (403): \"m\""},
      {SK_HTTP_DONE, 499, "", NULL, 1, 0, SHUKEI_EIO, "with the status 499"},
      {SK_HTTP_DONE, 408, "", NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO, "408, after 4 attempts"},
      {SK_HTTP_DONE, 429, "", NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO, "429, after 4 attempts"},
      {SK_HTTP_DONE, 500, "", NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO, "500, after 4 attempts"},
      {SK_HTTP_DONE, 599, "", NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO, "599, after 4 attempts"},
      {SK_HTTP_DONE, 200, CODE("InternalError"), NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO,
       "InternalError (200): \"m\", after 4 attempts"},
      {SK_HTTP_DONE, 200, CODE("Other"), NULL, 1, 0, SHUKEI_EIO, "Other (200): \"m\""},
      {SK_HTTP_DONE, 400, CODE("ExpiredToken"), NULL, 3, 0, SHUKEI_EIO, "after 3 attempts"},
      {SK_HTTP_DONE, 400, CODE("ExpiredTokenException"), NULL, 3, 0, SHUKEI_EIO,
       "after 3 attempts"},
      {SK_HTTP_DONE, 400, CODE("TokenRefreshRequired"), NULL, 3, 0, SHUKEI_EIO, "after 3 attempts"},
      {SK_HTTP_DONE, 403, CODE("RequestTimeTooSkewed"), "Sat, 03 Feb 2001 12:00:00 GMT", 3, 0,
       SHUKEI_EIO, "after 3 attempts"},
      {SK_HTTP_DONE, 403, CODE("RequestTimeTooSkewed"), NULL, 1, 0, SHUKEI_EIO, "TooSkewed (403)"},
      {SK_HTTP_BROKEN, 0, "", NULL, ATTEMPTS, ATTEMPTS - 1, SHUKEI_EIO,
       "the connection broke, after 4 attempts"},
      {SK_HTTP_REFUSED, 0, "", NULL, 1, 0, SHUKEI_EIO, "the connection broke"},
  };
  fake_http = say;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_s3_request request = {.method = "PUT", .bucket = "b", .key = "k"};
    struct sk_budget budget;
    shukei_error err = {.text = ""};
    sk_budget_init(&budget, UINT64_C(1) << 30);
    struct sk_s3 *const s3 = fake_session(&budget, "4");
    said = (struct fake_answer){.outcome = rows[i].outcome,
                                .status = rows[i].status,
                                .bytes = rows[i].body,
                                .length = strlen(rows[i].body),
                                .date = rows[i].date};
    const shukei_status st = call(s3, &request, &err);
    if (fake_requests != rows[i].requests || fake_pauses != rows[i].pauses || st != rows[i].want ||
        !strstr(err.text, rows[i].text))
      fail_msg("row %zu: %s \"%s\", %u requests, %u pauses", i, shukei_status_name(st), err.text,
               fake_requests, fake_pauses);
    assert_int_equal(sk_store_requests(&budget), rows[i].requests);
    sk_store_end(&budget);
  }
}

static void knows_codes_that_pass(void **state)
{
  (void)state;
  static const char *const codes[] = {
      "RequestTimeout",       "SlowDown",    "InternalError",
      "ServiceUnavailable",   "Throttling",  "ThrottlingException",
      "RequestLimitExceeded", "BadDigest",   "IncompleteBody",
      "MalformedXML",         "InvalidPart", "XAmzContentSHA256Mismatch"};
  const struct sk_s3_request request = {.method = "PUT", .bucket = "b", .key = "k"};
  struct sk_s3 *const s3 = fake_session(NULL, "2");
  fake_http = say;
  for (size_t i = 0; i < SK_COUNT(codes); i++) {
    char body[200];
    fake_requests = fake_pauses = 0;
    snprintf(body, sizeof body, CODE("%s"), codes[i]);
    said = (struct fake_answer){
        .outcome = SK_HTTP_DONE, .status = 400, .bytes = body, .length = strlen(body)};
    assert_int_equal(call(s3, &request, NULL), SHUKEI_EIO);
    if (fake_requests != 2 || fake_pauses != 1)
      fail_msg("%s: %u requests", codes[i], fake_requests);
  }
  sk_store_end(NULL);
}

static bool always(void *context)
{
  (void)context;
  return true;
}

/* What fails is not tried again by a run that is to end, but for what makes an object appear; what
 * is good is good. */
static void ends_where_it_is_told(void **state)
{
  (void)state;
  static const struct {
    bool heedless, cleans;
    long status;
    unsigned requests;
    shukei_status want;
  } rows[] = {{false, false, 503, 1, SHUKEI_ECANCELED}, {false, true, 503, 1, SHUKEI_EIO},
              {true, false, 503, 4, SHUKEI_EIO},        {false, false, 200, 1, SHUKEI_OK},
              {false, false, 404, 1, SHUKEI_ECANCELED}, {true, false, 404, 1, SHUKEI_ENOTFOUND}};
  struct sk_s3 *const s3 = fake_session(NULL, "4");
  s3->http.canceled = always;
  fake_http = say;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    const struct sk_s3_request request = {.method = "PUT",
                                          .bucket = "b",
                                          .key = "k",
                                          .heedless = rows[i].heedless,
                                          .cleans = rows[i].cleans};
    fake_requests = 0;
    said = (struct fake_answer){.outcome = SK_HTTP_DONE, .status = rows[i].status};
    const shukei_status st = call(s3, &request, NULL);
    if (st != rows[i].want || fake_requests != rows[i].requests)
      fail_msg("row %zu: %s, %u requests", i, shukei_status_name(st), fake_requests);
  }
  sk_store_end(NULL);
}

/* Each pause is a random part of one that doubles up to ten seconds, and as long as the server
 * wishes, up to as much. */
static void waits_longer_each_time(void **state)
{
  (void)state;
  static const struct {
    const char *wish;
    uint64_t least, most;
  } rows[] = {{NULL, 0, 10000}, {"3", 3000, 10000}, {"86400", 10000, 10000}, {"soon", 0, 10000}};
  const struct sk_s3_request request = {.method = "PUT", .bucket = "b", .key = "k"};
  struct sk_s3 *const s3 = fake_session(NULL, "40");
  fake_http = say;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    uint64_t all = 0;
    fake_pauses = 0;
    said = (struct fake_answer){.status = 503, .retry_after = rows[i].wish};
    assert_int_equal(call(s3, &request, NULL), SHUKEI_EIO);
    assert_int_equal(fake_pauses, 39);
    for (unsigned k = 0; k < fake_pauses; k++) {
      const uint64_t doubled = k < 7 ? UINT64_C(100) << k : 10000;
      const uint64_t most = doubled > rows[i].least ? doubled : rows[i].least;
      assert_true(fake_pauses_ms[k] <= most && fake_pauses_ms[k] >= rows[i].least);
      all += fake_pauses_ms[k];
    }
    if (!rows[i].least) /* 165 s on the average, with a deviation of 16 s */
      assert_true(all > 70000 && all < 270000);
  }
  sk_store_end(NULL);
}

static char dates[4][32], tokens[4][32];

static void note_date(const struct sk_http_request *request, struct fake_answer *answer)
{
  const char *const token = fake_header(request, "x-amz-security-token");
  const char *const date = fake_header(request, "x-amz-date");
  snprintf(dates[fake_requests - 1], sizeof dates[0], "%s", date ? date : "none");
  snprintf(tokens[fake_requests - 1], sizeof tokens[0], "%s", token ? token : "none");
  *answer = said;
  if (fake_requests == 2)
    *answer = (struct fake_answer){.status = 200};
  setenv("AWS_SESSION_TOKEN", "another", 1); /* what is read next of the environment */
}

static void signs_with_the_servers_time_and_new_keys(void **state)
{
  (void)state;
  const struct sk_s3_request request = {.method = "GET", .bucket = "b", .key = "k"};
  struct sk_s3 *s3 = fake_session(NULL, "4");
  fake_http = note_date;
  said = (struct fake_answer){.status = 403,
                              .bytes = CODE("RequestTimeTooSkewed"),
                              .length = strlen(CODE("RequestTimeTooSkewed")),
                              .date = "Sat, 03 Feb 2001 12:00:00 GMT"};
  assert_int_equal(call(s3, &request, NULL), SHUKEI_OK);
  assert_int_equal(fake_requests, 2);
  assert_string_not_equal(dates[0], dates[1]);
  assert_memory_equal(dates[1], "20010203T12", 11);
  assert_string_equal(tokens[1], "none");
  sk_store_end(NULL);
  s3 = fake_session(NULL, "4");
  said.bytes = CODE("ExpiredToken");
  said.length = strlen(CODE("ExpiredToken"));
  assert_int_equal(call(s3, &request, NULL), SHUKEI_OK);
  assert_int_equal(fake_requests, 2);
  assert_string_equal(tokens[0], "none");
  assert_string_equal(tokens[1], "another");
  sk_store_end(NULL);
}

static void tells_of_another_region(void **state)
{
  (void)state;
  static const char body[] = "<Error><Code>X</Code><Region>eu-1</Region></Error>";
  static const struct {
    const char *header, *body, *advice;
  } rows[] = {{"eu-2", "", "eu-2"}, {"eu-2", body, "eu-1"}, {"us-east-1", "", ""}, {NULL, "", ""}};
  const struct sk_s3_request request = {.method = "GET", .bucket = "b", .key = "k"};
  struct sk_s3 *const s3 = fake_session(NULL, "1");
  fake_http = say;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    shukei_error err = {.text = ""};
    said = (struct fake_answer){.status = 301,
                                .bytes = rows[i].body,
                                .length = strlen(rows[i].body),
                                .region = rows[i].header};
    assert_int_equal(call(s3, &request, &err), SHUKEI_EIO);
    assert_true(*rows[i].advice ? strstr(err.advice, rows[i].advice) != NULL : !*err.advice);
  }
  sk_store_end(NULL);
}

static char asked[64];

static void say_and_note_range(const struct sk_http_request *request, struct fake_answer *answer)
{
  const char *const range = fake_header(request, "range");
  assert_string_equal(request->url, "http://127.0.0.1:9/b/k");
  snprintf(asked, sizeof asked, "%s", range ? range : "none");
  *answer = said;
}

static void takes_ranges_that_were_asked_for_alone(void **state)
{
  (void)state;
  static const struct {
    uint64_t offset; /* of 4 bytes of an object of 100; UINT64_MAX: the last ones */
    long status;
    const char *range;
    size_t length;
    bool good;
  } rows[] = {
      {10, 206, "bytes 10-13/100", 4, true},
      {10, 206, "bytes 10-13/100", 3, false},
      {10, 206, "bytes 10-12/100", 3, false},
      {10, 206, "bytes 10-12/100", 4, false},
      {10, 206, "bytes 11-14/100", 4, false},
      {10, 206, "bytes 10-14/100", 5, false},
      {10, 206, NULL, 4, false},
      {10, 206, "bytes 10-13/12", 4, false},
      {10, 200, NULL, 4, false},
      {0, 200, NULL, 4, true},
      {0, 200, NULL, 3, false},
      {UINT64_MAX, 206, "bytes 96-99/100", 4, true},
      {UINT64_MAX, 206, "bytes 0-2/3", 3, true},
      {UINT64_MAX, 206, "bytes 95-98/100", 4, false},
      {UINT64_MAX, 206, "bytes 96-99/100", 3, false},
      {UINT64_MAX, 200, NULL, 4, false},
  };
  struct sk_s3 *const s3 = fake_session(NULL, "2");
  fake_http = say_and_note_range;
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    uint8_t bytes[4] = "";
    shukei_error err = {.text = ""};
    const struct sk_s3_request request = {.method = "GET",
                                          .bucket = "b",
                                          .key = "k",
                                          .into = bytes,
                                          .into_length = sizeof bytes,
                                          .offset = rows[i].offset};
    fake_requests = fake_pauses = 0;
    said = (struct fake_answer){.status = rows[i].status,
                                .range = rows[i].range,
                                .bytes = "abcdefgh",
                                .length = rows[i].length};
    const shukei_status st = call(s3, &request, &err);
    assert_string_equal(asked, rows[i].offset == 10  ? "bytes=10-13"
                               : rows[i].offset == 0 ? "bytes=0-3"
                                                     : "bytes=-4");
    if (st != (rows[i].good ? SHUKEI_OK : SHUKEI_EIO) || fake_requests != (rows[i].good ? 1 : 2))
      fail_msg("row %zu: %s \"%s\", %u requests", i, shukei_status_name(st), err.text,
               fake_requests);
    if (st && rows[i].length <= sizeof bytes)
      assert_non_null(strstr(err.text, "another range"));
    if (!st)
      assert_memory_equal(bytes, "abcd", rows[i].length);
  }
  sk_store_end(NULL);
}

/* ---- takers ---------------------------------------------------------------------------------- */

#define OBJECT_BYTES ((size_t)1 << 14)

static uint8_t object[OBJECT_BYTES + 16];
static struct {
  uint64_t random;
  unsigned stuck;       /* answers to come that bring nothing */
  bool breaks;          /* each answer may end early */
  bool whole;           /* although it says that it is whole */
  long first, last;     /* by so much the answer's range is another one than what was asked for */
  long more;            /* bytes that come in addition */
  const char *etag;     /* of the answers */
  uint64_t expected_at; /* where requests have to begin */
} server;

static void serve(const struct sk_http_request *request, struct fake_answer *answer)
{
  static char range[64];
  uint64_t first, last;
  const char *const wanted = fake_header(request, "range");
  assert_int_equal(sscanf(wanted, "bytes=%" SCNu64 "-%" SCNu64, &first, &last), 2);
  assert_int_equal(first, server.expected_at);
  assert_true(first <= last && last < OBJECT_BYTES);
  snprintf(range, sizeof range, "bytes %" PRIu64 "-%" PRIu64 "/%zu", first + (uint64_t)server.first,
           last + (uint64_t)server.last, sizeof object);
  *answer = (struct fake_answer){.status = 206, .range = range, .etag = server.etag};
  answer->bytes = object + first;
  answer->length = (size_t)(last + 1 - first) + (size_t)server.more;
  if (server.stuck > 0) {
    server.stuck--;
    answer->length = 0;
    answer->outcome = SK_HTTP_BROKEN;
  } else if (server.breaks && random_below(&server.random, 8)) {
    answer->length = 1 + random_below(&server.random, answer->length);
    answer->outcome = server.whole ? SK_HTTP_DONE : SK_HTTP_BROKEN;
  }
  server.expected_at += answer->length;
}

struct collector {
  struct sk_s3_taker taker;
  uint64_t begin;
  size_t got, most; /* wants no more than that */
};

static bool collect(struct sk_s3_taker *taker, const uint8_t *bytes, size_t length)
{
  struct collector *const self = (struct collector *)taker;
  assert_true(length > 0 && length <= fake_piece);
  if (self->got + length > self->most)
    return false;
  assert_int_equal(taker->at, self->begin + self->got);
  assert_memory_equal(bytes, object + self->begin + self->got, length);
  self->got += length;
  return true;
}

static shukei_status collect_from(struct sk_s3 *s3, struct collector *self, uint64_t begin,
                                  uint64_t end, shukei_error *err)
{
  const struct sk_s3_request request = {
      .method = "GET", .bucket = "b", .key = "k", .taker = &self->taker};
  *self = (struct collector){
      .taker = {collect, begin, end, .etag = "e"}, .begin = begin, .most = SIZE_MAX};
  server.expected_at = begin;
  fake_requests = fake_pauses = 0;
  return call(s3, &request, err);
}

static void fill_object(void)
{
  uint64_t random = 7;
  for (size_t i = 0; i < sizeof object; i++)
    object[i] = (uint8_t)next_random(&random);
  memset(&server, 0, sizeof server);
  server.random = 1;
  fake_http = serve;
}

/* However often it breaks off, each byte comes once, as long as some come each time. */
static void takers_go_on_where_it_broke_off(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "2");
  unsigned most = 0;
  fill_object();
  server.breaks = true;
  for (int i = 0; i < 300; i++) {
    struct collector collector;
    const uint64_t begin = random_below(&server.random, OBJECT_BYTES - 1);
    const uint64_t end = begin + 1 + random_below(&server.random, OBJECT_BYTES - begin - 1);
    server.etag = i % 3 ? "e" : NULL;
    server.whole = i % 2;
    server.stuck = i % 5 == 0; /* the last attempt brings some, and breaks off */
    fake_piece = 1 + random_below(&server.random, 3000);
    assert_int_equal(collect_from(s3, &collector, begin, end, NULL), SHUKEI_OK);
    assert_int_equal(collector.got, end - begin);
    assert_int_equal(collector.taker.at, end);
    most = fake_requests > most ? fake_requests : most;
  }
  assert_true(most > 4); /* more than the attempts */
  sk_store_end(NULL);
}

static void takers_give_up_where_nothing_comes(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "5");
  struct collector collector;
  shukei_error err = {.text = ""};
  fill_object();
  server.stuck = 4;
  assert_int_equal(collect_from(s3, &collector, 5, 500, &err), SHUKEI_OK);
  assert_int_equal(fake_requests, 5);
  server.stuck = 1000;
  assert_int_equal(collect_from(s3, &collector, 5, 500, &err), SHUKEI_EIO);
  assert_int_equal(fake_requests, 5);
  assert_int_equal(fake_pauses, 4);
  assert_non_null(strstr(err.text, "after 5 attempts"));
  assert_false(collector.taker.replaced || collector.taker.odd || collector.taker.ended);
  sk_store_end(NULL);
}

static void takers_may_want_no_more(void **state)
{
  (void)state;
  struct sk_s3 *const s3 = fake_session(NULL, "3");
  const struct sk_s3_request request = {.method = "GET", .bucket = "b", .key = "k"};
  struct sk_s3_request with = request;
  struct collector collector = {
      .taker = {collect, 100, 900, .etag = ""}, .begin = 100, .most = 250};
  fill_object();
  server.etag = "any";
  server.expected_at = 100;
  fake_piece = 100;
  with.taker = &collector.taker;
  assert_int_equal(call(s3, &with, NULL), SHUKEI_ECANCELED);
  assert_int_equal(fake_requests, 1);
  assert_int_equal(collector.got, 200);
  assert_int_equal(collector.taker.at, 300); /* what was not wanted is missing yet */
  assert_true(collector.taker.ended);
  sk_store_end(NULL);
}

static void takers_get_no_other_object_or_range(void **state)
{
  (void)state;
  static const struct {
    const char *etag;
    long first, last, more;
    unsigned requests;
    bool replaced, odd;
  } rows[] = {{"other", 0, 0, 0, 1, true, false}, {"e", 1, 0, 0, 3, false, true},
              {"e", -1, 0, 0, 3, false, true},    {"e", 0, 1, 0, 3, false, true},
              {"e", 0, -1, 0, 3, false, true},    {NULL, 0, 1, 0, 3, false, true},
              {"e", 0, 0, 1, 3, false, false},    {"e", 0, 0, 0, 1, false, false}};
  struct sk_s3 *const s3 = fake_session(NULL, "3");
  for (size_t i = 0; i < SK_COUNT(rows); i++) {
    struct collector collector;
    shukei_error err = {.text = ""};
    const bool good = rows[i].requests == 1 && !rows[i].replaced;
    fill_object();
    server.first = rows[i].first;
    server.last = rows[i].last;
    server.more = rows[i].more;
    server.etag = rows[i].etag;
    fake_http = say; /* the request is looked at by serve() once, what it says is said each time */
    server.expected_at = 20;
    const struct sk_http_request first_one = {
        .headers = (const char *const[]){"range: bytes=20-49"}, .header_count = 1};
    serve(&first_one, &said);
    const shukei_status st = collect_from(s3, &collector, 20, 50, &err);
    if (st != (good ? SHUKEI_OK : SHUKEI_EIO) || fake_requests != rows[i].requests ||
        collector.got != (good ? 30 : 0) || collector.taker.replaced != rows[i].replaced ||
        collector.taker.odd != rows[i].odd)
      fail_msg("row %zu: %s \"%s\", %u requests, %zu bytes", i, shukei_status_name(st), err.text,
               fake_requests, collector.got);
    if (rows[i].odd)
      assert_non_null(strstr(err.text, "another range"));
  }
  sk_store_end(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asks_again_where_that_can_help),
      cmocka_unit_test(knows_codes_that_pass),
      cmocka_unit_test(waits_longer_each_time),
      cmocka_unit_test(signs_with_the_servers_time_and_new_keys),
      cmocka_unit_test(tells_of_another_region),
      cmocka_unit_test(takes_ranges_that_were_asked_for_alone),
      cmocka_unit_test(ends_where_it_is_told),
      cmocka_unit_test(takers_go_on_where_it_broke_off),
      cmocka_unit_test(takers_give_up_where_nothing_comes),
      cmocka_unit_test(takers_may_want_no_more),
      cmocka_unit_test(takers_get_no_other_object_or_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
