/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd, loaded when a page is served: it brings GnuTLS and nine libraries more, which no
 * other command should pay for at its start. */
#ifndef SK_STATUS_HTTP_LIBRARY_H
#define SK_STATUS_HTTP_LIBRARY_H

#include "base/error.h"

#include <microhttpd.h>

#define SK_MHD_MAP(X)                                                                              \
  X(MHD_add_response_header)                                                                       \
  X(MHD_create_response_from_buffer)                                                               \
  X(MHD_destroy_response)                                                                          \
  X(MHD_get_connection_info)                                                                       \
  X(MHD_get_connection_values)                                                                     \
  X(MHD_get_daemon_info)                                                                           \
  X(MHD_get_timeout)                                                                               \
  X(MHD_queue_response)                                                                            \
  X(MHD_run)                                                                                       \
  X(MHD_start_daemon)                                                                              \
  X(MHD_stop_daemon)

struct sk_mhd {
#define SK_AS_MHD_CALL(name) __typeof__(name) *name;
  SK_MHD_MAP(SK_AS_MHD_CALL)
#undef SK_AS_MHD_CALL
};

/* The library's calls, which stay loaded; any thread. EUNSUPPORTED where it is missing or too
 * old. */
shukei_status sk_mhd_load(const struct sk_mhd **out, shukei_error *err);

#endif
