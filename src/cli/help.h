/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that are made from the table of options: help, manual pages, completion scripts. Each
 * appends to a buffer, whose `failed` tells whether memory sufficed. */
#ifndef SK_CLI_HELP_H
#define SK_CLI_HELP_H

#include "cli/options.h"

/* --help of a command, or of the program where command is NULL. */
void sk_help(struct sk_buffer *out, const struct sk_command *command);
/* The manual page shukei-COMMAND(1), or shukei(1) where command is NULL. */
void sk_manual(struct sk_buffer *out, const struct sk_command *command);
/* Completion for bash, zsh or fish; false for another shell. */
bool sk_completion(struct sk_buffer *out, const char *shell);

/* What every exit status means, shared by help and manual: NULL behind the last. */
extern const char *const sk_exit_texts[][2];
#define SK_EXIT_DIFFERS 4
/* The exit status of the program for a status of the library. */
int sk_exit_status(shukei_status status);

#endif
