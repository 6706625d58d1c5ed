/* two_factor.h -- the second factor: codes of an authenticator app, and recovery codes for the day
 * on which the telephone is gone. base/totp.h has the arithmetic. */
#ifndef MQ_DOMAIN_TWO_FACTOR_H
#define MQ_DOMAIN_TWO_FACTOR_H

#include "base/totp.h"
#include "domain/core.h"

enum { MQ_RECOVERY_CODES = 10 };

/** Ten recovery codes, such as "K5QW-7TBA-ZL2M"; shown once, stored as hashes. */
typedef struct mq_recovery_codes_t {
    const char *codes[MQ_RECOVERY_CODES];
} mq_recovery_codes_t;

/**
 * The secret that is on offer to the person of the scope, who has none yet: the same throughout
 * a session, so that asking for the page again does not undo a scan. Nothing is stored.
 */
apr_status_t mq_two_factor_offer(unsigned char secret_out[MQ_TOTP_SECRET_LENGTH],
                                 const mq_scope_t *sc);

/**
 * Accept the offered secret: a first code shows that the app has it. Ends all sessions of the
 * person, this one too.
 * @param wait_out seconds to wait, with MQ_EBUSY
 * @return MQ_EDENIED the code is wrong; MQ_ECONFLICT there is a second factor already; MQ_EBUSY
 */
apr_status_t mq_two_factor_on(mq_recovery_codes_t *codes_out, int *wait_out,
                              const mq_visit_t *visit, const mq_scope_t *sc, const char *code);

/** Check a code, or a recovery code, which is then used up. Inside no transaction.
 * @return MQ_EDENIED wrong, or used before; MQ_EBUSY too many attempts */
apr_status_t mq_two_factor_check(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                                 const char *code);

/** How many recovery codes the person of the scope has left. */
apr_status_t mq_recovery_codes_left(int *left_out, const mq_scope_t *sc);

/** Replace the recovery codes, after a code. @return as mq_two_factor_check */
apr_status_t mq_recovery_codes_renew(mq_recovery_codes_t *codes_out, int *wait_out,
                                     const mq_visit_t *visit, const mq_scope_t *sc,
                                     const char *code);

/** Remove one's own second factor, after a code. @return as mq_two_factor_check */
apr_status_t mq_two_factor_off(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                               const char *code);

/** An administrator removes a person's second factor and ends their sessions.
 * @return MQ_ENOTFOUND no such person; MQ_EDENIED, for oneself too */
apr_status_t mq_two_factor_reset(const mq_scope_t *sc, const mq_id_t *user);

/**
 * Seal what was sealed with an older secret of the server anew, of all people of the organisation;
 * for medsynqctl alone.
 * @param lost_out   how many open with none of the server's secrets
 * @param drops_lost whether those are taken off, each with an event; else they are left as they are
 * @return MQ_EDENIED
 */
apr_status_t mq_two_factors_reseal(int *lost_out, int drops_lost, const mq_scope_t *sc);

#endif
