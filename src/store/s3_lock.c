/* SPDX-License-Identifier: Apache-2.0 */
/* A lock in S3 is an object that is there while somebody has it, made by a conditional PUT
 * (If-None-Match: *), so that of several who try one succeeds. Its text tells by a process mark
 * whose it is. One whose process is gone, or that was not renewed for LEASE_S by the server's
 * clock, is taken over by If-Match on the ETag that was seen: again one succeeds.
 *
 * A process that is held up for LEASE_S loses its lock without noticing before it renews it: the
 * lock keeps two runs from mixing their days as long as none of them is stopped in the middle, and
 * nothing else rests on it. A server that knows no conditions answers 501, and there are no locks;
 * one that passes over the header gives the lock to everybody. */
#include "store/lock.h"
#include "store/process_mark.h"
#include "store/s3_call.h"
#include "store/s3_store.h"

#include "base/platform.h"

#include <stdio.h>

#define LEASE_S 300
#define RENEW_NS (UINT64_C(60) * 1000000000) /* renewed when it is that old */
#define PAUSE_MOST_MS 1000
#define OWNER_TEXT (SK_PROCESS_MARK_TEXT + 24)

struct s3_lock {
  struct sk_store_lock lock; /* first: what the others see */
  struct sk_s3 *s3;
  const struct sk_s3_entry *entry;
  char owner[OWNER_TEXT]; /* its text, but for the number of times it was written */
  unsigned written;
  bool got; /* from there on it is kept until it is given back, also where the run is to end */
  char etag[192];
  uint64_t since_ns; /* before it was written last */
};
/* What is there. */
struct seen {
  char text[OWNER_TEXT + 16], etag[192];
  int64_t age_s;
};

enum outcome { GOT, TAKEN, NO_LOCKS, FAILED, STOPPED };

static struct sk_s3_request new_request(const struct s3_lock *self, const char *method)
{
  return (struct sk_s3_request){
      .method = method, .bucket = self->entry->name.bucket, .key = self->entry->name.key};
}

/* Looks at the object. ENOTFOUND, EIO. */
static shukei_status look(const struct s3_lock *self, struct seen *seen, shukei_error *err)
{
  const struct sk_s3_request request = new_request(self, "GET");
  struct sk_s3_answer answer;
  const shukei_status st = sk_s3_call(self->s3, &request, &answer, err);
  const struct sk_http_reply *const reply = &answer.reply;
  int64_t now_s, then_s;
  *seen = (struct seen){.age_s = 0};
  if (!st) {
    const size_t most = sizeof seen->text - 1, n = reply->body.length;
    if (n)
      memcpy(seen->text, reply->body.bytes, n < most ? n : most);
    memcpy(seen->etag, reply->etag, sizeof seen->etag);
    if (sk_s3_date_parse(reply->date, &now_s) && sk_s3_date_parse(reply->modified, &then_s))
      seen->age_s = now_s - then_s;
  }
  sk_s3_answer_reset(&answer);
  return st;
}

/* Writes the object if the condition holds. One that does not may be the answer to a second
 * sending: then what is there is ours. */
static enum outcome put(struct s3_lock *self, const char *condition, const char *value,
                        shukei_error *err)
{
  char text[OWNER_TEXT + 16];
  struct sk_s3_request request = new_request(self, "PUT");
  struct sk_s3_answer answer;
  struct seen seen;
  const uint64_t now_ns = sk_monotonic_ns();
  request.headers[0] = (struct sk_s3_pair){"content-type", "text/plain"};
  request.headers[1] = (struct sk_s3_pair){condition, value};
  request.heedless = self->got;
  request.body = text;
  request.body_length =
      (size_t)snprintf(text, sizeof text, "%s %u\n", self->owner, self->written++);
  const shukei_status st = sk_s3_call(self->s3, &request, &answer, err);
  const long status = answer.reply.status;
  if (st == SHUKEI_ECANCELED) {
    sk_s3_answer_reset(&answer);
    return STOPPED;
  }
  const bool unknown = strcmp(answer.complaint.code, "NotImplemented") == 0;
  memcpy(self->etag, answer.reply.etag, sizeof self->etag);
  sk_s3_answer_reset(&answer);
  if (st && unknown)
    return NO_LOCKS;
  if (st && status != 412 && status != 409 && status != 404)
    return FAILED;
  if (st && (look(self, &seen, NULL) || strcmp(seen.text, text) != 0))
    return status == 404 && strcmp(condition, "if-match") != 0 ? FAILED : TAKEN;
  if (st)
    memcpy(self->etag, seen.etag, sizeof self->etag);
  self->since_ns = now_ns;
  return GOT;
}

