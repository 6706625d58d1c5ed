/* throttle.h -- how often somebody may try: what can fail for each account and each client address,
 * new organisations and mails for each address. Counts live in shared memory or in the database,
 * under keyed hashes. No connection of the request is on loan while they are asked. */
#ifndef MQ_DOMAIN_THROTTLE_H
#define MQ_DOMAIN_THROTTLE_H

#include "domain/core.h"

enum { MQ_THROTTLE_RECORD = 32 /* bytes of data, at most */ };

/** Of a delay in force the table keeps the record this much longer than the delay: what expires
 * later than now and this is not pushed out (mq_table_shape_t.stays). */
#define MQ_THROTTLE_KEPT apr_time_from_sec(2 * 3600)

/** What is counted. Each kind has counters of its own: no name of one is ever another's. */
typedef enum {
    MQ_THROTTLE_ACCOUNT,       /* log-ins of an account: mq_throttle_account names it */
    MQ_THROTTLE_ADDRESS,       /* log-ins from an address; "" names it, as for each of an address */
    MQ_THROTTLE_PASSWORD,      /* one's own password asked for again: the person's id names it */
    MQ_THROTTLE_CODE,          /* codes of the second factor, likewise */
    MQ_THROTTLE_REGISTER,      /* new organisations from an address */
    MQ_THROTTLE_RESET,         /* mails with a link to an account */
    MQ_THROTTLE_RESET_ADDRESS, /* and those asked for from an address */
    MQ_THROTTLE_PARTNER,       /* connection codes: the organisation that tries names it */
    MQ_THROTTLE_LINK,      /* what another organisation is told of: the one that does it, and whom
                            * it reaches by, name it */
    MQ_THROTTLE_SHARE,     /* consents and referrals, each of which another organisation is told of:
                            * the one that records them and the link name it */
    MQ_THROTTLE_EMERGENCY, /* identifiers of others' patients: the person's id names it */
    MQ_THROTTLE_EMERGENCY_HOUSE, /* and all people's of an organisation */
    MQ_THROTTLE_REFUSED          /* mq_throttle_refusal's */
} mq_throttle_t;

/** What came of a try. */
typedef enum {
    MQ_TRY_FAILED,   /* it counts */
    MQ_TRY_FITS,     /* an account's failures are forgotten, an address's stay as they were */
    MQ_TRY_UNDECIDED /* it was not made: as if it had not been begun */
} mq_try_end_t;

/**
 * Ask whether another attempt would be let through now, without making it. The address is the
 * visit's: for IPv6 its /64, since one customer has as many addresses as they like.
 * @param seconds_out how long to wait otherwise; for Retry-After
 * @param name        what else the counter is of
 * @return MQ_EBUSY not yet
 */
apr_status_t mq_throttle_check(int *seconds_out, const mq_visit_t *visit, mq_throttle_t kind,
                               const char *name);

/**
 * The same for a counter of one person, whom an administrator may have unlocked since: then what
 * was counted is forgotten. Reads the database only where the counter says no.
 * @param sc   of the person's organisation, not in a transaction
 * @param user may be the null id: nobody has unlocked that
 * @return MQ_EBUSY not yet
 */
apr_status_t mq_throttle_check_person(int *seconds_out, const mq_visit_t *visit,
                                      const mq_scope_t *sc, const mq_id_t *user, mq_throttle_t kind,
                                      const char *name);

/**
 * Begin a try, in one step of the shared table: of many at once no more are let through than may
 * still fail. Beyond the free ones each failure doubles the time until the next, up to a quarter of
 * an hour; forgotten an hour after the last one.
 * Registrations, mails, links and shares count here, whatever comes of them. All else counts when
 * it ends: mq_throttle_end, always.
 * @param seconds_out how long to wait, with MQ_EBUSY
 * @return MQ_EBUSY not yet; MQ_EFULL so many are under way that it depends on what comes of them,
 *         or there is no room to count: in a moment
 */
apr_status_t mq_throttle_take(int *seconds_out, const mq_visit_t *visit, mq_throttle_t kind,
                              const char *name);

/** End a try that mq_throttle_take has let through. */
void mq_throttle_end(const mq_visit_t *visit, mq_throttle_t kind, const char *name,
                     mq_try_end_t end);

/** Forget the attempts: an administrator unlocks. */
void mq_throttle_forget(const mq_visit_t *visit, mq_throttle_t kind, const char *name);

/**
 * Count a refused request of the visit's address, so that its events do not fill the disk.
 * @return how many it was in this minute, from 1; always 1 where nothing is counted
 */
int mq_throttle_refusal(const mq_visit_t *visit);

/** @return a number for whoever a counter is of, for base/workers.h; 0 is nobody */
apr_uint64_t mq_throttle_tag(const mq_visit_t *visit, mq_throttle_t kind, const char *name);

/** @return the name of an account: of the look of its organisation's name and the key of its
 * address */
const char *mq_throttle_account(const char *tenant_look, const char *email_key, apr_pool_t *pool);

#endif
