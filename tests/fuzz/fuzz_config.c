/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files (YAML), and the operator's manifest.json. */
#include "fuzzing.h"

#include "cli/config.h"
#include "input/operator_manifest.h"

static void parse_config(const uint8_t *bytes, size_t length)
{
  struct sk_config config;
  shukei_error err = {.status = SHUKEI_OK};
  sk_config_init(&config);
  const shukei_status st = sk_config_parse(&config, "c", bytes, length, &err);
  MUST(!st || st == SHUKEI_ENOMEM || strncmp(err.text, "c:", 2) == 0);
  sk_config_reset(&config);
}

static void parse_manifest(const uint8_t *bytes, size_t length)
{
  struct sk_budget budget;
  struct sk_arena arena;
  struct sk_operator_manifest manifest;
  shukei_error err = {.status = SHUKEI_OK};
  sk_budget_init(&budget, UINT64_C(64) << 20);
  sk_arena_init(&arena, &budget);
  const shukei_status st = sk_operator_manifest_parse("m", bytes, length, &arena, &manifest, &err);
  MUST(!st || err.text[0]);
  for (size_t i = 1; !st && i < manifest.file_count; i++)
    MUST(strcmp(manifest.files[i - 1], manifest.files[i]) < 0);
  sk_arena_reset(&arena);
  MUST(budget.used_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  uint8_t *exact = copy_of(bytes, length, 0);
  parse_config(exact, length);
  parse_manifest(exact, length);
  free(exact);
  return 0;
}
