/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for people. */
#include "report/numerals.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>

#define FIGURE_TEXT 64

/* Digits of a whole number with commas between thousands. */
static void grouped(char text[FIGURE_TEXT], double value)
{
  char digits[FIGURE_TEXT];
  const int length = snprintf(digits, sizeof digits, "%.0f", value < 1e24 ? value : 1e24);
  size_t at = 0;
  for (int i = 0; i < length && at + 2 < FIGURE_TEXT; i++) {
    if (i && (length - i) % 3 == 0)
      text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = '\0';
}

/* Three digits that count, without an exponent. */
static void three_digits(char text[FIGURE_TEXT], double value)
{
  if (!(value > 0)) {
    snprintf(text, FIGURE_TEXT, "0");
    return;
  }
  int exponent = (int)floor(log10(value) + 1e-12);
  const double unit = pow(10, exponent - 2);
  const double rounded = round(value / unit) * unit;
  exponent += rounded >= 9.995 * unit * 100; /* 9.996 has become 10.0 */
  if (exponent >= 2)
    grouped(text, rounded);
  else
    snprintf(text, FIGURE_TEXT, "%.*f", 2 - exponent < 12 ? 2 - exponent : 12, rounded);
}

const char *sk_figure_count(struct sk_doc *doc, double count)
{
  char text[FIGURE_TEXT];
  if (!(count >= 0) || isinf(count))
    return SK_FIGURE_NONE;
  grouped(text, count);
  return sk_doc_text(doc, "%s", text);
}

const char *sk_figure_number(struct sk_doc *doc, double value)
{
  char text[FIGURE_TEXT];
  if (!(value >= 0) || isinf(value))
    return SK_FIGURE_NONE;
  three_digits(text, value);
  return sk_doc_text(doc, "%s", text);
}

const char *sk_figure_seconds(struct sk_doc *doc, double seconds)
{
  char text[FIGURE_TEXT];
  if (!(seconds >= 0) || isinf(seconds))
    return SK_FIGURE_NONE;
  if (seconds < 120) {
    three_digits(text, seconds);
    return sk_doc_text(doc, "%s s", seconds < 0.0005 ? "0" : text);
  }
  const double whole = round(seconds);
  if (whole < 7200)
    return sk_doc_text(doc, "%.0f min %.0f s", floor(whole / 60), fmod(whole, 60));
  return sk_doc_text(doc, "%.0f h %.0f min", floor(whole / 3600), floor(fmod(whole, 3600) / 60));
}

const char *sk_figure_bytes(struct sk_doc *doc, double bytes)
{
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  char text[FIGURE_TEXT];
  size_t unit = 0;
  if (!(bytes >= 0) || isinf(bytes))
    return SK_FIGURE_NONE;
  while (bytes >= 999.5 && unit + 1 < SK_COUNT(units)) {
    bytes /= 1000;
    unit++;
  }
  three_digits(text, bytes);
  return sk_doc_text(doc, "%s %s", text, units[unit]);
}

const char *sk_figure_percent(struct sk_doc *doc, double share)
{
  if (!isfinite(share))
    return SK_FIGURE_NONE;
  const double percent = share * 100;
  return sk_doc_text(doc, fabs(percent) < 99.5 ? "%+.1f %%" : "%+.0f %%", percent);
}

const char *sk_figure_plain(struct sk_doc *doc, double value)
{
  char text[SK_NUMBER_TEXT];
  if (!isfinite(value))
    return "";
  if (fabs(value) < 9e15 && value == floor(value))
    return sk_doc_text(doc, "%.0f", value);
  const size_t length = sk_number_format(value, text);
  return sk_doc_text(doc, "%.*s", (int)length, text);
}
