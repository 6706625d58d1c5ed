/* sign_in.h -- the people of an organisation and how they prove who they are. */
#ifndef MQ_DOMAIN_SIGN_IN_H
#define MQ_DOMAIN_SIGN_IN_H

#include "domain/core.h"

/** What a person typed at log-in; the password in NFC. */
typedef struct mq_sign_in_t {
    const char *tenant_name;
    const char *email;
    const char *password;
} mq_sign_in_t;

/**
 * Verify organisation, e-mail address and password. Every failure takes the same steps: two
 * look-ups, one bcrypt, one event in a trail.
 * @param sc_out the person's scope; where mq_scope_has_second_factor they are not signed in yet:
 *               ask for the code, mq_two_factor_check, and record the log-in then
 * @param wait_out seconds to wait, with MQ_EBUSY
 * @return MQ_EDENIED they do not fit, whichever; MQ_ENOTFOUND they fit, and the organisation is
 *         suspended; MQ_EBUSY too many failures, also where this one
 *         would fit; MQ_EFULL try again later
 */
apr_status_t mq_user_sign_in(const mq_scope_t **sc_out, int *wait_out, const mq_visit_t *visit,
                             const mq_sign_in_t *in);

#endif
