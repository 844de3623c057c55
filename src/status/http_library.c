/* SPDX-License-Identifier: Apache-2.0 */
/* dlopen() by the number of the ABI, so that an incompatible later one is not taken. */
#include "status/http_library.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libmicrohttpd.so.12"

static shukei_status fail_load(shukei_error *err)
{
  const char *const why = dlerror();
  const shukei_status st =
      sk_fail(err, SHUKEI_EUNSUPPORTED, "serving pages needs libmicrohttpd: %s",
              why ? why : "unknown cause");
  sk_advise(err, "install it (Debian: libmicrohttpd12), or look at shukei status --watch");
  return st;
}

shukei_status sk_mhd_load(struct sk_mhd *calls, shukei_error *err)
{
  void *const library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail_load(err);
#define SK_FIND_MHD_CALL(name)                                                                     \
  {                                                                                                \
    void *const call = dlsym(library, #name);                                                      \
    if (!call) {                                                                                   \
      const shukei_status st = fail_load(err);                                                     \
      dlclose(library);                                                                            \
      return st;                                                                                   \
    }                                                                                              \
    memcpy(&calls->name, &call, sizeof call);                                                      \
  }
  SK_MHD_MAP(SK_FIND_MHD_CALL)
#undef SK_FIND_MHD_CALL
  return SHUKEI_OK;
}
