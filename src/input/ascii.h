/* SPDX-License-Identifier: Apache-2.0 */
/* Names of columns are compared without regard to the case of ASCII letters, whatever the
 * locale. */
#ifndef SK_INPUT_ASCII_H
#define SK_INPUT_ASCII_H

#include <stdbool.h>

static inline char sk_ascii_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
static inline bool sk_ascii_digit(char c)
{
  return c >= '0' && c <= '9';
}
static inline bool sk_ascii_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
static inline bool sk_same_name(const char *a, const char *b)
{
  while (*a && sk_ascii_lower(*a) == sk_ascii_lower(*b)) {
    a++;
    b++;
  }
  return sk_ascii_lower(*a) == sk_ascii_lower(*b);
}

#endif
