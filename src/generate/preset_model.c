/* SPDX-License-Identifier: Apache-2.0 */
/* A shape becomes a model: nodes, namespaces and names are made here and kept; pods and claims are
 * made row by row in preset_pods.c and preset_claims.c.
 *
 * The first nodes are masters (one, or three of ten and more), then infra nodes, the rest workers.
 * Namespace 0 is openshift-kube-apiserver, every fourth one another system namespace. */
#include "generate/preset_maker.h"

#include "base/number.h"

#include <stdio.h>

static const char *const app_names[][2] = {
    {"checkout", "checkout"}, {"cart", "cart"},
    {"cafe", "café"},         {"search", "search"},
    {"payment", "payment"},   {"stock", "在庫"},
    {"ledger", "ledger"},     {"login", "login"},
    {"profile", "profile"},   {"session", "session"},
    {"size", "größe"},        {"queue", "queue"},
    {"worker", "worker"},     {"cache", "cache"},
    {"web", "web"},           {"api", "api"},
    {"gateway", "gateway"},   {"report", "report"},
    {"export", "export"},     {"shift", "смена"},
    {"media", "media"},       {"thumbs", "thumbs 🖼"},
    {"audit", "audit"},       {"donnees", "données"},
};

static const char *const system_names[] = {
    "openshift-kube-apiserver", "openshift-monitoring", "kube-system",       "openshift-ingress",
    "openshift-etcd",           "openshift-dns",        "openshift-logging", "kube-public"};
static const char *const space_names[] = {"shop",      "payments", "analytics", "identity",
                                          "warehouse", "media",    "search",    "partners"};
static const char *const envs[] = {"prod", "stage", "dev", "test"};
static const char *const teams[] = {"storefront",  "billing",  "données",
                                    "équipe-büro", "platform", "logistik"};

static bool set_text(struct sk_model *model, struct sk_span *span, const char *text)
{
  *span = sk_model_text(model, text, strlen(text));
  return span->text != NULL;
}

static bool make_apps(struct sk_model *model, struct sk_maker *maker)
{
  const uint64_t count = maker->shape.label_values;
  maker->apps = sk_arena_alloc(&model->arena, count * sizeof *maker->apps);
  for (uint64_t i = 0; maker->apps && i < count; i++) {
    char text[64];
    const char *const *const names = app_names[i % SK_COUNT(app_names)];
    const uint64_t round = i / SK_COUNT(app_names);
    for (int j = 0; j < 2; j++) {
      struct sk_span *const span = j ? &maker->apps[i].label : &maker->apps[i].name;
      if (round)
        snprintf(text, sizeof text, "%s-%" PRIu64, names[j], round);
      else
        snprintf(text, sizeof text, "%s", names[j]);
      if (!set_text(model, span, text))
        return false;
    }
  }
  return maker->apps != NULL;
}

/* A node that churn adds: somewhere in the range it joins, later it leaves. */
static struct sk_life life_of(const struct sk_model *model, uint64_t key)
{
  const uint32_t hours = model->hour_count;
  const uint32_t first = sk_below(sk_noise(key, SK_FOR_LIFE, 0), hours - hours / 3);
  return (struct sk_life){first,
                          first + 1 + sk_below(sk_noise(key, SK_FOR_LIFE, 1), hours - first)};
}

/* Noon of some day, or later where the range is shorter. */
static uint32_t change_hour(const struct sk_model *model, uint64_t key)
{
  const uint32_t days = (model->hour_count + 23) / 24;
  const uint32_t hour = 24 * sk_below(sk_noise(key, SK_FOR_CHANGE, 1), days) + 12;
  return hour < model->hour_count ? hour : model->hour_count / 2;
}

static bool node_labels(struct sk_model *model, struct sk_node *node, uint64_t bits, bool changes)
{
  char text[320];
  const struct sk_span name = node->name;
  for (int later = 0; later <= changes; later++) {
    snprintf(text, sizeof text,
             "label_node_role_kubernetes_io:%.*s|label_kubernetes_io_hostname:%.*s|"
             "label_topology_kubernetes_io_zone:eu-west-1%c|label_tier:%s",
             (int)node->role.length, node->role.text, (int)name.length, name.text, "abc"[bits % 3],
             later ? "spot" : "metal");
    if (!set_text(model, later ? &node->later_labels : &node->labels, text))
      return false;
  }
  return true;
}

static bool make_node(struct sk_model *model, const struct sk_maker *maker, uint32_t i)
{
  static const uint8_t cores[] = {16, 32, 32, 48, 64};
  const uint64_t key = sk_noise(maker->key, SK_FOR_NODE, i);
  const uint32_t masters = maker->base_nodes >= 10 ? 3 : 1;
  const uint32_t infras = maker->base_nodes >= 5 ? 1 + maker->base_nodes / 100 : 0;
  const bool added = i >= maker->base_nodes;
  const char *const role = i < masters ? "master" : i < masters + infras ? "infra" : "worker";
  const char *const prefix = added ? "spot" : role;
  struct sk_node *const node = &model->nodes[i];
  char text[64];
  *node = (struct sk_node){.change_hour = UINT32_MAX, .life = {0, model->hour_count}};
  if (added)
    node->life = life_of(model, key);
  node->cores = i < masters ? 8 : cores[sk_below(key, SK_COUNT(cores))];
  node->memory_bytes = node->cores * 4 * 0x1p30;
  snprintf(text, sizeof text, "%s-%04" PRIu32, prefix, i);
  bool ok = set_text(model, &node->name, text) && set_text(model, &node->role, role);
  snprintf(text, sizeof text, "i-%017" PRIx64,
           sk_noise(key, SK_FOR_NAME, 0) & ((UINT64_C(1) << 60) - 1));
  ok = ok && set_text(model, &node->resource_id, text);
  const bool changes = maker->shape.churn_ppm > 0 && (i == 0 || sk_churns(maker, key));
  if (changes)
    node->change_hour = change_hour(model, key);
  return ok && node_labels(model, node, key >> 8, changes);
}

