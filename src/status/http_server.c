/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd parses and writes; this file says what may be asked, and ends who takes too long.
 *
 * The library's own time-out begins anew with every byte, so a client that sends one every few
 * seconds would never end. Each connection is therefore in a list by when its request, or its
 * waiting for one, began, the oldest first. What is too old is shut down; the library then finds it
 * closed, and tells.
 *
 * All of it runs in the caller's thread (poll() on the library's epoll, then MHD_run()): there is
 * nothing to lock, and a page costs at most one processor, at the priority that the caller
 * chose. */
#include "status/http_server.h"

#include "base/platform.h"
#include "status/http_library.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONNECTIONS 1024u
#define HEADER_BYTES ((size_t)16 << 10)
#define DEADLINE_NS UINT64_C(10000000000)
#define IDLE_SECONDS 10u
#define POLICY "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct client {
  struct client *before, *after;
  uint64_t since_ns;
  int fd;
  bool ended;
};

struct sk_http {
  struct sk_http_settings settings;
  const struct sk_mhd *mhd;
  struct MHD_Daemon *daemon;
  struct client *oldest, *newest;
  struct sk_http_counts counts;
  int epoll;
  char place[SK_HTTP_ADDRESS_TEXT];
};

static void take_out(struct sk_http *http, struct client *client)
{
  *(client->before ? &client->before->after : &http->oldest) = client->after;
  *(client->after ? &client->after->before : &http->newest) = client->before;
}

static void put_last(struct sk_http *http, struct client *client)
{
  client->since_ns = sk_monotonic_ns();
  client->before = http->newest;
  client->after = NULL;
  *(http->newest ? &http->newest->after : &http->oldest) = client;
  http->newest = client;
}

static void end_client(struct sk_http *http, struct client *client)
{
  if (client->ended)
    return;
  client->ended = true;
  http->counts.ended++;
  shutdown(client->fd, SHUT_RDWR);
}

/* Ends what is too old, and the oldest ones where the next would find no place. */
static void end_the_old(struct sk_http *http)
{
  const uint64_t now = sk_monotonic_ns();
  unsigned open = http->counts.open;
  for (struct client *c = http->oldest; c; c = c->after, open--) {
    if (now - c->since_ns <= DEADLINE_NS && open < CONNECTIONS - CONNECTIONS / 8)
      break;
    end_client(http, c);
  }
}

static void note_connection(void *context, struct MHD_Connection *connection, void **place,
                            enum MHD_ConnectionNotificationCode code)
{
  struct sk_http *const http = context;
  struct client *client = *place;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (client) {
      take_out(http, client);
      http->counts.open--;
    }
    sk_free(client);
    *place = NULL;
    return;
  }
  const union MHD_ConnectionInfo *const info =
      http->mhd->MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  client = sk_calloc(NULL, 1, sizeof *client);
  *place = client;
  if (!client) { /* without a place in the list it could stay for ever */
    shutdown(info->connect_fd, SHUT_RDWR);
    return;
  }
  client->fd = info->connect_fd;
  put_last(http, client);
  http->counts.open++;
}

/* A request has been answered: the time of the next one begins. */
static void note_completed(void *context, struct MHD_Connection *connection, void **place,
                           enum MHD_RequestTerminationCode code)
{
  struct sk_http *const http = context;
  const union MHD_ConnectionInfo *const info =
      http->mhd->MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  struct client *const client = info ? info->socket_context : NULL;
  (void)place;
  if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK && client) {
    take_out(http, client);
    put_last(http, client);
  }
}

struct host {
  const char *text;
  size_t count;
};

static enum MHD_Result note_host(void *context, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
  struct host *const host = context;
  (void)kind;
  if (strlen(key) == 4 && strncasecmp(key, "Host", 4) == 0) {
    host->text = value ? value : "";
    host->count++;
  }
  return MHD_YES;
}

/* Fills the answer that a request gets before anybody looks at its path; false: it may go on. */
static bool refuse(struct sk_http *http, struct MHD_Connection *connection, const char *method,
                   struct sk_http_answer *answer)
{
  struct host host = {NULL, 0};
  const char *text = NULL;
  http->mhd->MHD_get_connection_values(connection, MHD_HEADER_KIND, note_host, &host);
  if (host.count != 1) {
    answer->status = MHD_HTTP_BAD_REQUEST;
    text = "one Host header is needed\n";
  } else if (!sk_http_host_allowed(host.text, http->settings.names, http->settings.name_count)) {
    answer->status = MHD_HTTP_MISDIRECTED_REQUEST;
    text = "no page of this name: ask by the address, or name it with --serve-name\n";
  } else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
    answer->status = MHD_HTTP_METHOD_NOT_ALLOWED;
    text = "GET and HEAD only\n";
  }
  if (!text)
    return false;
  answer->bytes = text;
  answer->length = strlen(text);
  return true;
}

