/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: a tree (base/yaml_tree.h) walked as deep as its keys say, never deeper. */
#include "cli/config.h"

#include "base/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CONFIG_BYTES ((size_t)16 << 20) /* of a configuration; a manifest may be longer */

struct reading {
  struct sk_config *config;
  const char *name;
  bool whole_value; /* an environment variable: its name says the key */
  shukei_error *err;
};

void sk_config_init(struct sk_config *config)
{
  memset(config, 0, sizeof *config);
  sk_arena_init(&config->arena, NULL);
  config->name = "";
}

void sk_config_reset(struct sk_config *config)
{
  sk_arena_reset(&config->arena);
  sk_config_init(config);
}

static shukei_status no_memory(const struct reading *r)
{
  return sk_fail(r->err, SHUKEI_ENOMEM, "no memory for the configuration \"%s\"", r->name);
}

/* Puts the place before the text that is there. */
static shukei_status placed(const struct reading *r, shukei_status st, const struct sk_yaml *node)
{
  if (r->whole_value)
    return sk_context(r->err, st, "%s", r->name);
  return sk_context(r->err, st, "%s:%u:%u", r->name, (unsigned)node->line, (unsigned)node->column);
}

static const char *kind_name(const struct sk_yaml *node)
{
  return node->kind == SK_YAML_LIST  ? "a list"
         : node->kind == SK_YAML_MAP ? "a map"
         : sk_yaml_is_null(node)     ? "nothing"
                                     : "a text";
}

static shukei_status wrong_kind(const struct reading *r, const struct sk_yaml *node,
                                const char *key, const char *expected)
{
  return placed(
      r,
      sk_fail(r->err, SHUKEI_EINVAL, "\"%s\" is %s, expected %s", key, kind_name(node), expected),
      node);
}

static shukei_status unknown_key(const struct reading *r, const struct sk_yaml *node,
                                 const char *nearest)
{
  shukei_status st = sk_fail(r->err, SHUKEI_EINVAL, "unknown key \"%.64s\"", node->text);
  if (nearest)
    sk_advise(r->err, "did you mean \"%s\"?", nearest);
  else
    sk_advise(r->err, "see CONFIGURATION in the manual page shukei(1)");
  return placed(r, st, node);
}

static shukei_status read_scalar(const struct reading *r, const struct sk_option *option,
                                 const struct sk_yaml *node)
{
  const bool number = option->kind == SK_KIND_COUNT || option->kind == SK_KIND_INTEGER;
  if (node->kind != SK_YAML_SCALAR || (number && !node->plain))
    return wrong_kind(r, node, option->key, number ? "a number" : "a single value");
  const shukei_status st =
      sk_value_check(option, node->text, &r->config->values[option->id], r->err);
  if (!st)
    return st;
  sk_context(r->err, st, "\"%s\"", option->key);
  return placed(r, st, node);
}

static void *list_room(const struct reading *r, const struct sk_yaml *node, size_t size)
{
  return sk_arena_alloc(&r->config->arena, (node->count + 1) * size); /* count is below 2^24 */
}

static shukei_status read_keys(const struct reading *r, const struct sk_yaml *node)
{
  if (node->kind != SK_YAML_LIST)
    return wrong_kind(r, node, "enabled_keys", "a list of texts");
  const char **const keys = list_room(r, node, sizeof *keys);
  size_t n = 0;
  if (!keys)
    return no_memory(r);
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    if (item->node->kind != SK_YAML_SCALAR || sk_yaml_is_null(item->node))
      return wrong_kind(r, item->node, "enabled_keys", "a list of texts");
    keys[n++] = item->node->text;
  }
  r->config->enabled_keys = keys;
  r->config->enabled_key_count = n;
  return SHUKEI_OK;
}

