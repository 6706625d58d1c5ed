/* invitations.h -- how a person comes into an organisation: an administrator invites, a one-time
 * link is good for 72 hours, whoever opens it chooses a name and a password. */
#ifndef MQ_DOMAIN_INVITATIONS_H
#define MQ_DOMAIN_INVITATIONS_H

#include <apr_tables.h>

#include "domain/change.h"
#include "domain/core.h"
#include "domain/access/weak_passwords.h"

enum { MQ_INVITATION_HOURS = 72 };

/** As people see it; "expired" is never stored. */
typedef enum {
    MQ_INVITATION_PENDING = 1,
    MQ_INVITATION_ACCEPTED = 2,
    MQ_INVITATION_REVOKED = 3,
    MQ_INVITATION_EXPIRED = 4
} mq_invitation_state_t;

/** One invitation. Texts are from the pool of scope or visit. */
typedef struct mq_invitation_t {
    mq_id_t id;
    const char *email;
    const char *name;
    int roles;
    mq_invitation_state_t state;
    apr_time_t created_at;
    apr_time_t expires_at;
} mq_invitation_t;

/**
 * Invite; an earlier pending invitation of the same address is revoked.
 * @param token_out the last segment of the link, from the scope's pool; it cannot be had again
 * @param email     clean, like name; roles is not empty
 * @return MQ_ECONFLICT somebody here has this address; MQ_EDENIED; MQ_EINVALID a text is not clean,
 *         or there is no role
 */
apr_status_t mq_invitation_make(const char **token_out, const mq_scope_t *sc, const char *email,
                                const char *name, int roles);

/** An invitation to be written. */
typedef struct mq_invitation_new_t {
    const char *email;
    const char *name;
    int roles;
    mq_id_t id;        /* set by mq_invitation_write, like the next */
    const char *token; /* of the link */
} mq_invitation_new_t;

/** The work of mq_invitation_make (domain/change.h), for a change of which it is a part.
 * @param data a mq_invitation_new_t */
apr_status_t mq_invitation_write(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data);

enum { MQ_INVITATIONS_PER_PAGE = 10 };

/**
 * A page of invitations, the newest first. Who has accepted one is among the staff instead.
 * @param list_out     array of mq_invitation_t
 * @param has_next_out older ones follow
 * @param before       those older than this one, or NULL: the newest
 * @return MQ_EDENIED the role may not see them
 */
apr_status_t mq_invitations_page(apr_array_header_t **list_out, int *has_next_out,
                                 const mq_scope_t *sc, const mq_id_t *before);

/** Withdraw a pending invitation. @return MQ_ENOTFOUND; MQ_ECONFLICT it is no longer pending */
apr_status_t mq_invitation_revoke(const mq_scope_t *sc, const mq_id_t *id);

/**
 * Find the invitation that a link names.
 * @param sc_out the organisation's scope, without a person; may be NULL
 * @return MQ_ENOTFOUND no such link
 */
apr_status_t mq_invitation_open(mq_invitation_t *invitation_out, const mq_scope_t **sc_out,
                                const mq_visit_t *visit, const char *token);

/**
 * Accept: makes the account.
 * @param sc_out      the new person's scope
 * @param verdict_out what is wrong with the password, when MQ_EINVALID
 * @return MQ_ENOTFOUND no such link; MQ_ECONFLICT it is not pending any more, or the address is
 *         taken; MQ_EINVALID the password is refused, or, where its verdict is MQ_PASSWORD_GOOD,
 *         the name was not checked
 */
apr_status_t mq_invitation_accept(const mq_scope_t **sc_out, mq_password_verdict_t *verdict_out,
                                  const mq_visit_t *visit, const char *token, const char *name,
                                  const char *password);

#endif
