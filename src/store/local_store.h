/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of store.h for local files and folders, see there. */
#ifndef SK_STORE_LOCAL_STORE_H
#define SK_STORE_LOCAL_STORE_H

#include "store/store.h"

shukei_status sk_local_list(const char *place, struct sk_listing *listing, shukei_error *err);
bool sk_local_same(const char *a, const char *b);
shukei_status sk_local_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                            shukei_error *err);
shukei_status sk_local_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                              shukei_error *err);
shukei_status sk_local_lock(const char *path, const struct sk_store_wait *wait,
                            struct sk_budget *budget, struct sk_store_lock **out,
                            shukei_error *err);
shukei_status sk_local_remove(const char *path, shukei_error *err);
/* What processes that are gone left of that file. EWRITE: there can be none; ENOMEM. */
shukei_status sk_local_clear_target(const char *path, struct sk_budget *budget, shukei_error *err);
shukei_status sk_local_clear(const char *folder, struct sk_budget *budget, shukei_error *err);
shukei_status sk_local_clear_named(const char *folder, const char *name, bool below,
                                   struct sk_budget *budget, shukei_error *err);

#endif
