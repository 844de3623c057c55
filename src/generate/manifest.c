/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest's text becomes a model: YAML -> tree (base/yaml_tree.h) -> dates of all generators,
 * which give the model its hours -> each generator's nodes, namespaces, pods and claims
 * (manifest_build.c) -> arrays that rows are made from (manifest_rows.c).
 *
 * The tree and everything that only the reading needs lies in one arena that goes at the end. */
#include "generate/manifest.h"

#include "base/nearest.h"
#include "generate/manifest_cluster.h"
#include "store/store.h"

#include <time.h>

#define MOST_HOURS (INT64_C(24) * 366 * 100)
#define MOST_GENERATORS 100000

struct generator {
  const struct sk_yaml *at, *nodes;
  struct sk_span_of_time time;
};

static const struct sk_key generator_keys[] = {
    {"start_date", SK_KEY_TAKEN},
    {"end_date", SK_KEY_TAKEN},
    {"nodes", SK_KEY_TAKEN},
};

shukei_status sk_manifest_read(const char *path, struct sk_buffer *text, shukei_error *err)
{
  struct sk_object *file = NULL;
  shukei_status st = sk_store_open(path, text->budget, &file, err);
  if (st)
    goto done;
  const uint64_t size = sk_object_size(file);
  if (size > SK_YAML_BYTES) {
    st = sk_fail(err, SHUKEI_EFORMAT, "%s: %" PRIu64 " bytes, at most %u are read", path, size,
                 SK_YAML_BYTES);
  } else if (!sk_buffer_reserve(text, (size_t)size + 1)) {
    st = sk_fail_memory(err, text->budget, size, "the text");
  } else {
    st = sk_object_read(file, 0, text->bytes, (size_t)size, err);
    text->length = st ? 0 : (size_t)size;
  }
done:
  sk_object_close(file);
  return st ? sk_context(err, st, "manifest") : SHUKEI_OK;
}

static shukei_status take_option(const char *text, const char *what, int64_t *moment,
                                 shukei_error *err)
{
  if (sk_moment_parse(text, moment))
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EINVAL, "%s \"%s\" is no date, YYYY-MM-DD expected", what, text);
}

static shukei_status take_dates(const struct sk_manifest_settings *settings, struct sk_dates *dates,
                                shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  dates->has_start = settings->start != NULL;
  dates->has_end = settings->end != NULL;
  if (settings->today)
    st = take_option(settings->today, "today", &dates->now, err);
  else
    dates->now = (int64_t)time(NULL);
  dates->now -= dates->now % 3600;
  if (!st && settings->start)
    st = take_option(settings->start, "start", &dates->start, err);
  if (!st && settings->end)
    st = take_option(settings->end, "end", &dates->end, err);
  return st;
}

static shukei_status read_generator(struct sk_walk *walk, const struct sk_dates *dates,
                                    const struct sk_pair *pair, struct generator *generator)
{
  const struct sk_yaml *found[SK_COUNT(generator_keys)];
  if (strcmp(pair->key->text, "OCPGenerator") != 0) {
    const shukei_status st =
        sk_walk_fail(walk, pair->key, "unknown generator \"%s\"", pair->key->text);
    sk_advise(walk->err, "OCPGenerator is the one that is read: OpenShift's");
    return st;
  }
  shukei_status st = sk_walk_fields(walk, pair->value, "a generator", generator_keys,
                                    SK_COUNT(generator_keys), found);
  generator->at = pair->key;
  generator->nodes = found[2];
  return st ? st : sk_dates_read(walk, dates, pair->key, found[0], found[1], &generator->time);
}

static shukei_status unknown_key(struct sk_walk *walk, const struct sk_yaml *key)
{
  struct sk_nearest nearest;
  const shukei_status st = sk_walk_fail(walk, key, "a manifest has no key \"%s\"", key->text);
  sk_nearest_init(&nearest, key->text, strlen(key->text));
  sk_nearest_offer(&nearest, "generators");
  if (nearest.best)
    sk_advise(walk->err, "did you mean \"generators\"?");
  else
    sk_advise(walk->err, "its key is generators; keys that begin with x- are free");
  return st;
}

