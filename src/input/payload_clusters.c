/* SPDX-License-Identifier: Apache-2.0 */
/* Whose payloads are read (spec/6-payloads.md, Several sources): one cluster's that is asked for,
 * or those of all that are listed. The archives of others are freed. */
#include "input/payload_set.h"

#include <stdlib.h>
#include <string.h>

static shukei_status no_memory(const struct sk_payloads *self, shukei_error *err)
{
  return sk_fail_memory(err, self->budget, 0, "the plan of payloads");
}

static const shukei_cluster *known_cluster(const struct sk_plan_options *options,
                                           const char *cluster_id)
{
  for (size_t i = 0; i < options->cluster_count; i++)
    if (strcmp(options->clusters[i].cluster_id, cluster_id) == 0)
      return &options->clusters[i];
  return NULL;
}

/* The one cluster that is asked for; NULL: all, or the one that there is. */
static const char *wanted_cluster(const struct sk_plan_options *options)
{
  if (options->cluster_id || !options->source)
    return options->cluster_id;
  for (size_t i = 0; i < options->cluster_count; i++)
    if (strcmp(options->clusters[i].source, options->source) == 0)
      return options->clusters[i].cluster_id;
  return NULL;
}

static shukei_status drop_archive(struct sk_payloads *self, size_t i, shukei_error *err)
{
  const shukei_status st = sk_payload_note(self, self->archives[i], false, err);
  sk_archive_free(self->archives[i]);
  self->archives[i] = NULL;
  self->plan->files_skipped++;
  return st;
}

static int by_cluster(const void *a, const void *b)
{
  return strcmp(((const struct sk_planned_cluster *)a)->cluster_id,
                ((const struct sk_planned_cluster *)b)->cluster_id);
}

/* The clusters of the archives that are left, into the plan. */
static shukei_status list_clusters(struct sk_payloads *self, shukei_error *err)
{
  struct sk_plan *plan = self->plan;
  size_t count = 0, kept = 0;
  plan->clusters = sk_arena_alloc(&plan->arena, (self->path_count + 1) * sizeof *plan->clusters);
  if (!plan->clusters)
    return no_memory(self, err);
  for (size_t i = 0; i < self->path_count; i++)
    if (self->archives[i])
      plan->clusters[count++] = (struct sk_planned_cluster){
          .cluster_id = self->archives[i]->manifest.cluster_id, .example = self->archives[i]->path};
  if (count)
    qsort(plan->clusters, count, sizeof *plan->clusters, by_cluster);
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || by_cluster(&plan->clusters[kept - 1], &plan->clusters[i]) != 0)
      plan->clusters[kept++] = plan->clusters[i];
  for (size_t i = 0; i < kept; i++)
    plan->clusters[i].known = known_cluster(self->options, plan->clusters[i].cluster_id);
  plan->cluster_count = kept;
  return SHUKEI_OK;
}

static shukei_status refuse_several(const struct sk_payloads *self, shukei_error *err)
{
  const struct sk_plan *plan = self->plan;
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL, "the payloads are of %zu clusters: \"%s\", \"%s\"%s",
              plan->cluster_count, plan->clusters[0].cluster_id, plan->clusters[1].cluster_id,
              plan->cluster_count > 2 ? ", ..." : "");
  sk_advise(err, self->options->layouts_for_several
                     ? "name one with --cluster-id, or give --layout koku or poc"
                     : "name one with --cluster-id");
  return st;
}

static shukei_status refuse_unknown(const struct sk_planned_cluster *cluster, shukei_error *err)
{
  const shukei_status st =
      sk_fail(err, SHUKEI_EINVAL, "%s: its cluster \"%s\" is none of the configuration's clusters",
              cluster->example, cluster->cluster_id);
  sk_advise(err, "add it to \"clusters\", name one cluster with --cluster-id, or leave such out "
                 "with --unknown-clusters skip");
  return st;
}

