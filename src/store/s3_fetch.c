/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match keeps a run from mixing two versions of an object; a server that does not know it is
 * found out by the ETag of its answer. */
#include "store/s3_fetch.h"

static shukei_status fail_replaced(const struct sk_s3_entry *entry, const char *how,
                                   shukei_error *err)
{
  const shukei_status st =
      sk_fail(err, SHUKEI_EIO, "%s: was %s while it was read", entry->path, how);
  sk_advise(err, "nothing was changed; run it again");
  return st;
}

static bool strong(const char *etag)
{
  return etag[0] && etag[0] != 'W';
}

/* Sends a request for a range, and says what is wrong with the object where it fails. */
static shukei_status get(struct sk_s3 *s3, const struct sk_s3_entry *entry,
                         struct sk_s3_request *request, shukei_error *err)
{
  struct sk_s3_answer answer;
  request->method = "GET";
  request->bucket = entry->name.bucket;
  request->key = entry->name.key;
  if (strong(entry->etag))
    request->headers[0] = (struct sk_s3_pair){"if-match", entry->etag};
  shukei_status st = sk_s3_call(s3, request, &answer, err);
  const struct sk_http_reply *const reply = &answer.reply;
  if (st && request->taker && request->taker->replaced)
    st = fail_replaced(entry, "replaced", err);
  else if (st && (reply->status == 412 || reply->status == 416))
    st = fail_replaced(entry, "replaced", err);
  else if (st == SHUKEI_ENOTFOUND)
    st = fail_replaced(entry, "deleted", err);
  else if (st)
    st = sk_context(err, st, "%s: could not read %" PRIu64 " bytes at %" PRIu64, entry->path,
                    request->taker ? request->taker->end - request->taker->at
                                   : (uint64_t)request->into_length,
                    request->taker ? request->taker->at : request->offset);
  else if (entry->etag[0] && reply->etag[0] && strcmp(entry->etag, reply->etag) != 0)
    st = fail_replaced(entry, "replaced", err);
  sk_s3_answer_reset(&answer);
  return st;
}

shukei_status sk_s3_fetch(struct sk_s3 *s3, const struct sk_s3_entry *entry, uint64_t offset,
                          void *bytes, size_t length, shukei_error *err)
{
  struct sk_s3_request request = {.into = bytes, .into_length = length, .offset = offset};
  return get(s3, entry, &request, err);
}

shukei_status sk_s3_fetch_by(struct sk_s3 *s3, const struct sk_s3_entry *entry,
                             struct sk_s3_taker *taker, shukei_error *err)
{
  struct sk_s3_request request = {.taker = taker};
  return get(s3, entry, &request, err);
}

/* Size and ETag alone. */
static shukei_status ask_head(struct sk_s3 *s3, const struct sk_s3_entry *entry,
                              uint64_t *size_bytes, char etag[192], shukei_error *err)
{
  const struct sk_s3_request request = {
      .method = "HEAD", .bucket = entry->name.bucket, .key = entry->name.key};
  struct sk_s3_answer answer;
  shukei_status st = sk_s3_call(s3, &request, &answer, err);
  if (!st && answer.reply.content_length == UINT64_MAX)
    st = sk_fail(err, SHUKEI_EIO, "the server does not tell the object's size");
  if (!st) {
    *size_bytes = answer.reply.content_length;
    memcpy(etag, answer.reply.etag, sizeof answer.reply.etag);
  }
  sk_s3_answer_reset(&answer);
  return st;
}

shukei_status sk_s3_fetch_tail(struct sk_s3 *s3, const struct sk_s3_entry *entry, void *bytes,
                               size_t length, size_t *got, uint64_t *size_bytes, char etag[192],
                               shukei_error *err)
{
  const struct sk_s3_request request = {.method = "GET",
                                        .bucket = entry->name.bucket,
                                        .key = entry->name.key,
                                        .into = bytes,
                                        .into_length = length,
                                        .offset = UINT64_MAX};
  struct sk_s3_answer answer;
  uint64_t first, last;
  *got = 0;
  shukei_status st = sk_s3_call(s3, &request, &answer, err);
  if (!st && sk_s3_range_parse(answer.reply.range, &first, &last, size_bytes)) {
    *got = answer.reply.into_length;
    memcpy(etag, answer.reply.etag, sizeof answer.reply.etag);
  } else if (st == SHUKEI_EIO && answer.reply.status / 100 != 5 && answer.reply.status != 403) {
    st = ask_head(s3, entry, size_bytes, etag, err); /* 416: empty; 200: no ranges from the end */
  }
  sk_s3_answer_reset(&answer);
  if (st == SHUKEI_ENOTFOUND)
    return sk_context(err, st, "%s: no such object", entry->path);
  return st ? sk_context(err, st, "%s: could not open", entry->path) : SHUKEI_OK;
}
