/* roles_field.h -- the roles of a person on a form and in words. The parameter "role" may come
 * several times, once for each role that is ticked. */
#ifndef MQ_WEB_ROLES_FIELD_H
#define MQ_WEB_ROLES_FIELD_H

#include "web/pages.h"

/** What a page's struct includes to show the boxes: roles.html. */
typedef struct mq_roles_view_t {
    mq_list_t roles;
    const char *roles_error;
} mq_roles_view_t;

extern const mq_slot_t mq_roles_slots[];

/**
 * Read the roles of a POST.
 * @param roles_out MQ_ROLE_ bits; 0: none was ticked
 * @return MQ_EINVALID a role that there is not
 */
apr_status_t mq_roles_read(int *roles_out, const mq_request_t *rq);

/** @return the MQ_ROLE_ bit of a role's name as forms and commands write it, 0: there is none */
int mq_role_bit(const char *word);

/** Draw the boxes. @param error beside them, or NULL */
mq_roles_view_t mq_roles_draw(const mq_request_t *rq, int roles, const char *error);

/** @return "Administrator, Clinician" in the request's language */
const char *mq_roles_text(const mq_request_t *rq, int roles);

#endif
