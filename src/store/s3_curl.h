/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded when the first name of S3 is used: with its libraries for TLS, Kerberos and LDAP
 * it would double the start of every run that needs no network (docs/s3.md has the numbers). */
#ifndef SK_STORE_S3_CURL_H
#define SK_STORE_S3_CURL_H

#include "base/error.h"

#include <curl/curl.h>

#define SK_CURL_MAP(X)                                                                             \
  X(easy_cleanup)                                                                                  \
  X(easy_getinfo)                                                                                  \
  X(easy_init)                                                                                     \
  X(easy_perform)                                                                                  \
  X(easy_reset)                                                                                    \
  X(easy_setopt)                                                                                   \
  X(easy_strerror)                                                                                 \
  X(global_init)                                                                                   \
  X(slist_append)                                                                                  \
  X(slist_free_all)

struct sk_curl {
#define SK_AS_CURL_CALL(name) __typeof__(&curl_##name) name;
  SK_CURL_MAP(SK_AS_CURL_CALL)
#undef SK_AS_CURL_CALL
};

/* The library's calls, ready for use by any thread, for the life of the process. EUNSUPPORTED: it
 * is not installed, or cannot be started. */
shukei_status sk_curl_load(const struct sk_curl **out, shukei_error *err);

#endif
