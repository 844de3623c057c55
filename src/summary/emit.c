/* SPDX-License-Identifier: Apache-2.0 */
/* From groups to rows: units, texts, uuids.
 *
 * A row's uuid is of version 5: SHA-1 over the source's uuid and a name made of day, data source
 * and the group's key. Every part of the name is written with its length before it ("4:shop,") or
 * as "-" where it is null, so that no two keys make one name. An unallocated row has no labels
 * where a Pod row has at least {}, which keeps the two apart. The order of the parts is that of the
 * rows, so that names begin as those before them did, which sk_sha1() makes use of. */
#include "summary/finish.h"

#define GIB 0x1p-30
#define PART_BYTES 12 /* a part of a uuid's name, beside its text: ten digits, colon, comma */
#define PARTS_MOST 10

static const char usage_cost[] =
    "{\"cpu\": 0.000000000, \"memory\": 0.000000000, \"storage\": 0.000000000}";

void sk_uuid_namespace(const char *source_uuid, uuid_t out)
{
  /* made once at random; it only has to stay what it is */
  static const uuid_t fixed = {0x6c, 0x1f, 0x0b, 0x52, 0x9e, 0x3d, 0x4b, 0x6a,
                               0x8f, 0x27, 0x3a, 0xd4, 0x51, 0xe8, 0x70, 0xc9};
  const char *text = source_uuid ? source_uuid : "";
  if (uuid_parse(text, out))
    uuid_generate_sha1(out, fixed, text, strlen(text));
}

void sk_emitter_init(struct sk_emitter *e, const struct sk_rules *rules, struct sk_budget *budget)
{
  *e = (struct sk_emitter){.rules = rules};
  sk_buffer_init(&e->key, budget, SIZE_MAX);
  sk_uuid_namespace(rules->source_uuid, e->uuid_space);
}

void sk_emitter_reset(struct sk_emitter *e)
{
  sk_buffer_reset(&e->key);
}

/* ---- cells ---------------------------------------------------------------------------------- */

static void set_text(struct sk_row *row, enum sk_row_column column, struct sk_text text)
{
  if (!text.bytes)
    return;
  row->cells[column].text = text;
  row->present |= UINT64_C(1) << column;
}
static void set_string(struct sk_row *row, enum sk_row_column column, const char *text)
{
  if (text)
    set_text(row, column, (struct sk_text){text, (uint32_t)strlen(text)});
}
static void set_measure(struct sk_row *row, enum sk_row_column column, double value)
{
  row->cells[column].measure = value;
  row->present |= UINT64_C(1) << column;
}
static void set_integer(struct sk_row *row, enum sk_row_column column, int64_t value)
{
  row->cells[column].integer = value;
  row->present |= UINT64_C(1) << column;
}

static void begin_row(struct sk_emitter *e, const char *data_source)
{
  const struct sk_rules *rules = e->rules;
  struct sk_row *row = &e->row;
  row->present = 0;
  set_string(row, SK_R_data_source, data_source);
  set_integer(row, SK_R_usage_start, e->day);
  set_integer(row, SK_R_usage_end, e->day);
  if (rules->has_report_period_id)
    set_integer(row, SK_R_report_period_id, rules->report_period_id);
  set_string(row, SK_R_cluster_id, rules->cluster_id);
  set_string(row, SK_R_cluster_alias, rules->cluster_alias);
  set_string(row, SK_R_source_uuid, rules->source_uuid);
  e->rows++;
}

/* Rows of a namespace follow each other, and its bytes stay where they are while they do. */
static void set_category(struct sk_emitter *e, struct sk_text namespace)
{
  if (!namespace.bytes || !e->rules->cost_category_count)
    return;
  if (namespace.bytes != e->category_of.bytes || namespace.length != e->category_of.length) {
    e->category_of = namespace;
    e->category_found = sk_category_of(e->rules, namespace.bytes, namespace.length, &e->category);
  }
  if (e->category_found)
    set_integer(&e->row, SK_R_cost_category_id, e->category);
}

/* ---- uuids ---------------------------------------------------------------------------------- */

