/* routes.h -- the one table of paths: method, pattern, action, handler. `medsynqctl routes` prints
 * it, the tests walk it, dispatch runs it. */
#ifndef MQ_WEB_ROUTES_H
#define MQ_WEB_ROUTES_H

#include "domain/policy.h"
#include "web/request.h"

/** One row. A pattern's {name} takes one path segment, never empty. Either handler or open is set:
 * the first for people who are signed in with a role that the action admits, the second for all. */
typedef struct mq_route_t {
    mq_method_t method;
    const char *pattern;
    mq_action_t action;
    mq_handler_t handler;
    mq_open_handler_t open;
    int reads_upload;    /* the handler reads a multipart body itself, and checks its CSRF token */
    const char *repeats; /* the field that its form may have several times; NULL: none */
    int reviews; /* with faults in its form (mq_form_faults) the handler shows it again and has
                    changed nothing: so a form that was parked is shown */
} mq_route_t;

/** @return the table, ended by a row with pattern NULL */
const mq_route_t *mq_routes(void);

/**
 * Find the route of a path.
 * @param methods_out the methods that the path has, a set of mq_method_t; 0: no such path
 * @param captures    what the {…} stand for, from pool
 * @return NULL when the path or the method is not there
 */
const mq_route_t *mq_route_find(int *methods_out, const char *captures[MQ_CAPTURES],
                                const char *path, mq_method_t method, apr_pool_t *pool);

/** Refuse a table with duplicate or unreachable rows. @return NULL sound, else a sentence */
const char *mq_routes_check(apr_pool_t *pool);

#endif
