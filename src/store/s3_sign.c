/* SPDX-License-Identifier: Apache-2.0 */
/* A request is written in a canonical form, whose digest, with time and scope, is signed with a key
 * that is derived from the secret one by four rounds of HMAC. libcurl 7.88 can sign as well, but
 * neither sorts and encodes queries as S3 wants it nor signs headers of ours. */
#include "store/s3_sign.h"

#include "base/calendar.h"
#include "base/sha256.h"

#include <stdio.h>

#define PARAMETERS_MOST 16

void sk_s3_time_text(int64_t time_s, char text[SK_S3_TIME_TEXT])
{
  const struct sk_date date = sk_date_of_day(sk_day_of_us(time_s * 1000000));
  const unsigned second = (unsigned)(((time_s % 86400) + 86400) % 86400);
  snprintf(text, SK_S3_TIME_TEXT, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)date.year % 10000u,
           (unsigned)date.month % 100u, (unsigned)date.day % 100u, second / 3600, second / 60 % 60,
           second % 60);
}

static bool unreserved(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void sk_s3_encode(struct sk_buffer *out, const char *text, bool keep_slash)
{
  static const char digits[] = "0123456789ABCDEF";
  for (; *text; text++) {
    if (unreserved(*text) || (keep_slash && *text == '/')) {
      sk_buffer_byte(out, (uint8_t)*text);
    } else {
      const uint8_t byte = (uint8_t)*text;
      sk_buffer_byte(out, '%');
      sk_buffer_byte(out, (uint8_t)digits[byte >> 4]);
      sk_buffer_byte(out, (uint8_t)digits[byte & 15]);
    }
  }
}

/* Names of ours need no encoding, so their order is that of their encoded forms. */
static int compare(const struct sk_s3_pair *a, const struct sk_s3_pair *b)
{
  const int order = strcmp(a->name, b->name);
  return order ? order : strcmp(a->value, b->value);
}

void sk_s3_query(struct sk_buffer *out, const struct sk_s3_pair *parameters, size_t count)
{
  const struct sk_s3_pair *sorted[PARAMETERS_MOST];
  size_t n = 0;
  for (size_t i = 0; i < count && n < PARAMETERS_MOST; i++) {
    size_t at = n++;
    for (; at > 0 && compare(sorted[at - 1], &parameters[i]) > 0; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = &parameters[i];
  }
  for (size_t i = 0; i < n; i++) {
    if (i)
      sk_buffer_byte(out, '&');
    sk_s3_encode(out, sorted[i]->name, false);
    sk_buffer_byte(out, '=');
    sk_s3_encode(out, sorted[i]->value, false);
  }
}

static void add_names(struct sk_buffer *out, const struct sk_s3_to_sign *request)
{
  for (size_t i = 0; i < request->header_count; i++)
    sk_buffer_printf(out, "%s%s", i ? ";" : "", request->headers[i].name);
}

/* The digest of the canonical request. */
static bool canonical_digest(const struct sk_s3_to_sign *request, struct sk_budget *budget,
                             char digest[SK_SHA256_TEXT])
{
  struct sk_buffer text;
  sk_buffer_init(&text, budget, (size_t)1 << 20);
  sk_buffer_printf(&text, "%s\n%s\n%s\n", request->method, request->path, request->query);
  for (size_t i = 0; i < request->header_count; i++)
    sk_buffer_printf(&text, "%s:%s\n", request->headers[i].name, request->headers[i].value);
  sk_buffer_byte(&text, '\n');
  add_names(&text, request);
  sk_buffer_printf(&text, "\n%s", request->payload);
  const bool ok = !text.failed;
  if (ok)
    sk_sha256_text(text.bytes, text.length, digest);
  sk_buffer_reset(&text);
  return ok;
}

/* The key for a day, a region and a service. False: the secret is longer than any. */
static bool derive_key(const struct sk_s3_scope *scope, uint8_t key[SK_SHA256_BYTES])
{
  char start[512];
  const int length = snprintf(start, sizeof start, "AWS4%s", scope->secret_key);
  const bool fits = length > 0 && (size_t)length < sizeof start;
  if (fits) {
    sk_hmac_sha256(start, (size_t)length, scope->time, 8, key);
    sk_hmac_sha256(key, SK_SHA256_BYTES, scope->region, strlen(scope->region), key);
    sk_hmac_sha256(key, SK_SHA256_BYTES, scope->service, strlen(scope->service), key);
    sk_hmac_sha256(key, SK_SHA256_BYTES, "aws4_request", 12, key);
  }
  memset(start, 0, sizeof start);
  return fits;
}

bool sk_s3_sign(const struct sk_s3_scope *scope, const struct sk_s3_to_sign *request,
                struct sk_buffer *out)
{
  uint8_t key[SK_SHA256_BYTES], signature[SK_SHA256_BYTES];
  char digest[SK_SHA256_TEXT], place[256], text[512];
  if (!canonical_digest(request, out->budget, digest) || !derive_key(scope, key))
    return false;
  snprintf(place, sizeof place, "%.8s/%s/%s/aws4_request", scope->time, scope->region,
           scope->service);
  const int length =
      snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", scope->time, place, digest);
  sk_hmac_sha256(key, sizeof key, text, (size_t)length, signature);
  sk_buffer_printf(out, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", scope->access_key,
                   place);
  add_names(out, request);
  sk_buffer_printf(out, ", Signature=%s", sk_sha256_hex(signature, digest));
  memset(key, 0, sizeof key);
  return !out->failed;
}
