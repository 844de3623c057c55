/* SPDX-License-Identifier: Apache-2.0 */
/* A case of a few rows with most of the summary's corners, for tests that run it often. */
#ifndef SK_TESTS_SMALL_CASE_H
#define SK_TESTS_SMALL_CASE_H

#define SMALL_JSON                                                                                 \
  "{\"start\": \"2025-10-01\", \"end\": \"2025-10-02\", \"enabled_keys\": [\"app\", \"zone\"], "   \
  "\"cost_categories\": [{\"id\": 4, \"pattern\": \"shop%\"}, {\"id\": 9, \"pattern\": "           \
  "\"Worker%\"}], "                                                                                \
  "\"nodes\": [{\"node\": \"n1\", \"resource_id\": \"i-1\", \"role\": \"infra\"}]}"

#define SMALL_PODS                                                                                 \
  "interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,"                      \
  "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"         \
  "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"         \
  "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,"   \
  "pod_labels\n"                                                                                   \
  "2025-10-01 00:00:00,p1,shop,n1,i-1,360,720,,3.6e13,1e13,0,4,14400,8e9,3e13,label_app:web|bad\n" \
  "2025-10-01 01:00:00,p1,shop,n1,i-1,360,180,,3.6e13,1e14,0,4,14000,8e9,2e13,label_app:web|bad\n" \
  "2025-10-01 01:00:00,p2,shop,n2,i-2,3600.5,1,0,1,1,1,8,28800,8e9,3e13,label_app:db\n"            \
  "2025-10-01 01:00:00,p3,,n2,i-2,1,1,0,1,1,1,8,28800,8e9,3e13,\n"                                 \
  "2025-10-01 02:00:00,p1,shop,,,5,5,5,5,5,5,2,7200,8e9,1e13,label_app:web\n"                      \
  "2025-10-02 00:00:00,p1,shop,n2,i-2,9,9,9,9,9,9,8,28800,8e9,3e13,label_app:web\n"

#define SMALL_VOLUMES                                                                              \
  "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,"              \
  "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"              \
  "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"                  \
  "persistentvolume_labels,persistentvolumeclaim_labels\n"                                         \
  "2025-10-01 00:00:00,shop,p1,c1,v1,gp2,1e9,3.6e12,1.8e12,9e11,label_app:vol|bad,label_zone:z\n"  \
  "2025-10-01 01:00:00,shop,p1,c1,v1,gp2,2e9,3.6e12,1.8e12,9e11,label_app:vol,label_zone:z\n"      \
  "2025-10-01 01:00:00,shop,p2,c2,v1,,1e9,3.6e12,1.8e12,9e11,,\n"                                  \
  "2025-10-01 01:00:00,shop,ghost,c3,v2,,1e9,3.6e12,1.8e12,9e11,,\n"                               \
  "2025-10-01 01:00:00,shop,,,v3,,1e9,3.6e12,1.8e12,9e11,,\n"

#define SMALL_NODES                                                                                \
  "interval_start,node,node_labels\n"                                                              \
  "2025-10-01 00:00:00,n1,label_zone:a\n"                                                          \
  "2025-10-01 01:00:00,n1,label_zone:b|bad\n"                                                      \
  "2025-10-01 00:00:00,n2,label_node_role_kubernetes_io:infra\n"

#define SMALL_NAMESPACES                                                                           \
  "interval_start,namespace,namespace_labels\n"                                                    \
  "2025-10-01 00:00:00,shop,label_app:from-namespace\n"                                            \
  "2025-10-01 01:00:00,shop,{\"zone\": \"s\"}\n"                                                   \
  "2025-10-02 00:00:00,,label_zone:x\n"

static const char *const small_reports[] = {SMALL_PODS, SMALL_VOLUMES, SMALL_NODES,
                                            SMALL_NAMESPACES, NULL};

#endif
