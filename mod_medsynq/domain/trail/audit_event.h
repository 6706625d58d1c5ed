/* audit_event.h -- one event of the trail, as whoever causes it says it. */
#ifndef MQ_DOMAIN_AUDIT_EVENT_H
#define MQ_DOMAIN_AUDIT_EVENT_H

#include "base/id.h"
#include "domain/policy.h"

typedef enum {
    MQ_OUTCOME_NONE = 0, /* nothing to tell: never stored (domain/change.h) */
    MQ_OUTCOME_DONE = 1,
    MQ_OUTCOME_REFUSED = 2,
    MQ_OUTCOME_FAILED = 3
} mq_outcome_t;

/** What happened; who, where and when come from the scope. */
typedef struct mq_audit_event_t {
    mq_action_t action;
    mq_outcome_t outcome;
    const mq_id_t *object;  /* what it was done to, where that is no patient; may be NULL */
    const mq_id_t *patient; /* whose data it touched, or the group of shown; may be NULL */
    const mq_id_t *shown;   /* whom a page showed together: mq_audit_show sets it; else NULL */
    int shown_count;
    const char *reason; /* a short code or the person's words; may be NULL */
} mq_audit_event_t;

#endif
