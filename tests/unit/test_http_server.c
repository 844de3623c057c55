/* SPDX-License-Identifier: Apache-2.0 */
/* The server by itself: a client in the same thread, an address that is taken, allocations that fail. What
 * clients of all kinds get is tried by tests/status. */
#include "testing.h"

#include "base/alloc.h"
#include "status/http_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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
  const struct CMUnitTest tests[] = {cmocka_unit_test(answers),
                                     cmocka_unit_test(tells_of_a_taken_address),
                                     cmocka_unit_test(survives_failed_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