static bool make_space(struct sk_model *model, const struct sk_maker *maker, uint32_t i)
{
  const uint64_t key = sk_noise(maker->key, SK_FOR_SPACE, i);
  const bool is_system = i % 4 == 0 || (i % 4 == 2 && i < 8);
  const uint32_t systems = i < 8 ? (i + 1) / 2 : (i + 11) / 4; /* system namespaces before */
  const uint32_t others = i - systems;
  const char *const env = envs[others / SK_COUNT(space_names) % SK_COUNT(envs)];
  const uint32_t round = others / (uint32_t)(SK_COUNT(space_names) * SK_COUNT(envs));
  struct sk_space *const space = &model->spaces[i];
  char text[320];
  *space = (struct sk_space){.change_hour = UINT32_MAX, .life = {0, model->hour_count}};
  if (is_system && systems < SK_COUNT(system_names))
    snprintf(text, sizeof text, "%s", system_names[systems]);
  else if (is_system)
    snprintf(text, sizeof text, "%s-%" PRIu32, systems % 2 ? "openshift-operators" : "kube-addons",
             systems);
  else if (round)
    snprintf(text, sizeof text, "%s-%s-%" PRIu32, space_names[others % SK_COUNT(space_names)], env,
             round);
  else
    snprintf(text, sizeof text, "%s-%s", space_names[others % SK_COUNT(space_names)], env);
  if (!set_text(model, &space->name, text))
    return false;
  const bool changes =
      maker->shape.churn_ppm > 0 && (i + 1 == model->space_count || sk_churns(maker, key));
  if (changes)
    space->change_hour = change_hour(model, key);
  for (int later = 0; later <= changes; later++) {
    const char *const team =
        teams[(sk_below(key, SK_COUNT(teams)) + (uint32_t)later) % SK_COUNT(teams)];
    snprintf(text, sizeof text, "label_kubernetes_io_metadata_name:%.*s|label_env:%s|label_team:%s",
             (int)space->name.length, space->name.text,
             is_system ? "system"
             : later   ? "retired"
                       : env,
             team);
    if (!set_text(model, later ? &space->later_labels : &space->labels, text))
      return false;
  }
  return true;
}

static uint64_t share(uint64_t count, uint32_t ppm)
{
  return ppm ? count / 1000000 * ppm + (count % 1000000 * ppm + 999999) / 1000000 : 0;
}

static bool fill(struct sk_model *model, struct sk_maker *maker)
{
  const struct sk_shape *const shape = &maker->shape;
  maker->key = sk_mix(sk_mix(shape->seed) ^ UINT64_C(0x7368756b65690001));
  maker->base_nodes = (uint32_t)shape->nodes;
  maker->pods_per_node = (shape->pods + shape->nodes - 1) / shape->nodes;
  maker->added_pods = share(shape->pods, shape->churn_ppm);
  model->first_day = shape->first_day;
  model->hour_count = (uint32_t)shape->hours;
  model->node_count = (uint32_t)(shape->nodes + share(shape->nodes, shape->churn_ppm));
  model->space_count = (uint32_t)shape->namespaces;
  model->pod_slots = shape->pods + maker->added_pods;
  model->claim_slots = shape->nodes * shape->volumes_per_node * SK_CLAIM_MOUNTS;
  model->steady = shape->churn_ppm == 0;
  model->plain_text = true;
  model->maker = maker;
  model->pod = sk_preset_pod_row;
  model->pod_present = sk_preset_pod_present;
  model->pod_numbers = model->steady ? sk_preset_pod_numbers : NULL;
  model->steady_claims = true;
  model->claim = sk_preset_claim_row;
  model->nodes = sk_arena_alloc(&model->arena, model->node_count * sizeof *model->nodes);
  model->spaces = sk_arena_alloc(&model->arena, model->space_count * sizeof *model->spaces);
  if (!model->nodes || !model->spaces || !make_apps(model, maker))
    return false;
  for (uint32_t i = 0; i < model->node_count; i++)
    if (!make_node(model, maker, i))
      return false;
  for (uint32_t i = 0; i < model->space_count; i++)
    if (!make_space(model, maker, i))
      return false;
  return true;
}

shukei_status sk_preset_model(const struct sk_shape *shape, struct sk_budget *budget,
                              struct sk_model *model, shukei_error *err)
{
  memset(model, 0, sizeof *model);
  const shukei_status st = sk_shape_check(shape, err);
  if (st)
    return st;
  sk_arena_init(&model->arena, budget);
  struct sk_maker *const maker = sk_arena_alloc(&model->arena, sizeof *maker);
  if (maker) {
    *maker = (struct sk_maker){.shape = *shape};
    if (fill(model, maker))
      return SHUKEI_OK;
  }
  sk_model_reset(model);
  return sk_fail_memory(err, budget, shape->nodes * sizeof *model->nodes, "nodes and namespaces");
}
