/* SPDX-License-Identifier: Apache-2.0 */
/* A model as a manifest for nise: the first hour of every pod and claim, for all hours.
 *
 * Every node gets a generator, because nise keeps a namespace on one node of a generator only. Pods
 * are sorted by node and namespace with two stable counting sorts, 8 bytes a pod; rows are made
 * again where they are written.
 *
 * What nise cannot say is said as near as it can: a missing request is 0, a missing limit the
 * node's capacity, a usage of 0 a millionth, a claim without a node lies on the first one; a volume
 * is at least as large as its claim. A node without pods names a namespace all the same, or nise
 * would draw some. */
#include "generate/manifest.h"

#include "base/calendar.h"
#include "base/number.h"
#include "base/text.h"
#include "generate/manifest_cluster.h"
#include "store/store.h"

#include <stdio.h>

#define FLUSHED_BYTES ((size_t)1 << 16)
#define LEAST_USAGE 1e-6       /* nise takes 0 for "not given" */
#define LEAST_VOLUME_GIB 1.001 /* of smaller volumes nise reads no claim */

/* The slots of pods, or of claims, by node and then by namespace. */
struct order {
  uint32_t *slots; /* [count] */
  uint32_t *first; /* [nodes + 1]: where those of a node begin */
  uint32_t count;
};

struct dump {
  const struct sk_model *model;
  struct sk_budget *budget;
  struct sk_output *output;
  struct sk_buffer text;
  struct order pods, claims;
  bool *named; /* [spaces]: on some node */
  shukei_error *err;
};

static void place_of_pod(const struct sk_model *model, uint64_t slot, uint32_t place[2])
{
  struct sk_pod_row row;
  place[0] = place[1] = SK_NONE;
  if (!model->pod(model, 0, slot, &row) || row.node == SK_NONE)
    return;
  place[0] = row.node;
  place[1] = row.space;
}

static void place_of_claim(const struct sk_model *model, uint64_t slot, uint32_t place[2])
{
  struct sk_claim_row row;
  place[0] = place[1] = SK_NONE;
  if (!model->claim(model, 0, slot, &row))
    return;
  place[0] = row.node == SK_NONE ? 0 : row.node;
  place[1] = row.space == SK_NONE ? 0 : row.space;
}

/* One stable pass: from -> to by the place's part `which`. counts has room for keys + 1. */
static void sort_pass(const uint32_t *places, int which, const uint32_t *from, uint32_t *to,
                      uint32_t count, uint32_t *counts, uint32_t keys)
{
  memset(counts, 0, ((size_t)keys + 1) * sizeof *counts);
  for (uint32_t i = 0; i < count; i++)
    counts[places[(size_t)from[i] * 2 + (size_t)which] + 1]++;
  for (uint32_t k = 0; k < keys; k++)
    counts[k + 1] += counts[k];
  for (uint32_t i = 0; i < count; i++)
    to[counts[places[(size_t)from[i] * 2 + (size_t)which]]++] = from[i];
}

static shukei_status make_order(struct dump *dump, uint64_t slots,
                                void (*place)(const struct sk_model *, uint64_t, uint32_t[2]),
                                struct order *order)
{
  const struct sk_model *const model = dump->model;
  const uint32_t most =
      model->node_count > model->space_count ? model->node_count : model->space_count;
  uint32_t *const places = sk_alloc(dump->budget, (size_t)slots * 2 * sizeof *places);
  uint32_t *const other = sk_alloc(dump->budget, (size_t)slots * sizeof *other);
  uint32_t *const counts = sk_alloc(dump->budget, ((size_t)most + 1) * sizeof *counts);
  order->slots = sk_alloc(dump->budget, (size_t)slots * sizeof *order->slots);
  order->first = sk_calloc(dump->budget, (size_t)model->node_count + 1, sizeof *order->first);
  const bool ok = places && other && counts && order->slots && order->first;
  for (uint32_t slot = 0; ok && slot < slots; slot++) {
    uint32_t *const at = places + (size_t)slot * 2;
    place(model, slot, at);
    if (at[0] != SK_NONE)
      other[order->count++] = slot;
  }
  if (ok) {
    /* Both passes; the first leaves its result in slots, the second needs it elsewhere. */
    sort_pass(places, 1, other, order->slots, order->count, counts, model->space_count);
    memcpy(other, order->slots, order->count * sizeof *other);
    sort_pass(places, 0, other, order->slots, order->count, counts, model->node_count);
    for (uint32_t i = 0; i < order->count; i++)
      order->first[places[(size_t)order->slots[i] * 2] + 1]++;
    for (uint32_t node = 0; node < model->node_count; node++)
      order->first[node + 1] += order->first[node];
  }
  sk_free(places);
  sk_free(other);
  sk_free(counts);
  return ok ? SHUKEI_OK
            : sk_fail_memory(dump->err, dump->budget, slots * 16, "the order of the manifest");
}