/* Finds the members of one map of a list: texts[i] is the value of names[i], or NULL. */
static shukei_status read_members(const struct reading *r, const char *key,
                                  const struct sk_yaml *map, const char *const *names, size_t count,
                                  const struct sk_yaml **values)
{
  for (size_t i = 0; i < count; i++)
    values[i] = NULL;
  if (map->kind != SK_YAML_MAP)
    return wrong_kind(r, map, key, "a list of maps");
  for (const struct sk_yaml_item *item = map->first; item; item = item->next->next) {
    const struct sk_yaml *const name = item->node, *const value = item->next->node;
    struct sk_nearest nearest;
    size_t i = 0;
    if (name->kind != SK_YAML_SCALAR)
      return wrong_kind(r, name, key, "texts as the names of members");
    sk_nearest_init(&nearest, name->text, strlen(name->text));
    for (size_t k = 0; k < count; k++)
      sk_nearest_offer(&nearest, names[k]);
    while (i < count && strcmp(names[i], name->text) != 0)
      i++;
    if (i == count)
      return unknown_key(r, name, nearest.best);
    if (values[i])
      return placed(r, sk_fail(r->err, SHUKEI_EINVAL, "\"%s\" stands twice in one map", names[i]),
                    name);
    if (value->kind != SK_YAML_SCALAR)
      return wrong_kind(r, value, names[i], "a single value");
    values[i] = value;
  }
  for (size_t i = 0; i < count; i++)
    if (values[i] && sk_yaml_is_null(values[i]))
      values[i] = NULL;
  return SHUKEI_OK;
}

static shukei_status missing_member(const struct reading *r, const struct sk_yaml *map,
                                    const char *key, const char *member)
{
  return placed(r, sk_fail(r->err, SHUKEI_EINVAL, "a map of \"%s\" without \"%s\"", key, member),
                map);
}

/* A whole number as a member of a map. */
static shukei_status read_number(const struct reading *r, const struct sk_yaml *node,
                                 const char *name, struct sk_value *value)
{
  static const struct sk_option kind = {.kind = SK_KIND_INTEGER};
  if (!node->plain)
    return wrong_kind(r, node, name, "a number");
  const shukei_status st = sk_value_check(&kind, node->text, value, r->err);
  if (!st)
    return st;
  sk_context(r->err, st, "\"%s\"", name);
  return placed(r, st, node);
}

static shukei_status read_categories(const struct reading *r, const struct sk_yaml *node)
{
  static const char *const names[] = {"id", "pattern"};
  const char *const key = "cost_categories";
  if (node->kind != SK_YAML_LIST)
    return wrong_kind(r, node, key, "a list of maps");
  shukei_cost_category *const list = list_room(r, node, sizeof *list);
  size_t n = 0;
  if (!list)
    return no_memory(r);
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    const struct sk_yaml *members[SK_COUNT(names)];
    struct sk_value id;
    shukei_status st = read_members(r, key, item->node, names, SK_COUNT(names), members);
    if (st)
      return st;
    for (size_t i = 0; i < SK_COUNT(names); i++)
      if (!members[i])
        return missing_member(r, item->node, key, names[i]);
    st = read_number(r, members[0], names[0], &id);
    if (st)
      return st;
    list[n++] = (shukei_cost_category){id.integer, members[1]->text};
  }
  r->config->cost_categories = list;
  r->config->cost_category_count = n;
  return SHUKEI_OK;
}

static shukei_status read_nodes(const struct reading *r, const struct sk_yaml *node)
{
  static const char *const names[] = {"node", "role", "resource_id"};
  const char *const key = "nodes";
  if (node->kind != SK_YAML_LIST)
    return wrong_kind(r, node, key, "a list of maps");
  shukei_node_role *const list = list_room(r, node, sizeof *list);
  size_t n = 0;
  if (!list)
    return no_memory(r);
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    const struct sk_yaml *members[SK_COUNT(names)];
    const shukei_status st = read_members(r, key, item->node, names, SK_COUNT(names), members);
    if (st)
      return st;
    for (size_t i = 0; i < 2; i++) /* resource_id may be absent */
      if (!members[i])
        return missing_member(r, item->node, key, names[i]);
    list[n++] = (shukei_node_role){.node = members[0]->text,
                                   .resource_id = members[2] ? members[2]->text : "",
                                   .role = members[1]->text};
  }
  r->config->nodes = list;
  r->config->node_count = n;
  return SHUKEI_OK;
}

