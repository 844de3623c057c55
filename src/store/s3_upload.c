/* SPDX-License-Identifier: Apache-2.0 */
/* Where the answer to the request that makes an object visible is lost, nobody knows whether it is
 * there. The doubt is resolved by looking: every upload carries a mark of its own as metadata, and
 * an object with that mark is the one that was written. */
#include "store/s3_upload.h"

#include "base/platform.h"
#include "base/sha256.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

void sk_s3_upload_init(struct sk_s3_upload *upload, struct sk_s3 *s3,
                       const struct sk_s3_entry *entry)
{
  char text[128], digest[SK_SHA256_TEXT];
  const int length =
      snprintf(text, sizeof text, "%ld %" PRIu64 " %" PRIu64, (long)getpid(), sk_monotonic_ns(),
               (uint64_t)atomic_fetch_add(&s3->random, UINT64_C(0x9e3779b97f4a7c15)));
  *upload = (struct sk_s3_upload){.s3 = s3, .entry = entry, .shown = entry->path};
  upload->type =
      sk_ends_with(entry->path, ".csv") ? "text/csv; charset=utf-8" : "application/octet-stream";
  memcpy(upload->mark, sk_sha256_text(text, (size_t)length, digest), sizeof upload->mark - 1);
}

static struct sk_s3_request new_request(const struct sk_s3_upload *upload, const char *method)
{
  return (struct sk_s3_request){
      .method = method, .bucket = upload->entry->name.bucket, .key = upload->entry->name.key};
}

static void add_marks(const struct sk_s3_upload *upload, struct sk_s3_request *request)
{
  request->headers[0] = (struct sk_s3_pair){"content-type", upload->type};
  request->headers[1] = (struct sk_s3_pair){"x-amz-meta-shukei-write", upload->mark};
}

static shukei_status fail(const struct sk_s3_upload *upload, shukei_status status, const char *what,
                          shukei_error *err)
{
  const bool own = status == SHUKEI_ENOMEM || status == SHUKEI_ECANCELED;
  return sk_context(err, own ? status : SHUKEI_EWRITE, "%s: could not %s", upload->shown, what);
}

/* Whether what is there is what this upload was to put there. */
static bool landed(const struct sk_s3_upload *upload)
{
  struct sk_s3_request request = new_request(upload, "HEAD");
  request.heedless = true;
  struct sk_s3_answer answer;
  const bool found = sk_s3_call(upload->s3, &request, &answer, NULL) == SHUKEI_OK &&
                     strcmp(answer.reply.mark, upload->mark) == 0;
  sk_s3_answer_reset(&answer);
  return found;
}

/* Sends the request that makes the object visible, and looks where it fails: also a plain refusal
 * may be the answer to a second sending, by sk_s3_call() or by libcurl, which does so where a
 * connection that it kept turns out to be closed. */
static shukei_status finish(const struct sk_s3_upload *upload, const struct sk_s3_request *request,
                            const char *what, shukei_error *err)
{
  struct sk_s3_answer answer;
  const shukei_status st = sk_s3_call(upload->s3, request, &answer, err);
  sk_s3_answer_reset(&answer);
  return st && !landed(upload) ? fail(upload, st, what, err) : SHUKEI_OK;
}

shukei_status sk_s3_upload_whole(const struct sk_s3_upload *upload, const void *bytes,
                                 size_t length, shukei_error *err)
{
  struct sk_s3_request request = new_request(upload, "PUT");
  add_marks(upload, &request);
  request.body = bytes;
  request.body_length = length;
  request.heedless = true;
  return finish(upload, &request, "write", err);
}

static bool take_id(void *context, const char *parent, const char *name, const char *text,
                    size_t length)
{
  struct sk_s3_upload *const upload = context;
  (void)parent;
  if (strcmp(name, "UploadId") == 0 && length < sizeof upload->id)
    memcpy(upload->id, text, length + 1);
  return true;
}

