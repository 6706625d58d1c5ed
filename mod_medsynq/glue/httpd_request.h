/* httpd_request.h -- from httpd's request to ours, and the answer back. */
#ifndef MQ_GLUE_HTTPD_REQUEST_H
#define MQ_GLUE_HTTPD_REQUEST_H

#include <httpd.h>

#include "web/request.h"

/** Until its body has been read the connection is one to close: who knows where the next request
 * begins, and httpd would wait for the rest of a body that nobody asks for. */
void mq_request_body_expect(request_rec *r);

/** Answer a request of a MedSynQ path. @return OK; the answer has been sent */
int mq_request_serve(request_rec *r, const mq_app_t *app);

/** Answer instead of httpd's own error page: r came here by an ErrorDocument. @return OK */
int mq_request_serve_error(request_rec *r, const mq_app_t *app);

/** The same while the database cannot be served. */
int mq_request_serve_outage(request_rec *r, const mq_app_t *app, mq_trouble_t trouble);

/** The same during maintenance. @param file has what the administrator says of it */
int mq_request_serve_maintenance(request_rec *r, const mq_app_t *app, const char *file);

#endif
