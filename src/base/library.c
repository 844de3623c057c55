/* SPDX-License-Identifier: Apache-2.0 */
#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *loader_told(void)
{
  const char *const text = dlerror();
  return text ? text : "unknown cause";
}

/* What is wrong, or NULL. */
static const char *find_calls(const struct sk_library *library, void *handle)
{
  for (size_t i = 0; i < library->call_count; i++) {
    void *const call = dlsym(handle, library->calls[i].name);
    if (!call)
      return loader_told();
    memcpy((char *)library->table + library->calls[i].place, &call, sizeof call);
  }
  return library->begin ? library->begin(library->table) : NULL;
}

bool sk_library_load(struct sk_library *library, char why[SK_LIBRARY_WHY])
{
  pthread_mutex_lock(&library->lock);
  if (!library->loaded) {
    void *handle = NULL;
    for (size_t i = 0; !handle && i < SK_LIBRARY_NAMES && library->names[i]; i++)
      handle = dlopen(library->names[i], RTLD_NOW | RTLD_LOCAL);
    const char *const wrong = handle ? find_calls(library, handle) : loader_told();
    snprintf(why, SK_LIBRARY_WHY, "%s", wrong ? wrong : "");
    library->loaded = !wrong;
    if (handle && wrong)
      dlclose(handle);
  }
  const bool loaded = library->loaded;
  pthread_mutex_unlock(&library->lock);
  return loaded;
}
