/* password_hashing.h -- hashing and checking passwords without starving the server: so many at once
 * in all processes (core.h's workers), the others wait for their turn, those of one account and of
 * one address one after the other, and are told to come again when it does not come. */
#ifndef MQ_DOMAIN_PASSWORD_HASHING_H
#define MQ_DOMAIN_PASSWORD_HASHING_H

#include "domain/access/throttle.h"

/** Hash a new password at the configured cost. No connection is on loan meanwhile.
 * @param whose      the name of an account, of whom no more than one is hashed in a round
 * @param stored_out from the visit's pool; see base/crypto.h
 * @return MQ_EFULL too many at once */
apr_status_t mq_passwords_hash(const char **stored_out, const mq_visit_t *visit, const char *whose,
                               const char *password);

/** A try that counts: at which counters. */
typedef struct mq_password_try_t {
    mq_throttle_t kind; /* of the account: MQ_THROTTLE_ACCOUNT or MQ_THROTTLE_PASSWORD */
    const char *name;
    int counts_address; /* at the address's too */
    int may_fit;        /* 0: it fails whatever the password, after the same work */
} mq_password_try_t;

/**
 * Check a password. It is counted when its turn has come and before the work is done, so that of
 * many at once no more are let through than may fail.
 * @param wait_out seconds to wait, with MQ_EBUSY
 * @return MQ_EDENIED another one; MQ_EBUSY too many have failed; MQ_EFULL too many at once
 */
apr_status_t mq_passwords_verify(int *wait_out, const mq_visit_t *visit,
                                 const mq_password_try_t *attempt, const char *password,
                                 const char *stored);

#endif
