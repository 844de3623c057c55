/* SPDX-License-Identifier: Apache-2.0 */
/* A name without a password can be shown in every message; so one with a password is refused, and
 * no message has to find out what to hide. */
#include "sink/pg_name.h"

#include "sink/pg_library.h"

static const char prefix[] = "postgresql:";

bool sk_pg_is_name(const char *name)
{
  static const char other[] = "postgres://";
  return strncmp(name, prefix, sizeof prefix - 1) == 0 ||
         strncmp(name, other, sizeof other - 1) == 0;
}

const char *sk_pg_conninfo(const char *name)
{
  const bool keywords =
      strncmp(name, prefix, sizeof prefix - 1) == 0 && strncmp(name + sizeof prefix - 1, "//", 2);
  return keywords ? name + sizeof prefix - 1 : name;
}

static bool has_password(const PQconninfoOption *options)
{
  for (const PQconninfoOption *o = options; o->keyword; o++) {
    if (o->dispchar && o->dispchar[0] == '*' && o->val && o->val[0])
      return true;
  }
  return false;
}

shukei_status sk_pg_check_name(const char *name, shukei_error *err)
{
  const struct sk_pq *pq;
  shukei_status st = sk_pq_load(&pq, err);
  if (st)
    return st;
  char *why = NULL; /* may quote a piece of the password */
  PQconninfoOption *options = pq->PQconninfoParse(sk_pg_conninfo(name), &why);
  if (!options) {
    st = sk_fail(err, why ? SHUKEI_EINVAL : SHUKEI_ENOMEM,
                 "a sink \"postgresql:...\" cannot be read as a connection string");
    sk_advise(err, "name it postgresql://USER@HOST:PORT/DATABASE, or \"postgresql:host=HOST "
                   "dbname=DATABASE\" with the keywords of libpq");
  } else if (has_password(options)) {
    st = sk_fail(
        err, SHUKEI_EINVAL,
        "a sink \"postgresql:...\" has a password in it, which the list of processes shows");
    sk_advise(err, "put the password into ~/.pgpass, a service file or the variable PGPASSWORD");
  }
  pq->PQfreemem(why);
  pq->PQconninfoFree(options);
  return st;
}

void sk_pg_quote(struct sk_buffer *sql, const char *identifier)
{
  sk_buffer_byte(sql, '"');
  for (; *identifier; identifier++) {
    if (*identifier == '"')
      sk_buffer_byte(sql, '"');
    sk_buffer_byte(sql, (uint8_t)*identifier);
  }
  sk_buffer_byte(sql, '"');
}

void sk_pg_quote_table(struct sk_buffer *sql, const char *schema, const char *table)
{
  sk_pg_quote(sql, schema);
  sk_buffer_byte(sql, '.');
  sk_pg_quote(sql, table);
}
