/* SPDX-License-Identifier: Apache-2.0 */
/* A text that names a process among all processes of all machines, to be left where others can read
 * it: whether what it lies beside was left by somebody who is still at work. */
#ifndef SK_STORE_PROCESS_MARK_H
#define SK_STORE_PROCESS_MARK_H

#include <stdbool.h>

#define SK_PROCESS_MARK_TEXT 80

enum sk_process_state {
  SK_PROCESS_LIVES,
  SK_PROCESS_GONE,
  SK_PROCESS_UNKNOWN /* of another machine, container or start of the machine; or no mark at all */
};

/* Writes the mark of this process: "MACHINE-PROCESS-START" in hexadecimal digits; MACHINE is 0
 * where the system does not tell. */
void sk_process_mark(char text[SK_PROCESS_MARK_TEXT]);
/* What became of the process that a mark names; what follows the mark does not matter, unless it is
 * another digit. */
enum sk_process_state sk_process_state(const char *mark);

#endif
