/* SPDX-License-Identifier: Apache-2.0 */
/* The hidden files of local outputs, as clearing them needs to know them. */
#ifndef SK_STORE_LOCAL_OUTPUT_H
#define SK_STORE_LOCAL_OUTPUT_H

#include <stdbool.h>

/* True where the name, without a folder, is that of a hidden file whose process is gone. */
bool sk_output_left_over(const char *name);

#endif
