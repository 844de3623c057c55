/* SPDX-License-Identifier: Apache-2.0 */
/* From groups to rows: units, texts, uuids.
 *
 * A row's uuid is of version 5: SHA-1 over the source's uuid and a name made of day, data source
 * and the group's key. Every part of the name is written with its length before it ("4:shop,") or
 * as "-" where it is null, so that no two keys make one name. An unallocated row has no labels
 * where a Pod row has at least {}, which keeps the two apart. */
#include "summary/finish.h"

#include <assert.h>

#define GIB 0x1p-30

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

/* ---- cells ---------------------------------------------------------------------------------- */

static void set_text(struct sk_row *row, enum sk_row_column column, const char *bytes,
                     uint32_t length)
{
  row->cells[column].text = (struct sk_text){.bytes = bytes, .length = length};
  row->present |= UINT64_C(1) << column;
}
static void set_string(struct sk_row *row, enum sk_row_column column, const char *text)
{
  if (text)
    set_text(row, column, text, (uint32_t)strlen(text));
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
static void set_name(struct sk_rows *rows, enum sk_row_column column, uint32_t id)
{
  const struct sk_intern_entry *name = sk_intern_at(&rows->names, id);
  if (id)
    set_text(&rows->row, column, name->bytes, name->length);
}

static void begin_row(struct sk_rows *rows, const char *data_source)
{
  const struct sk_rules *rules = rows->rules;
  struct sk_row *row = &rows->row;
  row->present = 0;
  set_string(row, SK_R_data_source, data_source);
  set_integer(row, SK_R_usage_start, rows->day);
  set_integer(row, SK_R_usage_end, rows->day);
  if (rules->has_report_period_id)
    set_integer(row, SK_R_report_period_id, rules->report_period_id);
  set_string(row, SK_R_cluster_id, rules->cluster_id);
  set_string(row, SK_R_cluster_alias, rules->cluster_alias);
  set_string(row, SK_R_source_uuid, rules->source_uuid);
}

static bool set_category(struct sk_rows *rows, uint32_t namespace)
{
  if (!namespace)
    return true;
  const uint32_t before = rows->category_count;
  void *array = rows->categories;
  if (!sk_grow(rows->budget, &array, &rows->category_count, namespace + 1,
               sizeof *rows->categories))
    return false;
  rows->categories = array;
  for (uint32_t i = before; i < rows->category_count; i++)
    rows->categories[i] = (struct sk_category){.known = false};
  struct sk_category *c = &rows->categories[namespace];
  if (!c->known) {
    const struct sk_intern_entry *name = sk_intern_at(&rows->names, namespace);
    c->found = sk_category_of(rows->rules, name->bytes, name->length, &c->id);
    c->known = true;
  }
  if (c->found)
    set_integer(&rows->row, SK_R_cost_category_id, c->id);
  return true;
}

/* ---- uuids ---------------------------------------------------------------------------------- */

static void begin_key(struct sk_rows *rows)
{
  sk_buffer_clear(&rows->scratch);
}
static void add_part(struct sk_rows *rows, const char *bytes, uint32_t length)
{
  char digits[16];
  size_t at = sizeof digits;
  if (!bytes) {
    sk_buffer_byte(&rows->scratch, '-');
    return;
  }
  digits[--at] = ':';
  uint32_t rest = length;
  do
    digits[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  sk_buffer_add(&rows->scratch, digits + at, sizeof digits - at);
  sk_buffer_add(&rows->scratch, bytes, length);
  sk_buffer_byte(&rows->scratch, ',');
}
static void add_cell(struct sk_rows *rows, enum sk_row_column column)
{
  const struct sk_text *text = &rows->row.cells[column].text;
  if (sk_row_has(&rows->row, column))
    add_part(rows, text->bytes, text->length);
  else
    add_part(rows, NULL, 0);
}

/* The uuid over the day, the data source and these text columns of the row. */
static bool set_uuid(struct sk_rows *rows, const enum sk_row_column *columns, size_t count)
{
  uuid_t uuid;
  begin_key(rows);
  add_part(rows, rows->day_text, (uint32_t)strlen(rows->day_text));
  add_cell(rows, SK_R_data_source);
  for (size_t i = 0; i < count; i++)
    add_cell(rows, columns[i]);
  if (rows->scratch.failed)
    return false;
  uuid_generate_sha1(uuid, rows->namespace, (const char *)rows->scratch.bytes,
                     rows->scratch.length);
  uuid_unparse_lower(uuid, rows->uuid_text);
  set_text(&rows->row, SK_R_uuid, rows->uuid_text, 36);
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

static void set_capacities(struct sk_rows *rows, const struct sk_final_node *n, double cores,
                           double bytes)
{
  struct sk_row *row = &rows->row;
  set_measure(row, SK_R_node_capacity_cpu_cores, cores);
  set_measure(row, SK_R_node_capacity_cpu_core_hours, cpu_hours(n->cpu));
  set_measure(row, SK_R_node_capacity_memory_gigabytes, bytes * GIB);
  set_measure(row, SK_R_node_capacity_memory_gigabyte_hours, memory_hours(n->memory));
  set_measure(row, SK_R_cluster_capacity_cpu_core_hours, cpu_hours(rows->cluster_cpu));
  set_measure(row, SK_R_cluster_capacity_memory_gigabyte_hours, memory_hours(rows->cluster_memory));
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

bool sk_emit_pod(struct sk_rows *rows, uint32_t group)
{
  static const enum sk_row_column key_columns[] = {SK_R_namespace, SK_R_node, SK_R_pod_labels};
  const uint64_t *key = sk_groups_key(&rows->pod_day.keys, group);
  const struct sk_pod_group *g = &rows->pod_day.groups[group];
  const struct sk_final_node *n = &rows->nodes[rows->node_index.at[sk_low(key[0])]];
  const struct sk_text labels = rows->json[sk_high(key[1])];
  struct sk_row *row = &rows->row;
  begin_row(rows, "Pod");
  set_name(rows, SK_R_namespace, sk_high(key[0]));
  set_name(rows, SK_R_node, sk_low(key[0]));
  set_name(rows, SK_R_resource_id, g->resource_id);
  set_text(row, SK_R_pod_labels, labels.bytes, labels.length);
  set_text(row, SK_R_all_labels, labels.bytes, labels.length);
  set_usage(row, g->sums);
  set_measure(row, SK_R_pod_limit_cpu_core_hours, cpu_hours(g->sums[SK_SUM_LIMIT_CPU]));
  set_measure(row, SK_R_pod_limit_memory_gigabyte_hours,
              memory_hours(g->sums[SK_SUM_LIMIT_MEMORY]));
  set_capacities(rows, n, g->cores, g->bytes);
  set_string(row, SK_R_infrastructure_usage_cost, usage_cost);
  return set_category(rows, sk_high(key[0])) && set_uuid(rows, key_columns, SK_COUNT(key_columns));
}

bool sk_emit_spare(struct sk_rows *rows, uint32_t node)
{
  static const enum sk_row_column key_columns[] = {SK_R_namespace, SK_R_node, SK_R_pod_labels};
  const struct sk_final_node *n = &rows->nodes[node];
  begin_row(rows, "Pod");
  set_name(rows, SK_R_namespace, n->namespace);
  set_name(rows, SK_R_node, n->name);
  set_name(rows, SK_R_resource_id, n->resource_id);
  set_string(&rows->row, SK_R_all_labels, "{}");
  set_usage(&rows->row, n->sums);
  set_capacities(rows, n, n->cores, n->bytes);
  return set_category(rows, n->namespace) && set_uuid(rows, key_columns, SK_COUNT(key_columns));
}

bool sk_emit_volume(struct sk_rows *rows, uint32_t group)
{
  static const enum sk_row_column key_columns[] = {
      SK_R_namespace,        SK_R_node,         SK_R_resource_id,       SK_R_persistentvolumeclaim,
      SK_R_persistentvolume, SK_R_storageclass, SK_R_csi_volume_handle, SK_R_volume_labels};
  const uint64_t *key = sk_groups_key(&rows->volume_day.keys, group);
  const struct sk_volume_group *g = &rows->volume_day.groups[group];
  const struct sk_text labels = rows->json[sk_low(key[3])];
  const uint32_t volume = sk_high(key[2]);
  const double month = rows->month_seconds;
  double nodes = 1.0;
  struct sk_row *row = &rows->row;
  if (volume && volume < rows->mounted.count && rows->mounted.at[volume] != SK_NO_ID)
    nodes = rows->mounted.at[volume];
  begin_row(rows, "Storage");
  set_name(rows, SK_R_namespace, sk_high(key[0]));
  set_name(rows, SK_R_node, sk_low(key[0]));
  set_name(rows, SK_R_resource_id, sk_high(key[1]));
  set_name(rows, SK_R_persistentvolumeclaim, sk_low(key[1]));
  set_name(rows, SK_R_persistentvolume, volume);
  set_name(rows, SK_R_storageclass, sk_low(key[2]));
  set_name(rows, SK_R_csi_volume_handle, sk_high(key[3]));
  set_text(row, SK_R_volume_labels, labels.bytes, labels.length);
  set_text(row, SK_R_all_labels, labels.bytes, labels.length);
  set_measure(row, SK_R_persistentvolumeclaim_capacity_gigabyte, g->claim_bytes * GIB);
  set_measure(row, SK_R_persistentvolumeclaim_capacity_gigabyte_months,
              sk_grid_double(g->capacity, SK_GRID_BYTE_BITS) / month * GIB);
  set_measure(row, SK_R_volume_request_storage_gigabyte_months,
              sk_grid_double(g->request, SK_GRID_BYTE_BITS) / nodes / month * GIB);
  set_measure(row, SK_R_persistentvolumeclaim_usage_gigabyte_months,
              sk_grid_double(g->usage, SK_GRID_BYTE_BITS) / nodes / month * GIB);
  set_string(row, SK_R_infrastructure_usage_cost, usage_cost);
  return set_category(rows, sk_high(key[0])) && set_uuid(rows, key_columns, SK_COUNT(key_columns));
}
