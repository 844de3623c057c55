/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests changed by chance: each is read, or refused with file, line and column; rows can be
 * made of what is read, the same twice; nothing stays in the budget. A manifest that breaks one of
 * these is written to fuzz-manifest.yml.
 *
 * usage: fuzz_manifest CORPUS [ROUNDS | SECONDSs [SEED]]    e.g. 1000, or 60s */
#include "base/yaml_tree.h"
#include "generate/manifest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_FILES 256
#define MOST_BYTES ((size_t)1 << 16)
#define BUDGET_BYTES (UINT64_C(256) << 20)
#define TRIED_SLOTS 50

static struct {
  char *text;
  size_t length;
} files[MOST_FILES];
static size_t file_count;
static uint64_t state;

static const char *const tokens[] = {
    "&a ",
    "*a",
    "&b ",
    "*b",
    "<<: *a",
    "<<: [*a, *b]",
    "<<:",
    "- ",
    "\n",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "-1",
    "1e300",
    ".inf",
    "0x1f",
    "1_000",
    "~",
    "null",
    "'",
    "\"",
    "\\u0000",
    "\\ud83d",
    "!!str ",
    "? ",
    "---\n",
    "|\n",
    "#",
    "\xff",
    "\xc3\xa9",
    "2025-02-30",
    "last_month",
    "today",
    "-3d",
    "0",
    "full_period",
    "pods",
    "volumes",
    "namespaces",
    "nodes:",
    "cpu_limit: ",
    "pod_name: ",
    "OCPGenerator",
    "start_date: 0001-01-01\n",
    "end_date: 9999-12-31\n",
    "end_date: 40000\n",
    "        ",
};

static uint64_t next_number(void)
{
  uint64_t x = state += UINT64_C(0xb5ad4eceda1ce2a9);
  x = (x ^ x >> 29) * UINT64_C(0xd6e8feb86659fd93);
  x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ x >> 30;
}

static size_t below(size_t bound)
{
  return bound ? (size_t)(next_number() >> 11) % bound : 0;
}

/* Puts bytes in the place of some of text's. */
static size_t replace(char *text, size_t length, size_t at, size_t taken, const char *bytes,
                      size_t count)
{
  if (length - taken + count > MOST_BYTES)
    return length;
  memmove(text + at + count, text + at + taken, length - at - taken);
  memcpy(text + at, bytes, count);
  return length - taken + count;
}

static size_t change(char *text, size_t length)
{
  static char copied[MOST_BYTES];
  const size_t at = below(length + 1);
  const size_t some = below(length - at + 1), few = some > 40 ? below(40) : some;
  const char *const token = tokens[below(sizeof tokens / sizeof *tokens)];
  const size_t other = below(file_count), from = below(files[other].length);
  size_t count = below(files[other].length - from);
  switch (below(8)) {
  case 0: /* a bit */
    if (at < length)
      text[at] = (char)((unsigned char)text[at] ^ 1u << below(8));
    return length;
  case 1: /* a byte of another kind */
    if (at < length)
      text[at] = (char)next_number();
    return length;
  case 2:
    return replace(text, length, at, few, "", 0);
  case 3:
    return replace(text, length, at, few, token, strlen(token));
  case 4:
  case 5:
    return replace(text, length, at, 0, token, strlen(token));
  case 6: /* a part of the same text again */
    count = few;
    memcpy(copied, text + at, count);
    return replace(text, length, below(length + 1), 0, copied, count);
  default: /* a part of another text */
    return replace(text, length, at, few, files[other].text + from, count > 200 ? 200 : count);
  }
}

static void broken(const char *text, size_t length, const char *why, const char *more)
{
  FILE *const file = fopen("fuzz-manifest.yml", "w");
  fprintf(stderr, "fuzz_manifest: %s %s, see fuzz-manifest.yml\n", why, more);
  if (file) {
    fwrite(text, 1, length, file);
    fclose(file);
  }
  exit(1);
}

/* "m:1:2: ..." */
static bool has_place(const char *text)
{
  unsigned line, column;
  return sscanf(text, "m:%u:%u: ", &line, &column) == 2 && line > 0 && column > 0;
}

