/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: what it takes, what it refuses and where it says so; damaged documents; who
 * wins of flag, environment and file. */
#include "testing.h"

#include "cli/config.h"
#include "cli/settings.h"

#include <unistd.h>

static const struct {
  const char *why, *text, *error, *advice; /* error NULL: taken */
} documents[] = {
    {"empty", "", NULL, NULL},
    {"only a comment", "# nothing\n", NULL, NULL},
    {"null", "~\n", NULL, NULL},
    {"all scalars",
     "start: 2025-10-01\nend: 2025-10-31\nlabels: hourly\nlayout: koku\norg: 1234567\nsource: "
     "a\ncluster_id: b\ncluster_alias: \"c d\"\nreport_period_id: -7\nschema: org1\nmode: "
     "streaming\nthreads: 8\nmemory: 256MiB\n",
     NULL, NULL},
    {"JSON", "{\"start\":\"2025-10-01\",\"enabled_keys\":[\"a\",\"b\"],\"threads\":2}", NULL, NULL},
    {"JSON with tabs", "{\n\t\"start\": \"2025-10-01\",\n\t\"threads\": 2\n}\n", NULL, NULL},
    {"values that are absent", "start:\nend: null\nnodes: ~\nenabled_keys:\n", NULL, NULL},
    {"a node without resource_id", "nodes: [{node: n, role: infra}]", NULL, NULL},
    {"an alias", "nodes: [&a {node: n, role: infra}, *a]", NULL, NULL},
    {"an alias of a text", "org: &x abc\nsource: *x\n", NULL, NULL},
    {"byte order mark", "\xef\xbb\xbforg: a\n", NULL, NULL},
    {"unknown key", "star: 2025-10-01\n", "f:1:1: unknown key \"star\"", "did you mean \"start\"?"},
    {"unknown key, far from all", "org: a\n  \n\nzzzzzzzzzzzz: 1\n",
     "f:4:1: unknown key \"zzzzzzzzzzzz\"", "see CONFIGURATION in the manual page shukei(1)"},
    {"a flag that is no key", "to: x\n", "f:1:1: unknown key \"to\"",
     "see CONFIGURATION in the manual page shukei(1)"},
    {"config in config", "config: x\n", "f:1:1: unknown key \"config\"",
     "see CONFIGURATION in the manual page shukei(1)"},
    {"dash for underscore", "enabled-keys: [a]\n", "f:1:1: unknown key \"enabled-keys\"",
     "did you mean \"enabled_keys\"?"},
    {"merge key", "<<: {org: a}\n", "f:1:1: unknown key \"<<\"",
     "see CONFIGURATION in the manual page shukei(1)"},
    {"unknown member", "nodes:\n  - {node: n, rol: infra}\n", "f:2:15: unknown key \"rol\"",
     "did you mean \"role\"?"},
    {"twice", "org: a\nmode: auto\norg: b\n", "f:3:1: \"org\" stands here again, first in line 1",
     ""},
    {"member twice", "nodes: [{node: a, node: b, role: c}]",
     "f:1:19: \"node\" stands twice in one map", ""},
    {"a list at the top", "- a\n", "f:1:1: \"configuration\" is a list, expected a map of keys",
     ""},
    {"a text at the top", "abc", "f:1:1: \"configuration\" is a text, expected a map of keys", ""},
    {"a map as a key", "{a: b}: c", "f:1:1: \"configuration\" is a map, expected texts as keys",
     ""},
    {"list for a text", "org: [a]\n", "f:1:6: \"org\" is a list, expected a single value", ""},
    {"text for a list", "enabled_keys: a,b\n",
     "f:1:15: \"enabled_keys\" is a text, expected a list of texts", ""},
    {"map in a list of texts", "enabled_keys: [a, {b: c}]\n",
     "f:1:19: \"enabled_keys\" is a map, expected a list of texts", ""},
    {"nothing in a list of texts", "enabled_keys: [a, ~]\n",
     "f:1:19: \"enabled_keys\" is nothing, expected a list of texts", ""},
    {"map for a list of maps", "nodes: {node: a, role: b}\n",
     "f:1:8: \"nodes\" is a map, expected a list of maps", ""},
    {"text for a map", "nodes: [a]\n", "f:1:9: \"nodes\" is a text, expected a list of maps", ""},
    {"list for a member", "nodes: [{node: [a], role: b}]\n",
     "f:1:16: \"node\" is a list, expected a single value", ""},
    {"missing member", "cost_categories:\n  - id: 3\n",
     "f:2:5: a map of \"cost_categories\" without \"pattern\"", ""},
    {"absent member", "nodes: [{node: a, role: ~}]\n", "f:1:9: a map of \"nodes\" without \"role\"",
     ""},
    {"quoted number", "threads: \"8\"\n", "f:1:10: \"threads\" is a text, expected a number", ""},
    {"quoted id", "cost_categories: [{id: '3', pattern: a}]\n",
     "f:1:24: \"id\" is a text, expected a number", ""},
    {"no id", "cost_categories: [{id: 3.5, pattern: a}]\n",
     "f:1:24: \"id\": \"3.5\" is not a whole number of 64 bits", ""},
    {"threads 0", "threads: 0\n", "f:1:10: \"threads\": \"0\" is not a number from 1 to 1024", ""},
    {"threads 1025", "threads: 1025",
     "f:1:10: \"threads\": \"1025\" is not a number from 1 to 1024", ""},
    {"no such day", "start: 2025-02-30",
     "f:1:8: \"start\": \"2025-02-30\" is not a day as "
     "YYYY-MM-DD",
     ""},
    {"no such mode", "labels: daily", "f:1:9: \"labels\": \"daily\" is not koku or hourly", ""},
    {"no such layout", "layout: x", "f:1:9: \"layout\": \"x\" is not auto, koku, poc or flat", ""},
    {"no size", "memory: lots",
     "f:1:9: \"memory\": \"lots\" is not a size such as 256MiB, 2G or a "
     "number of bytes",
     ""},
    {"no memory at all", "memory: 0",
     "f:1:9: \"memory\": \"0\" is not a size such as 256MiB, 2G or "
     "a number of bytes",
     ""},
    {"empty text", "org: \"\"", "f:1:6: \"org\": the value is empty", ""},
    {"zero byte", "org: \"a\\0b\"", "f:1:6: a text with a zero byte", ""},
    {"a cluster without source", "clusters: [{cluster_id: c}]",
     "f:1:12: a map of \"clusters\" without \"source\"", ""},
    {"a cluster's period is a number",
     "clusters: [{cluster_id: c, source: s, report_period_id: x}]",
     "f:1:57: \"report_period_id\": \"x\" is not a whole number of 64 bits", ""},
    {"an unknown member", "clusters: [{clusterid: c}]", "f:1:13: unknown key \"clusterid\"",
     "did you mean \"cluster_id\"?"},
    {"clusters as a map", "clusters: {a: b}",
     "f:1:11: \"clusters\" is a map, expected a list of maps", ""},
    {"two documents", "org: a\n---\norg: b\n", "f:2:1: a second document", ""},
    {"alias without anchor", "org: *a\n", "f:1:6: an alias without its anchor", ""},
    {"alias of what it lies in", "nodes: &a [*a]\n", "f:1:12: an alias of what it lies in", ""},
    {"too deep", "[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]",
     "f:1:17: lists and maps are nested more than 16 deep", ""},
    {"not YAML", "org: [a\n", "f:2:1: not YAML: did not find expected ',' or ']'", ""},
    {"not UTF-8", "org: \xff\n", "f:1:6: no text: invalid leading UTF-8 octet", ""},
};

