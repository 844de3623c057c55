/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/other_rows.h"

#include <stdio.h>
#include <string.h>

void sk_other_rows_add(struct sk_other_rows *others, const char *source, uint64_t rows)
{
  if (!rows)
    return;
  if (!others->rows)
    snprintf(others->source, sizeof others->source, "%s", source);
  others->several |= strncmp(others->source, source, sizeof others->source - 1) != 0;
  others->rows += rows;
}

void sk_other_rows_warn(const struct sk_other_rows *others, const char *sink,
                        void (*warn)(void *context, const char *text), void *context)
{
  char text[512];
  if (!others->rows || !warn)
    return;
  snprintf(text, sizeof text,
           "%.200s: the rows have no source and stand beside %" PRIu64
           " row%s of source \"%s\"%s of the same days; name it by --source where they are to "
           "replace them",
           sink, others->rows, others->rows == 1 ? "" : "s", others->source,
           others->several ? " and others" : "");
  warn(context, text);
}

void sk_removed_rows_warn(uint64_t rows, const char *lacking, const char *sink,
                          void (*warn)(void *context, const char *text), void *context)
{
  char text[512];
  if (!rows || !warn)
    return;
  snprintf(text, sizeof text,
           "%.200s: %" PRIu64
           " row%s of %s of these days and this source %s removed, and no %s report "
           "is read that could give them again; read all reports of a day in one run",
           sink, rows, rows == 1 ? "" : "s", strcmp(lacking, "Storage") == 0 ? "volumes" : "pods",
           rows == 1 ? "is" : "are", strcmp(lacking, "Storage") == 0 ? "storage" : "pod usage");
  warn(context, text);
}
