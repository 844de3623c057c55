/* SPDX-License-Identifier: Apache-2.0 */
/* Where a conversion writes to: a folder or a bucket, and not among what it reads. */
#include "input/convert_shared.h"

#include "store/store.h"

#include <stdio.h>
#include <string.h>

static bool plain_part(const char *text)
{
  return text && *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

const char *sk_convert_source_of(const struct sk_convert_shared *shared, size_t cluster)
{
  const shukei_cluster *known = shared->plan->clusters[cluster].known;
  return shared->options->source || !known ? shared->options->source : known->source;
}

/* Parquet that is written among the Parquet that is read would be its rows a second time. */
static shukei_status check_destination(const struct sk_convert_shared *shared, shukei_error *err)
{
  const shukei_convert_options *options = shared->options;
  const char *holds = NULL;  /* Parquet, and the destination */
  const char *before = NULL; /* the file before, mostly of the same folder */
  for (size_t i = 0; i < shared->plan->count && !holds; i++) {
    const struct sk_planned_file *const file = &shared->plan->files[i];
    if (file->format != SK_FORMAT_PARQUET)
      continue;
    if (sk_store_among(options->destination, file->path, before))
      holds = options->destination;
    before = file->path;
  }
  for (size_t i = 0; before && i < options->source_count && !holds; i++)
    if (sk_store_inside(options->sources[i], options->destination))
      holds = options->sources[i];
  if (!holds)
    return SHUKEI_OK;
  if (sk_store_same(holds, options->destination))
    sk_fail(err, SHUKEI_EINVAL,
            "\"%s\" holds Parquet files that are read and would then have their rows twice",
            options->destination);
  else
    sk_fail(err, SHUKEI_EINVAL,
            "\"%s\" lies in \"%s\", whose Parquet files would then have their rows twice",
            options->destination, holds);
  sk_advise(err, "name a folder beside it with --to");
  return SHUKEI_EINVAL;
}

/* Parquet that is written above that which is read, or below its folder, is well as long as the two
 * are read apart. */
static void warn_of_one_folder(const struct sk_convert_shared *shared)
{
  const char *const destination = shared->options->destination, *before = NULL;
  char text[600];
  for (size_t i = 0; i < shared->plan->count; i++) {
    const char *const path = shared->plan->files[i].path, *const slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    char folder[4096] = ".";
    if (shared->plan->files[i].format != SK_FORMAT_PARQUET || length >= sizeof folder ||
        (before && strncmp(path, before, length) == 0 && !strchr(before + length, '/')))
      continue;
    before = path;
    if (length)
      snprintf(folder, sizeof folder, "%.*s", length > 1 ? (int)length - 1 : 1, path);
    const char *const both = sk_store_inside(destination, folder)   ? destination
                             : sk_store_inside(folder, destination) ? folder
                                                                    : NULL;
    if (!both)
      continue;
    snprintf(text, sizeof text,
             "\"%.200s\" holds \"%.200s\" and what is made of it: who reads all of that folder has "
             "the rows twice",
             both, path);
    sk_convert_warn(shared, text);
    return;
  }
}

static shukei_status check_layout(const struct sk_convert_shared *shared, shukei_error *err)
{
  const shukei_convert_options *options = shared->options;
  if (options->layout != SHUKEI_LAYOUT_KOKU && options->layout != SHUKEI_LAYOUT_POC)
    return SHUKEI_OK;
  if (!plain_part(options->org)) {
    sk_fail(err, SHUKEI_EINVAL, "the layout needs an organisation, without '/'");
    sk_advise(err, "give it with --org");
    return SHUKEI_EINVAL;
  }
  for (size_t c = 0; c < shared->plan->cluster_count; c++)
    if (!plain_part(sk_convert_source_of(shared, c))) {
      sk_fail(err, SHUKEI_EINVAL, "the layout needs a source, without '/'");
      sk_advise(err, "give it with --source, or list the cluster in the configuration's clusters");
      return SHUKEI_EINVAL;
    }
  return SHUKEI_OK;
}

shukei_status sk_convert_check_place(const struct sk_convert_shared *shared, shukei_error *err)
{
  const char *const destination = shared->options->destination;
  if (!destination || !*destination)
    return sk_fail(err, SHUKEI_EINVAL, "no destination is named");
  if (strcmp(destination, "-") == 0) {
    sk_fail(err, SHUKEI_EINVAL, "convert writes a folder of files, not to standard output");
    sk_advise(err, "name a folder; ./- is one, too");
    return SHUKEI_EINVAL;
  }
  if (strstr(destination, "://") && !sk_store_distant(destination))
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": neither a folder nor s3://BUCKET/PREFIX",
                   destination);
  shukei_status st = check_layout(shared, err);
  if (!st)
    st = check_destination(shared, err);
  if (!st)
    warn_of_one_folder(shared);
  return st;
}