static void takes_and_refuses_documents(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(documents); i++) {
    struct sk_config config;
    shukei_error err = {.offset = 0};
    sk_config_init(&config);
    const shukei_status st =
        sk_config_parse(&config, "f", documents[i].text, strlen(documents[i].text), &err);
    const char *const error = documents[i].error;
    if (st != (error ? SHUKEI_EINVAL : SHUKEI_OK) ||
        (error && (strcmp(err.text, error) != 0 || strcmp(err.advice, documents[i].advice) != 0)))
      fail_msg("%s: %s \"%s\" \"%s\"", documents[i].why, shukei_status_name(st), err.text,
               err.advice);
    sk_config_reset(&config);
  }
}

static const char full[] =
    "{\"start\": \"2025-10-01\", \"end\": \"2025-10-03\",\n"
    " \"enabled_keys\": [\"app\", \"na\\u00efve\", \"\\ud83d\\ude00\\\\ud83d\"],\n"
    " \"cost_categories\": [{\"id\": 3, \"pattern\": \"kube-%\"},"
    " {\"pattern\": \"a_b\", \"id\": -4}],\n"
    " \"nodes\": [{\"node\": \"n1\", \"resource_id\": \"i-1\", \"role\": "
    "\"master\"}, {\"node\": \"n2\", \"role\": \"x\"}],\n"
    " \"clusters\": [{\"cluster_id\": \"c1\", \"source\": \"s1\"}, {\"source\": \"s2\", "
    "\"cluster_id\": \"c2\", \"cluster_alias\": \"two\", \"report_period_id\": -7}],\n"
    " \"threads\": 3, \"memory\": \"1.5GiB\", \"report_period_id\": 12}\n";