static shukei_status read_clusters(const struct reading *r, const struct sk_yaml *node)
{
  static const char *const names[] = {"cluster_id", "source", "cluster_alias", "report_period_id"};
  const char *const key = "clusters";
  if (node->kind != SK_YAML_LIST)
    return wrong_kind(r, node, key, "a list of maps");
  shukei_cluster *const list = list_room(r, node, sizeof *list);
  size_t n = 0;
  if (!list)
    return no_memory(r);
  for (const struct sk_yaml_item *item = node->first; item; item = item->next) {
    const struct sk_yaml *members[SK_COUNT(names)];
    struct sk_value period = {.text = NULL};
    shukei_status st = read_members(r, key, item->node, names, SK_COUNT(names), members);
    if (st)
      return st;
    for (size_t i = 0; i < 2; i++) /* alias and report period may be absent */
      if (!members[i])
        return missing_member(r, item->node, key, names[i]);
    if (members[3])
      st = read_number(r, members[3], names[3], &period);
    if (st)
      return st;
    list[n++] = (shukei_cluster){.cluster_id = members[0]->text,
                                 .source = members[1]->text,
                                 .cluster_alias = members[2] ? members[2]->text : NULL,
                                 .report_period_id = period.integer,
                                 .has_report_period_id = members[3] != NULL};
  }
  r->config->clusters = list;
  r->config->cluster_count = n;
  return SHUKEI_OK;
}

static shukei_status read_value(const struct reading *r, const struct sk_option *option,
                                const struct sk_yaml *node)
{
  if (sk_yaml_is_null(node))
    return SHUKEI_OK;
  r->config->at[option->id] = node;
  switch (option->kind) {
  case SK_KIND_LIST:
    return read_keys(r, node);
  case SK_KIND_CATEGORIES:
    return read_categories(r, node);
  case SK_KIND_NODES:
    return read_nodes(r, node);
  case SK_KIND_CLUSTERS:
    return read_clusters(r, node);
  default:
    return read_scalar(r, option, node);
  }
}

static shukei_status read_root(const struct reading *r, const struct sk_yaml *root)
{
  const struct sk_yaml *seen[SK_OPTION_COUNT] = {NULL};
  if (!root || sk_yaml_is_null(root))
    return SHUKEI_OK;
  if (root->kind != SK_YAML_MAP)
    return wrong_kind(r, root, "configuration", "a map of keys");
  for (const struct sk_yaml_item *item = root->first; item; item = item->next->next) {
    const struct sk_yaml *const key = item->node;
    if (key->kind != SK_YAML_SCALAR)
      return wrong_kind(r, key, "configuration", "texts as keys");
    const struct sk_option *const option = sk_option_key(key->text, strlen(key->text));
    if (!option)
      return unknown_key(r, key, sk_nearest_key(key->text));
    if (seen[option->id])
      return placed(r,
                    sk_fail(r->err, SHUKEI_EINVAL, "\"%s\" stands here again, first in line %u",
                            option->key, (unsigned)seen[option->id]->line),
                    key);
    seen[option->id] = key;
    const shukei_status st = read_value(r, option, item->next->node);
    if (st)
      return st;
  }
  return SHUKEI_OK;
}

shukei_status sk_config_parse(struct sk_config *config, const char *name, const void *bytes,
                              size_t length, shukei_error *err)
{
  struct sk_yaml *root;
  config->name = sk_arena_bytes(&config->arena, strlen(name) + 1);
  const struct reading r = {config, config->name, false, err};
  if (!config->name) {
    config->name = "";
    return sk_fail(err, SHUKEI_ENOMEM, "no memory for the configuration \"%s\"", name);
  }
  memcpy((char *)(uintptr_t)config->name, name, strlen(name) + 1);
  const shukei_status st = sk_yaml_parse(config->name, bytes, length, &config->arena, &root, err);
  return st ? st : read_root(&r, root);
}