/* Keys that begin with "x-" are free: a place for anchors. */
static shukei_status find_generators(struct sk_walk *walk, const struct sk_yaml *root,
                                     const struct sk_yaml **list)
{
  struct sk_pair *pairs;
  size_t count;
  *list = NULL;
  shukei_status st = sk_walk_pairs(walk, root, "a manifest", &pairs, &count);
  for (size_t i = 0; !st && i < count; i++) {
    const char *const key = pairs[i].key->text;
    if (strcmp(key, "generators") == 0)
      *list = pairs[i].value;
    else if (strcmp(key, "start_date") == 0 || strcmp(key, "end_date") == 0)
      sk_walk_warn(walk, pairs[i].key, "\"%s\" is not read here, only in a generator", key);
    else if (strncmp(key, "x-", 2) != 0)
      st = unknown_key(walk, pairs[i].key);
  }
  if (!st && !*list)
    st = sk_walk_fail(walk, root, "a manifest has a list of generators, found none");
  return st;
}

static shukei_status read_generators(struct sk_build *build, const struct sk_dates *dates,
                                     const struct sk_yaml *root, struct sk_rows *generators)
{
  struct sk_walk *const walk = &build->walk;
  const struct sk_yaml *list;
  const struct sk_yaml_item *item = NULL;
  shukei_status st = find_generators(walk, root, &list);
  if (!st)
    st = sk_walk_list(walk, list, "generators", &item);
  for (; !st && item; item = item->next) {
    struct sk_pair *pairs;
    size_t count;
    st = sk_walk_pairs(walk, item->node, "an item of generators", &pairs, &count);
    for (size_t i = 0; !st && i < count; i++) {
      struct generator *const generator = sk_rows_add(generators, sizeof *generator, build->budget);
      if (generators->count > MOST_GENERATORS)
        return sk_walk_fail(walk, item->node, "more than %d generators", MOST_GENERATORS);
      st = generator ? read_generator(walk, dates, &pairs[i], generator)
                     : sk_walk_no_memory(walk, "generators");
    }
  }
  if (!st && !generators->count)
    st = sk_walk_fail(walk, list, "the list of generators is empty");
  return st;
}

/* The hours of all generators, and from them the model's. */
static shukei_status place_in_time(struct sk_build *build, const struct sk_yaml *root,
                                   struct sk_rows *generators)
{
  struct generator *const all = generators->items;
  struct sk_walk *const walk = &build->walk;
  int64_t last_end = INT64_MIN, first = INT64_MAX, end = INT64_MIN;
  for (size_t i = 0; i < generators->count; i++)
    if (all[i].time.end > last_end)
      last_end = all[i].time.end;
  for (size_t i = 0; i < generators->count; i++) {
    struct sk_span_of_time *const time = &all[i].time;
    sk_dates_hours(last_end, time);
    if (!time->run_count)
      sk_walk_warn(walk, all[i].at, "no hour lies within the dates of this generator");
    for (unsigned run = 0; run < time->run_count; run++) {
      first = time->runs[run].first < first ? time->runs[run].first : first;
      end = time->runs[run].end > end ? time->runs[run].end : end;
    }
  }
  if (first >= end)
    return sk_walk_fail(walk, root, "no hour lies within the dates of the generators");
  const int64_t day = first / 24 - (first % 24 < 0);
  if (end - day * 24 > MOST_HOURS)
    return sk_walk_fail(walk, root, "the dates of the generators span more than 100 years");
  if (end > INT64_C(24) * SK_DAY_AFTER_ALL)
    return sk_walk_fail(walk, root, "the dates of the generators go on after the year 9999");
  walk->model->first_day = (int32_t)day;
  walk->model->hour_count = (uint32_t)(end - day * 24);
  return SHUKEI_OK;
}

/* Copies an array into the model's arena. */
static bool keep_rows(struct sk_model *model, const struct sk_rows *rows, size_t size, void **to)
{
  *to = sk_arena_alloc(&model->arena, rows->count * size);
  if (*to && rows->count)
    memcpy(*to, rows->items, rows->count * size);
  return *to != NULL;
}

