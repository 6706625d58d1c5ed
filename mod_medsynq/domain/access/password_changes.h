/* password_changes.h -- how a password changes: by its owner who knows the old one, or by a
 * one-time link that an administrator or a mail hands over. Each change ends all sessions. */
#ifndef MQ_DOMAIN_PASSWORD_CHANGES_H
#define MQ_DOMAIN_PASSWORD_CHANGES_H

#include "domain/core.h"
#include "domain/access/weak_passwords.h"
#include "domain/policy.h"

enum { MQ_RESET_MINUTES = 30 };

/** Whose password a link sets. Texts are from the visit's pool. */
typedef struct mq_reset_t {
    const char *tenant_name;
    const char *email;
    const char *name;
} mq_reset_t;

/**
 * Ask the person of the scope for their password again, before what a stolen session must not do.
 * Hashing takes long: before the change, in no transaction. One that is wrong is an event.
 * @param wait_out seconds to wait, with MQ_EBUSY
 * @param action   what is to be done; object: to what, or NULL
 * @return MQ_EDENIED it is wrong; MQ_EBUSY too many attempts; MQ_EFULL
 */
apr_status_t mq_password_prove(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                               mq_action_t action, const mq_id_t *object, const char *password);

/**
 * Change the password of the person of the scope and end all sessions, this one too: the caller
 * begins a new one.
 * @param verdict_out what is wrong with the new one, with MQ_EINVALID
 * @param wait_out    seconds to wait, with MQ_EBUSY
 * @return MQ_EDENIED the old one is wrong; MQ_EINVALID the new one is refused; MQ_EBUSY too many
 *         attempts; MQ_EFULL
 */
apr_status_t mq_password_change(mq_password_verdict_t *verdict_out, int *wait_out,
                                const mq_visit_t *visit, const mq_scope_t *sc,
                                const char *old_password, const char *new_password);

/**
 * Make a link with which a person sets a new password within MQ_RESET_MINUTES; earlier ones die.
 * @param token_out the last segment of the link, from the scope's pool
 * @return MQ_ENOTFOUND no such account; MQ_ECONFLICT it is disabled; MQ_EDENIED, for oneself too
 */
apr_status_t mq_reset_make(const char **token_out, const mq_scope_t *sc, const mq_id_t *user);

/** What somebody who is not signed in gets for having asked for a link. */
typedef struct mq_reset_asked_t {
    const char *token; /* the last segment of a link, always: one that opens nothing, perhaps */
    const char *email; /* whom to write to */
    int is_meant;      /* there is such an active account. Nobody may learn that */
    int wait;          /* seconds, with MQ_EBUSY */
} mq_reset_asked_t;

/**
 * The same for somebody who asks without being signed in: for a mail to the address of the account.
 * It is the same work, and one event, whether there is such an account or not.
 * @return MQ_EBUSY too many for this address
 */
apr_status_t mq_reset_ask(mq_reset_asked_t *asked_out, const mq_visit_t *visit,
                          const char *tenant_name, const char *email);

/** Find whose password a link sets. @return MQ_ENOTFOUND used, replaced, expired or none of ours */
apr_status_t mq_reset_open(mq_reset_t *reset_out, const mq_visit_t *visit, const char *token);

/** Set the password and use the link up.
 * @return MQ_ENOTFOUND as mq_reset_open; MQ_EINVALID the password is refused */
apr_status_t mq_reset_finish(mq_password_verdict_t *verdict_out, const mq_visit_t *visit,
                             const char *token, const char *password);

#endif