/* PyYAML takes "1e-07" for a text: a point must be there. */
static void put_number(struct sk_buffer *out, const char *key, double value)
{
  char text[SK_NUMBER_TEXT];
  const size_t length = sk_number_format(value, text);
  const char *const power = memchr(text, 'e', length);
  const bool pointless = power && !memchr(text, '.', length);
  const size_t head = pointless ? (size_t)(power - text) : length;
  sk_buffer_text(out, key);
  sk_buffer_text(out, ": ");
  sk_buffer_add(out, text, head);
  if (pointless)
    sk_buffer_text(out, ".0");
  sk_buffer_add(out, text + head, length - head);
}

static void put_text(struct sk_buffer *out, const char *key, struct sk_span text)
{
  if (!text.length)
    return;
  sk_buffer_printf(out, "%s: ", key);
  sk_json_quote(out, text.text, text.length);
}

static void put_usage(struct sk_buffer *out, const char *key, double value)
{
  put_number(out, key, value > LEAST_USAGE ? value : LEAST_USAGE);
  sk_buffer_text(out, "}");
}

static void put_pod(struct sk_buffer *out, const struct sk_pod_row *row)
{
  put_text(out, "                - pod_name", row->name);
  put_number(out, "\n                  cpu_request",
             row->has & SK_HAS_REQUEST_CPU ? row->request_cpu / 3600 : 0);
  if (row->has & SK_HAS_LIMIT_CPU)
    put_number(out, "\n                  cpu_limit", row->limit_cpu / 3600);
  put_number(out, "\n                  mem_request_gig",
             row->has & SK_HAS_REQUEST_MEMORY ? row->request_memory / 3600 / SK_GIB : 0);
  if (row->has & SK_HAS_LIMIT_MEMORY)
    put_number(out, "\n                  mem_limit_gig", row->limit_memory / 3600 / SK_GIB);
  sk_buffer_text(out, "\n                  pod_seconds: 3600");
  put_usage(out, "\n                  cpu_usage: {full_period", row->usage_cpu / 3600);
  put_usage(out, "\n                  mem_usage_gig: {full_period",
            row->usage_memory / 3600 / SK_GIB);
  put_text(out, "\n                  labels", row->labels);
  sk_buffer_text(out, "\n");
}

static void put_claim(struct sk_buffer *out, const struct sk_claim_row *row)
{
  const double capacity = row->capacity_bytes / SK_GIB;
  double request = row->has & SK_HAS_VOLUME_REQUEST ? row->request_byte_seconds / 3600 / SK_GIB : 0;
  if (request < capacity || !row->claim.length)
    request = capacity;
  if (request < LEAST_VOLUME_GIB && row->claim.length)
    request = LEAST_VOLUME_GIB;
  put_text(out, "                - volume_name", row->volume);
  put_text(out, "\n                  storage_class", row->storage_class);
  put_text(out, "\n                  csi_driver", row->csi_driver);
  put_text(out, "\n                  csi_volume_handle", row->csi_handle);
  put_number(out, "\n                  volume_request_gig", request);
  put_text(out, "\n                  labels", row->volume_labels);
  if (row->claim.length) {
    put_text(out, "\n                  volume_claims:\n                    - volume_claim_name",
             row->claim);
    put_text(out, "\n                      pod_name", row->pod);
    put_text(out, "\n                      labels", row->claim_labels);
    put_number(out, "\n                      capacity_gig", capacity);
    if (row->has & SK_HAS_CLAIM_USAGE)
      put_usage(out, "\n                      volume_claim_usage_gig: {full_period",
                row->usage_byte_seconds / 3600 / SK_GIB);
  }
  sk_buffer_text(out, "\n");
}

static shukei_status flush(struct dump *dump, size_t above)
{
  if (dump->text.failed)
    return sk_fail_memory(dump->err, dump->budget, dump->text.capacity, "the manifest");
  if (dump->text.length <= above)
    return SHUKEI_OK;
  const shukei_status st =
      sk_output_write(dump->output, dump->text.bytes, dump->text.length, dump->err);
  sk_buffer_clear(&dump->text);
  return st;
}

static void put_space_head(struct sk_buffer *out, const struct sk_space *space)
{
  sk_buffer_text(out, "            ");
  sk_json_quote(out, space->name.text, space->name.length);
  sk_buffer_text(out, ":\n              namespace_labels: ");
  sk_json_quote(out, space->labels.length ? space->labels.text : "", space->labels.length);
  sk_buffer_text(out, "\n");
}

/* Writes the pods and claims of a node that lie in a namespace; both cursors go on. */
static shukei_status put_space(struct dump *dump, uint32_t space, uint32_t *pod, uint32_t pod_end,
                               uint32_t *claim, uint32_t claim_end)
{
  const struct sk_model *const model = dump->model;
  struct sk_buffer *const out = &dump->text;
  struct sk_pod_row pod_row;
  struct sk_claim_row claim_row;
  bool any = false;
  shukei_status st = SHUKEI_OK;
  put_space_head(out, &model->spaces[space]);
  dump->named[space] = true;
  for (; !st && *pod < pod_end; ++*pod, any = true) {
    if (!model->pod(model, 0, dump->pods.slots[*pod], &pod_row) || pod_row.space != space)
      break;
    if (!any)
      sk_buffer_text(out, "              pods:\n");
    put_pod(out, &pod_row);
    st = flush(dump, FLUSHED_BYTES);
  }
  any = false;
  for (; !st && *claim < claim_end; ++*claim, any = true) {
    if (!model->claim(model, 0, dump->claims.slots[*claim], &claim_row) ||
        (claim_row.space == SK_NONE ? 0 : claim_row.space) != space)
      break;
    if (!any)
      sk_buffer_text(out, "              volumes:\n");
    put_claim(out, &claim_row);
    st = flush(dump, FLUSHED_BYTES);
  }
  return st;
}

