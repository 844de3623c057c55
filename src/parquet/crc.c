/* SPDX-License-Identifier: Apache-2.0 */
/* Page checksums. libdeflate's function uses the processor's carry-less multiplication where there
 * is one, some 20 GB/s, so that checking every page is not worth an option to leave it out. */
#include "parquet/crc.h"

#include <libdeflate.h>

uint32_t sk_crc32(uint32_t crc, const void *bytes, size_t length)
{
  return length ? libdeflate_crc32(crc, bytes, length) : crc;
}
