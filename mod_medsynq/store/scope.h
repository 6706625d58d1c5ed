/* scope.h -- who is acting, in which organisation, now. Every function over an organisation's data
 * takes a const mq_scope_t *; the type is opaque so that no caller can hold, swap or pass a tenant
 * id. Scopes are minted by domain/access/sessions.c alone (scope_mint.h). */
#ifndef MQ_STORE_SCOPE_H
#define MQ_STORE_SCOPE_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/date.h"
#include "base/id.h"

/** This person, in this organisation, now. */
typedef struct mq_scope_t mq_scope_t;

/** What precedes an organisation: log-in, sign-up, start-up. Runs system statements only. */
typedef struct mq_system_t mq_system_t;

/** What all requests of one server share; see domain/core.h. */
typedef struct mq_core_t mq_core_t;

enum {
    MQ_ROLE_ADMIN = 1,
    MQ_ROLE_CLINICIAN = 2,
    MQ_ROLE_FRONT_DESK = 4,
    MQ_ROLE_AUDITOR = 8,
    MQ_ROLE_OPERATOR = 16 /* the administrator's command; no account can have it */
};

/** @return the pool that lives as long as the scope: the request's. */
apr_pool_t *mq_scope_pool(const mq_scope_t *sc);

/** @return what the scope's server shares among its requests. */
const mq_core_t *mq_scope_core(const mq_scope_t *sc);

/** @return the acting person's id; null (mq_id_is_nil) where nobody has signed in yet. */
const mq_id_t *mq_scope_user(const mq_scope_t *sc);

/** @return the acting person's name, "" where nobody has signed in yet; of the administrator's
 * command its own name with the system's user. */
const char *mq_scope_user_name(const mq_scope_t *sc);

/** @return the organisation's name as its people see it. */
const char *mq_scope_tenant_name(const mq_scope_t *sc);

/** @return whether the person logs in with a second factor */
int mq_scope_has_second_factor(const mq_scope_t *sc);

/** @return whether the organisation requires one by now and the person has none: nothing but
 * setting it up, and logging out, is open to them */
int mq_scope_owes_second_factor(const mq_scope_t *sc);

/** @return the roles, a set of MQ_ROLE_ bits. */
int mq_scope_roles(const mq_scope_t *sc);

/** @return the language that the person, else the organisation has chosen ("fr"); NULL: none has */
const char *mq_scope_language(const mq_scope_t *sc);

/** @return the language that the person has chosen, or NULL */
const char *mq_scope_own_language(const mq_scope_t *sc);

/** @return how the organisation writes dates */
mq_date_format_t mq_scope_date_format(const mq_scope_t *sc);

/** @return the IANA name of the organisation's time zone */
const char *mq_scope_time_zone(const mq_scope_t *sc);

/** @return the same, to convert with; opened when it is first needed. NULL, which is UTC, where
 * nobody has signed in yet */
mq_zone_t *mq_scope_zone(const mq_scope_t *sc);

/** @return the instant of the request in UTC microseconds, one for all that it does. */
apr_time_t mq_scope_now(const mq_scope_t *sc);

/** @return the client's address as text, "" for a command of the administrator. */
const char *mq_scope_address(const mq_scope_t *sc);

/** @return whether nothing of the answer's body leaves, so that no disclosure is one: a HEAD */
int mq_scope_shows_nothing(const mq_scope_t *sc);

/** @return 8 bytes that name the session in the trail without opening it, or NULL. */
const unsigned char *mq_scope_session(const mq_scope_t *sc);

/** @return what ties an event's digest to the chain of its organisation, and a second factor's seal
 * to it; for audit*.c, disclosures.c and two_factor.c of domain/ alone, and for nothing
 * else. */
apr_int64_t mq_scope_chain(const mq_scope_t *sc);

#endif
