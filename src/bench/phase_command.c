/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of the phases. Each scale is a source of its own, so that tables keep the rows of
 * all scales and a summary replaces that of the same scale alone. */
#include "bench/phase_command.h"

#include "base/redact.h"
#include "base/sha1.h"

#include <stdio.h>

#define MOST_WORDS 40
#define TEXT_BYTES ((size_t)1 << 20)

const char *sk_arena_text(struct sk_arena *arena, const char *format, ...)
{
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  const int length = vsnprintf(NULL, 0, format, list);
  va_end(list);
  char *const text = length < 0 ? NULL : sk_arena_bytes(arena, (size_t)length + 1);
  if (text)
    vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

const char *sk_bench_data(const struct sk_bench_settings *settings, const char *scale,
                          struct sk_arena *arena)
{
  return sk_arena_text(arena, "%s/data/%s", settings->folder, scale);
}

const char *sk_bench_lake(const struct sk_bench_settings *settings, const char *scale,
                          struct sk_arena *arena)
{
  if (!settings->lake)
    return sk_arena_text(arena, "%s/lake/%s", settings->folder, scale);
  const size_t length = strlen(settings->lake);
  return sk_arena_text(arena, "%s%s%s", settings->lake,
                       length && settings->lake[length - 1] == '/' ? "" : "/", scale);
}

/* A uuid of version 5 (RFC 4122, section 4.3) of the scale's name; a name space of ours is not
 * worth a registry. */
static const char *source_of(const char *scale, struct sk_arena *arena)
{
  uint8_t message[64 + SK_SHA1_PAD] = "shukei bench ", d[20];
  struct sk_sha1 state = {0};
  const size_t length = strlen((const char *)message) + strlen(scale);
  memcpy(message + strlen((const char *)message), scale, strlen(scale));
  sk_sha1(&state, message, length, d);
  d[6] = (uint8_t)((d[6] & 0x0f) | 0x50);
  d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
  return sk_arena_text(
      arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
      d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}

/* Words as they are added; failed: memory lacked for one. */
struct adding {
  struct sk_bench_words words;
  struct sk_arena *arena;
  bool failed;
};

static void add(struct adding *adding, const char *word)
{
  adding->failed |= !word;
  if (!adding->failed)
    adding->words.items[adding->words.count++] = word;
}

static void add_two(struct adding *adding, const char *option, const char *value)
{
  add(adding, option);
  add(adding, value);
}

static void add_number(struct adding *adding, const char *option, int64_t number)
{
  if (number > 0)
    add_two(adding, option, sk_arena_text(adding->arena, "%" PRId64, number));
}

/* What decides the rows of the summary: the same for making and for checking it. */
static void add_summary(struct adding *adding, const struct sk_bench_settings *settings,
                        const struct sk_bench_key *key)
{
  const char *const source = source_of(key->scale, adding->arena);
  add_two(adding, "--source", source);
  add_two(adding, "--cluster-id", sk_arena_text(adding->arena, "bench-%s", key->scale));
  add_two(adding, "--enabled-keys", SK_BENCH_KEYS);
  if (settings->schema)
    add_two(adding, "--schema", settings->schema);
  add_two(adding, "--config", "/dev/null");
}

static void add_aggregate(struct adding *adding, const struct sk_bench_settings *settings,
                          const struct sk_bench_key *key)
{
  add_two(adding, "aggregate", sk_bench_lake(settings, key->scale, adding->arena));
  add_two(adding, "--to", settings->to);
  add_summary(adding, settings, key);
  if (strcmp(sk_bench_sink_kind(settings->to), "postgresql") == 0)
    add(adding, "--create");
  add_two(adding, "--mode", sk_bench_mode_name(key->mode));
  add_number(adding, "--threads", key->threads);
  add_number(adding, "--memory", key->memory);
}

static void add_phase(struct adding *adding, const struct sk_bench_settings *settings,
                      const struct sk_bench_key *key)
{
  const char *const data = sk_bench_data(settings, key->scale, adding->arena);
  switch (key->phase) {
  case SK_BENCH_PHASE_GENERATE:
    add_two(adding, "generate", key->scale);
    add_two(adding, "--to", data);
    if (!settings->again)
      add(adding, "--reuse");
    break;
  case SK_BENCH_PHASE_CONVERT:
  case SK_BENCH_PHASE_UPLOAD:
    add_two(adding, "convert", data);
    add_two(adding, "--to", sk_bench_lake(settings, key->scale, adding->arena));
    add_two(adding, "--config", "/dev/null");
    break;
  case SK_BENCH_PHASE_AGGREGATE:
    add_aggregate(adding, settings, key);
    break;
  default:
    add_two(adding, "validate", data);
    add_two(adding, "--against", settings->to);
    add_summary(adding, settings, key);
    add(adding, "--json");
  }
}

struct sk_bench_words sk_phase_command(const struct sk_bench_settings *settings,
                                       const struct sk_bench_key *key, const char *stats,
                                       struct sk_arena *arena)
{
  struct adding adding = {.arena = arena};
  adding.words.items = sk_arena_alloc(arena, MOST_WORDS * sizeof(char *));
  adding.failed = !adding.words.items;
  add(&adding, "shukei");
  add_phase(&adding, settings, key);
  if (key->phase != SK_BENCH_PHASE_VALIDATE)
    add_two(&adding, "--stats", stats);
  add_two(&adding, "--log-format", "json");
  add_two(&adding, "--progress", "always");
  if (adding.failed)
    return (struct sk_bench_words){0};
  adding.words.items[adding.words.count] = NULL;
  return adding.words;
}

const char *sk_text_redacted(const char *text, struct sk_arena *arena)
{
  struct sk_buffer shown;
  sk_buffer_init(&shown, arena->budget, TEXT_BYTES);
  sk_redact(&shown, text);
  const char *const copy =
      shown.failed ? NULL : sk_arena_text(arena, "%.*s", (int)shown.length, (char *)shown.bytes);
  sk_buffer_reset(&shown);
  return copy;
}

struct sk_bench_words sk_words_redacted(const struct sk_bench_words *words, struct sk_arena *arena)
{
  struct sk_bench_words shown = {.items =
                                     sk_arena_alloc(arena, (words->count + 1) * sizeof(char *))};
  for (size_t i = 0; shown.items && i < words->count; i++) {
    shown.items[i] = sk_text_redacted(words->items[i], arena);
    shown.count += shown.items[i] != NULL;
  }
  if (shown.count != words->count)
    return (struct sk_bench_words){0};
  shown.items[shown.count] = NULL;
  return shown;
}
