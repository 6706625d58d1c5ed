/* scope.h -- who is acting, in which organisation, now. Every function over an organisation's data
 * takes a const mq_scope_t *; the type is opaque so that no caller can hold, swap or pass a tenant
 * id. Inside it are the actor, the place and the actor's manners, apart: who looks from one
 * organisation at what another one shows has a scope of two halves. Scopes are minted by
 * domain/access/scope_minting.c alone (scope_mint.h). */
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

/** Somebody of another organisation who looks at one patient, in the parts that were shared. Runs a
 * guest's statements only, which only read; made by domain/sharing/guests.c alone. */
typedef struct mq_guest_t mq_guest_t;

/** What is shared of a patient; a set. The numbers are stored. */
enum {
    MQ_SHARE_PERSON = 1, /* who the person is */
    MQ_SHARE_LISTS = 2,  /* allergies, medicines, problems */
    MQ_SHARE_NOTES = 4,  /* all signed notes */
    MQ_SHARE_ALL = 7,
    MQ_SHARE_CHOSEN = 8 /* signed notes that were chosen one by one; never with MQ_SHARE_NOTES */
};

/** A form that has one effect, however often it is sent; see domain/form_use.h. */
typedef struct mq_form_use_t mq_form_use_t;

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

/** The same of a guest, and the parts that they see, a set of MQ_SHARE_ bits. */
apr_pool_t *mq_guest_pool(const mq_guest_t *guest);
int mq_guest_parts(const mq_guest_t *guest);

/** @return whom the guest looks at. Of the organisation that shares: no row of the reader's own is
 * ever given it. */
const mq_id_t *mq_guest_patient(const mq_guest_t *guest);

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

/** Numbers for people have 0 to 9, or the digits of the language where it has its own (٠ to ٩ in
 * Arabic). The words are CLDR's. */
#define MQ_DIGITS_LATIN "latn"
#define MQ_DIGITS_NATIVE "native"

/** How a person wants to be spoken to. They are of who looks at a page, whosever rows it shows. */
typedef struct mq_manners_t {
    const char *language; /* of the person, else of the organisation ("fr"); NULL: none chosen */
    const char *own_language; /* of the person, or NULL */
    const char *digits;       /* MQ_DIGITS_…, of the person, else of the organisation; or NULL */
    const char *own_digits;   /* of the person, or NULL */
    mq_date_format_t date_format; /* of the organisation, like the zone */
    const char *time_zone;        /* its IANA name */
    mq_zone_t *zone; /* to convert with; NULL, which is UTC, where nobody has signed in yet */
} mq_manners_t;

/** @return the acting person's manners; they live as long as the scope */
const mq_manners_t *mq_scope_manners(const mq_scope_t *sc);

/** The same person at work on a form: what is changed by mq_change_once is changed once.
 * @return a copy from the scope's pool, on the same connection */
const mq_scope_t *mq_scope_with_form(const mq_scope_t *sc, mq_form_use_t *form);

/** @return the form that is being worked on, or NULL */
mq_form_use_t *mq_scope_form(const mq_scope_t *sc);

/** @return the instant of the request in UTC microseconds, one for all that it does. */
apr_time_t mq_scope_now(const mq_scope_t *sc);

/** The organisation's day of today. */
void mq_scope_today(mq_day_t *today_out, const mq_scope_t *sc);

/** @return the client's address as text, "" for a command of the administrator. */
const char *mq_scope_address(const mq_scope_t *sc);

/** @return whether nothing of the answer's body leaves, so that no disclosure is one: a HEAD */
int mq_scope_shows_nothing(const mq_scope_t *sc);

/** @return a number that changes when all sessions of the acting person end: with the password, or
 * with a second factor */
apr_int64_t mq_scope_epoch(const mq_scope_t *sc);

enum {
    MQ_SESSION_KEY_LENGTH = 32, /* of its record in the cache; never shown */
    MQ_SESSION_NAME_LENGTH = 8
};

/** Names a session, in the trail and among its person's others, and does not open it. */
typedef struct mq_session_name_t {
    unsigned char bytes[MQ_SESSION_NAME_LENGTH];
} mq_session_name_t;

/** @return the name of the session that acts, or NULL where none does */
const mq_session_name_t *mq_scope_session(const mq_scope_t *sc);

/** @return what ties an event's digest to the chain of its organisation, and a second factor's seal
 * to it; for audit*.c, disclosures.c and two_factor.c of domain/ alone, and for nothing
 * else. */
apr_int64_t mq_scope_chain(const mq_scope_t *sc);

#endif
