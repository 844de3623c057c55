/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of option values, by kind. */
#include "cli/value.h"

#include "base/calendar.h"
#include "base/number.h"
#include "cli/sizes.h"

#include <stdio.h>

bool sk_value_digits(const char *text, uint64_t *number)
{
  uint64_t n = 0;
  if (!*text)
    return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9')
      return false;
    const uint64_t digit = (uint64_t)(*text - '0');
    if (n > (UINT64_MAX - digit) / 10)
      return false;
    n = n * 10 + digit;
  }
  *number = n;
  return true;
}

static bool signed_digits(const char *text, int64_t *number)
{
  uint64_t n;
  const bool negative = *text == '-';
  if (!sk_value_digits(text + negative, &n) || n > (uint64_t)INT64_MAX + negative)
    return false;
  *number = negative && n ? -(int64_t)(n - 1) - 1 : (int64_t)n;
  return true;
}

/* "a, b or c" of "a|b|c". */
static const char *spell_choices(const char *choices, char *text, size_t capacity)
{
  const char *at = choices, *word;
  size_t n = 0, length;
  while (sk_choice_next(&at, &word, &length)) {
    const char *const joint = n == 0 ? "" : *at ? ", " : " or ";
    const int added = snprintf(text + n, capacity - n, "%s%.*s", joint, (int)length, word);
    if (added < 0 || (size_t)added >= capacity - n)
      break;
    n += (size_t)added;
  }
  return text;
}

shukei_status sk_value_check(const struct sk_option *option, const char *text,
                             struct sk_value *value, shukei_error *err)
{
  char spelled[128] = "";
  const char *expected = NULL;
  struct sk_value found = {.text = text, .choice = -1};
  switch (option->kind) {
  case SK_KIND_FLAG:
  case SK_KIND_LIST:
  case SK_KIND_CATEGORIES:
  case SK_KIND_NODES:
  case SK_KIND_CLUSTERS:
    break;
  case SK_KIND_TEXT:
  case SK_KIND_FILE:
  case SK_KIND_FOLDER:
  case SK_KIND_NAMES:
  case SK_KIND_EACH:
    if (!*text)
      return sk_fail(err, SHUKEI_EINVAL, "the value is empty");
    break;
  case SK_KIND_DAY:
    if (!sk_day_parse(text, strlen(text), &found.day))
      expected = "a day as YYYY-MM-DD";
    break;
  case SK_KIND_COUNT:
    if (!sk_value_digits(text, &found.number) || found.number < 1 ||
        found.number > SK_THREADS_MAXIMUM)
      expected = "a number from 1 to 1024";
    break;
  case SK_KIND_INTEGER:
    if (!signed_digits(text, &found.integer))
      expected = "a whole number of 64 bits";
    break;
  case SK_KIND_ROWS:
    if (!sk_value_digits(text, &found.number))
      expected = "a whole number, 0 or more";
    break;
  case SK_KIND_SIZE:
    if (!sk_size_parse(text, strlen(text), &found.number) || found.number == 0)
      expected = "a size such as 256MiB, 2G or a number of bytes";
    break;
  case SK_KIND_SHARE:
    if (!sk_number_parse(text, strlen(text), &found.share) || !(found.share >= 0) ||
        found.share > 1)
      expected = "a share from 0 to 1";
    break;
  case SK_KIND_CHOICE:
    found.choice = sk_choice_find(option->choices, text);
    if (found.choice < 0)
      expected = spell_choices(option->choices, spelled, sizeof spelled);
    break;
  case SK_KIND_BAD_ROWS:
    found.choice = sk_choice_find(option->choices, text);
    if (!*text ||
        (found.choice < 0 && !strpbrk(text, "/."))) /* a word is a choice, perhaps misspelt */
      expected = "fail, skip or the name of a file, which has a '/' or a '.' in it";
    break;
  }
  if (expected)
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\" is not %s", text, expected);
  *value = found;
  return SHUKEI_OK;
}
