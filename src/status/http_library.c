/* SPDX-License-Identifier: Apache-2.0 */
#include "status/http_library.h"

#include "base/library.h"

shukei_status sk_mhd_load(const struct sk_mhd **out, shukei_error *err)
{
  static const struct sk_library_call calls[] = {
#define SK_FIND_MHD_CALL(name) {#name, offsetof(struct sk_mhd, name)},
      SK_MHD_MAP(SK_FIND_MHD_CALL)
#undef SK_FIND_MHD_CALL
  };
  static struct sk_mhd mhd;
  static struct sk_library library = {.names = {"libmicrohttpd.so.12"},
                                      .calls = calls,
                                      .call_count = SK_COUNT(calls),
                                      .table = &mhd,
                                      .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  *out = &mhd;
  if (sk_library_load(&library, why))
    return SHUKEI_OK;
  const shukei_status st =
      sk_fail(err, SHUKEI_EUNSUPPORTED, "serving pages needs libmicrohttpd: %s", why);
  sk_advise(err, "install it (Debian: libmicrohttpd12), or look at shukei status --watch");
  return st;
}
