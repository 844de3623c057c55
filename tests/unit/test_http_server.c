/* SPDX-License-Identifier: Apache-2.0 */
/* The server by itself: a client in the same thread, an address that is taken, allocations that
 * fail, who takes too long by a clock that the test moves. What clients of all kinds get is tried
 * by tests/status. */
#include "testing.h"

#include "base/alloc.h"
#include "status/http_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Atomic long ahead_ms; /* of the true time */

/* The clocks of this program, in place of the system's. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
  (void)clock;
  timespec_get(out, TIME_UTC);
  const long ns = out->tv_nsec + ahead_ms % 1000 * 1000000;
  out->tv_sec += ahead_ms / 1000 + ns / 1000000000;
  out->tv_nsec = ns % 1000000000;
  return 0;
}

static unsigned asked;

static void answer(void *context, const char *path, struct sk_http_answer *out)
{
  asked++;
  if (strcmp(path, "/") != 0)
    out->status = 404;
  out->bytes = context;
  out->length = strlen(context);
}

static struct sk_http_settings settings_at(const char *place)
{
  static char text[] = "hello";
  struct sk_http_settings settings = {.context = text, .answer = answer};
  assert_int_equal(sk_http_address_parse(place, &settings.address, NULL), SHUKEI_OK);
  return settings;
}

static int connect_to(const struct sk_http *http)
{
  struct sk_http_address address;
  assert_int_equal(sk_http_address_parse(sk_http_place(http), &address, NULL), SHUKEI_OK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(connect(fd, (const struct sockaddr *)&address.place, address.length), 0);
  return fd;
}

/* Sends a request, lets the server run, and reads what is there. */
static void ask(struct sk_http *http, int fd, const char *request, char *got, size_t room)
{
  assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
  ssize_t n = -1;
  for (int turn = 0; turn < 200 && n < 0; turn++) {
    assert_int_equal(sk_http_turn(http, 5, NULL), SHUKEI_OK);
    n = recv(fd, got, room - 1, MSG_DONTWAIT);
  }
  assert_true(n >= 0);
  got[n] = '\0';
}

