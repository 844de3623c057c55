/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a listing, for the stores. */
#ifndef SK_STORE_LISTING_H
#define SK_STORE_LISTING_H

#include "store/store.h"

/* Adds an item, whose texts lie in the listing's arena. ENOMEM. */
shukei_status sk_listing_add(struct sk_listing *listing, const struct sk_listed *item,
                             shukei_error *err);
void sk_listing_sort(struct sk_listing *listing);

#endif
