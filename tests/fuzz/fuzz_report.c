/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of CSV reports through the whole of aggregate: by four threads as by one, the same bytes or
 * the same status. */
#include "fuzzing.h"

#include "shukei.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const heads[] = {
    "interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,"
    "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"
    "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
    "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,"
    "pod_labels\n",
    "interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,"
    "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"
    "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"
    "persistentvolume_labels,persistentvolumeclaim_labels\n",
    "interval_start,node,node_labels\n",
    "interval_start,namespace,namespace_labels\n",
    "",
};

struct summary {
  uint8_t *bytes;
  size_t length;
};

static bool append(void *context, const void *bytes, size_t length)
{
  struct summary *summary = context;
  summary->bytes = realloc(summary->bytes, summary->length + length + 1);
  MUST(summary->bytes);
  memcpy(summary->bytes + summary->length, bytes, length);
  summary->length += length;
  return true;
}

static shukei_status aggregate(const char *path, unsigned threads, struct summary *summary)
{
  static const char *const sink = "-", *const keys[] = {"app", "tier"};
  shukei_aggregate_options options;
  shukei_error err = {.text = ""};
  shukei_aggregate_options_init(&options);
  options.sources = &path;
  options.source_count = 1;
  options.sinks = &sink;
  options.sink_count = 1;
  options.enabled_keys = keys;
  options.enabled_key_count = 2;
  options.threads = threads;
  options.memory_bytes = UINT64_C(256) << 20;
  options.callbacks.context = summary;
  options.callbacks.write = append;
  const shukei_status st = shukei_aggregate(&options, NULL, &err);
  MUST(!st || err.text[0]);
  return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  struct input input = {bytes, bytes + length};
  const char *const head = heads[take(&input, 1) % (sizeof heads / sizeof *heads)];
  char path[64]; /* in memory where there is a place for that */
  snprintf(path, sizeof path, "%s/shukei-fuzz-%ld.csv",
           access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (long)getpid());
  struct summary one = {.length = 0}, four = {.length = 0};
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  MUST(fd >= 0);
  MUST(write(fd, head, strlen(head)) == (ssize_t)strlen(head));
  MUST(write(fd, input.at, rest(&input)) == (ssize_t)rest(&input));
  close(fd);
  const shukei_status alone = aggregate(path, 1, &one), together = aggregate(path, 4, &four);
  MUST(alone == together && one.length == four.length);
  MUST(!one.length || memcmp(one.bytes, four.bytes, one.length) == 0);
  unlink(path);
  free(one.bytes);
  free(four.bytes);
  return 0;
}
