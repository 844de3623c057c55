/* SPDX-License-Identifier: Apache-2.0 */
/* The order is that of other programs for S3: environment; web identity; the profile's own keys,
 * then its credential_process; the container's agent; the machine's metadata service. Keys with an
 * end are renewed five minutes before it. Where that fails and they are still good, they are used
 * on, and the next request asks again. */
#include "store/s3_credentials.h"

#include <stdlib.h>
#include <time.h>

#define RENEW_S 300 /* or a quarter of their life, if that is shorter */

shukei_status sk_s3_credentials_init(struct sk_s3_credentials *credentials,
                                     const struct sk_s3_ways *ways, shukei_error *err)
{
  credentials->ways = *ways;
  credentials->version = 0;
  return pthread_mutex_init(&credentials->lock, NULL)
             ? sk_fail(err, SHUKEI_ENOMEM, "no lock for the keys")
             : SHUKEI_OK;
}

void sk_s3_credentials_reset(struct sk_s3_credentials *credentials)
{
  memset(&credentials->keys, 0, sizeof credentials->keys);
  pthread_mutex_destroy(&credentials->lock);
}

static shukei_status of_environment(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                                    bool *found, shukei_error *err)
{
  const char *const access = getenv("AWS_ACCESS_KEY_ID");
  const char *const secret = getenv("AWS_SECRET_ACCESS_KEY");
  (void)ways;
  *found = access && *access && secret && *secret;
  if (*found && !sk_s3_keys_set(keys, access, secret, getenv("AWS_SESSION_TOKEN")))
    return sk_fail(err, SHUKEI_EINVAL, "AWS_ACCESS_KEY_ID and its companions are too long");
  return SHUKEI_OK;
}

static shukei_status of_profile(const struct sk_s3_ways *ways, struct sk_s3_keys *keys, bool *found,
                                shukei_error *err)
{
  char access[SK_S3_VALUE_TEXT], secret[SK_S3_VALUE_TEXT], token[SK_S3_VALUE_TEXT];
  const struct sk_s3_profiles *const profiles = ways->profiles;
  shukei_status st = SHUKEI_OK;
  *found = sk_s3_profile_value(profiles, NULL, "aws_access_key_id", access) &&
           sk_s3_profile_value(profiles, NULL, "aws_secret_access_key", secret);
  if (!*found)
    return SHUKEI_OK;
  const bool session = sk_s3_profile_value(profiles, NULL, "aws_session_token", token);
  if (!sk_s3_keys_set(keys, access, secret, session ? token : NULL))
    st = sk_fail(err, SHUKEI_EINVAL, "the keys of the profile \"%s\" are too long", profiles->name);
  memset(secret, 0, sizeof secret);
  return st;
}

/* What other programs can do and this one cannot is said, rather than passed over. */
static shukei_status fail_unknown(const struct sk_s3_profiles *profiles, shukei_error *err)
{
  static const char *const keys[] = {"source_profile", "credential_source", "sso_session",
                                     "sso_start_url"};
  char value[SK_S3_VALUE_TEXT];
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < SK_COUNT(keys); i++)
    if (sk_s3_profile_value(profiles, NULL, keys[i], value))
      st = sk_fail(err, SHUKEI_EUNSUPPORTED,
                   "the profile \"%s\" gets its keys by %s, which is not supported", profiles->name,
                   keys[i]);
  if (st)
    sk_advise(err, "let credential_process get them (\"aws configure export-credentials\")");
  return st;
}

static shukei_status fetch(const struct sk_s3_ways *ways, struct sk_s3_keys *keys,
                           shukei_error *err)
{
  typedef shukei_status (*way)(const struct sk_s3_ways *, struct sk_s3_keys *, bool *,
                               shukei_error *);
  static const way order[] = {
      of_environment,        sk_s3_keys_of_web_identity, of_profile,
      sk_s3_keys_of_process, sk_s3_keys_of_container,    sk_s3_keys_of_instance};
  bool found = false;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && !found && i < SK_COUNT(order); i++) {
    if (order[i] == sk_s3_keys_of_container && (st = fail_unknown(ways->profiles, err)))
      return st;
    st = order[i](ways, keys, &found, err);
    if (st && order[i] == sk_s3_keys_of_instance) { /* asked only because nothing else is set up */
      sk_context(err, st, "no keys for S3 are set up, and this is no machine that has some");
      found = false;
    }
  }
  if (!st && !found)
    st = sk_fail(err, SHUKEI_EINVAL, "no keys for S3 are set up");
  if (!found)
    sk_advise(err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
  return st;
}

static int64_t renewal(int64_t expires_s, int64_t now)
{
  const int64_t life = expires_s - now;
  return expires_s == SK_S3_NEVER ? SK_S3_NEVER
                                  : expires_s - (life / 4 < RENEW_S ? life / 4 : RENEW_S);
}

shukei_status sk_s3_credentials_get(struct sk_s3_credentials *credentials, uint64_t refused,
                                    struct sk_s3_keys *keys, uint64_t *version, shukei_error *err)
{
  struct sk_s3_keys fresh = {.access = ""};
  shukei_status st = SHUKEI_OK;
  pthread_mutex_lock(&credentials->lock);
  const int64_t now = (int64_t)time(NULL);
  const bool none = credentials->version == 0 || credentials->version == refused;
  const bool stale = credentials->version && now >= credentials->renew_s;
  if (none || stale) {
    st = fetch(&credentials->ways, &fresh, err);
    if (!st) {
      credentials->keys = fresh;
      credentials->renew_s = renewal(fresh.expires_s, now);
      credentials->version++;
    } else if (!none && credentials->keys.expires_s > now) {
      st = SHUKEI_OK;
    }
  }
  if (!st) {
    *keys = credentials->keys;
    *version = credentials->version;
  }
  pthread_mutex_unlock(&credentials->lock);
  memset(&fresh, 0, sizeof fresh);
  return st;
}
