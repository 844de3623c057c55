/* SPDX-License-Identifier: Apache-2.0 */
/* Handles of libcurl lie in a stack: the one used last has the connection that is open most likely.
 * A handle is reset before each use, which leaves its connections, and names looked up, alone.
 * Proxies are libcurl's business (https_proxy, no_proxy and so on). Nothing is followed or decoded,
 * so that what was signed is what is sent, and what is counted is what was received. */
#include "store/s3_http.h"

#include <string.h>
#include <strings.h>

#define REPLY_MOST ((size_t)16 << 20) /* a page of a listing has a megabyte or two at most */
#define TRANSFER_BYTES (64L << 10)

struct exchange {
  const struct sk_http *http;
  const struct sk_http_request *request;
  struct sk_http_reply *reply;
  bool too_long;
};

shukei_status sk_http_init(struct sk_http *http, struct sk_budget *budget, shukei_error *err)
{
  *http = (struct sk_http){.budget = budget};
  if (pthread_mutex_init(&http->lock, NULL))
    return sk_fail(err, SHUKEI_ENOMEM, "no lock for connections");
  return sk_curl_load(&http->curl, err);
}

void sk_http_reset(struct sk_http *http)
{
  for (size_t i = 0; i < http->idle_count; i++)
    http->curl->easy_cleanup(http->idle[i]);
  sk_free(http->idle);
  pthread_mutex_destroy(&http->lock);
  *http = (struct sk_http){.budget = NULL};
}

void sk_http_reply_reset(struct sk_http_reply *reply)
{
  sk_buffer_reset(&reply->body);
}

static CURL *take_handle(struct sk_http *http)
{
  CURL *handle = NULL;
  pthread_mutex_lock(&http->lock);
  if (http->idle_count > 0)
    handle = http->idle[--http->idle_count];
  pthread_mutex_unlock(&http->lock);
  if (handle)
    http->curl->easy_reset(handle);
  return handle ? handle : http->curl->easy_init();
}

static void give_handle(struct sk_http *http, CURL *handle)
{
  pthread_mutex_lock(&http->lock);
  if (http->idle_count == http->idle_capacity) {
    const size_t more = http->idle_capacity ? http->idle_capacity * 2 : 8;
    CURL **const moved = sk_realloc(http->budget, http->idle, more * sizeof *moved);
    if (moved) {
      http->idle = moved;
      http->idle_capacity = more;
    }
  }
  const bool kept = http->idle_count < http->idle_capacity;
  if (kept)
    http->idle[http->idle_count++] = handle;
  pthread_mutex_unlock(&http->lock);
  if (!kept)
    http->curl->easy_cleanup(handle);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
  struct exchange *const self = context;
  struct sk_http_reply *const reply = self->reply;
  const size_t length = size * count;
  if (self->request->take && reply->status / 100 == 2)
    return self->request->take(self->request->take_context, reply, (const uint8_t *)bytes, length)
               ? length
               : 0;
  if (self->request->into && reply->status / 100 == 2) {
    if (length > self->request->into_capacity - reply->into_length) {
      self->too_long = true;
      return 0;
    }
    memcpy(self->request->into + reply->into_length, bytes, length);
    reply->into_length += length;
    return length;
  }
  sk_buffer_add(&reply->body, bytes, length);
  return reply->body.failed ? 0 : length;
}

