/* SPDX-License-Identifier: Apache-2.0 */
/* A server of a few texts that change: GET and HEAD of HTTP/1.1, one thread, no files, no sessions.
 *
 *   sk_http_open() -> sk_http_turn() again and again -> sk_http_close()
 *
 * A client has ten seconds for each request and its answer, whatever trickles in, and 16 KiB for
 * its headers; of 1,024 connections the one that has waited longest makes room for the next. So
 * clients that are slow or want to do harm keep nobody else from an answer. */
#ifndef SK_STATUS_HTTP_SERVER_H
#define SK_STATUS_HTTP_SERVER_H

#include "base/buffer.h"
#include "status/http_address.h"

struct sk_http_answer {
  unsigned status;    /* 200, 404, 503 */
  const char *type;   /* of the content */
  const char *policy; /* Content-Security-Policy; NULL: nothing may be loaded or run */
  const void *bytes;  /* until the next call; copied */
  size_t length;
};

struct sk_http_settings {
  struct sk_http_address address;
  const char *const
      *names; /* by which the page may be asked for, too; live as long as the server */
  size_t name_count;
  void *context;
  /* The answer to a path ("/"); called in sk_http_turn(). */
  void (*answer)(void *context, const char *path, struct sk_http_answer *answer);
};

struct sk_http_counts {
  uint64_t answered, refused; /* refused: a wrong method, Host header or path */
  uint64_t ended;             /* connections that took too long or made room */
  unsigned open;
};

struct sk_http;
/* EUNSUPPORTED without libmicrohttpd; EIO: the address is taken or not ours; ENOMEM. */
shukei_status sk_http_open(const struct sk_http_settings *settings, struct sk_http **out,
                           shukei_error *err);
/* Serves for about so many milliseconds. EIO. */
shukei_status sk_http_turn(struct sk_http *http, int milliseconds, shukei_error *err);
void sk_http_close(struct sk_http *http); /* NULL is fine */

/* "127.0.0.1:8080", with the port that was found free. */
const char *sk_http_place(const struct sk_http *http);
struct sk_http_counts sk_http_counts(const struct sk_http *http);

#endif
