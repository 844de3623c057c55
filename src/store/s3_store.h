/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of store.h for names that begin with s3://, see there. */
#ifndef SK_STORE_S3_STORE_H
#define SK_STORE_S3_STORE_H

#include "store/s3_name.h"
#include "store/store.h"

shukei_status sk_s3_list(const char *place, struct sk_listing *listing, shukei_error *err);
shukei_status sk_s3_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                         shukei_error *err);
shukei_status sk_s3_metadata(const char *path, const char *name, struct sk_budget *budget,
                             char text[SK_METADATA_TEXT], shukei_error *err);
void sk_s3_soon(const char *path, struct sk_budget *budget);
shukei_status sk_s3_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                           shukei_error *err);
shukei_status sk_s3_clear_named(const char *folder, const char *name, struct sk_budget *budget,
                                shukei_error *err);
shukei_status sk_s3_lock(const char *path, const struct sk_store_wait *wait,
                         struct sk_budget *budget, struct sk_store_lock **out, shukei_error *err);
shukei_status sk_s3_remove(const char *path, struct sk_budget *budget, shukei_error *err);

#endif