/* Tries until it is ours. */
static enum outcome acquire(struct s3_lock *self, const struct sk_store_wait *wait,
                            shukei_error *err)
{
  struct sk_lock_waiting waiting = {.wait = wait, .pause_most_ms = PAUSE_MOST_MS};
  for (;;) {
    struct seen seen;
    enum outcome now = put(self, "if-none-match", "*", err);
    if (now != TAKEN)
      return now;
    const shukei_status st = look(self, &seen, err);
    if (st && st != SHUKEI_ENOTFOUND)
      return st == SHUKEI_ECANCELED ? STOPPED : FAILED;
    if (!st && (seen.age_s > LEASE_S || sk_process_state(seen.text) == SK_PROCESS_GONE)) {
      now = put(self, "if-match", seen.etag, err);
      if (now != TAKEN)
        return now;
    }
    if (sk_lock_pause(&waiting, self->entry->path, err))
      return STOPPED;
  }
}

static shukei_status fail(const struct s3_lock *self, shukei_status status, shukei_error *err)
{
  const bool own = status == SHUKEI_ENOMEM || status == SHUKEI_ECANCELED;
  return sk_context(err, own ? status : SHUKEI_EWRITE, "%s: could not lock", self->entry->path);
}

static shukei_status s3_renew(struct sk_store_lock *lock, shukei_error *err)
{
  struct s3_lock *const self = (struct s3_lock *)lock;
  char etag[sizeof self->etag];
  if (sk_monotonic_ns() - self->since_ns < RENEW_NS)
    return SHUKEI_OK;
  memcpy(etag, self->etag, sizeof etag);
  switch (put(self, "if-match", etag, err)) {
  case GOT:
  case NO_LOCKS:
    return SHUKEI_OK;
  case TAKEN:
    return sk_fail(err, SHUKEI_EWRITE,
                   "%s: another run has taken the lock over, since this one was held up",
                   self->entry->path);
  default:
    return fail(self, SHUKEI_EWRITE, err);
  }
}

static void s3_release(struct sk_store_lock *lock)
{
  struct s3_lock *const self = (struct s3_lock *)lock;
  struct sk_s3_request request = new_request(self, "DELETE");
  struct sk_s3_answer answer;
  request.cleans = true;
  if (sk_monotonic_ns() - self->since_ns <
      (uint64_t)LEASE_S * 1000000000) { /* else it may be another's */
    sk_s3_call(self->s3, &request, &answer, NULL);
    sk_s3_answer_reset(&answer);
  }
  sk_free(self);
}

shukei_status sk_s3_lock(const char *path, const struct sk_store_wait *wait,
                         struct sk_budget *budget, struct sk_store_lock **out, shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  char mark[SK_PROCESS_MARK_TEXT];
  *out = NULL;
  shukei_status st = sk_s3_session_entry(budget, path, &s3, &entry, err);
  if (st)
    return st;
  struct s3_lock *const self = sk_calloc(budget, 1, sizeof *self);
  if (!self)
    return sk_fail_memory(err, budget, sizeof *self, "a lock");
  *self = (struct s3_lock){.lock = {s3_renew, s3_release}, .s3 = s3, .entry = entry};
  sk_process_mark(mark);
  snprintf(self->owner, sizeof self->owner, "%s %016" PRIx64, mark,
           (uint64_t)atomic_fetch_add(&s3->random, UINT64_C(0x9e3779b97f4a7c15)));
  switch (acquire(self, wait, err)) {
  case GOT:
    self->got = true;
    *out = &self->lock;
    return SHUKEI_OK;
  case FAILED:
    st = fail(self, SHUKEI_EWRITE, err);
    break;
  case STOPPED:
    st = SHUKEI_ECANCELED;
    break;
  default:
    break; /* none can be had */
  }
  sk_free(self);
  return st;
}

shukei_status sk_s3_remove(const char *path, struct sk_budget *budget, shukei_error *err)
{
  struct sk_s3 *s3 = NULL;
  struct sk_s3_entry *entry = NULL;
  struct sk_s3_answer answer;
  shukei_status st = sk_s3_session_entry(budget, path, &s3, &entry, err);
  if (st)
    return st;
  const struct sk_s3_request request = {
      .method = "DELETE", .bucket = entry->name.bucket, .key = entry->name.key, .heedless = true};
  st = sk_s3_call(s3, &request, &answer, err);
  sk_s3_answer_reset(&answer);
  sk_s3_entry_forget(&s3->ahead, entry);
  if (st && st != SHUKEI_ENOTFOUND)
    return sk_context(err, st == SHUKEI_ENOMEM ? st : SHUKEI_EWRITE, "%s: could not remove", path);
  return SHUKEI_OK;
}
