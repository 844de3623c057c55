/* SPDX-License-Identifier: Apache-2.0 */
/* Either flavour of libcurl that Debian has will do. */
#include "store/s3_curl.h"

#include "base/library.h"

static const char *begin(void *table)
{
  const struct sk_curl *const curl = table;
  return curl->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "it cannot be started";
}

shukei_status sk_curl_load(const struct sk_curl **out, shukei_error *err)
{
  static const struct sk_library_call calls[] = {
#define SK_FIND_CURL_CALL(name) {"curl_" #name, offsetof(struct sk_curl, name)},
      SK_CURL_MAP(SK_FIND_CURL_CALL)
#undef SK_FIND_CURL_CALL
  };
  static struct sk_curl curl;
  static struct sk_library library = {.names = {"libcurl.so.4", "libcurl-gnutls.so.4"},
                                      .calls = calls,
                                      .call_count = SK_COUNT(calls),
                                      .table = &curl,
                                      .begin = begin,
                                      .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  *out = &curl;
  if (sk_library_load(&library, why))
    return SHUKEI_OK;
  const shukei_status st = sk_fail(err, SHUKEI_EUNSUPPORTED, "S3 needs libcurl: %s", why);
  sk_advise(err, "install it (Debian: libcurl4)");
  return st;
}
