/* SPDX-License-Identifier: Apache-2.0 */
/* One request to S3: signed, sent, and sent again while that can help. */
#ifndef SK_STORE_S3_CALL_H
#define SK_STORE_S3_CALL_H

#include "store/s3_session.h"
#include "store/s3_sign.h"
#include "store/s3_xml.h"

#define SK_S3_PAIRS 6

/* Takes a range as it comes, so that no more of it need be held than is wanted at a time. What was
 * taken is not fetched again: a request that is repeated asks for what is missing. */
struct sk_s3_taker {
  /* Any bytes but none, in order; false: no more are wanted, which ends the call with ECANCELED. */
  bool (*take)(struct sk_s3_taker *taker, const uint8_t *bytes, size_t length);
  uint64_t at, end; /* what is missing */
  const char *etag; /* of the object that it must be, "" where none is known */
  bool ended;       /* set where no more were wanted */
  bool replaced;    /* set where the answer is of another object */
  bool odd;         /* set where it is of another range */
};

struct sk_s3_request {
  const char *method, *bucket, *key;      /* key "": the bucket itself */
  struct sk_s3_pair query[SK_S3_PAIRS];   /* up to the first without a name */
  struct sk_s3_pair headers[SK_S3_PAIRS]; /* names in lower case; up to the first without one */
  const char *wanted;                     /* see sk_http_request */
  const void *body;
  size_t body_length;
  /* Ranged reading: the reply's bytes go here. */
  uint8_t *into;
  size_t into_length;
  uint64_t
      offset; /* of the range; UINT64_MAX: the last into_length bytes, or fewer, of the object */
  struct sk_s3_taker *taker; /* or they go there, and it says which */
  bool heedless;             /* is not ended where the run is: it makes an object appear */
  bool cleans;               /* the same, but then it is tried once, for some seconds */
};
struct sk_s3_answer {
  struct sk_http_reply reply;
  struct sk_s3_complaint complaint; /* of an answer that is an error */
};

/* OK: the answer is a 2xx, and a range has its length. ENOTFOUND: 404; EIO: everything else, 412
 * among it, for which reply.status is looked at; EINVAL, EUNSUPPORTED: no keys; ECANCELED; ENOMEM.
 * The text names neither bucket nor key. The caller resets the answer in any case. */
shukei_status sk_s3_call(struct sk_s3 *s3, const struct sk_s3_request *request,
                         struct sk_s3_answer *answer, shukei_error *err);
void sk_s3_answer_reset(struct sk_s3_answer *answer);

/* Parses "bytes FIRST-LAST/SIZE". */
bool sk_s3_range_parse(const char *text, uint64_t *first, uint64_t *last, uint64_t *size);
/* Parses "Thu, 26 Nov 2026 17:58:21 GMT" into seconds from 1970. */
bool sk_s3_date_parse(const char *text, int64_t *seconds);

#endif
