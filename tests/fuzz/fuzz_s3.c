/* SPDX-License-Identifier: Apache-2.0 */
/* What a store and its surroundings answer: XML, JSON of credentials, headers, files of
 * profiles. */
#include "fuzzing.h"

#include "store/s3_call.h"
#include "store/s3_keys.h"

static bool leaf(void *context, const char *parent, const char *name, const char *text,
                 size_t length)
{
  *(size_t *)context += strlen(parent) + strlen(name);
  MUST(text[length] == '\0');
  return true;
}

static void read_xml(const char *text, size_t length)
{
  const struct sk_xml_calls calls = {.leaf = leaf};
  struct sk_s3_complaint complaint;
  struct sk_budget budget;
  shukei_error err = {.status = SHUKEI_OK};
  size_t names = 0;
  sk_budget_init(&budget, UINT64_C(64) << 20);
  const shukei_status st = sk_xml_parse(text, length, &calls, &names, &budget, &err);
  MUST(!st || err.text[0]);
  MUST(budget.used_bytes == 0);
  sk_s3_complaint_read(text, length, &complaint);
  MUST(strlen(complaint.code) < sizeof complaint.code);
}

static void read_headers(const char *text)
{
  uint64_t first = 0, last = 0, size = 0;
  int64_t seconds = 0;
  struct sk_s3_name name;
  shukei_error err;
  if (sk_s3_range_parse(text, &first, &last, &size))
    MUST(first <= last && last < size);
  sk_s3_date_parse(text, &seconds);
  sk_s3_instant(text, &seconds);
  if (sk_s3_named(text) && !sk_s3_name_parse(text, &name, &err))
    MUST(name.bucket[0] && name.key && strlen(name.key) <= SK_S3_KEY_MOST);
}

static void read_profiles(const char *text, size_t length)
{
  struct sk_s3_profiles profiles = {.name = "default"};
  char value[SK_S3_VALUE_TEXT];
  sk_buffer_init(&profiles.config, NULL, SIZE_MAX / 2);
  sk_buffer_init(&profiles.credentials, NULL, SIZE_MAX / 2);
  sk_buffer_add(&profiles.config, text, length + 1);
  sk_buffer_add(&profiles.credentials, text, length + 1);
  profiles.config.length = profiles.credentials.length = length;
  static const char *const keys[] = {"region", "aws_secret_access_key", "credential_process"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (sk_s3_profile_value(&profiles, NULL, keys[i], value))
      MUST(value[0] && strlen(value) < sizeof value);
    sk_s3_profile_value(&profiles, "s3", keys[i], value);
    sk_s3_section_value(&profiles, "services mine", "s3", keys[i], value);
  }
  sk_buffer_reset(&profiles.config);
  sk_buffer_reset(&profiles.credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  static struct sk_s3_keys keys;
  char *text = (char *)copy_of(bytes, length, 0);
  read_xml(text, length);
  read_headers(text);
  sk_s3_keys_of_json(text, length, "session", &keys);
  if (!memchr(text, 0, length))
    read_profiles(text, length);
  free(text);
  return 0;
}
