/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a manifest's model share. */
#ifndef SK_GENERATE_MANIFEST_CLUSTER_H
#define SK_GENERATE_MANIFEST_CLUSTER_H

#include "base/buffer.h"
#include "base/map.h"
#include "generate/manifest_dates.h"
#include "generate/noise.h"

#define SK_GIB 1073741824.0

/* What a number is drawn for. The values are part of the data's definition: never renumber. */
enum sk_drawn {
  SK_DRAW_THING = 1, /* the key of a thing, by its number */
  SK_DRAW_SECONDS = 2,
  SK_DRAW_CPU = 3,
  SK_DRAW_MEMORY = 4,
  SK_DRAW_CLAIM = 5,
  SK_DRAW_PRESENT = 6,
  SK_DRAW_CORES = 7,
  SK_DRAW_GIB = 8,
  SK_DRAW_RESOURCE = 9,
  SK_DRAW_REQUEST_CPU = 10,
  SK_DRAW_REQUEST_MEMORY = 11,
  SK_DRAW_LIMIT_CPU = 12,
  SK_DRAW_LIMIT_MEMORY = 13,
  SK_DRAW_CLASS = 14,
  SK_DRAW_COUNT = 15,
  SK_DRAW_NAME = 16,
  SK_DRAW_LABELS = 17
};

/* A map of usage: days with their values, and a value for all others. */
struct sk_usage_day {
  int32_t day;
  double value;
};
struct sk_usage {
  struct sk_usage_day *days; /* [count] sorted */
  size_t count;
  bool has_full;
  double full;
  double most; /* nise cuts the values of a map at the limits of all that share it */
};
/* The value of a day; 0 where nise draws one. */
double sk_usage_of(const struct sk_usage *usage, int32_t day);

struct sk_manifest_pod {
  struct sk_span name, labels;
  uint32_t node, space;
  struct sk_life life;
  double limit_cpu, request_cpu; /* cores */
  double limit_gib, request_gib;
  double seconds;                      /* 0: drawn for each hour */
  const struct sk_usage *cpu, *memory; /* NULL: drawn */
  uint64_t key;
  bool at_times; /* of a cluster without nodes: its pods run in some hours only */
};
struct sk_manifest_claim {
  struct sk_span pod, claim, volume, storage_class, csi_driver, csi_handle;
  struct sk_span volume_labels, claim_labels;
  uint32_t node, space;
  struct sk_life life;
  double capacity_bytes, request_bytes;
  const struct sk_usage *usage; /* NULL: drawn */
  uint64_t key;
  bool claimless; /* a volume that nobody claims */
};
struct sk_manifest_cluster { /* the model's maker */
  struct sk_manifest_pod *pods;
  struct sk_manifest_claim *claims;
};
bool sk_manifest_pod_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                         struct sk_pod_row *row);
bool sk_manifest_pod_present(const struct sk_model *model, uint32_t hour, uint64_t slot);
bool sk_manifest_claim_row(const struct sk_model *model, uint32_t hour, uint64_t slot,
                           struct sk_claim_row *row);

/* A growing array. */
struct sk_rows {
  void *items;
  size_t count, capacity;
};
/* Room for one more item of a size, zeroed; NULL where memory lacks. */
void *sk_rows_add(struct sk_rows *rows, size_t size, struct sk_budget *budget);

/* A namespace of a generator: nise makes its pods and volumes for the last node that names it. */
struct sk_place {
  uint32_t node, space;
  const struct sk_yaml *part; /* NULL: pods and volumes are drawn */
  bool from_nothing;          /* even the node is drawn */
};

struct sk_build {
  struct sk_walk walk;
  struct sk_budget *budget;
  uint64_t seed_key;
  uint64_t things; /* made so far: numbers their keys */
  struct sk_rows nodes, spaces, pods, claims;
  struct sk_intern alike;  /* of nodes and namespaces: what rows of pods show of them */
  struct sk_rows alike_at; /* uint32_t: index of the first one + 1 */
  struct sk_buffer key;
  /* Of the generator in hand. */
  struct sk_life life;
  struct sk_intern place_names; /* id -> places */
  struct sk_rows places;
  struct sk_intern pod_names; /* id -> pod_at */
  struct sk_rows pod_at;      /* uint32_t: index of pods + 1, 0 for the name of a virtual machine */
  struct sk_map usage_at;     /* address of a map's node -> usages */
  struct sk_rows usages;      /* struct sk_usage * */
};

static inline uint64_t sk_thing_key(struct sk_build *build)
{
  return sk_noise(build->seed_key, SK_DRAW_THING, build->things++);
}
/* [low, high] or [high, low], rounded to a multiple of 1 / parts. */
double sk_draw(uint64_t key, enum sk_drawn what, uint64_t at, double low, double high,
               double parts);

/* Adds a node, a namespace, for its labels. The index for rows of pods is that of the first one
 * that looks the same in them, so that a day's nodes and namespaces can be counted. False where
 * memory lacks. */
bool sk_build_node(struct sk_build *build, const struct sk_node *node, uint32_t *index);
bool sk_build_space(struct sk_build *build, const struct sk_space *space, uint32_t *index);
/* Puts a namespace at its place, over another of its name. */
bool sk_build_place(struct sk_build *build, const struct sk_place *place, struct sk_span name);
/* Adds a pod, over another of its name. */
bool sk_build_pod(struct sk_build *build, const struct sk_manifest_pod *pod);
/* Keeps a made text. */
bool sk_build_text(struct sk_build *build, struct sk_span *to, const char *format, ...)
    SK_PRINTF(3, 4);

/* Reads a map of usage and cuts its values at a limit, for all that share it; *usage is NULL where
 * node is NULL or has no entry. */
shukei_status sk_usage_read(struct sk_build *build, const struct sk_yaml *node, const char *what,
                            double limit, const struct sk_usage **usage);
/* A generator's nodes with all that is on them, in the hours of build->life (manifest_build.c). */
shukei_status sk_build_generator(struct sk_build *build, const struct sk_yaml *nodes);
/* The parts of a namespace (manifest_pods.c, manifest_volumes.c). */
shukei_status sk_build_pods(struct sk_build *build, const struct sk_place *place);
shukei_status sk_build_volumes(struct sk_build *build, const struct sk_place *place);

/* What nise draws whole (manifest_drawn.c). */
shukei_status sk_draw_nodes(struct sk_build *build);
shukei_status sk_draw_places(struct sk_build *build, uint32_t node, bool from_nothing);
shukei_status sk_draw_pods(struct sk_build *build, const struct sk_place *place);
shukei_status sk_draw_volumes(struct sk_build *build, const struct sk_place *place);
const char *sk_draw_word(uint64_t key, uint64_t at);
/* A class of storage with its driver. */
void sk_draw_class(uint64_t key, const char **storage_class, const char **driver);

#endif
