/* SPDX-License-Identifier: Apache-2.0 */
/* Finds libcurl at run time and keeps it. Either flavour that Debian has will do; a name with the
 * number of the ABI, so that an incompatible later one is not taken. */
#include "store/s3_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

static struct sk_curl calls;
static char why[256]; /* why they are not there; empty: they are */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
  const char *name;
  size_t place; /* in struct sk_curl */
} wanted[] = {
    {"curl_global_init", offsetof(struct sk_curl, global_init)},
    {"curl_easy_init", offsetof(struct sk_curl, easy_init)},
    {"curl_easy_cleanup", offsetof(struct sk_curl, easy_cleanup)},
    {"curl_easy_reset", offsetof(struct sk_curl, easy_reset)},
    {"curl_easy_setopt", offsetof(struct sk_curl, easy_setopt)},
    {"curl_easy_perform", offsetof(struct sk_curl, easy_perform)},
    {"curl_easy_getinfo", offsetof(struct sk_curl, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct sk_curl, easy_strerror)},
    {"curl_slist_append", offsetof(struct sk_curl, slist_append)},
    {"curl_slist_free_all", offsetof(struct sk_curl, slist_free_all)},
};

static void note(const char *text)
{
  const size_t length = strnlen(text, sizeof why - 1);
  memcpy(why, text, length);
  why[length] = '\0';
}

static void load(void)
{
  void *library = NULL;
  for (size_t i = 0; !library && i < SK_COUNT(names); i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *const text = dlerror();
    note(text ? text : "not found");
    return;
  }
  for (size_t i = 0; i < SK_COUNT(wanted); i++) {
    void *const call = dlsym(library, wanted[i].name);
    if (!call) {
      note(wanted[i].name);
      return;
    }
    memcpy((char *)&calls + wanted[i].place, &call, sizeof call);
  }
  if (calls.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    note("it cannot be started");
}

shukei_status sk_curl_load(const struct sk_curl **out, shukei_error *err)
{
  *out = &calls;
  pthread_once(&once, load);
  if (!why[0])
    return SHUKEI_OK;
  const shukei_status st = sk_fail(err, SHUKEI_EUNSUPPORTED, "S3 needs libcurl: %s", why);
  sk_advise(err, "install it (Debian: libcurl4)");
  return st;
}