/* Takes the value of a header that is wanted; one that is too long is left out. */
static void take_header(const char *line, size_t length, const char *name, char *value, size_t size)
{
  const size_t n = strlen(name);
  if (length <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
    return;
  const char *from = line + n + 1, *end = line + length;
  while (from < end && (*from == ' ' || *from == '\t'))
    from++;
  while (end > from && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
    end--;
  if ((size_t)(end - from) >= size)
    return;
  memcpy(value, from, (size_t)(end - from));
  value[end - from] = '\0';
}

static long status_of(const char *line, size_t length)
{
  const char *const space = memchr(line, ' ', length);
  long status = 0;
  for (const char *at = space ? space + 1 : line + length;
       at < line + length && *at >= '0' && *at <= '9' && status < 1000; at++)
    status = status * 10 + (*at - '0');
  return status;
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
  struct exchange *const self = context;
  struct sk_http_reply *const reply = self->reply;
  const size_t length = size * count;
  if (length > 5 && memcmp(line, "HTTP/", 5) == 0) { /* 100 Continue may come before the real one */
    reply->status = status_of(line, length);
    return length;
  }
  take_header(line, length, "ETag", reply->etag, sizeof reply->etag);
  take_header(line, length, "Content-Range", reply->range, sizeof reply->range);
  take_header(line, length, "Date", reply->date, sizeof reply->date);
  take_header(line, length, "Last-Modified", reply->modified, sizeof reply->modified);
  take_header(line, length, "x-amz-bucket-region", reply->region, sizeof reply->region);
  take_header(line, length, "x-amz-meta-shukei-write", reply->mark, sizeof reply->mark);
  take_header(line, length, "Retry-After", reply->retry_after, sizeof reply->retry_after);
  if (self->request->wanted)
    take_header(line, length, self->request->wanted, reply->wanted, sizeof reply->wanted);
  return length;
}

/* Called about once a second, also where nothing moves. */
static int on_progress(void *context, curl_off_t download_total, curl_off_t downloaded,
                       curl_off_t upload_total, curl_off_t uploaded)
{
  const struct exchange *const self = context;
  (void)download_total;
  (void)downloaded;
  (void)upload_total;
  (void)uploaded;
  return sk_http_canceled(self->http);
}

static struct curl_slist *add_header(const struct sk_curl *curl, struct curl_slist *list,
                                     const char *line)
{
  struct curl_slist *const more = curl->slist_append(list, line);
  if (!more)
    curl->slist_free_all(list);
  return more;
}

/* With those that libcurl would send of its own taken away: it would wait for 100 Continue, and
 * call a body a form. */
static struct curl_slist *header_list(const struct sk_curl *curl,
                                      const struct sk_http_request *request)
{
  struct curl_slist *list = add_header(curl, NULL, "Expect:");
  bool typed = false;
  for (size_t i = 0; list && i < request->header_count; i++) {
    typed |= strncasecmp(request->headers[i], "content-type:", 13) == 0;
    list = add_header(curl, list, request->headers[i]);
  }
  return list && !typed ? add_header(curl, list, "Content-Type:") : list;
}

static void set_up(const struct sk_curl *curl, CURL *h, const struct sk_http_settings *settings,
                   struct exchange *exchange, struct curl_slist *headers, char *text)
{
  const struct sk_http_request *const request = exchange->request;
  curl->easy_setopt(h, CURLOPT_URL, request->url);
  curl->easy_setopt(h, CURLOPT_HTTPHEADER, headers);
  curl->easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  curl->easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
  curl->easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
  curl->easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl->easy_setopt(h, CURLOPT_USERAGENT, "shukei/" SHUKEI_VERSION);
  curl->easy_setopt(h, CURLOPT_BUFFERSIZE, TRANSFER_BYTES);
  curl->easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
  curl->easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, settings->connect_ms);
  curl->easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl->easy_setopt(h, CURLOPT_LOW_SPEED_TIME, settings->stall_s);
  curl->easy_setopt(h, CURLOPT_ERRORBUFFER, text);
  curl->easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
  curl->easy_setopt(h, CURLOPT_WRITEDATA, exchange);
  curl->easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
  curl->easy_setopt(h, CURLOPT_HEADERDATA, exchange);
  if (!request->heedless) {
    curl->easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl->easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl->easy_setopt(h, CURLOPT_XFERINFODATA, exchange);
  }
  if (settings->ca_file)
    curl->easy_setopt(h, CURLOPT_CAINFO, settings->ca_file);
  if (settings->direct)
    curl->easy_setopt(h, CURLOPT_NOPROXY, "*");
  if (strcmp(request->method, "HEAD") == 0) {
    curl->easy_setopt(h, CURLOPT_NOBODY, 1L);
  } else if (strcmp(request->method, "GET") != 0) {
    curl->easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl->easy_setopt(h, CURLOPT_POSTFIELDS, request->body_length ? request->body : "");
    curl->easy_setopt(h, CURLOPT_CUSTOMREQUEST, request->method);
  }
}

static enum sk_http_outcome outcome_of(CURLcode code)
{
  switch (code) {
  case CURLE_OK:
    return SK_HTTP_DONE;
  case CURLE_ABORTED_BY_CALLBACK:
    return SK_HTTP_STOPPED;
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_ENGINE_NOTFOUND:
  case CURLE_SSL_CERTPROBLEM:
    return SK_HTTP_REFUSED;
  default:
    return SK_HTTP_BROKEN;
  }
}

static void judge(const struct sk_curl *curl, CURL *handle, CURLcode code, const char *text,
                  const struct exchange *exchange)
{
  struct sk_http_reply *const reply = exchange->reply;
  curl_off_t length = -1;
  reply->outcome = outcome_of(code);
  curl->easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  reply->content_length = length < 0 ? UINT64_MAX : (uint64_t)length;
  if (code == CURLE_OK)
    return;
  const char *const why = exchange->too_long ? "the answer is longer than what was asked for"
                          : text[0]          ? text
                                             : curl->easy_strerror(code);
  const size_t kept = strnlen(why, sizeof reply->why - 1);
  memcpy(reply->why, why, kept);
  reply->why[kept] = '\0';
}

shukei_status sk_http_exchange(struct sk_http *http, const struct sk_http_settings *settings,
                               const struct sk_http_request *request, struct sk_http_reply *reply,
                               shukei_error *err)
{
  const struct sk_curl *const curl = http->curl;
  struct exchange exchange = {.http = http, .request = request, .reply = reply};
  char text[CURL_ERROR_SIZE] = "";
  *reply = (struct sk_http_reply){.content_length = UINT64_MAX};
  sk_buffer_init(&reply->body, http->budget, REPLY_MOST);
  CURL *const handle = take_handle(http);
  struct curl_slist *const headers = header_list(curl, request);
  if (!handle || !headers) {
    curl->slist_free_all(headers);
    if (handle)
      give_handle(http, handle);
    return sk_fail_memory(err, http->budget, 0, "a connection");
  }
  set_up(curl, handle, settings, &exchange, headers, text);
  const CURLcode code = curl->easy_perform(handle);
  judge(curl, handle, code, text, &exchange);
  curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, NULL);
  curl->slist_free_all(headers);
  give_handle(http, handle);
  return reply->body.failed && reply->body.length < REPLY_MOST / 2
             ? sk_fail_memory(err, http->budget, 0, "the answer of a server")
             : SHUKEI_OK;
}