static void put_node_head(struct dump *dump, const struct sk_node *node)
{
  struct sk_buffer *const out = &dump->text;
  char day[16], last[16];
  const uint32_t hours = dump->model->hour_count;
  struct sk_span id = node->resource_id;
  if (id.length > 2 && memcmp(id.text, "i-", 2) == 0) { /* nise puts it there */
    id.text += 2;
    id.length -= 2;
  }
  sk_buffer_printf(out,
                   "  - OCPGenerator:\n      start_date: %s\n      end_date: %s %02" PRIu32
                   ":00:00\n      nodes:\n",
                   sk_day_text(dump->model->first_day, day),
                   sk_day_text(dump->model->first_day + (int32_t)(hours / 24), last), hours % 24);
  put_text(out, "        - node_name", node->name);
  put_number(out, "\n          cpu_cores", node->cores);
  put_number(out, "\n          memory_gig", node->memory_bytes / SK_GIB);
  put_text(out, "\n          resource_id", id);
  put_text(out, "\n          node_labels", node->labels);
  sk_buffer_text(out, "\n          namespaces:\n");
}

static shukei_status put_node(struct dump *dump, uint32_t node)
{
  const struct sk_model *const model = dump->model;
  uint32_t pod = dump->pods.first[node], claim = dump->claims.first[node];
  const uint32_t pod_end = dump->pods.first[node + 1], claim_end = dump->claims.first[node + 1];
  shukei_status st = SHUKEI_OK;
  bool any = false;
  put_node_head(dump, &model->nodes[node]);
  while (!st && (pod < pod_end || claim < claim_end)) {
    struct sk_pod_row pod_row = {.space = SK_NONE};
    struct sk_claim_row claim_row = {.space = 0};
    if (pod < pod_end)
      model->pod(model, 0, dump->pods.slots[pod], &pod_row);
    uint32_t space = pod_row.space;
    if (claim < claim_end && model->claim(model, 0, dump->claims.slots[claim], &claim_row)) {
      const uint32_t other = claim_row.space == SK_NONE ? 0 : claim_row.space;
      space = other < space ? other : space;
    }
    st = put_space(dump, space, &pod, pod_end, &claim, claim_end);
    any = true;
  }
  /* The last node names what no node named. */
  for (uint32_t space = 0; !st && node + 1 == model->node_count && space < model->space_count;
       space++)
    if (!dump->named[space]) {
      st = put_space(dump, space, &pod, pod_end, &claim, claim_end);
      any = true;
    }
  if (!st && !any)
    st = put_space(dump, 0, &pod, pod_end, &claim, claim_end);
  return st;
}

static shukei_status put_all(struct dump *dump)
{
  const struct sk_model *const model = dump->model;
  shukei_status st = make_order(dump, model->pod_slots, place_of_pod, &dump->pods);
  if (!st)
    st = make_order(dump, model->claim_slots, place_of_claim, &dump->claims);
  dump->named = sk_calloc(dump->budget, (size_t)model->space_count + 1, sizeof *dump->named);
  if (!st && !dump->named)
    st = sk_fail_memory(dump->err, dump->budget, model->space_count, "the manifest's namespaces");
  sk_buffer_text(&dump->text, "# Made by shukei generate --dump-manifest, for nise report ocp "
                              "--static-report-file.\ngenerators:\n");
  for (uint32_t node = 0; !st && node < model->node_count; node++)
    st = put_node(dump, node);
  return st ? st : flush(dump, 0);
}

shukei_status sk_manifest_dump(const struct sk_model *model, const char *path,
                               struct sk_budget *budget, shukei_error *err)
{
  struct dump dump = {.model = model, .budget = budget, .err = err};
  if (model->pod_slots >= UINT32_MAX || model->claim_slots >= UINT32_MAX || !model->node_count ||
      !model->space_count)
    return sk_fail(err, SHUKEI_EINVAL,
                   "no manifest can be made of %" PRIu64 " pods on %" PRIu32 " nodes",
                   model->pod_slots, model->node_count);
  sk_buffer_init(&dump.text, budget, SIZE_MAX / 2);
  shukei_status st = sk_store_create(path, budget, &dump.output, err);
  if (!st)
    st = put_all(&dump);
  if (!st)
    st = sk_output_commit(dump.output, err);
  sk_output_close(dump.output);
  sk_buffer_reset(&dump.text);
  sk_free(dump.pods.slots);
  sk_free(dump.pods.first);
  sk_free(dump.claims.slots);
  sk_free(dump.claims.first);
  sk_free(dump.named);
  return st;
}
