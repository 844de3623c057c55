/* SPDX-License-Identifier: Apache-2.0 */
/* An address is what inet_pton() takes: four numbers, or IPv6 in brackets. */
#include "status/http_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOST_BYTES 256

struct parts {
  char host[HOST_BYTES]; /* without the brackets of an IPv6 address */
  char port[8];
  bool bracket, has_port;
};

/* "HOST", "HOST:PORT", "[HOST]:PORT". False where a part is too long, or a bracket is alone. */
static bool split(const char *text, struct parts *parts)
{
  parts->bracket = *text == '[';
  const char *const begin = text + parts->bracket;
  const size_t length = strcspn(begin, parts->bracket ? "]" : ":");
  const char *rest = begin + length;
  if (length >= HOST_BYTES || (parts->bracket && *rest++ != ']') || (*rest && *rest != ':'))
    return false;
  parts->has_port = *rest == ':';
  rest += parts->has_port;
  if (strlen(rest) >= sizeof parts->port)
    return false;
  memcpy(parts->host, begin, length);
  parts->host[length] = '\0';
  memcpy(parts->port, rest, strlen(rest) + 1);
  return true;
}

static bool is_digits(const char *text)
{
  return *text && text[strspn(text, "0123456789")] == '\0';
}

/* 0 to 65535. */
static bool parse_port(const char *text, uint16_t *port)
{
  unsigned number = 0;
  if (!is_digits(text) || strlen(text) > 5)
    return false;
  for (; *text; text++)
    number = number * 10 + (unsigned)(*text - '0');
  *port = (uint16_t)number;
  return number <= UINT16_MAX;
}

static void set_v4(struct sk_http_address *address, struct in_addr host, uint16_t port)
{
  struct sockaddr_in place;
  memset(&place, 0, sizeof place);
  place.sin_family = AF_INET;
  place.sin_addr = host;
  place.sin_port = htons(port);
  memcpy(&address->place, &place, sizeof place);
  address->length = sizeof place;
  address->loopback = (ntohl(host.s_addr) >> 24) == 127;
}

static void set_v6(struct sk_http_address *address, struct in6_addr host, uint16_t port)
{
  struct sockaddr_in6 place;
  memset(&place, 0, sizeof place);
  place.sin6_family = AF_INET6;
  place.sin6_addr = host;
  place.sin6_port = htons(port);
  memcpy(&address->place, &place, sizeof place);
  address->length = sizeof place;
  address->loopback = IN6_IS_ADDR_LOOPBACK(&host);
}

shukei_status sk_http_address_parse(const char *text, struct sk_http_address *address,
                                    shukei_error *err)
{
  struct parts parts;
  struct in_addr v4;
  struct in6_addr v6;
  uint16_t port = 0;
  const bool only_port = is_digits(text);
  memset(address, 0, sizeof *address);
  if (split(text, &parts) && parse_port(only_port ? text : parts.port, &port)) {
    const bool here = only_port || (!parts.bracket && strcmp(parts.host, "localhost") == 0);
    if (inet_pton(AF_INET, here ? "127.0.0.1" : parts.host, &v4) == 1 && !parts.bracket) {
      set_v4(address, v4, port);
      return SHUKEI_OK;
    }
    if (parts.bracket && inet_pton(AF_INET6, parts.host, &v6) == 1) {
      set_v6(address, v6, port);
      return SHUKEI_OK;
    }
  }
  const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "\"%.80s\" is no address with a port", text);
  sk_advise(err, "write 127.0.0.1:8080, or [::1]:8080; port 0 takes one that is free");
  return st;
}

const char *sk_http_address_text(const struct sockaddr_storage *place,
                                 char text[SK_HTTP_ADDRESS_TEXT])
{
  char host[INET6_ADDRSTRLEN] = "?";
  if (place->ss_family == AF_INET6) {
    struct sockaddr_in6 v6;
    memcpy(&v6, place, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    snprintf(text, SK_HTTP_ADDRESS_TEXT, "[%s]:%u", host, (unsigned)ntohs(v6.sin6_port));
  } else {
    struct sockaddr_in v4;
    memcpy(&v4, place, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    snprintf(text, SK_HTTP_ADDRESS_TEXT, "%s:%u", host, (unsigned)ntohs(v4.sin_port));
  }
  return text;
}

bool sk_http_host_allowed(const char *host, const char *const *names, size_t name_count)
{
  struct parts parts;
  uint16_t port;
  unsigned char digits[16];
  if (!split(host, &parts) || (parts.has_port && !parse_port(parts.port, &port)))
    return false;
  if (parts.bracket)
    return inet_pton(AF_INET6, parts.host, digits) == 1;
  if (inet_pton(AF_INET, parts.host, digits) == 1 || strcasecmp(parts.host, "localhost") == 0)
    return true;
  for (size_t i = 0; i < name_count; i++) {
    if (strcasecmp(parts.host, names[i]) == 0)
      return true;
  }
  return false;
}
