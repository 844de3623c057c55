/* SPDX-License-Identifier: Apache-2.0 */
/* One dlopen() a process. Its failure is not kept: the library may have been installed meanwhile. */
#include "sink/pg_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define LIBRARY "libpq.so.5"

static shukei_status fail_load(shukei_error *err, const char *what)
{
  const char *why = dlerror();
  const shukei_status st = sk_fail(err, SHUKEI_EWRITE, "PostgreSQL: could not %s: %s", what,
                                   why ? why : "unknown cause");
  sk_advise(err, "install PostgreSQL's client library, on Debian the package libpq5");
  return st;
}

static shukei_status find_calls(void *library, struct sk_pq *calls, shukei_error *err)
{
#define SK_FIND_PQ_CALL(name)                                                                      \
  {                                                                                                \
    void *const call = dlsym(library, #name);                                                      \
    if (!call)                                                                                     \
      return fail_load(err, "find a call in " LIBRARY);                                            \
    memcpy(&calls->name, &call, sizeof call);                                                      \
  }
  SK_PQ_MAP(SK_FIND_PQ_CALL)
#undef SK_FIND_PQ_CALL
  return SHUKEI_OK;
}

shukei_status sk_pq_load(const struct sk_pq **out, shukei_error *err)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct sk_pq calls;
  static bool loaded;
  shukei_status st = SHUKEI_OK;
  *out = NULL;
  pthread_mutex_lock(&lock);
  if (!loaded) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    st = library ? find_calls(library, &calls, err) : fail_load(err, "load " LIBRARY);
    loaded = !st;
    if (library && st)
      dlclose(library);
  }
  pthread_mutex_unlock(&lock);
  if (!st)
    *out = &calls;
  return st;
}