shukei_status sk_config_parse_value(struct sk_config *config, const struct sk_option *option,
                                    const char *name, const char *text, shukei_error *err)
{
  const struct reading r = {config, name, true, err};
  struct sk_yaml *root;
  shukei_status st;
  if (option->kind == SK_KIND_LIST) {
    if (!sk_list_split(&config->arena, text, &config->enabled_keys, &config->enabled_key_count))
      return no_memory(&r);
    return SHUKEI_OK;
  }
  if (option->kind != SK_KIND_CATEGORIES && option->kind != SK_KIND_NODES &&
      option->kind != SK_KIND_CLUSTERS) {
    st = sk_value_check(option, text, &config->values[option->id], err);
    return st ? sk_context(err, st, "%s", name) : SHUKEI_OK;
  }
  st = sk_yaml_parse(name, text, strlen(text), &config->arena, &root, err);
  return st || !root ? st : read_value(&r, option, root);
}

/* Reads the file into a buffer; false with errno set. */
static bool read_file(const char *path, struct sk_buffer *buffer)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = 1;
  if (fd < 0)
    return false;
  while (n > 0 && sk_buffer_reserve(buffer, 1)) {
    n = read(fd, buffer->bytes + buffer->length, buffer->capacity - buffer->length);
    if (n > 0)
      buffer->length += (size_t)n;
  }
  const int number = buffer->failed ? EFBIG : errno;
  close(fd);
  errno = number;
  return n == 0;
}

shukei_status sk_config_read(struct sk_config *config, const char *path, bool *missing,
                             shukei_error *err)
{
  struct sk_buffer buffer;
  char text[128];
  shukei_status st;
  sk_buffer_init(&buffer, NULL, CONFIG_BYTES);
  if (missing)
    *missing = false;
  if (read_file(path, &buffer)) {
    st = sk_config_parse(config, path, buffer.length ? (const void *)buffer.bytes : "",
                         buffer.length, err);
  } else {
    const int number = errno;
    if (missing)
      *missing = number == ENOENT;
    st = sk_fail(err, SHUKEI_EINVAL, "could not read configuration \"%s\": %s", path,
                 sk_errno_text(number, text));
  }
  sk_buffer_reset(&buffer);
  return st;
}

/* The item at `at` where it stands in quotes, without them; NULL where it does not. *end: the comma
 * behind it, or the text's end. */
static char *unquote(char *at, char **end)
{
  char *out = at, *from = at + 1;
  if (*at != '"')
    return NULL;
  for (; *from && (*from != '"' || from[1] == '"'); from++)
    from += *from == '"';
  char *const behind = *from ? from + 1 + strspn(from + 1, " ") : from;
  if (!*from || (*behind && *behind != ','))
    return NULL;
  *end = behind;
  for (char *in = at + 1; in < from; in++) {
    in += *in == '"';
    *out++ = *in;
  }
  *out = 0;
  return at;
}

bool sk_list_split(struct sk_arena *arena, const char *text, const char ***list, size_t *count)
{
  size_t parts = 1, n = *count;
  for (const char *at = text; *at; at++)
    parts += *at == ',';
  const char **const grown = sk_arena_alloc(arena, (n + parts) * sizeof *grown);
  char *copy = sk_arena_bytes(arena, strlen(text) + 1);
  if (!grown || !copy)
    return false;
  if (n)
    memcpy(grown, *list, n * sizeof *grown);
  memcpy(copy, text, strlen(text) + 1);
  for (bool more = true; more;) {
    copy += strspn(copy, " ");
    char *end = copy + strcspn(copy, ","), *stop = end;
    const char *const quoted = unquote(copy, &end);
    more = *end == ',';
    while (!quoted && stop > copy && stop[-1] == ' ')
      stop--;
    if (!quoted)
      *stop = 0;
    if (quoted || *copy)
      grown[n++] = copy;
    copy = end + 1;
  }
  *list = grown;
  *count = n;
  return true;
}
