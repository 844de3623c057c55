/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/snappy_write.h"

#include "base/library.h"

#include <snappy-c.h>

struct snappy {
  __typeof__(snappy_compress) *compress;
};

static const struct snappy *load(shukei_error *err)
{
  static const struct sk_library_call calls[] = {
      {"snappy_compress", offsetof(struct snappy, compress)}};
  static struct snappy snappy;
  static struct sk_library library = {.names = {"libsnappy.so.1"},
                                      .calls = calls,
                                      .call_count = SK_COUNT(calls),
                                      .table = &snappy,
                                      .lock = PTHREAD_MUTEX_INITIALIZER};
  char why[SK_LIBRARY_WHY];
  if (sk_library_load(&library, why))
    return &snappy;
  sk_fail(err, SHUKEI_EUNSUPPORTED, "writing snappy needs libsnappy: %s", why);
  sk_advise(err, "install it (Debian: libsnappy1v5), or choose another codec");
  return NULL;
}

size_t sk_snappy_bound(size_t length)
{
  return 32 + length + length / 6;
}

shukei_status sk_snappy_write(const void *in, size_t length, void *out, size_t *out_length,
                              shukei_error *err)
{
  const struct snappy *const snappy = load(err);
  if (!snappy)
    return SHUKEI_EUNSUPPORTED;
  const size_t room = *out_length;
  if (snappy->compress(in, length, out, out_length) == SNAPPY_OK)
    return SHUKEI_OK;
  return sk_fail(err, SHUKEI_EINVAL, "%zu bytes are no room for %zu bytes of SNAPPY data", room,
                 length);
}
