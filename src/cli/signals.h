/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end a run in good order.
 *
 * sk_signals_catch() makes SIGINT, SIGTERM and SIGHUP set a flag that the library asks for; the
 * call then returns ECANCELED with its temporary files removed, and sk_signals_die() ends the
 * program by the same signal, so that a shell sees 128+n and stops its script, too. SIGPIPE is
 * ignored for the run, because it would leave temporary files behind: a closed pipe is EPIPE from
 * write(), after which the program dies by SIGPIPE as others do. A signal that was ignored when
 * the program started (nohup, a job in the background) stays ignored. */
#ifndef SK_CLI_SIGNALS_H
#define SK_CLI_SIGNALS_H

#include <stdbool.h>

void sk_signals_catch(void);
int sk_signals_caught(void); /* the signal's number, 0: none yet; any thread */
/* Whether a closed pipe should end the program by SIGPIPE. */
bool sk_signals_pipe_kills(void);
/* Ends the program by that signal. Returns only where the system does not let it. */
void sk_signals_die(int number);

#endif
