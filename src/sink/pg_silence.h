/* SPDX-License-Identifier: Apache-2.0 */
/* A server that neither takes nor says anything: whether it is at work for us, or our words or its
 * answer are lost on the way. TCP cannot tell where what lies between answers in the server's
 * place.
 *
 *   sk_pg_silence_know() when connected and in a transaction
 *   -> sk_pg_silence_hopeless() after a while of silence
 *   -> on the next connection sk_pg_silence_end() */
#ifndef SK_SINK_PG_SILENCE_H
#define SK_SINK_PG_SILENCE_H

#include "sink/pg_link.h"

/* Asks which of the server's processes serves the connection or, in a transaction, that. Outside of
 * one it is not known behind a pooler. */
shukei_status sk_pg_silence_know(struct sk_pg_link *link, bool in_transaction, shukei_error *err);
/* Asks by another connection. True where the server does not answer that one either, or where the
 * process has ended or itself waits for us; false where it is at work or that cannot be told. */
bool sk_pg_silence_hopeless(struct sk_pg_link *link);
/* Ends the process of an earlier connection that was given up, if there is one: it may wait for the
 * rest of its statement for hours, and holds the lock that the next try wants. */
shukei_status sk_pg_silence_end(struct sk_pg_link *link, shukei_error *err);

#endif