static shukei_status finish(struct sk_build *build)
{
  struct sk_model *const model = build->walk.model;
  struct sk_manifest_cluster *const cluster = sk_arena_alloc(&model->arena, sizeof *cluster);
  void *nodes, *spaces, *pods, *claims;
  if (!cluster || !keep_rows(model, &build->nodes, sizeof(struct sk_node), &nodes) ||
      !keep_rows(model, &build->spaces, sizeof(struct sk_space), &spaces) ||
      !keep_rows(model, &build->pods, sizeof(struct sk_manifest_pod), &pods) ||
      !keep_rows(model, &build->claims, sizeof(struct sk_manifest_claim), &claims))
    return sk_walk_no_memory(&build->walk, "the cluster");
  cluster->pods = pods;
  cluster->claims = claims;
  model->nodes = nodes;
  model->spaces = spaces;
  model->node_count = (uint32_t)build->nodes.count;
  model->space_count = (uint32_t)build->spaces.count;
  model->pod_slots = build->pods.count;
  model->claim_slots = build->claims.count;
  model->steady = true;
  for (size_t i = 0; i < build->pods.count && model->steady; i++)
    model->steady = cluster->pods[i].life.first == 0 &&
                    cluster->pods[i].life.end == model->hour_count && !cluster->pods[i].at_times;
  model->maker = cluster;
  model->pod = sk_manifest_pod_row;
  model->pod_present = sk_manifest_pod_present;
  model->claim = sk_manifest_claim_row;
  return SHUKEI_OK;
}

static shukei_status build_all(struct sk_build *build, const struct sk_rows *generators)
{
  const struct generator *const all = generators->items;
  const int64_t zero = (int64_t)build->walk.model->first_day * 24;
  shukei_status st = SHUKEI_OK;
  for (size_t i = 0; !st && i < generators->count; i++) {
    const uint64_t things = build->things;
    for (unsigned run = 0; !st && run < all[i].time.run_count; run++) {
      build->things = things; /* what is drawn is the same in both runs */
      build->life.first = (uint32_t)(all[i].time.runs[run].first - zero);
      build->life.end = (uint32_t)(all[i].time.runs[run].end - zero);
      st = sk_build_generator(build, all[i].nodes);
    }
  }
  return st ? st : finish(build);
}

static shukei_status read_tree(struct sk_build *build, const struct sk_manifest_settings *settings,
                               const void *text, size_t length, struct sk_rows *generators,
                               shukei_error *err)
{
  struct sk_dates dates = {.now = 0};
  struct sk_yaml *root;
  shukei_status st = take_dates(settings, &dates, err);
  if (st)
    return st;
  st = sk_yaml_parse(settings->name, text, length, build->walk.scratch, &root, err);
  if (st == SHUKEI_EINVAL) {
    st = SHUKEI_EFORMAT; /* it is data here, not configuration */
    if (err)
      err->status = st;
  }
  if (!st && !root)
    st = sk_fail(err, SHUKEI_EFORMAT, "%s:1:1: the manifest is empty", settings->name);
  if (!st)
    st = read_generators(build, &dates, root, generators);
  if (!st)
    st = place_in_time(build, root, generators);
  return st ? st : build_all(build, generators);
}

shukei_status sk_manifest_model(const void *text, size_t length,
                                const struct sk_manifest_settings *settings,
                                struct sk_budget *budget, struct sk_model *model, shukei_error *err)
{
  struct sk_arena scratch;
  struct sk_rows generators = {.items = NULL};
  struct sk_build build = {.budget = budget};
  memset(model, 0, sizeof *model);
  sk_arena_init(&model->arena, budget);
  sk_arena_init(&scratch, budget);
  model->plain_text = true;
  build.walk = (struct sk_walk){.name = settings->name,
                                .callbacks = settings->callbacks,
                                .scratch = &scratch,
                                .model = model,
                                .err = err};
  sk_walk_init(&build.walk, length);
  sk_buffer_init(&build.key, budget, SK_YAML_BYTES + 1);
  build.seed_key = sk_mix(sk_mix(settings->seed) ^ UINT64_C(0x7368756b65690002));
  shukei_status st = sk_intern_init(&build.alike, budget)
                         ? read_tree(&build, settings, text, length, &generators, err)
                         : sk_walk_no_memory(&build.walk, "names");
  sk_walk_end(&build.walk);
  sk_intern_reset(&build.alike);
  sk_buffer_reset(&build.key);
  sk_free(build.alike_at.items);
  sk_free(generators.items);
  sk_free(build.nodes.items);
  sk_free(build.spaces.items);
  sk_free(build.pods.items);
  sk_free(build.claims.items);
  sk_free(build.places.items);
  sk_free(build.pod_at.items);
  sk_free(build.usages.items);
  sk_arena_reset(&scratch);
  if (st)
    sk_model_reset(model);
  return st;
}