static uint64_t rows_of(const struct sk_model *model)
{
  struct sk_pod_row pod;
  struct sk_claim_row claim;
  uint64_t made = 0;
  const uint32_t hours[] = {0, model->hour_count / 2, model->hour_count - 1};
  for (size_t h = 0; h < sizeof hours / sizeof *hours; h++) {
    for (uint64_t slot = 0; slot < model->pod_slots && slot < TRIED_SLOTS; slot++)
      if (model->pod(model, hours[h], slot, &pod)) {
        if (!(pod.usage_cpu >= 0) || !(pod.usage_memory >= 0) || pod.node >= model->node_count ||
            pod.space >= model->space_count)
          return UINT64_MAX;
        made = made * 31 + (uint64_t)pod.usage_cpu + pod.name.length;
      }
    for (uint64_t slot = 0; slot < model->claim_slots && slot < TRIED_SLOTS; slot++)
      if (model->claim(model, hours[h], slot, &claim)) {
        if (!(claim.capacity_bytes >= 0) || !(claim.usage_byte_seconds >= 0))
          return UINT64_MAX;
        made = made * 31 + (uint64_t)claim.usage_byte_seconds % 1000003;
      }
  }
  return made;
}

/* True where the text was read. */
static bool try_text(const char *text, size_t length)
{
  const struct sk_manifest_settings settings = {.name = "m", .today = "2025-03-15T10", .seed = 1};
  struct sk_budget budget;
  struct sk_model model;
  uint64_t made[2];
  shukei_status st = SHUKEI_OK;
  for (int again = 0; again < 2 && !st; again++) {
    shukei_error err = {.status = SHUKEI_OK};
    sk_budget_init(&budget, BUDGET_BYTES);
    st = sk_manifest_model(text, length, &settings, &budget, &model, &err);
    if (st == SHUKEI_EFORMAT && !has_place(err.text))
      broken(text, length, "an error without a place:", err.text);
    if (st && st != SHUKEI_EFORMAT)
      broken(text, length, "an error of another kind:", err.text);
    if (!st) {
      made[again] = rows_of(&model);
      sk_model_reset(&model);
    }
    if (budget.used_bytes)
      broken(text, length, "memory is left", "over");
  }
  if (!st && (made[0] != made[1] || made[0] == UINT64_MAX))
    broken(text, length, "rows that", made[0] == made[1] ? "are wrong" : "differ");
  return st == SHUKEI_OK;
}

static void read_corpus(const char *path)
{
  DIR *const folder = opendir(path);
  for (const struct dirent *entry; folder && (entry = readdir(folder));) {
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    FILE *const file = entry->d_name[0] == '.' ? NULL : fopen(name, "r");
    if (!file || file_count == MOST_FILES) {
      if (file)
        fclose(file);
      continue;
    }
    files[file_count].text = sk_alloc(NULL, MOST_BYTES);
    if (files[file_count].text) {
      files[file_count].length = fread(files[file_count].text, 1, MOST_BYTES / 2, file);
      file_count++;
    }
    fclose(file);
  }
  if (folder)
    closedir(folder);
}

static int64_t seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

int main(int argument_count, char **arguments)
{
  static char text[MOST_BYTES];
  const char *const amount = argument_count > 2 ? arguments[2] : "1000";
  char *end;
  const uint64_t wanted = strtoull(amount, &end, 10);
  const bool timed = *end == 's';
  const int64_t start = seconds_now();
  uint64_t rounds = 0, read = 0;
  state = argument_count > 3 ? strtoull(arguments[3], NULL, 10) : 1;
  if (argument_count > 1)
    read_corpus(arguments[1]);
  if (!file_count) {
    fprintf(stderr, "usage: fuzz_manifest CORPUS [ROUNDS | SECONDSs [SEED]]\n");
    return 2;
  }
  for (size_t i = 0; i < file_count; i++)
    if (!try_text(files[i].text, files[i].length))
      broken(files[i].text, files[i].length, "a file of the corpus", "is not read");
  for (; timed ? seconds_now() - start < (int64_t)wanted : rounds < wanted; rounds++) {
    const size_t which = below(file_count);
    size_t length = files[which].length;
    memcpy(text, files[which].text, length);
    for (size_t changes = below(2) ? 1 : 1 + below(5); changes > 0; changes--)
      length = change(text, length);
    read += try_text(text, length);
  }
  printf("%llu manifests, %llu of them read\n", (unsigned long long)rounds,
         (unsigned long long)read);
  for (size_t i = 0; i < file_count; i++)
    sk_free(files[i].text);
  return 0;
}
