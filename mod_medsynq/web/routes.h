/* routes.h -- what stands behind a path. Each *_pages.c has its rows beside its handlers, and
 * route_tables.c lists those tables: from them follow which paths are ours, which templates are
 * compiled and which tabs a person sees. `medsynqctl routes` prints them, the tests walk them. */
#ifndef MQ_WEB_ROUTES_H
#define MQ_WEB_ROUTES_H

#include "domain/policy.h"
#include "web/face.h"
#include "web/pages.h"

/** One row. A pattern's {name} takes one path segment, never empty; where several patterns fit, a
 * literal segment goes before a {name}. Either handler or open is set: the first for people who are
 * signed in with a role that the action admits, the second for all. */
typedef struct mq_route_t {
    mq_method_t method;
    const char *pattern;
    mq_action_t action;
    mq_handler_t handler;
    mq_open_handler_t open;
    const mq_page_t *page; /* that it shows, unless another row has it; NULL: it shows none */
    const char *tab;       /* its label, where it is one of the tabs of every page; English */
    int without_database;  /* answered also while the database is out of order; open is set */
    int in_maintenance;    /* answered also then, as rq->maintenance says; open is set */
    int reads_upload;    /* the handler reads a multipart body itself, and checks its CSRF token */
    const char *repeats; /* the field that its form may have several times; NULL: none */
    int reviews;      /* with faults in its form (mq_form_faults) the handler shows it again and has
                         changed nothing: so a form that had no effect comes back */
    const char *once; /* it creates, and a form has its effect once: where the same form leads that
                         is sent again; {result} is what was made, {id} the path's. See once.h */
    int code_is_typed;     /* its field "code" is an address that somebody typed, not a proof of who
                              they are: it is kept, and another one makes another form */
    const mq_face_t *face; /* NULL: the table's */
} mq_route_t;

/** Rows that stand together, ended by MQ_ROUTES_END, and how they are spoken with. */
typedef struct mq_route_table_t {
    const mq_face_t *face;
    const mq_route_t *rows;
} mq_route_table_t;

#define MQ_ROUTES_END                                                                              \
    {                                                                                              \
        MQ_GET, NULL                                                                               \
    }

/** The rows whose patterns begin with one first segment. */
typedef struct mq_segment_t {
    const mq_route_t *rows; /* the first of them */
    int count;              /* 0 ends the segments */
    apr_size_t length;      /* bytes of the segment, with its slash */
} mq_segment_t;

/** All tables put together; constant, from the pool of mq_routes_compile. */
struct mq_routes_t {
    const mq_route_t *rows; /* those of a segment together, in it the most literal first; ended by
                               MQ_ROUTES_END */
    const mq_segment_t *segments;  /* in the order of the rows */
    const mq_page_t *const *pages; /* that they and their faces show, each once; ended by NULL */
    const mq_tab_t *tabs;          /* in the order of the tables; ended by one without a label */
    const mq_face_t *face;         /* where no path is known: the first table's */
};

/**
 * Put tables together.
 * @param tables    ended by one without rows
 * @param error_out one sentence
 * @return MQ_EINVALID a row is there twice, has no handler or two, names an action without a policy
 */
apr_status_t mq_routes_compile(const mq_routes_t **routes_out, const mq_route_table_t *tables,
                               const char **error_out, apr_pool_t *pool);

/**
 * Find the route of a path.
 * @param methods_out the methods that the path has, a set of mq_method_t; 0: no such path
 * @param captures    what the {…} stand for, from pool
 * @return NULL when the path or the method is not there
 */
const mq_route_t *mq_route_find(int *methods_out, const char *captures[MQ_CAPTURES],
                                const mq_routes_t *routes, const char *path, mq_method_t method,
                                apr_pool_t *pool);

/** @return whether a path lies at or below the first segment of some route: even its 404 is ours.
 * Glue asks before it claims a request, whether the server could start or not. */
int mq_routes_own(const mq_route_table_t *tables, const char *path);

/** @return the face of what stands nearest to a path, which may be no route's */
const mq_face_t *mq_routes_face(const mq_routes_t *routes, const char *path);

#endif