/* Needs room for PART_BYTES beside the text. */
static uint8_t *put_part(uint8_t *at, struct sk_text text)
{
  char digits[PART_BYTES];
  size_t from = sizeof digits;
  if (!text.bytes) {
    *at++ = '-';
    return at;
  }
  digits[--from] = ':';
  uint32_t rest = text.length;
  do
    digits[--from] = (char)('0' + rest % 10);
  while (rest /= 10);
  memcpy(at, digits + from, sizeof digits - from);
  at += sizeof digits - from;
  if (text.length)
    memcpy(at, text.bytes, text.length);
  at += text.length;
  *at++ = ',';
  return at;
}

static void put_uuid_text(char text[37], const uint8_t uuid[16])
{
  static const char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      *text++ = '-';
    *text++ = digits[uuid[i] >> 4];
    *text++ = digits[uuid[i] & 15];
  }
  *text = '\0';
}

/* The uuid over the day, the data source and these text columns of the row. */
static bool set_uuid(struct sk_emitter *e, const enum sk_row_column *columns, size_t count)
{
  struct sk_text parts[PARTS_MOST];
  uint8_t uuid[20]; /* the whole hash; the rest is not used */
  size_t used = 0, bytes = sizeof e->uuid_space + SK_SHA1_PAD;
  parts[used++] = (struct sk_text){e->day_text, (uint32_t)strlen(e->day_text)};
  parts[used++] = e->row.cells[SK_R_data_source].text;
  for (size_t i = 0; i < count; i++)
    parts[used++] = sk_row_has(&e->row, columns[i]) ? e->row.cells[columns[i]].text
                                                    : (struct sk_text){.bytes = NULL};
  for (size_t i = 0; i < used; i++)
    bytes += parts[i].length + PART_BYTES;
  sk_buffer_clear(&e->key);
  if (!sk_buffer_reserve(&e->key, bytes))
    return false;
  uint8_t *at = e->key.bytes;
  memcpy(at, e->uuid_space, sizeof e->uuid_space);
  at += sizeof e->uuid_space;
  for (size_t i = 0; i < used; i++)
    at = put_part(at, parts[i]);
  sk_sha1(&e->sha1, e->key.bytes, (size_t)(at - e->key.bytes), uuid);
  uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x50); /* version 5 */
  uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* of RFC 9562's variant */
  put_uuid_text(e->uuid_text, uuid);
  set_text(&e->row, SK_R_uuid, (struct sk_text){e->uuid_text, 36});
  return true;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static double cpu_hours(sk_wide sum)
{
  return sk_grid_double(sum, SK_GRID_CPU_BITS) / 3600.0;
}
static double memory_hours(sk_wide sum)
{
  return sk_grid_double(sum, SK_GRID_BYTE_BITS) / 3600.0 * GIB;
}

struct sk_capacities sk_day_capacities(const struct sk_day *day, const struct sk_day_node *node)
{
  return (struct sk_capacities){.node_cpu = cpu_hours(node->cpu),
                                .node_memory = memory_hours(node->memory),
                                .cluster_cpu = cpu_hours(day->cluster_cpu),
                                .cluster_memory = memory_hours(day->cluster_memory)};
}

static void set_capacities(struct sk_row *row, const struct sk_pod_row *pod)
{
  const struct sk_capacities *c = &pod->capacities;
  set_measure(row, SK_R_node_capacity_cpu_cores, pod->cores);
  set_measure(row, SK_R_node_capacity_cpu_core_hours, c->node_cpu);
  set_measure(row, SK_R_node_capacity_memory_gigabytes, pod->bytes * GIB);
  set_measure(row, SK_R_node_capacity_memory_gigabyte_hours, c->node_memory);
  set_measure(row, SK_R_cluster_capacity_cpu_core_hours, c->cluster_cpu);
  set_measure(row, SK_R_cluster_capacity_memory_gigabyte_hours, c->cluster_memory);
}

static void set_usage(struct sk_row *row, const sk_wide sums[SK_SUM_COUNT])
{
  set_measure(row, SK_R_pod_usage_cpu_core_hours, cpu_hours(sums[SK_SUM_USAGE_CPU]));
  set_measure(row, SK_R_pod_request_cpu_core_hours, cpu_hours(sums[SK_SUM_REQUEST_CPU]));
  set_measure(row, SK_R_pod_effective_usage_cpu_core_hours, cpu_hours(sums[SK_SUM_EFFECTIVE_CPU]));
  set_measure(row, SK_R_pod_usage_memory_gigabyte_hours, memory_hours(sums[SK_SUM_USAGE_MEMORY]));
  set_measure(row, SK_R_pod_request_memory_gigabyte_hours,
              memory_hours(sums[SK_SUM_REQUEST_MEMORY]));
  set_measure(row, SK_R_pod_effective_usage_memory_gigabyte_hours,
              memory_hours(sums[SK_SUM_EFFECTIVE_MEMORY]));
}