static void keeps_every_value(void **state)
{
  (void)state;
  struct sk_config config;
  shukei_error err;
  sk_config_init(&config);
  assert_int_equal(sk_config_parse(&config, "f", full, sizeof full - 1, &err), SHUKEI_OK);
  assert_string_equal(config.values[SK_OPTION_START].text, "2025-10-01");
  assert_int_equal(config.values[SK_OPTION_START].day, 20362);
  assert_int_equal(config.values[SK_OPTION_THREADS].number, 3);
  assert_int_equal(config.values[SK_OPTION_MEMORY].number, UINT64_C(3) << 29);
  assert_int_equal(config.values[SK_OPTION_REPORT_PERIOD_ID].integer, 12);
  assert_null(config.values[SK_OPTION_ORG].text);
  assert_int_equal(config.enabled_key_count, 3);
  assert_string_equal(config.enabled_keys[1], "na\xc3\xafve");
  assert_string_equal(config.enabled_keys[2], "\xf0\x9f\x98\x80\\ud83d");
  assert_int_equal(config.cost_category_count, 2);
  assert_int_equal(config.cost_categories[1].id, -4);
  assert_string_equal(config.cost_categories[1].pattern, "a_b");
  assert_int_equal(config.node_count, 2);
  assert_int_equal(config.cluster_count, 2);
  assert_string_equal(config.clusters[0].source, "s1");
  assert_null(config.clusters[0].cluster_alias);
  assert_false(config.clusters[0].has_report_period_id);
  assert_string_equal(config.clusters[1].cluster_id, "c2");
  assert_string_equal(config.clusters[1].cluster_alias, "two");
  assert_int_equal(config.clusters[1].report_period_id, -7);
  assert_string_equal(config.nodes[0].resource_id, "i-1");
  assert_string_equal(config.nodes[1].resource_id, "");
  assert_int_equal(config.at[SK_OPTION_THREADS]->line, 6);
  sk_config_reset(&config);
}

static void parse_any(const char *bytes, size_t length)
{
  struct sk_config config;
  char *const exact = malloc(length + 1); /* reading past the end is for ASan to find */
  assert_non_null(exact);
  memcpy(exact, bytes, length);
  sk_config_init(&config);
  const shukei_status st = sk_config_parse(&config, "f", exact, length, NULL);
  assert_true(st == SHUKEI_OK || st == SHUKEI_EINVAL);
  sk_config_reset(&config);
  free(exact);
}

