/* SPDX-License-Identifier: Apache-2.0 */
/* Values are written with the fewest digits that read back as the same number. */
#include "status/prometheus.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

void sk_metrics_family(struct sk_buffer *out, const char *name, const char *type, const char *help)
{
  sk_buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Backslashes, quotes and line ends are escaped, all else is as it is. */
static void add_label(struct sk_buffer *out, const struct sk_metric_label *label)
{
  sk_buffer_text(out, label->name);
  sk_buffer_text(out, "=\"");
  for (const char *at = label->value; *at; at++) {
    if (*at == '\\' || *at == '"')
      sk_buffer_byte(out, '\\');
    if (*at == '\n')
      sk_buffer_text(out, "\\n");
    else
      sk_buffer_byte(out, (uint8_t)*at);
  }
  sk_buffer_byte(out, '"');
}

void sk_metrics_sample(struct sk_buffer *out, const char *name,
                       const struct sk_metric_label *labels, size_t count, double value)
{
  char text[SK_NUMBER_TEXT];
  sk_buffer_text(out, name);
  for (size_t i = 0; i < count; i++) {
    sk_buffer_byte(out, i == 0 ? '{' : ',');
    add_label(out, &labels[i]);
  }
  if (count > 0)
    sk_buffer_byte(out, '}');
  sk_buffer_byte(out, ' ');
  if (isnan(value))
    sk_buffer_text(out, "NaN");
  else if (isinf(value))
    sk_buffer_text(out, value > 0 ? "+Inf" : "-Inf");
  else
    sk_buffer_add(out, text, sk_number_format(value, text));
  sk_buffer_byte(out, '\n');
}

void sk_metrics_gauge(struct sk_buffer *out, const char *name, const char *help, bool known,
                      double value)
{
  sk_metrics_family(out, name, "gauge", help);
  if (known)
    sk_metrics_sample(out, name, NULL, 0, value);
}
