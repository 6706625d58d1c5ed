/* proof.h -- the field in which a form asks for one's own password again. Whatever gives somebody
 * access or takes the place of their proof has one: a session that was stolen does not know it. */
#ifndef MQ_WEB_PROOF_H
#define MQ_WEB_PROOF_H

#include "domain/policy.h"
#include "web/form.h"

/** The row of the field; member holds the password, id is of the input, group as in mq_field_t. */
#define MQ_PROOF_FIELD(type, member, group, id)                                                    \
    {                                                                                              \
        "password", MQ_SAY("Your own password"), MQ_FIELD_PASSWORD, 1, MQ_LIMIT_PASSWORD,          \
            "current-password",                                                                    \
            MQ_SAY("So that nobody else does this at a screen that you have left open."),          \
            MQ_SAY("Enter your own password."), offsetof(type, member), NULL, group, id            \
    }

/**
 * Check what was typed into it; the last thing before the change, for it is slow. A wrong one is a
 * fault of the form and an event.
 * @param status_out with which to show the form again; 0: it was right
 * @param object     what the action is to be done to, or NULL
 */
apr_status_t mq_proof_check(int *status_out, mq_request_t *rq, const mq_scope_t *sc,
                            mq_form_t *form, const mq_id_t *object, const char *password);

#endif
