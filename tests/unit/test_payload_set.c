/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of payloads: archives of one manifest, members that are left out, clusters, days that
 * count. */
#include "archive_testing.h"

#include "input/input.h"

#define HEAD "interval_start,node,node_labels\n"

static struct sk_budget budget;
static struct sk_plan_options options;
static char messages[8192];
static shukei_error err;

static void tell(void *context, const char *text)
{
  (void)context;
  const size_t length = strlen(messages);
  snprintf(messages + length, sizeof messages - length, "%s\n", text);
}

static int set_up(void **state)
{
  static const char *const sources[] = {"in"};
  sk_budget_init(&budget, UINT64_MAX);
  options = (struct sk_plan_options){.sources = sources,
                                     .source_count = 1,
                                     .start_day = INT32_MIN,
                                     .end_day = INT32_MAX,
                                     .warn = tell,
                                     .note = tell};
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

/* An archive of a manifest and members, which are name and text in turn and end with NULL. */
static void put_payload(const char *path, const char *uuid, const char *cluster, const char *more,
                        const char *const *members)
{
  struct sk_buffer tar, manifest;
  sk_buffer_init(&tar, NULL, TAR_MOST);
  sk_buffer_init(&manifest, NULL, TAR_MOST);
  sk_buffer_printf(
      &manifest,
      "{\"uuid\": \"%s\", \"cluster_id\": \"%s\", \"date\": \"2025-10-02T00:00:00Z\", %s}", uuid,
      cluster, more);
  tar_header(&tar, "manifest.json", '0', manifest.length);
  tar_bytes(&tar, manifest.bytes, manifest.length);
  for (; *members; members += 2)
    tar_member(&tar, members[0], '0', members[1]);
  tar_end(&tar);
  put_archive(path, &tar);
  sk_buffer_reset(&tar);
  sk_buffer_reset(&manifest);
}

#define PAYLOAD(path, uuid, cluster, more, ...)                                                    \
  put_payload(path, uuid, cluster, more, (const char *const[]){__VA_ARGS__, NULL})

/* The plan as text: "path@cluster[days]" of each file, or status and error. */
static const char *planned(struct sk_plan *plan, char text[4096])
{
  messages[0] = text[0] = '\0';
  const shukei_status st = sk_plan_build(&options, &budget, plan, &err);
  if (st)
    snprintf(text, 4096, "%s %s", shukei_status_name(st), err.text);
  for (size_t i = 0; !st && i < plan->count; i++) {
    const struct sk_planned_file *file = &plan->files[i];
    const size_t length = strlen(text);
    snprintf(text + length, 4096 - length, "%s%s@%s", i ? " " : "", file->path,
             plan->clusters[file->cluster].cluster_id);
    for (size_t d = 0; file->days && d < file->days->count; d++)
      snprintf(text + strlen(text), 4096 - strlen(text), "%s%d", d ? "," : "=",
               (int)file->days->days[d]);
  }
  return text;
}

static void gathers_split_archives(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  const char *files = "\"files\": [\"a.csv\", \"b.csv\", \"c.csv\", \"d.csv\", \"e.csv\"]";
  PAYLOAD("in/1.tar.gz", "u", "c", files, "a.csv", HEAD "2025-10-01,n,\n", "x.csv", "x", "._y",
          "y");
  PAYLOAD("in/2.tar.gz", "u", "c", files, "b.csv", HEAD "2025-10-01,n,\n", "a.csv",
          HEAD "2025-10-01,n,\n");
  PAYLOAD("in/3", "u", "c", files, "d.csv", HEAD, "e.csv", "");
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:a.csv@c in/2.tar.gz:b.csv@c");
  assert_string_equal(messages, "in/1.tar.gz:x.csv: is not named by the manifest, left out\n"
                                "in/1.tar.gz: its manifest names what no archive has: c.csv\n"
                                "in/3:d.csv: is empty but for its header, left out\n"
                                "in/3:e.csv: is empty, left out\n");
  assert_int_equal(plan.payloads, 3);
  assert_int_equal(plan.members_left_out, 5);
  assert_int_equal(plan.payloads_superseded, 0);
  sk_plan_reset(&plan);
}

static void joins_what_manifests_of_one_uuid_say(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  const char *rows = HEAD "2025-10-01,n,\n2025-10-01 01:00:00,n,\n";
  PAYLOAD("in/1.tar.gz", "u", "c",
          "\"files\": [\"a.csv\"], \"version\": \"3\", "
          "\"end\": \"2025-10-01T06:00:00Z\"",
          "a.csv", rows);
  PAYLOAD("in/2.tar.gz", "u", "c",
          "\"files\": [\"b.csv\"], \"date\": \"2025-10-03T00:00:00Z\", "
          "\"start\": \"2025-10-01T03:00:00Z\"",
          "b.csv", rows);
  PAYLOAD("in/3.tar.gz", "u", "c",
          "\"files\": [\"c.csv\"], \"version\": \"3\", \"end\": \"2025-10-01T07:00:00Z\"", "c.csv",
          rows);
  PAYLOAD("in/4.tar.gz", "v", "c", /* as many hours, but an earlier date */
          "\"files\": [\"a.csv\"], \"start\": \"2025-10-01T00:00:00Z\", "
          "\"end\": \"2025-10-01T04:00:00Z\"",
          "a.csv", rows);
  PAYLOAD("in/5.tar.gz", "w", "c", /* one that adds, but to earlier ones alone */
          "\"files\": [\"a.csv\"], \"version\": \"3\", \"date\": \"2025-10-02T23:00:00Z\"", "a.csv",
          rows);
  assert_string_equal(planned(&plan, text),
                      "in/1.tar.gz:a.csv@c in/2.tar.gz:b.csv@c in/3.tar.gz:c.csv@c");
  assert_int_equal(plan.payloads_superseded, 2);
  sk_plan_reset(&plan);
}

/* Reads all rows of the plan's first file. */
static shukei_status read_first(const struct sk_plan *plan)
{
  const struct sk_read_options read = {
      .wanted = ~UINT64_C(0), .start_day = INT32_MIN, .end_day = INT32_MAX};
  struct sk_symbols symbols;
  struct sk_counts counts;
  struct sk_source *source = NULL;
  struct sk_reader *reader = NULL;
  const struct sk_batch *batch = NULL;
  bool claimed = true;
  sk_counts_init(&counts);
  assert_true(sk_symbols_init(&symbols, &budget));
  shukei_status st = sk_source_open(&plan->files[0], 0, &read, &budget, &source, &err);
  if (!st)
    st = sk_reader_new(&symbols, &counts, &budget, &reader, &err);
  while (!st && claimed) {
    st = sk_reader_claim(reader, source, INT32_MAX, &claimed, &err);
    do
      st = st ? st : sk_reader_next(reader, &batch, &err);
    while (!st && batch);
  }
  sk_reader_free(reader);
  sk_source_close(source);
  sk_symbols_reset(&symbols);
  return st;
}

static void tells_an_archive_that_changed(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  const char *files = "\"files\": [\"a.csv\"]";
  PAYLOAD("in/1.tar.gz", "u", "c", files, "a.csv", HEAD "2025-10-01,n,\n");
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:a.csv@c");
  assert_int_equal(read_first(&plan), SHUKEI_OK);
  PAYLOAD("in/1.tar.gz", "u", "c", files, "a.csv", HEAD "2025-10-01,m,\n");
  assert_int_equal(read_first(&plan), SHUKEI_EFORMAT);
  assert_string_equal(err.text, "in/1.tar.gz:a.csv: is not what it was when the plan was made");
  sk_plan_reset(&plan);
}

static shukei_status stop(void *context, shukei_error *error)
{
  (void)context;
  return sk_fail(error, SHUKEI_ECANCELED, "stopped");
}

static void stops_when_asked(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  PAYLOAD("in/1.tar.gz", "u", "c", "\"files\": []", "a.csv", HEAD);
  options.check = stop;
  options.skip_bad_payloads = true;
  assert_string_equal(planned(&plan, text), "ECANCELED stopped");
}

static void leaves_superseded_days_out(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  const char *files = "\"files\": [\"a.csv\"]";
  PAYLOAD("in/1.tar.gz", "u1", "c", files, "a.csv",
          HEAD "2025-10-01,n,\n2025-10-02,n,\n2025-10-02,m,\n2025-10-03,n,\n");
  PAYLOAD("in/2.tar.gz", "u2", "c", files, "a.csv",
          HEAD "2025-10-02,n,\n2025-10-02 01:00:00,n,\n2025-10-03,n,\n2025-10-03 01:00:00,n,\n");
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:a.csv@c=20362 in/2.tar.gz:a.csv@c");
  assert_string_equal(messages,
                      "in/1.tar.gz: node_labels of 2025-10-02 to 2025-10-03 superseded by "
                      "in/2.tar.gz\n");
  assert_int_equal(plan.rows_superseded, 3);
  assert_int_equal(plan.payloads_superseded, 0);
  sk_plan_reset(&plan);
  options.start_day = options.end_day = 20362;
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:a.csv@c=20362");
  assert_int_equal(plan.files_skipped, 1);
  sk_plan_reset(&plan);
  options.start_day = options.end_day = 5;
  assert_string_equal(planned(&plan, text),
                      "ENOTFOUND in: no payload has a report of the days asked for");
}

static void chooses_clusters(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  static const shukei_cluster list[] = {{.cluster_id = "b", .source = "sb"},
                                        {.cluster_id = "a", .source = "sa"},
                                        {.cluster_id = "a", .source = "sc"}};
  static const shukei_cluster twins[] = {{.cluster_id = "b", .source = "sb"},
                                         {.cluster_id = "c", .source = "sb"}};
  const char *files = "\"files\": [\"x.csv\"]", *rows = HEAD "2025-10-01,n,\n";
  PAYLOAD("in/1.tar.gz", "u", "b", files, "x.csv", rows);
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:x.csv@b"); /* one, and no list */
  sk_plan_reset(&plan);
  PAYLOAD("in/2.tar.gz", "u", "a", files, "x.csv", rows);
  assert_string_equal(planned(&plan, text), "EINVAL in/2.tar.gz: its cluster \"a\" is none of the "
                                            "configuration's clusters");
  options.source = "s";
  assert_string_equal(planned(&plan, text), "EINVAL the payloads are of 2 clusters: \"a\", \"b\"");
  options.clusters = list;
  options.cluster_count = 2;
  options.source = NULL;
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:x.csv@b in/2.tar.gz:x.csv@a");
  assert_string_equal(plan.clusters[0].cluster_id, "a");
  assert_ptr_equal(plan.clusters[0].known, &list[1]);
  sk_plan_reset(&plan);
  options.one_cluster = true;
  assert_memory_equal(planned(&plan, text), "EINVAL", 6);
  options.source = "sb";
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:x.csv@b");
  assert_int_equal(plan.files_skipped, 1);
  sk_plan_reset(&plan);
  options.source = NULL;
  options.cluster_id = "a";
  assert_string_equal(planned(&plan, text), "in/2.tar.gz:x.csv@a");
  sk_plan_reset(&plan);
  options.cluster_id = "z";
  assert_string_equal(planned(&plan, text), "ENOTFOUND 2 payloads, none of cluster \"z\"");
  options.cluster_id = NULL;
  options.one_cluster = false;
  options.cluster_count = 1;
  options.skip_unknown_clusters = true;
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:x.csv@b");
  assert_non_null(strstr(messages, "in/2.tar.gz: its cluster \"a\" is none of the configuration's "
                                   "clusters, left out with all its payloads: 1"));
  sk_plan_reset(&plan);
  options.cluster_count = 3;
  assert_string_equal(planned(&plan, text), "EINVAL cluster \"a\" is listed twice");
  options.clusters = twins;
  options.cluster_count = 2;
  assert_string_equal(planned(&plan, text), "EINVAL clusters \"b\" and \"c\" have one source");
}

static void skips_bad_payloads(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  const char *files = "\"files\": [\"x.csv\"]";
  PAYLOAD("in/1.tar.gz", "u", "b", files, "x.csv", HEAD "2025-10-01,n,\n");
  put_text("in/2.tar.gz", "x");
  assert_memory_equal(planned(&plan, text), "EFORMAT in/2.tar.gz: ", 21);
  options.skip_bad_payloads = true;
  assert_string_equal(planned(&plan, text), "in/1.tar.gz:x.csv@b");
  assert_int_equal(plan.payloads_bad, 1);
  assert_non_null(strstr(messages, "; the payload is left out"));
  sk_plan_reset(&plan);
  put_text("in/y.csv", HEAD);
  assert_string_equal(planned(&plan, text),
                      "EINVAL \"in/1.tar.gz\" is a payload, \"in/y.csv\" beside it "
                      "is a report of its own");
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  struct sk_plan plan;
  char text[4096];
  bool failed = true;
  const char *files = "\"files\": [\"a.csv\", \"b.csv\", \"missing.csv\"]";
  PAYLOAD("in/1.tar.gz", "u1", "c", files, "a.csv", HEAD "2025-10-01,n,\n2025-10-02,n,\n", "b.csv",
          "");
  PAYLOAD("in/2.tar.gz", "u2", "c", files, "a.csv", HEAD "2025-10-02,n,\n2025-10-02 01:00:00,n,\n");
  PAYLOAD("in/3.tar.gz", "u3", "c", files, "a.csv", HEAD "2025-10-02,n,\n", "z.csv", "z");
  for (int n = 0; failed; n++) {
    sk_test_fail_alloc(n);
    planned(&plan, text);
    failed = sk_test_alloc_failed();
    if (plan.count == 0 && (!failed || strncmp(text, "ENOMEM", 6) != 0))
      fail_msg("%d: %s", n, text);
    if (plan.count) /* something makes do with less */
      assert_string_equal(text, "in/1.tar.gz:a.csv@c=20362 in/2.tar.gz:a.csv@c");
    sk_plan_reset(&plan);
  }
  sk_test_fail_alloc(-1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(gathers_split_archives),
      CASE(leaves_superseded_days_out),
      CASE(joins_what_manifests_of_one_uuid_say),
      CASE(tells_an_archive_that_changed),
      CASE(stops_when_asked),
      CASE(chooses_clusters),
      CASE(skips_bad_payloads),
      CASE(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
