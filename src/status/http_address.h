/* SPDX-License-Identifier: Apache-2.0 */
/* Where a page is served, and by which names it may be asked for. */
#ifndef SK_STATUS_HTTP_ADDRESS_H
#define SK_STATUS_HTTP_ADDRESS_H

#include "base/error.h"

#include <sys/socket.h>

struct sk_http_address {
  struct sockaddr_storage place;
  socklen_t length;
  bool loopback; /* only this machine can reach it */
};

/* Reads "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or "8080"; the last two mean 127.0.0.1.
 * Port 0: one that is free. EINVAL for anything else: names are not resolved, as a page could come
 * to be served in a place that nobody meant. */
shukei_status sk_http_address_parse(const char *text, struct sk_http_address *address,
                                    shukei_error *err);

#define SK_HTTP_ADDRESS_TEXT 64
/* "127.0.0.1:8080", "[::1]:8080"; returns text. */
const char *sk_http_address_text(const struct sockaddr_storage *place,
                                 char text[SK_HTTP_ADDRESS_TEXT]);

/* Whether a Host header may be answered: an IP address in digits, "localhost", or one of the names,
 * each with a port or without. A page of another site that has its own name lead here (DNS
 * rebinding) comes with that name, and is refused. */
bool sk_http_host_allowed(const char *host, const char *const *names, size_t name_count);

#endif
