/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that few runs need, loaded by the first one that does and kept for the life of the
 * process: linked, each would be loaded, with all that it brings, at every start of the program.
 *
 *   struct sk_table { __typeof__(lib_call) *call; };
 *   static const struct sk_library_call calls[] = {{"lib_call", offsetof(struct sk_table, call)}};
 *   static struct sk_table table;
 *   static struct sk_library library = {.names = {"liblib.so.1"},
 *                                       .calls = calls,
 *                                       .call_count = SK_COUNT(calls),
 *                                       .table = &table,
 *                                       .lock = PTHREAD_MUTEX_INITIALIZER};
 *   sk_library_load(&library, why) */
#ifndef SK_BASE_LIBRARY_H
#define SK_BASE_LIBRARY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define SK_LIBRARY_NAMES 2
#define SK_LIBRARY_WHY 256

struct sk_library_call {
  const char *name;
  size_t place; /* of the pointer, in the table */
};

struct sk_library {
  const char *names
      [SK_LIBRARY_NAMES]; /* the first that there is, each with the number of its ABI; then NULL */
  const struct sk_library_call *calls; /* [call_count] */
  size_t call_count;
  void *table; /* that all of them are in once it is loaded */
  const char *(*begin)(
      void *table);     /* NULL, or called once behind that; what it returns is why it failed */
  pthread_mutex_t lock; /* of what follows */
  bool loaded;
};

/* By any thread. False, and why, where the library, or a call, is not there; it is tried anew by
 * the next call, since it may have been installed meanwhile. */
bool sk_library_load(struct sk_library *library, char why[SK_LIBRARY_WHY]);

#endif