static void survives_truncation_and_flipped_bits(void **state)
{
  (void)state;
  char bytes[sizeof full];
  for (size_t n = 0; n < sizeof full; n++)
    parse_any(full, n);
  for (size_t bit = 0; bit < (sizeof full - 1) * 8; bit++) {
    memcpy(bytes, full, sizeof full);
    bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    parse_any(bytes, sizeof full - 1);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_config config;
    sk_config_init(&config);
    sk_test_fail_alloc(n);
    st = sk_config_parse(&config, "f", full, sizeof full - 1, NULL);
    sk_config_reset(&config);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
}

/* Aliases of aliases would be 10^9 texts if they were followed all the way down. */
static void is_not_blown_up_by_aliases(void **state)
{
  (void)state;
  char text[2048];
  size_t n = (size_t)snprintf(text, sizeof text, "a0: &a0 [x]\n");
  for (int i = 1; i < 10; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, "a%d: &a%d [", i, i);
    for (int k = 0; k < 10; k++)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s*a%d", k ? "," : "", i - 1);
    n += (size_t)snprintf(text + n, sizeof text - n, "]\n");
  }
  parse_any(text, n);
  struct sk_buffer many;
  sk_buffer_init(&many, NULL, 1u << 20);
  sk_buffer_text(&many, "enabled_keys: [");
  for (int i = 0; i < 257; i++)
    sk_buffer_printf(&many, "&a%d x,", i);
  sk_buffer_text(&many, "]\n");
  struct sk_config config;
  shukei_error err;
  sk_config_init(&config);
  assert_int_equal(sk_config_parse(&config, "f", many.bytes, many.length, &err), SHUKEI_EINVAL);
  assert_non_null(strstr(err.text, "more than 256 anchors"));
  sk_config_reset(&config);
  sk_buffer_reset(&many);
}

/* ---- who wins ---- */

static void resolve(char *line, struct sk_settings *settings, shukei_status want, shukei_error *err)
{
  char *argv[16] = {line};
  int argc = 1;
  struct sk_arguments arguments;
  for (char *at = line; *at && argc < 15;) {
    argv[argc++] = at;
    at += strcspn(at, " ");
    if (*at)
      *at++ = 0;
  }
  sk_settings_init(settings);
  assert_int_equal(sk_arguments_parse(argc, argv, &arguments, err), SHUKEI_OK);
  const shukei_status st = sk_settings_resolve(settings, &arguments, err);
  sk_arguments_reset(&arguments);
  if (st != want)
    fail_msg("%s: %s", shukei_status_name(st), err->text);
}

static const char *write_config(const char *text)
{
  static char path[64];
  snprintf(path, sizeof path, "test_config.%ld.yaml", (long)getpid());
  FILE *const file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  return path;
}

static void flags_win_over_environment_over_file(void **state)
{
  (void)state;
  const char *const path =
      write_config("org: file\nsource: file\ncluster_id: file\nthreads: 1\nenabled_keys: [file]\n"
                   "nodes: [{node: file, role: infra}]\n");
  char line[256];
  struct sk_settings s;
  shukei_error err = {.offset = 0};
  setenv("SHUKEI_CONFIG", path, 1);
  setenv("SHUKEI_ORG", "environment", 1);
  setenv("SHUKEI_SOURCE", "environment", 1);
  setenv("SHUKEI_CLUSTER_ID", "", 1); /* empty: not set */
  setenv("SHUKEI_ENABLED_KEYS", "e1, e2,", 1);
  setenv("SHUKEI_NODES", "[{\"node\": \"environment\", \"role\": \"master\"}]", 1);
  setenv("SHUKEI_CLUSTERS", "[{cluster_id: c, source: environment}]", 1);
  snprintf(line, sizeof line, "aggregate --org flag --threads 4 --to a --to b x");
  resolve(line, &s, SHUKEI_OK, &err);
  assert_string_equal(sk_settings_get(&s, SK_OPTION_ORG)->text, "flag");
  assert_string_equal(sk_settings_get(&s, SK_OPTION_SOURCE)->text, "environment");
  assert_string_equal(sk_settings_get(&s, SK_OPTION_CLUSTER_ID)->text, "file");
  assert_int_equal(sk_settings_get(&s, SK_OPTION_THREADS)->number, 4);
  assert_int_equal(s.list_count, 2);
  assert_string_equal(s.list[1], "e2");
  assert_int_equal(s.node_count, 1);
  assert_string_equal(s.nodes[0].node, "environment");
  assert_int_equal(s.cluster_count, 1);
  assert_string_equal(s.clusters[0].source, "environment");
  assert_int_equal(s.name_count, 2);
  sk_settings_reset(&s);
  snprintf(line, sizeof line, "aggregate --enabled-keys f1 --enabled-keys f2,f3 x");
  resolve(line, &s, SHUKEI_OK, &err);
  assert_int_equal(s.list_count, 3);
  assert_string_equal(s.list[2], "f3");
  sk_settings_reset(&s);
  snprintf(line, sizeof line, "aggregate --enabled-keys= x");
  resolve(line, &s, SHUKEI_OK, &err);
  assert_int_equal(s.list_count, 0);
  sk_settings_reset(&s);
  unsetenv("SHUKEI_ENABLED_KEYS");
  unsetenv("SHUKEI_NODES");
  unsetenv("SHUKEI_CLUSTERS");
  snprintf(line, sizeof line, "aggregate x");
  resolve(line, &s, SHUKEI_OK, &err);
  assert_string_equal(s.list[0], "file");
  assert_string_equal(s.nodes[0].node, "file");
  sk_settings_reset(&s);
  snprintf(line, sizeof line, "cat x"); /* reads no file, has no such options */
  resolve(line, &s, SHUKEI_OK, &err);
  assert_null(sk_settings_get(&s, SK_OPTION_ORG)->text);
  assert_int_equal(s.list_count, 0);
  sk_settings_reset(&s);
  unsetenv("SHUKEI_ORG");
  unsetenv("SHUKEI_SOURCE");
  unsetenv("SHUKEI_CLUSTER_ID");
  unsetenv("SHUKEI_CONFIG");
  remove(path);
}