shukei_status sk_s3_upload_begin(struct sk_s3_upload *upload, shukei_error *err)
{
  static const struct sk_xml_calls calls = {.leaf = take_id};
  struct sk_s3_request request = new_request(upload, "POST");
  struct sk_s3_answer answer;
  add_marks(upload, &request);
  request.query[0] = (struct sk_s3_pair){"uploads", ""};
  shukei_status st = sk_s3_call(upload->s3, &request, &answer, err);
  if (!st)
    st = sk_xml_parse(answer.reply.body.bytes, answer.reply.body.length, &calls, upload,
                      upload->s3->budget, err);
  if (!st && !upload->id[0])
    st = sk_fail(err, SHUKEI_EWRITE, "the server gives the upload no name");
  sk_s3_answer_reset(&answer);
  return st ? fail(upload, st, "begin to write", err) : SHUKEI_OK;
}

shukei_status sk_s3_upload_part(const struct sk_s3_upload *upload, unsigned number,
                                const void *bytes, size_t length, struct sk_s3_tag *tag,
                                shukei_error *err)
{
  struct sk_s3_request request = new_request(upload, "PUT");
  struct sk_s3_answer answer;
  char text[16];
  snprintf(text, sizeof text, "%u", number);
  request.query[0] = (struct sk_s3_pair){"partNumber", text};
  request.query[1] = (struct sk_s3_pair){"uploadId", upload->id};
  request.body = bytes;
  request.body_length = length;
  shukei_status st = sk_s3_call(upload->s3, &request, &answer, err);
  const size_t tag_length = strlen(answer.reply.etag);
  if (!st && (tag_length == 0 || tag_length >= sizeof tag->text))
    st = sk_fail(err, SHUKEI_EWRITE, "the server does not answer with the part's ETag");
  if (!st)
    memcpy(tag->text, answer.reply.etag, tag_length + 1);
  sk_s3_answer_reset(&answer);
  return st ? fail(upload, st, "write", err) : SHUKEI_OK;
}

static bool add_tag(struct sk_buffer *body, unsigned number, const char *tag)
{
  if (strpbrk(tag, "<&"))
    return false;
  sk_buffer_printf(body, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", number, tag);
  return true;
}

shukei_status sk_s3_upload_end(struct sk_s3_upload *upload, const struct sk_s3_tag *tags,
                               unsigned count, shukei_error *err)
{
  struct sk_s3_request request = new_request(upload, "POST");
  struct sk_buffer body;
  bool sound = true;
  sk_buffer_init(&body, upload->s3->budget, (size_t)8 << 20);
  sk_buffer_text(&body,
                 "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
  for (unsigned i = 0; i < count; i++)
    sound = add_tag(&body, i + 1, tags[i].text) && sound;
  sk_buffer_text(&body, "</CompleteMultipartUpload>");
  request.query[0] = (struct sk_s3_pair){"uploadId", upload->id};
  request.headers[0] = (struct sk_s3_pair){"content-type", "application/xml"};
  request.body = body.bytes;
  request.body_length = body.length;
  request.heedless = true;
  shukei_status st =
      body.failed ? sk_fail_memory(err, body.budget, 0, "the list of parts")
      : sound     ? SHUKEI_OK
                  : sk_fail(err, SHUKEI_EWRITE, "%s: the ETag of a part is none", upload->shown);
  if (!st)
    st = finish(upload, &request, "finish writing", err);
  if (!st)
    upload->id[0] = '\0';
  sk_buffer_reset(&body);
  return st;
}

void sk_s3_upload_abort(struct sk_s3_upload *upload)
{
  struct sk_s3_request request = new_request(upload, "DELETE");
  request.cleans = true;
  struct sk_s3_answer answer;
  if (!upload->id[0])
    return;
  request.query[0] = (struct sk_s3_pair){"uploadId", upload->id};
  sk_s3_call(upload->s3, &request, &answer, NULL);
  sk_s3_answer_reset(&answer);
  upload->id[0] = '\0';
}