static const char *const headers[][2] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static enum MHD_Result queue(struct sk_http *http, struct MHD_Connection *connection,
                             const struct sk_http_answer *answer)
{
  const struct sk_mhd *const mhd = http->mhd;
  /* The library takes the bytes without const; it copies them. */
  struct MHD_Response *const response = mhd->MHD_create_response_from_buffer(
      answer->length, (void *)(uintptr_t)answer->bytes, MHD_RESPMEM_MUST_COPY);
  if (!response)
    return MHD_NO;
  bool ok = mhd->MHD_add_response_header(response, "Content-Type", answer->type) == MHD_YES;
  ok = mhd->MHD_add_response_header(response, "Content-Security-Policy",
                                    answer->policy ? answer->policy : POLICY) == MHD_YES &&
       ok;
  for (size_t i = 0; i < SK_COUNT(headers); i++)
    ok = mhd->MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES && ok;
  if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
    ok = mhd->MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES && ok;
  if (answer->status < 300)
    http->counts.answered++;
  else
    http->counts.refused++;
  const enum MHD_Result result =
      ok ? mhd->MHD_queue_response(connection, answer->status, response) : MHD_NO;
  mhd->MHD_destroy_response(response);
  return result;
}

/* Called once when the headers are there, for each part of a body, and at the end; *place tells the
 * first time from the others. What is answered at once ends the connection, so only a refusal
 * is. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_length, void **place)
{
  struct sk_http *const http = context;
  struct sk_http_answer answer = {.status = 200, .type = "text/plain; charset=utf-8"};
  (void)version;
  (void)upload;
  if (!*place) {
    *place = http;
    return refuse(http, connection, method, &answer) ? queue(http, connection, &answer) : MHD_YES;
  }
  if (*upload_length) { /* a GET needs no body */
    *upload_length = 0;
    return MHD_YES;
  }
  http->settings.answer(http->settings.context, url, &answer);
  return queue(http, connection, &answer);
}

static shukei_status fail_place(const struct sk_http_address *address, int number,
                                shukei_error *err)
{
  char text[128], place[SK_HTTP_ADDRESS_TEXT];
  return sk_fail(err, SHUKEI_EIO, "could not serve at %s: %s",
                 sk_http_address_text(&address->place, place), sk_errno_text(number, text));
}

/* The socket that listens at the address; `place` becomes where that is. */
static shukei_status listen_at(const struct sk_http_address *address, int *out, char *place,
                               shukei_error *err)
{
  const int yes = 1;
  struct sockaddr_storage bound;
  socklen_t length = sizeof bound;
  const int fd = socket(address->place.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail_place(address, errno, err);
  memset(&bound, 0, sizeof bound);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (const struct sockaddr *)&address->place, address->length) != 0 ||
      listen(fd, (int)CONNECTIONS) != 0 ||
      getsockname(fd, (struct sockaddr *)&bound, &length) != 0) {
    const shukei_status st = fail_place(address, errno, err);
    close(fd);
    return st;
  }
  sk_http_address_text(&bound, place);
  *out = fd;
  return SHUKEI_OK;
}

static shukei_status start(struct sk_http *http, shukei_error *err)
{
  int fd = -1;
  const shukei_status st = listen_at(&http->settings.address, &fd, http->place, err);
  if (st)
    return st;
  http->daemon = http->mhd->MHD_start_daemon(
      MHD_USE_EPOLL, 0, NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET, fd,
      MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_BYTES,
      MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_NOTIFY_CONNECTION, note_connection,
      http, MHD_OPTION_NOTIFY_COMPLETED, note_completed, http, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
  const union MHD_DaemonInfo *const info =
      http->daemon ? http->mhd->MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
  if (!info)
    return sk_fail(err, SHUKEI_EIO, "could not serve at %s: libmicrohttpd does not start",
                   http->place);
  http->epoll = info->epoll_fd;
  return SHUKEI_OK;
}

shukei_status sk_http_open(const struct sk_http_settings *settings, struct sk_http **out,
                           shukei_error *err)
{
  struct sk_http *const http = sk_calloc(NULL, 1, sizeof *http);
  *out = NULL;
  if (!http)
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the server");
  http->settings = *settings;
  shukei_status st = sk_mhd_load(&http->mhd, err);
  if (!st)
    st = start(http, err);
  if (st) {
    sk_http_close(http);
    return st;
  }
  *out = http;
  return SHUKEI_OK;
}

shukei_status sk_http_turn(struct sk_http *http, int milliseconds, shukei_error *err)
{
  const uint64_t end = sk_monotonic_ns() + (uint64_t)milliseconds * 1000000;
  for (;;) {
    const uint64_t now = sk_monotonic_ns();
    unsigned long long wanted;
    int wait = now < end ? (int)((end - now + 999999) / 1000000) : 0;
    if (http->mhd->MHD_get_timeout(http->daemon, &wanted) == MHD_YES &&
        wanted < (unsigned long long)wait)
      wait = (int)wanted;
    struct pollfd ready = {.fd = http->epoll, .events = POLLIN};
    if (poll(&ready, 1, wait) < 0 && errno != EINTR) {
      char text[128];
      return sk_fail(err, SHUKEI_EIO, "could not wait for clients: %s", sk_errno_text(errno, text));
    }
    if (http->mhd->MHD_run(http->daemon) != MHD_YES)
      return sk_fail(err, SHUKEI_EIO, "could not serve at %s", http->place);
    end_the_old(http);
    if (sk_monotonic_ns() >= end)
      return SHUKEI_OK;
  }
}

void sk_http_close(struct sk_http *http)
{
  if (http && http->daemon)
    http->mhd->MHD_stop_daemon(http->daemon);
  sk_free(http);
}

const char *sk_http_place(const struct sk_http *http)
{
  return http->place;
}

struct sk_http_counts sk_http_counts(const struct sk_http *http)
{
  return http->counts;
}