static const enum sk_row_column pod_key[] = {SK_R_namespace, SK_R_node, SK_R_pod_labels};

bool sk_emit_pod(struct sk_emitter *e, const struct sk_pod_row *pod)
{
  struct sk_row *row = &e->row;
  begin_row(e, "Pod");
  set_text(row, SK_R_namespace, pod->namespace);
  set_text(row, SK_R_node, pod->node);
  set_text(row, SK_R_resource_id, pod->resource_id);
  set_text(row, SK_R_pod_labels, pod->labels);
  set_text(row, SK_R_all_labels, pod->labels);
  set_usage(row, pod->sums);
  set_measure(row, SK_R_pod_limit_cpu_core_hours, cpu_hours(pod->sums[SK_SUM_LIMIT_CPU]));
  set_measure(row, SK_R_pod_limit_memory_gigabyte_hours,
              memory_hours(pod->sums[SK_SUM_LIMIT_MEMORY]));
  set_capacities(row, pod);
  set_string(row, SK_R_infrastructure_usage_cost, usage_cost);
  set_category(e, pod->namespace);
  return set_uuid(e, pod_key, SK_COUNT(pod_key));
}

bool sk_emit_spare(struct sk_emitter *e, const struct sk_pod_row *spare)
{
  struct sk_row *row = &e->row;
  begin_row(e, "Pod");
  set_text(row, SK_R_namespace, spare->namespace);
  set_text(row, SK_R_node, spare->node);
  set_text(row, SK_R_resource_id, spare->resource_id);
  set_string(row, SK_R_all_labels, "{}");
  set_usage(row, spare->sums);
  set_capacities(row, spare);
  set_category(e, spare->namespace);
  return set_uuid(e, pod_key, SK_COUNT(pod_key));
}

bool sk_emit_volume(struct sk_emitter *e, const struct sk_volume_row *v)
{
  static const enum sk_row_column key_columns[] = {
      SK_R_namespace,        SK_R_node,         SK_R_resource_id,       SK_R_persistentvolumeclaim,
      SK_R_persistentvolume, SK_R_storageclass, SK_R_csi_volume_handle, SK_R_volume_labels};
  const struct sk_volume_group *g = v->group;
  struct sk_row *row = &e->row;
  begin_row(e, "Storage");
  set_text(row, SK_R_namespace, v->namespace);
  set_text(row, SK_R_node, v->node);
  set_text(row, SK_R_resource_id, v->resource_id);
  set_text(row, SK_R_persistentvolumeclaim, v->claim);
  set_text(row, SK_R_persistentvolume, v->volume);
  set_text(row, SK_R_storageclass, v->storageclass);
  set_text(row, SK_R_csi_volume_handle, v->handle);
  set_text(row, SK_R_volume_labels, v->labels);
  set_text(row, SK_R_all_labels, v->labels);
  set_measure(row, SK_R_persistentvolumeclaim_capacity_gigabyte, g->claim_bytes * GIB);
  set_measure(row, SK_R_persistentvolumeclaim_capacity_gigabyte_months,
              sk_grid_double(g->capacity, SK_GRID_BYTE_BITS) / v->month_seconds * GIB);
  set_measure(row, SK_R_volume_request_storage_gigabyte_months,
              sk_grid_double(g->request, SK_GRID_BYTE_BITS) / v->nodes / v->month_seconds * GIB);
  set_measure(row, SK_R_persistentvolumeclaim_usage_gigabyte_months,
              sk_grid_double(g->usage, SK_GRID_BYTE_BITS) / v->nodes / v->month_seconds * GIB);
  set_string(row, SK_R_infrastructure_usage_cost, usage_cost);
  set_category(e, v->namespace);
  return set_uuid(e, key_columns, SK_COUNT(key_columns));
}