static void names_the_place_of_a_mistake(void **state)
{
  (void)state;
  const char *const path = write_config("end: 2025-10-01\n");
  char line[256], want[256];
  struct sk_settings s;
  shukei_error err = {.offset = 0};
  snprintf(line, sizeof line, "aggregate --threads x y");
  resolve(line, &s, SHUKEI_EINVAL, &err);
  assert_string_equal(err.text, "--threads: \"x\" is not a number from 1 to 1024");
  sk_settings_reset(&s);
  setenv("SHUKEI_MODE", "fast", 1);
  snprintf(line, sizeof line, "aggregate --mode auto y");
  resolve(line, &s, SHUKEI_EINVAL, &err);
  assert_string_equal(err.text, "SHUKEI_MODE: \"fast\" is not auto, in-memory or streaming");
  sk_settings_reset(&s);
  unsetenv("SHUKEI_MODE");
  setenv("SHUKEI_NODES", "[{node: a}]", 1);
  snprintf(line, sizeof line, "aggregate y");
  resolve(line, &s, SHUKEI_EINVAL, &err);
  assert_string_equal(err.text, "SHUKEI_NODES: a map of \"nodes\" without \"role\"");
  sk_settings_reset(&s);
  unsetenv("SHUKEI_NODES");
  snprintf(line, sizeof line, "aggregate --config %s --start 2025-10-02 y", path);
  resolve(line, &s, SHUKEI_EINVAL, &err);
  snprintf(want, sizeof want, "--start 2025-10-02 is later than %s:1: end 2025-10-01", path);
  assert_string_equal(err.text, want);
  sk_settings_reset(&s);
  snprintf(line, sizeof line, "aggregate --config no/such.yaml y");
  resolve(line, &s, SHUKEI_EINVAL, &err);
  assert_non_null(strstr(err.text, "could not read configuration \"no/such.yaml\": "));
  sk_settings_reset(&s);
  snprintf(line, sizeof line, "aggregate --config . y");
  resolve(line, &s, SHUKEI_EINVAL, &err);
  assert_non_null(strstr(err.text, "could not read configuration \".\": "));
  sk_settings_reset(&s);
  remove(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_and_refuses_documents),
      cmocka_unit_test(keeps_every_value),
      cmocka_unit_test(survives_truncation_and_flipped_bits),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(is_not_blown_up_by_aliases),
      cmocka_unit_test(flags_win_over_environment_over_file),
      cmocka_unit_test(names_the_place_of_a_mistake),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