/* Leaves a cluster out that nobody has listed. */
static shukei_status skip_unknown(struct sk_payloads *self, struct sk_planned_cluster *cluster,
                                  shukei_error *err)
{
  struct sk_buffer text;
  uint64_t count = 0;
  sk_buffer_init(&text, self->budget, SK_PAYLOAD_TEXT);
  sk_buffer_printf(&text, "%s: ", cluster->example);
  for (size_t i = 0; i < self->path_count; i++)
    if (self->archives[i] &&
        strcmp(self->archives[i]->manifest.cluster_id, cluster->cluster_id) == 0)
      count++;
  sk_buffer_printf(&text,
                   "its cluster \"%s\" is none of the configuration's clusters, left out "
                   "with all its payloads: %" PRIu64,
                   cluster->cluster_id, count);
  shukei_status st = sk_payload_tell(self, true, &text, err);
  for (size_t i = 0; i < self->path_count && !st; i++)
    if (self->archives[i] && self->archives[i]->manifest.cluster_id != cluster->cluster_id &&
        strcmp(self->archives[i]->manifest.cluster_id, cluster->cluster_id) == 0)
      st = drop_archive(self, i, err);
  for (size_t i = 0; i < self->path_count && !st; i++) /* the last: its id is the text above */
    if (self->archives[i] && self->archives[i]->manifest.cluster_id == cluster->cluster_id)
      st = drop_archive(self, i, err);
  return st;
}

/* Checks the clusters against those listed; drops what is not to be read. */
static shukei_status check_listed(struct sk_payloads *self, shukei_error *err)
{
  const struct sk_plan_options *options = self->options;
  struct sk_plan *plan = self->plan;
  size_t kept = 0;
  if (options->cluster_count == 0 && plan->cluster_count == 1 && !options->skip_unknown_clusters)
    return SHUKEI_OK; /* nothing to tell it from */
  for (size_t i = 0; i < plan->cluster_count; i++) {
    struct sk_planned_cluster *cluster = &plan->clusters[i];
    if (cluster->known) {
      plan->clusters[kept++] = *cluster;
      continue;
    }
    const shukei_status st = options->skip_unknown_clusters ? skip_unknown(self, cluster, err)
                                                            : refuse_unknown(cluster, err);
    if (st)
      return st;
  }
  plan->cluster_count = kept;
  return SHUKEI_OK;
}

/* Rows of two clusters under one source would replace each other. */
static shukei_status check_list(const struct sk_plan_options *options, shukei_error *err)
{
  for (size_t i = 0; i < options->cluster_count; i++)
    for (size_t k = 0; k < i; k++) {
      const shukei_cluster *a = &options->clusters[k], *b = &options->clusters[i];
      if (strcmp(a->cluster_id, b->cluster_id) == 0)
        return sk_fail(err, SHUKEI_EINVAL, "cluster \"%s\" is listed twice", a->cluster_id);
      if (strcmp(a->source, b->source) == 0)
        return sk_fail(err, SHUKEI_EINVAL, "clusters \"%s\" and \"%s\" have one source",
                       a->cluster_id, b->cluster_id);
    }
  return SHUKEI_OK;
}

shukei_status sk_payload_clusters(struct sk_payloads *self, shukei_error *err)
{
  const struct sk_plan_options *options = self->options;
  const char *wanted = wanted_cluster(options);
  uint64_t others = 0;
  shukei_status st = check_list(options, err);
  for (size_t i = 0; wanted && i < self->path_count && !st; i++)
    if (self->archives[i] && strcmp(self->archives[i]->manifest.cluster_id, wanted) != 0) {
      st = drop_archive(self, i, err);
      others++;
    }
  if (!st)
    st = list_clusters(self, err);
  if (st)
    return st;
  const bool one = wanted || options->source || options->one_cluster;
  if (!one)
    st = check_listed(self, err);
  if (!st && self->plan->cluster_count > 1 && one)
    return refuse_several(self, err);
  if (!st && self->plan->cluster_count == 0)
    return others ? sk_fail(err, SHUKEI_ENOTFOUND, "%" PRIu64 " payloads, none of cluster \"%s\"",
                            others, wanted)
                  : sk_fail(err, SHUKEI_ENOTFOUND, "%s%s: no payload that can be read",
                            self->paths[0], self->path_count > 1 ? " and others" : "");
  return st;
}