static void answers(void **state)
{
  const struct sk_http_settings settings = settings_at("127.0.0.1:0");
  struct sk_http *http;
  char got[4096];
  (void)state;
  assert_int_equal(sk_http_open(&settings, &http, NULL), SHUKEI_OK);
  const int fd = connect_to(http);
  asked = 0;
  for (int i = 0; i < 3; i++) { /* the connection stays */
    ask(http, fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", got, sizeof got);
    assert_non_null(strstr(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "\r\n\r\nhello"));
  }
  ask(http, fd, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", got, sizeof got);
  assert_non_null(strstr(got, "HTTP/1.1 404 "));
  assert_int_equal(asked, 4);
  assert_int_equal(sk_http_counts(http).open, 1);
  ask(http, fd, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", got, sizeof got);
  assert_non_null(strstr(got, "HTTP/1.1 421 "));
  assert_int_equal(asked, 4);
  assert_int_equal(sk_http_counts(http).answered, 3);
  assert_int_equal(sk_http_counts(http).refused, 2);
  close(fd);
  sk_http_close(http);
}

static bool hung_up(struct sk_http *http, int fd)
{
  char byte;
  for (int turn = 0; turn < 3; turn++)
    assert_int_equal(sk_http_turn(http, 0, NULL), SHUKEI_OK);
  return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Ten seconds are there for a request, from when its connection, or the time after the one before
 * it, began: bytes that come meanwhile do not begin them anew, an answer does. */
static void ends_who_takes_too_long(void **state)
{
  static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const struct sk_http_settings settings = settings_at("127.0.0.1:0");
  struct sk_http *http;
  char got[4096];
  (void)state;
  assert_int_equal(sk_http_open(&settings, &http, NULL), SHUKEI_OK);
  const int slow = connect_to(http), quick = connect_to(http), late = connect_to(http);
  assert_int_equal(send(slow, request, 9, 0), 9);
  for (int turn = 0; turn < 200 && sk_http_counts(http).open < 3; turn++)
    assert_int_equal(sk_http_turn(http, 5, NULL), SHUKEI_OK);
  assert_int_equal(sk_http_counts(http).open, 3);
  ahead_ms += 5000;
  ask(http, quick, request, got, sizeof got);
  assert_int_equal(send(slow, request + 9, 5, 0), 5);
  ahead_ms += 3000; /* 8 s since all came */
  assert_false(hung_up(http, slow) || hung_up(http, quick) || hung_up(http, late));
  ask(http, late, request, got, sizeof got);
  ahead_ms += 4000; /* 12 s, 7 s since the first answer, 4 s since the second */
  assert_true(hung_up(http, slow));
  assert_false(hung_up(http, quick) || hung_up(http, late));
  assert_int_equal(sk_http_counts(http).ended, 1);
  ahead_ms += 4000; /* 11 s since the first answer, 8 s since the second */
  assert_true(hung_up(http, quick));
  assert_false(hung_up(http, late));
  ahead_ms += 4000;
  assert_true(hung_up(http, late));
  for (int turn = 0; turn < 200 && sk_http_counts(http).open > 0; turn++)
    assert_int_equal(sk_http_turn(http, 5, NULL), SHUKEI_OK);
  assert_int_equal(sk_http_counts(http).open, 0);
  assert_int_equal(sk_http_counts(http).ended, 3);
  close(slow);
  close(quick);
  close(late);
  sk_http_close(http);
}

static void tells_of_a_taken_address(void **state)
{
  const struct sk_http_settings settings = settings_at("127.0.0.1:0");
  struct sk_http *http, *second;
  shukei_error err = {.offset = 0};
  char want[128];
  (void)state;
  assert_int_equal(sk_http_open(&settings, &http, NULL), SHUKEI_OK);
  const struct sk_http_settings same = settings_at(sk_http_place(http));
  assert_int_equal(sk_http_open(&same, &second, &err), SHUKEI_EIO);
  assert_null(second);
  snprintf(want, sizeof want, "could not serve at %s: ", sk_http_place(http));
  assert_memory_equal(err.text, want, strlen(want));
  sk_http_close(http);
  sk_http_close(NULL);
}

static void survives_failed_allocations(void **state)
{
  const struct sk_http_settings settings = settings_at("127.0.0.1:0");
  struct sk_http *http;
  char got[4096];
  (void)state;
  sk_test_fail_alloc(0);
  assert_int_equal(sk_http_open(&settings, &http, NULL), SHUKEI_ENOMEM);
  sk_test_fail_alloc(-1);
  assert_int_equal(sk_http_open(&settings, &http, NULL), SHUKEI_OK);
  sk_test_fail_alloc(0); /* the client that gets no place in the list is turned away */
  const int fd = connect_to(http);
  for (int turn = 0; turn < 200 && !sk_test_alloc_failed(); turn++)
    assert_int_equal(sk_http_turn(http, 5, NULL), SHUKEI_OK);
  sk_test_fail_alloc(-1);
  ssize_t n = -1;
  for (int turn = 0; turn < 200 && n < 0; turn++) {
    assert_int_equal(sk_http_turn(http, 5, NULL), SHUKEI_OK);
    n = recv(fd, got, sizeof got, MSG_DONTWAIT);
  }
  assert_int_equal(n, 0);
  close(fd);
  const int next = connect_to(http);
  ask(http, next, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", got, sizeof got);
  assert_non_null(strstr(got, "200 OK"));
  close(next);
  sk_http_close(http);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers), cmocka_unit_test(ends_who_takes_too_long),
      cmocka_unit_test(tells_of_a_taken_address), cmocka_unit_test(survives_failed_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
