/* throttle.h -- how often somebody may try: failed log-ins for each account and each client
 * address, new organisations for each address. Counts live in shared memory under keyed hashes. */
#ifndef MQ_DOMAIN_THROTTLE_H
#define MQ_DOMAIN_THROTTLE_H

#include "domain/core.h"

/** Who is counted. */
typedef enum { MQ_THROTTLE_ACCOUNT, MQ_THROTTLE_ADDRESS, MQ_THROTTLE_REGISTER } mq_throttle_t;

/**
 * Ask whether another attempt may be made now. The address is the visit's: for IPv6 its /64, since
 * one customer has as many addresses as they like.
 * @param seconds_out how long to wait otherwise; for Retry-After
 * @param name        what else the counter is of: for an account its organisation's and address's
 *                    keys; "" else
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
                                      const mq_scope_t *sc, const mq_id_t *user, const char *name);

/** Count an attempt. Beyond the free ones each doubles the time until the next, up to a quarter of
 * an hour; forgotten an hour after the last one. */
void mq_throttle_count(const mq_visit_t *visit, mq_throttle_t kind, const char *name);

/** Forget the attempts: the right password was given, or an administrator unlocks. */
void mq_throttle_forget(const mq_visit_t *visit, mq_throttle_t kind, const char *name);

/**
 * Count a refused request of the visit's address, so that its events do not fill the disk.
 * @return how many it was in this minute, from 1; always 1 where nothing is counted
 */
int mq_throttle_refusal(const mq_visit_t *visit);

/** @return the name of an account's counter */
const char *mq_throttle_account(const char *tenant_key, const char *email_key, apr_pool_t *pool);

#endif
