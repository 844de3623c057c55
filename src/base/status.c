/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of the statuses, from the one list in shukei.h, and the library's version. */
#include "shukei.h"

#define AS_NAME(name, value, text)                                                                 \
  case SHUKEI_##name:                                                                              \
    return #name;
#define AS_TEXT(name, value, text)                                                                 \
  case SHUKEI_##name:                                                                              \
    return text;

const char *shukei_status_name(shukei_status status)
{
  switch (status) {
    SHUKEI_STATUS_MAP(AS_NAME)
  }
  return "?";
}

const char *shukei_status_text(shukei_status status)
{
  switch (status) {
    SHUKEI_STATUS_MAP(AS_TEXT)
  }
  return "unknown status";
}

const char *shukei_version(void)
{
  return SHUKEI_VERSION;
}
