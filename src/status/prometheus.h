/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus' text format, version 0.0.4: families of samples, each with a help and a type.
 *
 * Every family of a text is written, also one that has no sample now: so what a scrape can ever
 * hold is seen in each. A text may stand behind another one. */
#ifndef SK_STATUS_PROMETHEUS_H
#define SK_STATUS_PROMETHEUS_H

#include "base/buffer.h"

#define SK_PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct sk_metric_label {
  const char *name, *value; /* value: any UTF-8 */
};

/* "# HELP" and "# TYPE"; type is "gauge" or "counter". */
void sk_metrics_family(struct sk_buffer *out, const char *name, const char *type, const char *help);
void sk_metrics_sample(struct sk_buffer *out, const char *name,
                       const struct sk_metric_label *labels, size_t count, double value);
/* A family of type gauge that has one sample, without labels; not one where known is false. */
void sk_metrics_gauge(struct sk_buffer *out, const char *name, const char *help, bool known,
                      double value);

#endif
