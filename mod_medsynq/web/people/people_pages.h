/* people_pages.h -- the administrator's pages about people: list, one account, invitations. */
#ifndef MQ_WEB_PEOPLE_PAGES_H
#define MQ_WEB_PEOPLE_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_users_page_template;
extern const mq_page_t mq_user_page_template;
extern const mq_page_t mq_invite_page_template;

/** GET /users */
apr_status_t mq_users_page(mq_request_t *rq, const mq_scope_t *sc);

/** GET /users/invite */
apr_status_t mq_invite_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/invite: makes the one-time link. */
apr_status_t mq_invite_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/invitations/{id}/revoke */
apr_status_t mq_invitation_revoke_post(mq_request_t *rq, const mq_scope_t *sc);

/** GET /users/{id} */
apr_status_t mq_user_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/disable */
apr_status_t mq_user_disable_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/enable */
apr_status_t mq_user_enable_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/roles */
apr_status_t mq_user_roles_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/unlock: who failed to log in too often may try again at once. */
apr_status_t mq_user_unlock_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/sessions-end */
apr_status_t mq_user_sessions_end_post(mq_request_t *rq, const mq_scope_t *sc);

#endif
