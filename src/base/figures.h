/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as people read them. Each call writes into text and returns it. */
#ifndef SK_BASE_FIGURES_H
#define SK_BASE_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#define SK_SIZE_TEXT 24
/* "512 B", "1.5 KiB", "256 MiB": three digits are kept. */
const char *sk_size_text(uint64_t bytes, char text[SK_SIZE_TEXT]);

#define SK_GROUPED_TEXT 32
/* 998400 -> "998,400". */
const char *sk_grouped_text(uint64_t number, char text[SK_GROUPED_TEXT]);

#define SK_DURATION_TEXT 24
/* "0.42 s", "4.2 s", "42 s", "3 min 05 s", "2 h 07 min", "3 d 04 h"; below 0 it counts as 0. */
const char *sk_duration_text(double seconds, char text[SK_DURATION_TEXT]);

#endif
