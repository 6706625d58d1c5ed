/* standing.h -- whether somebody who began something may still go on with it. A request is asked
 * who it is when its headers are there; its body may come minutes later, and an export may take
 * hours. So it is asked again where it counts: in the transaction of each change (domain/change.c
 * calls it for everybody), and before each piece of an answer that is sent in pieces. */
#ifndef MQ_DOMAIN_STANDING_H
#define MQ_DOMAIN_STANDING_H

#include "domain/core.h"

/**
 * Ask again: is the session still there, the account active and of the same session epoch, the
 * organisation not suspended? A look-up in the session cache and one SELECT by primary keys, in the
 * open transaction if there is one.
 * @param now_out the same scope with the roles of now; lives as long as sc
 * @return MQ_ESTANDING no: the answer is the one that a request of now would get
 */
apr_status_t mq_standing_check(const mq_scope_t **now_out, const mq_scope_t *sc);

/** The same where nobody is known yet: is the organisation, if it is there, not suspended?
 * @return MQ_ENOTFOUND it is suspended, and its links and log-ins are good for nothing */
apr_status_t mq_standing_check_nobody(const mq_scope_t *sc);

#endif
