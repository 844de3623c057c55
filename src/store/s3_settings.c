/* SPDX-License-Identifier: Apache-2.0 */
/* The environment comes before the files, and what is said of S3 before what is said of all
 * services. */
#include "store/s3_settings.h"

#include <stdio.h>
#include <stdlib.h>

#define ATTEMPTS 8
#define CONNECT_SECONDS 10
#define STALL_SECONDS 30

static const char *variable(const char *name)
{
  const char *const text = getenv(name);
  return text && *text ? text : NULL;
}

/* A name that is put into hosts and signatures. */
static bool plain(const char *text, const char *more)
{
  for (; *text; text++)
    if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
          (*text >= '0' && *text <= '9') || strchr(more, *text)))
      return false;
  return true;
}

static shukei_status find_region(const struct sk_s3_profiles *profiles,
                                 struct sk_s3_settings *settings, shukei_error *err)
{
  char value[SK_S3_VALUE_TEXT];
  const char *region = variable("AWS_REGION");
  if (!region)
    region = variable("AWS_DEFAULT_REGION");
  if (!region && sk_s3_profile_value(profiles, NULL, "region", value))
    region = value;
  if (!region)
    region = "us-east-1";
  if (strlen(region) >= sizeof settings->region || !plain(region, "-_"))
    return sk_fail(err, SHUKEI_EINVAL, "\"%.64s\" is no region", region);
  memcpy(settings->region, region, strlen(region) + 1);
  return SHUKEI_OK;
}

bool sk_s3_endpoint_split(const char *url, struct sk_s3_settings *settings)
{
  const char *const end = strstr(url, "://");
  if (!end || (size_t)(end - url) >= sizeof settings->scheme)
    return false;
  memcpy(settings->scheme, url, (size_t)(end - url));
  settings->scheme[end - url] = '\0';
  const char *const host = end + 3;
  const size_t length = strcspn(host, "/");
  if (length == 0 || length >= sizeof settings->host)
    return false;
  memcpy(settings->host, host, length);
  settings->host[length] = '\0';
  const char *const path = host + length;
  size_t n = strlen(path);
  while (n && path[n - 1] == '/')
    n--;
  if (n >= sizeof settings->folder)
    return false;
  memcpy(settings->folder, path, n);
  settings->folder[n] = '\0';
  return (strcmp(settings->scheme, "http") == 0 || strcmp(settings->scheme, "https") == 0) &&
         plain(settings->host, ".-_:[]") && plain(settings->folder, "/.-_~");
}

/* What the profile says of an endpoint: under its services section, then its own. */
static bool endpoint_of_profile(const struct sk_s3_profiles *profiles, char value[SK_S3_VALUE_TEXT])
{
  char services[SK_S3_VALUE_TEXT], section[300];
  if (sk_s3_profile_value(profiles, NULL, "services", services) &&
      (size_t)snprintf(section, sizeof section, "services %s", services) < sizeof section &&
      sk_s3_section_value(profiles, section, "s3", "endpoint_url", value))
    return true;
  return sk_s3_profile_value(profiles, "s3", "endpoint_url", value) ||
         sk_s3_profile_value(profiles, NULL, "endpoint_url", value);
}

static shukei_status find_endpoint(const struct sk_s3_profiles *profiles,
                                   struct sk_s3_settings *settings, shukei_error *err)
{
  char value[SK_S3_VALUE_TEXT];
  const char *url = variable("AWS_ENDPOINT_URL_S3");
  if (!url)
    url = variable("AWS_ENDPOINT_URL");
  if (!url && endpoint_of_profile(profiles, value))
    url = value;
  settings->given = url != NULL;
  if (!url) {
    const bool china = strncmp(settings->region, "cn-", 3) == 0;
    snprintf(value, sizeof value, "https://s3.%s.amazonaws.com%s", settings->region,
             china ? ".cn" : "");
    url = value;
  }
  if (sk_s3_endpoint_split(url, settings))
    return SHUKEI_OK;
  /* not the text itself: it may hold a password */
  const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "the endpoint of S3 is no URL of a server");
  sk_advise(err, "set AWS_ENDPOINT_URL_S3 to http[s]://HOST[:PORT]");
  return st;
}

static shukei_status find_style(const struct sk_s3_profiles *profiles,
                                struct sk_s3_settings *settings, shukei_error *err)
{
  char value[SK_S3_VALUE_TEXT];
  const char *style = variable("SHUKEI_S3_ADDRESSING_STYLE");
  if (!style && sk_s3_profile_value(profiles, "s3", "addressing_style", value))
    style = value;
  settings->path_style = settings->given;
  if (!style || strcmp(style, "auto") == 0)
    return SHUKEI_OK;
  settings->path_style = strcmp(style, "path") == 0;
  if (settings->path_style || strcmp(style, "virtual") == 0)
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EINVAL,
                 "the addressing style of S3 is \"%.64s\", expected path, virtual or auto", style);
}

static shukei_status find_number(const char *name, long least, long most, long otherwise,
                                 long *number, shukei_error *err)
{
  const char *const text = variable(name);
  char *end = NULL;
  *number = text ? strtol(text, &end, 10) : otherwise;
  if (!text || (*text >= '0' && *text <= '9' && !*end && *number >= least && *number <= most))
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EINVAL, "%s is \"%.64s\", expected a number from %ld to %ld", name,
                 text, least, most);
}

shukei_status sk_s3_settings_read(const struct sk_s3_profiles *profiles,
                                  struct sk_s3_settings *settings, shukei_error *err)
{
  char value[SK_S3_VALUE_TEXT];
  long attempts = 0, connect = 0;
  memset(settings, 0, sizeof *settings);
  shukei_status st = find_region(profiles, settings, err);
  if (!st)
    st = find_endpoint(profiles, settings, err);
  if (!st)
    st = find_style(profiles, settings, err);
  if (!st)
    st = find_number("AWS_MAX_ATTEMPTS", 1, 100, ATTEMPTS, &attempts, err);
  if (!st)
    st = find_number("SHUKEI_S3_CONNECT_SECONDS", 1, 600, CONNECT_SECONDS, &connect, err);
  if (!st)
    st = find_number("SHUKEI_S3_STALL_SECONDS", 1, 3600, STALL_SECONDS, &settings->stall_s, err);
  if (st)
    return st;
  settings->attempts = (unsigned)attempts;
  settings->connect_ms = connect * 1000;
  const char *ca = variable("AWS_CA_BUNDLE");
  if (!ca && sk_s3_profile_value(profiles, NULL, "ca_bundle", value))
    ca = value;
  if (ca && (size_t)snprintf(settings->ca_file, sizeof settings->ca_file, "%s", ca) >=
                sizeof settings->ca_file)
    return sk_fail(err, SHUKEI_EINVAL, "AWS_CA_BUNDLE: the name is too long");
  return SHUKEI_OK;
}

bool sk_s3_bucket_host(const struct sk_s3_settings *settings, const char *bucket, char host[600])
{
  /* A certificate for *.s3.REGION.amazonaws.com does not hold for a bucket with a dot. */
  const bool dotted = strcmp(settings->scheme, "https") == 0 && strchr(bucket, '.');
  const bool in_path = settings->path_style || dotted;
  snprintf(host, 600, "%s%s%s", in_path ? "" : bucket, in_path ? "" : ".", settings->host);
  return in_path;
}
