/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a server on the way gives: the agent of a container (ECS, EKS Pod Identity), the
 * machine's metadata service (IMDSv2), and STS for a token of a web identity (EKS service
 * accounts). All are asked with short patience and a few tries; keys that are still good bridge a
 * failure, see s3_credentials.c. */
#include "store/s3_keys.h"
#include "store/s3_sign.h"
#include "store/s3_xml.h"

#include <errno.h>

#include <stdio.h>
#include <stdlib.h>

#define TRIES 3
#define TOKEN_MOST ((size_t)32 << 10)

static const char *variable(const char *name)
{
  const char *const text = getenv(name);
  return text && *text ? text : NULL;
}

/* One exchange, tried again where it broke or the server is at fault. EIO says what was asked. */
static shukei_status ask(const struct sk_s3_ways *ways, const struct sk_http_request *request,
                         bool local, const char *what, struct sk_http_reply *reply,
                         shukei_error *err)
{
  const struct sk_http_settings settings = {
      .connect_ms = local ? 2000 : ways->settings->connect_ms,
      .stall_s = local ? 5 : ways->settings->stall_s,
      .ca_file = ways->settings->ca_file[0] ? ways->settings->ca_file : NULL,
      .direct = local};
  for (int i = 0;; i++) {
    const shukei_status st = sk_http_exchange(ways->http, &settings, request, reply, err);
    if (st)
      return st;
    const bool again =
        reply->outcome == SK_HTTP_BROKEN ||
        (reply->outcome == SK_HTTP_DONE && (reply->status >= 500 || reply->status == 429));
    if (!again || i + 1 == TRIES)
      break;
    sk_http_reply_reset(reply);
  }
  if (reply->outcome == SK_HTTP_STOPPED)
    return sk_fail(err, SHUKEI_ECANCELED, "stopped while %s was asked for keys", what);
  if (reply->outcome != SK_HTTP_DONE)
    return sk_fail(err, SHUKEI_EIO, "could not ask %s for keys: %s", what, reply->why);
  if (reply->status != 200)
    return sk_fail(err, SHUKEI_EIO, "could not get keys from %s: status %ld", what, reply->status);
  return SHUKEI_OK;
}

/* The file's text without white space at its end, zero-terminated. */
static shukei_status read_token(const char *path, struct sk_buffer *text, shukei_error *err)
{
  char part[4096], why[128];
  FILE *const file = fopen(path, "re");
  if (!file)
    return sk_fail(err, SHUKEI_EIO, "%s: could not open: %s", path, sk_errno_text(errno, why));
  for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
    sk_buffer_add(text, part, got);
  memset(part, 0, sizeof part);
  fclose(file);
  while (text->length && text->bytes[text->length - 1] <= ' ')
    text->length--;
  sk_buffer_byte(text, 0);
  if (text->failed || text->length < 2)
    return sk_fail(err, SHUKEI_EIO, "%s: holds no token", path);
  return SHUKEI_OK;
}

/* ---- containers ------------------------------------------------------------------------------ */

