/* dispatch.h -- from a request to its answer: route, person, body, role, handler, error, headers.
 * How the person is known and what is said is the face's: face.h. */
#ifndef MQ_WEB_DISPATCH_H
#define MQ_WEB_DISPATCH_H

#include "web/request.h"

/* Where httpd's ErrorDocument leads to for what it refuses itself. Only httpd comes here: asked for
 * from outside, the path does not exist. */
#define MQ_ERROR_PATH "/medsynq-error"

/** Answer while there is no database to ask: that the process lives, or that it is a bad day.
 * @param trouble what is the matter with it */
void mq_dispatch_outage(mq_request_t *rq, mq_trouble_t trouble);

/** Answer during maintenance, without asking the database.
 * @param message what the administrator says of it, or "" */
void mq_dispatch_maintenance(mq_request_t *rq, const char *message);

/** Answer with the error page of a status that httpd has decided on. Complete as below. */
void mq_dispatch_error(mq_request_t *rq, int status);

/** Answer the request. When it returns, status, headers and body are complete and no connection is
 * on loan. */
void mq_dispatch(mq_request_t *rq);

/** The next piece of an answer that has a stream, as mq_stream_t says; first whether whoever asked
 * for it may still have it. @return MQ_ESTANDING no, which is recorded: the answer is cut off */
apr_status_t mq_dispatch_piece(mq_buffer_t *out, int *done_out, mq_request_t *rq);

#endif
