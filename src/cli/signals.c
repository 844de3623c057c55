/* SPDX-License-Identifier: Apache-2.0 */
/* The handler stores one lock-free atomic and nothing else. A second signal of the same kind takes
 * the default action at once (SA_RESETHAND), for people who will not wait. */
#include "cli/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int caught;
static bool pipe_kills;

static void note(int number)
{
  atomic_store(&caught, number);
}

static bool is_ignored(int number)
{
  struct sigaction now;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void sk_signals_catch(void)
{
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_flags = (int)SA_RESETHAND;
  action.sa_handler = note;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (!is_ignored(numbers[i]))
      sigaction(numbers[i], &action, NULL);
  pipe_kills = !is_ignored(SIGPIPE);
  action.sa_flags = 0;
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGXFSZ, &action, NULL); /* a file above ulimit -f is then a failed write */
}

int sk_signals_caught(void)
{
  return atomic_load_explicit(&caught, memory_order_relaxed);
}

bool sk_signals_pipe_kills(void)
{
  return pipe_kills;
}

void sk_signals_die(int number)
{
  struct sigaction action;
  sigset_t set;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, NULL);
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}
