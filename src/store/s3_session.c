/* SPDX-License-Identifier: Apache-2.0 */
/* A run's budget is what all its calls of this room have in common, so it is the key; a list of one
 * or two sessions needs no table. */
#include "store/s3_session.h"

#include "base/platform.h"
#include "store/s3_litter.h"

static struct sk_s3 *sessions; /* under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A run that may be stopped, before it has a session, and after. */
struct heed {
  struct heed *next;
  const struct sk_budget *budget;
  bool (*canceled)(void *context);
  void *context;
};
static struct heed *heeds; /* under the lock */

static const struct sk_budget *whole_of(const struct sk_budget *budget)
{
  while (budget && budget->whole)
    budget = budget->whole;
  return budget;
}

static struct sk_s3 *find(const struct sk_budget *whole)
{
  struct sk_s3 *s3 = sessions;
  while (s3 && s3->budget != whole)
    s3 = s3->next;
  return s3;
}

static void free_session(struct sk_s3 *s3)
{
  sk_s3_buckets_leave(s3);
  pthread_mutex_destroy(&s3->bucket_lock);
  if (s3->ahead_made)
    sk_s3_ahead_reset(&s3->ahead);
  if (s3->credentials_made)
    sk_s3_credentials_reset(&s3->credentials);
  if (s3->http_made)
    sk_http_reset(&s3->http);
  sk_s3_profiles_reset(&s3->profiles);
  sk_free(s3);
}

static shukei_status begin(struct sk_budget *whole, struct sk_s3 **out, shukei_error *err)
{
  struct sk_s3 *const s3 = sk_calloc(whole, 1, sizeof *s3);
  if (!s3)
    return sk_fail_memory(err, whole, sizeof *s3, "a session with S3");
  s3->budget = whole;
  s3->random = sk_monotonic_ns();
  pthread_mutex_init(&s3->bucket_lock, NULL);
  const struct sk_s3_ways ways = {
      .profiles = &s3->profiles, .settings = &s3->settings, .http = &s3->http, .budget = whole};
  shukei_status st = sk_s3_profiles_read(&s3->profiles, whole, err);
  if (!st)
    st = sk_s3_settings_read(&s3->profiles, &s3->settings, err);
  if (!st) {
    st = sk_http_init(&s3->http, whole, err);
    s3->http_made = !st;
    for (const struct heed *heed = heeds; !st && heed; heed = heed->next)
      if (heed->budget == whole) {
        s3->http.canceled = heed->canceled;
        s3->http.canceled_context = heed->context;
      }
  }
  if (!st) {
    st = sk_s3_credentials_init(&s3->credentials, &ways, err);
    s3->credentials_made = !st;
  }
  if (!st) {
    st = sk_s3_ahead_init(&s3->ahead, s3, whole, err);
    s3->ahead_made = !st;
  }
  if (st) {
    free_session(s3);
    return st;
  }
  s3->next = sessions;
  sessions = s3;
  *out = s3;
  return SHUKEI_OK;
}

shukei_status sk_s3_session(struct sk_budget *budget, struct sk_s3 **out, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  while (budget && budget->whole)
    budget = budget->whole;
  pthread_mutex_lock(&lock);
  *out = find(budget);
  if (!*out)
    st = begin(budget, out, err);
  pthread_mutex_unlock(&lock);
  return st;
}

shukei_status sk_s3_session_entry(struct sk_budget *budget, const char *path, struct sk_s3 **out,
                                  struct sk_s3_entry **entry, shukei_error *err)
{
  const shukei_status st = sk_s3_session(budget, out, err);
  return st ? st : sk_s3_entry_of(&(*out)->ahead, path, entry, err);
}

/* Where memory lacks nobody is asked, and the run's first own block tells of it. */
void sk_s3_session_heed(struct sk_budget *budget, bool (*canceled)(void *context), void *context)
{
  struct heed *const heed = canceled ? sk_alloc(NULL, sizeof *heed) : NULL;
  if (!heed)
    return;
  pthread_mutex_lock(&lock);
  *heed = (struct heed){heeds, whole_of(budget), canceled, context};
  heeds = heed;
  pthread_mutex_unlock(&lock);
}

/* With the lock held. */
static void forget_heed(const struct sk_budget *whole)
{
  for (struct heed **at = &heeds; *at;) {
    struct heed *const heed = *at;
    if (heed->budget == whole) {
      *at = heed->next;
      sk_free(heed);
    } else {
      at = &heed->next;
    }
  }
}

void sk_s3_session_end(struct sk_budget *budget)
{
  const struct sk_budget *const whole = whole_of(budget);
  pthread_mutex_lock(&lock);
  struct sk_s3 *const s3 = find(whole);
  forget_heed(whole);
  for (struct sk_s3 **at = &sessions; s3 && *at;) {
    if (*at == s3)
      *at = s3->next;
    else
      at = &(*at)->next;
  }
  pthread_mutex_unlock(&lock);
  if (s3)
    free_session(s3);
}

uint64_t sk_s3_session_requests(const struct sk_budget *budget)
{
  pthread_mutex_lock(&lock);
  const struct sk_s3 *const s3 = find(whole_of(budget));
  const uint64_t requests = s3 ? atomic_load(&s3->requests) : 0;
  pthread_mutex_unlock(&lock);
  return requests;
}
