/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded when the first name of S3 is used: with its libraries for TLS, Kerberos and LDAP
 * it would double the start of every run that needs no network (docs/s3.md has the numbers). */
#ifndef SK_STORE_S3_CURL_H
#define SK_STORE_S3_CURL_H

#include "base/error.h"

#include <curl/curl.h>

struct sk_curl {
  __typeof__(&curl_global_init) global_init;
  __typeof__(&curl_easy_init) easy_init;
  __typeof__(&curl_easy_cleanup) easy_cleanup;
  __typeof__(&curl_easy_reset) easy_reset;
  __typeof__(&curl_easy_setopt) easy_setopt;
  __typeof__(&curl_easy_perform) easy_perform;
  __typeof__(&curl_easy_getinfo) easy_getinfo;
  __typeof__(&curl_easy_strerror) easy_strerror;
  __typeof__(&curl_slist_append) slist_append;
  __typeof__(&curl_slist_free_all) slist_free_all;
};

/* The library's calls, ready for use by any thread, for the life of the process. EUNSUPPORTED: it
 * is not installed, or cannot be started. */
shukei_status sk_curl_load(const struct sk_curl **out, shukei_error *err);

#endif
