/* status.h -- our few status codes beside APR's, and the way a failure travels up.
 * Everything that can fail returns apr_status_t. */
#ifndef MQ_BASE_STATUS_H
#define MQ_BASE_STATUS_H

#include <apr_errno.h>

#define MQ_EINVALID (APR_OS_START_USERERR + 1)  /* the input breaks a rule; a message says which */
#define MQ_EDENIED (APR_OS_START_USERERR + 2)   /* the person's roles do not allow it */
#define MQ_ENOTFOUND (APR_OS_START_USERERR + 3) /* no such thing in this organisation */
#define MQ_ECONFLICT (APR_OS_START_USERERR + 4) /* the stored state has moved on, or is taken */
#define MQ_EFULL (APR_OS_START_USERERR + 5)     /* a bounded resource is used up: try again later */
#define MQ_ECORRUPT (APR_OS_START_USERERR + 6)  /* stored data is not what we wrote */
#define MQ_EBUG (APR_OS_START_USERERR + 7)      /* the program broke one of its own promises */
#define MQ_EBUSY (APR_OS_START_USERERR + 8)     /* too many attempts: wait before the next */
#define MQ_EAGAIN (APR_OS_START_USERERR + 9)    /* others were in the way: undone, try it anew */
#define MQ_ESTANDING (APR_OS_START_USERERR + 10) /* who acts may no longer: access/standing.h */
#define MQ_EREPEATED                                                                               \
    (APR_OS_START_USERERR + 11)               /* this very form has had its effect: form_use.h     \
                                               */
#define MQ_EQUOTA (APR_OS_START_USERERR + 12) /* no room is left: organisations/quotas.h */

/** Return the status of expr to the caller unless it is APR_SUCCESS.
 * Safe because pools and transactions clean up by themselves. */
#define MQ_TRY(expr)                                                                               \
    do {                                                                                           \
        apr_status_t mq_try_status_ = (expr);                                                      \
        if (mq_try_status_ != APR_SUCCESS) {                                                       \
            return mq_try_status_;                                                                 \
        }                                                                                          \
    } while (0)

#endif
