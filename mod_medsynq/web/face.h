/* face.h -- how one kind of client is spoken with: a browser in pages, a program in JSON. A route
 * has a face; dispatch.c keeps the order of things, which is the same for all: who is it, may it,
 * read the body, the handler, the answer. */
#ifndef MQ_WEB_FACE_H
#define MQ_WEB_FACE_H

#include "web/request.h"

typedef struct mq_face_t {
    /** Pages of its own beside those of the routes, ended by NULL; or NULL. */
    const struct mq_page_t *const *pages;

    /** Find out who it is: sets rq->session, NULL where nobody is known.
     * @return MQ_EDENIED the person's organisation is suspended */
    apr_status_t (*who)(mq_request_t *rq);

    /** Nobody is known, and the route wants somebody: answer how to become known. */
    apr_status_t (*ask_who)(mq_request_t *rq);

    /** The person owes a second factor, and the route is not the way to one: answer that. */
    apr_status_t (*ask_second_factor)(mq_request_t *rq);

    /** Read what a request that changes something brings, and make sure that its person meant it.
     * @return an HTTP status to say, 0 to go on */
    int (*read)(mq_request_t *rq);

    /** The handler has answered. */
    void (*answered)(mq_request_t *rq);

    /** Answer that something is wrong. @param status of HTTP */
    apr_status_t (*error)(mq_request_t *rq, int status);

    /** Answer that the organisation is suspended. */
    apr_status_t (*suspended)(mq_request_t *rq);

    /** Answer 503 while the whole database is out of order; asks it nothing. */
    apr_status_t (*outage)(mq_request_t *rq, mq_trouble_t trouble);

    /** Answer 503 during maintenance, and what rq->maintenance says; asks the database nothing. */
    apr_status_t (*maintenance)(mq_request_t *rq);
} mq_face_t;

#endif