/* By http only to where nobody else listens
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html). */
static bool allowed(const char *url)
{
  static const char *const hosts[] = {"127.0.0.1",     "localhost",      "[::1]",
                                      "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  if (strncmp(url, "https://", 8) == 0)
    return true;
  if (strncmp(url, "http://", 7) != 0)
    return false;
  for (size_t i = 0; i < SK_COUNT(hosts); i++) {
    const size_t length = strlen(hosts[i]);
    if (strncmp(url + 7, hosts[i], length) == 0 &&
        (url[7 + length] == '/' || url[7 + length] == ':'))
      return true;
  }
  return false;
}

shukei_status sk_s3_keys_of_container(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                      bool *found, shukei_error *err)
{
  static const char what[] = "the container's agent";
  const char *const relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const char *const full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const char *const token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const char *const file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  char url[2048];
  struct sk_buffer secret, header;
  struct sk_http_reply reply = {.status = 0};
  *found = relative || full;
  if (!*found)
    return SHUKEI_OK;
  const int length = snprintf(url, sizeof url, "%s%s", relative ? "http://169.254.170.2" : "",
                              relative ? relative : full);
  if ((size_t)length >= sizeof url || !allowed(url))
    return sk_fail(err, SHUKEI_EINVAL,
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine");
  sk_buffer_init(&secret, ways->budget, TOKEN_MOST);
  sk_buffer_init(&header, ways->budget, TOKEN_MOST);
  shukei_status st = file ? read_token(file, &secret, err) : SHUKEI_OK;
  const char *const given = file && !st ? (const char *)secret.bytes : token;
  if (!st && given) {
    sk_buffer_printf(&header, "Authorization: %s", given);
    sk_buffer_byte(&header, 0);
    st = header.failed ? sk_fail_memory(err, ways->budget, TOKEN_MOST, "a token") : SHUKEI_OK;
  }
  if (!st) {
    const char *const headers[] = {(const char *)header.bytes};
    const struct sk_http_request request = {
        .method = "GET", .url = url, .headers = headers, .header_count = given ? 1 : 0};
    st = ask(ways, &request, true, what, &reply, err);
    if (!st &&
        !sk_s3_keys_of_json((const char *)reply.body.bytes, reply.body.length, "Token", keys))
      st = sk_fail(err, SHUKEI_EIO, "%s answered with no keys", what);
    sk_http_reply_reset(&reply);
  }
  sk_buffer_reset(&secret);
  sk_buffer_reset(&header);
  return st;
}

/* ---- machines: IMDSv2 ------------------------------------------------------------------------ */

#define ROLES "/latest/meta-data/iam/security-credentials/"

static shukei_status ask_instance(const struct sk_s3_ways *ways, const char *base, const char *path,
                                  const char *header, struct sk_http_reply *reply,
                                  shukei_error *err)
{
  char url[1024];
  snprintf(url, sizeof url, "%s%s", base, path);
  const struct sk_http_request request = {.method =
                                              strncmp(path, "/latest/api", 11) ? "GET" : "PUT",
                                          .url = url,
                                          .headers = &header,
                                          .header_count = 1};
  return ask(ways, &request, true, "the machine's metadata service", reply, err);
}

/* Puts the first line of a reply behind what stands in text; false where it is empty or too long.
 * */
static bool take_line(const struct sk_http_reply *reply, char *text, size_t size)
{
  const char *const body = (const char *)reply->body.bytes;
  const size_t before = strlen(text);
  size_t length = 0;
  while (length < reply->body.length && body[length] > ' ')
    length++;
  if (length == 0 || before + length >= size)
    return false;
  memcpy(text + before, body, length);
  text[before + length] = '\0';
  return true;
}

shukei_status sk_s3_keys_of_instance(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                     bool *found, shukei_error *err)
{
  const char *base = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const char *const off = variable("AWS_EC2_METADATA_DISABLED");
  char header[2048] = "X-aws-ec2-metadata-token: ", path[600] = ROLES;
  struct sk_http_reply reply = {.status = 0};
  *found = !(off && strcmp(off, "true") == 0);
  if (!*found)
    return SHUKEI_OK;
  if (!base)
    base = "http://169.254.169.254";
  bool sound = true;
  shukei_status st = ask_instance(ways, base, "/latest/api/token",
                                  "X-aws-ec2-metadata-token-ttl-seconds: 21600", &reply, err);
  if (!st)
    sound = take_line(&reply, header, sizeof header);
  sk_http_reply_reset(&reply);
  if (!st && sound) {
    st = ask_instance(ways, base, ROLES, header, &reply, err);
    if (!st)
      sound = take_line(&reply, path, sizeof path);
    sk_http_reply_reset(&reply);
  }
  if (!st && sound) {
    st = ask_instance(ways, base, path, header, &reply, err);
    if (!st)
      sound = sk_s3_keys_of_json((const char *)reply.body.bytes, reply.body.length, "Token", keys);
    sk_http_reply_reset(&reply);
  }
  if (!st && !sound)
    st = sk_fail(err, SHUKEI_EIO, "the machine's metadata service answered with no keys");
  return st;
}

/* ---- web identities: STS --------------------------------------------------------------------- */

struct assumed {
  char access[256], secret[256], token[12288], expires[64];
};

static bool take_leaf(void *context, const char *parent, const char *name, const char *text,
                      size_t length)
{
  struct assumed *const assumed = context;
  const struct {
    const char *name;
    char *to;
    size_t size;
  } wanted[] = {{"AccessKeyId", assumed->access, sizeof assumed->access},
                {"SecretAccessKey", assumed->secret, sizeof assumed->secret},
                {"SessionToken", assumed->token, sizeof assumed->token},
                {"Expiration", assumed->expires, sizeof assumed->expires}};
  for (size_t i = 0; strcmp(parent, "Credentials") == 0 && i < SK_COUNT(wanted); i++)
    if (strcmp(name, wanted[i].name) == 0 && length < wanted[i].size)
      memcpy(wanted[i].to, text, length + 1);
  return true;
}

static bool read_assumed(const struct sk_http_reply *reply, struct sk_budget *budget,
                         struct sk_s3_keys *keys)
{
  static const struct sk_xml_calls calls = {.leaf = take_leaf};
  struct assumed assumed = {.access = ""};
  const bool ok = sk_xml_parse(reply->body.bytes, reply->body.length, &calls, &assumed, budget,
                               NULL) == SHUKEI_OK &&
                  sk_s3_keys_set(keys, assumed.access, assumed.secret, assumed.token) &&
                  sk_s3_instant(assumed.expires, &keys->expires_s);
  memset(&assumed, 0, sizeof assumed);
  return ok;
}

static bool setting(const struct sk_s3_ways *ways, const char *name, const char *key,
                    char value[SK_S3_VALUE_TEXT])
{
  const char *const text = variable(name);
  if (!text)
    return sk_s3_profile_value(ways->profiles, NULL, key, value);
  return (size_t)snprintf(value, SK_S3_VALUE_TEXT, "%s", text) < SK_S3_VALUE_TEXT;
}

static void sts_url(const struct sk_s3_ways *ways, char *url, size_t size)
{
  const char *given = variable("AWS_ENDPOINT_URL_STS");
  if (!given)
    given = variable("AWS_ENDPOINT_URL");
  if (given)
    snprintf(url, size, "%s%s", given, given[strlen(given) - 1] == '/' ? "" : "/");
  else
    snprintf(url, size, "https://sts.%s.amazonaws.com%s/", ways->settings->region,
             strncmp(ways->settings->region, "cn-", 3) == 0 ? ".cn" : "");
}

shukei_status sk_s3_keys_of_web_identity(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                         bool *found, shukei_error *err)
{
  static const char what[] = "STS";
  char file[SK_S3_VALUE_TEXT], role[SK_S3_VALUE_TEXT], session[SK_S3_VALUE_TEXT], url[1024];
  struct sk_buffer token, body;
  struct sk_http_reply reply = {.status = 0};
  *found = setting(ways, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file", file) &&
           setting(ways, "AWS_ROLE_ARN", "role_arn", role);
  if (!*found)
    return SHUKEI_OK;
  if (!setting(ways, "AWS_ROLE_SESSION_NAME", "role_session_name", session))
    snprintf(session, sizeof session, "shukei");
  sts_url(ways, url, sizeof url);
  sk_buffer_init(&token, ways->budget, TOKEN_MOST);
  sk_buffer_init(&body, ways->budget, TOKEN_MOST * 4);
  shukei_status st = read_token(file, &token, err);
  if (!st) {
    const struct sk_s3_pair form[] = {{"Action", "AssumeRoleWithWebIdentity"},
                                      {"Version", "2011-06-15"},
                                      {"RoleArn", role},
                                      {"RoleSessionName", session},
                                      {"WebIdentityToken", (const char *)token.bytes}};
    const char *const header = "Content-Type: application/x-www-form-urlencoded";
    sk_s3_query(&body, form, SK_COUNT(form));
    const struct sk_http_request request = {.method = "POST",
                                            .url = url,
                                            .headers = &header,
                                            .header_count = 1,
                                            .body = body.bytes,
                                            .body_length = body.length};
    st = body.failed ? sk_fail_memory(err, ways->budget, TOKEN_MOST, "a token")
                     : ask(ways, &request, false, what, &reply, err);
    if (!st && !read_assumed(&reply, ways->budget, keys))
      st = sk_fail(err, SHUKEI_EIO, "%s answered with no keys", what);
    sk_http_reply_reset(&reply);
  }
  sk_buffer_reset(&token);
  sk_buffer_reset(&body);
  return st;
}
