/* SPDX-License-Identifier: Apache-2.0 */
/* Reading spilled groups: sk_spilled_open() -> sk_spilled_next()... -> sk_spilled_close().
 *
 * The runs of one kind are merged, and each record is taken apart into texts that lie where the
 * merge has them. Blocks of the file have checksums, so a record that does not read as spilled.c
 * writes it means that something else is broken; it is refused all the same. */
#include "summary/spilled.h"

#include "base/bytes.h"

/* For buffers, at most: more than 100 runs are read at once. */
#define MERGE_BYTES (UINT64_C(8) << 20)
#define KEY_TEXTS 3

struct sk_spilled_reader {
  struct sk_merge *merge;
  enum sk_spilled_kind kind;
  struct sk_buffer zeros[KEY_TEXTS]; /* texts of the key that have zero bytes */
  struct sk_spilled_record record;
};

shukei_status sk_spilled_open(struct sk_spilled *spilled, struct sk_spilled_day *day,
                              enum sk_spilled_kind kind, struct sk_spilled_reader **out,
                              shukei_error *err)
{
  *out = NULL;
  struct sk_spilled_reader *reader = sk_calloc(spilled->budget, 1, sizeof *reader);
  if (!reader)
    return sk_fail_memory(err, spilled->budget, sizeof *reader, "reading what is spilled");
  reader->kind = kind;
  for (int i = 0; i < KEY_TEXTS; i++)
    sk_buffer_init(&reader->zeros[i], spilled->budget, SK_RECORD_MOST_BYTES);
  const uint64_t share = spilled->budget ? spilled->budget->limit_bytes / 16 : MERGE_BYTES;
  const shukei_status st =
      sk_merge_open(spilled->file, day->runs[kind], day->count[kind],
                    (size_t)(share < MERGE_BYTES ? share : MERGE_BYTES), true, &reader->merge, err);
  if (st) {
    sk_spilled_close(reader);
    return st;
  }
  *out = reader;
  return SHUKEI_OK;
}

void sk_spilled_close(struct sk_spilled_reader *reader)
{
  if (!reader)
    return;
  sk_merge_close(reader->merge);
  for (int i = 0; i < KEY_TEXTS; i++)
    sk_buffer_reset(&reader->zeros[i]);
  sk_free(reader);
}

/* All take from the front of what is left; false where it is not there. */
static bool take_key(struct sk_spilled_reader *reader, struct sk_key_rest *rest, int place,
                     struct sk_text *text)
{
  const uint8_t *bytes;
  size_t length;
  if (!sk_key_take_text(rest, &reader->zeros[place], &bytes, &length) || length > INT32_MAX)
    return false;
  *text = (struct sk_text){length ? (const char *)bytes : NULL, (uint32_t)length};
  return true;
}

bool sk_spilled_take_number(struct sk_key_rest *rest, uint64_t *value)
{
  *value = 0;
  for (unsigned shift = 0; shift < 64 && rest->at < rest->end; shift += 7) {
    const uint8_t byte = *rest->at++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

static bool take_id(struct sk_key_rest *rest, uint32_t *id)
{
  uint64_t value;
  if (!sk_spilled_take_number(rest, &value) || value >= SK_NO_ID)
    return false;
  *id = (uint32_t)value;
  return true;
}

static bool take_text(struct sk_key_rest *rest, struct sk_text *text)
{
  uint64_t length;
  if (!sk_spilled_take_number(rest, &length) || length > INT32_MAX ||
      length > (uint64_t)(rest->end - rest->at))
    return false;
  *text = (struct sk_text){length ? (const char *)rest->at : NULL, (uint32_t)length};
  rest->at += length;
  return true;
}

static bool take_double(struct sk_key_rest *rest, double *value)
{
  if (rest->end - rest->at < 8)
    return false;
  *value = sk_double_of_bits(sk_le64(rest->at));
  rest->at += 8;
  return true;
}

static bool take_wide(struct sk_key_rest *rest, sk_wide *value)
{
  uint8_t bytes[16];
  const size_t length = rest->at < rest->end ? *rest->at++ : 0;
  if (length < 1 || length > sizeof bytes || length > (size_t)(rest->end - rest->at))
    return false;
  memset(bytes, rest->at[length - 1] >= 0x80 ? 0xff : 0, sizeof bytes);
  memcpy(bytes, rest->at, length);
  rest->at += length;
  *value = (sk_wide)((sk_uwide)sk_le64(bytes + 8) << 64 | sk_le64(bytes));
  return true;
}

bool sk_spilled_take_sums(struct sk_key_rest *rest, struct sk_pod_group *group)
{
  if (!take_double(rest, &group->cores) || !take_double(rest, &group->bytes))
    return false;
  for (int k = 0; k < SK_SUM_COUNT; k++)
    if (!take_wide(rest, &group->sums[k]))
      return false;
  return true;
}

static bool take_group(struct sk_key_rest *rest, struct sk_spilled_record *record)
{
  struct sk_pod_group *group = &record->group;
  if (!take_text(rest, &record->set) || !take_id(rest, &record->node_set) ||
      !take_id(rest, &record->space_set) || !take_text(rest, &record->resource_id) ||
      !take_text(rest, &record->role) || !sk_spilled_take_number(rest, &group->rows))
    return false;
  return sk_spilled_take_sums(rest, group);
}

/* Members that the kind has not stay as they were at first. */
static bool take_record(struct sk_spilled_reader *reader, struct sk_key_rest *key,
                        struct sk_key_rest *payload)
{
  struct sk_spilled_record *record = &reader->record;
  switch (reader->kind) {
  case SK_SPILLED_CAPACITY:
    return sk_key_take_i64(key, &record->interval_us) && take_key(reader, key, 0, &record->node) &&
           take_double(payload, &record->cpu) && take_double(payload, &record->memory);
  case SK_SPILLED_MOUNT:
    return take_key(reader, key, 0, &record->namespace) && take_key(reader, key, 1, &record->pod) &&
           take_key(reader, key, 2, &record->node) && take_text(payload, &record->resource_id);
  default:
    return take_key(reader, key, 0, &record->namespace) &&
           take_key(reader, key, 1, &record->node) && take_group(payload, record);
  }
}

shukei_status sk_spilled_next(struct sk_spilled_reader *reader,
                              const struct sk_spilled_record **record, shukei_error *err)
{
  const struct sk_record *raw = NULL;
  *record = NULL;
  const shukei_status st = sk_merge_next(reader->merge, &raw, err);
  if (st || !raw)
    return st;
  struct sk_key_rest key = {raw->key, raw->key + raw->key_length};
  struct sk_key_rest payload = {raw->payload, raw->payload + raw->payload_length};
  const bool right =
      take_record(reader, &key, &payload) && key.at == key.end && payload.at == payload.end;
  for (int i = 0; i < KEY_TEXTS; i++)
    if (reader->zeros[i].failed)
      return sk_fail_memory(err, reader->zeros[i].budget, raw->key_length, "a spilled record");
  if (!right)
    return sk_fail(err, SHUKEI_EIO,
                   "temporary file: a record of %zu bytes is damaged: it does not read as it was "
                   "written",
                   raw->key_length + raw->payload_length);
  *record = &reader->record;
  return SHUKEI_OK;
}
